"""Writes a target for a sampler from the names of its parameters."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
from typing import Any, List, NamedTuple, Optional

#: What the sampler is built with: names of parameters → the expression that gives them.
_SETTINGS = {
    "bounds": "s.bounds",
    "low bounds_min min_action action_min lower": "s.bounds_min",
    "high bounds_max max_action action_max upper": "s.bounds_max",
    "num_steps steps n_steps num_iterations iterations": "s.steps",
    "step_size step_size_init stepsize lr": "s.step_size",
    "step_sizes": "s.step_sizes",
    "noise_scale noise": "s.noise_scale",
    "temperature": "s.temperature",
    "delta_action_clip delta_clip": "s.delta_clip",
    "grad_clip gradient_clip": "s.grad_clip",
    "apply_exp": "s.apply_exp",
    "return_chain": "False",
}
#: What it is called with.
_PROBLEM = {
    "network energy_network energy model net energy_fn": "p.network",
    "gradient grad grad_fn gradient_fn": "p.gradient",
    "observations observation obs": "p.observations",
    "actions action initial initial_actions action_samples": "p.initial",
    "seed": "p.seed",
}


class Guess(NamedTuple):
    """The text of a target, what was guessed, and the required parameters that no name explains."""

    target: str
    guessed: List[str]
    unknown: List[str]


def guess(reference: str) -> Guess:
    """The target for ``my_module:Sampler`` or ``file.py:Sampler``, a class or a function.

    Raises ValueError if the reference names nothing that can be called.
    """
    place, _, name = reference.rpartition(":")
    if not place or not name.isidentifier():
        raise ValueError(f"Found {reference!r}, wanted my_module:Sampler or file.py:Sampler")
    sampler = getattr(_module(place), name, None)
    if not callable(sampler):
        raise ValueError(f"Found nothing to call named {name!r} in {place}")
    module = os.path.splitext(os.path.basename(place))[0] if place.endswith(".py") else place
    built: Optional[str] = None
    guessed: List[str] = []
    unknown: List[str] = []
    called, drop = sampler, 0
    if inspect.isclass(sampler):
        built = _arguments(inspect.signature(sampler), 0, guessed, unknown)
        method = next((m for m in ("__call__", "forward", "sample") if hasattr(sampler, m)), None)
        if method is None:
            raise ValueError(f"Found {name} without __call__, forward or sample")
        called, drop = getattr(sampler, method), 1
    given = _arguments(inspect.signature(called), drop, guessed, unknown)
    lines = ["import ulaspec", f"from {module} import {name}", "", "", "class Target(ulaspec.Target):"]
    call = f"{name}({given})"
    if built is not None:
        call = f"{name}({built})" + (f".sample({given})" if method == "sample" else f"({given})")
    framework = _framework_of(sampler)
    guessed.append(f"framework = {framework!r}")
    lines += [f"    framework = {framework!r}", ""]
    lines += ["    def prepare(self, s):", "        return s", ""]
    lines += ["    def sample(self, s, p):", f"        return {call}", ""]
    return Guess("\n".join(lines), guessed, unknown)


def _framework_of(sampler: Any) -> str:
    """The framework that the sampler's own module holds by name; "python" if it holds none."""
    held = {
        value.__name__.partition(".")[0]
        for value in sampler.__globals__.values()
        if inspect.ismodule(value)
    } if inspect.isfunction(sampler) else _imports(sampler)
    return next((name for name in ("torch", "jax", "tensorflow", "numpy") if name in held), "python")


def _imports(sampler: Any) -> Any:
    methods = [f for _, f in inspect.getmembers(sampler, inspect.isfunction)]
    return {
        value.__name__.partition(".")[0]
        for method in methods
        for value in method.__globals__.values()
        if inspect.ismodule(value)
    }


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location("_sampler", place)
    if spec is None or spec.loader is None:
        raise ValueError(f"Cannot read {place}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _arguments(
    signature: inspect.Signature, drop: int, guessed: List[str], unknown: List[str]
) -> str:
    words: List[str] = []
    for p in list(signature.parameters.values())[drop:]:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        value = _value(p.name)
        if value is None:
            if p.default is p.empty:
                unknown.append(p.name)
            continue
        guessed.append(f"{p.name} = {value}")
        words.append(value if p.kind == p.POSITIONAL_ONLY else f"{p.name}={value}")
    return ", ".join(words)


def _value(name: str) -> Optional[str]:
    for names, value in [*_SETTINGS.items(), *_PROBLEM.items()]:
        if name in names.split():
            return value
    return None

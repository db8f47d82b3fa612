"""Writes a target for a sampler from the names of its parameters."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.util
import inspect
import json
import os
import re
import sys
import typing
from typing import Any, Collection, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .nested import _shape
from .server import _PLAIN_SETTINGS, _Server
from .target import Target

#: What the sampler is built with: names of parameters → the expression that gives them.
_SETTINGS = {
    "bounds action_bounds box": "s.bounds",
    "low lo bounds_min min_action min_actions action_min act_min action_low act_low lower minimum": "s.bounds[0]",
    "high hi bounds_max max_action max_actions action_max act_max action_high act_high upper maximum": "s.bounds[1]",
    "num_steps steps n_steps num_iterations iterations n_iterations n_iter num_iter "
    "langevin_steps num_langevin_steps n_langevin_steps mcmc_steps num_mcmc_steps": "s.steps",
    "step_size stepsize lr eta learning_rate dt epsilon": "s.step_size",
    "step_sizes stepsizes rates": "s.step_sizes",
    "schedule": "s.schedule",
    "init stepsize_init step_size_init sampler_stepsize_init init_step_size init_stepsize lr_init "
    "init_lr initial_lr init_step initial_step initial_step_size step_init eta_init eta_0 eta0 eta_max "
    "max_lr": "s.schedule.init",
    "final stepsize_final step_size_final sampler_stepsize_final final_step_size final_stepsize lr_final "
    "final_lr final_step step_final end_lr min_lr eta_final eta_min": "s.schedule.final",
    "power stepsize_power step_size_power sampler_stepsize_power lr_power": "s.schedule.power",
    "decay stepsize_decay step_size_decay sampler_stepsize_decay": "s.schedule.decay",
    "use_polynomial_rate": 's.schedule.kind == "polynomial"',
    "noise_scale noise sigma noise_std langevin_noise_scale": "s.noise_scale",
    "temperature": "s.temperature",
    "delta_action_clip delta_clip step_clip max_step": "s.delta_clip",
    "grad_clip gradient_clip clip_grad": "s.grad_clip",
    "grad_norm_type grad_norm": "s.grad_norm",
    "apply_exp": "s.apply_exp",
    "return_chain return_trajectory": "True",
}
#: What it is called with.
_PROBLEM = {
    "network energy_network energy_net energy model net energy_fn energy_function energy_model ebm critic potential "
    "potential_fn": "p.network",
    "gradient grad grad_fn gradient_fn": "p.gradient",
    "observations observation obs states state context": "p.observations",
    "actions action initial initial_actions action_samples init_actions x0 x_init start": "p.initial",
    "seed": "p.seed",
    "num_samples num_action_samples n_samples": "p.samples",
    "batch_size num_chains n_chains": "p.rows",
    "action_dim act_dim action_size": "p.axes",
}
_INITIAL = next(names for names, value in _PROBLEM.items() if value == "p.initial").split()
#: Names that the initial actions have where nothing else has a name of theirs.
_PERHAPS_INITIAL = (
    "x xs x_0 init_x x_mod init_sample init_samples initial_state init_state state0 z0 z theta "
    "position positions particles y a"
).split()
#: A generator, as each framework has it.
_GENERATORS = {"jax": "jax.random.key(p.seed)", "numpy": "numpy.random.default_rng(p.seed)"}
#: Methods that sample, the surest first.
_METHODS = (
    "sample forward __call__ run infer predict get_action get_actions select_action select_actions act "
    "sample_actions generate rollout step"
).split()
#: What shows that a sampler has an optional feature.
_SIGNS = {
    "grad-clip": ("s.grad_clip",),
    "exponential-schedule": ("s.schedule.decay", "s.step_sizes"),
    "apply-exp": ("s.apply_exp",),
}


class Guess(NamedTuple):
    """The text of a target, what was guessed, what is to be filled in, and what keeps its default."""

    target: str
    guessed: List[str]
    unknown: List[str]
    left: List[str]


def guess(reference: str, folder: str = "") -> Guess:
    """The target for ``my_module:Sampler`` or ``file.py:Sampler``, a class or a function, or for a
    method of a class, ``file.py:Policy.predict``.

    ``folder``: where the target is to stand. Raises ValueError if the reference names nothing that
    can be called.
    """
    place, _, name = reference.rpartition(":")
    name, dot, method = name.partition(".")
    if not place or not name.isidentifier() or bool(dot) != method.isidentifier():
        raise ValueError(f"found {reference!r}")
    sampler = getattr(_module(place), name, None)
    if not callable(sampler):
        raise ValueError(f"found nothing to call named {name!r} in {place}")
    text = _Text(sampler, name, _framework_of(sampler), method)
    target = text.target([*_import_of(place, folder), f"import {name}"])
    return Guess(target, text.guessed, text.unknown, text.left)


class _Text:
    """A target in the making."""

    def __init__(self, sampler: Any, name: str, framework: str, method: str) -> None:
        self.sampler, self.name, self.framework, self.method = sampler, name, framework, method
        self.guessed: List[str] = [f"framework = {json.dumps(framework)}"]
        self.unknown: List[str] = []
        #: Parameters that no name explains and that have a default.
        self.left: List[str] = []
        #: Expressions that the sampler is given.
        self.given: List[str] = []
        #: Classes of settings that the sampler takes.
        self.records: List[Any] = []

    def target(self, imported: Sequence[str]) -> str:
        prepare, call = self._calls()
        lacks = [f for f, signs in _SIGNS.items() if not any(s in self.given for s in signs)]
        lines = ["import ulaspec  # before the framework"]
        if _GENERATORS.get(self.framework) in self.given:
            lines.append(f"import {self.framework}")
        *before, last = imported
        own = [k.__name__ for k in self.records]
        lines += [*before[:-1], f"{before[-1]} {', '.join([last, *own])}", "", ""]
        lines += ["class Target(ulaspec.Target):", *self._comments()]
        lines.append(f"    framework = {json.dumps(self.framework)}")
        lines.append('    network_returns = "energy"  # low is good; "logits" if high is')
        if lacks:
            lines.append(f"    unsupported = {json.dumps(lacks)}")
            self.guessed.append(f"unsupported = {json.dumps(lacks)}")
        if not self.unknown and "p.initial" not in self.given:
            lines.append("    draws_start = True  # no parameter takes initial actions")
            self.guessed.append("draws_start = True")
        lines += ["", "    def prepare(self, s):", f"        return {prepare}", ""]
        lines += ["    def sample(self, sampler, p):" if prepare != "s" else "    def sample(self, s, p):"]
        lines.append(f"        return {call}")
        return "\n".join([*lines, "", "", "ulaspec.serve(Target)", ""])

    def _comments(self) -> List[str]:
        """What a person has to do, and what to look at."""
        todo = [
            "# TODO: write what each parameter takes in place of its ...: a value, or an expression of",
            "# the settings s (s.steps, s.step_sizes, s.schedule.init, s.bounds, s.noise_scale,",
            "# s.delta_clip) and the problem p (p.network, p.gradient, p.observations, p.initial,",
            "# p.samples, p.seed). In prepare there is no problem yet.",
        ]
        kept = [f"# Keeps its default, which may be a setting of the rule: {words}" for words in self.left]
        return [f"    {line}" for line in [*(todo if self.unknown else []), *kept]]

    def _calls(self) -> Tuple[str, str]:
        """What prepares the sampler, and what calls it."""
        if not inspect.isclass(self.sampler):
            return "s", _call(self.name, self._arguments(self.sampler, 0))
        built = self._arguments(self.sampler, 0)
        if self.method and not callable(getattr(self.sampler, self.method, None)):
            raise ValueError(f"found {self.name} without a method {self.method}")
        method = self.method or _method_of(self.sampler)
        if method is None:
            known = ", ".join(_methods_of(self.sampler)) or "none"
            raise ValueError(
                f"found {self.name}, whose methods ({known}) have no usual name of one that samples: "
                f"name it, as in {self.name}.my_method"
            )
        called = self._arguments(getattr(self.sampler, method), 1)
        dot = "" if method in ("__call__", "forward") else f".{method}"
        made = _call(self.name, built)
        if re.search(r"\bp\.", " ".join(built)) or re.search(r"\bs\.", " ".join(called)):
            return "s", _call(f"{made}{dot}", called)
        return made, _call(f"sampler{dot}", called)

    def _arguments(self, called: Any, drop: int) -> List[str]:
        words: List[str] = []
        hints = _hints_of(called)
        for p in list(inspect.signature(called).parameters.values())[drop:]:
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                continue
            value = _expression_of(p.name, self.framework, inspect.signature(called).parameters)
            record = _record_of(hints.get(p.name))
            if value is None and record is not None and self._is_held(record):
                self.records.append(record)
                self.guessed.append(f"{p.name} = {record.__name__}(...), field by field:")
                value = _call(record.__name__, self._arguments(record, 0))
            elif value is None:
                if p.default is not p.empty:
                    self.left.append(f"{p.name} = {p.default!r}")
                    continue
                self.unknown.append(p.name)
                value = "..."
            else:
                self.guessed.append(f"{p.name} = {value}")
                self.given.append(value)
            words.append(value if p.kind == p.POSITIONAL_ONLY else f"{p.name}={value}")
        return words

    def _is_held(self, record: Any) -> bool:
        """Whether the sampler's module has a class of settings by its name."""
        module = sys.modules.get(getattr(_innermost(self.sampler), "__module__", ""))
        return getattr(module, record.__name__, None) is record


def _method_of(kind: Any) -> Optional[str]:
    """The method of a class that samples: one with a usual name, or the only one that it has."""
    own = {name for base in kind.__mro__[:-1] for name in vars(base)}
    methods = _methods_of(kind)
    only = methods[0] if len(methods) == 1 else None
    return next((m for m in _METHODS if m in own), only)


def _methods_of(kind: Any) -> List[str]:
    """The public methods that a class itself has."""
    return [n for n, value in vars(kind).items() if inspect.isfunction(value) and not n.startswith("_")]


def _call(head: str, words: Sequence[str]) -> str:
    """A call on one line if there is room and nothing is open, else with a line for each argument."""
    line = f"{head}({', '.join(words)})"
    if "..." not in line and "\n" not in line and len(line) <= 100:
        return line
    inner = [_noted(word).replace("\n", "\n    ") for word in words]
    return "\n".join([f"{head}(", *[f"            {word}" for word in inner], "        )"])


def _noted(word: str) -> str:
    """An argument with its comma, and a note if it is open."""
    name, _, value = word.partition("=")
    if "..." not in (word, value):
        return f"{word},"
    return f"{word},  # TODO: what does {name if value else 'it'} take?"


def _innermost(called: Any) -> Any:
    """What is called in the end."""
    called = inspect.unwrap(called)
    while isinstance(called, functools.partial):
        called = inspect.unwrap(called.func)
    return called


def _hints_of(called: Any) -> Dict[str, Any]:
    """The types that parameters are annotated with, as far as they can be told."""
    inner = _innermost(called)
    try:
        return typing.get_type_hints(inner.__init__ if inspect.isclass(inner) else inner)
    except Exception:
        return {}


def _record_of(hint: Any) -> Any:
    """The dataclass that a parameter is annotated with, alone or as an optional one; None if none."""
    kinds = [hint, *typing.get_args(hint)]
    return next((k for k in kinds if inspect.isclass(k) and dataclasses.is_dataclass(k)), None)


def _expression_of(name: str, framework: str, beside: Collection[str] = ()) -> Optional[str]:
    """What a parameter takes by its name, in the company of others; None: not known."""
    if name.lower() in _PERHAPS_INITIAL:
        # The only one that can be where the chain begins.
        rivals = [n for n in beside if n.lower() in _INITIAL or n.lower() in _PERHAPS_INITIAL]
        return "p.initial" if set(rivals) <= {name} else None
    if name in ("key", "rng", "rng_key"):
        return _GENERATORS.get(framework)
    if name == "init" and _is_start(beside):
        return "p.initial"
    value = _usual(name)
    if value == "s.step_size" and "s.schedule.final" in map(_usual, beside):
        return "s.schedule.init"
    if name == "n" and "p.observations" in map(_usual, beside):
        return "p.samples"
    return value


def _is_start(beside: Collection[str]) -> bool:
    """Whether ``init`` is where a chain begins: nothing else is, and no other part of a schedule."""
    usual = {_usual(name) for name in beside}
    schedule = {"s.schedule.final", "s.schedule.power", "s.schedule.decay", "p.initial"}
    return not usual & schedule and bool(usual & {"p.observations", "p.network", "p.gradient"})


def _usual(name: str) -> Optional[str]:
    """What a parameter of this name takes in most samplers."""
    tables = [*_SETTINGS.items(), *_PROBLEM.items()]
    return next((value for names, value in tables if name.lower() in names.split()), None)


#: Modules whose names tell the framework, the surest first.
_TELLING_MODULES = {
    "torch": "torch",
    "jax": "jax",
    "flax": "jax",
    "equinox": "jax",
    "haiku": "jax",
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "numpy": "numpy",
}


def _framework_of(sampler: Any) -> str:
    """The framework that the sampler's own module holds by name, or else a module of what that one
    holds; "python" if none does."""
    functions = [f for _, f in inspect.getmembers(sampler, inspect.isfunction)]
    held = [
        value
        for function in (functions if inspect.isclass(sampler) else [_innermost(sampler)])
        for value in getattr(function, "__globals__", {}).values()
    ]
    beyond = [
        value
        for name in dict.fromkeys(map(_module_of, held))
        if name.partition(".")[0] not in (*sys.stdlib_module_names, "ulaspec")
        for value in vars(sys.modules.get(name, object)).values()
    ]
    for values in (held, beyond):
        tops = {_module_of(value).partition(".")[0] for value in values}
        found = next((n for name, n in _TELLING_MODULES.items() if name in tops), None)
        if found is not None:
            return found
    return "python"


def _module_of(value: Any) -> str:
    """The module that a value is, or that it comes from; empty if that is not known."""
    name = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", "")
    return name if isinstance(name, str) else ""


def _package_of(file: str) -> Tuple[str, str]:
    """The folder from which a file is imported, and its name there: packages count."""
    folder, base = os.path.split(os.path.abspath(file))
    names = [os.path.splitext(base)[0]]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        names.insert(0, package)
    return folder, ".".join(names)


def _import_of(place: str, folder: str) -> List[str]:
    """The lines that import from a module, the last one without its names."""
    if not place.endswith(".py"):
        return [f"from {place}"]
    root, module = _package_of(place)
    if os.path.samefile(root, os.path.abspath(folder or os.curdir)):
        return [f"from {module}"]
    return ["import sys", "", f"sys.path.insert(0, {root!r})", f"from {module}"]


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        sys.path.insert(0, os.getcwd())
        return importlib.import_module(place)
    if not os.path.exists(place):
        raise ValueError(f"found no file {place}, wanted my_file.py:Sampler")
    root, module = _package_of(place)
    sys.path.insert(0, root)
    return importlib.import_module(module)


#: Two groups of three rows, so that each length tells which dimension it is of.
_TRIED: Dict[str, Any] = {
    "energy": {"formula": "0.5*a1^2", "expression": ["*", 0.5, ["^", "a1", 2]]},
    "groups": 2,
    "samples": 3,
    "axes": 2,
    "observations": [[0.25], [0.5]],
    "initial": [[0.5, -0.25]] * 6,
    "noise": {"kind": "tape", "draws": [[[0.25, -0.5]] * 6] * 5},
    "seed": 1,
}
_STEPS = 5


def _result_of(target: Target) -> str:
    """How what the sampler returns is read, as one call shows; empty if as it is."""
    seen: List[Any] = []
    sample = target.sample

    def watched(prepared: Any, problem: Any) -> Any:
        seen.append(sample(prepared, problem))
        return seen[-1][0] if isinstance(seen[-1], (tuple, list)) else seen[-1]

    target.sample = watched  # type: ignore[method-assign]
    server = _Server(target)
    settings = {**_PLAIN_SETTINGS, "steps": _STEPS}
    handle = server.answer({"id": 0, "type": "prepare", "settings": settings})
    request = {"id": 1, "type": "sample", "prepared": handle.get("prepared"), "problems": [_TRIED]}
    server.answer(request)
    if not seen or not isinstance(seen[-1], tuple):
        return ""
    shapes = [tuple(n for n in _shape_of(part)) for part in seen[-1]]
    names: Dict[str, str] = {}
    for index, shape in enumerate(shapes):
        steps, rest = shape[:1], shape[1:]
        if shape in ((6, 2), (2, 3, 2)):
            names.setdefault("", f"result[{index}]")
        elif steps == (_STEPS,) and rest in ((6, 2), (2, 3, 2)):
            names["chain_actions"] = f"result[{index}]"
        elif steps == (_STEPS,) and rest in ((6,), (2, 3)):
            free = "chain_grad_norms" if "chain_outputs" in names else "chain_outputs"
            names[free] = f"result[{index}]"
    if "" not in names:
        return ""
    chain = [f"{name}={place}" for name, place in names.items() if name]
    return f"ulaspec.Result({', '.join([names[''], *chain])})" if chain else names[""]


def _shape_of(part: Any) -> Sequence[int]:
    try:
        return [int(n) for n in part.shape] if hasattr(part, "shape") else list(_shape(part))
    except Exception:
        return ()


def _write_target(reference: str, file: str, mark: str) -> None:
    """Writes a target to a file, and what was guessed as JSON, after a mark, to standard output."""
    try:
        folder = os.path.dirname(os.path.abspath(file))
        found = guess(reference, folder)
        text = found.target
        if not found.unknown:
            text = _with_result(text, folder, found.guessed)
    except Exception as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        told = f"{kind}{error}".replace("found ", "", 1)
        _tell(mark, {"error": told, "raised": kind != ""})
        return
    with open(file, "w", encoding="utf-8") as written:
        written.write(text)
    _tell(mark, {"guessed": found.guessed, "unknown": found.unknown, "left": found.left})


def _tell(mark: str, answer: Dict[str, Any]) -> None:
    print(f"\n{mark}{json.dumps(answer)}", flush=True)


def _with_result(text: str, folder: str, guessed: List[str]) -> str:
    """The target with what it makes of a result that is not only the final actions."""
    names: Dict[str, Any] = {"__name__": "target"}
    sys.path.insert(0, folder)
    exec(compile(text, "target", "exec"), names)
    result = _result_of(names["Target"]())
    if not result:
        return text
    guessed.append(f"returned: {result}")
    start = text.rindex("        return ")
    call = text[start:].split("\n\n\n", 1)[0].replace("        return ", "", 1)
    return f"{text[:start]}        result = {call}\n        return {result}\n\n\nulaspec.serve(Target)\n"

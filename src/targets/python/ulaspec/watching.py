"""Watches a real run: a person's own sampler, on a trained network of their own."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .floats import _words
from .replacing import _rebind
from .session import _now
from .torch_tensors import _torch_uncompiled
from .watching_arguments import _arguments
from .watching_flax import _flax_hooks
from .watching_jax import _jax_call
from .watching_tensorflow import _tensorflow_call, _tensorflow_uncompiled
from .watching_torch import _torch_call, _torch_hooks

#: Rows that are recorded; more are left out, and the report says so.
MOST_ROWS = 128


def watch(
    network: Any,
    *,
    bounds: Any,
    steps: int,
    init: float = 0.1,
    final: float = 1e-5,
    power: float = 2.0,
    decay: Optional[float] = None,
    noise_scale: float = 1.0,
    delta_clip: float = 0.1,
    grad_clip: Optional[float] = None,
    apply_exp: bool = False,
    returns: str = "energy",
) -> "Watched":
    """Watches what a sampler does with a network, while it runs for real::

        with ulaspec.watch(network, bounds=(low, high), steps=25) as run:
            run.final = sampler.sample(observations, run.network)
        print(run.report())

    Nothing is replaced: points, gradients and draws are noted as they go by, in PyTorch, JAX,
    TensorFlow and NumPy. What ``torch.compile`` or ``jit_compile`` made runs as it was written
    meanwhile, and what ``jax.jit`` made is compiled anew. The settings are those that the sampler was made
    with; with ``decay`` the schedule is exponential.

    - ``network``: a module of PyTorch or Flax, which the sampler may call itself; for anything else
      that can be called, a function or a Keras model, give the sampler ``run.network``
    - ``bounds``: the lower and the upper side of the box, one number for each axis
    - ``returns``: "energy" (low is good), "logits" (high is good), or "gradient" for a function that
      gives the gradient of the energy itself, as samplers in NumPy take one
    - ``run.final``: what the sampler returned, if the last step is to be judged, too
    """
    low, high = (_plain(side) for side in bounds)
    schedule: Dict[str, Any] = {"kind": "polynomial", "init": init, "final": final, "power": power}
    if decay is not None:
        schedule = {"kind": "exponential", "init": init, "decay": decay}
    settings = {
        "bounds": {"min": low, "max": high},
        "steps": int(steps),
        "schedule": schedule,
        "noiseScale": noise_scale,
        "gradClip": grad_clip,
        "deltaClip": delta_clip,
        "gradNorm": None,
        "applyExp": apply_exp,
    }
    if returns not in ("energy", "logits", "gradient"):
        wanted = "'energy', 'logits' or 'gradient'"
        raise ValueError(f"Cannot watch: found returns = {returns!r}, wanted {wanted}")
    if not callable(network):
        raise TypeError(f"Cannot watch: found {network!r} as the network, wanted what can be called")
    return Watched(network, settings, returns)


def _plain(side: Any) -> List[float]:
    numbers = _array(side).reshape(-1).tolist() if hasattr(side, "shape") else list(side)
    return [float(x) for x in numbers]


def _array(values: Any) -> Any:
    """An array of any framework as one of NumPy, or a tensor of PyTorch that lies in memory."""
    if hasattr(values, "detach"):
        return values.detach().cpu()
    import numpy

    return numpy.asarray(values)


def _count(array: Any) -> int:
    return math.prod(array.shape)


class _WatchedFramework(NamedTuple):
    """How one framework is watched."""

    #: A call of the network.
    call: Callable[..., Any]
    #: The modules that the types of its arrays come from.
    modules: frozenset


_WATCHING = {
    "torch": _WatchedFramework(_torch_call, frozenset(("torch",))),
    "jax": _WatchedFramework(_jax_call, frozenset(("jax", "jaxlib"))),
    "tensorflow": _WatchedFramework(_tensorflow_call, frozenset(("tensorflow", "keras"))),
}


class _Taken(NamedTuple):
    """A gradient that was taken, where, and what each output counted for; … × axes, …"""

    points: Any
    slopes: Any
    weights: Any


class _Network:
    """The network of any framework, for a sampler to call while it is watched.

    Its other attributes are those of the network; so is ``apply``, watched.
    """

    def __init__(self, asked: Any, run: "Watched") -> None:
        self._asked, self._run = asked, run

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._run.asked(self._asked, args, named)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._asked, name)
        if name != "apply":
            return found
        return lambda *args, **named: self._run.asked(found, args, named)


class Watched:
    """A run under watch; what `watch` gives."""

    def __init__(self, network: Any, settings: Dict[str, Any], returns: str) -> None:
        self.settings, self.returns = settings, returns
        self.axes = len(settings["bounds"]["min"])
        #: Whether what is watched is a module, which is seen whoever calls it.
        self._is_module = _is_module(network)
        self._asked: Any = network
        #: The network as the sampler is to call it.
        self.network: Callable[..., Any] = network if self._is_module else _Network(network, self)
        #: What the sampler returned.
        self.final: Any = None
        self._seen: List[_Taken] = []
        self._draws: List[Any] = []
        self._hooks: List[Callable[[], None]] = []
        self._weights: Any = None
        #: What a framework's part keeps of this run.
        self.kept: Dict[str, Any] = {}

    def __enter__(self) -> "Watched":
        if self._is_module:
            self._hooks = _flax_hooks(self, self._asked) or _torch_hooks(self, self._asked)
        _rebind()
        _forget_compiled()
        self._hooks += [*_torch_uncompiled(), *_tensorflow_uncompiled()]
        self._outer, _now.watched = _now.watched, self
        return self

    def __exit__(self, *_: Any) -> None:
        _now.watched = self._outer
        _forget_compiled()
        for remove in self._hooks:
            remove()

    # What goes by

    def drew(self, values: Any) -> None:
        """A standard normal draw."""
        self._draws.append(values)

    def weighted(self, weights: Any) -> None:
        """What each output counts for in the gradient that comes next."""
        self._weights = weights

    def saw(self, points: Any, slopes: Any, weights: Any = None) -> None:
        """A gradient that was taken at points."""
        self._seen.append(_Taken(points, slopes, self._weights if weights is None else weights))
        self._weights = None

    def may_be_actions(self, value: Any) -> bool:
        """Whether an argument of the network has the shape of actions."""
        shape = getattr(value, "shape", None)
        return shape is not None and len(shape) > 0 and shape[-1] == self.axes

    def asked(self, network: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
        """A call of the network, with those of its arguments watched that may be actions."""
        given = _arguments(args, named)
        kinds = {type(value).__module__.split(".")[0] for value in given}
        for framework, part in _WATCHING.items():
            if framework in sys.modules and kinds & part.modules:
                return part.call(self, network, args, named)
        output = network(*args, **named)
        if self.returns == "gradient":
            points = next(filter(self.may_be_actions, given), None)
            if points is not None:
                self.saw(_array(points).copy(), _array(output).copy())
        return output

    # What is made of it

    def recording(self) -> Dict[str, Any]:
        """What was seen, as ``ulaspec check --trace`` reads it."""
        steps = self._without_repeats()
        rows = 0 if not steps else _count(steps[0].points) // self.axes
        kept = range(rows)
        if rows > MOST_ROWS:
            kept = sorted({r * rows // MOST_ROWS for r in range(MOST_ROWS)})
        notes = [] if steps else [self._nothing_seen()]
        draws = self._draws_by_step(len(steps), rows, notes) if steps else None
        final = None
        if self.final is not None and rows:
            final = self._table(_array(self.final), rows, kept)
        return {
            "format": "ulaspec-watched/1",
            "settings": self.settings,
            "points": [self._table(seen.points, rows, kept) for seen in steps],
            "gradients": [self._slopes(seen, rows, kept) for seen in steps],
            "draws": draws and [self._table(draw, rows, kept) for draw in draws],
            "final": final,
            "rows": rows,
            "notes": notes,
        }

    def _nothing_seen(self) -> str:
        if self.returns == "gradient":
            what = "No call of run.network"
        elif self._is_module:
            what = "No gradient of the network"
        else:
            what = "No gradient of run.network"
        return (
            f"{what} at actions of {self.axes} axes was seen: wanted a sampler that takes its gradients "
            "from it while it is watched; a function that gives gradients needs returns = \"gradient\", "
            "and what JAX compiled ahead of time (lower, compile) shows nothing: wanted jax.jit alone"
        )

    def _without_repeats(self) -> List[_Taken]:
        """A gradient that is asked once more at the same points is one for a log."""
        most = max((_count(seen.points) for seen in self._seen), default=0)
        steps: List[_Taken] = []
        for seen in self._seen:
            if _count(seen.points) != most:
                continue
            if not steps or not bool((seen.points.reshape(-1) == steps[-1].points.reshape(-1)).all()):
                steps.append(seen)
        return steps

    def _draws_by_step(self, steps: int, rows: int, notes: List[str]) -> Optional[List[Any]]:
        """The draw of each step; None if that cannot be told."""
        size, wanted = rows * self.axes, self.settings["steps"]
        each = [
            draw
            for drawn in self._draws
            if _count(drawn) and _count(drawn) % size == 0
            for draw in drawn.reshape(-1, rows, self.axes)
        ]
        if not each:
            if self.settings["noiseScale"] == 0:
                return [_array(self._seen[0].points) * 0.0 for _ in range(steps)]
            notes.append("No normal draw in the shape of the actions was seen")
            return None
        if len(each) < wanted:
            notes.append(f"{len(each)} draws were seen in {wanted} steps")
            return None
        if len(each) > wanted:
            # The sampler drew its start, or something else, before its steps.
            notes.append(f"{len(each)} draws were seen: those of the last steps were taken")
        return each[-wanted:]

    def _slopes(self, seen: _Taken, rows: int, kept: Sequence[int]) -> Any:
        """The gradient of each row's own energy, whatever the sampler made of the outputs."""
        slopes = seen.slopes.reshape(rows, self.axes)
        if seen.weights is not None and _count(seen.weights) == rows:
            slopes = slopes / seen.weights.reshape(rows, 1)
        return self._table(-slopes if self.returns == "logits" else slopes, rows, kept)

    def _table(self, values: Any, rows: int, kept: Sequence[int]) -> Any:
        table = _array(values).reshape(rows, self.axes)
        return _words((table if len(kept) == rows else table[list(kept)]).tolist())

    def save(self, file: str) -> None:
        """Writes what was seen, for ``ulaspec check --trace FILE``."""
        with open(file, "w", encoding="utf-8") as text:
            json.dump(self.recording(), text)

    def report(self) -> str:
        """What is to be said of the run, as ``ulaspec check --trace`` prints it."""
        return self._judged("pretty")[1]

    def check(self) -> None:
        """Raises an AssertionError with the report unless every step that was seen is the rule's."""
        code, text = self._judged("pretty")
        if code != 0:
            raise AssertionError(f"\n{text}")

    def _judged(self, form: str) -> Tuple[int, str]:
        # The command of the package; a copied adapter has none.
        from .__main__ import suite_command, suite_environment

        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "run.json")
            self.save(file)
            done = subprocess.run(
                [*suite_command(), "check", "--trace", file, "--format", form],
                env=suite_environment("ulaspec"),
                capture_output=True,
                encoding="utf-8",
            )
        if not done.stdout:
            raise RuntimeError(f"ulaspec gave no report:\n{done.stderr}")
        return done.returncode, done.stdout


def _is_module(network: Any) -> bool:
    """Whether it is a module of PyTorch or Flax."""
    known = (sys.modules.get(name) for name in ("torch.nn", "flax.linen", "flax.nnx"))
    return any(library is not None and isinstance(network, library.Module) for library in known)


def _forget_compiled() -> None:
    """What JAX has compiled is compiled anew: watched before a run, and unwatched after it."""
    jax = sys.modules.get("jax")
    if jax is not None:
        jax.clear_caches()

"""What a target is given, and what it gives back."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional, Sequence

from .arrays import _Framework
from .floats import _number, _optional
from .session import _Session
from .view import ObservationShape, _View, _given_observations


class Unsupported(Exception):
    """Raised by a target that lacks an optional feature, e.g. ``Unsupported("grad-clip")``."""

    def __init__(self, feature: str, reason: str = "") -> None:
        super().__init__(feature)
        self.feature = feature
        self.reason = reason or f"The target lacks {feature}"


#: What step sizes are computed from.
_RATES = ("init", "final", "power", "decay")


class Schedule(List[float]):
    """The step sizes of a chain, as a list and as what they are computed from.

    ``kind`` is "polynomial" (with ``init``, ``final``, ``power``) or "exponential" (with ``init``,
    ``decay``); what a kind does not have is None.
    """

    kind: str
    init: float
    final: Optional[float]
    power: Optional[float]
    decay: Optional[float]

    def __init__(self, wire: Dict[str, Any]) -> None:
        super().__init__()
        self.kind = wire["kind"]
        for name in _RATES:
            if wire.get(name) is not None:
                setattr(self, name, _number(wire[name]))

    def __getattr__(self, name: str) -> None:
        """What a kind does not have; that it was asked for is noted."""
        if name not in _RATES:
            wanted = f"kind, {', '.join(_RATES)}"
            raise AttributeError(f"Found no {name!r} in a schedule, wanted {wanted}")
        self._missed = name

    def __hash__(self) -> int:  # type: ignore[override]
        """A schedule may be a static argument of compiled code."""
        return hash(tuple(self))

    @property
    def lacked(self) -> str:
        """What was asked for that a schedule of its kind doesn't have; empty if nothing."""
        return vars(self).get("_missed", "")

    def _taken_apart(self) -> Any:
        """Its numbers, and what no number tells."""
        own = {n: x for n, x in vars(self).items() if n in _RATES}
        return (list(self), own), self.kind

    @classmethod
    def _put_together(cls, kind: str, numbers: Any) -> Schedule:
        made = cls.__new__(cls)
        made.extend(numbers[0])
        vars(made).update(numbers[1], kind=kind)
        return made

    def step_sizes(self, steps: int) -> List[float]:
        """η_0 … η_{N-1}."""
        if self.kind == "exponential":
            decay = self.decay or 0.0
            return [self.init * decay**k for k in range(steps)]
        final, power = self.final or 0.0, self.power or 0.0
        fall, last = self.init - final, max(1, steps - 1)
        rest = [fall * (1 - k / last) ** power for k in range(1, steps)]
        return [self.init, *(step + final for step in rest)]


class Settings:
    """Everything a sampler is configured with.

    - ``bounds``: array of the framework, 2 × axes: ``bounds[0]`` is the lower, ``bounds[1]`` the
      upper side; ``bounds_min`` and ``bounds_max`` are the same as plain lists
    - ``low``, ``high``: the sides as two numbers, for ``bounds = "scalar"``
    - ``steps``: number of steps N, at least 1
    - ``schedule``: the step sizes, a `Schedule`
    - ``noise_scale``: σ, the factor of the noise
    - ``grad_clip``: γ, or None when the gradient is not clipped; 0 is a value, not "off"
    - ``delta_clip``: c, relative to half the range of each axis
    - ``grad_norm``: "1", "2" or "inf", the order of reported gradient norms; None asks for no norm:
      those that are reported are zeros
    - ``apply_exp``: whether the gradient is that of exp(-E) instead of -E
    - ``step_sizes``: η_0 … η_{N-1} as numbers, whatever the schedule; ``step_size`` is the first
    - ``temperature``: σ²
    - ``own``: values of the settings that the rule has of its own, by their symbols
    """

    def __init__(self, wire: Dict[str, Any], framework: "_Framework", target: Any = None) -> None:
        low, high = ([_number(x) for x in wire["bounds"][side]] for side in ("min", "max"))
        view = _View(target or Target(), low, high)
        sides = view.sides
        self.bounds_min: List[float] = sides[0]
        self.bounds_max: List[float] = sides[1]
        self.bounds: Any = framework.array(
            [self.bounds_min, self.bounds_max], (2, len(self.bounds_min))
        )
        self.steps: int = int(wire["steps"])
        self.schedule = Schedule(wire["schedule"])
        self.noise_scale: float = float(wire["noiseScale"])
        self.grad_clip: Optional[float] = _optional(wire["gradClip"])
        self.delta_clip: float = float(wire["deltaClip"])
        self.grad_norm: Optional[str] = wire["gradNorm"]
        self.apply_exp: bool = bool(wire["applyExp"])
        self.temperature: float = self.noise_scale**2
        self.own: Dict[str, float] = {k: _number(x) for k, x in wire.get("own", {}).items()}
        given = wire.get("stepSizes")
        self.step_sizes: List[float] = (
            self.schedule.step_sizes(self.steps) if given is None else [_number(x) for x in given]
        )
        self.schedule.extend(self.step_sizes)

    @property
    def low(self) -> float:
        """The lower side of the first axis: of all, with ``bounds = "scalar"``."""
        return self.bounds_min[0]

    @property
    def high(self) -> float:
        """The upper side of the first axis."""
        return self.bounds_max[0]

    @property
    def step_size(self) -> float:
        return self.step_sizes[0]


class Problem:
    """One task for a sampler. Arrays are those of the target's framework, in float32.

    - ``observations``: groups × features; ``initial``: rows × axes
    - ``groups``, ``samples``, ``axes``, ``rows`` (= groups × samples); row r belongs to observation
      floor(r / samples)
    - ``network(observations, actions)`` or ``network(actions)``: one output per row,
      differentiable; actions are rows × axes or groups × samples × axes, observations are per group
      or per row; outputs are rows, or groups × samples. Some rows may be asked for at a time, in
      any order, with their own observations
    - ``gradient(actions)`` or ``gradient(observations, actions)``: the gradient of each row's own
      output, in the shape of the actions (frameworks without automatic differentiation: "numpy",
      "python")
    - ``seed``: for samplers that draw their own noise; the frameworks' global seeds are set to it
    """

    def __init__(self, session: "_Session", framework: "_Framework") -> None:
        self._session = session
        self._framework = framework
        self.groups, self.samples, self.axes = session.groups, session.samples, session.axes
        self.rows, self.seed = session.rows, session.seed
        self.observations: Any = _given_observations(framework, session, session.view)
        self.initial: Any = framework.array(session.given, (session.rows, *session.view.action))
        self.network: Callable[..., Any] = framework.network(session)
        self.gradient: Callable[..., Any] = framework.gradient(session)

    def grouped(self, x: Any) -> Any:
        """rows × … → groups × samples × …"""
        return self._framework.regroup(x, self.groups, self.samples)

    def flat(self, x: Any) -> Any:
        """groups × samples × … → rows × …"""
        return self._framework.flatten(x, self.rows)

    def noise(self) -> Any:
        """The next draw of the tape, rows × axes, for samplers that take noise as an argument."""
        shape = (self.rows, *self._session.view.action)
        draw = self._session.take(shape, "problem.noise()")
        if draw is None:
            draw = self._session.own_draws(math.prod(shape))
        return self._framework.array(draw, shape)


class Result:
    """Final actions (rows × axes, or groups × samples × axes) with what a sampler reports.

    - ``chain_actions``: steps × rows × axes: the actions after each step
    - ``chain_outputs``: steps × rows: the raw network outputs before each step
    - ``chain_grad_norms``: steps × rows: the norms of the unclipped gradients before each step, over
      the axes; zeros where ``settings.grad_norm`` is None

    Grouped arrays will do in all places. A target that reports nothing returns the final actions
    alone. A tuple, a dict with such names, or all points of the chain will do, too.
    """

    def __init__(
        self,
        final: Any,
        chain_actions: Any = None,
        chain_outputs: Any = None,
        chain_grad_norms: Any = None,
    ) -> None:
        self.final = final
        self.chain = {
            "actions": chain_actions,
            "outputs": chain_outputs,
            "gradNorms": chain_grad_norms,
        }


class Target:
    """A sampler as its author plugs it in; see the module's own text."""

    #: Shown in reports; the name of the script by default.
    name: str = ""
    #: "torch", "jax", "tensorflow", "numpy", or "python" for plain lists.
    framework: str = "torch"
    #: "energy" (low is good) or "logits" (high is good).
    network_returns: str = "energy"
    #: Optional features that the sampler lacks.
    unsupported: Sequence[str] = ()
    #: "tape", or "own" for a sampler whose draws cannot be replaced.
    noise: str = "tape"
    #: The rule that the sampler means to follow: "ibc", "ula", "ula+temperature", or a JSON file.
    rule: str = "ibc"
    #: What is compiled again for each "shape", or for each of the "settings" as well; "nothing"; or
    #: "unknown": then it is found out, for JAX and graphs of TensorFlow, and what ``torch.compile``
    #: made runs as it was written.
    compiles: str = "unknown"
    #: Whether the sampler draws its initial actions, uniformly in the box: the draw gives those of
    #: the problem.
    draws_start: bool = False
    #: "any", or "symmetric" for a sampler that takes boxes about zero alone, or "scalar" for one
    #: that takes one interval for all axes: ``settings.low`` to ``settings.high``.
    bounds: str = "any"
    #: The shape of one observation, or of each part of it by name; None: a row of features.
    observation_shape: ObservationShape = None
    #: Whether actions are sequences: rows × horizon × axes, the same box at each of their steps.
    horizon: bool = False
    #: "rows": one output per row; "columns": rows × 1.
    network_output: str = "rows"
    #: Where arrays lie, as the framework names it, e.g. "cuda".
    device: Optional[str] = None

    def prepare(self, settings: Settings) -> Any:
        """Builds the sampler for some settings. What it returns is given to `sample`: the settings
        themselves, unless a target says otherwise."""
        return settings

    def sample(self, prepared: Any, problem: Problem) -> Any:
        """Runs one chain: final actions, or a `Result`. Called at least twice per sampler."""
        raise NotImplementedError("a target needs a method sample(self, prepared, problem)")

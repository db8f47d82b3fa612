"""Plugs a Python sampler into ulaspec.

One file, standard library only, Python 3.9 or newer. A sampler's author writes a few lines::

    import ulaspec                                # first, so that every normal draw is seen
    from my_project import ULASampler

    class Target(ulaspec.Target):
        framework = "torch"                       # or "jax", "tensorflow", "numpy", "python"
        network_returns = "energy"                # low is good; or "logits": high is good
        unsupported = ["grad-clip"]

        def prepare(self, settings):              # once per settings
            return ULASampler(settings.bounds, settings.steps, settings.noise_scale)

        def sample(self, sampler, problem):       # arrays of the framework in and out
            return sampler.sample(problem.observations, problem.network, problem.initial)

    ulaspec.serve(Target())

and runs ``ulaspec check -- python3 my_target.py``.

*Network.* The energy is a formula. It is evaluated with the framework's own operations, so the
sampler's automatic differentiation runs for real, and every point at which outputs or gradients
are asked for is logged.

*Noise.* While ``sample`` runs, the normal draws of torch, jax, tensorflow and numpy are taken from
a tape, whatever their shape: a draw of n numbers takes the next n of the tape. The suite finds out
which of them moves which coordinate. These take the tape:

- ``torch.randn``, ``randn_like``, ``normal``, ``Tensor.normal_``, and what rests on them, such as
  ``torch.nn.init.normal_`` and ``torch.distributions.Normal``
- ``numpy.random.randn``, ``normal``, ``standard_normal``, of ``Generator`` and ``RandomState`` too
- ``jax.random.normal``
- ``tf.random.normal``, ``stateless_normal``, ``Generator.normal``

They behave as the framework's own in all but the numbers. Complex and truncated normal draws,
``jax.random.multivariate_normal``, and noise that is made otherwise, of uniform numbers or by the
standard library, do not take it: such a sampler is judged by the law of its noise, best with
``noise = "own"``.

*Wire.* JSON lines over standard input and output, protocol version 1. Whatever the target prints
goes to standard error, from the import of this module on.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.abc
import importlib.util
import json
import math
import os
import random
import struct
import sys
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

__all__ = ["Problem", "Result", "Schedule", "Settings", "Target", "Unsupported", "serve"]

PROTOCOL = 1
LONGEST_LINE = 16 * 1024 * 1024
#: Numbers of the tape that one call may take, so that a draw of gigabytes does not take hours.
MOST_NUMBERS = 2**20
#: Kinds of draws that a result tells of.
MOST_SERVED = 64


class _Output:
    """Standard output: the suite's alone, in a process that the suite has started.

    There it is taken at import, so that nothing that a target prints gets among the answers. In any
    other process it is left alone until `serve`.
    """

    #: Set by the suite, another value for each target that it starts.
    MARK = "ULASPEC_CHILD"
    #: Set to the same value once the output is taken: a process that a target starts leaves it.
    TAKEN = "ULASPEC_OUTPUT_TAKEN"

    def __init__(self) -> None:
        self.answers: Optional[int] = None
        self.served = False
        mark = os.environ.get(self.MARK)
        if mark and os.environ.get(self.TAKEN) != mark:
            os.environ[self.TAKEN] = mark
            with contextlib.suppress(OSError):
                self.take()
            self.process = os.getpid()
            atexit.register(self.at_exit)

    def take(self) -> int:
        """The descriptor of the answers. Whatever is printed from now on goes to standard error."""
        if self.answers is None:
            self.answers = os.dup(1)
            os.dup2(2, 1)
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                # What a target that hangs has printed is to be seen, too.
                sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        return self.answers

    def at_exit(self) -> None:
        """Names the one reason for an early end that Python itself says nothing about."""
        raised = getattr(sys, "last_type", None) is not None
        if not (self.served or raised) and os.getpid() == self.process:
            print("This script ended without calling ulaspec.serve(Target())", file=sys.stderr)


_output = _Output()

Rows = List[List[float]]
Shape = Tuple[int, ...]


# What a target is given, and what it gives back ------------------------------------------------


class Unsupported(Exception):
    """Raised by a target that lacks an optional feature, e.g. ``Unsupported("grad-clip")``."""

    def __init__(self, feature: str, reason: str = "") -> None:
        super().__init__(feature)
        self.feature = feature
        self.reason = reason or f"The target lacks {feature}"


class Schedule:
    """The step sizes of a chain, before they are evaluated.

    ``kind`` is "polynomial" (with ``init``, ``final``, ``power``) or "exponential" (with ``init``,
    ``decay``); what a kind does not have is None.
    """

    def __init__(self, wire: Dict[str, Any]) -> None:
        self.kind: str = wire["kind"]
        self.init: float = float(wire["init"])
        self.final: Optional[float] = _optional(wire.get("final"))
        self.power: Optional[float] = _optional(wire.get("power"))
        self.decay: Optional[float] = _optional(wire.get("decay"))


class Settings:
    """Everything a sampler is configured with.

    - ``bounds``: array of the framework, 2 × axes: ``bounds[0]`` is the lower, ``bounds[1]`` the
      upper side; ``bounds_min`` and ``bounds_max`` are the same as plain lists
    - ``steps``: number of steps N, at least 1
    - ``schedule``: the step sizes, a `Schedule`
    - ``noise_scale``: σ, the factor of the noise
    - ``grad_clip``: γ, or None when the gradient is not clipped; 0 is a value, not "off"
    - ``delta_clip``: c, relative to half the range of each axis
    - ``grad_norm``: "1", "2", "inf" or None, the order of reported gradient norms
    - ``apply_exp``: whether the gradient is that of exp(-E) instead of -E
    """

    def __init__(self, wire: Dict[str, Any], framework: "_Framework") -> None:
        self.bounds_min: List[float] = [_number(x) for x in wire["bounds"]["min"]]
        self.bounds_max: List[float] = [_number(x) for x in wire["bounds"]["max"]]
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


class Problem:
    """One task for a sampler. Arrays are those of the target's framework, in float32.

    - ``observations``: groups × features; ``initial``: rows × axes
    - ``groups``, ``samples``, ``axes``, ``rows`` (= groups × samples); row r belongs to observation
      floor(r / samples)
    - ``network(observations, actions)`` or ``network(actions)``: one output per row,
      differentiable; actions are rows × axes or groups × samples × axes, observations are per group
      or per row; outputs are rows, or groups × samples. Some rows may be asked for at a time, in
      blocks whose order is the same in all steps, with their own observations
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
        self.observations: Any = framework.array(
            session.observations, (session.groups, session.features)
        )
        self.initial: Any = framework.array(session.initial, (session.rows, session.axes))
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
        shape = (self.rows, self.axes)
        draw = self._session.take(shape, "problem.noise()")
        if draw is None:
            draw = self._session.own_draws(math.prod(shape))
        return self._framework.array(draw, shape)


class Result:
    """Final actions (rows × axes, or groups × samples × axes) with what a sampler reports.

    - ``chain_actions``: steps × rows × axes: the actions after each step
    - ``chain_outputs``: steps × rows: the raw network outputs before each step
    - ``chain_grad_norms``: steps × rows: the norms of the unclipped gradients before each step

    Grouped arrays will do in all places. A target that reports nothing returns the final actions
    alone.
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

    def prepare(self, settings: Settings) -> Any:
        """Builds the sampler for some settings. What it returns is given to `sample`."""
        raise NotImplementedError("a target needs a method prepare(self, settings)")

    def sample(self, prepared: Any, problem: Problem) -> Any:
        """Runs one chain: final actions, or a `Result`. Called at least twice per sampler."""
        raise NotImplementedError("a target needs a method sample(self, prepared, problem)")


# Formulas --------------------------------------------------------------------------------------


class _Formula:
    """An energy's tree with its numbers lifted out.

    ``shape`` is a nested tuple without the numbers, so that two energies that differ in their
    numbers alone share it, and with it whatever a framework has compiled. Rewritings are exact in
    floating point: x - c is x + (-c), and x - c·y is x + (-c)·y.
    """

    def __init__(self, tree: Any) -> None:
        numbers: List[float] = []
        self.shape = _lift(_fold(tree), numbers)
        self.numbers = tuple(numbers)
        self.uses_actions = _uses_actions(self.shape)


def _is_number(tree: Any) -> bool:
    return isinstance(tree, (int, float))


def _fold(tree: Any) -> Any:
    """The tree with its constant parts computed and subtraction of constants turned around."""
    if isinstance(tree, str):
        return _number(tree) if tree in _WORDS else tree
    if _is_number(tree):
        return float(tree)
    operator, *operands = tree
    operands = [_fold(operand) for operand in operands]
    if all(_is_number(operand) for operand in operands):
        return _apply(_PLAIN, operator, operands)
    if operator == "neg" and _is_scaled(operands[0]):
        return ["*", -operands[0][1], operands[0][2]]
    if operator == "-":
        left, right = operands
        if _is_number(right):
            return ["+", left, -right]
        if _is_scaled(right):
            return ["+", left, ["*", -right[1], right[2]]]
    return [operator, *operands]


def _is_scaled(tree: Any) -> bool:
    return isinstance(tree, list) and tree[0] == "*" and _is_number(tree[1])


def _lift(tree: Any, numbers: List[float]) -> Any:
    if isinstance(tree, str):
        return tree
    if _is_number(tree):
        numbers.append(tree)
        return len(numbers) - 1
    operator, *operands = tree
    if operator == "^" and _is_number(operands[1]):
        return ("power", _lift(operands[0], numbers), _Exponent(operands[1]))
    return (operator, *(_lift(operand, numbers) for operand in operands))


class _Exponent(float):
    """A constant exponent: part of the shape, not one of its numbers."""


def _uses_actions(shape: Any) -> bool:
    if isinstance(shape, str):
        return shape.startswith("a")
    return isinstance(shape, tuple) and any(_uses_actions(part) for part in shape[1:])


def _evaluate(shape: Any, numbers: Sequence[Any], symbol: Callable[[str], Any], ops: Any) -> Any:
    """Evaluates a formula's shape with the operations of a framework."""
    if isinstance(shape, str):
        return symbol(shape)
    if isinstance(shape, int):
        return numbers[shape]
    if shape[0] == "power":
        return _power(_evaluate(shape[1], numbers, symbol, ops), float(shape[2]), ops)
    return _apply(ops, shape[0], [_evaluate(part, numbers, symbol, ops) for part in shape[1:]])


def _power(base: Any, exponent: float, ops: Any) -> Any:
    if exponent == 1:
        return base
    if exponent == 2:
        return base * base
    if exponent == 3:
        return base * base * base
    if exponent == 4:
        return (base * base) * (base * base)
    return ops.power(base, exponent)


def _apply(ops: Any, operator: str, operands: Sequence[Any]) -> Any:
    x = operands[0]
    if operator == "neg":
        return -x
    if operator == "where":
        return ops.where(*operands)
    if operator in ("min", "max"):
        pair = ops.minimum if operator == "min" else ops.maximum
        for y in operands[1:]:
            x = pair(x, y)
        return x
    if len(operands) == 1:
        return getattr(ops, operator)(x)
    y = operands[1]
    if operator == "+":
        return x + y
    if operator == "-":
        return x - y
    if operator == "*":
        return x * y
    if operator == "/":
        return ops.divide(x, y)
    if operator == "^":
        return ops.power(x, y)
    raise ValueError(f"Cannot read the energy: found the operator {operator!r}, wanted a known one")


def _guarded(function: Callable[..., float], at_pole: float = math.nan) -> Callable[..., float]:
    """A function of `math` that gives NaN or an infinity where `math` raises."""

    def guarded(*operands: float) -> float:
        try:
            return function(*operands)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return at_pole if operands[-1] == 0 else math.nan

    return guarded


def _divide(x: float, y: float) -> float:
    if y != 0:
        return x / y
    return math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


class _PlainOps:
    """Numbers in float64, by the standard library."""

    abs = staticmethod(math.fabs)
    sqrt = staticmethod(_guarded(math.sqrt))
    exp = staticmethod(_guarded(math.exp))
    log = staticmethod(_guarded(math.log, -math.inf))
    sin = staticmethod(_guarded(math.sin))
    cos = staticmethod(_guarded(math.cos))
    tanh = staticmethod(math.tanh)
    cosh = staticmethod(_guarded(math.cosh))
    power = staticmethod(_guarded(math.pow))
    divide = staticmethod(_divide)

    @staticmethod
    def sinh(x: float) -> float:
        try:
            return math.sinh(x)
        except OverflowError:
            return math.copysign(math.inf, x)

    @staticmethod
    def floor(x: float) -> float:
        return float(math.floor(x)) if math.isfinite(x) else x

    @staticmethod
    def sign(x: float) -> float:
        return x if x == 0 or x != x else math.copysign(1.0, x)

    @staticmethod
    def minimum(x: float, y: float) -> float:
        return math.nan if x != x or y != y else min(x, y)

    @staticmethod
    def maximum(x: float, y: float) -> float:
        return math.nan if x != x or y != y else max(x, y)

    @staticmethod
    def where(c: float, x: float, y: float) -> float:
        return x if c > 0 else y


_PLAIN = _PlainOps()


class _Dual:
    """A value with its derivatives by the axes that it depends on, for forward differentiation."""

    __slots__ = ("ops", "value", "slopes")
    # An array to the left of a dual leaves the operation to the dual.
    __array_ufunc__ = None

    def __init__(self, ops: Any, value: Any, slopes: Dict[int, Any]) -> None:
        self.ops, self.value, self.slopes = ops, value, slopes

    def _chain(self, value: Any, slope: Any) -> "_Dual":
        return _Dual(self.ops, value, {axis: slope * d for axis, d in self.slopes.items()})

    def _with(self, other: Any, value: Any, mine: Any, others: Any) -> "_Dual":
        slopes = {axis: mine * d for axis, d in self.slopes.items()}
        for axis, d in _slopes(other).items():
            slopes[axis] = slopes[axis] + others * d if axis in slopes else others * d
        return _Dual(self.ops, value, slopes)

    def __neg__(self) -> "_Dual":
        return self._chain(-self.value, -1.0)

    def __add__(self, other: Any) -> "_Dual":
        return self._with(other, self.value + _value(other), 1.0, 1.0)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "_Dual":
        return self._with(other, self.value - _value(other), 1.0, -1.0)

    def __rsub__(self, other: Any) -> "_Dual":
        return self._chain(other - self.value, -1.0)

    def __mul__(self, other: Any) -> "_Dual":
        return self._with(other, self.value * _value(other), _value(other), self.value)

    __rmul__ = __mul__


def _value(x: Any) -> Any:
    return x.value if isinstance(x, _Dual) else x


def _slopes(x: Any) -> Dict[int, Any]:
    return x.slopes if isinstance(x, _Dual) else {}


class _DualOps:
    """The operations on values with derivatives, over those on values (`ops`)."""

    def __init__(self, ops: Any) -> None:
        self.ops = ops

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        ops = self.ops
        slopes: Dict[str, Callable[[Any, Any], Any]] = {
            "abs": lambda x, y: ops.sign(x),
            "sqrt": lambda x, y: ops.divide(0.5, y),
            "exp": lambda x, y: y,
            "log": lambda x, y: ops.divide(1.0, x),
            "sin": lambda x, y: ops.cos(x),
            "cos": lambda x, y: -ops.sin(x),
            "tanh": lambda x, y: 1.0 - y * y,
            "cosh": lambda x, y: ops.sinh(x),
            "sinh": lambda x, y: ops.cosh(x),
            "floor": lambda x, y: 0.0,
            "sign": lambda x, y: 0.0,
        }
        slope = slopes[name]

        def call(x: Any) -> Any:
            y = getattr(ops, name)(_value(x))
            return x._chain(y, slope(x.value, y)) if isinstance(x, _Dual) else y

        return call

    def divide(self, x: Any, y: Any) -> Any:
        value = self.ops.divide(_value(x), _value(y))
        if not _slopes(y):
            return x._chain(value, self.ops.divide(1.0, _value(y))) if _slopes(x) else value
        inverse = self.ops.divide(1.0, _value(y))
        left = x if isinstance(x, _Dual) else _Dual(self.ops, x, {})
        return left._with(y, value, inverse, -value * inverse)

    def power(self, x: Any, y: Any) -> Any:
        ops, base, exponent = self.ops, _value(x), _value(y)
        value = ops.power(base, exponent)
        left = x if isinstance(x, _Dual) else _Dual(ops, x, {})
        mine = exponent * ops.power(base, exponent - 1.0) if _slopes(x) else 0.0
        return left._with(y, value, mine, value * ops.log(base) if _slopes(y) else 0.0)

    def where(self, c: Any, x: Any, y: Any) -> Any:
        ops, condition = self.ops, _value(c)
        slopes = {
            axis: ops.where(condition, _slopes(x).get(axis, 0.0), _slopes(y).get(axis, 0.0))
            for axis in {**_slopes(x), **_slopes(y)}
        }
        return _Dual(ops, ops.where(condition, _value(x), _value(y)), slopes)

    def minimum(self, x: Any, y: Any) -> Any:
        return self._extreme(self.ops.minimum, x, y, 1.0)

    def maximum(self, x: Any, y: Any) -> Any:
        return self._extreme(self.ops.maximum, x, y, -1.0)

    def _extreme(self, pair: Callable[..., Any], x: Any, y: Any, sign: float) -> Any:
        chosen = self.where(sign * (_value(y) - _value(x)), x, y)
        return _Dual(self.ops, pair(_value(x), _value(y)), chosen.slopes)


# One call under observation --------------------------------------------------------------------


class _Fault(Exception):
    """The target used what it was given in a way that cannot be observed."""


class _Evaluation:
    """One question to the network. An object, so that it stays itself in trees of arrays."""

    __slots__ = ("kind", "points", "rows")

    def __init__(self, kind: str, points: Any, rows: Optional[Sequence[int]] = None) -> None:
        self.kind, self.points = kind, points
        #: The rows that it is about; None for all.
        self.rows = rows


class _Blocks:
    """Tells which rows a question about some of them is about.

    A sampler may ask for its rows in blocks: step by step, each block once or more a step, or block
    by block, each along its whole chain. At first the points tell the rows; later, when they have
    moved, their turn does.
    """

    def __init__(self, initial: Rows) -> None:
        #: Where each row was asked for last, at first its initial actions.
        self.points: Rows = [list(row) for row in initial]
        #: The blocks, in the order in which they came up first.
        self.blocks: List[Sequence[int]] = []
        #: The block that was asked for last, and how often since another one was.
        self.last, self.times = -1, 0
        #: How often a block is asked for at one place.
        self.most = 1
        #: Whether a block moved on before all blocks had come up.
        self.by_block = False

    def rows_of(self, points: Rows) -> Optional[Sequence[int]]:
        """The rows of some points; None if that cannot be told."""
        block = self._block(points)
        if block is None or len(self.blocks[block]) != len(points):
            return None
        self.times = self.times + 1 if block == self.last else 1
        self.last = block
        self.saw(self.blocks[block], points)
        return self.blocks[block]

    def saw(self, rows: Sequence[int], points: Rows) -> None:
        for row, point in zip(rows, points):
            self.points[row] = list(point)

    def _block(self, points: Rows) -> Optional[int]:
        stays = self.last >= 0 and self._stand(self.blocks[self.last], points)
        taken = {row for rows in self.blocks for row in rows}
        if len(taken) < len(self.points):
            free = [row for row in range(len(self.points)) if row not in taken]
            if self._new(free, points):
                return len(self.blocks) - 1 if self._in_order() else None
            self.by_block = self.by_block or not stays
            self.most = max(self.most, self.times + 1)
            return self.last if self.blocks else None
        if self.by_block or (stays and self.times < self.most):
            return self.last
        return (self.last + 1) % len(self.blocks)

    def _stand(self, rows: Sequence[int], points: Rows) -> bool:
        return len(rows) == len(points) and all(
            _same(self.points[row], point) for row, point in zip(rows, points)
        )

    def _new(self, free: Sequence[int], points: Rows) -> bool:
        """Finds a new block among rows that belong to none."""
        count = len(points)
        # Regular ones alone: whoever shuffles his rows shuffles them anew when they have moved.
        for rows in [free[:count], free[len(free) - count :], *_strides(free, count)]:
            if self._stand(rows, points):
                self.blocks.append(rows)
                return True
        return False

    def _in_order(self) -> bool:
        firsts = [rows[0] for rows in self.blocks]
        return firsts in (sorted(firsts), sorted(firsts, reverse=True))


def _strides(free: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """Parts of some rows with the same distance between neighbours."""
    for start in range(len(free) if count > 0 else 0):
        for stride in range(1, len(free)):
            yield free[start::stride][:count]


def _without_repeats(chain: Rows) -> Rows:
    return [p for k, p in enumerate(chain) if k == 0 or not _same(p, chain[k - 1])]


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x == y or (x != x and y != y) for x, y in zip(a, b))


class _Session:
    """One call of a target: its problem, its noise tape, and what has been observed so far."""

    def __init__(self, wire: Dict[str, Any], steps: int, returns: str) -> None:
        self.groups, self.samples = int(wire["groups"]), int(wire["samples"])
        self.axes, self.rows = int(wire["axes"]), self.groups * self.samples
        self.steps = steps
        self.seed = int(wire["seed"])
        self.sign = 1.0 if returns == "energy" else -1.0
        self.formula = _formula(wire["energy"]["formula"], wire["energy"]["expression"])
        self.observations = [[_number(x) for x in row] for row in wire["observations"]]
        self.features = len(self.observations[0]) if self.observations else 0
        self.initial = [[_number(x) for x in row] for row in wire["initial"]]
        noise = wire["noise"]
        #: steps × rows × axes in C order; None if the target draws by itself.
        self.tape: Optional[List[float]] = None
        if noise["kind"] == "tape":
            self.tape = [_number(x) for draw in noise["draws"] for row in draw for x in row]
        #: Numbers that draws have taken.
        self.taken = 0
        #: The draws that took them, equal ones in a row as one.
        self.served: List[Dict[str, Any]] = []
        self.remarks: Dict[Tuple[str, str], str] = {}
        self.evaluations: List[_Evaluation] = []
        #: Set once some rows are asked for without the others.
        self.blocks: Optional[_Blocks] = None
        self.fault: Optional[_Fault] = None
        self.busy = False
        self._own = _normal_draws(self.seed)

    # Noise

    @property
    def draws(self) -> int:
        """Whole draws of rows × axes, and a last one that was begun."""
        return -(-self.taken // max(1, self.rows * self.axes))

    def take(self, shape: Shape, what: str) -> Optional[List[float]]:
        """The tape's next numbers for a draw of this shape; None if the tape is not to be used.

        Behind the end of the tape the numbers come from the problem's seed: they are known to the
        suite, too.
        """
        if self.busy:
            return None
        count = math.prod(shape)
        if self.taken + count > MOST_NUMBERS:
            self.remark(
                ("number", what),
                f"Found a draw of shape {_times(shape)} by {what}, wanted at most {MOST_NUMBERS} "
                "numbers in a call: it was not taken from the noise tape, nor were others like it",
            )
            return None
        first = self.taken
        self.taken += count
        if self.tape is None or count == 0:
            return None
        self._serve(shape, what)
        numbers = self.tape[first : self.taken]
        return numbers + self.own_draws(count - len(numbers))

    def _serve(self, shape: Shape, what: str) -> None:
        last = self.served[-1] if self.served else {}
        if last.get("shape") == list(shape) and last["what"] == what:
            last["times"] += 1
        elif len(self.served) < MOST_SERVED:
            self.served.append({"shape": list(shape), "what": what, "times": 1})

    def own_draws(self, count: int) -> List[float]:
        """Normal draws beside the tape, from the problem's seed."""
        return [next(self._own) for _ in range(count)]

    def shapes(self) -> str:
        flat = _times((self.rows, self.axes))
        return f"{flat} or {_times((self.groups, self.samples, self.axes))}"

    def remark(self, kind: Tuple[str, str], text: str) -> None:
        """The first of each kind is told, as an example of all."""
        if len(self.remarks) < 10:
            self.remarks.setdefault(kind, text)

    # Evaluations

    def log(self, kind: str, points: Any, shape: Shape) -> _Evaluation:
        """Logs points at which the network is asked; they are turned into lists afterwards."""
        if shape[-1] != self.axes or not 0 < math.prod(shape) <= self.rows * self.axes:
            self.fault = _Fault(
                f"Cannot observe the network: found actions of shape {_times(shape)}, "
                f"wanted {self.shapes()}"
            )
            raise self.fault
        evaluation = _Evaluation(kind, points)
        count = math.prod(shape[:-1])
        if count < self.rows and self.blocks is None:
            self.blocks = _Blocks(self.initial)
            for earlier in self.evaluations:
                self.blocks.saw(range(self.rows), self._rows_in(earlier))
        if self.blocks is not None:
            if count == self.rows:
                self.blocks.saw(range(self.rows), self._rows_in(evaluation))
            else:
                evaluation.rows = self._rows_told(self.blocks, count, points)
        self.evaluations.append(evaluation)
        return evaluation

    def _rows_told(self, blocks: _Blocks, count: int, points: Any) -> Sequence[int]:
        rows = blocks.rows_of(_nested(_listed(points), (count, self.axes)))
        if rows is None:
            self.fault = _Fault(
                f"Cannot observe the network: found actions of {count} of {self.rows} rows and "
                f"cannot tell of which, wanted {self.shapes()}, or blocks of rows whose order is "
                "the same in all steps, first asked for at their initial actions"
            )
            raise self.fault
        return rows

    def _rows_in(self, evaluation: _Evaluation) -> Rows:
        count = self.rows if evaluation.rows is None else len(evaluation.rows)
        return _nested(_listed(evaluation.points), (count, self.axes))

    def questions(self) -> List[Tuple[str, Rows]]:
        """All that was asked, each question about all rows: kind, rows × axes."""
        if self.blocks is None:
            return [(asked.kind, self._rows_in(asked)) for asked in self.evaluations]
        # What was asked in blocks is a question once all rows have had their turn.
        chains: List[Rows] = [[] for _ in range(self.rows)]
        for asked in self.evaluations:
            if asked.kind == "gradient":
                rows = range(self.rows) if asked.rows is None else asked.rows
                for row, point in zip(rows, self._rows_in(asked)):
                    chains[row].append(point)
        if len(set(map(len, chains))) > 1:
            chains = [_without_repeats(chain) for chain in chains]
        counts = [len(chain) for chain in chains]
        if min(counts) != max(counts):
            raise _Fault(
                f"Cannot observe the network: found gradients at {min(counts)} points of row "
                f"{counts.index(min(counts))} and at {max(counts)} of row "
                f"{counts.index(max(counts))}, wanted as many of each row"
            )
        return [("gradient", list(points)) for points in zip(*chains)]

    def log_bytes(self, kind: str, points: Any) -> None:
        """Logs a numpy array; a gradient takes the place of the outputs asked at its points."""
        if kind == "gradient":
            for index in range(len(self.evaluations) - 1, -1, -1):
                earlier = self.evaluations[index]
                if earlier.kind == "outputs" and earlier.points.tobytes() == points.tobytes():
                    del self.evaluations[index]
                    break
        self.log(kind, points, points.shape)

    def has_shape(self, actions: Shape) -> int:
        """The number of rows in an array of actions, or the fault that it has no rows."""
        if not actions or actions[-1] != self.axes:
            self.fault = _Fault(
                f"Cannot observe the network: found actions of shape {_times(actions)}, "
                f"wanted {self.shapes()}"
            )
            raise self.fault
        return math.prod(actions[:-1])

    def repeats(self, observed: int, rows: int) -> int:
        """How often each of the given observations is repeated."""
        some = 0 < rows < self.rows
        allowed = observed <= rows if some else observed in (rows, self.groups, 1)
        if observed == 0 or rows % observed != 0 or not allowed:
            wanted = f"{self.groups} (one per group) or {self.rows} (one per row)"
            self._refuse(observed, rows, "theirs" if some else wanted)
        return rows // observed

    def observed_by(self, rows: Optional[Sequence[int]], asked: int) -> Rows:
        """The observations of the problem for a question that came without any.

        `rows`: what the question is about, where it is known; `asked`: how many rows.
        """
        if rows is not None:
            return [self.observations[row // self.samples] for row in rows]
        if asked != self.rows and self.groups > 1:
            self._refuse(0, asked, "network(observations, actions) with those of the rows")
        return self.observations

    def _refuse(self, observed: int, rows: int, wanted: str) -> None:
        self.fault = _Fault(
            f"Cannot observe the network: found {observed} observations for {rows} rows, "
            f"wanted {wanted}"
        )
        raise self.fault


_session: Optional[_Session] = None


def _uniform(seed: int) -> Iterator[float]:
    """Uniform numbers in [0, 1): the suite's own generator (sfc32), so that it knows them, too."""
    word = 0xFFFFFFFF
    a, b, c, counter = seed & word, int(seed / 2**32) & word, 0x9E3779B9, 1

    def step() -> int:
        nonlocal a, b, c, counter
        t = (a + b + counter) & word
        counter = (counter + 1) & word
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & word
        c = ((((c << 21) & word) | (c >> 11)) + t) & word
        return t

    for _ in range(15):
        step()
    while True:
        yield (step() * 2**21 + (step() >> 11)) * 2.0**-53


def _normal_draws(seed: int) -> Iterator[float]:
    """Standard normal draws in float32, by Marsaglia's polar method: those of the suite."""
    uniform = _uniform(seed)
    while True:
        x, y = 2 * next(uniform) - 1, 2 * next(uniform) - 1
        s = x * x + y * y
        if 0 < s < 1:
            factor = math.sqrt(-2 * math.log(s) / s)
            yield _float32(x * factor)
            yield _float32(y * factor)


def _float32(x: float) -> float:
    return struct.unpack("<f", struct.pack("<f", x))[0]


def _times(shape: Sequence[int]) -> str:
    return "×".join(str(size) for size in shape) or "()"


_formulas: Dict[str, _Formula] = {}


def _formula(text: str, tree: Any) -> _Formula:
    if text not in _formulas:
        if len(_formulas) >= 1024:
            _formulas.clear()
        _formulas[text] = _Formula(tree)
    return _formulas[text]


def _arguments(args: Tuple[Any, ...], named: Dict[str, Any]) -> Tuple[Any, Any]:
    """(observations or None, actions) of network(actions) or network(observations, actions)."""
    if len(args) == 2:
        return args
    if len(args) == 1 and "observations" in named:
        return named["observations"], args[0]
    if len(args) == 1 and "actions" in named:
        return args[0], named["actions"]
    if len(args) == 1:
        return None, args[0]
    return named.get("observations"), named["actions"]


# Frameworks ------------------------------------------------------------------------------------


class _Framework:
    """What the adapter needs to know about a framework. This one is that of plain lists."""

    def array(self, values: Any, shape: Shape) -> Any:
        """Numbers, nested or not, as an array in float32."""
        return _nested(values, shape)

    def lists(self, array: Any) -> Any:
        """An array of the framework as nested lists."""
        if hasattr(array, "tolist"):
            return array.tolist()
        return [self.lists(x) for x in array] if isinstance(array, (list, tuple)) else float(array)

    def regroup(self, x: Any, groups: int, samples: int) -> Any:
        if isinstance(x, list):
            return [x[g * samples : (g + 1) * samples] for g in range(groups)]
        return x.reshape((groups, samples) + tuple(x.shape[1:]))

    def flatten(self, x: Any, rows: int) -> Any:
        if isinstance(x, list):
            return [row for group in x for row in group]
        return x.reshape((rows,) + tuple(x.shape[2:]))

    def network(self, session: _Session) -> Callable[..., Any]:
        return self._rowwise(session, "outputs")

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return self._rowwise(session, "gradient")

    def _rowwise(self, session: _Session, kind: str) -> Callable[..., Any]:
        formula, sign = session.formula, session.sign

        def ask(*args: Any, **named: Any) -> Any:
            observations, actions = _arguments(args, named)
            shape = _shape(actions)
            points = _nested(actions, (session.has_shape(shape), session.axes))
            asked = session.log(kind, points, shape)
            observed = observations
            if observations is None:
                observed = session.observed_by(asked.rows, len(points))
            elif len(_shape(observations)) == 1:
                observed = [observations]
            times = session.repeats(len(observed), len(points))
            answers: List[Any] = []
            for row, point in enumerate(points):
                values = _symbols(point, list(observed[row // times]))
                if kind == "outputs":
                    energy = _evaluate(formula.shape, formula.numbers, values, _PLAIN)
                    answers.append(sign * energy)
                    continue
                dual = _evaluate(
                    formula.shape, formula.numbers, _seeded(values, point, _PLAIN), _DualOps(_PLAIN)
                )
                answers.append([sign * _slopes(dual).get(i, 0.0) for i in range(session.axes)])
            return _nested(answers, shape if kind == "gradient" else shape[:-1])

        return ask

    def open(self, session: _Session) -> None:
        """Before a call: sets the seed."""
        random.seed(session.seed)

    def close(self) -> None:
        """After a call: waits for what is still under way."""


def _symbols(action: Sequence[Any], observation: Sequence[Any]) -> Callable[[str], Any]:
    def symbol(name: str) -> Any:
        return (action if name[0] == "a" else observation)[int(name[1:]) - 1]

    return symbol


def _seeded(values: Callable[[str], Any], action: Sequence[Any], ops: Any) -> Callable[[str], Any]:
    """The same symbols, the actions with their own derivatives."""

    def symbol(name: str) -> Any:
        if name[0] != "a":
            return values(name)
        axis = int(name[1:]) - 1
        return _Dual(ops, action[axis], {axis: 1.0})

    return symbol


def _shape(nested: Any) -> Shape:
    if hasattr(nested, "shape"):
        return tuple(int(size) for size in nested.shape)
    sizes: List[int] = []
    while isinstance(nested, (list, tuple)):
        sizes.append(len(nested))
        nested = nested[0] if nested else 0.0
    return tuple(sizes)


def _listed(points: Any) -> Any:
    """Points that were copied when they were asked for, as lists."""
    return points.tolist() if hasattr(points, "tolist") else points


def _nested(values: Any, shape: Shape) -> Any:
    """Numbers, nested or not, as nested lists of a shape."""
    flat: List[float] = []

    def collect(value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for part in value:
                collect(part)
        else:
            flat.append(value)

    collect(values)
    numbers = iter(flat)

    def build(sizes: Shape) -> Any:
        return [build(sizes[1:]) for _ in range(sizes[0])] if sizes else next(numbers)

    return build(tuple(shape))


class _Columns:
    """Shared by the frameworks: from actions and observations to one output per row."""

    def columns(self, table: Any) -> Callable[[int], Any]:
        """The columns of a table."""
        return lambda column: table[:, column]

    def energies(
        self, numbers: Sequence[Any], points: Any, observed: Any, formula: _Formula, ops: Any
    ) -> Any:
        """points: rows × axes; observed: rows × features."""
        columns = {"a": self.columns(points), "o": self.columns(observed)}

        def symbol(name: str) -> Any:
            return columns[name[0]](int(name[1:]) - 1)

        energy = _evaluate(formula.shape, numbers, symbol, ops)
        # The action takes part formally, or its gradient would be missing.
        return energy if formula.uses_actions else energy + 0.0 * points[:, 0]


class _NumPy(_Framework):
    """NumPy: gradients by forward differentiation of the formula."""

    def __init__(self) -> None:
        import numpy

        self.np = numpy

        class Ops:
            abs, sqrt, exp, log = numpy.abs, numpy.sqrt, numpy.exp, numpy.log
            sin, cos, tanh = numpy.sin, numpy.cos, numpy.tanh
            cosh, sinh, floor, sign = numpy.cosh, numpy.sinh, numpy.floor, numpy.sign
            minimum, maximum = numpy.minimum, numpy.maximum
            power, divide = numpy.power, numpy.divide

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return numpy.where(c > 0, x, y)

        self.ops = Ops
        self.dual_ops = _DualOps(Ops)

    def array(self, values: Any, shape: Shape) -> Any:
        return self.np.array(values, dtype=self.np.float32).reshape(shape)

    def _rowwise(self, session: _Session, kind: str) -> Callable[..., Any]:
        np, formula = self.np, session.formula

        def ask(*args: Any, **named: Any) -> Any:
            observations, actions = _arguments(args, named)
            actions = np.asarray(actions)
            shape = actions.shape
            rows = session.has_shape(shape)
            points = actions.reshape(rows, session.axes)
            asked = session.log(kind, points.copy(), shape)
            given = observations
            if observations is None:
                given = session.observed_by(asked.rows, rows)
            observed = (
                np.asarray(given, dtype=points.dtype).reshape(-1, session.features)
                if (session.features)
                else np.zeros((rows, 0), points.dtype)
            )
            observed = np.repeat(observed, session.repeats(len(observed), rows), axis=0)
            columns = list(points.T)
            values = _symbols(columns, list(observed.T))
            with np.errstate(all="ignore"):
                if kind == "outputs":
                    energy = _evaluate(formula.shape, formula.numbers, values, self.ops)
                    outputs = np.zeros(rows, points.dtype) + session.sign * energy
                    return outputs.reshape(shape[:-1])
                seeded = _seeded(values, columns, self.ops)
                dual = _evaluate(formula.shape, formula.numbers, seeded, self.dual_ops)
                slopes = [
                    np.zeros(rows, points.dtype) + session.sign * _slopes(dual).get(i, 0.0)
                    for i in range(session.axes)
                ]
                return np.stack(slopes, axis=-1).reshape(shape)

        return ask

    def open(self, session: _Session) -> None:
        random.seed(session.seed)
        self.np.random.seed(session.seed % 2**32)


class _Torch(_Framework, _Columns):
    """PyTorch (2.0 or newer): gradients by autograd, also under `torch.func`."""

    def __init__(self) -> None:
        import torch

        self.torch = torch

        def both(pair: Callable[..., Any]) -> Callable[..., Any]:
            def call(x: Any, y: Any) -> Any:
                like = x if isinstance(x, torch.Tensor) else y
                return pair(*(torch.as_tensor(z, dtype=like.dtype) for z in (x, y)))

            return call

        class Ops:
            abs, sqrt, exp, log = torch.abs, torch.sqrt, torch.exp, torch.log
            sin, cos, tanh = torch.sin, torch.cos, torch.tanh
            cosh, sinh, floor, sign = torch.cosh, torch.sinh, torch.floor, torch.sign
            minimum, maximum = staticmethod(both(torch.minimum)), staticmethod(both(torch.maximum))
            power = torch.pow

            @staticmethod
            def divide(x: Any, y: Any) -> Any:
                return x / y

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return torch.where(c > 0, x, y)

        class Watch(torch.autograd.Function):
            """The identity; logs the point when a gradient flows back."""

            @staticmethod
            def forward(points: Any, evaluation: _Evaluation) -> Any:
                return points.view_as(points)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.evaluation = inputs[1]

            @staticmethod
            def backward(ctx: Any, gradient: Any) -> Any:
                evaluation = ctx.evaluation
                if evaluation.kind == "outputs":
                    evaluation.kind = "gradient"
                elif _session is not None:
                    again = _Evaluation("gradient", evaluation.points, evaluation.rows)
                    _session.evaluations.append(again)
                return gradient, None

            @staticmethod
            def vmap(info: Any, in_dims: Any, points: Any, evaluation: _Evaluation) -> Any:
                return Watch.apply(points, evaluation), in_dims[0]

        self.ops, self.watch = Ops, Watch

    def columns(self, table: Any) -> Callable[[int], Any]:
        # All at once: the gradient of a single column is a table of zeros for each of them.
        return table.unbind(1).__getitem__

    def array(self, values: Any, shape: Shape) -> Any:
        return self.torch.tensor(values, dtype=self.torch.float32).reshape(shape)

    def lists(self, array: Any) -> Any:
        if isinstance(array, self.torch.Tensor):
            return array.detach().cpu().tolist()
        return super().lists(array)

    def _values(self, tensor: Any) -> Any:
        """A copy of a tensor's values, without the wrappers of `torch.func`; batches come first."""
        functorch = self.torch._C._functorch
        while functorch.is_functorch_wrapped_tensor(tensor):
            batch = functorch.maybe_get_bdim(tensor) if functorch.is_batchedtensor(tensor) else -1
            tensor = functorch.get_unwrapped(tensor)
            if batch > 0:
                tensor = tensor.movedim(batch, 0)
        return tensor.detach().clone()

    def network(self, session: _Session) -> Callable[..., Any]:
        torch, formula = self.torch, session.formula

        def network(*args: Any, **named: Any) -> Any:
            observations, actions = _arguments(args, named)
            shape = tuple(actions.shape)
            rows = session.has_shape(shape)
            values = self._values(actions)
            evaluation = session.log("outputs", values, tuple(values.shape))
            points = self.watch.apply(actions, evaluation).reshape(rows, session.axes)
            if observations is None:
                given = session.observed_by(evaluation.rows, rows)
                observations = torch.tensor(given, dtype=points.dtype)
            observed = points.new_zeros((rows, 0))
            if session.features:
                observed = observations.reshape(-1, session.features)
                times = session.repeats(len(observed), rows)
                observed = observed.repeat_interleave(times, dim=0) if times > 1 else observed
            energy = self.energies(formula.numbers, points, observed, formula, self.ops)
            return (energy if session.sign > 0 else -energy).reshape(shape[:-1])

        return network

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("torch.autograd.grad(network(observations, actions).sum(), actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        self.torch.manual_seed(session.seed)


class _Jax(_Framework, _Columns):
    """JAX: reverse differentiation; points are logged, and noise drawn, when compiled code runs."""

    def __init__(self) -> None:
        import jax
        import numpy
        from jax.custom_batching import custom_vmap
        from jax.experimental import io_callback

        self.jax, self.np = jax, numpy
        # A callback that waits for its own thread would never end.
        with contextlib.suppress(Exception):
            jax.config.update("jax_cpu_enable_async_dispatch", False)
        jnp = jax.numpy

        class Ops:
            abs, sqrt, exp, log = jnp.abs, jnp.sqrt, jnp.exp, jnp.log
            sin, cos, tanh = jnp.sin, jnp.cos, jnp.tanh
            cosh, sinh, floor, sign = jnp.cosh, jnp.sinh, jnp.floor, jnp.sign
            minimum, maximum, power, divide = jnp.minimum, jnp.maximum, jnp.power, jnp.divide

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return jnp.where(c > 0, x, y)

        def logger(kind: str) -> Callable[[Any], None]:
            """Logs at run time. Under `vmap` the whole batch is logged at once, batches first."""

            def at_run_time(points: Any) -> None:
                if _session is not None:
                    _session.log(kind, numpy.array(points), points.shape)

            @custom_vmap
            def log(points: Any) -> Any:
                io_callback(at_run_time, None, points, ordered=True)
                return jnp.zeros(())

            @log.def_vmap
            def log_batch(size: int, batched: Any, points: Any) -> Any:
                return log(points), False

            return log

        log_outputs, log_gradient = logger("outputs"), logger("gradient")

        @jax.custom_vjp
        def watch(points: Any) -> Any:
            log_outputs(points)
            return points

        def forward(points: Any) -> Any:
            return points, points

        def backward(points: Any, gradient: Any) -> Any:
            log_gradient(points)
            return (gradient,)

        watch.defvjp(forward, backward)
        framework = self

        class Network:
            """A tree of JAX: its numbers are leaves, so compiled code serves many energies."""

            def __init__(self, numbers: Any, observations: Any, fixed: Any) -> None:
                self.numbers, self.observations, self.fixed = numbers, observations, fixed

            def __call__(self, *args: Any, **named: Any) -> Any:
                session: _Session = self.fixed.session
                observations, actions = _arguments(args, named)
                actions = jnp.asarray(actions)
                rows = session.has_shape(actions.shape)
                points = watch(actions).reshape(rows, session.axes)
                observed = jnp.zeros((rows, 0))
                if session.features:
                    given = observations
                    if observations is None:
                        session.observed_by(None, rows)
                        given = self.observations
                    observed = jnp.asarray(given).reshape(-1, session.features)
                    observed = jnp.repeat(observed, session.repeats(len(observed), rows), axis=0)
                formula = session.formula
                energy = framework.energies(self.numbers, points, observed, formula, Ops)
                energy = energy if session.sign > 0 else -energy
                return energy.reshape(actions.shape[:-1])

        class Fixed:
            """What code is compiled for: the shape of the formula and of the problem."""

            def __init__(self, session: _Session) -> None:
                self.session = session
                self.key = (
                    session.formula.shape,
                    session.groups,
                    session.samples,
                    session.axes,
                    session.features,
                    session.sign,
                )

            def __eq__(self, other: Any) -> bool:
                return isinstance(other, Fixed) and self.key == other.key

            def __hash__(self) -> int:
                return hash(self.key)

        jax.tree_util.register_pytree_node(
            Network,
            lambda network: ((network.numbers, network.observations), network.fixed),
            lambda fixed, leaves: Network(leaves[0], leaves[1], fixed),
        )
        self.network_of = lambda session: Network(
            session.formula.numbers,
            self.array(session.observations, (session.groups, session.features)),
            Fixed(session),
        )
        self.taped: Optional[bool] = None

    def array(self, values: Any, shape: Shape) -> Any:
        return self.jax.numpy.asarray(self.np.array(values, dtype=self.np.float32).reshape(shape))

    def lists(self, array: Any) -> Any:
        if isinstance(array, self.jax.Array):
            return self.np.asarray(array).tolist()
        return super().lists(array)

    def network(self, session: _Session) -> Callable[..., Any]:
        return self.network_of(session)

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("jax.grad(lambda a: network(observations, a).sum())(actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        # What was traced with the tape draws from it for ever, and the other way round.
        taped = session.tape is not None
        if self.taped != taped and (self.taped is not None or _jax_traced_outside):
            self.jax.clear_caches()
        _jax_traced_outside.clear()
        self.taped = taped

    def close(self) -> None:
        self.jax.effects_barrier()


class _TensorFlow(_Framework, _Columns):
    """TensorFlow: gradients by tapes; logging, numbers and noise at run time in `tf.function`."""

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        import numpy
        import tensorflow as tf

        self.tf, self.np = tf, numpy
        math_ = tf.math

        class Ops:
            abs, sqrt, exp, log = tf.abs, math_.sqrt, math_.exp, math_.log
            sin, cos, tanh = math_.sin, math_.cos, math_.tanh
            cosh, sinh, floor, sign = math_.cosh, math_.sinh, math_.floor, math_.sign
            minimum, maximum, power = math_.minimum, math_.maximum, math_.pow

            @staticmethod
            def divide(x: Any, y: Any) -> Any:
                return x / y

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return tf.where(c > 0, x, y)

        self.ops = Ops
        self.networks: Dict[Any, Callable[..., Any]] = {}

        def log(kind: str, points: Any) -> None:
            def at_run_time(values: Any) -> Any:
                if _session is not None:
                    _session.log_bytes(kind, numpy.array(values))
                return numpy.bool_(True)

            if tf.executing_eagerly():
                at_run_time(points.numpy())
            else:
                tf.numpy_function(at_run_time, [points], tf.bool)

        @tf.custom_gradient
        def watch(points: Any) -> Any:
            log("outputs", points)

            def backward(gradient: Any) -> Any:
                log("gradient", points)
                return gradient

            return tf.identity(points), backward

        self.watch = watch

    def array(self, values: Any, shape: Shape) -> Any:
        return self.tf.reshape(self.tf.constant(values, dtype=self.tf.float32), shape)

    def lists(self, array: Any) -> Any:
        return array.numpy().tolist() if hasattr(array, "numpy") else super().lists(array)

    def regroup(self, x: Any, groups: int, samples: int) -> Any:
        return self.tf.reshape(x, (groups, samples) + tuple(x.shape[1:]))

    def flatten(self, x: Any, rows: int) -> Any:
        return self.tf.reshape(x, (rows,) + tuple(x.shape[2:]))

    def network(self, session: _Session) -> Callable[..., Any]:
        """The same object for problems of one shape: what `tf.function` has traced is kept.

        In a graph the numbers of the formula, and the observations where none are given, are read
        when the graph runs.
        """
        key = (
            session.formula.shape,
            session.groups,
            session.samples,
            session.axes,
            session.features,
            session.sign,
        )
        if key not in self.networks:
            self.networks[key] = self._network(session)
        return self.networks[key]

    def _network(self, first: _Session) -> Callable[..., Any]:
        tf, np = self.tf, self.np

        def current() -> _Session:
            return _session if _session is not None else first

        def read(values: Callable[[], Any], shape: Shape) -> Any:
            if tf.executing_eagerly():
                return tf.constant(values(), tf.float32, shape)
            at_run_time = tf.numpy_function(
                lambda: np.array(values(), np.float32).reshape(shape), [], tf.float32
            )
            return tf.ensure_shape(at_run_time, shape)

        @tf.autograph.experimental.do_not_convert
        def network(*args: Any, **named: Any) -> Any:
            observations, actions = _arguments(args, named)
            actions = tf.convert_to_tensor(actions)
            known = actions.shape
            if known.rank is not None and known[-1] not in (None, first.axes):
                current().has_shape(tuple(known))
            points = tf.reshape(self.watch(actions), (-1, first.axes))
            if known.is_fully_defined():
                rows, outputs_shape = math.prod(known[:-1]), list(known[:-1])
            else:
                rows, outputs_shape = first.rows, tf.shape(actions)[:-1]
            observed = tf.zeros((rows, 0))
            if first.features:
                if observations is None:
                    first.observed_by(None, rows)
                    observations = read(
                        lambda: current().observations, (first.groups, first.features)
                    )
                observed = tf.reshape(observations, (-1, first.features))
                count = observed.shape[0] if observed.shape[0] is not None else rows
                observed = tf.repeat(observed, first.repeats(count, rows), axis=0)
            numbers: Any = current().formula.numbers
            if not tf.executing_eagerly() and numbers:
                numbers = read(lambda: current().formula.numbers, (len(numbers),))
            energy = self.energies(numbers, points, observed, first.formula, self.ops)
            return tf.reshape(energy if first.sign > 0 else -energy, outputs_shape)

        return network

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("tape.gradient(network(observations, actions), actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        self.tf.random.set_seed(session.seed)


def _no_gradient(instead: str) -> Callable[..., Any]:
    def gradient(*args: Any, **named: Any) -> Any:
        raise _Fault(
            "Cannot give problem.gradient: found a framework with automatic differentiation, "
            f"wanted {instead}"
        )

    return gradient


_FRAMEWORKS: Dict[str, Callable[[], _Framework]] = {
    "torch": _Torch,
    "jax": _Jax,
    "tensorflow": _TensorFlow,
    "numpy": _NumPy,
    "python": _Framework,
}


# Normal draws from the tape --------------------------------------------------------------------

# Originals by identity → what takes their place.
_replaced: Dict[int, Tuple[Any, Any]] = {}
# Non-empty once `jax.random.normal` has been traced outside of a call.
_jax_traced_outside: List[bool] = []


def _replace(owner: Any, name: str, wrap: Callable[[Any], Any], what: str) -> None:
    original = getattr(owner, name, None)
    if original is None:
        return
    replacement = wrap(original)
    with contextlib.suppress(AttributeError, TypeError):
        replacement.__name__, replacement.__doc__ = name, original.__doc__
        replacement.__qualname__ = what
    setattr(owner, name, replacement)
    _replaced[id(original)] = (original, replacement)


@contextlib.contextmanager
def _passing() -> Iterator[None]:
    """While an original runs, what it calls itself is not counted again."""
    session = _session
    before = session.busy if session else False
    if session:
        session.busy = True
    try:
        yield
    finally:
        if session:
            session.busy = before


def _draw(shape: Shape, what: str) -> Optional[List[float]]:
    return _session.take(tuple(shape), what) if _session is not None else None


def _untaken(kind: str, what: str) -> None:
    """Remarks a draw that is left to the framework."""
    if _session is not None and _session.tape is not None and not _session.busy:
        _session.remark(
            ("kind", what),
            f"Found a draw of {kind} by {what}: it was not taken from the noise tape, "
            "nor were others like it",
        )


# Each replacement calls the original first: shape, dtype, device and errors are the framework's.


def _replace_in_torch(torch: Any) -> None:
    functorch = torch._C._functorch

    def unwrapped(tensor: Any) -> Any:
        """The tensor below the wrappers of `torch.func`: under `vmap` that of the whole batch."""
        while functorch.is_functorch_wrapped_tensor(tensor):
            tensor = functorch.get_unwrapped(tensor)
        return tensor

    def fill(drawn: Any, what: str, mean: Any = 0.0, std: Any = 1.0) -> Any:
        """Puts numbers of the tape in the place of those that the original has drawn."""
        values = unwrapped(drawn)
        if not values.is_floating_point() or values.layout != torch.strided:
            _untaken(f"{values.dtype} numbers, {values.layout},", what)
            return drawn
        numbers = None if values.device.type == "meta" else _draw(values.shape, what)
        if numbers is None:
            return drawn
        with torch.no_grad():
            tape = torch.tensor(numbers, dtype=torch.float32, device="cpu")
            values.copy_(tape.reshape(values.shape))
            if isinstance(std, torch.Tensor) or std != 1:
                drawn.mul_(std)
            if isinstance(mean, torch.Tensor) or mean != 0:
                drawn.add_(mean)
        return drawn

    def standard(what: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                return fill(drawn, what)

            return call

        return wrap

    def scaled(what: str, of_tensor: int) -> Callable[[Any], Any]:
        """`of_tensor`: how many arguments come before the mean."""

        def wrap(original: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                given = dict(zip(("mean", "std"), args[of_tensor:]))
                mean = given.get("mean", options.get("mean", 0.0))
                return fill(drawn, what, mean, given.get("std", options.get("std", 1.0)))

            return call

        return wrap

    for name in ("randn", "randn_like"):
        _replace(torch, name, standard(f"torch.{name}"), f"torch.{name}")
    _replace(torch, "normal", scaled("torch.normal", 0), "torch.normal")
    _replace(torch.Tensor, "normal_", scaled("Tensor.normal_", 1), "Tensor.normal_")


def _replace_in_numpy(numpy: Any) -> None:
    def of(function: Any, what: str, scale_of: Callable[..., Any]) -> Any:
        """A function or method that draws: standard normal, or with a location and a scale."""

        def call(*args: Any, **options: Any) -> Any:
            with _passing():
                drawn = function(*args, **options)
            numbers = _draw(numpy.shape(drawn), what)
            if numbers is None:
                return drawn
            loc, scale = scale_of(*args, **options)
            values = numpy.array(numbers).reshape(numpy.shape(drawn)) * scale + loc
            if not isinstance(drawn, numpy.ndarray):
                return type(drawn)(values)
            drawn[...] = values
            return drawn

        return call

    def normal(loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        return numpy.asarray(loc), numpy.asarray(scale)

    def standard(*_: Any, **__: Any) -> Any:
        return 0.0, 1.0

    kinds = {"normal": normal, "standard_normal": standard, "randn": standard}

    def subclass(original: Any) -> Any:
        # The class is of C and cannot be changed; instances of the original remain instances.
        class Meta(type):
            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, original)

        def method(name: str) -> Any:
            def call(self: Any, *args: Any, **options: Any) -> Any:
                function = getattr(super(taped, self), name)
                what = f"numpy.random.{original.__name__}.{name}"
                return of(function, what, kinds[name])(*args, **options)

            return call

        def reduce(self: Any) -> Any:
            """A copy is of the same class."""
            _, arguments, *state = original.__reduce__(self)
            return (taped, arguments, *state)

        methods = {name: method(name) for name in kinds if hasattr(original, name)}
        taped = Meta(original.__name__, (original,), {**methods, "__reduce__": reduce})
        return taped

    generators = numpy.random
    _replace(generators, "Generator", subclass, "numpy.random.Generator")
    _replace(generators, "RandomState", subclass, "numpy.random.RandomState")

    def default_rng(original: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            generator = original(*args, **options)
            if type(generator) is generators.Generator:
                return generator
            return generators.Generator(generator.bit_generator)

        return call

    _replace(generators, "default_rng", default_rng, "numpy.random.default_rng")

    def drawing(name: str) -> Callable[[Any], Any]:
        return lambda original: of(original, f"numpy.random.{name}", kinds[name])

    for name in kinds:
        _replace(generators, name, drawing(name), f"numpy.random.{name}")


def _replace_in_jax(jax: Any) -> None:
    import numpy
    from jax.custom_batching import custom_vmap
    from jax.experimental import io_callback

    def at_run_time(shape: Shape, dtype: Any) -> Callable[..., Any]:
        def call(*_: Any) -> Any:
            draw: Any = numpy.zeros(shape)
            if _session is not None:
                draw = _session.take(shape, "jax.random.normal")
                draw = _session.own_draws(math.prod(shape)) if draw is None else draw
            return numpy.array(draw, dtype=dtype).reshape(shape)

        return call

    def normal(original: Any) -> Any:
        def from_tape(key: Any, shape: Shape, dtype: Any) -> Any:
            """Under `vmap` over keys the whole batch is one draw."""

            @custom_vmap
            def draw(key: Any) -> Any:
                result = jax.ShapeDtypeStruct(shape, dtype)
                return io_callback(at_run_time(shape, dtype), result, ordered=True)

            @draw.def_vmap
            def draw_batch(size: int, batched: Any, key: Any) -> Any:
                return from_tape(None, (size,) + shape, dtype), True

            return draw(jax.numpy.zeros(()) if key is None else key)

        def call(*args: Any, **options: Any) -> Any:
            session = _session
            if session is None:
                _jax_traced_outside.append(True)
                return original(*args, **options)
            key = args[0] if args else options.get("key")
            rest = {name: value for name, value in options.items() if name != "key"}
            try:
                drawn = jax.eval_shape(lambda key: original(key, *args[1:], **rest), key)
            except Exception:
                # Arguments that jax does not take, or takes outside of a trace alone.
                drawn = original(*args, **options)
            if session.tape is None:
                session.take(drawn.shape, "jax.random.normal")
                return original(*args, **options)
            if not jax.numpy.issubdtype(drawn.dtype, jax.numpy.floating):
                _untaken(f"{drawn.dtype} numbers", "jax.random.normal")
                return original(*args, **options)
            return from_tape(key, drawn.shape, drawn.dtype)

        return call

    _replace(jax.random, "normal", normal, "jax.random.normal")


def _replace_in_tensorflow(tf: Any) -> None:
    import inspect

    import numpy

    def fill(drawn: Any, what: str, shape: Any, mean: Any, stddev: Any) -> Any:
        """The original's draw, or one of the tape if it has numbers when the graph runs."""
        dtype = drawn.dtype
        sizes = tf.reshape(tf.cast(tf.convert_to_tensor(shape), tf.int32), (-1,))

        def take(sizes: Any) -> Any:
            numbers = _draw(tuple(int(x) for x in sizes), what)
            return numpy.array([] if numbers is None else numbers, numpy.float32)

        def scaled(numbers: Any) -> Any:
            standard = tf.reshape(tf.cast(numbers, dtype), sizes)
            return standard * tf.cast(stddev, dtype) + tf.cast(mean, dtype)

        if tf.executing_eagerly():
            numbers = take(sizes.numpy())
            return scaled(numbers) if numbers.size > 0 else drawn
        with tf.control_dependencies([drawn]):
            numbers = tf.numpy_function(take, [sizes], tf.float32)
        numbers.set_shape((None,))
        result = tf.cond(tf.size(numbers) > 0, lambda: scaled(numbers), lambda: drawn)
        return tf.ensure_shape(result, drawn.shape)

    def wrapped(what: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            signature = inspect.signature(original)

            @tf.autograph.experimental.do_not_convert
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                given = signature.bind(*args, **options)
                given.apply_defaults()
                shape, mean, stddev = (given.arguments[n] for n in ("shape", "mean", "stddev"))
                return fill(drawn, what, shape, mean, stddev)

            return call

        return wrap

    for owner, name, what in (
        (tf.random, "normal", "tf.random.normal"),
        (tf.random, "stateless_normal", "tf.random.stateless_normal"),
        (tf.random.Generator, "normal", "tf.random.Generator.normal"),
    ):
        _replace(owner, name, wrapped(what), what)


_REPLACEMENTS: Dict[str, Callable[[Any], None]] = {
    "torch": _replace_in_torch,
    "numpy": _replace_in_numpy,
    "jax": _replace_in_jax,
    "tensorflow": _replace_in_tensorflow,
}


class _AfterImport(importlib.abc.MetaPathFinder):
    """Replaces a framework's draws as soon as it has been imported, before names are bound."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in _REPLACEMENTS or fullname in self.finding:
            return None
        self.finding.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.finding.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        loader = spec.loader
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            _REPLACEMENTS[fullname](module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def __init__(self) -> None:
        self.finding: set = set()


def _install() -> None:
    for name, replace in _REPLACEMENTS.items():
        if name in sys.modules:
            replace(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport())


def _rebind() -> None:
    """Replaces what modules bound by name earlier, e.g. by `from torch import randn`."""
    for module_name, module in list(sys.modules.items()):
        if module is None or module_name.split(".")[0] in (*_REPLACEMENTS, "jaxlib", __name__):
            continue
        for name, value in list(getattr(module, "__dict__", {}).items()):
            original, replacement = _replaced.get(id(value), (None, None))
            if original is not None and value is original:
                with contextlib.suppress(Exception):
                    setattr(module, name, replacement)


_install()


# The wire --------------------------------------------------------------------------------------

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}


def _number(x: Any) -> float:
    return _WORDS[x] if isinstance(x, str) else float(x)


def _optional(x: Any) -> Optional[float]:
    return None if x is None else _number(x)


def _word(x: Any) -> Any:
    """A number as JSON carries it."""
    x = float(x)
    if x != 0 and x - x == 0:
        return x
    if x == 0:
        return "-0" if math.copysign(1.0, x) < 0 else 0
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


def _words(x: Any) -> Any:
    return [_words(part) for part in x] if isinstance(x, (list, tuple)) else _word(x)


class _Server:
    """Answers one suite."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.framework: Optional[_Framework] = None
        self.prepared: Dict[int, Tuple[Any, Dict[str, Any]]] = {}
        self.warm = False
        self.stopped = False
        # Kinds of remarks that the suite has been told.
        self.told: set = set()

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """One answer for one request; never raises for a faulty target."""
        reply: Dict[str, Any]
        try:
            reply = self._answer(request)
        except Unsupported as error:
            reply = {"type": "unsupported", "feature": error.feature, "reason": error.reason}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # A target that exits has failed, too.
            message = f"{type(error).__name__}: {error}".rstrip(": ")
            if isinstance(error, _Fault):
                message = str(error)
            reply = {"type": "failed", "message": message}
            trace = _trace(error)
            if trace is not None:
                reply["trace"] = trace
        return {"id": request.get("id"), **reply}

    def _answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        kind = request.get("type")
        if kind == "start":
            return self._start(request)
        if kind == "prepare":
            settings = Settings(request["settings"], self._framework())
            handle = len(self.prepared)
            self.prepared[handle] = (self.target.prepare(settings), request["settings"])
            return {"type": "prepared", "prepared": handle}
        if kind == "sample":
            prepared, wire = self._prepared(request["prepared"])
            results = [self._sample(prepared, wire, p) for p in request["problems"]]
            return {"type": "results", "results": results}
        if kind == "release":
            handle = request["prepared"]
            if self._prepared(handle):
                self.prepared[handle] = (None, {})
            return {"type": "released"}
        if kind == "stop":
            self.stopped = True
            return {"type": "stopped"}
        raise _Fault(
            f"Cannot answer: found a request of type {kind!r}, "
            "wanted start, prepare, sample, release or stop"
        )

    def _framework(self) -> _Framework:
        if self.framework is None:
            self.framework = _FRAMEWORKS[self.target.framework]()
        return self.framework

    def _prepared(self, handle: Any) -> Tuple[Any, Dict[str, Any]]:
        if handle not in self.prepared or not self.prepared[handle][1]:
            raise _Fault(f"Cannot sample: found the handle {handle!r}, wanted one that is prepared")
        return self.prepared[handle]

    def _start(self, request: Dict[str, Any]) -> Dict[str, Any]:
        target = self.target
        if request.get("protocol") != PROTOCOL:
            raise _Fault(
                f"Cannot start: found protocol {request.get('protocol')!r}, wanted {PROTOCOL}"
            )
        for attribute, wanted in (
            ("framework", tuple(_FRAMEWORKS)),
            ("network_returns", ("energy", "logits")),
            ("noise", ("tape", "own")),
        ):
            found = getattr(target, attribute)
            if found not in wanted:
                choice = ", ".join(repr(word) for word in wanted)
                raise _Fault(f"Cannot start: found {attribute} = {found!r}, wanted one of {choice}")
        if isinstance(target.unsupported, str):
            raise _Fault(
                f"Cannot start: found unsupported = {target.unsupported!r}, "
                "wanted a list of features"
            )
        self._framework()
        script = os.path.splitext(os.path.basename(sys.argv[0] if sys.argv else ""))[0]
        return {
            "type": "ready",
            "protocol": PROTOCOL,
            "name": target.name or script or type(target).__name__,
            "networkReturns": target.network_returns,
            "unsupported": list(target.unsupported),
            "framework": target.framework,
            "language": "python",
            "noise": target.noise,
        }

    def _sample(self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any]) -> Any:
        if not self.warm:
            self.warm = True
            self._warm_up(settings, wire)
        return self._run(prepared, settings, wire)

    def _warm_up(self, settings: Dict[str, Any], wire: Dict[str, Any]) -> None:
        """A first call can import and draw what no later one does: it has a sampler of its own."""
        with contextlib.suppress(Exception):
            prepared = self.target.prepare(Settings(settings, self._framework()))
            self._run(prepared, settings, wire)
        self.told.clear()

    def _run(self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any]) -> Any:
        global _session
        framework = self._framework()
        session = _Session(wire, int(settings["steps"]), self.target.network_returns)
        if self.target.noise == "own":
            session.tape = None
        problem = Problem(session, framework)
        framework.open(session)
        _session = session
        try:
            result = self.target.sample(prepared, problem)
            framework.close()
            if not isinstance(result, Result):
                result = Result(result)
            answer: Dict[str, Any] = {
                "final": _words(framework.lists(_given(result.final))),
                "evaluations": [
                    {"kind": kind, "points": _words(points)}
                    for kind, points in session.questions()
                ],
                "draws": session.draws,
                "served": session.served,
                "initialAfter": _words(framework.lists(problem.initial)),
            }
        except Exception as error:
            # Frameworks wrap what is raised while a graph runs.
            if session.fault is not None and error is not session.fault:
                raise session.fault from error
            raise
        finally:
            _session = None
        chain = {
            name: _words([_per_step(step, name) for step in framework.lists(values)])
            for name, values in result.chain.items()
            if values is not None
        }
        if chain:
            answer["chain"] = chain
        remarks = [text for kind, text in session.remarks.items() if kind not in self.told]
        self.told.update(session.remarks)
        if remarks:
            answer["remarks"] = remarks
        return answer


def _trace(error: BaseException) -> Optional[str]:
    """The trace of what a target raised, without the adapter's own frames; None if none is left.

    Where the adapter itself raised, not in words of its own, the place of that stays at the end.
    """
    told = part = traceback.TracebackException.from_exception(error)
    cause: Optional[BaseException] = error
    while part is not None and cause is not None:
        own = [frame.filename == __file__ for frame in part.stack]
        # A fault of the adapter's own shows all of it, and a fault in words nothing.
        if isinstance(cause, _Fault) or not all(own):
            if not isinstance(cause, _Fault):
                own[-1] = False
            part.stack[:] = [frame for frame, drop in zip(part.stack, own) if not drop]
        explicit = part.__cause__ is not None
        part = part.__cause__ if explicit else part.__context__
        cause = cause.__cause__ if explicit else cause.__context__
    return "".join(told.format()) if told.stack else None


def _given(final: Any) -> Any:
    if final is None:
        raise _Fault("Cannot read the result: found None, wanted the final actions")
    return final


def _per_step(step: Any, name: str) -> Any:
    """One step of a chain with its rows in one list, whether it was kept by group or not."""
    depth = len(_shape(step))
    wanted = 2 if name == "actions" else 1
    return [row for group in step for row in group] if depth == wanted + 1 else step


def serve(target: Target) -> None:
    """Speaks the protocol over standard input and output until the suite says stop."""
    _output.served = True
    if isinstance(target, type) and issubclass(target, Target):
        target = target()
    if not isinstance(target, Target):
        raise TypeError(f"Cannot serve {target!r}: wanted a Target, as in ulaspec.serve(Target())")
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    requests = os.fdopen(os.dup(0), "rb")
    # From here on at the latest, whatever the target prints goes to standard error.
    answers = os.fdopen(_output.take(), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    server = _Server(target)
    _rebind()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for line in requests:
            if line.strip():
                answers.write(_line(server, line))
                answers.flush()
            if server.stopped:
                break
    # Threads of a framework must not keep the process alive, nor its own exit fail.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def _line(server: _Server, line: bytes) -> bytes:
    try:
        request = json.loads(line)
    except ValueError as error:
        reply = {"id": None, "type": "failed", "message": f"Cannot read a request: {error}"}
        return json.dumps(reply).encode() + b"\n"
    answer = server.answer(request)
    text = json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    if len(text) >= LONGEST_LINE:
        message = f"Cannot answer: found a line of {len(text)} bytes, wanted at most {LONGEST_LINE}"
        reply = {"id": answer["id"], "type": "failed", "message": message}
        text = json.dumps(reply).encode()
    return text + b"\n"

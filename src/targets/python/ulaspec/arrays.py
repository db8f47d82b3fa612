"""What the adapter needs to know about a framework; plain lists."""

from __future__ import annotations

import math
import random
from typing import Any, Callable, List, Optional, Sequence

from .dual import _DualOps, _seeded, _slopes
from .formula import _Formula, _PLAIN, _evaluate, _symbols
from .nested import Shape, _nested, _shape
from .session import _Fault, _Session
from .view import _question


class _Framework:
    """What the adapter needs to know about a framework. This one is that of plain lists."""

    #: Where arrays lie, for frameworks that have devices; None: where the framework puts them.
    device: Optional[str] = None
    #: Whether arrays are in float64 where the framework can: a problem that was moved to another
    #: place keeps its digits there.
    wide = False
    #: Seconds spent compiling so far, where that is known.
    compiling = 0.0
    #: How often code was compiled so far; None where nothing is.
    compilations: Optional[int] = None
    #: Whether code is compiled for each shape even outside of functions that are compiled.
    always_compiles = False

    #: Whether what PyTorch compiled is to run as it was written.
    as_written = False

    def array(self, values: Any, shape: Shape) -> Any:
        """Numbers, nested or not, as an array in float32."""
        return _nested(values, shape)

    def lists(self, array: Any) -> Any:
        """An array of the framework as nested lists."""
        if hasattr(array, "tolist"):
            return array.tolist()
        if isinstance(array, (list, tuple)):
            return [self.lists(x) for x in array]
        try:
            return float(array)
        except (TypeError, ValueError):
            raise _Fault(
                f"Cannot read the result: found {type(array).__name__}, wanted arrays of numbers"
            ) from None

    def regroup(self, x: Any, groups: int, samples: int) -> Any:
        if isinstance(x, list):
            return [x[g * samples : (g + 1) * samples] for g in range(groups)]
        return x.reshape((groups, samples) + tuple(x.shape[1:]))

    def flatten(self, x: Any, rows: int) -> Any:
        if isinstance(x, list):
            return [row for group in x for row in group]
        return x.reshape((rows,) + tuple(x.shape[2:]))

    def shaped(self, x: Any, shape: Shape) -> Any:
        """The same numbers in another shape; -1 stands for what is left."""
        if not isinstance(x, list):
            return x.reshape(shape)
        left = math.prod(_shape(x)) // max(1, math.prod(n for n in shape if n >= 0))
        return _nested(x, tuple(left if n < 0 else n for n in shape))

    def joined(self, tables: Sequence[Any]) -> Any:
        """Tables of the same rows side by side."""
        return [[x for row in rows for x in row] for rows in zip(*tables)]

    def first_columns(self, table: Any, count: int) -> Any:
        return [row[:count] for row in table] if isinstance(table, list) else table[:, :count]

    def plus(self, x: Any, point: Sequence[float]) -> Any:
        """Each action of an array, moved."""
        if not isinstance(x, list):
            return x + self.array(point, (len(point),))
        if x and isinstance(x[0], list):
            return [self.plus(part, point) for part in x]
        return [a + b for a, b in zip(x, point)]

    def outputs(self, energy: Any, session: _Session, shape: Shape) -> Any:
        """One energy for each row → what the network returns for actions of a shape."""
        signed = energy if session.sign > 0 else -energy
        return self.shaped(signed, self.output_shape(session, shape))

    def output_shape(self, session: _Session, shape: Shape) -> Shape:
        return (*shape[:-1], 1) if session.view.columns else tuple(shape[:-1])

    def network(self, session: _Session) -> Callable[..., Any]:
        return self._rowwise(session, "outputs")

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return self._rowwise(session, "gradient")

    def _rowwise(self, session: _Session, kind: str) -> Callable[..., Any]:
        formula, sign = session.formula, session.sign

        def ask(*args: Any, **named: Any) -> Any:
            observations, actions = _question(self, session, args, named)
            shape = _shape(actions)
            points = _nested(actions, (session.has_shape(shape), session.axes))
            asked = session.log(kind, points, shape, observations)
            observed = observations
            if observations is None:
                observed = session.observed_by(asked, len(points))
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
            if kind == "outputs":
                return _nested(answers, self.output_shape(session, shape))
            return _nested(answers, (*shape[:-1], *session.view.action))

        return ask

    def open(self, session: _Session) -> None:
        """Before a call: sets the seed."""
        random.seed(session.seed)

    def close(self) -> None:
        """After a call: waits for what is still under way."""


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


#: What is said of actions in less than float32, before the name of their type.
_COARSE_ACTIONS = "actions in "


def _remark_coarse(session: _Session, coarse: str) -> None:
    """Names arithmetic that is coarser than float32, before its rounding is taken for a bug."""
    if coarse.startswith(_COARSE_ACTIONS):
        session.coarse = coarse[len(_COARSE_ACTIONS) :]
    session.remark(
        ("precision", coarse),
        f"Found {coarse}: what deviates by less than a hundredth may be its rounding, not the rule; "
        "float32 tells",
    )


def _remark_products(session: _Session, what: str) -> None:
    """Names matrix products that a real network has rounded."""
    session.remark(
        ("precision", "products"),
        f"Found matrix products in {what}: a real network is rounded so, while ulaspec's network has "
        "no matrix product and is not",
    )


def _no_attribute(name: str, kind: str) -> str:
    return (
        f"ulaspec's network has no {name!r}: found a call for it, wanted "
        f"network(observations, actions) or what every {kind} has. It stands in for yours; what "
        "else your sampler needs of a network, the target can put around it"
    )


def _no_gradient(instead: str) -> Callable[..., Any]:
    def gradient(*args: Any, **named: Any) -> Any:
        raise _Fault(
            "Cannot give problem.gradient: found a framework with automatic differentiation, "
            f"wanted {instead}"
        )

    return gradient

"""What the adapter needs to know about a framework; plain lists."""

from __future__ import annotations

import random
from typing import Any, Callable, Dict, List, Sequence, Tuple

from .dual import _DualOps, _seeded, _slopes
from .formula import _Formula, _PLAIN, _evaluate, _symbols
from .nested import Shape, _nested, _shape
from .session import _Fault, _Session


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


def _no_gradient(instead: str) -> Callable[..., Any]:
    def gradient(*args: Any, **named: Any) -> Any:
        raise _Fault(
            "Cannot give problem.gradient: found a framework with automatic differentiation, "
            f"wanted {instead}"
        )

    return gradient

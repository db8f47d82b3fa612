"""NumPy, as a framework."""

from __future__ import annotations

import random
from typing import Any, Callable, Sequence

from .arrays import _Framework, _remark_coarse
from .dual import _DualOps, _seeded, _slopes
from .formula import _Formula, _evaluate, _symbols
from .nested import Shape
from .session import _Session
from .view import _question


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
        dtype = self.np.float64 if self.wide else self.np.float32
        return self.np.array(values, dtype=dtype).reshape(shape)

    def joined(self, tables: Sequence[Any]) -> Any:
        return self.np.concatenate(tables, axis=-1)

    def _rowwise(self, session: _Session, kind: str) -> Callable[..., Any]:
        np, formula = self.np, session.formula

        def ask(*args: Any, **named: Any) -> Any:
            observations, actions = _question(self, session, args, named)
            actions = np.asarray(actions)
            shape = actions.shape
            if actions.dtype == np.float16:
                _remark_coarse(session, "actions in float16")
            rows = session.has_shape(shape)
            points = actions.reshape(rows, session.axes)
            asked = session.log(kind, points.copy(), shape, observations)
            given = observations
            if observations is None:
                given = session.observed_by(asked, rows)
            observed = (
                np.asarray(given, dtype=points.dtype).reshape(-1, session.features)
                if (session.features)
                else np.zeros((rows, 0), points.dtype)
            )
            observed = np.repeat(observed, session.repeats(len(observed), rows), axis=0)
            if kind == "outputs":
                outputs = session.sign * self.values(formula, points, observed)
                return outputs.reshape(self.output_shape(session, shape))
            gradient = session.sign * self.slopes(formula, points, observed)
            return gradient.reshape((*shape[:-1], *session.view.action))

        return ask

    def values(self, formula: _Formula, points: Any, observed: Any) -> Any:
        """The energy of each row. points: rows × axes; observed: rows × features."""
        zero = self.np.zeros(len(points), points.dtype)
        symbols = _symbols(list(points.T), list(observed.T))
        with self.np.errstate(all="ignore"):
            return zero + _evaluate(formula.shape, formula.numbers, symbols, self.ops)

    def slopes(self, formula: _Formula, points: Any, observed: Any) -> Any:
        """The gradient of the energy of each row, rows × axes."""
        zero = self.np.zeros(len(points), points.dtype)
        columns = list(points.T)
        symbols = _seeded(_symbols(columns, list(observed.T)), columns, self.ops)
        with self.np.errstate(all="ignore"):
            dual = _slopes(_evaluate(formula.shape, formula.numbers, symbols, self.dual_ops))
            return self.np.stack([zero + dual.get(i, 0.0) for i in range(len(columns))], axis=-1)

    def open(self, session: _Session) -> None:
        random.seed(session.seed)
        self.np.random.seed(session.seed % 2**32)

"""NumPy, as a framework."""

from __future__ import annotations

import random
from typing import Any, Callable, Sequence

from .arrays import _Framework
from .dual import _DualOps, _seeded, _slopes
from .formula import _evaluate, _symbols
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
                    return outputs.reshape(self.output_shape(session, shape))
                seeded = _seeded(values, columns, self.ops)
                dual = _evaluate(formula.shape, formula.numbers, seeded, self.dual_ops)
                slopes = [
                    np.zeros(rows, points.dtype) + session.sign * _slopes(dual).get(i, 0.0)
                    for i in range(session.axes)
                ]
                gradient = np.stack(slopes, axis=-1)
                return gradient.reshape((*shape[:-1], *session.view.action))

        return ask

    def open(self, session: _Session) -> None:
        random.seed(session.seed)
        self.np.random.seed(session.seed % 2**32)

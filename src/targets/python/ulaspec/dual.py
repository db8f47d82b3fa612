"""Forward differentiation, for frameworks without automatic differentiation."""

from __future__ import annotations

from typing import Any, Callable, Dict, Sequence


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


def _seeded(values: Callable[[str], Any], action: Sequence[Any], ops: Any) -> Callable[[str], Any]:
    """The same symbols, the actions with their own derivatives."""

    def symbol(name: str) -> Any:
        if name[0] != "a":
            return values(name)
        axis = int(name[1:]) - 1
        return _Dual(ops, action[axis], {axis: 1.0})

    return symbol

"""Energies as formulas: their trees, and their evaluation by the operations of a framework."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Sequence

from .floats import _WORDS, _number


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


_formulas: Dict[str, _Formula] = {}


def _formula(text: str, tree: Any) -> _Formula:
    if text not in _formulas:
        if len(_formulas) >= 1024:
            _formulas.clear()
        _formulas[text] = _Formula(tree)
    return _formulas[text]


def _symbols(action: Sequence[Any], observation: Sequence[Any]) -> Callable[[str], Any]:
    def symbol(name: str) -> Any:
        return (action if name[0] == "a" else observation)[int(name[1:]) - 1]

    return symbol

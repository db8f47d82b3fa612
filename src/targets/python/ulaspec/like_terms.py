"""Formulas in few operations: what is alike is evaluated at once.

An operation costs about the same on one number as on a hundred, so terms of a sum that are alike
but for their numbers and symbols are the columns of one tensor.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from .formula import _apply, _power


class _Numbers(NamedTuple):
    """Numbers of a formula, by their places."""

    places: Tuple[int, ...]


class _Picked(NamedTuple):
    """Columns of a table: of the actions, "a", or of the observations, "o"."""

    table: str
    columns: Tuple[int, ...]


class _Power(NamedTuple):
    base: Any
    exponent: float


class _Operation(NamedTuple):
    operator: str
    operands: Tuple[Any, ...]


class _Part(NamedTuple):
    """Terms of sums that are alike, those of one sum beside each other, with their signs."""

    terms: Any
    signs: Tuple[float, ...]


class _Sum(NamedTuple):
    """So many sums, each of terms of these parts."""

    count: int
    parts: Tuple[_Part, ...]


def _plan(shapes: Sequence[Any]) -> Any:
    """A plan for formulas that are alike; each has a column of what it gives."""
    first = shapes[0]
    if isinstance(first, int):
        return _Numbers(tuple(shapes))
    if isinstance(first, str):
        return _Picked(first[0], tuple(int(name[1:]) - 1 for name in shapes))
    if first[0] == "power":
        return _Power(_plan([shape[1] for shape in shapes]), float(first[2]))
    if first[0] in ("+", "-"):
        return _plan_of_sums(shapes)
    operands = zip(*(shape[1:] for shape in shapes))
    return _Operation(first[0], tuple(_plan(alike) for alike in operands))


def _plan_of_sums(shapes: Sequence[Any]) -> _Sum:
    sums = [list(_terms(shape, 1.0)) for shape in shapes]
    alike: Dict[str, List[int]] = {}
    for place, (term, _) in enumerate(sums[0]):
        alike.setdefault(_likeness(term), []).append(place)
    parts = []
    for places in alike.values():
        terms = [terms[place] for terms in sums for place in places]
        parts.append(_Part(_plan([term for term, _ in terms]), tuple(sign for _, sign in terms)))
    return _Sum(len(shapes), tuple(parts))


def _terms(shape: Any, sign: float) -> Any:
    """The terms of a sum with their signs, from left to right."""
    if not isinstance(shape, tuple) or shape[0] not in ("+", "-"):
        yield shape, sign
        return
    yield from _terms(shape[1], sign)
    yield from _terms(shape[2], sign if shape[0] == "+" else -sign)


def _likeness(shape: Any) -> str:
    """What formulas that are evaluated at once share: all but numbers and the places of symbols."""
    if isinstance(shape, int):
        return "#"
    if isinstance(shape, str):
        return shape[0]
    if shape[0] == "power":
        return f"({_likeness(shape[1])}^{float(shape[2])})"
    return f"{shape[0]}({','.join(_likeness(part) for part in shape[1:])})"


class _LikeTerms:
    """A formula's plan, evaluated by the operations of a framework."""

    def __init__(self, shape: Any, ops: Any) -> None:
        self.plan, self.ops = _plan([shape]), ops

    def energies(self, tables: Dict[str, Any], row: Callable[[Tuple[int, ...]], Any]) -> Any:
        """rows × 1: every formula that uses the actions has all rows.

        `tables`: rows × axes and rows × features; `row`: some of the numbers as 1 × columns.
        """
        return self._value(self.plan, tables, row)

    def _value(self, plan: Any, tables: Dict[str, Any], row: Callable[..., Any]) -> Any:
        if isinstance(plan, _Numbers):
            return row(plan.places)
        if isinstance(plan, _Picked):
            return self.ops.pick(tables[plan.table], plan.columns)
        if isinstance(plan, _Power):
            base = self._value(plan.base, tables, row)
            if plan.exponent == 2:
                return self.ops.square(base)
            return _power(base, plan.exponent, self.ops)
        if isinstance(plan, _Sum):
            total = None
            for part in plan.parts:
                values = self._value(part.terms, tables, row)
                total = self._added(total, values, part.signs, plan.count)
            return total
        operands = [self._value(operand, tables, row) for operand in plan.operands]
        return _apply(self.ops, plan.operator, operands)

    def _added(self, total: Any, values: Any, signs: Tuple[float, ...], count: int) -> Any:
        down = all(sign < 0 for sign in signs)
        if not down and any(sign < 0 for sign in signs):
            values = self.ops.signed(values, signs)
        if len(signs) > count:
            values = self.ops.sums(values, count)
        if total is None:
            return -values if down else values
        return total - values if down else total + values

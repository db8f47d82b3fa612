"""Draws that are taken from the tape: what the frameworks share."""

from __future__ import annotations

import contextlib
import math
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from .nested import Rows, Shape
from .session import _now

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
    session = _now.session
    before = session.busy if session else False
    if session:
        session.busy = True
    try:
        yield
    finally:
        if session:
            session.busy = before


def _draw(shape: Shape, what: str) -> Optional[List[float]]:
    return _now.session.take(tuple(shape), what) if _now.session is not None else None


class _Start:
    """The initial actions of a problem, for a sampler that draws them uniformly in its box."""

    def __init__(self, points: Rows, low: Sequence[float], high: Sequence[float]) -> None:
        #: For each number of the draw: the action, and the sides of its axis.
        self.places = [place for row in points for place in zip(row, low, high)]

    def numbers(self, low: Optional[Sequence[float]], high: Optional[Sequence[float]]) -> List[float]:
        """What a uniform draw from ``low`` to ``high`` is to give; None: from 0 to 1.

        Where it is drawn in the box, these are the actions themselves; otherwise the sampler is
        trusted to stretch its draw to the box.
        """
        count = len(self.places)
        lows, highs = low or [0.0] * count, high or [1.0] * count
        found = []
        for (x, lo, hi), a, b in zip(self.places, lows, highs):
            in_box = abs(a - lo) <= 1e-6 * abs(lo) and abs(b - hi) <= 1e-6 * abs(hi)
            part = (x - lo) / (hi - lo) if hi > lo else 0.5
            found.append(x if in_box else a + (b - a) * part)
        return found


def _take_start(
    shape: Shape,
    what: str,
    low: Optional[Sequence[float]] = None,
    high: Optional[Sequence[float]] = None,
) -> Optional[List[float]]:
    """The numbers of the start for a uniform draw of its size, once; None for any other draw."""
    session = _now.session
    if session is None or session.busy or math.prod(shape) != session.rows * session.axes:
        return None
    start, session.start = session.start, None
    if start is None:
        session.own_start = session.own_start or what
        return None
    return start.numbers(low, high)


def _untaken(kind: str, what: str) -> None:
    """Remarks a draw that is left to the framework."""
    if _now.session is not None and _now.session.tape is not None and not _now.session.busy:
        _now.session.remark(
            ("kind", what),
            f"Found a draw of {kind} by {what}: it was not taken from the noise tape, "
            "nor were others like it",
        )

"""Draws that are taken from the tape: what the frameworks share."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from .nested import Shape
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


def _untaken(kind: str, what: str) -> None:
    """Remarks a draw that is left to the framework."""
    if _now.session is not None and _now.session.tape is not None and not _now.session.busy:
        _now.session.remark(
            ("kind", what),
            f"Found a draw of {kind} by {what}: it was not taken from the noise tape, "
            "nor were others like it",
        )

"""Floats as JSON carries them."""

from __future__ import annotations

import math
import struct
from typing import Any, Optional

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
    if not isinstance(x, (list, tuple)):
        return _word(x)
    # Most are floats that stay what they are; NaN and infinities are no number less themselves.
    return [p if type(p) is float and p != 0 and p - p == 0 else _words(p) for p in x]


def _float32(x: float) -> float:
    return struct.unpack("<f", struct.pack("<f", x))[0]

"""Numbers in nested lists, and their shapes."""

from __future__ import annotations

from typing import Any, List, Tuple

Rows = List[List[float]]
Shape = Tuple[int, ...]


def _shape(nested: Any) -> Shape:
    if hasattr(nested, "shape"):
        return tuple(-1 if size is None else int(size) for size in nested.shape)
    sizes: List[int] = []
    while isinstance(nested, (list, tuple)):
        sizes.append(len(nested))
        nested = nested[0] if nested else 0.0
    return tuple(sizes)


def _listed(points: Any) -> Any:
    """Points that were copied when they were asked for, as lists."""
    return points.tolist() if hasattr(points, "tolist") else points


def _nested(values: Any, shape: Shape) -> Any:
    """Numbers, nested or not, as nested lists of a shape."""
    flat: List[float] = []

    def collect(value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for part in value:
                collect(part)
        else:
            flat.append(value)

    collect(values)
    numbers = iter(flat)

    def build(sizes: Shape) -> Any:
        return [build(sizes[1:]) for _ in range(sizes[0])] if sizes else next(numbers)

    return build(tuple(shape))

"""Which rows a question about some of them is about, where it comes without observations."""

from __future__ import annotations

import copy
import math
from typing import Iterator, List, Optional, Sequence

from .nested import Rows


class _Order:
    """An order in which blocks of rows may take turns, as far as the questions have come."""

    def __init__(self, initial: Rows, spacing: "_Spacing", stretch: float) -> None:
        self.initial, self.spacing = initial, spacing
        #: Questions in a turn. Infinite: no second block has begun yet. 0: a turn lasts until a
        #: question could be the first about a new block.
        self.stretch = stretch
        self.blocks: List[Sequence[int]] = []
        self.taken = 0
        #: The block of each question.
        self.told: List[int] = []

    def takes(self, points: Rows, stand: Rows) -> bool:
        """Whether the next question can be at some points. `stand`: where all rows were last seen."""
        block = self._block(points, stand)
        if block is None or len(self.blocks[block]) != len(points):
            return False
        self.told.append(block)
        return True

    def _block(self, points: Rows, stand: Rows) -> Optional[int]:
        last = self.told[-1] if self.told else None
        if self.taken == len(self.initial):
            turns = self.stretch and int(len(self.told) // self.stretch)
            return turns % len(self.blocks) if self.stretch else last
        due = self.stretch == 0 or len(self.told) % self.stretch == 0
        if due and self._begins(points, stand):
            return len(self.blocks) - 1
        return None if due and self.stretch else last

    def _begins(self, points: Rows, stand: Rows) -> bool:
        rows = self.spacing.block(len(self.initial), self.taken, len(self.blocks), len(points))
        begins = len(rows) == len(points) and any(
            all(_same(table[row], point) for row, point in zip(rows, points))
            for table in (self.initial, stand)
        )
        if begins:
            self.blocks.append(rows)
            self.taken += len(rows)
        return begins

    def with_stretch(self, stretch: int) -> "_Order":
        other = copy.copy(self)
        other.stretch, other.blocks, other.told = stretch, list(self.blocks), list(self.told)
        return other

    @property
    def rows(self) -> Sequence[int]:
        """Those of the last question."""
        return self.blocks[self.told[-1]]


class _Spacing:
    """How blocks are cut from the rows."""

    def __init__(self, every: int, backwards: bool) -> None:
        #: The distance between the rows of a block.
        self.every, self.backwards = every, backwards

    def block(self, rows: int, taken: int, place: int, size: int) -> Sequence[int]:
        if self.every == 1:
            first = rows - taken - size if self.backwards else taken
            return range(max(0, first), max(0, min(rows, first + size)))
        first = self.every - 1 - place if self.backwards else place
        return range(first, rows, self.every)[:size] if 0 <= first < self.every else ()


def _spacings(rows: int, size: int) -> Iterator[_Spacing]:
    for every in sorted({1} | ({rows // size, -(-rows // size)} if size > 1 else set())):
        yield _Spacing(every, False)
        yield _Spacing(every, True)


class _Blocks:
    """Tells which rows a question about some of them is about.

    Nothing says so, but the places of the first questions and their order. So all regular orders are
    held possible that the questions have not contradicted.
    """

    def __init__(self, initial: Rows, steps: int) -> None:
        self.initial, self.steps = initial, steps
        self.orders: List[_Order] = []
        self.questions = 0

    def rows(self, points: Rows, stand: Rows) -> Optional[Sequence[int]]:
        """The rows of the next question; None if no order explains it.

        `stand`: where the rows stood at the last question about all of them.
        """
        orders = self.orders if self.questions else list(self._possible(len(points)))
        left: List[_Order] = []
        for order in orders:
            # A second block may begin at any of the first questions.
            if order.stretch == math.inf and 0 < self.questions <= 4 * self.steps + 4:
                other = order.with_stretch(self.questions)
                if other.takes(points, stand):
                    left.append(other)
            if order.takes(points, stand):
                left.append(order)
        self.questions += 1
        if not left:
            self.orders = []
            return None
        # It is answered now, so that others are out from now on.
        rows = min(left, key=lambda order: order.stretch in (0, math.inf)).rows
        self.orders = [order for order in left if order.rows == rows]
        return rows

    def _possible(self, size: int) -> Iterator[_Order]:
        for spacing in _spacings(len(self.initial), size):
            for stretch in (math.inf, 0):
                yield _Order(self.initial, spacing, stretch)


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return a == b or all(x == y or (x != x and y != y) for x, y in zip(a, b))

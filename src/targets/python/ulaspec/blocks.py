"""Which rows of a problem a question about some of them is about."""

from __future__ import annotations

from typing import Iterator, List, Optional, Sequence

from .nested import Rows


class _Blocks:
    """Tells which rows a question about some of them is about.

    A sampler may ask for its rows in blocks: step by step, each block once or more a step, or block
    by block, each along its whole chain. At first the points tell the rows; later, when they have
    moved, their turn does.
    """

    def __init__(self, initial: Rows) -> None:
        #: Where each row was asked for last, at first its initial actions.
        self.points: Rows = [list(row) for row in initial]
        #: The blocks, in the order in which they came up first.
        self.blocks: List[Sequence[int]] = []
        #: The block that was asked for last, and how often since another one was.
        self.last, self.times = -1, 0
        #: How often a block is asked for at one place.
        self.most = 1
        #: Whether a block moved on before all blocks had come up.
        self.by_block = False

    def rows_of(self, points: Rows) -> Optional[Sequence[int]]:
        """The rows of some points; None if that cannot be told."""
        block = self._block(points)
        if block is None or len(self.blocks[block]) != len(points):
            return None
        self.times = self.times + 1 if block == self.last else 1
        self.last = block
        self.saw(self.blocks[block], points)
        return self.blocks[block]

    def saw(self, rows: Sequence[int], points: Rows) -> None:
        for row, point in zip(rows, points):
            self.points[row] = list(point)

    def _block(self, points: Rows) -> Optional[int]:
        stays = self.last >= 0 and self._stand(self.blocks[self.last], points)
        taken = {row for rows in self.blocks for row in rows}
        if len(taken) < len(self.points):
            free = [row for row in range(len(self.points)) if row not in taken]
            if self._new(free, points):
                return len(self.blocks) - 1 if self._in_order() else None
            self.by_block = self.by_block or not stays
            self.most = max(self.most, self.times + 1)
            return self.last if self.blocks else None
        if self.by_block or (stays and self.times < self.most):
            return self.last
        return (self.last + 1) % len(self.blocks)

    def _stand(self, rows: Sequence[int], points: Rows) -> bool:
        return len(rows) == len(points) and all(
            _same(self.points[row], point) for row, point in zip(rows, points)
        )

    def _new(self, free: Sequence[int], points: Rows) -> bool:
        """Finds a new block among rows that belong to none."""
        count = len(points)
        # Regular ones alone: whoever shuffles his rows shuffles them anew when they have moved.
        for rows in [free[:count], free[len(free) - count :], *_strides(free, count)]:
            if self._stand(rows, points):
                self.blocks.append(rows)
                return True
        return False

    def _in_order(self) -> bool:
        firsts = [rows[0] for rows in self.blocks]
        return firsts in (sorted(firsts), sorted(firsts, reverse=True))


def _strides(free: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    """Parts of some rows with the same distance between neighbours."""
    for start in range(len(free) if count > 0 else 0):
        for stride in range(1, len(free)):
            yield free[start::stride][:count]


def _without_repeats(chain: Rows) -> Rows:
    return [p for k, p in enumerate(chain) if k == 0 or not _same(p, chain[k - 1])]


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x == y or (x != x and y != y) for x, y in zip(a, b))

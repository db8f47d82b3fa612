"""Which rows of a problem a question about some of them is about."""

from __future__ import annotations

import copy
import math
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .nested import Rows


class _Batch:
    """What is known of the rows of a problem."""

    def __init__(self, initial: Rows, observations: Rows) -> None:
        self.initial, self.observations = initial, observations
        self.count, self.samples = len(initial), len(initial) // max(1, len(observations))
        #: Where the rows stood at the last question about all of them.
        self.stand = initial

    def starts(self, rows: Sequence[int], points: Rows) -> bool:
        """Whether some rows could be asked for first at some points."""
        return any(
            all(_same(table[row], point) for row, point in zip(rows, points))
            for table in (self.initial, self.stand)
        )

    def observe(self, rows: Sequence[int], observed: Rows) -> bool:
        """Whether observations are those of some rows, each given once or for several rows."""
        times = len(rows) // max(1, len(observed))
        return times * len(observed) == len(rows) and all(
            _same(self.observations[row // self.samples], observed[k // times])
            for k, row in enumerate(rows)
        )


class _Order:
    """An order in which blocks of rows may take turns, as far as the questions have come."""

    def __init__(self, batch: _Batch, spacing: "_Spacing", stretch: float, lenient: bool) -> None:
        self.batch, self.spacing = batch, spacing
        #: Questions in a turn. Infinite: no second block has begun yet. 0: a turn lasts until a
        #: question could be the first about a new block.
        self.stretch = stretch
        #: Whether blocks may begin anywhere, as in a sampler that moves its initial actions.
        self.lenient = lenient
        self.blocks: List[Sequence[int]] = []
        self.taken = 0
        #: The block of each question.
        self.told: List[int] = []
        #: Whether all observations were those of the rows.
        self.observed = True

    def takes(self, points: Rows, observed: Optional[Rows]) -> bool:
        """Whether the next question can be at some points."""
        block = self._block(points)
        if block is None or len(self.blocks[block]) != len(points):
            return False
        self.told.append(block)
        if observed is not None and self.observed:
            self.observed = self.batch.observe(self.blocks[block], observed)
        return True

    def _block(self, points: Rows) -> Optional[int]:
        last = self.told[-1] if self.told else None
        if self.taken == self.batch.count:
            turns = self.stretch and int(len(self.told) // self.stretch)
            return turns % len(self.blocks) if self.stretch else last
        due = self.stretch == 0 or len(self.told) % self.stretch == 0
        if due and self._begins(points):
            return len(self.blocks) - 1
        return None if due and self.stretch else last

    def _begins(self, points: Rows) -> bool:
        rows = self.spacing.block(self.batch.count, self.taken, len(self.blocks), len(points))
        if len(rows) != len(points) or not (self.lenient or self.batch.starts(rows, points)):
            return False
        self.blocks.append(rows)
        self.taken += len(rows)
        return True

    def with_stretch(self, stretch: int) -> "_Order":
        other = copy.copy(self)
        other.stretch, other.blocks, other.told = stretch, list(self.blocks), list(self.told)
        return other

    def rows(self, question: int) -> Sequence[int]:
        return self.blocks[self.told[question]]

    def evenly(self, gradients: Sequence[int]) -> bool:
        """Whether all rows have as many of some questions."""
        counts = [0] * len(self.blocks)
        for question in gradients:
            counts[self.told[question]] += 1
        return self.taken == self.batch.count and min(counts) == max(counts)


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

    @property
    def kind(self) -> Tuple[bool, bool]:
        return self.every > 1, self.backwards


def _spacings(rows: int, size: int) -> Iterator[_Spacing]:
    for every in sorted({1} | ({rows // size, -(-rows // size)} if size > 1 else set())):
        yield _Spacing(every, False)
        yield _Spacing(every, True)


class _Blocks:
    """Tells which rows a question about some of them is about.

    Nothing says so, but the places of the first questions, the observations that came with them and
    their order. So all regular orders are held possible that the questions have not contradicted;
    among those that are left, observations decide, then what earlier problems have shown.
    """

    def __init__(
        self,
        initial: Rows,
        observations: Rows = ((),),  # type: ignore[assignment]
        steps: int = 1,
        learned: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.batch, self.steps = _Batch(initial, observations), steps
        self.learned = {} if learned is None else learned
        self.orders: List[_Order] = []
        self.questions = 0

    def saw_all(self, points: Rows) -> None:
        self.batch.stand = points

    def ask(self, points: Rows, observed: Optional[Rows] = None) -> Optional[int]:
        """The number of a question about some rows; None if no order explains it."""
        orders = self.orders if self.questions else list(self._possible(len(points)))
        left: List[_Order] = []
        for order in orders:
            # A second block may begin at any of the first questions.
            if order.stretch == math.inf and 0 < self.questions <= 4 * self.steps + 4:
                other = order.with_stretch(self.questions)
                if other.takes(points, observed):
                    left.append(other)
            if order.takes(points, observed):
                left.append(order)
        self.orders = left
        self.questions += 1
        return self.questions - 1 if left else None

    def _possible(self, size: int) -> Iterator[_Order]:
        known = self.learned.get("blocks")
        for spacing in _spacings(self.batch.count, size):
            for stretch in (math.inf, 0):
                yield _Order(self.batch, spacing, stretch, False)
            if known is not None and spacing.kind == known[0]:
                yield _Order(self.batch, spacing, self._stretch(known), True)

    def _stretch(self, known: Tuple[Any, int, int]) -> int:
        _, chains, more = known
        return chains * self.steps + more

    def _likely(self, order: _Order) -> Tuple[bool, ...]:
        known = self.learned.get("blocks")
        as_known = known is not None and (
            order.spacing.kind == known[0] and order.stretch == self._stretch(known)
        )
        return not order.observed, order.lenient, not as_known, order.stretch in (0, math.inf)

    def settled(self) -> Sequence[int]:
        """The rows of the last question, told while the sampler waits: others are out from now on."""
        rows = min(self.orders, key=self._likely).rows(-1)
        self.orders = [order for order in self.orders if order.rows(-1) == rows]
        return rows

    def order(self, gradients: Sequence[int]) -> _Order:
        """The likeliest order for all questions, some of which were for gradients."""
        whole = [order for order in self.orders if order.evenly(gradients)]
        if not whole:
            return min(self.orders, key=self._likely)
        best = min(whole, key=self._likely)
        paths = {(tuple(order.blocks), tuple(order.told)) for order in whole if not order.lenient}
        if self.steps > 1 and len(paths) == 1 and 0 < best.stretch < math.inf:
            self._learn(best)
        return best

    def _learn(self, order: _Order) -> None:
        stretch = int(order.stretch)
        chains = stretch // self.steps if len(order.told) == stretch * len(order.blocks) else 0
        self.learned["blocks"] = (order.spacing.kind, chains, stretch - chains * self.steps)


def _without_repeats(chain: Rows) -> Rows:
    return [p for k, p in enumerate(chain) if k == 0 or not _same(p, chain[k - 1])]


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return a == b or all(x == y or (x != x and y != y) for x, y in zip(a, b))

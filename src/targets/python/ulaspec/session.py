"""One call of a target under observation."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .blocks import _Blocks, _without_repeats
from .floats import _float32, _number
from .formula import _formula
from .nested import Rows, Shape, _listed, _nested, _shape

PROTOCOL = 1
LONGEST_LINE = 16 * 1024 * 1024
#: Numbers of the tape that one call may take, so that a draw of gigabytes does not take hours.
MOST_NUMBERS = 2**20
#: Kinds of draws that a result tells of.
MOST_SERVED = 64


class _Fault(Exception):
    """The target used what it was given in a way that cannot be observed."""


class _Evaluation:
    """One question to the network. An object, so that it stays itself in trees of arrays."""

    __slots__ = ("kind", "points", "shape", "most", "number")

    def __init__(
        self, kind: str, points: Any, shape: Shape, most: int, number: Optional[int] = None
    ) -> None:
        self.kind, self.points, self.shape, self.most = kind, points, shape, most
        #: Its number among the questions about some of the rows; None: it is about all.
        self.number = number


def _rows_in(asked: _Evaluation) -> Rows:
    """The points of a question, of which no more than the rows of a problem count: rows × axes."""
    if hasattr(asked.points, "reshape"):
        return asked.points.reshape(*asked.shape)[: asked.most].tolist()
    return _nested(_listed(asked.points), asked.shape)[: asked.most]


class _Session:
    """One call of a target: its problem, its noise tape, and what has been observed so far."""

    def __init__(self, wire: Dict[str, Any], steps: int, returns: str, view: Any = None) -> None:
        #: How the target sees it; None: as ulaspec does.
        self.view = view
        #: What calls of the target have shown of its ways, kept from one problem to the next.
        self.learned: Dict[str, Any] = {}
        self.groups, self.samples = int(wire["groups"]), int(wire["samples"])
        self.axes, self.rows = int(wire["axes"]), self.groups * self.samples
        self.steps = steps
        self.seed = int(wire["seed"])
        self.sign = 1.0 if returns == "energy" else -1.0
        self.formula = _formula(wire["energy"]["formula"], wire["energy"]["expression"])
        self.observations = [[_number(x) for x in row] for row in wire["observations"]]
        self.features = len(self.observations[0]) if self.observations else 0
        self.initial = [[_number(x) for x in row] for row in wire["initial"]]
        #: The initial actions as ulaspec has them.
        self.asked: Rows = self.initial
        #: The initial actions as the target is given them.
        self.given: Rows = self.initial
        if view is not None and view.middle is not None:
            self.given = [view.moved(row) for row in self.initial]
            self.initial = [view.moved_back(row) for row in self.given]
        #: Its own uniform start, if the target is to draw it: None once it is drawn.
        self.start: Any = None
        #: The uniform draw in the shape of the actions that was left to the framework.
        self.own_start = ""
        noise = wire["noise"]
        #: steps × rows × axes in C order; None if the target draws by itself.
        self.tape: Optional[List[float]] = None
        if noise["kind"] == "tape":
            self.tape = [_number(x) for draw in noise["draws"] for row in draw for x in row]
        #: Numbers that draws have taken.
        self.taken = 0
        #: The draws that took them, equal ones in a row as one.
        self.served: List[Dict[str, Any]] = []
        self.remarks: Dict[Tuple[str, str], str] = {}
        self.evaluations: List[_Evaluation] = []
        #: Set once some rows are asked for without the others.
        self.blocks: Optional[_Blocks] = None
        self.fault: Optional[_Fault] = None
        #: The type of the actions at which the network was asked, if it is less than float32.
        self.coarse = ""
        self.busy = False
        self._own = _normal_draws(self.seed)

    def fails(self, found: str) -> _Fault:
        """A fault of the target in a call of the network, which frameworks cannot hide."""
        self.fault = _Fault(f"Cannot observe the network: found {found}")
        return self.fault

    # Noise

    @property
    def draws(self) -> int:
        """Whole draws of rows × axes, and a last one that was begun."""
        return -(-self.taken // max(1, self.rows * self.axes))

    def take(self, shape: Shape, what: str) -> Optional[List[float]]:
        """The tape's next numbers for a draw of this shape; None if the tape is not to be used.

        Behind the end of the tape the numbers come from the problem's seed: ulaspec knows them, too.
        """
        if self.busy:
            return None
        count = math.prod(shape)
        if self.taken + count > MOST_NUMBERS:
            self.remark(
                ("number", what),
                f"Found a draw of shape {_times(shape)} by {what}, wanted at most {MOST_NUMBERS} "
                "numbers in a call: it was not taken from the noise tape, nor were others like it",
            )
            return None
        first = self.taken
        self.taken += count
        if self.tape is None or count == 0:
            return None
        self._serve(shape, what)
        numbers = self.tape[first : self.taken]
        return numbers + self.own_draws(count - len(numbers))

    def _serve(self, shape: Shape, what: str) -> None:
        last = self.served[-1] if self.served else {}
        if last.get("shape") == list(shape) and last["what"] == what:
            last["times"] += 1
        elif len(self.served) < MOST_SERVED:
            self.served.append({"shape": list(shape), "what": what, "times": 1})

    def own_draws(self, count: int) -> List[float]:
        """Normal draws beside the tape, from the problem's seed."""
        return [next(self._own) for _ in range(count)]

    def shapes(self) -> str:
        flat = _times((self.rows, self.axes))
        return f"{flat} or {_times((self.groups, self.samples, self.axes))}"

    def remark(self, kind: Tuple[str, str], text: str) -> None:
        """The first of each kind is told, as an example of all."""
        if len(self.remarks) < 10:
            self.remarks.setdefault(kind, text)

    # Evaluations

    def log(self, kind: str, points: Any, shape: Shape, observed: Any = None) -> _Evaluation:
        """Logs points at which the network is asked; they are turned into lists afterwards.

        `observed`: the observations that came with them, if any did.
        """
        if shape[-1] != self.axes or math.prod(shape) <= 0:
            self.fault = _Fault(
                f"Cannot observe the network: found actions of shape {_times(shape)}, "
                f"wanted {self.shapes()}"
            )
            raise self.fault
        asked = math.prod(shape[:-1])
        # What goes beyond the rows fills a question up to a size of the sampler's own.
        count = min(asked, self.rows)
        evaluation = _Evaluation(kind, points, (asked, self.axes), most=self.rows)
        if count < self.rows and self.blocks is None and not self.learned.get("any order"):
            self.blocks = _Blocks(self.initial, self.observations, self.steps, self.learned)
            for earlier in self.evaluations[-1:]:
                self.blocks.saw_all(_rows_in(earlier))
        if self.blocks is not None:
            listed = _rows_in(evaluation)
            if count == self.rows:
                self.blocks.saw_all(listed)
            else:
                evaluation.number = self._number(self.blocks, listed, observed)
        self.evaluations.append(evaluation)
        return evaluation

    def _number(self, blocks: _Blocks, points: Rows, observed: Any) -> Optional[int]:
        seen: Optional[Rows] = None
        values = _listed(observed)
        sizes = _shape(values)
        if values is not None and self.features and sizes[-1:] == (self.features,):
            seen = _nested(values, (math.prod(sizes[:-1]), self.features))
        number = blocks.ask(points, seen)
        if number is None:
            # In no regular order: then ulaspec tells the rows, which knows where each comes next.
            self.learned["any order"], self.blocks = True, None
        return number

    def questions(self) -> List[Tuple[str, Rows]]:
        """All that was asked: kind, rows × axes; about some rows only where they can't be told here."""
        if self.blocks is None:
            return [(asked.kind, _rows_in(asked)) for asked in self.evaluations]
        # What was asked in blocks is a question once all rows have had their turn.
        asked = [asked for asked in self.evaluations if asked.kind == "gradient"]
        order = self.blocks.order([one.number for one in asked if one.number is not None])
        chains: List[Rows] = [[] for _ in range(self.rows)]
        for one in asked:
            rows = range(self.rows) if one.number is None else order.rows(one.number)
            for row, point in zip(rows, _rows_in(one)):
                chains[row].append(point)
        if len(set(map(len, chains))) > 1:
            chains = [_without_repeats(chain) for chain in chains]
        if len(set(map(len, chains))) > 1:
            return [(asked.kind, _rows_in(asked)) for asked in self.evaluations]
        return [("gradient", list(points)) for points in zip(*chains)]

    def log_bytes(self, kind: str, points: Any) -> None:
        """Logs a numpy array; a gradient takes the place of the outputs asked at its points."""
        if kind == "gradient":
            for index in range(len(self.evaluations) - 1, -1, -1):
                earlier = self.evaluations[index]
                if earlier.kind == "outputs" and earlier.points.tobytes() == points.tobytes():
                    del self.evaluations[index]
                    earlier.kind = kind
                    self.evaluations.append(earlier)
                    return
        self.log(kind, points, points.shape)

    def has_shape(self, actions: Shape) -> int:
        """The number of rows in an array of actions, or the fault that it has no rows."""
        if not actions or actions[-1] != self.axes:
            self.fault = _Fault(
                f"Cannot observe the network: found actions of shape {_times(actions)}, "
                f"wanted {self.shapes()}"
            )
            raise self.fault
        return math.prod(actions[:-1])

    def repeats(self, observed: int, rows: int) -> int:
        """How often each of the given observations is repeated."""
        some = 0 < rows < self.rows
        allowed = observed <= rows if some else observed in (rows, self.groups, 1)
        if observed == 0 or rows % observed != 0 or not allowed:
            wanted = f"{self.groups} (one per group) or {self.rows} (one per row)"
            self._refuse(observed, rows, "theirs" if some else wanted)
        return rows // observed

    def observed_by(self, question: Optional[_Evaluation], asked: int) -> Rows:
        """The observations of the problem for a question that came without any.

        `question`: the last one, where it is logged by now; `asked`: about how many rows it is.
        """
        if self.features == 0:
            return [[]]
        if self.blocks is not None and question is not None and question.number is not None:
            return [self.observations[row // self.samples] for row in self.blocks.settled()]
        if asked != self.rows and self.groups > 1:
            self._refuse(0, asked, "network(observations, actions) with those of the rows")
        return self.observations

    def _refuse(self, observed: int, rows: int, wanted: str) -> None:
        self.fault = _Fault(
            f"Cannot observe the network: found {observed} observations for {rows} rows, "
            f"wanted {wanted}"
        )
        raise self.fault


class _Now:
    """What is under way in this process."""

    #: The call under observation, if there is one.
    session: Optional[_Session] = None
    #: The real run under watch, if there is one.
    watched: Any = None
    #: The targets that were served, where they are only to be found; None otherwise.
    served: Any = None
    #: Whether a module is being imported for one of its targets: none of its scripts is to serve.
    importing = False


_now = _Now()


def _uniform(seed: int) -> Iterator[float]:
    """Uniform numbers in [0, 1): ulaspec's own generator (sfc32), so that it knows them, too."""
    word = 0xFFFFFFFF
    a, b, c, counter = seed & word, int(seed / 2**32) & word, 0x9E3779B9, 1

    def step() -> int:
        nonlocal a, b, c, counter
        t = (a + b + counter) & word
        counter = (counter + 1) & word
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & word
        c = ((((c << 21) & word) | (c >> 11)) + t) & word
        return t

    for _ in range(15):
        step()
    while True:
        yield (step() * 2**21 + (step() >> 11)) * 2.0**-53


def _normal_draws(seed: int) -> Iterator[float]:
    """Standard normal draws in float32, by Marsaglia's polar method: those of ulaspec."""
    uniform = _uniform(seed)
    while True:
        x, y = 2 * next(uniform) - 1, 2 * next(uniform) - 1
        s = x * x + y * y
        if 0 < s < 1:
            factor = math.sqrt(-2 * math.log(s) / s)
            yield _float32(x * factor)
            yield _float32(y * factor)


def _times(shape: Sequence[int]) -> str:
    return "×".join(str(size) for size in shape) or "()"

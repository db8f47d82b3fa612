"""How a target sees a problem: the shapes of its observations, actions and outputs."""

from __future__ import annotations

import copy
import math
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .nested import Shape, _shape
from .session import _Fault, _Session, _times

#: The most features that a problem has.
MOST_FEATURES = 12
_OBSERVATIONS = frozenset("observations observation obs ob o states state s context cond x".split())
_ACTIONS = frozenset("actions action acts act ac a samples sample y u".split())

ObservationShape = Union[None, Sequence[int], Mapping[str, Sequence[int]]]


class _View:
    """What a target says of shapes, for problems of one number of axes and one box."""

    def __init__(self, target: Any, low: Sequence[float], high: Sequence[float]) -> None:
        self.axes = len(low)
        #: Steps of an action that are predicted at once; None if actions have no such dimension.
        self.horizon: Optional[int] = _horizon(low, high) if target.horizon else None
        self.observed: Optional[Dict[str, Shape]] = _observed(target.observation_shape)
        self.columns = target.network_output == "columns"
        #: The box that the target sees.
        self.box = list(low), list(high)
        #: How far the target's actions are moved, if it is only to see boxes about zero.
        self.middle: Optional[List[float]] = None
        if target.bounds == "symmetric":
            half = [0.5 * (hi - lo) for lo, hi in zip(low, high)]
            self.box = [-x for x in half], half
            self.middle = [0.5 * (lo + hi) for lo, hi in zip(low, high)]

    @property
    def key(self) -> Any:
        """What compiled code depends on."""
        middle = None if self.middle is None else tuple(self.middle)
        observed = None if self.observed is None else tuple(self.observed.items())
        return self.horizon, observed, self.columns, middle

    @property
    def action(self) -> Shape:
        """The shape of one action."""
        if self.horizon is None:
            return (self.axes,)
        return (self.horizon, self.axes // self.horizon)

    @property
    def sides(self) -> Tuple[List[float], List[float]]:
        """The lower and the upper side of the box, for the axes that the target knows."""
        low, high = self.box
        return low[: self.action[-1]], high[: self.action[-1]]

    def unmoved(self) -> "_View":
        """The same box about zero, and actions where they are."""
        view = copy.copy(self)
        view.middle = None
        return view

    def moved(self, point: Sequence[float]) -> List[float]:
        """A point as the target sees it."""
        if self.middle is None:
            return list(point)
        return [x - m for x, m in zip(point, self.middle)]

    def moved_back(self, point: Sequence[float]) -> List[float]:
        """A point of the target, as ulaspec sees it."""
        if self.middle is None:
            return list(point)
        return [x + m for x, m in zip(point, self.middle)]


def _horizon(low: Sequence[float], high: Sequence[float]) -> int:
    """The fewest steps, above one, into which the axes fall with the same box in each; else one."""
    axes = len(low)
    for steps in range(2, axes + 1):
        if axes % steps == 0:
            size = axes // steps
            if all(low[i] == low[i % size] and high[i] == high[i % size] for i in range(axes)):
                return steps
    return 1


def _observed(shape: ObservationShape) -> Optional[Dict[str, Shape]]:
    if shape is None:
        return None
    named = dict(shape) if isinstance(shape, Mapping) else {"": shape}
    found = {name: tuple(int(n) for n in sizes) for name, sizes in named.items()}
    numbers = sum(math.prod(sizes) for sizes in found.values())
    if numbers < MOST_FEATURES:
        raise _Fault(
            f"Cannot start: found observation_shape = {shape!r} with {numbers} numbers, wanted at "
            f"least {MOST_FEATURES}, because problems have up to so many features; "
            "without it observations are groups × features"
        )
    return found


def _given_observations(framework: Any, session: _Session, view: _View) -> Any:
    """The observations as the target wants them: features first, then zeros."""
    if view.observed is None:
        return framework.array(session.observations, (session.groups, session.features))
    parts: Dict[str, Any] = {}
    start = 0
    for name, shape in view.observed.items():
        size = math.prod(shape)
        rows = [(row + [0.0] * (start + size))[start : start + size] for row in session.observations]
        parts[name] = framework.array(rows, (session.groups, *shape))
        start += size
    return parts[""] if "" in parts else parts


def _table_of(framework: Any, session: _Session, view: _View, observations: Any) -> Any:
    """Observations as the target gives them to the network → rows × features."""
    if observations is None or view.observed is None:
        return observations
    named = observations if isinstance(observations, Mapping) else {"": observations}
    if set(named) != set(view.observed):
        wanted = ", ".join(map(repr, view.observed)) or "an array"
        raise session.fails(f"observations named {sorted(named)}, wanted {wanted}")
    tables = [
        framework.shaped(named[name], (-1, math.prod(shape)))
        for name, shape in view.observed.items()
    ]
    table = tables[0] if len(tables) == 1 else framework.joined(tables)
    return framework.first_columns(table, session.features)


def _question(
    framework: Any, session: _Session, args: Tuple[Any, ...], named: Dict[str, Any]
) -> Tuple[Any, Any]:
    """What a call of the network asks: (observations or None, actions), actions … × axes.

    Observations and actions come in either order where their shapes tell, as one tuple or list, or by name;
    what else is named, like ``training``, changes nothing.
    """
    view: _View = session.view
    observations, actions = _told_apart(session, view, args, named)
    observations = _table_of(framework, session, view, observations)
    if view.horizon is not None:
        shape = _shape(actions)
        if shape[-2:] != view.action:
            raise session.fails(
                f"actions of shape {_times(shape)}, wanted … × {_times(view.action)}: "
                "horizon × axes of the box"
            )
        actions = framework.shaped(actions, (*shape[:-2], session.axes))
    if view.middle is not None:
        actions = framework.plus(actions, view.middle)
    return observations, actions


def _told_apart(
    session: _Session, view: _View, args: Tuple[Any, ...], named: Dict[str, Any]
) -> Tuple[Any, Any]:
    if len(args) == 1 and isinstance(args[0], list) and all(hasattr(x, "shape") for x in args[0]):
        # As models of Keras take several inputs.
        args = (tuple(args[0]),)
    if len(args) == 1 and isinstance(args[0], (tuple, Mapping)):
        (both,) = args
        if isinstance(both, tuple) and len(both) == 2:
            args = both
        elif isinstance(both, Mapping) and not (view.observed and set(both) == set(view.observed)):
            args, named = (), {**both, **named}
    observations = _by_name(named, _OBSERVATIONS)
    actions = _by_name(named, _ACTIONS)
    left = list(args)
    if actions is None and observations is None and len(left) >= 2:
        observations, actions = left[:2]
        if _is_turned(session, view, observations, actions):
            observations, actions = actions, observations
    elif actions is None and left:
        actions = left[0]
    elif observations is None and left:
        observations = left[0]
    if actions is None:
        raise session.fails(
            f"a call with {len(args)} arrays and the names {sorted(named)}, wanted "
            "network(observations, actions) or network(actions)"
        )
    return observations, actions


def _by_name(named: Dict[str, Any], names: frozenset) -> Any:
    for name, value in named.items():
        if name.lower() in names and not isinstance(value, (bool, str)):
            return value
    return None


def _is_turned(session: _Session, view: _View, first: Any, second: Any) -> bool:
    """Whether actions come first: what a call cannot show, earlier ones of the target did."""
    if isinstance(first, Mapping) or first is None:
        return False
    if isinstance(second, Mapping) or second is None:
        return True
    straight = _fits(session, view, first, second)
    turned = _fits(session, view, second, first)
    if straight != turned:
        session.learned["actions first"] = turned
    return session.learned.get("actions first", False) if straight == turned else turned


def _fits(session: _Session, view: _View, observations: Any, actions: Any) -> bool:
    observed, acted = _shape(observations), _shape(actions)
    depth = len(view.action)
    if acted[-depth:] != view.action:
        return False
    if view.observed is not None:
        (shape,) = view.observed.values()
        return observed[-len(shape) :] == shape
    if -1 in (*observed, *acted):
        return False
    rows = math.prod(acted[:-depth])
    if session.features == 0:
        return math.prod(observed) == 0
    count = math.prod(observed) // session.features
    return observed[-1:] == (session.features,) and count > 0 and rows % count == 0

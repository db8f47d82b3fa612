"""Finds the actions among what a network that is watched is called with."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from .view import _ACTIONS


def _with_actions(
    args: Tuple[Any, ...], named: Dict[str, Any], put: Callable[[Any], Any]
) -> Tuple[List[Any], Dict[str, Any]]:
    """Arguments with something put in the place of each that may be an array of actions.

    They are looked for in lists and tuples, too, and under their usual names in dicts: the other
    entries of dicts are parameters, or parts of observations.
    """

    def within(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: put(v) if str(k).lower() in _ACTIONS else v for k, v in value.items()}
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return type(value)(map(within, value))
        return put(value)

    return [within(value) for value in args], {k: within(value) for k, value in named.items()}


def _arguments(args: Tuple[Any, ...], named: Dict[str, Any]) -> List[Any]:
    """All arguments that may be actions."""
    found: List[Any] = []
    _with_actions(args, named, found.append)
    return found


def _with_first(output: Any, put: Callable[[Any], Any]) -> Any:
    """What a network returns, with something put in the place of its outputs: the first of several."""
    if isinstance(output, (tuple, list)) and not hasattr(output, "_fields"):
        return type(output)((put(output[0]), *output[1:]))
    return put(output)

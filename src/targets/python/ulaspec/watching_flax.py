"""Watches modules of Flax, whoever calls them: of linen by interceptors, of NNX by their class."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import Any, Callable, List, Optional

from .session import _now
from .watching_jax import _jax_call


def _flax_hooks(run: Any, network: Any) -> Optional[List[Callable[[], None]]]:
    """Starts to watch a module of Flax: what ends it. None if it is none."""
    for library, start in (("flax.linen", _intercepted), ("flax.nnx", _in_its_class)):
        found = sys.modules.get(library)
        if found is not None and isinstance(network, found.Module):
            return [start(run, type(network), found)]
    return None


def _outermost(run: Any, call: Callable[..., Any]) -> Callable[..., Any]:
    """A call of the network, watched unless it is within another."""
    under_way: List[bool] = []

    def watched(network: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if under_way or _now.watched is not run:
            return network(*args, **named)
        under_way.append(True)
        try:
            return call(run, network, args, named)
        finally:
            under_way.pop()

    return watched


def _intercepted(run: Any, kind: type, linen: Any) -> Callable[[], None]:
    watched = _outermost(run, _jax_call)

    def intercept(call: Callable[..., Any], args: Any, named: Any, context: Any) -> Any:
        if type(context.module) is kind and context.method_name != "setup":
            return watched(call, *args, **named)
        return call(*args, **named)

    stack = contextlib.ExitStack()
    stack.enter_context(linen.intercept_methods(intercept))
    return stack.close


def _in_its_class(run: Any, kind: Any, _: Any) -> Callable[[], None]:
    watched, inherited = _outermost(run, _jax_call), "__call__" not in vars(kind)
    original = kind.__call__

    @functools.wraps(original)
    def call(self: Any, *args: Any, **named: Any) -> Any:
        own = functools.partial(original, self)
        return watched(own, *args, **named) if type(self) is kind else own(*args, **named)

    def remove() -> None:
        if inherited:
            del kind.__call__
        else:
            kind.__call__ = original

    kind.__call__ = call
    return remove

"""Draws of JAX from the tape."""

from __future__ import annotations

import math
from typing import Any, Callable, List

from .draws import _jax_traced_outside, _replace, _take_start, _untaken
from .nested import Shape
from .session import _now


def _runs_now() -> bool:
    """Whether nothing is being traced: then nothing need be compiled to ask at run time."""
    try:
        from jax._src.core import trace_state_clean
    except ImportError:
        return False
    return bool(trace_state_clean())


def _replace_in_jax(jax: Any) -> None:
    import numpy
    from jax.custom_batching import custom_vmap
    from jax.experimental import io_callback

    def at_run_time(shape: Shape, dtype: Any) -> Callable[..., Any]:
        def call(*_: Any) -> Any:
            draw: Any = numpy.zeros(shape)
            if _now.session is not None:
                draw = _now.session.take(shape, "jax.random.normal")
                draw = _now.session.own_draws(math.prod(shape)) if draw is None else draw
            return numpy.array(draw, dtype=dtype).reshape(shape)

        return call

    def seen(drawn: Any) -> Any:
        """A draw while a real run is watched."""
        from .watching_jax import _noted_in_jax

        if not seeing:
            seeing.append(_noted_in_jax(lambda draw: _now.watched and _now.watched.drew(draw)))
        return seeing[0](drawn)

    seeing: List[Callable[..., Any]] = []

    def normal(original: Any) -> Any:
        def from_tape(key: Any, shape: Shape, dtype: Any) -> Any:
            """Under `vmap` over keys the whole batch is one draw."""

            @custom_vmap
            def draw(key: Any) -> Any:
                result = jax.ShapeDtypeStruct(shape, dtype)
                return io_callback(at_run_time(shape, dtype), result, ordered=True)

            @draw.def_vmap
            def draw_batch(size: int, batched: Any, key: Any) -> Any:
                return from_tape(None, (size,) + shape, dtype), True

            return draw(jax.numpy.zeros(()) if key is None else key)

        def call(*args: Any, **options: Any) -> Any:
            session = _now.session
            if session is None:
                _jax_traced_outside.append(True)
                drawn = original(*args, **options)
                floats = jax.numpy.issubdtype(drawn.dtype, jax.numpy.floating)
                return seen(drawn) if _now.watched is not None and floats else drawn
            key = args[0] if args else options.get("key")
            rest = {name: value for name, value in options.items() if name != "key"}
            try:
                drawn = jax.eval_shape(lambda key: original(key, *args[1:], **rest), key)
            except Exception:
                # Arguments that jax does not take, or takes outside of a trace alone.
                drawn = original(*args, **options)
            if min(drawn.shape, default=0) < 0:
                return original(*args, **options)
            if session.tape is None:
                session.take(drawn.shape, "jax.random.normal")
                return original(*args, **options)
            if not jax.numpy.issubdtype(drawn.dtype, jax.numpy.floating):
                _untaken(f"{drawn.dtype} numbers", "jax.random.normal")
                return original(*args, **options)
            if _runs_now():
                return jax.numpy.asarray(at_run_time(drawn.shape, drawn.dtype)())
            return from_tape(key, drawn.shape, drawn.dtype)

        return call

    def start_at_run_time(drawn: Any, low: Any, high: Any) -> Any:
        sides = [numpy.broadcast_to(side, drawn.shape).ravel().tolist() for side in (low, high)]
        numbers = _take_start(drawn.shape, "jax.random.uniform", *sides)
        if numbers is None:
            return numpy.asarray(drawn)
        return numpy.array(numbers, dtype=drawn.dtype).reshape(drawn.shape)

    @custom_vmap
    def started(drawn: Any, low: Any, high: Any) -> Any:
        result = jax.ShapeDtypeStruct(drawn.shape, drawn.dtype)
        return io_callback(start_at_run_time, result, drawn, low, high, ordered=True)

    @started.def_vmap
    def started_batch(size: int, batched: Any, drawn: Any, low: Any, high: Any) -> Any:
        """Under `vmap` over keys the whole batch is one draw."""
        if not batched[0]:
            return started(drawn, low, high), False
        sides = [side if own else side[None] for side, own in zip((low, high), batched[1:])]
        return started(drawn, *(jax.numpy.broadcast_to(side, drawn.shape) for side in sides)), True

    def uniform(original: Any) -> Any:
        names = ("key", "shape", "dtype", "minval", "maxval")

        def call(*args: Any, **options: Any) -> Any:
            drawn = original(*args, **options)
            if _now.session is None or not jax.numpy.issubdtype(drawn.dtype, jax.numpy.floating):
                return drawn
            given = {**dict(zip(names, args)), **options}
            sides = (jax.numpy.asarray(given.get(n, d)) for n, d in (("minval", 0.0), ("maxval", 1.0)))
            low, high = (jax.numpy.broadcast_to(side, drawn.shape) for side in sides)
            return started(drawn, low, high)

        return call

    _replace(jax.random, "normal", normal, "jax.random.normal")
    _replace(jax.random, "uniform", uniform, "jax.random.uniform")

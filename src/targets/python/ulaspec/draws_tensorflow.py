"""Draws of TensorFlow from the tape."""

from __future__ import annotations

from typing import Any, Callable

from .draws import _draw, _passing, _replace, _take_start
from .session import _now


def _replace_in_tensorflow(tf: Any) -> None:
    import inspect

    import numpy

    def fill(drawn: Any, what: str, shape: Any, mean: Any, stddev: Any) -> Any:
        """The original's draw, or one of the tape if it has numbers when the graph runs."""
        dtype = drawn.dtype
        sizes = tf.reshape(tf.cast(tf.convert_to_tensor(shape), tf.int32), (-1,))

        def take(sizes: Any) -> Any:
            numbers = _draw(tuple(int(x) for x in sizes), what)
            return numpy.array([] if numbers is None else numbers, numpy.float32)

        def scaled(numbers: Any) -> Any:
            standard = tf.reshape(tf.cast(numbers, dtype), sizes)
            return standard * tf.cast(stddev, dtype) + tf.cast(mean, dtype)

        if tf.executing_eagerly():
            numbers = take(sizes.numpy())
            return scaled(numbers) if numbers.size > 0 else drawn
        with tf.control_dependencies([drawn]):
            numbers = tf.numpy_function(take, [sizes], tf.float32)
        numbers.set_shape((None,))
        result = tf.cond(tf.size(numbers) > 0, lambda: scaled(numbers), lambda: drawn)
        return tf.ensure_shape(result, drawn.shape)

    def seen(drawn: Any, mean: Any, stddev: Any) -> None:
        """Notes a standard draw while a real run is watched, in a graph that was made before, too."""
        from .watching_tensorflow import _noted_in_graph

        if drawn.dtype.is_floating and not (tf.executing_eagerly() and _now.watched is None):
            standard = (drawn - tf.cast(mean, drawn.dtype)) / tf.cast(stddev, drawn.dtype)
            _noted_in_graph(lambda draw: _now.watched and _now.watched.drew(draw), standard)

    def wrapped(what: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            signature = inspect.signature(original)

            @tf.autograph.experimental.do_not_convert
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                given = signature.bind(*args, **options)
                given.apply_defaults()
                shape, mean, stddev = (given.arguments[n] for n in ("shape", "mean", "stddev"))
                if _now.session is None:
                    seen(drawn, mean, stddev)
                return fill(drawn, what, shape, mean, stddev)

            return call

        return wrap

    def starting(what: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            signature = inspect.signature(original)

            @tf.autograph.experimental.do_not_convert
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                if not drawn.dtype.is_floating:
                    return drawn
                given = signature.bind(*args, **options)
                given.apply_defaults()
                ends = (given.arguments["minval"], given.arguments["maxval"])
                sides = [tf.cast(d if end is None else end, drawn.dtype) for end, d in zip(ends, (0, 1))]

                def at_run_time(values: Any, low: Any, high: Any) -> Any:
                    spread = [numpy.broadcast_to(s, values.shape).ravel().tolist() for s in (low, high)]
                    numbers = _take_start(values.shape, what, *spread)
                    if numbers is None:
                        return values
                    return numpy.array(numbers, values.dtype).reshape(values.shape)

                if tf.executing_eagerly():
                    return tf.constant(at_run_time(drawn.numpy(), *(side.numpy() for side in sides)))
                started = tf.numpy_function(at_run_time, [drawn, *sides], drawn.dtype)
                return tf.ensure_shape(started, drawn.shape)

            return call

        return wrap

    for owner, name, what in (
        (tf.random, "uniform", "tf.random.uniform"),
        (tf.random, "stateless_uniform", "tf.random.stateless_uniform"),
        (tf.random.Generator, "uniform", "tf.random.Generator.uniform"),
    ):
        _replace(owner, name, starting(what), what)
    for owner, name, what in (
        (tf.random, "normal", "tf.random.normal"),
        (tf.random, "stateless_normal", "tf.random.stateless_normal"),
        (tf.random.Generator, "normal", "tf.random.Generator.normal"),
    ):
        _replace(owner, name, wrapped(what), what)

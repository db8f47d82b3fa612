"""Watches the gradients of a network of TensorFlow, in graphs, too."""

from __future__ import annotations

import functools
import sys
from typing import Any, Callable, Dict, List, Tuple

from .session import _now
from .watching_arguments import _arguments, _with_actions, _with_first


def _noted_in_graph(note: Callable[..., None], *tensors: Any) -> None:
    """Notes tensors when they have their values."""
    import numpy
    import tensorflow as tf

    def at_run_time(*values: Any) -> Any:
        note(*(numpy.array(value) for value in values))
        return numpy.bool_(True)

    if tf.executing_eagerly():
        at_run_time(*(tensor.numpy() for tensor in tensors))
    else:
        tf.numpy_function(at_run_time, list(tensors), tf.bool)


def _tensorflow_uncompiled() -> List[Callable[[], None]]:
    """Lets functions with ``jit_compile``, which nothing can look into, run as written: what ends that."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return []
    kind = type(tf.function(lambda: None))
    original = kind.__call__

    @functools.wraps(original)
    def call(self: Any, *args: Any, **named: Any) -> Any:
        if getattr(self, "_jit_compile", None):
            return self.python_function(*args, **named)
        return original(self, *args, **named)

    def end() -> None:
        kind.__call__ = original

    kind.__call__ = call
    return [end]


def _tensorflow_call(run: Any, network: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    """A call of the network, watched."""
    import tensorflow as tf

    def during(note: Callable[..., None]) -> Callable[..., None]:
        return lambda *values: note(*values) if _now.watched is run else None

    @tf.custom_gradient
    def points(actions: Any) -> Any:
        def backward(slopes: Any) -> Any:
            _noted_in_graph(during(run.saw), actions, slopes)
            return slopes

        return tf.identity(actions), backward

    @tf.custom_gradient
    def outputs(values: Any) -> Any:
        def backward(weights: Any) -> Any:
            _noted_in_graph(during(run.weighted), weights)
            return weights

        return tf.identity(values), backward

    def is_actions(value: Any) -> bool:
        tensor = isinstance(value, tf.Variable) or tf.is_tensor(value)
        return tensor and value.dtype.is_floating and run.may_be_actions(value)

    if run.returns == "gradient":
        actions = next(filter(is_actions, _arguments(args, named)), None)
        slopes = network(*args, **named)
        if actions is not None:
            _noted_in_graph(during(run.saw), tf.convert_to_tensor(actions), slopes)
        return slopes
    watched, by_name = _with_actions(
        args, named, lambda x: points(tf.convert_to_tensor(x)) if is_actions(x) else x
    )
    return _with_first(network(*watched, **by_name), outputs)

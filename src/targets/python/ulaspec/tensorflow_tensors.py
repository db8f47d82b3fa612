"""TensorFlow, as a framework."""

from __future__ import annotations

import contextlib
import math
import os
from typing import Any, Callable, Dict, Sequence

from .arrays import (
    _Columns,
    _Framework,
    _no_attribute,
    _no_gradient,
    _remark_coarse,
    _remark_products,
)
from .nested import Shape
from .numpy_arrays import _NumPy
from .session import _Session, _now
from .view import _question


class _Model:
    """The network as a model of Keras, as far as samplers use one: called, frozen, asked for weights."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask
        self.trainable = True
        self.variables = self.weights = self.losses = ()
        self.trainable_variables = self.trainable_weights = []

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.ask(*args, **named)

    @property
    def call(self) -> Callable[..., Any]:
        return self.ask

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(_no_attribute(name, "Keras model: call, trainable, weights"))


class _TensorFlow(_Framework, _Columns):
    """TensorFlow: gradients by tapes; logging, numbers and noise at run time in `tf.function`."""

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        import numpy
        import tensorflow as tf

        self.tf, self.np, self.host = tf, numpy, _NumPy()
        math_ = tf.math

        class Ops:
            abs, sqrt, exp, log = tf.abs, math_.sqrt, math_.exp, math_.log
            sin, cos, tanh = math_.sin, math_.cos, math_.tanh
            cosh, sinh, floor, sign = math_.cosh, math_.sinh, math_.floor, math_.sign
            minimum, maximum, power = math_.minimum, math_.maximum, math_.pow

            @staticmethod
            def divide(x: Any, y: Any) -> Any:
                return x / y

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return tf.where(c > 0, x, y)

        self.ops = Ops
        #: How often a graph was traced.
        self.compilations = 0
        self.networks: Dict[Any, Callable[..., Any]] = {}

        def log(kind: str, points: Any) -> None:
            def at_run_time(values: Any) -> Any:
                if _now.session is not None:
                    _now.session.log_bytes(kind, numpy.array(values))
                return numpy.bool_(True)

            if tf.executing_eagerly():
                at_run_time(points.numpy())
            else:
                tf.numpy_function(at_run_time, [points], tf.bool)

        @tf.custom_gradient
        def watch(points: Any) -> Any:
            log("outputs", points)

            def backward(gradient: Any) -> Any:
                log("gradient", points)
                return gradient

            return tf.identity(points), backward

        self.watch = watch

    def array(self, values: Any, shape: Shape) -> Any:
        return self.tf.reshape(self.tf.constant(values, dtype=self.tf.float32), shape)

    def lists(self, array: Any) -> Any:
        return array.numpy().tolist() if hasattr(array, "numpy") else super().lists(array)

    def shaped(self, x: Any, shape: Shape) -> Any:
        return self.tf.reshape(x, shape)

    def joined(self, tables: Sequence[Any]) -> Any:
        return self.tf.concat(tables, -1)

    def regroup(self, x: Any, groups: int, samples: int) -> Any:
        return self.tf.reshape(x, (groups, samples) + tuple(x.shape[1:]))

    def flatten(self, x: Any, rows: int) -> Any:
        return self.tf.reshape(x, (rows,) + tuple(x.shape[2:]))

    def network(self, session: _Session) -> Callable[..., Any]:
        """The same object for problems of one shape: what `tf.function` has traced is kept.

        In a graph the formula is asked for its values, and the observations are read where none are
        given, when the graph runs: it serves all problems of a shape.
        """
        key = (
            session.groups,
            session.samples,
            session.axes,
            session.features,
            session.sign,
            session.view.key,
        )
        if key not in self.networks:
            self.networks[key] = self._network(session)
        return self.networks[key]

    def _network(self, first: _Session) -> Callable[..., Any]:
        tf, np = self.tf, self.np

        def current() -> _Session:
            return _now.session if _now.session is not None else first

        def read(values: Callable[[], Any], shape: Shape) -> Any:
            if tf.executing_eagerly():
                return tf.constant(values(), tf.float32, shape)
            at_run_time = tf.numpy_function(
                lambda: np.array(values(), np.float32).reshape(shape), [], tf.float32
            )
            return tf.ensure_shape(at_run_time, shape)

        def asked(of: Callable[..., Any], points: Any, observed: Any, shape: Any) -> Any:
            """What the formula of the call under way gives when the graph runs."""

            def ask(points: Any, observed: Any) -> Any:
                # Numbers of less than 32 bits are widened.
                tables = (x if x.dtype.itemsize >= 4 else x.astype(np.float32) for x in (points, observed))
                return of(current().formula, *tables).astype(points.dtype)

            return tf.ensure_shape(tf.numpy_function(ask, [points, observed], points.dtype), shape)

        @tf.custom_gradient
        def at_run_time(points: Any, observed: Any) -> Any:
            def backward(weights: Any) -> Any:
                slopes = asked(self.host.slopes, points, observed, points.shape)
                return weights[:, tf.newaxis] * slopes, None

            return asked(self.host.values, points, observed, points.shape[:1]), backward

        @tf.autograph.experimental.do_not_convert
        def network(*args: Any, **named: Any) -> Any:
            observations, actions = _question(self, first, args, named)
            actions = tf.convert_to_tensor(actions)
            self._remark_precision(current(), actions)
            if not tf.executing_eagerly():
                self.compilations += 1
            known = actions.shape
            if known.rank is not None and known[-1] not in (None, first.axes):
                current().has_shape(tuple(known))
            points = tf.reshape(self.watch(actions), (-1, first.axes))
            if known.is_fully_defined():
                rows, outputs_shape = math.prod(known[:-1]), list(known[:-1])
            else:
                rows, outputs_shape = first.rows, tf.shape(actions)[:-1]
            observed = tf.zeros((rows, 0))
            if first.features:
                if observations is None:
                    first.observed_by(None, rows)
                    observations = read(
                        lambda: current().observations, (first.groups, first.features)
                    )
                observed = tf.reshape(observations, (-1, first.features))
                count = observed.shape[0] if observed.shape[0] is not None else rows
                observed = tf.repeat(observed, first.repeats(count, rows), axis=0)
            if tf.executing_eagerly():
                formula = current().formula
                energy = self.energies(formula.numbers, points, observed, formula, self.ops)
            else:
                energy = at_run_time(points, observed)
            if first.view.columns:
                outputs_shape = tf.concat([outputs_shape, [1]], 0)
            return tf.reshape(energy if first.sign > 0 else -energy, outputs_shape)

        return _Model(network)

    def _remark_precision(self, session: _Session, actions: Any) -> None:
        tf = self.tf
        if actions.dtype.is_floating and actions.dtype.size < 4:
            _remark_coarse(session, f"actions in {actions.dtype.name}")
        with contextlib.suppress(Exception):
            policy = tf.keras.mixed_precision.global_policy().name
            if policy.startswith("mixed"):
                _remark_products(session, f"less than float32 by the policy {policy!r} of Keras")
        on_gpu = "GPU" in str(getattr(actions, "device", ""))
        if on_gpu and tf.config.experimental.tensor_float_32_execution_enabled():
            _remark_products(session, "TF32 (10 bits)")

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("tape.gradient(network(observations, actions), actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        self.tf.random.set_seed(session.seed)

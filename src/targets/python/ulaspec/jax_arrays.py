"""JAX, as a framework."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Optional, Sequence

from .arrays import _Columns, _Framework, _no_attribute, _no_gradient
from .draws import _jax_traced_outside
from .nested import Shape
from .session import _Session, _now
from .view import _question


class _Jax(_Framework, _Columns):
    """JAX: reverse differentiation; points are logged, and noise drawn, when compiled code runs."""

    def __init__(self) -> None:
        import jax
        import numpy
        from jax.custom_batching import custom_vmap
        from jax.experimental import io_callback

        self.jax, self.np = jax, numpy
        # A callback that waits for its own thread would never end.
        with contextlib.suppress(Exception):
            jax.config.update("jax_cpu_enable_async_dispatch", False)
        jnp = jax.numpy

        class Ops:
            abs, sqrt, exp, log = jnp.abs, jnp.sqrt, jnp.exp, jnp.log
            sin, cos, tanh = jnp.sin, jnp.cos, jnp.tanh
            cosh, sinh, floor, sign = jnp.cosh, jnp.sinh, jnp.floor, jnp.sign
            minimum, maximum, power, divide = jnp.minimum, jnp.maximum, jnp.power, jnp.divide

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return jnp.where(c > 0, x, y)

        def logger(kind: str) -> Callable[[Any], None]:
            """Logs at run time. Under `vmap` the whole batch is logged at once, batches first."""

            def at_run_time(points: Any) -> None:
                if _now.session is not None:
                    _now.session.log(kind, numpy.array(points), points.shape)

            @custom_vmap
            def log(points: Any) -> Any:
                io_callback(at_run_time, None, points, ordered=True)
                return jnp.zeros(())

            @log.def_vmap
            def log_batch(size: int, batched: Any, points: Any) -> Any:
                return log(points), False

            return log

        log_outputs, log_gradient = logger("outputs"), logger("gradient")

        @jax.custom_vjp
        def watch(points: Any) -> Any:
            log_outputs(points)
            return points

        def forward(points: Any) -> Any:
            return points, points

        def backward(points: Any, gradient: Any) -> Any:
            log_gradient(points)
            return (gradient,)

        watch.defvjp(forward, backward)
        framework = self

        class Network:
            """A tree of JAX: its numbers are leaves, so compiled code serves many energies."""

            def __init__(self, numbers: Any, observations: Any, fixed: Any) -> None:
                self.numbers, self.observations, self.fixed = numbers, observations, fixed

            def __call__(self, *args: Any, **named: Any) -> Any:
                session: _Session = self.fixed.session
                observations, actions = _question(framework, session, args, named)
                actions = jnp.asarray(actions)
                rows = session.has_shape(actions.shape)
                points = watch(actions).reshape(rows, session.axes)
                observed = jnp.zeros((rows, 0))
                if session.features:
                    given = observations
                    if observations is None:
                        session.observed_by(None, rows)
                        given = self.observations
                    observed = jnp.asarray(given).reshape(-1, session.features)
                    observed = jnp.repeat(observed, session.repeats(len(observed), rows), axis=0)
                formula = session.formula
                energy = framework.energies(self.numbers, points, observed, formula, Ops)
                return framework.outputs(energy, session, actions.shape)

            @property
            def params(self) -> Any:
                """What flax calls variables: the numbers of the energy, so that jit takes them."""
                return {"params": {"numbers": self.numbers, "observations": self.observations}}

            @property
            def apply(self) -> Any:
                """``apply(params, observations, actions)``, as flax has it."""
                return Apply(self.fixed)

            def init(self, *_: Any, **__: Any) -> Any:
                return self.params

            def __getattr__(self, name: str) -> Any:
                raise AttributeError(_no_attribute(name, "flax module: apply, init, params"))

        class Apply:
            """The network as a function of its parameters; equal for energies of one shape."""

            def __init__(self, fixed: Any) -> None:
                self.fixed = fixed

            def __call__(self, variables: Any, *args: Any, **named: Any) -> Any:
                own = variables.get("params", variables)
                return Network(own["numbers"], own["observations"], self.fixed)(*args, **named)

            def __eq__(self, other: Any) -> bool:
                return isinstance(other, Apply) and self.fixed == other.fixed

            def __hash__(self) -> int:
                return hash(self.fixed)

        class Fixed:
            """What code is compiled for: the shape of the formula and of the problem."""

            def __init__(self, session: _Session) -> None:
                self.session = session
                self.key = (
                    session.formula.shape,
                    session.groups,
                    session.samples,
                    session.axes,
                    session.features,
                    session.sign,
                    session.view.key,
                )

            def __eq__(self, other: Any) -> bool:
                return isinstance(other, Fixed) and self.key == other.key

            def __hash__(self) -> int:
                return hash(self.key)

        jax.tree_util.register_pytree_node(
            Network,
            lambda network: ((network.numbers, network.observations), network.fixed),
            lambda fixed, leaves: Network(leaves[0], leaves[1], fixed),
        )
        self.network_of = lambda session: Network(
            session.formula.numbers,
            self.array(session.observations, (session.groups, session.features)),
            Fixed(session),
        )
        self.taped: Optional[bool] = None

    def array(self, values: Any, shape: Shape) -> Any:
        numbers = self.np.array(values, dtype=self.np.float32).reshape(shape)
        if self.device is None:
            return self.jax.numpy.asarray(numbers)
        return self.jax.device_put(numbers, self.jax.devices(self.device)[0])

    def joined(self, tables: Sequence[Any]) -> Any:
        return self.jax.numpy.concatenate(tables, axis=-1)

    def lists(self, array: Any) -> Any:
        if isinstance(array, self.jax.Array):
            return self.np.asarray(array).tolist()
        return super().lists(array)

    def network(self, session: _Session) -> Callable[..., Any]:
        return self.network_of(session)

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("jax.grad(lambda a: network(observations, a).sum())(actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        # What was traced with the tape draws from it for ever, and the other way round.
        taped = session.tape is not None
        if self.taped != taped and (self.taped is not None or _jax_traced_outside):
            self.jax.clear_caches()
        _jax_traced_outside.clear()
        self.taped = taped

    def close(self) -> None:
        self.jax.effects_barrier()

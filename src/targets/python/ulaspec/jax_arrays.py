"""JAX, as a framework."""

from __future__ import annotations

import contextlib
import functools
import math
from typing import Any, Callable, List, Mapping, Optional, Sequence

from .arrays import _Framework, _no_attribute, _no_gradient, _remark_coarse, _remark_products
from .draws import _jax_traced_outside
from .draws_jax import _runs_now
from .formula import _Formula
from .nested import Shape
from .numpy_arrays import _NumPy
from .session import _Session, _now
from .target import Schedule
from .view import _question

#: Energies that are kept; a number up to 256 is exact in bfloat16.
MOST_ENERGIES = 250


class _Jax(_Framework):
    """JAX: reverse differentiation; points are logged, and noise drawn, when compiled code runs."""

    always_compiles = True

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
        host = self.host = _NumPy()

        def table(values: Any) -> Any:
            """Numbers of a callback as rows; of less than 32 bits they are widened."""
            values = numpy.asarray(values)
            wide = values if values.dtype.itemsize >= 4 else values.astype(numpy.float32)
            return wide.reshape(math.prod(wide.shape[:-1]), wide.shape[-1])

        def answered(ask: Callable[..., Any], which: Any, points: Any, observed: Any) -> Any:
            points = numpy.asarray(points)
            found = ask(self.formula_of(float(which)), table(points), table(observed))
            return found.astype(points.dtype)

        def log(kind: str, points: Any, observed: Any) -> None:
            if _now.session is not None:
                _now.session.log(kind, numpy.array(points), points.shape, observed)

        def values_at(which: Any, points: Any, observed: Any) -> Any:
            return answered(host.values, which, points, observed).reshape(points.shape[:-1])

        def outputs_at(which: Any, points: Any, observed: Any) -> Any:
            log("outputs", points, observed)
            return values_at(which, points, observed)

        def slopes_at(which: Any, points: Any, observed: Any) -> Any:
            log("gradient", points, observed)
            return answered(host.slopes, which, points, observed).reshape(points.shape)

        def asked_at_run_time(at_run_time: Callable[..., Any], call: Callable[..., Any]) -> Any:
            """What is asked when compiled code runs. Under `vmap` the whole batch is one question."""

            @custom_vmap
            def ask(which: Any, points: Any, observed: Any) -> Any:
                shape = points.shape if at_run_time is slopes_at else points.shape[:-1]
                result = jax.ShapeDtypeStruct(shape, points.dtype)
                return call(at_run_time, result, which, points, observed)

            @ask.def_vmap
            def ask_batch(size: int, batched: Any, which: Any, *tables: Any) -> Any:
                tables = tuple(
                    table if own else jnp.broadcast_to(table, (size, *table.shape))
                    for table, own in zip(tables, batched[1:])
                )
                return ask(which[0] if batched[0] else which, *tables), True

            def now_or_later(*asked: Any) -> Any:
                return jnp.asarray(at_run_time(*asked)) if _runs_now() else ask(*asked)

            return now_or_later

        ordered = functools.partial(io_callback, ordered=True)
        outputs_of = asked_at_run_time(outputs_at, ordered)
        values_of = asked_at_run_time(values_at, jax.pure_callback)
        slopes_of = asked_at_run_time(slopes_at, ordered)

        @jax.custom_vjp
        def energies(which: Any, points: Any, observed: Any) -> Any:
            """One energy for each row. which: of what problem; points: rows × axes."""
            return outputs_of(which, points, observed)

        def forward(*asked: Any) -> Any:
            return values_of(*asked), asked

        def backward(asked: Any, weights: Any) -> Any:
            which, _, observed = asked
            slopes = slopes_of(*asked) * weights[:, None]
            return jnp.zeros_like(which), slopes, jnp.zeros_like(observed)

        energies.defvjp(forward, backward)
        framework = self

        def current_observations(session: _Session) -> Any:
            """Those of the call under way when compiled code runs."""
            shape = (session.groups, session.features)
            result = jax.ShapeDtypeStruct(shape, numpy.float32)

            def at_run_time() -> Any:
                given = _now.session.observations if _now.session else session.observations
                return numpy.array(given, numpy.float32).reshape(shape)

            return jax.pure_callback(at_run_time, result)

        class Network:
            """A tree of JAX that says which energy is meant: compiled code serves all energies."""

            def __init__(self, which: Any, observations: Any, fixed: Any) -> None:
                self.which, self.observations, self.fixed = which, observations, fixed

            def __call__(self, *args: Any, **named: Any) -> Any:
                session: _Session = self.fixed.session
                observations, actions = _question(framework, session, args, named)
                actions = jnp.asarray(actions)
                framework.remark_precision(session, actions.dtype)
                rows = session.has_shape(actions.shape)
                points = actions.reshape(rows, session.axes)
                observed = jnp.zeros((rows, 0))
                if session.features:
                    given = observations
                    if observations is None:
                        session.observed_by(None, rows)
                        given = self.observations
                    if given is None:
                        given = current_observations(session)
                    observed = jnp.asarray(given).reshape(-1, session.features)
                    observed = jnp.repeat(observed, session.repeats(len(observed), rows), axis=0)
                return framework.outputs(
                    energies(self.which, points, observed), session, actions.shape
                )

            def __eq__(self, other: Any) -> bool:
                return isinstance(other, Network) and self.fixed == other.fixed

            def __hash__(self) -> int:
                # A static argument: what is compiled with it is to ask the energy of each call.
                self.which, self.observations = jnp.asarray(-1.0), None
                return hash(self.fixed)

            @property
            def params(self) -> Any:
                """What flax calls variables: which energy is meant, so that jit takes it."""
                return {"params": {"energy": self.which, "observations": self.observations}}

            @property
            def apply(self) -> Any:
                """``apply(params, observations, actions)``, as flax has it."""
                return Apply(self.fixed)

            variables = params

            def init(self, *_: Any, **__: Any) -> Any:
                return self.params

            def bind(self, variables: Any, *_: Any, **__: Any) -> Any:
                """The network with its variables, as linen has it."""
                return network_with(variables, self.fixed)

            def unbind(self) -> Any:
                return self, self.params

            def eval(self, **_: Any) -> None:
                """There is no other mode, for modules of NNX neither."""

            train = set_attributes = eval

            def __getattr__(self, name: str) -> Any:
                raise AttributeError(_no_attribute(name, f"module of flax: {', '.join(offered)}"))

        offered = [n for n in vars(Network) if not n.startswith("_")]

        def network_with(variables: Any, fixed: Any) -> Any:
            """The network that variables mean; those of another one mean the call under way."""
            own = variables
            while isinstance(own, Mapping) and "params" in own:
                own = own["params"]
            known = isinstance(own, Mapping) and "energy" in own
            meant = own if known else {"energy": jnp.asarray(-1.0), "observations": None}
            return Network(meant["energy"], meant["observations"], fixed)

        class Apply:
            """The network as a function of its parameters; equal for energies of one shape."""

            def __init__(self, fixed: Any) -> None:
                self.fixed = fixed

            def __call__(
                self, variables: Any, *args: Any, mutable: Any = False, **named: Any
            ) -> Any:
                outputs = network_with(variables, self.fixed)(*args, **named)
                if mutable is False:
                    return outputs
                return outputs, {k: v for k, v in dict(variables).items() if k != "params"}

            def __eq__(self, other: Any) -> bool:
                return isinstance(other, Apply) and self.fixed == other.fixed

            def __hash__(self) -> int:
                return hash(self.fixed)

        class Fixed:
            """What code is compiled for: the shape of the problem."""

            def __init__(self, session: _Session) -> None:
                self.session = session
                self.key = (
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
            lambda network: ((network.which, network.observations), network.fixed),
            lambda fixed, leaves: Network(leaves[0], leaves[1], fixed),
        )
        with contextlib.suppress(ValueError):
            # Numbers alone, so that compiled code takes every schedule of a kind. Once for all.
            jax.tree_util.register_pytree_node(Schedule, Schedule._taken_apart, Schedule._put_together)
        self.network_of = lambda session: Network(
            jnp.asarray(self.known(session.formula)),
            self.array(session.observations, (session.groups, session.features)),
            Fixed(session),
        )
        self.taped: Optional[bool] = None
        #: How often code was compiled, and how long that took.
        self.compilations, self.compiling = 0, 0.0

        def noted(event: str, seconds: float, **_: Any) -> None:
            if event.endswith("/backend_compile_duration"):
                self.compilations += 1
            if "/compile/" in event:
                self.compiling += seconds

        with contextlib.suppress(Exception):
            jax.monitoring.register_event_duration_secs_listener(noted)
        #: The energies of the last calls: a network says by a number which of them it means.
        self.formulas: List[_Formula] = []
        self.calls = 0

    def remark_precision(self, session: _Session, dtype: Any) -> None:
        """Names coarse actions, and products that a real network has in less than float32."""
        session = _now.session or session
        if dtype.itemsize < 4:
            _remark_coarse(session, f"actions in {dtype.name}")
        asked = self.jax.config.jax_default_matmul_precision
        fine = ("highest", "float32", "F32_F32_F32", "BF16_BF16_F32_X6")
        if asked is None and self.jax.default_backend() != "cpu":
            _remark_products(session, "the default precision of this device (TF32 or bfloat16)")
        elif asked is not None and str(asked) not in fine:
            _remark_products(session, f"jax_default_matmul_precision = {asked!r}")

    def known(self, formula: _Formula) -> float:
        """The number of an energy, small enough to stay what it is in bfloat16."""
        place = self.calls % MOST_ENERGIES
        self.calls += 1
        self.formulas[place : place + 1] = [formula]
        return float(place)

    def formula_of(self, which: float) -> _Formula:
        """The energy of a number; below zero that of the call under way."""
        if which < 0 and _now.session is not None:
            return _now.session.formula
        return self.formulas[int(which)]

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

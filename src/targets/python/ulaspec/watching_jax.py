"""Watches the gradients of a function of JAX, in compiled code, too."""

from __future__ import annotations

from typing import Any, Callable, Dict, Tuple

from .draws_jax import _runs_now
from .session import _now
from .watching_arguments import _arguments, _with_actions, _with_first


def _noted_in_jax(note: Callable[..., None]) -> Callable[..., Any]:
    """The last of some arrays as it is, once all are noted when the code runs.

    Under ``vmap`` the whole batch is noted as one.
    """
    import jax
    import numpy
    from jax.custom_batching import custom_vmap
    from jax.experimental import io_callback

    def at_run_time(*arrays: Any) -> Any:
        note(*(numpy.array(array) for array in arrays))
        return numpy.asarray(arrays[-1])

    @custom_vmap
    def later(*arrays: Any) -> Any:
        result = jax.ShapeDtypeStruct(arrays[-1].shape, arrays[-1].dtype)
        return io_callback(at_run_time, result, *arrays, ordered=True)

    @later.def_vmap
    def later_for_batch(size: int, batched: Any, *arrays: Any) -> Any:
        whole = (
            array if own else jax.numpy.broadcast_to(array, (size, *array.shape))
            for array, own in zip(arrays, batched)
        )
        return later(*whole), True

    def now_or_later(*arrays: Any) -> Any:
        if not _runs_now():
            return later(*arrays)
        at_run_time(*arrays)
        return arrays[-1]

    return now_or_later


class _JaxIdentities:
    """What a call of the network is put between, for one run."""

    def __init__(self, run: Any) -> None:
        import jax

        def during(note: Callable[..., None]) -> Callable[..., None]:
            return lambda *arrays: note(*arrays) if _now.watched is run else None

        saw, weighted = _noted_in_jax(during(run.saw)), _noted_in_jax(during(run.weighted))

        @jax.custom_vjp
        def points(actions: Any) -> Any:
            return actions

        @jax.custom_vjp
        def outputs(values: Any) -> Any:
            return values

        points.defvjp(lambda x: (x, x), lambda x, slopes: (saw(x, slopes),))
        outputs.defvjp(lambda y: (y, None), lambda _, weights: (weighted(weights),))
        self.points, self.outputs, self.saw = points, outputs, saw


def _jax_call(run: Any, network: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    """A call of the network, watched."""
    import jax

    tools = run.kept.get("jax") or _JaxIdentities(run)
    run.kept["jax"] = tools

    def is_actions(value: Any) -> bool:
        return run.may_be_actions(value) and jax.numpy.issubdtype(value.dtype, jax.numpy.floating)

    if run.returns == "gradient":
        points = next(filter(is_actions, _arguments(args, named)), None)
        slopes = network(*args, **named)
        return slopes if points is None else tools.saw(points, slopes)
    watched, by_name = _with_actions(
        args, named, lambda x: tools.points(jax.numpy.asarray(x)) if is_actions(x) else x
    )
    return _with_first(network(*watched, **by_name), tools.outputs)

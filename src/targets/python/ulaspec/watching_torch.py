"""Watches the gradients of a network of PyTorch."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from .watching_arguments import _with_actions, _with_first


def _torch_hooks(run: Any, module: Any) -> List[Callable[[], None]]:
    """Starts to see a module's gradients, whoever calls it: what ends it."""
    calls: List[Dict[str, Any]] = []

    def before(_: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
        calls.append({})
        watched, by_name = _torch_watched(run, calls[-1], args, named)
        return tuple(watched), by_name

    def after(_: Any, __: Any, output: Any) -> Any:
        _torch_output(run, calls.pop(), output)
        return output

    return [
        module.register_forward_pre_hook(before, with_kwargs=True).remove,
        module.register_forward_hook(after).remove,
    ]


def _torch_call(run: Any, network: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
    """A call of a function, watched."""
    seen: Dict[str, Any] = {}
    watched, by_name = _torch_watched(run, seen, args, named)
    output = network(*watched, **by_name)
    _torch_output(run, seen, output)
    return output


def _torch_watched(
    run: Any, seen: Dict[str, Any], args: Tuple[Any, ...], named: Dict[str, Any]
) -> Tuple[List[Any], Dict[str, Any]]:
    """The arguments with the actions among them watched; ``seen``: what is seen of this call."""
    import torch

    def put(value: Any) -> Any:
        takes_part = isinstance(value, torch.Tensor) and run.may_be_actions(value)
        if "points" in seen or not takes_part:
            return value
        if run.returns == "gradient":
            seen["points"] = value.detach().clone()
        if not value.requires_grad or run.returns == "gradient":
            return value
        points = seen["points"] = value.detach().clone()
        watched = value.view_as(value)
        watched.register_hook(
            lambda slopes: run.saw(points, slopes.detach().clone(), seen.get("weights"))
        )
        return watched

    return _with_actions(args, named, put)


def _torch_output(run: Any, seen: Dict[str, Any], output: Any) -> None:
    def note(first: Any) -> None:
        if "points" not in seen:
            return
        if run.returns == "gradient":
            run.saw(seen["points"], first.detach().clone())
        elif first.requires_grad:
            first.register_hook(lambda weights: seen.update(weights=weights.detach().clone()))

    _with_first(output, note)

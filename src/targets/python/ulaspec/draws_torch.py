"""Draws of PyTorch from the tape."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .draws import _draw, _passing, _replace, _take_start, _untaken
from .session import _now


def _replace_in_torch(torch: Any) -> None:
    functorch = torch._C._functorch

    def unwrapped(tensor: Any) -> Any:
        """The tensor below the wrappers of `torch.func`: under `vmap` that of the whole batch."""
        while functorch.is_functorch_wrapped_tensor(tensor):
            tensor = functorch.get_unwrapped(tensor)
        return tensor

    def fill(drawn: Any, what: str, mean: Any = 0.0, std: Any = 1.0) -> Any:
        """Puts numbers of the tape in the place of those that the original has drawn."""
        values = unwrapped(drawn)
        if not values.is_floating_point() or values.layout != torch.strided:
            _untaken(f"{values.dtype} numbers, {values.layout},", what)
            return drawn
        if _now.watched is not None and _now.session is None:
            _now.watched.drew(((values - mean) / std).detach().clone())
        numbers = None if values.device.type == "meta" else _draw(values.shape, what)
        if numbers is None:
            return drawn
        with torch.no_grad():
            tape = torch.tensor(numbers, dtype=torch.float32, device="cpu")
            values.copy_(tape.reshape(values.shape))
            if isinstance(std, torch.Tensor) or std != 1:
                drawn.mul_(std)
            if isinstance(mean, torch.Tensor) or mean != 0:
                drawn.add_(mean)
        return drawn

    def standard(what: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                return fill(drawn, what)

            return call

        return wrap

    def scaled(what: str, of_tensor: int) -> Callable[[Any], Any]:
        """`of_tensor`: how many arguments come before the mean."""

        def wrap(original: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                given = dict(zip(("mean", "std"), args[of_tensor:]))
                mean = given.get("mean", options.get("mean", 0.0))
                return fill(drawn, what, mean, given.get("std", options.get("std", 1.0)))

            return call

        return wrap

    def uniform(what: str, of_tensor: Optional[int] = None) -> Callable[[Any], Any]:
        """`of_tensor`: how many arguments come before the sides; None where they are 0 and 1."""

        def wrap(original: Any) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                with _passing():
                    drawn = original(*args, **options)
                values = unwrapped(drawn)
                if not values.is_floating_point() or values.device.type == "meta":
                    return drawn
                sides = None
                if of_tensor is not None:
                    given = dict(zip(("from", "to"), args[of_tensor:]))
                    ends = (given.get(n, options.get(n, d)) for n, d in (("from", 0), ("to", 1)))
                    sides = [[float(end)] * values.numel() for end in ends]
                numbers = _take_start(values.shape, what, *(sides or ()))
                if numbers is not None:
                    with torch.no_grad():
                        start = torch.tensor(numbers, dtype=torch.float64, device="cpu")
                        values.copy_(start.reshape(values.shape))
                return drawn

            return call

        return wrap

    for name in ("rand", "rand_like"):
        _replace(torch, name, uniform(f"torch.{name}"), f"torch.{name}")
    _replace(torch.Tensor, "uniform_", uniform("Tensor.uniform_", 1), "Tensor.uniform_")
    for name in ("randn", "randn_like"):
        _replace(torch, name, standard(f"torch.{name}"), f"torch.{name}")
    _replace(torch, "normal", scaled("torch.normal", 0), "torch.normal")
    _replace(torch.Tensor, "normal_", scaled("Tensor.normal_", 1), "Tensor.normal_")

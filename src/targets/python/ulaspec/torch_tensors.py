"""PyTorch, as a framework."""

from __future__ import annotations

from typing import Any, Callable

from .arrays import _Columns, _Framework, _arguments, _no_gradient
from .nested import Shape
from .session import _Evaluation, _Session, _now


class _Torch(_Framework, _Columns):
    """PyTorch (2.0 or newer): gradients by autograd, also under `torch.func`."""

    def __init__(self) -> None:
        import torch

        self.torch = torch

        def both(pair: Callable[..., Any]) -> Callable[..., Any]:
            def call(x: Any, y: Any) -> Any:
                like = x if isinstance(x, torch.Tensor) else y
                return pair(*(torch.as_tensor(z, dtype=like.dtype) for z in (x, y)))

            return call

        class Ops:
            abs, sqrt, exp, log = torch.abs, torch.sqrt, torch.exp, torch.log
            sin, cos, tanh = torch.sin, torch.cos, torch.tanh
            cosh, sinh, floor, sign = torch.cosh, torch.sinh, torch.floor, torch.sign
            minimum, maximum = staticmethod(both(torch.minimum)), staticmethod(both(torch.maximum))
            power = torch.pow

            @staticmethod
            def divide(x: Any, y: Any) -> Any:
                return x / y

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return torch.where(c > 0, x, y)

        class Watch(torch.autograd.Function):
            """The identity; logs the point when a gradient flows back."""

            @staticmethod
            def forward(points: Any, evaluation: _Evaluation) -> Any:
                return points.view_as(points)

            @staticmethod
            def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
                ctx.evaluation = inputs[1]

            @staticmethod
            def backward(ctx: Any, gradient: Any) -> Any:
                evaluation = ctx.evaluation
                if evaluation.kind == "outputs":
                    evaluation.kind = "gradient"
                elif _now.session is not None:
                    again = _Evaluation("gradient", evaluation.points, evaluation.rows)
                    _now.session.evaluations.append(again)
                return gradient, None

            @staticmethod
            def vmap(info: Any, in_dims: Any, points: Any, evaluation: _Evaluation) -> Any:
                return Watch.apply(points, evaluation), in_dims[0]

        self.ops, self.watch = Ops, Watch

    def columns(self, table: Any) -> Callable[[int], Any]:
        # All at once: the gradient of a single column is a table of zeros for each of them.
        return table.unbind(1).__getitem__

    def array(self, values: Any, shape: Shape) -> Any:
        return self.torch.tensor(values, dtype=self.torch.float32).reshape(shape)

    def lists(self, array: Any) -> Any:
        if isinstance(array, self.torch.Tensor):
            return array.detach().cpu().tolist()
        return super().lists(array)

    def _values(self, tensor: Any) -> Any:
        """A copy of a tensor's values, without the wrappers of `torch.func`; batches come first."""
        functorch = self.torch._C._functorch
        while functorch.is_functorch_wrapped_tensor(tensor):
            batch = functorch.maybe_get_bdim(tensor) if functorch.is_batchedtensor(tensor) else -1
            tensor = functorch.get_unwrapped(tensor)
            if batch > 0:
                tensor = tensor.movedim(batch, 0)
        return tensor.detach().clone()

    def network(self, session: _Session) -> Callable[..., Any]:
        torch, formula = self.torch, session.formula

        def network(*args: Any, **named: Any) -> Any:
            observations, actions = _arguments(args, named)
            shape = tuple(actions.shape)
            rows = session.has_shape(shape)
            values = self._values(actions)
            evaluation = session.log("outputs", values, tuple(values.shape))
            points = self.watch.apply(actions, evaluation).reshape(rows, session.axes)
            if observations is None:
                given = session.observed_by(evaluation.rows, rows)
                observations = torch.tensor(given, dtype=points.dtype)
            observed = points.new_zeros((rows, 0))
            if session.features:
                observed = observations.reshape(-1, session.features)
                times = session.repeats(len(observed), rows)
                observed = observed.repeat_interleave(times, dim=0) if times > 1 else observed
            energy = self.energies(formula.numbers, points, observed, formula, self.ops)
            return (energy if session.sign > 0 else -energy).reshape(shape[:-1])

        return network

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("torch.autograd.grad(network(observations, actions).sum(), actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        self.torch.manual_seed(session.seed)

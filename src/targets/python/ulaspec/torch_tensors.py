"""PyTorch, as a framework."""

from __future__ import annotations

import functools
import sys
from typing import Any, Callable, Dict, List, MutableMapping, Sequence, Tuple
from weakref import WeakKeyDictionary

from .arrays import _Framework, _no_attribute, _no_gradient, _remark_coarse, _remark_products
from .formula import _Formula
from .like_terms import _LikeTerms
from .nested import Shape
from .session import _Evaluation, _Session, _now
from .view import _question


class _Torch(_Framework):
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
            power, square = torch.pow, torch.square

            @staticmethod
            def divide(x: Any, y: Any) -> Any:
                return x / y

            @staticmethod
            def where(c: Any, x: Any, y: Any) -> Any:
                return torch.where(c > 0, x, y)

            @staticmethod
            def pick(table: Any, columns: Tuple[int, ...]) -> Any:
                first, count = columns[0], len(columns)
                if columns == tuple(range(table.shape[1])):
                    return table
                if columns == tuple(range(first, first + count)):
                    return table.narrow(1, first, count)
                return table[:, list(columns)]

            @staticmethod
            def signed(values: Any, signs: Tuple[float, ...]) -> Any:
                return values * values.new_tensor(signs)

            @staticmethod
            def sums(values: Any, count: int) -> Any:
                if count == 1:
                    return values.sum(1, keepdim=True)
                return values.reshape(values.shape[0], count, -1).sum(2)

        def flows_back(evaluation: _Evaluation) -> None:
            if evaluation.kind == "outputs":
                evaluation.kind = "gradient"
            elif _now.session is not None:
                _now.session.evaluations.append(evaluation)

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
                flows_back(ctx.evaluation)
                return gradient, None

            @staticmethod
            def vmap(info: Any, in_dims: Any, points: Any, evaluation: _Evaluation) -> Any:
                return Watch.apply(points, evaluation), in_dims[0]

        def watched(points: Any, evaluation: _Evaluation) -> Any:
            if torch._C._are_functorch_transforms_active():
                return Watch.apply(points, evaluation)
            # The same in a tenth of the time.
            seen = points.view_as(points)
            if seen.requires_grad:
                seen.register_hook(lambda _: flows_back(evaluation))
            return seen
        class Network(torch.nn.Module):
            """The network of a problem: a module, so that it can be treated as one.

            Its only parameter takes no part in its outputs.
            """

            def __init__(self, ask: Callable[..., Any], device: Any) -> None:
                super().__init__()
                self.ask = ask
                self.weight = torch.nn.Parameter(torch.zeros((), device=device))

            def forward(self, *args: Any, **named: Any) -> Any:
                return self.ask(*args, **named)

            def __getattr__(self, name: str) -> Any:
                try:
                    return super().__getattr__(name)
                except AttributeError:
                    raise AttributeError(_no_attribute(name, "torch.nn.Module")) from None

            def __deepcopy__(self, memo: Any) -> Any:
                return self

        self.ops, self.watched, self.module = Ops, watched, Network
        self.known: MutableMapping[_Formula, Callable[..., Any]] = WeakKeyDictionary()

    def array(self, values: Any, shape: Shape) -> Any:
        dtype = self.torch.float64 if self.wide else self.torch.float32
        tensor = self.torch.tensor(values, dtype=dtype, device=self.device)
        return tensor.reshape(shape)

    def joined(self, tables: Sequence[Any]) -> Any:
        return self.torch.cat(list(tables), dim=-1)

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

    def _energies(self, formula: _Formula) -> Callable[[Any, Any], Any]:
        """From points, rows × axes, and observations, rows × features, to rows × 1."""
        torch, terms = self.torch, _LikeTerms(formula.shape, self.ops)
        uses_actions, given = formula.uses_actions, formula.numbers
        known: Dict[Any, Any] = {}

        def energies(points: Any, observed: Any) -> Any:
            def row(places: Tuple[int, ...]) -> Any:
                key = places, points.dtype, points.device
                if key not in known:
                    numbers = [given[place] for place in places]
                    # A tensor that is made in inference mode is of no use outside of it.
                    with torch.inference_mode(False):
                        known[key] = torch.tensor([numbers], dtype=key[1], device=key[2])
                return known[key]

            energy = terms.energies({"a": points, "o": observed}, row)
            # The action takes part formally, or its gradient would be missing.
            return energy if uses_actions else energy + 0.0 * points[:, :1]

        return energies

    def network(self, session: _Session) -> Callable[..., Any]:
        torch, formula = self.torch, session.formula
        if formula not in self.known:
            self.known[formula] = self._energies(formula)
        energies = self.known[formula]

        def network(*args: Any, **named: Any) -> Any:
            observations, actions = _question(self, session, args, named)
            for given in (actions,) if observations is None else (actions, observations):
                if not isinstance(given, torch.Tensor):
                    raise session.fails(f"{type(given).__name__}, wanted tensors of torch")
            self._remark_precision(session, actions)
            shape = tuple(actions.shape)
            rows = session.has_shape(shape)
            values = self._values(actions)
            some = values.numel() < session.rows * session.axes and observations is not None
            observed = self._values(observations) if some else None
            evaluation = session.log("outputs", values, tuple(values.shape), observed)
            points = self.watched(actions, evaluation).reshape(rows, session.axes)
            observed = None
            if session.features:
                if observations is None:
                    given = session.observed_by(evaluation, rows)
                    observations = torch.tensor(given, dtype=points.dtype, device=points.device)
                observed = observations.reshape(-1, session.features)
                times = session.repeats(len(observed), rows)
                observed = observed.repeat_interleave(times, dim=0) if times > 1 else observed
            return self.outputs(energies(points, observed), session, shape)

        return self.module(network, self.device)

    def _remark_precision(self, session: _Session, actions: Any) -> None:
        """Names arithmetic that is coarser than float32, before its rounding is taken for a bug."""
        torch = self.torch
        coarse = ""
        if actions.dtype in (torch.float16, torch.bfloat16):
            coarse = f"actions in {str(actions.dtype)[6:]}"
        elif torch.is_autocast_enabled(actions.device.type):
            coarse = f"autocast to {str(torch.get_autocast_dtype(actions.device.type))[6:]}"
        elif actions.device.type == "cuda" and torch.get_float32_matmul_precision() != "highest":
            _remark_products(session, "TF32 (10 bits)")
        if coarse:
            _remark_coarse(session, coarse)

    def gradient(self, session: _Session) -> Callable[..., Any]:
        return _no_gradient("torch.autograd.grad(network(observations, actions).sum(), actions)")

    def open(self, session: _Session) -> None:
        super().open(session)
        if self.as_written:
            _torch_uncompiled()
            self.as_written = False
        self.torch.manual_seed(session.seed)


def _torch_uncompiled() -> List[Callable[[], None]]:
    """Lets what `torch.compile` made run as it was written, so that it is seen: what ends that."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch.compiler, "set_stance"):
        return []
    stances: List[Any] = []

    def write_out() -> None:
        if not stances:
            stances.append(torch.compiler.set_stance("force_eager"))

    # The compiler takes seconds to import: whoever never compiles is spared it.
    if "torch._dynamo" in sys.modules:
        write_out()
    compiled = torch.compile

    @functools.wraps(compiled)
    def compile_for_later(*args: Any, **named: Any) -> Any:
        made = compiled(*args, **named)
        write_out()
        return made

    def end() -> None:
        torch.compile = compiled
        for stance in stances:
            stance.__exit__(None, None, None)

    torch.compile = compile_for_later
    return [end]

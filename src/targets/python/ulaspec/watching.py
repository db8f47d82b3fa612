"""Watches a real run: a person's own sampler, on a trained network of their own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .floats import _words
from .replacing import _rebind
from .session import _now

#: Rows that are recorded; more are left out, and the report says so.
MOST_ROWS = 128


def watch(
    network: Any,
    *,
    bounds: Any,
    steps: int,
    init: float = 0.1,
    final: float = 1e-5,
    power: float = 2.0,
    decay: Optional[float] = None,
    noise_scale: float = 1.0,
    delta_clip: float = 0.1,
    grad_clip: Optional[float] = None,
    apply_exp: bool = False,
    returns: str = "energy",
) -> "Watched":
    """Watches what a sampler does with a network of PyTorch, while it runs for real::

        with ulaspec.watch(network, bounds=(low, high), steps=25) as run:
            run.final = sampler.sample(observations, network)
        print(run.report())

    Nothing is replaced: points, gradients and draws are noted as they go by. The settings are those
    that the sampler was made with; with ``decay`` the schedule is exponential.

    - ``network``: an ``nn.Module``; of any other callable, call ``run.network`` instead of it
    - ``bounds``: the lower and the upper side of the box, one number for each axis
    - ``returns``: "energy" (low is good) or "logits" (high is good)
    - ``run.final``: what the sampler returned, if the last step is to be judged, too
    """
    low, high = (_plain(side) for side in bounds)
    schedule: Dict[str, Any] = {"kind": "polynomial", "init": init, "final": final, "power": power}
    if decay is not None:
        schedule = {"kind": "exponential", "init": init, "decay": decay}
    settings = {
        "bounds": {"min": low, "max": high},
        "steps": int(steps),
        "schedule": schedule,
        "noiseScale": noise_scale,
        "gradClip": grad_clip,
        "deltaClip": delta_clip,
        "gradNorm": None,
        "applyExp": apply_exp,
    }
    if returns not in ("energy", "logits"):
        raise ValueError(f"Cannot watch: found returns = {returns!r}, wanted 'energy' or 'logits'")
    return Watched(network, settings, returns)


def _plain(side: Any) -> List[float]:
    numbers = side.tolist() if hasattr(side, "tolist") else list(side)
    return [float(x) for x in numbers]


class _Seen:
    """One question to the network, and the gradient that came back."""

    def __init__(self, points: Any) -> None:
        self.points = points
        self.slopes: Any = None
        self.weights: Any = None


class Watched:
    """A run under watch; what `watch` gives."""

    def __init__(self, network: Any, settings: Dict[str, Any], returns: str) -> None:
        import torch

        self._torch = torch
        self._settings, self._returns = settings, returns
        self._axes = len(settings["bounds"]["min"])
        self._asked: Any = network
        self._is_module = isinstance(network, torch.nn.Module)
        #: The network as the sampler is to call it.
        self.network: Callable[..., Any] = network if self._is_module else self._call
        #: What the sampler returned.
        self.final: Any = None
        self._seen: List[_Seen] = []
        self._draws: List[Any] = []
        self._open: List[_Seen] = []
        self._hooks: List[Any] = []

    def __enter__(self) -> "Watched":
        if self._is_module:
            self._hooks = [
                self._asked.register_forward_pre_hook(self._before, with_kwargs=True),
                self._asked.register_forward_hook(self._after),
            ]
        _rebind()
        self._outer, _now.watched = _now.watched, self
        return self

    def __exit__(self, *_: Any) -> None:
        _now.watched = self._outer
        for hook in self._hooks:
            hook.remove()

    # What goes by

    def drew(self, values: Any) -> None:
        """A standard normal draw."""
        self._draws.append(values.detach().clone())

    def _call(self, *args: Any, **named: Any) -> Any:
        args, named = self._before(None, args, named)
        return self._after(None, args, self._asked(*args, **named))

    def _before(self, _: Any, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
        place = self._place_of_actions(args, named)
        if place is None:
            self._open.append(_Seen(None))
            return args, named
        actions = args[place] if isinstance(place, int) else named[place]
        seen = _Seen(actions.detach().clone())
        watched = actions.view_as(actions)
        watched.register_hook(lambda slopes: self._flows_back(seen, slopes))
        self._open.append(seen)
        if isinstance(place, int):
            return (*args[:place], watched, *args[place + 1 :]), named
        return args, {**named, place: watched}

    def _place_of_actions(self, args: Tuple[Any, ...], named: Dict[str, Any]) -> Any:
        for place, value in [*enumerate(args), *named.items()]:
            if isinstance(value, self._torch.Tensor) and value.requires_grad:
                if value.dim() > 0 and value.shape[-1] == self._axes:
                    return place
        return None

    def _after(self, _: Any, __: Any, output: Any) -> Any:
        seen = self._open.pop()
        first = output[0] if isinstance(output, (tuple, list)) else output
        if seen.points is not None and first.requires_grad:
            first.register_hook(lambda weights: setattr(seen, "weights", weights.detach().clone()))
        return output

    def _flows_back(self, seen: _Seen, slopes: Any) -> None:
        seen.slopes = slopes.detach().clone()
        self._seen.append(seen)

    # What is made of it

    def recording(self) -> Dict[str, Any]:
        """What was seen, as ``ulaspec check --trace`` reads it."""
        steps = self._without_repeats()
        rows = 0 if not steps else steps[0].points.numel() // self._axes
        kept = sorted({r * rows // MOST_ROWS for r in range(MOST_ROWS)} if rows > MOST_ROWS else range(rows))
        notes = []
        draws = self._draws_by_step(len(steps), rows, notes)
        final = None
        if self.final is not None:
            final = self._table(self._torch.as_tensor(self.final), rows, kept)
        return {
            "format": "ulaspec-watched/1",
            "settings": self._settings,
            "points": [self._table(seen.points, rows, kept) for seen in steps],
            "gradients": [self._slopes(seen, rows, kept) for seen in steps],
            "draws": draws and [self._table(draw, rows, kept) for draw in draws],
            "final": final,
            "rows": rows,
            "notes": notes,
        }

    def _without_repeats(self) -> List[_Seen]:
        """A gradient that is asked once more at the same points is one for a log."""
        steps: List[_Seen] = []
        for seen in self._seen:
            if not steps or seen.points.shape != steps[-1].points.shape:
                steps.append(seen)
            elif not self._torch.equal(seen.points, steps[-1].points):
                steps.append(seen)
        most = max((seen.points.numel() for seen in steps), default=0)
        return [seen for seen in steps if seen.points.numel() == most]

    def _draws_by_step(self, steps: int, rows: int, notes: List[str]) -> Optional[List[Any]]:
        """The draw of each step; None if that cannot be told."""
        size = rows * self._axes
        whole = [draw.reshape(-1) for draw in self._draws if size and draw.numel() % size == 0]
        if not whole:
            if self._settings["noiseScale"] == 0:
                return [self._torch.zeros(size) for _ in range(steps)]
            notes.append("No normal draw in the shape of the actions was seen")
            return None
        flat = self._torch.cat(whole).reshape(-1, size)
        if len(flat) < self._settings["steps"]:
            notes.append(f"{len(flat)} draws were seen in {self._settings['steps']} steps")
            return None
        if len(flat) > self._settings["steps"]:
            # The sampler drew its start, or something else, before its steps.
            notes.append(f"{len(flat)} draws were seen: those of the last steps were taken")
        return list(flat[-self._settings["steps"] :])

    def _slopes(self, seen: _Seen, rows: int, kept: Sequence[int]) -> Any:
        """The gradient of each row's own energy, whatever the sampler made of the outputs."""
        slopes = seen.slopes.reshape(rows, self._axes).double()
        if seen.weights is not None and seen.weights.numel() == rows:
            slopes = slopes / seen.weights.reshape(rows, 1).double()
        if self._returns == "logits":
            slopes = -slopes
        return self._table(slopes, rows, kept)

    def _table(self, values: Any, rows: int, kept: Sequence[int]) -> Any:
        table = values.detach().cpu().reshape(rows, self._axes)
        return _words((table if len(kept) == rows else table[list(kept)]).tolist())

    def save(self, file: str) -> None:
        """Writes what was seen, for ``ulaspec check --trace FILE``."""
        with open(file, "w", encoding="utf-8") as text:
            json.dump(self.recording(), text)

    def report(self) -> str:
        """What is to be said of the run, as ``ulaspec check --trace`` prints it."""
        return self._judged("pretty")[1]

    def check(self) -> None:
        """Raises an AssertionError with the report unless every step that was seen is the rule's."""
        code, text = self._judged("pretty")
        if code != 0:
            raise AssertionError(f"\n{text}")

    def _judged(self, form: str) -> Tuple[int, str]:
        # The command of the package; a copied adapter has none.
        from .__main__ import suite_command, suite_environment

        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "run.json")
            self.save(file)
            done = subprocess.run(
                [*suite_command(), "check", "--trace", file, "--format", form],
                env=suite_environment("ulaspec"),
                capture_output=True,
                encoding="utf-8",
            )
        if not done.stdout:
            raise RuntimeError(f"The suite gave no report:\n{done.stderr}")
        return done.returncode, done.stdout

"""Checks a port in PyTorch against the traces of the official code, with pytest and torch alone.

Copy this file, `test_golden.py` and the folder `golden/traces` beside your tests, and let `sample`
call your sampler as it is: it draws its noise itself. A mode of torch gives it the draws of the
trace in the place of its normal draws, so nothing is patched. `test_golden.py` says what this tells.
"""

import json

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from test_golden import TRACES, float32, rates_of


def sample(network, initial, bounds, rates, noise_scale, delta_clip, grad_clip):
    """The port under test: replace this by a call of yours.

    network: actions, rows × axes → energies, rows. Returns the final actions.
    """
    low, high = bounds
    limit, actions = delta_clip * 0.5 * (high - low), initial
    for rate in rates:
        actions = actions.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(network(actions).sum(), actions)
        if grad_clip is not None:
            slope = slope.clamp(-grad_clip, grad_clip)
        move = rate * (0.5 * slope + noise_scale * torch.randn_like(actions))
        move = torch.minimum(torch.maximum(move, -limit), limit)
        actions = torch.minimum(torch.maximum(actions - move, low), high)
    return actions.detach()


class Tape(TorchFunctionMode):
    """While it is on, normal draws are those of a trace, one after the other."""

    STANDARD = (torch.randn, torch.randn_like)
    SCALED = (torch.normal, torch.Tensor.normal_)

    def __init__(self, draws):
        super().__init__()
        self.draws = iter(draws)

    def __torch_function__(self, function, types, args=(), kwargs=None):
        drawn = function(*args, **(kwargs or {}))
        if function not in self.STANDARD + self.SCALED:
            return drawn
        draw = next(self.draws).reshape(drawn.shape).to(drawn)
        if function in self.SCALED:
            first = 1 if function is torch.Tensor.normal_ else 0
            given = {**dict(zip(("mean", "std"), args[first:])), **(kwargs or {})}
            draw = draw * given.get("std", 1.0) + given.get("mean", 0.0)
        return drawn.copy_(draw)


def network_of(trace):
    """The energy of a trace, or what exp makes of it, as a function that autograd runs through."""
    code = compile(trace["energy"]["formula"].replace("^", "**"), "energy", "eval")
    names = {name: getattr(torch, name) for name in "sqrt exp log sin cos tanh cosh sinh".split()}
    if trace["observations"] is not None:
        columns = torch.tensor(float32(trace["observations"])).T
        names |= {f"o{i + 1}": column for i, column in enumerate(columns)}

    def network(actions):
        columns = {f"a{i + 1}": column for i, column in enumerate(actions.T)}
        energy = eval(code, {"__builtins__": {}}, names | columns) + 0 * actions[:, 0]
        return -torch.exp(-energy) if trace["config"].get("applyExp", False) else energy

    return network


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_the_port_walks_as_the_official_code(path):
    trace = json.loads(path.read_text())
    config = trace["config"]
    bounds = [torch.tensor(float32(trace["bounds"][side])) for side in ("min", "max")]
    with Tape(torch.tensor(float32(trace["noise"]))):
        final = sample(
            network_of(trace),
            torch.tensor(float32(trace["initial"])),
            bounds,
            rates_of(config["schedule"], config["steps"]).tolist(),
            config["noiseScale"],
            config["deltaActionClip"],
            config["gradClip"],
        ).numpy()
    wanted = float32(trace["chain"]["actions"])[-1]
    tolerance = 2e-6 * np.maximum(*(np.abs(side.numpy()) for side in bounds))
    apart = np.abs(final - wanted) / tolerance
    row, axis = np.unravel_index(np.argmax(apart), apart.shape)
    assert apart.max() <= 1, f"row {row}, axis {axis}: found {final[row, axis]}, wanted {wanted[row, axis]}"

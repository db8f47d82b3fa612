"""Checks a port against the traces of the official code with pytest and NumPy alone.

Copy this file and the folder `golden/traces` beside your tests, put your sampler into `sample`, and
run `pytest`. The noise of every trace is on a tape, so the whole chain must come out the same. What
this cannot tell is which clause a wrong port breaks, and what becomes of it on other problems: the
suite itself does.
"""

import json
import os
import pathlib

import numpy as np
import pytest


def sample(gradient, initial, noise, bounds, rates, noise_scale, delta_clip, grad_clip):
    """The port under test: replace this by a call of yours.

    gradient: actions → dE/da, both rows × axes. noise: steps × rows × axes.
    Returns the actions after each step, steps × rows × axes.
    """
    low, high = bounds
    limit = delta_clip * 0.5 * (high - low)
    actions, chain = initial, []
    for rate, draw in zip(rates, noise):
        slope = gradient(actions)
        if grad_clip is not None:
            slope = np.clip(slope, -grad_clip, grad_clip)
        move = np.clip(rate * (0.5 * slope + noise_scale * draw), -limit, limit)
        actions = np.clip(actions - move, low, high)
        chain.append(actions)
    return np.array(chain)


HERE = pathlib.Path(__file__).parent
# A folder that the environment names, or traces/ beside this file, or golden/traces/ above it.
PLACES = [HERE / "traces", *(folder / "golden" / "traces" for folder in HERE.parents)]
NEAREST = next((place for place in PLACES if place.is_dir()), PLACES[0])
FOLDER = pathlib.Path(os.environ.get("ULASPEC_TRACES", NEAREST))
# The frozen schedule of graph mode is a deviation of the official code from its own rule. Gradients
# that are not finite are for the suite: there is no derivative to be taken here.
LEFT_OUT = {"exponential-frozen-graph", "nan-gradient", "infinite-gradient"}
TRACES = sorted(p for p in FOLDER.glob("*.json") if p.stem not in LEFT_OUT | {"index"})


def float32(values):
    """Texts and decimals of a trace as the float32 numbers that they stand for."""
    return np.array(values, dtype=np.float32).astype(np.float64)


def energy_of(trace):
    """E of actions, rows × axes → rows. Works on complex actions too."""
    code = compile(trace["energy"]["formula"].replace("^", "**"), "energy", "eval")
    names = {name: getattr(np, name) for name in "sqrt exp log sin cos tanh cosh sinh".split()}
    observed = trace["observations"]
    if observed is not None:
        names |= {f"o{i + 1}": column for i, column in enumerate(float32(observed).T)}

    def energy(actions):
        columns = {f"a{i + 1}": column for i, column in enumerate(actions.T)}
        return eval(code, {"__builtins__": {}}, names | columns) + 0 * actions[:, 0]

    return energy


def gradient_of(energy, apply_exp):
    """The gradient by complex steps: exact for analytic functions, without any framework."""
    step = 1e-30

    def gradient(actions):
        slope = np.empty_like(actions)
        for axis in range(actions.shape[1]):
            moved = actions.astype(complex)
            moved[:, axis] += 1j * step
            slope[:, axis] = energy(moved).imag / step
        return np.exp(-energy(actions))[:, None] * slope if apply_exp else slope

    return gradient


def rates_of(schedule, steps):
    """η_0 … η_{N-1}."""
    k = np.arange(steps)
    if schedule["kind"] == "exponential":
        return schedule["init"] * schedule["decay"] ** k
    left = 1 - k / max(steps - 1, 1)
    return (schedule["init"] - schedule["final"]) * left ** schedule["power"] + schedule["final"]


def test_the_traces_are_there():
    assert TRACES, f"found no traces in {FOLDER}, wanted those of golden/traces"


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_the_port_walks_as_the_official_code(path):
    trace = json.loads(path.read_text())
    config = trace["config"]
    bounds = float32(trace["bounds"]["min"]), float32(trace["bounds"]["max"])
    chain = sample(
        gradient_of(energy_of(trace), config.get("applyExp", False)),
        float32(trace["initial"]),
        float32(trace["noise"]),
        bounds,
        rates_of(config["schedule"], config["steps"]),
        config["noiseScale"],
        config["deltaActionClip"],
        config["gradClip"],
    )
    wanted = float32(trace["chain"]["actions"])
    # Rounding in float32 adds up along a chain; a wrong rule is thousands of times farther away.
    tolerance = 2e-6 * np.maximum(np.abs(bounds[0]), np.abs(bounds[1]))
    apart = np.abs(chain - wanted) / tolerance
    step, row, axis = np.unravel_index(np.argmax(apart), apart.shape)
    assert apart.max() <= 1, (
        f"step {step}, row {row}, axis {axis}: found {chain[step, row, axis]}, "
        f"wanted {wanted[step, row, axis]}"
    )

"""A kernel of JAX that is given a key and a state and gives back the next state.

    ulaspec check -- python3 docs/examples/python/kernel_port.py
"""

from typing import NamedTuple

import ulaspec
import jax


class State(NamedTuple):
    position: jax.Array
    slope: jax.Array


def build(energy, temperature):
    slope = jax.grad(lambda x: energy(x).sum())

    def init(position):
        return State(position, slope(position))

    def kernel(key, state, step_size):
        noise = jax.random.normal(key, state.position.shape)
        move = step_size / 2 * state.slope + (step_size * temperature) ** 0.5 * noise
        return init(state.position - move)

    return init, kernel


class Target(ulaspec.Target):
    name, framework, rule = "a kernel", "jax", "ula-half+temperature+schedule"

    def sample(self, settings, problem):
        init, kernel = build(problem.network, settings.temperature)
        keys = jax.random.split(jax.random.key(problem.seed), settings.steps)
        state = init(problem.initial)
        for key, step_size in zip(keys, settings.step_sizes):
            state = kernel(key, state, step_size)
        return state.position


ulaspec.serve(Target())

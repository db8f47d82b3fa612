"""A JAX port: the key is split for every step, and the whole chain is compiled by `jit` as one
`lax.scan`. Its network returns an energy.

    ulaspec check -- python3 docs/examples/python/jax_port.py
"""

import ulaspec
import jax
import jax.numpy as jnp


@jax.jit
def chain(energy, observations, actions, key, rates, low, high, noise_scale, grad_clip, delta_clip):
    gradient = jax.grad(lambda a: energy(observations, a).sum())
    limit = delta_clip * 0.5 * (high - low)

    def step(carry, rate):
        actions, key = carry
        key, noise_key = jax.random.split(key)
        slope = jnp.clip(gradient(actions), -grad_clip, grad_clip)
        noise = noise_scale * jax.random.normal(noise_key, actions.shape)
        delta = jnp.clip(rate * (0.5 * slope + noise), -limit, limit)
        actions = jnp.clip(actions - delta, low, high)
        return (actions, key), actions

    (actions, _), trajectory = jax.lax.scan(step, (actions, key), rates)
    return actions, trajectory


def rates_of(schedule, steps):
    if schedule.kind == "exponential":
        return [schedule.init * schedule.decay**k for k in range(steps)]
    span, last = schedule.init - schedule.final, max(steps - 1, 1)
    return [schedule.final + span * (1 - k / last) ** schedule.power for k in range(steps)]


class Target(ulaspec.Target):
    name = "JAX port"
    framework = "jax"
    network_returns = "energy"
    unsupported = ["apply-exp"]

    def prepare(self, s):
        grad_clip = jnp.inf if s.grad_clip is None else s.grad_clip
        rates = jnp.array(rates_of(s.schedule, s.steps))
        return rates, *s.bounds, s.noise_scale, grad_clip, s.delta_clip

    def sample(self, options, p):
        key = jax.random.key(p.seed)
        return ulaspec.Result(*chain(p.network, p.observations, p.initial, key, *options))


ulaspec.serve(Target())

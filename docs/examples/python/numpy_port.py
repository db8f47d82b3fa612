"""A NumPy port in float64: it takes the gradient from its caller and draws its noise from a
`Generator`.

    ulaspec check -- python3 docs/examples/python/numpy_port.py
"""

import ulaspec
import numpy as np


class Langevin:
    def __init__(self, low, high, rates, noise_scale, delta_clip, grad_clip=None):
        self.low, self.high, self.rates = np.asarray(low), np.asarray(high), rates
        self.noise_scale, self.grad_clip = noise_scale, grad_clip
        self.limit = delta_clip * 0.5 * (self.high - self.low)

    def run(self, gradient, actions, rng):
        actions = actions.astype(np.float64)
        for rate in self.rates:
            slope = gradient(actions)
            if self.grad_clip is not None:
                slope = np.clip(slope, -self.grad_clip, self.grad_clip)
            noise = rng.normal(scale=self.noise_scale, size=actions.shape)
            delta = np.clip(rate * (0.5 * slope + noise), -self.limit, self.limit)
            actions = np.clip(actions - delta, self.low, self.high)
        return actions


def rates_of(schedule, steps):
    k = np.arange(steps)
    if schedule.kind == "exponential":
        return schedule.init * schedule.decay**k
    ramp = (1 - k / max(steps - 1, 1)) ** schedule.power
    return schedule.final + (schedule.init - schedule.final) * ramp


class Target(ulaspec.Target):
    name = "NumPy port"
    framework = "numpy"
    network_returns = "energy"
    unsupported = ["apply-exp"]

    def prepare(self, s):
        rates = rates_of(s.schedule, s.steps)
        return Langevin(*s.bounds, rates, s.noise_scale, s.delta_clip, s.grad_clip)

    def sample(self, sampler, p):
        return sampler.run(p.gradient, p.initial, np.random.default_rng(p.seed))


ulaspec.serve(Target())

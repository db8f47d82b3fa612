"""A PyTorch port whose network returns logits (high is good): it climbs them, and adds its noise
instead of subtracting it, which is the same law. It takes gradients through `torch.func` and clips
them.

    ulaspec check -- python3 docs/examples/python/logits_port.py
"""

import ulaspec
import torch
from torch import normal
from torch.func import grad


def polynomial_rates(init, final, power, steps):
    yield init
    for k in range(1, steps):
        yield (init - final) * (1 - k / (steps - 1)) ** power + final


def climb(q_function, states, actions, rates, *, low, high, sigma, grad_clip, delta_clip):
    ascent = grad(lambda a: q_function(states, a).sum())
    reach = delta_clip * (high - low) / 2
    for rate in rates:
        slope = ascent(actions)
        if grad_clip is not None:
            slope = slope.clamp(-grad_clip, grad_clip)
        push = rate * normal(slope / 2, sigma * torch.ones_like(slope))
        actions = (actions + push.clamp(-reach, reach)).clamp(low, high)
    return actions


class Target(ulaspec.Target):
    name = "logits port"
    framework = "torch"
    network_returns = "logits"
    unsupported = ["exponential-schedule", "apply-exp"]

    def prepare(self, s):
        rates = s.schedule.init, s.schedule.final, s.schedule.power, s.steps
        low, high = s.bounds
        clips = dict(grad_clip=s.grad_clip, delta_clip=s.delta_clip)
        return rates, dict(low=low, high=high, sigma=s.noise_scale, **clips)

    def sample(self, prepared, p):
        rates, options = prepared
        return climb(p.network, p.observations, p.initial, polynomial_rates(*rates), **options)


ulaspec.serve(Target())

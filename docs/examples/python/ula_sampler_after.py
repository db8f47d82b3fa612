"""The port of `ula_sampler_before.py` with the delta clip put in: after the noise is added, each
axis is limited to the delta clip times half its range.

    ulaspec check -- python3 docs/examples/python/ula_sampler_after.py
"""

import ulaspec
import torch


class ULASampler:
    def __init__(self, bounds, num_iterations, stepsizes, noise_scale, delta_action_clip):
        self.low, self.high = bounds
        self.num_iterations = num_iterations
        self.init, self.final, self.power = stepsizes
        self.noise_scale = noise_scale
        self.limit = delta_action_clip * 0.5 * (self.high - self.low)

    def stepsize(self, k):
        remaining = 1 - k / max(self.num_iterations - 1, 1)
        return (self.init - self.final) * remaining**self.power + self.final

    def sample(self, obs, energy_network, actions):
        for k in range(self.num_iterations):
            actions = actions.detach().requires_grad_(True)
            energy = energy_network(obs, actions)
            (gradient,) = torch.autograd.grad(energy.sum(), actions)
            noise = torch.randn_like(actions) * self.noise_scale
            delta = self.stepsize(k) * (0.5 * gradient + noise)
            delta = torch.clamp(delta, -self.limit, self.limit)
            actions = torch.clamp(actions - delta, self.low, self.high)
        return actions.detach()


Target = ulaspec.target(
    ULASampler,
    name="ULASampler after",
    stepsizes="(schedule.init, schedule.final, schedule.power)",
)

ulaspec.serve(Target)

"""A PyTorch port as one finds it: a class for a network that returns an energy. It follows the rule
except for one line that is not there: no step is limited by the delta clip.

    ulaspec check -- python3 docs/examples/python/ula_sampler_before.py
"""

import ulaspec
import torch


class ULASampler:
    def __init__(self, bounds, num_iterations, stepsizes, noise_scale):
        self.low, self.high = bounds
        self.num_iterations = num_iterations
        self.init, self.final, self.power = stepsizes
        self.noise_scale = noise_scale

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
            actions = torch.clamp(actions - delta, self.low, self.high)
        return actions.detach()


class Target(ulaspec.Target):
    name = "ULASampler before"
    framework = "torch"
    network_returns = "energy"
    unsupported = ["grad-clip", "exponential-schedule", "apply-exp"]

    def prepare(self, settings):
        rates = settings.schedule.init, settings.schedule.final, settings.schedule.power
        return ULASampler(settings.bounds, settings.steps, rates, settings.noise_scale)

    def sample(self, sampler, problem):
        return sampler.sample(problem.observations, problem.network, problem.initial)


ulaspec.serve(Target())

"""A PyTorch port for a network of sequences: actions are kept by observation, groups × samples ×
axes, and the network returns one energy per sample. It reports its whole trajectory.

    ulaspec check -- python3 docs/examples/python/sequence_ebm.py
"""

import ulaspec
import torch
from torch import nn


class SequenceEBM(nn.Module):
    """One energy for each candidate of each sequence: (B, T), (B, n, d) -> (B, n)."""

    def __init__(self, score):
        super().__init__()
        self.score = score

    def forward(self, sequence, candidates):
        return self.score(sequence, candidates)


def langevin(model, sequence, candidates, settings, keep):
    low, high = settings.bounds
    limit = settings.delta_clip * 0.5 * (high - low)
    decay = torch.linspace(1, 0, settings.steps, dtype=torch.float64).tolist()
    schedule, trajectory, energies, norms = settings.schedule, [], [], []
    order = {"1": 1, "2": 2, "inf": float("inf")}.get(settings.grad_norm)
    x = candidates.clone()
    for remaining in decay:
        rate = schedule.final + (schedule.init - schedule.final) * remaining**schedule.power
        x.requires_grad_(True)
        energy = model(sequence, x)
        energy.sum().backward()
        slope, x = x.grad, x.detach()
        energies.append(energy.detach())
        norms.append(torch.zeros(x.shape[:2]) if order is None else slope.norm(p=order, dim=-1))
        if settings.grad_clip is not None:
            slope = slope.clamp(-settings.grad_clip, settings.grad_clip)
        noise = torch.empty_like(x).normal_(mean=0.0, std=settings.noise_scale)
        step = torch.minimum(torch.maximum(rate * (0.5 * slope + noise), -limit), limit)
        x = torch.minimum(torch.maximum(x - step, low), high)
        trajectory.append(x)
    return keep(x, trajectory, energies, norms)


class Target(ulaspec.Target):
    name = "SequenceEBM"
    framework = "torch"
    network_returns = "energy"
    unsupported = ["exponential-schedule", "apply-exp"]

    def prepare(self, settings):
        return settings

    def sample(self, settings, problem):
        model = SequenceEBM(problem.network)
        candidates = problem.grouped(problem.initial)
        return langevin(model, problem.observations, candidates, settings, ulaspec.Result)


ulaspec.serve(Target())

"""An optimizer of PyTorch that draws: its step() moves the parameters that it was given.

    ulaspec check -- python3 docs/examples/python/optimizer_port.py
"""

import ulaspec
import torch


class Langevin(torch.optim.Optimizer):
    def __init__(self, params, lr, temperature=1.0):
        super().__init__(params, {"lr": lr, "temperature": temperature})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            scale = (2 * group["lr"] * group["temperature"]) ** 0.5
            for p in group["params"]:
                p -= group["lr"] * p.grad + scale * torch.randn_like(p)


class Target(ulaspec.Target):
    name, rule = "an optimizer", "ula+temperature+schedule"

    def sample(self, settings, problem):
        x = problem.initial.clone().requires_grad_()
        optimizer = Langevin([x], lr=settings.step_size, temperature=settings.temperature)
        for optimizer.param_groups[0]["lr"] in settings.step_sizes:
            optimizer.zero_grad()
            problem.network(x).sum().backward()
            optimizer.step()
        return x.detach()


ulaspec.serve(Target())

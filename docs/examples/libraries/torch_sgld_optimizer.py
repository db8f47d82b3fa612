"""torch-sgld's SGLD: an optimizer, whose step() moves the parameters."""
import torch
import ulaspec
from torch_sgld import SGLD


class Target(ulaspec.Target):
    name, rule = "torch-sgld SGLD", "ula+temperature+schedule"

    def sample(self, settings, problem):
        x = torch.nn.Parameter(problem.initial.clone())
        optimizer = SGLD([x], lr=1.0, temperature=settings.temperature)
        for optimizer.param_groups[0]["lr"] in settings.step_sizes:
            optimizer.zero_grad()
            problem.network(x).sum().backward()
            optimizer.step()
        return x.detach()


ulaspec.serve(Target())

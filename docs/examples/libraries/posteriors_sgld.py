"""posteriors' SGLD: a transform with a state, which its caller updates."""
import torch
import ulaspec
from posteriors import sgmcmc

class Target(ulaspec.Target):
    name, rule = "posteriors sgld", "ula+temperature+schedule"

    def sample(self, settings, problem):
        def log_posterior(params, batch):
            return -problem.network(params).sum(), torch.tensor([])

        lr = settings.step_sizes.__getitem__
        transform = sgmcmc.sgld.build(log_posterior, lr, temperature=settings.temperature)
        state = transform.init(problem.initial)
        for _ in range(settings.steps):
            state, _ = transform.update(state, None)
        return state.params


ulaspec.serve(Target())

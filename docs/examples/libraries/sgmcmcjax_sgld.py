"""SGMCMCJax's SGLD: a kernel with a state, here with the data of one row."""
import jax
import jax.numpy as jnp
import ulaspec
from sgmcmcjax.kernels import build_sgld_kernel

class Target(ulaspec.Target):
    name, framework, rule = "SGMCMCJax sgld", "jax", "ula"

    def sample(self, settings, problem):
        likelihood, data = lambda x, _: -problem.network(x).sum(), (jnp.zeros((1, 1)),)
        start, kernel, params = build_sgld_kernel(
            settings.step_size, likelihood, lambda x: 0.0, data, 1)
        state = start(jax.random.key(0), problem.initial)
        for k, key in enumerate(jax.random.split(jax.random.key(1), settings.steps)):
            state = kernel(k, key, state)
        return params(state)


ulaspec.serve(Target())

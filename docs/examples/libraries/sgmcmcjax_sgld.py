"""SGMCMCJax's SGLD: a kernel with a state. The energy is its prior, beside data that say nothing."""
import jax
import jax.experimental
import jax.numpy as jnp
import ulaspec

jax.experimental.host_callback = None  # gone since JAX 0.4.36; it was for a bar of progress
from sgmcmcjax.kernels import build_sgld_kernel

class Target(ulaspec.Target):
    name, framework, rule = "SGMCMCJax sgld", "jax", "ula"

    def sample(self, s, problem):
        prior, data = lambda x: -problem.network(x).sum(), (jnp.zeros((1, 1)),)
        start, kernel, params = build_sgld_kernel(s.step_size, lambda *_: 0.0, prior, data, 1)
        state = start(jax.random.key(0), problem.initial)
        for k, key in enumerate(jax.random.split(jax.random.key(1), s.steps)):
            state = kernel(k, key, state)
        return params(state)


ulaspec.serve(Target())

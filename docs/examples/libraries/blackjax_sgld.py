"""blackjax's SGLD: a kernel that is given a key and a state."""
import jax
import ulaspec
from blackjax import sgld


class Target(ulaspec.Target):
    name, framework, rule = "blackjax sgld", "jax", "ula+temperature+schedule"

    def sample(self, settings, problem):
        slope = jax.jit(jax.grad(lambda x: -problem.network(x).sum()))
        algorithm = sgld(lambda x, minibatch: slope(x))
        x, key = algorithm.init(problem.initial), jax.random.key(problem.seed)
        for step_size in settings.step_sizes:
            key, own = jax.random.split(key)
            x = algorithm.step(own, x, None, step_size, settings.temperature)
        return x


ulaspec.serve(Target())

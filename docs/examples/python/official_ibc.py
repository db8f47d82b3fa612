"""Judges the official sampler itself: `ibc/agents/mcmc.py` in a checkout of google-research/ibc.

The file is loaded from there as it is. What it imports besides TensorFlow (gin, tf_agents) is
stubbed if it is not installed: the sampler uses none of it.

    ulaspec check -- python3 docs/examples/python/official_ibc.py PATH_OF_THE_CHECKOUT

Its exponential schedule, traced by `tf.function`, decays once and then stays constant: the clause
`schedule/exponential` should be violated, and no other. This adapter is tested with a module of our
own that has the same function with the same arguments, not with the official file.
"""

import functools
import importlib.util
import pathlib
import sys
import types

import ulaspec
import tensorflow as tf


def stub(name, **attributes):
    try:
        importlib.import_module(name)
    except ImportError:
        module = types.ModuleType(name)
        module.__dict__.update(attributes)
        sys.modules[name] = module


def official(checkout):
    stub("gin", configurable=lambda function: function)
    stub("tf_agents")
    stub("tf_agents.utils", nest_utils=None)
    file = pathlib.Path(checkout, "ibc", "agents", "mcmc.py")
    if not file.is_file():
        sys.exit(f"Cannot load the sampler: found no file {file}, wanted a checkout of ibc")
    spec = importlib.util.spec_from_file_location("official_mcmc", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.langevin_actions_given_obs


def arguments(s):
    """The settings in the official function's words; tensors, so that it is traced less often."""
    schedule = {"init": s.schedule.init, "decay": s.schedule.decay}
    schedule.update(final=s.schedule.final, power=s.schedule.power)
    numbers = {f"sampler_stepsize_{name}": value for name, value in schedule.items()}
    numbers.update(noise_scale=s.noise_scale, delta_action_clip=s.delta_clip, grad_clip=s.grad_clip)
    return {
        **{name: tf.constant(x) for name, x in numbers.items() if x is not None},
        "min_actions": s.bounds[0],
        "max_actions": s.bounds[1],
        "num_iterations": s.steps,
        "use_polynomial_rate": s.schedule.kind == "polynomial",
        "apply_exp": s.apply_exp,
        "grad_norm_type": s.grad_norm,
    }


@functools.cache
def as_official(network):
    """A network that is called with (observations, actions) and returns its state, too."""
    return lambda inputs, **_: (network(*inputs), ())


class Target(ulaspec.Target):
    name = "google-research/ibc mcmc.py"
    framework = "tensorflow"
    network_returns = "logits"

    def prepare(self, settings):
        return functools.partial(langevin, return_chain=True, **arguments(settings))

    def sample(self, sampler, p):
        network, o = as_official(p.network), tf.repeat(p.observations, p.samples, axis=0)
        actions, chain = sampler(network, o, p.initial, (), num_action_samples=p.samples)
        return ulaspec.Result(actions, *chain)


if len(sys.argv) != 2:
    sys.exit("Usage: official_ibc.py PATH_OF_THE_CHECKOUT")
langevin = official(sys.argv[1])
ulaspec.serve(Target())

"""A TensorFlow port: one step is a `tf.function`, the network returns logits (high is good), and
actions are flattened to rows.

    ulaspec check -- python3 docs/examples/python/tensorflow_port.py
"""

import ulaspec
import tensorflow as tf


@tf.function(reduce_retracing=True)
def langevin_step(network, observations, actions, rate, low, high, sigma, grad_clip, delta_clip):
    with tf.GradientTape() as tape:
        tape.watch(actions)
        energies = -network(observations, actions)
    gradient = tf.clip_by_value(tape.gradient(energies, actions), -grad_clip, grad_clip)
    noise = tf.random.normal(tf.shape(actions), stddev=sigma)
    limit = delta_clip * 0.5 * (high - low)
    delta = tf.clip_by_value(rate * (0.5 * gradient + noise), -limit, limit)
    return tf.clip_by_value(actions - delta, low, high), -energies


def polynomial_rate(k, steps, init, final, power):
    if k == 0:
        return init
    return (init - final) * (1 - k / (steps - 1)) ** power + final


def langevin(network, observations, actions, rates, options):
    logits = []
    for rate in rates:
        actions, f = langevin_step(network, observations, actions, tf.constant(rate), *options)
        logits.append(f)
    return actions, logits


class Target(ulaspec.Target):
    name = "TensorFlow port"
    framework = "tensorflow"
    network_returns = "logits"
    unsupported = ["exponential-schedule", "apply-exp"]

    def prepare(self, s):
        ramp = s.steps, s.schedule.init, s.schedule.final, s.schedule.power
        clips = float("inf") if s.grad_clip is None else s.grad_clip, s.delta_clip
        options = [*s.bounds, tf.constant(s.noise_scale), *map(tf.constant, clips)]
        return [polynomial_rate(k, *ramp) for k in range(s.steps)], options

    def sample(self, prepared, p):
        actions, logits = langevin(p.network, p.observations, p.initial, *prepared)
        return ulaspec.Result(actions, chain_outputs=logits)


ulaspec.serve(Target())

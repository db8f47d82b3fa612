"""Tests of what is said of coarse arithmetic and found out about compiling, beside PyTorch."""

import importlib.util
import unittest

import ulaspec
from rule_problem import SETTINGS, problem
from ulaspec.server import _Server


def missing(framework):
    return unittest.skipIf(importlib.util.find_spec(framework) is None, f"needs {framework}")


def target_of(framework, sample):
    return ulaspec.target(sample, framework=framework, draws_start=False)()


def remarks(target):
    server = _Server(target)
    server.answer({"id": 0, "type": "start", "protocol": 1})
    server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
    answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
    found = answer["results"][0].get("remarks", [])
    # These samplers take no settings, which is told as well.
    return " ".join(remark for remark in found if not remark.startswith("Nothing tells"))


def compiles(target):
    return _Server(target).answer({"id": 0, "type": "start", "protocol": 1}).get("compiles")


@missing("numpy")
class NumPy(unittest.TestCase):
    def test_the_type_of_coarse_actions_is_part_of_the_answer(self):
        server = _Server(target_of("numpy", lambda gradient, initial: gradient(initial.astype("float16"))))
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
        self.assertEqual(answer["results"][0]["coarse"], "float16")

    def test_actions_in_less_than_float32_are_named(self):
        sample = lambda gradient, initial: gradient(initial.astype("float16"))
        self.assertIn("actions in float16", remarks(target_of("numpy", sample)))
        self.assertEqual(remarks(target_of("numpy", lambda gradient, initial: gradient(initial))), "")


@missing("jax")
class Jax(unittest.TestCase):
    def test_coarse_actions_and_products_are_named(self):
        import jax
        import jax.numpy as jnp

        def sample(network, observations, initial, dtype=jnp.float32):
            ask = lambda a: network(observations, a).sum()
            return jax.grad(ask)(initial.astype(dtype))

        self.assertEqual(remarks(target_of("jax", sample)), "")
        coarse = ulaspec.target(sample, framework="jax", dtype=jnp.bfloat16)()
        self.assertIn("actions in bfloat16", remarks(coarse))
        with jax.default_matmul_precision("bfloat16"):
            self.assertIn("jax_default_matmul_precision = 'bfloat16'", remarks(target_of("jax", sample)))


@missing("tensorflow")
class TensorFlow(unittest.TestCase):
    def sampler(self, graph, static):
        import tensorflow as tf

        def step(network, observations, actions, rate):
            with tf.GradientTape() as tape:
                tape.watch(actions)
                energy = network([observations, actions], training=False)
            return actions - rate * tape.gradient(energy, actions)

        step = tf.function(step) if graph else step

        def sample(network, observations, initial, step_size):
            return step(network, observations, initial, step_size if static else tf.constant(step_size))

        return target_of("tensorflow", sample)

    def test_what_graphs_are_traced_for_is_found_out(self):
        for graph, static, wanted in (
            (True, True, "settings"),
            (True, False, "shapes"),
            (False, True, None),
        ):
            self.assertEqual(compiles(self.sampler(graph, static)), wanted, (graph, static))

    def test_coarse_actions_and_policies_are_named(self):
        import tensorflow as tf

        def sample(network, observations, initial, dtype="float32"):
            actions = tf.cast(initial, dtype)
            with tf.GradientTape() as tape:
                tape.watch(actions)
                energy = network(tf.cast(observations, dtype), actions)
            return tape.gradient(energy, actions)

        self.assertEqual(remarks(target_of("tensorflow", sample)), "")
        try:
            tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
            self.assertIn("the policy 'mixed_bfloat16'", remarks(target_of("tensorflow", sample)))
        finally:
            tf.keras.mixed_precision.set_global_policy("float32")

    def test_the_network_is_like_a_model_and_says_what_it_lacks(self):
        def sample(network, initial):
            network.trainable = False
            assert network.trainable_weights == [] and network.call is not None
            return network.summary()

        server = _Server(target_of("tensorflow", sample))
        server.answer({"id": 0, "type": "start", "protocol": 1})
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
        self.assertIn("has no 'summary'", answer["message"])


if __name__ == "__main__":
    unittest.main()

"""Tests of `ulaspec.watch` beside PyTorch: the same sampler in JAX, TensorFlow and NumPy."""

import importlib.util
import json
import unittest

import ulaspec

LOW, HIGH = [-1.0, -3.0], [2.0, 5.0]
STEPS, ROWS, CLIP = 12, 16, 0.05
CHAIN = {"steps": STEPS, "init": 0.5, "final": 0.01, "delta_clip": CLIP}
RATES = [(0.5 - 0.01) * (1 - k / (STEPS - 1)) ** 2 + 0.01 for k in range(STEPS)]
#: What a fault makes of a step: half, whether the limit has the range, the power of the rate.
FAULTS = {
    "": (0.5, True, 1),
    "half-missing": (1.0, True, 1),
    "delta-clip-unscaled": (0.5, False, 1),
    "noise-root-of-step": (0.5, True, 0.5),
}


def missing(framework):
    return unittest.skipIf(importlib.util.find_spec(framework) is None, f"needs {framework}")


class Judged(unittest.TestCase):
    def judged(self, run):
        code, text = run._judged("json")
        return code, json.loads(text)

    def assert_found(self, fault, run):
        code, report = self.judged(run)
        self.assertEqual(code, 1 if fault else 0, report)
        self.assertEqual(report["coverage"]["steps"], STEPS, report)
        self.assertGreater(report["coverage"]["limited"], 0)
        if fault:
            self.assertIn(fault, [found["id"] for found in report["bugs"]])
        else:
            self.assertAlmostEqual(report["measured"]["drift"], 0.5, 3)
            self.assertAlmostEqual(report["measured"]["noise"], 1.0, 3)


@missing("jax")
class Jax(Judged):
    def setUp(self):
        import jax

        self.jax = jax
        keys = jax.random.split(jax.random.key(1), 3)
        self.params = {"w": jax.random.normal(keys[0], (4, 8)), "v": jax.random.normal(keys[1], (8,))}

    def network(self, params, observations, actions):
        jnp = self.jax.numpy
        joined = jnp.concatenate([observations, actions], -1)
        return jnp.tanh(joined @ params["w"]) @ params["v"] + (actions**2).sum(-1)

    def sample(self, network, fault, compiled=True, single=False, mean=False):
        jax, jnp = self.jax, self.jax.numpy
        half, ranged, power = FAULTS[fault]
        low, high = jnp.array(LOW), jnp.array(HIGH)
        limit = CLIP * (0.5 * (high - low) if ranged else jnp.ones(2))
        # Observations with as many features as there are axes.
        observations = jnp.linspace(-1, 1, 2 * ROWS).reshape(ROWS, 2)

        def slope_of(actions):
            if single:
                of_row = lambda o, a: network(self.params, o[None], a[None]).sum()
                return jax.vmap(jax.grad(of_row, argnums=1))(observations, actions)
            sum_or_mean = jnp.mean if mean else jnp.sum
            return jax.grad(lambda a: sum_or_mean(network(self.params, observations, a)))(actions)

        def step(actions, at):
            key, rate = at
            noise = jax.random.normal(key, actions.shape)
            delta = rate * half * slope_of(actions) + rate**power * noise
            return jnp.clip(actions - jnp.clip(delta, -limit, limit), low, high), None

        def chain(key):
            first, key = jax.random.split(key)
            start = jax.random.uniform(first, (ROWS, 2), minval=low, maxval=high)
            every = jax.random.split(key, STEPS), jnp.array(RATES)
            if compiled:
                return jax.lax.scan(step, start, every)[0]
            for at in zip(*every):
                start, _ = step(start, at)
            return start

        return (jax.jit(chain) if compiled else chain)(jax.random.key(7))

    def watched(self, fault="", **how):
        with ulaspec.watch(self.network, bounds=(LOW, HIGH), **CHAIN) as run:
            run.final = self.sample(run.network, fault, **how)
        return run

    def test_a_chain_that_is_compiled_as_a_whole_is_judged_and_its_fault_is_named(self):
        for fault in FAULTS:
            with self.subTest(fault):
                self.assert_found(fault, self.watched(fault))

    def test_steps_one_by_one_and_gradients_of_single_rows_are_judged(self):
        self.assert_found("", self.watched(compiled=False))
        self.assert_found("", self.watched(compiled=False, single=True))
        self.assert_found("half-missing", self.watched("half-missing", single=True))
        code, report = self.judged(self.watched(mean=True))
        self.assertEqual(code, 1)
        self.assertAlmostEqual(report["measured"]["drift"], 0.5 / ROWS, 4)

    def test_the_apply_of_a_module_is_watched_and_what_is_not_called_is_told(self):
        outer = self

        class Module:
            name = "mine"

            def apply(self, *args):
                return outer.network(*args)

            def __call__(self):
                raise AssertionError("flax modules are not called")

        with ulaspec.watch(Module(), bounds=(LOW, HIGH), **CHAIN) as run:
            run.final = self.sample(run.network.apply, "")
        self.assertEqual(run.network.name, "mine")
        self.assert_found("", run)
        with ulaspec.watch(self.network, bounds=(LOW, HIGH), **CHAIN) as run:
            self.sample(self.network, "")
        code, report = self.judged(run)
        self.assertEqual(code, 2)
        self.assertIn("No gradient of run.network", " ".join(report["notes"]))


@missing("tensorflow")
class TensorFlow(Judged):
    def sample(self, network, fault, graph):
        import tensorflow as tf

        half, ranged, power = FAULTS[fault]
        low, high = tf.constant(LOW), tf.constant(HIGH)
        limit = CLIP * (0.5 * (high - low) if ranged else tf.ones(2))
        observations = tf.reshape(tf.linspace(-1.0, 1.0, 2 * ROWS), (ROWS, 2))

        def step(actions, rate):
            with tf.GradientTape() as tape:
                tape.watch(actions)
                energy = tf.reduce_sum(network([observations, actions], training=False))
            noise = tf.random.normal(tf.shape(actions))
            delta = rate * half * tape.gradient(energy, actions) + rate**power * noise
            return tf.clip_by_value(actions - tf.clip_by_value(delta, -limit, limit), low, high)

        if graph:
            step = tf.function(step, jit_compile=graph == "compiled")
        actions = tf.random.uniform((ROWS, 2)) * (high - low) + low
        for rate in RATES:
            actions = step(actions, tf.constant(rate))
        return actions

    def network(self):
        import tensorflow as tf

        weights = tf.random.stateless_normal((4, 8), (1, 2))

        def energy(both, training=True):
            assert training is False
            joined = tf.concat(both, -1)
            return tf.reduce_sum(tf.tanh(joined @ weights), -1) + tf.reduce_sum(both[1] ** 2, -1)

        return energy

    def test_steps_in_graphs_and_without_are_judged_and_faults_are_named(self):
        for fault in FAULTS:
            for graph in (True, False) if fault else (True, False, "compiled"):
                with self.subTest(fault, graph=graph):
                    with ulaspec.watch(self.network(), bounds=(LOW, HIGH), **CHAIN) as run:
                        run.final = self.sample(run.network, fault, graph)
                    self.assert_found(fault, run)


@missing("numpy")
class NumPy(Judged):
    def test_a_function_that_gives_gradients_is_watched(self):
        import numpy as np

        for fault, (half, ranged, power) in FAULTS.items():
            rng = np.random.default_rng(3)
            low, high = np.array(LOW), np.array(HIGH)
            limit = CLIP * (0.5 * (high - low) if ranged else np.ones(2))
            actions = rng.uniform(low, high, (ROWS, 2))
            slope_of = lambda a: 2 * a + np.cos(a)
            with ulaspec.watch(slope_of, bounds=(low, high), returns="gradient", **CHAIN) as run:
                for rate in RATES:
                    delta = rate * half * run.network(actions)
                    delta += rate**power * rng.standard_normal((ROWS, 2))
                    actions -= np.clip(delta, -limit, limit)
                    np.clip(actions, low, high, out=actions)
                run.final = actions
            with self.subTest(fault):
                self.assert_found(fault, run)


if __name__ == "__main__":
    unittest.main()

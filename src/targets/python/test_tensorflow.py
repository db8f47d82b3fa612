"""Samplers of many styles in TensorFlow, plugged in: what is seen of them is what the rule gives."""

import unittest

from framework_styles import Style, has, target
from rule_problem import STEPS, problem


@unittest.skipUnless(has("tensorflow"), "needs tensorflow")
class TensorFlow(Style):
    def step(self, noise):
        import tensorflow as tf

        def step(network, observations, x, limit, low, high):
            with tf.GradientTape() as tape:
                tape.watch(x)
                energies = network(observations, x)
            delta = 0.125 * (0.5 * tape.gradient(energies, x) + noise(x))
            return tf.clip_by_value(x - tf.clip_by_value(delta, -limit, limit), low, high)

        return step

    def sampler(self, noise, wrap=lambda step: step, whole=lambda chain: chain, start=None):
        import tensorflow as tf

        one = wrap(self.step(noise))

        def chain(network, observations, x, limit, low, high):
            for _ in tf.range(STEPS):
                x = one(network, observations, x, limit, low, high)
            return x

        many = whole(chain)

        def sample(settings, p):
            low, high = settings.bounds
            limit = settings.delta_clip * 0.5 * (high - low)
            return many(
                p.network, p.observations, start(p) if start else p.initial, limit, low, high
            )

        return target("tensorflow", sample)

    def test_eager_code_is_observed(self):
        import tensorflow as tf

        self.follows(self.sampler(lambda x: tf.random.normal(tf.shape(x))))

    def test_a_step_as_a_graph_is_observed(self):
        import tensorflow as tf

        self.follows(self.sampler(lambda x: tf.random.normal(x.shape), wrap=tf.function))

    def test_a_chain_as_a_graph_is_observed_step_by_step(self):
        import tensorflow as tf

        noise = lambda x: (tf.random.normal(tf.shape(x), 1.0, 2.0) - 1.0) / 2.0  # noqa: E731
        self.follows(self.sampler(noise, whole=tf.function))

    def test_a_graph_with_unknown_sizes_is_observed(self):
        import tensorflow as tf

        relaxed = lambda chain: tf.function(chain, reduce_retracing=True)  # noqa: E731
        noise = lambda x: tf.random.normal(tf.shape(x))  # noqa: E731
        server = self.sampler(noise, whole=relaxed)
        for samples in (3, 2, 5):
            self.follows(server, samples=samples)

    def test_grouped_actions_are_logged_flat(self):
        import tensorflow as tf

        noise = lambda x: tf.random.normal(tf.shape(x))  # noqa: E731
        self.follows(self.sampler(noise, whole=tf.function, start=lambda p: p.grouped(p.initial)))

    def test_other_generators_take_the_tape_too(self):
        import tensorflow as tf

        generator = tf.random.Generator.from_seed(1)
        ways = {
            "Generator": lambda x: generator.normal(tf.shape(x)),
            "stateless": lambda x: tf.random.stateless_normal(tf.shape(x), [1, 2]),
        }
        for name, way in ways.items():
            for whole in (lambda chain: chain, tf.function):
                with self.subTest(name, whole=whole.__name__):
                    self.follows(self.sampler(way, whole=whole))

    def test_a_draw_of_another_shape_takes_the_next_numbers_in_a_graph(self):
        import tensorflow as tf

        noise = lambda x: tf.reshape(tf.random.normal([tf.size(x)]), tf.shape(x))  # noqa: E731
        self.follows(self.sampler(noise, whole=tf.function))

    def test_a_graph_draws_by_itself_when_there_is_no_tape(self):
        import tensorflow as tf

        given = {**problem(), "noise": {"kind": "own"}}
        server = self.sampler(lambda x: tf.random.normal(tf.shape(x)), whole=tf.function)
        self.follows(server)
        first, second = self.results(server, given, given)
        self.assertEqual(first["draws"], STEPS)
        self.assertNotIn("remarks", first)
        self.assertEqual(len(second["evaluations"]), STEPS)


if __name__ == "__main__":
    unittest.main()

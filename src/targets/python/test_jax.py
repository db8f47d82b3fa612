"""Samplers of many styles in JAX, plugged in: what is seen of them is what the rule gives."""

import functools
import unittest

from framework_styles import Style, has, target
from rule_problem import apart, problem, rule


@unittest.skipUnless(has("jax"), "needs jax")
class Jax(Style):
    def chain(self, p, settings, gradient, noise, loop):
        import jax
        import jax.numpy as jnp

        low, high = settings.bounds
        limit = settings.delta_clip * 0.5 * (high - low)

        def step(carry, _):
            x, key = carry
            key, now = jax.random.split(key)
            delta = jnp.clip(0.125 * (0.5 * gradient(x) + noise(now, x)), -limit, limit)
            return (jnp.clip(x - delta, low, high), key), None

        start = (p.initial, jax.random.key(p.seed))
        return loop(step, start, settings.steps)[0]

    def eager(self, step, carry, steps):
        for _ in range(steps):
            carry, _ = step(carry, None)
        return carry

    def scanned(self, step, carry, steps):
        import jax

        return jax.jit(lambda carry: jax.lax.scan(step, carry, length=steps)[0])(carry)

    def looped(self, step, carry, steps):
        import jax

        return jax.lax.fori_loop(0, steps, lambda _, carry: step(carry, None)[0], carry)

    def sampler(self, loop, gradient=None, noise=None):
        import jax

        def by_grad(p, x):
            return jax.grad(lambda a: p.network(p.observations, a).sum())(x)

        draw = noise or (lambda p, key, x: jax.random.normal(key, x.shape))
        slope = gradient or by_grad

        def sample(settings, p):
            return self.chain(
                p, settings, lambda x: slope(p, x), lambda key, x: draw(p, key, x), loop
            )

        return target("jax", sample)

    def test_a_plain_loop_is_observed(self):
        self.follows(self.sampler(self.eager))

    def test_a_compiled_scan_is_observed_step_by_step(self):
        self.follows(self.sampler(self.scanned))

    def test_a_loop_of_jax_is_observed_step_by_step(self):
        self.follows(self.sampler(self.looped))

    def test_vmap_over_rows_is_logged_as_one_batch(self):
        import jax

        def gradient(p, x):
            rows = p.observations.repeat(p.samples, axis=0)
            return jax.vmap(jax.grad(lambda a, o: p.network(o, a)))(x, rows)

        for loop in (self.eager, self.scanned):
            with self.subTest(loop.__name__):
                self.follows(self.sampler(loop, gradient))

    def test_vmap_over_groups_is_logged_as_one_batch(self):
        import jax

        def gradient(p, x):
            one = jax.grad(lambda a, o: p.network(o, a).sum())
            return jax.vmap(one)(p.grouped(x), p.observations).reshape(x.shape)

        self.follows(self.sampler(self.scanned, gradient))

    def test_rows_may_be_asked_for_in_blocks(self):
        import jax
        import jax.numpy as jnp

        def gradient(p, x):
            def one(group):
                seen = p.observations[group][None]
                part = x[group * p.samples : (group + 1) * p.samples]
                return jax.grad(lambda a: p.network(seen, a).sum())(part)

            return jnp.concatenate([one(group) for group in range(p.groups)])

        for loop in (self.eager, self.scanned):
            with self.subTest(loop.__name__):
                self.follows(self.sampler(loop, gradient))

    def test_vmap_over_keys_takes_one_draw(self):
        import jax

        def noise(p, key, x):
            keys = jax.random.split(key, p.rows)
            return jax.vmap(lambda key: jax.random.normal(key, (p.axes,)))(keys)

        for loop in (self.eager, self.scanned):
            with self.subTest(loop.__name__):
                self.follows(self.sampler(loop, noise=noise))

    def test_vmap_over_compiled_code_is_observed(self):
        import jax

        def gradient(p, x):
            rows = p.observations.repeat(p.samples, axis=0)
            return jax.vmap(jax.jit(jax.grad(lambda a, o: p.network(o, a))))(x, rows)

        def noise(p, key, x):
            draw = jax.jit(lambda key: jax.random.normal(key, (p.axes,)))
            return jax.vmap(draw)(jax.random.split(key, p.rows))

        self.follows(self.sampler(self.scanned, gradient, noise))

    def test_outputs_beside_the_gradient_are_logged_as_outputs(self):
        import jax

        def gradient(p, x):
            return jax.grad(lambda a: p.network(a).sum())(x) + 0 * p.network(x)[:, None]

        self.follows(self.sampler(self.scanned, gradient), ("gradient", "outputs"))

    def test_value_and_grad_is_one_question(self):
        import jax

        def gradient(p, x):
            return jax.value_and_grad(lambda a: p.network(a).sum())(x)[1]

        self.follows(self.sampler(self.scanned, gradient))

    def test_compiled_code_is_shared_by_energies_of_one_shape(self):
        import jax

        def check(jit):
            traces = []

            @jit
            def slope(network, x):
                traces.append(x.shape)
                return jax.grad(lambda a: network(a).sum())(x)

            self.follows(self.sampler(self.eager, lambda p, x: slope(p.network, x)))
            self.assertEqual(len(traces), len(set(traces)))

        with self.subTest("the network is a tree of arrays"):
            check(jax.jit)
        with self.subTest("the network is a static argument"):
            check(functools.partial(jax.jit, static_argnums=0))

    def test_a_network_that_compiled_code_captured_keeps_its_energy(self):
        import jax

        captured = {}

        def gradient(p, x):
            if p.rows not in captured:
                captured[p.rows] = jax.jit(jax.grad(lambda a: p.network(a).sum()))
            return captured[p.rows](x)

        first, second = problem(seed=1), problem(seed=2)
        results = self.results(self.sampler(self.eager, gradient), first, second)
        self.assertLess(apart(results[0]["final"], rule(first)[-1]), 1e-6)
        self.assertGreater(apart(results[1]["final"], rule(second)[-1]), 1e-3)

    def test_it_is_found_out_what_code_is_compiled_for(self):
        import jax

        def ready(jit):
            @jit
            def chain(network, x, rate):
                return x - rate * jax.grad(lambda a: network(a).sum())(x)

            server = target("jax", lambda s, p: chain(p.network, p.initial, s.noise_scale))
            return server.answer({"id": 0, "type": "start", "protocol": 1})

        self.assertEqual(ready(lambda chain: chain)["compiles"], "shapes")
        self.assertEqual(ready(jax.jit)["compiles"], "shapes")
        static = functools.partial(jax.jit, static_argnames="rate")
        self.assertEqual(ready(static)["compiles"], "settings")

    def test_a_schedule_is_an_argument_of_compiled_code_static_or_not(self):
        import jax

        for jit in (jax.jit, functools.partial(jax.jit, static_argnums=0)):
            traces = []

            @jit
            def scaled(schedule, slope):
                traces.append(schedule.kind)
                self.assertIsNone(schedule.decay)
                return slope * (schedule[0] / schedule.init)

            def sample(settings, p):
                slope = lambda x: jax.grad(lambda a: p.network(p.observations, a).sum())(x)
                draw = lambda key, x: jax.random.normal(key, x.shape)
                scale = lambda x: scaled(settings.schedule, slope(x))
                return self.chain(p, settings, scale, draw, self.eager)

            with self.subTest(jit):
                self.follows(target("jax", sample))
                self.assertEqual(set(traces), {"polynomial"})

    def test_a_draw_of_another_shape_takes_the_next_numbers_under_jit(self):
        import jax

        noise = lambda p, key, x: jax.random.normal(key, (x.size,)).reshape(x.shape)  # noqa: E731
        self.follows(self.sampler(self.scanned, noise=noise))


if __name__ == "__main__":
    unittest.main()

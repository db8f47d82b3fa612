"""Tests of the adapter with the frameworks that are installed; the others are skipped by name.

Each test plugs in a sampler of another style, and wants its evaluation points, its final actions
and its count of draws as the rule gives them.
"""

import copy
import functools
import importlib.util
import unittest

import ulaspec
from rule_problem import SETTINGS, STEPS, apart, problem, rule
from ulaspec.draws import _replaced
from ulaspec.replacing import _rebind
from ulaspec.server import _Server


def has(framework):
    return importlib.util.find_spec(framework) is not None


def target(framework, sample, noise="tape", prepare=lambda settings: settings):
    class Target(ulaspec.Target):
        def prepare(self, settings):
            return prepare(settings)

        def sample(self, prepared, given):
            return sample(prepared, given)

    Target.framework, Target.noise = framework, noise
    return _Server(Target())


class Style(unittest.TestCase):
    def results(self, server, *problems):
        ready = server.answer({"id": 0, "type": "start", "protocol": 1})
        self.assertEqual(ready["type"], "ready", ready)
        handle = server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        self.assertEqual(handle["type"], "prepared", handle)
        request = {"id": 2, "type": "sample", "prepared": handle["prepared"], "problems": problems}
        answer = server.answer(request)
        self.assertEqual(answer["type"], "results", answer)
        return answer["results"]

    def follows(self, server, kinds=("gradient",), **shape):
        """Two problems, and the first one again, follow the rule with every draw from the tape."""
        problems = [problem(seed=seed, **shape) for seed in (1, 2, 1)]
        for given, result in zip(problems, self.results(server, *problems)):
            path = rule(given)
            final = result["final"]
            final = [row for group in final for row in group] if shape_of(final) == 3 else final
            self.assertNotIn("remarks", result)
            self.assertLess(apart(final, path[-1]), 1e-6)
            self.assertEqual(result["draws"], STEPS)
            self.assertLess(apart(result["initialAfter"], given["initial"]), 1e-9)
            self.assertEqual([e["kind"] for e in result["evaluations"]], list(kinds) * STEPS)
            asked = [e["points"] for e in result["evaluations"] if e["kind"] == "gradient"]
            for points, wanted in zip(asked[:: kinds.count("gradient")], path):
                self.assertLess(apart(points, wanted), 1e-6)


def shape_of(nested):
    return 1 + shape_of(nested[0]) if isinstance(nested, list) else 0


def langevin(p, settings, start, gradient, noise, clip):
    """A chain with its parts given, for tests that vary one of them."""
    x, (low, high) = start, settings.bounds
    limit = settings.delta_clip * 0.5 * (high - low)
    for k in range(settings.steps):
        delta = clip(0.125 * (0.5 * gradient(x) + noise(x, k)), -limit, limit)
        x = clip(x - delta, low, high)
    return x


@unittest.skipUnless(has("torch"), "needs torch")
class Torch(Style):
    def sampler(self, gradient, noise, start=lambda p: p.initial):
        import torch

        def sample(settings, p):
            return langevin(
                p,
                settings,
                start(p),
                lambda x: gradient(p, x),
                lambda x, k: noise(p, x),
                torch.clamp,
            )

        return target("torch", sample)

    def by_grad(self, p, x):
        import torch

        x = x.detach().requires_grad_()
        return torch.autograd.grad(p.network(p.observations, x).sum(), x)[0]

    def test_backward_into_a_leaf_is_logged(self):
        import torch

        def gradient(p, x):
            leaf = x.clone().requires_grad_()
            p.network(p.observations, leaf).sum().backward()
            return leaf.grad

        self.follows(self.sampler(gradient, lambda p, x: torch.randn_like(x)))

    def test_functional_jacobian_is_logged(self):
        import torch

        def gradient(p, x):
            return torch.autograd.functional.jacobian(lambda a: p.network(a).sum(), x)

        self.follows(self.sampler(gradient, lambda p, x: torch.randn(x.shape)))

    def test_func_grad_is_logged(self):
        import torch

        def gradient(p, x):
            return torch.func.grad(lambda a: p.network(p.observations, a).sum())(x)

        self.follows(self.sampler(gradient, lambda p, x: torch.randn(*x.shape)))

    def test_func_vmap_over_rows_is_logged_as_one_batch(self):
        import torch

        def gradient(p, x):
            rows = p.observations.repeat_interleave(p.samples, dim=0)
            one = torch.func.grad(lambda a, o: p.network(o, a))
            return torch.func.vmap(one)(x, rows)

        self.follows(self.sampler(gradient, lambda p, x: torch.randn_like(x)))

    def test_grouped_actions_with_observations_per_row_are_logged_flat(self):
        import torch

        def gradient(p, x):
            x = x.detach().requires_grad_()
            rows = p.observations.repeat_interleave(p.samples, dim=0)
            return torch.autograd.grad(p.network(rows, x).sum(), x)[0]

        self.follows(
            self.sampler(gradient, lambda p, x: torch.randn_like(x), lambda p: p.grouped(p.initial))
        )

    def test_outputs_that_nobody_differentiates_are_logged_as_outputs(self):
        import torch

        def gradient(p, x):
            with torch.no_grad():
                p.network(p.observations, x)
            return self.by_grad(p, x)

        self.follows(
            self.sampler(gradient, lambda p, x: torch.randn_like(x)), ("outputs", "gradient")
        )

    def test_every_way_to_draw_takes_the_tape(self):
        import torch

        ways = {
            "randn": lambda p, x: torch.randn(tuple(x.shape), device="cpu"),
            "randn of sizes": lambda p, x: torch.randn(x.size(0), x.size(1)),
            "randn size=": lambda p, x: torch.randn(size=x.shape),
            "randn out=": lambda p, x: torch.randn(x.shape, out=torch.empty_like(x)),
            "randn_like": lambda p, x: torch.randn_like(x),
            "normal of floats": lambda p, x: torch.normal(0.0, 1.0, x.shape),
            "normal of tensors": lambda p, x: torch.normal(torch.zeros_like(x), torch.ones(())),
            "normal, scaled": lambda p, x: (torch.normal(1.0, 2.0, size=x.shape) - 1.0) / 2.0,
            "normal_": lambda p, x: torch.empty_like(x).normal_(),
            "normal_, scaled": lambda p, x: (torch.empty_like(x).normal_(1, std=2) - 1) / 2,
            "distributions": lambda p, x: torch.distributions.Normal(0 * x, 1.0).sample(),
            "problem.noise": lambda p, x: p.noise(),
            "grouped": lambda p, x: torch.randn(p.groups, p.samples, p.axes).reshape(x.shape),
            "numpy": lambda p, x: torch.from_numpy(numpy_draw(x.shape)),
        }

        def numpy_draw(shape):
            import numpy

            return numpy.random.randn(*shape).astype("float32")

        for name, way in ways.items():
            with self.subTest(name):
                self.follows(self.sampler(self.by_grad, way))

    def test_the_whole_noise_of_a_chain_may_be_drawn_at_once(self):
        import torch

        def sample(settings, p):
            noise = torch.randn(settings.steps, p.rows, p.axes)
            return langevin(
                p,
                settings,
                p.initial,
                lambda x: self.by_grad(p, x),
                lambda x, k: noise[k],
                torch.clamp,
            )

        self.follows(target("torch", sample))

    def test_names_bound_before_the_adapter_came_are_rebound(self):
        import sys
        import types

        original, replacement = next(
            pair for pair in _replaced.values() if pair[1].__name__ == "randn_like"
        )
        module = types.ModuleType("bound_early")
        module.randn_like = original
        sys.modules["bound_early"] = module
        _rebind()
        self.assertIs(module.randn_like, replacement)

    def test_a_draw_of_another_shape_takes_the_next_numbers(self):
        import torch

        def rows(p, x):
            return torch.stack([torch.randn(p.axes) for _ in x])

        def minibatches(p, x):
            return torch.cat([torch.randn_like(part) for part in x.split(4)])

        def flat(p, x):
            return torch.empty(x.numel()).normal_().reshape(x.shape)

        def scalars(p, x):
            return torch.tensor([[torch.randn(()).item() for _ in row] for row in x])

        def vmapped(p, x):
            def draw(row):
                return torch.randn_like(row)

            return torch.func.vmap(draw, randomness="different")(x)

        for noise in (rows, minibatches, flat, scalars, vmapped):
            with self.subTest(noise.__name__):
                self.follows(self.sampler(self.by_grad, noise))

    def test_draws_are_told_with_their_shapes(self):
        import torch

        def noise(p, x):
            return torch.cat([torch.randn(4, p.axes), torch.randn(1, p.axes), torch.randn(1, 2)])

        (result,) = self.results(self.sampler(self.by_grad, noise), problem())
        self.assertEqual(
            result["served"],
            [
                {"shape": [4, 2], "what": "torch.randn", "times": 1},
                {"shape": [1, 2], "what": "torch.randn", "times": 2},
            ]
            * STEPS,
        )

    def test_a_draw_too_many_is_counted(self):
        import torch

        server = self.sampler(self.by_grad, lambda p, x: torch.randn_like(x) + torch.randn_like(x))
        (result,) = self.results(server, problem())
        self.assertEqual(result["draws"], 2 * STEPS)
        self.assertEqual(
            result["served"], [{"shape": [6, 2], "what": "torch.randn_like", "times": 2 * STEPS}]
        )

    def test_initial_actions_changed_in_place_are_told(self):
        def sample(settings, p):
            p.initial.add_(1.0)
            return p.initial

        given = problem()
        (result,) = self.results(target("torch", sample), given)
        wanted = [[x + 1 for x in row] for row in given["initial"]]
        self.assertLess(apart(result["initialAfter"], wanted), 1e-9)

    def test_own_noise_is_seeded_and_left_alone(self):
        import torch

        sample = lambda settings, p: torch.randn_like(p.initial)  # noqa: E731
        results = self.results(target("torch", sample, noise="own"), problem(), problem())
        torch.manual_seed(1)
        wanted = torch.randn(6, 2).tolist()
        for result in results:
            self.assertLess(apart(result["final"], wanted), 1e-9)

    def test_actions_of_another_shape_fail_in_words(self):
        server = self.sampler(lambda p, x: p.network(x[:, :1]), lambda p, x: x)
        server.answer({"id": 0, "type": "start", "protocol": 1})
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
        self.assertEqual(answer["type"], "failed")
        self.assertEqual(
            answer["message"],
            "Cannot observe the network: found actions of shape 6×1, wanted 6×2 or 2×3×2",
        )

    def test_rows_may_be_asked_for_in_blocks(self):
        import torch

        def slope(p, x, rows):
            observations = p.observations.repeat_interleave(p.samples, dim=0)[rows]
            x = x[rows].detach().requires_grad_()
            return torch.autograd.grad(p.network(observations, x).sum(), x)[0]

        def without_observations(p, x, rows):
            x = x[rows].detach().requires_grad_()
            return torch.autograd.grad(p.network(x).sum(), x)[0]

        def twice(p, x, rows):
            slope(p, x, rows)
            return slope(p, x, rows)

        def single(p, x, row):
            x = x[row].detach().requires_grad_()
            output = p.network(p.observations[int(row) // p.samples], x)
            return torch.autograd.grad(output, x)[0]

        ways = {
            "chunks": lambda p, x: torch.cat([slope(p, x, r) for r in torch.arange(6).split(4)]),
            "groups": lambda p, x: torch.cat(
                [without_observations(p, x, r) for r in torch.arange(6).split(p.samples)]
            ),
            "rows": lambda p, x: torch.cat([slope(p, x, r) for r in torch.arange(6).split(1)]),
            "single rows": lambda p, x: torch.stack([single(p, x, r) for r in torch.arange(6)]),
            "twice each": lambda p, x: torch.cat([twice(p, x, r) for r in torch.arange(6).split(2)]),
            "backwards": lambda p, x: torch.cat(
                [slope(p, x, r) for r in reversed(torch.arange(6).split(2))][::-1]
            ),
            "even and odd": lambda p, x: torch.stack(
                [slope(p, x, torch.arange(k, 6, 2)) for k in (0, 1)], dim=1
            ).reshape(6, 2),
        }
        for name, gradient in ways.items():
            with self.subTest(name):
                kinds = ("gradient", "gradient") if name == "twice each" else ("gradient",)
                server = self.sampler(gradient, lambda p, x: torch.randn_like(x))
                self.follows(server, kinds)

    def test_one_chain_after_another_is_observed(self):
        import torch

        def sample(settings, p):
            noise, (low, high) = torch.randn(settings.steps, p.rows, p.axes), settings.bounds
            limit, chains = settings.delta_clip * 0.5 * (high - low), []
            for row in range(p.rows):
                x = p.initial[row : row + 1]
                for k in range(settings.steps):
                    x = x.detach().requires_grad_()
                    seen = p.observations[row // p.samples]
                    (g,) = torch.autograd.grad(p.network(seen, x).sum(), x)
                    step = (0.125 * (0.5 * g + noise[k, row])).clamp(-limit, limit)
                    x = (x.detach() - step).clamp(low, high)
                chains.append(x)
            return torch.cat(chains)

        self.follows(target("torch", sample))

    def test_rows_that_cannot_be_told_fail_in_words(self):
        import torch

        def gradient(p, x):
            order = torch.tensor([4, 0, 3, 1, 5, 2])
            parts = [self.by_rows(p, x, rows) for rows in order.split(2)]
            return torch.cat(parts)[order.argsort()]

        server = self.sampler(gradient, lambda p, x: torch.randn_like(x))
        server.answer({"id": 0, "type": "start", "protocol": 1})
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
        self.assertIn("about 2 of 6 rows, and cannot tell about which", answer["message"])

    def by_rows(self, p, x, rows):
        import torch

        x = x[rows].detach().requires_grad_()
        return torch.autograd.grad(p.network(p.observations[rows // p.samples], x).sum(), x)[0]


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

    def test_a_draw_of_another_shape_takes_the_next_numbers_under_jit(self):
        import jax

        noise = lambda p, key, x: jax.random.normal(key, (x.size,)).reshape(x.shape)  # noqa: E731
        self.follows(self.sampler(self.scanned, noise=noise))


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


@unittest.skipUnless(has("numpy"), "needs numpy")
class NumPy(Style):
    def sampler(self, noise, start=lambda p: p.initial):
        import numpy as np

        def sample(settings, p):
            return langevin(p, settings, start(p), p.gradient, lambda x, k: noise(p, x), np.clip)

        return target("numpy", sample)

    def test_every_way_to_draw_takes_the_tape(self):
        import numpy as np

        old, new = np.random.RandomState(1), np.random.default_rng(1)
        ways = {
            "randn": lambda p, x: np.random.randn(*x.shape),
            "normal": lambda p, x: np.random.normal(size=x.shape),
            "normal, scaled": lambda p, x: (np.random.normal(1, 2, x.shape) - 1) / 2,
            "standard_normal": lambda p, x: np.random.standard_normal(x.shape),
            "RandomState.randn": lambda p, x: old.randn(*x.shape),
            "RandomState.normal": lambda p, x: old.normal(0.0, 1.0, x.shape),
            "Generator.normal": lambda p, x: new.normal(np.zeros_like(x), 1.0),
            "Generator.standard_normal": lambda p, x: new.standard_normal(
                x.shape, dtype=np.float32
            ),
            "Generator out=": lambda p, x: new.standard_normal(out=np.zeros(x.shape)),
            "one by one": lambda p, x: np.array([[np.random.normal() for _ in r] for r in x]),
            "a copied Generator": lambda p, x: copy.deepcopy(new).normal(size=x.shape),
            "a copied RandomState": lambda p, x: copy.deepcopy(old).normal(size=x.shape),
            "a spawned Generator": lambda p, x: new.spawn(1)[0].normal(size=x.shape),
            "Generator(PCG64)": lambda p, x: np.random.Generator(np.random.PCG64(1)).normal(
                size=x.shape
            ),
        }
        for name, way in ways.items():
            with self.subTest(name):
                self.follows(self.sampler(way))

    def test_grouped_actions_are_logged_flat(self):
        import numpy as np

        self.follows(
            self.sampler(
                lambda p, x: np.random.normal(size=x.shape), lambda p: p.grouped(p.initial)
            )
        )

    def test_rows_may_be_asked_for_in_blocks(self):
        import numpy as np

        class Chunks:
            """A problem whose gradient is asked for two rows at a time."""

            def __init__(self, p):
                self.p = p

            def gradient(self, x):
                return np.concatenate([self.p.gradient(x[k : k + 2]) for k in range(0, 6, 2)])

        def sample(settings, p):
            draw = lambda x, k: np.random.normal(size=x.shape)  # noqa: E731
            return langevin(p, settings, p.initial, Chunks(p).gradient, draw, np.clip)

        self.follows(target("numpy", sample))

    def test_replaced_generators_are_still_generators(self):
        import numpy as np

        self.assertIsInstance(np.random.default_rng(1), np.random.Generator)
        self.assertIsInstance(np.random.mtrand._rand, np.random.RandomState)

    def test_outside_of_a_call_generators_draw_as_ever(self):
        import numpy as np

        first, second = (np.random.default_rng(7).normal(size=3).tolist() for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(np.random.RandomState(3).randn(6, 2).shape, (6, 2))


if __name__ == "__main__":
    unittest.main()

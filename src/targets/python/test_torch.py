"""Samplers of many styles in PyTorch, plugged in: what is seen of them is what the rule gives."""

import unittest

from framework_styles import Style, has, langevin, target
from rule_problem import SETTINGS, STEPS, apart, problem
from ulaspec.draws import _replaced
from ulaspec.replacing import _rebind


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

        def shuffled(p, x):
            order = torch.randperm(6)
            return torch.cat([slope(p, x, rows) for rows in order.split(4)])[order.argsort()]

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
            "shuffled": shuffled,
        }
        for name, gradient in ways.items():
            with self.subTest(name):
                server = self.sampler(gradient, lambda p, x: torch.randn_like(x))
                if name == "shuffled":
                    self.follows_in_blocks(server)
                    continue
                kinds = ("gradient", "gradient") if name == "twice each" else ("gradient",)
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

    def test_rows_that_come_in_disorder_are_to_bring_their_observations(self):
        import torch

        def gradient(p, x):
            order = torch.tensor([4, 0, 3, 1, 5, 2])
            parts = [x[rows].detach().requires_grad_() for rows in order.split(2)]
            slopes = [torch.autograd.grad(p.network(part).sum(), part)[0] for part in parts]
            return torch.cat(slopes)[order.argsort()]

        server = self.sampler(gradient, lambda p, x: torch.randn_like(x))
        server.answer({"id": 0, "type": "start", "protocol": 1})
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        answer = server.answer({"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]})
        self.assertEqual(
            answer["message"],
            "Cannot observe the network: found 0 observations for 2 rows, wanted "
            "network(observations, actions) with those of the rows",
        )

    def test_what_torch_compiled_runs_as_it_was_written_unless_the_target_says_what_it_is_compiled_for(self):
        import torch

        compiled = []

        def backend(graph, _):
            compiled.append(graph)
            return graph.forward

        clip = torch.compile(torch.clamp, backend=backend)
        sample = lambda settings, p: langevin(
            p, settings, p.initial, lambda x: self.by_grad(p, x), lambda x, k: torch.randn_like(x), clip
        )
        # Other tests may have turned compiling off in this process.
        torch.compiler.set_stance("default")
        said = target("torch", sample)
        said.target.compiles = "shapes"
        self.follows(said)
        times = len(compiled)
        self.assertGreater(times, 0)
        self.follows(target("torch", sample))
        self.assertEqual(len(compiled), times)


if __name__ == "__main__":
    unittest.main()

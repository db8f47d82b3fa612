"""Tests of what a target may say of its sampler, on the samplers of `torch_styles.py`."""

import importlib.util
import os
import sys
import unittest

import ulaspec
from rule_problem import SETTINGS, apart, problem, rule
from ulaspec.nested import _nested
from ulaspec.server import _Server

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, os.pardir, "fixtures"))


def answers(target, given, settings=SETTINGS):
    server = _Server(target)
    ready = server.answer({"id": 0, "type": "start", "protocol": 1})
    if ready["type"] != "ready":
        return ready
    handle = server.answer({"id": 1, "type": "prepare", "settings": settings})
    if handle["type"] != "prepared":
        return handle
    request = {"id": 2, "type": "sample", "prepared": handle["prepared"], "problems": given}
    return server.answer(request)


class Lists(ulaspec.Target):
    framework = "python"

    def prepare(self, settings):
        return settings

    def sample(self, settings, p):
        rows = p.initial
        for _ in range(settings.steps):
            rows = p.gradient(rows)
        return rows


@unittest.skipIf(importlib.util.find_spec("torch") is None, "needs torch")
class Torch(unittest.TestCase):
    def targets(self):
        import torch_styles

        for name, kind in vars(torch_styles).items():
            if isinstance(kind, type) and issubclass(kind, torch_styles.TorchTarget):
                if kind is not torch_styles.TorchTarget:
                    yield name, kind

    def test_samplers_of_every_style_are_seen_to_follow_the_rule(self):
        for name, kind in self.targets():
            with self.subTest(name):
                given = [problem(seed=seed) for seed in (1, 2, 1)]
                answer = answers(kind(), given)
                self.assertEqual(answer["type"], "results", answer)
                for asked, result in zip(given, answer["results"]):
                    path = rule(asked)
                    points = [path[0] if k == 0 else path[k] for k in range(len(path))]
                    final = _nested(result["final"], (6, 2))
                    self.assertLess(apart(final, points[-1]), 1e-6)
                    (first, *_) = result["evaluations"]
                    self.assertLess(apart(_nested(first["points"], (6, 2)), asked["initial"]), 1e-6)

    def test_a_network_without_an_attribute_says_what_there_is(self):
        class Wants(self.plain()):
            def sample(self, options, p):
                return p.network.encoder(p.observations)

        message = answers(Wants(), [problem()])["message"]
        self.assertIn("has no 'encoder'", message)
        self.assertIn("network(observations, actions)", message)

    def test_coarse_arithmetic_is_named(self):
        import torch

        class Coarse(self.plain()):
            def sample(self, options, p):
                p.network(p.observations, p.initial.bfloat16())
                return super().sample(options, p)

        (result,) = answers(Coarse(), [problem()])["results"]
        self.assertIn("actions in bfloat16", " ".join(result["remarks"]))
        self.assertFalse(torch.is_autocast_enabled("cpu"))

    def plain(self):
        import torch_styles

        return torch_styles.OnDevice


class Filled(unittest.TestCase):
    def test_rows_that_fill_a_question_up_are_answered_and_not_told(self):
        class Padded(Lists):
            def sample(self, settings, p):
                observed = [p.observations[r // 3] for r in range(6)] + [[0.0], [0.0]]
                rows = p.initial
                for _ in range(settings.steps):
                    rows = p.gradient(observed, rows + [[0.0, 0.0]] * 2)[:6]
                return rows

        answer = answers(Padded(), [problem()])
        self.assertEqual(answer["type"], "results", answer)
        asked = [len(_nested(e["points"], (6, 2))) for e in answer["results"][0]["evaluations"]]
        self.assertEqual(asked, [6] * SETTINGS["steps"])


class Words(unittest.TestCase):
    def test_a_start_of_the_samplers_own_is_told_first(self):
        for framework, draw in (("numpy", "np.random.uniform(-1, 1, (6, 2))"),):
            if importlib.util.find_spec(framework) is None:
                self.skipTest(f"needs {framework}")
            import numpy as np

            class Own(Lists):
                def sample(self, settings, p):
                    start = eval(draw, {"np": np})
                    for _ in range(settings.steps):
                        start = p.gradient(start)
                    return start

            Own.framework = framework
            message = answers(Own(), [problem()])["message"]
            self.assertIn("begins at a draw of numpy.random.uniform", message)
            self.assertIn("draws_start = True", message)
            Own.draws_start = True
            self.assertEqual(answers(Own(), [problem()])["type"], "results")

    def test_a_start_that_is_announced_and_not_drawn_is_told(self):
        class Silent(Lists):
            draws_start = True

        self.assertIn("found no uniform draw of 6×2", answers(Silent(), [problem()])["message"])

    def test_a_feature_that_prepare_fails_for_is_taken_as_lacking_and_told(self):
        class Plain(Lists):
            def prepare(self, settings):
                return settings if settings.schedule.final + 1 else None

        server = _Server(Plain())
        ready = server.answer({"id": 0, "type": "start", "protocol": 1})
        self.assertEqual(ready["unsupported"], ["exponential-schedule"])
        (result,) = answers(Plain(), [problem()])["results"]
        self.assertIn("cannot be prepared for exponential-schedule", result["remarks"][0])
        self.assertIn("unsupported = ['exponential-schedule']", result["remarks"][0])

    def test_shapes_with_too_few_numbers_for_the_features_are_refused(self):
        class Few(Lists):
            observation_shape = (3,)

        self.assertIn("wanted at least 12", answers(Few(), [problem()])["message"])

    def test_a_box_that_is_not_about_zero_is_moved_for_a_target_that_needs_it(self):
        seen = []

        class AboutZero(Lists):
            bounds = "symmetric"

            def prepare(self, settings):
                seen.append((settings.bounds_min, settings.bounds_max))
                return settings

        settings = {**SETTINGS, "bounds": {"min": [-1, 1], "max": [2, 5]}}
        self.assertEqual(answers(AboutZero(), [problem()], settings)["type"], "results")
        self.assertIn(([-1.5, -2.0], [1.5, 2.0]), seen)

    def test_a_target_of_one_interval_says_so_and_is_given_two_numbers(self):
        class Interval(Lists):
            bounds = "scalar"

            def prepare(self, settings):
                return settings.low, settings.high

        server = _Server(Interval())
        self.assertEqual(server.answer({"id": 0, "type": "start", "protocol": 1})["bounds"], "scalar")
        server.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
        self.assertEqual(server.prepared[0][0], (-1.0, 1.0))


if __name__ == "__main__":
    unittest.main()

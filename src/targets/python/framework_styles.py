"""What the tests of samplers in a framework share.

Each test plugs in a sampler of another style, and wants its evaluation points, its final actions
and its count of draws as the rule gives them.
"""

import importlib.util
import unittest

import ulaspec
from rule_problem import SETTINGS, STEPS, apart, problem, rule
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
        for path, evaluations in self.followed(server, **shape):
            self.assertEqual([e["kind"] for e in evaluations], list(kinds) * STEPS)
            asked = [e["points"] for e in evaluations if e["kind"] == "gradient"]
            for points, wanted in zip(asked[:: kinds.count("gradient")], path):
                self.assertLess(apart(points, wanted), 1e-6)

    def follows_in_blocks(self, server):
        """The same for a sampler that asks for some rows at a time: all that it asks is sent on."""
        for path, evaluations in self.followed(server):
            wanted = [row for rows in path[:STEPS] for row in rows]
            self.assertTrue(any(len(e["points"]) < len(path[0]) for e in evaluations))
            asked = [row for e in evaluations if e["kind"] == "gradient" for row in e["points"]]
            for some, others in ((asked, wanted), (wanted, asked)):
                for row in some:
                    self.assertLess(min(apart([row], [other]) for other in others), 1e-6)

    def followed(self, server, **shape):
        """Where the rule leads, and what was asked, problem by problem."""
        problems = [problem(seed=seed, **shape) for seed in (1, 2, 1)]
        for given, result in zip(problems, self.results(server, *problems)):
            path = rule(given)
            final = result["final"]
            final = [row for group in final for row in group] if shape_of(final) == 3 else final
            self.assertNotIn("remarks", result)
            self.assertLess(apart(final, path[-1]), 1e-6)
            self.assertEqual(result["draws"], STEPS)
            self.assertLess(apart(result["initialAfter"], given["initial"]), 1e-9)
            yield path, result["evaluations"]


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

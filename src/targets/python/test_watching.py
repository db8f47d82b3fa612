"""Tests of `ulaspec.watch`: real samplers on a small trained network of PyTorch."""

import importlib.util
import json
import unittest

import ulaspec

LOW, HIGH = [-1.0, -3.0], [2.0, 5.0]
STEPS = 12
CHAIN = {"steps": STEPS, "init": 0.5, "final": 0.01, "delta_clip": 0.05}

FAULTS = {
    "delta-clip-unscaled": {"limit": lambda c, low, high: c},
    "delta-clip-midpoint": {"limit": lambda c, low, high: c * 0.5 * (high + low).abs()},
    "delta-clip-missing": {"limit": lambda c, low, high: 1e9},
    "noise-after-delta-clip": {"early": True},
    "noise-root-of-step": {"noise": lambda rate: rate**-0.5},
    "half-missing": {"half": 1.0},
}


def trained(torch):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(5, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))

    class Energy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network

        def forward(self, observations, actions):
            return 8 * self.inner(torch.cat([observations, actions], -1)).squeeze(-1)

    model = Energy()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(50):
        observations, actions = torch.rand(64, 3), torch.rand(64, 2) * 4 - 2
        loss = ((model(observations, actions) - actions.square().sum(-1)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def sample(torch, model, rows=16, half=0.5, limit=None, noise=None, early=False, loss="sum", spare=0, habit=""):
    low, high = torch.tensor(LOW), torch.tensor(HIGH)
    observations = torch.rand(rows, 3)
    actions = low + (high - low) * torch.rand(rows, 2)
    for _ in range(spare):
        torch.randn(rows, 2)
    bound = (limit or (lambda c, a, b: c * 0.5 * (b - a)))(0.05, low, high)
    bound = torch.as_tensor(bound) + torch.zeros(2)
    clip = lambda x: torch.minimum(torch.maximum(x, -bound), bound)
    ahead = torch.randn(STEPS, rows, 2) if habit == "draws ahead" else None
    for k in range(STEPS):
        rate = (0.5 - 0.01) * (1 - k / (STEPS - 1)) ** 2 + 0.01
        actions = actions.detach().requires_grad_(True)
        energy = getattr(model(observations, actions), loss)()
        (slope,) = torch.autograd.grad(energy, actions)
        if habit == "asks twice":
            model(observations, actions).sum().backward()
        draw = torch.randn_like(actions) if ahead is None else ahead[k]
        draw = -draw if habit == "subtracts its noise" else draw
        draw = draw * (noise(rate) if noise else 1.0)
        if early:
            actions = actions - clip(rate * half * slope) - rate * draw
        else:
            actions = actions - clip(rate * (half * slope + draw))
        actions = torch.minimum(torch.maximum(actions, low), high).detach()
    if habit == "asks at the end":
        model(observations, actions.requires_grad_(True)).sum().backward()
    return actions.detach()


@unittest.skipIf(importlib.util.find_spec("torch") is None, "needs torch")
class Watching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import torch

        cls.torch, cls.model = torch, trained(torch)

    def watched(self, finish=True, **fault):
        with ulaspec.watch(self.model, bounds=(LOW, HIGH), **CHAIN) as run:
            final = sample(self.torch, self.model, **fault)
            if finish:
                run.final = final
        return run

    def judged(self, run):
        code, text = run._judged("json")
        return code, json.loads(text)

    def test_a_correct_sampler_follows_the_rule_and_coverage_is_stated(self):
        code, report = self.judged(self.watched())
        self.assertEqual((code, report["verdict"]), (0, "follows"), report)
        coverage = report["coverage"]
        self.assertEqual((coverage["steps"], coverage["rows"], coverage["axes"]), (STEPS, 16, 2))
        self.assertGreater(coverage["limited"], 0)
        for part, wanted in (("drift", 0.5), ("noise", 1.0)):
            self.assertAlmostEqual(report["measured"][part], wanted, 3)

    def test_correct_samplers_of_other_habits_follow(self):
        for habit in ("asks twice", "asks at the end", "subtracts its noise", "draws ahead"):
            with self.subTest(habit):
                code, report = self.judged(self.watched(habit=habit))
                self.assertEqual((code, report["verdict"]), (0, "follows"), report)

    def test_what_is_missing_is_said(self):
        code, report = self.judged(self.watched(finish=False))
        self.assertEqual((code, report["coverage"]["steps"]), (0, STEPS - 1))
        self.assertIn("run.final", " ".join(report["notes"]))
        code, report = self.judged(self.watched(rows=300, spare=1))
        self.assertEqual((code, report["coverage"]["rows"]), (0, 128), report)
        self.assertIn("13 draws were seen", " ".join(report["notes"]))

    def test_the_most_frequent_faults_are_found_and_named(self):
        for bug, fault in FAULTS.items():
            with self.subTest(bug):
                code, report = self.judged(self.watched(**fault))
                self.assertEqual(code, 1, report)
                self.assertIn(bug, [found["id"] for found in report["bugs"]])

    def test_compiled_code_is_seen_whether_it_was_compiled_before_or_is_now(self):
        compiled = lambda: self.torch.compile(sample, backend="eager")
        compile_before = self.torch.compile
        before = compiled()
        before(self.torch, self.model)
        for half in (0.5, 1.0):
            for chosen in (lambda: before, compiled):
                with ulaspec.watch(self.model, bounds=(LOW, HIGH), **CHAIN) as run:
                    run.final = chosen()(self.torch, self.model, half=half)
                code, report = self.judged(run)
                self.assertEqual(code, 1 if half == 1.0 else 0, report)
                self.assertEqual(report["coverage"]["steps"], STEPS)
        self.assertIs(self.torch.compile, compile_before)

    def test_a_mean_that_is_differentiated_shows_in_the_drift(self):
        code, report = self.judged(self.watched(loss="mean"))
        self.assertEqual(code, 1)
        self.assertAlmostEqual(report["measured"]["drift"], 0.5 / 16, 4)

    def test_a_check_raises_with_the_report_and_leaves_the_network_as_it_was(self):
        self.watched().check()
        with self.assertRaisesRegex(AssertionError, "The whole gradient"):
            self.watched(half=1.0).check()
        self.assertFalse(self.model._forward_hooks or self.model._forward_pre_hooks)


if __name__ == "__main__":
    unittest.main()

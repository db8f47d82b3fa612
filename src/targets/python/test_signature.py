"""Targets that are written from a signature."""

import importlib.util
import itertools
import os
import sys
import tempfile
import unittest

from ulaspec.signature import _with_result, guess

numbers = itertools.count()
needs_numpy = unittest.skipIf(importlib.util.find_spec("numpy") is None, "needs numpy")


class Signatures(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = made.name
        self.module = f"mine{next(numbers)}"

    def guess_of(self, source, name="Sampler", package=""):
        folder = os.path.join(self.folder, package)
        os.makedirs(folder, exist_ok=True)
        if package:
            open(os.path.join(folder, "__init__.py"), "w").close()
        path = os.path.join(folder, f"{self.module}.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        found = guess(f"{path}:{name}", self.folder)
        compile(found.target, "target", "exec")
        return found

    def test_settings_are_found_in_the_constructor_and_arrays_in_the_call(self):
        found = self.guess_of(
            "class Sampler:\n"
            "    def __init__(self, bounds, num_steps=10): pass\n"
            "    def __call__(self, network, obs, actions): pass\n"
        )
        self.assertIn("return Sampler(bounds=s.bounds, num_steps=s.steps)", found.target)
        self.assertIn("return sampler(network=p.network, obs=p.observations", found.target)
        self.assertEqual(found.unknown, [])

    def test_a_constructor_that_takes_the_network_is_called_for_each_problem(self):
        found = self.guess_of(
            "class Sampler:\n"
            "    def __init__(self, model, steps): pass\n"
            "    def sample(self, x0): pass\n"
        )
        self.assertIn(
            "return Sampler(model=p.network, steps=s.steps).sample(x0=p.initial)", found.target
        )

    def test_a_required_parameter_that_no_name_explains_is_left_open_in_the_call(self):
        found = self.guess_of("def walk(net, mystery, step_size, noise_scale): pass\n", "walk")
        self.assertIn("            mystery=...,  # TODO: what does mystery take?\n", found.target)
        self.assertIn("            step_size=s.step_size,\n", found.target)
        self.assertEqual(found.unknown, ["mystery"])

    def test_a_parameter_with_a_default_that_no_name_explains_is_said_to_keep_it(self):
        found = self.guess_of("def walk(net, step_size, extra=3): pass\n", "walk")
        self.assertEqual((found.unknown, found.left), ([], ["extra = 3"]))
        self.assertIn("    # Keeps its default, which may be a setting of the rule: extra = 3\n", found.target)

    def test_optional_features_that_no_parameter_asks_for_are_unsupported(self):
        found = self.guess_of("def walk(actions, decay, grad_clip=None): pass\n", "walk")
        self.assertIn('unsupported = ["apply-exp"]', found.target)

    def test_a_module_in_a_package_is_imported_by_its_whole_name(self):
        found = self.guess_of("def walk(actions): pass\n", "walk", package="pack")
        self.assertIn(f"from pack.{self.module} import walk", found.target)

    def test_the_framework_is_the_one_that_the_module_imports(self):
        plain = self.guess_of("def walk(actions): pass\n", "walk")
        self.assertIn('framework = "python"', plain.target)

    @needs_numpy
    def test_the_framework_of_what_is_only_called_counts_too(self):
        with open(os.path.join(self.folder, "their_project.py"), "w", encoding="utf-8") as file:
            file.write("import numpy\ndef walk(actions): pass\n")
        self.addCleanup(sys.modules.pop, "their_project", None)
        found = self.guess_of("from their_project import walk as w\ndef walk(actions): w(actions)\n", "walk")
        self.assertIn('framework = "numpy"', found.target)

    def test_x_is_the_start_where_nothing_else_can_be(self):
        alone = self.guess_of("def walk(net, x, step_size): pass\n", "walk")
        self.assertIn("x=p.initial", alone.target)

    def test_x_beside_actions_is_left_open(self):
        beside = self.guess_of("def walk(net, x, actions): pass\n", "walk")
        self.assertEqual(beside.unknown, ["x"])

    def test_a_chain_that_a_call_returns_is_reported(self):
        found = self.guess_of(
            "def walk(actions, steps, return_chain):\n"
            "    return actions, [actions] * steps\n",
            "walk",
        )
        text = _with_result(found.target, self.folder, found.guessed)
        self.assertIn("return ulaspec.Result(result[0], chain_actions=result[1])", text)

    def test_a_dataclass_of_settings_is_filled_field_by_field(self):
        found = self.guess_of(
            "import dataclasses\n"
            "@dataclasses.dataclass\n"
            "class Config:\n"
            "    num_steps: int\n"
            "    mystery: str\n"
            "    noise: float = 1.0\n"
            "class Sampler:\n"
            "    def __init__(self, config: Config): pass\n"
            "    def sample(self, net, x0): pass\n"
        )
        self.assertIn(f"from {self.module} import Sampler, Config\n", found.target)
        for line in ("num_steps=s.steps", "mystery=...", "noise=s.noise_scale"):
            self.assertIn(f"                {line},", found.target)
        self.assertEqual(found.unknown, ["mystery"])

    @needs_numpy
    def test_a_partial_has_the_framework_and_the_parameters_of_its_function(self):
        found = self.guess_of(
            "import functools, numpy\n"
            "def walk(energy, actions, lr, final_lr, power): pass\n"
            "sample = functools.partial(walk, power=2.0)\n",
            "sample",
        )
        self.assertIn('framework = "numpy"', found.target)
        for line in ("lr=s.schedule.init", "final_lr=s.schedule.final", "power=s.schedule.power"):
            self.assertIn(f"            {line},\n", found.target)

    def test_a_method_that_is_told_how_many_samples_draws_its_own_start(self):
        found = self.guess_of(
            "class Sampler:\n"
            "    def __init__(self, net, act_min, act_max): pass\n"
            "    def sample(self, obs, n): pass\n"
        )
        self.assertIn("            obs=p.observations,\n            n=p.samples,\n", found.target)
        self.assertIn("    draws_start = True", found.target)
        self.assertEqual(found.unknown, [])

    def test_what_is_no_reference_is_refused(self):
        for reference in ("Sampler", "os:nothing_here", "no_file.py:Sampler"):
            with self.assertRaises(ValueError):
                guess(reference)


if __name__ == "__main__":
    unittest.main()

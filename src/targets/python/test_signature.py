"""Targets that are written from a signature."""

import os
import tempfile
import unittest

from ulaspec.signature import guess


def guess_of(source, name="Sampler"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mine.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        return guess(f"{path}:{name}")


class Signatures(unittest.TestCase):
    def test_settings_are_found_in_the_constructor_and_arrays_in_the_call(self):
        found = guess_of(
            "class Sampler:\n"
            "    def __init__(self, bounds, num_steps=10): pass\n"
            "    def __call__(self, network, obs, actions): pass\n"
        )
        self.assertIn("Sampler(bounds=s.bounds, num_steps=s.steps)(network=p.network", found.target)
        self.assertEqual(found.unknown, [])
        compile(found.target, "target", "exec")

    def test_settings_of_a_function_are_given_in_its_call(self):
        found = guess_of("def walk(net, x, step_size, noise_scale): pass\n", "walk")
        self.assertIn("step_size=s.step_size, noise_scale=s.noise_scale", found.target)
        self.assertEqual(found.unknown, ["x"])

    def test_the_framework_is_the_one_that_the_module_imports(self):
        plain = guess_of("def walk(actions): pass\n", "walk")
        self.assertIn("framework = 'python'", plain.target)

    def test_what_is_no_reference_is_refused(self):
        for reference in ("Sampler", "os:nothing_here"):
            with self.assertRaises(ValueError):
                guess(reference)


if __name__ == "__main__":
    unittest.main()

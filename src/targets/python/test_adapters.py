"""Tests of `ulaspec.target`, on adapters for samplers in twenty styles.

Run as a script it prints how many lines each adapter takes.
"""

import collections
import importlib.util
import os
import statistics
import sys
import tempfile
import unittest

import ulaspec
from rule_problem import SETTINGS, apart, problem, rule
from ulaspec.clause_tests import _class_of, _only_target_in
from ulaspec.nested import _nested
from ulaspec.results import _result_in
from ulaspec.server import _Server

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, os.pardir, os.pardir, "fixtures", "adapters")
NAMES = sorted(
    name[:-3] for name in os.listdir(FOLDER) if name.endswith(".py") and "samplers_" not in name
)
#: The framework of those that are not in PyTorch.
OTHERS = {
    **dict.fromkeys(("jax_compiled", "flax_apply"), "jax"),
    **dict.fromkeys(("keras_model", "tensorflow_logits"), "tensorflow"),
    "numpy_object": "numpy",
    "noise_argument": "numpy",
}


def lines_of(name):
    """The lines of an adapter that say something, imports included."""
    with open(os.path.join(FOLDER, f"{name}.py"), encoding="utf-8") as file:
        return sum(bool(line.strip()) for line in file)


def adapter(name):
    """The class that an adapter makes."""
    sys.path.insert(0, FOLDER)
    try:
        spec = importlib.util.spec_from_file_location(f"adapter_{name}", f"{FOLDER}/{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(FOLDER)
    return _only_target_in(vars(module), spec.origin)


def results(target, given, settings=SETTINGS):
    server = _Server(target)
    server.answer({"id": 0, "type": "start", "protocol": 1})
    handle = server.answer({"id": 1, "type": "prepare", "settings": settings})
    assert handle["type"] == "prepared", handle
    request = {"id": 2, "type": "sample", "prepared": handle["prepared"], "problems": given}
    answer = server.answer(request)
    assert answer["type"] == "results", answer
    return answer["results"]


class Adapters(unittest.TestCase):
    def check(self, framework):
        if importlib.util.find_spec(framework) is None:
            self.skipTest(f"needs {framework}")
        for name in NAMES:
            if OTHERS.get(name, "torch") != framework:
                continue
            with self.subTest(name):
                given = [problem(seed=seed) for seed in (1, 2, 1)]
                for asked, result in zip(given, results(adapter(name)(), given)):
                    path = rule(asked)
                    self.assertLess(apart(_nested(result["final"], (6, 2)), path[-1]), 1e-6)
                    (first, *_) = result["evaluations"]
                    start = _nested(first["points"], (6, 2))
                    self.assertLess(apart(start, asked["initial"]), 1e-6)
                    for points, wanted in zip(result.get("chain", {}).get("actions", []), path[1:]):
                        self.assertLess(apart(_nested(points, (6, 2)), wanted), 1e-6)

    def test_those_in_torch_are_seen_to_follow_the_rule(self):
        self.check("torch")

    def test_those_in_jax_are_seen_to_follow_the_rule(self):
        self.check("jax")

    def test_those_in_tensorflow_are_seen_to_follow_the_rule(self):
        self.check("tensorflow")

    def test_those_in_numpy_are_seen_to_follow_the_rule(self):
        self.check("numpy")

    def test_most_take_ten_lines_and_none_takes_more_than_fifteen(self):
        lines = [lines_of(name) for name in NAMES]
        self.assertEqual(len(lines), 20)
        self.assertLessEqual(statistics.median(lines), 10)
        self.assertLessEqual(max(lines), 15)


def walk(gradient, initial, steps, lr, decay=None):
    for _ in range(steps):
        initial = gradient(initial)
    return initial


class Made(unittest.TestCase):
    def test_what_no_parameter_asks_for_is_unsupported_and_a_missing_start_is_drawn(self):
        Walk = ulaspec.target(walk, framework="python")
        self.assertEqual(Walk.unsupported, ["grad-clip", "apply-exp"])
        self.assertFalse(Walk.draws_start)
        self.assertEqual(Walk.name, "walk")

        Also = ulaspec.target(walk, framework="python", unsupported=["exponential-schedule"])
        self.assertEqual(Also.unsupported, ["grad-clip", "apply-exp", "exponential-schedule"])

        @ulaspec.target(framework="python", noise="own")
        def own(network, bounds, schedule):
            return None

        self.assertTrue(own.draws_start)
        self.assertEqual(own.noise, "own")

    def test_what_was_guessed_is_told_and_what_may_be_left_is_left(self):
        seen = []

        def sample(gradient, x0, num_steps, noise_scale, temperature=1.0, noise=None, device="cpu"):
            seen.append((num_steps, temperature, noise, device))
            return gradient(x0)

        Guessed = ulaspec.target(sample, framework="python")
        (result,) = results(Guessed(), [problem()])
        self.assertIn("num_steps = steps", result["remarks"][0])
        self.assertNotIn("noise_scale", result["remarks"][0])
        self.assertEqual(seen[-1], (4, 1.0, None, "cpu"))
        results(ulaspec.target(sample, framework="python", noise="[1]", device="gpu")(), [problem()])
        self.assertEqual(seen[-1], (4, 1.0, [1], "gpu"))

    def test_a_method_of_another_name_is_found_or_named(self):
        def policy(*names):
            method = lambda self, gradient, initial: gradient(initial)
            return type("Policy", (), dict.fromkeys(names, method))

        for names in (("predict",), ("fit", "get_action"), ("select_action",), ("denoise",)):
            target = ulaspec.target(policy(*names), framework="python")
            self.assertIn("final", results(target(), [problem()])[0])
        with self.assertRaises(TypeError):
            ulaspec.target(policy("fit", "denoise"))
        ulaspec.target(policy("fit", "denoise"), method="denoise")

    def test_a_start_is_no_step_size(self):
        seen = []

        def sample(gradient, init, num_steps, **rest):
            seen.append(init)
            return init

        def scheduled(gradient, initial, init, num_steps):
            seen.append(init)
            return initial

        def ending(gradient, init, final, x0):
            seen.append(init)
            return x0

        init = SETTINGS["schedule"]["init"]
        for one, wanted in ((sample, problem()["initial"]), (scheduled, init), (ending, init)):
            results(ulaspec.target(one, framework="python")(), [problem()])
            self.assertEqual(seen[-1], wanted)

    def test_what_the_sampler_is_not_told_is_told_with_its_defaults(self):
        def sample(gradient, initial, bounds, num_steps, start_rate=0.1, name="x", delta_clip=0.1):
            return gradient(initial)

        (result,) = results(ulaspec.target(sample, framework="python")(), [problem()])
        self.assertTrue(result["remarks"][0].startswith(
            "Nothing tells sample the step sizes or the noise scale: it has its own, with the defaults "
            'start_rate = 0.1. Wanted a parameter that takes it, as in ulaspec.target(…, lr="step_sizes"). '
        ), result["remarks"])
        said = ulaspec.target(sample, framework="python", start_rate="step_size")
        (result,) = results(said(), [problem()])
        self.assertNotIn("step sizes", str(result["remarks"]))

    def test_texts_are_expressions_and_other_values_stay(self):
        seen = []

        @ulaspec.target(framework="python", one="schedule.init * 2", two=3, three="'text'")
        def sample(initial, gradient, one, two, three, /):
            seen.append((one, two, three))
            return gradient(initial)

        results(sample(), [problem()])
        self.assertEqual(seen[-1], (0.25, 3, "text"))

    def test_what_is_not_known_is_asked_for(self):
        def strange(initial, mystery):
            return initial

        for said, words in (
            ({}, "found the parameter mystery"),
            ({"mystery": "steps", "other": 1}, "found other, wanted its parameters"),
            ({"mystery": "steps +"}, "wanted an expression"),
        ):
            with self.assertRaisesRegex(TypeError, words):
                ulaspec.target(strange, framework="python", **said)

    def test_a_target_is_found_by_the_name_of_its_function_too(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "named_port.py")
            with open(file, "w", encoding="utf-8") as source:
                source.write(
                    "import ulaspec\n"
                    "def walk(initial): return initial\n"
                    "Target = ulaspec.target(walk, framework='python')\n"
                )
            for name in ("Target", "walk"):
                self.assertTrue(issubclass(_class_of(file, "named_port", name), ulaspec.Target))

    def test_a_target_that_is_only_tested_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "test_inline_port.py")
            with open(file, "w", encoding="utf-8") as text:
                text.write(
                    "import ulaspec\n"
                    "def walk(initial): return initial\n"
                    "ulaspec.conformance(ulaspec.target(walk, framework='python'))\n"
                )
            found = _class_of(file, "test_inline_port", "walk")
            sys.modules.pop("test_inline_port")
        self.assertTrue(issubclass(found, ulaspec.Target))

    def test_the_only_target_of_a_script_is_served_and_of_several_one_is_asked_for(self):
        class Base(ulaspec.Target):
            def sample(self, settings, problem):
                return problem.initial

        Sub, Other = type("Sub", (Base,), {}), type("Other", (Base,), {})
        names = {"__name__": __name__, "Base": Base, "Sub": Sub, "_Other": Other}
        self.assertIs(_only_target_in(names, "x.py"), Sub)
        with self.assertRaisesRegex(SystemExit, "ulaspec check x.py#Sub"):
            _only_target_in({**names, "Other": Other}, "x.py")


Named = collections.namedtuple("Named", "x trajectory energies")


class Results(unittest.TestCase):
    def read(self, returned):
        given = type("Given", (), dict(rows=6, groups=2, samples=3, initial=[[0.0, 0.0]] * 6))
        result = _result_in(returned, given, 4)
        return result.final, {part: x for part, x in result.chain.items() if x is not None}

    def test_every_form_of_a_result_is_read_by_its_shapes_and_names(self):
        points = [[[float(k)] * 2] * 6 for k in range(5)]
        energies, norms = [[0.5] * 6] * 4, [[2.0] * 6] * 4
        last, chain = points[-1], {"actions": points[1:]}
        with_energies = {**chain, "outputs": energies}
        for returned, parts in (
            (last, {}),
            (points, chain),
            (points[1:], chain),
            ((last, points[1:]), chain),
            ((last, energies, norms), {"outputs": energies, "gradNorms": norms}),
            ((last, {"trajectory": points, "energies": energies}), with_energies),
            ({"samples": last, "energy": 3.0}, {}),
            ({"chain": points[1:]}, chain),
            (Named(last, points, energies), with_energies),
        ):
            self.assertEqual(self.read(returned), (last, parts))

    def test_the_one_point_of_a_chain_of_one_step_is_told_from_one_group(self):
        given = type("Given", (), dict(rows=2, groups=1, samples=2, initial=[[0.0, 0.0]] * 2))
        chain = [[[1.0, 1.0]] * 2]
        for returned in (chain, (chain, [[0.5] * 2]), (chain[0], chain)):
            result = _result_in(returned, given, 1)
            self.assertEqual((result.final, result.chain["actions"]), (chain[0], chain))

    def test_groups_are_not_taken_for_steps_and_what_is_nothing_known_stays(self):
        grouped = [[[0.0, 1.0]] * 3] * 2
        for returned in (grouped, ([0.0], [1.0]), {"what": 1}, 5.0):
            self.assertEqual(self.read(returned), (returned, {}))


if __name__ == "__main__":
    for name in NAMES:
        print(f"{lines_of(name):3} {name}")
    print(f"{statistics.median(map(lines_of, NAMES)):3g} median")

"""Tests of the adapter that need no framework: `python3 -m unittest test_ulaspec` in here."""

import json
import math
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

import ulaspec
from rule_problem import SETTINGS, STEPS, apart, clip, problem, rule
from ulaspec.blocks import _Blocks
from ulaspec.dual import _DualOps, _seeded, _slopes
from ulaspec.floats import _number, _words
from ulaspec.formula import _Formula, _PLAIN, _evaluate, _symbols
from ulaspec.server import _Server
from ulaspec.session import _Session

HERE = os.path.dirname(os.path.abspath(__file__))

# Where the adapter stands: the folder of a checkout may be called ulaspec, too.
ADAPTER = os.path.join(os.path.dirname(ulaspec.__file__), "")


class Lists(ulaspec.Target):
    """The rule on plain lists, with the noise from `problem.noise()`."""

    name = "lists"
    framework = "python"
    unsupported = ["grad-clip"]

    def prepare(self, settings):
        if settings.grad_clip is not None:
            raise ulaspec.Unsupported("grad-clip", "it has no such thing")
        return settings

    def noise_of(self, p):
        return p.noise()

    def sample(self, settings, p):
        low, high = settings.bounds
        limits = [settings.delta_clip * 0.5 * (h - lo) for lo, h in zip(low, high)]
        x, visited, outputs = p.initial, [], []
        for _ in range(settings.steps):
            slopes, noise = p.gradient(p.observations, x), self.noise_of(p)
            outputs.append(p.grouped(p.network(x)))
            x = [
                [
                    clip(a - clip(0.125 * (0.5 * g + xi), -limit, limit), lo, h)
                    for a, g, xi, limit, lo, h in zip(row, slope, draw, limits, low, high)
                ]
                for row, slope, draw in zip(x, slopes, noise)
            ]
            visited.append(p.grouped(x))
        return ulaspec.Result(p.grouped(x), chain_actions=visited, chain_outputs=outputs)


def server(target=None):
    result = _Server(target or Lists())
    ready = result.answer({"id": 0, "type": "start", "protocol": 1})
    assert ready["type"] == "ready", ready
    return result


def sampled(target=None, *problems):
    here = server(target)
    handle = here.answer({"id": 1, "type": "prepare", "settings": SETTINGS})
    assert handle["type"] == "prepared", handle
    given = list(problems or [problem()])
    return here.answer(
        {"id": 2, "type": "sample", "prepared": handle["prepared"], "problems": given}
    )


class Conversation(unittest.TestCase):
    def test_start_is_answered_with_what_the_target_says_of_itself(self):
        self.assertEqual(
            _Server(Lists()).answer({"id": 7, "type": "start", "protocol": 1}),
            {
                "id": 7,
                "type": "ready",
                "protocol": 1,
                "name": "lists",
                "networkReturns": "energy",
                "unsupported": ["grad-clip"],
                "framework": "python",
                "language": "python",
                "noise": "tape",
            },
        )

    def test_another_protocol_is_refused(self):
        answer = _Server(Lists()).answer({"id": 0, "type": "start", "protocol": 2})
        self.assertEqual(answer["message"], "Cannot start: found protocol 2, wanted 1")

    def test_words_that_nobody_knows_are_refused_with_those_that_one_knows(self):
        for attribute, word, wanted in (
            ("framework", "pytorch", "'torch'"),
            ("network_returns", "q", "'logits'"),
            ("noise", "none", "'own'"),
            ("unsupported", "grad-clip", "a list"),
        ):
            with self.subTest(attribute):
                target = Lists()
                setattr(target, attribute, word)
                answer = _Server(target).answer({"id": 0, "type": "start", "protocol": 1})
                self.assertEqual(answer["type"], "failed")
                self.assertIn(f"found {attribute} = {word!r}", answer["message"])
                self.assertIn(wanted, answer["message"])

    def test_a_chain_follows_the_rule_with_everything_observed(self):
        given = [problem(seed=1), problem(seed=2), problem(groups=1, samples=1)]
        answer = sampled(None, *given)
        self.assertEqual((answer["id"], answer["type"]), (2, "results"))
        for p, result in zip(given, answer["results"]):
            path = rule(p)
            flat = [row for group in result["final"] for row in group]
            self.assertLess(apart(flat, path[-1]), 1e-12)
            self.assertEqual(
                [e["kind"] for e in result["evaluations"]], ["gradient", "outputs"] * STEPS
            )
            for k, evaluation in enumerate(result["evaluations"]):
                self.assertLess(apart(evaluation["points"], path[k // 2]), 1e-12)
            for k, actions in enumerate(result["chain"]["actions"]):
                self.assertLess(apart(actions, path[k + 1]), 1e-12)
            self.assertEqual(len(result["chain"]["outputs"][0]), p["groups"] * p["samples"])
            self.assertEqual(set(result["chain"]), {"actions", "outputs"})
            self.assertEqual(result["draws"], STEPS)
            self.assertNotIn("remarks", result)

    def test_logits_are_energies_with_the_other_sign(self):
        target = Lists()
        energies = sampled(target)["results"][0]["chain"]["outputs"][0]
        target.network_returns = "logits"
        logits = sampled(target)["results"][0]["chain"]["outputs"][0]
        self.assertEqual(logits, [-energy for energy in energies])

    def test_a_lacking_feature_is_told_with_its_reason(self):
        answer = server().answer(
            {"id": 3, "type": "prepare", "settings": {**SETTINGS, "gradClip": 1}}
        )
        self.assertEqual(
            answer,
            {
                "id": 3,
                "type": "unsupported",
                "feature": "grad-clip",
                "reason": "it has no such thing",
            },
        )

    def test_what_a_target_raises_is_told_with_its_trace(self):
        class Broken(Lists):
            def sample(self, settings, p):
                raise ValueError("no way")

        answer = sampled(Broken())
        self.assertEqual((answer["type"], answer["message"]), ("failed", "ValueError: no way"))
        self.assertIn("in sample", answer["trace"])
        self.assertNotIn(ADAPTER, answer["trace"])

    def test_a_trace_leaves_out_the_adapter_but_not_where_the_adapter_raised(self):
        class Asks(Lists):
            def sample(self, settings, p):
                return p.network([["one", "two"]] * p.rows)

        class Wide(Lists):
            def sample(self, settings, p):
                return p.network([[0.0, 0.0, 0.0]])

        trace = sampled(Asks())["trace"]
        self.assertIn("return p.network", trace)
        self.assertEqual(trace.count(ADAPTER), 1)
        self.assertNotIn("in _answer", trace)
        answer = sampled(Wide())
        self.assertIn("found actions of shape 1×3", answer["message"])
        self.assertIn("return p.network", answer["trace"])
        self.assertNotIn(ADAPTER, answer["trace"])
        self.assertNotIn("trace", server().answer({"id": 1, "type": "dance"}))

    def test_a_target_that_exits_or_returns_nothing_has_failed(self):
        class Exits(Lists):
            def sample(self, settings, p):
                sys.exit("enough")

        class Nothing(Lists):
            def sample(self, settings, p):
                pass

        self.assertEqual(sampled(Exits())["message"], "SystemExit: enough")
        self.assertIn("found None, wanted the final actions", sampled(Nothing())["message"])

    def test_what_a_generator_yields_is_its_chain_and_a_coroutine_is_refused(self):
        class Yields(Lists):
            def sample(self, settings, p):
                for _ in range(settings.steps):
                    yield p.initial

        class Later(Lists):
            async def sample(self, settings, p):
                return p.initial

        (result,) = sampled(Yields())["results"]
        self.assertEqual(result["chain"]["actions"], [result["final"]] * STEPS)
        self.assertIn("found a coroutine, wanted the final actions", sampled(Later())["message"])

    def test_a_released_sampler_is_gone(self):
        here = server()
        handle = here.answer({"id": 1, "type": "prepare", "settings": SETTINGS})["prepared"]
        self.assertEqual(
            here.answer({"id": 2, "type": "release", "prepared": handle}),
            {"id": 2, "type": "released"},
        )
        for gone in (handle, 99):
            answer = here.answer({"id": 3, "type": "sample", "prepared": gone, "problems": []})
            self.assertIn("wanted one that is prepared", answer["message"])

    def test_the_first_call_is_made_by_a_sampler_of_its_own(self):
        class Counting(Lists):
            prepared, calls = 0, []

            def prepare(self, settings):
                Counting.prepared += 1
                return Counting.prepared, settings

            def sample(self, prepared, p):
                Counting.calls.append(prepared[0])
                return super().sample(prepared[1], p)

        self.assertEqual(len(sampled(Counting(), problem(), problem())["results"]), 2)
        first, *others = Counting.calls
        self.assertEqual(len(set(others)), 1)
        self.assertGreater(first, others[0])


    def test_a_parameter_schedule_takes_the_step_sizes_and_what_they_are_computed_from(self):
        seen = []

        def sample(network, initial, schedule, steps):
            seen.append((list(schedule), schedule.init, schedule.power, steps))
            return initial

        target = ulaspec.target(sample, framework="python")
        sampled(target(), problem())
        self.assertEqual(seen[-1], ([0.125] * STEPS, 0.125, 2, STEPS))
        self.assertNotIn("exponential-schedule", target.unsupported)

    def test_who_fails_on_what_an_exponential_schedule_has_not_is_told_so(self):
        exponential = {**SETTINGS, "schedule": {"kind": "exponential", "init": 0.125, "decay": 0.5}}

        def message(rate_of):
            def sample(network, initial, schedule):
                rate = rate_of(schedule)
                return [[a - rate for a in row] for row in initial]

            server = _Server(ulaspec.target(sample, framework="python")())
            server.answer({"id": 0, "type": "start", "protocol": 1})
            server.answer({"id": 1, "type": "prepare", "settings": exponential})
            request = {"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]}
            return server.answer(request).get("message", "")

        told = message(lambda schedule: schedule.init - schedule.final)
        self.assertIn("after schedule.final, which only polynomial ones have", told)
        self.assertIn('unsupported = ["exponential-schedule"]', told)
        self.assertEqual(message(lambda schedule: schedule.init * (schedule.decay or schedule.power)), "")
        self.assertNotIn("polynomial", message(lambda schedule: schedule.decay + []))


class Noise(unittest.TestCase):
    def test_draws_beyond_the_tape_are_counted_and_come_from_the_seed(self):
        class Twice(Lists):
            def noise_of(self, p):
                p.noise()
                return p.noise()

        first, second = sampled(Twice(), problem(), problem())["results"]
        self.assertEqual(first["draws"], 2 * STEPS)
        served = {"shape": [6, 2], "what": "problem.noise()", "times": 2 * STEPS}
        self.assertEqual(first["served"], [served])
        self.assertEqual(first["final"], second["final"])

    def test_a_tape_may_be_longer_than_the_chain(self):
        class Spare(Lists):
            def sample(self, settings, p):
                p.noise()
                return super().sample(settings, p)

        given = problem()
        spare = [[[9.0, 9.0]] * 6]
        longer = {**given, "noise": {"kind": "tape", "draws": spare + given["noise"]["draws"]}}
        plain, behind = sampled(None, given), sampled(Spare(), longer)
        self.assertEqual(plain["results"][0]["final"], behind["results"][0]["final"])
        self.assertEqual(behind["results"][0]["draws"], STEPS + 1)

    def test_without_a_tape_draws_come_from_the_seed(self):
        given = {**problem(), "noise": {"kind": "own"}}
        first, second = sampled(None, given, given)["results"]
        other = sampled(None, {**given, "seed": 2})["results"][0]
        self.assertEqual(first["final"], second["final"])
        self.assertNotEqual(first["final"], other["final"])

    def test_a_draw_takes_as_many_numbers_of_the_tape_as_it_has(self):
        given = problem(groups=2, samples=3)
        session = _Session(given, STEPS, "energy")
        stream = [x for draw in given["noise"]["draws"] for row in draw for x in row]
        place = 0
        for shape in ((), (2,), (5, 1), (0, 3), (2, 3, 2), (4,)):
            size = math.prod(shape)
            drawn = session.take(shape, "a draw")
            self.assertEqual(drawn, stream[place : place + size] if size else None)
            place += size
            self.assertEqual(session.draws, -(-place // 12))

    def test_a_draw_of_millions_is_left_to_the_framework(self):
        session = _Session(problem(), STEPS, "energy")
        self.assertIsNone(session.take((3000, 3000), "a draw"))
        (remark,) = session.remarks.values()
        self.assertIn("Found a draw of shape 3000×3000 by a draw, wanted at most", remark)
        self.assertEqual(session.draws, 0)


class Blocks(unittest.TestCase):
    """Which rows a question about some of them is about."""

    INITIAL = [[0.0], [1.0], [2.0], [3.0]]

    def told(self, *questions, initial=INITIAL, observed=None, steps=2, learned=None):
        """The rows of each question; None from the first on that no order explains."""
        groups = 1 if observed is None else 1 + max(map(max, observed))
        blocks = _Blocks(initial, [[float(g)] for g in range(groups)], steps, learned)
        for k, points in enumerate(questions):
            seen = None if observed is None else [[float(g)] for g in observed[k]]
            if blocks.ask([[x] for x in points], seen) is None:
                return k
        order = blocks.order(range(len(questions)))
        return [list(order.rows(k)) for k in range(len(questions))]

    def test_step_by_step(self):
        self.assertEqual(
            self.told([0, 1], [2, 3], [0.5, 1.5], [2.5, 3.5]), [[0, 1], [2, 3], [0, 1], [2, 3]]
        )

    def test_block_by_block(self):
        self.assertEqual(
            self.told([0, 1], [0.5, 1], [0.7, 1], [2, 3], [2.5, 3], [2.7, 3]),
            [[0, 1]] * 3 + [[2, 3]] * 3,
        )

    def test_rows_that_rest_at_one_wall(self):
        # Row 1 comes to the wall at which row 0 rests, and both stay there.
        self.assertEqual(
            self.told([0], [1], [0], [0], [0], [0], initial=[[0.0], [1.0]]),
            [[0], [1], [0], [1], [0], [1]],
        )

    def test_each_asked_for_twice(self):
        self.assertEqual(
            self.told([0, 1], [0, 1], [2, 3], [2, 3], [0.5, 1], [0.5, 1], [2.5, 3], [2.5, 3]),
            [[0, 1], [0, 1], [2, 3], [2, 3]] * 2,
        )

    def test_equal_rows_are_told_by_their_place(self):
        self.assertEqual(
            self.told([0, 0], [0, 0], [0.5, 0.5], [0.25, 0.25], initial=[[0.0]] * 4),
            [[0, 1], [2, 3], [0, 1], [2, 3]],
        )

    def test_blocks_of_several_sizes_and_from_the_end(self):
        self.assertEqual(self.told([0, 1, 2], [3], [5, 5, 5], [6]), [[0, 1, 2], [3]] * 2)
        self.assertEqual(self.told([2, 3], [0, 1], [5, 5], [6, 6]), [[2, 3], [0, 1]] * 2)
        self.assertEqual(self.told([0, 2], [1, 3], [5, 5], [6, 6]), [[0, 2], [1, 3]] * 2)

    def test_a_chain_that_rests_where_the_next_begins(self):
        points, rest = [[0, 0]] * 4, [[0.0]] * 4
        by_group, by_step = [[0, 1]] * 2 + [[2, 3]] * 2, [[0, 1], [2, 3]] * 2
        for rows in (by_group, by_step):
            observed = [[r // 2 for r in block] for block in rows]
            with self.subTest("its observations tell", rows=rows):
                self.assertEqual(self.told(*points, initial=rest, observed=observed), rows)
        with self.subTest("what earlier problems have shown tells"):
            learned = {}
            moves = [0], [0.5], [0.7], [1], [1.5], [1.7]
            self.told(*moves, initial=[[0.0], [1.0]], steps=3, learned=learned)
            self.assertEqual(self.told(*points, initial=rest, learned=learned), by_group)
            self.assertEqual(self.told([7], [8], [8], [9], initial=[[0.0], [1.0]], learned=learned),
                             [[0], [0], [1], [1]])

    def test_rows_from_the_last_on(self):
        chains = [3], [3.5], [2], [2.5], [1], [1.5], [0], [0.5]
        self.assertEqual(self.told(*chains), [[r] for r in (3, 3, 2, 2, 1, 1, 0, 0)])

    def test_blocks_that_observations_contradict_are_told_by_their_points(self):
        self.assertEqual(
            self.told([0, 1], [2, 3], [5, 5], [6, 6], observed=[[1, 1]] * 4),
            [[0, 1], [2, 3]] * 2,
        )

    def test_what_cannot_be_told(self):
        self.assertEqual(self.told([9, 9]), 0)
        self.assertEqual(self.told([2], [0], [3]), 0)
        self.assertEqual(self.told([3, 0]), 0)
        self.assertEqual(self.told([0, 1], [2, 3], [4]), 2)


class Formulas(unittest.TestCase):
    def value(self, tree, a=(), o=()):
        formula = _Formula(tree)
        symbols = _symbols(a, o)
        return _evaluate(formula.shape, formula.numbers, symbols, _PLAIN)

    def slopes(self, tree, a, o=()):
        formula, ops = _Formula(tree), _PLAIN
        seeded = _seeded(_symbols(a, o), a, ops)
        dual = _evaluate(formula.shape, formula.numbers, seeded, _DualOps(ops))
        return [_slopes(dual).get(i, 0.0) for i in range(len(a))]

    def test_every_operation_has_its_value_and_its_slope(self):
        x, y = "a1", ["*", 2, "a2"]
        trees = [["neg", x], ["where", ["-", x, 0.5], x, y], ["min", x, y, 9], ["max", x, y]]
        trees += [[operator, x, y] for operator in "+-*/^"]
        trees += [["^", x, power] for power in (1, 2, 3, 4, 2.5)] + [["^", 3, x], ["/", 3, x]]
        names = "abs sqrt exp log sin cos tanh cosh sinh floor sign".split()
        trees += [[name, ["+", x, 0.125]] for name in names]
        step = 1e-6
        for tree in trees:
            for point in ([0.7, 0.3], [0.3, 0.7]):
                with self.subTest(tree, point=point):
                    for axis, slope in enumerate(self.slopes(tree, point)):
                        left, right = list(point), list(point)
                        left[axis] -= step
                        right[axis] += step
                        numeric = (self.value(tree, right) - self.value(tree, left)) / (2 * step)
                        self.assertAlmostEqual(slope, numeric, delta=1e-6)

    def test_outside_of_a_domain_there_is_no_number(self):
        self.assertTrue(math.isnan(self.value(["sqrt", "a1"], [-1.0])))
        self.assertTrue(math.isnan(self.value(["log", "a1"], [-1.0])))
        self.assertEqual(self.value(["log", "a1"], [0.0]), -math.inf)
        self.assertEqual(self.value(["/", 1, "a1"], [-0.0]), -math.inf)
        self.assertEqual(self.value(["exp", "a1"], [1e4]), math.inf)
        self.assertTrue(math.isnan(self.slopes(["sqrt", "a1"], [-1.0])[0]))

    def test_energies_that_differ_in_numbers_alone_share_a_shape(self):
        def quadratic(h, m):
            return ["*", h, ["^", ["-", "a1", m], 2]]

        first, second = (_Formula(quadratic(*n)) for n in ((1, 2), (3, ["neg", 4])))
        self.assertEqual(first.shape, second.shape)
        self.assertEqual((first.numbers, second.numbers), ((1, -2), (3, 4)))
        self.assertNotEqual(first.shape, _Formula(["*", 1, ["^", "a1", 3]]).shape)

    def test_a_long_sum_is_no_trouble(self):
        tree = "a1"
        for _ in range(900):
            tree = ["+", tree, "a1"]
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20_000)
        try:
            self.assertEqual(self.value(tree, [1.0]), 901)
        finally:
            sys.setrecursionlimit(limit)


class Wire(unittest.TestCase):
    def test_floats_survive(self):
        words = [0.1, 1e-5, 5e-324, "NaN", "Infinity", "-Infinity", "-0", 3]
        self.assertEqual(_words([_number(word) for word in words]), words)

    def run_script(self, script, *requests, **variables):
        env = {**os.environ, "PYTHONPATH": HERE, **variables}
        env.pop("ULASPEC_OUTPUT_TAKEN", None)
        # What is printed before `serve` waits in a buffer, unless this says that it must not.
        env.pop("PYTHONUNBUFFERED", None)
        lines = "".join(
            request if isinstance(request, str) else json.dumps(request) + "\n"
            for request in requests
        )
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            input=lines,
            capture_output=True,
            text=True,
            env=env,
            timeout=60,
        )

    SCRIPT = """
        print("before")
        import os, sys, ulaspec
        from test_ulaspec import Lists

        class Chatty(Lists):
            def sample(self, settings, p):
                print("hello")
                os.write(1, b"hello from below\\n")
                os.system("echo hello from a child")
                assert sys.stdin.read() == ""
                return super().sample(settings, p)

        ulaspec.serve(Chatty())
    """

    def test_what_a_target_prints_goes_to_standard_error(self):
        run = self.run_script(
            self.SCRIPT,
            {"id": 0, "type": "start", "protocol": 1},
            {"id": 1, "type": "prepare", "settings": SETTINGS},
            {"id": 2, "type": "sample", "prepared": 0, "problems": [problem()]},
            {"id": 3, "type": "stop"},
        )
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        types = ["ready", "prepared", "results", "stopped"]
        self.assertEqual([answer["type"] for answer in answers], types)
        for text in ("before", "hello\n", "hello from below", "hello from a child"):
            self.assertIn(text, run.stderr)
        self.assertEqual(run.returncode, 0)

    LOADING = """
        import os, subprocess, sys
        import ulaspec
        print("loading")
        os.write(1, b"loading from below\\n")
        child = "import ulaspec; print('from a child')"
        said = subprocess.run([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True)
        assert said.stdout == "from a child\\n", said
        from test_ulaspec import Lists
        ulaspec.serve(Lists)
    """

    def test_what_a_target_prints_while_it_loads_does_not_reach_the_suite(self):
        start = {"id": 0, "type": "start", "protocol": 1}
        run = self.run_script(self.LOADING, start, {"id": 1, "type": "stop"}, ULASPEC_CHILD="a")
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual([answer["type"] for answer in answers], ["ready", "stopped"], run.stderr)
        self.assertEqual(answers[0]["name"], "lists")
        self.assertIn("loading\nloading from below\n", run.stderr)
        self.assertNotIn("without a target", run.stderr)

    def test_the_module_leaves_the_output_of_other_processes_alone(self):
        run = self.run_script("import ulaspec; print('mine')", ULASPEC_CHILD="")
        self.assertEqual((run.stdout, run.stderr), ("mine\n", ""))

    def test_a_script_that_does_not_serve_is_told_so(self):
        hint = (
            "This script ended without a target: wanted Target = ulaspec.target(sampler), or a class of "
            "ulaspec.Target\n"
        )
        run = self.run_script("import ulaspec", ULASPEC_CHILD="a")
        self.assertEqual((run.stdout, run.stderr), ("", hint))
        run = self.run_script("import ulaspec; 1 / 0", ULASPEC_CHILD="a")
        self.assertNotIn(hint, run.stderr)

    def test_what_is_no_target_is_refused_in_words(self):
        for thing in ("7", "ulaspec", "object"):
            run = self.run_script(f"import ulaspec; ulaspec.serve({thing})")
            self.assertIn("wanted a Target, as in ulaspec.serve(Target())", run.stderr)

    def test_a_class_that_needs_more_is_told_what_it_needs(self):
        made = "class T(ulaspec.Target):\n    def __init__(self, device): pass"
        run = self.run_script(f"import ulaspec\n{made}\nulaspec.serve(T)")
        self.assertIn("found __init__ with device, wanted defaults for all", run.stderr)

    def test_a_file_of_a_package_imports_relatively(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/package")
            for name, text in (
                ("__init__", ""),
                ("sampler", "import ulaspec\nclass Base(ulaspec.Target):\n    name, framework = 'relative', 'python'"),
                ("target", "from .sampler import Base\nclass T(Base):\n    def sample(self, s, p): ..."),
                ("broken", "def f(:\n"),
            ):
                with open(f"{folder}/package/{name}.py", "w") as file:
                    file.write(text)
            start = {"id": 0, "type": "start", "protocol": 1}
            for call in ("file('{}/package/target.py')", "class('{}/package/target.py', 'T')"):
                run = self.run_script(
                    f"import ulaspec; ulaspec._serve_{call.format(folder)}", start, ULASPEC_CHILD="a"
                )
                self.assertEqual(json.loads(run.stdout)["name"], "relative", run.stderr)
            run = self.run_script(
                f"import ulaspec; ulaspec._serve_file('{folder}/package/broken.py')", ULASPEC_CHILD="a"
            )
            self.assertNotIn("Traceback", run.stderr)
            self.assertNotIn("without a target", run.stderr)

    def test_a_line_that_is_no_json_is_answered_and_the_next_one_too(self):
        run = self.run_script(
            self.SCRIPT, '{"id":0,\n', "\n", {"id": 1, "type": "dance"}, {"id": 2, "type": "stop"}
        )
        first, second, third = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertIn("Cannot read a request", first["message"])
        self.assertIn("found a request of type 'dance'", second["message"])
        self.assertEqual(third, {"id": 2, "type": "stopped"})

    def test_a_suite_that_leaves_ends_the_target(self):
        run = self.run_script(self.SCRIPT, {"id": 0, "type": "start", "protocol": 1})
        self.assertEqual((run.returncode, len(run.stdout.splitlines())), (0, 1))


if __name__ == "__main__":
    unittest.main()

"""Replaced functions against the framework's own, on random arguments.

Each function is called with and without a tape: what it gives must have the same type, shape, dtype,
device and flags, or be the same exception; only the numbers differ, and those are the tape's.
"""

import importlib.util
import random
import unittest

import ulaspec
from rule_problem import problem
from ulaspec.session import _Session, _now

CASES = 300


def has(framework):
    return importlib.util.find_spec(framework) is not None


class OnTape:
    """A call of a target that is under way, with a tape of ones."""

    def __enter__(self):
        given = problem()
        given["noise"]["draws"] = [[[1.0, 1.0]] * 6] * 4
        self.session = _Session(given, 4, "energy")
        # Longer than any draw of these tests.
        self.session.tape = [1.0] * 100_000
        _now.session = self.session
        return self.session

    def __exit__(self, *_):
        _now.session = None


def outcome(function, facts):
    """What is to be the same of a call's result, or of its exception."""
    try:
        result = function()
    except Exception as error:
        return type(error).__name__, None
    return facts(result), result


class Replaced(unittest.TestCase):
    def alike(self, name, call, facts, values, wanted):
        """`call` gives the same without and with a tape, and then `values` of it are `wanted`."""
        own, _ = outcome(call, facts)
        with OnTape() as session:
            taped, result = outcome(call, facts)
        self.assertEqual(taped, own, name)
        if result is None:
            self.assertEqual(session.taken, 0, name)
            return False
        if wanted is not None:
            for found in values(result):
                self.assertAlmostEqual(found, wanted, delta=0.02 * (1 + abs(wanted)), msg=name)
        return True


def shape_of(draw):
    return tuple(draw.choice([0, 1, 1, 2, 3, 5]) for _ in range(draw.randint(0, 4)))


@unittest.skipUnless(has("torch"), "needs torch")
class Torch(Replaced):
    def setUp(self):
        import torch

        self.torch = torch
        self.dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
        self.dtypes += [torch.int64, torch.bool, None]

    def facts(self, result):
        return (
            type(result),
            tuple(result.shape),
            result.dtype,
            result.device,
            result.requires_grad,
            result.is_leaf,
            result.stride(),
            result.layout,
        )

    def values(self, result):
        return [] if result.is_meta else result.detach().double().flatten().tolist()

    def check(self, name, call, wanted):
        return self.alike(name, call, self.facts, self.values, wanted)

    def options(self, draw, kinds):
        torch = self.torch
        every = {
            "dtype": lambda: draw.choice(self.dtypes),
            "device": lambda: draw.choice(["cpu", "cpu", "meta", None]),
            "requires_grad": lambda: draw.random() < 0.5,
            "layout": lambda: torch.strided,
            "generator": lambda: torch.Generator().manual_seed(1),
            "pin_memory": lambda: False,
            "memory_format": lambda: draw.choice([torch.preserve_format, torch.contiguous_format]),
            "wrong": lambda: 1,
        }
        return {k: every[k]() for k in kinds if draw.random() < (0.05 if k == "wrong" else 0.3)}

    def tensor(self, draw, value, shape):
        torch = self.torch
        dtype = draw.choice([torch.float32] * 3 + self.dtypes[:-1])
        tensor = torch.full(shape, value).to(dtype)
        if draw.random() < 0.2 and dtype.is_floating_point:
            tensor.requires_grad_()
        return tensor

    def test_randn(self):
        torch, draw, ran = self.torch, random.Random(1), 0
        for case in range(CASES):
            shape = shape_of(draw)
            sizes = draw.choice([(shape,), shape, (list(shape),), (torch.Size(shape),)])
            options = self.options(
                draw,
                ["dtype", "device", "requires_grad", "layout", "generator", "pin_memory", "wrong"],
            )
            if draw.random() < 0.2:
                sizes, options["size"] = (), shape
            if draw.random() < 0.2:
                out = shape if draw.random() < 0.7 else (0,)
                out_type = draw.choice([torch.float32, torch.float64])
                call = lambda: torch.randn(  # noqa: E731
                    *sizes, **{**options, "out": torch.empty(out, dtype=out_type)}
                )
            else:
                call = lambda: torch.randn(*sizes, **options)  # noqa: E731
            ran += self.check(f"{case}: randn{sizes} {options}", call, 1.0)
        self.assertGreater(ran, CASES / 3)

    def test_out_is_what_is_returned(self):
        torch = self.torch
        with OnTape():
            out = torch.empty(3, 2)
            self.assertIs(torch.randn(3, 2, out=out), out)
            self.assertIs(torch.normal(0.0, 1.0, (3, 2), out=out), out)
            self.assertIs(out.normal_(), out)

    def test_randn_like(self):
        torch, draw, ran = self.torch, random.Random(2), 0
        for case in range(CASES):
            given = self.tensor(draw, 0.5, shape_of(draw))
            if draw.random() < 0.3 and given.dim() > 1:
                given = given.transpose(0, 1)
            if draw.random() < 0.2 and given.dim() == 4:
                given = given.contiguous(memory_format=torch.channels_last)
            kinds = ["dtype", "device", "requires_grad", "layout", "memory_format", "wrong"]
            options = self.options(draw, kinds)
            positional = draw.random() < 0.8
            call = lambda: (  # noqa: E731
                torch.randn_like(given, **options)
                if positional
                else torch.randn_like(input=given, **options)
            )
            ran += self.check(f"{case}: randn_like {given.dtype} {options}", call, 1.0)
        self.assertGreater(ran, CASES / 3)

    def test_normal_of_every_kind(self):
        torch, draw, ran = self.torch, random.Random(3), 0
        for case in range(2 * CASES):
            mean, std = draw.choice([0.0, 2.0, 3]), draw.choice([1.0, 0.5, 2, -1.0])
            shape = shape_of(draw)
            other = draw.choice([shape, shape[1:], (), (1, *shape), (7,)])
            first = self.tensor(draw, mean, shape) if draw.random() < 0.5 else mean
            second = self.tensor(draw, std, other) if draw.random() < 0.5 else std
            args, options = [first, second], {}
            if draw.random() < 0.5:
                options["size"] = shape_of(draw)
            if draw.random() < 0.1 and "size" in options:
                args.append(options.pop("size"))
            options.update(self.options(draw, ["generator", "wrong"]))
            if "size" in options and draw.random() < 0.5:
                options.update(self.options(draw, ["dtype", "device", "requires_grad"]))
            if draw.random() < 0.2:
                options.update(zip(("mean", "std"), args[:2]))
                args = args[2:]
            elif draw.random() < 0.2:
                options["std"] = args.pop(1) if len(args) == 2 else 1.0
            integers = any(
                isinstance(x, torch.Tensor) and not x.is_floating_point() for x in (first, second)
            )
            ran += self.check(
                f"{case}: normal {args} {options}",
                lambda: torch.normal(*args, **options),
                None if integers else mean + std,
            )
        self.assertGreater(ran, CASES / 3)

    def test_an_integer_mean_of_no_dimension_gives_floats(self):
        torch = self.torch
        with OnTape():
            drawn = torch.normal(torch.tensor(0), torch.tensor(0.5), size=(3, 2))
        self.assertEqual(drawn.dtype, torch.float32)
        self.assertEqual(drawn.tolist(), [[0.5, 0.5]] * 3)

    def test_normal_in_place(self):
        torch, draw, ran = self.torch, random.Random(4), 0
        for case in range(CASES):
            shape = shape_of(draw)
            mean, std = draw.choice([0, 0.0, 2.0]), draw.choice([1, 0.5, 2.0, -1.0])
            options = self.options(draw, ["generator", "wrong"])
            args = [mean, std]
            if draw.random() < 0.3:
                options["std"] = args.pop()
            if draw.random() < 0.3 and len(args) == 1:
                options["mean"] = args.pop()
            state = draw.getstate()

            def call():
                draw.setstate(state)
                tensor = self.tensor(draw, 0.0, shape)
                if draw.random() < 0.2:
                    tensor = tensor.expand(2, *shape)
                with torch.set_grad_enabled(draw.random() < 0.5):
                    return tensor.normal_(*args, **options)

            ran += self.check(f"{case}: normal_ {shape} {args} {options}", call, mean + std)
        self.assertGreater(ran, CASES / 3)

    def test_what_rests_on_them_takes_the_tape(self):
        torch = self.torch
        loc, scale = torch.full((3, 2), 2.0), torch.full((2,), 0.5)
        law = torch.distributions.Normal(loc, scale)
        several = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
        for name, call, wanted in (
            ("sample", lambda: law.sample((4,)), 2.5),
            ("rsample", lambda: law.rsample(), 2.5),
            ("many axes", lambda: several.sample((3,)), 1.0),
            ("init", lambda: torch.nn.init.normal_(torch.empty(3, 2), 1.0, 2.0), 3.0),
        ):
            self.assertTrue(self.check(name, call, wanted), name)

    def test_under_vmap(self):
        torch = self.torch
        x = torch.arange(6.0).reshape(3, 2)
        for name, call in (
            ("randn", lambda row: torch.randn(2) + 0 * row),
            ("randn_like", lambda row: torch.randn_like(row)),
            ("normal", lambda row: torch.normal(row, 2.0)),
            ("normal_", lambda row: torch.empty_like(row).normal_()),
        ):
            for randomness in ("different", "same", "error"):
                self.check(
                    f"{name} {randomness}",
                    lambda: torch.func.vmap(call, randomness=randomness)(x),
                    None,
                )


@unittest.skipUnless(has("numpy"), "needs numpy")
class NumPy(Replaced):
    def setUp(self):
        import numpy

        self.np = numpy

    def facts(self, result):
        np = self.np
        if not isinstance(result, np.ndarray):
            return type(result)
        return result.shape, result.dtype, result.flags.c_contiguous, result.flags.writeable

    def check(self, name, call, wanted):
        np = self.np
        return self.alike(name, call, self.facts, lambda x: np.ravel(x).tolist(), wanted)

    def sources(self):
        np = self.np
        return {
            "module": np.random,
            "RandomState": np.random.RandomState(1),
            "Generator": np.random.default_rng(1),
            "Philox": np.random.Generator(np.random.Philox(1)),
        }

    def parameter(self, draw, value, shape):
        np = self.np
        array = np.full(shape, value, dtype=draw.choice(["float32", "float64", "int64"]))
        return draw.choice([value, array, array.tolist(), np.float32(value)])

    def test_normal(self):
        draw, ran = random.Random(5), 0
        for case in range(2 * CASES):
            name, source = draw.choice(list(self.sources().items()))
            loc, scale = draw.choice([0, 2, 3.0]), draw.choice([1, 2, 3.0, -1.0])
            shape = shape_of(draw)
            given = [
                self.parameter(draw, loc, draw.choice([shape, shape[1:], (7,)])),
                self.parameter(draw, scale, draw.choice([(), shape])),
            ]
            options = {}
            if draw.random() < 0.5:
                options["size"] = draw.choice([shape, list(shape), 3, None, (2, *shape), "x"])
            if draw.random() < 0.3:
                options["scale"] = given.pop()
            if draw.random() < 0.05:
                options["wrong"] = 1
            call = lambda: source.normal(*given, **options)  # noqa: E731
            ran += self.check(f"{case}: {name}.normal {given} {options}", call, loc + scale)
        self.assertGreater(ran, CASES / 3)

    def test_standard(self):
        np, draw, ran = self.np, random.Random(6), 0
        for case in range(CASES):
            name, source = draw.choice(list(self.sources().items()))
            shape = shape_of(draw)
            options = {}
            if draw.random() < 0.7:
                options["size"] = draw.choice([shape, 4, None, -1])
            if draw.random() < 0.4:
                options["dtype"] = draw.choice(["float32", np.float64, np.float32, "int32"])
            with_out = draw.random() < 0.3
            kind = draw.choice(["float32", "float64"])

            def call():
                out = {"out": np.zeros(shape, kind)} if with_out else {}
                return source.standard_normal(**options, **out)

            ran += self.check(f"{case}: {name}.standard_normal {options}", call, 1.0)
            if name in ("module", "RandomState"):
                ran += self.check(f"{case}: {name}.randn", lambda: source.randn(*shape), 1.0)
        self.assertGreater(ran, CASES / 3)


@unittest.skipUnless(has("jax"), "needs jax")
class Jax(Replaced):
    def test_normal(self):
        import jax
        import jax.numpy as jnp

        def facts(result):
            return result.shape, result.dtype, result.weak_type, result.devices()

        def values(result):
            return [float(x) for x in result.ravel()]

        draw, ran = random.Random(7), 0
        keys = [jax.random.key(1), jax.random.PRNGKey(1), 5, jax.random.split(jax.random.key(1))]
        for case in range(60):
            key = draw.choice(keys[:2] * 4 + keys)
            shape = draw.choice([(), (3, 2), [2, 3], (0, 2), 4, (-1,), "x", jnp.array([2])])
            dtype = draw.choice([None, "float16", jnp.float32, jnp.bfloat16, "int32", float])
            args, options = [key], {"shape": shape}
            if draw.random() < 0.5:
                args.append(options.pop("shape"))
            if dtype is not None:
                options["dtype"] = dtype
            if draw.random() < 0.2:
                options["key"] = args.pop(0)
            call = lambda: jax.random.normal(*args, **options)  # noqa: E731
            ran += self.alike(f"{case}: {args[1:]} {options}", call, facts, values, 1.0)
        self.assertGreater(ran, 20)

    def test_complex_draws_are_left_to_jax(self):
        import jax

        with OnTape() as session:
            drawn = jax.random.normal(jax.random.key(1), (3,), dtype="complex64")
        self.assertEqual((str(drawn.dtype), session.taken), ("complex64", 0))
        self.assertEqual(len(session.remarks), 1)


@unittest.skipUnless(has("tensorflow"), "needs tensorflow")
class TensorFlow(Replaced):
    def test_normal(self):
        import numpy as np
        import tensorflow as tf

        def facts(result):
            return type(result).__name__, tuple(result.shape), result.dtype, result.device

        def values(result):
            return [float(x) for x in np.ravel(tf.cast(result, tf.float64).numpy())]

        draw, ran = random.Random(8), 0
        generator = tf.random.Generator.from_seed(1)
        for case in range(CASES):
            shape = shape_of(draw)
            shape = draw.choice(
                [shape, list(shape), tf.TensorShape(shape), tf.constant(shape, tf.int32), [-1], "x"]
            )
            kind = draw.choice([tf.float32, tf.float64, tf.float16, tf.bfloat16, tf.int32])
            mean, std = draw.choice([0.0, 2.0]), draw.choice([1.0, 0.5])
            options = {"dtype": kind} if draw.random() < 0.6 else {}
            dtype = options.get("dtype", tf.float32)
            if draw.random() < 0.7:
                options["mean"] = draw.choice([mean, np.full((5,), mean, dtype.as_numpy_dtype)])
            if draw.random() < 0.7:
                options["stddev"] = draw.choice([std, tf.constant(std, tf.float32)])
            wanted = (mean if "mean" in options else 0) + (std if "stddev" in options else 1)
            name, function, seeded = draw.choice(
                [
                    ("normal", tf.random.normal, {}),
                    ("stateless_normal", tf.random.stateless_normal, {"seed": [1, 2]}),
                    ("Generator.normal", generator.normal, {}),
                ]
            )
            call = lambda: function(shape, **seeded, **options)  # noqa: E731
            if draw.random() < 0.15:
                eager = call
                call = lambda: tf.function(eager)()  # noqa: E731
            ran += self.alike(f"{case}: {name} {shape} {options}", call, facts, values, wanted)
        self.assertGreater(ran, CASES / 3)


if __name__ == "__main__":
    unittest.main()

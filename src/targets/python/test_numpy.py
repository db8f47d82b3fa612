"""Samplers of many styles in NumPy, plugged in: what is seen of them is what the rule gives."""

import copy
import unittest

from framework_styles import Style, has, langevin, target


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

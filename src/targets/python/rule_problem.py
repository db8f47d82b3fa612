"""A problem for the tests of the adapter, with the path of the rule, by plain arithmetic."""

import random

STEPS = 4
TREE = [
    "+",
    ["^", ["-", "a1", 0.25], 2],
    ["*", ["*", 0.5, ["^", ["+", "a2", ["*", 0.5, "o1"]], 2]], 1],
]
SETTINGS = {
    "bounds": {"min": [-1, -1], "max": [1, 1]},
    "steps": STEPS,
    "schedule": {"kind": "polynomial", "init": 0.125, "final": 0.125, "power": 2},
    "noiseScale": 1,
    "gradClip": None,
    "deltaClip": 0.125,
    "gradNorm": "inf",
    "applyExp": False,
}


def problem(groups=2, samples=3, seed=1):
    """(a1 - 0.25)² + 0.5·(a2 + 0.5·o1)², groups × samples rows of two axes."""
    draw = random.Random(seed)

    def number(spread):
        return draw.randint(-64 * spread, 64 * spread) / 64

    rows = groups * samples
    return {
        "energy": {"formula": "(a1 - 0.25)^2 + 0.5*(a2 + 0.5*o1)^2*1", "expression": TREE},
        "groups": groups,
        "samples": samples,
        "axes": 2,
        "observations": [[number(1)] for _ in range(groups)],
        "initial": [[number(1), number(1)] for _ in range(rows)],
        "noise": {
            "kind": "tape",
            "draws": [[[number(2), number(2)] for _ in range(rows)] for _ in range(STEPS)],
        },
        "seed": seed,
    }


def clip(x, low, high):
    return min(max(x, low), high)


def gradient(given, row, point):
    """The gradient of the problem's energy at a point of a row."""
    observation = given["observations"][row // given["samples"]][0]
    return [2 * (point[0] - 0.25), point[1] + 0.5 * observation]


def rule(given):
    """The points x_0 … x_N of the rule, each rows × axes."""
    path = [given["initial"]]
    for draw in given["noise"]["draws"]:
        nexts = []
        for row, point in enumerate(path[-1]):
            slopes = gradient(given, row, point)
            deltas = [
                clip(0.125 * (0.5 * slope + xi), -0.125, 0.125)
                for slope, xi in zip(slopes, draw[row])
            ]
            nexts.append([clip(a - delta, -1, 1) for a, delta in zip(point, deltas)])
        path.append(nexts)
    return path


def apart(a, b):
    """The largest distance between two tables of the same shape."""
    assert len(a) == len(b) and all(len(x) == len(y) for x, y in zip(a, b)), "different shapes"
    return max(abs(float(x) - float(y)) for r, s in zip(a, b) for x, y in zip(r, s))

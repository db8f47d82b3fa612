"""Evaluates the energies of ulaspec and their slopes in plain Python: no tensor library needed.

An expression is a number, a symbol ("a1" is the first axis of the action, "o1" the first feature of
the observation) or a list of an operator and its operands: ["^", ["-", "a1", 0.5], 2].
"""
import math

FUNCTIONS = {  # name: (value, slope)
    "neg": (lambda x: -x, lambda x: -1.0),
    "abs": (abs, lambda x: float((x > 0) - (x < 0))),
    "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "exp": (math.exp, math.exp),
    "log": (math.log, lambda x: 1.0 / x),
    "sin": (math.sin, math.cos),
    "cos": (math.cos, lambda x: -math.sin(x)),
    "tanh": (math.tanh, lambda x: 1.0 - math.tanh(x) ** 2),
    "cosh": (math.cosh, math.sinh),
    "sinh": (math.sinh, math.cosh),
    "floor": (math.floor, lambda x: 0.0),
    "sign": (lambda x: float((x > 0) - (x < 0)), lambda x: 0.0),
}


def total(function, *x):
    """Python raises where floats have an answer."""
    try:
        return float(function(*x))
    except (ZeroDivisionError, OverflowError):
        return math.inf
    except ValueError:
        return math.nan


def times(slope, d):
    """An axis that does not matter has no slope, even where 0 meets infinity or NaN."""
    return slope * d if d else 0.0


def gradient(tree, action, observation):
    """The slope of the energy along each axis of the action."""
    axes = len(action)
    symbols = {f"o{i + 1}": (o, [0.0] * axes) for i, o in enumerate(observation)}
    for i, a in enumerate(action):
        symbols[f"a{i + 1}"] = (a, [float(i == j) for j in range(axes)])
    return dual(tree, symbols, axes)[1]


def dual(tree, symbols, axes):
    """An expression -> its value and its slopes along the axes."""
    if isinstance(tree, str):
        return symbols[tree]
    if not isinstance(tree, list):
        return float(tree), [0.0] * axes
    name, *operands = tree
    if name == "where":
        condition = dual(operands[0], symbols, axes)[0]
        return dual(operands[1 if condition > 0 else 2], symbols, axes)
    (x, dx), *others = [dual(operand, symbols, axes) for operand in operands]
    if name in ("min", "max"):
        return (min if name == "min" else max)([(x, dx), *others], key=lambda pair: pair[0])
    if name in FUNCTIONS:
        value, slope = (total(f, x) for f in FUNCTIONS[name])
        return value, [times(slope, d) for d in dx]
    (y, dy), = others
    if name == "+":
        return x + y, [a + b for a, b in zip(dx, dy)]
    if name == "-":
        return x - y, [a - b for a, b in zip(dx, dy)]
    if name == "*":
        return x * y, [times(y, a) + times(x, b) for a, b in zip(dx, dy)]
    if name == "/":
        value = total(lambda: x / y)
        return value, [total(lambda: (a - times(value, b)) / y) for a, b in zip(dx, dy)]
    value = total(math.pow, x, y)
    by_x = total(lambda: y * math.pow(x, y - 1)) if y else 0.0
    by_y = total(lambda: value * math.log(x)) if any(dy) else 0.0
    return value, [times(by_x, a) + times(by_y, b) for a, b in zip(dx, dy)]

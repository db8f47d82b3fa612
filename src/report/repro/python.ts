/**
 * A violation as a script of its own, for targets written in Python.
 *
 * @module
 */

import { comments, energySource, literal, quoted, symbols, type Violation } from "./source.ts";

/** What a script is about. */
export interface PythonReproInput extends Violation {
  /** The file of the target and the arguments that follow it. */
  readonly file: string;
  readonly args: readonly string[];
}

const value = (item: unknown) => literal("python", item);

/**
 * A Python program that runs the smallest problem and prints expected and actual. It needs the
 * target's file and its framework, and nothing of the suite: a stand-in takes the adapter's place.
 */
export function pythonRepro(input: PythonReproInput): string {
  const { clause, sentence, counterexample, networkReturns, file, args } = input;
  const { problem, step, row, axis, expected, message } = counterexample;
  const { settings } = problem;
  const energy = energySource("python", problem);
  const features = problem.observations[0]?.length ?? 0;
  const columns = [
    ...symbols("a", problem.axes).map((name, i) => `    ${name} = a[..., ${i}]`),
    ...symbols("o", features).map((name, i) => `    ${name} = o[..., ${i}]`),
  ].join("\n");
  const draws = problem.noise.kind === "tape" ? value(problem.noise.draws) : "[]";
  const { kind, ...numbers } = settings.schedule;
  // Python looks for the name of an encoding in the first two lines, so these are ours.
  return `# A violation that ulaspec found, as a script of its own.
#
${comments("python", `${clause}: ${sentence}\n${message}.`)}
#
#     python3 THIS_FILE

import os
import runpy
import sys
import types

TARGET = ${quoted(file)}
STEPS, ROWS, GROUPS, SAMPLES, AXES, FEATURES = ${settings.steps}, ${problem.initial.length}, ${problem.groups}, ${problem.samples}, ${problem.axes}, ${features}
INITIAL = ${value(problem.initial)}
OBSERVATIONS = ${value(problem.observations)}
DRAWS = ${draws}
SIGN = ${networkReturns === "energy" ? 1 : -1}  # the network returns ${
    networkReturns === "energy" ? "the energy" : "logits, minus the energy"
  }


${comments("python", `The energy E = ${problem.energy} and its gradient, on columns of an array.`)}
def energy(a, o):
${columns}
    return ${energy.value} + 0 * a[..., 0]


def slopes(a, o):
${columns}
    return [${energy.gradient.map((g) => `${g} + 0 * a[..., 0]`).join(", ")}]


# A stand-in for the adapter: it keeps the target instead of serving it.
targets = []
adapter = types.ModuleType("ulaspec")


class Target:
    framework, network_returns, unsupported, noise, name = "torch", "energy", (), "tape", ""


class Result:
    def __init__(self, final, *_, **__):
        self.final = final


adapter.Target, adapter.Result, adapter.Unsupported = Target, Result, Exception
adapter.serve = lambda target, *_, **__: targets.append(target)
sys.modules["ulaspec"] = adapter

# Every draw of the sampler is the next one of the tape.
drawn = 0


def take(shape=None):
    global drawn
    draw = array(DRAWS[drawn % len(DRAWS)], (ROWS, AXES))
    drawn += 1
    return draw if shape is None else draw.reshape(tuple(shape))


def framework_of(text):
    for name in ("torch", "jax", "tensorflow"):
        if f"import {name}" in text or f"from {name}" in text:
            return name
    return "numpy"


with open(TARGET, encoding="utf-8") as lines:
    framework = framework_of(lines.read())

if framework == "torch":
    import torch as m

    array = lambda x, shape: m.tensor(x, dtype=m.float32).reshape(shape)
    numbers = lambda x: x.detach().tolist()
    m.randn = lambda *shape, **_: take(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
    m.randn_like = lambda like, **_: take(like.shape)
    m.normal = lambda mean, std, size=None, **_: mean + std * take(size if size is not None else getattr(std, "shape", None) or mean.shape)
elif framework == "jax":
    import jax
    import jax.numpy as m

    array = lambda x, shape: m.asarray(x, dtype=m.float32).reshape(shape)
    numbers = lambda x: x.tolist()
    jax.random.normal = lambda key, shape=(), dtype=None: take(shape)
    jax.config.update("jax_disable_jit", True)
elif framework == "tensorflow":
    import tensorflow as tf

    m = tf.math
    array = lambda x, shape: tf.reshape(tf.constant(x, dtype=tf.float32), shape)
    numbers = lambda x: x.numpy().tolist()
    tf.random.normal = lambda shape, mean=0.0, stddev=1.0, *_, **__: mean + stddev * tf.reshape(take(), shape)
    tf.config.run_functions_eagerly(True)
else:
    import numpy as m

    array = lambda x, shape: m.asarray(x, dtype=m.float32).reshape(shape)
    numbers = lambda x: x.tolist()
    m.random.randn = lambda *shape: take(shape)
    m.random.normal = lambda loc=0.0, scale=1.0, size=None: loc + scale * take(size)
    m.random.standard_normal = lambda size=None: take(size)
    m.random.default_rng = lambda *_: types.SimpleNamespace(
        normal=m.random.normal, standard_normal=lambda size=None, *_, **__: take(size)
    )

asked = []


def reshaped(x, shape):
    return tf.reshape(x, shape) if framework == "tensorflow" else x.reshape(tuple(shape))


def pair(given):
    observations, actions = given if len(given) == 2 else (None, given[0])
    rows = reshaped(actions, (ROWS, AXES))
    try:
        asked.append(numbers(rows))
    except Exception:
        pass  # A tracer has no numbers.
    known = OBSERVATIONS
    if observations is not None and observations.shape[0] == ROWS:
        return actions, rows, observations
    repeated = [known[r // SAMPLES] for r in range(ROWS)]
    return actions, rows, array(repeated, (ROWS, FEATURES))


def network(*given):
    actions, rows, observations = pair(given)
    return reshaped(SIGN * energy(rows, observations), actions.shape[:-1])


def gradient(*given):
    actions, rows, observations = pair(given)
    return reshaped(SIGN * m.stack(slopes(rows, observations), -1), actions.shape)


sys.argv = [${["TARGET", ...args.map(quoted)].join(", ")}]
sys.path.insert(0, os.path.dirname(os.path.abspath(TARGET)))
runpy.run_path(TARGET, run_name="__main__")
target = targets[0]
low, high = ${value(settings.bounds.min)}, ${value(settings.bounds.max)}
schedule = types.SimpleNamespace(kind=${
    quoted(kind)
  }, init=None, final=None, power=None, decay=None)
schedule.__dict__.update(${value(numbers)})
settings = types.SimpleNamespace(
    bounds=array([low, high], (2, AXES)), bounds_min=low, bounds_max=high, steps=STEPS, schedule=schedule,
    noise_scale=${value(settings.noiseScale)}, grad_clip=${value(settings.gradClip)}, delta_clip=${
    value(settings.deltaClip)
  },
    grad_norm=${value(settings.gradNorm)}, apply_exp=${value(settings.applyExp)},
)
problem = types.SimpleNamespace(
    groups=GROUPS, samples=SAMPLES, axes=AXES, rows=ROWS, seed=${problem.seed},
    observations=array(OBSERVATIONS, (GROUPS, FEATURES)), initial=array(INITIAL, (ROWS, AXES)),
    network=network, gradient=gradient, noise=take,
    grouped=lambda x: reshaped(x, (GROUPS, SAMPLES, *x.shape[1:])),
    flat=lambda x: reshaped(x, (ROWS, *x.shape[2:])),
)
result = target.sample(target.prepare(settings), problem)
final = numbers(reshaped(getattr(result, "final", result), (ROWS, AXES)))
points = asked[:STEPS] + [final]
for k, point in enumerate(points):
    print("returned" if point is final else f"before step {k}", point)
print("expected", ${value(expected)})
print("actual  ", ${
    step === null || row === null || axis === null
      ? "final"
      : `${step + 1 >= settings.steps ? "final" : `points[${step + 1}]`}[${row}][${axis}]`
  })
`;
}

import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { officialTraces } from "../golden/load.ts";
import { observe } from "../spec/observe.ts";
import { agrees, gradNormAt, predictStep } from "../spec/oracle.ts";
import { officialDefaults, type Problem } from "../spec/problem.ts";
import type { Call, Sampler } from "../spec/sampler.ts";
import { pathOf } from "../spec/readings.ts";
import { reference } from "./reference.ts";
import { tensorsOf } from "./tensor_network.ts";

Deno.test("the reference leaves no tensor behind", async () => {
  const [trace] = await officialTraces();
  const prepared = await observe(reference).prepare(trace!.problem.settings);
  await prepared.sample(trace!.problem);
  const before = tf.memory();
  for (let i = 0; i < 5; i++) await prepared.sample(trace!.problem);
  const after = tf.memory();
  assertEquals(after.numTensors, before.numTensors);
  assertEquals(after.numBytes, before.numBytes);
  assertEquals(after.numDataBuffers, before.numDataBuffers);
});

Deno.test("the reference computes in float32 and follows the specification's float64 steps", async () => {
  const problem: Problem = {
    energy: "log(cosh(3*(a1 - 0.3))) + 0.5*a1*a2 + a2^4 + tanh(a2 - o1)",
    settings: {
      ...officialDefaults,
      bounds: { min: [-1, -0.5], max: [1, 3] },
      steps: 12,
      gradClip: 2,
    },
    groups: 2,
    samples: 2,
    axes: 2,
    observations: [[0.5], [-1]],
    initial: [[0.5, 0.25], [-0.25, 1.5], [0.75, -0.25], [0, 2]],
    noise: {
      kind: "tape",
      draws: Array.from(
        { length: 12 },
        (_, k) => Array.from({ length: 4 }, (_, r) => [Math.fround(Math.sin(k + r)), (r - k) / 8]),
      ),
    },
    seed: 1,
  };
  const trajectory = await (await observe(reference).prepare(problem.settings)).sample(problem);
  const path = pathOf(problem, trajectory);
  if (path.kind !== "known") throw new Error("unknown path");
  let rounded = 0;
  for (let k = 0; k < 12; k++) {
    predictStep(problem, k, path.points[k]!).forEach((row, r) =>
      row.forEach(({ terms, tolerance }, i) => {
        const actual = path.points[k + 1]![r]![i]!;
        assertEquals(Math.fround(actual), actual);
        assert(agrees(actual, terms.result, tolerance));
        if (actual !== terms.result) rounded++;
      })
    );
  }
  assert(rounded > 0, "float32 and float64 never differ, so this compared nothing");
});

Deno.test("a gradient of an infinity and a NaN has the norm NaN", async () => {
  const problem: Problem = {
    energy: "1/a1 + sqrt(a2)",
    settings: { ...officialDefaults, bounds: { min: [-1, -1], max: [1, 1] }, steps: 1 },
    groups: 1,
    samples: 1,
    axes: 2,
    observations: [[]],
    initial: [[0, -1]],
    noise: { kind: "tape", draws: [[[0, 0]]] },
    seed: 1,
  };
  for (const gradNorm of ["1", "2"] as const) {
    const settings = { ...problem.settings, gradNorm };
    const asked = { ...problem, settings };
    const { value, tolerance } = gradNormAt(asked, 0, [0, -1]);
    const { chain } = await (await observe(reference).prepare(settings)).sample(asked);
    const reported = chain!.gradNorms![0]![0]!;
    assertEquals(reported, NaN);
    assert(agrees(reported, value, tolerance));
  }
});

/** Every function of the grammar, differentiated by TensorFlow.js and by the specification. */
const energies = [
  "abs(a1) + sqrt(a1 + 2)",
  "exp(a1/2) - log(a1 + 3)",
  "sin(2*a1) * cos(a1)",
  "tanh(a1) + cosh(a1/2) - sinh(a1/3)",
  "floor(a1)*a1 + sign(a1 - 5)",
  "min(a1, 0.3) + max(a1, 0.1, -0.2)",
  "where(a1 - 0.1, a1^2, 3*a1)",
  "a1^3 - a1^2 + 2^a1 + (a1 + 4)^0.5 + (a1 + 3)^-2",
  "a1/(1 + a1^2) - (-a1)",
  "0*a1 + 3",
  "o1*a1 + 2",
];

Deno.test("tensors and symbols agree on every function of the grammar", async () => {
  for (const energy of energies) {
    const problem: Problem = {
      energy,
      settings: { ...officialDefaults, bounds: { min: [-1], max: [1] }, steps: 1, noiseScale: 0 },
      groups: 3,
      samples: 1,
      axes: 1,
      observations: [[1], [-2], [0.5]],
      initial: [[0.7], [-0.45], [0.2]].map((row) => row.map(Math.fround)),
      noise: { kind: "tape", draws: [[[0], [0], [0]]] },
      seed: 1,
    };
    const probe: Sampler = {
      name: "probe",
      networkReturns: "energy",
      prepare: () => (call: Call) =>
        tf.tidy(() => {
          const { initial, observations, network } = tensorsOf(call);
          const outputs = network(observations, initial).arraySync() as number[];
          const gradient = tf.grad((x: tf.Tensor) => tf.sum(network(observations, x)))(initial)
            .arraySync() as number[][];
          const exactOutputs = call.network.outputs(call.initial);
          const exactGradient = call.network.gradient(call.initial);
          outputs.forEach((value, r) => {
            assert(Math.abs(value - exactOutputs[r]!) < 2e-6, `${energy}: ${value}`);
            const g = gradient[r]![0]!;
            assert(Math.abs(g - exactGradient[r]![0]!) < 1e-5, `gradient of ${energy}: ${g}`);
          });
          return call.initial;
        }),
    };
    await (await observe(probe).prepare(problem.settings)).sample(problem);
  }
});

Deno.test("a tensor network logs gradients when they flow and outputs when they are read", async () => {
  const problem: Problem = {
    energy: "a1^2",
    settings: { ...officialDefaults, bounds: { min: [-1], max: [1] }, steps: 1 },
    groups: 1,
    samples: 1,
    axes: 1,
    observations: [[]],
    initial: [[0.5]],
    noise: { kind: "tape", draws: [[[0]]] },
    seed: 1,
  };
  const probe: Sampler = {
    name: "probe",
    networkReturns: "energy",
    prepare: () => (call: Call) =>
      tf.tidy(() => {
        const { initial, network } = tensorsOf(call);
        network(null, initial);
        tf.grad((x: tf.Tensor) => tf.sum(network(null, x)))(initial);
        return call.initial;
      }),
  };
  const trajectory = await (await observe(probe).prepare(problem.settings)).sample(problem);
  assertEquals(trajectory.evaluations.map((e) => e.kind), ["outputs", "outputs", "gradient"]);
});

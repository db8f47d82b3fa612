/**
 * The probes of the diagnosis: a handful of problems whose observations tell nearly all known
 * defects from one another.
 *
 * Every axis of a probe is a lane with an experiment of its own, because the rule acts on each axis
 * by itself: a linear lane shows the step sizes, a narrow steep one the delta clip, a wide steep one
 * the gradient clip, one that overshoots a wall the bounds. Lanes that influence one another are a
 * signature too. Every setting differs from the defaults, every axis has a box of its own that is
 * not centred, and rows, samples, axes and steps are pairwise different, so that no wrong rule
 * agrees with the right one by accident. Every number is a short binary fraction: the linear and
 * the saturated lanes are computed without any rounding in float32, in any order of evaluation.
 *
 * @module
 */

import type { Noise, Problem, Rows, Settings } from "../../../spec/problem.ts";
import type { Feature } from "../../../spec/sampler.ts";
import type { Experiment } from "./experiments.ts";
import { normalTape, problemOf } from "../../../properties/arbitraries.ts";

/** A named experiment. */
export interface Probe extends Experiment {
  /** Words, stable. */
  readonly name: ProbeName;
  /** What it brings out, in half a sentence. */
  readonly purpose: string;
}

/** What each probe brings out, in the order in which they are run. */
export const probePurposes = {
  "kitchen-sink": "without noise, every setting unusual: all that acts without noise",
  "noise": "with noise, called twice with other draws: size, law, sharing and order of the noise",
  "exponential": "the exponential schedule, called twice: what is kept between calls",
  "second-call": "the same problem twice, for samplers without the exponential schedule",
  "exponentiated": "the gradient of the exponentiated output",
  "one-step": "a chain of one step",
  "outside-start": "initial actions outside of the bounds",
  "no-grad-clip": "no gradient clip",
  "zero-grad-clip": "a gradient clip of zero",
} as const;

/** The name of a probe. */
export type ProbeName = keyof typeof probePurposes;

/** Kitchen sink: slope of lanes 1, 2 and 7 by observation. */
const sinkEnergy =
  "o1*a1 + o2*a2 + 0.75*(a3 - 0.25)^2 + 56*a4 - 40*a5 + 6*(a6 - 0.4375)^2 + o3*a7 + 0*a8";

const sinkSettings: Settings = {
  bounds: {
    min: [-2, -7.5, -3, 0.125, 1, -11.5, -4, -9],
    max: [6, -1.5, 3.5, 1.375, 25, 0.5, 4, 8],
  },
  steps: 5,
  schedule: { kind: "polynomial", init: 0.25, final: 0.01953125, power: 3 },
  noiseScale: 0,
  gradClip: 16,
  deltaClip: 0.125,
  gradNorm: "inf",
  applyExp: false,
};

const sink: Problem = problemOf({
  energy: sinkEnergy,
  settings: sinkSettings,
  groups: 2,
  samples: 3,
  observations: [[0.5, -1.25, 20], [1.25, -0.75, -20]],
  initial: [
    [1, -5, 2, 1.25, 5, 0.0625, 1, 2],
    [2.5, -4, -2, 1, 7, -0.25, 0, -3],
    [0, -6, 1, 0.375, 3, 0.25, -1, 5],
    [3, -3, -1, 0.25, 9, -1, 0.5, 0],
    [-1, -5.5, 0.5, 0.75, 11, 0.4375, -0.5, 1],
    [0.5, -2.5, 3, 0.5, 24.5, 0, 2, -8],
  ],
  // The noise scale is zero: these draws must have no effect.
  noise: binaryTape(1, 5, 6, 8),
});

/** Normal draws, rounded to sixteenths and never zero. */
function binaryTape(seed: number, steps: number, rows: number, axes: number): Noise {
  const draws = normalTape(seed, steps, rows, axes).map((draw) =>
    draw.map((row) => row.map((z) => Math.round(16 * z) / 16 || 0.0625))
  );
  return { kind: "tape", draws };
}

function noisy(seed: number): Problem {
  const groups = 3, samples = 4, axes = 8, steps = 5, rows = groups * samples;
  const spread = [0, 0.25, -0.5, 0.75, -0.25, 1, -1, 0.5, 0.125, -0.75, 0.375, -0.125];
  return problemOf({
    // Three flat lanes, a narrow flat one, slopes below and above the gradient clip, a bowl.
    energy: "0*a1 + 0*a2 + 0*a3 + 0*a4 + o1*a5 + 50*a6 + 0.25*(a7 - 0.5)^2 - 0.5*a8",
    settings: {
      ...sinkSettings,
      bounds: {
        min: [-20, 30, -60, -0.046875, -9, -8, -3, -6],
        max: [20, 50, 60, 0.046875, 21, 8, 5, 2],
      },
      // Not the final step size of the kitchen sink, which a halving schedule reaches too.
      schedule: { kind: "polynomial", init: 0.25, final: 0.0390625, power: 3 },
      noiseScale: 0.75,
      gradClip: 1,
    },
    groups,
    samples,
    observations: [[0.75], [0.5], [0.875]],
    initial: spread.map((s) => [1, 40, -2, 0, 6, 0, 1 + s, -2]),
    noise: binaryTape(seed, steps, rows, axes),
    seed,
  });
}

const exponential: Problem = {
  ...sink,
  settings: { ...sinkSettings, schedule: { kind: "exponential", init: 0.25, decay: 0.5 } },
};

const exponentiated: Problem = problemOf({
  energy: "0.5*a1 + 0.5*(a2 + 0.5)^2",
  settings: {
    ...sinkSettings,
    bounds: { min: [-2, -3], max: [2, 1] },
    gradClip: null,
    applyExp: true,
  },
  groups: 1,
  samples: 3,
  initial: [[1, 0.5], [-0.5, -1], [0.25, 0]],
});

const oneStep: Problem = {
  ...sink,
  settings: { ...sinkSettings, steps: 1 },
  noise: binaryTape(1, 1, 6, 8),
};

function withInitial(changes: readonly (readonly [number, number, number])[]): Rows {
  const initial = sink.initial.map((row) => [...row]);
  for (const [row, axis, value] of changes) initial[row]![axis] = value;
  return initial;
}

const withGradClip = (gradClip: number | null): Problem => ({
  ...sink,
  settings: { ...sinkSettings, gradClip },
});

/** Every probe, in the order in which they are run. */
export const probes: readonly Probe[] = ([
  { name: "kitchen-sink", calls: [sink] },
  { name: "noise", calls: [noisy(2), noisy(3)], feature: "noise-tape" },
  { name: "exponential", calls: [exponential, exponential], feature: "exponential-schedule" },
  { name: "exponentiated", calls: [exponentiated], feature: "apply-exp" },
  { name: "one-step", calls: [oneStep] },
  {
    name: "outside-start",
    calls: [{ ...sink, initial: withInitial([[0, 2, 5], [1, 0, -3], [2, 3, 2], [4, 7, -20]]) }],
  },
  { name: "no-grad-clip", calls: [withGradClip(null)] },
  { name: "zero-grad-clip", calls: [withGradClip(0)], feature: "grad-clip" },
] as const satisfies readonly Omit<Probe, "purpose">[]).map((probe) => ({
  ...probe,
  purpose: probePurposes[probe.name],
}));

/**
 * The probes that a sampler can run: what it lacks is left out of them.
 *
 * @param unsupported the features that it lacks
 */
export function probesFor(unsupported: ReadonlySet<Feature>): readonly Probe[] {
  const key = [...unsupported].sort().join(" ");
  let found = chosen.get(key);
  if (found === undefined) chosen.set(key, found = choose(unsupported));
  return found;
}

const chosen = new Map<string, readonly Probe[]>();

function choose(unsupported: ReadonlySet<Feature>): readonly Probe[] {
  const lacks = (feature: Feature) => unsupported.has(feature);
  const without = (problem: Problem): Problem => ({
    ...problem,
    ...(lacks("grad-clip") ? { settings: { ...problem.settings, gradClip: null } } : {}),
    ...(lacks("noise-tape") ? { noise: { kind: "own" } } : {}),
  });
  return probes.flatMap((probe): Probe[] => {
    if (probe.name === "no-grad-clip" && lacks("grad-clip")) return [];
    if (probe.name === "exponential" && lacks("exponential-schedule")) {
      const calls = [sink, sink].map(without);
      return [{ name: "second-call", purpose: probePurposes["second-call"], calls }];
    }
    if (probe.feature !== undefined && lacks(probe.feature)) return [];
    return [{ ...probe, calls: probe.calls.map(without) }];
  });
}

/** The distance of two rungs of {@linkcode ladder}. */
export const ladderWidth = 0.00390625;

/**
 * Reads the step sizes off returned actions alone. The energy is a hinge, flat below zero; row j
 * starts j rungs above it and moves by half a step size per step until it has passed it. The
 * displacements take exactly the values of the partial sums of the step sizes, in their order.
 */
export const ladder: Problem = problemOf({
  energy: "max(0, a1)",
  settings: {
    ...sinkSettings,
    bounds: { min: [-64], max: [64] },
    gradClip: null,
    gradNorm: null,
  },
  groups: 1,
  samples: 160,
  initial: Array.from({ length: 160 }, (_, j) => [(j + 0.375) * ladderWidth]),
});

/**
 * One step, isolated: of two steps the second has the step size 0, so that the returned actions are
 * those after a single step with the initial step size.
 *
 * @param problem any probe with a polynomial schedule
 */
export function isolatedStep(problem: Problem): Problem {
  const { schedule } = problem.settings;
  return {
    ...problem,
    settings: {
      ...problem.settings,
      steps: 2,
      schedule: { kind: "polynomial", init: schedule.init, final: 0, power: 3 },
    },
    noise: problem.noise.kind === "tape"
      ? { kind: "tape", draws: problem.noise.draws.slice(0, 2) }
      : problem.noise,
  };
}

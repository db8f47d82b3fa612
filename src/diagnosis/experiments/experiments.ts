/**
 * Experiments that isolate one term of the rule each.
 *
 * Where nothing limits a step, constant slopes without noise show drift and step size alone, and
 * draws on a flat energy noise and step size alone. Slopes that no step can follow show the limit
 * alone, whatever the drift; steps that no box can hold show the bounds. What limits a step is far
 * from the actions of the first two, and the actions of the others stay where no bound of any axis
 * acts. So one wrong term spoils the measurement of no other.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import type { Noise, Problem, Rows, Schedule, Settings } from "../../../spec/problem.ts";
import type { Feature } from "../../../spec/sampler.ts";
import { gradientLadder } from "./gradient_ladder.ts";

/** Calls of one prepared sampler, in order. */
export interface Experiment {
  /** Words, stable. */
  readonly name: string;
  /** The calls; their settings are the same. */
  readonly calls: readonly Problem[];
  /** The feature without which it cannot be run. */
  readonly feature?: Feature;
  /** Another one. */
  readonly alsoNeeds?: Feature;
  /** Settings for which another sampler is prepared before the calls. */
  readonly beside?: Settings;
}

/** Drift and noise at one setting, each by itself. */
export interface Window {
  /** The setting in words. */
  readonly name: string;
  /** Constant slopes, no noise. */
  readonly drift: Experiment;
  /** No slopes, draws of the tape. */
  readonly noise: Experiment;
}

/** Axes of most experiments. */
export const axes = 3;
const groups = 4, samples = 2, rows = groups * samples;

/** Wide, not centred, each another; all hold [-1, 1]. */
const wide: Settings["bounds"] = { min: [-240, -720, -1000], max: [400, 560, 1560] };

/**
 * No final step size here is a power of the initial one, nor that times a power of two: what is made
 * of either of them would be taken for the other.
 */
export const windowSettings: Settings = {
  bounds: wide,
  steps: 5,
  schedule: { kind: "polynomial", init: 0.25, final: 0.01953125, power: 3 },
  noiseScale: 0.75,
  gradClip: null,
  deltaClip: 64,
  gradNorm: null,
  applyExp: false,
};

/** Slopes of the groups, one per axis. */
const slopes: Rows = [
  [0.5, -0.1875, 0.375],
  [-0.375, 0.25, 0.0625],
  [0.125, -0.4375, -0.3125],
  [-0.25, 0.3125, -0.125],
];
const spread: Rows = Array.from(
  { length: rows },
  (_, r) => Array.from({ length: axes }, (_, i) => ((5 * r + 3 * i) % 11 - 5) / 16),
);

/**
 * Sixteenths, never zero, mostly small and now and then large.
 *
 * @param digits finer than that by so many binary digits
 */
export function tape(seed: number, steps: number, rows: number, axes: number, digits = 0): Noise {
  const next = uniform(seed), unit = 2 ** (4 + digits);
  const draw = () =>
    Math.round(unit * (3.75 * (2 * next() - 1) ** 3 + (2 * next() - 1) / 4)) / unit;
  return {
    kind: "tape",
    draws: Array.from(
      { length: steps },
      () =>
        Array.from({ length: rows }, () => Array.from({ length: axes }, () => draw() || 0.0625)),
    ),
  };
}

const linear = "o1*a1 + o2*a2 + o3*a3";

/** How many numbers a step has, where they begin, and their slopes. */
interface Field {
  readonly axes: number;
  readonly groups: number;
  readonly samples: number;
  readonly initial: Rows;
  readonly observations: Rows;
  /** Binary digits of its draws beyond those of others: half precision shows. */
  readonly digits?: number;
}

const fieldOf = (each: number): Field => ({
  axes,
  groups,
  samples: each,
  initial: spread.slice(0, groups * each),
  observations: slopes,
});

/** Another number of rows, of samples and of axes. */
const broad: Field = {
  axes: 5,
  groups: 3,
  samples: 3,
  initial: Array.from(
    { length: 9 },
    (_, r) => Array.from({ length: 5 }, (_, i) => ((7 * r + 4 * i) % 13 - 6) / 16),
  ),
  observations: [
    [0.25, -0.4375, 0.125, 0.3125, -0.1875],
    [-0.5, 0.1875, 0.4375, -0.125, 0.25],
    [0.375, 0.0625, -0.25, -0.4375, 0.5],
  ],
  digits: 10,
};

const sum = (axes: number, term: (i: number) => string) =>
  Array.from({ length: axes }, (_, i) => term(i + 1)).join(" + ");

function sloped(settings: Settings, field = fieldOf(samples)): Problem {
  const { axes, digits: _, ...shape } = field;
  return problemOf({
    energy: sum(axes, (i) => `o${i}*a${i}`),
    settings: { ...settings, noiseScale: 0 },
    ...shape,
  });
}

function drawn(settings: Settings, seed: number, field = fieldOf(samples)): Problem {
  const { axes, observations: _, digits, ...shape } = field;
  return problemOf({
    energy: sum(axes, (i) => `0*a${i}`),
    settings,
    ...shape,
    noise: tape(seed, settings.steps, shape.initial.length, axes, digits),
    seed,
  });
}

function window(
  name: string,
  change: Partial<Settings>,
  calls = 1,
  field = fieldOf(samples),
): Window {
  const settings = { ...windowSettings, ...change };
  const seeds = Array.from({ length: calls }, (_, c) => 11 + c);
  return {
    name,
    drift: { name: `drift ${name}`, calls: seeds.map(() => sloped(settings, field)) },
    noise: {
      name: `noise ${name}`,
      calls: seeds.map((seed) => drawn(settings, seed, field)),
      feature: "noise-tape",
    },
  };
}

export const polynomial = (init: number, final: number, power: number): Schedule => ({
  kind: "polynomial",
  init,
  final,
  power,
});

/** Settings at which drift and noise are measured, the plainest first; two calls of the first. */
export const windows: readonly Window[] = [
  window("of 5 steps", {}, 2),
  window("of 2 steps", {
    steps: 2,
    schedule: polynomial(0.125, 0.0390625, 2.5),
    noiseScale: 2,
    deltaClip: 48,
  }),
  window(
    "of 25 steps",
    {
      steps: 25,
      schedule: polynomial(0.0625, 0.00244140625, 1.5),
      noiseScale: 1,
    },
  ),
  window(
    "of 100 steps",
    {
      steps: 100,
      schedule: polynomial(0.015625, 0.001220703125, 2),
      noiseScale: 1.5,
      deltaClip: 96,
    },
    1,
    fieldOf(1),
  ),
  window(
    "of five axes",
    {
      bounds: { min: [-200, -720, -1500, -360, -820], max: [312, 640, 1700, 480, 1220] },
      steps: 3,
      // No number of half the size is one of these.
      schedule: polynomial(0.19, 0.0235, 2),
      noiseScale: 0.5,
      deltaClip: 80,
    },
    1,
    broad,
  ),
];

/** The first drift beside a noise scale, all draws of it zero: it should move no other way. */
export const driftBesideScale: Experiment = {
  name: "drift beside a noise scale of zero draws",
  feature: "noise-tape",
  calls: windows[0]!.drift.calls.slice(0, 1).map((problem) => besideZeroDraws(problem, 0.75)),
};

/** A problem with a noise scale, all draws of which are zero. */
export function besideZeroDraws(problem: Problem, noiseScale: number): Problem {
  const { initial, settings } = problem;
  const draw = initial.map((row) => row.map(() => 0));
  return {
    ...problem,
    settings: { ...settings, noiseScale },
    noise: { kind: "tape", draws: Array.from({ length: settings.steps }, () => draw) },
  };
}

/** Boxes that lie within [-1, 1], of which the second and third do not hold 0. */
const narrow: Settings["bounds"] = { min: [-1, 0.125, -0.75], max: [0.75, 0.875, -0.1875] };
const steep = 16384;

/** Slopes that no limit can follow, in all directions, alone and beside gentle ones. */
const cliffs: Rows = [
  [steep, steep, steep],
  [-steep, -steep, -steep],
  [steep, 0.0625, -0.0625],
  [0.0625, -steep, 0.125],
  [-0.125, 0.0625, steep],
  [0.25, -0.25, 0.125],
];
const middles = [-0.125, 0.5, -0.46875];

function steps(deltaClip: number, steps: number): Problem {
  return problemOf({
    energy: linear,
    settings: { ...windowSettings, bounds: narrow, steps, deltaClip, noiseScale: 0 },
    groups: 6,
    samples: 1,
    observations: cliffs,
    initial: cliffs.map(() => middles),
  });
}

/** The limits of steps by the drift, at three delta clips. */
export const driftLimits: readonly Experiment[] = ([[0.125, 5], [0.5, 2], [0.0625, 5]] as const)
  .map(([c, n]) => ({ name: `limit at the delta clip ${c}`, calls: [steps(c, n)] }));

const fiveCliffs: Rows = [
  [steep, steep, steep, steep, steep],
  [-steep, -steep, -steep, -steep, -steep],
  [0.0625, steep, -0.0625, -steep, 0.0625],
  [-steep, 0.03125, steep, 0.03125, steep],
];

function onFive(name: string, bounds: Settings["bounds"], initial: readonly number[]): Experiment {
  return {
    name,
    calls: [problemOf({
      energy: "o1*a1 + o2*a2 + o3*a3 + o4*a4 + o5*a5",
      settings: { ...windowSettings, bounds, deltaClip: 0.09375, noiseScale: 0 },
      groups: 4,
      samples: 1,
      observations: fiveCliffs,
      initial: fiveCliffs.map(() => initial),
    })],
  };
}

const manyRanges: Settings["bounds"] = {
  min: [0.125, -1, -0.75, -0.25, -1],
  max: [0.875, 0.75, -0.1875, 0.0625, 0.25],
};
const inManyRanges = [0.5, -0.125, -0.46875, -0.09375, -0.375];

/** The limits of more axes, each with a range of its own; and in another box. */
export const limitsOfFive: readonly Experiment[] = [
  onFive("limit on five axes", manyRanges, inManyRanges),
  onFive("limit on five axes in another box", {
    min: manyRanges.min.toReversed(),
    max: manyRanges.max.toReversed(),
  }, inManyRanges.toReversed()),
];

/** The limit of steps by the noise: it is so small that draws of usual size reach it. */
export const noiseLimit: Experiment = {
  name: "limit of the noise",
  feature: "noise-tape",
  calls: [problemOf({
    energy: "0*a1 + 0*a2 + 0*a3",
    settings: { ...windowSettings, bounds: narrow, deltaClip: 1 / 64 },
    groups: 6,
    samples: 1,
    initial: cliffs.map(() => middles),
    noise: {
      kind: "tape",
      draws: Array.from(
        { length: windowSettings.steps },
        () => cliffs.map((row) => row.map((slope) => Math.min(Math.max(slope, -2), 2))),
      ),
    },
  })],
};

/** No bound is a whole number, nor another one with or without its sign. */
const walled: Settings["bounds"] = { min: [-1.25, -3.375, 2.125], max: [2.25, -0.5625, 5.625] };

function pushed(name: string, initial: Rows): Experiment {
  return {
    name,
    calls: [problemOf({
      energy: linear,
      settings: { ...windowSettings, bounds: walled, deltaClip: 8, noiseScale: 0 },
      groups: 6,
      samples: 1,
      observations: [
        [64, 64, 64],
        [-64, -64, -64],
        [2, -2, 2],
        [-2, 2, -2],
        [2, 0.25, -0.25],
        [0.5, -0.25, 0.125],
      ],
      initial,
    })],
  };
}

/** Steps that run into the walls, by far and by little. */
export const walls: Experiment = pushed("walls", [
  [0.5, -1.75, 3.5],
  [0.5, -1.75, 3.5],
  [-1.1875, -0.625, 2.25],
  [2.1875, -3.3125, 5.5],
  [-1.1875, -1.75, 3.5],
  [0.5, -2, 3],
]);

/** Steps that run into the walls by their noise. */
export const noiseWalls: Experiment = {
  name: "walls by the noise",
  feature: "noise-tape",
  calls: [problemOf({
    energy: "0*a1 + 0*a2 + 0*a3",
    settings: { ...windowSettings, bounds: walled, deltaClip: 8 },
    groups: 6,
    samples: 1,
    initial: [
      [-1.125, -3.25, 2.25],
      [2.125, -0.6875, 5.5],
      [-1.1875, -0.625, 2.25],
      [2.1875, -3.3125, 5.5],
      [-1.1875, -1.75, 3.5],
      [0.5, -2, 3],
    ],
    noise: {
      kind: "tape",
      draws: Array.from({ length: 5 }, () => [
        [2.5, 2.5, 2.5],
        [-2.5, -2.5, -2.5],
        [1, -1, 1],
        [-1, 1, -1],
        [1, 0.125, -0.125],
        [0.25, -0.125, 0.0625],
      ]),
    },
  })],
};

/** The same from outside of the box. */
export const outside: Experiment = pushed("start outside", [
  [3, -4, 6],
  [-2, 0.5, 1],
  [2.5, -3.5, 1.5],
  [-1.5, -0.25, 6],
  [2.5, -1.75, 1.75],
  [-1.5, -3.625, 5.875],
]);

const bothSigns: Rows = [
  [0.25, 3, -0.5],
  [-3, 0.125, -4],
  [1.25, -1.5, 0.75],
  [-0.25, 0.5, 0.375],
];

/** A clip that goes by the range would act here, too, and no chain reaches a wall. */
const middling: Settings["bounds"] = { min: [-2.5, -3, -4], max: [2, 3.5, 2.75] };

/** Of each axis one sign: the mean of all rows is steep, too. */
const oneSign: Rows = [[5, -4, 0.25], [7, -3, 0.5], [4, -6, 0.375], [3, -5, 0.125]];

function clipped(
  name: string,
  gradClip: number | null,
  noiseScale = 0,
  observations = bothSigns,
  bounds = wide,
): Experiment {
  return {
    name,
    ...(gradClip === null ? {} : { feature: "grad-clip" as const }),
    ...(noiseScale === 0 ? {} : { alsoNeeds: "noise-tape" as const }),
    calls: [problemOf({
      energy: linear,
      settings: { ...windowSettings, bounds, gradClip, noiseScale },
      groups,
      samples,
      observations,
      initial: spread,
      noise: tape(7, windowSettings.steps, rows, axes),
      seed: 7,
    })],
  };
}

/** Whether the clip of the gradient goes by the range. */
export const clippedInOtherBoxes: Experiment = clipped(
  "gradient clip 1/8 in boxes of other sizes",
  1 / 8,
  0,
  bothSigns,
  middling,
);

/** What clips the gradient, at a clip, at another one, at zero, without one, and beside noise. */
export const gradientClips: readonly Experiment[] = [
  clipped("gradient clip 1", 1),
  clipped("gradient clip 1 of slopes of one sign", 1, 0, oneSign),
  clipped("gradient clip 1 beside noise", 1, windowSettings.noiseScale),
  clipped("gradient clip 2", 2),
  clippedInOtherBoxes,
  clipped("gradient clip 0", 0),
  clipped("no gradient clip", null),
  clipped("no gradient clip of slopes of one sign", null, 0, oneSign),
];

/** What limits gradients where no clip is set. */
export const gradientsOfAllSizes: Experiment = gradientLadder(windowSettings);

/** The exponential schedule, twice. */
export const exponential: Experiment = {
  name: "exponential schedule",
  feature: "exponential-schedule",
  calls: [1, 2].map(() =>
    sloped({ ...windowSettings, schedule: { kind: "exponential", init: 0.25, decay: 0.625 } })
  ),
};

/** The same, by the noise alone. */
export const exponentialNoise: Experiment = {
  name: "exponential schedule of the noise",
  feature: "exponential-schedule",
  alsoNeeds: "noise-tape",
  calls: [13, 14].map((seed) =>
    drawn(
      { ...windowSettings, schedule: { kind: "exponential", init: 0.25, decay: 0.625 } },
      seed,
    )
  ),
};

/** The gradient of the exponentiated output. */
export const exponentiated: Experiment = {
  name: "exponentiated output",
  feature: "apply-exp",
  calls: [sloped({ ...windowSettings, applyExp: true })],
};

/** A chain of one step. */
export const oneStep: Experiment = {
  name: "one step",
  calls: [sloped({ ...windowSettings, steps: 1 })],
};

/** The same, where every observation has one row. */
export const oneStepAlone: Experiment = {
  name: "one step of one sample",
  calls: [sloped({ ...windowSettings, steps: 1 }, fieldOf(1))],
};

/** The same, by the noise alone. */
export const oneStepNoise: Experiment = {
  name: "one step of the noise",
  feature: "noise-tape",
  calls: [drawn({ ...windowSettings, steps: 1 }, 15)],
};

function lone(name: string, energy: string, settings: Settings, initial: readonly number[]) {
  const axes = initial.length, field = { ...fieldOf(1), groups: 1, axes, initial: [initial] };
  const calls = [{ ...drawn(settings, 16, field), energy }];
  return { name, feature: "noise-tape", calls } as const;
}

const small: Settings = { ...windowSettings, bounds: { min: [-240], max: [400] }, steps: 4 };
const tight: Settings = { ...windowSettings, bounds: narrow, deltaClip: 1 / 32, noiseScale: 0 };

/** A row alone and a coordinate alone: what is said of many may not hold there. */
export const alone: readonly Experiment[] = [
  lone("a row alone", "0.375*a1 - 0.25*a2 + 0.3125*a3", windowSettings, spread[0]!),
  // No draw makes up for such a slope: a step that does not move would look like none.
  lone("a coordinate alone", "0.4375*a1", small, [0.25]),
  lone("a coordinate alone without noise", "0.4375*a1", { ...small, noiseScale: 0 }, [0.25]),
  lone("a row alone at its limits", "4096*a1 - 4096*a2 + 4096*a3", tight, middles),
  lone(
    "a coordinate alone at its limits",
    "4096*a1",
    { ...tight, bounds: { min: [-1], max: [0.75] } },
    [-0.125],
  ),
];

/** Called after another sampler was prepared: each goes by its own settings. */
export const besideAnother: Experiment = {
  name: "beside another sampler",
  calls: [sloped(windowSettings)],
  beside: {
    ...windowSettings,
    steps: 3,
    schedule: polynomial(0.125, 0.0390625, 2),
    deltaClip: 32,
    noiseScale: 0.5,
  },
};

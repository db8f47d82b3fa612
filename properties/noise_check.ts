/**
 * How the clauses about noise are judged on samplers that draw their own: the problems that many
 * draws are recovered from, and the smallest effects that tests of so many see.
 *
 * @module
 */

import { fullShape } from "./full_shape.ts";
import type { Problem, Schedule } from "../spec/problem.ts";
import { calmSettings, constantSchedule, flatEnergy, problemOf } from "./arbitraries.ts";
import type { NoiseTest } from "./battery.ts";
import { scalePower, sharedDeviation, smallestEffect } from "./power.ts";

/** What stands in the place of a test where only what is impossible counts. */
export const noTest = "what is impossible";

/** What stands there where small batches alone show what is wrong. */
export const smallBatchTest = "small batches";

/** What is seen of a chain. */
export type View = "every-step" | "final-actions";

/** What a check's problem depends on. */
export interface Size {
  /** Rows per observation. */
  readonly samples: number;
  /** The seed of the sampler's own noise. */
  readonly seed: number;
  /** What is seen of its chains; every step by default. */
  readonly view?: View;
  /** Set if the target takes one interval for all axes. */
  readonly bounds?: "scalar" | undefined;
}

/** What is looked at in small batches: how large draws are, whether they are one, or depend. */
export type SmallBatchTest = "sizes" | "ties" | "dependence";

/** Another problem of a check. */
export interface OtherProblem {
  readonly tests: readonly NoiseTest[];
  problem(size: Size): Problem;
  /** Set where draws that are shared can't be told: those of the check's own problem tell. */
  readonly sharedByFirst?: true;
  /** Set where a wrong drift, which is of other clauses, would look like noise with a mean. */
  readonly besideDrift?: true;
  /** Set where a target that fails is the concern of other clauses. */
  readonly mayFail?: true;
}

/** How a clause is judged by the law of recovered noise. */
export interface NoiseCheck {
  /** The tests that speak for the clause; none where only what is impossible counts. */
  readonly tests: readonly NoiseTest[];
  /** The problem, for so many samples of each observation. */
  problem(size: Size): Problem;
  /** Other problems, each looked at by itself in every stage: other settings, places, longer chains. */
  readonly also?: readonly OtherProblem[];
  /** Whole chains, looked at beside where the final actions alone are seen. */
  readonly wholeChains?: { readonly tests: readonly NoiseTest[]; problem(size: Size): Problem };
  /** Which part of a chain is looked at; every step by default. */
  readonly part?: "inner steps" | "whole chain";
  /** Noise that follows the step size of the drift, right or wrong, is passed over. */
  readonly stepSizeOfDrift?: "passes";
  /** Noise that is too large or too small by one factor in all steps is passed over. */
  readonly oneFactor?: "passes";
  /** Draws that are shared, whatever their size, are the concern of noise/own-draw. */
  readonly sharedDraws?: "passes";
  /** A size or a mean that all draws share is the concern of the clauses on their law. */
  readonly sizeAndMean?: "passes";
  /** Draws that depend on each other without being the same are the concern of noise/independent. */
  readonly dependentDraws?: "passes";
  /** Draws that come again in a call speak for it, or draws that are rounded to few values. */
  readonly recycled?: "again" | "lattice";
  /** Set if it is about steps that end at the limit or on a wall. */
  readonly ends?: true;
  /** Whether a second call is made. */
  readonly calls?: 2;
  /** What is looked at in small batches besides; not where evidence is gathered draw by draw. */
  readonly smallBatches?: SmallBatchTest;
  /** The smallest effect that a single test at a level sees with a power of 0.99, in words. */
  effect(draws: number, level: number): string;
}

/** Observations, axes and steps of the problems. */
export const groups = 4, axes = 4, steps = 5;
/** Nothing of noise but its size: one half would look like 0.9 of a bug if it were 1. */
export const halfScale = 0.5;
/** A noise scale above 1 that is no whole number. */
export const largeScale = 2.5;

/** Slopes of several axes. */
export const slopedEnergy = "0.75*a3 - 0.5*a4";

/** Many rows in a wide box, where nothing clips. */
export function calmRows(
  size: Size,
  energy: string,
  given: {
    readonly schedule?: Schedule;
    readonly noiseScale?: number;
    readonly gradClip?: number;
    readonly steps?: number;
  } = {},
): Problem {
  return manyRows(
    size,
    energy,
    calmSettings(axes, { steps, schedule: constantSchedule(0.25), noiseScale: 1, ...given }),
  );
}

/**
 * Chains of 100 steps over a flat energy, with about as many draws as the short ones, in the shape that
 * others have if that is nearly as many; as many rows, if only the end of each is seen.
 */
export function longRows({ samples, seed, view }: Size): Problem {
  const long = 100, few = Math.max(2, Math.round(samples * steps / long));
  const suited = few === fullShape.samples + 1 ? fullShape.samples : few;
  const own = view === "final-actions" ? samples : suited;
  return calmRows({ samples: own, seed }, flatEnergy, { steps: long });
}

/** Chains of one step. */
export const oneStepRows: OtherProblem = {
  sharedByFirst: true,
  mayFail: true,
  tests: ["variance"],
  problem: (size) => calmRows(size, flatEnergy, { steps: 1 }),
};

function manyRows(
  size: Size,
  energy: string,
  settings: Problem["settings"],
  start: readonly number[] = new Array<number>(axes).fill(0),
): Problem {
  return problemOf({
    energy,
    settings,
    groups,
    initial: Array.from({ length: groups * size.samples }, () => [...start]),
    noise: { kind: "own" },
    seed: size.seed,
  });
}

/** What an axis is like: its slope, its sides, and where rows start on it. */
type AxisOf = readonly [slope: number, start: number, min: number, max: number];

/** Sides of wide axes. */
const wide = 64, widest = 512;

/**
 * Rows on axes of which each is another condition, under which noise could be of another size: slopes
 * up to thirty and of both signs; starts near walls and far from them. No noise leads to a wall or to
 * a limit, right or wrong, which are of other clauses.
 */
const conditions: readonly (readonly AxisOf[])[] = [
  [[1.5, 0, -wide, wide], [-1.5, 0, -wide, wide], [12, 40, -wide, wide], [-30, -40, -wide, wide]],
  [
    [0, 20 - widest, -widest, widest],
    [0, widest - 15, -widest, widest],
    [0.25, 100, -widest, widest],
    [-0.5, -200, -widest, widest],
  ],
];

/** Noise by itself on axes of different conditions. */
export const underConditions: readonly OtherProblem[] = conditions.map((axes) => ({
  sharedByFirst: true,
  besideDrift: true,
  tests: ["mean of an axis", "variance of an axis"],
  problem(size) {
    const side = (at: 2 | 3) =>
      axes.map((axis) => size.bounds === "scalar" ? widest * (2 * at - 5) : axis[at]);
    return manyRows(
      size,
      axes.map(([slope], i) => `${slope}*a${i + 1}`).join(" + "),
      calmSettings(axes.length, {
        bounds: { min: side(2), max: side(3) },
        steps,
        schedule: constantSchedule(0.25),
        noiseScale: 1,
      }),
      axes.map(([, start]) => start),
    );
  },
}));

/**
 * Many steps end at the limit, some at a wall. Where every step is seen, clauses of their own have told
 * limits that are wrong in other boxes than this; of final actions alone there's a wide axis, too.
 */
export function clippedRows(size: Size): Problem {
  const narrow = { min: [-1, -1, -1, -1], max: [1, 1, 1, 1] };
  const wider = { min: [-64, -2, -1, -1], max: [64, 3, 1, 0.5] };
  return manyRows(
    size,
    `0.5*a2 - 2*a3 + (a4 - 0.25)^2`,
    calmSettings(axes, {
      bounds: size.bounds === "scalar" || size.view !== "final-actions" ? narrow : wider,
      steps,
      schedule: constantSchedule(0.25),
      noiseScale: 1,
      deltaClip: 0.125,
    }),
  );
}

/**
 * Rows on axes from -1 to 1, two in the middle and two beside a wall: every third step ends at the limit,
 * or on the wall.
 */
export function endingRows(size: Size): Problem {
  return manyRows(
    size,
    flatEnergy,
    calmSettings(axes, {
      bounds: { min: new Array<number>(axes).fill(-1), max: new Array<number>(axes).fill(1) },
      steps,
      schedule: constantSchedule(0.125),
      noiseScale: 1,
      deltaClip: 0.125,
    }),
    [0, 0, 0.9375, -0.9375],
  );
}

/** The smallest change of scale that is seen by so many tests. */
export const scales = (tests: number) => (draws: number, level: number): string => {
  const below = smallestEffect((e) => scalePower(1 - e, draws, level / tests), 1 - 1e-9);
  const above = smallestEffect((e) => scalePower(1 + e, draws, level / tests), 100);
  if (below === null || above === null) return "none";
  return `noise scaled by ${(1 - below).toFixed(3)} or ${(1 + above).toFixed(3)}`;
};

/** The smallest correlation within groups of a size that is seen. */
export const correlations =
  (size: number, where: string) => (draws: number, level: number): string => {
    const least = smallestEffect(
      (r) => scalePower(sharedDeviation(r, size), Math.floor(draws / size), level),
      1,
    );
    return least === null ? "none" : `a correlation of ${least.toFixed(3)} ${where}`;
  };

/** The smallest chance of something impossible that is seen. */
export const impossible = (draws: number): string =>
  `a chance of ${(-Math.log(1 - 0.99) / draws).toPrecision(2)} to pass the limit`;

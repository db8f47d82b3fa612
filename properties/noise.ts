/**
 * The noise: scaled, in every step, a draw of its own for every coordinate; and, where a sampler
 * draws by itself, standard normal and independent.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { ruleFor } from "../spec/rule_parts.ts";
import {
  calmProblem,
  farTape,
  firstDraw,
  flatEnergy,
  fraction,
  normalTape,
  orSimply,
  type Shape,
  simpleTape,
  stepCount,
} from "./arbitraries.ts";
import { anyStep, clause } from "./clause.ts";
import { onlyStep, predictionsOf, stepsFollow } from "./compare.ts";
import {
  alike,
  anySchedules,
  type FactorCase,
  factorCases,
  type Factors,
  type Measured,
  measureFactors,
  restsWithoutNoise,
  size,
  withFirstStepSize,
} from "./factors.ts";
import {
  axes,
  calmRows,
  correlations,
  endingRows,
  halfScale,
  largeScale,
  longRows,
  oneStepRows,
  scales,
  slopedEnergy,
  steps,
  underConditions,
} from "./noise_check.ts";
import { isLookedAt, type Observer, pathOn } from "./observer.ts";
import { shiftPower, smallestEffect } from "./power.ts";
import { langevinStep } from "./sources.ts";
import { halfPrecision } from "./steps.ts";

/** Whether it is not the first step, which is left to noise/every-step where there are others. */
function isInner(k: number, noise: readonly Measured[]): boolean {
  return k > 0 || noise.length === 1;
}

/**
 * Whether the noise is the draw times a factor: twice the draw gives twice the noise. What bends
 * or mixes the draws is left to noise/own-draw.
 */
async function isFactor(
  observer: Observer,
  { flat, draw }: FactorCase,
  noise: readonly Measured[],
): Promise<boolean> {
  const { settings: { steps } } = flat;
  const draws = Array.from(
    { length: steps },
    (_, k) => [[isInner(k, noise) ? 2 * draw : draw]],
  );
  const doubled: Problem = { ...flat, noise: { kind: "tape", draws } };
  const points = await pathOn(observer, doubled);
  if (points === null) return true;
  const weight = 2 * draw * observer.facts.noiseSign;
  return noise.every(({ value, tolerance }, k) => {
    if (!isInner(k, noise)) return true;
    const twice = (points[k]![0]![0]! - points[k + 1]![0]![0]!) / weight;
    return Math.abs(twice - value) <= 4 * tolerance;
  });
}

/**
 * Whether the noise has the step sizes of the drift but for a factor of the drift's, and is right
 * where they are constant: then they are wrong, and the noise is not.
 */
async function goesWithDrift(
  observer: Observer,
  given: FactorCase,
  { drift, noise }: Factors,
): Promise<boolean> {
  const [first] = drift, [own] = noise ?? [];
  if (!first || !own || first.value === 0 || own.value === 0) return false;
  const factor = own.value / first.value;
  const error = own.tolerance + Math.abs(factor) * first.tolerance;
  const proportional = noise!.every(({ value, tolerance }, k) => {
    const wanted = drift[k]!;
    const slack = tolerance + Math.abs(factor) * wanted.tolerance +
      error * Math.abs(wanted.value / first.value);
    return Math.abs(value - factor * wanted.value) <= slack;
  });
  if (!proportional) return false;
  const steady = await measureFactors(observer, withFirstStepSize(given));
  return steady?.noise?.every((size, k) => alike(size, steady.formula[k]!)) ?? false;
}

/** What a draw is multiplied by, and what it should be. */
function multipleWords(problem: Problem, step: number, noise: Measured, formula: Measured): string {
  if (ruleFor(problem) === officialRule) {
    return `${show(noise.value, 5)}; the step size of step ${step} is ${show(formula.value, 5)}`;
  }
  const { found, wanted } = noise.multiple!;
  return `${show(found, 5)} in step ${step} instead of ${show(wanted, 5)}`;
}

export const stepSize = clause({
  id: "noise/step-size",
  level: "must",
  sentence: "The noise is multiplied by the step size itself, not by its root.",
  why:
    "With the root of textbook dynamics the noise of late steps is hundreds of times too large, and actions never settle.",
  under: ({ noise, step }) => ({
    sentence: `The draw has the factor that it has in ${step}, with noise = ${noise}.`,
  }),
  formula: officialRule.step,
  term: "step",
  source: langevinStep,
  feature: "noise-tape",
  buildsOn: ["steps/precision", "drift/current-point"],
  remark:
    "The sign of the noise is left open: adding or subtracting a normal draw gives the same law.",
  problems: {
    random: () => factorCases(anySchedules, 5, 3),
    async judge(observer, given) {
      const factors = await measureFactors(observer, given);
      if (factors === null || factors.noise === null) return "nothing";
      const { drift, noise, formula, flatPoints } = factors;
      // A chain without any noise is left to noise/every-step.
      if (noise.every(({ value }) => value === 0)) return null;
      const shared = noise.every((n, k) =>
        !isInner(k, noise) || alike(n, drift[k]!) || alike(n, size(drift[k]!))
      );
      // Nor is a step without any noise of this clause.
      const step = noise.findIndex((n, k) =>
        isInner(k, noise) && n.value !== 0 && !alike(n, formula[k]!)
      );
      if (shared || step < 0 || !await isFactor(observer, given, noise)) return null;
      if (await goesWithDrift(observer, given, factors)) return null;
      if (!await restsWithoutNoise(observer, given.flat, flatPoints!)) return "nothing";
      const message = `The noise is multiplied by ${
        multipleWords(given.flat, step, noise[step]!, formula[step]!)
      }`;
      return onlyStep(observer, given.flat, flatPoints!, step, message);
    },
  },
  noise: {
    tests: ["variance", "variance of a step"],
    sharedDraws: "passes",
    part: "inner steps",
    stepSizeOfDrift: "passes",
    oneFactor: "passes",
    problem: (size) =>
      calmRows(size, flatEnergy, {
        schedule: { kind: "polynomial", init: 0.25, final: 1 / 16, power: 2 },
      }),
    effect: scales(1),
  },
});

const constantStepSize = fraction(1 / 16, 0.25, 16);

export const scale = clause({
  id: "noise/scale",
  level: "must",
  sentence: "The noise is multiplied by the noise scale.",
  why:
    "The noise scale is the knob for exploration. If it does nothing, sweeps over it show nothing.",
  parts: ["noise scale"],
  under: () => ({
    sentence: "The noise is multiplied by the noise scale, the root of the temperature.",
  }),
  formula: officialRule.noise,
  term: "noise",
  source: langevinStep,
  feature: "noise-tape",
  buildsOn: ["noise/step-size", "result/last-point"],
  partlyWithout: anyStep,
  problems: {
    random: () =>
      fc.record({
        noiseScale: fc.oneof(fraction(0.125, 0.875, 8), fraction(1.5, 4, 2), fc.constant(0)),
        draws: fraction(0.125, 0.375, 8),
        start: fraction(-0.125, 0.125),
        stepSize: constantStepSize,
      }).map(({ start, ...rest }) =>
        calmProblem({ ...rest, energy: flatEnergy, steps: 3, initial: [[start]] })
      ),
    // A scale of zero is taken for none at all wherever one asks whether it is truthy.
    edges: () => [
      calmProblem({
        energy: flatEnergy,
        steps: 3,
        stepSize: 0.25,
        initial: [[0]],
        noiseScale: 0,
        draws: 0.25,
      }),
    ],
    // A second chain, of noise scale 1, tells how much.
    async judge(observer, problem) {
      const { noiseScale, steps } = problem.settings;
      const plain = { ...problem, settings: { ...problem.settings, noiseScale: 1 } };
      const points = await pathOn(observer, problem);
      const plainPoints = await pathOn(observer, plain);
      if (points === null || plainPoints === null) return "nothing";
      if (!await restsWithoutNoise(observer, problem, plainPoints)) return "nothing";
      observer.compared(1);
      // The ends of the chain are left to noise/every-step, where it has more than ends.
      const step = Math.min(1, steps - 1);
      const move = (path: readonly Rows[]) => path[step + 1]![0]![0]! - path[step]![0]![0]!;
      const tolerance = (of: Problem, path: readonly Rows[]) =>
        predictionsOf(observer, of, step, path[step]!)[0]![0]!.tolerance;
      const slack = tolerance(problem, points) + noiseScale * tolerance(plain, plainPoints);
      if (Math.abs(move(points) - noiseScale * move(plainPoints)) <= slack) return null;
      const moved = show(Math.abs(move(points))), plainly = show(Math.abs(move(plainPoints)));
      const message = moved === plainly
        ? `With the noise scale ${noiseScale}, step ${step} moves by ${moved}, as with the noise scale 1`
        : `With the noise scale ${noiseScale}, step ${step} moves by ${moved}; it is ${plainly} with the noise scale 1`;
      return onlyStep(observer, problem, points, step, message);
    },
  },
  noise: {
    tests: ["variance"],
    sharedDraws: "passes",
    part: "inner steps",
    problem: (size) => calmRows(size, flatEnergy, { noiseScale: halfScale }),
    also: [{
      tests: ["variance"],
      problem: (size) => calmRows(size, flatEnergy, { noiseScale: largeScale }),
    }],
    effect: scales(1),
  },
});

export const everyStep = clause({
  id: "noise/every-step",
  level: "must",
  sentence: "Every step adds noise, the first and the last too.",
  why:
    "A step without noise, often the last, gives samples that are sharper than the law the sampler claims.",
  term: "noise",
  source: langevinStep,
  feature: "noise-tape",
  buildsOn: ["schedule/constant", "noise/scale"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 5),
        draws: fraction(0.25, 0.5, 8),
        start: fraction(-0.125, 0.125),
        stepSize: constantStepSize,
      }).map(({ start, ...rest }) =>
        calmProblem({ ...rest, energy: flatEnergy, initial: [[start]] })
      ),
    // How much noise it is, is left to noise/own-draw.
    async judge(observer, problem) {
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      observer.compared(problem.settings.steps);
      const path = points.map((point) => point[0]![0]!);
      const { steps } = problem.settings;
      const step = path.slice(1).findIndex((to, k) =>
        to === path[k] && isLookedAt(k, steps, observer.facts)
      );
      if (step < 0) return null;
      return onlyStep(observer, problem, points, step, `Step ${step} adds no noise`);
    },
  },
  noise: {
    tests: ["variance", "variance of a step"],
    sharedDraws: "passes",
    part: "whole chain",
    problem: (size) => calmRows(size, flatEnergy),
    // So few draws in a step say little about that step.
    also: [{ tests: ["variance"], problem: longRows }, oneStepRows],
    sizeAndMean: "passes",
    smallBatches: "sizes",
    effect: (draws, level) => `${scales(steps)(draws / steps, level)} in one step`,
  },
});

/** Rows that start at the same point of a flat energy, and differ in their draws. */
function drawnFrom(
  tape: (steps: number, rows: number, axes: number) => Rows[],
  { shape: { groups, samples, axes }, steps, stepSize, start }: {
    readonly shape: Shape;
    readonly steps: number;
    readonly stepSize: number;
    readonly start: number;
  },
): Problem {
  const rows = groups * samples;
  return calmProblem({
    energy: flatEnergy,
    steps,
    stepSize,
    initial: Array.from({ length: rows }, () => new Array<number>(axes).fill(start)),
    groups,
    samples,
    draws: tape(steps, rows, axes),
  });
}

export const ownDraw = clause({
  id: "noise/own-draw",
  level: "must",
  sentence: "Every step, row and axis has a draw of its own, of the shape of the actions.",
  why:
    "A draw that rows or axes share makes samples move together: a batch of a thousand is worth one.",
  formula: officialRule.noise,
  term: "noise",
  source: langevinStep,
  feature: "noise-tape",
  buildsOn: ["drift/own-row", "noise/every-step"],
  // What keeps a part of the last step keeps a part of its draw: first steps have none to keep.
  sharperWith: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        shape: fc.record({
          groups: fc.integer({ min: 1, max: 3 }),
          samples: fc.integer({ min: 1, max: 4 }),
          axes: fc.integer({ min: 1, max: 4 }),
        }),
        steps: orSimply<number>(leastSteps, fc.integer({ min: 2, max: 3 })),
        stepSize: fraction(1 / 32, 1 / 16, 32),
        start: fraction(-0.25, 0.25),
        first: firstDraw,
      }).map(({ first, ...rest }) => drawnFrom((...size) => simpleTape(first, ...size), rest)),
    edges: () => [
      drawnFrom((...size) => normalTape(1, ...size), {
        shape: { groups: 2, samples: 3, axes: 3 },
        steps: 2,
        stepSize: 1 / 16,
        start: 0,
      }),
      // Draws that are cut off far out are no normal ones.
      drawnFrom(farTape, {
        shape: { groups: 1, samples: 2, axes: 2 },
        steps: 2,
        stepSize: 1 / 16,
        start: 0,
      }),
    ],
    async judge(observer, problem) {
      const found = await stepsFollow()(observer, problem);
      const reached = found === null ? null : await pathOn(observer, problem);
      if (reached === null) return found;
      if (!await restsWithoutNoise(observer, problem, reached)) return "nothing";
      const half = halfPrecision(observer, problem, reached, "noise");
      return half ? { ...half, instead: "steps/precision" } : found;
    },
  },
  noise: {
    tests: ["rows", "axes", "steps", "diagonal"],
    sizeAndMean: "passes",
    dependentDraws: "passes",
    recycled: "again",
    also: [{ tests: ["rows", "axes", "steps", "diagonal"], problem: longRows }],
    problem: (size) => calmRows(size, flatEnergy),
    smallBatches: "ties",
    effect: correlations(axes, "between axes"),
  },
});

export const standardNormal = clause({
  id: "noise/standard-normal",
  level: "must",
  sentence: "Each draw follows the standard normal law, from the middle to the tails.",
  why:
    "Uniform or clipped draws have other tails, so rare moves between minima become rarer or never happen.",
  formula: officialRule.noise,
  term: "noise",
  source: langevinStep,
  needs: "own noise",
  buildsOn: ["drift/own-axis", "noise/own-draw"],
  remark: "Judged by exact tests of the recovered draws.",
  noise: {
    tests: [
      "mean",
      "variance",
      "sign",
      "tails",
      "middle",
      "largest",
      "distribution",
      "mean of a step",
      "mean of an axis",
      "variance of an axis",
      "drift",
    ],
    sharedDraws: "passes",
    recycled: "lattice",
    problem: (size) => calmRows(size, slopedEnergy),
    also: [
      ...underConditions,
      { sharedByFirst: true, tests: ["variance"], problem: longRows },
      oneStepRows,
    ],
    effect: (draws, level) => {
      const shift = smallestEffect((e) => shiftPower(e, draws, level), 10);
      return `a mean of ${shift?.toFixed(3) ?? "none"}, or ${scales(1)(draws, level)}`;
    },
  },
});

const dependences = [
  "rows",
  "axes",
  "steps",
  "next step",
  "next row",
  "diagonal",
  "nearby",
  "halves",
  "samples",
  "groups",
] as const;

export const independent = clause({
  id: "noise/independent",
  level: "must",
  sentence:
    "Draws of different rows, axes, steps, observations and samples are independent of each other.",
  why:
    "Correlated samples understate the spread, and averages over them are less exact than they look.",
  formula: officialRule.noise,
  term: "noise",
  source: langevinStep,
  needs: "own noise",
  buildsOn: ["noise/standard-normal"],
  remark: "Antithetic or correlated draws have the right law one by one, and break this clause.",
  noise: {
    tests: dependences,
    problem: (size) => calmRows(size, slopedEnergy),
    also: [{ tests: ["rows", "axes", "steps", "nearby"], problem: longRows }],
    wholeChains: { tests: ["variance"], problem: (size) => calmRows(size, flatEnergy) },
    smallBatches: "dependence",
    effect: correlations(2, "in pairs"),
  },
});

export const freshEachCall = clause({
  id: "noise/fresh-each-call",
  level: "must",
  sentence:
    "Every call makes new draws: with another seed, those of a second call are different and independent.",
  why: "A generator that's reseeded in each call gives every training batch the same negatives.",
  formula: officialRule.noise,
  term: "noise",
  source: langevinStep,
  needs: "own noise",
  buildsOn: ["noise/independent"],
  remark:
    "The same seed may give the same draws. A sampler that keeps a generator of its own may ignore the seed, as long as it goes on drawing.",
  noise: {
    tests: ["calls"],
    calls: 2,
    problem: (size) => calmRows(size, flatEnergy),
    effect: correlations(2, "between calls"),
  },
});

export const notRedrawn = clause({
  id: "noise/not-redrawn",
  level: "must",
  sentence:
    "A draw that leads beyond the limit or the bounds is kept, and the step ends exactly there.",
  why:
    "Drawing again until a step fits makes the noise narrower near a wall, so that chains keep away from optima on it.",
  formula: officialRule.result,
  term: "noise",
  source: langevinStep,
  needs: "own noise",
  parts: ["delta clip", "box"],
  buildsOn: [
    "noise/independent",
    "bounds/every-step",
    "bounds/on-the-wall",
    "delta-clip/centred",
    "delta-clip/per-axis",
    "delta-clip/every-step",
    "delta-clip/after-noise",
  ],
  noise: {
    tests: ["mean of an axis", "variance of an axis"],
    ends: true,
    problem: endingRows,
    effect: (draws, level) => `${scales(axes)(draws / axes, level)} on one axis`,
  },
});

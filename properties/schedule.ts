/**
 * The schedule: constant, polynomial, exponential step sizes, and the shortest chains.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import { type Prediction, predictStep } from "../spec/oracle.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { partsOf, stepSizesOf } from "../spec/rule_parts.ts";
import {
  calmProblem,
  constantSchedule,
  fraction,
  linearEnergy,
  quadraticEnergy,
  shortProblem,
  signed,
} from "./arbitraries.ts";
import { clause, type ClauseObserver } from "./clause.ts";
import { compareSteps, onlyStep, predictionsOf, stepsFollow } from "./compare.ts";
import {
  alike,
  constantSchedules,
  type FactorCase,
  factorCase,
  factorCases,
  type Factors,
  type Measured,
  measureFactors,
  ownNoiseGoesAlong,
  polynomialSchedules,
  restsWithoutNoise,
  slopedStep,
  withFirstStepSize,
  withStepSizes,
} from "./factors.ts";
import type { Outcome } from "./finding.ts";
import { pathOn, requireFinite } from "./observer.ts";
import { isAnotherStepSize } from "./last_step.ts";
import { exponentialSchedule, polynomialSchedule } from "./sources.ts";

/** Whether measured step sizes are the same factor times those of the formula, on every step. */
function proportional(steps: readonly Measured[], formula: readonly Measured[]): boolean {
  const first = steps[0]!, wantedFirst = formula[0]!;
  const factor = first.value / wantedFirst.value;
  return steps.every((step, k) => {
    const wanted = formula[k]!;
    const slack = step.tolerance + Math.abs(factor) * wanted.tolerance +
      first.tolerance * wanted.value / wantedFirst.value;
    return Math.abs(step.value - factor * wanted.value) <= slack;
  });
}

/** A factor that drift and noise share is the schedule's. */
function isShared({ drift, noise }: Factors): boolean {
  return noise !== null && noise.every((n, k) => alike(n, drift[k]!));
}

/**
 * A schedule is broken if neither drift nor noise follows it, up to a factor of their own, and if the
 * step sizes that were measured are what other chains are made of, too.
 */
async function judgeSchedule(observer: ClauseObserver, given: FactorCase): Promise<Outcome> {
  const { problem } = given, { steps } = problem.settings;
  const factors = await measureFactors(observer, given, { last: true });
  if (factors === null) return "nothing";
  const outcome = await judgeFactors(observer, given, withoutLast(factors));
  if (outcome !== null || steps === 1) return outcome;
  const last = await judgeFactors(observer, given, factors);
  const isSize = last !== null && last !== "nothing" &&
    await isAnotherStepSize(observer, problem, factors.slopedPoints);
  return isSize ? last : null;
}

/** The factors of the steps before the last, for what is returned may be another point. */
function withoutLast({ drift, noise, formula, ...points }: Factors): Factors {
  const before = (sizes: readonly Measured[]) => sizes.slice(0, Math.max(1, sizes.length - 1));
  return {
    ...points,
    drift: before(drift),
    noise: noise && before(noise),
    formula: before(formula),
  };
}

async function judgeFactors(
  observer: ClauseObserver,
  given: FactorCase,
  factors: Factors,
): Promise<Outcome> {
  const { drift, noise, formula } = factors;
  const follows = (sizes: readonly Measured[]) => sizes.every((s, k) => alike(s, formula[k]!));
  if (follows(drift) || (noise && follows(noise))) return null;
  // Walls end steps of whatever size.
  const { slopedPoints, flatPoints } = factors;
  if (endsAtWall(given.problem, slopedPoints) || endsAtWall(given.flat, flatPoints ?? [])) {
    return "nothing";
  }
  const measured = noise === null ? [drift] : [drift, noise];
  if (measured.some((sizes) => proportional(sizes, formula))) {
    // A factor that drift and noise share is the schedule's.
    const shared = noise === null
      ? await ownNoiseGoesAlong(observer, given, drift[0]!, formula[0]!)
      : isShared(factors) && await isSharedAnywhere(observer, given);
    if (!shared) return null;
  }
  if (!await explainsBowl(observer, given, drift)) return null;
  if (!await restsWithoutNoise(observer, given.flat, factors.slopedPoints)) return "nothing";
  const sizes = isShared(factors) ? drift : mostAlike(formula, [
    ...noise === null ? [] : [noise],
    await withoutFactor(observer, given, drift),
    drift,
  ]);
  const step = sizes.findIndex((d, k) => !alike(d, formula[k]!));
  const found = show(sizes[step]!.value), wanted = show(formula[step]!.value);
  const message = `The step size of step ${step} is ${found} instead of ${wanted}`;
  return slopedStep(observer, given, factors, step, message);
}

/** Those of several measured step sizes of which the most are right: what has no factor of its own. */
function mostAlike(
  formula: readonly Measured[],
  all: readonly (readonly Measured[])[],
): readonly Measured[] {
  const right = (sizes: readonly Measured[]) =>
    sizes.filter((d, k) => alike(d, formula[k]!)).length;
  return all.filter((sizes) => right(sizes) < formula.length)
    .reduce((best, sizes) => right(sizes) > right(best) ? sizes : best);
}

/** Step sizes as a drift shows them, without the factor that it has where they are constant, too. */
async function withoutFactor(
  observer: ClauseObserver,
  given: FactorCase,
  drift: readonly Measured[],
): Promise<readonly Measured[]> {
  const steady = await measureFactors(observer, withFirstStepSize(given), { parts: "drift" });
  const own = steady?.drift[0], asked = steady?.formula[0];
  if (!own || !asked || own.value === 0) return drift;
  const factor = own.value / asked.value;
  return drift.map((step) => {
    const error = step.tolerance + Math.abs(step.value) * own.tolerance / Math.abs(own.value);
    return { ...step, value: step.value / factor, tolerance: error / Math.abs(factor) };
  });
}

function endsAtWall(
  { settings: { bounds: { min, max } } }: Problem,
  path: readonly Rows[],
): boolean {
  return path.slice(1).some((rows) =>
    rows.some((row) => row.some((x, i) => x === min[i] || x === max[i]))
  );
}

/** Whether drift and noise share their factor with other step sizes, too: 2η is √η where η is ¼. */
async function isSharedAnywhere(observer: ClauseObserver, given: FactorCase): Promise<boolean> {
  const other = withStepSizes(given, 0.75);
  const factors = await measureFactors(observer, other);
  return factors === null || isShared(factors);
}

/**
 * Whether the measured step sizes lead along a chain on a bowl, too, where every step has a gradient
 * of its own. If earlier gradients act on, or the action itself, they do not.
 */
async function explainsBowl(
  observer: ClauseObserver,
  { problem, slope: b }: FactorCase,
  drift: readonly Measured[],
): Promise<boolean> {
  const { initial } = problem, [[start]] = initial as [[number]];
  const bowl: Problem = {
    ...problem,
    // Its first gradient is twice that of the slope.
    energy: `${linearEnergy([b])} + ${quadraticEnergy([Math.abs(b)], [start - Math.sign(b)])}`,
  };
  const points = await pathOn(observer, bowl);
  if (points === null) return true;
  const formula = stepSizesOf(bowl);
  const stepSizes = formula.map((size, k) => drift[k]?.value ?? size);
  return points.slice(0, drift.length).every((point, k) => {
    const [[{ terms, tolerance }]] = predictStep(bowl, k, point, { stepSizes }) as [[Prediction]];
    const { value, tolerance: off } = drift[k]!;
    const slack = tolerance + 2 * off * Math.abs(terms.step / value);
    return value === 0 || !(Math.abs(points[k + 1]![0]![0]! - terms.result) > slack);
  });
}

export const constant = clause({
  id: "schedule/constant",
  level: "must",
  sentence: "A final step size equal to the initial one gives a constant step size.",
  why: "It's the simplest schedule, and what the others are compared with.",
  under: (rule) => ({
    sentence: partsOf(rule).has("own schedule")
      ? `The step sizes are those of the rule: ${rule.stepSize}.`
      : "Every step has the step size that is asked for.",
    ...(rule.stepSize === undefined ? {} : { formula: rule.stepSize }),
  }),
  formula: officialRule.polynomial,
  term: "step",
  source: polynomialSchedule,
  buildsOn: ["steps/precision", "drift/current-point"],
  problems: {
    random: () => factorCases(constantSchedules, 5, 3),
    // Some clauses that build on this one take steps as small as these.
    edges: () =>
      [1 / 32, 1 / 128].map((stepSize) =>
        factorCase({
          steps: 3,
          schedule: constantSchedule(stepSize),
          slope: 4,
          draw: 2,
          start: 0,
        })
      ),
    judge: judgeSchedule,
  },
});

export const polynomial = clause({
  id: "schedule/polynomial",
  level: "must",
  sentence:
    "The step size starts at init and falls (or rises) polynomially to final, which step N-1 uses.",
  why:
    "The fall of the step size is the annealing: a wrong power or end leaves actions noisy, or freezes them too early.",
  formula: officialRule.polynomial,
  term: "step",
  source: polynomialSchedule,
  parts: ["schedule"],
  buildsOn: ["schedule/constant"],
  problems: {
    random: () => factorCases(polynomialSchedules, 9, 3),
    edges: () => [
      factorCase({
        steps: 5,
        schedule: { kind: "polynomial", init: 0.25, final: 1 / 64, power: 3 },
        slope: 1,
        draw: 1,
        start: 0,
      }),
      factorCase({
        steps: 9,
        schedule: { kind: "polynomial", init: 1 / 64, final: 0.25, power: 2 },
        slope: 0.5,
        draw: 0.25,
        start: 0,
      }),
      // A final step size of 0 is taken for none wherever one asks whether it is truthy.
      factorCase({
        steps: 4,
        schedule: { kind: "polynomial", init: 0.25, final: 0, power: 1 },
        slope: 0.5,
        draw: 0.25,
        start: 0,
      }),
    ],
    judge: judgeSchedule,
  },
});

const init = fraction(1 / 16, 0.25, 32);
const slope = signed(0.25, 1, 8);
const start = fraction(-0.5, 0.5);

/** Chains of one or two steps down a slope. */
function shortChains(steps: 1 | 2) {
  return fc.record({
    power: fc.constantFrom(1, 2, 3, 0.5),
    init,
    final: fraction(1 / 256, 0.5, 256),
    slope,
    start,
  }).map(({ slope, start, ...schedule }) =>
    calmProblem({
      energy: [slope],
      steps,
      schedule: { kind: "polynomial", ...schedule },
      initial: [[start]],
    })
  );
}

export const oneStep = clause({
  id: "schedule/one-step",
  level: "must",
  sentence: "A chain of one step gives a result, with the initial step size.",
  why:
    "A division by N − 1 = 0 turns a chain of one step into NaN, and short chains are used in tests and at inference.",
  under: () => ({ sentence: "A chain of one step gives a result, with the first step size." }),
  source: polynomialSchedule,
  buildsOn: ["schedule/polynomial", "drift/no-memory"],
  partlyWithout: ["drift/no-memory"],
  remark:
    "In TensorFlow's graph mode the division by N-1 = 0 concerns an unused value; in eager code and in ports it must not be reached.",
  problems: {
    faults: "violate",
    random: () => shortChains(1),
    // The only chain of one step of a target that is compiled for each setting.
    edges: () => [shortProblem("0.5*a1", [[0.25]], 1)],
    async judge(observer, problem) {
      const trajectory = await observer.run(problem);
      requireFinite(problem, trajectory);
      observer.compared(1);
      const { terms, tolerance } = predictionsOf(observer, problem, 0, problem.initial)[0]![0]!;
      const actual = trajectory.final[0]![0]!, action = problem.initial[0]![0]!;
      if (Math.abs(actual - terms.result) <= tolerance) return null;
      const message = `The only step moves by ${show(action - actual)} instead of ${
        show(terms.clippedStep)
      }`;
      return onlyStep(observer, problem, [problem.initial, trajectory.final], 0, message);
    },
  },
});

export const twoSteps = clause({
  id: "schedule/two-steps",
  level: "must",
  sentence: "A chain of two steps uses init, then final.",
  why: "Off-by-one errors of the schedule show first where there are only two step sizes.",
  parts: ["schedule"],
  source: polynomialSchedule,
  buildsOn: ["schedule/polynomial", "drift/no-memory"],
  problems: {
    random: () => shortChains(2),
    judge: stepsFollow(),
  },
});

export const exponential = clause({
  id: "schedule/exponential",
  level: "may",
  sentence: "The exponential schedule multiplies the step size by decay after every step.",
  why: "A decay that's applied once, or once too often, keeps all later steps at the wrong size.",
  formula: officialRule.exponential,
  term: "step",
  source: exponentialSchedule,
  feature: "exponential-schedule",
  parts: ["exponential schedule"],
  buildsOn: ["drift/no-memory"],
  remark:
    "Traced by tf.function, the official code decays once and then stays constant: a known deviation of the official graph mode from its own documentation.",
  problems: {
    random: () =>
      fc.record({
        steps: fc.integer({ min: 2, max: 5 }),
        init,
        decay: fraction(0.25, 0.875, 8),
        slope,
        start,
      }).map(({ steps, init, decay, slope, start }) =>
        calmProblem({
          energy: [slope],
          steps,
          schedule: { kind: "exponential", init, decay },
          initial: [[start]],
        })
      ),
    async judge(observer, problem) {
      const found = await compareSteps(observer, problem, await observer.run(problem));
      if (found === null || found === "nothing" || found.step === null) return found;
      const wanted = show(stepSizesOf(problem)[found.step]!);
      const message = `${found.message}: step ${found.step} wants the step size ${wanted}`;
      return { ...found, message };
    },
  },
});

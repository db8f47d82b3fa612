/**
 * What multiplies the gradient and what multiplies the noise, measured step by step.
 *
 * One chain runs down a linear energy without noise, another runs over a flat energy with the same
 * draw at every step; nothing clips in either. The first gives the step size that the drift has,
 * the second the step size that the noise has. Three clauses meet here (half the gradient, noise
 * times the step size, the schedule), and the two measurements tell which of them is broken: a
 * factor that both share belongs to the schedule, a factor that only one has belongs to that one.
 *
 * @module
 */

import * as fc from "fast-check";
import type { ClauseId } from "./clauses.ts";
import { predictStep, stepSizeErrorOf } from "../spec/oracle.ts";
import type { Problem, Schedule } from "../spec/problem.ts";
import { stepSizes } from "../spec/rule.ts";
import {
  calmSettings,
  constantSchedule,
  constantTape,
  decimal,
  fraction,
  problemOf,
  signed,
} from "./arbitraries.ts";
import {
  check,
  type ClauseCheck,
  type Finding,
  finding,
  type Observer,
  pathPoints,
} from "./property.ts";

/** One row, one axis: a slope for the drift, a draw for the noise. */
export interface FactorCase {
  readonly slope: number;
  readonly draw: number;
  readonly start: number;
  readonly steps: number;
  readonly schedule: Schedule;
}

/** A step size as it was measured. */
interface Measured {
  readonly value: number;
  readonly tolerance: number;
}

interface Factors {
  readonly sloped: Problem;
  readonly flat: Problem | null;
  readonly slopedPoints: readonly (readonly (readonly number[])[])[];
  readonly flatPoints: readonly (readonly (readonly number[])[])[] | null;
  /** From the drift, for the steps before the last. */
  readonly drift: readonly Measured[];
  /** From the noise, if the target takes a tape. */
  readonly noise: readonly Measured[] | null;
  /** What the closed form says. */
  readonly formula: readonly Measured[];
}

/** Down a slope without noise. */
export function slopedProblem(c: FactorCase): Problem {
  return problemOf({
    energy: `${decimal(c.slope)}*a1`,
    settings: calmSettings(1, { steps: c.steps, schedule: c.schedule }),
    initial: [[c.start]],
  });
}

/** Over a flat energy with noise. */
export function flatProblem(c: FactorCase, noiseScale = 1): Problem {
  return problemOf({
    energy: "0*a1",
    settings: calmSettings(1, { steps: c.steps, schedule: c.schedule, noiseScale }),
    initial: [[c.start]],
    noise: { kind: "tape", draws: constantTape(c.draw, c.steps, 1, 1) },
  });
}

async function measure(
  observer: Observer,
  c: FactorCase,
  parts: "drift and noise" | "drift" = "drift and noise",
): Promise<Factors | null> {
  const sloped = slopedProblem(c);
  const slopedPoints = pathPoints(sloped, await observer.run(sloped));
  if (slopedPoints === null) return null;
  const flat = parts === "drift" || observer.facts.unsupported.has("noise-tape")
    ? null
    : flatProblem(c);
  const flatPoints = flat && pathPoints(flat, await observer.run(flat));
  if (flat && flatPoints === null) return null;
  const inner = Array.from({ length: c.steps - 1 }, (_, k) => k);
  const sizes = stepSizes(c.schedule, c.steps);
  observer.compared(inner.length * (flat ? 2 : 1));
  const measured = (
    problem: Problem,
    points: readonly (readonly (readonly number[])[])[],
    weight: number,
  ): Measured[] =>
    inner.map((k) => {
      const from = points[k]![0]![0]!, to = points[k + 1]![0]![0]!;
      const { tolerance } = predictStep(problem, k, points[k]!, {
        noiseSign: observer.facts.noiseSign,
      })[0]![0]!;
      return {
        value: (from - to) / weight,
        tolerance: tolerance / Math.abs(weight),
      };
    });
  return {
    sloped,
    flat,
    slopedPoints,
    flatPoints,
    drift: measured(sloped, slopedPoints, c.slope / 2),
    noise: flat && flatPoints
      ? measured(flat, flatPoints, c.draw * observer.facts.noiseSign)
      : null,
    formula: inner.map((k) => ({
      value: sizes[k]!,
      tolerance: stepSizeErrorOf(sloped, k),
    })),
  };
}

function alike(a: Measured, b: Measured): boolean {
  return Math.abs(a.value - b.value) <= a.tolerance + b.tolerance;
}

function report(
  clause: ClauseId,
  observer: Observer,
  factors: Factors,
  which: "sloped" | "flat",
  step: number,
  message: (prediction: { readonly actual: number; readonly expected: number }) => string,
): Finding {
  const problem = which === "sloped" ? factors.sloped : factors.flat!;
  const points = which === "sloped" ? factors.slopedPoints : factors.flatPoints!;
  const prediction = predictStep(problem, step, points[step]!, {
    noiseSign: observer.facts.noiseSign,
  })[0]![0]!;
  const action = points[step]![0]![0]!, actual = points[step + 1]![0]![0]!;
  return finding(clause, problem, prediction, {
    step,
    row: 0,
    axis: 0,
    action,
    actual,
    message: message({ actual, expected: prediction.terms.result }),
  });
}

const size = (m: Measured): Measured => ({ ...m, value: Math.abs(m.value) });
const ratio = (a: Measured, b: Measured) => Number((a.value / b.value).toPrecision(4));

function cases(schedule: fc.Arbitrary<Schedule>, steps: number): fc.Arbitrary<FactorCase> {
  return fc.record({
    // So small that no chain leaves [-1, 1].
    slope: signed(0.125, 0.5, 8),
    draw: fraction(0.125, 0.25, 8),
    start: fraction(-0.125, 0.125),
    steps: fc.integer({ min: 3, max: steps }),
    schedule,
  });
}

const constant = fraction(1 / 16, 0.25, 16).map(constantSchedule);
const varying: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constant("polynomial" as const),
  init: fraction(1 / 16, 0.25, 32),
  final: fraction(1 / 256, 0.25, 256),
  power: fc.constantFrom(1, 2, 3, 0.5),
});
const mixed = fc.oneof(constant, varying);

// Without noise, a small step moves every coordinate down the energy.
const descends = check<FactorCase>({
  clause: "drift/descends",
  weight: 0.5,
  cases: () => cases(mixed, 4),
  async judge(observer, c) {
    const factors = await measure(observer, c, "drift");
    if (factors === null) return null;
    const step = factors.drift.findIndex((d) => d.value < -d.tolerance);
    if (step < 0) return null;
    // A negative step size, which the noise has too, belongs to the schedule.
    const noise = (await measure(observer, c))?.noise?.[step];
    if (noise && alike(noise, factors.drift[step]!)) return null;
    const { returns } = observer.facts;
    return report(
      "drift/descends",
      observer,
      factors,
      "sloped",
      step,
      () =>
        returns === "energy"
          ? "This chain climbs the energy: either the network is expected to return logits, or the sign is missing"
          : "This chain climbs the energy of its logits: either the network is expected to return an energy, or the sign is turned twice",
    );
  },
}) as ClauseCheck<FactorCase>;

// The drift is one half of the gradient.
const half = check<FactorCase>({
  clause: "drift/half",
  weight: 0.75,
  cases: () => cases(mixed, 3),
  async judge(observer, c) {
    const factors = await measure(observer, c);
    if (factors === null) return null;
    const [drift] = factors.drift, [formula] = factors.formula, noise = factors.noise?.[0];
    if (alike(drift!, formula!) || (noise && alike(drift!, noise))) return null;
    return report(
      "drift/half",
      observer,
      factors,
      "sloped",
      0,
      () => `The drift is ${ratio(drift!, formula!) / 2} times the gradient instead of 0.5`,
    );
  },
});

// The noise is multiplied by the step size itself, not by its root.
const noiseStepSize = check<FactorCase>({
  clause: "noise/step-size",
  cases: () => cases(mixed, 5),
  async judge(observer, c) {
    const factors = await measure(observer, c);
    if (factors === null || factors.noise === null) return null;
    // A chain without any noise is left to noise/every-step.
    if (factors.noise.every((noise) => noise.value === 0)) return null;
    const shared = factors.noise.every((noise, k) =>
      k === 0 || alike(noise, factors.drift[k]!) || alike(noise, size(factors.drift[k]!))
    );
    // The first step is left to noise/every-step.
    for (let k = 1; k < factors.noise.length; k++) {
      const noise = factors.noise[k]!, formula = factors.formula[k]!;
      if (shared || alike(noise, formula)) continue;
      if (!await isFactor(observer, c, factors.noise)) return null;
      return report(
        "noise/step-size",
        observer,
        factors,
        "flat",
        k,
        () =>
          `The noise is multiplied by ${
            Number(noise.value.toPrecision(5))
          }; the step size of step ${k} is ${Number(formula.value.toPrecision(5))}`,
      );
    }
    return null;
  },
});

/**
 * Whether the noise is the draw times a factor: twice the draw gives twice the noise. What bends
 * or mixes the draws is left to noise/own-draw.
 */
async function isFactor(
  observer: Observer,
  c: FactorCase,
  noise: readonly Measured[],
): Promise<boolean> {
  const flat = flatProblem(c);
  if (flat.noise.kind !== "tape") return false;
  const draws = flat.noise.draws.map((draw, k) => k === 0 ? draw : [[2 * draw[0]![0]!]]);
  const doubled: Problem = { ...flat, noise: { kind: "tape", draws } };
  const points = pathPoints(doubled, await observer.run(doubled));
  if (points === null) return true;
  return noise.every(({ value, tolerance }, k) => {
    if (k === 0) return true;
    const weight = draws[k]![0]![0]! * observer.facts.noiseSign;
    const twice = (points[k]![0]![0]! - points[k + 1]![0]![0]!) / weight;
    return Math.abs(twice - value) <= 4 * tolerance;
  });
}

function scheduleVerdict(
  clause: "schedule/constant" | "schedule/polynomial",
): ClauseCheck<FactorCase>["judge"] {
  return async (observer, c) => {
    const factors = await measure(observer, c);
    if (factors === null) return null;
    const follows = (steps: readonly Measured[]) =>
      steps.every((s, k) => alike(s, factors.formula[k]!));
    // The same factor on every step is no fault of the schedule.
    const proportional = (steps: readonly Measured[]) => {
      const factor = steps[0]!.value / factors.formula[0]!.value;
      return steps.every((s, k) => {
        const wanted = factor * factors.formula[k]!.value;
        const slack = s.tolerance + Math.abs(factor) * factors.formula[k]!.tolerance +
          steps[0]!.tolerance * factors.formula[k]!.value / factors.formula[0]!.value;
        return Math.abs(s.value - wanted) <= slack;
      });
    };
    const { drift, noise } = factors;
    if (follows(drift) || (noise && follows(noise))) return null;
    const shared = noise !== null && noise.every((n, k) => alike(n, drift[k]!));
    if (!shared && (proportional(drift) || (noise && proportional(noise)))) return null;
    const step = drift.findIndex((d, k) => !alike(d, factors.formula[k]!));
    return report(
      clause,
      observer,
      factors,
      "sloped",
      step,
      () =>
        `The step size of step ${step} is ${Number(drift[step]!.value.toPrecision(7))} instead of ${
          Number(factors.formula[step]!.value.toPrecision(7))
        }`,
    );
  };
}

// A final step size equal to the initial one gives a constant step size.
const scheduleConstant = check<FactorCase>({
  clause: "schedule/constant",
  cases: () => cases(constant, 5),
  judge: scheduleVerdict("schedule/constant"),
});

// The step size starts at init and falls (or rises) polynomially to final, which step N-1 uses.
const schedulePolynomial = check<FactorCase>({
  clause: "schedule/polynomial",
  cases: () => cases(varying, 9),
  edges: () => [
    {
      slope: 1,
      draw: 1,
      start: 0,
      steps: 5,
      schedule: { kind: "polynomial", init: 0.25, final: 1 / 64, power: 3 },
    },
    {
      slope: 0.5,
      draw: 0.25,
      start: 0,
      steps: 9,
      schedule: { kind: "polynomial", init: 1 / 64, final: 0.25, power: 2 },
    },
  ],
  weight: 1.5,
  judge: scheduleVerdict("schedule/polynomial"),
});

/** Checks of the factors of drift and noise and of the polynomial schedule. */
export const factorChecks: readonly ClauseCheck<never>[] = [
  descends,
  half,
  noiseStepSize,
  scheduleConstant,
  schedulePolynomial,
] as unknown as ClauseCheck<never>[];

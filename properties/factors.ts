/**
 * What multiplies the gradient and what multiplies the noise, measured step by step.
 *
 * One chain runs down a linear energy without noise, another runs over a flat energy with the same
 * draw at every step; nothing clips in either. The first gives the step size that the drift has,
 * the second the step size that the noise has: what each multiplies by is turned into a step size by
 * the rule's own formulas, so that both can be compared with it and with each other. Three clauses meet here (half the gradient, noise
 * times the step size, the schedule), and the two measurements tell which of them is broken: a
 * factor that both share belongs to the schedule, a factor that only one has belongs to that one.
 *
 * @module
 */

import * as fc from "fast-check";
import { stepSizeErrorOf } from "../spec/oracle.ts";
import type { Problem, Rows, Schedule } from "../spec/problem.ts";
import type { Rule } from "../spec/rule.ts";
import { isAt } from "../spec/readings.ts";
import { problemFor, ruleFor, stepSizesOf } from "../spec/rule_parts.ts";
import { powerOf, type StepFactors, stepFactors } from "../spec/rule_slopes.ts";
import { same } from "../spec/trajectory.ts";
import {
  calmProblem,
  constantSchedule,
  constantTape,
  flatEnergy,
  fraction,
  orSimply,
  signed,
} from "./arbitraries.ts";
import type { ClauseObserver } from "./clause.ts";
import { onlyStep, predictionsOf } from "./compare.ts";
import type { Finding } from "./finding.ts";
import { type Observer, pathOn } from "./observer.ts";

/** One row, one axis: a slope for the drift, a draw for the noise. */
export interface FactorCase {
  /** Down the slope without noise. */
  readonly problem: Problem;
  /** Over a flat energy with noise, the same draw at every step. */
  readonly flat: Problem;
  readonly slope: number;
  readonly draw: number;
}

/** What a case is made from. */
export interface FactorGiven {
  readonly steps: number;
  readonly schedule: Schedule;
  readonly slope: number;
  readonly draw: number;
  readonly start: number;
}

/** The two problems of a case. */
export function factorCase({ steps, schedule, slope, draw, start }: FactorGiven): FactorCase {
  return {
    problem: calmProblem({ energy: [slope], steps, schedule, initial: [[start]] }),
    flat: calmProblem({ energy: flatEnergy, steps, schedule, initial: [[start]], draws: draw }),
    slope,
    draw,
  };
}

/** The same case with step sizes that are so many times as large. */
export function withStepSizes(given: FactorCase, times: number): FactorCase {
  const other = (problem: Problem): Problem => {
    const { settings } = problem, { schedule } = settings, init = times * schedule.init;
    const scaled: Schedule = schedule.kind === "polynomial"
      ? { ...schedule, init, final: times * schedule.final }
      : { ...schedule, init };
    const { stepSizes: _, ...rest } = settings;
    return { ...problem, settings: { ...rest, schedule: scaled } };
  };
  const { problem, flat } = given;
  return caseUnder(ruleFor(problem), { ...given, problem: other(problem), flat: other(flat) });
}

/** The same case with its first step size in every step. */
export function withFirstStepSize(given: FactorCase): FactorCase {
  const { slope, draw, problem } = given, { initial, settings: { schedule, steps } } = problem;
  const [[start]] = initial as [[number]];
  const constant = constantSchedule(schedule.init);
  return caseUnder(ruleFor(problem), factorCase({ steps, schedule: constant, slope, draw, start }));
}

/** A case as it is for samplers of a rule. */
export function caseUnder(rule: Rule, given: FactorCase): FactorCase {
  const { problem, flat } = given;
  return { ...given, problem: problemFor({ rule }, problem), flat: problemFor({ rule }, flat) };
}

/** Chains of 3 steps or more, and now and then of the fewest that show anything. */
export function factorCases(
  schedule: fc.Arbitrary<Schedule>,
  mostSteps: number,
  fewestSteps: 2 | 3 = 2,
): fc.Arbitrary<FactorCase> {
  return fc.record({
    steps: orSimply<number>(fewestSteps, fc.integer({ min: 3, max: mostSteps })),
    schedule,
    // So small that no chain leaves [-1, 1].
    slope: signed(0.125, 0.5, 8),
    draw: fraction(0.125, 0.25, 8),
    start: fraction(-0.125, 0.125),
  }).map(factorCase);
}

/** Constant step sizes. */
export const constantSchedules = fraction(1 / 16, 0.25, 16).map(constantSchedule);

/** Polynomial schedules; one that is constant is the simplest. */
export const polynomialSchedules: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constant("polynomial" as const),
  power: fc.constantFrom(1, 2, 3, 0.5),
  init: fraction(1 / 16, 0.25, 32),
  final: fraction(1 / 256, 0.25, 256),
});

/** Constant or polynomial step sizes. */
export const anySchedules = fc.oneof(
  { withCrossShrink: true },
  constantSchedules,
  polynomialSchedules,
);

/** A step size as it was measured. */
export interface Measured {
  readonly value: number;
  readonly tolerance: number;
  /** What gradient or draw is multiplied by, and what the rule multiplies it by. */
  readonly multiple?: { readonly found: number; readonly wanted: number };
}

/** The step sizes that a target has. */
export interface Factors {
  readonly slopedPoints: readonly Rows[];
  readonly flatPoints: readonly Rows[] | null;
  /** From the drift. */
  readonly drift: readonly Measured[];
  /** From the noise, if the target takes a tape. */
  readonly noise: readonly Measured[] | null;
  /** What the closed form says. */
  readonly formula: readonly Measured[];
}

/** Which factors are measured, and in which steps. */
export interface FactorsWanted {
  /** Both by default. */
  readonly parts?: "drift and noise" | "drift";
  /**
   * Whether the last step is looked at, too, which takes a result that is the last point; by default
   * it is only where there is no other.
   */
  readonly last?: boolean;
}

/** Measures the factors of drift and noise; `null` where a path is unknown. */
export async function measureFactors(
  observer: Observer,
  { problem, flat, slope, draw }: FactorCase,
  { parts = "drift and noise", last = false }: FactorsWanted = {},
): Promise<Factors | null> {
  const slopedPoints = await pathOn(observer, problem);
  if (slopedPoints === null) return null;
  const noisy = parts !== "drift" && !observer.facts.unsupported.has("noise-tape");
  const flatPoints = noisy ? await pathOn(observer, flat) : null;
  if (noisy && flatPoints === null) return null;
  const { steps } = problem.settings;
  const sizes = stepSizesOf(problem);
  const looked = last ? steps : Math.max(1, steps - 1);
  observer.compared(looked * (noisy ? 2 : 1));
  return {
    slopedPoints,
    flatPoints,
    drift: measured(observer, problem, "drift", slopedPoints.slice(0, looked + 1), slope),
    noise: flatPoints &&
      measured(
        observer,
        flat,
        "noise",
        flatPoints.slice(0, looked + 1),
        draw * observer.facts.noiseSign,
      ),
    formula: Array.from({ length: looked }, (_, k) => ({
      value: sizes[k]!,
      tolerance: stepSizeErrorOf(problem, k),
    })),
  };
}

function measured(
  observer: Observer,
  problem: Problem,
  part: keyof StepFactors,
  points: readonly Rows[],
  weight: number,
): Measured[] {
  const rule = ruleFor(problem), sizes = stepSizesOf(problem);
  const { own, steps: N } = problem.settings;
  return points.slice(0, -1).map((point, k) => {
    const given = { sigma: 1, T: 1, N, k, ...own };
    const { tolerance } = predictionsOf(observer, problem, k, point)[0]![0]!;
    const moved = point[0]![0]! - points[k + 1]![0]![0]!;
    // A step size of 0 multiplies by nothing, so it's measured as any other would be.
    const size = sizes[k]! || 1, factor = stepFactors(rule, size, given)[part];
    const wanted = sizes[k] === 0 ? stepFactors(rule, 0, given)[part] : factor;
    const power = powerOf(rule, part, size, given), multiple = { found: moved / weight, wanted };
    if (power === 1) {
      const perStep = factor / size * weight;
      return { value: moved / perStep, tolerance: tolerance / Math.abs(perStep), multiple };
    }
    // The step size that the rule's own formulas need for such a movement.
    const sizeFor = (movement: number) => {
      const ratio = movement / (factor * weight);
      return size * Math.sign(ratio) * Math.abs(ratio) ** (power === 0 ? 1 : 1 / power);
    };
    const value = sizeFor(moved);
    const ends = [moved - tolerance, moved + tolerance].map(sizeFor);
    return {
      value,
      tolerance: Math.max(...ends.map((end) => Math.abs(end - value))),
      multiple,
    };
  });
}

/**
 * Whether noise that a sampler draws by itself has the step size that its drift shows rather than
 * the one that it should have. So many rows are run that the size of the noise tells the two apart.
 */
export async function ownNoiseGoesAlong(
  observer: Observer,
  { flat }: FactorCase,
  drift: Measured,
  formula: Measured,
): Promise<boolean> {
  const apart = Math.abs(Math.log(Math.abs(drift.value / formula.value)));
  const rows = Math.round(Math.min(Math.max(36 / apart ** 2, 256), 4096));
  const many: Problem = {
    ...flat,
    groups: 1,
    samples: rows,
    observations: flat.observations.slice(0, 1),
    initial: Array.from({ length: rows }, () => flat.initial[0]!),
    noise: { kind: "own" },
  };
  const points = await pathOn(observer, many);
  if (points === null) return false;
  const square = points[0]!.reduce((sum, [a], r) => sum + (a! - points[1]![r]![0]!) ** 2, 0) / rows;
  const start = flat.initial[0]![0]!, moved = [[start - Math.sqrt(square)]];
  const [noise] = measured(observer, flat, "noise", [[[start]], moved], 1);
  const off = (other: Measured) => Math.abs(Math.log(noise!.value / Math.abs(other.value)));
  // Noise of a third size goes along with neither.
  return off(drift) < 0.4 * apart;
}

/**
 * Whether a chain over a flat energy rests without noise, where it starts and wherever its noise has
 * led it; if not, something else than noise moves it, and it tells nothing of the noise.
 */
export async function restsWithoutNoise(
  observer: Observer,
  problem: Problem,
  reached: readonly Rows[],
): Promise<boolean> {
  const { settings, initial, axes } = problem;
  const draws = constantTape(0, settings.steps, initial.length, axes);
  const silences: readonly Partial<Problem>[] = [
    { noise: { kind: "tape", draws } },
    { settings: { ...settings, noiseScale: 0 } },
  ];
  const rests = async (silence: Partial<Problem>, from: Rows) => {
    const points = await pathOn(observer, { ...problem, ...silence, initial: from });
    return points?.every((point) => isAt(point, from, problem)) ?? false;
  };
  const starts = [initial, ...reached.filter((from) => !same(from, initial)).slice(-1)];
  for (const silence of silences) {
    const all: boolean[] = [];
    for (const from of starts) all.push(await rests(silence, from));
    if (all.every(Boolean)) return true;
  }
  return false;
}

/** Whether two measurements agree. */
export function alike(a: Measured, b: Measured): boolean {
  return Math.abs(a.value - b.value) <= a.tolerance + b.tolerance;
}

/** A measurement without its sign. */
export function size(of: Measured): Measured {
  return { ...of, value: Math.abs(of.value) };
}

/** A finding about a step down the slope. */
export function slopedStep(
  observer: ClauseObserver,
  { problem }: FactorCase,
  { slopedPoints }: Factors,
  step: number,
  message: string,
): Finding {
  return onlyStep(observer, problem, slopedPoints, step, message);
}

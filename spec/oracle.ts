/**
 * What one step must give, from the point where a sampler really was.
 *
 * Predictions are *teacher-forced*: step k is computed from the observed point x_k, so errors do
 * not add up along a chain and the first wrong step is the first step that is reported. The
 * tolerance covers float32 arithmetic in any order of evaluation, and nothing else.
 *
 * @module
 */

import { compileRule, slots } from "./compiled_rule.ts";
import { energy as compileEnergy } from "./energy.ts";
import { norm } from "./numerics/norm.ts";
import { featureCount, observationOf, type Problem, type Rows } from "./problem.ts";
import type { NetworkReturns } from "./sampler.ts";
import { officialRule, stepSizes, type Terms, termsOf } from "./rule.ts";
import {
  exponentialStepSizeError,
  float32Unit,
  polynomialStepSizeError,
  stepTolerance,
} from "./tolerance.ts";

export { agrees } from "./numerics/floats.ts";

/** What one coordinate's step must give. */
export interface Prediction {
  readonly terms: Terms;
  /** Largest distance from `terms.result` that float32 arithmetic explains. */
  readonly tolerance: number;
}

/** A number and how far float32 arithmetic may be from it. */
export interface Toleranced {
  readonly value: number;
  readonly tolerance: number;
}

/** The sign with which a sampler adds its draws: both give the same law. */
export type NoiseSign = 1 | -1;

/** Choices that a prediction leaves to the caller. */
export interface PredictionOptions {
  /** 1 by default. */
  readonly noiseSign?: NoiseSign;
  /** Step sizes instead of the closed form. */
  readonly stepSizes?: readonly number[];
  /** Unit roundoff of the target; float32 by default. */
  readonly unit?: number;
}

/**
 * The step k of every row and axis, from the points where the sampler was.
 *
 * @param problem with a noise tape, or with noise scale 0
 * @param k step index, from 0
 * @param points x_k, rows × axes
 * @returns rows × axes predictions
 */
export function predictStep(
  problem: Problem,
  k: number,
  points: Rows,
  options: PredictionOptions = {},
): Prediction[][] {
  const { settings } = problem;
  const unit = options.unit ?? float32Unit;
  const sign = options.noiseSign ?? 1;
  const stepSize = (options.stepSizes ?? stepSizes(settings.schedule, settings.steps))[k]!;
  const stepSizeError = stepSizeErrorOf(problem, k, unit);
  const draws = problem.noise.kind === "tape" ? problem.noise.draws[k]! : undefined;
  const formula = compileRule(officialRule), clips = settings.gradClip !== null;
  const given = {
    gamma: settings.gradClip ?? 0,
    sigma: settings.noiseScale,
    eta: stepSize,
    c: settings.deltaClip,
  };
  const axes = settings.bounds.max.map((hi, i) =>
    slots({ ...given, lo: settings.bounds.min[i]!, hi }, officialRule)
  );
  return points.map((point, row) => {
    const gradients = gradientAt(problem, row, point, unit);
    return point.map((action, axis) => {
      const draw = draws ? sign * draws[row]![axis]! : 0;
      const gradient = gradients[axis]!, s = axes[axis]!;
      s.a = action;
      s.g = gradient.value;
      s.xi = draw;
      const terms = termsOf(formula, s, clips);
      const tolerance = stepTolerance({
        action,
        next: terms.result,
        limit: terms.limit,
        stepSize,
        stepSizeError,
        gradient: terms.clippedGradient,
        gradientError: gradient.tolerance,
        noiseScale: settings.noiseScale,
        noise: draw,
        unit,
      });
      return { terms, tolerance };
    });
  });
}

/** How far float32 arithmetic may be from η_k. */
export function stepSizeErrorOf(problem: Problem, step: number, unit = float32Unit): number {
  const { schedule, steps } = problem.settings;
  return schedule.kind === "polynomial"
    ? polynomialStepSizeError({ ...schedule, step, steps, unit })
    : exponentialStepSizeError({ ...schedule, step, unit });
}

/**
 * ∂E/∂a of one row, or that of exp(-E), negated, when the settings ask for it.
 *
 * @param point axes
 * @returns one gradient per axis, with what float32 and automatic differentiation may differ
 */
export function gradientAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  unit = float32Unit,
): Toleranced[] {
  const compiled = compileEnergy(problem.energy, problem.axes, featureCount(problem));
  const observation = observationOf(problem, row);
  const gradient = compiled.gradientBounded(point, observation, unit);
  if (!problem.settings.applyExp) {
    return gradient.map(({ value, error }) => ({ value, tolerance: error }));
  }
  const energy = compiled.valueBounded(point, observation, unit);
  const { gradientOfExp } = compileRule(officialRule);
  const weight = Math.exp(-energy.value);
  return gradient.map(({ value, error }) => ({
    value: gradientOfExp(slots({ E: energy.value, g: value }, officialRule)),
    tolerance: weight * (error + Math.abs(value) * (energy.error + 6 * unit)),
  }));
}

/** The network's output for one row, as the official code reports it. */
export function outputAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  returns: NetworkReturns,
  unit = float32Unit,
): Toleranced {
  const compiled = compileEnergy(problem.energy, problem.axes, featureCount(problem));
  const { value, error } = compiled.valueBounded(point, observationOf(problem, row), unit);
  if (problem.settings.applyExp) {
    const weight = Math.exp(-value);
    return { value: weight, tolerance: weight * (error + 6 * unit) };
  }
  return {
    value: returns === "energy" ? value : -value,
    tolerance: error + unit * Math.abs(value),
  };
}

/** The energy of one row in float64. */
export function energyAt(problem: Problem, row: number, point: readonly number[]): number {
  return compileEnergy(problem.energy, problem.axes, featureCount(problem))
    .value(point, observationOf(problem, row));
}

/** The norm of the unclipped gradient of one row, in the order that the settings ask for. */
export function gradNormAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  unit = float32Unit,
): Toleranced {
  const { gradNorm } = problem.settings;
  if (gradNorm === null) return { value: 0, tolerance: 0 };
  const gradient = gradientAt(problem, row, point, unit);
  const value = norm(gradient.map((g) => g.value), gradNorm);
  const slack = gradient.reduce((sum, g) => sum + g.tolerance, 0);
  return { value, tolerance: slack + (gradient.length + 3) * unit * value };
}

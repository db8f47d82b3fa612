/**
 * The exact law of one step under any rule: a normal law clipped to an interval.
 *
 * A step δ that is a multiple of the draw plus something else has, before it is clipped, the mean of
 * that something and the deviation of that multiple. So the law follows from the rule's formulas.
 *
 * @module
 */

import { compileRule, slots, symbolsOfSettings } from "./compiled_rule.ts";
import { type OneStepLaw, stepInterval } from "./laws.ts";
import type { Problem } from "./problem.ts";
import { partsOf, ruleFor, stepSizesOf } from "./rule_parts.ts";
import { slopesOf } from "./rule_slopes.ts";

/** The law of one coordinate, and how a wrong drift would move it. */
export interface CoordinateLaw extends OneStepLaw {
  /** The drift in deviations of the noise: of the official rule ½g̃/σ. */
  readonly lean: number;
  /** The limit of the delta clip; Infinity for none. */
  readonly limit: number;
}

/** The laws of a row's coordinates, from its point and g̃, the gradient that enters the step. */
export type RowLaws = (
  point: readonly number[],
  gradient: readonly number[],
) => readonly CoordinateLaw[];

/** The laws of step k of a problem. */
export function lawsOfStep(problem: Problem, k: number): RowLaws {
  const { settings } = problem, { min, max } = settings.bounds;
  const rule = ruleFor(problem),
    walled = partsOf(rule).has("box"),
    formula = compileRule(rule),
    slopes = slopesOf(rule);
  const eta = stepSizesOf(problem)[k]!;
  const given = { ...symbolsOfSettings(settings), eta, k, N: settings.steps };
  const axes = max.map((hi, i) => slots({ ...given, lo: min[i]!, hi }, rule));
  return (point, gradient) =>
    point.map((action, i): CoordinateLaw => {
      const s = axes[i]!, lower = walled ? min[i]! : -Infinity, upper = walled ? max[i]! : Infinity;
      s.a = action;
      s.g = s.gt = gradient[i]!;
      s.drift = formula.drift(s);
      s.xi = 0;
      s.noise = formula.noise(s);
      const limit = formula.limit(s);
      const ofDrift = slopes.drift(s), ofNoise = slopes.noise(s), draw = slopes.draw(s);
      const interval = stepInterval({ action, limit, lower, upper });
      return {
        mean: action - formula.step(s),
        deviation: Math.abs(ofNoise * draw),
        ...interval,
        limit,
        lean: ofDrift === ofNoise ? s.drift / draw : ofDrift * s.drift / (ofNoise * draw),
      };
    });
}

/** The factors of the draws in all steps, for a noise scale of 1. */
export function noiseFactors(problem: Problem): readonly number[] {
  const rule = ruleFor(problem), slopes = slopesOf(rule), { own, steps } = problem.settings;
  const s = slots({ sigma: 1, T: 1, N: steps, ...own }, rule);
  return stepSizesOf(problem).map((eta, k) => {
    s.eta = eta;
    s.k = k;
    return Math.abs(slopes.noise(s) * slopes.draw(s));
  });
}

/** What a chain with a constant step size settles at on the energy ½h(a - m)². */
export interface Stationary {
  /** The variance about m: Infinity where nothing settles. */
  readonly variance: number;
  /** The same in variances of the law exp(-E), 1/h: the temperature. */
  readonly temperature: number;
}

/**
 * The stationary law of a linear rule on a quadratic energy without clips: a step multiplies a - m by
 * `1 - dh` and adds a normal draw times n, so the variance is `n² / (1 - (1 - dh)²)`.
 *
 * @param factors d, of the gradient, and n, of the draw
 * @param curvature h
 */
export function stationaryLaw(
  { drift, noise }: { readonly drift: number; readonly noise: number },
  curvature: number,
): Stationary {
  const kept = 1 - drift * curvature;
  const variance = Math.abs(kept) < 1 ? noise ** 2 / (1 - kept ** 2) : Infinity;
  return { variance, temperature: curvature * variance };
}

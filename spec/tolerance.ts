/**
 * How far a correct implementation may be from the exact rule because of rounding.
 *
 * `u` is the unit roundoff of the target's floats: one operation has a relative error of at most u.
 * Every clip is 1-Lipschitz, so a clip decision that rounding flips cannot enlarge an error; the
 * bounds below need no case for it.
 *
 * @module
 */

import { officialRule, type Rule } from "./rule.ts";
import { compileRule, slots } from "./compiled_rule.ts";
import { smallestNormal } from "./numerics/floats.ts";

export { float32Unit, ulps } from "./numerics/floats.ts";

/** One coordinate of one step, with exact values. */
export interface StepToleranceInput {
  /** a, from which both the target and the exact rule start. */
  readonly action: number;
  /** a' by the exact rule. */
  readonly next: number;
  /** The limit of the delta clip in units of the axis; Infinity for none. */
  readonly limit: number;
  /** δ, the exact step before the delta clip. */
  readonly step: number;
  /** How far δ may be off, see {@link stepError}. */
  readonly stepError: number;
  /** g̃, the exact gradient, clipped if there is a grad clip. */
  readonly gradient: number;
  /** u */
  readonly unit: number;
}

/**
 * How far a' may be from the exact rule, on one coordinate, in any reasonable order of evaluation:
 * `u (|a| + |a'|) + 4uc + e`, with e of {@link stepError}.
 *
 * - `u (|a| + |a'|)`: a - δ is rounded; or the chain is kept in more than float32 and the network is
 *   asked in float32, so that both points are seen rounded;
 * - `4uc`: the limit is a product of rounded numbers;
 *
 * where `4uc` and `e` count only as far as they can act: e not for a step that is beyond the limit by
 * more than e (the limit decides), 4uc not for a step that stays short of the limit by more than e,
 * and e never for more than 2c, the most that two clipped steps differ. A gradient that is not finite
 * leaves `u (|a| + |a'|) + 4uc`.
 */
export function stepTolerance(input: StepToleranceInput): number {
  const { action, next, gradient, limit, unit, step, stepError: error } = input;
  const rounding = unit * (Math.abs(action) + Math.abs(next));
  const limitError = 4 * unit * limit;
  if (!Number.isFinite(gradient)) return rounding + (limit === Infinity ? 0 : limitError);
  if (limit === Infinity) return rounding + error;
  // An error that is NaN is unknown; all that is known then is that both steps are clipped.
  if (Number.isNaN(error)) return rounding + limitError + 2 * limit;
  const excess = Math.abs(step) - limit;
  return rounding + Math.min(limitError, Math.max(0, excess + error + limitError)) +
    Math.min(error, Math.max(0, error - excess), 2 * limit);
}

/**
 * Coordinates of its own in which a sampler keeps its actions, as far as they round: 2(a - lo)/(hi - lo)
 * - 1, a - lo, or what the mean and the deviation of its data make of actions.
 */
export interface OwnCoordinates {
  /** Roundings as large as those of the bounds, in units of u; 0 for none. */
  readonly ofBounds: number;
  /** Roundings that are the same in every box, in action units: those of numbers of its own. */
  readonly ofOwn: number;
}

/** Roundings of the step on its way to coordinates of its own: the factor, and the quotient by it. */
export const roundingsOfCoordinates = 4;

/** An axis on which actions are kept in coordinates of a sampler's own. */
export interface CoordinatesErrorInput {
  readonly coordinates: OwnCoordinates;
  /** a, from which the step starts. */
  readonly action: number;
  readonly lower: number;
  readonly upper: number;
  /** u */
  readonly unit: number;
}

/**
 * How far a step may be off beside {@linkcode stepTolerance} in coordinates of a sampler's own:
 * `nu · max(|lo|, |hi|, |a|) + m`, with n and m of {@linkcode OwnCoordinates}.
 *
 * The chain is rounded there, and both ends of a step are seen mapped back: what is rounded is as large
 * as the bounds, however small the actions are.
 */
export function coordinatesError(input: CoordinatesErrorInput): number {
  const { coordinates, action, lower, upper, unit } = input;
  const size = Math.max(Math.abs(lower), Math.abs(upper), Math.abs(action));
  return coordinates.ofBounds * unit * size + coordinates.ofOwn;
}

/** What the step before the delta clip is made of, with exact values. */
export interface StepErrorInput {
  /** The drift and ∂δ/∂drift; of the official rule ½g̃ and η. */
  readonly drift: number;
  readonly driftFactor: number;
  /** The noise and ∂δ/∂noise; of the official rule σξ and η. */
  readonly noise: number;
  readonly noiseFactor: number;
  /** ∂drift/∂g̃; of the official rule ½. */
  readonly gradientFactor: number;
  /** How far the target's gradient may be from the exact one; it depends on the energy. */
  readonly gradientError: number;
  /** ∂δ/∂η; of the official rule ½g̃ + σξ. */
  readonly stepSizeSlope: number;
  /** |Δη|, how far the target's step size may be from η. */
  readonly stepSizeError: number;
  /** Roundings on the way to δ; of the official rule 3. */
  readonly roundings: number;
  /** u */
  readonly unit: number;
}

/**
 * How far the step before the delta clip may be off. With the official rule, `δ = η(½g̃ + σξ)`,
 * `e = ½η · gradientError + 3uη(½|g̃| + σ|ξ|) + |Δη| · |½g̃ + σξ| + tiny`:
 *
 * - `½η · gradientError`: the gradient's own error, through the drift;
 * - `3uη(½|g̃| + σ|ξ|)`: σξ, the sum and the product with η are rounded; or ½η, ησ and their products,
 *   when the sum is distributed, where drift and noise may cancel;
 * - `|Δη| · |½g̃ + σξ|`: the step size's own error;
 * - `tiny`: four times the smallest normal float, because below it roundings are absolute and many
 *   frameworks flush to 0.
 *
 * Of another rule the factors are its derivatives, and the roundings those of its formulas.
 */
export function stepError(input: StepErrorInput): number {
  const { drift, noise, roundings, unit } = input;
  const size = Math.abs(input.driftFactor), ofNoise = Math.abs(input.noiseFactor);
  const rounded = size === ofNoise
    ? roundings * unit * size * (Math.abs(drift) + Math.abs(noise))
    : roundings * unit * (size * Math.abs(drift) + ofNoise * Math.abs(noise));
  return Math.abs(input.gradientFactor) * size * input.gradientError +
    rounded +
    // The root of a step size of 0 has no finite slope there.
    (input.stepSizeError === 0 ? 0 : input.stepSizeError * Math.abs(input.stepSizeSlope)) +
    4 * smallestNormal(unit);
}

/** A step size of the polynomial schedule. */
export interface PolynomialStepSizeInput {
  /** η_0 */
  readonly init: number;
  /** η_{N-1} */
  readonly final: number;
  /** p */
  readonly power: number;
  /** k, from 0 */
  readonly step: number;
  /** N */
  readonly steps: number;
  /** u */
  readonly unit: number;
  /** Whose schedule it is; the official one by default. */
  readonly rule?: Rule;
  /** η_k, if it is known. */
  readonly stepSize?: number | undefined;
}

/**
 * |Δη_k| of `(init - final) x^p + final`, x = 1 - t, t = k/(N - 1), evaluated in rounded arithmetic:
 * `u (|init - final| x^p (p(t/x + 2) + 4) + 2|η_k|)`.
 *
 * x inherits the rounding of t, relative error u(t/x + 1) and a rounding of its own, and the power
 * multiplies it by p; the power function, the difference, the product and the sum make up the rest.
 * At x = 0 only the last roundings are left, 2u|η|. η_0 is the argument itself in the
 * official code; a port that evaluates the formula there too rounds a difference and a sum,
 * `u (|init - final| + 2|init|)`.
 */
export function polynomialStepSizeError(input: PolynomialStepSizeInput): number {
  const { init, final, power, step, steps, unit, rule = officialRule } = input;
  if (step === 0) return unit * (Math.abs(init - final) + 2 * Math.abs(init));
  const t = step / (steps - 1);
  if (t >= 1) return 2 * unit * Math.max(Math.abs(final), power === 0 ? Math.abs(init) : 0);
  const x = (steps - 1 - step) / (steps - 1);
  const fall = Math.abs(init - final) * x ** power;
  const stepSize = input.stepSize ?? compileRule(rule).polynomial(
    slots({ init, final, power, k: step, N: steps }, rule),
  );
  return unit * (fall * (Math.abs(power) * (t / x + 2) + 4) + 2 * Math.abs(stepSize));
}

/** A step size of the exponential schedule. */
export interface ExponentialStepSizeInput {
  /** η_0 */
  readonly init: number;
  /** The factor from one step to the next. */
  readonly decay: number;
  /** k, from 0 */
  readonly step: number;
  /** u */
  readonly unit: number;
}

/**
 * |Δη_k| of `init · decay^k` in rounded arithmetic: `(2k + 4) u |init · decay^k|`, and `u |init|` for
 * k = 0.
 *
 * The decay is rounded once, which the power multiplies by k; repeated multiplication rounds k
 * times; init is rounded once. The other three units are for a power function with a final
 * multiplication in the place of the k products. Second-order terms stay below one unit up to
 * k = 2000 in float32.
 */
export function exponentialStepSizeError(input: ExponentialStepSizeInput): number {
  const { init, decay, step, unit } = input;
  if (step === 0) return unit * Math.abs(init);
  const stepSize = compileRule(officialRule).exponential(
    slots({ init, decay, k: step }, officialRule),
  );
  return (2 * step + 4) * unit * Math.abs(stepSize);
}

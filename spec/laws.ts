/**
 * Exact laws of the update rule: one step, expected energies, constant step sizes, whole chains.
 *
 * Symbols. a the action of one row on one axis; g the gradient of the energy there, g̃ the gradient
 * that enters the step (clipped, if there is a grad clip); η the step size; σ the noise scale; ξ a
 * standard normal draw; c the limit of the delta clip in units of the axis, that is
 * `deltaClip · ½ · (upper - lower)`; [lower, upper] the box. The rule is
 *
 *     a' = clip(a - clip(η(½g̃ + σξ), -c, c), lower, upper)
 *
 * Given a, every coordinate of a' is independent of the others, whatever the energy, because the
 * gradient is then a number.
 *
 * @module
 */

import {
  lowerTail,
  lowerTailIntegrals,
  quantile,
  type TailIntegrals,
  upperQuantile,
  upperTail,
} from "./numerics/normal.ts";

/** An interval of actions on one axis. */
export interface Interval {
  /** The lower end. */
  readonly lower: number;
  /** The upper end. */
  readonly upper: number;
}

/** Where one step may lead on one axis. */
export interface StepIntervalInput extends Interval {
  /** a; may lie outside the box. */
  readonly action: number;
  /** c >= 0, in units of the axis; Infinity for no delta clip. */
  readonly limit: number;
}

/**
 * The points that one step can reach: `[clip(a - c), clip(a + c)]`, clipped to the box.
 *
 * Both clips of the rule together are one clip of the unclipped step to this interval,
 * `clip(a - clip(δ, -c, c), lower, upper) = clip(a - δ, Lo, Up)`, because a composition of monotone
 * clamps is a clamp to the composed ends. Rounding is monotone, so it holds in floats as well.
 *
 * @param input lower <= upper
 */
export function stepInterval({ action, limit, lower, upper }: StepIntervalInput): Interval {
  return {
    lower: clip(action - limit, lower, upper),
    upper: clip(action + limit, lower, upper),
  };
}

function clip(x: number, lower: number, upper: number): number {
  return Math.min(Math.max(x, lower), upper);
}

/** What the law of one step depends on. */
export interface OneStepInput extends StepIntervalInput {
  /** g̃, already clipped if there is a grad clip. */
  readonly gradient: number;
  /** η */
  readonly stepSize: number;
  /** σ */
  readonly noiseScale: number;
}

/** The law of one coordinate after one step: a normal law clipped to an interval. */
export interface OneStepLaw extends Interval {
  /** μ = a - ½ηg̃, the mean before clipping. */
  readonly mean: number;
  /** s = |ησ|, the deviation before clipping; 0 makes the law a point. */
  readonly deviation: number;
}

/**
 * The law of a' given a: `clip(N(a - ½ηg̃, (ησ)²), Lo, Up)`, with Lo and Up of {@link stepInterval}.
 *
 * An infinite gradient makes the law a point at one end; a NaN gradient gives a law of NaN.
 */
export function oneStepLaw(input: OneStepInput): OneStepLaw {
  return {
    mean: input.action - 0.5 * input.stepSize * input.gradient,
    deviation: Math.abs(input.stepSize * input.noiseScale),
    ...stepInterval(input),
  };
}

/** The probability of arriving exactly at the lower end, `Φ((Lo - μ)/s)`. */
export function atomLower(law: OneStepLaw): number {
  return law.lower === law.upper ? 1 : normalBelow(law, law.lower);
}

/** The probability of arriving exactly at the upper end, `Φ((μ - Up)/s)`. */
export function atomUpper(law: OneStepLaw): number {
  return law.lower === law.upper ? 1 : normalAbove(law, law.upper);
}

function normalBelow({ mean, deviation }: OneStepLaw, x: number): number {
  if (deviation === 0) return mean <= x ? 1 : 0;
  return lowerTail((x - mean) / deviation);
}

function normalAbove({ mean, deviation }: OneStepLaw, x: number): number {
  if (deviation === 0) return mean >= x ? 1 : 0;
  return upperTail((x - mean) / deviation);
}

/** Moments of a position. */
export interface Moments {
  /** E[a'] */
  readonly mean: number;
  /** E[a'²] */
  readonly second: number;
  /** E[(a' - E[a'])²] */
  readonly variance: number;
}

/**
 * Moments of a'.
 *
 * They are summed around the reachable point r nearest to μ: with X the unclipped normal,
 * `E[(r - a')⁺] = ∫ P(X < x) dx` over [Lo, r] and `E[((r - a')⁺)²] = ∫ 2(r - x) P(X < x) dx`, likewise
 * above r with P(X > x). No large terms cancel, however far μ lies outside and however narrow the
 * interval is. If μ is NaN, so are the moments.
 */
export function moments(law: OneStepLaw): Moments {
  const reference = clip(law.mean, law.lower, law.upper);
  const { below, above } = partialMoments(law, reference);
  const shift = above.first - below.first;
  const mean = reference + shift;
  const variance = Math.max(0, below.second + above.second - shift * shift);
  return { mean, second: mean * mean + variance, variance };
}

/** Moments of the displacement D = a - a', which is positive downhill where g > 0. */
export interface DisplacementMoments {
  /** E[D] */
  readonly m1: number;
  /** E[D²] */
  readonly m2: number;
}

/**
 * The first two moments of the displacement `D = a - a'`, summed around a as in {@link moments}, so
 * that a small displacement of a large action keeps its digits.
 *
 * @param law the law of a'
 * @param action a; may lie outside the interval
 */
export function displacementMoments(law: OneStepLaw, action: number): DisplacementMoments {
  const reference = clip(action, law.lower, law.upper);
  const offset = action - reference;
  const { below, above } = partialMoments(law, reference);
  const inside = below.first - above.first;
  return {
    m1: offset + inside,
    m2: offset * offset + 2 * offset * inside + below.second + above.second,
  };
}

/** E[(r - a')⁺], E[((r - a')⁺)²] and the same of (a' - r)⁺, for r in the interval. */
function partialMoments(
  law: OneStepLaw,
  reference: number,
): { readonly below: TailIntegrals; readonly above: TailIntegrals } {
  const { mean, deviation, lower, upper } = law;
  if (Number.isNaN(mean) || Number.isNaN(deviation)) {
    const unknown = { first: NaN, second: NaN };
    return { below: unknown, above: unknown };
  }
  return {
    below: tailMoments(reference - mean, reference - lower, deviation),
    above: tailMoments(mean - reference, upper - reference, deviation),
  };
}

/** Moments of min((distance - sξ)⁺, room). */
function tailMoments(distance: number, room: number, deviation: number): TailIntegrals {
  if (!Number.isFinite(1 / deviation)) {
    const sure = clip(distance, 0, room);
    return { first: sure, second: sure * sure };
  }
  const { first, second } = lowerTailIntegrals(distance / deviation, room / deviation);
  return { first: deviation * first, second: 2 * deviation * deviation * second };
}

/** What an observed coordinate says about the noise behind it. */
export type RandomisedTransform =
  /** No noise leads there. */
  | { readonly kind: "outside" }
  /**
   * At an end of the interval (`atom`) or inside it (`interior`). Over all steps, rows and axes,
   * the values of `uniform` are independent and uniform on (0, 1), those of `normal` are
   * independent standard normal draws.
   */
  | { readonly kind: "atom" | "interior"; readonly uniform: number; readonly normal: number };

/**
 * The randomised probability integral transform of an observed coordinate (Dunn and Smyth,
 * Randomized quantile residuals, 1996).
 *
 * Inside the interval `uniform = Φ((x - μ)/s)` and `normal = (x - μ)/s`, which is the recovered
 * noise up to its sign. At an end, which has positive probability, `uniform` is spread over that
 * probability by v. The ends are widened by `tolerance`, so that rounding at an end does not matter;
 * this only merges neighbouring outcomes and leaves the law uniform. An interval that is no wider
 * than both widenings is one atom, and then `uniform` is v.
 *
 * @param law deviation > 0
 * @param x the observed a'
 * @param tolerance width of rounding, at least 0, in units of the axis
 * @param v a uniform draw in (0, 1) of the checker's own generator; 0 counts as 2^-53
 * @throws {RangeError} if the deviation is not positive
 */
export function randomisedTransform(
  law: OneStepLaw,
  x: number,
  tolerance: number,
  v: number,
): RandomisedTransform {
  const { mean, deviation, lower, upper } = law;
  if (!(deviation > 0)) {
    throw new RangeError(
      `Cannot transform an action without noise: deviation is ${deviation}, want more than 0`,
    );
  }
  if (!(x >= lower - tolerance && x <= upper + tolerance)) return { kind: "outside" };
  const share = Math.max(v, 2 ** -53);
  if (upper - lower <= 2 * tolerance) {
    return { kind: "atom", uniform: share, normal: quantile(share) };
  }
  if (x <= lower + tolerance) {
    const uniform = share * lowerTail((lower + tolerance - mean) / deviation);
    return { kind: "atom", uniform, normal: quantile(atLeastSmallest(uniform)) };
  }
  if (x >= upper - tolerance) {
    const rest = (1 - share) * upperTail((upper - tolerance - mean) / deviation);
    return { kind: "atom", uniform: 1 - rest, normal: upperQuantile(atLeastSmallest(rest)) };
  }
  const normal = (x - mean) / deviation;
  return { kind: "interior", uniform: lowerTail(normal), normal };
}

/** Keeps the quantile of an underflown probability finite. */
function atLeastSmallest(p: number): number {
  return Math.max(p, Number.MIN_VALUE);
}

/** One row before a step; every array has one entry per axis. */
export interface EnergyChangeInput {
  /** The law of a' on every axis. */
  readonly laws: readonly OneStepLaw[];
  /** a */
  readonly actions: readonly number[];
  /** g, the gradient of the energy at a, not clipped. */
  readonly gradients: readonly number[];
}

/** A row whose energy is separable and quadratic. */
export interface QuadraticChangeInput extends EnergyChangeInput {
  /** h_i, the second derivative of the energy on every axis; 0 for a linear energy. */
  readonly curvatures: readonly number[];
}

/**
 * E[E(a')] - E(a), exactly, for the energy `Σ (b_i a_i + ½h_i (a_i - m_i)²)` with all clips on:
 * `Σ (-g_i E[D_i] + ½h_i E[D_i²])`, the expansion of the energy around a. With curvatures 0 it is
 * that of a linear energy.
 */
export function expectedEnergyChange(input: QuadraticChangeInput): number {
  let change = 0;
  input.laws.forEach((law, i) => {
    const { m1, m2 } = displacementMoments(law, input.actions[i]!);
    change += 0.5 * input.curvatures[i]! * m2 - input.gradients[i]! * m1;
  });
  return change;
}

/**
 * The least by which the energy falls in one step without noise: `(2/η - L/2)|a - a'|²`.
 *
 * It holds for every energy of smoothness L, convex or not, with all clips on, from an action in the
 * box. Every clip keeps the sign of a coordinate's displacement D and shrinks it, so
 * `g_i D_i >= (2/η) D_i²`; and `E(a') <= E(a) - g·D + (L/2)|D|²`. For η <= 4/L the energy therefore
 * never rises, and beyond 4/L it does rise on a quadratic.
 *
 * @param stepSize η > 0
 * @param smoothness L >= 0
 * @param displacementSquared |a - a'|², summed over axes
 * @returns a decrease; negative (no claim) for η > 4/L
 */
export function sureDescentDecrease(
  stepSize: number,
  smoothness: number,
  displacementSquared: number,
): number {
  return (2 / stepSize - smoothness / 2) * displacementSquared;
}

/**
 * The temperature, h times the variance, at which a constant step size settles on `½h(a - m)²` without
 * clips: `ησ² / (1 - ηh/4)`, from the fixed point of `v = (1 - ηh/2)² v + η²σ²`. It falls to 0 with the step
 * size: the rule with a constant step size samples about exp(-E/(ησ²)), not exp(-E).
 *
 * @returns Infinity for ηh >= 4
 */
export function stationaryTemperature(
  stepSize: number,
  curvature: number,
  noiseScale: number,
): number {
  const room = 1 - stepSize * curvature / 4;
  return room > 0 ? stepSize * noiseScale ** 2 / room : Infinity;
}

/**
 * The temperature of textbook ULA, `a - εg + √(2ε)ξ`, on a quadratic: `1 / (1 - εh/2)`.
 *
 * @returns Infinity for εh >= 2
 */
export function textbookTemperature(stepSize: number, curvature: number): number {
  const room = 1 - stepSize * curvature / 2;
  return room > 0 ? 1 / room : Infinity;
}

/**
 * The temperature of the other common form, `a - ½ε²g + εξ`, on a quadratic: `1 / (1 - ε²h/4)`.
 *
 * @returns Infinity for ε²h >= 4
 */
export function squaredStepTemperature(stepSize: number, curvature: number): number {
  const room = 1 - stepSize ** 2 * curvature / 4;
  return room > 0 ? 1 / room : Infinity;
}

/** A normal law. */
export interface NormalLaw {
  /** The expectation. */
  readonly mean: number;
  /** The squared deviation. */
  readonly variance: number;
}

/** A chain on one axis of a quadratic energy where no clip acts. */
export interface QuadraticChainInput {
  /** η_0 … η_{N-1} */
  readonly stepSizes: readonly number[];
  /** h */
  readonly curvature: number;
  /** m */
  readonly centre: number;
  /** a_0 */
  readonly start: number;
  /** σ */
  readonly noiseScale: number;
}

/**
 * The law of a_N on the energy `½h(a - m)²` where no clip acts. A step multiplies a - m by
 * `ρ_k = 1 - η_k h/2` and adds noise, hence the mean `m + Π ρ_k (a_0 - m)` and the variance
 * `σ² Σ_k η_k² Π_{j>k} ρ_j²`.
 */
export function quadraticChainLaw(input: QuadraticChainInput): NormalLaw {
  let factor = 1, sum = 0;
  for (const stepSize of input.stepSizes) {
    const rho = 1 - stepSize * input.curvature / 2;
    factor *= rho;
    sum = rho * rho * sum + stepSize * stepSize;
  }
  return {
    mean: input.centre + factor * (input.start - input.centre),
    variance: input.noiseScale ** 2 * sum,
  };
}

/**
 * Hoeffding's radius: the mean of `samples` independent values, each within an interval of length
 * `range`, is farther from its expectation than `range · √(ln(2/level) / (2 · samples))` with
 * probability at most `level` (both sides together).
 */
export function hoeffdingRadius(range: number, samples: number, level: number): number {
  return range * Math.sqrt(Math.log(2 / level) / (2 * samples));
}

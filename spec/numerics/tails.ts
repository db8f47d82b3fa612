/**
 * Tails of the laws that statistical checks compare with: chi-square, binomial, and the largest
 * distance between an empirical and a true distribution function.
 *
 * Every tail is computed as a tail, from terms of one sign, so that small probabilities keep their
 * relative accuracy (better than 1e-10 as far down as 1e-300). The leading factor of each tail is
 * the density in Loader's saddle-point form (C. Loader, Fast and accurate computation of binomial
 * probabilities, 2000): Stirling's series for what is smooth, and `a·h(x/a)` with
 * `h(r) = r - 1 - log r` for what is steep, instead of differences of large logarithms.
 *
 * @module
 */

import { upperQuantile } from "./normal.ts";

/** Number of terms after which a sum or fraction is given up; far beyond what any of them needs. */
const mostTerms = 1_000_000;

/** `log Γ(a + 1) - ((a + ½) log a - a + ½ log 2π)`, the error of Stirling's formula, for a > 0. */
function stirlingError(a: number): number {
  // S(a) = S(a + 1) + (a + ½) log(1 + 1/a) - 1, from Γ(a + 2) = (a + 1) Γ(a + 1).
  if (a < 16) return stirlingError(a + 1) + (a + 0.5) * Math.log1p(1 / a) - 1;
  const w = 1 / (a * a);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * 691 /
                      360360))))) / a;
}

/** `x - a - a log(x/a)` up to its sign: `a · (r - 1 - log r)` with r = x/a; 0 at x = a. */
function deviance(a: number, x: number): number {
  const t = (x - a) / a;
  if (Math.abs(t) > 0.1) return x - a - a * Math.log(x / a);
  // t - log(1 + t) = 2Σ over the odd powers of v = t/(2 + t), rearranged: t v - 2v³(1/3 + v²/5 + …)
  const v = t / (2 + t), v2 = v * v;
  let sum = 0, power = 1;
  for (let n = 3; power > 1e-18; n += 2, power *= v2) sum += power / n;
  return a * (t * v - 2 * v * v2 * sum);
}

/** `x^a e^-x / Γ(a + 1)`. */
function gammaFactor(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** The regularised lower incomplete gamma function by its series; for x < a + 1. */
function gammaSeries(a: number, x: number): number {
  let term = 1, sum = 1;
  for (let n = 1; n < mostTerms && term > sum * 1e-17; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return gammaFactor(a, x) * sum;
}

/** The regularised upper incomplete gamma function by its continued fraction; for x >= a + 1. */
function gammaFraction(a: number, x: number): number {
  // Lentz's method on 1/(x + 1 - a - 1(1 - a)/(x + 3 - a - 2(2 - a)/(x + 5 - a - …
  let b = x + 1 - a, c = Infinity, d = 1 / b, product = d;
  for (let n = 1; n < mostTerms; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    product *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return gammaFactor(a, x) * a * product;
}

/**
 * P(χ² <= x).
 *
 * @param x NaN gives NaN
 * @param freedom degrees of freedom, more than 0
 */
export function chiSquareLower(x: number, freedom: number): number {
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const a = freedom / 2;
  return x / 2 < a + 1 ? gammaSeries(a, x / 2) : 1 - gammaFraction(a, x / 2);
}

/**
 * P(χ² > x).
 *
 * @param x NaN gives NaN
 * @param freedom degrees of freedom, more than 0
 */
export function chiSquareUpper(x: number, freedom: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const a = freedom / 2;
  return x / 2 < a + 1 ? 1 - gammaSeries(a, x / 2) : gammaFraction(a, x / 2);
}

/**
 * The x with P(χ² <= x) = p.
 *
 * @param p a probability; 0 and 1 give 0 and Infinity, anything outside [0, 1] gives NaN
 * @param freedom degrees of freedom, more than 0
 */
export function chiSquareQuantile(p: number, freedom: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p > 0.5) return chiSquareUpperQuantile(1 - p, freedom);
  if (p === 0) return 0;
  return solve((x) => Math.log(chiSquareLower(x, freedom)) - Math.log(p), p, freedom, "lower");
}

/**
 * The x with P(χ² > x) = q, accurate for small q where 1 - q would lose its digits.
 *
 * @param q a probability; 0 and 1 give Infinity and 0, anything outside [0, 1] gives NaN
 * @param freedom degrees of freedom, more than 0
 */
export function chiSquareUpperQuantile(q: number, freedom: number): number {
  if (!(q >= 0 && q <= 1)) return NaN;
  if (q > 0.5) return chiSquareQuantile(1 - q, freedom);
  if (q === 0) return Infinity;
  return solve((x) => Math.log(q) - Math.log(chiSquareUpper(x, freedom)), q, freedom, "upper");
}

/** The zero of an increasing function: Newton on the logarithm of a tail, held in a bracket. */
function solve(
  miss: (x: number) => number,
  tail: number,
  freedom: number,
  side: "lower" | "upper",
): number {
  // Wilson and Hilferty: the cube root of χ² is nearly normal.
  const z = upperQuantile(tail) * (side === "upper" ? 1 : -1), spread = 2 / (9 * freedom);
  const cube = 1 - spread + z * Math.sqrt(spread);
  const a = freedom / 2;
  // Where the cube is of no use, far down: P(χ² <= x) is nearly (x/2)^a / Γ(a + 1).
  let x = cube > 0.3
    ? freedom * cube ** 3
    : freedom * Math.exp(-1 + (Math.log(tail * Math.sqrt(2 * Math.PI * a)) + stirlingError(a)) / a);
  let low = 0, high = Infinity;
  for (let i = 0; i < 200; i++) {
    const value = miss(x);
    if (value === 0) return x;
    if (value < 0) low = x;
    else high = x;
    const probability = side === "lower" ? chiSquareLower(x, freedom) : chiSquareUpper(x, freedom);
    const slope = gammaFactor(a, x / 2) * a / x / probability;
    let next = x - value / slope;
    if (!(next > low && next < high)) next = high === Infinity ? 2 * x : (low + high) / 2;
    if (Math.abs(next - x) <= 2e-16 * x) return next;
    x = next;
  }
  return x;
}

/**
 * P(K = k) of the binomial law.
 *
 * @param k successes
 * @param trials n
 * @param chance of one success, between 0 and 1
 */
export function binomialPoint(k: number, trials: number, chance: number): number {
  if (k < 0 || k > trials) return 0;
  if (k === 0) return Math.exp(trials * Math.log1p(-chance));
  if (k === trials) return Math.exp(trials * Math.log(chance));
  const failures = trials - k;
  const exponent = stirlingError(trials) - stirlingError(k) - stirlingError(failures) -
    deviance(k, trials * chance) - deviance(failures, trials * (1 - chance));
  return Math.exp(exponent) * Math.sqrt(trials / (2 * Math.PI * k * failures));
}

/**
 * P(K >= k) of the binomial law: the regularised incomplete beta function I_chance(k, n - k + 1).
 *
 * @param k successes
 * @param trials n
 * @param chance of one success, strictly between 0 and 1
 */
export function binomialUpper(k: number, trials: number, chance: number): number {
  if (k <= 0) return 1;
  if (k > trials) return 0;
  if (k <= trials * chance) return 1 - binomialLower(k - 1, trials, chance);
  // Each term is less than the one before by a factor that falls: a sum of one sign.
  const odds = chance / (1 - chance);
  let sum = 1, term = 1;
  for (let j = k; j < trials && term > sum * 1e-17; j++) {
    term *= (trials - j) / (j + 1) * odds;
    sum += term;
  }
  return binomialPoint(k, trials, chance) * sum;
}

/**
 * P(K <= k) of the binomial law.
 *
 * @param k successes
 * @param trials n
 * @param chance of one success, strictly between 0 and 1
 */
export function binomialLower(k: number, trials: number, chance: number): number {
  if (k < 0) return 0;
  if (k >= trials) return 1;
  if (k > trials * chance) return 1 - binomialUpper(k + 1, trials, chance);
  const odds = (1 - chance) / chance;
  let sum = 1, term = 1;
  for (let j = k; j > 0 && term > sum * 1e-17; j--) {
    term *= j / (trials - j + 1) * odds;
    sum += term;
  }
  return binomialPoint(k, trials, chance) * sum;
}

/**
 * A bound of P(sup |F_n - F| >= distance) that holds for every sample size and every continuous F:
 * `2 exp(-2 n distance²)` (P. Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz
 * inequality, 1990). It is within a few per cent of the exact probability where that is small and n
 * is some hundreds, so the exact one (a matrix power that grows with n · distance) is not computed.
 *
 * @param distance sup |F_n - F|
 * @param count n
 */
export function kolmogorovBound(distance: number, count: number): number {
  return Math.min(1, 2 * Math.exp(-2 * count * distance * distance));
}

/** Twice the smaller of two tails, at most 1: exact or conservative for a law with these tails. */
export function twoSided(lower: number, upper: number): number {
  return Math.min(1, 2 * Math.min(lower, upper));
}

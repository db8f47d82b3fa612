/**
 * What the tests of the battery can see: the power of a single two-sided test at a level, from the
 * exact law of its statistic under the defect.
 *
 * The figures are those of one look at the data. Further stages only add to them.
 *
 * @module
 */

import { quantile, upperQuantile, upperTail } from "../spec/normal.ts";
import {
  binomialLower,
  binomialUpper,
  chiSquareLower,
  chiSquareQuantile,
  chiSquareUpper,
  chiSquareUpperQuantile,
} from "../spec/tails.ts";

/** The power that the smallest visible effects are given for. */
export const usualPower = 0.99;

/**
 * The power of the variance test against noise of another deviation: its statistic is then
 * `deviation²` times a chi-square variable.
 *
 * @param deviation of the recovered noise; 1 gives the level
 * @param count draws, or groups for a sharing test
 * @param level two-sided
 */
export function scalePower(deviation: number, count: number, level: number): number {
  const squared = deviation * deviation;
  return chiSquareLower(chiSquareQuantile(level / 2, count) / squared, count) +
    chiSquareUpper(chiSquareUpperQuantile(level / 2, count) / squared, count);
}

/** The power of the mean test against a shift. */
export function shiftPower(shift: number, count: number, level: number): number {
  const edge = upperQuantile(level / 2), away = Math.abs(shift) * Math.sqrt(count);
  return upperTail(edge - away) + upperTail(edge + away);
}

/** The power of a counting test: the chance of one hit is `chance` instead of `expected`. */
export function sharePower(
  chance: number,
  expected: number,
  count: number,
  level: number,
): number {
  const upper = leastWith((k) => binomialUpper(k, count, expected) <= level / 2, count + 1);
  const lower = leastWith((k) => binomialLower(k, count, expected) > level / 2, count + 1) - 1;
  if (chance <= 0) return lower >= 0 ? 1 : 0;
  return binomialUpper(upper, count, chance) + binomialLower(lower, count, chance);
}

/**
 * The deviation of the sums of a sharing test when the draws of a group are correlated: that of
 * `size` correlated draws over that of independent ones.
 */
export function sharedDeviation(correlation: number, size: number): number {
  return Math.sqrt(Math.max(0, 1 + correlation * (size - 1)));
}

/** The least count at which a test has the power; at most 2^30. */
export function leastCount(powerAt: (count: number) => number, power: number = usualPower): number {
  let high = 1;
  while (high < 2 ** 30 && powerAt(high) < power) high *= 2;
  const low = Math.floor(high / 2);
  return low + leastWith((k) => powerAt(low + k) >= power, high - low);
}

/** The least k below or at `most` that has a property which all larger ones have as well. */
function leastWith(holds: (k: number) => boolean, most: number): number {
  let low = -1, high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The effect at which an increasing power reaches a value, by bisection between no effect and
 * `most`; `null` if even `most` is not enough.
 */
export function smallestEffect(
  powerAt: (effect: number) => number,
  most: number,
  power: number = usualPower,
): number | null {
  if (!(powerAt(most) >= power)) return null;
  let low = 0, high = most;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (powerAt(middle) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/** A shape of noise that is no normal one, by what the counting tests see of it. */
export interface Shape {
  readonly name: string;
  /** P(|z| > 2) */
  readonly tails: number;
  /** P(|z| < ½) */
  readonly middle: number;
}

const student = (t: number) => {
  const angle = Math.atan(t / Math.sqrt(5)), cosine = Math.cos(angle);
  return (2 / Math.PI) * (angle + Math.sin(angle) * cosine * (1 + 2 / 3 * cosine * cosine));
};
const beyondTwo = 2 * upperTail(2), withinHalf = 1 - 2 * upperTail(0.5);

/** Chances of the standard normal law: beyond ±2, and within ±½. */
export const normalShape: Shape = { name: "normal", tails: beyondTwo, middle: withinHalf };

/** Shapes of noise with deviation 1 (the truncated one a little less) that people have drawn. */
export const shapes: readonly Shape[] = [
  { name: "uniform", tails: 0, middle: 0.5 / Math.sqrt(3) },
  { name: "truncated at ±2", tails: 0, middle: withinHalf / (1 - beyondTwo) },
  { name: "random signs", tails: 0, middle: 0 },
  {
    name: "Laplace",
    tails: Math.exp(-2 * Math.SQRT2),
    middle: 1 - Math.exp(-0.5 * Math.SQRT2),
  },
  {
    name: "Student, 5 degrees of freedom",
    tails: 1 - student(2 * Math.sqrt(5 / 3)),
    middle: student(0.5 * Math.sqrt(5 / 3)),
  },
  {
    name: "logistic",
    tails: 1 - Math.tanh(Math.PI / Math.sqrt(3)),
    middle: Math.tanh(0.25 * Math.PI / Math.sqrt(3)),
  },
];

/** The least number of draws at which one of the counting tests sees a shape. */
export function drawsForShape(shape: Shape, level: number, power: number = usualPower): {
  readonly test: "tails" | "middle";
  readonly count: number;
} {
  // The power of a counting test is not quite monotone in the count; steps of 1 % are enough.
  const counts = (["tails", "middle"] as const).map((test) => ({
    test,
    count: leastCount(
      (count) => sharePower(shape[test], normalShape[test], count, level),
      power,
    ),
  }));
  return counts[0]!.count <= counts[1]!.count ? counts[0]! : counts[1]!;
}

/** The same for a shift, in closed form. */
export function drawsForShift(shift: number, level: number, power: number = usualPower): number {
  return Math.ceil(((upperQuantile(level / 2) + quantile(power)) / shift) ** 2);
}

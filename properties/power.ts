/**
 * What the tests of the battery can see: the power of a single two-sided test at a level, from the
 * exact law of its statistic under the defect.
 *
 * The figures are those of one look at the data. Further stages only add to them.
 *
 * @module
 */

import { studentTail } from "../spec/numerics/student.ts";
import { quantile, upperQuantile, upperTail } from "../spec/numerics/normal.ts";
import {
  binomialLower,
  binomialUpper,
  chiSquareLower,
  chiSquareQuantile,
  chiSquareUpper,
  chiSquareUpperQuantile,
} from "../spec/numerics/tails.ts";
import type { NoiseTest } from "./battery.ts";

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
  const squared = deviation * deviation, { low, high } = varianceEdges(count, level);
  return chiSquareLower(low / squared, count) + chiSquareUpper(high / squared, count);
}

/** Edges of the variance test. */
interface Edges {
  readonly count: number;
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

// Whoever looks for the smallest effect asks again and again for the same edges.
let lastEdges: Edges | undefined;

function varianceEdges(count: number, level: number): Edges {
  if (lastEdges?.count === count && lastEdges.level === level) return lastEdges;
  const low = chiSquareQuantile(level / 2, count);
  const high = chiSquareUpperQuantile(level / 2, count);
  return lastEdges = { count, level, low, high };
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
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (powerAt(middle) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/** A shape of noise that is no normal one, by what the counting tests see of it. */
export interface Shape {
  /** What it is called. */
  readonly name: string;
  /** P(|z| > 2) */
  readonly tails: number;
  /** P(|z| < ½) */
  readonly middle: number;
}

/** P(|T| < t) */
const student = (t: number) => studentTail(t) - studentTail(-t);
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

/** One line of a table of power. */
export interface PowerLine {
  /** What is wrong, in words. */
  readonly effect: string;
  /** The factor, shift or correlation; `null` for a law of another shape. */
  readonly size: number | null;
  /** The test that sees it. */
  readonly test: NoiseTest;
  /** Draws with which the test has the power {@linkcode usualPower}. */
  readonly drawsNeeded: number;
  /** The power of the test with the given draws. */
  readonly power: number;
}

/** What the tests see of common effects, exactly. */
export function powerTable(
  given: { readonly draws: number; readonly level: number },
): readonly PowerLine[] {
  const { draws, level } = given;
  const scales = [0.5, 0.8, 0.9, 0.95, 0.98, 1.02, 1.05, 1.1, 1.25, Math.SQRT2, 2];
  const slopes = [0.25, 0.5, 1, 2, 4];
  const shared = [[1, 2], [1, 4], [1, 16], [1, 256], [0.5, 2], [0.5, 16], [0.1, 2], [0.1, 4], [
    0.1,
    16,
  ]] as const;
  return [
    ...scales.map((size): PowerLine => ({
      effect: `noise scaled by ${Number(size.toPrecision(4))}`,
      size,
      test: "variance",
      drawsNeeded: leastCount((count) => scalePower(size, count, level)),
      power: scalePower(size, draws, level),
    })),
    ...slopes.map((slope): PowerLine => ({
      effect: `one half missing, gradient ${slope} times the noise scale`,
      size: slope / 2,
      test: "mean",
      drawsNeeded: drawsForShift(slope / 2, level),
      power: shiftPower(slope / 2, draws, level),
    })),
    ...shapes.map((shape): PowerLine => {
      const { test, count } = drawsForShape(shape, level);
      return {
        effect: `law: ${shape.name}`,
        size: null,
        test,
        drawsNeeded: count,
        power: sharePower(shape[test], normalShape[test], draws, level),
      };
    }),
    ...shared.map(([correlation, size]): PowerLine => {
      const deviation = sharedDeviation(correlation, size);
      return {
        effect: correlation === 1
          ? `one draw shared by ${size}`
          : `correlation ${correlation} within groups of ${size}`,
        size: correlation,
        test: "rows",
        drawsNeeded: size * leastCount((groups) => scalePower(deviation, groups, level)),
        power: scalePower(deviation, Math.max(1, Math.floor(draws / size)), level),
      };
    }),
  ];
}

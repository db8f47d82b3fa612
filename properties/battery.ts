/**
 * Tests of recovered noise: is it a table of independent standard normal draws?
 *
 * Every p-value is exact, or conservative, at every sample size; none rests on a limit theorem. The
 * tests that look for the same defect in several places (per step, per axis) are corrected for
 * their number inside.
 *
 * @module
 */

import { lowerTail, upperQuantile, upperTail } from "../spec/numerics/normal.ts";
import {
  binomialLower,
  binomialUpper,
  chiSquareLower,
  chiSquareUpper,
  kolmogorovBound,
  twoSided,
} from "../spec/numerics/tails.ts";
import type { StepTable } from "./recovered_noise.ts";

/** What each test looks at, in a sentence for reports. */
export const noiseTests = {
  "mean": "The noise has mean 0",
  "variance": "The noise has standard deviation 1",
  "sign": "Half of the draws are positive",
  "tails": "4.55 % of the draws are beyond ±2",
  "middle": "38.3 % of the draws are within ±½",
  "largest": "The largest draw is as large as the largest of so many normal draws",
  "distribution": "The distribution function of the draws is the normal one",
  "mean of a step": "The noise of every step has mean 0",
  "variance of a step": "The noise of every step has standard deviation 1",
  "mean of an axis": "The noise of every axis has mean 0",
  "variance of an axis": "The noise of every axis has standard deviation 1",
  "rows": "The draws of different rows are independent",
  "axes": "The draws of different axes are independent",
  "steps": "The draws of different steps are independent",
  "next step": "The draws of a step are independent of those of the step before",
  "next row": "The draws of a row are independent of those of the row before",
  "diagonal": "The draws of a row are independent of those of its neighbours in the step before",
  "nearby": "The draws of a coordinate are independent of those a few steps, rows or axes away",
  "halves": "The draws of the second half of the rows are independent of those of the first",
  "samples": "The draws of the samples of one observation are independent",
  "groups": "The draws of the same sample of different observations are independent",
  "calls": "The draws of a second call are independent of those of the first",
  "drift": "The noise does not lean along the gradient",
} as const;

/** The name of a test. */
export type NoiseTest = keyof typeof noiseTests;

/** Every test, in the order of {@linkcode noiseTests}. */
export const allNoiseTests: readonly NoiseTest[] = Object.keys(noiseTests) as NoiseTest[];

/** The outcome of one test. */
export interface TestResult {
  /** Its name. */
  readonly test: NoiseTest;
  /** P(so far from what is expected, or farther), at most. */
  readonly pValue: number;
  /** What was measured, in the words of the test: a mean, a deviation, a share, a ratio. */
  readonly found: number;
  /** What is expected of it. */
  readonly expected: number;
  /** The standard error of what was measured, if the noise is right. */
  readonly spread: number;
  /** The step or axis that stands out, for tests that look at each of them. */
  readonly place?: number;
}

/** What the battery may use beside the noise. */
export interface BatteryOptions {
  /** Rows per observation; without it groups and samples are not told apart. */
  readonly samples?: number;
  /** ½g̃/σ of the same coordinates, for the test `drift`. */
  readonly drift?: StepTable;
  /** The noise of a second call, for the test `calls`. */
  readonly second?: StepTable;
  /** Only these tests; by default all for which there is enough to look at. */
  readonly tests?: readonly NoiseTest[];
}

/**
 * Runs the tests on a table of noise.
 *
 * @param noise steps × rows × axes, complete
 * @returns one result per test that applies to this shape; a number that is not finite fails every
 *   test
 */
export function battery(noise: StepTable, options: BatteryOptions = {}): TestResult[] {
  const data = new Data(noise);
  const wanted = options.tests ?? allNoiseTests;
  const results: TestResult[] = [];
  for (const test of allNoiseTests) {
    if (!wanted.includes(test)) continue;
    const result = data.finite
      ? runs[test](data, options)
      : { pValue: 0, found: NaN, expected: 0, spread: 0 };
    if (result !== null) results.push({ test, ...result });
  }
  return results;
}

/**
 * One p-value for several tests: their number times the smallest, at most 1 (Bonferroni), and the
 * test that gave it.
 */
export function combined(
  results: readonly TestResult[],
): { readonly pValue: number; readonly strongest: TestResult | null } {
  let strongest: TestResult | null = null;
  for (const result of results) {
    if (strongest === null || result.pValue < strongest.pValue) strongest = result;
  }
  return {
    pValue: strongest === null ? 1 : Math.min(1, results.length * strongest.pValue),
    strongest,
  };
}

/** A table of noise, flat: step, then row, then axis. */
class Data {
  readonly steps: number;
  readonly rows: number;
  readonly axes: number;
  readonly values: Float64Array;
  readonly finite: boolean;

  constructor(noise: StepTable) {
    this.steps = noise.length;
    this.rows = noise[0]?.length ?? 0;
    this.axes = noise[0]?.[0]?.length ?? 0;
    this.values = new Float64Array(this.steps * this.rows * this.axes);
    let at = 0;
    for (const rows of noise) for (const row of rows) for (const z of row) this.values[at++] = z;
    this.finite = this.values.every(Number.isFinite);
  }

  get count(): number {
    return this.values.length;
  }

  sum(): number {
    return this.values.reduce((sum, z) => sum + z, 0);
  }

  squares(): number {
    return this.values.reduce((sum, z) => sum + z * z, 0);
  }

  where(holds: (z: number) => boolean): number {
    let count = 0;
    for (const z of this.values) if (holds(z)) count++;
    return count;
  }
}

type Outcome = Omit<TestResult, "test">;
type Run = (data: Data, options: BatteryOptions) => Outcome | null;

const runs: Readonly<Record<NoiseTest, Run>> = {
  "mean": (data) => meanOutcome(data.sum(), data.count),
  "variance": (data) => varianceOutcome(data.squares(), data.count),
  "sign": (data) => shareOutcome(data.where((z) => z > 0), data.count, 0.5),
  "tails": (data) => shareOutcome(data.where((z) => Math.abs(z) > 2), data.count, 2 * upperTail(2)),
  "middle": (data) =>
    shareOutcome(data.where((z) => Math.abs(z) < 0.5), data.count, 1 - 2 * upperTail(0.5)),
  "largest": (data) => {
    let largest = 0;
    for (const z of data.values) largest = Math.max(largest, Math.abs(z));
    const beyond = 2 * upperTail(largest);
    // That all are smaller, in logarithms: draws that are cut off are too small at the most.
    const smaller = data.count * Math.log1p(-beyond);
    const pValue = beyond >= 1
      ? 1
      : Math.min(1, 2 * Math.min(-Math.expm1(smaller), Math.exp(smaller)));
    // The median: one of so many is beyond it as often as none.
    const usual = upperQuantile(-Math.expm1(-Math.LN2 / data.count) / 2);
    return { pValue, found: largest, expected: usual, spread: 1 / usual };
  },
  "distribution": (data) => {
    const sorted = data.values.toSorted();
    let distance = 0;
    for (let i = 0; i < sorted.length; i++) {
      const below = lowerTail(sorted[i]!);
      distance = Math.max(distance, (i + 1) / sorted.length - below, below - i / sorted.length);
    }
    const pValue = kolmogorovBound(distance, sorted.length);
    return { pValue, found: distance, expected: 0, spread: 0.5 / Math.sqrt(sorted.length) };
  },
  "mean of a step": (data) => worstOf(stepSums(data), data.rows * data.axes, meanOutcome),
  "variance of a step": (data) =>
    worstOf(stepSums(data, square), data.rows * data.axes, varianceOutcome),
  "mean of an axis": (data) => worstOf(axisSums(data), data.steps * data.rows, meanOutcome),
  "variance of an axis": (data) =>
    worstOf(axisSums(data, square), data.steps * data.rows, varianceOutcome),
  "rows": (data) => data.rows < 2 ? null : sharing(data, data.rows, (s, _, i) => s * data.axes + i),
  "axes": (data) => data.axes < 2 ? null : sharing(data, data.axes, (s, r) => s * data.rows + r),
  "steps": (data) =>
    data.steps < 2 ? null : sharing(data, data.steps, (_, r, i) => r * data.axes + i),
  "next step": (data) =>
    data.steps < 2 ? null : sharing(
      data,
      2,
      (s, r, i) => s < even(data.steps) ? ((s >> 1) * data.rows + r) * data.axes + i : -1,
    ),
  "next row": (data) =>
    data.rows < 2 ? null : sharing(
      data,
      2,
      (s, r, i) => r < even(data.rows) ? (s * (data.rows >> 1) + (r >> 1)) * data.axes + i : -1,
    ),
  "diagonal": (data) => {
    if (data.steps < 2 || data.rows < 3) return null;
    // A row of an even step with the one after it, or before it, in the next step.
    const outcomes = [1, -1].map((shift) =>
      sharing(data, 2, (s, r, i) => {
        const first = s % 2 === 0 ? r : r - shift;
        const inside = first >= 0 && first < data.rows && first + shift >= 0 &&
          first + shift < data.rows && s < even(data.steps);
        const place = shift === 1 ? first : first - 1;
        return inside ? ((s >> 1) * (data.rows - 1) + place) * data.axes + i : -1;
      })
    );
    const worst = outcomes.reduce((one, other) => other.pValue < one.pValue ? other : one);
    return { ...worst, pValue: Math.min(1, 2 * worst.pValue) };
  },
  "nearby": (data) => {
    const outcomes = lags.flatMap((lag) => lagged(data, lag) ?? []);
    if (outcomes.length === 0) return null;
    const worst = outcomes.reduce((one, other) => other.pValue < one.pValue ? other : one);
    return { ...worst, pValue: Math.min(1, outcomes.length * worst.pValue) };
  },
  "halves": (data) => {
    const half = data.rows >> 1;
    if (half < 2) return null;
    return sharing(
      data,
      2,
      (s, r, i) => r < 2 * half ? (s * half + r % half) * data.axes + i : -1,
    );
  },
  "samples": (data, { samples }) =>
    grouped(
      data,
      samples,
      samples ?? 1,
      (s, r, i) => (s * (data.rows / samples!) + Math.floor(r / samples!)) * data.axes + i,
    ),
  "groups": (data, { samples }) =>
    grouped(
      data,
      samples,
      data.rows / (samples ?? 1),
      (s, r, i) => (s * samples! + r % samples!) * data.axes + i,
    ),
  "calls": (data, { second }) => {
    if (second === undefined) return null;
    const other = new Data(second);
    if (!other.finite) return { pValue: 0, found: NaN, expected: 1, spread: 0 };
    let sum = 0;
    data.values.forEach((z, at) => sum += (z + other.values[at]!) ** 2 / 2);
    return varianceOutcome(sum, data.count);
  },
  "drift": (data, { drift }) => {
    if (drift === undefined) return null;
    const weights = new Data(drift);
    const length = Math.sqrt(weights.squares());
    if (!(length > 0) || !weights.finite) return null;
    let sum = 0;
    data.values.forEach((z, at) => sum += z * weights.values[at]!);
    // In units of ½g̃: how much of the drift is there too much.
    const score = sum / length;
    return {
      pValue: twoSided(lowerTail(score), upperTail(score)),
      found: -score / length,
      expected: 0,
      spread: 1 / length,
    };
  },
};

const square = (z: number) => z * z;
const even = (count: number) => count - count % 2;

function meanOutcome(sum: number, count: number): Outcome {
  const spread = 1 / Math.sqrt(count), score = sum * spread;
  return {
    pValue: twoSided(lowerTail(score), upperTail(score)),
    found: sum / count,
    expected: 0,
    spread,
  };
}

/** A sum of squares of so many standard normal draws; found and expected are deviations. */
function varianceOutcome(squares: number, count: number): Outcome {
  return {
    pValue: twoSided(chiSquareLower(squares, count), chiSquareUpper(squares, count)),
    found: Math.sqrt(squares / count),
    expected: 1,
    spread: 1 / Math.sqrt(2 * count),
  };
}

function shareOutcome(hits: number, count: number, chance: number): Outcome {
  return {
    pValue: twoSided(binomialLower(hits, count, chance), binomialUpper(hits, count, chance)),
    found: hits / count,
    expected: chance,
    spread: Math.sqrt(chance * (1 - chance) / count),
  };
}

/** The same test in several places, corrected for their number. */
function worstOf(
  sums: readonly number[],
  count: number,
  outcomeOf: (sum: number, count: number) => Outcome,
): Outcome | null {
  if (sums.length < 2) return null;
  let worst: Outcome | null = null;
  sums.forEach((sum, place) => {
    const outcome = outcomeOf(sum, count);
    if (worst === null || outcome.pValue < worst.pValue) worst = { ...outcome, place };
  });
  const found = worst as Outcome | null;
  return found && { ...found, pValue: Math.min(1, sums.length * found.pValue) };
}

function stepSums(data: Data, of: (z: number) => number = (z) => z): number[] {
  const size = data.rows * data.axes;
  return Array.from({ length: data.steps }, (_, s) => {
    let sum = 0;
    for (let at = s * size; at < (s + 1) * size; at++) sum += of(data.values[at]!);
    return sum;
  });
}

function axisSums(data: Data, of: (z: number) => number = (z) => z): number[] {
  const sums = new Array<number>(data.axes).fill(0);
  data.values.forEach((z, at) => {
    sums[at % data.axes]! += of(z);
  });
  return sums;
}

/**
 * The sharing test: coordinates are put into groups of one size, and `Σ (sum of a group)² / size` is
 * chi-square with one degree of freedom for each group. Draws that are shared within a group make
 * it large, draws that cancel make it small.
 */
function sharing(
  data: Data,
  size: number,
  groupOf: (step: number, row: number, axis: number) => number,
): Outcome {
  const sums = new Float64Array(Math.ceil(data.count / size));
  let at = 0, last = -1;
  for (let s = 0; s < data.steps; s++) {
    for (let r = 0; r < data.rows; r++) {
      for (let i = 0; i < data.axes; i++, at++) {
        const group = groupOf(s, r, i);
        if (group < 0) continue;
        sums[group]! += data.values[at]!;
        last = Math.max(last, group);
      }
    }
  }
  let squares = 0;
  for (const sum of sums) squares += sum * sum / size;
  return varianceOutcome(squares, last + 1);
}

/** How far away another draw is, in steps, rows and axes. */
type Lag = readonly [step: number, row: number, axis: number];

const few = [-2, -1, 0, 1, 2];

/** Along one of steps, rows and axes, and along several at once. */
const lags: readonly Lag[] = [
  ...Array.from({ length: 12 }, (_, m): Lag[] => [[m + 1, 0, 0], [0, m + 1, 0]]).flat(),
  ...[1, 2, 3].map((m): Lag => [0, 0, m]),
  ...[0, 1, 2].flatMap((s) => few.flatMap((r) => few.map((i): Lag => [s, r, i])))
    .filter(([s, r, i]) => (s > 0 || r > 0) && [s, r, i].filter((away) => away !== 0).length > 1),
];

/** The sharing test of pairs that are so far apart, each draw in one of them at the most. */
function lagged({ steps, rows, axes, values }: Data, [ds, dr, di]: Lag): Outcome | null {
  let pairs = 0, squares = 0;
  for (let s = 0; s + ds < steps; s++) {
    if (ds > 0 && Math.floor(s / ds) % 2 > 0) continue;
    for (let r = Math.max(0, -dr); r + Math.max(0, dr) < rows; r++) {
      if (ds === 0 && dr > 0 && Math.floor(r / dr) % 2 > 0) continue;
      for (let i = Math.max(0, -di); i + Math.max(0, di) < axes; i++) {
        if (ds === 0 && dr === 0 && Math.floor(i / di) % 2 > 0) continue;
        const other = ((s + ds) * rows + r + dr) * axes + i + di;
        pairs++;
        squares += (values[(s * rows + r) * axes + i]! + values[other]!) ** 2 / 2;
      }
    }
  }
  return pairs === 0 ? null : varianceOutcome(squares, pairs);
}

function grouped(
  data: Data,
  samples: number | undefined,
  size: number,
  groupOf: (step: number, row: number, axis: number) => number,
): Outcome | null {
  if (samples === undefined || samples < 2 || data.rows % samples !== 0) return null;
  return data.rows === samples ? null : sharing(data, size, groupOf);
}

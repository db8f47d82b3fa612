/**
 * Estimates with their errors, the moments of the laws that noise may have, and correlations.
 *
 * @module
 */

import { chiSquareUpper } from "../../../spec/numerics/tails.ts";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { lowerTail, quantile } from "../../../spec/numerics/normal.ts";
import type { Rows } from "../../../spec/problem.ts";
import {
  type NoiseLaw,
  noiseLaws,
  noiseOfLaw,
  type NoiseSharing,
  sharedNoise,
} from "../../defects/noise_laws.ts";

/** A number that was estimated. */
export interface Estimate {
  readonly value: number;
  /** Half of the interval that holds the true number with a probability of 95 %. */
  readonly error: number;
}

/** A number with its error, to the digits that the error leaves. */
export function shownEstimate({ value, error }: Estimate): string {
  if (!(error > 0)) return value.toFixed(3);
  const digits = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error))));
  const least = error * 10 ** digits > 30 ? digits - 1 : digits;
  return `${value.toFixed(least)} ± ${error.toFixed(least)}`;
}

/** Half the width of a 95 % interval, in standard errors. */
export const usual = 1.959964;

/**
 * How many standard errors apart two numbers must be to be taken as different. By chance alone a
 * normal number is that far away once in three million times.
 */
export const beyond = 5.1;

/** What is known of the law of a single draw. */
export interface LawMoments {
  /** Null for the standard normal law. */
  readonly law: NoiseLaw | null;
  readonly mean: number;
  /** The mean square. */
  readonly square: number;
  /** The variance of the square. */
  readonly squareVariance: number;
  /** The probability of each bin of {@linkcode edges}. */
  readonly chances: readonly number[];
  /** The largest size that a draw can have. */
  readonly most: number;
}

/** Ends of bins of equal probability for a standard normal draw, the tails apart. */
export const edges: readonly number[] = [0.001, 0.02, 0.1, 0.25, 0.4, 0.5].flatMap((p) =>
  p === 0.5 ? [0] : [quantile(p), -quantile(p)]
).sort((a, b) => a - b);

/** The bin of a draw. */
export function binOf(z: number): number {
  let bin = 0;
  while (bin < edges.length && z >= edges[bin]!) bin++;
  return bin;
}

let laws: readonly LawMoments[] | undefined;

/** The moments of the standard normal law and of all others that defects have. */
export function lawsOfNoise(): readonly LawMoments[] {
  return laws ??= [null, ...noiseLaws].map(momentsOf);
}

function momentsOf(law: NoiseLaw | null): LawMoments {
  // Means over quantiles, dense where a law has its tails.
  const count = 4000;
  let mean = 0, square = 0, fourth = 0, weights = 0, most = 0;
  const chances = Array.from({ length: edges.length + 1 }, () => 0);
  for (let j = 0; j < count; j++) {
    const z = -7 + 14 * (j + 0.5) / count;
    const weight = lowerTail(z + 7 / count) - lowerTail(z - 7 / count);
    const value = law === null ? z : noiseOfLaw(law, [[z]])[0]![0]!;
    weights += weight;
    most = Math.max(most, Math.abs(value));
    mean += weight * value;
    square += weight * value ** 2;
    fourth += weight * value ** 4;
    chances[binOf(value)]! += weight;
  }
  mean /= weights;
  square /= weights;
  return {
    law,
    mean: Math.abs(mean) < 1e-9 ? 0 : mean,
    square,
    squareVariance: Math.max(0, fourth / weights - square ** 2),
    chances: chances.map((chance) => chance / weights),
    // Laws with tails reach farther than any of their draws.
    most: most > 3 ? Infinity : most,
  };
}

/** Sums over draws. */
export interface Sums {
  count: number;
  sum: number;
  squares: number;
  fourths: number;
  bins: number[];
  /** The largest size of a draw. */
  most: number;
  /** The largest draw, and the largest with the other sign. */
  ends: readonly [up: number, down: number];
}

/** Sums over nothing. */
export function noSums(): Sums {
  const bins = Array.from({ length: edges.length + 1 }, () => 0);
  return { count: 0, sum: 0, squares: 0, fourths: 0, bins, most: 0, ends: [0, 0] };
}

/** Adds a draw. */
export function addDraw(sums: Sums, z: number): void {
  const square = z * z, [up, down] = sums.ends;
  sums.count++;
  sums.sum += z;
  sums.squares += square;
  sums.fourths += square * square;
  sums.bins[binOf(z)]!++;
  sums.most = Math.max(sums.most, Math.abs(z));
  if (!(z <= up && -z <= down)) sums.ends = [Math.max(up, z), Math.max(down, -z)];
}

/** Sums over the draws of all. */
export function added(all: readonly Sums[]): Sums {
  const total = noSums();
  for (const { count, sum, squares, fourths, bins, most, ends } of all) {
    total.ends = [Math.max(total.ends[0], ends[0]), Math.max(total.ends[1], ends[1])];
    total.most = Math.max(total.most, most);
    total.count += count;
    total.sum += sum;
    total.squares += squares;
    total.fourths += fourths;
    bins.forEach((n, bin) => total.bins[bin]! += n);
  }
  return total;
}

/** Sums of the same draws in another unit; the bins stay those of the old one. */
export function inUnits(sums: Sums, unit: number): Sums {
  const { sum, squares, fourths, most, ends: [up, down] } = sums;
  return {
    ...sums,
    sum: sum / unit,
    squares: squares / unit ** 2,
    fourths: fourths / unit ** 4,
    most: most / Math.abs(unit),
    ends: unit > 0 ? [up / unit, down / unit] : [down / -unit, up / -unit],
  };
}

/**
 * Whether a mean square may be that of a law. Squares of few draws have a long tail: that of a gamma law
 * as far as its third moment tells. Of a law with longer ones the largest draw is left out.
 */
export function isNearSquare(
  { count, squares, most }: Sums,
  square: number,
  squareVariance: number,
  slack: number,
): boolean {
  const tail = 0.7 * beyond ** 2 * Math.max(square, squareVariance / (2 * square)) / count;
  const least = beyond * Math.sqrt(squareVariance / count) + tail + slack;
  return [squares, squares - most ** 2].some((sum) => Math.abs(sum / count - square) <= least);
}

/** Whether draws may be of a law, by their mean and their mean square. */
export function hasMoments(sums: Sums, law: LawMoments): boolean {
  const { count, sum } = sums;
  if (count === 0) return true;
  const { mean, square, squareVariance } = law;
  const within = (found: number, wanted: number, variance: number, slack: number) =>
    Math.abs(found / count - wanted) <= beyond * Math.sqrt(variance / count) + slack;
  return within(sum, mean, square - mean ** 2, 2e-4) &&
    isNearSquare(sums, square, squareVariance, 2e-4);
}

/** Whether draws may be of a law, by how many of them fall into each bin. */
export function hasShape({ count, bins, most }: Sums, law: LawMoments): boolean {
  const { chances } = law;
  // So many draws of a law that ends come near to its end.
  if (law.most < Infinity && count > 500 && Math.abs(most - law.most) > 0.04 * law.most) {
    return false;
  }
  let chi = 0, freedom = -1;
  for (const [bin, chance] of chances.entries()) {
    const wanted = count * chance;
    // Bins at a jump of the law are a matter of rounding.
    if (wanted < 1e-6 * count && bins[bin]! > 0) return false;
    if (wanted < 5) continue;
    freedom++;
    chi += (bins[bin]! - wanted) ** 2 / wanted;
  }
  return freedom < 1 || chiSquareUpper(chi, freedom) > 4e-7;
}

/** The root of the mean square; its error does not take the law for granted. */
export function sizeOf(
  { count, squares, fourths }: Pick<Sums, "count" | "squares" | "fourths">,
): Estimate {
  const square = squares / count, value = Math.sqrt(square);
  const variance = Math.max(0, fourths / count - square ** 2) / count;
  return { value, error: value === 0 ? 0 : usual * Math.sqrt(variance) / (2 * value) };
}

/** Whether a number may be 1. */
export function isOne({ value, error }: Estimate): boolean {
  return Math.abs(value - 1) <= error * beyond / usual;
}

/** The mean. */
export function meanOf({ count, sum, squares }: Sums): Estimate {
  const value = sum / count;
  return { value, error: usual * Math.sqrt(Math.max(0, squares / count - value ** 2) / count) };
}

/** Which draws are compared with which. */
export const pairings = [
  "all rows",
  "samples",
  "groups",
  "halves",
  "axes",
  "next row",
  "next step",
  "first step",
  "next row before",
  "last row before",
] as const;

/** Where draws are that are compared. */
export const pairingWords: Readonly<Record<typeof pairings[number], string>> = {
  "all rows": "those of different rows",
  "samples": "those of the samples of one observation",
  "groups": "those of different observations",
  "halves": "those of the two halves of the rows",
  "axes": "those of different axes",
  "next row": "those of a row and of the one after it",
  "next step": "those of a step and of the one before",
  "first step": "those of a step and of the first",
  "next row before": "those of a row and of the row after it in the step before",
  "last row before": "those of a row and of the row before it in the step before",
};

/** Correlations of draws, with the number of pairs behind each. */
export type Correlations = Readonly<
  Record<typeof pairings[number], { readonly value: number; readonly pairs: number }>
>;

/**
 * Correlations of draws, whatever their sizes.
 *
 * @param calls calls × steps × rows × axes
 * @param samples rows per group
 */
export function correlationsOf(calls: readonly (readonly Rows[])[], samples: number): Correlations {
  const sums = new Map(pairings.map((name) => [name, { products: 0, pairs: 0 }]));
  const add = (name: typeof pairings[number], products: number, pairs: number) => {
    const sum = sums.get(name)!;
    sum.products += products;
    sum.pairs += pairs;
  };
  for (const steps of centred(calls.map((call) => call.map(columnsOf)))) {
    for (const [k, columns] of steps.entries()) {
      for (const [i, column] of columns.entries()) {
        // Where nothing moves nothing is shared.
        if (!moves(column)) continue;
        const rows = column.length, middle = Math.floor(rows / 2);
        const pairsOf = (name: typeof pairings[number], values: readonly number[]) =>
          pairsWithin(values, (products, pairs) => add(name, products, pairs));
        pairsOf("all rows", column);
        for (let g = 0; g < rows; g += samples) pairsOf("samples", column.slice(g, g + samples));
        for (let j = 0; j < samples; j++) {
          pairsOf("groups", everyOf(column, j, samples));
        }
        add("halves", dot(column.slice(0, middle), column.slice(middle)), middle);
        add("next row", dot(column.slice(0, -1), column.slice(1)), rows - 1);
        const beside = (name: typeof pairings[number], other: readonly number[]) => {
          if (moves(other)) add(name, dot(column, other), rows);
        };
        if (k > 0) beside("next step", steps[k - 1]![i]!);
        if (k > 1) beside("first step", steps[0]![i]!);
        const before = steps[k - 1]?.[i];
        if (before !== undefined && moves(before)) {
          add("next row before", dot(column.slice(0, -1), before.slice(1)), rows - 1);
          add("last row before", dot(column.slice(1), before.slice(0, -1)), rows - 1);
        }
        for (const other of columns.slice(0, i)) beside("axes", other);
      }
    }
  }
  return Object.fromEntries(
    [...sums].map(([name, { products, pairs }]) => [
      name,
      { value: pairs === 0 ? 0 : products / pairs, pairs },
    ]),
  ) as Correlations;
}

const moves = (column: readonly number[]) => column.some((value) => value !== 0);

const columnsOf = (rows: Rows): number[][] =>
  (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]!));

const everyOf = (values: readonly number[], from: number, step: number): number[] => {
  const found: number[] = [];
  for (let r = from; r < values.length; r += step) found.push(values[r]!);
  return found;
};

/** Columns of mean square 1 each, with what all have in common taken off. */
function centred(calls: readonly (readonly number[][][])[]): readonly (readonly number[][][])[] {
  const sized = calls.map((steps) =>
    steps.map((columns) =>
      columns.map((column) => {
        const size = Math.sqrt(dot(column, column) / column.length) || 1;
        return column.map((value) => value / size);
      })
    )
  );
  const all = sized.flat(2).filter(moves);
  const count = all.reduce((sum, { length }) => sum + length, 0) || 1;
  const mean = all.reduce((sum, column) => sum + column.reduce((s, v) => s + v, 0), 0) / count;
  // A mean that is there by chance, where draws are shared, is no mean of their law.
  if (Math.abs(mean) < 0.4) return sized;
  const spread = Math.sqrt(1 - mean ** 2) || 1;
  return sized.map((steps) =>
    steps.map((columns) => columns.map((column) => column.map((v) => (v - mean) / spread)))
  );
}

function pairsWithin(values: readonly number[], add: (products: number, pairs: number) => void) {
  let sum = 0, squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  add((sum * sum - squares) / 2, values.length * (values.length - 1) / 2);
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, j) => sum + value * (other[j] ?? 0), 0);
}

/**
 * Whether draws may be independent, by their correlations. Sizes are taken from the draws themselves,
 * which moves correlations by about one over the number of rows.
 */
export function areIndependent(found: Correlations): boolean {
  return !pairings.some((name) => isDependent(found[name]));
}

/** Whether a correlation is beyond chance. */
export function isDependent({ value, pairs }: Correlations[typeof pairings[number]]): boolean {
  return pairs > 0 && Math.abs(value) > beyond / Math.sqrt(pairs) + 0.005;
}

/** The shape of calls. */
export interface CallShape {
  /** Of every call. */
  readonly steps: readonly number[];
  readonly groups: number;
  readonly samples: number;
  readonly axes: number;
}

/** Correlations that are expected where draws are shared, with their spread. */
type ExpectedCorrelations = Readonly<
  Record<typeof pairings[number], { readonly mean: number; readonly spread: number }>
>;

const expectedBySharing = new Map<string, ExpectedCorrelations>();

/** Whether the correlations of calls are those of draws that are shared in some way. */
export function goesWithSharing(
  found: Correlations,
  sharing: NoiseSharing,
  shape: CallShape,
): boolean {
  const key = JSON.stringify([sharing, shape]);
  let expected = expectedBySharing.get(key);
  if (!expected) expectedBySharing.set(key, expected = correlationsUnder(sharing, shape));
  return pairings.every((name) => {
    const { mean, spread } = expected[name];
    return Math.abs(found[name].value - mean) <= 6 * spread + 0.02;
  });
}

/** The correlations of calls with normal draws that are shared in some way, by simulation. */
function correlationsUnder(
  sharing: NoiseSharing,
  { steps, groups, samples, axes }: CallShape,
): ExpectedCorrelations {
  // Correlations of few rows have the same mean as those of many.
  const few = Math.min(samples, 64);
  const all = Array.from({ length: 8 }, (_, seed) => {
    const next = normalDraws(seed + 1);
    const calls = steps.map((count) => {
      const shared: Rows[] = [];
      for (let k = 0; k < count; k++) {
        const xi = Array.from({ length: groups * few }, () => Array.from({ length: axes }, next));
        shared.push(sharedNoise(sharing, xi, shared[0], few));
      }
      return shared;
    });
    return correlationsOf(calls, few);
  });
  return Object.fromEntries(pairings.map((name) => {
    const values = all.map((one) => one[name].value);
    const mean = values.reduce((sum, v) => sum + v) / values.length;
    const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    return [name, { mean, spread: Math.sqrt(square / (values.length - 1)) }];
  })) as ExpectedCorrelations;
}

/**
 * Draws that come again, number for number: a table gone through again and again, or few values.
 *
 * Every two recovered draws of a call are compared, wherever they stand: the clauses on dependence
 * look at neighbours alone.
 *
 * @module
 */

import { show } from "../spec/numerics/number_text.ts";
import type { Problem } from "../spec/problem.ts";
import { type Finding, plainFinding } from "./finding.ts";
import type { StepTable } from "./recovered_noise.ts";

/** Recovered draws that are closer than this may be one. */
const closest = 1e-5;

/** So many pairs at one distance, and so large a share of all there, are no accident. */
const fewestPairs = 20, leastShare = 0.05;

/** Values that are closer together than this are as fine as those of half precision. */
const finest = 2 ** -8;

/** What the draws of a table have in common, in the order of steps, rows and axes. */
export interface Recycled {
  /** A draw comes again so many draws later; values lie so far apart; or they are few. */
  readonly kind: "again" | "lattice" | "few values";
  /** Different values among so many draws. */
  readonly values: number;
  readonly draws: number;
  /** The number of draws, or the distance of values. */
  readonly distance: number;
}

/** Whether draws come again beyond any accident, and how. */
export function recycled(noise: StepTable): Recycled | null {
  const draws = noise.flat(2), count = draws.length;
  if (!draws.every(Number.isFinite)) return null;
  const order = draws.map((_, at) => at).sort((a, b) => draws[a]! - draws[b]!);
  const lags = new Map<number, number>(), gaps: number[] = [], tied: number[] = [];
  for (let n = 1; n < count; n++) {
    const at = order[n]!, before = order[n - 1]!, gap = draws[at]! - draws[before]!;
    if (gap > closest) {
      gaps.push(gap);
      continue;
    }
    // A step without noise has zeros, and repeats nothing.
    if (draws[at] === 0) continue;
    tied.push(draws[at]!);
    const lag = Math.abs(at - before);
    lags.set(lag, (lags.get(lag) ?? 0) + 1);
  }
  const found = { values: count - tied.length, draws: count };
  if (tied.length <= accidental(count, leastSize(noise))) return withLag(lags, found);
  const distance = latticeOf(gaps);
  if (distance !== null) return distance < finest ? null : { ...found, kind: "lattice", distance };
  if (tied.every(isHalf)) return null;
  return withLag(lags, found) ?? { ...found, kind: "few values", distance: 0 };
}

/** Fewer draws than this tell no size. */
const fewestOfSize = 16;

/** The size of the smallest draws: of an axis in a step; smaller ones come closer to each other. */
function leastSize(noise: StepTable): number {
  const sizeOf = (draws: readonly number[]) =>
    Math.sqrt(draws.reduce((sum, z) => sum + z * z, 0) / draws.length);
  const sizes = noise.flatMap((rows) =>
    rows.length < fewestOfSize ? [] : rows[0]!.map((_, i) => sizeOf(rows.map((row) => row[i]!)))
  );
  return Math.min(1, ...sizes.filter((size) => size > 0));
}

/**
 * Four times as many ties as among so many independent draws of 22 bits, and some.
 *
 * @param size the deviation of the smallest draws
 */
function accidental(count: number, size: number): number {
  const chance = closest / size / Math.sqrt(Math.PI) + 2 ** -22;
  return 40 + 2 * count * count * chance;
}

/** The most frequent distance of draws that are the same. */
function withLag(
  lags: ReadonlyMap<number, number>,
  found: Pick<Recycled, "values" | "draws">,
): Recycled | null {
  const [distance, pairs] = [...lags].reduce((most, next) => next[1] > most[1] ? next : most, [
    0,
    0,
  ]);
  const least = Math.max(fewestPairs, leastShare * (found.draws - distance));
  return pairs < least ? null : { ...found, kind: "again", distance };
}

/** How far values lie apart that are multiples of one number; `null` if they are not. */
function latticeOf(gaps: readonly number[]): number | null {
  const least = Math.min(...gaps), smallest = gaps.filter((gap) => gap < 1.5 * least);
  const unit = smallest.reduce((sum, gap) => sum + gap, 0) / smallest.length;
  const fitting = gaps.filter((gap) => Math.abs(gap / unit - Math.round(gap / unit)) < 0.2);
  return smallest.length > 2 && fitting.length > 0.95 * gaps.length ? unit : null;
}

/** Whether a draw is a number of eleven bits: half precision, of one kind or the other. */
function isHalf(z: number): boolean {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(z))) - 10);
  return Math.abs(z / unit - Math.round(z / unit)) * unit < closest;
}

/** What draws that come again say, as a sentence without a full stop. */
export function recycledFinding(
  problem: Problem,
  { kind, values, draws, distance }: Recycled,
): Finding {
  const message = {
    "again": `A draw comes again ${distance} draws later, in a call of ${draws} draws`,
    "lattice": `${draws} draws take ${values} different values, all ${
      show(Number(distance.toPrecision(4)))
    } apart`,
    "few values": `The ${draws} draws of a call take only about ${values} different values`,
  }[kind];
  return plainFinding(problem, message, { expected: draws, actual: values });
}

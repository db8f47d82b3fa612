/**
 * The law of recovered noise in a few numbers, for people to look at.
 *
 * @module
 */

import { lowerTail } from "../spec/numerics/normal.ts";

/** A histogram and quantiles of draws that should be standard normal. */
export interface NoiseShape {
  /** Number of draws. */
  readonly draws: number;
  /** Counts in bins of equal width from `from` to `to`; `below` and `above` lie outside. */
  readonly histogram: {
    readonly from: number;
    readonly to: number;
    readonly counts: readonly number[];
    readonly below: number;
    readonly above: number;
  };
  /** Pairs of a quantile of the standard normal law and the same quantile of the draws. */
  readonly quantiles: readonly (readonly [number, number])[];
}

const from = -4, to = 4, bins = 32;
const tailmost = 3.5, spacing = 0.125;

/**
 * The shape of some draws.
 *
 * @param draws in any order; what is no number is passed over
 * @returns `null` if there is none
 */
export function noiseShape(draws: readonly number[]): NoiseShape | null {
  const sorted = Float64Array.from(draws.filter(Number.isFinite)).sort();
  const count = sorted.length;
  if (count === 0) return null;
  const counts = new Array<number>(bins).fill(0);
  let below = 0, above = 0;
  for (const z of sorted) {
    const bin = Math.floor((z - from) / (to - from) * bins);
    if (bin < 0) below++;
    else if (bin >= bins) above++;
    else counts[bin]!++;
  }
  const quantiles: [number, number][] = [];
  for (let z = -tailmost; z <= tailmost; z += spacing) {
    // The draw of rank i stands for the probability (i + ½) / count.
    const place = lowerTail(z) * count - 0.5;
    if (place < 0 || place > count - 1) continue;
    const low = Math.floor(place), share = place - low;
    const found = sorted[low]! + share * (sorted[Math.min(low + 1, count - 1)]! - sorted[low]!);
    quantiles.push([z, Math.round(found * 1e4) / 1e4]);
  }
  return { draws: count, histogram: { from, to, counts, below, above }, quantiles };
}

/**
 * How a faulty sampler bends its noise: another law, or draws that are shared.
 *
 * @module
 */

import { lowerTail, quantile } from "../../spec/numerics/normal.ts";
import type { Rows } from "../../spec/problem.ts";
import { studentQuantile } from "../../spec/numerics/student.ts";

/** Laws that a draw may follow in the place of the normal one. */
export const noiseLaws = [
  "uniform",
  "uniform-01",
  "uniform-11",
  "truncated",
  "laplace",
  "signs",
  "student-5",
  "absolute",
] as const;

/** A law of a single draw. */
export type NoiseLaw = (typeof noiseLaws)[number];

/** Which draws may be shared or correlated. */
export const noiseSharings = [
  "rows",
  "axes",
  "steps",
  "rows-and-axes",
  "samples",
  "groups",
  "antithetic",
  "rows-half",
  "steps-half",
] as const;

/** Draws that are shared or correlated. */
export type NoiseSharing = (typeof noiseSharings)[number];

// Quantiles are slow to find, and the draws of a tape are asked for again and again.
const mostKnown = 50_000;
const known = new Map(noiseLaws.map((law) => [law, new Map<number, number>()]));

/** Turns standard normal draws into draws of another law (by quantiles where that is possible). */
export function noiseOfLaw(law: NoiseLaw, xi: Rows): Rows {
  const values = known.get(law)!;
  if (values.size > mostKnown) values.clear();
  return xi.map((row) =>
    row.map((z) => {
      let value = values.get(z);
      if (value === undefined) values.set(z, value = quantileTransform(law, z));
      return value;
    })
  );
}

function quantileTransform(law: NoiseLaw, z: number): number {
  const u = lowerTail(z);
  switch (law) {
    case "uniform":
      return Math.sqrt(12) * (u - 0.5);
    case "uniform-01":
      return u;
    case "uniform-11":
      return 2 * u - 1;
    case "signs":
      return z >= 0 ? 1 : -1;
    case "absolute":
      return Math.abs(z);
    case "laplace":
      return -Math.sign(u - 0.5) * Math.log(Math.max(1e-300, 1 - 2 * Math.abs(u - 0.5))) /
        Math.SQRT2;
    case "truncated":
      return quantile(lowerTail(-2) + u * (lowerTail(2) - lowerTail(-2)));
    case "student-5":
      return Math.sqrt(3 / 5) * studentQuantile(u);
  }
}

/**
 * Noise that is shared over rows, axes, steps or groups.
 *
 * @param first the shared noise of the first step, if this is a later one
 * @param samples rows per observation
 */
export function sharedNoise(
  sharing: NoiseSharing,
  xi: Rows,
  first: Rows | undefined,
  samples: number,
): Rows {
  const half = Math.sqrt(0.75);
  switch (sharing) {
    case "rows":
      return xi.map(() => xi[0]!);
    case "axes":
      return xi.map((row) => row.map(() => row[0]!));
    case "steps":
      return first ?? xi;
    case "rows-and-axes":
      return xi.map((row) => row.map(() => xi[0]![0]!));
    case "samples":
      return xi.map((_, r) => xi[r - r % samples]!);
    case "groups":
      return xi.map((_, r) => xi[r % samples]!);
    case "antithetic": {
      const middle = Math.floor(xi.length / 2);
      return xi.map((row, r) =>
        r >= middle && r < 2 * middle ? xi[r - middle]!.map((z) => -z) : row
      );
    }
    case "rows-half":
      return xi.map((row, r) => r === 0 ? row : row.map((z, i) => 0.5 * xi[0]![i]! + half * z));
    case "steps-half":
      return first ? xi.map((row, r) => row.map((z, i) => 0.5 * first[r]![i]! + half * z)) : xi;
  }
}

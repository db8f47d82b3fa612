/**
 * How a faulty sampler bends its noise: another law, or draws that are shared.
 *
 * @module
 */

import { lowerTail, quantile } from "../../spec/numerics/normal.ts";
import type { Rows } from "../../spec/problem.ts";
import type { Rule } from "../../spec/rule.ts";

// Quantiles are slow to find, and the draws of a tape are asked for again and again.
const turned = new WeakMap<Rows, Map<string, Rows>>();

/** Turns standard normal draws into draws of another law (by quantiles where that is possible). */
export function noiseOfLaw(law: Rule["noiseLaw"], xi: Rows): Rows {
  if (law === "normal") return xi;
  const known = turned.get(xi) ?? new Map<string, Rows>();
  turned.set(xi, known);
  const found = known.get(law) ?? xi.map((row) => row.map((z) => quantileTransform(law, z)));
  known.set(law, found);
  return found;
}

function quantileTransform(law: Exclude<Rule["noiseLaw"], "normal">, z: number): number {
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

/** Distribution function of Student's t with five degrees of freedom. */
function student5(t: number): number {
  const angle = Math.atan(t / Math.sqrt(5));
  const cos2 = Math.cos(angle) ** 2;
  return 0.5 + (angle + Math.sin(angle) * Math.cos(angle) * (1 + 2 / 3 * cos2)) / Math.PI;
}

/** Its inverse: Newton's method, held in a bracket. */
function studentQuantile(u: number): number {
  let low = -1e3, high = 1e3, t = 0;
  for (let i = 0; i < 100; i++) {
    const miss = student5(t) - u;
    if (miss < 0) low = t;
    else high = t;
    const density = 8 / (3 * Math.PI * Math.sqrt(5)) / (1 + t * t / 5) ** 3;
    const newton = t - miss / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

/**
 * Noise that is shared over rows, axes, steps or groups.
 *
 * @param first the shared noise of the first step, if this is a later one
 * @param samples rows per observation
 */
export function sharedNoise(
  sharing: Rule["noiseSharing"],
  xi: Rows,
  first: Rows | undefined,
  samples: number,
): Rows {
  const half = Math.sqrt(0.75);
  switch (sharing) {
    case "none":
      return xi;
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

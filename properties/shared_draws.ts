/**
 * Recovered draws that are not draws of their own: shared, repeated, or dependent on each other; and
 * those whose size alone is wrong.
 *
 * @module
 */

import type { Problem, Schedule } from "../spec/problem.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { battery } from "./battery.ts";
import type { NoiseCheck, View } from "./noise_check.ts";
import type { StepTable } from "./recovered_noise.ts";

/** How unlikely draws must be under independence to be called dependent beyond doubt. */
export const sharingLevel = 1e-6;

/** How unlikely draws must be under independence to be called dependent, whatever size they have. */
export const independenceLevel = 1e-4;

/** Draws whose overall mean is 0 and whose overall mean square is 1. */
export function standardised(noise: StepTable): StepTable {
  const values = noise.flat(2), count = values.length;
  const mean = values.reduce((sum, z) => sum + z, 0) / count;
  const size = Math.sqrt(values.reduce((sum, z) => sum + (z - mean) ** 2, 0) / count);
  return size > 0
    ? noise.map((rows) => rows.map((row) => row.map((z) => (z - mean) / size)))
    : noise;
}

/** The tests that tell draws which depend on each other, whatever their size. */
const sharingTests = ["rows", "axes", "steps", "samples", "diagonal", "next step"] as const;

/** Whether draws are shared, whatever their size and their mean. Only ever excuses a finding. */
export function isShared(noise: StepTable, samples: number): boolean {
  const sizeOf = (draws: readonly number[]) =>
    Math.sqrt(draws.reduce((sum, z) => sum + z * z, 0) / draws.length);
  const size = sizeOf(noise.flat(2));
  if (!(size > 0)) return false;
  // Steps of different sizes would look shared: each is measured by itself. One without noise has
  // none to share, only roundings.
  const scaled = noise.flatMap((rows) => {
    const own = sizeOf(rows.flat());
    return own > 1e-3 * size ? [rows.map((row) => row.map((z) => z / own))] : [];
  });
  const results = battery(standardised(scaled), { samples, tests: sharingTests });
  return results.some(({ found, pValue }) => found > 1 && pValue < sharingLevel);
}

/** Deviations that the sum of so many products is from 0 by no chance. */
const farApart = 10;

/**
 * Whether draws only look shared because they have means other than 0: another call has the same, and
 * what is between the two is not shared. Draws that are shared are others in each call.
 */
export function haveSameMeans(one: StepTable, other: StepTable, samples: number): boolean {
  let sums = 0, columns = 0;
  if (one.length !== other.length) return false;
  for (const [k, rows] of one.entries()) {
    for (const i of rows[0]?.keys() ?? []) {
      const [z, w] = [rows, other[k]!].map((of) => of.map((row) => row[i]!)) as [
        number[],
        number[],
      ];
      const unit = Math.hypot(...z) * Math.hypot(...w);
      if (unit === 0) continue;
      const sum = (of: readonly number[]) => of.reduce((total, value) => total + value, 0);
      sums += sum(z) * sum(w) / unit;
      columns++;
    }
  }
  const between = one.map((rows, k) =>
    rows.map((row, r) => row.map((z, i) => z - other[k]![r]![i]!))
  );
  const isNone = between.every((rows) => rows.every((row) => row.every((z) => z === 0)));
  return !isNone && sums > farApart * Math.sqrt(columns) && !isShared(between, samples);
}

/** Whether steps, rows or axes have the draws of another one, or their opposites. */
export function repeats(noise: StepTable, samples: number): boolean {
  const rows = noise[0]?.length ?? 0, half = rows >> 1;
  // By so many steps, rows and axes away: the first of each, its neighbour, the other half.
  const others: readonly ((s: number, r: number, i: number) => readonly number[])[] = [
    (s, r, i) => [s - 1, r, i],
    (s, r, i) => [s === 0 ? -1 : 0, r, i],
    (s, r, i) => [s, r - 1, i],
    (s, r, i) => [s, r === 0 ? -1 : 0, i],
    (s, r, i) => [s, r - half, i],
    (s, r, i) => [s, r - samples, i],
    ...[1, 2, 3].map((by) => (s: number, r: number, i: number) => [s, r, i - by]),
    (s, r, i) => [s - 1, r - 1, i],
    (s, r, i) => [s - 1, r + 1, i],
  ];
  return others.some((other) => {
    let pairs = 0, equal = 0;
    noise.forEach((table, s) =>
      table.forEach((row, r) =>
        row.forEach((z, i) => {
          const [k, q, j] = other(s, r, i) as [number, number, number], w = noise[k]?.[q]?.[j];
          if (w === undefined) return;
          pairs++;
          if (Math.abs(Math.abs(z) - Math.abs(w)) < 1e-3) equal++;
        })
      )
    );
    return equal > 0.1 * pairs;
  });
}

/** Whether the noise of all steps has the same size, as far as so many draws can tell. */
export function isOneFactor(noise: StepTable): boolean {
  if (noise.length < 2) return false;
  const sizes = noise.map((rows) => {
    const draws = rows.flat();
    return Math.log(draws.reduce((sum, z) => sum + z * z, 0) / draws.length) / 2;
  });
  // Six standard errors of the difference of two such logarithms under the normal law.
  return Math.max(...sizes) - Math.min(...sizes) < 6 / Math.sqrt(noise[0]!.flat().length);
}

/**
 * Whether the steps of a chain are each as noisy as the chain makes them, and yet not together: of two
 * steps the sizes of each by itself, and of both.
 */
export async function stepsDepend(
  problemOf: NoiseCheck["problem"],
  samples: number,
  freshSeed: () => number,
  { open, view }: {
    readonly open: (problem: Problem) => Promise<(problem: Problem) => Promise<Trajectory>>;
    readonly view: View;
  },
): Promise<boolean> {
  const squares: number[] = [];
  let count = 0;
  for (const [init, final] of [[1, 0], [2 ** -20, 1], [1, 1]] as const) {
    const problem = ofTwoSteps(problemOf({ samples, seed: freshSeed(), view }), init, final);
    const { final: ends } = await (await open(problem))(problem);
    const moves = ends.flatMap((row, r) => row.map((x, i) => x - problem.initial[r]![i]!));
    count = moves.length;
    squares.push(moves.reduce((sum, move) => sum + move * move, 0) / count);
  }
  const [first, second, both] = squares as [number, number, number];
  return Math.abs(both - first - second) > 6 * both * Math.sqrt(4 / count);
}

/** A chain of two steps of so many times its step size. */
function ofTwoSteps(problem: Problem, first: number, second: number): Problem {
  const { settings } = problem, { init } = settings.schedule;
  const schedule: Schedule = {
    kind: "polynomial",
    init: first * init,
    final: second * init,
    power: 1,
  };
  return { ...problem, settings: { ...settings, steps: 2, schedule } };
}

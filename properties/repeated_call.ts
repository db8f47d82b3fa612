/**
 * Calls whose draws are those of another call, number for number.
 *
 * @module
 */

import type { Problem } from "../spec/problem.ts";
import { type Finding, plainFinding } from "./finding.ts";
import type { StepTable } from "./recovered_noise.ts";

/** Recovered draws that are closer than this are one; two that are not come so close by chance alone. */
const closest = 1e-5;

/** So many steps and rows further on. */
interface Shift {
  readonly steps: number;
  readonly rows: number;
}

const unshifted: Shift = { steps: 0, rows: 0 };

/** Which part of the draws of a call are those of another one, shifted; 0 if there are none. */
function shareRepeated(first: StepTable, second: StepTable, { steps, rows }: Shift): number {
  let all = 0, equal = 0;
  for (const [k, table] of second.entries()) {
    for (const [r, row] of table.entries()) {
      const before = first[k + steps]?.[r + rows];
      if (before === undefined) continue;
      for (const [i, z] of row.entries()) {
        all++;
        if (z !== 0 && Math.abs(z - before[i]!) < closest) equal++;
      }
    }
  }
  return all === 0 ? 0 : equal / all;
}

/** A second call with the draws of the first, though its seed is another. */
export function repeatedCall(
  problem: Problem,
  first: StepTable,
  second: StepTable,
): Finding | null {
  const share = shareRepeated(first, second, unshifted);
  if (share < 0.5) return null;
  return plainFinding(
    problem,
    "The second call repeats the draws of the first, though its seed is another: the generator is reseeded in every call",
    { expected: 0, actual: share },
  );
}

/** Seeds that count steps or rows as well, and what is said of each. */
const shifts: readonly { readonly by: Shift; readonly where: string }[] = [
  { by: unshifted, where: "in the same places" },
  ...[1, -1].flatMap((by) => [
    { by: { steps: by, rows: 0 }, where: "one step on: each step is seeded by itself" },
    { by: { steps: 0, rows: by }, where: "one row on: each row is seeded by itself" },
  ]),
];

/** A call with the next seed that has draws of the first: neighbouring seeds give other draws. */
export function repeatedInNext(
  problem: Problem,
  first: StepTable,
  next: StepTable,
): Finding | null {
  for (const { by, where } of shifts) {
    const share = shareRepeated(first, next, by);
    if (share < 0.5) continue;
    const { seed } = problem;
    return plainFinding(
      problem,
      `A call with the seed ${seed + 1} repeats draws of the call with the seed ${seed}, ${where}`,
      { expected: 0, actual: share },
    );
  }
  return null;
}

/**
 * Questions about some of the rows, or about all in another order, as questions about all of them.
 *
 * @module
 */

import { predictStep } from "./oracle.ts";
import type { Problem, Rows } from "./problem.ts";
import { sameRow } from "./trajectory.ts";
import { rowAlone } from "./turns.ts";

interface Row {
  /** Where it was asked about last; its initial action before. */
  readonly at: readonly number[];
  /** How often it was asked about. */
  readonly times: number;
  /** Where the rule leads from there, with either sign of the draws. */
  readonly next: readonly (readonly number[])[];
}

/**
 * Fills questions up with the other rows, where they stand. A point belongs to the row that stands
 * there, or that the rule leads there, or nearest; where that is open to the one with the fewest turns,
 * or to the one whose place it had before.
 *
 * @param asked the points of all questions for gradients, each about any rows
 * @returns tables of all rows
 */
export function filledUp(problem: Problem, asked: readonly Rows[]): readonly Rows[] {
  const alone = problem.initial.map((_, r) => rowAlone(problem, r));
  const rows: Row[] = problem.initial.map((at) => ({ at, times: 0, next: [] }));
  const usual: number[] = [];
  return asked.map((points) => {
    const free = new Set(rows.keys());
    for (const [slot, point] of points.entries()) {
      const r = likeliest(rows, free, point, usual[slot]), row = rows[r]!;
      usual[slot] = r;
      free.delete(r);
      const at = sameRow(point, row.at) ? row.at : point;
      rows[r] = { at, times: row.times + 1, next: nextOf(alone[r]!, row.times, at) };
    }
    return rows.map(({ at }) => at);
  });
}

function nextOf(alone: Problem, k: number, at: readonly number[]): Row["next"] {
  if (k >= alone.settings.steps) return [];
  return ([1, -1] as const).map((noiseSign) =>
    predictStep(alone, k, [at], { noiseSign })[0]!.map(({ terms: { result } }) => result)
  );
}

/** The row, of those that are left, that a point is likeliest to belong to. */
function likeliest(
  rows: readonly Row[],
  free: ReadonlySet<number>,
  point: readonly number[],
  usual: number | undefined,
): number {
  let best = -1, least = Infinity;
  for (const r of free) {
    const cost = costOf(rows[r]!, point) - (r === usual ? 0.5 : 0);
    if (cost < least) [best, least] = [r, cost];
  }
  return best;
}

/** Larger than the turns of a row. */
const far = 1e6;

function costOf({ at, times, next }: Row, point: readonly number[]): number {
  if (sameRow(at, point)) return times;
  // No row has its first turn elsewhere than at its start.
  if (times === 0) return 3 * far;
  const apart = Math.min(...next.map((to) => distance(to, point)), 1);
  return apart < 1e-5 ? times : times + far * (1 + apart);
}

/** From 0 to 1. */
function distance(a: readonly number[], b: readonly number[]): number {
  const sum = a.reduce((sum, x, i) => Object.is(x, b[i]) ? sum : sum + Math.abs(x - b[i]!), 0);
  return sum < Infinity ? sum / (1 + sum) : 1;
}

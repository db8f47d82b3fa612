/**
 * Questions about some of the rows, or about all in another order, as questions about all of them.
 *
 * @module
 */

import { predictStep } from "./oracle.ts";
import { written } from "./places.ts";
import type { Problem, Rows } from "./problem.ts";
import { sameRow } from "./trajectory.ts";
import { rowAlone } from "./turns.ts";

interface Row {
  /** Where it was asked about last; its initial action before. */
  at: readonly number[];
  /** How often it was asked about. */
  times: number;
  /** Where the rule leads from there, with either sign of the draws. */
  next: readonly (readonly number[])[];
}

/** The row of each point of a question; null for a copy that only fills it up. */
type Rowed = readonly (number | null)[];

/**
 * Fills questions up with the other rows, where they stand. A point belongs to the row that stands
 * there, or that the rule leads there, or nearest; where that is open to the one with the fewest turns,
 * or to the one whose place it had before. Amid noise, which may lead anywhere, it belongs to the row
 * whose turn it is.
 *
 * @param asked the points of all questions for gradients, each about any rows
 * @returns tables of all rows: one for each turn if all rows have as many, else one for each question
 */
export function filledUp(problem: Problem, asked: readonly Rows[]): readonly Rows[] {
  const { noise, initial, settings } = problem;
  const isNoisy = noise.kind === "own" && settings.noiseScale !== 0;
  const rowed = isNoisy ? byTurns(problem, asked) : byRule(problem, asked);
  const paths: (readonly number[])[][] = initial.map(() => []);
  const stand = [...initial];
  const moves = () =>
    asked.map((points, question) => {
      points.forEach((point, slot) => {
        const r = rowed[question]![slot]!;
        if (r !== null) stand[r] = point;
      });
      return [...stand];
    });
  asked.forEach((points, question) =>
    points.forEach((point, slot) => {
      const r = rowed[question]![slot]!;
      if (r !== null) paths[r]!.push(point);
    })
  );
  const turns = paths[0]?.length ?? 0;
  return paths.some(({ length }) => length !== turns)
    ? moves()
    : Array.from({ length: turns }, (_, k) => paths.map((path) => path[k]!));
}

function byRule(problem: Problem, asked: readonly Rows[]): readonly Rowed[] {
  const alone = problem.initial.map((_, r) => rowAlone(problem, r));
  const rows: Row[] = problem.initial.map((at) => ({ at, times: 0, next: [] }));
  const usual: number[] = [];
  return asked.map((points) => {
    const free = new Set(rows.keys());
    return points.map((point, slot) => {
      const { r, cost } = likeliest(rows, free, point, usual[slot]), { at, times } = rows[r]!;
      if (cost >= far && isCopy(points, slot)) return null;
      usual[slot] = r;
      free.delete(r);
      const here = sameRow(point, at) ? at : point;
      rows[r] = { at: here, times: times + 1, next: nextOf(alone[r]!, times, here) };
      return r;
    });
  });
}

/**
 * The rows of points that the rule doesn't tell: those that stand there; else those of the question
 * before while others have not begun; else those whose last turn is longest ago.
 */
function byTurns(
  { initial, settings: { steps } }: Problem,
  asked: readonly Rows[],
): readonly Rowed[] {
  const standing = new Map<string, Set<number>>();
  const stand = (point: readonly number[]) => {
    // The same within the digits of a decimal text.
    const key = point.map((a) => a.toPrecision(12)).join();
    if (!standing.has(key)) standing.set(key, new Set());
    return standing.get(key)!;
  };
  initial.forEach((at, r) => stand(at).add(r));
  const rows = initial.map((at) => ({ at, times: 0 }));
  const waiting = new Set<number>(), done = new Set<number>();
  let before: Rowed = [];
  return asked.map((points) => {
    const taken = new Set<number>();
    const isFree = (r: number | null | undefined): r is number =>
      r !== undefined && r !== null && !taken.has(r);
    const rowOf = (point: readonly number[], slot: number): number | null => {
      // Who came there first has had the fewest turns.
      const here = stand(point).values().find(isFree);
      if (here === undefined && isCopy(points, slot)) return null;
      const begun = waiting.size + done.size === rows.length;
      const goes = !begun && isFree(before[slot]) ? before[slot] : undefined;
      return here ?? goes ?? waiting.values().find(isFree) ?? done.values().find(isFree) ??
        rows.keys().find(isFree)!;
    };
    return before = points.map((point, slot) => {
      const r = rowOf(point, slot);
      if (r === null) return null;
      const row = rows[r]!;
      taken.add(r);
      stand(row.at).delete(r);
      stand(point).add(r);
      row.at = point;
      waiting.delete(r);
      done.delete(r);
      (++row.times < steps ? waiting : done).add(r);
      return r;
    });
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
  usual: number | null | undefined,
): { readonly r: number; readonly cost: number } {
  let best = { r: -1, cost: Infinity };
  for (const r of free) {
    const cost = costOf(rows[r]!, point) - (r === usual ? 0.5 : 0);
    if (cost < best.cost) best = { r, cost };
  }
  return best;
}

/** Whether a point repeats an earlier one of its question. */
function isCopy(points: Rows, slot: number): boolean {
  return points.slice(0, slot).some((earlier) => sameRow(earlier, points[slot]));
}

/** Larger than the turns of a row. */
const far = 1e6;

function costOf({ at, times, next }: Row, point: readonly number[]): number {
  if (sameRow(at, point)) return times;
  // A decimal text of fewer digits than a float needs: less near than a row that stands there.
  if (distance(at, point) < written) return times + 0.25;
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

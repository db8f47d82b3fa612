/**
 * Slopes and draws that are taken from another place than the rule takes them from.
 *
 * @module
 */

import type { Problem, Rows } from "../../../spec/problem.ts";
import type { Influence } from "../figures/measurement.ts";
import type { SeenRun } from "./window_fit.ts";

/** What one list is times another one, as least squares have it. */
function factorOf(values: readonly number[], of: readonly number[]): number {
  const power = of.reduce((sum, v) => sum + v * v, 0);
  return values.reduce((sum, v, j) => sum + v * of[j]!, 0) / power;
}

/** Whether one list is a multiple of another one that is not all zero. */
function isMultiple(values: readonly number[], of: readonly number[]): boolean {
  const factor = factorOf(values, of), size = Math.max(...values.map(Math.abs));
  return Number.isFinite(factor) && size > 1e-5 &&
    values.every((v, j) => Math.abs(v - factor * of[j]!) <= 1e-4 * size + 4e-7);
}

/** How far a step goes down on every row and axis. */
export const movesOf = ([from, to]: readonly Rows[]) =>
  from!.map((row, r) => row.map((a, i) => a - to![r]![i]!));

const slopesOf = ({ observations, samples }: Problem, row: number) =>
  observations[Math.floor(row / samples)]!;

/** Rows that move along the slopes of another observation, axes along those of another axis. */
export function swappedSlopes({ problem, chain: { points } }: SeenRun): readonly Influence[] {
  const moves = movesOf(points), found: Influence[] = [];
  const own = moves.every((row, r) => isMultiple(row, slopesOf(problem, r)));
  if (own) return [];
  const groups = moves.map((row) => problem.observations.findIndex((g) => isMultiple(row, g)));
  const other = groups.findIndex((g, r) => g >= 0 && g !== Math.floor(r / problem.samples));
  if (other >= 0 && groups.every((g) => g === groups[0])) {
    found.push({ on: "other row", text: "All rows move along the gradient of one of them" });
  } else if (other >= 0 && groups.every((g) => g >= 0)) {
    // Constant slopes do not tell another row from another observation.
    found.push({
      on: "other",
      text: `Rows move by the gradient of another row, or at another observation: row ${other} ` +
        `belongs to observation ${Math.floor(other / problem.samples)} and moves by that of ${
          groups[other]
        }`,
    });
  }
  const axes = moves[0]!.map((_, i) => i);
  for (const i of axes) {
    const column = moves.map((row) => row[i]!);
    const from = axes.find((j) =>
      isMultiple(column, moves.map((_, r) => slopesOf(problem, r)[j]!))
    );
    if (from !== undefined && from !== i) {
      found.push({ on: "other axis", text: `Axis ${i} moves along the gradient of axis ${from}` });
    }
  }
  return found;
}

/** Steps, rows and axes that use the draw of another one. */
export function swappedDraws({ problem, chain: { points } }: SeenRun): readonly Influence[] {
  const { noise } = problem;
  if (noise.kind === "own") return [];
  const { draws } = noise, found: Influence[] = [];
  const rows = points[0]!.length, axes = problem.axes;
  const steps = Math.min(points.length - 1, draws.length);
  const column = (table: Rows, i: number) => table.map((row) => row[i]!);
  for (let k = 0; k < steps; k++) {
    const moves = movesOf([points[k]!, points[k + 1]!]);
    for (let i = 0; i < axes; i++) {
      const moved = column(moves, i);
      if (isMultiple(moved, column(draws[k]!, i)) || moved.every((m) => Math.abs(m) < 1e-6)) {
        continue;
      }
      const step = draws.findIndex((draw, j) => j !== k && isMultiple(moved, column(draw, i)));
      if (step >= 0) {
        // Which step a draw was taken for is not known: the tape counts draws.
        found.push({
          on: step < k ? "earlier draw" : "other",
          text: `Step ${k} moves by draw ${step} of the tape instead of draw ${k}`,
        });
        break;
      }
      const axis = Array.from({ length: axes }, (_, j) => j)
        .find((j) => j !== i && isMultiple(moved, column(draws[k]!, j)));
      if (axis !== undefined) {
        found.push({ on: "other axis", text: `Axis ${i} uses the draws of axis ${axis}` });
        continue;
      }
      const shift = Array.from({ length: rows - 1 }, (_, s) => s + 1).find((s) =>
        isMultiple(moved, moved.map((_, r) => draws[k]![(r + s) % rows]![i]!))
      );
      if (shift !== undefined) {
        found.push({ on: "other row", text: `A row uses the draws of the row ${shift} after it` });
      }
    }
    const isOne = moves.every((row) => row.every((m, i) => Math.abs(m - moves[0]![i]!) < 1e-6));
    if (isOne && rows > 1 && moves[0]!.some((m) => Math.abs(m) > 1e-6)) {
      found.push({ on: "other row", text: "All rows use one draw" });
    }
  }
  if (found.length === 0 && steps > 0) found.push(...drawsOfRows(movesOf(points), draws[0]!));
  return [...new Map(found.map((one) => [one.text, one])).values()].slice(0, 3);
}

/** Rows that use the draw of another row in the first step, where others use their own. */
function drawsOfRows(moves: Rows, draws: Rows): readonly Influence[] {
  const of = moves.map((row) => draws.findIndex((draw) => isMultiple(row, draw)));
  const row = of.findIndex((from, r) => from >= 0 && from !== r);
  const own = of.findIndex((from, r) => from === r);
  if (row < 0 || own < 0) return [];
  const from = of[row]!;
  const turned = factorOf(moves[row]!, draws[from]!) * factorOf(moves[own]!, draws[own]!) < 0;
  const text = `Row ${row} uses the draw of row ${from}${turned ? ", with its sign turned" : ""}`;
  return [{ on: "other row", text }];
}

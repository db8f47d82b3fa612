/**
 * Draws of a sampler's own that are used more than once: in several steps, axes or rows.
 *
 * @module
 */

import { type Recycled, recycled } from "../../../properties/recycled_draws.ts";
import type { Expected } from "./expected_noise.ts";
import { flatLanes, type OwnRun } from "./own_noise_runs.ts";

/** So many draws are the same by no accident. */
const fewestDraws = 8;

/** Whether two lists of draws are the same but for rounding. */
function isSame(one: readonly number[], other: readonly number[]): boolean {
  const moves = one.some((z) => Math.abs(z) > 1e-3);
  return moves && one.length >= fewestDraws &&
    one.every((z, r) => Math.abs(z - other[r]!) <= 2e-3 * (1 + Math.abs(z)));
}

/** Numbers of lists, those together that are the same. */
function classesOf(lists: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const classes: number[][] = [];
  for (const [j, list] of lists.entries()) {
    const known = classes.find(([first]) => isSame(lists[first!]!, list));
    if (known) known.push(j);
    else classes.push([j]);
  }
  return classes;
}

/** What draws of the first step have in common: a table gone through again and again, or few values. */
export function commonIn(
  { moves }: Pick<OwnRun, "moves">,
  { shift, scale }: Expected,
): Recycled | null {
  const draws = moves[0]!.map((row) =>
    flatLanes.map((i) => (row[i]! - (shift[0]?.[i] ?? 0)) / (scale[0]?.[i] ?? NaN))
  );
  return recycled([draws]);
}

const listed = (numbers: readonly number[]) => numbers.join(", ").replace(/, (\d+)$/, " and $1");

/** Which draws of a run are the same, as sentences without full stops. */
export function repeatedDraws(
  { moves }: Pick<OwnRun, "moves">,
  { shift, scale }: Pick<Expected, "shift" | "scale">,
): readonly string[] {
  const draws = moves.map((rows, k) =>
    flatLanes.map((i) =>
      rows.map((row) => (row[i]! - (shift[k]?.[i] ?? 0)) / (scale[k]?.[i] ?? NaN))
    )
  );
  const steps = classesOf(draws.map((lanes) => lanes.flat()));
  const axes = classesOf(flatLanes.map((i) => draws.flatMap((lanes) => lanes[i]!)));
  return [
    ...stepWords(steps, draws.length),
    ...axes.filter(({ length }) => length > 1)
      .map((same) => `Axes ${listed(same)} have the same draws`),
  ];
}

/** Steps with the same draws: so many in a row, or their numbers. */
function stepWords(classes: readonly (readonly number[])[], steps: number): readonly string[] {
  const shared = classes.filter(({ length }) => length > 1), [first] = shared;
  if (first === undefined) return [];
  const each = first.length;
  const inRow = classes.every((same, j) =>
    same[0] === j * each && same.every((k, at) => k === j * each + at) &&
    (same.length === each || same.at(-1) === steps - 1)
  );
  return inRow && each < steps
    ? [`A draw is used in ${each} steps in a row, and then a new one`]
    : shared.map((same) => `Steps ${listed(same)} have the same draws`);
}

/**
 * Which rows of a run have the same draws in all steps, as sentences without full stops.
 *
 * Movements on lanes without a slope are compared: their sizes are one for all rows.
 */
export function repeatedRows({ moves }: Pick<OwnRun, "moves">): readonly string[] {
  const rows = moves[0]?.length ?? 0;
  const draws = Array.from(
    { length: rows },
    (_, r) => moves.flatMap((step) => flatLanes.map((i) => step[r]![i]!)),
  );
  const classes = classesOf(draws), shared = classes.filter(({ length }) => length > 1);
  const [first] = shared;
  if (first === undefined) return [];
  const count = classes.length;
  if (count > 1 && classes.every((same, j) => same.every((r) => r % count === j))) {
    return [`Every ${count} rows the same draws come again: row r + ${count} has those of row r`];
  }
  const each = classes[0]!.length;
  if (each > 1 && classes.every((same, j) => same.every((r) => Math.floor(r / each) === j))) {
    return [`Every ${each} rows in a row have the same draws, and the next ${each} others`];
  }
  const pairs = shared.length === 1 ? "" : `; so have others, ${shared.length} sets of rows in all`;
  const few = first.length > 6 ? `${first.slice(0, 5).join(", ")}, …` : listed(first);
  return [`Rows ${few} have the same draws${pairs}`];
}

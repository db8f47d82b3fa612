import { assertEquals } from "@std/assert";
import { normalDraws } from "../../../spec/numerics/random.ts";
import type { Rows } from "../../../spec/problem.ts";
import { commonIn, repeatedDraws, repeatedRows } from "./own_noise_repeats.ts";
import { flatLanes } from "./own_noise_runs.ts";

const axes = Math.max(...flatLanes) + 1;

/** What is said of five steps of which each takes the draws of the table of that number. */
function told(tables: readonly number[], sameAxes = false): readonly string[] {
  const next = normalDraws(1);
  const drawn = tables.map((): Rows =>
    Array.from({ length: 8 }, () => {
      const row = Array.from({ length: axes }, next);
      return sameAxes ? row.map(() => row[0]!) : row;
    })
  );
  const ones = (value: number) => tables.map(() => Array<number>(axes).fill(value));
  const moves = tables.map((table) => drawn[table]!.map((row) => row.map((z) => 2 * z + 1)));
  return repeatedDraws({ moves }, { shift: ones(1), scale: ones(2) });
}

Deno.test("draws of a sampler's own that are used again are told with the steps or axes", () => {
  assertEquals(told([0, 1, 2, 3, 4]), []);
  const inRow = "A draw is used in 2 steps in a row, and then a new one";
  assertEquals(told([0, 0, 1, 1, 2]), [inRow]);
  assertEquals(told([0, 0, 1, 1]), [inRow]);
  assertEquals(told([0, 0, 1, 2, 2]), [
    "Steps 0 and 1 have the same draws",
    "Steps 3 and 4 have the same draws",
  ]);
  assertEquals(told([0, 1, 0, 2, 0]), ["Steps 0, 2 and 4 have the same draws"]);
  const all = flatLanes.join(", ").replace(/, (\d+)$/, " and $1");
  assertEquals(told([0, 1, 2, 3, 4], true), [`Axes ${all} have the same draws`]);
});

Deno.test("a table of draws that is gone through again is told from as many draws of their own", () => {
  const next = normalDraws(2), table = Array.from({ length: 97 }, next);
  const moved = (draw: (at: number) => number): Rows =>
    Array.from(
      { length: 200 },
      (_, r) => Array.from({ length: axes }, (_, i) => draw(r * axes + i)),
    );
  const expected = { shift: [[]], scale: [Array<number>(axes).fill(1)] };
  assertEquals(
    commonIn({ moves: [moved((at) => table[at % 97]!)] }, expected)?.kind === "again",
    true,
  );
  assertEquals(commonIn({ moves: [moved(next)] }, expected)?.kind === "again", false);
});

Deno.test("rows that share their draws are told with their pattern", () => {
  const next = normalDraws(3);
  const drawn = Array.from({ length: 13 }, () => Array.from({ length: axes }, next));
  const said = (row: (r: number) => number) => {
    const step = Array.from({ length: 13 }, (_, r) => drawn[row(r)]!);
    return repeatedRows({ moves: [step, step.map((draws) => draws.map((z) => 2 * z))] });
  };
  assertEquals(said((r) => r), []);
  assertEquals(said((r) => r % 4), [
    "Every 4 rows the same draws come again: row r + 4 has those of row r",
  ]);
  assertEquals(said((r) => Math.floor(r / 3)), [
    "Every 3 rows in a row have the same draws, and the next 3 others",
  ]);
  assertEquals(said((r) => r === 7 ? 2 : r), ["Rows 2 and 7 have the same draws"]);
});

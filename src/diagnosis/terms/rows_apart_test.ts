import { assertEquals } from "@std/assert";
import { rowsApart } from "./rows_apart.ts";

const cells = (multiples: readonly number[]) =>
  multiples.flatMap((multiple, row) =>
    [0.5, -2, 3].map((slope) => ({ row, slope, moved: multiple * slope }))
  );

Deno.test("rows that move by multiples of their own are told apart, and no size is blamed", () => {
  assertEquals(
    rowsApart(cells([0.25, 0.25, 0.0625, 0.0625]), "its draw", 3),
    "Rows do not move alike: in step 3 row 0 moves by 0.25 times its draw, rows 2 to 3 by 0.0625 times",
  );
  assertEquals(rowsApart(cells([0.25, 0.25]), "its draw", 3), undefined);
  const bent = cells([0.25, 0.5]).map((cell) => ({ ...cell, moved: Math.min(cell.moved, 0.1) }));
  assertEquals(rowsApart(bent, "its draw", 3), undefined);
});

import { assert, assertEquals } from "@std/assert";
import { defectOf, defects } from "../spec/defects.ts";
import { officialRule } from "../spec/rule.ts";
import {
  catalogueKey,
  killMatrixPage,
  matrixRow,
  officialTestFailures,
  readMatrix,
  totalsOf,
} from "./kill_matrix.ts";

const matrix = await readMatrix();

Deno.test("the matrix was measured on this catalogue of defects and clauses", async () => {
  assertEquals(matrix.catalogue, await catalogueKey(), "run deno task matrix");
  assertEquals(matrix.rows.map((row) => row.id), defects.map((defect) => defect.id));
});

Deno.test("a sample of the matrix comes out the same again", async () => {
  for (const id of ["half-missing", "delta-clip-unscaled", "noise-laplace", "returns-sorted"]) {
    const row = matrix.rows.find((r) => r.id === id)!;
    assertEquals(await matrixRow(defectOf(id)!, matrix.officialTestRuns), row);
  }
});

Deno.test("each defect is caught by the clauses that its record names", () => {
  for (const { id, clauses } of matrix.rows) {
    const { clause, alsoBreaks = [] } = defectOf(id)!;
    const named = [clause, ...alsoBreaks];
    for (const one of named) assert(clauses.includes(one), `${id}: ${one}`);
  }
});

Deno.test("the totals are as good as promised", () => {
  const { caught, named, officialNever } = totalsOf(matrix);
  assertEquals(caught, defects.length);
  assert(named >= 148);
  assert(officialNever > 100);
  const { pairs, triples } = matrix;
  assertEquals([pairs.tried, pairs.detected, pairs.wrong.length], [500, 500, 0]);
  assert(pairs.named[2]! >= 475);
  assertEquals([triples.tried, triples.detected, triples.named[0]], [100, 100, 0]);
});

Deno.test("the official repository's own test passes on the rule itself", async () => {
  assertEquals(await officialTestFailures(officialRule, 10), 0);
});

Deno.test("the page has every defect, once, and no gap", () => {
  const page = killMatrixPage(matrix);
  for (const { id } of defects) {
    assertEquals(page.split(`| [\`${id}\`](defects.md#${id}) |`).length, 2, id);
  }
  assert(!/undefined|NaN/.test(page));
});

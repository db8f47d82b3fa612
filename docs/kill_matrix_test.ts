import { assert, assertEquals } from "@std/assert";
import { defectOf, defects } from "../src/defects/defects.ts";
import { officialRule } from "../spec/rule.ts";
import { testNeeding } from "../src/fixtures/needing.ts";
import { isWhole, sweep } from "../src/fixtures/sweep.ts";
import { findPython, type Python } from "../src/fixtures/python_rule.ts";
import {
  catalogueKey,
  killMatrixPage,
  matrixRow,
  officialTestFailures,
  pythonFigures,
  readMatrix,
  totalsOf,
} from "./kill_matrix.ts";

const matrix = await readMatrix();

Deno.test("the matrix was measured on this catalogue of defects and clauses", async () => {
  assertEquals(matrix.catalogue, await catalogueKey(), "run deno task matrix");
  assertEquals(matrix.rows.map((row) => row.id), defects.map((defect) => defect.id));
});

sweep("a sample of the matrix comes out the same again", async () => {
  const ids = ["delta-clip-unscaled", "half-missing", "noise-laplace", "returns-sorted"];
  for (const id of ids) {
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
  // What several preparations share, and an early end, are not named yet.
  assert(named >= defects.length - 4);
  assert(officialNever > 100);
  const { pairs, triples } = matrix;
  assertEquals([pairs.tried, pairs.detected, pairs.wrong.length], [500, 500, 0]);
  assert(pairs.named[2]! >= 470);
  assertEquals([triples.tried, triples.detected, triples.named[0]], [100, 100, 0]);
});

Deno.test("the defects in Python are named as often as promised", () => {
  assert(matrix.python !== null, "run deno task matrix on a machine with Python 3.9 or newer");
  const { tried, alone, others } = matrix.python!;
  assertEquals([tried, alone], [defects.length, defects.length - others.length]);
  assert(alone >= defects.length - 7, JSON.stringify(others));
});

const python = await findPython();

/** A test that needs an interpreter. */
function testInPython(name: string, body: (python: Python) => Promise<void>): void {
  testNeeding("Python 3.9", python, name, body);
}

const figuresTest = isWhole ? testInPython : (name: string) => sweep(name, () => {});

figuresTest("a sample of the figures in Python comes out the same again", async (python) => {
  const ids = ["steps-hard-coded", "noise-laplace", "returns-best"];
  const others = matrix.python!.others.filter(({ id }) => ids.includes(id));
  const figures = await pythonFigures(python, ids.map((id) => defectOf(id)!));
  const alone = ids.length - others.length;
  assertEquals(figures, { version: python.version, tried: ids.length, alone, others });
});

figuresTest("a defect in Python that is named as another is told", async (python) => {
  const other = { ...defectOf("half-missing")!, id: "half-twice" };
  const { alone, others } = await pythonFigures(python, [other]);
  assertEquals([alone, others], [0, [{ id: "half-twice", named: ["half-missing"] }]]);
});

Deno.test("the page says so where there was no Python, and what was not named where there was", () => {
  assert(killMatrixPage({ ...matrix, python: null }).includes("not measured"));
  const others = [
    { id: "half-missing", named: ["half-twice (float16)"], unexplained: "Nothing explains it" },
    { id: "float16", named: [] },
  ];
  const page = killMatrixPage({ ...matrix, python: { ...matrix.python!, alone: 147, others } });
  assert(page.includes("- `half-missing`: half-twice (float16). Nothing explains it\n"));
  assert(page.includes("- `float16`: nothing is named.\n"));
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

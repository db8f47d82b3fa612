import { assertEquals } from "@std/assert";
import { calmProblem } from "./arbitraries.ts";
import { simplifications } from "./simplest.ts";

Deno.test("a row that only another problem of a case has is no way to make this one simpler", () => {
  const one = calmProblem({ energy: [0.5], initial: [[0.25]], steps: 2, stepSize: 0.25 });
  const two = { ...one, initial: [[0.25], [0.5]], samples: 2 };
  const at = { step: 1, row: 1, axis: 0, points: null };
  const rowsOf = (problem: typeof one) =>
    simplifications.flatMap((simplify) => simplify(problem, at)).flatMap(({ initial }) => initial);
  assertEquals(rowsOf(one).filter((row) => !row?.every(Number.isFinite)), []);
  assertEquals(rowsOf(two).filter((row) => !row?.every(Number.isFinite)), []);
});

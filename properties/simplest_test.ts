import { assertEquals } from "@std/assert";
import { calmProblem } from "./arbitraries.ts";
import { limitOf } from "../spec/rule.ts";
import { beforeTheWalls, simplifications } from "./simplest.ts";

Deno.test("a row that only another problem of a case has is no way to make this one simpler", () => {
  const one = calmProblem({ energy: [0.5], initial: [[0.25]], steps: 2, stepSize: 0.25 });
  const two = { ...one, initial: [[0.25], [0.5]], samples: 2 };
  const at = { step: 1, row: 1, axis: 0, points: null };
  const rowsOf = (problem: typeof one) =>
    simplifications.flatMap((simplify) => simplify(problem, at)).flatMap(({ initial }) => initial);
  assertEquals(rowsOf(one).filter((row) => !row?.every(Number.isFinite)), []);
  assertEquals(rowsOf(two).filter((row) => !row?.every(Number.isFinite)), []);
});

Deno.test("a start on a wall is tried half as far from the middle, with rows as different as they were", () => {
  const problem = calmProblem({
    energy: [0.5],
    initial: [[-1], [-0.5]],
    steps: 1,
    stepSize: 0.25,
    bounds: { min: [-1], max: [1] },
  });
  const at = { step: 0, row: 0, axis: 0, points: null };
  const starts = simplifications.flatMap((simplify) => simplify(problem, at))
    .map(({ initial }) => JSON.stringify(initial));
  assertEquals(starts.includes("[[-0.5],[-0.25]]"), true);
});

Deno.test("a step that a wall hides is tried to the other side, and in wider boxes with the same limit", () => {
  const bounds = { min: [-1], max: [3] };
  const problem = calmProblem({
    energy: [2],
    initial: [[-0.5]],
    stepSize: 1,
    bounds,
    deltaClip: 0.5,
  });
  const [turned, ...wider] = beforeTheWalls(problem, { step: 0, row: 0, axis: 0, points: null });
  assertEquals([turned!.energy, turned!.settings], ["-2*a1", problem.settings]);
  assertEquals(wider.map(({ settings }) => settings.bounds.min[0]), [-7, -31, -127]);
  for (const { settings } of wider) {
    assertEquals(limitOf(settings, 0), limitOf(problem.settings, 0));
  }
});

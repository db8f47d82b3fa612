import { assertEquals } from "@std/assert";
import type { Problem, Rows } from "./problem.ts";
import { officialDefaults } from "./problem.ts";
import { plainPathOf, same } from "./trajectory.ts";

const problem = (steps: number): Problem => ({
  energy: "a1^2",
  settings: { ...officialDefaults, bounds: { min: [-9], max: [9] }, steps },
  groups: 1,
  samples: 1,
  axes: 1,
  observations: [[]],
  initial: [[0]],
  noise: { kind: "own" },
  seed: 1,
});

/** The path of a chain on one row and axis, from the points at which gradients were asked for. */
function path(steps: number, asked: readonly number[], final: number): number[] | number {
  const evaluations = asked.map((x) => ({ kind: "gradient" as const, points: [[x]] }));
  const trajectory = { evaluations, final: [[final]], draws: 0, initialAfter: [[0]] };
  const found = plainPathOf(problem(steps), trajectory);
  return found.kind === "known" ? found.points.map((rows) => rows[0]![0]!) : found.evaluations;
}

Deno.test("a chain that stays where it is has all its points, asked once or twice at each", () => {
  assertEquals(path(3, [0, 0, 0], 0), [0, 0, 0, 0]);
  assertEquals(path(2, [5, 5, 5, 5], 5), [5, 5, 5]);
  // The last step stays: the last question is the step's own, not one more for a report.
  assertEquals(path(2, [0, 1], 1), [0, 1, 1]);
});

Deno.test("questions that are repeated at every point alike are passed over, others are not", () => {
  assertEquals(path(2, [0, 0, 0, 1, 1, 1], 2), [0, 1, 2]);
  assertEquals(path(2, [0, 1, 1], 2), [0, 1, 2]);
  assertEquals(path(2, [0, 0, 0, 1], 1), [0, 1, 1]);
  assertEquals(path(2, [0, 1, 0, 1], 2), 4);
  assertEquals(path(2, [0, 1, 2], 3), 3);
});

Deno.test("a question at the returned actions is one more for a report, wherever the chain went", () => {
  assertEquals(path(2, [0, 1, 2], 2), [0, 1, 2]);
  assertEquals(path(1, [0, 4], 4), [0, 4]);
  assertEquals(path(1, [0, 4], 5), 2);
});

Deno.test("questions for outputs are no steps", () => {
  const evaluations = [
    { kind: "outputs" as const, points: [[0]] },
    { kind: "gradient" as const, points: [[0]] },
    { kind: "outputs" as const, points: [[1]] },
  ];
  const trajectory = { evaluations, final: [[1]], draws: 0, initialAfter: [[0]] };
  assertEquals(plainPathOf(problem(1), trajectory), { kind: "known", points: [[[0]], [[1]]] });
});

Deno.test("tables are the same if every number is, NaN among them, and the sign of 0 aside", () => {
  const equal: readonly (readonly [Rows, Rows])[] = [
    [[[1, 2]], [[1, 2]]],
    [[[NaN]], [[NaN]]],
    [[[0]], [[-0]]],
    [[], []],
  ];
  for (const [one, other] of equal) assertEquals(same(one, other), true);
  const different: readonly (readonly [Rows, Rows])[] = [
    [[[1, 2]], [[1, 3]]],
    [[[1]], [[1, 2]]],
    [[[1, 2]], [[1]]],
    [[[1]], [[1], [1]]],
    [[[1], [1]], [[1]]],
    [[[NaN]], [[0]]],
  ];
  for (const [one, other] of different) assertEquals(same(one, other), false);
});

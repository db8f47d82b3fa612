import { assertEquals } from "@std/assert";
import { chainOf } from "./response.ts";
import type { Reading } from "./observations.ts";
import { problemIn } from "./condition_series.ts";

const problem = problemIn({
  start: [[[0]]],
  slopes: [[1]],
  draws: [],
  bounds: [[-1, 1]],
  settings: {
    steps: 3,
    schedule: { kind: "polynomial", init: 0.25, final: 0.25, power: 2 },
    noiseScale: 0,
    deltaClip: 2,
    gradClip: null,
    gradNorm: null,
    applyExp: false,
  },
  isDrawn: false,
}, { groups: 1, samples: 1, axes: 1 });

const rows = (...values: readonly number[]) => values.map((a) => [[a]]);
const reading = (actions: readonly number[]): Reading => ({
  points: rows(0, 1, 2),
  final: [[3]],
  initialAfter: [[0]],
  chain: { actions: rows(...actions) },
});

for (const told of [[3, 2, 1], [2, 1, 3]]) {
  Deno.test(`a chain reported as ${told} is the one in which its gradients were asked`, () => {
    assertEquals(chainOf(problem, reading(told)), { points: rows(0, 1, 2, 3), sure: true });
  });
}

Deno.test("a chain that returns another of its points is as it is reported", () => {
  const seen = { ...reading([1, 2, 3]), final: [[1]] };
  assertEquals(chainOf(problem, seen)?.points, rows(0, 1, 2, 3));
});

import { assertEquals } from "@std/assert";
import { placesOf, pointsAt } from "./places.ts";
import { officialDefaults, type Problem } from "./problem.ts";

Deno.test("rows are told in any order, those too that are no number from some step on", () => {
  const problem: Problem = {
    energy: "a1*log(a1)",
    settings: {
      ...officialDefaults,
      bounds: { min: [-1], max: [1] },
      schedule: { kind: "polynomial", init: 0.125, final: 0.125, power: 1 },
      steps: 2,
      noiseScale: 0,
      deltaClip: 0.25,
    },
    groups: 1,
    samples: 3,
    axes: 1,
    observations: [[]],
    initial: [[-0.5], [1], [0.125]],
    noise: { kind: "own" },
    seed: 1,
  };
  const next = (a: number, k = 1): number => k === 0 ? a : next(a - (Math.log(a) + 1) / 16, k - 1);
  const [low, high] = [0.125, 1],
    tables = [[[low], [-0.5], [high]], [[next(high)], [NaN], [next(low)]]];
  const places = placesOf(problem, tables, [[NaN], [next(high, 2)], [next(low, 2)]]);
  assertEquals(places && pointsAt(places, tables), [
    [[-0.5], [high], [low]],
    [[NaN], [next(high)], [next(low)]],
  ]);
});

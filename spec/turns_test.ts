import { assertEquals } from "@std/assert";
import { officialDefaults, type Problem, type Rows } from "./problem.ts";
import { countedPathOf, pathOf } from "./readings.ts";
import type { Trajectory } from "./trajectory.ts";
import { pointsByTurns } from "./turns.ts";

/** Two rows, three steps, noise of its own; the numbers of a row are the steps it has taken. */
const problem: Problem = {
  energy: "0*a1",
  settings: {
    ...officialDefaults,
    steps: 3,
    bounds: { min: [-100], max: [100] },
  },
  groups: 1,
  samples: 2,
  axes: 1,
  observations: [[]],
  initial: [[0], [10]],
  noise: { kind: "own" },
  seed: 1,
};
const path = [[[0], [10]], [[1], [11]], [[2], [12]]];
const final = [[3], [13]];

const table = (questions: readonly (readonly [number, number])[]): Rows[] =>
  questions.map(([one, two]) => [[one], [two]]);

const orders = {
  "the other row at its start": [[0, 10], [1, 10], [2, 10], [0, 10], [0, 11], [0, 12]],
  "the first row at its end": [[0, 10], [1, 10], [2, 10], [3, 10], [3, 11], [3, 12]],
  "the last row first": [[0, 10], [0, 11], [0, 12], [0, 13], [1, 13], [2, 13]],
  "the other row in one place": [[0, 50], [1, 50], [2, 50], [50, 10], [50, 11], [50, 12]],
  "copies of the row that walks": [[0, 0], [1, 1], [2, 2], [10, 10], [11, 11], [12, 12]],
  "turns after every step": [[0, 10], [1, 10], [1, 11], [2, 11], [2, 12], [3, 12]],
  "turns after every two steps": [[0, 10], [1, 10], [2, 10], [2, 11], [2, 12], [3, 12]],
  "turns in another order at every step": [[0, 10], [1, 10], [1, 11], [1, 12], [2, 12], [3, 12]],
} as const;

for (const [order, questions] of Object.entries(orders)) {
  Deno.test(`rows may take turns: ${order}`, () => {
    assertEquals(pointsByTurns(problem, table(questions), final), path);
  });
}

Deno.test("a row that rests is read by the turns of the others", () => {
  // The first row asks for all its gradients where it starts.
  const asked = table([[0, 10], [0, 10], [0, 10], [9, 10], [9, 11], [9, 12]]);
  const read = pointsByTurns(problem, asked, [[9], [13]]);
  assertEquals(read, [[[0], [10]], [[0], [11]], [[0], [12]]]);
});

Deno.test("questions that are no row's turn leave the path unknown", () => {
  const twiceAsLong = table([[0, 10], [1, 11], [2, 12], [3, 13], [4, 14], [5, 15]]);
  assertEquals(pointsByTurns(problem, twiceAsLong, [[6], [16]]), null);
  const looks = table([[0, 10], [7, 8], [1, 11], [8, 9], [2, 12], [9, 7]]);
  assertEquals(pointsByTurns(problem, looks, final), null);
});

Deno.test("rows whose steps follow the rule may be asked about in any order, with looks between", () => {
  const settings = { ...problem.settings, noiseScale: 0, deltaClip: 1 };
  const silent = { ...problem, energy: "-20*a1", settings };
  const rates = [0.1, (0.1 - 1e-5) / 4 + 1e-5, 1e-5];
  const walk = (start: number) =>
    rates.reduce<number[]>((xs, rate) => [...xs, xs.at(-1)! + 10 * rate], [start]);
  const [one, two] = [walk(0), walk(10)] as [number[], number[]];
  const asked: [number, number][] = [[0, 77], [one[1]!, 78], [0, 10], [5, two[1]!], [one[2]!, 79]];
  const trajectory: Trajectory = {
    evaluations: table([...asked, [one[2]!, two[2]!]]).map((points) => ({
      kind: "gradient",
      points,
    })),
    final: [[one[3]!], [two[3]!]],
    draws: 3,
    initialAfter: [],
  };
  const points = [0, 1, 2, 3].map((k) => [[one[k]!], [two[k]!]]);
  assertEquals(pathOf(silent, trajectory), { kind: "known", points });
  assertEquals(countedPathOf(silent, trajectory), { kind: "known", points });
});

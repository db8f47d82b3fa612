import { assert, assertEquals, assertThrows } from "@std/assert";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { thereAndBack } from "../../fixtures/other_coordinates.ts";
import { prettyWatched } from "../../report/watched_page.ts";
import { judgeWatchedRun, readWatchedRun, type WatchedRun } from "./watched_run.ts";

const style = { color: false, width: 100 };

/** Four steps of two rows on one axis along the slope 1, each limited to 0.25. */
function recorded(part: Partial<WatchedRun> = {}): WatchedRun {
  const points = [[[0], [1]], [[-0.25], [0.75]], [[-0.5], [0.5]], [[-0.75], [0.25]]];
  return {
    format: "ulaspec-watched/1",
    settings: {
      bounds: { min: [-1], max: [1] },
      steps: 4,
      schedule: { kind: "polynomial", init: 1, final: 1, power: 2 },
      noiseScale: 0,
      gradClip: null,
      deltaClip: 0.25,
      gradNorm: null,
      applyExp: false,
    },
    points,
    gradients: points.map((rows) => rows.map(() => [1])),
    draws: null,
    final: [[-1], [0]],
    rows: 2,
    notes: [],
    ...part,
  };
}

Deno.test("a recorded run is judged step by step from the gradients that were seen", async () => {
  const report = await judgeWatchedRun(readWatchedRun(JSON.stringify(recorded())));
  assertEquals([report.verdict, report.deviating], ["follows", 0]);
  const { steps, limited, onWalls } = report.coverage;
  assertEquals([steps, limited, onWalls], [4, 8, 1]);
  assert(prettyWatched(report, style).startsWith("✓ every step that was seen follows the rule"));
});

Deno.test("a deviating step is shown with the rule's terms and the bug that gives it", async () => {
  const long = [[[0], [1]], [[-0.5], [0.5]], [[-1], [0]], [[-1], [-0.5]]];
  const report = await judgeWatchedRun(recorded({ points: long, final: [[-1], [-1]] }));
  assertEquals(report.verdict, "deviates");
  assert(report.bugs.some(({ id }) => id === "delta-clip-missing"));
  const page = prettyWatched(report, style);
  assert(page.includes("step 0, row 0, axis 0") && page.includes("limit 0.25"), page);
});

Deno.test("a gradient at the point that is returned changes nothing, and a step too many does", async () => {
  const { points } = recorded();
  const asked = { points: [...points, [[-1], [0]]], gradients: Array(5).fill([[1], [1]]) };
  const logged = await judgeWatchedRun(recorded(asked));
  assertEquals([logged.verdict, logged.coverage.steps], ["follows", 4]);
  const longer = await judgeWatchedRun(recorded({ ...asked, final: [[-1], [-0.25]] }));
  assertEquals(longer.verdict, "deviates");
  assert(longer.notes.some((note) => note.includes("gradients at 5 points")));
});

Deno.test("noise that can't be attributed leaves a run unjudged, with the reason", async () => {
  const { settings } = recorded();
  const report = await judgeWatchedRun(recorded({ settings: { ...settings, noiseScale: 1 } }));
  assertEquals(report.verdict, "not judged");
  assert(report.notes.some((note) => note.includes("could not be attributed")));
});

Deno.test("what is no recording is refused with the place", () => {
  const broken = { ...recorded(), rows: "two" };
  assertThrows(() => readWatchedRun(JSON.stringify(broken)), RangeError, "at rows");
  assertThrows(() => readWatchedRun("{"), RangeError, "found no JSON");
});

/** Sixteen steps of eight rows in a wide box, each moved a little after it. */
function inWideBox(nudged: (a: number, draw: number) => number): WatchedRun {
  const next = normalDraws(3), { settings } = recorded(), steps = 16, eta = 1 / 16;
  const table = () => Array.from({ length: 8 }, () => [next()]);
  const gradients = Array.from({ length: steps }, table), draws = gradients.map(table);
  const points = [table().map(([a]) => [Math.fround(8 * a!)])];
  for (const [k, xi] of draws.entries()) {
    points.push(points[k]!.map(([a], r) => {
      const next = a! - eta * (gradients[k]![r]![0]! / 2 + xi[r]![0]!);
      return [Math.fround(nudged(next, xi[r]![0]!))];
    }));
  }
  const schedule = { kind: "polynomial", init: eta, final: eta, power: 2 } as const;
  const bounds = { min: [-47.3], max: [80] };
  return recorded({
    settings: { ...settings, bounds, steps, schedule, noiseScale: 1, deltaClip: 1 },
    points: points.slice(0, steps),
    gradients,
    draws,
    final: points.at(-1)!,
    rows: 8,
  });
}

Deno.test("what is off by rounding in other coordinates is no deviation, and what goes with anything is", async () => {
  const rounded = await judgeWatchedRun(inWideBox((a) => thereAndBack(a, -47.3, 80)));
  assertEquals([rounded.verdict, rounded.deviating], ["follows", 0]);
  assert(rounded.notes.some((note) => note.includes("coordinates of its own")));
  const faults = [
    (a: number) => a + 1e-5,
    (a: number, draw: number) => thereAndBack(a - 1e-5 * draw, -47.3, 80),
    (a: number) => a * (1 - 1e-6),
  ];
  for (const fault of faults) {
    assertEquals((await judgeWatchedRun(inWideBox(fault))).verdict, "deviates");
  }
});

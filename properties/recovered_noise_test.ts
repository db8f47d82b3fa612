import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ruleWith } from "../src/defects/defects.ts";
import { observe } from "../spec/observe.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { uniform } from "../spec/numerics/random.ts";
import { officialRule, ruleSampler } from "../spec/rule.ts";
import { kolmogorovBound } from "../spec/numerics/tails.ts";
import { pathOf } from "../spec/readings.ts";
import { calmSettings, constantSchedule, normalTape, problemOf } from "./arbitraries.ts";
import { battery, combined } from "./battery.ts";
import { type Recovered, recoverNoise, recoverWholeNoise } from "./recovered_noise.ts";

/** Clips act in most steps; the energy couples its axes and is not convex. */
function clipHeavy(seed: number): Problem {
  return problemOf({
    energy: "1.5*(a1 - 0.25)^2 - 2*a2 + 0.75*cos(3*a1)*a2",
    settings: calmSettings(2, {
      bounds: { min: [-1, -0.5], max: [1, 0.75] },
      steps: 3,
      schedule: { kind: "polynomial", init: 0.25, final: 1 / 16, power: 2 },
      noiseScale: 0.75,
      gradClip: 1,
      deltaClip: 0.0625,
    }),
    groups: 2,
    initial: Array.from({ length: 16 }, (_, r) => [r / 8 - 1, r / 16 - 0.4375]),
    noise: { kind: "own" },
    seed,
  });
}

async function pathPoints(problem: Problem, rule = officialRule): Promise<readonly Rows[]> {
  const sampler = ruleSampler(rule, { noise: "own" });
  const prepared = await observe(sampler).prepare(problem.settings);
  const path = pathOf(problem, await prepared.sample(problem));
  if (path.kind !== "known") throw new Error("the rule sampler always has a path");
  return path.points;
}

function recovered(...given: Parameters<typeof recoverNoise>): Recovered {
  const found = recoverNoise(...given);
  if (found.kind === "outside") throw new Error(JSON.stringify(found));
  return found;
}

for (
  const [precision, change] of [["float64", {}], ["float32", { precision: "float32" }]] as const
) {
  Deno.test(`recovered noise is standard normal on clip-heavy chains in ${precision}`, async () => {
    const pValues: number[] = [];
    let informative = 0, draws = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const problem = clipHeavy(seed);
      const points = await pathPoints(problem, ruleWith(change));
      const found = recovered(problem, points, uniform(seed));
      informative += found.informative;
      draws += 3 * 16 * 2;
      const tests = ["mean", "variance", "rows", "axes", "steps", "samples", "drift"] as const;
      const results = battery(found.noise, { samples: 8, drift: found.drift, tests });
      assertEquals(results.length, tests.length);
      pValues.push(
        ...results.filter((r) => r.test === "mean" || r.test === "variance")
          .map((r) => r.pValue),
      );
      assert(combined(results).pValue > 1e-6);
    }
    assert(informative < 0.8 * draws && informative > 0.2 * draws);
    for (const part of [0, 1]) {
      const sorted = pValues.filter((_, i) => i % 2 === part).sort((a, b) => a - b);
      const distance = Math.max(
        ...sorted.map((p, i) => Math.max((i + 1) / sorted.length - p, p - i / sorted.length)),
      );
      assert(kolmogorovBound(distance, sorted.length) > 1e-3, `${distance}`);
    }
  });
}

Deno.test("where nothing clips, the recovered noise is the draw with its sign turned", async () => {
  const draws = normalTape(3, 2, 4, 2);
  const problem = problemOf({
    energy: "0.5*a1 + a2^2",
    settings: calmSettings(2, { steps: 2, schedule: constantSchedule(0.25), noiseScale: 0.5 }),
    initial: [[0, 1], [0.5, 0], [1, 1], [0.25, 0.5]],
    noise: { kind: "tape", draws },
  });
  const found = recovered(problem, await pathPoints(problem), uniform(1));
  found.noise.forEach((rows, k) =>
    rows.forEach((row, r) => row.forEach((z, i) => assert(Math.abs(z + draws[k]![r]![i]!) < 1e-12)))
  );
  assertEquals(found.drift[0]![0], [0.5, 2]);
});

Deno.test("a step beyond its interval is certain, and told with its place", () => {
  const problem = clipHeavy(1);
  const points = [problem.initial, problem.initial.map((row) => [...row])];
  points[1] = points[1]!.map((row, r) => r === 5 ? [row[0]!, row[1]! + 0.25] : row);
  const found = recoverNoise(problem, points, uniform(1));
  if (found.kind !== "outside") throw new Error("expected a step beyond its interval");
  assertEquals([found.step, found.row, found.axis], [0, 5, 1]);
  assert(found.actual > found.interval.upper + found.tolerance);
});

Deno.test("steps without noise are left out, and a bad gradient costs nothing but its own value", () => {
  const problem = problemOf({
    energy: "sqrt(a1)",
    settings: calmSettings(1, {
      steps: 2,
      schedule: { kind: "polynomial", init: 0.25, final: 0, power: 1 },
      noiseScale: 1,
    }),
    initial: [[-1], [1]],
    noise: { kind: "own" },
  });
  const points = [problem.initial, [[-1], [0.875]], [[-1], [0.875]]];
  const found = recovered(problem, points, uniform(1));
  assertEquals(found.noise.length, 1);
  assert(found.noise[0]!.flat().every(Number.isFinite));
  assert(Math.abs(found.noise[0]![1]![0]! - -0.25) < 1e-12);
});

Deno.test("float32 spacing does not show in noise that is small against the actions", () => {
  const stepSize = 2 ** -18;
  const settings = calmSettings(1, {
    steps: 1,
    schedule: constantSchedule(stepSize),
    noiseScale: 1,
  });
  const initial = Array.from({ length: 4000 }, (_, r) => [1 + r / 8192]);
  const problem = problemOf({ energy: "0*a1", settings, initial, noise: { kind: "own" } });
  const [tape] = normalTape(5, 1, 4000, 1);
  const final = initial.map(([a], r) => [Math.fround(a! - stepSize * tape![r]![0]!)]);
  const found = recovered(problem, [initial, final], uniform(2));
  assert(combined(battery(found.noise)).pValue > 1e-3);
  assert(new Set(found.noise.flat(2)).size > 3990);
});

Deno.test("a whole chain gives one draw for each coordinate, from its two ends", async () => {
  const problem = problemOf({
    energy: "0*a1",
    settings: calmSettings(3, {
      steps: 4,
      schedule: { kind: "polynomial", init: 0.25, final: 1 / 64, power: 2 },
      noiseScale: 0.5,
    }),
    initial: Array.from({ length: 800 }, () => [0, 1, -1]),
    noise: { kind: "own" },
    seed: 4,
  });
  const noise = recoverWholeNoise(problem, (await pathPoints(problem)).at(-1)!);
  assertEquals([noise.length, noise[0]!.length, noise[0]![0]!.length], [1, 800, 3]);
  assert(combined(battery(noise)).pValue > 1e-3);
});

Deno.test("a coordinate at its limit tells little, and counts as no information", async () => {
  // The first axis is flat and wide; the second is steep and always ends at its limit.
  const steps = 3, rows = 5;
  const problem = problemOf({
    energy: "400*a2",
    settings: calmSettings(2, {
      steps,
      schedule: constantSchedule(0.25),
      noiseScale: 0.5,
      deltaClip: 0.125,
    }),
    initial: Array.from({ length: rows }, (_, r) => [r / 8, r / 8]),
    noise: { kind: "tape", draws: normalTape(6, steps, rows, 2) },
  });
  const found = recovered(problem, await pathPoints(problem), uniform(3));
  assertEquals(found.informative, steps * rows);
  assertEquals([found.noise.length, found.drift.length], [steps, steps]);
  assertEquals(found.drift[0]![0], [0, 0.5 * 400 / 0.5]);
});

Deno.test("the gradient is the one that enters the step: of exp(-E), and clipped", async () => {
  const problemWith = (applyExp: boolean, gradClip: number | null) =>
    problemOf({
      energy: "3*a1 + a2^2",
      settings: calmSettings(2, {
        schedule: constantSchedule(0.25),
        noiseScale: 0.5,
        applyExp,
        gradClip,
      }),
      initial: [[0.25, -0.5], [0.5, 1]],
      noise: { kind: "tape", draws: normalTape(7, 1, 2, 2) },
    });
  for (const [applyExp, gradClip] of [[false, 2], [true, null], [true, 0.125]] as const) {
    const problem = problemWith(applyExp, gradClip);
    const { noise, drift } = recovered(problem, await pathPoints(problem), uniform(1));
    const weights = applyExp ? [Math.exp(-0.75 - 0.25), Math.exp(-1.5 - 1)] : [1, 1];
    const most = gradClip ?? Infinity;
    [[3, -1], [3, 2]].forEach((row, r) =>
      row.forEach((g, i) => {
        const used = Math.min(Math.max(weights[r]! * g, -most), most);
        assertAlmostEquals(drift[0]![r]![i]!, 0.5 * used / 0.5, 1e-12);
        if (problem.noise.kind !== "tape") throw new Error("wanted a tape");
        assertAlmostEquals(noise[0]![r]![i]!, -problem.noise.draws[0]![r]![i]!, 1e-9);
      })
    );
  }
});

Deno.test("a step past its limit by less than float32 may round is at its limit, one by more is outside", () => {
  const problem = problemOf({
    energy: "0*a1",
    settings: calmSettings(1, {
      schedule: constantSchedule(0.25),
      noiseScale: 1,
      deltaClip: 0.125,
    }),
    initial: [[16]],
    noise: { kind: "own" },
  });
  // The box is 128 wide, so that the limit is 8: u (max(16, 24) + 4 · 8) beyond it is allowed.
  const allowed = 2 ** -24 * (24 + 4 * 8);
  const kindAt = (x: number) => recoverNoise(problem, [problem.initial, [[x]]], uniform(1)).kind;
  for (const side of [8, 24]) {
    const outwards = side > 16 ? 1 : -1;
    const slack = side > 16 ? allowed : 2 ** -24 * (16 + 4 * 8);
    assertEquals(kindAt(side + outwards * 0.9 * slack), "noise");
    assertEquals(kindAt(side + outwards * 1.2 * slack), "outside");
  }
});

Deno.test("the noise of a whole chain is the sum of its steps in units of its deviation", async () => {
  const sizes = [0.25, 0.125, 0.25 / 2];
  const problem = problemOf({
    energy: "0*a1",
    settings: calmSettings(2, {
      steps: 3,
      schedule: { kind: "polynomial", init: 0.25, final: 0.125, power: 200 },
      noiseScale: 0.5,
    }),
    initial: [[0, 1], [0.5, -2]],
    noise: { kind: "tape", draws: normalTape(8, 3, 2, 2) },
  });
  if (problem.noise.kind !== "tape") throw new Error("wanted a tape");
  const { draws } = problem.noise;
  const noise = recoverWholeNoise(problem, (await pathPoints(problem)).at(-1)!);
  noise[0]!.forEach((row, r) =>
    row.forEach((z, i) => {
      const sum = sizes.reduce((sum, eta, k) => sum + eta * draws[k]![r]![i]!, 0);
      assertAlmostEquals(z, -sum / Math.hypot(...sizes), 1e-9);
    })
  );
});

Deno.test("a chain without noise has none to recover, and what leaves the box is outside", async () => {
  const problem = problemOf({
    energy: "a1",
    settings: calmSettings(1, { steps: 2, schedule: constantSchedule(0.25), noiseScale: 0 }),
    initial: [[1]],
    noise: { kind: "own" },
  });
  const points = await pathPoints(problem);
  const found = recovered(problem, points, uniform(1));
  assertEquals([found.noise, found.informative], [[], 0]);
  assertEquals(recoverNoise(problem, [points[0]!, [[81]]], uniform(1)).kind, "outside");
});

Deno.test("in coordinates of a sampler's own no step is outside, and noise that they hide is the checker's", async () => {
  const plain: Problem = {
    ...clipHeavy(1),
    settings: {
      ...clipHeavy(1).settings,
      bounds: { min: [-1, -0.5], max: [900, 700] },
      deltaClip: 2 ** -14,
    },
  };
  const points = (await pathPoints(plain)).map((rows) =>
    rows.map((row) => row.map((a, i) => Math.fround(Math.fround(a + 900 + i) - 900 - i)))
  );
  assertEquals(recoverNoise(plain, points, uniform(1)).kind, "outside");
  const problem = { ...plain, coordinates: { ofBounds: 16, ofOwn: 0 } };
  const { noise } = recovered(problem, points, uniform(1));
  assert(noise.flat(2).every((z) => Math.abs(z) < 6));
});

import { assertSound } from "../../fixtures/sound_problem.ts";
import { assert, assertEquals } from "@std/assert";
import { defects, ruleOf, ruleWith } from "../../defects/defects.ts";
import { observe } from "../../../spec/observe.ts";
import { type Problem, type Rows } from "../../../spec/problem.ts";
import { officialRule, type Rule, ruleSampler, stepSizes } from "../../../spec/rule.ts";
import { TargetFault } from "../../../spec/sampler.ts";
import { pathOf } from "../../../spec/readings.ts";
import { isolatedStep, ladder, ladderWidth, type Probe, probes, probesFor } from "./probes.ts";

async function pathBy(rule: Rule, problem: Problem): Promise<readonly Rows[]> {
  const prepared = await observe(ruleSampler(rule)).prepare(problem.settings);
  const trajectory = await prepared.sample(problem);
  const path = pathOf(problem, trajectory);
  return path.kind === "known" ? path.points : [
    ...trajectory.evaluations.filter((e) => e.kind === "gradient").map((e) => e.points),
    trajectory.final,
  ];
}

function probe(name: Probe["name"]): Probe {
  return probes.find((p) => p.name === name)!;
}

const sink = probe("kitchen-sink").calls[0]!;

Deno.test("every probe and ruler is a problem that makes sense", () => {
  const problems = [
    ...probes.flatMap((p) => p.calls),
    ...probesFor(new Set()).flatMap((p) => p.calls),
    ladder,
  ];
  for (const problem of problems) assertSound(problem);
});

Deno.test("the calls of a probe have the same settings", () => {
  for (const { calls } of probes) {
    for (const call of calls) assertEquals(call.settings, calls[0]!.settings);
  }
});

Deno.test("every number of a probe is a short binary fraction", () => {
  const short = (value: unknown): boolean => {
    if (typeof value === "number") return Number.isInteger(value * 4096);
    if (typeof value === "object" && value !== null) return Object.values(value).every(short);
    return true;
  };
  for (const { name, calls } of probes) assert(calls.every(short), name);
  assert(short(ladder));
});

Deno.test("rows, samples, axes and steps of the large probes are pairwise different", () => {
  for (const problem of [sink, probe("noise").calls[0]!]) {
    const { groups, samples, axes, settings } = problem;
    assertEquals(new Set([groups * samples, samples, axes, settings.steps]).size, 4);
  }
});

Deno.test("the kitchen sink has the step sizes of its table, exactly", () => {
  const { schedule, steps } = sink.settings;
  assertEquals(stepSizes(schedule, steps), [
    0.25,
    0.11676025390625,
    0.04833984375,
    0.02313232421875,
    0.01953125,
  ]);
});

Deno.test("the linear and saturated lanes of the kitchen sink need no rounding in float32", async () => {
  const exact = await pathBy(officialRule, sink);
  const float32 = await pathBy(ruleWith({ precision: "float32" }), sink);
  for (const axis of [0, 1, 3, 4, 6, 7]) {
    for (const [k, points] of exact.entries()) {
      for (const [row, point] of points.entries()) {
        assertEquals(float32[k]![row]![axis], point[axis], `step ${k}, row ${row}, axis ${axis}`);
        assertEquals(Math.fround(point[axis]!), point[axis]);
      }
    }
  }
});

Deno.test("the lanes of the kitchen sink show what their table says", async () => {
  const path = await pathBy(officialRule, sink);
  const moved = (k: number, axis: number, row = 0) =>
    path[k]![row]![axis]! - path[k + 1]![row]![axis]!;
  assertEquals(moved(0, 3), 0.078125);
  assertEquals([0, 1, 2].map((k) => moved(k, 4)), [-1.5, -0.93408203125, -0.38671875]);
  assertEquals(path[1]![0]![5], 0.5);
  assertEquals(path.at(-1)![5]![4], 25);
  assertEquals(path.slice(2).map((points) => points[3]![3]), [0.125, 0.125, 0.125, 0.125]);
});

/** The largest deviation of a defect's path from the rule's, relative to 1 + |a|. */
async function deviation(rule: Rule, problem: Problem): Promise<number> {
  const one = await pathBy(rule, problem), other = await pathBy(officialRule, problem);
  if (one.length !== other.length) return Infinity;
  let largest = 0;
  other.forEach((points, k) =>
    points.forEach((row, r) =>
      row.forEach((a, i) => {
        const apart = Math.abs(one[k]![r]![i]! - a) / (1 + Math.abs(a));
        largest = Math.max(largest, Number.isNaN(apart) ? Infinity : apart);
      })
    )
  );
  return largest;
}

Deno.test("what the kitchen sink shows of a defect is far above float32 and above float16", async () => {
  const float16 = await deviation(ruleWith({ precision: "float16" }), sink);
  const float32 = await deviation(ruleWith({ precision: "float32" }), sink);
  assert(float16 > 5e-4, `${float16}`);
  assert(float32 < 2e-7, `${float32}`);
  for (const defect of defects) {
    if (defect.factor === "precision") continue;
    const seen = await deviation(ruleOf(defect), sink);
    assert(seen === 0 || seen > 0.0136, `${defect.id}: ${seen}`);
  }
});

Deno.test("what a sampler lacks is left out of its probes", () => {
  const names = (lacking: Parameters<typeof probesFor>[0]) => probesFor(lacking).map((p) => p.name);
  assertEquals(names(new Set()), probes.map((p) => p.name));
  const few = new Set(["grad-clip", "exponential-schedule", "apply-exp", "noise-tape"] as const);
  assertEquals(names(few), ["kitchen-sink", "second-call", "one-step", "outside-start"]);
  for (const { calls } of probesFor(few)) {
    for (const problem of calls) {
      assertEquals(problem.settings.gradClip, null);
      assertEquals(problem.noise.kind, "own");
      assertEquals(problem.settings.schedule.kind, "polynomial");
    }
  }
});

Deno.test("an isolated step is one step with the initial step size", async () => {
  for (const problem of [sink, probe("noise").calls[0]!]) {
    const whole = await pathBy(officialRule, problem);
    const isolated = await pathBy(officialRule, isolatedStep(problem));
    assertEquals(isolated.at(-1), whole[1]);
  }
});

Deno.test("the displacements on the ladder are the partial sums of half the step sizes", async () => {
  const final = (await pathBy(officialRule, ladder)).at(-1)!;
  const { schedule, steps } = ladder.settings;
  let sum = 0;
  const sums = stepSizes(schedule, steps).map((eta) => sum += eta / 2);
  const moved = new Set(ladder.initial.map((row, j) => row[0]! - final[j]![0]!));
  assertEquals([...moved].sort((a, b) => a - b), sums);
  assert(ladderWidth < Math.min(...stepSizes(schedule, steps)) / 2);
});

Deno.test("a chain of one step that divides by zero shows in one probe alone", async () => {
  const rule = ruleOf(defects.find((d) => d.id === "one-step-throws")!);
  for (const { name, calls } of probes) {
    const failed = await pathBy(rule, calls[0]!).then(() => false, (e) => e instanceof TargetFault);
    assertEquals(failed, name === "one-step");
  }
});

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { type Change, samplerWith } from "../src/defects/defects.ts";
import { observe } from "../spec/observe.ts";
import { copyRows, type Rows } from "../spec/problem.ts";
import { officialRule, ruleSampler } from "../spec/rule.ts";
import type { Feature, Sampler, Target } from "../spec/sampler.ts";
import { officialTraces } from "./load.ts";
import { followsRule, type Replay, replaySpec, replayTarget } from "./replay.ts";
import type { Recorded, Trace } from "./trace.ts";

const traces = await officialTraces();
const traceOf = (id: string) => traces.find((trace) => trace.id === id)!;
const deviating = traceOf("exponential-frozen-graph");

/** Ids of the traces that a sampler does not reproduce. */
async function caughtBy(sampler: Sampler): Promise<string[]> {
  const target = observe(sampler);
  const replays = await Promise.all(traces.map((trace) => replayTarget(trace, target)));
  return replays.filter(({ verdict }) => verdict === "disagrees").map(({ trace }) => trace);
}

function changed(trace: Trace, recorded: Partial<Recorded>): Trace {
  return { ...trace, recorded: { ...trace.recorded, ...recorded } };
}

function withNumber(table: Rows, row: number, column: number, value: number): number[][] {
  const copy = copyRows(table);
  copy[row]![column] = value;
  return copy;
}

Deno.test("49 official traces follow the rule and one deviates as it says", () => {
  const replays = traces.map(replaySpec);
  assertEquals(replays.filter(({ verdict }) => verdict === "agrees").length, 49);
  assertEquals(
    replays.filter(({ verdict }) => verdict === "known deviation").map(({ trace }) => trace),
    [deviating.id],
  );
});

Deno.test("the tolerance is neither exceeded nor wide on any official trace", () => {
  for (const trace of traces) {
    const { worst, comparisons } = replaySpec(trace);
    assert(comparisons > 0);
    assert(worst!.distance <= 1, trace.id);
    assert(worst!.distance > 0.1, trace.id);
  }
});

Deno.test("every recorded number is compared but the actions of a NaN gradient", () => {
  for (const trace of traces) {
    const { settings, axes, initial } = trace.problem;
    const numbers = settings.steps * initial.length * (axes + 2);
    const skipped = trace.id === "nan-gradient" ? 4 : 0;
    assertEquals(replaySpec(trace).comparisons, numbers - skipped, trace.id);
  }
});

Deno.test("a point may be seen with another rounding than the step has it, where code is compiled", async () => {
  const inner = observe(samplerWith({}));
  const trace = traceOf("default-coupled-2d"), off = 2e-8;
  const replayed = async (compiles: Pick<Target, "compiles">) => {
    const replay = await replayTarget(trace, {
      ...inner,
      ...compiles,
      async prepare(settings) {
        const prepared = await inner.prepare(settings);
        return {
          async sample(problem) {
            const seen = await prepared.sample(problem);
            const evaluations = seen.evaluations.filter(({ kind }) => kind === "gradient")
              .map(({ kind, points }, k) => ({
                kind,
                points: k === 15 ? points.map((row) => row.map((a) => a + off)) : points,
              }));
            return { ...seen, evaluations };
          },
        };
      },
    });
    return replay.verdict;
  };
  assertEquals(await replayed({}), "disagrees");
  assertEquals(await replayed({ compiles: "shapes" }), "agrees");
});

Deno.test("the deviating trace without its note disagrees from its third step on", () => {
  const { deviation: _, ...trace } = deviating;
  const { verdict, worst } = replaySpec(trace);
  assertEquals(verdict, "disagrees");
  assert(worst!.distance > 1000 && worst!.step >= 2);
});

Deno.test("the deviating trace with another change disagrees", () => {
  const actions = deviating.recorded.actions.map((table, k) =>
    k === 10 ? withNumber(table, 1, 1, 0.5) : table
  );
  const { verdict, worst } = replaySpec(changed(deviating, { actions }));
  assertEquals(verdict, "disagrees");
  assert(worst!.step === 10 || worst!.step === 11);
});

Deno.test("a trace that names a deviation and follows the rule disagrees", () => {
  const { verdict, reason } = replaySpec({ ...traceOf("exponential"), deviation: "decays late" });
  assertEquals(verdict, "disagrees");
  assertEquals(reason, "found a trace that follows the rule, wanted the deviation that it names");
});

Deno.test("one changed number in the middle of a chain is found", () => {
  const place = fc.record({ which: fc.nat(), k: fc.nat(), r: fc.nat(), i: fc.nat() });
  fc.assert(
    fc.property(place, fc.constantFrom(-1, 1), ({ which, k, r, i }, sign) => {
      const trace = traces[which % traces.length]!;
      const { problem, recorded } = trace;
      const step = k % problem.settings.steps;
      const row = r % problem.initial.length, axis = i % problem.axes;
      const before = recorded.actions[step]![row]![axis]!;
      fc.pre(!Number.isNaN(before));
      const { min, max } = problem.settings.bounds;
      const size = Math.max(1e-5 * (max[axis]! - min[axis]!), 1e-4 * Math.abs(before));
      const actions = recorded.actions.map((table, at) =>
        at === step ? withNumber(table, row, axis, before + sign * size) : table
      );
      const { verdict, worst } = replaySpec(changed(trace, { actions }));
      assertEquals(verdict, "disagrees");
      assertEquals(worst!.row, row);
      assert(worst!.step === step || worst!.step === step + 1);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("one changed output or gradient norm is found where it is", () => {
  const trace = traceOf("softplus-coupled");
  for (const what of ["outputs", "gradNorms"] as const) {
    const table = trace.recorded[what];
    const replay = replaySpec(changed(trace, {
      [what]: withNumber(table, 13, 2, table[13]![2]! * 1.0001),
    }));
    assertEquals(replay.verdict, "disagrees");
    const { step, row, axis } = replay.worst!;
    assertEquals([step, row, axis], [13, 2, null]);
    assertEquals(replay.worst!.what, what === "outputs" ? "output" : "gradient norm");
  }
});

Deno.test("NaN disagrees with a number, and a number with NaN", () => {
  const trace = traceOf("nan-gradient");
  const { outputs } = trace.recorded;
  for (const changedOutputs of [withNumber(outputs, 0, 0, NaN), withNumber(outputs, 1, 1, 0)]) {
    const { verdict, worst } = replaySpec(changed(trace, { outputs: changedOutputs }));
    assertEquals([verdict, worst!.distance], ["disagrees", Infinity]);
  }
});

Deno.test("a row with an infinite gradient norm may be recorded step by step", () => {
  const trace = traceOf("infinite-gradient");
  const gradNorms = trace.recorded.gradNorms.map(([, other]) => [Infinity, other!]);
  assertEquals(replaySpec(changed(trace, { gradNorms })).verdict, "agrees");
});

Deno.test("the rule itself reproduces every official trace", async () => {
  assertEquals(await caughtBy(ruleSampler()), []);
  assertEquals(await caughtBy(ruleSampler(officialRule, { networkReturns: "logits" })), []);
});

Deno.test("the rule in float32 ends close to the recorded actions", async () => {
  const target = observe(samplerWith({ precision: "float32" }));
  for (const trace of traces) {
    const { verdict, apart, worst } = await replayTarget(trace, target);
    assertEquals(verdict, "agrees", trace.id);
    assert(worst!.distance <= 1);
    const { min, max } = trace.problem.settings.bounds;
    const box = Math.max(...max.map((high, axis) => high - min[axis]!));
    assert(trace === deviating ? apart! > 0.01 : apart! < 1e-5 * box, `${trace.id} ${apart}`);
  }
});

const faulty: Readonly<Record<string, readonly [change: Change, caught: string[]]>> = {
  "a delta clip that ignores the range": [
    { limit: "c" },
    ["asymmetric-box", "linear-clip-per-axis", "narrow-box"],
  ],
  "no delta clip": [{ clippedStep: "delta" }, ["steep-1e6", "linear-clip-saturated"]],
  "noise scaled by the square root of the step size": [
    { step: "eta * drift + sqrt(eta) * noise" },
    ["default-quadratic-1d", "flat-noise-only"],
  ],
  "a whole gradient": [{ drift: "gt" }, ["default-quadratic-1d", "noise-off"]],
  "a wrong sign": [{ step: "eta * (noise - drift)" }, ["default-quadratic-1d", "noise-off"]],
  "no position clip": [{ result: "a - move" }, ["position-clip-active", "start-outside-box"]],
  "a schedule over N instead of N - 1": [
    { polynomial: "(init - final) * (1 - k / N) ^ power + final" },
    ["two-steps", "schedule-rising", "d4rl-config-quadratic"],
  ],
  "a gradient clip that is forgotten": [{ gradClip: "g" }, ["grad-clip-small"]],
  "an exponential schedule that decays at once": [
    { exponential: "init * decay ^ (k + 1)" },
    ["exponential", "exponential-slow"],
  ],
  "the plain gradient for that of the exponential": [{ gradientOfExp: "g" }, ["apply-exp"]],
  "the starting points clipped first": [{ start: "clipped" }, ["start-outside-box"]],
  "the best point instead of the last": [{ returns: "best" }, ["default-quadratic-2d"]],
};

for (const [name, [change, wanted]] of Object.entries(faulty)) {
  Deno.test(`a sampler with ${name} is caught`, async () => {
    const caught = await caughtBy(samplerWith(change));
    for (const id of wanted) assert(caught.includes(id), `${id} not among ${caught}`);
  });
}

Deno.test("a sampler that adds its noise with the other sign agrees when that is said", async () => {
  const target = observe(ruleSampler({ ...officialRule, noise: "-sigma * xi" }));
  const trace = traceOf("default-quadratic-2d");
  assertEquals((await replayTarget(trace, target)).verdict, "disagrees");
  assertEquals((await replayTarget(trace, target, { noiseSign: -1 })).verdict, "agrees");
});

Deno.test("a trace that needs what the target lacks is unsupported", async () => {
  const needs: readonly (readonly [Feature, string])[] = [
    ["grad-clip", "grad-clip-small"],
    ["exponential-schedule", "exponential"],
    ["apply-exp", "apply-exp"],
    ["noise-tape", "flat-noise-only"],
  ];
  for (const [feature, id] of needs) {
    const target = observe(ruleSampler(officialRule, { unsupported: [feature] }));
    assertEquals(await replayTarget(traceOf(id), target), {
      trace: id,
      verdict: "unsupported",
      comparisons: 0,
      worst: null,
      reason: `the trace needs ${feature}, which the target does not support`,
    });
    assertEquals((await replayTarget(traceOf("noise-off"), target)).verdict, "agrees");
  }
});

Deno.test("a target that takes another number of gradients disagrees and says so", async () => {
  const target = observe(ruleSampler({ ...officialRule, steps: "N + 2" }));
  const { verdict, reason, worst } = await replayTarget(traceOf("three-steps"), target);
  assertEquals(verdict, "disagrees");
  assertEquals(reason, "found 5 gradient evaluations, wanted 3, one per step");
  assertEquals(worst, null);
});

Deno.test("a target that starts elsewhere disagrees and says so", async () => {
  const target = observe(samplerWith({ start: "clipped" }));
  const { verdict, reason } = await replayTarget(traceOf("start-outside-box"), target);
  assertEquals(verdict, "disagrees");
  assertEquals(
    reason,
    "found the first gradient taken elsewhere, wanted it at the initial actions",
  );
});

Deno.test("a disagreement tells the step, the row, the axis and the distance", async () => {
  const target = observe(ruleSampler({ ...officialRule, drift: "gt" }));
  const { worst } = await replayTarget(traceOf("one-step"), target);
  const { expected, actual, tolerance, distance } = worst!;
  assertEquals([worst!.what, worst!.step], ["action", 0]);
  assertAlmostEquals(distance, Math.abs(actual - expected) / tolerance, 1e-9);
});

Deno.test("a step may be off by its tolerance, and no more", () => {
  const trace = traceOf("one-step");
  const exact = replaySpec(trace).worst!;
  for (const [tolerances, verdict] of [[0.9, "agrees"], [1.1, "disagrees"]] as const) {
    const value = exact.expected + tolerances * exact.tolerance;
    const actions = [withNumber(trace.recorded.actions[0]!, exact.row, exact.axis!, value)];
    const replay = replaySpec(changed(trace, { actions }));
    assertEquals(replay.verdict, verdict, `${tolerances}`);
    assertAlmostEquals(replay.worst!.distance, tolerances, 1e-6);
  }
});

Deno.test("a person's own trace follows the rule up to three tolerances", () => {
  const worst = replaySpec(traceOf("one-step")).worst!;
  const off = (distance: number): Pick<Replay, "verdict" | "worst"> => ({
    verdict: distance <= 1 ? "agrees" : "disagrees",
    worst: { ...worst, distance },
  });
  assertEquals([0, 0.5, 2.9, 3].map((distance) => followsRule(off(distance))), [
    true,
    true,
    true,
    true,
  ]);
  assertEquals([3.1, 10, 250, Infinity, NaN].map((distance) => followsRule(off(distance))), [
    false,
    false,
    false,
    false,
    false,
  ]);
  assertEquals(followsRule({ verdict: "disagrees", worst: null }), false);
});

/** The rule, observed to take its first gradient a little beside the initial actions. */
function startingBeside(relative: number): Target {
  const target = observe(ruleSampler());
  return {
    ...target,
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return {
        async sample(problem) {
          const trajectory = await prepared.sample(problem);
          const first = trajectory.evaluations.find(({ kind }) => kind === "gradient");
          return {
            ...trajectory,
            evaluations: trajectory.evaluations.map((one) =>
              one === first
                ? { ...one, points: one.points.map((row) => row.map((a) => a * (1 + relative))) }
                : one
            ),
          };
        },
      };
    },
  };
}

Deno.test("the first gradient may be taken a float32 rounding beside the initial actions, not ten", async () => {
  const trace = traceOf("flat-noise-only");
  const reasonOf = async (relative: number) =>
    (await replayTarget(trace, startingBeside(relative))).reason;
  assertEquals(await reasonOf(2 ** -24), undefined);
  assertEquals(
    await reasonOf(10 * 2 ** -24),
    "found the first gradient taken elsewhere, wanted it at the initial actions",
  );
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Rows } from "../../spec/problem.ts";
import { ruleSampler, stepSizes } from "../../spec/rule.ts";
import type { Call, Result, Sampler } from "../../spec/sampler.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import { type Change, defectOf, samplerWith } from "../defects/defects.ts";
import { diagnosisOf } from "../diagnosis/diagnosis.ts";
import { lightRun, sweep } from "../fixtures/sweep.ts";
import type { Report } from "../report/report.ts";
import { judge } from "./judge.ts";

/** A sampler that is right but for what becomes of a gradient, of a draw and of the last point. */
function handmade(
  {
    gradient = (g) => g,
    draw = (call) => call.noise.draw(),
    result = (x) => x,
    size = (eta) => eta,
    ...how
  }:
    & Partial<Sampler>
    & {
      gradient?: (g: Rows, at: Rows, call: Call, eta: number) => Rows | Promise<Rows>;
      draw?: (call: Call, k: number) => Rows;
      result?: (x: Rows, call: Call) => Rows;
      size?: (eta: number, k: number, steps: number) => number;
    },
): Sampler {
  const clip = (value: number, lo: number, hi: number) => Math.min(Math.max(value, lo), hi);
  return {
    name: "handmade",
    networkReturns: "energy",
    unsupported: ["apply-exp", "grad-clip", "chain-actions", "chain-outputs", "chain-grad-norms"],
    ...how,
    prepare: ({ bounds: { min, max }, deltaClip, noiseScale, schedule, steps }) => async (call) => {
      let at: Rows = call.initial;
      for (const [k, asked] of stepSizes(schedule, steps).entries()) {
        const eta = size(asked, k, steps);
        const g = await gradient(await call.network.gradient(at), at, call, eta);
        const xi = draw(call, k);
        at = at.map((row, r) =>
          row.map((a, i) => {
            const limit = deltaClip / 2 * (max[i]! - min[i]!);
            const step = eta * (g[r]![i]! / 2 + noiseScale * xi[r]![i]!);
            return clip(a - clip(step, -limit, limit), min[i]!, max[i]!);
          })
        );
      }
      return result(at, call);
    },
  };
}

const broken = ({ clauses }: Report) =>
  clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id as string);

async function told(sampler: Sampler) {
  const diagnosis = (await diagnosisOf(observe(sampler), "violates"))!;
  return {
    names: diagnosis.defects.map(({ id, title }) => id ?? title),
    certain: diagnosis.defects.every(({ certain }) => certain),
    text: diagnosis.measuredRule!.text,
    depends: (diagnosis.influences ?? []).map(({ text }) => text).join("; "),
  };
}

/** What costs a diagnosis time, and bears on few of these bugs. */
const optional = ["exponential-schedule", "apply-exp", "grad-clip"] as const;

const ofChange = (change: Change) => told(samplerWith(change));
const quick = { seed: 3, profile: "quick" as const, diagnosis: "none" as const };

sweep("a term beside the gradient is measured beside a gradient that is not halved", async () => {
  const { names, text } = await ofChange({ drift: "gt + 0.05 * a" });
  assertEquals(names, ["0.05 times the action is added to the gradient", "half-missing"]);
  assertMatch(text, /1\.000·\(∇E \+ 0\.05·a\) \+ 1\.000·σξ/);
});

Deno.test("a drift that depends on the action is not taken for a draw", async () => {
  const sampler = samplerWith({ gradient: "g + 0.05 * a" });
  const clauses = ["drift/half", "noise/own-draw", "noise/scale"];
  assertEquals(broken(await judge(observe(sampler), { ...quick, clauses })), ["drift/half"]);
});

sweep("a gradient that is taken ahead is no memory", async () => {
  const heun = handmade({
    gradient: async (g, at, call, eta) => {
      const ahead = at.map((row, r) => row.map((a, i) => a - eta * g[r]![i]! / 2));
      const there = await call.network.gradient(ahead);
      return g.map((row, r) => row.map((slope, i) => (slope + there[r]![i]!) / 2));
    },
  });
  const clauses = ["drift/current-point", "drift/no-memory"];
  assertEquals(broken(await judge(observe(heun), { ...quick, clauses })), ["drift/current-point"]);
  const { depends, names } = await told(heun);
  assertMatch(depends, /^A step depends on the gradient at another point/);
  assertEquals(names, []);
});

Deno.test("a drift that follows the value of the energy is told as such", async () => {
  const sampler = handmade({
    gradient: async (g, at, call) => {
      const values = await call.network.outputs(at);
      return g.map((row, r) => row.map((slope) => Math.sign(values[r]!) * slope));
    },
  });
  const report = await judge(observe(sampler), { ...quick, clauses: ["drift/descends"] });
  assertMatch(report.clauses[0]!.counterexample!.message, /depend on the value of the energy/);
  assertMatch((await told(sampler)).depends, /^A step depends on the value of the energy/);
});

Deno.test("a noise scale of zero that is taken as one is named", async () => {
  const sampler = samplerWith({ noise: "where(sigma, sigma, 1) * xi" });
  const report = await judge(observe(sampler), {
    ...quick,
    diagnosis: "full",
    clauses: ["noise/scale"],
  });
  assertEquals(broken(report), ["noise/scale"]);
  assertEquals(report.diagnosis!.defects.map(({ title, certain }) => [title, certain]), [
    ["The noise scale 0 is taken as 1", true],
  ]);
});

Deno.test("noise that follows its own past breaks the clause on independence alone", async () => {
  const sampler = handmade({
    noise: "own",
    draw: (() => {
      let next = normalDraws(0), before: Rows = [], seed: number | undefined;
      return (call: Call, k: number) => {
        if (k === 0 || seed !== call.seed) next = normalDraws(seed = call.seed);
        const fresh = call.initial.map((row) => row.map(next));
        before = k === 0
          ? fresh
          : fresh.map((row, r) => row.map((z, i) => 0.6 * before[r]![i]! + 0.8 * z));
        return before;
      };
    })(),
  });
  const clauses = ["noise/scale", "noise/every-step", "noise/own-draw", "noise/standard-normal"];
  const report = await judge(observe(sampler), {
    ...quick,
    clauses: [...clauses, "noise/independent"],
  });
  assertEquals(broken(report), ["noise/independent"]);
});

Deno.test("rows that are returned in another order are no fault of drift or noise", async () => {
  const sampler = handmade({
    result: (x, { groups, samples }) =>
      x.map((_, r) => x[(r % groups) * samples + Math.floor(r / groups)]!),
  });
  const clauses = ["result/last-point", "drift/own-observation", "noise/own-draw"];
  assertEquals(broken(await judge(observe(sampler), { ...quick, clauses })), ["result/last-point"]);
});

Deno.test("a last step of another size is a fault of the schedule, a point halfway there one of the result", async () => {
  const clauses = ["schedule/constant", "schedule/polynomial", "result/last-point"];
  const halved = handmade({
    size: (eta, k, steps) => steps % 2 === 1 && k === steps - 1 ? eta / 2 : eta,
  });
  assertEquals(broken(await judge(observe(halved), { ...quick, clauses })), ["schedule/constant"]);
  let before: Rows = [];
  const halfway = handmade({
    gradient: (g, at) => (before = at, g),
    result: (x) => x.map((row, r) => row.map((a, i) => (a + before[r]![i]!) / 2)),
  });
  assertEquals(broken(await judge(observe(halfway), { ...quick, clauses })), ["result/last-point"]);
});

Deno.test("a port that guards chains of one step has its bug named for certain all the same", async () => {
  const { change } = defectOf("schedule-one-ahead")!;
  for (const singleStep of ["init", "final"]) {
    const { names, certain } = await ofChange({ ...change, singleStep, limit: "c * (hi - lo)" });
    assertEquals([names.toSorted(), certain], [
      ["delta-clip-full-range", "schedule-one-ahead"],
      true,
    ]);
  }
});

Deno.test("what later calls do otherwise is kept between calls, be it the noise or the chain", async () => {
  const inner = { ...ruleSampler(), unsupported: ["grad-clip", "apply-exp"] as const };
  const silentFirst: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      let isFirst = true;
      return async (call) => {
        const draw = isFirst ? () => call.initial.map((row) => row.map(() => 0)) : undefined;
        isFirst = false;
        if (draw) { for (let k = 0; k < settings.steps; k++) call.noise.draw(); }
        return await sample(draw ? { ...call, noise: { ...call.noise, draw } } : call);
      };
    },
  };
  const remembers: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings), known = new Map<string, Result>();
      return async (call) => {
        const key = JSON.stringify(call.initial);
        if (!known.has(key)) known.set(key, await sample(call));
        return known.get(key)!;
      };
    },
  };
  const clauses = ["steps/count", "noise/every-step", "state/second-call"];
  const of = async (sampler: Sampler) =>
    broken(await judge(observe(sampler), { ...quick, clauses }));
  assertEquals(await of(silentFirst), ["noise/every-step", "state/second-call"]);
  assertEquals(await of(remembers), ["state/second-call"]);
});

Deno.test("one array that is reported for every step breaks that report, and the measured rule is right", async () => {
  const inner = ruleSampler();
  const overwritten: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return async (call) => {
        const result = await sample(call);
        if (!("chain" in result)) throw new Error("no chain");
        const actions = result.chain?.actions?.map(() => result.final);
        return { ...result, chain: { ...result.chain, actions } };
      };
    },
  };
  const report = await judge(observe(overwritten), { ...quick, clauses: ["chain/actions"] });
  assertEquals(broken(report), ["chain/actions"]);
  assertMatch(report.clauses[0]!.counterexample!.message, /copy them/);
  const { names, text } = await told(overwritten);
  assertEquals(names, [
    "Every reported action is that of the last step: one array is reported for all of them",
  ]);
  assertMatch(text, /0\.500·∇E \+ 1\.000·σξ\), ±1\.000·c·½·range/);
});

Deno.test("what changes along a chain is told by its formula, beside a known bug", async () => {
  const noise = await ofChange({
    noise: "(1 - k / N) * sigma * xi",
    polynomial: "(init - final) * (1 - k / N) ^ power + final",
  });
  assertEquals(noise.names, ["schedule-over-n", "The noise is (1 − k/N) times what it should be"]);
  const limit = await ofChange({ limit: "eta / init * c / 2 * (hi - lo)" });
  assertEquals([limit.names, limit.certain], [
    ["The limit of a step is (η_k/η_0) times what it should be"],
    true,
  ]);
  assertMatch(limit.text, /±\(η_k\/η_0\)·c·½·range/);
});

sweep("a running average of gradients is told from momentum", async () => {
  const average = samplerWith({ drift: "0.9 * driftBefore + 0.1 * gt / 2" });
  const { names, certain } = await told({ ...average, unsupported: optional });
  assertMatch(names.join(), /^The drift is a running average: 0\.9 of the last one/);
  assert(certain);
});

sweep("a gradient that is bent has no gradient clip for a name", async () => {
  const { names, depends } = await ofChange({ drift: "sin(3 * gt) / 2" });
  assertEquals(names, []);
  assertMatch(depends, /in the first step a gradient of 0\.5 moves the action by 0\.1247/);
});

Deno.test("a chain of one step too few is seen by its ends", async () => {
  const sampler = samplerWith({ steps: "N - 1" });
  const { names } = await told({ ...sampler, reveals: "final-actions" });
  assert(names.includes("steps-one-short"), names.join());
});

Deno.test("a floor on the step sizes is no clip of gradients, and no fault of draws", async () => {
  const official = "(init - final) * (1 - k / (N - 1)) ^ power + final";
  for (const floor of [0.01, 0.05]) {
    const floored = (formula: string) => `max(${floor}, ${formula})`;
    const sampler = samplerWith({
      polynomial: floored(official),
      polynomialFirst: floored("init"),
      singleStep: floored("init"),
    });
    const clauses = ["grad-clip/none", "grad-clip/limits", "noise/own-draw", "schedule/constant"];
    assertEquals(broken(await judge(observe(sampler), { ...quick, clauses })), [
      "schedule/constant",
    ]);
  }
});

Deno.test("the sign of the draws is free beside a term that acts without them", async () => {
  const change = { drift: "(gt + 0.05 * a) / 2", noise: "-sigma * xi" };
  const { names, certain, text } = await told({ ...samplerWith(change), unsupported: optional });
  assertEquals(names, ["0.05 times the action is added to the gradient"]);
  assert(certain);
  assertMatch(text, /− 1\.000·σξ/);
});

sweep("nothing is said to be kept between calls that are equal", async () => {
  const shifted = handmade({
    gradient: async (_, at, { network, observations, samples, groups }) => {
      const others = at.map((_, row) => observations[Math.floor((row + 1) / samples) % groups]!);
      const slopes = await network.gradient(at, others);
      return slopes.map((row) => row.map((slope) => 2 * slope));
    },
  });
  const { names } = await told(shifted);
  assertEquals(names.filter((name) => /call/.test(name)), []);
});

sweep("a last step that is as long as the one before is told", async () => {
  const official = "(init - final) * (1 - k / (N - 1)) ^ power + final";
  const { names } = await told({
    ...samplerWith({ polynomial: official.replace("k /", "min(k, max(N - 2, 0)) /") }),
    unsupported: ["chain-actions", "chain-outputs", "chain-grad-norms"],
  });
  assertMatch(names.join(), /^The step sizes are .*0\.0193, 0\.0193 where .*0\.0193, 0\.0156/);
});

const inDrift = ["drift/half", "drift/current-point"];

Deno.test("a chain that its long steps keep at a wall is not accused of old gradients", async () => {
  const violated = broken(
    await judge(observe(samplerWith({ drift: "2048 * gt" })), { ...quick, clauses: inDrift }),
  );
  assertEquals([violated.includes("drift/half"), violated.includes("drift/current-point")], [
    true,
    false,
  ]);
});

Deno.test("a term of the action breaks the drift, and no clause on step sizes or draws", async () => {
  const sampler = handmade({
    gradient: (g, at) => g.map((row, r) => row.map((s, i) => s + at[r]![i]! / 100)),
  });
  assertEquals(broken(await judge(observe(sampler), { ...quick, ...lightRun })), ["drift/half"]);
  const { names, text } = await told(sampler);
  assertEquals(names, ["0.01 times the action is added to the gradient"]);
  assertMatch(text, /\+ 1\.000·σξ/);
});

Deno.test("draws that are cut on one side are told with that side alone", async () => {
  const { depends } = await told(
    handmade({
      draw: (call) => call.noise.draw().map((row) => row.map((xi) => Math.max(xi, -1.5))),
    }),
  );
  assertMatch(depends, /those below −1\.5 are taken as −1\.5/);
});

Deno.test("a limit that is gone where the delta clip is above 1 is missed by no run", async () => {
  const sampler = samplerWith({ limit: "where(c - 1, 8, c / 2) * (hi - lo)" });
  const clauses = ["delta-clip/limits-step"];
  assertEquals(broken(await judge(observe(sampler), { ...quick, clauses })), clauses);
});

Deno.test("a hidden gradient clip breaks a clause on gradients, a delta clip before the step size none of them", async () => {
  const clauses = ["grad-clip/none", "delta-clip/limits-step"];
  const of = async (change: Change) =>
    broken(await judge(observe(samplerWith(change)), { ...quick, clauses }));
  assertEquals(await of({ noGradClip: "min(max(g, -1000), 1000)" }), ["grad-clip/none"]);
  const { change } = defectOf("delta-clip-before-step-size")!;
  assertEquals(await of(change), ["delta-clip/limits-step"]);
});

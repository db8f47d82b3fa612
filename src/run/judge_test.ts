import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { officialTraces } from "../../golden/load.ts";
import {
  type Clause,
  clauseOf,
  clauses,
  foundationsOf,
  noiseClauses,
} from "../../properties/clauses.ts";
import { defectOf, ruleOf, samplerWith } from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import { officialRule, type Rule, ruleSampler } from "../../spec/rule.ts";
import type { Rows, Settings } from "../../spec/problem.ts";
import type { Call, Network, NoiseOrigin, Sampler } from "../../spec/sampler.ts";
import { judge } from "./judge.ts";
import { casesPerClause, type JudgeOptions } from "./options.ts";
import { replayOfficialTraces } from "./traces/elsewhere.ts";
import { fewOf, isWhole, lightClauses, lightRun } from "../fixtures/sweep.ts";
import { reference } from "../reference.ts";
import type { ClauseReport } from "../report/report.ts";
import { reportSchema } from "../report/schema.ts";
import { json } from "../report/json.ts";

const profile = isWhole ? "standard" : "quick";
const fewer = [...fewOf(lightClauses, 20), "golden/traces"];
const lightTraces: JudgeOptions = isWhole ? {} : { ...lightRun, clauses: fewer };
const timeless = (text: string) => text.replace(/"elapsedMs": \d+/, "");

Deno.test("the reference conforms on every clause and reproduces all 49 traces", async () => {
  const report = await judge(observe(reference), isWhole ? {} : { profile, clauses: fewer });
  // It takes its draws from the suite, so their law is not its own.
  const open = report.clauses.filter((clause) => clause.verdict !== "holds");
  assertEquals(
    open.map(({ id, verdict }) => [id, verdict]),
    (clauses as readonly Clause[])
      .filter(({ id, needs }) => needs === "own noise" && (isWhole || fewer.includes(id)))
      .map(({ id }) => [id, "not binding"]),
  );
  assertEquals(report.clauses.length, (isWhole ? clauses : fewer).length);
  assertEquals(report.golden.replayed, 49);
  assertEquals(report.golden.agreed, 49);
  assert(Number(report.energy!.change) < -1);
});

Deno.test("the same seed gives the same bytes, another seed does not", async () => {
  const bytes = async (seed: number) =>
    timeless(json(
      await judge(observe(ruleSampler({ ...officialRule, limit: "c" })), {
        ...lightRun,
        seed,
        diagnosis: "full",
      }),
    ));
  const first = await bytes(3);
  assertEquals(await bytes(3), first);
  assert(await bytes(4) !== first);
});

Deno.test("every clause is checked on as many problems as the profile says, and compares numbers", async () => {
  const report = await judge(observe(ruleSampler()), { golden: [], profile, diagnosis: "none" });
  for (const clause of report.clauses) {
    if (clause.id === "golden/traces" || clauseOf(clause.id)?.needs) continue;
    assert(clause.cases >= casesPerClause[profile], clause.id);
    assert(clause.comparisons >= clause.cases, clause.id);
  }
});

Deno.test("a clause that builds on a violated one is not judged", async () => {
  const frozen = ruleSampler(ruleOf(defectOf("gradient-frozen-at-start")!));
  const report = await judge(observe(frozen), { golden: [], profile, diagnosis: "none" });
  const verdicts = new Map<string, ClauseReport>(
    report.clauses.map((clause) => [clause.id, clause]),
  );
  for (const clause of clauses as readonly Clause[]) {
    const { verdict, reason } = verdicts.get(clause.id)!;
    if (clause.needs) assertEquals(verdict, "not binding");
    else if (clause.id === "drift/current-point") assertEquals(verdict, "violated");
    else if (foundationsOf(clause.id).includes("drift/current-point")) {
      assertEquals(verdict, "not judged", clause.id);
      assert(reason!.includes("drift/current-point"));
    }
  }
});

Deno.test("only the clauses that are asked for are reported", async () => {
  const report = await judge(observe(ruleSampler()), { clauses: ["delta-clip/per-axis"] });
  assertEquals(report.clauses.map((clause) => clause.id), ["delta-clip/per-axis"]);
  assertEquals(report.golden.replayed, 0);
});

Deno.test("a violated clause on which one builds that was asked for is reported, too", async () => {
  const frozen = observe(ruleSampler(ruleOf(defectOf("exponential-frozen")!)));
  const report = await judge(frozen, { clauses: ["golden/traces"], diagnosis: "none" });
  assertEquals(report.verdict, "violates");
  assertEquals(report.clauses.map(({ id, verdict }) => [id, verdict]), [
    ["schedule/exponential", "violated"],
    ["golden/traces", "holds"],
  ]);
});

Deno.test("a lacking feature is unsupported, not violated", async () => {
  const sampler = ruleSampler(officialRule, {
    unsupported: ["grad-clip", "exponential-schedule", "apply-exp", "noise-tape"],
  });
  const ofFeatures = (clauses as readonly Clause[]).filter(({ feature }) => feature);
  const asked = [...ofFeatures.map(({ id }) => id), "drift/half"];
  const report = await judge(observe(sampler), { ...lightRun, clauses: asked });
  assertEquals(report.verdict, "conforms");
  for (const clause of ofFeatures) {
    if (!clause.feature || clause.feature.startsWith("chain")) continue;
    if (clause.feature === "noise-tape" && clause.noise) continue;
    const found = report.clauses.find((c) => c.id === clause.id);
    if (found) assertEquals(found.verdict, "unsupported", clause.id);
  }
});

Deno.test("a sampler that draws its own noise is judged by tests of that noise", async () => {
  const own: Sampler = {
    ...ruleSampler(officialRule, { unsupported: ["noise-tape"] }),
    name: "own noise",
  };
  const report = await judge(observe(own), { profile, diagnosis: "none" });
  assertEquals(report.verdict, "conforms");
  const { clauses: judged } = report;
  assert(judged.some((c) => c.id === "step/exact" && c.verdict === "holds"));
  const open = judged.filter((c) => c.verdict !== "holds").map((c) => c.id);
  assertEquals(open, ["energy/expected-descent"]);
  const statistical = judged.filter((c) => c.statistics);
  assertEquals(statistical.length, noiseClauses.length);
  assertEquals(report.falseAlarm, 1e-6);
  reportSchema.parse(JSON.parse(json(report)));
});

Deno.test("a port with the sign of the other convention is told so in words", async () => {
  const swapped = { ...ruleSampler(officialRule, { networkReturns: "logits" }) };
  const report = await judge(observe({ ...swapped, networkReturns: "energy" }), lightRun);
  const sign = report.clauses.find((clause) => clause.verdict === "violated")!;
  assertEquals(sign.id, "drift/descends");
  assert(sign.counterexample!.message.includes("climbs the energy"));
});

Deno.test("a person's own traces replace the official ones", async () => {
  const [first] = await officialTraces();
  const report = await judge(observe(ruleSampler()), { ...lightTraces, golden: [first!] });
  assertEquals([report.golden.replayed, report.golden.agreed], [1, 1]);
});

const broken: readonly (readonly [string, (call: Call) => unknown, string])[] = [
  ["throws", () => {
    throw new Error("lost the weights");
  }, "lost the weights"],
  ["returns nothing", () => undefined, "undefined as final actions"],
  ["returns a vector", (call) => call.initial.map((row) => row[0]), "final actions of shape 4"],
  ["returns NaN", ({ initial, network }) => {
    for (let k = 0; k < 3; k++) network.gradient(initial);
    return initial.map((row) => row.map(() => NaN));
  }, "NaN as the final action"],
  ["never asks for a gradient", (call) => call.initial, "no question for a gradient"],
];

for (const [name, sample, found] of broken) {
  Deno.test(`a sampler that ${name} is not run, and the report says why`, async () => {
    const report = await judge(observe({
      name,
      networkReturns: "energy",
      prepare: () => sample as never,
    }));
    assertEquals(report.verdict, "not run");
    assertEquals(report.clauses, []);
    assert(report.fault!.found.includes(found), report.fault!.found);
    assertEquals(report.fault!.wanted === "", report.fault!.kind === "throws");
    reportSchema.parse(JSON.parse(json(report)));
  });
}

Deno.test("a sampler that breaks down on some problem only is incomplete, and the clause is named", async () => {
  const sampler: Sampler = {
    ...ruleSampler(),
    prepare(settings) {
      if (settings.gradClip === 0) throw new Error("grad clip of zero");
      return ruleSampler().prepare(settings);
    },
  };
  const report = await judge(observe(sampler), lightRun);
  assertEquals(report.verdict, "incomplete");
  assertEquals(report.fault!.where, "grad-clip/zero");
});

Deno.test("a sampler that divides by zero in a chain of one step violates that clause", async () => {
  const report = await judge(observe(samplerWith({ singleStep: "throws" })), lightRun);
  assertEquals(
    report.clauses.filter((c) => c.verdict === "violated").map((c) => c.id),
    ["schedule/one-step"],
  );
});

Deno.test("a run in which no clause can be judged is no success", async () => {
  const report = await judge(observe(ruleSampler()), { clauses: ["noise/independent"] });
  assertEquals(report.verdict, "not run");
  assert(report.fault!.found.startsWith("no clause that could be judged: "), report.fault!.found);
  assertEquals(report.clauses.map(({ id, verdict }) => [id, verdict]), [
    ["noise/independent", "not binding"],
  ]);
});

const seenAtTheEnd = [
  "gradient-sign",
  "half-missing",
  "grad-clip-missing",
  "delta-clip-unscaled",
  "bounds-missing",
  "schedule-linear",
  "one-step-throws",
  "caller-overwritten",
  "returns-sorted",
];

Deno.test("a sampler of which only final actions are seen is judged by those of the probes", async () => {
  const violatedBy = async (rule: Rule, noise: NoiseOrigin) => {
    const hidden: Sampler = { ...ruleSampler(rule, { noise }), reveals: "final-actions" };
    const report = await judge(observe(hidden), {
      ...lightRun,
      ...(isWhole ? {} : { clauses: [...lightClauses, "step/exact"] }),
    });
    assertEquals(reportSchema.parse(report), report);
    return [
      report.verdict,
      ...report.clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id),
    ];
  };
  for (const noise of fewOf(["tape", "own"] as const, 1)) {
    if (isWhole) assertEquals(await violatedBy(officialRule, noise), ["conforms"]);
    for (const id of fewOf(seenAtTheEnd, 1)) {
      const defect = defectOf(id)!;
      assertEquals(await violatedBy(ruleOf(defect), noise), ["violates", defect.clause], id);
    }
  }
  if (!isWhole) return;
  const odd = { ...officialRule, drift: "gt / 2 + gt ^ 2 / 10" };
  assertEquals(await violatedBy(odd, "tape"), ["violates", "step/exact"]);
});

Deno.test("a clause without anything to compare is not judged", async () => {
  const inner = ruleSampler(officialRule, { noise: "own" });
  const lost: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => {
        // One more question in large batches, but not without noise: there the steps cannot be told.
        let question = 0;
        const gradient = (points: Rows, observations?: Rows) => {
          if (points.length > 64 && settings.noiseScale > 0 && ++question === 2) {
            call.network.gradient(points.map((row) => row.map(Math.cos)), observations);
          }
          return call.network.gradient(points, observations);
        };
        const network = { ...call.network, gradient: gradient as Network["gradient"] };
        return sample({ ...call, network });
      };
    },
  };
  const report = await judge(observe(lost), lightRun);
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals([report.verdict, violated], ["incomplete", []]);
  for (const { id, verdict, comparisons } of report.clauses) {
    assert(verdict !== "holds" || comparisons > 0, id);
  }
});

Deno.test("a sampler may write into the settings of a call, and is judged by the true ones", async () => {
  const inner = ruleSampler(ruleOf(defectOf("delta-clip-missing")!));
  const writing: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => {
        (call.settings as { deltaClip: number }).deltaClip = 1e9;
        return sample(call);
      };
    },
  };
  const report = await judge(observe(writing), lightRun);
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(violated.map(({ id }) => id), ["delta-clip/limits-step"]);
});

/** The report on a sampler that follows the rule and draws like this. */
async function reportOnDraws(draw: (call: Call) => () => number[][]) {
  const inner = ruleSampler();
  const sampler: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => sample({ ...call, noise: { ...call.noise, draw: draw(call) } });
    },
  };
  const asked = ["steps/count", "drift/half", ...noiseClauses.map(({ id }) => id)];
  return await judge(observe(sampler), { ...lightRun, ...(isWhole ? {} : { clauses: asked }) });
}

Deno.test("a sampler that takes none of the suite's draws is judged by the law of its noise", async () => {
  let seed = 1;
  const report = await reportOnDraws((call) => {
    const draw = normalDraws(seed++);
    return () => call.initial.map((row) => row.map(draw));
  });
  assertEquals(report.verdict, "conforms");
  assert(report.remarks[0]!.includes("judged by the law of its noise"), report.remarks[0]);
  assert(report.remarks[0]!.includes('noise "own"'), report.remarks[0]);
  assert(report.clauses.some(({ id, statistics }) => id.startsWith("noise/") && statistics));
});

Deno.test("a sampler that mixes two draws in each step is told how many it took", async () => {
  const report = await reportOnDraws((call) => () => {
    const one = call.noise.draw(), two = call.noise.draw();
    return one.map((row, r) => row.map((x, i) => 0.6 * x + 0.7 * two[r]![i]!));
  });
  const { message } = report.clauses.find((c) => c.counterexample)!.counterexample!;
  assert(message.includes("6 draws from ulaspec in 3 steps"), message);
});

Deno.test("draws that are mixed without another law are judged by their law", async () => {
  const summed = await reportOnDraws((call) => () => {
    const one = call.noise.draw(), two = call.noise.draw();
    return one.map((row, r) => row.map((x, i) => 0.6 * x + 0.8 * two[r]![i]!));
  });
  // A reflection along (1, …, 1): with two axes alone it looks like their exchange.
  const reflected = await reportOnDraws((call) => () =>
    call.noise.draw().map((row) => {
      const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
      return row.map((x) => x - 2 * mean);
    })
  );
  const turned = await reportOnDraws((call) => () =>
    call.noise.draw().map((row, r) => row.map((x, i) => (r + i) % 2 === 0 ? x : -x))
  );
  for (
    const [{ verdict, remarks }, why] of [
      [summed, /mixed of several/],
      [reflected, /mixed of several/],
      [turned, /opposite sign/],
    ] as const
  ) {
    assertEquals(verdict, "conforms");
    assert(remarks[0]!.includes("judged by the law of its noise"), remarks[0]);
    assertMatch(remarks[0]!, why);
  }
});

Deno.test("a right sampler that throws on a gradient that is no number violates that clause", async () => {
  const inner = ruleSampler();
  const strict: Sampler = {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => {
        const gradient = (actions: number[][], observations?: number[][]) => {
          const asked = call.network.gradient(actions, observations);
          if (asked.flat().some(Number.isNaN)) throw new Error("NaN in the gradient");
          return asked;
        };
        return sample({ ...call, network: { ...call.network, gradient } as Call["network"] });
      };
    },
  };
  const report = await judge(observe(strict), lightRun);
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(violated.map(({ id }) => id), ["rows/not-a-number"]);
  const { replays } = await replayOfficialTraces(observe(strict));
  const lost = replays.filter((replay) => replay.verdict === "disagrees");
  assertEquals(lost.map((replay) => replay.trace), ["nan-gradient"]);
  assert(lost[0]!.reason!.includes("NaN in the gradient"));
});

Deno.test("a sampler that divides by the width of an axis violates the clause of axes without one", async () => {
  const dividing: Sampler = {
    ...ruleSampler(),
    prepare: async (settings) => {
      const { min, max } = settings.bounds, sample = await ruleSampler().prepare(settings);
      const scaled = (x: number, i: number) => (x - min[i]!) / (max[i]! - min[i]!);
      const back = (x: number, i: number) => x * (max[i]! - min[i]!) + min[i]!;
      return (call) =>
        sample({ ...call, initial: call.initial.map((row) => row.map(scaled).map(back)) });
    },
  };
  const report = await judge(observe(dividing), {
    ...lightRun,
    clauses: ["bounds/zero-width", "bounds/within"],
  });
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(violated.map(({ id }) => id), ["bounds/zero-width"]);
  assertEquals(report.clauses.find(({ id }) => id === "bounds/within")!.verdict, "holds");
});

Deno.test("options that make no sense are refused", async () => {
  const wrong: JudgeOptions[] = [
    { seed: 1.5 },
    { seed: Infinity },
    { profile: "huge" as "quick" },
    { falseAlarm: 0 },
    { falseAlarm: NaN },
    { clauses: [] },
    { clauses: ["no/such"] },
    { path: "x:y", clauses: ["drift/half"] },
    { path: "0" },
  ];
  for (const options of wrong) {
    await assertRejects(() => judge(observe(ruleSampler()), options), RangeError, "wanted");
  }
  const nowhere = { path: "9:999:9", clauses: ["drift/half"] };
  const report = await judge(observe(ruleSampler()), nowhere);
  assert(report.fault!.found.startsWith("the path 9:999:9"), report.fault!.found);
});

Deno.test("reports of every verdict follow the schema", async () => {
  for (const rule of [officialRule, { ...officialRule, result: "a - move" }]) {
    const report = await judge(observe(ruleSampler(rule)), {
      ...lightRun,
      diagnosis: "full",
      replayCommand: (clause, path) => `${clause} ${path}`,
    });
    reportSchema.parse(JSON.parse(json(report)));
  }
});

Deno.test("traces of which the target can run none leave no verdict, and no agreement", async () => {
  const traces = (await officialTraces()).filter(({ problem }) =>
    problem.settings.gradClip !== null
  );
  const bare = ruleSampler(officialRule, { unsupported: ["grad-clip"] });
  const report = await judge(observe(bare), { ...lightTraces, golden: traces.slice(0, 2) });
  const golden = report.clauses.find(({ id }) => id === "golden/traces")!;
  assertEquals([golden.verdict, golden.because?.kind], ["not judged", "no trace runs"]);
  assertEquals([report.golden.replayed, report.golden.reason], [0, golden.reason]);
});

Deno.test("a replay whose clause gives way to another one tells that one", async () => {
  let before: Settings | undefined;
  const stale = observe({
    ...ruleSampler(),
    // The limit is that of the box of the preparation before this one.
    async prepare(settings) {
      const other = before?.bounds.min.length === settings.bounds.min.length ? before : settings;
      before = settings;
      const wide = Math.abs(other.bounds.max[0]! - other.bounds.min[0]!);
      const own = Math.abs(settings.bounds.max[0]! - settings.bounds.min[0]!);
      const deltaClip = own === 0 ? settings.deltaClip : settings.deltaClip * wide / own;
      return await ruleSampler().prepare({ ...settings, deltaClip });
    },
  });
  const clause = "delta-clip/scaled-by-range";
  const options = { golden: [], diagnosis: "none", clauses: [clause] } as const;
  const replayed = await judge(stale, { ...options, path: "0:0" });
  assertEquals(replayed.verdict, "violates");
  assertEquals(replayed.clauses.map(({ id, verdict }) => [id, verdict]), [
    [clause, "not judged"],
    ["state/second-call", "violated"],
  ]);
});

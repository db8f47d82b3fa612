/** Whole runs on samplers that are wrong only where a setting has a special value, or that hide. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler, type RuleSamplerOptions } from "../../spec/rule.ts";
import type { Settings } from "../../spec/problem.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { isWhole, lightClauses, sweep } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

const rule = (options: RuleSamplerOptions = {}) => ruleSampler(officialRule, options);

async function judged(sampler: Sampler, ...more: readonly string[]) {
  const clauses = isWhole ? {} : { clauses: [...lightClauses, "golden/traces", ...more] };
  const report = await judge(observe(sampler), { diagnosis: "none", profile: "quick", ...clauses });
  const having = (verdict: string) =>
    report.clauses.filter((clause) => clause.verdict === verdict).map(({ id }) => id);
  return { report, violated: having("violated"), open: having("not judged") };
}

/** The rule for other settings than those that it is prepared for. */
function prepared(change: (settings: Settings) => Settings): Sampler {
  const inner = rule();
  return { ...inner, name: "special", prepare: (settings) => inner.prepare(change(settings)) };
}

Deno.test("a sampler that fails in one step alone is judged, and replays traces, in all others", async () => {
  const { report, violated, open } = await judged(prepared((settings) => {
    if (settings.steps === 1) throw new Error("division by zero");
    return settings;
  }));
  assertEquals([violated, open], [["schedule/one-step"], []]);
  assertEquals([report.golden.replayed, report.golden.agreed], [48, 48]);
  assertEquals(report.golden.reason, "1 more rests on schedule/one-step, which is violated");
  const { counterexample } = report.clauses.find(({ id }) => id === "schedule/one-step")!;
  assert(typeof counterexample!.expected === "number" && counterexample!.expected !== 0);
});

Deno.test("a wrong exponential schedule leaves everything else to be judged without it", async () => {
  const { report, violated, open } = await judged(prepared((settings) => {
    const { schedule } = settings;
    if (schedule.kind !== "exponential") return settings;
    return { ...settings, schedule: { ...schedule, decay: schedule.decay ** 2 } };
  }));
  assertEquals([violated, open], [["schedule/exponential"], []]);
  assertEquals([report.golden.replayed, report.golden.agreed], [47, 47]);
});

sweep(
  "a sampler that reveals final actions only conforms by its whole steps and the traces",
  async () => {
    const { report } = await judged({ ...rule(), reveals: "final-actions" }, "step/exact");
    assertEquals([report.verdict, report.golden.agreed], ["conforms", 49]);
    const wrong = await judged({
      ...prepared((settings) => ({ ...settings, steps: Math.min(settings.steps, 99) })),
      reveals: "final-actions",
    }, "step/exact");
    assertEquals(wrong.violated, ["step/exact"]);
  },
);

Deno.test("a sampler with noise of its own replays the traces without noise", async () => {
  const { report } = await judged(rule({ noise: "own" }));
  assertEquals([report.verdict, report.golden.replayed, report.golden.agreed], ["conforms", 4, 4]);
});

sweep(
  "a sampler with noise of its own that reveals final actions only replays them, too",
  async () => {
    const both = await judged({ ...rule({ noise: "own" }), reveals: "final-actions" });
    assertEquals([both.report.verdict, both.report.golden.agreed], ["conforms", 4]);
  },
);

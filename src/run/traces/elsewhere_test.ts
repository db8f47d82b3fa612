import { assertEquals, assertExists } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { defectOf, ruleOf } from "../../defects/defects.ts";
import { officialRule, ruleSampler } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { fewOf, isWhole } from "../../fixtures/sweep.ts";
import { findOutElsewhere } from "./elsewhere.ts";
import { judge, judgeWithin } from "../judge.ts";
import type { JudgeOptions, Plan } from "../options.ts";

const options: JudgeOptions & Pick<Plan, "seed" | "profile"> = {
  seed: 3,
  profile: "quick",
  // What is found out elsewhere, what that builds on, and no diagnosis.
  ...(isWhole
    ? {}
    : { clauses: ["schedule/one-step", "step/exact", "golden/traces"], diagnosis: "none" }),
};

const samplers: Readonly<Record<string, { readonly sampler: Sampler; readonly taken: boolean }>> = {
  "a right sampler": { sampler: ruleSampler(), taken: true },
  "a sampler without optional features": {
    sampler: { ...ruleSampler(), unsupported: ["grad-clip", "exponential-schedule"] },
    taken: true,
  },
  "a sampler that fails for one step": {
    sampler: ruleSampler(ruleOf(defectOf("one-step-final")!)),
    taken: false,
  },
  "a sampler that turns its draws": {
    sampler: ruleSampler({ ...officialRule, noise: "-sigma * xi" }),
    taken: true,
  },
  "a sampler without a delta clip": {
    sampler: ruleSampler(ruleOf(defectOf("delta-clip-missing")!)),
    taken: false,
  },
};

for (const [name, { sampler, taken }] of fewOf(Object.entries(samplers), 2)) {
  Deno.test(`${name} gets the same report with and without a second thread`, async () => {
    const target = observe(sampler);
    const elsewhere = await findOutElsewhere(target, options);
    if (taken) assertExists(elsewhere.whole);
    const together = await judgeWithin(target, options, {
      meanwhile: {
        traces: () => Promise.resolve(elsewhere),
        wholeStep: () => Promise.resolve(elsewhere.whole),
      },
    });
    const alone = await judge(observe(sampler), options);
    assertEquals({ ...together, elapsedMs: 0 }, { ...alone, elapsedMs: 0 });
  });
}

Deno.test("a sampler that means another rule is asked nothing elsewhere", async () => {
  const target = { ...observe(ruleSampler()), declares: "ula" as const };
  assertEquals(await findOutElsewhere(target, options), { replays: [] });
});

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { officialRule, type Rule, ruleSampler } from "../../../spec/rule.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { judge } from "../judge.ts";

/** A target that gives no answer to chains of more than 5 steps, and the long ones it was asked for. */
function slow(rule: Rule): { readonly target: Target; readonly asked: number[] } {
  const target = observe(ruleSampler(rule)), asked: number[] = [];
  return {
    asked,
    target: {
      ...target,
      async prepare(settings) {
        const prepared = await target.prepare(settings);
        if (settings.steps <= 5) return prepared;
        return {
          sample() {
            asked.push(settings.steps);
            throw new TargetFault("time-out", "no answer to sample after 30 s", "an answer");
          },
        };
      },
    },
  };
}

Deno.test("of a sampler whose long chains are too slow, short ones are judged, and its rule is measured", async () => {
  const { target, asked } = slow({ ...officialRule, drift: "gt" });
  const { verdict, clauses, diagnosis } = await judge(target, { profile: "quick" });
  assertEquals(verdict, "violates");
  assertEquals(clauses.filter((c) => c.verdict === "violated").map(({ id }) => id), ["drift/half"]);
  assertEquals(diagnosis!.defects.map(({ id }) => id), ["half-missing"]);
  assertEquals(asked.length, 1);
});

Deno.test("a sampler whose long chains are too slow does not conform, however right short ones are", async () => {
  const { target } = slow(officialRule);
  const { verdict, clauses, fault } = await judge(target, { profile: "quick" });
  assertEquals([verdict, fault?.kind], ["incomplete", "time-out"]);
  assertEquals(clauses.filter((c) => c.verdict === "violated").map(({ id }) => id), []);
  assert(clauses.filter((c) => c.verdict === "holds").length > 30);
});

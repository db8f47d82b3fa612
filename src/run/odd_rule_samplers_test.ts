import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { oddRuleSampler, oddRuleSamplers } from "../fixtures/odd_rule_samplers.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

const views = Object.entries(oddRuleSamplers).flatMap(([what, [rule, chain]]) =>
  (["tape", "own", "ends"] as const).map((view) => ({ what, rule, chain, view }))
);

for (const { what, rule, chain, view } of fewOf(views, 3)) {
  Deno.test(`a right sampler of ${rule} conforms, however it is written: ${what}; ${view}`, async () => {
    const seen = observe(oddRuleSampler(chain, view === "tape" ? "tape" : "own"));
    const target = view === "ends" ? { ...seen, reveals: "final-actions" as const } : seen;
    const { verdict } = await judge(target, { rule, profile: "quick" });
    assertEquals(verdict, "conforms");
  });
}

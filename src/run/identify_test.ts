import { assertAlmostEquals, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import { ruleUnder } from "../defects/defects.ts";
import { identify, type Judge } from "./identify.ts";
import { judge } from "./judge.ts";

const judged: Judge = (target, rule) =>
  judge(target, { rule, profile: "quick", diagnosis: "none", clauses: ["noise/step-size"] });
const found = (rule: typeof officialRule) => identify(observe(ruleSampler(rule)), judged);

for (const name of ["ibc", "ibc-squared", "ula", "ula+temperature+schedule", "ula-half+schedule"]) {
  Deno.test(`a sampler of ${name} is known as one`, async () => {
    assertEquals((await found(ruleNamed(name))).rule, name);
  });
}

Deno.test("a sampler of no rule is told with its step, its temperature and what it settles at", async () => {
  const { rule, measured, text, stationary } = await found({
    ...officialRule,
    step: "eta * drift + 3 * sqrt(eta) * noise",
  });
  assertEquals([rule, measured], [null, "a ← a − (0.5·η·∇E + 3·√η·σ·ξ)"]);
  assertEquals(text.includes("step size 0.125 and the temperature 9"), true);
  assertAlmostEquals(stationary!.temperature, 9 * 0.1 / (1 - 0.95 ** 2), 1e-6);
});

Deno.test("a faulty sampler of a rule is none of the family", async () => {
  const rule = ruleNamed("ula");
  assertEquals((await found(ruleUnder(rule, { drift: "gt / 4" }))).rule, null);
});

Deno.test("a violating run ends with the rule that the sampler does follow", async () => {
  const target = observe(ruleSampler(ruleNamed("ula"), { name: "plain" }));
  const { verdict, remarks } = await judge(target, { profile: "quick" });
  assertEquals(verdict, "violates");
  assertEquals(remarks.at(-1)?.startsWith("It follows the rule ula: "), true, remarks.join());
  assertEquals(remarks.at(-1)?.endsWith("--rule ula"), true);
});

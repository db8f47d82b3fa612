import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { ruleFrom } from "../../spec/rules/document.ts";
import { diagnosisOf } from "../diagnosis/diagnosis.ts";
import { inventedRules, inventedSampler } from "../fixtures/invented_rules.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";
import { readRule } from "./rule_file.ts";
import { underRule } from "./rule_given.ts";

const rules = fewOf(inventedRules, 3).map((rule) => {
  const { name } = rule.document;
  return { ...rule, name, document: readRule(JSON.stringify(rule.document), `${name}.json`) };
});

const views = rules.flatMap(({ name, document, right }) => {
  const own = observe(inventedSampler(right, { noise: "own" }));
  return Object.entries({
    "each step": observe(inventedSampler(right)),
    "its own noise": own,
    "the end alone": { ...own, reveals: "final-actions" as const },
  }).map(([seen, target]) => ({ name, document, seen, target }));
});

for (const { name, document, seen, target } of fewOf(views, 3)) {
  Deno.test(`a right sampler of a rule in a file, ${name}, conforms, of which is seen: ${seen}`, async () => {
    const { verdict } = await judge(target, { rule: document, profile: "quick" });
    assertEquals(verdict, "conforms");
  });
}

for (const { name, document, wrong } of rules) {
  for (const [said, move] of Object.entries(wrong)) {
    Deno.test(`what is wrong beside a rule in a file, ${name}, has a name: ${said}`, async () => {
      const target = underRule(observe(inventedSampler(move)), ruleFrom(document));
      const { defects = [] } = (await diagnosisOf(target, "violates")) ?? {};
      assertEquals(defects.map(({ title }) => title.slice(0, said.length)), [said]);
    });
  }
}

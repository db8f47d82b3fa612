import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { ruleFrom } from "../../spec/rules/document.ts";
import { diagnosisOf } from "../diagnosis/diagnosis.ts";
import { inventedRules, inventedSampler } from "../fixtures/invented_rules.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";
import { readRule } from "./rule_file.ts";
import { underRule } from "./rule_given.ts";

for (const { document: written, right, wrong } of fewOf(inventedRules, 3)) {
  const { name } = written, document = readRule(JSON.stringify(written), `${name}.json`);
  const views = {
    "each step": observe(inventedSampler(right)),
    "its own noise": observe(inventedSampler(right, { noise: "own" })),
    "the end alone": {
      ...observe(inventedSampler(right, { noise: "own" })),
      reveals: "final-actions" as const,
    },
  };
  for (const [seen, target] of fewOf(Object.entries(views), 2)) {
    Deno.test(`a right sampler of a rule in a file, ${name}, conforms, of which is seen: ${seen}`, async () => {
      const { verdict } = await judge(target, { rule: document, profile: "quick" });
      assertEquals(verdict, "conforms");
    });
  }
  for (const [said, move] of Object.entries(wrong)) {
    Deno.test(`what is wrong beside a rule in a file, ${name}, has a name: ${said}`, async () => {
      const target = underRule(observe(inventedSampler(move)), ruleFrom(document));
      const { defects = [] } = (await diagnosisOf(target, "violates")) ?? {};
      assertEquals(defects.map(({ title }) => title.slice(0, said.length)), [said]);
    });
  }
}

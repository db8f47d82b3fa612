import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Rule, ruleSampler } from "../../spec/rule.ts";
import { type RuleDocument, RuleError, ruleFrom } from "../../spec/rules/document.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import { temperedRule } from "../fixtures/tempered_rule.ts";
import { fewOf, isWhole, sweep } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";
import { readRule } from "./rule_file.ts";
import { askedFor } from "./rule_given.ts";

const quick = { profile: "quick", diagnosis: "none" } as const;

Deno.test("a rule in a JSON file judges samplers without any code", async () => {
  const document = readRule(temperedRule, "tempered.json"), rule = ruleFrom(document);
  const right = await judge(observe(ruleSampler(rule)), { rule: document, ...quick });
  assertEquals([right.verdict, right.rule?.name], ["conforms", "tempered"]);
  const wrong = ruleSampler({ ...rule, step: "eta * drift + eta ^ 0.7 * noise" });
  const report = await judge(observe(wrong), { rule: document, ...quick });
  const broken = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(broken.map(({ id }) => id.split("/")[0]), ["noise"]);
});

const inventions: Readonly<Record<string, Pick<RuleDocument, "formulas" | "settings">>> = {
  "step sizes that go by the number of steps": {
    formulas: {
      drift: "gt",
      noise: "sqrt(T) * xi",
      step: "eta * drift + sqrt(2 * eta) * noise",
      stepSize: "top * (1 + cos(3 * k / N)) / 2",
    },
    settings: { top: { meaning: "the first step size", from: 0.0625, to: 0.25 } },
  },
  "the sign of the gradient": {
    formulas: {
      drift: "sign(gt)",
      noise: "sigma * xi",
      step: "eta * drift + sqrt(2 * eta) * noise",
    },
  },
  "steps that go with the box": {
    formulas: {
      drift: "gt * ((hi - lo) / 2) ^ 2",
      noise: "xi * (hi - lo) / 2",
      step: "eta * drift + sqrt(2 * eta) * noise",
      result: "min(max(a - move, lo), hi)",
    },
  },
};

for (const [what, of] of fewOf(Object.entries(inventions), 1)) {
  Deno.test(`a rule with ${what} finds its own sampler right, and another one wrong`, async () => {
    const document = { name: "invented", sentence: "An invention.", source: "a test", ...of };
    const rule = ruleFrom(document);
    const verdictOf = async (sampler: Rule) =>
      (await judge(observe(ruleSampler(sampler)), { rule: document, ...quick })).verdict;
    assertEquals(await verdictOf(rule), "conforms");
    assertEquals(await verdictOf({ ...rule, drift: `0.5 * (${rule.drift})` }), "violates");
  });
}

const withBox = "steps that go with the box";
const ends = [["no walls", "a - move", "tape"], [
  "walls",
  "min(max(a - move, lo), hi)",
  "own",
]] as const;
for (const [what, result, usual] of ends.slice(isWhole ? 0 : 1)) {
  Deno.test(`${withBox} are measured, with ${what}, amid noise of the sampler's own, too`, async () => {
    const { formulas } = inventions[withBox]!, about = { name: "invented", source: "a test" };
    const document = { ...about, sentence: "One.", formulas: { ...formulas, result } };
    for (const noise of isWhole ? ["tape", "own"] as const : [usual]) {
      const target = observe(ruleSampler(ruleFrom(document), { noise }));
      const { verdict, diagnosis } = await judge(target, { rule: document, profile: "quick" });
      assertEquals(verdict, "conforms");
      assertMatch(diagnosis?.measuredRule?.text ?? "", /1\.000·drift \+ 1\.000·noise/);
    }
  });
}

Deno.test("a mistake in the file of a rule is told with its place", () => {
  const refusal = (text: string) => {
    try {
      readRule(text, "my.json");
      return "none";
    } catch (error) {
      return (error as RuleError).message;
    }
  };
  assertEquals(
    refusal(temperedRule.replace("gt / 3", "gt // 3")).replace(/, wanted .*/s, ""),
    'Cannot read the rule: found "/" as formulas.drift, character 5 of "gt // 3" of my.json',
  );
  assertEquals(
    refusal(temperedRule.replace('"drift"', '"dirft"')),
    "Cannot read the rule: found nothing as formulas.drift of my.json, wanted a formula as a text",
  );
  assertEquals(
    refusal(temperedRule.replace('"name": "tempered",', '"name": "tempered"')),
    'Cannot read the rule: found "\\"sentence\\"" as line 3, column 3 of my.json, wanted a comma or the end of what is open',
  );
});

const slips = {
  "formulas.drift": [`"gt / 3"`, `"1 / 3"`, "a formula with gt, the gradient, in it"],
  "formulas.step": ["eta ^ 0.75 * noise", "eta ^ 0.75", "a formula with drift and noise in it"],
  "settings.pace": ["k / pace", "k / 4", "its symbol in a formula"],
  "settings.start": [`"from": 0.0625, "to": 0.25`, `"from": 0.1, "to": 0.2, "whole": true`, "one"],
} as const;
for (const [place, [right, slip, wanted]] of Object.entries(slips)) {
  Deno.test(`a file whose formulas make no rule is refused at ${place}`, () => {
    assertThrows(
      () => readRule(temperedRule.replace(right, slip), "my.json"),
      RuleError,
      `as ${place} of my.json, wanted ${wanted}`,
    );
  });
}

Deno.test("a name, a file with options and a document are found", async () => {
  assertEquals((await askedFor("ula+box")).options, ["box"]);
  await assertRejects(() => askedFor("nowhere.json+box"), RuleError, "no such file");
  assertEquals((await askedFor(readRule(temperedRule, "x.json"))).document.name, "tempered");
});

Deno.test("a sampler that declares its rule is judged by it, unless another one is asked for", async () => {
  const sampler = { ...ruleSampler(ruleNamed("ula")), rule: "ula" };
  assertEquals((await judge(observe(sampler), quick)).verdict, "conforms");
  assertEquals((await judge(observe(sampler), { rule: "ula-half", ...quick })).verdict, "violates");
});

for (const name of fewOf(["ula+temperature+schedule", "annealed+temperature"], 1)) {
  Deno.test(`a correct sampler of ${name} conforms in every view`, async () => {
    const rule = ruleNamed(name);
    const views = [
      observe(ruleSampler(rule)),
      observe(ruleSampler(rule, { noise: "own" })),
      { ...observe(ruleSampler(rule, { noise: "own" })), reveals: "final-actions" as const },
    ];
    for (const target of fewOf(views, 2)) {
      const { verdict } = await judge(target, { rule: name, ...quick });
      assertEquals(verdict, "conforms", target.reveals);
    }
  });
}

Deno.test("a sampler that declares no rule that there is was not judged", async () => {
  const target = observe({ ...ruleSampler(ruleNamed("ula")), rule: "ulla" });
  const { verdict, fault } = await judge(target, quick);
  assertEquals([verdict, fault?.found], [
    "not run",
    '"ulla" as the name of a rule, which the sampler declares',
  ]);
});

for (const reveals of ["every-step", "final-actions"] as const) {
  sweep(
    `where nothing silences the noise, the law of the steps is judged: ${reveals}`,
    async () => {
      const judged = async (rule: Rule) => {
        const target = observe(ruleSampler(rule, { noise: "own" }));
        return await judge({ ...target, reveals }, { rule: "ula", ...quick });
      };
      const ula = ruleNamed("ula"), right = await judged(ula);
      assertEquals(right.verdict, "conforms");
      assertEquals(right.clauses.find(({ id }) => id === "step/exact")?.verdict, "holds");
      const wrong = await judged({ ...ula, drift: "1.1 * gt" });
      assertEquals(wrong.verdict, "violates");
      const found = wrong.clauses.find(({ id }) => id === "step/exact")?.counterexample?.message;
      assertMatch(found ?? "", /^The recovered noise /);
    },
  );
}

import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import { ruleUnder } from "../defects/defects.ts";
import { ruleFrom } from "../../spec/rules/document.ts";
import { temperedRule } from "../fixtures/tempered_rule.ts";
import { sweep } from "../fixtures/sweep.ts";
import { readRule } from "./rule_file.ts";
import { identify, type Judge } from "./identify.ts";
import { judge } from "./judge.ts";

const judged: Judge = (target, rule) =>
  judge(target, { rule, profile: "quick", diagnosis: "none", clauses: ["noise/step-size"] });
const found = (rule: typeof officialRule) => identify(observe(ruleSampler(rule)), judged);

const known = [
  "ibc",
  "ibc-squared",
  "ula",
  "ula+temperature+schedule",
  "ula-half+schedule",
  "sgld",
  "annealed+temperature",
];
for (const name of known) {
  Deno.test(`a sampler of ${name} is known as one`, async () => {
    assertEquals((await found(ruleNamed(name))).rule, name);
  });
}

for (const name of ["ula+box", "ula-half+schedule+grad-clip", "sgld+temperature+grad-clip+box"]) {
  Deno.test(`what limits the steps of a sampler is known with its rule: ${name}`, async () => {
    assertEquals((await found(ruleNamed(name))).rule, name);
  });
}

const clipped = [
  [
    "a gradient clipped at a fixed size",
    "min(max(gt, -0.03), 0.03)",
    /as if the gradient were clipped to ±0.03/,
  ],
  [
    "the root of the gradient",
    "sign(gt) * sqrt(abs(gt))",
    /no multiple of the gradient: .* for 16\./,
  ],
] as const;
for (const [title, drift, words] of clipped) {
  Deno.test(`of a drift that is ${title} no factor is told`, async () => {
    const { rule, text, measured } = await found({ ...ruleNamed("ula"), drift });
    assertEquals([rule, measured], [null, "not measured"]);
    assertMatch(text, words);
  });
}

Deno.test("who takes the steps of a rule and breaks it where they are limited is told so", async () => {
  const halved = { ...ruleNamed("ula+box"), result: "min(max(a - move, lo / 2), hi / 2)" };
  const whole: Judge = (target, rule) =>
    judge(target, {
      rule,
      profile: "quick",
      diagnosis: "none",
      clauses: ["step/exact"],
    });
  const { rule, text } = await identify(observe(ruleSampler(halved)), whole);
  assertEquals(rule, null);
  assertMatch(text, /its figures are those of ula\b.* it breaks /);
});

Deno.test("step sizes that fall otherwise than they should are told in numbers", async () => {
  const rule = ruleNamed("ula+schedule");
  const { measured } = await found({ ...rule, polynomial: "init / (k + 1)", drift: "3 * gt" });
  assertMatch(measured, /with the step sizes 0\.25, 0\.125, 0\.083\d*, 0\.0625 where 0\.25, /);
});

Deno.test("a sampler of no rule is told with its step, its temperature and what it settles at", async () => {
  const { rule, measured, text, stationary } = await found({
    ...officialRule,
    step: "eta * drift + 3 * sqrt(eta) * noise",
  });
  assertEquals([rule, measured], [null, "a ← a − (0.5·η·∇E + 3·√η·σ·ξ)"]);
  assertEquals(text.includes("step size 0.125 and the temperature 9"), true);
  assertAlmostEquals(stationary!.temperature, 9 * 0.1 / (1 - 0.95 ** 2), 1e-6);
});

Deno.test("a rule of a person's own is found beside those of the family", async () => {
  const document = readRule(temperedRule, "tempered.json");
  const sampler = observe(ruleSampler(ruleFrom(document)));
  const more = [{ document, options: [] }];
  assertEquals((await identify(sampler, judged, { more })).rule, "tempered");
  assertEquals((await identify(sampler, judged)).rule, null);
});

sweep("a sampler with noise of its own is known by the figures of its law", async () => {
  const own = observe(ruleSampler(ruleNamed("ula+box"), { noise: "own" }));
  assertEquals((await identify(own, judged)).rule, "ula+box");
});

Deno.test("a faulty sampler of a rule is none of the family", async () => {
  const rule = ruleNamed("ula");
  assertEquals((await found(ruleUnder(rule, { drift: "gt / 4" }))).rule, null);
});

sweep(
  "a run by one rule of the family ends with the other one that the sampler follows",
  async () => {
    const target = observe(ruleSampler(ruleNamed("ula-half")));
    const { verdict, remarks } = await judge(target, { rule: "sgld", profile: "quick" });
    assertEquals([verdict, remarks.at(-1)?.endsWith("--rule ula-half")], ["violates", true]);
  },
);

sweep("a violating run ends with the rule that the sampler does follow", async () => {
  const target = observe(ruleSampler(ruleNamed("ula"), { name: "plain" }));
  const { verdict, remarks } = await judge(target, {
    profile: "quick",
    golden: [],
  });
  assertEquals(verdict, "violates");
  assertEquals(remarks.at(-1)?.startsWith("It follows the rule ula: "), true, remarks.join());
  assertEquals(remarks.at(-1)?.endsWith("--rule ula"), true);
});

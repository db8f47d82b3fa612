import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Rule, ruleSampler } from "../../spec/rule.ts";
import { ruleFrom } from "../../spec/rules/document.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import { type Change, defectOf, ruleUnder } from "../defects/defects.ts";
import { fewOf, isWhole } from "../fixtures/sweep.ts";
import { temperedRule } from "../fixtures/tempered_rule.ts";
import { readRule } from "../run/rule_file.ts";
import { underRule } from "../run/rule_given.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { sharedDraws } from "./summary/rule_in_numbers.ts";

const views = {
  "every step": {},
  "its own noise": { noise: "own" as const },
  "final actions": {},
};

/** The diagnosis of a sampler of one rule that is judged by another one. */
async function found(rule: Rule, sampler: Rule, view: keyof typeof views = "every step") {
  const target = observe(ruleSampler(sampler, views[view]));
  const seen = view === "final actions" ? { ...target, reveals: "final-actions" as const } : target;
  const diagnosis = (await diagnosisOf(underRule(seen, rule), "violates"))!;
  const off = diagnosis.measuredRule!.terms.filter(({ deviates }) => deviates);
  return { ...diagnosis, off: off.map(({ text, wanted }) => [text, wanted]) };
}

const tempered = ruleFrom(readRule(temperedRule, "tempered.json"));

const named = [ruleNamed("ula"), ruleNamed("ibc-squared"), ruleNamed("sgld"), tempered];

for (const rule of fewOf(named, 2)) {
  for (const view of Object.keys(views) as (keyof typeof views)[]) {
    // In quick runs one rule is seen in every view.
    if (!isWhole && rule !== named[0] && view === "its own noise") continue;
    Deno.test(`no term of a right sampler of ${rule.about?.name} deviates: ${view}`, async () => {
      const { off, measuredRule } = await found(rule, rule, view);
      assertEquals(off, []);
      assert(!measuredRule!.text.includes("not measured"), measuredRule!.text);
    });
  }
}

Deno.test("a term that is a multiple of the rule's is marked, with the rule's beside it", async () => {
  const rule = ruleNamed("ula"),
    { off, defects } = await found(rule, { ...rule, drift: "0.3 * gt" });
  assertEquals(off, [["0.300·η_k·∇E", "1.000·η_k·∇E"]]);
  assertMatch(defects[0]!.title, /0\.3 times as strongly/);
  assertEquals(defects.map(({ certain }) => certain), [true]);
});

Deno.test("another power of the step size is measured as one, and so is one of the noise scale", async () => {
  const rule = ruleNamed("ula+temperature+schedule");
  const step = "eta ^ 2 * drift + sqrt(2 * eta) * noise";
  assertEquals((await found(rule, { ...rule, step })).off.map(([text]) => text), ["1.000·η_k²·∇E"]);
  assertEquals((await found(rule, { ...rule, noise: "T * xi" })).off, [
    ["1.414·√η_k·T·ξ", "1.414·√η_k·√T·ξ"],
  ]);
});

Deno.test("a drift that goes with a setting of the rule's own is told as a multiple of its formula", async () => {
  const formulas = {
    drift: "strength * gt",
    noise: "sigma * xi",
    step: "eta * drift + sqrt(2 * eta) * noise",
  };
  const strength = { meaning: "how strong the drift is", from: 0.5, to: 2 };
  const about = { name: "own", sentence: "One.", source: "a test" };
  const rule = ruleFrom({ ...about, formulas, settings: { strength } });
  const offBy = async (change: Partial<Rule>) =>
    (await found(rule, { ...rule, ...change })).off.map(([text]) => text);
  assertEquals(await offBy({ drift: "1.5 * strength * gt" }), ["1.500·η_k·(strength * gt)"]);
  const step = "eta ^ 2 * drift + sqrt(2 * eta) * noise";
  assertEquals(await offBy({ step }), ["1.000·η_k²·(strength * gt)"]);
});

Deno.test("step sizes that both terms have are a schedule, and no fault of the terms", async () => {
  const rule = ruleNamed("ula+schedule");
  const { measuredRule, off } = await found(rule, ruleUnder(rule, { polynomial: "init" }));
  assertEquals(off, [["η: 0.250, constant", "η: 0.250 → 0.0195, polynomial, power 3.00"]]);
  assertEquals(measuredRule!.stepSizes!.measured.length, 5);
});

Deno.test("step sizes of a rule's own that are a step ahead are told as such", async () => {
  const rule = ruleNamed("sgld"), stepSize = "scale * (offset + k + 1) ^ (-decline)";
  const { defects } = await found(rule, { ...rule, stepSize });
  assertEquals(defects.map(({ title }) => title), ["Step sizes are one step ahead"]);
});

Deno.test("step sizes that go with a setting of the rule's own are not named by its middling values", async () => {
  const rule = ruleNamed("annealed");
  const { defects } = await found(rule, {
    ...rule,
    stepSize: rule.stepSize!.replace("floor(k / stay)", "floor(k / stay + 0.5)"),
  });
  assertEquals(defects.filter(({ certain }) => certain), []);
});

Deno.test("step sizes that both terms have are no fault of theirs beside noise of another size", async () => {
  const rule = ruleNamed("ula+temperature+schedule");
  const changed = { ...ruleUnder(rule, { polynomial: "init" }), noise: "min(T, 1) ^ 0.5 * xi" };
  const { measuredRule, off } = await found(rule, changed);
  assertEquals(measuredRule!.terms.find(({ name }) => name === "drift")!.deviates, false);
  assert(off.some(([text]) => text === "η: 0.250, constant"), JSON.stringify(off));
});

Deno.test("step sizes that differ late are told from the step on where they do", async () => {
  const rule = ruleNamed("sgld"), stepSize = rule.stepSize!.replace(/\bk\b/, "where(k - 7, 7, k)");
  const [[text, wanted]] = (await found(rule, { ...rule, stepSize })).off as [[string, string]];
  assertMatch(text!, /^η: from step 8 on /);
  assertMatch(wanted!, /^η: from step 8 on /);
  assert(text !== wanted);
});

for (const id of ["bounds-missing", "noise-shared-by-rows", "gradient-mean-over-rows"]) {
  Deno.test(`a known bug has its name under another rule: ${id}`, async () => {
    const rule = ruleNamed("ula+temperature+box");
    const { defects } = await found(rule, ruleUnder(rule, defectOf(id)!.change));
    assertEquals(defects.map(({ id, certain }) => [id, certain]), [[id, true]]);
  });
}

Deno.test("bugs are told in the formulas of the rule that was asked for", async () => {
  const rule = ruleNamed("ula"), { change } = defectOf("noise-root-of-step")!;
  const { defects: [named] } = await found(rule, ruleUnder(rule, change));
  assertEquals(named!.fix, "Use eta * drift + sqrt(2 * eta) * noise as the step.");
});

Deno.test("two bugs have two names", async () => {
  const rule = ruleNamed("ula+temperature+schedule+box");
  const both = [defectOf("bounds-missing")!, defectOf("schedule-linear")!];
  const { defects } = await found(rule, ruleUnder(rule, ...both.map(({ change }) => change)));
  assertEquals(defects.map(({ id }) => id).sort(), ["bounds-missing", "schedule-linear"]);
});

Deno.test("amid noise figures come with their errors, and names with a doubt", async () => {
  const rule = ruleNamed("ula");
  const { off, defects } = await found(rule, { ...rule, drift: "gt / 2" }, "its own noise");
  assertMatch(off[0]![0]!, /^\(0\.50\d ± 0\.\d+\)·η_k·∇E$|^\(0\.49\d ± 0\.\d+\)·η_k·∇E$/);
  assert(defects.every(({ certain }) => !certain));
});

const added: readonly (readonly [rule: string, Change, title: RegExp, drift: RegExp])[] = [
  ["ula", { drift: "gt + 0.25 * a" }, /^0\.25 times the action is added/, /\(∇E \+ 0\.25·a\)/],
  [
    "ula+schedule",
    { drift: "gt + 0.5 * driftBefore" },
    /^0\.5 of the last drift is kept/,
    /1, 1\.5/,
  ],
];

for (const [name, change, title, drift] of fewOf(added, 1)) {
  Deno.test(`what a step of ${name} has beside its gradient is named: ${change.drift}`, async () => {
    const rule = ruleNamed(name), { defects, off } = await found(rule, ruleUnder(rule, change));
    assertEquals(defects.map(({ certain }) => certain), [true]);
    assertMatch(defects[0]!.title, title);
    assertMatch(off[0]![0]!, drift);
  });
}

const depending: readonly (readonly [Change, words: RegExp, view: keyof typeof views])[] = [
  [{ drift: "tanh(gt)" }, /^The drift is no multiple of the gradient/, "every step"],
  [{ drift: "gt * cos(7 * a)" }, /^A step depends on the action, not only/, "every step"],
  [{ noise: "xi * (1 + abs(gt))" }, /^The noise depends on the gradient/, "every step"],
  [
    { noise: "xi * where(axis - 0.5, 1.5, 1)" },
    /depends on the axis: .* 1\.[45]\d* ± 0\.0\d+ on axis 3$/,
    "its own noise",
  ],
];

for (const [change, words, view] of depending) {
  Deno.test(`under another rule, too, it is told what a step depends on: ${Object.values(change)}`, async () => {
    const rule = ruleNamed("ula");
    const { influences, defects } = await found(rule, ruleUnder(rule, change), view);
    assertEquals([influences!.length, defects], [1, []]);
    assertMatch(influences![0]!.text, words);
  });
}

Deno.test("a name that another shape refutes is not certain under another rule, either", async () => {
  const rule = ruleNamed("ibc-squared"), right = ruleSampler(rule);
  const wrong = ruleSampler(ruleUnder(rule, defectOf("half-missing")!.change));
  const diagnosed = async (leastRows: number) => {
    const target = observe({
      ...right,
      prepare: async (settings) => {
        const [good, bad] = [await right.prepare(settings), await wrong.prepare(settings)];
        return (call) => call.initial.length < leastRows ? good(call) : bad(call);
      },
    });
    const { defects } = (await diagnosisOf(underRule(target, rule), "violates"))!;
    return defects.map(({ id, certain }) => [id, certain]);
  };
  assertEquals(await diagnosed(1), [["half-missing", true]]);
  assertEquals(await diagnosed(3), [["half-missing", false]]);
});

Deno.test("what no known bug explains is told with the terms that could not be measured", async () => {
  const rule = ruleNamed("ula");
  const { unexplained, measuredRule } = await found(rule, { ...rule, drift: "gt * cos(7 * a)" });
  assertMatch(unexplained ?? "", /there is no figure for the drift/);
  assertMatch(measuredRule!.text, /not measured/);
});

Deno.test("noise whose draws all rows share has no figure", async () => {
  const rule = ruleNamed("ula"), inner = ruleSampler(rule, { noise: "own" });
  const target = observe({
    ...inner,
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call) => {
        const shared = () => {
          const [first] = call.noise.draw();
          return call.initial.map(() => [...first!]);
        };
        return sample({ ...call, noise: { ...call.noise, draw: shared } });
      };
    },
  });
  const diagnosis = (await diagnosisOf(underRule(target, rule), "conforms"))!;
  const noise = diagnosis.measuredRule!.terms.find(({ name }) => name === "noise")!;
  assertEquals([noise.deviates, noise.value], [null, {
    kind: "not measured",
    reason: sharedDraws,
  }]);
});

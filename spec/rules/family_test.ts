import { assertAlmostEquals, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { normalDraws } from "../numerics/random.ts";
import { officialRule, stepSizes } from "../rule.ts";
import { stationaryLaw } from "../rule_law.ts";
import { partsOf, settingsFor } from "../rule_parts.ts";
import { isLinear, powerOf, stepFactors } from "../rule_slopes.ts";
import { type RuleDocument, RuleError, ruleFrom } from "./document.ts";
import { askedRule, family, ruleNamed } from "./family.ts";

const damped: RuleDocument = {
  name: "damped",
  sentence: "A sampler of nobody.",
  source: "a test",
  formulas: {
    drift: "gt / 4",
    noise: "xi",
    step: "eta * (drift + noise)",
    stepSize: "a0 / (k + 1)",
  },
  settings: { a0: { meaning: "the first step size", from: 0.25, to: 1 } },
};

Deno.test("every rule of the family is a rule, with each of its options and with all", () => {
  for (const { name, options = {} } of family) {
    const all = Object.keys(options);
    for (const chosen of [[], ...all.map((option) => [option]), all]) {
      const rule = ruleNamed([name, ...chosen].join("+"));
      assertEquals(isLinear(rule), true, name);
    }
  }
});

Deno.test("the official rule is the first of the family, and itself", () => {
  assertStrictEquals(ruleNamed("ibc"), officialRule);
  assertEquals(family[0]!.name, "ibc");
});

Deno.test("a rule is made once for each choice of options, whatever their order", () => {
  assertStrictEquals(ruleNamed("ula+box+temperature"), ruleNamed("ula+temperature+box"));
  assertEquals(ruleNamed("ula+box+temperature").about?.name, "ula+temperature+box");
});

Deno.test("what a rule has follows from its formulas", () => {
  assertEquals([...partsOf(ruleNamed("ula"))], []);
  assertEquals([...partsOf(ruleNamed("ula+temperature+box"))], ["noise scale", "box"]);
  assertEquals([...partsOf(ruleNamed("sgld"))], ["own schedule"]);
  assertEquals(partsOf(officialRule).size, partsOf(ruleNamed("ibc-squared")).size + 1);
});

Deno.test("the factors of a step are the derivatives of its formulas", () => {
  const factors = (name: string) => stepFactors(ruleNamed(name), 0.25);
  assertEquals(factors("ibc"), { drift: 0.125, noise: 0.25 });
  assertEquals(factors("ibc-squared"), { drift: 0.03125, noise: 0.25 });
  assertEquals(factors("ula"), { drift: 0.25, noise: Math.sqrt(0.5) });
  assertEquals(factors("ula-half"), { drift: 0.125, noise: 0.5 });
  assertEquals(powerOf(ruleNamed("ibc-squared"), "drift", 0.1), 2);
  assertEquals(powerOf(ruleNamed("ula"), "noise", 0.1), 0.5);
});

Deno.test("what a rule lacks stays out of the way", () => {
  const bounds = { min: [-1], max: [1] };
  const given = {
    ...{ bounds, steps: 3, noiseScale: 0, gradClip: 1, deltaClip: 0.1, gradNorm: null },
    ...{ schedule: { kind: "exponential", init: 0.5, decay: 0.5 }, applyExp: true } as const,
  };
  const { schedule, noiseScale, gradClip, applyExp, bounds: { max } } = settingsFor(
    ruleNamed("ula"),
    given,
  );
  assertEquals(schedule, { kind: "polynomial", init: 0.5, final: 0.5, power: 2 });
  assertEquals([noiseScale, gradClip, applyExp, max[0]! > 1e5], [1, null, false, true]);
  assertStrictEquals(settingsFor(officialRule, given), given);
});

Deno.test("step sizes of a schedule of the rule's own come from its settings", () => {
  const schedule = { kind: "polynomial", init: 1, final: 1, power: 1 } as const;
  assertEquals(stepSizes(schedule, 3, ruleFrom(damped), { a0: 0.75 }), [0.75, 0.375, 0.25]);
  const own = { epsilon: 0.015625, first: 2, last: 0.5, levels: 3, stay: 2 };
  const sizes = stepSizes(schedule, 7, ruleNamed("annealed"), own);
  assertEquals(sizes, [0.25, 0.25, 0.0625, 0.0625, 0.015625, 0.015625, 0.015625]);
});

Deno.test("the stationary variance is that of long chains, for every rule", () => {
  const draw = normalDraws(3), curvature = 2;
  for (const name of ["ibc", "ibc-squared", "ula", "ula-half"]) {
    const factors = stepFactors(ruleNamed(name), 0.3);
    let a = 0, squares = 0;
    const count = 200_000;
    for (let k = 0; k < count; k++) {
      a = a - factors.drift * curvature * a - factors.noise * draw();
      squares += a * a;
    }
    const { variance, temperature } = stationaryLaw(factors, curvature);
    assertAlmostEquals(squares / count / variance, 1, 0.05, name);
    assertEquals(temperature, curvature * variance);
  }
  assertEquals(stationaryLaw({ drift: 2, noise: 1 }, 1).variance, Infinity);
});

Deno.test("a rule that makes no sense is refused with its place", () => {
  const refused = (change: Partial<RuleDocument>, ...options: string[]) =>
    assertThrows(() => ruleFrom({ ...damped, ...change }, options), RuleError).message;
  const step = { ...damped.formulas, step: "eta * (drift + nois)" };
  assertEquals(
    refused({ formulas: step }).startsWith(
      'Cannot read the rule: found "nois" as formulas.step, character 16 of "eta * (drift + nois)", wanted one of a, g,',
    ),
    true,
  );
  assertEquals(
    refused({ settings: { eta: damped.settings!["a0"]! } }),
    'Cannot read the rule: found "eta" as settings.eta, wanted a name that formulas can use and that has no other meaning',
  );
  assertEquals(
    refused({}, "hot"),
    'Cannot read the rule: found "hot" as an option of damped, wanted no option: it has none',
  );
  assertThrows(() => askedRule("ulla"), RuleError, "one of ibc, ibc-squared, ula");
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { constantTape, problemOf } from "../properties/arbitraries.ts";
import { evaluateExactly } from "./formula/arbiter.ts";
import { norm } from "./numerics/norm.ts";
import { observe } from "./observe.ts";
import { gradNormAt } from "./oracle.ts";
import { officialDefaults, type Problem, type Rows } from "./problem.ts";
import type { Call, Network, NoiseSource, Sampler } from "./sampler.ts";
import { FormulaError } from "./formula/parse.ts";
import { compileRule, parseRuleFormula } from "./compiled_rule.ts";
import {
  limitOf,
  officialRule,
  type Rule,
  ruleSampler,
  ruleSymbols,
  stepCoordinate,
  stepSizes,
} from "./rule.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

Deno.test("a step in float64 agrees with its own formulas in 64 digits", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        action: number(-3, 3),
        gradient: number(-50, 50),
        gradClip: fc.option(number(0, 20)),
        noiseScale: number(0, 3),
        draw: number(-4, 4),
        stepSize: number(1e-5, 1),
        deltaClip: number(0, 1),
        lower: number(-3, 0),
        upper: number(0.1, 3),
      }),
      async (input) => {
        const terms = stepCoordinate(input);
        const scope: Record<string, number> = {
          a: input.action,
          g: input.gradient,
          gamma: input.gradClip ?? 0,
          sigma: input.noiseScale,
          xi: input.draw,
          eta: input.stepSize,
          c: input.deltaClip,
          lo: input.lower,
          hi: input.upper,
        };
        const exact = async (text: string) =>
          (await evaluateExactly(parseRuleFormula(text, ruleSymbols), scope)).toNumber();
        const close = (actual: number, expected: number, scale: number) =>
          assert(Math.abs(actual - expected) <= 1e-15 * scale, `${actual} instead of ${expected}`);
        scope.gt = await exact(
          input.gradClip === null ? officialRule.noGradClip : officialRule.gradClip,
        );
        assertEquals(terms.clippedGradient, scope.gt);
        scope.drift = await exact(officialRule.drift);
        close(terms.drift, scope.drift, 50);
        scope.noise = await exact(officialRule.noise);
        close(terms.noise, scope.noise, 12);
        scope.delta = await exact(officialRule.step);
        close(terms.step, scope.delta, 100);
        scope.limit = await exact(officialRule.limit);
        close(terms.limit, scope.limit, 6);
        scope.move = await exact(officialRule.clippedStep);
        close(terms.clippedStep, scope.move, 100);
        close(terms.result, await exact(officialRule.result), 100);
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("the first step of the all-defaults trace comes out of the formulas", () => {
  // Row 0 of the official trace default-quadratic-2d: 1.5 (a1 - 0.2)² + 4 (a2 + 0.3)².
  const first = stepCoordinate({
    action: 0.32284,
    gradient: 3 * (0.32284 - 0.2),
    gradClip: null,
    noiseScale: 1,
    draw: -0.74285,
    stepSize: 0.1,
    deltaClip: 0.1,
    lower: -1,
    upper: 1,
  });
  assertAlmostEquals(first.result, 0.378699, 1e-7);
  const second = stepCoordinate({
    action: 0.25399,
    gradient: 8 * (0.25399 + 0.3),
    gradClip: null,
    noiseScale: 1,
    draw: 0.34459,
    stepSize: 0.1,
    deltaClip: 0.1,
    lower: -1,
    upper: 1,
  });
  assertAlmostEquals(second.result, 0.15399, 1e-7);
  assertAlmostEquals(second.clippedStep, 0.1, 1e-15);
});

Deno.test("an infinite gradient moves by the limit and a NaN gradient gives NaN", () => {
  const input = {
    action: 0.5,
    gradient: Infinity,
    gradClip: null,
    noiseScale: 0,
    draw: 0,
    stepSize: 0.1,
    deltaClip: 0.1,
    lower: -1,
    upper: 1,
  };
  assertEquals(stepCoordinate(input).result, 0.4);
  assertEquals(stepCoordinate({ ...input, gradient: NaN }).result, NaN);
});

Deno.test("a gradient clip of zero is a value", () => {
  const terms = stepCoordinate({
    action: 0,
    gradient: 5,
    gradClip: 0,
    noiseScale: 1,
    draw: 1,
    stepSize: 0.25,
    deltaClip: 8,
    lower: -1,
    upper: 1,
  });
  assertEquals(Math.abs(terms.drift), 0);
  assertEquals(terms.result, -0.25);
});

Deno.test("a rule formula with an unknown symbol is refused", () => {
  assertThrows(() => compileRule({ ...officialRule, drift: "gradient / 2" }), FormulaError);
});

Deno.test("polynomial step sizes start at init, end at final and follow the power between", () => {
  const sizes = stepSizes({ kind: "polynomial", init: 0.25, final: 1 / 64, power: 3 }, 5);
  assertEquals(sizes, [0.25, 0.114501953125, 0.044921875, 0.019287109375, 0.015625]);
});

Deno.test("one step uses init, two steps use init and final", () => {
  const schedule = { kind: "polynomial", init: 0.1, final: 1e-5, power: 2 } as const;
  assertEquals(stepSizes(schedule, 1), [0.1]);
  assertEquals(stepSizes(schedule, 2), [0.1, 1e-5]);
});

Deno.test("a final step size may exceed the initial one, and equal ones stay constant", () => {
  const rising = stepSizes({ kind: "polynomial", init: 0.01, final: 0.2, power: 2 }, 10);
  assert(rising.every((size, k) => k === 0 || size > rising[k - 1]!));
  assertEquals(rising.at(-1), 0.2);
  assertEquals(
    stepSizes({ kind: "polynomial", init: 0.5, final: 0.5, power: 2 }, 4),
    [0.5, 0.5, 0.5, 0.5],
  );
});

Deno.test("fractional powers reach final exactly, without complex numbers", () => {
  const sizes = stepSizes({ kind: "polynomial", init: 0.2, final: 0.01, power: 1.7 }, 7);
  assertEquals(sizes.at(-1), 0.01);
  assert(sizes.every(Number.isFinite));
});

Deno.test("exponential step sizes follow init times decay to the k", () => {
  assertEquals(
    stepSizes({ kind: "exponential", init: 1, decay: 0.5 }, 4),
    [1, 0.5, 0.25, 0.125],
  );
});

Deno.test("sums of step sizes match the published ones for the defaults", () => {
  const sum = (steps: number) =>
    stepSizes({ kind: "polynomial", init: 0.1, final: 1e-5, power: 2 }, steps)
      .reduce((total, size) => total + size, 0);
  assertAlmostEquals(sum(25), 0.851, 5e-4);
  assertAlmostEquals(sum(100), 3.351, 5e-4);
});

Deno.test("the largest movement of an axis is the delta clip times half its range", () => {
  const settings = { deltaClip: 0.5, bounds: { min: [-1, 2], max: [3, 2.5] } };
  assertEquals([0, 1].map((axis) => limitOf(settings, axis)), [1, 0.125]);
  assertEquals(limitOf(settings, 0, { ...officialRule, limit: "c" }), 0.5);
});

const problem = problemOf({
  energy: "(a1 - 0.5)^2 + 2*a2^2",
  settings: { ...officialDefaults, steps: 4, bounds: { min: [-1, -2], max: [1, 3] } },
  initial: [[0.75, -1], [-0.5, 2]],
  samples: 2,
  noise: { kind: "tape", draws: constantTape(0.5, 4, 2, 2) },
});

async function finalOf(sampler: Sampler, given: Problem = problem): Promise<Rows> {
  return (await (await observe(sampler).prepare(given.settings)).sample(given)).final;
}

Deno.test("a sampler that runs inside the network of another changes nothing", async () => {
  const outer = ruleSampler(), inner = ruleSampler({ ...officialRule, step: "2 * delta + eta" });
  const nested: Sampler = {
    ...outer,
    async prepare(settings) {
      const sample = await outer.prepare(settings);
      const other = await inner.prepare({ ...settings, deltaClip: 1, noiseScale: 3 });
      const same = await outer.prepare(settings);
      return (call) => {
        const gradient = ((at: Rows) => {
          for (const run of [other, same]) run({ ...call, noise: zeroNoise(call) });
          return call.network.gradient(at);
        }) as Network["gradient"];
        return sample({ ...call, network: { ...call.network, gradient } });
      };
    },
  };
  assertEquals(await finalOf(nested), await finalOf(outer));
});

/** Draws that leave the tape of the outer call alone. */
function zeroNoise({ initial }: Call): NoiseSource {
  const draw = () => initial.map((row) => row.map(() => 0));
  return { kind: "tape", draw, drawGrouped: () => [draw()] };
}

Deno.test("two rules that take turns do not see each other", async () => {
  const rules = [officialRule, { ...officialRule, steps: "N - 1", polynomial: "init / (k + 1)" }];
  const alone = await Promise.all(rules.map((rule) => finalOf(ruleSampler(rule))));
  const prepared = await Promise.all(
    rules.map((rule) => observe(ruleSampler(rule)).prepare(problem.settings)),
  );
  for (let turn = 0; turn < 3; turn++) {
    const found = await Promise.all(prepared.map((one) => one.sample(problem)));
    assertEquals(found.map(({ final }) => final), alone);
    for (const rule of rules) stepSizes(problem.settings.schedule, 7 + turn, rule);
    stepCoordinate({ ...input, action: turn });
  }
});

const input = {
  action: 0,
  gradient: 1,
  gradClip: null,
  noiseScale: 1,
  draw: 0,
  stepSize: 0.1,
  deltaClip: 0.1,
  lower: -1,
  upper: 1,
};

Deno.test("step sizes of a schedule do not remember those of another", () => {
  const polynomial = { kind: "polynomial", init: 0.5, final: 0.25, power: 1 } as const;
  const before = stepSizes(polynomial, 3);
  stepSizes({ kind: "exponential", init: 9, decay: 9 }, 8);
  assertEquals(stepSizes(polynomial, 3), before);
  const reads = { ...officialRule, exponential: "init + power" };
  assertEquals(stepSizes({ kind: "exponential", init: 1, decay: 0.5 }, 1, reads), [1]);
});

Deno.test("a step of the loop that is replaced is all that changes", async () => {
  const reversed: Rule = {
    ...officialRule,
    loop: () => ({ ...officialRule.loop(), result: (_run, last) => [...last].reverse() }),
  };
  assertEquals(await finalOf(ruleSampler(reversed)), (await finalOf(ruleSampler())).toReversed());
});

Deno.test("the rule is one page, and knows no defect", async () => {
  const page = await Deno.readTextFile(new URL("rule.ts", import.meta.url));
  assert(page.split("\n").length <= 201);
  assert(!/defect|faulty|wrong/i.test(page));
});

Deno.test("of an infinity and a NaN, the norm that is reported is NaN", async () => {
  for (const order of ["1", "2", "inf"] as const) {
    assertEquals(norm([Infinity, NaN], order), NaN);
    assertEquals(norm([NaN, -Infinity], order), NaN);
    assertEquals(norm([-Infinity, 1], order), Infinity);
  }
  assertEquals(norm([NaN], null), 0);
  assertEquals(["1", "2", "inf"].map((order) => norm([3, -4], order as "1")), [7, 5, 4]);
  const settings = { ...problem.settings, gradNorm: "2" as const };
  const steep = { ...problem, energy: "1e308*10*a1 + sqrt(-1 - a2^2)*a2", settings };
  const target = await observe(ruleSampler()).prepare(settings);
  const { chain } = await target.sample(steep);
  assertEquals(chain!.gradNorms![0], [NaN, NaN]);
  assertEquals(gradNormAt(steep, 0, steep.initial[0]!).value, NaN);
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { evaluateExactly } from "./formula/arbiter.ts";
import { FormulaError } from "./formula/parse.ts";
import { officialRule } from "./rule.ts";
import { stepSizes } from "./schedule.ts";
import { compileRule, parseRuleFormula, stepCoordinate } from "./step.ts";

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
          (await evaluateExactly(parseRuleFormula(text), scope)).toNumber();
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

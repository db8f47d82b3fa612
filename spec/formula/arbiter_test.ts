import { isWhole } from "../../src/fixtures/sweep.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { uniform } from "../numerics/random.ts";
import { predictStep } from "../oracle.ts";
import { officialDefaults, type Problem, type Schedule, type Settings } from "../problem.ts";
import { officialRule } from "../rule.ts";
import { type Confirmation, confirmStep, evaluateExactly, type ObservedStep } from "./arbiter.ts";
import type { Expression } from "./expression.ts";
import { parseFormula } from "./parse.ts";

const parse = (text: string): Expression => parseFormula(text, () => true, "a symbol");
const exactly = async (
  text: string,
  scope: Readonly<Record<string, number>> = {},
): Promise<string> => (await evaluateExactly(parse(text), scope)).toString();

Deno.test("evaluateExactly keeps 64 digits", async () => {
  assertEquals(
    await exactly("sqrt(2)"),
    "1.414213562373095048801688724209698078569671875376948073176679738",
  );
});

Deno.test("evaluateExactly takes a literal as float64", async () => {
  assertEquals(await exactly("0.1"), (0.1).toFixed(55));
});

Deno.test("evaluateExactly takes a value with all its digits", async () => {
  assertEquals(await exactly("x", { x: 2 ** -30 }), "9.31322574615478515625e-10");
  assertEquals(
    await exactly("x-y", { x: 1 + 2 ** -52, y: 1 }),
    "2.220446049250313080847263336181640625e-16",
  );
  assertEquals(await exactly("-x", { x: -(2 ** 80) }), "1.208925819614629174706176e+24");
  assertEquals((await evaluateExactly(parse("x"), { x: 5e-324 })).toNumber(), 5e-324);
});

Deno.test("evaluateExactly has no tolerance in floor, min, max and where", async () => {
  const scope = { x: 1, y: 1 + 2 ** -52, below: 3 - 2 ** -51 };
  assertEquals(await exactly("max(x,y)-1", scope), await exactly("y-1", scope));
  assertEquals(await exactly("min(y,x)-1", scope), "0");
  assertEquals(await exactly("floor(below)", scope), "2");
  assertEquals(await exactly("where(y-x,1,2)", scope), "1");
  assertEquals(await exactly("where(x-x,1,2)", scope), "2");
});

Deno.test("evaluateExactly gives NaN where there is no real value", async () => {
  for (const text of ["sqrt(-1)", "log(-1)", "(-8)^0.5", "max(n,1)", "min(1,n)"]) {
    assertEquals(await exactly(text, { n: NaN }), "NaN", text);
  }
  assertEquals(await exactly("where(n,1,2)", { n: NaN }), "2");
  assertEquals(await exactly("1/0"), "Infinity");
});

Deno.test("evaluateExactly comes to an end at large arguments", async () => {
  assertEquals(await exactly("tanh(1e9)"), "1");
  assertEquals(await exactly("tanh(-1e9)"), "-1");
  assertEquals(await exactly("sinh(-1e6)/cosh(1e6)"), "-1");
  assert(Math.abs(Number(await exactly("log(cosh(200))-200+log(2)"))) < 1e-60);
});

Deno.test("evaluateExactly allows the words of mathjs as symbols", async () => {
  const words = ["end", "to", "in", "mod", "e", "i", "N", "not", "true"];
  for (const name of words) {
    assertEquals(await exactly(`${name}^2+1`, { [name]: 2 }), "5", name);
  }
});

Deno.test("evaluateExactly wants a value for each symbol", async () => {
  const error = await assertRejects(() => exactly("x+y", { x: 1 }), Error);
  assert(String(error).includes('found no value of "y"'), String(error));
  await assertRejects(() => exactly("constructor", {}), Error, 'found no value of "constructor"');
});

/** One row, two axes, in [-1, 2] × [-1, 2]. */
function problemOf(energy: string, settings: Partial<Settings> = {}): Problem {
  const all = {
    ...officialDefaults,
    bounds: { min: [-1, -1], max: [2, 2] },
    steps: 3,
    ...settings,
  };
  return {
    energy,
    settings: all,
    groups: 1,
    samples: 1,
    axes: 2,
    observations: [[0.25]],
    initial: [[0.5, -0.5]],
    noise: { kind: "tape", draws: Array.from({ length: all.steps }, () => [[0.75, -0.5]]) },
    seed: 1,
  };
}

const observedOf = (problem: Problem, rest: Partial<ObservedStep> = {}): ObservedStep => ({
  problem,
  step: 0,
  row: 0,
  axis: 0,
  point: problem.initial[0]!,
  actual: 0,
  tolerance: 0,
  noiseSign: 1,
  ...rest,
});

const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({
    kind: fc.constant("polynomial" as const),
    init: fc.constantFrom(0.1, 0.5, 0.001),
    final: fc.constantFrom(0, 1e-5, 0.3),
    power: fc.constantFrom(0, 0.5, 1, 2, 3.5),
  }),
  fc.record({
    kind: fc.constant("exponential" as const),
    init: fc.constantFrom(0.1, 0.5),
    decay: fc.constantFrom(0.9, 1, 1.1),
  }),
);

const problems = fc.record({
  energy: fc.constantFrom(
    "a1^2 + 2*(a2 - o1)^2",
    "log(1 + exp(3*a1 - a2)) + tanh(a2*o1)",
    "abs(a1 - a2) + max(a1, a2, o1)",
    "sin(5*a1)*cosh(a2) - sqrt(1 + a1^2)/(2 + a2^2)",
    "where(a1 - o1, a1^3, a2^1.5*0 + a1^4)",
    "0*a1 + 7",
  ),
  settings: fc.record({
    steps: fc.constantFrom(1, 2, 3, 25),
    schedule: schedules,
    noiseScale: fc.constantFrom(0, 0.3, 1),
    gradClip: fc.constantFrom(null, 0, 0.5, 10),
    deltaClip: fc.constantFrom(0, 0.01, 0.1, 3),
    applyExp: fc.boolean(),
  }),
  sign: fc.constantFrom(1 as const, -1 as const),
  seed: fc.nat(),
});

Deno.test("the arbiter and the oracle compute the same steps", async () => {
  const property = fc.asyncProperty(problems, async ({ energy, settings, sign, seed }) => {
    const u = uniform(seed);
    const step = Math.floor(u() * settings.steps);
    const point = [3 * u() - 1.2, 3 * u() - 1.2];
    const problem = problemOf(energy, settings);
    const predicted = predictStep(problem, step, [point], { noiseSign: sign })[0]!;
    for (const [axis, { terms }] of predicted.entries()) {
      const { exact, expected } = await confirmStep(
        observedOf(problem, { step, axis, point, noiseSign: sign }),
      );
      // a2^1.5 has no value for a2 < 0, and then both say so.
      if (Number.isNaN(terms.result)) assertEquals(exact, "NaN");
      else assert(Math.abs(expected - terms.result) <= 1e-12, `${exact}, not ${terms.result}`);
    }
  });
  await fc.assert(property, { seed: 1, numRuns: isWhole ? 300 : 100 });
});

Deno.test("the tolerance divides what the arbiter confirms from what it does not", async () => {
  // A quarter minus half of 2^-3 times 2 · 0.25 is 0.21875, without rounding anywhere.
  const problem = problemOf("a1^2", {
    schedule: { kind: "polynomial", init: 0.125, final: 0, power: 1 },
    noiseScale: 0,
    deltaClip: 1,
  });
  const judged = (actual: number, tolerance: number) =>
    confirmStep(observedOf(problem, { point: [0.25, 0], actual, tolerance }));
  const right = { exact: "0.21875", expected: 0.21875 };
  const tiny = 2 ** -54;
  assertEquals(await judged(0.21875, 0), { ...right, confirmed: false });
  assertEquals(await judged(0.21875 + 2 ** -40, 2 ** -40), { ...right, confirmed: false });
  assertEquals(await judged(0.21875 - 2 ** -40, 2 ** -40), { ...right, confirmed: false });
  assertEquals(await judged(0.21875 + 2 ** -40 + tiny, 2 ** -40), { ...right, confirmed: true });
  assertEquals(await judged(0.21875 - 2 ** -40 - tiny, 2 ** -40), { ...right, confirmed: true });
});

Deno.test("an oracle that cancellation led astray is overruled", async () => {
  // The slope is 0 everywhere; in float64 the sum with 1e16 is rounded to an even number.
  const problem = problemOf("(a1 + 1e16)^2 / 2 - 1e16*a1 - a1^2 / 2", { noiseScale: 0 });
  const point = [1, 0], tolerance = 1e-6;
  const { terms } = predictStep(problem, 0, [point])[0]![0]!;
  assert(Math.abs(terms.result - 1) > 1000 * tolerance);
  const correct = await confirmStep(observedOf(problem, { point, actual: 1, tolerance }));
  assertEquals(correct, { exact: "1", expected: 1, confirmed: false });
  const asOracle = { point, actual: terms.result, tolerance };
  assert((await confirmStep(observedOf(problem, asOracle))).confirmed);
});

Deno.test("the arbiter takes a step from the point that was observed, in its own row", async () => {
  const problem: Problem = {
    ...problemOf("(a1 - o1)^2", { deltaClip: 1 }),
    groups: 2,
    observations: [[0.25], [0.75]],
    initial: [[0, 0], [0, 0]],
    noise: { kind: "tape", draws: Array.from({ length: 3 }, () => [[0, 0], [0.5, 0.25]]) },
  };
  for (const noiseSign of [1, -1] as const) {
    const { expected } = await confirmStep(
      observedOf(problem, { row: 1, point: [0.5, 0], noiseSign }),
    );
    assert(Math.abs(expected - (0.5 - 0.1 * (-0.25 + noiseSign * 0.5))) < 1e-15);
  }
});

Deno.test("what is not finite is right only where the rule gives it too", async () => {
  const finite = problemOf("a1^2"), broken = problemOf("log(a1)");
  const confirmed = async (problem: Problem, actual: number, point = [-0.5, 0]) =>
    (await confirmStep(observedOf(problem, { point, actual, tolerance: 1e9 }))).confirmed;
  const log = problemOf("a1^1.5");
  assertEquals(await confirmed(log, NaN), false);
  assertEquals(await confirmed(log, 0), true);
  assertEquals(await confirmed(finite, NaN), true);
  assertEquals(await confirmed(finite, Infinity), true);
  assertEquals(await confirmed(finite, 0, [NaN, 0]), true);
  assertEquals(await confirmed(finite, NaN, [NaN, 0]), false);
  // An infinite slope moves the coordinate by the limit.
  const wall: Confirmation = await confirmStep(
    observedOf(broken, { point: [0, 0], actual: -0.15, tolerance: 1e-7 }),
  );
  assertEquals(wall.confirmed, false);
  assert(Math.abs(wall.expected + 0.15) < 1e-15);
});

Deno.test("a confirmation follows the formulas of the rule it is given", async () => {
  const problem = problemOf("a1^2", { noiseScale: 0, deltaClip: 1 });
  const doubled = { ...officialRule, drift: "gt" };
  const point = [0.5, 0];
  const { expected } = await confirmStep(observedOf(problem, { point }), doubled);
  assert(Math.abs(expected - 0.4) < 1e-15);
  const batch = { ...officialRule, drift: "gt / rows" };
  await assertRejects(() => confirmStep(observedOf(problem), batch), Error, 'no value of "rows"');
});

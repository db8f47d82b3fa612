import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { normalDraws } from "../spec/numerics/random.ts";
import { battery } from "./battery.ts";
import {
  drawsForShape,
  leastCount,
  normalShape,
  powerTable,
  scalePower,
  shapes,
  sharedDeviation,
  sharePower,
  shiftPower,
  smallestEffect,
} from "./power.ts";

/** P(X = k) of so many trials with a chance. */
function binomial(k: number, count: number, chance: number): number {
  let ways = 1;
  for (let i = 0; i < k; i++) ways *= (count - i) / (i + 1);
  return ways * chance ** k * (1 - chance) ** (count - k);
}

/** The power of a two-sided counting test by its definition: each side gets half of the level. */
function countingPower(chance: number, expected: number, count: number, level: number): number {
  const tail = (holds: (k: number) => boolean, p: number) =>
    Array.from({ length: count + 1 }, (_, k) => holds(k) ? binomial(k, count, p) : 0)
      .reduce((sum, p) => sum + p, 0);
  let power = 0;
  for (let k = 0; k <= count; k++) {
    const isRejected = tail((j) => j >= k, expected) <= level / 2 ||
      tail((j) => j <= k, expected) <= level / 2;
    if (isRejected) power += binomial(k, count, chance);
  }
  return power;
}

Deno.test("the power of a counting test is the chance of all counts that it rejects", () => {
  for (
    const [chance, expected, count, level] of [
      [0.9, 0.5, 20, 0.05],
      [0.3, 0.5, 20, 0.05],
      [0.5, 0.383, 40, 1e-3],
      [0.02, 0.0455, 200, 0.1],
      [0.2, 0.1, 12, 0.02],
      // Here all hits but one are as rare as none elsewhere.
      [0.5, 0.999, 10, 0.02],
    ] as const
  ) {
    assertAlmostEquals(
      sharePower(chance, expected, count, level),
      countingPower(chance, expected, count, level),
      1e-12,
    );
  }
});

Deno.test("what never happens is seen as soon as no hit at all is rare enough", () => {
  // 0.9^44 is 0.0097, 0.9^43 is 0.0108.
  assertEquals(sharePower(0, 0.1, 43, 0.02), 0);
  assertEquals(sharePower(0, 0.1, 44, 0.02), 1);
});

Deno.test("the power of the tests of size and shift is the share of tables that they reject", () => {
  const level = 0.05, draws = 30, tables = 2000;
  const draw = normalDraws(21);
  let scaled = 0, shifted = 0;
  for (let table = 0; table < tables; table++) {
    const noise = Array.from({ length: draws }, draw);
    const pValueOf = (test: "mean" | "variance", change: (z: number) => number) =>
      battery([noise.map((z) => [change(z)])], { tests: [test] })[0]!.pValue;
    if (pValueOf("variance", (z) => 1.4 * z) <= level) scaled++;
    if (pValueOf("mean", (z) => z - 0.4) <= level) shifted++;
  }
  // The standard error is at most 0.011.
  assert(Math.abs(scaled / tables - scalePower(1.4, draws, level)) < 0.04, `${scaled}`);
  assert(Math.abs(shifted / tables - shiftPower(0.4, draws, level)) < 0.04, `${shifted}`);
  assertEquals(shiftPower(-0.4, draws, level), shiftPower(0.4, draws, level));
});

Deno.test("sums of correlated draws spread as their variance says", () => {
  assertEquals(sharedDeviation(0, 7), 1);
  assertEquals(sharedDeviation(1, 16), 4);
  assertEquals(sharedDeviation(-1, 2), 0);
  assertAlmostEquals(sharedDeviation(0.5, 3), Math.SQRT2, 1e-15);
});

Deno.test("the least count is the first at which the power is reached", () => {
  for (const least of [1, 2, 3, 100, 4096, 4097]) {
    assertEquals(leastCount((count) => count >= least ? 1 : 0), least);
  }
  assertEquals(leastCount((count) => count / 1000, 0.5), 500);
});

Deno.test("the smallest effect is the one at which the power is reached, if there is one", () => {
  assertAlmostEquals(smallestEffect((effect) => effect / 8, 8, 0.25)!, 2, 1e-9);
  assertEquals(smallestEffect((effect) => effect / 8, 1, 0.25), null);
  assertAlmostEquals(smallestEffect((effect) => effect, 1, 1)!, 1, 1e-9);
});

/** Densities of deviation 1, by the names of the shapes. */
const densities: Readonly<Record<string, (z: number) => number>> = {
  "normal": (z) => Math.exp(-z * z / 2),
  "uniform": (z) => Math.abs(z) <= Math.sqrt(3) ? 1 : 0,
  "truncated at ±2": (z) => Math.abs(z) <= 2 ? Math.exp(-z * z / 2) : 0,
  "Laplace": (z) => Math.exp(-Math.SQRT2 * Math.abs(z)),
  "Student, 5 degrees of freedom": (z) => (1 + z * z / 3) ** -3,
  "logistic": (z) => Math.cosh(z * Math.PI / Math.sqrt(12)) ** -2,
};

Deno.test("a shape has the chances of its density, beyond 2 and within a half", () => {
  for (const [name, density] of Object.entries(densities)) {
    const shape = [normalShape, ...shapes].find((one) => one.name === name)!;
    let all = 0, tails = 0, middle = 0;
    const cell = 1 / 512;
    for (let z = cell / 2; z < 60; z += cell) {
      const mass = density(z);
      all += mass;
      if (z > 2) tails += mass;
      if (z < 0.5) middle += mass;
    }
    assertAlmostEquals(shape.tails, tails / all, 1e-3, name);
    assertAlmostEquals(shape.middle, middle / all, 1e-3, name);
  }
  const signs = shapes.find(({ name }) => name === "random signs")!;
  assertEquals([signs.tails, signs.middle], [0, 0]);
});

Deno.test("a shape is seen by the counting test that needs fewer draws, and not before", () => {
  for (const shape of shapes) {
    const { test, count } = drawsForShape(shape, 1e-6);
    const other = test === "tails" ? "middle" : "tails";
    assert(sharePower(shape[test], normalShape[test], count, 1e-6) >= 0.99, shape.name);
    assert(sharePower(shape[other], normalShape[other], count - 1, 1e-6) < 0.99, shape.name);
  }
});

Deno.test("a table of power has the effects that it names, with figures of the right test", () => {
  const level = 1e-6, draws = 5120;
  const lines = powerTable({ draws, level });
  const line = (effect: string) => lines.find((one) => one.effect === effect)!;
  const scaled = line("noise scaled by 0.9");
  assertEquals([scaled.size, scaled.test], [0.9, "variance"]);
  assertEquals(scaled.power, scalePower(0.9, draws, level));
  assertEquals(scaled.drawsNeeded, leastCount((count) => scalePower(0.9, count, level)));
  const half = line("one half missing, gradient 0.5 times the noise scale");
  assertEquals([half.size, half.test], [0.25, "mean"]);
  assertEquals(half.power, shiftPower(0.25, draws, level));
  // Sixteen draws make one group, and only groups count.
  const shared = line("correlation 0.1 within groups of 16");
  assertEquals(shared.power, scalePower(sharedDeviation(0.1, 16), draws / 16, level));
  assertEquals(shared.drawsNeeded % 16, 0);
  assertEquals(line("one draw shared by 256").size, 1);
  for (const shape of shapes) {
    const { size, test, drawsNeeded, power } = line(`law: ${shape.name}`);
    const wanted = drawsForShape(shape, level);
    assertEquals({ size, test, count: drawsNeeded }, { size: null, ...wanted });
    const [chance, usual] = [shape[wanted.test], normalShape[wanted.test]];
    assertEquals(power, sharePower(chance, usual, draws, level));
  }
});

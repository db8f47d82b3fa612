import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { upperTail } from "../spec/numerics/normal.ts";
import { normalDraws } from "../spec/numerics/random.ts";
import { allNoiseTests, battery, combined, type NoiseTest } from "./battery.ts";
import type { StepTable } from "./recovered_noise.ts";

const shape = { steps: 5, rows: 64, axes: 4 };

function noise(
  seed: number,
  change: (z: number, step: number, row: number, axis: number) => number = (z) => z,
): StepTable {
  const draw = normalDraws(seed);
  return Array.from(
    { length: shape.steps },
    (_, s) =>
      Array.from(
        { length: shape.rows },
        (_, r) => Array.from({ length: shape.axes }, (_, i) => change(draw(), s, r, i)),
      ),
  );
}

const options = { samples: 16, drift: noise(8), second: noise(9) };

function strongest(table: StepTable, more = {}): NoiseTest {
  const { strongest, pValue } = combined(battery(table, { ...options, ...more }));
  assert(pValue < 1e-8, `${strongest?.test} ${pValue}`);
  return strongest!.test;
}

Deno.test("every test runs on a table with groups, drift and a second call", () => {
  const results = battery(noise(1), options);
  assertEquals(results.map((r) => r.test), [...allNoiseTests]);
  assert(results.every((r) => r.pValue > 0 && r.pValue <= 1));
  assert(combined(results).pValue > 0.01);
});

Deno.test("tests that need several rows, axes or steps stay away from a single one", () => {
  const single: StepTable = [[[0.3]]];
  const names = battery(single).map((r) => r.test);
  assertEquals(names, ["mean", "variance", "sign", "tails", "middle", "largest", "distribution"]);
});

const wrong: readonly (readonly [NoiseTest, StepTable])[] = [
  ["mean", noise(2, (z) => z + 0.5)],
  ["variance", noise(2, (z) => 1.5 * z)],
  ["sign", noise(2, (z) => Math.abs(z))],
  ["mean of a step", noise(2, (z, s) => s === 3 ? z + 1 : z)],
  ["variance of a step", noise(2, (z, s) => s === 4 ? 0 : z)],
  ["mean of an axis", noise(2, (z, _, __, i) => i === 1 ? z + 0.9 : z - 0.3)],
  ["variance of an axis", noise(2, (z, _, __, i) => i === 2 ? 2 * z : 0.4 * z)],
];

for (const [test, table] of wrong) {
  Deno.test(`the test “${test}” sees what it is for`, () => {
    const result = battery(table, options).find((r) => r.test === test)!;
    assert(result.pValue < 1e-8, `${result.pValue}`);
  });
}

const shared: readonly (readonly [NoiseTest, (s: number, r: number, i: number) => number[]])[] = [
  ["rows", (s, _, i) => [s, 0, i]],
  ["axes", (s, r) => [s, r, 0]],
  ["steps", (_, r, i) => [0, r, i]],
  ["next step", (s, r, i) => [s - s % 2, r, i]],
  ["next row", (s, r, i) => [s, r - r % 2, i]],
  ["halves", (s, r, i) => [s, r % 32, i]],
  ["samples", (s, r, i) => [s, r - r % 16, i]],
  ["groups", (s, r, i) => [s, r % 16, i]],
];

for (const [test, from] of shared) {
  Deno.test(`draws that are shared are seen by the test “${test}”`, () => {
    const base = noise(6);
    const table = base.map((rows, s) =>
      rows.map((row, r) =>
        row.map((_, i) => {
          const [step, of, axis] = from(s, r, i);
          return base[step!]![of!]![axis!]!;
        })
      )
    );
    const result = battery(table, options).find((r) => r.test === test)!;
    assert(result.pValue < 1e-8, `${result.pValue}`);
    assert(result.found > 1.3);
  });
}

Deno.test("a second call that repeats the first is seen, and so is one that negates it", () => {
  const first = noise(3);
  assertEquals(strongest(first, { second: first }), "calls");
  const negated = first.map((rows) => rows.map((row) => row.map((z) => -z)));
  assertEquals(strongest(first, { second: negated }), "calls");
});

Deno.test("noise that leans along the gradient is seen, with how much of the drift it is", () => {
  const leaning = noise(4).map((rows, s) =>
    rows.map((row, r) => row.map((z, i) => z - 0.5 * options.drift[s]![r]![i]!))
  );
  const result = battery(leaning, options).find((r) => r.test === "drift")!;
  assert(result.pValue < 1e-20);
  assert(Math.abs(result.found - 0.5) < 4 * result.spread);
});

Deno.test("a number that is not finite fails every test", () => {
  const results = battery(noise(1, (z, s, r) => s + r === 0 ? NaN : z), {
    tests: ["mean", "sign"],
  });
  assertEquals(results.map((r) => r.pValue), [0, 0]);
});

Deno.test("p-values of exact tests are uniform over many tables", () => {
  const seen = new Map<NoiseTest, number[]>();
  for (let seed = 1; seed <= 400; seed++) {
    const tests = ["mean", "variance", "rows", "axes", "next row", "groups"] as const;
    for (const { test, pValue } of battery(noise(1000 + seed), { samples: 16, tests })) {
      seen.set(test, [...seen.get(test) ?? [], pValue]);
    }
  }
  for (const [test, values] of seen) {
    const low = values.filter((p) => p < 0.1).length, high = values.filter((p) => p > 0.5).length;
    assert(low > 15 && low < 70, `${test}: ${low} below 0.1`);
    assert(high > 150 && high < 250, `${test}: ${high} above 0.5`);
  }
});

/** Groups in which the test looks for sharing: their size, and their number in a small table. */
const groupings: readonly (readonly [NoiseTest, size: number, groups: number])[] = [
  ["rows", 4, 6],
  ["axes", 3, 8],
  ["steps", 2, 12],
  ["next step", 2, 12],
  ["next row", 2, 12],
  ["halves", 2, 12],
  ["samples", 2, 12],
  ["groups", 2, 12],
];

for (const [test, size, groups] of groupings) {
  Deno.test(`the test “${test}” has the p-value of a chi-square law with one degree for each group`, () => {
    // Two steps, four rows of two observations, three axes; every coordinate the same.
    const z = 0.8;
    const table: StepTable = Array.from(
      { length: 2 },
      () => Array.from({ length: 4 }, () => [z, z, z]),
    );
    const result = battery(table, { samples: 2, tests: [test] })[0]!;
    const sum = groups * (size * z) ** 2 / size;
    assertAlmostEquals(result.found, Math.sqrt(size) * z, 1e-12);
    assertAlmostEquals(result.pValue, evenChiSquareTwoSided(sum, groups), 1e-9);
    assertAlmostEquals(result.spread, 1 / Math.sqrt(2 * groups), 1e-12);
  });
}

/** Twice the smaller tail of a chi-square law with an even number of degrees of freedom. */
function evenChiSquareTwoSided(x: number, freedom: number): number {
  let term = Math.exp(-x / 2), upper = 0;
  for (let j = 0; j < freedom / 2; j++) {
    upper += term;
    term *= x / 2 / (j + 1);
  }
  return Math.min(1, 2 * Math.min(upper, 1 - upper));
}

Deno.test("a p-value of several places is that of the worst place times their number", () => {
  // Only the second of three axes leans: 24 draws of each.
  const table: StepTable = Array.from(
    { length: 4 },
    () => Array.from({ length: 6 }, () => [0, 0.6, 0]),
  );
  const [result] = battery(table, { tests: ["mean of an axis"] });
  assertEquals(result!.place, 1);
  assertAlmostEquals(result!.found, 0.6, 1e-12);
  assertAlmostEquals(result!.pValue, 3 * 2 * upperTail(0.6 * Math.sqrt(24)), 1e-12);
});

Deno.test("several tests together have the smallest p-value times their number, at most 1", () => {
  const outcome = { found: 0, expected: 0, spread: 1 };
  const given = [
    { test: "mean", pValue: 0.4, ...outcome },
    { test: "sign", pValue: 0.01, ...outcome },
    { test: "rows", pValue: 0.3, ...outcome },
  ] as const;
  const { pValue, strongest } = combined(given);
  assertAlmostEquals(pValue, 0.03, 1e-15);
  assertEquals(strongest!.test, "sign");
  assertEquals(combined([given[0], given[0], given[0]]).pValue, 1);
  assertEquals(combined([]), { pValue: 1, strongest: null });
});

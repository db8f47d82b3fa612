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
  ["nearby", (s, r, i) => [s, r - r % 8, i]],
  ["nearby", (s, r, i) => s % 2 > 0 && r > 0 && i > 0 ? [s - 1, r - 1, i - 1] : [s, r, i]],
  ["halves", (s, r, i) => [s, r % 32, i]],
  ["samples", (s, r, i) => [s, r - r % 16, i]],
  ["groups", (s, r, i) => [s, r % 16, i]],
];

for (const [which, [test, from]] of shared.entries()) {
  Deno.test(`draws that are shared are seen by the test “${test}” (${which})`, () => {
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

/** Eight draws on two steps, two rows and two axes. */
const few: StepTable = [[[0.25, -1], [2.5, 0.125]], [[-0.25, 1.5], [-2.25, 0.625]]];
const draws = few.flat(2);

function only(test: NoiseTest, table: StepTable = few, more = {}) {
  return battery(table, { tests: [test], ...more })[0]!;
}

Deno.test("tests of moments and shares find the moments and shares of the draws", () => {
  const sum = draws.reduce((sum, z) => sum + z, 0);
  const squares = draws.reduce((sum, z) => sum + z * z, 0);
  assertEquals(only("mean").found, sum / 8);
  assertAlmostEquals(only("mean").pValue, 2 * upperTail(Math.abs(sum) / Math.sqrt(8)), 1e-12);
  assertAlmostEquals(only("variance").found, Math.sqrt(squares / 8), 1e-12);
  assertAlmostEquals(only("variance").pValue, evenChiSquareTwoSided(squares, 8), 1e-12);
  assertEquals([only("sign").found, only("sign").expected], [5 / 8, 0.5]);
  assertEquals([only("tails").found, only("middle").found], [2 / 8, 3 / 8]);
  assertAlmostEquals(only("tails").expected, 0.0455, 1e-4);
  assertAlmostEquals(only("middle").expected, 0.3829, 1e-4);
  // Two of eight beyond ±2, by the binomial law.
  const p = 2 * upperTail(2);
  const atMostOne = (1 - p) ** 8 + 8 * p * (1 - p) ** 7;
  assertAlmostEquals(only("tails").pValue, 2 * (1 - atMostOne), 1e-12);
});

Deno.test("a share of exactly half, and a draw on the edge, count as such", () => {
  const edges: StepTable = [[[-2, 2, -0.5, 0.5]]];
  assertEquals([only("tails", edges).found, only("middle", edges).found], [0, 0]);
  assertEquals(only("sign", [[[0, 1]]]).found, 0.5);
});

Deno.test("the largest draw has the chance that one of so many is as large, or that all are smaller", () => {
  const { found, pValue } = only("largest");
  assertEquals(found, 2.5);
  assertAlmostEquals(pValue, 2 * (1 - (1 - 2 * upperTail(2.5)) ** 8), 1e-12);
  const low = only("largest", [[Array.from({ length: 8 }, () => 0.5)]]).pValue;
  assertAlmostEquals(low, 2 * (1 - 2 * upperTail(0.5)) ** 8, 1e-12);
  assertEquals(only("largest", [[[0]]]).pValue, 1);
});

Deno.test("the distribution is as far from the normal one as its farthest step, on either side", () => {
  // Of four draws at 0 the distribution jumps from 0 to 1 where the normal one is ½.
  assertEquals(only("distribution", [[[0, 0, 0, 0]]]).found, 0.5);
  assertAlmostEquals(only("distribution", [[[0, 9, 9, 9]]]).found, 0.75, 1e-12);
  assertAlmostEquals(only("distribution", [[[-9, -9, -9, 0]]]).found, 0.75, 1e-12);
  const { pValue, spread } = only("distribution", [[[9, 9, 9, 9]]]);
  assertAlmostEquals(pValue, Math.min(1, 2 * Math.exp(-2 * 4)), 1e-9);
  assertEquals(spread, 0.25);
});

Deno.test("a step or axis that stands out is named with its own mean or deviation", () => {
  const steps = only("mean of a step"), axes = only("mean of an axis");
  assertEquals([steps.place, steps.found], [0, (0.25 - 1 + 2.5 + 0.125) / 4]);
  assertEquals([axes.place, axes.found], [1, (-1 + 0.125 + 1.5 + 0.625) / 4]);
  const loud: StepTable = [[[0.5, 0.5]], [[3, -4]], [[1, 1]]];
  const { place, found, pValue } = only("variance of a step", loud);
  assertEquals([place, found], [1, Math.sqrt(25 / 2)]);
  assertAlmostEquals(pValue, 3 * 2 * Math.exp(-25 / 2), 1e-12);
  const byAxis = only("variance of an axis", [[[3, 1]], [[-4, 1]]]);
  assertEquals([byAxis.place, byAxis.found], [0, Math.sqrt(25 / 2)]);
});

Deno.test("a lean along the gradient is found in units of the drift", () => {
  const drift: StepTable = [[[1, 2], [0, -1]], [[3, 0], [1, 0]]];
  const scaled = (by: number) => drift.map((rows) => rows.map((row) => row.map((z) => by * z)));
  assertAlmostEquals(only("drift", scaled(-0.5), { drift }).found, 0.5, 1e-12);
  assertAlmostEquals(only("drift", scaled(0.25), { drift }).found, -0.25, 1e-12);
  const { spread, pValue } = only("drift", scaled(-0.5), { drift });
  assertAlmostEquals(spread, 1 / 4, 1e-12);
  assertAlmostEquals(pValue, 2 * upperTail(0.5 * 4), 1e-12);
  const across: StepTable = [[[2, -1], [5, 0]], [[0, 7], [0, -3]]];
  assertEquals(Math.abs(only("drift", across, { drift }).found), 0);
  assertEquals(battery(few, { tests: ["drift"], drift: scaled(0) }), []);
});

Deno.test("two calls are compared with each other draw by draw", () => {
  const second = few.map((rows) => rows.map((row) => row.map((z) => z + 1)));
  const squares = draws.reduce((sum, z) => sum + (2 * z + 1) ** 2 / 2, 0);
  const { found, pValue } = only("calls", few, { second });
  assertAlmostEquals(found, Math.sqrt(squares / 8), 1e-12);
  assertAlmostEquals(pValue, evenChiSquareTwoSided(squares, 8), 1e-12);
  const broken = few.map((rows) => rows.map((row) => row.map(() => NaN)));
  assertEquals(only("calls", few, { second: broken }).pValue, 0);
});

Deno.test("groups and samples are told apart only where there are several of both", () => {
  const names = (samples: number) =>
    battery(noise(1), { samples, tests: ["samples", "groups"] }).map(({ test }) => test);
  assertEquals(names(16), ["samples", "groups"]);
  for (const samples of [1, 64, 48]) assertEquals(names(samples), [], `${samples}`);
});

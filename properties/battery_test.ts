import { assert, assertEquals } from "@std/assert";
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

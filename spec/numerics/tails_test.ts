/**
 * The second source is arithmetic with 64 decimal digits: series of positive terms for the
 * incomplete gamma function, finite sums for the binomial law; then published values.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { BigNumber } from "mathjs";
import { mathjs } from "../formula/mathjs.ts";
import {
  binomialLower,
  binomialPoint,
  binomialUpper,
  chiSquareLower,
  chiSquareQuantile,
  chiSquareUpper,
  chiSquareUpperQuantile,
  kolmogorovBound,
  twoSided,
} from "./tails.ts";

const math = mathjs({ number: "BigNumber", precision: 64 });
const pi = math.bignumber("3.14159265358979323846264338327950288419716939937510582097494459");

/** The exact value of a float64 (its shortest decimal is not). */
function big(x: number): BigNumber {
  let integer = x, halvings = 0;
  for (; !Number.isInteger(integer); halvings++) integer *= 2;
  return math.bignumber(integer).div(math.bignumber(2).pow(halvings));
}

function relative(actual: number, expected: BigNumber): number {
  return big(actual).minus(expected).div(expected).abs().toNumber();
}

/** Γ(k/2 + 1) by the recurrence from Γ(1) or Γ(½). */
function gammaOfHalf(k: number): BigNumber {
  let value = k % 2 === 0 ? big(1) : pi.sqrt();
  for (let j = k % 2 === 0 ? 2 : 1; j <= k; j += 2) value = value.times(j).div(2);
  return value;
}

/** P(χ² <= x) = (x/2)^(k/2) e^(-x/2) / Γ(k/2 + 1) · Σ (x/2)^n / ((k/2 + 1) … (k/2 + n)). */
function bigLower(x: number, k: number): BigNumber {
  const half = big(x).div(2);
  let term = big(1), sum = big(1);
  for (let n = 1; term.greaterThan(sum.times("1e-60")); n++) {
    term = term.times(half).div(big(k).div(2).plus(n));
    sum = sum.plus(term);
  }
  const power = half.ln().times(k).div(2).minus(half).exp();
  return power.div(gammaOfHalf(k)).times(sum);
}

/** P(χ² > x) as the finite sum that it is for even k. */
function bigUpperEven(x: number, k: number): BigNumber {
  const half = big(x).div(2);
  let term = big(1), sum = big(1);
  for (let n = 1; n < k / 2; n++) {
    term = term.times(half).div(n);
    sum = sum.plus(term);
  }
  return half.times(-1).exp().times(sum);
}

function bigBinomial(from: number, to: number, n: number, p: number): BigNumber {
  const chance = big(p), rest = big(1).minus(chance);
  let term = big(1);
  for (let j = 1; j <= from; j++) term = term.times(n - j + 1).div(j);
  term = term.times(chance.pow(from)).times(rest.pow(n - from));
  let sum = big(0);
  for (let j = from; j <= to; j++) {
    sum = sum.plus(term);
    term = term.times(n - j).div(j + 1).times(chance).div(rest);
  }
  return sum;
}

Deno.test("lower tails of chi-square agree with the series in 64 digits, far down", () => {
  const cases = [
    [1, 1],
    [1e-20, 1],
    [3, 7],
    [0.01, 10],
    [1e-6, 6],
    [1, 100],
    [40, 100],
    [30, 100],
    [900, 1000],
    [700, 1000],
    [60, 64],
  ];
  let smallest = 1;
  for (const [x, k] of cases) {
    const found = chiSquareLower(x!, k!);
    smallest = Math.min(smallest, found);
    assert(relative(found, bigLower(x!, k!)) < 1e-12, `${x}, ${k}: ${found}`);
  }
  assert(smallest < 1e-25);
});

Deno.test("upper tails of chi-square agree with the finite sum in 64 digits, far down", () => {
  const cases = [
    [1, 2],
    [60, 2],
    [1300, 2],
    [30, 10],
    [120, 10],
    [200, 100],
    [400, 100],
    [2000, 1000],
    [1300, 1000],
    [1001, 1000],
  ];
  let smallest = 1;
  for (const [x, k] of cases) {
    const found = chiSquareUpper(x!, k!);
    smallest = Math.min(smallest, found);
    assert(relative(found, bigUpperEven(x!, k!)) < 1e-12, `${x}, ${k}: ${found}`);
  }
  assert(smallest < 1e-200);
  // One degree of freedom: the two tails of a normal draw.
  assert(Math.abs(chiSquareUpper(49, 1) / 2.5596250877716705e-12 - 1) < 1e-12);
});

Deno.test("chi-square has its published percentage points", () => {
  // Abramowitz and Stegun, table 26.8.
  for (
    const [q, k, x] of [[0.05, 1, 3.84146], [0.01, 10, 23.2093], [0.995, 10, 2.15586], [
      0.001,
      100,
      149.449,
    ], [0.975, 30, 16.7908]]
  ) {
    assert(Math.abs(chiSquareUpperQuantile(q!, k!) / x! - 1) < 4e-6, `${q} ${k}`);
  }
});

Deno.test("chi-square quantiles undo the tails", () => {
  for (const k of [1, 2, 5, 40, 1000, 10240, 200000]) {
    for (const p of [1e-150, 1e-12, 1e-6, 0.02, 0.5]) {
      const low = chiSquareQuantile(p, k), high = chiSquareUpperQuantile(p, k);
      const slack = 3e-13 * Math.max(1, -Math.log(p)) * Math.sqrt(k);
      assert(Math.abs(chiSquareLower(low, k) / p - 1) < slack, `lower ${p} ${k}`);
      assert(Math.abs(chiSquareUpper(high, k) / p - 1) < slack, `upper ${p} ${k}`);
    }
  }
  assertEquals([chiSquareQuantile(0, 3), chiSquareUpperQuantile(0, 3)], [0, Infinity]);
  assert(Number.isNaN(chiSquareQuantile(1.5, 3)));
});

Deno.test("binomial tails agree with their sums in 64 digits, far down", () => {
  const cases: [number, number, number][] = [
    [3, 10, 0.5],
    [260, 500, 0.5],
    [400, 500, 0.5],
    [
      60,
      500,
      0.0455,
    ],
    [480, 500, 0.3829],
    [1, 7, 0.01],
  ];
  let smallest = 1;
  for (const [k, n, p] of cases) {
    const upper = binomialUpper(k, n, p), lower = binomialLower(n - k, n, 1 - p);
    smallest = Math.min(smallest, upper);
    assert(relative(upper, bigBinomial(k, n, n, p)) < 1e-12, `upper ${k} ${n} ${p}`);
    assert(Math.abs(lower / upper - 1) < 1e-11, `lower ${k} ${n} ${p}`);
    assert(Math.abs(binomialLower(k - 1, n, p) + upper - 1) < 1e-12);
  }
  assert(smallest < 1e-40);
  assertEquals([binomialUpper(0, 5, 0.3), binomialUpper(6, 5, 0.3)], [1, 0]);
  assertEquals([binomialLower(5, 5, 0.3), binomialLower(-1, 5, 0.3)], [1, 0]);
});

Deno.test("binomial probabilities sum to one", () => {
  for (const [n, p] of [[1, 0.3], [12, 0.5], [300, 0.9]] as const) {
    let sum = 0;
    for (let k = 0; k <= n; k++) sum += binomialPoint(k, n, p);
    assert(Math.abs(sum - 1) < 1e-13);
  }
});

Deno.test("the Kolmogorov bound is Massart's, and two-sided tails stop at one", () => {
  assertEquals(kolmogorovBound(0.1, 1000), 2 * Math.exp(-20));
  assertEquals(kolmogorovBound(0.01, 10), 1);
  assertEquals([twoSided(0.6, 0.4), twoSided(0.9, 0.8)], [0.8, 1]);
});

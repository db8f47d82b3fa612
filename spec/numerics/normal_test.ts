/**
 * The second source is arithmetic with 64 decimal digits: the series
 * Φ(t) - ½ = φ(t) Σ t^(2k+1) / (1·3·…·(2k+1)) near 0, and the continued fraction of the tail
 * beyond it; then published values.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { BigNumber } from "mathjs";
import { mathjs } from "../formula/mathjs.ts";
import {
  density,
  lowerTail,
  lowerTailIntegrals,
  quantile,
  upperQuantile,
  upperTail,
} from "./normal.ts";

const math = mathjs({ number: "BigNumber", precision: 64 });

/** The exact value of a float64 (its shortest decimal is not). */
function big(x: number): BigNumber {
  let integer = x, halvings = 0;
  for (; !Number.isInteger(integer); halvings++) integer *= 2;
  return math.bignumber(integer).div(math.bignumber(2).pow(halvings));
}

const piDigits = "3.14159265358979323846264338327950288419716939937510582097494459230781640628621";
const root2Pi = math.bignumber(piDigits).times(2).sqrt();

function bigDensity(t: BigNumber): BigNumber {
  return t.times(t).div(-2).exp().div(root2Pi);
}

function bigUpperTail(x: number): BigNumber {
  const t = big(x).abs();
  const phi = bigDensity(t);
  let tail: BigNumber;
  if (t.lessThan(6)) {
    let term = t, sum = t;
    for (let k = 1; term.greaterThan("1e-62"); k++) {
      term = term.times(t).times(t).div(2 * k + 1);
      sum = sum.plus(term);
    }
    tail = big(0.5).minus(phi.times(sum));
  } else {
    let fraction = t;
    for (let k = 250; k > 0; k--) fraction = t.plus(big(k).div(fraction));
    tail = phi.div(fraction);
  }
  return x < 0 ? big(1).minus(tail) : tail;
}

function relative(actual: number, expected: BigNumber): number {
  return big(actual).minus(expected).div(expected).abs().toNumber();
}

const points = [
  0,
  1e-12,
  1e-3,
  0.1,
  0.3,
  0.5,
  0.66,
  0.67,
  0.7,
  1,
  1.4142,
  2,
  2.5,
  3,
  4,
  5,
  5.65,
  5.66,
  6,
  7,
  8,
  10,
  13,
  17,
  22,
  28,
  33,
  37,
  37.5,
];

Deno.test("the two sources of the second source agree where they meet", () => {
  const series = bigUpperTail(5.999999999), fraction = bigUpperTail(6.000000001);
  const slope = bigUpperTail(6).times(6.16).times(2e-9);
  assert(series.minus(fraction).minus(slope).div(fraction).abs().toNumber() < 1e-10);
});

Deno.test("tails agree with 64-digit arithmetic from the bulk to 1e-300", () => {
  for (const t of points) {
    assert(relative(upperTail(t), bigUpperTail(t)) < 2e-15, `upper tail at ${t}`);
    assert(relative(lowerTail(-t), bigUpperTail(t)) < 2e-15, `lower tail at ${-t}`);
    assert(relative(lowerTail(t), bigUpperTail(-t)) < 2e-15, `lower tail at ${t}`);
  }
});

Deno.test("density agrees with 64-digit arithmetic", () => {
  for (const t of points) {
    assert(relative(density(t), bigDensity(big(t))) < 2e-15, `density at ${t}`);
    assertEquals(density(-t), density(t));
  }
});

Deno.test("published values of the normal law are reproduced", () => {
  // Abramowitz and Stegun, Handbook of Mathematical Functions, tables 26.1, 26.2 and 26.5.
  assertEquals(lowerTail(1).toFixed(15), "0.841344746068543");
  assertEquals(lowerTail(2).toFixed(15), "0.977249868051821");
  assertEquals(lowerTail(3).toFixed(15), "0.998650101968370");
  assertEquals(density(1).toFixed(15), "0.241970724519143");
  assertEquals(quantile(0.975).toFixed(12), "1.959963984540");
  assertEquals(quantile(0.95).toFixed(12), "1.644853626951");
  assertEquals(quantile(0.75).toFixed(12), "0.674489750196");
});

Deno.test("limits of the normal law are exact", () => {
  assertEquals(lowerTail(0), 0.5);
  assertEquals([lowerTail(-Infinity), lowerTail(Infinity)], [0, 1]);
  assertEquals([upperTail(-Infinity), upperTail(Infinity)], [1, 0]);
  assertEquals([density(-Infinity), density(Infinity)], [0, 0]);
  assertEquals([quantile(0), quantile(0.5) + 0, quantile(1)], [-Infinity, 0, Infinity]);
  assertEquals([upperQuantile(0), upperQuantile(0.5), upperQuantile(1)], [Infinity, 0, -Infinity]);
  for (const f of [quantile, upperQuantile]) {
    for (const p of [-0.1, 1.1, NaN]) assertEquals(f(p), NaN);
  }
  for (const f of [density, lowerTail, upperTail]) assertEquals(f(NaN), NaN);
});

Deno.test("quantiles solve the 64-digit tail equation", () => {
  // The error of t is the miss of the tail divided by the density.
  const tails = [0.5 - 1e-9, 0.4999, 0.4, 0.31, 0.3, 0.299, 0.2, 0.1, 0.01, 1e-5, 1e-10, 1e-50];
  for (const q of [...tails, 1e-100, 1e-200, 1e-300]) {
    const t = upperQuantile(q);
    const tail = bigUpperTail(t);
    const error = tail.minus(big(q)).div(tail).toNumber() * upperTail(t) / density(t);
    assert(Math.abs(error) < 1e-15 * Math.max(Math.abs(t), 1e-12), `upper quantile of ${q}`);
    assertEquals(quantile(q), -t);
  }
  for (const p of [0.5 + 1e-9, 0.51, 0.6, 0.69, 0.7, 0.71, 0.9, 0.999]) {
    const t = quantile(p);
    const tail = bigUpperTail(-t);
    const error = tail.minus(big(p)).toNumber() / density(t);
    assert(Math.abs(error) < 1e-15 * Math.abs(t), `quantile of ${p}`);
    assertEquals(upperQuantile(p), -t);
  }
  // The smallest float64 still has a quantile.
  assert(Math.abs(quantile(Number.MIN_VALUE) + 38.4674) < 1e-3);
});

Deno.test("integrals of the tail agree with 64-digit antiderivatives in every regime", () => {
  const antiderivatives = (t: number) => {
    const tail = bigUpperTail(-t), first = tail.times(big(t)).plus(bigDensity(big(t)));
    return { first, second: first.times(big(t)).plus(tail).div(2) };
  };
  let worst = 0;
  for (const end of [-30, -12, -5, -3.125, -3, -2.875, -1, 0, 0.5, 3, 8, 9, 9.5, 12, 25]) {
    const above = antiderivatives(end);
    for (const width of [2 ** -20, 2 ** -4, 0.5, 1, 1.0625, 2, 5, 16, 32]) {
      const below = antiderivatives(end - width);
      const f = above.first.minus(below.first);
      const s = above.second.minus(below.second).minus(below.first.times(big(width)));
      const found = lowerTailIntegrals(end, width);
      worst = Math.max(worst, relative(found.first, f), relative(found.second, s));
    }
  }
  assert(worst < 2e-13, `worst relative error ${worst}`);
});

Deno.test("integrals of the tail have their limits", () => {
  assertEquals(lowerTailIntegrals(1, 0), { first: 0, second: 0 });
  assertEquals(lowerTailIntegrals(-Infinity, 1), { first: 0, second: 0 });
  assertEquals(lowerTailIntegrals(Infinity, 2), { first: 2, second: 2 });
  const whole = lowerTailIntegrals(0, Infinity);
  assert(Math.abs(whole.first - density(0)) < 1e-16);
  assert(Math.abs(whole.second - 0.25) < 1e-16);
});

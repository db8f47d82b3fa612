/** The law of one step against second sources: quadrature of the density, 64-digit arithmetic and
 * chains of the rule as it is written. */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { BigNumber } from "mathjs";
import { mathjs } from "./formula/mathjs.ts";
import {
  atomLower,
  atomUpper,
  displacementMoments,
  moments,
  type OneStepLaw,
  oneStepLaw,
  randomisedTransform,
  stepInterval,
} from "./laws.ts";
import { density, lowerTail, upperTail } from "./numerics/normal.ts";
import { normalDraws, uniform } from "./numerics/random.ts";
import { clip, official, ruleStep } from "../src/fixtures/one_coordinate.ts";

/** The transform of a coordinate that is not outside. */
function transform(law: OneStepLaw, x: number, tolerance: number, v: number) {
  const found = randomisedTransform(law, x, tolerance, v);
  if (found.kind === "outside") throw new Error(`${x} is outside of ${JSON.stringify(law)}`);
  return found;
}

/** Adaptive Simpson quadrature. */
function integrate(f: (x: number) => number, from: number, to: number): number {
  const refine = (
    a: number,
    fa: number,
    b: number,
    fb: number,
    fm: number,
    whole: number,
    depth: number,
  ): number => {
    const m = (a + b) / 2, fl = f((a + m) / 2), fr = f((m + b) / 2);
    const left = (m - a) / 6 * (fa + 4 * fl + fm), right = (b - m) / 6 * (fm + 4 * fr + fb);
    const miss = left + right - whole;
    if (depth === 0 || Math.abs(miss) < 1e-14 * (Math.abs(whole) + 1e-3)) {
      return left + right + miss / 15;
    }
    return refine(a, fa, m, fm, fl, left, depth - 1) + refine(m, fm, b, fb, fr, right, depth - 1);
  };
  const panels = 16, width = (to - from) / panels;
  let sum = 0;
  for (let i = 0; i < panels; i++) {
    const a = from + i * width, b = a + width;
    const fa = f(a), fb = f(b), fm = f((a + b) / 2);
    sum += refine(a, fa, b, fb, fm, width / 6 * (fa + 4 * fm + fb), 12);
  }
  return sum;
}

/** E[f(a')] by quadrature of the density between the atoms. */
function expectation(law: OneStepLaw, f: (x: number) => number): number {
  const { mean, deviation, lower, upper } = law;
  const alpha = (lower - mean) / deviation, beta = (upper - mean) / deviation;
  const from = Math.max(alpha, -10), to = Math.min(beta, 10);
  const inside = from < to ? integrate((t) => f(mean + deviation * t) * density(t), from, to) : 0;
  return f(lower) * lowerTail(alpha) + f(upper) * upperTail(beta) + inside;
}

Deno.test("two clips in a row are one clip to the step interval, bit for bit", () => {
  const numbers = fc.float({ noNaN: true, noDefaultInfinity: true, min: -64, max: 64 });
  for (const round of [Math.fround, (x: number) => x]) {
    fc.assert(
      fc.property(numbers, numbers, numbers, numbers, numbers, (a, c, end, other, step) => {
        const limit = Math.abs(c), lower = Math.min(end, other), upper = Math.max(end, other);
        const twice = clip(round(a - clip(step, -limit, limit)), lower, upper);
        const interval = {
          lower: clip(round(a - limit), lower, upper),
          upper: clip(round(a + limit), lower, upper),
        };
        assert(twice === clip(round(a - step), interval.lower, interval.upper));
        const found = stepInterval({ action: a, limit, lower, upper });
        assertEquals([round(found.lower) - interval.lower, round(found.upper) - interval.upper], [
          0,
          0,
        ]);
      }),
      { seed: 11, numRuns: 2000 },
    );
  }
});

Deno.test("step interval of an action far outside the box is the wall", () => {
  assertEquals(stepInterval({ action: 5, limit: 0.1, lower: -1, upper: 1 }), {
    lower: 1,
    upper: 1,
  });
  assertEquals(stepInterval({ action: 0.3, limit: Infinity, lower: -1, upper: 1 }), {
    lower: -1,
    upper: 1,
  });
});

/** Laws of every kind: narrow, wide, far outside, one-sided. */
function randomLaws(count: number): { law: OneStepLaw; action: number }[] {
  const draw = uniform(21);
  const scale = (low: number, high: number) => 10 ** (low + (high - low) * draw());
  return Array.from({ length: count }, (_, i) => {
    const deviation = scale(-3, 1), lower = 4 * draw() - 2;
    const width = i % 3 === 0 ? deviation * scale(-3, 0) : scale(-2, 1);
    const upper = lower + width;
    const off = deviation * [0, 3, 8, 20, 35][i % 5]! * draw();
    const mean = i % 2 === 0 ? lower + width * draw() + off : lower + width * draw() - off;
    const action = [lower, upper, lower + width * draw(), upper + draw()][i % 4]!;
    return { law: { mean, deviation, lower, upper }, action };
  });
}

Deno.test("moments agree with quadrature in 300 configurations", () => {
  for (const { law, action } of randomLaws(300)) {
    const found = moments(law), width = law.upper - law.lower, label = JSON.stringify(law);
    const anchor = found.mean;
    const size = Math.max(Math.abs(law.lower), Math.abs(law.upper));
    const first = expectation(law, (x) => x), second = expectation(law, (x) => x * x);
    assertAlmostEquals(found.mean, first, 1e-12 * size, label);
    assertAlmostEquals(found.second, second, 1e-12 * size * size, label);
    const variance = expectation(law, (x) => (x - anchor) ** 2);
    assertAlmostEquals(found.variance, variance, 1e-12 * width * width, label);
    const { m1, m2 } = displacementMoments(law, action);
    const reach = Math.max(Math.abs(action - law.lower), Math.abs(action - law.upper));
    assertAlmostEquals(m1, expectation(law, (x) => action - x), 2e-12 * reach, label);
    assertAlmostEquals(m2, expectation(law, (x) => (action - x) ** 2), 2e-12 * reach ** 2, label);
  }
});

const math = mathjs({ number: "BigNumber", precision: 64 });

/** The exact value of a float64. */
function big(x: number): BigNumber {
  let integer = x, halvings = 0;
  for (; !Number.isInteger(integer); halvings++) integer *= 2;
  return math.bignumber(integer).div(math.bignumber(2).pow(halvings));
}

/** Φ(t) and φ(t) with 64 digits: a series near 0, a continued fraction beyond. */
function bigNormal(t: BigNumber): { tail: BigNumber; density: BigNumber } {
  const pi = math.bignumber("3.14159265358979323846264338327950288419716939937510582097494459231");
  const one = math.bignumber(1), size = t.abs();
  const phi = t.times(t).div(-2).exp().div(pi.times(2).sqrt());
  let upper: BigNumber;
  if (size.lessThan(6)) {
    let term = size, sum = size;
    for (let k = 1; term.greaterThan("1e-62"); k++) {
      term = term.times(size).times(size).div(2 * k + 1);
      sum = sum.plus(term);
    }
    upper = one.div(2).minus(phi.times(sum));
  } else {
    let fraction = size;
    for (let k = 250; k > 0; k--) fraction = size.plus(math.bignumber(k).div(fraction));
    upper = phi.div(fraction);
  }
  return { tail: t.isNegative() ? upper : one.minus(upper), density: phi };
}

/** E[D] and E[D²] by the textbook formulas of a clipped normal, in 64 digits. */
function bigDisplacement(law: OneStepLaw, action: number): { m1: BigNumber; m2: BigNumber } {
  const s = big(law.deviation), mu = big(law.mean).minus(big(action));
  const l = big(law.lower).minus(big(action)), u = big(law.upper).minus(big(action));
  const low = bigNormal(l.minus(mu).div(s)), high = bigNormal(u.minus(mu).div(s));
  const above = bigNormal(mu.minus(u).div(s)).tail, middle = high.tail.minus(low.tail);
  const m1 = l.times(low.tail).plus(u.times(above)).plus(mu.times(middle))
    .plus(s.times(low.density.minus(high.density)));
  const m2 = l.times(l).times(low.tail).plus(u.times(u).times(above))
    .plus(mu.times(mu).plus(s.times(s)).times(middle))
    .plus(s.times(mu.plus(l).times(low.density).minus(mu.plus(u).times(high.density))));
  return { m1: m1.negated(), m2 };
}

Deno.test("displacement moments keep their digits where textbook formulas cancel", () => {
  const laws: [OneStepLaw, number][] = [
    // Small steps of a large action.
    [{ mean: 100 - 2 ** -20, deviation: 2 ** -20, lower: 99, upper: 101 }, 100],
    // A narrow interval in a wide law.
    [{ mean: 0.25, deviation: 1, lower: 0.5 - 2 ** -16, upper: 0.5 }, 0.5],
    // Far beyond the lower end, the walls touching.
    [{ mean: -1, deviation: 0.125, lower: 0, upper: 0.25 }, 0],
    [{ mean: 1, deviation: 0.125, lower: -0.25, upper: 0 }, 0],
    // Typical.
    [{ mean: 0.5, deviation: 0.125, lower: 0.375, upper: 0.75 }, 0.625],
    // From outside.
    [{ mean: 1.25, deviation: 0.5, lower: 0.75, upper: 1 }, 1.5],
  ];
  for (const [law, action] of laws) {
    const found = displacementMoments(law, action), expected = bigDisplacement(law, action);
    for (const key of ["m1", "m2"] as const) {
      const miss = big(found[key]).minus(expected[key]).div(expected[key]).abs().toNumber();
      assert(miss < 1e-12, `${key} of ${JSON.stringify(law)}: relative error ${miss}`);
    }
  }
});

Deno.test("moments of a point are those of the point", () => {
  const input = { ...official, action: 0.5, gradient: 1 };
  const silent = oneStepLaw({ ...input, noiseScale: 0 });
  assertEquals(silent.deviation, 0);
  assertAlmostEquals(moments(silent).mean, 0.45, 1e-16);
  assertEquals(moments(silent).variance, 0);
  assertAlmostEquals(displacementMoments(silent, 0.5).m1, 0.05, 1e-16);
  assertAlmostEquals(displacementMoments(silent, 0.5).m2, 0.0025, 1e-16);
  assertEquals([atomLower(silent), atomUpper(silent)], [0, 0]);
  const far = oneStepLaw({ ...input, noiseScale: 0, gradient: 10 });
  assertEquals([atomLower(far), atomUpper(far), moments(far).mean], [1, 0, 0.4]);
  const still = oneStepLaw({ ...input, limit: 0 });
  assertEquals(moments(still), { mean: 0.5, second: 0.25, variance: 0 });
  assertEquals(displacementMoments(still, 0.5), { m1: 0, m2: 0 });
  assertEquals([atomLower(still), atomUpper(still)], [1, 1]);
  const flat = oneStepLaw({ ...input, lower: 0.5, upper: 0.5 });
  assertEquals(moments(flat), { mean: 0.5, second: 0.25, variance: 0 });
});

Deno.test("an infinite gradient leads to the limit and a NaN gradient to NaN", () => {
  for (const [gradient, end] of [[Infinity, -0.1], [-Infinity, 0.1]] as const) {
    const law = oneStepLaw({ ...official, action: 0, gradient });
    assertEquals(moments(law).mean, end);
    assertEquals(displacementMoments(law, 0).m1, -end);
    assertEquals([atomLower(law), atomUpper(law)], end < 0 ? [1, 0] : [0, 1]);
  }
  const law = oneStepLaw({ ...official, action: 0, gradient: NaN });
  assertEquals(moments(law).mean, NaN);
  assertEquals(displacementMoments(law, 0), { m1: NaN, m2: NaN });
});

Deno.test("moments without clips are those of the normal law", () => {
  const law = oneStepLaw({
    ...official,
    action: 0.5,
    gradient: 1,
    limit: Infinity,
    lower: -Infinity,
    upper: Infinity,
  });
  assertAlmostEquals(moments(law).mean, 0.45, 1e-15);
  assertAlmostEquals(moments(law).variance, 0.01, 1e-16);
  assertAlmostEquals(displacementMoments(law, 0.5).m2, 0.0125, 1e-16);
  assertEquals([atomLower(law), atomUpper(law)], [0, 0]);
});

Deno.test("the probabilities of a law add up", () => {
  for (const { law } of randomLaws(100)) {
    assertAlmostEquals(expectation(law, () => 1), 1, 1e-13);
    const at = (x: number) => clip((x - law.mean) / law.deviation, -10, 10);
    const inside = integrate(density, at(law.lower), at(law.upper));
    assertAlmostEquals(atomLower(law) + inside + atomUpper(law), 1, 1e-13);
  }
});

Deno.test("the randomised transform is uniform on chains with every clip, of a coupled energy", () => {
  const normal = normalDraws(31), draw = uniform(32);
  const lower = [-1, -0.5], upper = [1, 2], chains = 1000, steps = 10, bins = 20;
  const counts = new Array<number>(bins).fill(0);
  let sum = 0, squares = 0, atoms = 0;
  for (let chain = 0; chain < chains; chain++) {
    let a = lower.map((low, i) => low + draw() * (upper[i]! - low));
    for (let k = 0; k < steps; k++) {
      const [x, y] = a as [number, number];
      const g = [Math.sin(3 * x) + 1.5 * x * y + 5 * x, 0.75 * x * x - 2 * Math.cos(y) + 0.5 * y];
      a = a.map((action, i) => {
        const input = {
          action,
          gradient: g[i]!,
          stepSize: 0.1 * (1 - k / (steps - 1)) ** 2 + 0.01,
          noiseScale: 1,
          limit: 0.1 * 0.5 * (upper[i]! - lower[i]!),
          lower: lower[i]!,
          upper: upper[i]!,
        };
        const next = ruleStep(input, normal());
        const found = transform(oneStepLaw(input), next, 1e-9, draw());
        if (found.kind === "atom") atoms++;
        const bin = Math.floor(found.uniform * bins);
        counts[bin] = counts[bin]! + 1;
        sum += found.normal;
        squares += found.normal ** 2;
        return next;
      });
    }
  }
  const n = chains * steps * 2, expected = n / bins;
  assert(atoms > 0.1 * n && atoms < 0.5 * n);
  const chiSquared = counts.reduce((total, c) => total + (c - expected) ** 2 / expected, 0);
  assert(Math.abs(chiSquared - (bins - 1)) < 5 * Math.sqrt(2 * (bins - 1)));
  assert(Math.abs(sum) < 5 * Math.sqrt(n));
  assert(Math.abs(squares - n) < 5 * Math.sqrt(2 * n));
});

Deno.test("the randomised transform follows its cases", () => {
  const law = { mean: 0.25, deviation: 0.5, lower: 0, upper: 1 }, tolerance = 1e-3;
  assertEquals(randomisedTransform(law, -0.01, tolerance, 0.5), { kind: "outside" });
  assertEquals(randomisedTransform(law, 1.01, tolerance, 0.5), { kind: "outside" });
  assertEquals(randomisedTransform(law, NaN, tolerance, 0.5), { kind: "outside" });
  assertEquals(randomisedTransform(law, 0.5, tolerance, 0.9), {
    kind: "interior",
    uniform: lowerTail(0.5),
    normal: 0.5,
  });
  for (const x of [-0.001, 0, 0.001]) {
    const found = transform(law, x, tolerance, 0.5);
    assertEquals(found.kind, "atom");
    assertAlmostEquals(found.uniform, 0.5 * lowerTail((0.001 - 0.25) / 0.5), 1e-16);
    assertAlmostEquals(lowerTail(found.normal), found.uniform, 1e-15);
  }
  for (const x of [0.999, 1, 1.001]) {
    const found = transform(law, x, tolerance, 0.25), q = lowerTail((0.999 - 0.25) / 0.5);
    assertEquals(found.kind, "atom");
    assertAlmostEquals(found.uniform, q + 0.25 * (1 - q), 1e-15);
    assertAlmostEquals(lowerTail(found.normal), found.uniform, 1e-15);
  }
  const point = { ...law, upper: 0.001 };
  const found = transform(point, 0.0005, tolerance, 0.75);
  assertEquals(found.kind, "atom");
  assertEquals(found.uniform, 0.75);
});

Deno.test("the randomised transform stays finite at impossible atoms and extreme draws", () => {
  for (const mean of [-1e6, 1e6]) {
    for (const x of [0, 1]) {
      for (const v of [0, 0.5, 1 - 2 ** -53]) {
        const law = { mean, deviation: 1, lower: 0, upper: 1 };
        const found = transform(law, x, 0, v);
        assert(found.kind === "atom" && Number.isFinite(found.normal));
      }
    }
  }
});

Deno.test("the randomised transform refuses a law without noise", () => {
  assertThrows(
    () => randomisedTransform({ mean: 0, deviation: 0, lower: 0, upper: 1 }, 0, 0, 0.5),
    RangeError,
    "deviation is 0, want more than 0",
  );
});

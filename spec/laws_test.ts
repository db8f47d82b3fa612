/**
 * The laws against second sources: quadrature of the density, 64-digit arithmetic, simulation of
 * the rule as it is written, and the numbers that the documentation prints.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { BigNumber } from "mathjs";
import { mathjs } from "./formula/mathjs.ts";
import {
  atomLower,
  atomUpper,
  cumulative,
  descentVerdict,
  displacementMoments,
  energyChangeBounds,
  expectedEnergyChange,
  flatLaw,
  hoeffdingRadius,
  moments,
  type OneStepInput,
  type OneStepLaw,
  oneStepLaw,
  polynomialStepSum,
  probabilityDownhill,
  quadraticChainLaw,
  randomisedTransform,
  squaredStepTemperature,
  stationaryTemperature,
  stationaryVariance,
  stepInterval,
  sureDescentDecrease,
  textbookTemperature,
  unclippedThreshold,
} from "./laws.ts";
import { density, lowerTail, upperTail } from "./numerics/normal.ts";
import { normalDraws, uniform } from "./numerics/random.ts";

function clip(x: number, lower: number, upper: number): number {
  return Math.min(Math.max(x, lower), upper);
}

/** The rule as it is written, on one coordinate. */
function ruleStep(input: OneStepInput, noise: number): number {
  const { action, gradient, stepSize, noiseScale, limit, lower, upper } = input;
  const step = stepSize * (0.5 * gradient + noiseScale * noise);
  return clip(action - clip(step, -limit, limit), lower, upper);
}

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

const official = { stepSize: 0.1, noiseScale: 1, limit: 0.1, lower: -1, upper: 1 };

/** The energy ½h a² on one axis, seen from the action. */
function quadraticChange(action: number, curvature: number, setting = official): number {
  const gradient = curvature * action;
  const law = oneStepLaw({ ...setting, action, gradient });
  return expectedEnergyChange({
    laws: [law],
    actions: [action],
    gradients: [gradient],
    curvatures: [curvature],
  });
}

function root(f: (x: number) => number, positive: number, negative: number): number {
  for (let i = 0; i < 60; i++) {
    const middle = (positive + negative) / 2;
    if (f(middle) > 0) positive = middle;
    else negative = middle;
  }
  return (positive + negative) / 2;
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
  assertEquals([cumulative(silent, 0.44), cumulative(silent, 0.46)], [0, 1]);
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
    assertEquals(cumulative(law, law.lower), atomLower(law));
    assertEquals(cumulative(law, law.upper), 1);
    assertEquals(cumulative(law, law.lower - 1e-9), 0);
    assertAlmostEquals(expectation(law, () => 1), 1, 1e-13);
    const middle = (law.lower + law.upper) / 2;
    const at = (x: number) => clip((x - law.mean) / law.deviation, -10, 10);
    const inside = integrate(density, at(law.lower), at(middle));
    assertAlmostEquals(cumulative(law, middle), atomLower(law) + inside, 1e-13);
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

Deno.test("expected energy changes agree with simulation under all clips", () => {
  const draw = uniform(41), normal = normalDraws(42), samples = 20_000;
  for (let trial = 0; trial < 6; trial++) {
    const axes = 3, gradClip = 1, stepSize = 0.05 + 0.5 * draw(), noiseScale = 0.3 + draw();
    const curvatures = Array.from({ length: axes }, () => trial === 0 ? 0 : 4 * draw() - 0.5);
    const slopes = curvatures.map(() => 2 * draw() - 1), centres = slopes.map(() => draw() - 0.5);
    const gradient = (i: number, a: number) => slopes[i]! + curvatures[i]! * (a - centres[i]!);
    const energy = (i: number, a: number) =>
      slopes[i]! * a + 0.5 * curvatures[i]! * (a - centres[i]!) ** 2;
    const inputs = slopes.map((_, i): OneStepInput => {
      const lower = -0.5 - draw(), upper = 0.5 + draw(), action = lower + draw() * (upper - lower);
      return {
        action,
        gradient: clip(gradient(i, action), -gradClip, gradClip),
        stepSize,
        noiseScale,
        limit: 0.1 * 0.5 * (upper - lower) * [1, 3, 100][trial % 3]!,
        lower,
        upper,
      };
    });
    const actions = inputs.map(({ action }) => action);
    const input = {
      laws: inputs.map(oneStepLaw),
      actions,
      gradients: actions.map((a, i) => gradient(i, a)),
    };
    const expected = expectedEnergyChange({ ...input, curvatures });
    const bounds = energyChangeBounds({
      ...input,
      smoothness: Math.max(...curvatures),
      convexity: Math.min(...curvatures),
    });
    assert(bounds.lower <= expected + 1e-15 && expected <= bounds.upper + 1e-15);
    let sum = 0, squares = 0;
    for (let n = 0; n < samples; n++) {
      let change = 0;
      inputs.forEach((one, i) =>
        change += energy(i, ruleStep(one, normal())) - energy(i, one.action)
      );
      sum += change;
      squares += change * change;
    }
    const mean = sum / samples, error = Math.sqrt((squares / samples - mean * mean) / samples);
    assert(Math.abs(mean - expected) < 5 * error, `trial ${trial}: ${mean} vs ${expected}`);
  }
});

Deno.test("energy change bounds hold for a coupled quadratic energy", () => {
  const normal = normalDraws(51), samples = 20_000;
  const h = [[2, 0.8], [0.8, 1]] as const;
  const middle = 1.5, radius = Math.hypot(0.5, 0.8);
  for (const a of [[0.3, -0.2], [0.05, 0.02], [0.95, 0.9], [-0.6, 0.8]] as const) {
    const g = h.map((row) => row[0] * a[0] + row[1] * a[1]);
    const inputs = g.map((gradient, i) => ({ ...official, action: a[i]!, gradient }));
    const bounds = energyChangeBounds({
      laws: inputs.map(oneStepLaw),
      actions: [...a],
      gradients: g,
      smoothness: middle + radius,
      convexity: middle - radius,
    });
    const energy = (x: number, y: number) => x * x + 0.8 * x * y + 0.5 * y * y;
    let sum = 0, squares = 0;
    for (let n = 0; n < samples; n++) {
      const change = energy(ruleStep(inputs[0]!, normal()), ruleStep(inputs[1]!, normal())) -
        energy(a[0], a[1]);
      sum += change;
      squares += change * change;
    }
    const mean = sum / samples, error = Math.sqrt((squares / samples - mean * mean) / samples);
    assert(bounds.lower - 5 * error < mean && mean < bounds.upper + 5 * error);
  }
});

Deno.test("without clips the expected change has its closed form", () => {
  const wide = { ...official, limit: 1e6, lower: -1e6, upper: 1e6 };
  for (const [action, h] of [[0.5, 1], [2, 3], [0, 2]] as const) {
    const g = h * action, eta = 0.1;
    const expected = -eta / 2 * g * g + eta ** 2 / 8 * h * g * g + eta ** 2 / 2 * h;
    assertAlmostEquals(quadraticChange(action, h, wide), expected, 1e-14);
  }
});

Deno.test("the threshold of descent at the official defaults is 0.32, and 0.276 with the delta clip", () => {
  const squared = unclippedThreshold({ stepSize: 0.1, noiseScale: 1, smoothness: 1, axes: 1 });
  assertEquals(Math.sqrt(squared).toFixed(5), "0.32026");
  const clipped = root((x) => quadraticChange(x, 1), 0, 0.9);
  assertEquals(clipped.toFixed(5), "0.27626");
  const law = oneStepLaw({ ...official, action: clipped, gradient: clipped });
  assertEquals([atomLower(law).toFixed(3), atomUpper(law).toFixed(3)], ["0.194", "0.128"]);
  const wide = { ...official, limit: 1e6, lower: -1e6, upper: 1e6 };
  assertEquals(root((x) => quadraticChange(x, 1, wide), 0, 0.9).toFixed(5), "0.32026");
  // On a quadratic the threshold is the stationary deviation.
  assertAlmostEquals(squared, stationaryVariance(0.1, 1, 1), 1e-15);
  const box = { ...official, lower: -9, upper: 9 };
  const thresholds = [[0.1, 10, 0.09134], [0.1, 30, 0.05885], [0.03, 1, 0.17379], [
    0.01,
    10,
    0.03203,
  ]];
  for (const [stepSize, h, expected] of thresholds as [number, number, number][]) {
    const found = root((x) => quadraticChange(x, h, { ...box, stepSize }), 0, 0.9);
    assertEquals(found.toFixed(5), expected.toFixed(5));
  }
  assertEquals(
    unclippedThreshold({ stepSize: 0.1, noiseScale: 1, smoothness: 40, axes: 1 }),
    Infinity,
  );
});

Deno.test("the energy rises at the minimum by the documented amount", () => {
  assertEquals(quadraticChange(0, 1).toExponential(2), "2.58e-3");
  assertEquals(
    quadraticChange(0, 1, { ...official, limit: 9, lower: -9, upper: 9 }).toExponential(2),
    "5.00e-3",
  );
  assertEquals(quadraticChange(0, 1, { ...official, stepSize: 0.01 }).toExponential(2), "5.00e-5");
});

Deno.test("near a wall a linear energy rises by the documented amount", () => {
  const change = (distance: number) => {
    const action = -1 + distance, law = oneStepLaw({ ...official, action, gradient: 1 });
    return expectedEnergyChange({
      laws: [law],
      actions: [action],
      gradients: [1],
      curvatures: [0],
    });
  };
  const documented = [[0, 0.01685], [0.02, 0.00375], [0.05, -0.01304], [0.1, -0.03315], [
    0.2,
    -0.03315,
  ]];
  for (const [distance, expected] of documented as [number, number][]) {
    assertAlmostEquals(change(distance), expected, 5e-6);
  }
});

Deno.test("clips that differ between axes can turn a mean descent into a rise", () => {
  const change = (limits: number[]) => {
    const actions = [0.5, 0];
    const laws = actions.map((action, i) =>
      oneStepLaw({ ...official, action, gradient: action, limit: limits[i]!, lower: -9, upper: 9 })
    );
    return expectedEnergyChange({ laws, actions, gradients: actions, curvatures: [1, 1] });
  };
  assertEquals(change([10, 10]).toFixed(4), "-0.0022");
  assertEquals(change([1e-3, 10]).toFixed(4), "0.0049");
});

Deno.test("E[D²]/E[D] grows with the limit up to its unclipped value", () => {
  for (const mean of [1e-3, 0.05, 0.5, 2, 5]) {
    let previous = 0;
    for (let limit = 1e-3; limit < 16; limit *= 1.1) {
      const { m1, m2 } = displacementMoments(
        { mean: -mean, deviation: 1, lower: -limit, upper: limit },
        0,
      );
      assert(m2 / m1 >= previous * (1 - 1e-12));
      previous = m2 / m1;
    }
    assertAlmostEquals(previous, (mean * mean + 1) / mean, 1e-9 * previous);
  }
});

Deno.test("descent verdicts follow the bounds", () => {
  const verdict = (action: number, smoothness: number, slack?: number) => {
    const gradient = action;
    const laws = [oneStepLaw({ ...official, action, gradient })];
    return descentVerdict({
      laws,
      actions: [action],
      gradients: [gradient],
      smoothness,
      convexity: 1,
    }, slack);
  };
  assertEquals(verdict(0.6, 1), "must-descend");
  assertEquals(verdict(0.6, 1, 0.01), "no-claim");
  assertEquals(verdict(0.1, 1), "must-rise");
  assertEquals(verdict(0.1, 1, 0.01), "no-claim");
  assertEquals(verdict(0.27, 1), "must-rise");
  assertEquals(verdict(0.28, 1), "must-descend");
  assertEquals(verdict(0.3, 4), "no-claim");
});

Deno.test("the documented example certifies its sign with about 4400 samples", () => {
  const mean = quadraticChange(0.6, 1);
  assertEquals(mean.toFixed(4), "-0.0095");
  const { lower, upper } = stepInterval({ ...official, action: 0.6 });
  const range = 0.5 * (upper * upper - lower * lower);
  assertAlmostEquals(range, 0.12, 1e-15);
  // One side at 1e-6, half the mean change to spare.
  assert(hoeffdingRadius(range, 4418, 2e-6) <= -mean / 2);
  assert(hoeffdingRadius(range, 4417, 2e-6) > -mean / 2);
});

Deno.test("Hoeffding's radius covers the mean of bounded values", () => {
  assertAlmostEquals(hoeffdingRadius(2, 50, 2 * Math.exp(-4)), 0.4, 1e-15);
  const draw = uniform(61), radius = hoeffdingRadius(1, 20, 0.1);
  let outside = 0;
  for (let trial = 0; trial < 2000; trial++) {
    let sum = 0;
    for (let i = 0; i < 20; i++) sum += draw() < 0.5 ? 0 : 1;
    if (Math.abs(sum / 20 - 0.5) > radius) outside++;
  }
  assert(outside > 0 && outside <= 200);
});

Deno.test("without noise the energy surely falls, under all clips, convex or not", () => {
  type Energy = { value: (a: number[]) => number; gradient: (a: number[]) => number[]; L: number };
  const energies: Energy[] = [
    {
      value: (a) => a.reduce((sum, x) => sum + 0.7 * Math.log(Math.cosh(2 * x)), 0),
      gradient: (a) => a.map((x) => 1.4 * Math.tanh(2 * x)),
      L: 2.8,
    },
    {
      value: (a) => a.reduce((sum, x) => sum + Math.cos(3 * x), 0),
      gradient: (a) => a.map((x) => -3 * Math.sin(3 * x)),
      L: 9,
    },
    {
      value: ([x, y]) => x! * x! + 0.8 * x! * y! + 0.5 * y! * y!,
      gradient: ([x, y]) => [2 * x! + 0.8 * y!, 0.8 * x! + y!],
      L: 1.5 + Math.hypot(0.5, 0.8),
    },
  ];
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  const axis = fc.record({
    lower: fc.double({ min: -3, max: 1, noNaN: true }),
    width: fc.double({ min: 0.1, max: 4, noNaN: true }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    limit: fc.constantFrom(0.05, 0.3, Infinity),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...energies),
      fc.tuple(axis, axis),
      share,
      fc.constantFrom(0.5, 2, Infinity),
      ({ value, gradient, L }, axes, part, gradClip) => {
        const stepSize = part * 4 / L;
        const a = axes.map(({ lower, width, at }) => lower + at * width);
        const next = gradient(a).map((g, i) => {
          const { lower, width, limit } = axes[i]!;
          return ruleStep({
            action: a[i]!,
            gradient: clip(g, -gradClip, gradClip),
            stepSize,
            noiseScale: 0,
            limit: limit * width / 2,
            lower,
            upper: lower + width,
          }, 0);
        });
        const moved = next.reduce((sum, x, i) => sum + (x - a[i]!) ** 2, 0);
        const decrease = sureDescentDecrease(stepSize, L, moved);
        assert(decrease >= -1e-15);
        assert(value(next) - value(a) <= -decrease + 1e-12);
      },
    ),
    { seed: 71, numRuns: 5000 },
  );
});

Deno.test("the sure descent is sharp: 1% beyond 4/L a quadratic rises", () => {
  const h = 2, action = 0.01;
  for (const [factor, rises] of [[0.99, false], [1.01, true]] as const) {
    const stepSize = factor * 4 / h;
    const next = ruleStep({
      ...official,
      action,
      gradient: h * action,
      stepSize,
      noiseScale: 0,
      limit: 1,
    }, 0);
    const change = 0.5 * h * (next * next - action * action);
    assertEquals(change > 0, rises);
    const decrease = sureDescentDecrease(stepSize, h, (next - action) ** 2);
    assertAlmostEquals(change, -decrease, 1e-17);
    assertEquals(decrease < 0, rises);
  }
});

Deno.test("a coordinate moves downhill with its probability, whatever the clip", () => {
  const normal = normalDraws(81), samples = 20_000;
  for (const [gradient, noiseScale] of [[0.5, 1], [2, 1], [-1, 0.3]] as const) {
    const p = probabilityDownhill(gradient, noiseScale);
    assertEquals(p, lowerTail(Math.abs(gradient) / (2 * noiseScale)));
    let downhill = 0;
    for (let n = 0; n < samples; n++) {
      const input = { ...official, action: 0.1, gradient, noiseScale, stepSize: 0.07, limit: 0.05 };
      if ((ruleStep(input, normal()) - 0.1) * gradient < 0) downhill++;
    }
    assert(Math.abs(downhill - samples * p) < 5 * Math.sqrt(samples * p * (1 - p)));
  }
  assertEquals(probabilityDownhill(0, 1), 0.5);
  assertEquals(probabilityDownhill(-1, 0), 1);
  assertEquals(probabilityDownhill(0, 0), 0);
});

Deno.test("temperatures are those of the documented table", () => {
  const table: [number, string, string, string][] = [
    [0.1, "0.1026", "1.0526", "1.0025"],
    [0.001, "0.0010", "1.0005", "1.0000"],
  ];
  for (const [stepSize, rule, textbook, squared] of table) {
    assertEquals(stationaryTemperature(stepSize, 1, 1).toFixed(4), rule);
    assertEquals(textbookTemperature(stepSize, 1).toFixed(4), textbook);
    assertEquals(squaredStepTemperature(stepSize, 1).toFixed(4), squared);
  }
  // The noise scale that would reach temperature 1.
  assertAlmostEquals(stationaryTemperature(0.1, 1, Math.sqrt((1 - 0.025) / 0.1)), 1, 1e-15);
});

Deno.test("the stationary variance is the fixed point of one step", () => {
  for (
    const [eta, h, sigma, v] of [[0.1, 1, 1, 0.10256], [0.5, 2, 0.7, 0.16333], [0.3, 10, 1, 0.12], [
      1,
      3.6,
      1,
      2.77778,
    ]] as const
  ) {
    const found = stationaryVariance(eta, h, sigma);
    assertAlmostEquals(found, v, 5e-6);
    assertAlmostEquals((1 - eta * h / 2) ** 2 * found + (eta * sigma) ** 2, found, 1e-14);
  }
  assertEquals(stationaryVariance(0.1, 40, 1), Infinity);
  assertEquals(stationaryVariance(0.1, 0, 1), Infinity);
  assertEquals(stationaryVariance(0.1, -1, 1), Infinity);
  assertEquals(stationaryTemperature(0.1, 40, 1), Infinity);
  assertEquals(textbookTemperature(2, 1), Infinity);
  assertEquals(squaredStepTemperature(2, 1), Infinity);
});

function defaultStepSizes(steps: number): number[] {
  return Array.from(
    { length: steps },
    (_, k) => (0.1 - 1e-5) * (1 - k / (steps - 1)) ** 2 + 1e-5,
  );
}

Deno.test("the sum of the default step sizes is 0.851 for 25 steps and 3.351 for 100", () => {
  for (const [steps, expected] of [[25, "0.851"], [100, "3.351"]] as const) {
    const sum = defaultStepSizes(steps).reduce((a, b) => a + b, 0);
    assertAlmostEquals(polynomialStepSum(0.1, 1e-5, steps), sum, 1e-14);
    assertEquals(sum.toFixed(3), expected);
  }
  assertEquals(polynomialStepSum(0.1, 1e-5, 1), 0.1);
  assertAlmostEquals(polynomialStepSum(0.1, 1e-5, 2), 0.1 + 1e-5, 1e-16);
});

Deno.test("chains on a quadratic have the documented laws", () => {
  const table: [number, number, number, number, number][] = [
    [25, 0, 1, 0.23053, 0],
    [25, 1, 0.6491, 0.1815, 0.03294],
    [25, 10, 0.00574, 0.04874, 0.02375],
    [100, 1, 0.1824, 0.19234, 0.037],
    [100, 10, 1.728e-9, 0.02989, 0.00894],
  ];
  for (const [steps, curvature, factor, deviation, temperature] of table) {
    const law = quadraticChainLaw({
      stepSizes: defaultStepSizes(steps),
      curvature,
      centre: 0,
      start: 1,
      noiseScale: 1,
    });
    assertAlmostEquals(law.mean / factor, 1, 1e-3);
    assertAlmostEquals(Math.sqrt(law.variance), deviation, 6e-6);
    assertAlmostEquals(curvature * law.variance, temperature, 6e-6);
  }
});

Deno.test("the law of a chain agrees with simulation", () => {
  const normal = normalDraws(91), samples = 10_000, stepSizes = defaultStepSizes(25);
  const chain = { stepSizes, curvature: 10, centre: 0.2, start: 0.7, noiseScale: 0.5 };
  const law = quadraticChainLaw(chain);
  let sum = 0, squares = 0;
  for (let n = 0; n < samples; n++) {
    let a = chain.start;
    for (const eta of stepSizes) {
      a -= eta * (0.5 * chain.curvature * (a - chain.centre) + chain.noiseScale * normal());
    }
    sum += a - law.mean;
    squares += (a - law.mean) ** 2;
  }
  assert(Math.abs(sum / samples) < 5 * Math.sqrt(law.variance / samples));
  assert(Math.abs(squares / samples / law.variance - 1) < 5 * Math.sqrt(2 / samples));
});

Deno.test("a flat energy adds up the variances of its steps", () => {
  const stepSizes = defaultStepSizes(25);
  const flat = flatLaw(stepSizes, 0.5);
  const law = quadraticChainLaw({ stepSizes, curvature: 0, centre: 0, start: 3, noiseScale: 0.5 });
  assertEquals(law.mean, 3);
  assertEquals(flat.mean, 0);
  assertAlmostEquals(flat.variance, law.variance, 1e-16);
  assertAlmostEquals(flat.variance, 0.25 * 0.05315, 2e-6);
});

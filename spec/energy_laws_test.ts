/** What a step does to an energy, against simulation of the rule as it is written and against the
 * numbers that the documentation prints. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  atomLower,
  atomUpper,
  displacementMoments,
  expectedEnergyChange,
  hoeffdingRadius,
  type OneStepInput,
  oneStepLaw,
  stationaryTemperature,
  stepInterval,
  sureDescentDecrease,
} from "./laws.ts";
import { normalDraws, uniform } from "./numerics/random.ts";
import { clip, official, ruleStep } from "../src/fixtures/one_coordinate.ts";

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

Deno.test("without clips the expected change has its closed form", () => {
  const wide = { ...official, limit: 1e6, lower: -1e6, upper: 1e6 };
  for (const [action, h] of [[0.5, 1], [2, 3], [0, 2]] as const) {
    const g = h * action, eta = 0.1;
    const expected = -eta / 2 * g * g + eta ** 2 / 8 * h * g * g + eta ** 2 / 2 * h;
    assertAlmostEquals(quadraticChange(action, h, wide), expected, 1e-14);
  }
});

Deno.test("the threshold of descent at the official defaults is 0.32, and 0.276 with the delta clip", () => {
  const clipped = root((x) => quadraticChange(x, 1), 0, 0.9);
  assertEquals(clipped.toFixed(5), "0.27626");
  const law = oneStepLaw({ ...official, action: clipped, gradient: clipped });
  assertEquals([atomLower(law).toFixed(3), atomUpper(law).toFixed(3)], ["0.194", "0.128"]);
  const wide = { ...official, limit: 1e6, lower: -1e6, upper: 1e6 };
  const threshold = root((x) => quadraticChange(x, 1, wide), 0, 0.9);
  assertEquals(threshold.toFixed(5), "0.32026");
  // On a quadratic the threshold is the stationary deviation.
  assertAlmostEquals(threshold ** 2, stationaryTemperature(0.1, 1, 1), 1e-12);
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

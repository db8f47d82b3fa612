/** Means over the exact law of one step, against closed forms and against sampling. */

import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { energy } from "./energy.ts";
import { convexRange, meanAfterStep } from "./expectation.ts";
import { expectedEnergyChange, type OneStepLaw, oneStepLaw } from "./laws.ts";
import { normalDraws, uniform } from "./numerics/random.ts";

function lawsAt(actions: readonly number[], gradients: readonly number[], u: () => number) {
  return actions.map((action, i): OneStepLaw =>
    oneStepLaw({
      action,
      gradient: gradients[i]!,
      stepSize: 0.02 + 0.5 * u(),
      noiseScale: 0.25 + 2 * u(),
      limit: 0.05 + u(),
      lower: -1,
      upper: 1,
    })
  );
}

Deno.test("on separable quadratics the mean is that of the closed form, to ten digits", () => {
  const u = uniform(1);
  for (let round = 0; round < 60; round++) {
    const axes = 1 + round % 3;
    const of = (low: number, high: number) =>
      Array.from({ length: axes }, () => low + (high - low) * u());
    const curvatures = of(0, 4), centres = of(-1, 1), actions = of(-1, 1);
    const value = (x: readonly number[]) =>
      x.reduce((sum, a, i) => sum + curvatures[i]! / 2 * (a - centres[i]!) ** 2, 0);
    const gradients = actions.map((a, i) => curvatures[i]! * (a - centres[i]!));
    const laws = lawsAt(actions, gradients, u);
    const expected = expectedEnergyChange({ laws, actions, gradients, curvatures });
    assertAlmostEquals(meanAfterStep(laws, value) - value(actions), expected, 1e-10);
  }
});

Deno.test("half the nodes give five digits of a mean over three axes", () => {
  const u = uniform(4);
  const { value, gradient } = energy("log(1 + exp(2*a1 - a2)) + 0.25*a2^4 + (a3 - a1)^2", 3, 0);
  for (let round = 0; round < 3; round++) {
    const actions = [2 * u() - 1, 2 * u() - 1, 2 * u() - 1];
    const laws = lawsAt(actions, gradient(actions, []), u);
    const [exact, near] = ([12, 6] as const).map((nodes) =>
      meanAfterStep(laws, (x) => value(x, []), nodes)
    );
    assertAlmostEquals(near!, exact!, 1e-5 * Math.abs(exact!));
    assert(near !== exact);
  }
});

Deno.test("on coupled and other energies the mean is that of many draws", () => {
  const u = uniform(2), draw = normalDraws(3), count = 20_000;
  for (const text of ["(a1 - 0.5*a2)^2 + a1*a2", "log(1 + exp(2*a1 - a2)) + 0.25*a2^2"]) {
    const { value, gradient } = energy(text, 2, 0);
    const actions = [0.25, -0.5];
    const laws = lawsAt(actions, gradient(actions, []), u);
    const sampled = Array.from(
      { length: count },
      () =>
        value(
          laws.map(({ mean, deviation, lower, upper }) =>
            Math.min(Math.max(mean + deviation * draw(), lower), upper)
          ),
          [],
        ),
    );
    const mean = sampled.reduce((sum, x) => sum + x, 0) / count;
    const deviation = Math.sqrt(sampled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
    const exact = meanAfterStep(laws, (x) => value(x, []));
    assert(Math.abs(mean - exact) < 5 * deviation / Math.sqrt(count), text);
  }
});

Deno.test("a law that is a point has the value of that point", () => {
  const still = { mean: 0.5, deviation: 0, lower: -1, upper: 1 };
  const pinned = { mean: 0.5, deviation: 1, lower: 0.25, upper: 0.25 };
  assertAlmostEquals(meanAfterStep([still, pinned], ([a, b]) => a! + 10 * b!), 3, 1e-15);
});

Deno.test("a law far beyond its interval is an atom at the end", () => {
  const law = { mean: 100, deviation: 1, lower: -1, upper: 1 };
  assertAlmostEquals(meanAfterStep([law], ([a]) => Math.exp(a!)), Math.E, 1e-14);
});

Deno.test("more than three axes are refused", () => {
  const law = { mean: 0, deviation: 1, lower: -1, upper: 1 };
  assertThrows(() => meanAfterStep([law, law, law, law], () => 0), RangeError, "4 axes");
});

Deno.test("the range of a convex energy bounds every change that a step can make", () => {
  const u = uniform(5);
  const { value, gradient } = energy("log(cosh(3*a1)) + (a1 - a2)^2", 2, 0);
  for (let round = 0; round < 50; round++) {
    const actions = [2 * u() - 1, 2 * u() - 1], slope = gradient(actions, []);
    const laws = lawsAt(actions, slope, u);
    const range = convexRange(laws, actions, slope, (x) => value(x, []));
    const values = Array.from(
      { length: 50 },
      () => value(laws.map(({ lower, upper }) => lower + (upper - lower) * u()), []),
    );
    assert(Math.max(...values) - Math.min(...values) <= range + 1e-12);
  }
});

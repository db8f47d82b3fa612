/**
 * Correct float32 implementations, in several orders of evaluation, stay within the tolerances, and
 * come close enough to them that the tolerances are not vacuous.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { normalDraws, uniform } from "./numerics/random.ts";
import {
  coordinatesError,
  exponentialStepSizeError,
  float32Unit,
  polynomialStepSizeError,
  stepError,
  stepTolerance as toleranceOf,
} from "./tolerance.ts";

const f = Math.fround;
const u = float32Unit;

/** A step of the official rule, η(½g̃ + σξ). */
interface OfficialStep extends Omit<Parameters<typeof toleranceOf>[0], "step" | "stepError"> {
  readonly stepSize: number;
  readonly stepSizeError: number;
  readonly gradientError: number;
  readonly noiseScale: number;
  readonly noise: number;
}

function stepTolerance(given: OfficialStep): number {
  const { stepSize, gradient, noiseScale, stepSizeError, gradientError, unit } = given;
  const drift = 0.5 * gradient, noise = noiseScale * given.noise;
  return toleranceOf({
    ...given,
    step: stepSize * (drift + noise),
    stepError: stepError({
      drift,
      driftFactor: stepSize,
      noise,
      noiseFactor: stepSize,
      gradientFactor: 0.5,
      gradientError,
      stepSizeSlope: drift + noise,
      stepSizeError,
      roundings: 3,
      unit,
    }),
  });
}

function clip(x: number, lower: number, upper: number): number {
  return Math.min(Math.max(x, lower), upper);
}

/** A step on one axis of the energy s·a + ½h(a - m)²; all numbers are float32. */
interface Case {
  readonly a: number;
  readonly h: number;
  readonly m: number;
  readonly s: number;
  readonly xi: number;
  readonly eta: number;
  readonly sigma: number;
  readonly c: number;
  readonly lo: number;
  readonly hi: number;
}

const gradClip = 5;

const limit = (p: Case) => p.c * 0.5 * (p.hi - p.lo);
const gradient = (p: Case) => clip(p.h * (p.a - p.m) + p.s, -gradClip, gradClip);
const exactStep = (p: Case) => p.eta * (0.5 * gradient(p) + p.sigma * p.xi);

function exactNext(p: Case): number {
  return clip(p.a - clip(exactStep(p), -limit(p), limit(p)), p.lo, p.hi);
}

/** How a float32 program may compute the gradient, and the error that goes with it. */
const gradientForms = {
  "h(a - m)": {
    gradient: (p: Case) => f(f(p.h * f(p.a - p.m)) + p.s),
    error: (p: Case) => 3 * u * (Math.abs(p.h * (p.a - p.m)) + Math.abs(p.s)),
  },
  "ha - hm": {
    gradient: (p: Case) => f(f(f(p.h * p.a) - f(p.h * p.m)) + p.s),
    error: (p: Case) => 3 * u * (Math.abs(p.h) * (Math.abs(p.a) + Math.abs(p.m)) + Math.abs(p.s)),
  },
};

/** How a float32 program may compute η(½g̃ + σξ). */
const stepForms = {
  official: (p: Case, g: number) => f(p.eta * f(f(0.5 * g) + f(p.xi * p.sigma))),
  distributed: (p: Case, g: number) => f(f(f(0.5 * p.eta) * g) + f(f(p.eta * p.sigma) * p.xi)),
  fused: (p: Case, g: number) => f(p.eta * (0.5 * g + p.sigma * p.xi)),
};

/** How a float32 program may compute the limit. */
const limitForms = [
  (p: Case) => f(f(p.c * 0.5) * f(p.hi - p.lo)),
  (p: Case) => f(p.c * f(0.5 * f(p.hi - p.lo))),
];

function randomCase(seed: number): () => Case {
  const draw = uniform(seed), normal = normalDraws(seed + 1);
  const between = (low: number, high: number) => low + (high - low) * draw();
  const scale = (low: number, high: number) => 10 ** between(low, high);
  return () => {
    const lo = f(3 * normal()), hi = f(lo + between(0.05, 8)), a = clip(f(between(lo, hi)), lo, hi);
    return {
      lo,
      hi,
      a,
      h: f(scale(-2, 2)),
      m: f(a + normal() * scale(-4, 1)),
      s: f(normal() * scale(-2, 2)),
      xi: normal(),
      eta: f(scale(-5, 0)),
      sigma: f(scale(-1, 0.5)),
      c: f(scale(-2, 0)),
    };
  };
}

/** Moves the limit to within a few roundings of the step. */
function atThreshold(p: Case, roundings: number): Case {
  const c = Math.abs(exactStep(p)) / (0.5 * (p.hi - p.lo)) * (1 + roundings * 2 * u);
  return { ...p, c: f(c) };
}

/** The largest error over tolerance, over all forms of the computation. */
function worstRatio(p: Case, stepSizeError: number, rounded: Case): number {
  const next = exactNext(p);
  let worst = 0;
  for (const form of Object.values(gradientForms)) {
    const tolerance = stepTolerance({
      action: p.a,
      next,
      limit: limit(p),
      stepSize: p.eta,
      stepSizeError,
      gradient: gradient(p),
      gradientError: form.error(p),
      noiseScale: p.sigma,
      noise: p.xi,
      unit: u,
    });
    const g = clip(form.gradient(rounded), -gradClip, gradClip);
    for (const step of Object.values(stepForms)) {
      for (const limitForm of limitForms) {
        const bound = limitForm(rounded);
        const found = clip(f(p.a - clip(step(rounded, g), -bound, bound)), p.lo, p.hi);
        worst = Math.max(worst, Math.abs(found - next) / tolerance);
      }
    }
  }
  return worst;
}

Deno.test("a float32 step stays within its tolerance in every order of evaluation", () => {
  const next = randomCase(1);
  let worst = 0;
  for (let i = 0; i < 40_000; i++) {
    const p = next();
    worst = Math.max(worst, worstRatio(p, 0, p));
  }
  assert(worst <= 1, `worst ratio ${worst}`);
  assert(worst > 0.3, `worst ratio ${worst}: the tolerance is too wide to be of use`);
});

Deno.test("a float32 step stays within its tolerance where rounding flips the clip", () => {
  const next = randomCase(2);
  let worst = 0;
  for (let i = 0; i < 40_000; i++) {
    const p = atThreshold(next(), i % 7 - 3);
    worst = Math.max(worst, worstRatio(p, 0, p));
  }
  assert(worst <= 1, `worst ratio ${worst}`);
  assert(worst > 0.3, `worst ratio ${worst}: the tolerance is too wide to be of use`);
});

Deno.test("a float32 step with an inexact step size stays within its tolerance", () => {
  const next = randomCase(3), draw = uniform(4);
  let worst = 0;
  for (let i = 0; i < 20_000; i++) {
    const p = next(), eta = p.eta * (1 + 1e-3 * (draw() - 0.5));
    worst = Math.max(worst, worstRatio({ ...p, eta }, Math.abs(p.eta - eta), p));
  }
  assert(worst <= 1, `worst ratio ${worst}`);
  assert(worst > 0.3, `worst ratio ${worst}: the tolerance is too wide to be of use`);
});

const typical = {
  action: 0.5,
  next: 0.25,
  limit: 0.5,
  stepSize: 0.25,
  stepSizeError: 1e-6,
  gradient: 1,
  gradientError: 1e-5,
  noiseScale: 2,
  noise: 0.25,
  unit: u,
};

/** Both points of a step are seen rounded. */
const seen = u * (Math.abs(typical.action) + Math.abs(typical.next));

Deno.test("step tolerance is the sum of its terms where the limit is near", () => {
  const error = 0.5 * 0.25 * 1e-5 + 3 * u * 0.25 * (0.5 + 0.5) + 1e-6;
  const close = { ...typical, limit: 0.25 };
  assertAlmostEquals(stepTolerance(close), seen + 4 * u * 0.25 + error, 1e-20);
  for (const limit of [0.5, 1e6, Infinity]) {
    assertAlmostEquals(stepTolerance({ ...typical, limit }), seen + error, 1e-20);
  }
});

Deno.test("step tolerance is that of the limit where the limit decides", () => {
  const base = seen + 4 * u * 0.5;
  for (const gradient of [100, -1e30, Infinity, -Infinity, NaN]) {
    assertEquals(stepTolerance({ ...typical, gradient }), base, `gradient ${gradient}`);
  }
  assertEquals(stepTolerance({ ...typical, gradientError: Infinity }), base + 2 * 0.5);
  assertEquals(stepTolerance({ ...typical, gradientError: NaN }), base + 2 * 0.5);
  assertEquals(stepTolerance({ ...typical, gradient: NaN, limit: Infinity }), seen);
});

Deno.test("step tolerance allows for numbers that are flushed to 0", () => {
  const next = -0.125 * 1e-40;
  const still = { ...typical, action: 0, next, gradient: 1e-40, gradientError: 0, noise: 0 };
  assert(Math.abs(next) <= stepTolerance(still));
});

Deno.test("polynomial step sizes in float32 stay within their tolerance", () => {
  const draw = uniform(5);
  const scale = (low: number, high: number) => f(10 ** (low + (high - low) * draw()));
  let worst = 0;
  for (let i = 0; i < 1500; i++) {
    const steps = 2 + Math.floor(draw() * 200), power = [1, 2, 3, 0.5, f(1.7)][i % 5]!;
    const init = scale(-3, 0), final = scale(-5, i % 3 === 0 ? 0 : -2);
    for (let step = 0; step < steps; step++) {
      const x = (steps - 1 - step) / (steps - 1);
      const exact = step === 0 ? init : (init - final) * x ** power + final;
      const base = f(1 - f(step / (steps - 1)));
      const found = step === 0 && i % 2 === 0
        ? init
        : f(f(f(init - final) * f(base ** power)) + final);
      const error = polynomialStepSizeError({ init, final, power, step, steps, unit: u });
      worst = Math.max(worst, Math.abs(found - exact) / error);
    }
  }
  assert(worst <= 1, `worst ratio ${worst}`);
  assert(worst > 0.3, `worst ratio ${worst}: the tolerance is too wide to be of use`);
});

Deno.test("the default schedule in float32 errs by at most 1e-6 for 25 steps and 2e-6 for 100", () => {
  for (const [steps, most] of [[25, 9.5e-7], [100, 1.8e-6]] as const) {
    const init = f(0.1), final = f(1e-5);
    let worst = 0;
    for (let step = 1; step < steps; step++) {
      const exact = (init - final) * ((steps - 1 - step) / (steps - 1)) ** 2 + final;
      const base = f(1 - f(step / (steps - 1)));
      const found = f(f(f(init - final) * f(base * base)) + final);
      worst = Math.max(worst, Math.abs(found / exact - 1));
    }
    assert(worst < most && worst > 0.9 * most, `${steps} steps: relative error ${worst}`);
  }
});

Deno.test("the ends of the polynomial schedule have the roundings of their formulas", () => {
  const input = { init: 0.1, final: 1e-5, power: 2, unit: u };
  assertEquals(polynomialStepSizeError({ ...input, step: 0, steps: 1 }), u * (0.1 - 1e-5 + 0.2));
  assertEquals(polynomialStepSizeError({ ...input, step: 0, steps: 25 }), u * (0.1 - 1e-5 + 0.2));
  assertEquals(polynomialStepSizeError({ ...input, step: 24, steps: 25 }), 2 * u * 1e-5);
  assertEquals(polynomialStepSizeError({ ...input, step: 1, steps: 2 }), 2 * u * 1e-5);
});

Deno.test("a schedule that stays where it is errs by the roundings of its one number", () => {
  const input = { init: 0.25, final: 0.25, power: 2, steps: 5, unit: u };
  for (const step of [1, 2, 3]) {
    assertEquals(polynomialStepSizeError({ ...input, step }), 2 * u * 0.25);
  }
});

Deno.test("exponential step sizes in float32 stay within their tolerance", () => {
  const draw = uniform(6);
  let worst = 0;
  for (let i = 0; i < 500; i++) {
    const init = draw(), decay = 0.8 + 0.3 * draw();
    let product = f(init);
    for (let step = 0; step < 100; step++) {
      const exact = init * decay ** step;
      const power = f(f(init) * f(f(decay) ** step));
      const error = exponentialStepSizeError({ init, decay, step, unit: u });
      const miss = Math.max(Math.abs(product - exact), Math.abs(power - exact));
      worst = Math.max(worst, miss / error);
      product = f(product * f(decay));
    }
  }
  assert(worst <= 1, `worst ratio ${worst}`);
  assert(worst > 0.3, `worst ratio ${worst}: the tolerance is too wide to be of use`);
});

Deno.test("a chain in float64 whose points are seen in float32 stays within tolerance", () => {
  const draw = uniform(8);
  for (let round = 0; round < 2000; round++) {
    const action = 8 * draw() - 4, gradient = f(4 * draw() - 2), stepSize = f(0.25 * draw());
    const next = action - stepSize * gradient / 2;
    const exact = f(action) - stepSize * gradient / 2;
    const tolerance = stepTolerance({
      ...typical,
      action: f(action),
      next: exact,
      gradient,
      stepSize,
      gradientError: 0,
      stepSizeError: 0,
      noise: 0,
      limit: Infinity,
    });
    assert(Math.abs(f(next) - exact) <= tolerance);
  }
});

Deno.test("in coordinates of a sampler's own a step is rounded as the larger bound is, and by a constant", () => {
  const coordinates = { ofBounds: 16, ofOwn: 1e-7 };
  const at = (lower: number, upper: number, action: number) =>
    coordinatesError({ coordinates, action, lower, upper, unit: u });
  assertEquals(at(-48, 80, 0.25), 16 * u * 80 + 1e-7);
  assertEquals(at(-48, 16, 0.25), 16 * u * 48 + 1e-7);
  assertEquals(at(-1, 1, -3), 16 * u * 3 + 1e-7);
});

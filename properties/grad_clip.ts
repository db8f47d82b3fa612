/**
 * The gradient clip: optional, elementwise, on the gradient alone.
 *
 * @module
 */

import * as fc from "fast-check";
import type { Problem } from "../spec/problem.ts";
import {
  calmSettings,
  constantSchedule,
  constantTape,
  fraction,
  linearEnergy,
  problemOf,
  signed,
  vector,
} from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps, type Facts } from "./property.ts";

// So small that the largest slope moves by no more than 1/2: only the gradient clip acts.
const stepSize = fraction(1 / 128, 1 / 64, 128);

function sloped(
  facts: Facts,
  axes: fc.Arbitrary<number>,
  rows: fc.Arbitrary<number>,
  slope: fc.Arbitrary<number>,
  gradClip: fc.Arbitrary<number | null>,
): fc.Arbitrary<Problem> {
  return fc.record({
    axes,
    rows,
    gradClip,
    stepSize,
    steps: fc.integer({ min: facts.leastSteps, max: 2 }),
  }).chain(({ axes, rows, gradClip, stepSize, steps }) =>
    fc.record({
      slopes: vector(axes, slope),
      initial: fc.array(vector(axes, fraction(-0.5, 0.5)), { minLength: rows, maxLength: rows }),
    }).map(({ slopes, initial }) =>
      problemOf({
        energy: linearEnergy(slopes),
        settings: calmSettings(axes, {
          steps,
          schedule: constantSchedule(stepSize),
          gradClip,
        }),
        initial,
      })
    )
  );
}

const one = fc.constant(1);

// Without a gradient clip, large gradients are used as they are.
const none = check<Problem>({
  clause: "grad-clip/none",
  cases: (facts) => sloped(facts, one, one, signed(1.25, 32, 4), fc.constant(null)),
  judge: async (observer, problem) =>
    compareSteps("grad-clip/none", observer, problem, await observer.run(problem)),
});

// A gradient clip limits the gradient to ±γ before it is halved.
const limits = check<Problem>({
  clause: "grad-clip/limits",
  cases: (facts) => sloped(facts, one, one, signed(0.25, 16, 4), fraction(0.5, 8, 4)),
  edges: (facts) =>
    [-8, 8].map((slope) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          steps: facts.leastSteps,
          schedule: constantSchedule(0.25),
          gradClip: 2,
        }),
        initial: [[0]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("grad-clip/limits", observer, problem, await observer.run(problem)),
});

// The gradient clip acts on each component by itself, not on a norm.
const elementwise = check<Problem>({
  clause: "grad-clip/elementwise",
  cases: (facts) =>
    sloped(
      facts,
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      signed(0.25, 16, 4),
      fraction(0.5, 8, 4),
    ),
  edges: (facts) => [
    problemOf({
      energy: linearEnergy([8, 1]),
      settings: calmSettings(2, {
        steps: facts.leastSteps,
        schedule: constantSchedule(0.25),
        gradClip: 2,
      }),
      initial: [[0, 0]],
    }),
    problemOf({
      energy: "o1*a1",
      settings: calmSettings(1, {
        steps: facts.leastSteps,
        schedule: constantSchedule(0.25),
        gradClip: 2,
      }),
      initial: [[0], [0]],
      groups: 2,
      samples: 1,
      observations: [[1], [2]],
    }),
  ],
  judge: async (observer, problem) =>
    compareSteps("grad-clip/elementwise", observer, problem, await observer.run(problem)),
});

// The gradient clip does not touch the noise.
const beforeNoise = check<Problem>({
  clause: "grad-clip/before-noise",
  cases: (facts) =>
    fc.record({
      slope: signed(0, 4, 4),
      gradClip: fraction(0.125, 0.5, 8),
      draw: signed(0.75, 2, 8),
      stepSize,
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
    }).map(({ slope, gradClip, draw, stepSize, steps }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          steps,
          schedule: constantSchedule(stepSize),
          noiseScale: 1,
          gradClip,
        }),
        initial: [[0]],
        noise: { kind: "tape", draws: constantTape(draw, steps, 1, 1) },
      })
    ),
  judge: async (observer, problem) =>
    observer.facts.unsupported.has("noise-tape") ? null : compareSteps(
      "grad-clip/before-noise",
      observer,
      problem,
      await observer.run(problem),
    ),
});

// A gradient clip of zero removes the gradient: zero is a value, not “off”.
const zero = check<Problem>({
  clause: "grad-clip/zero",
  weight: 0.5,
  cases: (facts) => sloped(facts, one, one, signed(0.25, 4, 4), fc.constant(0)),
  judge: async (observer, problem) =>
    compareSteps("grad-clip/zero", observer, problem, await observer.run(problem)),
});

/** Checks of the gradient clip. */
export const gradClipChecks: readonly ClauseCheck<never>[] = [
  none,
  limits,
  elementwise,
  beforeNoise,
  zero,
] as unknown as ClauseCheck<never>[];

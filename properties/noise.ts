/**
 * The noise: scaled, in every step, a draw of its own for every coordinate.
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
  normalTape,
  problemOf,
  shapes,
  table,
  tapeSeed,
} from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps } from "./property.ts";

const stepSize = fraction(1 / 16, 0.25, 16);

// The noise is multiplied by the noise scale.
const scale = check<Problem>({
  clause: "noise/scale",
  cases: () =>
    fc.record({
      noiseScale: fc.oneof(fraction(0.125, 0.875, 8), fraction(1.5, 4, 2), fc.constant(0)),
      draw: fraction(0.5, 2, 8),
      start: fraction(-0.5, 0.5),
      stepSize,
    }).map(({ noiseScale, draw, start, stepSize }) =>
      problemOf({
        energy: "0*a1",
        settings: calmSettings(1, {
          steps: 3,
          schedule: constantSchedule(stepSize),
          noiseScale,
        }),
        initial: [[start]],
        noise: { kind: "tape", draws: constantTape(draw, 3, 1, 1) },
      })
    ),
  // The ends of the chain are left to noise/every-step.
  judge: async (observer, problem) =>
    compareSteps(
      "noise/scale",
      observer,
      problem,
      await observer.run(problem),
      ({ step }) => step === 1,
    ),
});

// Every step adds noise, the first and the last too.
const everyStep = check<Problem>({
  clause: "noise/every-step",
  cases: (facts) =>
    fc.record({
      draw: fraction(0.5, 2, 8),
      start: fraction(-0.5, 0.5),
      stepSize,
      steps: fc.integer({ min: facts.leastSteps, max: 5 }),
    }).map(({ draw, start, stepSize, steps }) =>
      problemOf({
        energy: "0*a1",
        settings: calmSettings(1, { steps, schedule: constantSchedule(stepSize), noiseScale: 1 }),
        initial: [[start]],
        noise: { kind: "tape", draws: constantTape(draw, steps, 1, 1) },
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("noise/every-step", observer, problem, await observer.run(problem)),
});

// Every step, row and axis has a draw of its own, of the shape of the actions.
const ownDraw = check<Problem>({
  clause: "noise/own-draw",
  cases: (facts) =>
    fc.record({
      shape: shapes,
      seed: tapeSeed,
      stepSize,
      steps: fc.integer({ min: Math.max(2, facts.leastSteps), max: 3 }),
    }).chain(({ shape: { groups, samples, axes }, seed, stepSize, steps }) =>
      table(groups * samples, axes, fraction(-0.5, 0.5)).map((initial) =>
        problemOf({
          energy: "0*a1",
          settings: calmSettings(axes, {
            steps,
            schedule: constantSchedule(stepSize),
            noiseScale: 1,
          }),
          initial,
          groups,
          samples,
          noise: { kind: "tape", draws: normalTape(seed, steps, groups * samples, axes) },
        })
      )
    ),
  edges: () => [
    problemOf({
      energy: "0*a1",
      settings: calmSettings(3, { steps: 2, schedule: constantSchedule(0.25), noiseScale: 1 }),
      initial: Array.from({ length: 6 }, () => [0, 0, 0]),
      groups: 2,
      samples: 3,
      noise: { kind: "tape", draws: normalTape(1, 2, 6, 3) },
    }),
  ],
  judge: async (observer, problem) =>
    compareSteps("noise/own-draw", observer, problem, await observer.run(problem)),
});

/** Checks of the noise. */
export const noiseChecks: readonly ClauseCheck<never>[] = [
  scale,
  everyStep,
  ownDraw,
] as unknown as ClauseCheck<never>[];

/**
 * The noise: scaled, in every step, a draw of its own for every coordinate.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import type { Problem, Rows } from "../spec/problem.ts";
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
import { check, type ClauseCheck, compareSteps, finding, pathPoints, show } from "./property.ts";

const stepSize = fraction(1 / 16, 0.25, 16);

// The noise is multiplied by the noise scale: a second chain, of noise scale 1, tells how much.
const scale = check<Problem>({
  clause: "noise/scale",
  cases: () =>
    fc.record({
      noiseScale: fc.oneof(fraction(0.125, 0.875, 8), fraction(1.5, 4, 2), fc.constant(0)),
      draw: fraction(0.125, 0.375, 8),
      start: fraction(-0.125, 0.125),
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
  async judge(observer, problem) {
    const { noiseScale } = problem.settings;
    const plain = { ...problem, settings: { ...problem.settings, noiseScale: 1 } };
    const points = pathPoints(problem, await observer.run(problem));
    const plainPoints = pathPoints(plain, await observer.run(plain));
    if (points === null || plainPoints === null) return null;
    observer.compared(1);
    // The ends of the chain are left to noise/every-step.
    const move = (path: readonly Rows[]) => path[2]![0]![0]! - path[1]![0]![0]!;
    const moved = move(points), wanted = noiseScale * move(plainPoints);
    const { noiseSign } = observer.facts;
    const prediction = predictStep(problem, 1, points[1]!, { noiseSign })[0]![0]!;
    const { tolerance } = predictStep(plain, 1, plainPoints[1]!, { noiseSign })[0]![0]!;
    if (Math.abs(moved - wanted) <= prediction.tolerance + noiseScale * tolerance) return null;
    return finding("noise/scale", problem, prediction, {
      step: 1,
      row: 0,
      axis: 0,
      action: points[1]![0]![0]!,
      actual: points[2]![0]![0]!,
      message: `With the noise scale ${noiseScale} step 1 moves by ${
        show(Math.abs(moved))
      }; it is ${show(Math.abs(move(plainPoints)))} with the noise scale 1`,
    });
  },
});

// Every step adds noise, the first and the last too.
const everyStep = check<Problem>({
  clause: "noise/every-step",
  cases: (facts) =>
    fc.record({
      draw: fraction(0.25, 0.5, 8),
      start: fraction(-0.125, 0.125),
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
  // How much noise it is, is left to noise/own-draw.
  async judge(observer, problem) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const path = points.map((point) => point[0]![0]!);
    observer.compared(problem.settings.steps);
    const step = path.slice(1).findIndex((to, k) => to === path[k]);
    if (step < 0) return null;
    const { noiseSign } = observer.facts;
    const prediction = predictStep(problem, step, points[step]!, { noiseSign })[0]![0]!;
    return finding("noise/every-step", problem, prediction, {
      step,
      row: 0,
      axis: 0,
      action: path[step]!,
      actual: path[step + 1]!,
      message: `Step ${step} adds no noise`,
    });
  },
});

// Every step, row and axis has a draw of its own, of the shape of the actions.
const ownDraw = check<Problem>({
  clause: "noise/own-draw",
  cases: (facts) =>
    fc.record({
      shape: shapes,
      seed: tapeSeed,
      stepSize: fraction(1 / 32, 1 / 16, 32),
      steps: fc.integer({ min: Math.max(2, facts.leastSteps), max: 3 }),
    }).chain(({ shape: { groups, samples, axes }, seed, stepSize, steps }) =>
      table(groups * samples, axes, fraction(-0.25, 0.25)).map((initial) =>
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
      settings: calmSettings(3, { steps: 2, schedule: constantSchedule(1 / 16), noiseScale: 1 }),
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

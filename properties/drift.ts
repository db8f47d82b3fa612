/**
 * The drift: nothing remembered, no mixing of rows, axes or observations.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import { observationOf, type Problem } from "../spec/problem.ts";
import {
  calmSettings,
  constantSchedule,
  decimal,
  fraction,
  linearEnergy,
  problemOf,
  quadraticEnergy,
  signed,
  table,
  vector,
} from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps, finding, pathPoints, show } from "./property.ts";

const stepSize = fraction(1 / 16, 0.25, 16);

// Nothing of earlier gradients is kept: no momentum, no accumulated gradient.
const noMemory = check<Problem>({
  clause: "drift/no-memory",
  cases: () =>
    fc.record({
      // No gradient is larger than 1, so that no clip of it acts.
      curvature: fraction(0.125, 0.5, 8),
      slope: signed(0.125, 0.5, 8),
      start: fraction(-0.5, 0.5),
      steps: fc.integer({ min: 3, max: 5 }),
      stepSize,
    }).map(({ curvature, slope, start, steps, stepSize }) =>
      problemOf({
        energy: `${linearEnergy([slope])} + ${quadraticEnergy([curvature], [0.25])}`,
        settings: calmSettings(1, { steps, schedule: constantSchedule(stepSize) }),
        initial: [[start]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("drift/no-memory", observer, problem, await observer.run(problem)),
});

// A row moves as it would move alone: rows neither mix nor share a mean.
const ownRow = check<{ readonly problem: Problem; readonly row: number }>({
  clause: "drift/own-row",
  cases: (facts) =>
    fc.record({
      groups: fc.integer({ min: 1, max: 2 }),
      samples: fc.integer({ min: 2, max: 3 }),
      curvature: fraction(0.5, 4, 4),
      centre: fraction(-1, 1, 8),
      stepSize,
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
    }).chain(({ groups, samples, ...rest }) =>
      fc.record({
        initial: table(groups * samples, 1, fraction(-0.5, 0.5)),
        row: fc.integer({ min: 0, max: groups * samples - 1 }),
      }).map(({ initial, row }) => ({
        row,
        problem: problemOf({
          energy: quadraticEnergy([rest.curvature], [rest.centre]),
          settings: calmSettings(1, {
            steps: rest.steps,
            schedule: constantSchedule(rest.stepSize),
          }),
          initial,
          groups,
          samples,
        }),
      }))
    ),
  async judge(observer, { problem, row }) {
    const alone = problemOf({
      ...problem,
      groups: 1,
      samples: 1,
      initial: [problem.initial[row]!],
      noise: { kind: "tape", draws: problem.settings.steps === 1 ? [[[0]]] : [[[0]], [[0]]] },
      observations: [[]],
    });
    const together = pathPoints(problem, await observer.run(problem));
    const single = pathPoints(alone, await observer.run(alone));
    if (together === null || single === null) return null;
    observer.compared(1);
    const actual = together[1]![row]![0]!, expected = single[1]![0]![0]!;
    const prediction = predictStep(problem, 0, problem.initial)[row]![0]!;
    if (Math.abs(actual - expected) <= 2 * prediction.tolerance) return null;
    return finding("drift/own-row", problem, {
      terms: { ...prediction.terms, result: expected },
      tolerance: 2 * prediction.tolerance,
    }, {
      step: 0,
      row,
      axis: 0,
      action: problem.initial[row]![0]!,
      actual,
      message: `Among ${problem.initial.length} rows, row ${row} moves to ${
        show(actual)
      }; alone it moves to ${show(expected)}`,
    });
  },
});

// The drift of an axis depends on its own component of the gradient only.
const ownAxis = check<Problem>({
  clause: "drift/own-axis",
  cases: (facts) =>
    fc.record({
      axes: fc.integer({ min: 2, max: 4 }),
      stepSize,
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
    }).chain(({ axes, stepSize, steps }) =>
      fc.record({
        slopes: vector(axes, signed(0.125, 1, 8)),
        initial: vector(axes, fraction(-0.5, 0.5)),
      }).map(({ slopes, initial }) =>
        problemOf({
          energy: linearEnergy(slopes),
          settings: calmSettings(axes, { steps, schedule: constantSchedule(stepSize) }),
          initial: [initial],
        })
      )
    ),
  judge: async (observer, problem) =>
    compareSteps("drift/own-axis", observer, problem, await observer.run(problem)),
});

// Row r belongs to observation floor(r / samples): observations are repeated, not tiled.
const ownObservation = check<Problem>({
  clause: "drift/own-observation",
  cases: (facts) =>
    fc.record({
      groups: fc.integer({ min: 2, max: 3 }),
      samples: fc.integer({ min: 2, max: 4 }),
      stepSize,
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
      // No slope is larger than 1, so that no clip of the gradient acts.
      weight: signed(0.25, 0.5, 8),
    }).chain(({ groups, samples, stepSize, steps, weight }) =>
      fc.record({
        initial: table(groups * samples, 1, fraction(-0.5, 0.5)),
        first: fraction(-0.25, 0.25, 8),
      }).map(({ initial, first }) =>
        problemOf({
          energy: `${decimal(weight)}*o1*a1 + 0.25*o2*a1`,
          settings: calmSettings(1, { steps, schedule: constantSchedule(stepSize) }),
          initial,
          groups,
          samples,
          // The slopes of all groups differ.
          observations: Array.from({ length: groups }, (_, g) => [first + g / 2, first - g / 4]),
        })
      )
    ),
  async judge(observer, problem) {
    const found = compareSteps(
      "drift/own-observation",
      observer,
      problem,
      await observer.run(problem),
    );
    if (found?.row == null) return found;
    const group = Math.floor(found.row / problem.samples);
    return {
      ...found,
      message: `${found.message}: it belongs to observation ${group} (${
        observationOf(problem, found.row).join(", ")
      })`,
    };
  },
});

/** Checks of the drift. */
export const driftChecks: readonly ClauseCheck<never>[] = [
  noMemory,
  ownRow,
  ownAxis,
  ownObservation,
] as unknown as ClauseCheck<never>[];

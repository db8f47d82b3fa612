/**
 * Where a chain starts, and what it leaves alone.
 *
 * @module
 */

import * as fc from "fast-check";
import type { Problem } from "../spec/problem.ts";
import { isAt } from "../spec/readings.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { calmProblem, linearProblems, signed, starts, stepCount, unitBox } from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints, toleranceOfStart } from "./compare.ts";
import type { Finding } from "./finding.ts";
import { type Observer, pathPoints } from "./observer.ts";
import { loop } from "./sources.ts";

export const initialActions = clause({
  id: "start/initial-actions",
  level: "must",
  sentence:
    "The first gradient is taken at the initial actions as they are given, even outside the bounds.",
  why:
    "A start that is clipped or redrawn first hides what the caller chose, such as a chain that goes on from its own last result.",
  source: loop,
  buildsOn: ["steps/count"],
  problems: {
    random: (facts) =>
      fc.record({
        starts: starts({
          rows: { min: 1, max: 2 },
          axes: { min: 1, max: 2 },
          start: signed(1.125, 4, 8),
          axis: signed(0.125, 1, 8),
        }),
        steps: stepCount(facts, 3),
      }).map(({ starts: { initial, axes }, steps }) =>
        calmProblem({ energy: axes, steps, bounds: unitBox(axes.length), initial })
      ),
    async judge(observer, problem) {
      const trajectory = await observer.run(problem);
      const asked = trajectory.evaluations.filter(({ kind }) => kind === "gradient")
        .map(({ points }) => points);
      const first = pathPoints(problem, trajectory)?.[0] ??
        (asked.some((points) => isAt(points, problem.initial, problem)) ? undefined : asked[0]);
      if (first === undefined) return "nothing";
      return comparePoints(observer, problem, first, problem.initial, {
        step: 0,
        tolerance: toleranceOfStart(problem),
        message: (row, axis, found, wanted) =>
          `The first gradient of row ${row}, axis ${axis} is taken at ${found}; the chain starts at ${wanted}`,
      });
    },
  },
});

export const callerUnchanged = clause({
  id: "start/caller-unchanged",
  level: "must",
  sentence: "The caller's initial actions are not changed.",
  why:
    "A caller that starts a second chain from the same array would start it from the result of the first.",
  source: loop,
  buildsOn: [],
  problems: {
    random: (facts) => linearProblems(facts, 1),
    // Bounds may be laid on the very array that was given.
    edges: ({ leastSteps: steps }) => [
      calmProblem({ energy: [1, 1], steps, bounds: unitBox(2), initial: [[2, -3], [0, 0.5]] }),
    ],
    async judge(observer, problem) {
      return callerUnchangedBy(observer, problem, await observer.run(problem));
    },
  },
});

/** Compares the caller's initial actions after a call with what they were. */
export function callerUnchangedBy(
  observer: Observer,
  problem: Problem,
  { initialAfter }: Trajectory,
): Finding | null {
  return comparePoints(observer, problem, initialAfter, problem.initial, {
    message: (row, axis, found, wanted) =>
      `After the call the caller's row ${row}, axis ${axis} is ${found}; it was ${wanted}`,
  });
}

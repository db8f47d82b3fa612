/**
 * What a chain hands back.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import { type Problem, rowCount } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { stepFactors } from "../spec/rule_slopes.ts";
import { same } from "../spec/trajectory.ts";
import { calmProblem, constantTape, fraction, quadraticEnergy, starts } from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints } from "./compare.ts";
import { pathOn } from "./observer.ts";
import { loop } from "./sources.ts";

/** What one step multiplies the distance from the minimum by, with its sign turned. */
const growth = 1.5;

const range = (count: number) => Array.from({ length: count }, (_, k) => k);

/** The same problem with one step more. */
function longer(problem: Problem): Problem {
  const steps = problem.settings.steps + 1;
  return {
    ...problem,
    settings: { ...problem.settings, steps },
    noise: { kind: "tape", draws: constantTape(0, steps, rowCount(problem), problem.axes) },
  };
}

export const lastPoint = clause({
  id: "result/last-point",
  level: "must",
  sentence: "The returned actions are the points after the last step, row for row.",
  why:
    "Returning the best or the last but one point, or rows in another order, gives an action that the chain didn't end on.",
  source: loop,
  buildsOn: ["steps/precision", "drift/current-point"],
  sharperWith: ["schedule/constant"],
  // A chain of one step more passes the same point and asks for its gradient there, whatever the
  // steps are made of. Every step leaps over the minimum to a higher energy, so that the last point
  // is neither the best one nor in the middle.
  problems: {
    random: ({ rule, sharp }) =>
      fc.record({
        starts: starts({
          rows: { min: 1, max: 4 },
          axes: { min: 1, max: 3 },
          start: fraction(-0.5, 0.5),
          axis: fraction(1, 2),
        }),
        // Step sizes that are wrong may depend on the number of steps: then inner points tell.
        steps: fc.integer(sharp ? { min: 2, max: 3 } : { min: 3, max: 4 }),
        stepSize: fc.constantFrom(1 / 4, 1 / 8, 1 / 16),
      }).map(({ starts: { initial, axes: centres }, steps, stepSize }) => {
        const { drift } = stepFactors(rule ?? officialRule, stepSize);
        const curvature = (1 + growth) / drift;
        const energy = quadraticEnergy(centres.map(() => curvature), centres);
        return calmProblem({ energy, steps, stepSize, initial });
      }),
    async judge(observer, problem) {
      const { settings } = problem;
      const points = await pathOn(observer, problem);
      const further = await pathOn(observer, longer(problem));
      if (points === null || further === null) return "nothing";
      const differs = (k: number) => !same(points[k]!, further[k]!);
      if (!observer.facts.sharp && range(settings.steps).some(differs)) return "nothing";
      let tolerance = 0;
      for (let k = 0; k < settings.steps; k++) {
        const tolerances = predictStep(problem, k, points[k]!).flat().map((p) => p.tolerance);
        tolerance = growth * tolerance + 2 * Math.max(...tolerances);
      }
      return comparePoints(observer, problem, points.at(-1)!, further[settings.steps]!, {
        tolerance,
        step: settings.steps - 1,
        message: (row, axis, actual, wanted) =>
          `Row ${row}, axis ${axis} is returned at ${actual}; a chain of one step more passes ${wanted} after the same steps`,
      });
    },
  },
});

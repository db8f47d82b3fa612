/**
 * What a chain hands back.
 *
 * @module
 */

import * as fc from "fast-check";
import { officialRule } from "../spec/rule.ts";
import { stepFactors } from "../spec/rule_slopes.ts";
import { same } from "../spec/trajectory.ts";
import { calmProblem, fraction, quadraticEnergy, starts } from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints } from "./compare.ts";
import { arrivalOf, asksLonger, growth, isAnotherStepSize, toleranceOf } from "./last_step.ts";
import { loop } from "./sources.ts";

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
          rows: { min: 1, max: 6 },
          axes: { min: 1, max: 3 },
          start: fraction(-0.5, 0.5),
          axis: fraction(1, 2),
        }),
        groups: fc.integer({ min: 1, max: 3 }),
        // Step sizes that are wrong may depend on the number of steps: then inner points tell.
        steps: fc.integer(sharp ? { min: 2, max: 3 } : { min: 3, max: 4 }),
        stepSize: fc.constantFrom(1 / 4, 1 / 8, 1 / 16),
      }).map(({ starts: { initial, axes: centres }, groups, steps, stepSize }) => {
        const { drift } = stepFactors(rule ?? officialRule, stepSize);
        // A gradient that has no factor, like its sign, takes every curvature alike.
        const curvature = drift > 0 ? (1 + growth) / drift : 1 + growth;
        const energy = quadraticEnergy(centres.map(() => curvature), centres);
        return calmProblem({
          energy,
          steps,
          stepSize,
          initial,
          groups: initial.length % groups === 0 ? groups : 1,
        });
      }),
    // Rows in another order show where there are several observations with several samples.
    edges: () => [
      calmProblem({
        energy: quadraticEnergy([20], [1]),
        steps: 3,
        stepSize: 0.25,
        initial: [[0], [0.125], [0.25], [0.375], [0.5], [-0.125]],
        groups: 2,
      }),
    ],
    async judge(observer, problem) {
      const { settings } = problem;
      const arrived = await arrivalOf(observer, problem);
      if (arrived === null) return "nothing";
      const { points, further } = arrived;
      const differs = (k: number) => !same(points[k]!, further[k]!);
      if (!observer.facts.sharp && points.slice(0, -1).some((_, k) => differs(k))) return "nothing";
      const found = comparePoints(observer, problem, points.at(-1)!, further[settings.steps]!, {
        tolerance: toleranceOf(observer, problem, points),
        step: settings.steps - 1,
        message: (row, axis, actual, wanted) =>
          `Row ${row}, axis ${axis} is returned at ${actual}; ${
            asksLonger(observer, problem)
              ? `a chain of one step more passes ${wanted} after the same steps`
              : `the last step leads to ${wanted}`
          }`,
      });
      return found !== null && await isAnotherStepSize(observer, problem, points) ? null : found;
    },
  },
});

/**
 * What a chain hands back.
 *
 * @module
 */

import * as fc from "fast-check";
import { agrees, predictStep } from "../spec/oracle.ts";
import { type Problem, rowCount, type Rows } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { stepSizesOf } from "../spec/rule_parts.ts";
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

/** Whether a chain of one step more begins with the same steps: not if they go by their number. */
function passesTheSame(problem: Problem): boolean {
  const sizes = stepSizesOf(problem), more = stepSizesOf(longer(problem));
  return sizes.every((size, k) => size === more[k]);
}

/** The points with the last one as the rule has it; `null` where the step before is another one. */
function wanted(problem: Problem, points: readonly Rows[]): readonly Rows[] | null {
  const { steps } = problem.settings;
  const lead = (k: number) => predictStep(problem, k, points[k]!);
  const before = lead(steps - 2).every((row, r) =>
    row.every(({ terms, tolerance }, i) =>
      agrees(points[steps - 1]![r]![i]!, terms.result, tolerance)
    )
  );
  if (!before) return null;
  const last = lead(steps - 1).map((row) => row.map(({ terms }) => terms.result));
  return [...points.slice(0, -1), last];
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
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      const further = passesTheSame(problem)
        ? await pathOn(observer, longer(problem))
        : wanted(problem, points);
      if (further === null) return "nothing";
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
          `Row ${row}, axis ${axis} is returned at ${actual}; ${
            passesTheSame(problem)
              ? `a chain of one step more passes ${wanted} after the same steps`
              : `the last step leads to ${wanted}`
          }`,
      });
    },
  },
});

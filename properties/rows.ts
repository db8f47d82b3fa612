/**
 * What rows must not do to each other beside mixing their gradients (`drift.ts`).
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import {
  calmProblem,
  fraction,
  orSimply,
  shortProblem,
  stepCount,
  table,
  unitBox,
} from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints } from "./compare.ts";
import { requireFinite } from "./observer.ts";
import { loop } from "./sources.ts";

export const notANumber = clause({
  id: "rows/not-a-number",
  level: "must",
  sentence: "A gradient that is not a number spoils its own row only.",
  why: "One bad row must not spoil a whole batch of good ones.",
  source: loop,
  buildsOn: ["result/last-point", "drift/own-row"],
  remark:
    "What becomes of the spoiled row is left open, because frameworks clip NaN in different ways.",
  problems: {
    faults: "violate",
    random: (facts) =>
      fc.record({
        rows: orSimply<number>(2, fc.constant(3)),
        axes: orSimply<number>(1, fc.constant(2)),
        steps: stepCount(facts, 3),
      }).chain(({ rows, axes, steps }) =>
        fc.record({
          spoiled: fc.integer({ min: 0, max: rows - 1 }),
          initial: table(rows, axes, fraction(0.25, 0.5)),
        }).map(({ spoiled, initial }) => ({
          spoiled,
          problem: calmProblem({
            energy: axes === 1 ? "a1*log(a1)" : "a1*log(a1) + a2^2",
            steps,
            stepSize: 1 / 16,
            bounds: unitBox(axes),
            deltaClip: 1 / 16,
            initial: initial.with(spoiled, [-0.5, ...initial[spoiled]!.slice(1)]),
          }),
        }))
      ),
    edges: ({ leastSteps }) => [
      { spoiled: 0, problem: shortProblem("a1*log(a1)", [[-0.5], [0.5]], leastSteps) },
    ],
    async judge(observer, { problem, spoiled }) {
      const { initial, settings } = problem;
      const sound = {
        ...problem,
        initial: initial.with(spoiled, [0.5, ...initial[spoiled]!.slice(1)]),
      };
      const found = (await observer.run(problem)).final;
      const unspoiled = await observer.run(sound);
      requireFinite(sound, unspoiled);
      const predictions = predictStep(sound, 0, sound.initial);
      // What becomes of the spoiled row is not compared.
      const others = found.with(spoiled, unspoiled.final[spoiled]!);
      return comparePoints(observer, problem, others, unspoiled.final, {
        tolerance: (row, axis) => 2 * settings.steps * predictions[row]![axis]!.tolerance,
        message: (row, axis, actual, wanted) =>
          `The NaN of row ${spoiled} changes row ${row}, axis ${axis}: ${actual} instead of ${wanted}`,
      });
    },
  },
});

/**
 * What a prepared sampler remembers from call to call: nothing.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import { type Rows, type Schedule } from "../spec/problem.ts";
import {
  calmProblem,
  firstDraw,
  fraction,
  linearEnergy,
  quadraticEnergy,
  signed,
  simpleTape,
  starts,
  stepCount,
} from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints, predictionsOf } from "./compare.ts";
import type { Finding } from "./finding.ts";
import { ledgerOf } from "./ledger.ts";
import { type Observer, pathPoints } from "./observer.ts";
import { loop } from "./sources.ts";

const polynomial: Schedule = { kind: "polynomial", init: 0.25, final: 1 / 64, power: 2 };
const exponential: Schedule = { kind: "exponential", init: 0.25, decay: 0.5 };

export const secondCall = clause({
  id: "state/second-call",
  level: "must",
  sentence: "A second call of the same prepared sampler on the same problem gives the same chain.",
  source: loop,
  buildsOn: ["steps/precision", "drift/current-point"],
  problems: {
    random: (facts) =>
      fc.record({
        starts: starts({
          rows: { min: 1, max: 2 },
          axes: { min: 1, max: 1 },
          start: fraction(-0.5, 0.5),
          axis: fc.record({ slope: signed(0.25, 1, 8), curvature: fraction(0.125, 1, 8) }),
        }),
        steps: stepCount(facts, 4),
        schedule: fc.constantFrom(
          polynomial,
          ...(facts.unsupported.has("exponential-schedule") ? [] : [exponential]),
        ),
        first: firstDraw,
        seed: fc.nat(),
      }).map(({ starts: { initial, axes: [axis] }, first, steps, ...rest }) =>
        calmProblem({
          ...rest,
          energy: `${linearEnergy([axis!.slope])} + ${quadraticEnergy([axis!.curvature], [0])}`,
          steps,
          initial,
          draws: facts.unsupported.has("noise-tape")
            ? 0
            : simpleTape(first, steps, initial.length, 1),
        })
      ),
    async judge(observer, problem) {
      const [first, second] = await observer.runTwice(problem);
      const before = pathPoints(problem, first), after = pathPoints(problem, second);
      if (before === null || after === null) return "nothing";
      // The map from one point to the next contracts here (step size × curvature < 4), so the
      // distance of two float32 chains is at most the sum of their one-step tolerances.
      let allowed = 0;
      for (let k = 0; k < before.length; k++) {
        const found = comparePoints(observer, problem, after[k]!, before[k]!, {
          tolerance: 2 * allowed,
          step: Math.max(0, k - 1),
          message: (row, axis, actual, wanted) =>
            `The second call puts row ${row}, axis ${axis} at ${actual} ${
              k === 0 ? "at the start" : `after step ${k - 1}`
            }; the first call had it at ${wanted}`,
        });
        if (found) return k === 0 ? found : withLedger(observer, found, after);
        if (k < problem.settings.steps) {
          const predictions = predictStep(problem, k, before[k]!).flat();
          allowed += Math.max(...predictions.map((p) => p.tolerance));
        }
      }
      return null;
    },
  },
});

/** Adds the ledger of the second call's step: the first call took it as the rule says, or not. */
function withLedger(observer: Observer, found: Finding, points: readonly Rows[]): Finding {
  const { problem, actual } = found;
  const step = found.step!, row = found.row!, axis = found.axis!;
  const prediction = predictionsOf(observer, problem, step, points[step]!)[row]![axis]!;
  const action = points[step]![row]![axis]!;
  return {
    ...found,
    ledger: ledgerOf({ problem, prediction, axis, action, actual, term: "step" }),
  };
}

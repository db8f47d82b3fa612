/**
 * How many steps a chain takes, and with what precision.
 *
 * @module
 */

import * as fc from "fast-check";
import { pathOf } from "../spec/readings.ts";
import { calmProblem, fraction, linearProblems, stepCount, table } from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { predictionsOf } from "./compare.ts";
import { plainFinding } from "./finding.ts";
import { pathOn } from "./observer.ts";
import { loop } from "./sources.ts";

export const count = clause({
  id: "steps/count",
  level: "must",
  sentence: "A chain of N steps asks for exactly N gradients, one before each step.",
  source: loop,
  buildsOn: [],
  remark:
    "Asking again at a point that has not moved, or once more at the final actions, is harmless and passed over.",
  problems: {
    weight: 0.5,
    random: (facts) => linearProblems(facts, 2),
    // Long chains, and a batch as large as those that the noise is recovered from.
    edges: (facts) => [
      ...[25, 101].map((steps) =>
        calmProblem({ energy: [0.5], steps, stepSize: 1 / 16, initial: [[0.25]] })
      ),
      calmProblem({
        energy: [0.5, -0.25],
        steps: Math.max(2, facts.leastSteps),
        stepSize: 0.125,
        initial: Array.from({ length: 512 }, (_, r) => [r / 1024, -r / 1024]),
      }),
    ],
    async judge(observer, problem) {
      const path = pathOf(problem, await observer.run(problem));
      observer.compared(1);
      if (path.kind === "known") return null;
      const expected = problem.settings.steps, actual = path.evaluations;
      const message = `A chain of ${expected} steps asks for ${actual} gradients`;
      return plainFinding(problem, message, { expected, actual });
    },
  },
});

/** Significant binary digits of float16, of which bfloat16 has fewer. */
const halfDigits = 11;

function digitsOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  let digits = 1;
  for (let rest = Math.abs(value) / 2 ** Math.floor(Math.log2(Math.abs(value))); rest % 1 !== 0;) {
    rest *= 2;
    digits++;
  }
  return digits;
}

export const precision = clause({
  id: "steps/precision",
  level: "must",
  sentence: "Actions are kept with the precision of float32, or better.",
  source: loop,
  buildsOn: ["steps/count"],
  remark: "In float16 or bfloat16 small steps are lost; all other clauses are judged in float32.",
  problems: {
    weight: 0.5,
    // Of a few float32 numbers at least one has more digits, whatever the start.
    random: (facts) =>
      fc.record({
        rows: fc.integer({ min: 1, max: 4 }),
        axes: fc.integer({ min: 1, max: 2 }),
        steps: stepCount(facts, 3, 2),
      }).chain(({ rows, axes, steps }) =>
        table(rows, axes, fraction(0.5, 1, 2 ** 20)).map((initial) =>
          calmProblem({
            energy: axes === 1 ? "0.3*(a1 - 0.7)^2" : "0.3*(a1 - 0.7)^2 + 0.7*a2",
            steps,
            stepSize: Math.fround(0.1),
            initial,
          })
        )
      ),
    async judge(observer, problem) {
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      const reached = points.slice(1).flat(2);
      const digits = Math.max(...reached.map(digitsOf));
      observer.compared(reached.length);
      if (digits > halfDigits || digits === 0) return null;
      return plainFinding(
        problem,
        `All ${reached.length} coordinates that the chain reaches have ${digits} significant binary digits or fewer; float32 has 24`,
        {
          step: 0,
          row: 0,
          axis: 0,
          expected: predictionsOf(observer, problem, 0, problem.initial)[0]![0]!.terms.result,
          actual: points[1]![0]![0]!,
        },
      );
    },
  },
});

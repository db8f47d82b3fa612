/**
 * What a sampler reports of its steps, and the gradient of the exponentiated output.
 *
 * @module
 */

import * as fc from "fast-check";

import { agrees, gradNormAt, outputAt, type Toleranced } from "../spec/oracle.ts";
import type { GradNorm, Problem, Rows } from "../spec/problem.ts";
import { TargetFault } from "../spec/sampler.ts";
import { float32Unit } from "../spec/tolerance.ts";
import {
  calmSettings,
  constantSchedule,
  fraction,
  problemOf,
  quadraticEnergy,
  table,
  vector,
} from "./arbitraries.ts";
import {
  check,
  type ClauseCheck,
  compareSteps,
  type Facts,
  type Finding,
  type Observer,
  pathPoints,
  plainFinding,
  show,
} from "./property.ts";

function reported(
  facts: Facts,
  gradNorm: fc.Arbitrary<GradNorm>,
  applyExp: boolean,
): fc.Arbitrary<Problem> {
  return fc.record({
    axes: fc.integer({ min: 2, max: 3 }),
    steps: fc.integer({ min: Math.max(2, facts.leastSteps), max: 3 }),
    gradNorm,
    gradClip: facts.unsupported.has("grad-clip") ? fc.constant(null) : fc.constantFrom(null, 0.25),
  }).chain(({ axes, steps, gradNorm, gradClip }) =>
    fc.record({
      curvatures: vector(axes, fraction(0.5, 4, 4)),
      centres: vector(axes, fraction(-1, 1, 8)),
      initial: table(4, axes, fraction(-0.5, 0.5)),
    }).map(({ curvatures, centres, initial }) =>
      problemOf({
        energy: quadraticEnergy(curvatures, centres),
        settings: calmSettings(axes, {
          steps,
          schedule: constantSchedule(0.25),
          gradNorm,
          gradClip,
          applyExp,
        }),
        initial,
        groups: 2,
        samples: 2,
      })
    )
  );
}

const anyNorm = fc.constantFrom<GradNorm>("inf", "2", "1", null);

/** Compares what was reported of each step and row with what it should be. */
async function compareReports(
  observer: Observer,
  problem: Problem,
  part: "outputs" | "gradNorms",
  wanted: (row: number, point: readonly number[]) => Toleranced,
  words: string,
): Promise<Finding | null> {
  const trajectory = await observer.run(problem);
  const table: Rows | undefined = trajectory.chain?.[part];
  if (table === undefined) throw missing(part);
  const points = pathPoints(problem, trajectory);
  if (points === null) return null;
  if (table.length !== problem.settings.steps) {
    return plainFinding(problem, `${table.length} steps are reported as chain.${part}`, {
      expected: problem.settings.steps,
      actual: table.length,
    });
  }
  for (let step = 0; step < table.length; step++) {
    for (let row = 0; row < problem.initial.length; row++) {
      observer.compared(1);
      const { value, tolerance } = wanted(row, points[step]![row]!);
      const actual = table[step]![row]!;
      if (agrees(actual, value, tolerance)) continue;
      return plainFinding(
        problem,
        `The ${words} reported for step ${step}, row ${row} is ${show(actual)} instead of ${
          show(value)
        }`,
        { step, row, expected: value, actual, tolerance },
      );
    }
  }
  return null;
}

function missing(part: string): TargetFault {
  return new TargetFault(
    "contract",
    `no chain.${part} in the result`,
    `chain.${part}, or the feature named in "unsupported"`,
  );
}

// The reported actions are the points after each step.
const actions = check<Problem>({
  clause: "chain/actions",
  cases: (facts) => reported(facts, anyNorm, false),
  async judge(observer, problem) {
    const trajectory = await observer.run(problem);
    const reports = trajectory.chain?.actions;
    if (reports === undefined) throw missing("actions");
    const points = pathPoints(problem, trajectory);
    if (points === null) return null;
    if (reports.length !== problem.settings.steps) {
      return plainFinding(problem, `${reports.length} steps are reported as chain.actions`, {
        expected: problem.settings.steps,
        actual: reports.length,
      });
    }
    for (let step = 0; step < reports.length; step++) {
      for (let row = 0; row < problem.initial.length; row++) {
        for (let axis = 0; axis < problem.axes; axis++) {
          observer.compared(1);
          const expected = points[step + 1]![row]![axis]!, actual = reports[step]![row]![axis]!;
          const tolerance = 2 * float32Unit * Math.abs(expected);
          if (agrees(actual, expected, tolerance)) continue;
          return plainFinding(
            problem,
            `The action reported for step ${step}, row ${row}, axis ${axis} is ${
              show(actual)
            }; after that step it is ${show(expected)}`,
            { step, row, axis, expected, actual, tolerance },
          );
        }
      }
    }
    return null;
  },
});

// The reported energies are the raw network outputs before each step.
const outputs = check<Problem>({
  clause: "chain/outputs",
  cases: (facts) => reported(facts, anyNorm, false),
  judge: (observer, problem) =>
    compareReports(
      observer,
      problem,
      "outputs",
      (row, point) => outputAt(problem, row, point, observer.facts.returns),
      "network output",
    ),
});

// With apply_exp the reported outputs are exponentiated.
const outputsExp = check<Problem>({
  clause: "chain/outputs-exp",
  cases: (facts) => reported(facts, anyNorm, true),
  judge: (observer, problem) =>
    observer.facts.unsupported.has("apply-exp") ? Promise.resolve(null) : compareReports(
      observer,
      problem,
      "outputs",
      (row, point) => outputAt(problem, row, point, observer.facts.returns),
      "network output",
    ),
});

// The reported gradient norms are those of each row's unclipped gradient before each step.
const gradNorms = check<Problem>({
  clause: "chain/grad-norms",
  cases: (facts) => reported(facts, anyNorm, false),
  weight: 1.5,
  judge: (observer, problem) =>
    compareReports(
      observer,
      problem,
      "gradNorms",
      (row, point) => gradNormAt(problem, row, point),
      "gradient norm",
    ),
});

// With apply_exp the gradient is that of exp(-E), negated.
const applyExp = check<Problem>({
  clause: "apply-exp/gradient",
  cases: (facts) =>
    fc.record({
      curvature: fraction(0.5, 2, 4),
      centre: fraction(-1, 1, 8),
      start: fraction(-0.5, 0.5),
      steps: fc.integer({ min: facts.leastSteps, max: 3 }),
    }).map(({ curvature, centre, start, steps }) =>
      problemOf({
        energy: quadraticEnergy([curvature], [centre]),
        settings: calmSettings(1, { steps, applyExp: true }),
        initial: [[start]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("apply-exp/gradient", observer, problem, await observer.run(problem)),
});

/** Checks of reports and of the exponentiated output. */
export const chainChecks: readonly ClauseCheck<never>[] = [
  applyExp,
  actions,
  outputs,
  outputsExp,
  gradNorms,
] as unknown as ClauseCheck<never>[];

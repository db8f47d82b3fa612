/**
 * What a sampler reports of its steps.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import { agrees, gradNormAt, outputAt, type Toleranced } from "../spec/oracle.ts";
import type { GradNorm, Problem, Rows } from "../spec/problem.ts";
import { type Feature, TargetFault } from "../spec/sampler.ts";
import { float32Unit } from "../spec/tolerance.ts";
import { coordinatesErrorOf } from "../spec/rule_parts.ts";
import { type Chain, same, type Trajectory } from "../spec/trajectory.ts";
import {
  calmProblem,
  fraction,
  orSimply,
  quadraticEnergy,
  starts,
  stepCount,
} from "./arbitraries.ts";
import { anyStep, clause } from "./clause.ts";
import { comparePoints } from "./compare.ts";
import { type Finding, type Outcome, plainFinding } from "./finding.ts";
import { type Facts, type Observer, pathPoints } from "./observer.ts";
import { gradNorm, loop } from "./sources.ts";

const anyNorm = orSimply<GradNorm>(null, fc.constantFrom("inf", "2", "1"));

/** Quadratic energies whose gradients a clip may reach. */
function reportedProblems(facts: Facts, applyExp: boolean): fc.Arbitrary<Problem> {
  return fc.record({
    gradNorm: anyNorm,
    starts: starts({
      rows: { min: 1, max: 4 },
      axes: { min: 1, max: 3 },
      start: fraction(-0.5, 0.5),
      axis: fc.record({ curvature: fraction(0.5, 4, 4), centre: fraction(-1, 1, 8) }),
    }),
    steps: stepCount(facts, 3),
    groups: fc.integer({ min: 1, max: 2 }),
    gradClip: facts.unsupported.has("grad-clip")
      ? fc.constant(null)
      : orSimply<number | null>(null, fc.constant(0.25)),
    // What is reported before the bounds differs at a wall alone.
    wall: orSimply<number | null>(null, fc.constant(0.5)),
  }).map(({ starts: { initial, axes }, groups, wall, ...rest }) =>
    calmProblem({
      ...rest,
      ...(wall === null
        ? {}
        : { bounds: { min: axes.map(() => -wall), max: axes.map(() => wall) } }),
      energy: quadraticEnergy(
        axes.map(({ curvature }) => curvature),
        axes.map(({ centre }) => centre),
      ),
      stepSize: 0.25,
      applyExp,
      initial,
      groups: initial.length % groups === 0 ? groups : 1,
    })
  );
}

/** Steps that overshoot: energies and gradients grow along the chain. */
const growing = (): readonly Problem[] => [
  calmProblem({ energy: "16*a1^2", steps: 3, stepSize: 0.25, initial: [[1 / 8]], gradNorm: "2" }),
];

/** Every norm, of rows and axes whose norms all differ, their means and parts too. */
const everyNorm = ({ leastSteps: steps }: Facts): readonly Problem[] =>
  (["1", "2", "inf", null] as const).map((gradNorm) =>
    calmProblem({
      energy: quadraticEnergy([2, 0.5, 1], [0.75, -2, 0.375]),
      steps,
      stepSize: 0.25,
      initial: [[0, 0.25, 0.5], [0.5, -1, -0.25]],
      gradNorm,
    })
  );

/** A part of the report; whoever does not report it must say so. */
function reported<Part extends keyof Chain>(
  { chain }: Trajectory,
  part: Part,
): NonNullable<Chain[Part]> {
  const found = chain?.[part];
  if (found) return found;
  throw new TargetFault(
    "contract",
    `no chain.${part} in the result`,
    `chain.${part}, or the feature named in "unsupported"`,
  );
}

function wrongLength(problem: Problem, part: keyof Chain, reports: readonly unknown[]): Outcome {
  const expected = problem.settings.steps, actual = reports.length;
  if (actual === expected) return null;
  const message = `${actual} steps are reported as chain.${part}`;
  return plainFinding(problem, message, { expected, actual });
}

/** Compares what was reported of each step and row with what it should be. */
function compareReports(
  observer: Observer,
  problem: Problem,
  trajectory: Trajectory,
  part: "outputs" | "gradNorms",
  words: string,
  wanted: (row: number, point: readonly number[]) => Toleranced,
): Outcome {
  const reports: Rows = reported(trajectory, part);
  const points = pathPoints(problem, trajectory);
  if (points === null) return "nothing";
  const wrong = wrongLength(problem, part, reports);
  if (wrong) return wrong;
  for (const [step, rows] of reports.entries()) {
    for (const [row, actual] of rows.entries()) {
      observer.compared(1);
      const { value: expected, tolerance } = wanted(row, points[step]![row]!);
      if (agrees(actual, expected, tolerance)) continue;
      const asked = part === "gradNorms" && problem.settings.gradNorm === null
        ? ": gradNorm is null (in Python grad_norm is None), which asks for no norm, so for zeros"
        : "";
      const message = `The ${words} reported for step ${step}, row ${row} is ${
        show(actual)
      } instead of ${show(expected)}${asked}`;
      return plainFinding(problem, message, { step, row, expected, actual, tolerance });
    }
  }
  return null;
}

/** Judges a part of what a run reports. */
type ReportCheck = (observer: Observer, problem: Problem, trajectory: Trajectory) => Outcome;

const outputsFollow: ReportCheck = (observer, problem, trajectory) =>
  compareReports(
    observer,
    problem,
    trajectory,
    "outputs",
    "network output",
    (row, point) => outputAt(problem, row, point, observer.facts.returns),
  );

const gradNormsFollow: ReportCheck = (observer, problem, trajectory) =>
  compareReports(
    observer,
    problem,
    trajectory,
    "gradNorms",
    "gradient norm",
    (row, point) => gradNormAt(problem, row, point),
  );

const actionsFollow: ReportCheck = (observer, problem, trajectory) => {
  const reports = reported(trajectory, "actions");
  const points = pathPoints(problem, trajectory);
  if (points === null) return "nothing";
  const wrong = wrongLength(problem, "actions", reports);
  if (wrong) return wrong;
  const errorOf = coordinatesErrorOf(problem, float32Unit);
  const overwritten = points.slice(1).some((at) => !same(at, points[1]!)) &&
    reports.every((report) => same(report, reports[0]!));
  for (const [step, report] of reports.entries()) {
    const after = points[step + 1]!;
    const found = comparePoints(observer, problem, report, after, {
      step,
      tolerance: (row, axis) => {
        const at = after[row]![axis]!;
        return 2 * float32Unit * Math.abs(at) + errorOf(axis, at);
      },
      message: (row, axis, actual, wanted) =>
        `The action reported for step ${step}, row ${row}, axis ${axis} is ${actual}; after that step it is ${wanted}${
          overwritten ? ". All steps report the same actions: copy them before they change" : ""
        }`,
    });
    if (found) return found;
  }
  return null;
};

const onRun = (check: ReportCheck) => async (observer: Observer, problem: Problem) =>
  check(observer, problem, await observer.run(problem));

const parts: readonly (readonly [Feature, ReportCheck, Finding["instead"] & `chain/${string}`])[] =
  [
    ["chain-actions", actionsFollow, "chain/actions"],
    ["chain-outputs", outputsFollow, "chain/outputs"],
    ["chain-grad-norms", gradNormsFollow, "chain/grad-norms"],
  ];

/** Judges everything that a run reports, if the sampler reports it. */
export const reportsFollow: ReportCheck = (observer, problem, trajectory) => {
  for (const [feature, check, of] of parts) {
    if (observer.facts.unsupported.has(feature)) continue;
    const outcome = check(observer, problem, trajectory);
    if (outcome === "nothing") return outcome;
    const isExp = of === "chain/outputs" && problem.settings.applyExp;
    // The step is as it should be: it is the report that is wrong.
    if (outcome !== null) return { ...outcome, instead: isExp ? "chain/outputs-exp" : of };
  }
  return null;
};

export const actions = clause({
  id: "chain/actions",
  level: "may",
  sentence: "The reported actions are the points after each step.",
  why:
    "Pictures and losses built on the chain are one step off if it reports the points before the steps.",
  source: loop,
  feature: "chain-actions",
  buildsOn: ["result/last-point"],
  problems: {
    random: (facts) => reportedProblems(facts, false),
    judge: onRun(actionsFollow),
  },
});

export const outputs = clause({
  id: "chain/outputs",
  level: "may",
  sentence: "The reported energies are the raw network outputs before each step.",
  why:
    "Curves of the energy along the chain are read as evidence; one step off, or with the sign turned, they mislead.",
  source: loop,
  feature: "chain-outputs",
  buildsOn: ["steps/precision", "drift/current-point"],
  remark: "With apply_exp they are exp(f); a network that returns an energy reports that energy.",
  problems: {
    random: (facts) => reportedProblems(facts, false),
    edges: growing,
    judge: onRun(outputsFollow),
  },
});

export const outputsExp = clause({
  id: "chain/outputs-exp",
  level: "may",
  sentence: "With apply_exp the reported outputs are exponentiated.",
  why: "Energies and their exponentials in one curve can't be compared.",
  source: loop,
  feature: "chain-outputs",
  parts: ["apply exp"],
  buildsOn: ["apply-exp/gradient", "chain/outputs"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) => reportedProblems(facts, true),
    judge: async (observer, problem) =>
      observer.facts.unsupported.has("apply-exp")
        ? "nothing"
        : await onRun(outputsFollow)(observer, problem),
  },
});

export const gradNorms = clause({
  id: "chain/grad-norms",
  level: "may",
  sentence:
    "The reported gradient norms are those of each row's unclipped gradient before each step, over its axes; zeros where no norm is asked for.",
  why:
    "Gradient penalties are computed from these norms; clipped or squared ones train another network.",
  source: gradNorm,
  feature: "chain-grad-norms",
  buildsOn: ["drift/own-row", "drift/own-axis"],
  problems: {
    random: (facts) => reportedProblems(facts, false),
    edges: (facts) => [...growing(), ...everyNorm(facts)],
    judge: onRun(gradNormsFollow),
  },
});

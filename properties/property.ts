/**
 * What a check of a clause is, and how a target is observed while it runs.
 *
 * @module
 */

import type * as fc from "fast-check";
import { type ClauseId, clauseOf } from "./clauses.ts";
import { agrees, type NoiseSign, type Prediction, predictStep } from "../spec/oracle.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { type Feature, type NetworkReturns, TargetFault } from "../spec/sampler.ts";
import { type Path, pathOf, type Trajectory } from "../spec/trajectory.ts";
import { show } from "../spec/numerics/number_text.ts";
import { type LedgerLine, ledgerOf } from "./ledger.ts";

export { show };

/** What is known of a target when a clause comes up. */
export interface Facts {
  readonly returns: NetworkReturns;
  readonly unsupported: ReadonlySet<Feature>;
  /** The sign with which the target adds its draws. */
  readonly noiseSign: NoiseSign;
  /** 1, or 2 for a target that cannot run a single step. */
  readonly leastSteps: 1 | 2;
  /** Whether a clause has been judged and holds. */
  holds(id: ClauseId): boolean;
}

/** A target under observation, with what is known of it. */
export interface Observer {
  readonly facts: Facts;
  /** Prepares the target for the problem's settings and samples it once. */
  run(problem: Problem): Promise<Trajectory>;
  /** Prepares the target once and samples it twice. */
  runTwice(problem: Problem): Promise<readonly [Trajectory, Trajectory]>;
  /** Counts numbers that were compared. */
  compared(count: number): void;
}

/** Where and how a clause is broken. */
export interface Finding {
  /** What went wrong, in one sentence. */
  readonly message: string;
  readonly problem: Problem;
  readonly step: number | null;
  readonly row: number | null;
  readonly axis: number | null;
  readonly expected: number;
  readonly actual: number;
  readonly tolerance: number;
  readonly ledger: readonly LedgerLine[];
}

/** The check of one clause: the problems that bring it out, and the judgement of one of them. */
export interface ClauseCheck<Case = unknown> {
  readonly clause: ClauseId;
  /** Problems on which the clause decides what happens. */
  cases(facts: Facts): fc.Arbitrary<Case>;
  /** Edge cases that every run includes. */
  edges?(facts: Facts): readonly Case[];
  /** Cases in proportion to the others; 1 by default. */
  readonly weight?: number;
  /** Whether a target that throws, or returns what is no number, breaks the clause. */
  readonly faults?: "violate" | "stop";
  judge(observer: Observer, problem: Case): Promise<Finding | null>;
}

/** Keeps the type of a check's cases between its parts. */
export function check<Case>(definition: ClauseCheck<Case>): ClauseCheck<Case> {
  return definition;
}

/** Refuses results that are no numbers on problems whose every value is finite. */
export function requireFinite(problem: Problem, trajectory: Trajectory): void {
  const refuse = (rows: Rows, what: string) =>
    rows.forEach((row, r) =>
      row.forEach((value, axis) => {
        if (!Number.isFinite(value)) {
          throw new TargetFault(
            "not-finite",
            `${value} as ${what} of row ${r}, axis ${axis}, on the energy ${problem.energy}`,
            "finite numbers",
          );
        }
      })
    );
  for (const evaluation of trajectory.evaluations) refuse(evaluation.points, "the asked action");
  refuse(trajectory.final, "the final action");
}

/** The path of a trajectory; unknown paths are the business of `steps/count`. */
export function pathPoints(problem: Problem, trajectory: Trajectory): readonly Rows[] | null {
  const path: Path = pathOf(problem, trajectory);
  return path.kind === "known" ? path.points : null;
}

/** Which coordinates of which steps a comparison looks at. */
export type Scope = (
  at: {
    readonly step: number;
    readonly row: number;
    readonly axis: number;
    readonly prediction: Prediction;
  },
) => boolean;

/** How predictions are compared with what happened. */
export type Comparison =
  /** The coordinate must be where the rule puts it. */
  | "exact"
  /** The coordinate must not move farther than the rule's limit. */
  | "at most the limit";

/** Compares every step with the rule, teacher-forced; the first step that differs is the finding. */
export function compareSteps(
  clause: ClauseId,
  observer: Observer,
  problem: Problem,
  trajectory: Trajectory,
  scope: Scope = () => true,
  comparison: Comparison = "exact",
): Finding | null {
  const points = pathPoints(problem, trajectory);
  if (points === null) return null;
  const { noiseSign } = observer.facts;
  for (let step = 0; step < problem.settings.steps; step++) {
    const from = points[step]!, to = points[step + 1]!;
    const predictions = predictStep(problem, step, from, { noiseSign });
    for (let row = 0; row < from.length; row++) {
      for (let axis = 0; axis < problem.axes; axis++) {
        const prediction = predictions[row]![axis]!;
        if (!scope({ step, row, axis, prediction })) continue;
        observer.compared(1);
        const action = from[row]![axis]!, actual = to[row]![axis]!;
        const { terms, tolerance } = prediction;
        if (comparison === "exact") {
          if (agrees(actual, terms.result, tolerance)) continue;
          const message = `Step ${step} puts row ${row}, axis ${axis} at ${
            show(actual)
          } instead of ${show(terms.result)}`;
          return finding(clause, problem, prediction, {
            step,
            row,
            axis,
            action,
            actual,
            message,
          });
        }
        const { min, max } = problem.settings.bounds;
        if (action < min[axis]! || action > max[axis]!) continue;
        if (Math.abs(actual - action) <= terms.limit + tolerance) continue;
        return finding(clause, problem, prediction, {
          step,
          row,
          axis,
          action,
          actual,
          message: `Step ${step} moves row ${row}, axis ${axis} by ${
            show(Math.abs(actual - action))
          }; the limit is ${show(terms.limit)}`,
        });
      }
    }
  }
  return null;
}

/** A finding about one coordinate's step, with its ledger. */
export function finding(
  clause: ClauseId,
  problem: Problem,
  prediction: Prediction,
  at: {
    readonly step: number;
    readonly row: number;
    readonly axis: number;
    readonly action: number;
    readonly actual: number;
    readonly message: string;
  },
): Finding {
  return {
    message: at.message,
    problem,
    step: at.step,
    row: at.row,
    axis: at.axis,
    expected: prediction.terms.result,
    actual: at.actual,
    tolerance: prediction.tolerance,
    ledger: ledgerOf({
      problem,
      prediction,
      axis: at.axis,
      action: at.action,
      actual: at.actual,
      term: clauseOf(clause)?.term ?? "result",
    }),
  };
}

/** A finding about something that is no coordinate of a step. */
export function plainFinding(
  problem: Problem,
  message: string,
  numbers: {
    readonly expected: number;
    readonly actual: number;
    readonly tolerance?: number;
    readonly step?: number;
    readonly row?: number;
    readonly axis?: number;
  },
): Finding {
  return {
    message,
    problem,
    step: numbers.step ?? null,
    row: numbers.row ?? null,
    axis: numbers.axis ?? null,
    expected: numbers.expected,
    actual: numbers.actual,
    tolerance: numbers.tolerance ?? 0,
    ledger: [],
  };
}

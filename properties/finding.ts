/**
 * What a judgement finds: where and how a clause is broken.
 *
 * @module
 */

import type { Prediction } from "../spec/oracle.ts";
import type { Problem } from "../spec/problem.ts";
import type { TermName } from "../spec/rule.ts";
import { type LedgerLine, ledgerOf } from "./ledger.ts";
import type { Facts } from "./observer.ts";

/** Where and how a clause is broken. */
export interface Finding {
  /** What went wrong, in one sentence. */
  readonly message: string;
  /** The problem on which it did. */
  readonly problem: Problem;
  /** Step, from 0; `null` if the finding is about no step. */
  readonly step: number | null;
  /** Row, from 0. */
  readonly row: number | null;
  /** Axis, from 0. */
  readonly axis: number | null;
  /** What there should be. */
  readonly expected: number;
  /** What there is. */
  readonly actual: number;
  /** The largest distance of the two that is fine. */
  readonly tolerance: number;
  /** Every term of the step; empty if the finding is about no step. */
  readonly ledger: readonly LedgerLine[];
  /** Set where the step itself speaks for it, so that 64 digits can still tell whether it does. */
  readonly confirmable?: true;
  /** The number type in which the network was asked, if that is what's wrong: `float16`, for example. */
  readonly askedIn?: string;
  /** The clause that is broken, if it is another one than that of the problem. */
  readonly instead?:
    | "steps/precision"
    | "step/exact"
    | "schedule/polynomial"
    | "state/second-call"
    | "start/caller-unchanged"
    | `chain/${"actions" | "outputs" | "outputs-exp" | "grad-norms"}`;
}

/** What came of one problem. */
export type Outcome =
  /** The clause is broken. */
  | Finding
  /** There was nothing to compare, for example because the path is unknown. */
  | "nothing"
  /** What was compared is as it should be. */
  | null;

/** One coordinate's step. */
export interface StepSeen {
  readonly step: number;
  readonly row: number;
  readonly axis: number;
  /** Before the step. */
  readonly action: number;
  /** After it. */
  readonly actual: number;
  /** What is wrong with it, in one sentence. */
  readonly message: string;
  /** Set if the row meets a wall, and the bounds alone are under suspicion. */
  readonly atWalls?: boolean;
}

/** A finding about one coordinate's step, with its ledger. */
export function stepFinding(
  suspect: TermName,
  problem: Problem,
  prediction: Prediction,
  { step, row, axis, action, actual, message, atWalls = false }: StepSeen,
): Finding {
  return {
    message,
    problem,
    step,
    row,
    axis,
    expected: prediction.terms.result,
    actual,
    tolerance: prediction.tolerance,
    ledger: ledgerOf({ problem, prediction, axis, action, actual, term: suspect, atWalls }),
  };
}

/**
 * A finding with the clause that it breaks, where no clause before has looked at that: a target that
 * is compiled for every setting is judged by whole steps alone.
 */
export function inStead(
  { compiles }: Pick<Facts, "compiles">,
  instead: NonNullable<Finding["instead"]>,
  finding: Finding,
): Finding {
  return compiles === "settings" ? { ...finding, instead } : finding;
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
  const { expected, actual, tolerance = 0, step = null, row = null, axis = null } = numbers;
  return { message, problem, step, row, axis, expected, actual, tolerance, ledger: [] };
}

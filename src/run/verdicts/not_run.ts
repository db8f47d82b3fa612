/**
 * The report of a run that did not take place, or that ended early.
 *
 * @module
 */

import type { TraceError } from "../../../golden/trace.ts";
import { faultWords, TargetFault } from "../../../spec/sampler.ts";
import { type FaultReport, type Profile, type Report, reportFormat } from "../../report/report.ts";
import { groupedBy } from "../../grouped_by.ts";
import { version } from "../../version.ts";

/** Why a target could not be judged. */
export type Fault = FaultReport;

/** A fault of a target for a report. */
export function faultOf(fault: TargetFault, during?: string): Fault {
  const { kind, found, wanted, place, trace, stderr } = fault;
  const where = place !== undefined && during !== undefined
    ? `${during}, at ${place}`
    : place ?? during;
  return {
    kind,
    found,
    wanted,
    ...(where === undefined ? {} : { where }),
    ...(trace === undefined ? {} : { trace }),
    ...(stderr === undefined ? {} : { stderr }),
  };
}

/** An error of the suite itself: no verdict on the target, and something to report. */
export function suiteFault(error: unknown): Fault {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const where = /file:\S+?:\d+:\d+/.exec(stack ?? "")?.[0];
  return {
    kind: "suite",
    found: `an error of ulaspec's own: ${message}`,
    wanted: "a suite without errors; please report this one",
    ...(where === undefined ? {} : { where }),
  };
}

/** A trace of a person's own that cannot be read. */
export function traceFault({ file, place, found, wanted }: TraceError): Fault {
  return { kind: "golden", found, wanted, where: place === "" ? file : `${place} of ${file}` };
}

/** The report of a target that could not be judged. */
export function notRun(
  target: string,
  fault: Fault,
  run: { readonly seed: number; readonly profile: Profile; readonly elapsedMs: number },
): Report {
  return {
    format: reportFormat,
    tool: `ulaspec ${version}`,
    verdict: "not run",
    target: { name: target, unsupported: [] },
    seed: run.seed,
    profile: run.profile,
    clauses: [],
    remarks: [],
    golden: {
      replayed: 0,
      agreed: 0,
      worst: null,
      disagreed: [],
      reason: "the target could not be judged",
    },
    energy: null,
    fault,
    elapsedMs: run.elapsedMs,
  };
}

/** A failure of the target that lost one clause, or the measured rule, and no more. */
export function failureWords({ where, ...fault }: Fault): string {
  return `The target failed during ${where}, and the run went on without it: ${faultWords(fault)}.`;
}

/** Failures of the target that lost a clause each; equal ones are told once. */
export function failuresWords(failures: readonly Fault[]): string[] {
  return [...groupedBy(failures, faultWords)].map(([words, [first, ...others]]) =>
    others.length === 0
      ? failureWords(first!)
      : `The target failed during ${others.length + 1} clauses, first during ${first!.where}, ` +
        `and the run went on without them: ${words}.`
  );
}

/** The report of a run that had found a violation before the target failed: it stays found. */
export function endedEarly(report: Report, fault: Fault): Report {
  const { kind, where } = fault;
  const during = where === undefined ? "" : ` during ${where}`;
  const who = kind === "suite" ? "suite" : "target";
  const remark = `The run ended early because the ${who} failed${during}: ${faultWords(fault)}.`;
  return { ...report, remarks: [...report.remarks, remark], fault };
}

/** What comes of work, or the failure of the target that ends it. */
export async function unlessItFails<T>(work: () => Promise<T>): Promise<T | TargetFault> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TargetFault) return error;
    throw error;
  }
}

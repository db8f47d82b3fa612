/**
 * Reports of targets that failed while their rule was measured.
 *
 * @module
 */

import { faultWords, type TargetFault } from "../../../spec/sampler.ts";
import type { Report } from "../../report/report.ts";
import { failureWords, faultOf } from "./not_run.ts";
import { shortChain } from "../calibration/slow_chains.ts";

const measurement = "the measurement of its rule";

/** A report without the measured rule, because the target failed while it was measured. */
export function unmeasured(report: Report, error: TargetFault): Report {
  const fault = faultOf(error, measurement), words = failureWords(fault);
  const reason = `its rule could not be measured, because the target failed: ${faultWords(fault)}`;
  return withFault({ ...report, remarks: [words, ...report.remarks] }, fault, reason);
}

/** A report with a rule that was measured on short chains, because a long one was too slow. */
export function onShortChains(report: Report, error: TargetFault): Report {
  const fault = faultOf(error, measurement);
  const reason = `its rule could be measured on chains of up to ${shortChain} steps alone: ` +
    faultWords(fault);
  const remark = `The rule was measured on chains of up to ${shortChain} steps alone, because a ` +
    `longer one was too slow: ${faultWords(fault)}.`;
  return withFault({ ...report, remarks: [remark, ...report.remarks] }, fault, reason);
}

function withFault(report: Report, fault: ReturnType<typeof faultOf>, reason: string): Report {
  const told = { ...report, fault };
  if (report.verdict !== "conforms") return told;
  return { ...told, verdict: "incomplete", incomplete: { clauses: [], terms: [], reason } };
}

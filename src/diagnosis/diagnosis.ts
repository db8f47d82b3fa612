/**
 * The diagnosis of a target, as the report carries it.
 *
 * @module
 */

import { toNumberText } from "../../spec/numerics/number_text.ts";
import { stepSizes } from "../../spec/rule.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import type { DiagnosisReport, MeasuredRuleReport } from "../report/report.ts";
import { diagnose, type Diagnosis, measure, viewOf } from "./diagnose.ts";
import type { MeasuredRule } from "./measured_rule.ts";
import type { FailedTest } from "./own_noise.ts";
import { driftRuler } from "./probes.ts";

/**
 * Diagnoses a target: what is wrong, if a clause is violated, and always the measured rule.
 *
 * @param failedTests tests of its own noise that failed
 * @returns nothing if the target's process fails on the way
 */
export async function diagnosisOf(
  target: Target,
  verdict: "conforms" | "violates",
  failedTests: readonly FailedTest[] = [],
): Promise<DiagnosisReport | undefined> {
  try {
    if (verdict === "violates") {
      const diagnosis = await diagnose(target, failedTests);
      const nothing = diagnosis.defects.length === 0 && diagnosis.unexplained === undefined;
      return reportOf(nothing ? { ...diagnosis, unexplained: silent } : diagnosis);
    }
    const measured = await measure(target);
    return measured && reportOf({ view: viewOf(target), defects: [], measured });
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return undefined;
  }
}

/** A clause is violated where the probes do not look. */
const silent = "On every probe of the diagnosis the sampler follows the rule";

function reportOf({ view, defects, unexplained, measured }: Diagnosis): DiagnosisReport {
  const dialect = measured?.dialect;
  return {
    view,
    defects: [...defects],
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(measured ? { measuredRule: measuredRuleOf(measured) } : {}),
    ...(dialect ? { dialect: { ...dialect, temperature: toNumberText(dialect.temperature) } } : {}),
  };
}

function measuredRuleOf({ text, schedule, terms, figures }: MeasuredRule): MeasuredRuleReport {
  const asked = driftRuler.settings;
  return {
    text,
    schedule,
    terms: [...terms],
    // Where the drift is no multiple of the step size, it does not show it.
    ...(figures.drift === undefined ? {} : {
      stepSizes: {
        wanted: stepSizes(asked.schedule, asked.steps).map(toNumberText),
        measured: figures.shownStepSizes.map(toNumberText),
      },
    }),
  };
}

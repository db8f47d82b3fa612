/**
 * A diagnosis as the report carries it.
 *
 * @module
 */

import { driftRuler } from "../diagnosis/probes.ts";
import { toNumberText } from "../../spec/numerics/number_text.ts";
import { stepSizes } from "../../spec/schedule.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { diagnose, type Diagnosis, measure, viewOf } from "../diagnosis/diagnose.ts";
import type { FailedTest } from "../diagnosis/own_noise.ts";
import type { DiagnosisReport } from "./report.ts";

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

const { schedule, steps } = driftRuler.settings;

/** A clause is violated where the probes do not look. */
const silent = "On every probe of the diagnosis the sampler follows the rule";

function reportOf({ view, defects, unexplained, measured }: Diagnosis): DiagnosisReport {
  const dialect = measured?.dialect;
  return {
    view,
    defects: defects.map(({ alternatives, ...defect }) => ({
      ...defect,
      ...(alternatives ? { alternatives: alternatives.map((other) => ({ ...other })) } : {}),
    })),
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(measured
      ? {
        measuredRule: {
          text: measured.text,
          schedule: measured.schedule,
          terms: measured.terms.map((term) => ({ ...term })),
          // Where the drift is no multiple of the step size, it does not show it.
          ...(measured.figures.drift === undefined ? {} : {
            stepSizes: {
              wanted: stepSizes(schedule, steps).map(toNumberText),
              measured: measured.figures.shownStepSizes.map(toNumberText),
            },
          }),
        },
      }
      : {}),
    ...(dialect ? { dialect: { ...dialect, temperature: toNumberText(dialect.temperature) } } : {}),
  };
}

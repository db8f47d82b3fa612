/**
 * The diagnosis of a target, as the report carries it.
 *
 * @module
 */

import { toNumberText } from "../../spec/numerics/number_text.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import type { DiagnosisReport, MeasuredRuleReport } from "../report/report.ts";
import { diagnose, type Diagnosis, type Findings, measure, viewOf } from "./diagnose.ts";
import type { MeasuredRule } from "./measured_rule.ts";

/**
 * Diagnoses a target: what is wrong, if a clause is violated, and always the measured rule.
 *
 * @param findings what the run has found out
 * @returns nothing if the target's process fails on the way
 */
export async function diagnosisOf(
  target: Target,
  verdict: "conforms" | "violates",
  findings: Findings = {},
): Promise<DiagnosisReport | undefined> {
  try {
    if (verdict === "violates") {
      const diagnosis = await diagnose(target, findings);
      const nothing = diagnosis.defects.length === 0 && diagnosis.unexplained === undefined;
      return reportOf(nothing ? { ...diagnosis, ...silent(findings) } : diagnosis);
    }
    const measured = await measure(target);
    return measured && reportOf({ view: viewOf(target), defects: [], influences: [], measured });
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return undefined;
  }
}

/** A clause is violated where the experiments do not look. */
function silent(
  { violated = [] }: Findings,
): Pick<Diagnosis, "unexplained" | "unexplainedClauses"> {
  const clauses = violated.map(({ id }) => id);
  const which = clauses.length === 0 ? "a clause" : clauses.join(", ");
  return {
    unexplained: "In every experiment of the diagnosis the sampler follows the rule; " +
      `it breaks ${which} where none of them looked`,
    ...(clauses.length === 0 ? {} : { unexplainedClauses: clauses }),
  };
}

function reportOf(
  { view, defects, influences, unexplained, unexplainedClauses, measured }: Diagnosis,
): DiagnosisReport {
  const dialect = measured?.dialect;
  return {
    view,
    defects: [...defects],
    ...(influences.length === 0 ? {} : { influences: influences.map((one) => ({ ...one })) }),
    ...(unexplained === undefined ? {} : { unexplained }),
    ...(unexplainedClauses === undefined ? {} : { unexplainedClauses: [...unexplainedClauses] }),
    ...(measured ? { measuredRule: measuredRuleOf(measured) } : {}),
    ...(dialect ? { dialect: { ...dialect, temperature: toNumberText(dialect.temperature) } } : {}),
  };
}

function measuredRuleOf({ text, schedule, terms, sizes }: MeasuredRule): MeasuredRuleReport {
  return {
    text,
    schedule,
    terms: [...terms],
    ...(sizes === undefined ? {} : {
      stepSizes: {
        wanted: sizes.wanted.map(toNumberText),
        measured: sizes.measured.map(toNumberText),
      },
    }),
  };
}

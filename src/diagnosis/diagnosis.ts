/**
 * The diagnosis of a target, as the report carries it.
 *
 * @module
 */

import { toNumberText } from "../../spec/numerics/number_text.ts";
import type { NoiseSign } from "../../spec/oracle.ts";
import { officialRule } from "../../spec/rule.ts";
import { ruleFor } from "../../spec/rule_parts.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import type { DiagnosisReport, MeasuredRuleReport } from "../report/report.ts";
import { diagnose, type Diagnosis, type Findings, measure, viewOf } from "./diagnose.ts";
import type { MeasuredRule } from "./figures/measured_rule.ts";
import { diagnoseUnder, measureUnder } from "./rule_diagnosis.ts";

/**
 * Diagnoses a target: what is wrong, if a clause is violated, and always the measured rule.
 *
 * @param findings what the run has found out
 * @param noiseSign the sign with which the target adds its draws, where it is judged by a rule of the
 *   family
 * @returns nothing if the target refuses what it takes to measure it
 * @throws {TargetFault} if the target's process fails
 */
export async function diagnosisOf(
  target: Target,
  verdict: "conforms" | "violates",
  findings: Findings = {},
  noiseSign: NoiseSign = 1,
): Promise<DiagnosisReport | undefined> {
  try {
    if (ruleFor(target) !== officialRule) {
      return reportOf(await underItsRule(target, verdict, findings, noiseSign));
    }
    if (verdict === "violates") {
      const diagnosis = await diagnose(target, findings);
      const nothing = diagnosis.defects.length === 0 && diagnosis.unexplained === undefined;
      return reportOf(nothing ? { ...diagnosis, ...silent(findings) } : diagnosis);
    }
    const measured = await measure(target);
    return measured && reportOf({ view: viewOf(target), defects: [], influences: [], measured });
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return undefined;
  }
}

/** The same for a target that is judged by another rule than the official one. */
async function underItsRule(
  target: Target,
  verdict: "conforms" | "violates",
  findings: Findings,
  noiseSign: NoiseSign,
): Promise<Diagnosis> {
  const view = viewOf(target), ownDraws = target.unsupported.has("noise-tape");
  const known = { view, ownDraws, noiseSign };
  if (verdict === "violates") {
    const diagnosis = await diagnoseUnder(target, known, findings);
    const nothing = diagnosis.defects.length === 0 && diagnosis.unexplained === undefined &&
      diagnosis.measured?.terms.every(({ deviates }) => !deviates);
    return nothing ? { ...diagnosis, ...silent(findings) } : diagnosis;
  }
  return { view, defects: [], influences: [], measured: await measureUnder(target, known) };
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

/**
 * Names that the rest of a run speaks against: what is certain from the experiments of the diagnosis
 * alone may be true in these only.
 *
 * @module
 */

import { neededFeatures, replayTarget } from "../../../golden/replay.ts";
import { observe } from "../../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../../spec/rule.ts";
import type { Target } from "../../../spec/sampler.ts";
import { defectOf, ruleUnder } from "../../defects/defects.ts";
import type { DiagnosisReport, NamedDefectReport, Report } from "../../report/report.ts";
import { tracesFor, tracesOfTheRule, tracesSuitedTo } from "../traces/official_traces.ts";

/**
 * A diagnosis in which no name is certain whose clause holds, or whose change would show in an official
 * trace that the target reproduces.
 */
export async function withoutRefuted(
  diagnosis: DiagnosisReport,
  { clauses, golden }: Pick<Report, "clauses" | "golden">,
  target: Target,
): Promise<DiagnosisReport> {
  const verdicts = new Map(clauses.map((clause) => [clause.id, clause]));
  const traces = golden.agreed === 0 ? [] : tracesFor(
    tracesSuitedTo(target, await tracesOfTheRule()),
    verdicts,
  ).traces.filter(({ id, problem }) =>
    !golden.disagreed.includes(id) &&
    neededFeatures(problem).every((feature) => !target.unsupported.has(feature))
  );
  const isRefuted = async ({ id, change }: NamedDefectReport) => {
    const clause = id === null ? undefined : defectOf(id)?.clause;
    if (clause !== undefined && verdicts.get(clause)?.verdict === "holds") return true;
    if (change === undefined) return false;
    const changed = observe(ruleSampler(ruleUnder(officialRule, change)));
    for (const trace of traces) {
      if ((await replayTarget(trace, changed)).verdict === "disagrees") return true;
    }
    return false;
  };
  const defects: NamedDefectReport[] = [];
  for (const defect of diagnosis.defects) {
    const refuted = defect.certain && await isRefuted(defect);
    defects.push(refuted ? { ...defect, certain: false } : defect);
  }
  return { ...diagnosis, defects };
}

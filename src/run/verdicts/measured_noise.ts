/**
 * Noise that was measured to be another than the rule's, while every clause holds: it is tested where
 * it was measured, and breaks a clause there or stays a doubt.
 *
 * @module
 */

import { clauseOf } from "../../../properties/clauses.ts";
import { drawsPerClause, judgeNoise, type NoiseClause } from "../../../properties/noise_law.ts";
import { ownNoiseProblems } from "../../diagnosis/own_noise/own_noise_runs.ts";
import type { Target } from "../../../spec/sampler.ts";
import type { ClauseReport, DiagnosisReport, Report } from "../../report/report.ts";
import type { Knowledge } from "./run_report.ts";
import type { Run } from "../surroundings.ts";
import { watchNoise } from "../calibration/target_observer.ts";
import { reportsOf, verdictOf } from "./verdicts.ts";

/** The clauses on the size of the noise: a rule without a noise scale has the second alone. */
const sizeClauses: readonly string[] = ["noise/scale", "noise/every-step"];

/** Part of a run's budget for false alarms, beside what its clauses spend. */
const share = 1e-3;

/**
 * A report in which the size of the noise is violated, if exact tests say so on one of the problems
 * that it was measured on; `null` if not, or if there is no cause to ask.
 */
export async function withMeasuredNoise(
  { plan }: Pick<Run, "plan">,
  { calibration: { target } }: Pick<Knowledge, "calibration">,
  report: Report,
  measured: DiagnosisReport | undefined,
): Promise<Report | null> {
  const held = report.clauses.find(({ id }) => sizeClauses.includes(id));
  const deviates = measured?.measuredRule?.terms.some((term) =>
    term.name === "noise" && term.deviates
  );
  if (!deviates || held?.verdict !== "holds" || held.statistics === undefined) return null;
  const found = await sizeWhereMeasured(target, held.id, plan);
  if (found === null) return null;
  const clauses = report.clauses.map((one) => one === held ? found : one);
  return { ...report, clauses, ...verdictOf(clauses) };
}

/** The clause on the size of the noise, if it is violated on a problem of the diagnosis. */
export async function sizeWhereMeasured(
  target: Target,
  id: string,
  { seed, profile, falseAlarm }: Pick<Run["plan"], "seed" | "profile" | "falseAlarm">,
): Promise<ClauseReport | null> {
  const clause = clauseOf(id)!, { effect } = clause.noise!;
  for (const problem of ownNoiseProblems) {
    const { observer, compared } = watchNoise(target);
    const noise: NoiseClause["noise"] = { tests: ["variance"], problem, effect };
    const verdict = await judgeNoise({ id: "measured noise", noise }, observer, {
      level: share * falseAlarm,
      draws: drawsPerClause[profile],
      seed,
    });
    if (verdict.finding === null) continue;
    const seen = {
      kind: "noise",
      verdict,
      calls: 1,
      comparisons: compared(),
      remarks: [],
    } as const;
    return reportsOf(clause, seen, {})[0] ?? null;
  }
  return null;
}

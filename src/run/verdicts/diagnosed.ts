/**
 * What is wrong with a target that was judged, and the rule that it really follows, in its report.
 *
 * @module
 */

import { secondCall } from "../../../properties/state.ts";
import { officialRule } from "../../../spec/rule.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { defectsThatBreak } from "../../defects/defects.ts";
import { viewOf } from "../../diagnosis/diagnose.ts";
import { diagnosisOf } from "../../diagnosis/diagnosis.ts";
import { ledgerBeside } from "../../diagnosis/summary/ledger_beside.ts";
import type { ClauseReport, DiagnosisReport, Report } from "../../report/report.ts";
import { differingAfresh, earlierDiagnosis, withEarlier } from "../search/afresh.ts";
import type { Calibration } from "../calibration/calibrate.ts";
import { inFewShapes } from "../calibration/few_shapes.ts";
import { identified, stationaryWords } from "../identify.ts";
import { unlessItFails } from "./not_run.ts";
import type { JudgeOptions, Progress } from "../options.ts";
import { withMeasuredNoise } from "./measured_noise.ts";
import { withoutRefuted } from "./refuted.ts";
import { diagnosisWithDraws, inWordsOfOneInterval, type Knowledge } from "./run_report.ts";
import { onceMoreIfSlow } from "../calibration/slow_chains.ts";
import type { Run } from "../surroundings.ts";
import { onShortChains, unmeasured } from "./unmeasured.ts";
import { verdictOf, violatedIn } from "./verdicts.ts";

/**
 * A report with what is measured and named of a target, and what that says about its clauses.
 *
 * @param judge judges a target by another rule of the family
 */
export async function diagnosed(
  run: Run,
  known: Knowledge,
  report: Report,
  judge: (of: Target, options: JudgeOptions) => Promise<Report>,
): Promise<Report> {
  const { options, plan, started } = run, { calibration } = known;
  if (report.verdict === "not run") return report;
  const asked = plan.path === undefined && options.diagnosis !== "none";
  if (asked) options.onProgress?.(measuring(report));
  const { outcome: measured, slow } = asked
    ? await onceMoreIfSlow(
      run.target,
      () => unlessItFails(() => diagnosisFor(run, calibration, report)),
    )
    : { outcome: undefined };
  if (measured instanceof TargetFault) return unmeasured(report, measured);
  const deviating = report.verdict === "conforms" && plan.clauses === undefined
    ? await unlessItFails(() => withMeasuredNoise(run, known, report, measured))
    : null;
  if (deviating && !(deviating instanceof TargetFault)) {
    return await diagnosed(run, known, deviating, judge);
  }
  const earlier = asked && !isTold(measured) ? await earlierOf(run, known, report) : null;
  const open = measured && earlier ? earlierDiagnosis(measured) : measured;
  const isPlain = calibration.rule === officialRule && options.golden === undefined;
  const diagnosis = open && isPlain ? await withoutRefuted(open, report, calibration.target) : open;
  const clauses = earlier ? withEarlier(report.clauses, earlier) : report.clauses;
  const dear = run.target.compiles !== undefined && isTold(diagnosis);
  const other = asked && report.verdict === "violates" && plan.clauses === undefined && !dear
    ? await otherRule(run, calibration, judge, isTold(diagnosis))
    : [];
  const found = {
    ...report,
    clauses: clauses.map((clause) => explained(clause, diagnosis, calibration)),
    // Who chooses clauses asks of nothing else.
    ...verdictOf(clauses, plan.clauses === undefined ? diagnosis : undefined),
    ...(diagnosis ? { diagnosis: diagnosisWithDraws(diagnosis, calibration) } : {}),
    remarks: [...report.remarks, ...other],
    elapsedMs: Math.round(performance.now() - started),
  };
  const told = slow ? onShortChains(found, slow) : found;
  return run.target.bounds === "scalar" ? inWordsOfOneInterval(told) : told;
}

/** A violation that is seen after other preparations alone, unless a memory is told already. */
async function earlierOf({ declared, surroundings }: Run, { shown }: Knowledge, report: Report) {
  const { anew } = surroundings;
  const isMemory = report.clauses.some(({ id, verdict }) =>
    id === secondCall.id && verdict === "violated"
  );
  if (anew === undefined || isMemory || report.verdict !== "violates") return null;
  // The shapes that it was compiled for are asked again.
  const found = await unlessItFails(() =>
    differingAfresh(inFewShapes(declared), shown, async () => {
      const opened = await anew();
      return { ...opened, target: inFewShapes(opened.target) };
    })
  );
  return found instanceof TargetFault ? null : found;
}

/** Whether names that are certain explain everything. */
function isTold(diagnosis: DiagnosisReport | undefined): boolean {
  return diagnosis !== undefined && diagnosis.unexplained === undefined &&
    diagnosis.defects.length > 0 && diagnosis.defects.every(({ certain }) => certain);
}

/**
 * Which other rule of the family a sampler follows that breaks the one it is judged by, if any.
 *
 * @param told whether what is wrong has a name: then the same rule without its schedule is no advice
 */
async function otherRule(
  { declared }: Run,
  { target, rule }: Calibration,
  judge: (of: Target, options: JudgeOptions) => Promise<Report>,
  told: boolean,
): Promise<readonly string[]> {
  const official = rule === officialRule;
  const found = await unlessItFails(() =>
    identified(
      official ? target : declared,
      (of, rule) => judge(of, { rule, profile: "quick", diagnosis: "none" }),
      { without: rule },
    )
  );
  if (found === null || found instanceof TargetFault || found.rule === null) return [];
  const kin = (name?: string) => name?.split("+")[0];
  if (told && kin(found.rule) === kin(rule.about?.name)) return [];
  const settles = found.stationary === null ? [] : [stationaryWords(found.stationary)];
  return [[found.text, ...settles, `Judge it by that rule: --rule ${found.rule}`].join(" ")];
}

/** A violated clause with the page that explains it, and the named defect that breaks it. */
function explained(
  clause: ClauseReport,
  diagnosis: DiagnosisReport | undefined,
  { rule, target }: Calibration,
): ClauseReport {
  if (clause.verdict !== "violated") return clause;
  const { counterexample: found } = clause;
  const breaking = defectsThatBreak(clause.id);
  const named = diagnosis?.defects.find(({ id }) => breaking.some((defect) => defect.id === id));
  return {
    ...clause,
    ...(named?.id ? { defect: named.id } : {}),
    ...(found && diagnosis
      ? {
        counterexample: {
          ...found,
          ledger: ledgerBeside(found, diagnosis, rule, target.networkReturns),
        },
      }
      : {}),
    docs: `docs/rule.md#${clause.id.replaceAll("/", "-")}`,
  };
}

/** The progress of a run whose clauses are all judged. */
function measuring({ clauses }: Report): Progress {
  const { length } = clauses;
  return { clause: null, done: length, total: length, violated: violatedIn(clauses) };
}

async function diagnosisFor(
  { surroundings: { meanwhile } }: Run,
  { target, noiseSign, rule, randomAtZero }: Calibration,
  { verdict, clauses }: Report,
): Promise<DiagnosisReport | undefined> {
  if (verdict === "violates" && randomAtZero?.clause === "state/second-call") {
    return randomDiagnosis(await diagnosisOf(target, verdict, {}, noiseSign), target);
  }
  if (verdict === "violates") {
    const violated = clauses.filter((clause) => clause.verdict === "violated");
    const coarse = violated.map(({ counterexample }) => counterexample?.askedIn)
      .find((type) => type !== undefined);
    if (coarse !== undefined) return coarseDiagnosis(target, coarse);
    const findings = { failedTests: failedTests(clauses), violated };
    return await diagnosisOf(target, verdict, findings, noiseSign);
  }
  // Meanwhile the official rule is measured.
  const known = meanwhile && rule === officialRule
    ? (await meanwhile.traces()).diagnosis
    : undefined;
  return known ?? await diagnosisOf(target, "conforms", {}, noiseSign);
}

/** What is random besides the noise comes first: it blurs every figure. */
function randomDiagnosis(measured: DiagnosisReport | undefined, target: Target): DiagnosisReport {
  const { unexplained: _, unexplainedClauses: __, ...rest } = measured ??
    { view: viewOf(target), defects: [] };
  const random = {
    id: null,
    title: "Something besides the noise is random, and acts with the gradient",
    fix: "Turn dropout off (network.eval() in PyTorch), and let nothing but the noise draw.",
    certain: true,
  };
  return { ...rest, defects: [random, ...rest.defects] };
}

/** Every figure is rounded: no other name and no measured rule would be true. */
function coarseDiagnosis(target: Target, type: string): DiagnosisReport {
  return {
    view: viewOf(target),
    defects: [{
      id: null,
      title: `The network is asked in ${type}`,
      fix:
        "Ask it in float32, if only for this check: then nothing else is taken for rounding. Or accept steps/precision.",
      certain: true,
    }],
  };
}

function failedTests(clauses: readonly ClauseReport[]) {
  return clauses.flatMap(({ id, verdict, statistics }) =>
    verdict === "violated" && statistics ? [{ clause: id, test: statistics.test }] : []
  );
}

/**
 * One run of the suite on one target: calibration, clauses, official traces, energy, verdict.
 *
 * A run is a row of moments. At each it knows a little more, in a record that never changes; where
 * the target fails, the last one is what stays.
 *
 * @module
 */

import { clauseOf, clausesOf } from "../../properties/clauses.ts";
import type { Finding } from "../../properties/finding.ts";
import { secondCall } from "../../properties/state.ts";
import { count } from "../../properties/steps.ts";
import { exact } from "../../properties/whole_step.ts";
import { officialRule, type Rule } from "../../spec/rule.ts";
import { RuleError } from "../../spec/rules/document.ts";
import { isOfProcess, noiseOrigin, type Target, TargetFault } from "../../spec/sampler.ts";
import { remembering } from "../diagnosis/terms/first_preparations.ts";
import { wholeStep } from "../report/open_clauses.ts";
import type { ClauseReport, Report } from "../report/report.ts";
import { withAccepted, withDependents } from "./verdicts/accepted.ts";
import { allowing } from "./verdicts/allowances.ts";
import { calibrate, type Calibration } from "./calibration/calibrate.ts";
import { diagnosed } from "./verdicts/diagnosed.ts";
import { suitedToProfile } from "./calibration/few_shapes.ts";
import { withinDeclaredLimits } from "./calibration/declared_limits.ts";
import { differingProbes, judgeByEnds, judgeByProbes } from "./search/final_actions.ts";
import { meanEnergy } from "./search/mean_energy.ts";
import { endedEarly, type Fault, faultOf, notRun, unlessItFails } from "./verdicts/not_run.ts";
import { type JudgeOptions, planOf, refused } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import { goldenOf, notReplayed } from "./traces/official_traces.ts";
import { aboutCoordinates } from "./calibration/own_coordinates.ts";
import { ruleGiven, underRule } from "./rule_given.ts";
import { onceMoreIfSlow, sparingSlowChains } from "./calibration/slow_chains.ts";
import type { Run, Surroundings } from "./surroundings.ts";
import {
  type Knowledge,
  nothingKnown,
  notRunReport,
  reportOf,
  reportSoFar,
} from "./verdicts/run_report.ts";
import {
  type Clause,
  clauseReport,
  failedReport,
  isNoisyAlways,
  leftReport,
  oneStep,
  type Outcome,
  reportsOf,
  violatedIn,
  whyLeft,
  withFoundations,
} from "./verdicts/verdicts.ts";

/**
 * Judges a target.
 *
 * @returns a report; a target that cannot be observed gives the verdict `not run`, never an error
 * @throws {RangeError} if an option makes no sense
 */
export async function judge(target: Target, options: JudgeOptions = {}): Promise<Report> {
  return await judgeWithin(target, options, {});
}

/** Judges a target in a thread or a process that wants to know more, or knows more. */
export async function judgeWithin(
  given: Target,
  options: JudgeOptions,
  surroundings: Surroundings,
): Promise<Report> {
  const started = performance.now(),
    plan = planOf(options),
    declared = sparingSlowChains(remembering(given));
  const rule = await ruleOf(declared, options);
  if ("found" in rule) {
    const { seed, profile } = plan, elapsedMs = Math.round(performance.now() - started);
    return notRun(declared.name, rule, { seed, profile, elapsedMs });
  }
  const { accepted } = options, { onFound } = surroundings;
  const under = withinDeclaredLimits(underRule(declared, rule));
  const judging = { declared, under, rule, options, surroundings };
  if (accepted === undefined) return await judgedBy(judging);
  const taken = (report: Report) => withAccepted(report, accepted);
  const around = {
    ...surroundings,
    ...onFound && {
      onFound: (report: Report) => {
        if (taken(report).verdict === "violates") onFound(taken(report));
      },
    },
  };
  const report = taken(await judgedBy({ ...judging, surroundings: around }));
  return await withDependents(report, accepted, rule, (changed, clauses) => {
    const { golden: _, path: __, ...rest } = options;
    return judgedBy({
      ...judging,
      rule: changed,
      under: { ...judging.under, rule: changed },
      options: { ...rest, clauses, diagnosis: "none" },
      surroundings: {},
    });
  });
}

interface Judging {
  readonly rule: Rule;
  /** The target as it declares itself, and as it is judged by the rule. */
  readonly declared: Target;
  readonly under: Target;
  readonly options: JudgeOptions;
  readonly surroundings: Surroundings;
}

/** Judges a target by a rule, whatever it declares. */
async function judgedBy(
  { rule, declared, under, options, surroundings }: Judging,
): Promise<Report> {
  const plan = planOf(options), started = performance.now();
  const target = suitedToProfile(under, plan.profile), all = clausesOf(rule);
  for (const id of plan.clauses ?? []) {
    if (clauseOf(id) === undefined) {
      throw refused(`the clause ${id}`, "ids of the catalogue of clauses");
    }
    if (!all.some((clause) => clause.id === id)) {
      throw refused(`the clause ${id}`, `a clause of the rule ${rule.about?.name}`);
    }
  }
  const wanted = new Set(plan.clauses ?? all.map(({ id }) => id));
  const run = { declared, target, plan, wanted, options, surroundings, started };
  let known = nothingKnown(target);
  try {
    for await (known of moments(run));
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return await reportOfEnded(run, known, error);
  }
  return await diagnosed(run, known, reportOf(run, known), judge);
}

/** The rule that is asked for, or that a target declares; a fault if that is none. */
async function ruleOf({ declares }: Target, { rule }: JudgeOptions): Promise<Rule | Fault> {
  if (rule !== undefined) return await ruleGiven(rule);
  try {
    return await ruleGiven(declares);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { place, found, wanted } = error;
    return { kind: "contract", found: `${found} as ${place}, which the sampler declares`, wanted };
  }
}

async function reportOfEnded(run: Run, known: Knowledge, error: TargetFault): Promise<Report> {
  const fault = faultOf(error, known.where);
  const found = reportSoFar(run, known);
  if (found.verdict === "not run") return notRunReport(run, known, fault);
  return endedEarly(error.ofProcess ? found : await diagnosed(run, known, found, judge), fault);
}

/** What the run knows, whenever it knows more. */
async function* moments(run: Run): AsyncGenerator<Knowledge> {
  const { target, wanted, plan, options: { onProgress }, surroundings } = run;
  const calibration = await (surroundings.calibrate ?? calibrate)(target);
  let known: Knowledge = {
    ...nothingKnown(target),
    calibration,
    remarks: [
      ...aboutRule(calibration),
      ...target.bounds === "scalar" ? [oneInterval] : [],
      ...aboutCoordinates(calibration.target),
      ...calibration.aboutDraws === null ? [] : [calibration.aboutDraws],
      ...calibration.noiseSign === 1 ? [] : [
        "This sampler turns the sign of its draws. Noise is symmetric, so its law is the same.",
      ],
    ],
  };
  yield known;
  if (calibration.hidden && calibration.randomAtZero === null) {
    const probed = await unlessItFails(() => afterProbes(run, known));
    known = probed instanceof TargetFault ? withFailure(known, exact, probed) : probed;
    tell(run, known);
    yield known;
  }
  // One that is compiled for every setting is judged by whole steps, and they come first.
  const byWhole = target.compiles === "settings";
  const judged = withFoundations([
    ...wanted,
    oneStep,
    ...calibration.hidden || byWhole ? [wholeStep] : [],
  ]);
  let done = 0;
  const all = clausesOf(calibration.rule),
    isFirst = ({ id }: Clause) => byWhole && id === wholeStep;
  for (const clause of [...all.filter(isFirst), ...all.filter((one) => !isFirst(one))]) {
    if (!judged.has(clause.id)) continue;
    const violated = violatedIn(known.verdicts.values());
    onProgress?.({ clause: clause.id, done: done++, total: judged.size, violated });
    yield known = { ...known, where: clause.id };
    const failures = known.failures.length;
    known = yield* clauseMoments(run, known, clause);
    known = await allowing({ target: known.calibration.target, plan }, known, clause.id);
    const last = known.failures.length > failures ? known.lastFailure : undefined;
    if (last !== undefined && isHopeless(known)) throw last;
  }
  // The last clause may have been left, which is told here alone.
  yield known;
  if (plan.path !== undefined) return;
  yield known = { ...known, where: "a chain with the official defaults" };
  yield await withEnergy(run, known);
}

/** What a user looks at: it informs, so what goes wrong with it takes nothing from the verdict. */
async function withEnergy({ plan, wanted }: Run, known: Knowledge): Promise<Knowledge> {
  try {
    const { energy, few } = await meanEnergy(known.calibration, plan.seed);
    return { ...(few && wanted.has(count.id) ? withTooFew(known, few) : known), energy };
  } catch (error) {
    const found = error instanceof TargetFault
      ? error.found
      : `an error of ulaspec's own: ${error}`;
    const isTold = known.failures.some((failure) => failure.found === found);
    const remark = "The chain with the official defaults, on which no verdict rests, didn't run" +
      (isTold ? " for the same reason." : `: ${found}.`);
    return { ...known, remarks: [...known.remarks, remark] };
  }
}

const oneInterval =
  'Judged on boxes with the same sides on all axes alone, as the target says (bounds = "scalar"): ' +
  "what goes wrong on other boxes is not seen, and how limit and bounds differ from axis to axis " +
  "was not measured, because no two axes differed.";

/** By which rule a target is judged, if it is another one than the official. */
function aboutRule({ rule: { about } }: Calibration): readonly string[] {
  return about === undefined ? [] : [`Judged by the rule ${about.name}. ${about.sentence}`];
}

/** Failures of a target's process that a run puts up with: each costs a start, or a wait. */
const mostFailures = 4;
/** Clauses that may fail before any other could be judged. */
const firstFailures = 3;

/** Whether a target fails so often that nothing more is to be learned of it. */
function isHopeless({ failures, verdicts }: Knowledge): boolean {
  const judged = [...verdicts.values()].some(({ verdict }) =>
    verdict === "holds" || verdict === "violated"
  );
  if (!judged && failures.length >= firstFailures) return true;
  return failures.filter(({ kind }) => isOfProcess(kind)).length >= mostFailures;
}

/** What the run knows once a clause is decided. A failure of the target costs this clause alone. */
async function* clauseMoments(
  run: Run,
  before: Knowledge,
  clause: Clause,
): AsyncGenerator<Knowledge, Knowledge> {
  const { calibration, verdicts } = before, { target } = calibration;
  if (verdicts.has(clause.id)) return before; // by the probes
  const left = whyLeft(
    clause,
    {
      ...calibration,
      noise: noiseOrigin(target),
      compiles: target.compiles,
      bounds: target.bounds,
    },
    verdicts,
    before.allowances,
  );
  if (left !== null) return withLeft(before, leftReport(clause, left));
  const { options: { golden }, surroundings: { meanwhile } } = run;
  const judging = { target, plan: run.plan, golden, meanwhile };
  const { outcome, slow } = await onceMoreIfSlow(
    target,
    () =>
      unlessItFails(() =>
        outcomeOf(judging, before, clause, (soFar) => {
          tell(run, withOutcome(run, before, clause, soFar));
        })
      ),
  );
  const failed = slow ? withFailure(before, clause, slow) : before;
  const judged = outcome instanceof TargetFault
    ? slow ? failed : withFailure(before, clause, outcome)
    : withOutcome(run, failed, clause, outcome);
  // What holds on short chains holds in part alone.
  const after = slow && judged.verdicts.get(clause.id)?.verdict !== "violated" ? failed : judged;
  tell(run, after);
  yield after;
  return after;
}

/** What the run knows after the target failed on a problem of a clause. */
function withFailure(known: Knowledge, clause: Clause, error: TargetFault): Knowledge {
  return {
    ...withReports(known, [failedReport(clause, error)]),
    failures: [...known.failures, faultOf(error, clause.id)],
    lastFailure: error,
  };
}

async function afterProbes(run: Run, known: Knowledge): Promise<Knowledge> {
  const { calibration } = known, { target, unsupported, rule } = calibration;
  // What nothing silences has no end that could be predicted.
  if (isNoisyAlways(calibration)) return known;
  const probed = rule === officialRule
    ? await judgeByProbes(target, unsupported)
    : await judgeByEnds(calibration, run.plan.seed);
  if (rule === officialRule && probed.some(({ because }) => because !== null)) {
    const finding = await differingProbes(target, unsupported);
    const differs = finding && withOutcome(run, known, secondCall, { kind: "first call", finding });
    if (differs) return differs;
  }
  const holds = probed.every(({ because }) => because === null);
  const all = rule === officialRule && holds
    ? [...probed, ...await judgeByEnds(calibration, run.plan.seed)]
    : probed;
  return all.reduce((before, { clause, ...rest }) => {
    const judged = clauseOf(clause);
    return judged ? withOutcome(run, before, judged, { kind: "probes", ...rest }) : before;
  }, known);
}

/** Tells those around what is known, as soon as there is a violation. */
function tell(run: Run, known: Knowledge): void {
  const { onFound } = run.surroundings;
  const report = onFound ? reportSoFar(run, known) : null;
  if (report?.verdict === "violates") onFound?.(report);
}

function withTooFew(known: Knowledge, finding: Finding): Knowledge {
  const before = known.verdicts.get(count.id);
  if (before?.verdict === "violated") return known;
  const found = { finding, points: null, path: null };
  const { cases, comparisons } = before ?? { cases: 0, comparisons: 0 };
  return withReports(known, [
    clauseReport(count, { kind: "problems", found, cases, comparisons, lost: null }),
  ]);
}

function withOutcome(run: Run, known: Knowledge, clause: Clause, outcome: Outcome): Knowledge {
  const { options: { replayCommand } } = run;
  const { otherDraws } = known.calibration;
  const before = known.verdicts;
  const reports = reportsOf(clause, outcome, { before, otherDraws, replayCommand });
  const lost = outcome.kind === "problems" ? outcome.lost : null;
  const found = outcome.kind === "problems"
    ? outcome.found?.finding
    : outcome.kind === "traces"
    ? outcome.wrong
    : null;
  const after = {
    ...withReports(known, reports),
    ...found && { shown: [...known.shown, { clause: clause.id, problem: found.problem }] },
    ...lost && { failures: [...known.failures, faultOf(lost, clause.id)], lastFailure: lost },
  };
  if (outcome.kind === "noise") {
    const { remarks } = outcome, coverage = outcome.untold ? undefined : outcome.coverage;
    return { ...after, ...coverage && { coverage }, remarks: [...known.remarks, ...remarks] };
  }
  if (outcome.kind === "problems" && outcome.coverage) {
    return { ...after, coverage: outcome.coverage };
  }
  if (outcome.kind !== "traces") return after;
  const reason = reports.at(-1)?.reason;
  const golden = outcome.ran.length === 0 ? notReplayed(reason ?? "") : goldenOf(outcome);
  return { ...after, golden };
}

function withLeft(known: Knowledge, report: ClauseReport): Knowledge {
  const after = withReports(known, [report]);
  if (report.id !== "golden/traces") return after;
  return { ...after, golden: notReplayed(report.reason ?? "") };
}

function withReports(known: Knowledge, reports: readonly ClauseReport[]): Knowledge {
  const added = reports.map((report) => [report.id, report] as const);
  return { ...known, verdicts: new Map([...known.verdicts, ...added]) };
}

/**
 * From what was found to what is said: pure functions from outcomes to the clauses of a report.
 *
 * @module
 */

import {
  type Clause as ClauseOf,
  type ClauseId,
  clauseOf,
  clauses,
  foundationsOf,
  noiseClauses,
} from "../../../properties/clauses.ts";
import type { Finding } from "../../../properties/finding.ts";
import type { NoiseClause, NoiseVerdict } from "../../../properties/noise_law.ts";
import type { SomeSteps } from "../../../properties/observer.ts";
import { leftAside } from "../../../properties/whole_step.ts";
import { rowCount } from "../../../spec/problem.ts";
import { officialRule, type Rule } from "../../../spec/rule.ts";
import { partsOf } from "../../../spec/rule_parts.ts";
import type { CompiledFor, Feature, NoiseOrigin, TargetFault } from "../../../spec/sampler.ts";
import { blamed, drawsWords, incompleteWords, reasonWords } from "../../report/reason_words.ts";
import type {
  ClauseReport,
  CoverageText,
  DiagnosisReport,
  Reason,
  Report,
} from "../../report/report.ts";
import { isOpen, wholeStep } from "../../report/open_clauses.ts";
import type { Calibration, DrawCount } from "../calibration/calibrate.ts";
import { counterexampleOf, type Instead, statisticsText } from "../search/evidence.ts";
import type { Probed } from "../search/final_actions.ts";
import type { Aside, Replays } from "../traces/official_traces.ts";
import type { SearchResult } from "../search/search.ts";

/** A clause of the catalogue. */
export type Clause = ClauseOf<ClauseId>;

/** The verdicts so far. */
export type Verdicts = ReadonlyMap<string, ClauseReport>;

/** What came of a clause that was judged. */
export type Outcome =
  /** A first call has shown that it is violated. */
  | { readonly kind: "first call"; readonly finding: Finding }
  /** Its problems were searched. */
  | ({ readonly kind: "problems" } & SearchResult)
  /** The law of the target's own noise was tested. */
  | {
    readonly kind: "noise";
    readonly verdict: NoiseVerdict;
    /** Calls of the target in one stage. */
    readonly calls: number;
    readonly comparisons: number;
    /** What else came to light. */
    readonly remarks: readonly string[];
    readonly instead?: Instead | null;
    /** What was tried, where problems cover pairs of values. */
    readonly coverage?: CoverageText;
    /** Whether chains were left out, because it can't be told which questions they are. */
    readonly untold?: boolean;
  }
  /** Traces were replayed. */
  | ({
    readonly kind: "traces";
    readonly aside: readonly Aside[];
    readonly instead?: Instead | null;
  } & Replays)
  /** Final actions were compared with the probes. */
  | ({ readonly kind: "probes" } & Omit<Probed, "clause">);

/** What decides of a target, beside verdicts, how a clause is judged on it. */
export interface Known extends Pick<Calibration, "unsupported" | "hidden" | "randomAtZero"> {
  /** Set if it takes one interval for all axes. */
  readonly bounds?: "scalar" | undefined;
  /** What it is compiled for; absent if for nothing. */
  readonly compiles?: CompiledFor | undefined;
  /** The rule that it is judged by; the official one by default. */
  readonly rule?: Rule;
  /** Where its noise can come from. */
  readonly noise: NoiseOrigin;
}

/** What is judged all the same though a foundation is violated. */
export interface Allowances {
  /** Clauses that are violated, or not judged because of one, and that others are judged without. */
  readonly without: readonly ClauseId[];
  /** The rule with the drift or the step sizes that were found. */
  readonly rule?: Rule;
  /** The clauses whose formulas that rule replaces. */
  readonly replaced?: readonly ClauseId[];
  /** The steps that these leave alone. */
  readonly steps?: SomeSteps;
}

/** What is about the same formulas as a clause whose formulas were replaced, and isn't judged by these. */
function isAboutTheSame(clause: string, replaced: ClauseId): boolean {
  if (groupOf(clause) === "energy") return true;
  return groupOf(replaced) === "schedule"
    ? groupOf(clause) === "schedule"
    : clause === "drift/half" || clause === "drift/descends";
}

/** Which of the clauses that are violated, or that build on one, a clause is judged without. */
export function judgedWithout(
  clause: Clause,
  { without, replaced = [] }: Allowances,
  known: Known,
): readonly ClauseId[] {
  if (clause.problems === undefined || judgedByNoise(clause, known) !== undefined) return [];
  const partly: readonly string[] = clause.partlyWithout ?? [];
  return [
    ...without.filter((id) => partly.includes(id)),
    ...replaced.filter((id) => !isAboutTheSame(clause.id, id)),
  ];
}

/** Why a clause is not judged. */
export interface Left {
  readonly verdict: "unsupported" | "not judged" | "not binding";
  readonly because: Reason;
}

/** The clause of which a chain's final actions are enough. */
const traces: ClauseId = "golden/traces";

/** The clause whose verdict shapes the problems of all others. */
export const oneStep: ClauseId = "schedule/one-step";

/** What the whole step says nothing of: judged by itself though the target is compiled for each setting. */
const besideWholeStep: readonly ClauseId[] = [
  oneStep,
  "rows/not-a-number",
  "delta-clip/infinite-gradient",
];

/** The clause that noise breaks which stays on at the noise scale 0. */
const noiseScale: ClauseId = "noise/scale";

/** Clauses about axes with different sides. */
const ofAxesApart: ReadonlySet<ClauseId> = new Set(["delta-clip/per-axis", "bounds/per-axis"]);

/** A clause with its statistical check, if that is how this target is judged. */
export function judgedByNoise(clause: Clause, known: Known): NoiseClause | undefined {
  const taped = clause.needs === undefined && !known.unsupported.has("noise-tape");
  if (known.noise === "tape" || taped) return undefined;
  return noiseClauses.find(({ id }) => id === clause.id);
}

/**
 * Why a clause has to be left; `null` if it is to be judged.
 *
 * @param verdicts on every foundation of the clause
 */
export function whyLeft(
  clause: Clause,
  known: Known,
  verdicts: Verdicts,
  allowances: Allowances = { without: [] },
): Left | null {
  if (known.randomAtZero !== null) {
    const { clause: broken } = known.randomAtZero;
    if (clause.id === broken) return null;
    return notJudged({
      kind: broken === noiseScale ? "noise stays on" : "foundation",
      clause: broken,
    });
  }
  const ofNoise = judgedByNoise(clause, known) !== undefined;
  if (clause.needs === "own noise" && !ofNoise) {
    return { verdict: "not binding", because: { kind: "suite's draws" } };
  }
  const { feature } = clause;
  if (feature && known.unsupported.has(feature) && !(feature === "noise-tape" && ofNoise)) {
    return { verdict: "unsupported", because: { kind: "lacks", feature } };
  }
  if (known.bounds === "scalar" && ofAxesApart.has(clause.id)) {
    return { verdict: "unsupported", because: { kind: "one interval" } };
  }
  const foundations = foundationsOf(clause.id).flatMap((id) => verdicts.get(id) ?? []);
  const spared: readonly string[] = judgedWithout(clause, allowances, known);
  const broken = foundations.find((of) => isViolated(of) && !spared.includes(of.id)) ??
    [...verdicts.values()].find(isBrokenOnProbes);
  if (broken) return notJudged({ kind: "foundation", clause: broken.id });
  const noisy = isNoisyAlways(known), byLaw = ofNoise || (noisy && clause.id === wholeStep);
  if (known.hidden) {
    return byLaw || clause.id === traces ? null : notJudged({ kind: "hidden steps" });
  }
  if (known.compiles === "settings") {
    const beside = byLaw || besideWholeStep.includes(clause.id);
    if (!beside && clause.id !== traces && clause.id !== wholeStep) {
      return notJudged({ kind: "compiled" });
    }
    // No clause of a single term stands before these: a wrong drift would be taken for theirs.
    const whole = verdicts.get(wholeStep);
    return beside && whole !== undefined && isViolated(whole)
      ? notJudged({ kind: "foundation", clause: wholeStep })
      : null;
  }
  if (noisy && !byLaw) return notJudged({ kind: "noise is always on" });
  if (noisy && clause.id === wholeStep) {
    // Amid noise the whole step shows what its noise shows already.
    const shown = noiseClauses.find(({ id }) => verdicts.get(id)?.verdict === "violated");
    if (shown) return notJudged({ kind: "foundation", clause: shown.id });
  }
  if (noisy) return null;
  // A failure of the target, or nothing to compare, costs that clause, and no other.
  const open = foundations.find(({ id, verdict, because }) =>
    verdict === "not judged" && because?.kind !== "target failed" &&
    because?.kind !== "nothing compared" && !spared.includes(id)
  );
  return open?.because ? notJudged(open.because) : null;
}

/** Whether nothing turns the noise off: the sampler draws by itself, and the rule has no noise scale. */
export function isNoisyAlways(
  { rule = officialRule, unsupported }: Pick<Known, "rule" | "unsupported">,
): boolean {
  return unsupported.has("noise-tape") && !partsOf(rule).has("noise scale");
}

function notJudged(because: Reason): Left {
  return { verdict: "not judged", because };
}

function isViolated({ verdict }: ClauseReport): boolean {
  return verdict === "violated";
}

function isBrokenOnProbes({ because }: ClauseReport): boolean {
  return because?.kind === "bug on the probes" || because?.kind === "unexplained on the probes";
}

/** A clause that was left, for a report. */
export function leftReport(clause: Clause, { verdict, because }: Left): ClauseReport {
  return { ...frame(clause), verdict, ...reasons(because), cases: 0, comparisons: 0 };
}

/** A clause on one of whose problems the target failed, for a report. */
export function failedReport(clause: Clause, { found, wanted }: TargetFault): ClauseReport {
  return leftReport(clause, notJudged({ kind: "target failed", found, wanted }));
}

/** What a report needs beside the outcome of a clause. */
export interface Beside {
  /** How often the target draws, if that is not once a step. */
  readonly otherDraws?: DrawCount | null;
  /** The verdicts on its foundations. */
  readonly before?: Verdicts;
  /** The command that repeats one case. */
  readonly replayCommand?: ((clause: string, path: string | null) => string) | undefined;
}

/**
 * What is said after a clause was judged: its report; or that another one is violated, as its
 * problems have shown, so that it is left.
 */
export function reportsOf(
  clause: Clause,
  outcome: Outcome,
  beside: Beside = {},
): readonly ClauseReport[] {
  const report = clauseReport(clause, outcome, beside);
  const other = insteadOf(outcome);
  const broken = other && clauseOf(other.clause);
  if (!broken || broken.id === clause.id) return [report];
  const left = leftReport(clause, notJudged({ kind: "foundation", clause: broken.id }));
  const known = beside.before?.get(broken.id);
  if (known && isViolated(known)) return [left];
  const { cases, comparisons, replay } = report;
  return [{
    ...violated(broken, cases, comparisons),
    counterexample: counterexampleOf(other.finding),
    ...(replay === undefined ? {} : { replay, replays: clause.id }),
  }, left];
}

function insteadOf(outcome: Outcome): Instead | null {
  if (outcome.kind !== "problems") return "instead" in outcome ? outcome.instead ?? null : null;
  const { found } = outcome;
  return found?.instead ? { clause: found.instead, finding: found.finding } : null;
}

/** A clause that was judged, for a report. */
export function clauseReport(clause: Clause, outcome: Outcome, beside: Beside = {}): ClauseReport {
  const report = reportOf(clause, outcome, beside);
  if (report.because?.kind !== "nothing compared") return report;
  // A feature that a foundation is about, and that the sampler lacks, explains it.
  const below = clause.buildsOn.flatMap((id) => beside.before?.get(id) ?? []);
  const because = below.find(({ verdict }) => verdict === "unsupported")?.because;
  return because ? { ...report, verdict: "unsupported", ...reasons(because) } : report;
}

function reportOf(clause: Clause, outcome: Outcome, beside: Beside): ClauseReport {
  const replay = (path: string | null) => {
    const command = beside.replayCommand?.(clause.id, path);
    return command === undefined ? {} : { replay: command };
  };
  switch (outcome.kind) {
    case "first call": {
      const { finding } = outcome;
      const counterexample = counterexampleOf(finding);
      return { ...violated(clause, 2, rowCount(finding.problem)), counterexample };
    }
    case "probes": {
      const { because, cases, comparisons } = outcome;
      if (because === null) return held(clause, cases, comparisons);
      return { ...violated(clause, cases, comparisons), ...reasons(because) };
    }
    case "problems": {
      const { found, cases, comparisons, costly } = outcome;
      if (costly) return leftReport(clause, notJudged({ kind: "compiled" }));
      if (found === null) return held(clause, cases, comparisons);
      const finding = withDraws(found.finding, clause, beside.otherDraws ?? null);
      const counterexample = counterexampleOf(finding, found.points, found.tape);
      return { ...violated(clause, cases, comparisons), counterexample, ...replay(found.path) };
    }
    case "noise": {
      const { verdict: { finding, stages, statistics }, calls, comparisons } = outcome;
      if (finding === null && outcome.untold) {
        return leftReport(clause, notJudged({ kind: "untold chain" }));
      }
      if (finding === null && statistics.draws === 0) return held(clause, stages, 0);
      const cases = stages * calls;
      const report = finding === null ? held(clause, cases, comparisons) : {
        ...violated(clause, cases, comparisons),
        counterexample: counterexampleOf(finding),
        ...replay(null),
      };
      return { ...report, statistics: statisticsText(statistics) };
    }
    case "traces": {
      const { ran, wrong, traces, lacking, aside } = outcome;
      if (traces === 0 && aside[0] !== undefined) {
        return leftReport(clause, notJudged({ kind: "foundation", clause: aside[0].clause }));
      }
      if (traces === 0) {
        return leftReport(clause, { verdict: "not binding", because: { kind: "no traces" } });
      }
      if (ran.length === 0) {
        return leftReport(clause, notJudged({ kind: "no trace runs", features: [...lacking] }));
      }
      const comparisons = ran.reduce((sum, replay) => sum + replay.comparisons, 0);
      if (wrong === null) return held(clause, ran.length, comparisons);
      const counterexample = counterexampleOf(wrong);
      return { ...violated(clause, ran.length, comparisons), counterexample, ...replay(null) };
    }
  }
}

function frame(
  clause: Clause,
): Pick<ClauseReport, "id" | "level" | "sentence" | "formula"> {
  const { id, level, sentence, formula } = clause;
  // Of the official rule the catalogue has it.
  const own = formula !== undefined && formula !== clauseOf(id)?.formula;
  return { id, level, sentence, ...(own ? { formula } : {}) };
}

function reasons(because: Reason): Pick<ClauseReport, "reason" | "because"> {
  return { reason: reasonWords(because), because };
}

function violated(clause: Clause, cases: number, comparisons: number): ClauseReport {
  return { ...frame(clause), verdict: "violated", cases, comparisons };
}

/** A clause that nothing speaks against holds, if there was something that could have. */
function held(clause: Clause, cases: number, comparisons: number): ClauseReport {
  if (comparisons > 0) return { ...frame(clause), verdict: "holds", cases, comparisons };
  return { ...leftReport(clause, notJudged({ kind: "nothing compared" })), cases };
}

/** A finding about the noise, with what explains it if draws are not taken one a step. */
function withDraws(finding: Finding, clause: Clause, otherDraws: DrawCount | null): Finding {
  if (otherDraws === null || groupOf(clause.id) !== "noise") return finding;
  return { ...finding, message: `${finding.message}. ${drawsWords(otherDraws)}` };
}

function groupOf(id: string): string {
  return id.split("/")[0]!;
}

/**
 * The clauses that a report shows: those that were asked for, and violated ones because of which one
 * of these was left, or judged without what they are about.
 */
export function reported(verdicts: Verdicts, wanted: ReadonlySet<string>): ClauseReport[] {
  const asked = [...verdicts.values()].filter(({ id }) => wanted.has(id));
  const blocking = new Set(asked.flatMap(({ id, because }) => [
    ...blamed(because),
    ...clauseOf(id)?.sharperWith?.filter((other) => leftAside.includes(other)) ?? [],
  ]));
  return clauses.flatMap(({ id }) => verdicts.get(id) ?? [])
    .filter(({ id, verdict }) => wanted.has(id) || (verdict === "violated" && blocking.has(id)));
}

/** The clauses that a run did not come to, added as not judged. */
export function withUnreached(verdicts: Verdicts, wanted: ReadonlySet<string>): Verdicts {
  const unreached = clauses.filter(({ id }) => wanted.has(id) && !verdicts.has(id));
  return new Map([
    ...verdicts,
    ...unreached.map((clause) =>
      [clause.id, leftReport(clause, notJudged({ kind: "run ended" }))] as const
    ),
  ]);
}

/**
 * The verdict on a target: it conforms if every clause that binds it was judged and holds, and
 * nothing that was measured deviates. A run in which no clause could be judged says nothing of it.
 */
export function verdictOf(
  reported: readonly ClauseReport[],
  diagnosis?: DiagnosisReport,
): Pick<Report, "verdict" | "incomplete"> {
  if (reported.some(isViolated)) return { verdict: "violates" };
  if (!reported.some(isHeld)) return { verdict: "not run" };
  const open = reported.filter((clause) => isOpen(clause, reported));
  const terms = diagnosis?.measuredRule?.terms.filter(({ deviates }) => deviates) ?? [];
  if (open.length === 0 && terms.length === 0) return { verdict: "conforms" };
  return {
    verdict: "incomplete",
    incomplete: {
      clauses: open.map(({ id }) => id),
      terms: terms.map(({ name }) => name),
      reason: incompleteWords(open, terms),
    },
  };
}

function isHeld({ verdict }: ClauseReport): boolean {
  return verdict === "holds";
}

/** What problems must not ask for: features that the target lacks, or has and gets wrong. */
export function withoutBroken(
  unsupported: ReadonlySet<Feature>,
  verdicts: Verdicts,
): ReadonlySet<Feature> {
  const broken = verdicts.get("schedule/exponential")?.verdict === "violated";
  return new Set([...unsupported, ...broken ? ["exponential-schedule" as const] : []]);
}

/** Ids of clauses, and of everything that has a say in how they are judged. */
export function withFoundations(wanted: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>();
  const add = (id: string) => {
    if (all.has(id)) return;
    all.add(id);
    const clause = clauseOf(id);
    clause?.buildsOn.forEach(add);
    clause?.sharperWith?.forEach(add);
  };
  for (const id of wanted) add(id);
  return all;
}

/** How many of some clauses are violated. */
export function violatedIn(reports: Iterable<ClauseReport>): number {
  return [...reports].filter(({ verdict }) => verdict === "violated").length;
}

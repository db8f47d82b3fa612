/**
 * From what a run knows to its report: pure functions, at the end of a run and at any moment before.
 *
 * @module
 */

import type { FormulaName, Rule } from "../../../spec/rule.ts";
import { partsOf } from "../../../spec/rule_parts.ts";
import type { Target, TargetFault } from "../../../spec/sampler.ts";
import { drawsWords } from "../../report/reason_words.ts";
import {
  type ClauseReport,
  type CoverageText,
  type DiagnosisReport,
  type EnergyText,
  type GoldenReport,
  type Report,
  reportFormat,
  type RuleText,
} from "../../report/report.ts";
import type { Shown } from "../search/afresh.ts";
import { type Calibration, uncalibrated } from "../calibration/calibrate.ts";
import { failuresWords, type Fault } from "./not_run.ts";
import type { Plan } from "../options.ts";
import { notReplayed } from "../traces/official_traces.ts";
import {
  type Allowances,
  reported,
  verdictOf,
  type Verdicts,
  withFoundations,
  withUnreached,
} from "./verdicts.ts";
import { version } from "../../version.ts";

/** What is asked of a run. */
export interface Asked {
  readonly target: Target;
  readonly plan: Plan;
  /** Ids of the clauses to report. */
  readonly wanted: ReadonlySet<string>;
  /** When it began, as `performance.now()` says. */
  readonly started: number;
}

/** What a run knows at one moment. */
export interface Knowledge {
  /** What is being run, in words. */
  readonly where: string;
  readonly calibration: Calibration;
  readonly verdicts: Verdicts;
  /** The problems that show violations, in the order in which they were found. */
  readonly shown: readonly Shown[];
  /** What is judged though foundations are violated. */
  readonly allowances: Allowances;
  readonly remarks: readonly string[];
  /** Where the target failed, in the order in which it did. */
  readonly failures: readonly Fault[];
  /** The last of them. */
  readonly lastFailure?: TargetFault;
  /** What was tried, once it was. */
  readonly coverage?: CoverageText;
  readonly golden: GoldenReport;
  readonly energy: EnergyText | null;
}

/** What a run knows before it begins. */
export function nothingKnown(target: Target): Knowledge {
  return {
    where: "its first call",
    calibration: uncalibrated(target),
    verdicts: new Map(),
    shown: [],
    allowances: { without: [] },
    remarks: [],
    failures: [],
    golden: notReplayed(
      target.rule === undefined ? "not asked for" : "there are traces of the official rule only",
    ),
    energy: null,
  };
}

/** The report of a run that went to its end; without a diagnosis. */
export function reportOf(asked: Asked, known: Knowledge): Report {
  const clauses = reported(known.verdicts, asked.wanted);
  const found = verdictOf(clauses);
  const { golden, energy, coverage, failures } = known, [failure] = failures;
  if (found.verdict === "not run") {
    const fault = failure ?? nothingJudged(clauses);
    return { ...notRunReport(asked, known, fault), clauses, golden };
  }
  const { falseAlarm } = asked.plan;
  return {
    ...frame(asked, known),
    ...(clauses.some(({ statistics }) => statistics) ? { falseAlarm } : {}),
    ...found,
    clauses,
    ...(coverage ? { coverage } : {}),
    golden,
    energy,
    ...(failure ? { fault: failure } : {}),
  };
}

/** The report of a run that ends before its time: what was found so far, the rest not judged. */
export function reportSoFar(asked: Asked, known: Knowledge): Report {
  const violated = [...known.verdicts.values()].filter(({ verdict }) => verdict === "violated");
  const matters = withFoundations(asked.wanted);
  const wanted = new Set([
    ...asked.wanted,
    ...violated.map(({ id }) => id).filter((id) => matters.has(id)),
  ]);
  return reportOf({ ...asked, wanted }, {
    ...known,
    verdicts: withUnreached(known.verdicts, asked.wanted),
    golden: known.verdicts.has("golden/traces")
      ? known.golden
      : notReplayed("the run ended before it came to them"),
  });
}

/** The report of a run that found nothing before the target failed. */
export function notRunReport(asked: Asked, known: Knowledge, fault: Fault): Report {
  return {
    ...frame(asked, known),
    verdict: "not run",
    clauses: [],
    golden: notReplayed("the target could not be observed"),
    energy: null,
    fault,
  };
}

/** A run in which no clause could be judged says nothing of the sampler, so it is no success. */
function nothingJudged(clauses: readonly ClauseReport[]): Fault {
  const [first, ...more] = new Set(clauses.map(({ reason }) => reason ?? "no reason"));
  const others = more.length === 0 ? "" : `; and ${more.length} other reasons`;
  return {
    kind: "contract",
    found: `no clause that could be judged: ${first}${others}`,
    wanted: "at least one clause that this sampler can be judged by",
  };
}

function frame(
  { target, plan, started }: Asked,
  { calibration, remarks, failures, coverage }: Knowledge,
): Pick<
  Report,
  "format" | "tool" | "target" | "rule" | "seed" | "profile" | "remarks" | "elapsedMs"
> {
  const { coordinates } = calibration.target;
  return {
    format: reportFormat,
    tool: `ulaspec ${version}`,
    target: {
      name: target.name,
      networkReturns: target.networkReturns,
      ...(target.framework === undefined ? {} : { framework: target.framework }),
      unsupported: [...calibration.unsupported].sort(),
      ...coordinates && { coordinates },
    },
    ...(target.rule === undefined ? {} : { rule: ruleText(target.rule) }),
    seed: plan.seed,
    profile: plan.profile,
    remarks: [
      ...failuresWords(failures),
      ...aboutCompiling(calibration.target, coverage),
      ...remarks,
    ],
    elapsedMs: Math.round(performance.now() - started),
  };
}

const faster = "Compiled once, with network and settings as arguments, it takes far less " +
  "time and is judged by every clause: see docs/python.md, Other frameworks.";

/** What is not tried of a target that is compiled again and again. */
function aboutCompiling({ compiles }: Target, coverage: CoverageText | undefined): string[] {
  if (compiles === undefined) return [];
  const what = compiles === "shapes" ? "shape" : "shape and every setting";
  const left = Object.entries(coverage?.untried ?? {})
    .map(([factor, values]) => `${factor} ${values.join(", ")}`);
  const values = left.length === 0 ? "" : `, and these values were not tried: ${left.join("; ")}`;
  return [
    `This sampler is compiled for every ${what}, so few were tried: smaller problems were filled ` +
    `up with rows and axes that the report leaves out${values}. --profile thorough tries all`,
    ...compiles === "settings" ? [faster] : [],
  ];
}

/** A rule for a report: the formulas that do something. */
export function ruleText(rule: Rule): RuleText {
  const parts = partsOf(rule);
  const shown: readonly (FormulaName | "stepSize" | false)[] = [
    parts.has("gradient clip") && "gradClip",
    "drift",
    "noise",
    "step",
    parts.has("delta clip") && "limit",
    parts.has("delta clip") && "clippedStep",
    "result",
    parts.has("own schedule") ? "stepSize" : parts.has("schedule") && "polynomial",
    parts.has("exponential schedule") && "exponential",
  ];
  const { name = "a rule", sentence = "", source = "" } = rule.about ?? {};
  const formulas = shown.flatMap((name) => {
    const text = name === false ? undefined : rule[name];
    return name === false || text === undefined ? [] : [[name, text]];
  });
  return { name, sentence, source, formulas: Object.fromEntries(formulas) };
}

/** A report on a target that takes one interval for all axes: what is said of each is said of all. */
export function inWordsOfOneInterval(report: Report): Report {
  const plain = (text: string) => text.replaceAll(/ of (?:each|the|their) axis\b/g, "");
  const { clauses, diagnosis } = report;
  const defects = diagnosis?.defects.map((defect) => ({
    ...defect,
    title: plain(defect.title),
    fix: plain(defect.fix),
  }));
  const rule = diagnosis?.measuredRule;
  const terms = rule?.terms.map(({ primedBy, ...term }) => ({
    ...term,
    ...(primedBy ? { primedBy: primedBy.map(plain) } : {}),
  }));
  const measured = rule && terms ? { measuredRule: { ...rule, terms } } : {};
  return {
    ...report,
    clauses: clauses.map((clause) => ({ ...clause, sentence: plain(clause.sentence) })),
    ...(diagnosis && defects ? { diagnosis: { ...diagnosis, defects, ...measured } } : {}),
  };
}

/** A diagnosis that is at a loss, with what explains it if draws are not taken one a step. */
export function diagnosisWithDraws(
  diagnosis: DiagnosisReport,
  { otherDraws }: Calibration,
): DiagnosisReport {
  const { unexplained } = diagnosis;
  if (otherDraws === null || unexplained === undefined) return diagnosis;
  return { ...diagnosis, unexplained: `${drawsWords(otherDraws)}. ${unexplained}` };
}

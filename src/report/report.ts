/**
 * The report of one run: the one record behind every output format.
 *
 * Floats are {@linkcode NumberText}, as JSON carries them. `schema.ts` checks the same record; the
 * type checker holds the two against each other, in both directions.
 *
 * @module
 */

import type { Level } from "../../properties/clauses.ts";
import type { NumberText } from "../../spec/numerics/number_text.ts";
import type { TermName } from "../../spec/rule.ts";
import type { Feature, NetworkReturns } from "../../spec/sampler.ts";
import type { SettingsText } from "../../spec/settings_text.ts";
import type { OwnCoordinates } from "../../spec/tolerance.ts";

/** The version of the format. */
export const reportFormat = "ulaspec-report/1";
/** How thorough a run can be. */
export const profiles = ["quick", "standard", "thorough"] as const;
/** How thorough a run is. */
export type Profile = (typeof profiles)[number];
/** How binding a clause can be. */
export const levels = ["must", "may", "theorem"] as const satisfies readonly Level[];
/** What can be said of a clause. */
export const verdicts = [
  "holds",
  "violated",
  "unsupported",
  "not judged",
  "not binding",
  "accepted",
] as const;
/** What a run can find. */
export const runVerdicts = ["conforms", "violates", "incomplete", "not run"] as const;
/** How the actual value of a term can be known. */
export const bases = [
  "observed",
  "inferred",
  "not contradicted",
  "hidden",
  "as measured",
] as const;

/** One run of the suite on one target. */
export interface Report {
  /** The version of the format. */
  format: typeof reportFormat;
  /** What made it: the program and its version. */
  tool?: string | undefined;
  /** The command that made it, as the person typed it. */
  command?: string | undefined;
  /** What the run found. */
  verdict: (typeof runVerdicts)[number];
  /** What was judged. */
  target: {
    name: string;
    networkReturns?: NetworkReturns | undefined;
    framework?: string | undefined;
    unsupported: Feature[];
    /** Set if it rounds like one that keeps its actions in coordinates of its own. */
    coordinates?: OwnCoordinates | undefined;
  };
  /** The rule that it was judged by, if it is another one than the official. */
  rule?: RuleText | undefined;
  /** The same seed gives the same report, times aside. */
  seed: number;
  /** How thorough the run was. */
  profile: Profile;
  /** The chance that this run rejects a correct sampler; absent where nothing is random. */
  falseAlarm?: number | undefined;
  /** One entry per clause, foundations first. */
  clauses: ClauseReport[];
  /** The pairs and triples of values that the clause `step/exact` was tried on. */
  coverage?: CoverageText | undefined;
  /** What the run found out besides the clauses, in words. */
  remarks: string[];
  /** What is missing for a verdict; only if it is `incomplete`. */
  incomplete?: IncompleteReport | undefined;
  /** The traces. */
  golden: GoldenReport;
  /** Mean energy along a chain with the official defaults. */
  energy: EnergyText | null;
  /** What is wrong, as far as it can be named, and the rule that the target really follows. */
  diagnosis?: DiagnosisReport | undefined;
  /** Why the target could not be judged. */
  fault?: FaultReport | undefined;
  /** Milliseconds. */
  elapsedMs: number;
}

/** A rule of the family, or one of a person's own. */
export interface RuleText {
  /** Its name, with the options that were chosen. */
  name: string;
  /** What it is, in one sentence. */
  sentence: string;
  /** Where it comes from. */
  source: string;
  /** Its formulas that do something, by name. */
  formulas: Record<string, string>;
}

/** What is missing for a verdict on a target of which nothing is known to be wrong. */
export interface IncompleteReport {
  /** Clauses that bind the target and were not judged. */
  clauses: string[];
  /** Parts of the measured rule that deviate from the rule, while every clause holds. */
  terms: (typeof measuredParts)[number][];
  /** Both in words: why there is no verdict. */
  reason: string;
}

/** How many pairs and triples of what a problem can vary were tried. */
export interface CoverageText {
  /** Values of two factors that met in a problem. */
  pairs: TriedText;
  /** Values of three. */
  triples: TriedText;
  /** The values of each factor that were in no problem. */
  untried: Record<string, string[]>;
}

/** How many combinations of values were tried. */
export interface TriedText {
  /** Those that were. */
  tried: number;
  /** Those that the target can be given. */
  total: number;
}

/** Mean energy along a chain with the official defaults. */
export interface EnergyText {
  /** Before the first step. */
  first: NumberText;
  /** After the last step. */
  last: NumberText;
  /** Last minus first. */
  change: NumberText;
  /** Before every step and after the last one, steps + 1; absent where steps are not seen. */
  steps?: NumberText[] | undefined;
}

/** How much of a target a diagnosis can see, the most telling first. */
export const diagnosisViews = ["points and tape", "points", "final actions"] as const;
/** The parts of a measured rule. */
export const measuredParts = ["drift", "noise", "limit", "bounds", "schedule"] as const;

/** What a step can depend on against the rule, or fail to depend on. */
export const influences = [
  "action",
  "constant",
  "first action",
  "earlier gradient",
  "earlier draw",
  "size of the gradient",
  "size of the draw",
  "other row",
  "other axis",
  "other observation",
  "earlier call",
  "randomness",
  "order of the rows",
  "setting",
  "gradient ignored",
  "draw ignored",
  "step not taken",
  "returned action",
  "other",
] as const;

/** What is wrong with a target, and the rule that it really follows. */
export interface DiagnosisReport {
  /** How much of the target was seen. */
  view: (typeof diagnosisViews)[number];
  /** The fewest defects that explain what was seen. */
  defects: NamedDefectReport[];
  /** What steps depend on that the rule forbids, or do not depend on that it demands. */
  influences?: InfluenceReport[] | undefined;
  /** What no known defect explains, with the figures. */
  unexplained?: string | undefined;
  /** The clauses whose counterexamples neither the names nor the measured rule explain. */
  unexplainedClauses?: string[] | undefined;
  /** The rule that the target really follows. */
  measuredRule?: MeasuredRuleReport | undefined;
  /** Another rule that the target follows. */
  dialect?: { name: string; text: string; temperature: NumberText } | undefined;
}

/** A defect that a diagnosis names. */
export interface NamedDefectReport {
  /** The id of a known defect; null for a number that was measured. */
  id: string | null;
  /** What is wrong, in half a sentence. */
  title: string;
  /** What to change. */
  fix: string;
  /** A public example. */
  seen?: string | undefined;
  /** Whether every explanation has it. */
  certain: boolean;
  /** What it puts in the place of parts of the rule, by their names; where that is a formula or word. */
  change?: Record<string, string> | undefined;
  /** Other defects that explain the same. */
  alternatives?: { id: string | null; title: string }[] | undefined;
}

/** Something that a step depends on, or fails to depend on, against the rule. */
export interface InfluenceReport {
  /** On what. */
  on: (typeof influences)[number];
  /** In one sentence, without a full stop. */
  text: string;
  /** How much of it, where that is one number. */
  coefficient?: number | undefined;
  /** How far the coefficient may be off. */
  error?: number | undefined;
}

/** What is known of one term of the rule. */
export type MeasuredValueReport =
  /** It is this formula: the rule's own, a known defect's, or that of another rule. */
  | { kind: "formula"; formula: string; defect: string | null }
  /** It is this multiple of what it should be a multiple of, give or take an error. */
  | { kind: "number"; factor: number; error: number; of: string }
  /** It is a number of its own at every step, axis or setting. */
  | { kind: "table"; of: string; entries: { at: string; value: number; error: number }[] }
  /** It is one thing in one regime and another in another one. */
  | { kind: "regimes"; regimes: { where: string; factor: number; error: number }[]; of: string }
  /** It could not be measured. */
  | { kind: "not measured"; reason: string };

/** The rule that a target really follows, measured. */
export interface MeasuredRuleReport {
  /** One step. */
  text: string;
  /** The step sizes. */
  schedule: string;
  /** Its parts, as they stand in the text. */
  terms: {
    name: (typeof measuredParts)[number];
    text: string;
    wanted: string;
    /** Whether it is another one than the rule's; null where it was not measured. */
    deviates: boolean | null;
    /** What is known of it, as data. */
    value?: MeasuredValueReport | undefined;
    /** Titles of the bugs that a prime in its text stands for. */
    primedBy?: string[] | undefined;
  }[];
  /** The step sizes of a chain without noise, as the drift shows them. */
  stepSizes?: { wanted: NumberText[]; measured: NumberText[] } | undefined;
}

/** Why a target could not be judged. */
export interface FaultReport {
  /** What happened, in a word. */
  kind: string;
  /** What was found. */
  found: string;
  /** What was wanted; empty where what was thrown says it all. */
  wanted: string;
  /** Where to look, or what was being judged. */
  where?: string | undefined;
  /** The last lines of the trace of what a process threw. */
  trace?: string | undefined;
  /** The last lines that a process wrote to standard error. */
  stderr?: string | undefined;
}

/** The replay of traces. */
export interface GoldenReport {
  /** Number of traces that the target can run. */
  replayed: number;
  /** Number of those that it reproduces. */
  agreed: number;
  /** The trace with the largest distance, in tolerances. */
  worst: { trace: string; distance: NumberText } | null;
  /** Ids of the traces that were not reproduced. */
  disagreed: string[];
  /** Why none was replayed, or not all. */
  reason?: string | undefined;
}

/** Why a clause has a verdict that no problem shows; `reason_words.ts` has the words. */
export type Reason =
  /** It builds on a clause that is violated. */
  | { kind: "foundation"; clause: string }
  /** The sampler lacks an optional feature. */
  | { kind: "lacks"; feature: Feature }
  /** The noise stays on where the noise scale is 0, which this clause forbids. */
  | { kind: "noise stays on"; clause: string }
  /** It is about the law of the noise, and the suite supplies the draws. */
  | { kind: "suite's draws" }
  /** It is about single steps, and the rule has no noise scale that turns the sampler's noise off. */
  | { kind: "noise is always on" }
  /** It is about steps, and only final actions are seen. */
  | { kind: "hidden steps" }
  /** Its problems would take many compilations of the sampler. */
  | { kind: "compiled" }
  /** It is about axes with different sides, and the sampler takes one interval for all. */
  | { kind: "one interval" }
  /** A person accepts that it is violated, or that it is not judged. */
  | { kind: "accepted"; why: string }
  /** It builds on a clause whose violation is accepted. */
  | { kind: "on accepted"; clause: string }
  /** It is about what an accepted deviation takes away. */
  | { kind: "without"; clause: string }
  /** It asks at other points than those of its chain, and nothing tells them apart. */
  | { kind: "untold chain" }
  /** No problem gave a number to compare. */
  | { kind: "nothing compared" }
  /** There is no trace to replay. */
  | { kind: "no traces" }
  /** Every trace needs one of these features, which the sampler lacks. */
  | { kind: "no trace runs"; features: Feature[] }
  /** The target failed on one of its problems. */
  | { kind: "target failed"; found: string; wanted: string }
  /** The target failed before the clause came up. */
  | { kind: "run ended" }
  /** Its final actions are those of a sampler with a known bug. */
  | { kind: "bug on the probes"; title: string }
  /** Its final actions are not those of the rule, and no single bug explains them. */
  | { kind: "unexplained on the probes"; what: string };

/** The verdict on one clause. */
export interface ClauseReport {
  /** The clause. */
  id: string;
  /** How binding it is. */
  level: Level;
  /** What it says. */
  sentence: string;
  /** Its formula, if the rule is another one than the official. */
  formula?: string | undefined;
  /** What is to be said of the target. */
  verdict: (typeof verdicts)[number];
  /** The named defect that breaks it. */
  defect?: string | undefined;
  /** The page that explains it, where it is violated. */
  docs?: string | undefined;
  /** Why it has this verdict, where no problem shows it. */
  reason?: string | undefined;
  /** The same reason as data. */
  because?: Reason | undefined;
  /** Problems on which it was checked. */
  cases: number;
  /** Numbers that were compared. */
  comparisons: number;
  /** What stands beside a verdict that rests on statistical tests. */
  statistics?: StatisticsText | undefined;
  /** The smallest problem on which it is violated. */
  counterexample?: Counterexample | undefined;
  /** The command that replays exactly this case. */
  replay?: string | undefined;
  /** The clause of which that is a case, if it is another one: what it shows breaks this one. */
  replays?: string | undefined;
}

/** What stands beside a verdict that rests on statistical tests of recovered noise. */
export interface StatisticsText {
  /** The clause's share of the run's chance of a false alarm. */
  level: NumberText;
  /** Draws that were recovered and tested. */
  draws: number;
  /** The smallest effect that the first stage sees with a power of 0.99, in words. */
  smallestEffect: string;
  /** The smallest p-value of the last stage, corrected for the number of tests. */
  pValue: NumberText;
  /** The test that gave it. */
  test: string;
  /** The law of the recovered draws; absent where there were none. */
  shape?: NoiseShapeText | undefined;
}

/** The law of recovered draws, which should be standard normal, in numbers that can be drawn. */
export interface NoiseShapeText {
  /** Draws of the last stage. */
  draws: number;
  /** Counts in bins of equal width; `below` and `above` lie outside. */
  histogram: { from: number; to: number; counts: number[]; below: number; above: number };
  /** Pairs of a quantile of the standard normal law and the same quantile of the draws. */
  quantiles: NumberText[][];
}

/** The smallest problem on which a clause is violated, and what happened there. */
export interface Counterexample {
  /** What went wrong, in one sentence. */
  message: string;
  /** The problem. */
  problem: ProblemText;
  /** Step, from 0. */
  step: number | null;
  /** Row, from 0. */
  row: number | null;
  /** Axis, from 0. */
  axis: number | null;
  /** What the rule gives. */
  expected: NumberText;
  /** What the target gave. */
  actual: NumberText;
  /** How far float32 arithmetic may be from the rule. */
  tolerance: NumberText;
  /** |actual - expected| / tolerance. */
  distance: NumberText;
  /** Distance in float32 units in the last place. */
  ulps: NumberText;
  /** Every term of the step, expected against actual. */
  ledger: LedgerText[];
  /** Where the row really went, x_0 … x_N: steps + 1 × axes; absent where steps are not seen. */
  path?: NumberText[][] | undefined;
  /** The number type in which the network was asked, if that is what's wrong. */
  askedIn?: string | undefined;
  /** The draws as the sampler was given them, where it takes them in an order of its own. */
  tape?: NumberText[][][] | undefined;
}

/** One term of a step. */
export interface LedgerText {
  /** The term. */
  term: TermName;
  /** The formula that was executed; for the gradient, what it is. */
  formula: string;
  /** What the rule gives. */
  expected: NumberText;
  /** null: cannot be told from what was observed. */
  actual: NumberText | null;
  /** How the actual value is known. */
  basis: (typeof bases)[number];
  /** True on the first term that differs, and on no other. */
  differs: boolean;
}

/** A problem as JSON carries it. */
export interface ProblemText {
  /** E as a formula. */
  energy: string;
  /** What the sampler is configured with. */
  settings: SettingsText;
  /** Number of observations. */
  groups: number;
  /** Rows per observation. */
  samples: number;
  /** Coordinates of an action. */
  axes: number;
  /** groups × features. */
  observations: NumberText[][];
  /** rows × axes. */
  initial: NumberText[][];
  /** A tape of steps × rows × axes, or the sampler's own. */
  noise: { kind: "tape"; draws: NumberText[][][] } | { kind: "own" };
  /** For samplers that draw their own noise. */
  seed: number;
}

/** The exit code of a verdict: 0 conforms, 1 violates, 2 no verdict. */
export const exitCodes = {
  "conforms": 0,
  "violates": 1,
  "incomplete": 2,
  "not run": 2,
} as const satisfies Record<Report["verdict"], number>;

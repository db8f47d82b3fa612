/**
 * The report of one run: the one record behind every output format.
 *
 * Floats are {@linkcode NumberText}, as JSON carries them. `schema.ts` has the same record as a
 * schema; the two are held against each other by the type checker.
 *
 * @module
 */

import type { Level } from "../../spec/clauses.ts";
import type { NumberText } from "../../spec/number_text.ts";
import type { GradNorm } from "../../spec/problem.ts";
import type { TermName } from "../../spec/rule.ts";
import type { NetworkReturns } from "../../spec/sampler.ts";

/** The version of the format. */
export const reportFormat = "ulaspec-report/1";
/** How thorough a run can be. */
export const profiles = ["quick", "standard", "thorough"] as const;
/** How thorough a run is. */
export type Profile = (typeof profiles)[number];
/** How binding a clause can be. */
export const levels = ["must", "may", "theorem"] as const satisfies readonly Level[];
/** What can be said of a clause. */
export const verdicts = ["holds", "violated", "unsupported", "not judged"] as const;
/** How the actual value of a term can be known. */
export const bases = ["observed", "inferred", "not contradicted", "hidden"] as const;

/** One run of the suite on one target. */
export interface Report {
  /** The version of the format. */
  format: typeof reportFormat;
  /** What the run found. */
  verdict: "conforms" | "violates" | "not run";
  /** What was judged. */
  target: { name: string; networkReturns?: NetworkReturns | undefined; unsupported: string[] };
  /** The same seed gives the same report, times aside. */
  seed: number;
  /** How thorough the run was. */
  profile: Profile;
  /** One entry per clause, foundations first. */
  clauses: ClauseReport[];
  /** What the run found out beside the clauses, in words. */
  remarks: string[];
  /** The traces. */
  golden: GoldenReport;
  /** Mean energy along a chain with the official defaults. */
  energy: { first: NumberText; last: NumberText; change: NumberText } | null;
  /** Why the target could not be judged. */
  fault?: FaultReport | undefined;
  /** Milliseconds. */
  elapsedMs: number;
}

/** Why a target could not be judged. */
export interface FaultReport {
  /** What happened, in a word. */
  kind: string;
  /** What was found. */
  found: string;
  /** What was wanted. */
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
  /** Why none was replayed. */
  reason?: string | undefined;
}

/** The verdict on one clause. */
export interface ClauseReport {
  /** The clause. */
  id: string;
  /** How binding it is. */
  level: Level;
  /** What it says. */
  sentence: string;
  /** What is to be said of the target. */
  verdict: (typeof verdicts)[number];
  /** Why it was not judged, or which feature is missing. */
  reason?: string | undefined;
  /** Problems on which it was checked. */
  cases: number;
  /** Numbers that were compared. */
  comparisons: number;
  /** The smallest problem on which it is violated. */
  counterexample?: Counterexample | undefined;
  /** The command that replays exactly this case. */
  replay?: string | undefined;
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
  settings: {
    bounds: { min: NumberText[]; max: NumberText[] };
    steps: number;
    schedule:
      | { kind: "polynomial"; init: NumberText; final: NumberText; power: NumberText }
      | { kind: "exponential"; init: NumberText; decay: NumberText };
    noiseScale: NumberText;
    gradClip: NumberText | null;
    deltaClip: NumberText;
    gradNorm: GradNorm;
    applyExp: boolean;
  };
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

/** The exit code of a verdict: 0 conforms, 1 violates, 2 not run. */
export const exitCodes = { "conforms": 0, "violates": 1, "not run": 2 } as const satisfies Record<
  Report["verdict"],
  number
>;

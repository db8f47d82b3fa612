/**
 * The part of a run that another thread takes over meanwhile: what a target that conforms is asked
 * apart from the clauses one by one.
 *
 * @module
 */

import { clauseOf } from "../../../properties/clauses.ts";
import type { Facts } from "../../../properties/observer.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { diagnosisOf } from "../../diagnosis/diagnosis.ts";
import { wholeStep } from "../../report/open_clauses.ts";
import type { DiagnosisReport } from "../../report/report.ts";
import { calibrate, type Calibration, factsOf } from "../calibration/calibrate.ts";
import { replayAll, type Replayed, tracesOfTheRule, tracesSuitedTo } from "./official_traces.ts";
import { type Plan, sharesOf } from "../options.ts";
import { search, type SearchResult } from "../search/search.ts";

/** What is told of the official traces. */
export interface TracesReplayed {
  readonly replays: readonly Replayed[];
  /** The measured rule of a target that conforms. */
  readonly diagnosis?: DiagnosisReport | undefined;
}

/** The whole step on a target that nothing speaks against. */
export interface WholeStep {
  /** What was thought of the target. */
  readonly facts: Facts;
  readonly result: SearchResult;
}

/** What another thread has found out. */
export interface Elsewhere extends TracesReplayed {
  /** Absent if something speaks against the target, or if it was not asked. */
  readonly whole?: WholeStep | undefined;
}

/** What is found out at the same time, for who waits for it. */
export interface Meanwhile {
  traces(): Promise<TracesReplayed>;
  wholeStep(): Promise<WholeStep | undefined>;
}

/**
 * Looks for a violation of the whole step as if all other clauses held, replays the official traces
 * and measures the rule.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function findOutElsewhere(target: Target, plan: ElsewherePlan): Promise<Elsewhere> {
  if (!meansOfficialRule(target)) return { replays: [] };
  const calibration = await calibrate(target);
  const whole = await wholeStepOf(calibration, plan);
  return { whole, ...await tracesOn(calibration) };
}

type ElsewherePlan = Pick<Plan, "seed" | "profile"> & {
  readonly clauses?: Plan["clauses"] | undefined;
};

/**
 * Replays the official traces on a target and measures its rule.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function replayOfficialTraces(target: Target): Promise<TracesReplayed> {
  return meansOfficialRule(target) ? await tracesOn(await calibrate(target)) : { replays: [] };
}

/** Of a sampler that means another rule the official traces say nothing. */
function meansOfficialRule({ declares = "ibc" }: Target): boolean {
  return declares === "ibc";
}

async function tracesOn({ target, noiseSign }: Calibration): Promise<TracesReplayed> {
  const traces = tracesSuitedTo(target, await tracesOfTheRule());
  const replays = await replayAll(traces, target, noiseSign);
  // A target with a trace that it cannot run does not conform, and is diagnosed as such elsewhere.
  const runs = replays.every((replay) => replay.comparisons > 0 || replay.verdict !== "disagrees");
  return { replays, diagnosis: runs ? await measuredRule(target) : undefined };
}

/** The measured rule; nothing if the target's process fails, as it then may in the judgement. */
async function measuredRule(target: Target): Promise<DiagnosisReport | undefined> {
  try {
    return await diagnosisOf(target, "conforms");
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return undefined;
  }
}

async function wholeStepOf(
  calibration: Calibration,
  { seed, profile, clauses }: ElsewherePlan,
): Promise<WholeStep | undefined> {
  const check = clauseOf(wholeStep)?.problems, { target, hidden } = calibration;
  // Triples take so long that it is known before whether they are wanted.
  if (check === undefined || hidden || profile === "thorough") return undefined;
  if (clauses !== undefined && !clauses.includes(wholeStep)) return undefined;
  // Where whole steps come first, nothing is known of chains of one.
  const leastSteps = target.compiles === "settings" ? 2 : 1;
  const facts = factsOf(calibration, { leastSteps, sharp: true });
  const result = await search(check, target, facts, {
    clause: wholeStep,
    seed,
    ...sharesOf(target, profile),
  });
  return result.found === null && result.lost === null ? { facts, result } : undefined;
}

/** Whether facts about a target are the same. */
export function areAlike(
  { unsupported: lacking, ...given }: Facts,
  { unsupported, ...assumed }: Facts,
): boolean {
  return JSON.stringify(given) === JSON.stringify(assumed) &&
    lacking.size === unsupported.size && lacking.isSubsetOf(unsupported);
}

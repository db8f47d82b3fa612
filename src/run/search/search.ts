/**
 * Looks for the smallest problem on which a clause is broken: random problems first, which get
 * smaller while they still break it, then those that cover all pairs of values, then the edge cases
 * of the clause.
 *
 * @module
 */

import * as fc from "fast-check";
import type { ProblemCheck, Trial } from "../../../properties/clause.ts";
import type { ClauseId } from "../../../properties/clauses.ts";
import { leavesRule } from "../../../properties/compare.ts";
import type { Coverage, Strength } from "../../../properties/covering.ts";
import { type Finding, plainFinding } from "../../../properties/finding.ts";
import { type Facts, type NotFinite, notFinite } from "../../../properties/observer.ts";
import { roundedFinding, tooFew } from "../../../properties/steps.ts";
import { predictEnd } from "../../../spec/chain_end.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { seedFor } from "../../../spec/numerics/random.ts";
import { predictStep } from "../../../spec/oracle.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { faultWords, type Target, TargetFault } from "../../../spec/sampler.ts";
import { differingCalls, passing } from "./confirm.ts";
import { isArranged } from "../calibration/draw_layout.ts";
import { isOfFewShapes } from "../calibration/few_shapes.ts";
import { pinnedByBounds } from "./pinned.ts";
import { simplerCases } from "./simpler_cases.ts";
import { type SeenRun, watchCase, type WatchedCase } from "../calibration/target_observer.ts";

/** Judgements of one failing clause while its problem is made smaller. */
export const mostShrinkSteps = 400;

/** How often a violation is looked at again, to see whether it comes and goes. */
const timesAgain = 2;

/** How many problems of a covering array are tried. */
export interface CoveringShare {
  readonly strength: Strength;
  /** From 0 to 1. */
  readonly share: number;
  /** At most so many. */
  readonly most?: number;
}

/** Which problems are tried. */
export interface SearchPlan {
  /** The clause; its problems depend on it and on the seed. */
  readonly clause: string;
  readonly seed: number;
  /** Random problems. */
  readonly cases: number;
  /** Problems in which values meet. */
  readonly covering: CoveringShare;
  /** Only this case. */
  readonly path?: string | undefined;
}

/** A problem on which a clause is broken. */
export interface Violation {
  readonly finding: Finding;
  /** x_0 … x_N of every row, where they were seen. */
  readonly points: readonly Rows[] | null;
  /** The clause that is broken, if it is another one. */
  readonly instead?: ClauseId;
  /** The tape as the target was given it, if it draws in an order of its own. */
  readonly tape?: readonly Rows[];
}

/** What came of one case. */
interface Look {
  readonly violation: Violation | null;
  readonly runs: readonly SeenRun[];
}

/** A violation with what it takes to see it again. */
interface Case extends Violation {
  readonly trial: Trial;
  readonly runs: readonly SeenRun[];
  /** The case that was made smaller to give this one: it shows more. */
  readonly first?: Case;
}

/** What came of a search. */
export interface SearchResult {
  /** The smallest problem on which the clause is broken, with its path. */
  readonly found: (Violation & { readonly path: string | null }) | null;
  /** Problems that were tried, those of shrinking aside. */
  readonly cases: number;
  /** Numbers that were compared. */
  readonly comparisons: number;
  /** Whether none was tried, because the target would have to be compiled for each. */
  readonly costly?: boolean;
  /** The pairs and triples of values that were tried, if the clause tries them all. */
  readonly coverage?: Coverage | undefined;
  /** The failure of the target that ended the search early. */
  readonly lost: TargetFault | null;
}

/**
 * Searches.
 *
 * @param onFound told of every problem that breaks the clause, each smaller than the last
 */
export async function search(
  check: ProblemCheck,
  target: Target,
  facts: Facts,
  plan: SearchPlan,
  onFound: (violation: Violation) => void = () => {},
): Promise<SearchResult> {
  let comparisons = 0;
  const look = async (trial: Trial): Promise<Look> => {
    const watched = watchCase(target, facts, check.faults);
    const judged = await findingOf(trial, check, watched);
    comparisons += watched.compared();
    const runs = watched.runs();
    const found = judged && !await followsPlainRule(trial, check, target, facts)
      ? roundedFinding(judged, runs)
      : null;
    const few = target.reveals === "final-actions" ? null : tooFewIn(runs);
    if (few) return { runs, violation: { points: null, ...few } };
    const pinned = found && !plan.clause.startsWith("bounds/")
      ? await pinnedByBounds(found, watched.observer).catch(noneWhereItFails)
      : null;
    if (pinned) {
      const points = watched.pointsOn(pinned.problem);
      return { runs, violation: { finding: pinned, points, instead: wallsOf(pinned.problem) } };
    }
    return {
      runs,
      violation: found && {
        finding: found,
        points: watched.pointsOn(found.problem),
        ...found.instead && { instead: found.instead },
      },
    };
  };
  const quietly = async (trial: Trial): Promise<Case | null> => {
    let { violation, runs } = await look(trial);
    // A case may have several problems, and stops at the first that differs.
    while (violation !== null && await drawsOtherwise(target, runs)) {
      ({ violation, runs } = await look(trial));
    }
    if (violation === null || !await standsUp(violation, facts)) return null;
    return { ...violation, trial, runs };
  };
  const judge = async (trial: Trial): Promise<Case | null> => {
    const found = await quietly(trial);
    if (found !== null) onFound(found);
    return found;
  };
  const simplified = async (found: Case & Found): Promise<Case & Found> => {
    const { path, first = found } = found;
    let simplest = found;
    try {
      for await (const simpler of simplerCases<Case>(found, facts, quietly)) {
        onFound(simpler);
        simplest = { ...simpler, path, first };
      }
    } catch (error) {
      faultIn(error);
    }
    return simplest;
  };
  let left = false;
  const costs = (trial: Trial) => {
    if (trial.problem.settings.steps > (target.longest?.() ?? Infinity)) return true;
    const most = target.compiles !== undefined && !isOfFewShapes(trial.problem);
    left ||= most;
    return most;
  };
  const parts: Readonly<Record<Kind, () => Promise<Part>>> = {
    random: () => searchRandom(check, facts, plan, { judge, costs }),
    covering: () => searchCovering(check, facts, plan, { judge, costs }),
    edge: () => searchEdges(check.edges(facts), plan, { judge, costs }),
  };
  let sum: Part = nothing;
  for (const kind of kindsOf(plan)) {
    const part = await parts[kind]();
    sum = { ...sum, ...part, cases: sum.cases + part.cases };
    if (part.found !== null || part.lost !== null) break;
  }
  const { found, lost } = sum;
  return {
    ...sum,
    found: found &&
      (lost === null
        ? await withTape(await seenAgain(await simplified(found), look, facts), target)
        : plain(found)),
    comparisons,
    ...left && sum.cases === 0 ? { costly: true } : {},
  };
}

/**
 * Whether a case that breaks a clause under the rule that was measured keeps it under the rule that
 * the target should follow: what was measured acts in other problems.
 */
async function followsPlainRule(
  trial: Trial,
  check: ProblemCheck,
  target: Target,
  { plainRule, ...facts }: Facts,
): Promise<boolean> {
  if (plainRule === undefined || trial.changed === undefined) return false;
  const plainly = trial.changed((problem) => ({ ...problem, rule: plainRule }));
  const watched = watchCase(target, { ...facts, rule: plainRule }, check.faults);
  return await findingOf(plainly, check, watched) === null && watched.compared() > 0;
}

/** A sampler that fails again is not seen to be moved by walls. */
function noneWhereItFails(error: unknown): null {
  if (error instanceof TargetFault && !error.ofProcess) return null;
  throw error;
}

/** The clause that walls break which move a coordinate. */
function wallsOf({ axes }: Problem): ClauseId {
  return axes > 1 ? "bounds/per-axis" : "bounds/only-the-wall";
}

async function withTape(found: Found, target: Target): Promise<Found> {
  const { problem } = found.finding;
  if (!isArranged(target)) return found;
  const { noise } = await target.asGiven(problem);
  return noise.kind === "own" || noise === problem.noise ? found : { ...found, tape: noise.draws };
}

/** Whether the draws of one of these runs are in another order than was thought. */
async function drawsOtherwise(target: Target, runs: readonly SeenRun[]): Promise<boolean> {
  let found = false;
  if (!isArranged(target)) return found;
  for (const { problem } of runs) found = await target.reconsider(problem) || found;
  return found;
}

/**
 * A violation after its case was run again. One that comes and goes has no path: it takes the cases
 * before it to see it.
 */
async function seenAgain(
  smallest: Case & Found,
  look: (trial: Trial) => Promise<Look>,
  facts: Facts,
): Promise<Found> {
  const found = plain(smallest);
  const cases: Case[] = [];
  for (let time = 0; time < timesAgain; time++) cases.push(smallest, smallest.first ?? smallest);
  let passes = false;
  try {
    for (const { trial, runs } of cases) {
      const again = await look(trial);
      const finding = differingCalls(runs, again.runs, facts);
      if (finding) {
        return { ...found, finding, points: null, path: null, instead: "state/second-call" };
      }
      passes ||= again.violation === null;
    }
    return passes ? { ...found, path: null, finding: passing(found.finding) } : found;
  } catch (error) {
    faultIn(error);
    return found;
  }
}

function plain({ finding, points, instead, path }: Case & Found): Found {
  return { finding, points, path, ...(instead ? { instead } : {}) };
}

/** A chain with fewer gradients than steps: by itself, or only of a sampler that was called before. */
function tooFewIn(runs: readonly SeenRun[]): Pick<Violation, "finding" | "instead"> | null {
  for (const { problem, trajectory, again } of runs) {
    const finding = tooFew(problem, trajectory);
    if (finding === null) continue;
    if (!again) return { finding, instead: "steps/count" };
    const message = `${finding.message}, in a later call of a sampler`;
    return { finding: { ...finding, message }, instead: "state/second-call" };
  }
  return null;
}

type Judge = (trial: Trial) => Promise<Case | null>;

/** How cases are judged, and which are left because they cost too much. */
interface Judging {
  readonly judge: Judge;
  costs(trial: Trial): boolean;
}

type Found = Violation & { readonly path: string | null };

interface Part extends Omit<SearchResult, "comparisons" | "found"> {
  readonly found: (Case & Found) | null;
}

const nothing: Part = { found: null, cases: 0, lost: null };

/** Where a problem can come from. */
type Kind = "random" | "covering" | "edge";

const edgePath = "edge:", coveringPaths = { 2: "pair:", 3: "triple:" } as const;

function kindsOf({ path }: SearchPlan): readonly Kind[] {
  if (path === undefined) return ["random", "covering", "edge"];
  if (path.startsWith(edgePath)) return ["edge"];
  return Object.values(coveringPaths).some((name) => path.startsWith(name))
    ? ["covering"]
    : ["random"];
}

async function searchRandom(
  check: ProblemCheck,
  facts: Facts,
  plan: SearchPlan,
  { judge, costs }: Judging,
): Promise<Part> {
  const failing: Case[] = [];
  let stopped: unknown = null;
  let cases = 0, shrinks = 0;
  if (plan.cases === 0) return nothing;
  const property = fc.asyncProperty(check.random(facts), async (trial) => {
    if (stopped !== null || shrinks > mostShrinkSteps || costs(trial)) return true;
    if (failing.length === 0) cases++;
    else shrinks++;
    try {
      const violation = await judge(trial);
      if (violation === null) return true;
      failing.push(violation);
      return false;
    } catch (error) {
      stopped = error;
      return true;
    }
  });
  const { counterexamplePath } = await replayable(plan, () =>
    fc.check(property, {
      seed: seedFor(plan.seed, plan.clause),
      numRuns: plan.cases,
      ...(plan.path === undefined ? {} : { path: plan.path }),
    }));
  if (plan.path !== undefined && cases === 0) throw leadsNowhere(plan);
  const smallest = failing.length === 0 ? null : { ...failing.at(-1)!, first: failing[0]! };
  return {
    found: withPath(smallest, counterexamplePath),
    cases,
    lost: stopped === null ? null : faultIn(stopped),
  };
}

async function searchCovering(
  check: ProblemCheck,
  facts: Facts,
  plan: SearchPlan,
  judging: Judging,
): Promise<Part> {
  const { path, covering: { strength: wanted, share } } = plan;
  const strength = path === undefined ? wanted : path.startsWith(coveringPaths[2]) ? 2 : 3;
  const seed = seedFor(plan.seed, plan.clause);
  const covering = check.covering?.(facts, { strength, seed });
  if (covering === undefined) {
    if (path !== undefined) throw leadsNowhere(plan);
    return nothing;
  }
  const { cases } = covering;
  const count = Math.min(Math.ceil(share * cases.length), plan.covering.most ?? Infinity);
  const few = path === undefined ? cases.slice(0, count) : cases;
  const part = await searchListed(few, coveringPaths[strength], plan, judging);
  if (path !== undefined) return part;
  return { ...part, coverage: covering.coverageOf(part.cases) };
}

function searchEdges(edges: readonly Trial[], plan: SearchPlan, judging: Judging): Promise<Part> {
  return searchListed(edges, edgePath, plan, judging);
}

/** Tries problems one by one, or the one that a path names; the first that breaks is made smaller. */
async function searchListed(
  trials: readonly Trial[],
  name: string,
  plan: SearchPlan,
  { judge, costs }: Judging,
): Promise<Part> {
  const only = plan.path === undefined ? undefined : Number(plan.path.slice(name.length));
  if (only !== undefined && only >= trials.length) throw leadsNowhere(plan);
  let cases = 0, found: Case | null = null;
  for (const [index, trial] of trials.entries()) {
    if (only === undefined ? costs(trial) : index !== only) continue;
    cases++;
    const path = `${name}${index}`;
    try {
      const first = found = await judge(trial);
      if (first === null) continue;
      for await (const simpler of smaller(trial, judge)) found = simpler;
      return { found: withPath({ ...found!, first }, path), cases, lost: null };
    } catch (error) {
      return { found: withPath(found, path), cases, lost: faultIn(error) };
    }
  }
  return { ...nothing, cases };
}

/** Simpler problems that break the clause too, each simpler than the last. */
async function* smaller(trial: Trial, judge: Judge): AsyncGenerator<Case> {
  let best = trial;
  for (let left = mostShrinkSteps; left > 0;) {
    let found: Case | null = null;
    for (const simpler of best.simpler?.() ?? []) {
      if (left-- <= 0) return;
      found = await judge(simpler);
      if (found === null) continue;
      best = simpler;
      yield found;
      break;
    }
    if (found === null) return;
  }
}

function withPath(found: Case | null, path: string | null): Part["found"] {
  return found && { ...found, path };
}

/** The failure of a target; other errors are the suite's own. */
function faultIn(error: unknown): TargetFault {
  if (error instanceof TargetFault) return error;
  throw error;
}

/**
 * What a case finds; where failing breaks the clause, a failure is a finding, and so is what is no
 * number where the rule gives one.
 */
async function findingOf(
  trial: Trial,
  check: ProblemCheck,
  watched: WatchedCase,
): Promise<Finding | null> {
  try {
    const outcome = await trial.judge(watched.observer);
    return outcome === "nothing" ? null : outcome;
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    const { facts } = watched.observer;
    const found = noNumberIn(error, watched.runs().at(-1), facts);
    if (found !== null) return found;
    if (check.faults !== "violate") throw error;
    const { problem } = trial, { noiseSign } = facts;
    const words = faultWords(error), message = words.replace(/^found/, "Found");
    const { value: expected } = predictEnd(problem, { noiseSign })[0]![0]!;
    const at = { step: problem.settings.steps - 1, row: 0, axis: 0 };
    return plainFinding(problem, message, { ...at, expected, actual: NaN });
  }
}

/**
 * The step that leads to what is no number, where the rule leads to one from the same point.
 *
 * @throws the error, if there is none
 */
export function noNumberOf(
  error: unknown,
  run: SeenRun | undefined,
  facts: Pick<Facts, "noiseSign">,
): Finding {
  const found = error instanceof TargetFault ? noNumberIn(error, run, facts) : null;
  if (found === null) throw error;
  return found;
}

function noNumberIn(
  { kind }: TargetFault,
  run: SeenRun | undefined,
  { noiseSign }: Pick<Facts, "noiseSign">,
): Finding | null {
  if (kind !== "not-finite") return null;
  const found = run && notFinite(run.trajectory);
  if (!found) return null;
  const { problem } = run, { step, row, axis, from, value } = found;
  if (step < 0) return notANumberAtFirst(problem, found);
  if (step >= problem.settings.steps || from === null) return null;
  const { terms, tolerance } = predictStep(problem, step, from, { noiseSign })[row]![axis]!;
  // Where float32 may overflow on the way, it is fine.
  if (!Number.isFinite(terms.result) || !Number.isFinite(tolerance)) return null;
  const message = `Step ${step} puts row ${row}, axis ${axis} at ${value} instead of ${
    show(terms.result)
  }`;
  const numbers = { step, row, axis, expected: terms.result, actual: value, tolerance };
  return plainFinding(problem, message, numbers);
}

/** The first question is no number, though the chain begins at one. */
function notANumberAtFirst(problem: Problem, { row, axis, value }: NotFinite): Finding | null {
  const expected = problem.initial[row]?.[axis];
  if (expected === undefined) return null;
  const message = `The first gradient is asked with ${value} in row ${row}, axis ${axis}, ` +
    `which starts at ${show(expected)}`;
  return plainFinding(problem, message, { row, axis, expected, actual: value });
}

/** Whether a step that speaks for a violation speaks for it in 64 digits, too. */
async function standsUp({ finding, points }: Violation, { noiseSign }: Facts): Promise<boolean> {
  const { step, row, axis, confirmable } = finding;
  if (!confirmable || step === null || row === null || axis === null) return true;
  const point = points?.[step]?.[row];
  return point === undefined ||
    await leavesRule({ ...finding, step, row, axis, point, noiseSign });
}

/** Says so if a path leads to no case, which fast-check tells by an error of its own. */
async function replayable<T>(plan: SearchPlan, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (plan.path === undefined) throw error;
    throw leadsNowhere(plan, error);
  }
}

function leadsNowhere({ clause, path }: SearchPlan, cause?: unknown): TargetFault {
  return new TargetFault(
    "contract",
    `the path ${path}, which leads to no case of ${clause}`,
    "a path that a report of this version gave, with the same seed",
    { cause },
  );
}

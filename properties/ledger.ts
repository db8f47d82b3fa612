/**
 * The term ledger: what each term of a step should have been, and what it was as far as the
 * observed points tell.
 *
 * Only the point before the step and the point after it are seen. From them the movement follows;
 * from a movement that no clip can have produced, the step follows; and so on towards the gradient,
 * as long as a single term can be solved for. The term that a clause is about is solved for; the
 * terms before it are taken as they should be ("not contradicted").
 *
 * @module
 */

import type { Prediction, TermFactors } from "../spec/oracle.ts";
import type { Problem } from "../spec/problem.ts";
import { type TermName, termNames } from "../spec/rule.ts";
import { partsOf, ruleFor } from "../spec/rule_parts.ts";

/** How the actual value of a term is known. */
export type Basis = "observed" | "inferred" | "not contradicted" | "hidden";

/** One term, expected against actual. */
export interface LedgerLine {
  readonly term: TermName;
  readonly formula: string;
  readonly expected: number;
  /** `null` when what was observed does not tell. */
  readonly actual: number | null;
  readonly basis: Basis;
  /** True on the first term that differs. */
  readonly differs: boolean;
}

/** What a ledger is made from. */
export interface LedgerInput {
  readonly problem: Problem;
  readonly prediction: Prediction;
  readonly axis: number;
  readonly action: number;
  readonly actual: number;
  /** The term that is under suspicion. */
  readonly term: TermName;
  /** Set if the bounds alone are under suspicion, and the row meets a wall on some axis. */
  readonly atWalls?: boolean;
}

type Known = { readonly actual: number | null; readonly basis: Basis };

const hidden: Known = { actual: null, basis: "hidden" };

/** The factors of a step's parts; where both parts are multiplied by one, as the step shows it. */
function factorsOf({ terms, factors }: Prediction): TermFactors {
  if (factors.drift !== factors.noise) return factors;
  const sum = terms.drift + terms.noise, shared = sum === 0 ? factors.drift : terms.step / sum;
  return { ...factors, drift: shared, noise: shared };
}

/** The ledger of one coordinate's step. */
export function ledgerOf(input: LedgerInput): LedgerLine[] {
  const { problem, prediction, axis, action, actual, term, atWalls = false } = input;
  const { settings } = problem;
  const { terms, tolerance } = prediction, rule = ruleFor(problem);
  const factors = factorsOf(prediction), eta = factors.drift;
  const lower = settings.bounds.min[axis]!, upper = settings.bounds.max[axis]!;
  const moved = action - actual;
  const onWall = actual === lower || actual === upper;
  const asExpected = (name: TermName): Known => ({
    actual: terms[name],
    basis: "not contradicted",
  });
  const inferred = (value: number): Known =>
    Number.isFinite(value) ? { actual: value, basis: "inferred" } : hidden;
  const suspects = termNames.indexOf(term);
  const beforeSuspect = (name: TermName) => termNames.indexOf(name) < suspects;

  const result: Known = { actual, basis: "observed" };
  // Where a wall ended the step, or should and is under suspicion, the result alone is seen.
  const walled = onWall ||
    term === "result" && atWalls && (terms.result === lower || terms.result === upper);
  // Of a result beyond the walls the step that led to it cannot be told, nor of one that the bounds
  // themselves may have moved.
  const beyond = term === "result" && (atWalls && !onWall || actual < lower || actual > upper);
  const clippedStep: Known = walled
    ? hidden
    : beyond
    ? asExpected("clippedStep")
    : { actual: moved, basis: "observed" };
  const wanted = Math.abs(terms.step), made = Math.abs(moved), turned = moved * terms.step < 0;
  const free = !walled && !beyond && made < terms.limit - tolerance;
  // A wall that the rule doesn't lead to may have stopped any step: which, nobody sees.
  const stopped = onWall && Math.abs(terms.result - actual) > tolerance;
  const clips = wanted > terms.limit + tolerance;
  // Of a movement that is too short the step and the limit can't both be right.
  const short = (term === "result" || term === "step" && clips) && free && !turned &&
    made < wanted - tolerance;
  const step: Known = term === "limit" || term === "clippedStep"
    ? asExpected("step")
    : stopped || short
    ? hidden
    : beforeSuspect("step")
    // A movement that is too short may come of a step that was clipped otherwise, one to the other
    // side may not.
    ? free && (made > wanted + tolerance || turned && made > tolerance)
      ? inferred(moved)
      : asExpected("step")
    : free
    ? inferred(moved)
    : !walled && Math.abs(moved - terms.step) <= tolerance
    ? asExpected("step")
    : hidden;
  const limit: Known = !walled && term === "limit" && (clips || made < wanted - tolerance)
    ? inferred(made)
    : short
    ? hidden
    : asExpected("limit");
  const isFree = free && factors.drift !== 0 && factors.noise !== 0;
  const solve = (name: "drift" | "noise"): Known => {
    if (beforeSuspect(name)) return asExpected(name);
    if (!isFree) return free ? hidden : asExpected(name);
    const other = name === "drift" ? "noise" : "drift";
    // What is left of the movement once the other part is taken off.
    const rest = factors.drift === factors.noise
      ? moved / eta - terms[other]
      : (moved - factors[other] * terms[other]) / factors[name];
    if (name === "noise" && term !== "noise" && term !== "step" && terms.noise === 0) {
      return asExpected("noise");
    }
    if (name === "drift" && (term === "noise" || term === "step") && terms.noise !== 0) {
      return asExpected("drift");
    }
    if (name === "noise" && term !== "noise" && term !== "step") return asExpected("noise");
    return inferred(rest);
  };
  const drift = solve("drift");
  const noise = solve("noise");
  const clippedGradient: Known = drift.basis === "inferred" &&
      (term === "gradient" || term === "clippedGradient")
    ? inferred(drift.actual! / factors.gradient)
    : asExpected("clippedGradient");
  const gradient: Known = clippedGradient.basis === "inferred" && term === "gradient"
    ? inferred(clippedGradient.actual!)
    : asExpected("gradient");
  const known: Record<TermName, Known> = {
    gradient,
    clippedGradient,
    drift,
    noise,
    step,
    limit,
    clippedStep,
    result,
  };
  const slack: Record<TermName, number> = {
    gradient: eta === 0 ? 0 : tolerance / Math.abs(factors.gradient * eta),
    clippedGradient: eta === 0 ? 0 : tolerance / Math.abs(factors.gradient * eta),
    drift: eta === 0 ? 0 : tolerance / Math.abs(eta),
    noise: factors.noise === 0 ? 0 : tolerance / Math.abs(factors.noise),
    step: tolerance,
    limit: tolerance,
    clippedStep: tolerance,
    result: tolerance,
  };
  const formulas: Record<TermName, string> = {
    gradient: settings.applyExp ? rule.gradientOfExp : "dE/da",
    clippedGradient: settings.gradClip === null ? rule.noGradClip : rule.gradClip,
    drift: rule.drift,
    noise: rule.noise,
    step: rule.step,
    limit: partsOf(rule).has("delta clip") ? rule.limit : "none",
    clippedStep: rule.clippedStep,
    result: rule.result,
  };
  const differs = (name: TermName) => {
    const value = known[name].actual;
    return value !== null && known[name].basis !== "not contradicted" &&
      !(Math.abs(value - terms[name]) <= slack[name]);
  };
  const first = termNames.find(differs);
  return termNames.map((name) => ({
    term: name,
    formula: formulas[name],
    expected: terms[name],
    ...known[name],
    differs: name === first,
  }));
}

/**
 * The last steps to the smallest problem: plain values, one after the other, as long as the clause is
 * broken in the same way.
 *
 * @module
 */

import type { Trial } from "../../../properties/clause.ts";
import type { Finding } from "../../../properties/finding.ts";
import type { Facts } from "../../../properties/observer.ts";
import {
  beforeTheWalls,
  fewerSteps,
  type Simplification,
  simplifications,
} from "../../../properties/simplest.ts";
import { observe } from "../../../spec/observe.ts";
import type { Rows } from "../../../spec/problem.ts";
import { officialRule, type Rule, ruleSampler } from "../../../spec/rule.ts";
import { partsOf, ruleFor } from "../../../spec/rule_parts.ts";
import { TargetFault } from "../../../spec/sampler.ts";
import { watchCase } from "../calibration/target_observer.ts";

/** A case that breaks a clause. */
export interface BrokenCase {
  readonly trial: Trial;
  readonly finding: Finding;
  /** x_0 … x_N of every row, where they were seen. */
  readonly points: readonly Rows[] | null;
}

/** Each simplification may make another one possible. */
const rounds = 2;

/** How often a chain gets shorter in a round. */
const mostLengths = 6;

/** Beyond so many tolerances a violation is as plain as can be. */
const plain = 1000;

/**
 * Simpler cases, each simpler than the last, that break the clause in the same way.
 *
 * @param look judges a case; `null` if it does not break the clause
 */
export async function* simplerCases<Found extends BrokenCase>(
  first: Found,
  facts: Facts,
  look: (trial: Trial) => Promise<Found | null>,
): AsyncGenerator<Found> {
  // Whoever is compiled again and again pays for every setting, and other rules have other values.
  if (facts.compiles !== undefined || !hasPlainValues(ruleFor(facts))) return;
  let found = first;
  const simplerBy = async (simplify: Simplification): Promise<Found | null> => {
    const { trial, finding, points } = found, { problem } = trial;
    if (simplify === beforeTheWalls && !isHidden(finding)) return null;
    const at = { ...finding, points: finding.problem === problem ? points : null };
    for (let which = 0; which < simplify(problem, at).length; which++) {
      const changed = trial.changed?.((of) => simplify(of, at)[which] ?? of);
      if (changed === undefined || isAlike(changed, trial)) continue;
      if (!await holdsForRule(changed, facts)) continue;
      const other = await look(changed).catch(nullIfRefused);
      if (other === null || !isSameWay(other.finding, finding, facts)) continue;
      if (simplify !== beforeTheWalls || !isHidden(other.finding)) return other;
    }
    return null;
  };
  for (let round = 0, simpler = true; round < rounds && simpler; round++) {
    simpler = false;
    for (const simplify of simplifications) {
      // Of a long chain each length that is short enough shows a shorter one.
      for (let time = 0; time < (simplify === fewerSteps ? mostLengths : 1); time++) {
        const other = await simplerBy(simplify);
        if (other === null) break;
        simpler = true;
        yield found = other;
      }
    }
  }
}

/** Whether a rule has the settings of the official one, which the plain values are for. */
function hasPlainValues(rule: Rule): boolean {
  const parts = partsOf(rule);
  return [...partsOf(officialRule)].every((part) => part === "traces" || parts.has(part)) &&
    rule.own === undefined;
}

/** What a target can't run is not simpler to it. */
function nullIfRefused(error: unknown): null {
  if (error instanceof TargetFault && !error.ofProcess) return null;
  throw error;
}

function isAlike({ problem }: Trial, { problem: other }: Trial): boolean {
  return JSON.stringify(problem) === JSON.stringify(other);
}

/** Whether the case still lets the rule pass: a change may take away what the clause rests on. */
async function holdsForRule(trial: Trial, facts: Facts): Promise<boolean> {
  const { observer } = watchCase(observe(ruleSampler(ruleFor(facts))), { ...facts, noiseSign: 1 });
  try {
    return await trial.judge(observer) === null;
  } catch {
    return false;
  }
}

/** Whether two findings say the same of other numbers, the one as plainly as the other. */
function isSameWay(one: Finding, other: Finding, facts: Facts): boolean {
  const term = ({ ledger }: Finding) => ledger.find(({ differs }) => differs)?.term;
  const told = term(one) === term(other) && wordsOf(one) === wordsOf(other);
  return (told || isHidden(other) && !isHidden(one)) &&
    one.instead === other.instead &&
    Number.isFinite(one.actual) === Number.isFinite(other.actual) &&
    !(plainness(one) < Math.min(plain, plainness(other))) && mayBeSingle(one, other, facts);
}

/**
 * A single step of which nothing is known yet must differ as much as the same step of a chain, if the
 * finding is about a step.
 */
function mayBeSingle(one: Finding, other: Finding, { leastSteps }: Facts): boolean {
  const [now, before] = [one, other].map(({ problem }) => problem.settings.steps);
  if (leastSteps === 1 || now! > 1 || before === 1 || one.step === null) return true;
  const off = one.actual - one.expected - (other.actual - other.expected);
  return !(Math.abs(off) > 2 * (one.tolerance + other.tolerance));
}

/** Whether a wall hides the step. */
function isHidden({ ledger }: Finding): boolean {
  return ledger.some(({ term, basis }) => term === "step" && basis === "hidden");
}

function wordsOf({ message }: Finding): string {
  return message.replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/g, "#");
}

/** How far from the rule, in tolerances. */
function plainness({ expected, actual, tolerance }: Finding): number {
  return Math.abs(actual - expected) / tolerance;
}

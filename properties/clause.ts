/**
 * What a clause is: one statement of the rule together with the way it is judged.
 *
 * @module
 */

import type * as fc from "fast-check";
import type { Problem } from "../spec/problem.ts";
import { officialRule, type Rule, type TermName } from "../spec/rule.ts";
import { problemFor, ruleFor, type RulePart } from "../spec/rule_parts.ts";
import type { Feature } from "../spec/sampler.ts";
import type { Coverage, Strength } from "./covering.ts";
import type { Outcome } from "./finding.ts";
import type { NoiseCheck } from "./noise_check.ts";
import type { Facts, Observer } from "./observer.ts";

/** How binding a clause is. */
export type Level =
  /** Every sampler that follows the rule. */
  | "must"
  /** Only samplers that have the feature; lacking it is not a violation. */
  | "may"
  /** A consequence of the other clauses, proved; checked because it is what users look at. */
  | "theorem";

/** A foundation that leaves some steps alone where it is violated. */
export type PartialFoundation = "drift/no-memory" | "result/last-point" | "schedule/constant";

/** Any step of a chain is enough for the clause. */
export const anyStep: readonly PartialFoundation[] = [
  "drift/no-memory",
  "result/last-point",
  "schedule/constant",
];

/** What a clause says. */
export interface Statement<Id extends string = string> {
  /** Words, stable: a group and a name. */
  readonly id: Id;
  /** Whom it binds. */
  readonly level: Level;
  /** What holds, in one sentence. */
  readonly sentence: string;
  /** Why it matters: what goes wrong without it. */
  readonly why: string;
  /** A formula of the rule, as it is executed. */
  readonly formula?: string;
  /** The term of a step that the clause is about; by default the result. */
  readonly term?: TermName;
  /** Where it comes from. */
  readonly source: string;
  /** The optional feature without which it cannot be judged. */
  readonly feature?: Feature;
  /** What it takes beside features: without noise of the sampler's own there is nothing to judge. */
  readonly needs?: "own noise";
  /**
   * The smallest set of clauses without which, and without the foundations of which, this one has no
   * meaning: if one of them is violated, it is not judged.
   */
  readonly buildsOn: readonly string[];
  /**
   * Foundations, direct or not, without which the steps that they leave alone are enough to judge it:
   * first steps without `drift/no-memory`, those before the last without `result/last-point`.
   *
   * @internal
   */
  readonly partlyWithout?: readonly PartialFoundation[];
  /** Clauses that, where they hold, let this one be judged more sharply. */
  readonly sharperWith?: readonly string[];
  /** Why it is there, or what it leaves open. */
  readonly remark?: string;
  /** Parts of a rule of which it needs one at least: a rule without them does not have this clause. */
  readonly parts?: readonly RulePart[];
}

/** One problem with its judgement. */
export interface Trial {
  /** What the target is run on, maybe beside other problems made from it. */
  readonly problem: Problem;
  /** Runs the target on it. */
  judge(observer: Observer): Promise<Outcome>;
  /** Simpler trials, each simpler in one way, to be tried where this one breaks the clause. */
  simpler?(): readonly Trial[];
  /** The same with every problem changed; whether it still says what it did is to be seen. */
  changed?(change: (problem: Problem) => Problem): Trial;
}

/** Which problems of a covering array are wanted. */
export interface CoveringPlan {
  /** Pairs of values, or triples. */
  readonly strength: Strength;
  /** Another one gives another array. */
  readonly seed: number;
}

/** Problems in which every value of what they vary meets every other. */
export interface Covering<C> {
  readonly cases: readonly C[];
  /** Simpler cases, each simpler in one way. */
  simpler(given: C): readonly C[];
  /** The values that met in the first so many cases. */
  coverageOf(tried: number): Coverage;
}

/** How a clause is judged on problems. */
export interface ProblemCheck {
  /** Random problems, made smaller by fast-check. */
  random(facts: Facts): fc.Arbitrary<Trial>;
  /** Edge cases that every run includes, after the random ones. */
  edges(facts: Facts): readonly Trial[];
  /** Problems that cover all pairs or triples of what a problem can vary, after the random ones. */
  covering?(facts: Facts, plan: CoveringPlan): Covering<Trial>;
  /** Whether a target that throws, or returns what is no number, breaks the clause. */
  readonly faults: "violate" | "stop";
}

/** One statement of the rule, with the way it is judged. */
export interface Clause<Id extends string = string> extends Statement<Id> {
  /**
   * What it says of another rule than the official, if that is more than other formulas.
   *
   * @internal
   */
  readonly under?: Wording;
  /**
   * Judged on problems.
   *
   * @internal
   */
  readonly problems?: ProblemCheck;
  /**
   * Judged by the law of recovered noise, on samplers that draw their own.
   *
   * @internal
   */
  readonly noise?: NoiseCheck;
}

/** An observer who knows which term of a step the clause suspects. */
export interface ClauseObserver extends Observer {
  readonly suspect: TermName;
  /** Set if the clause is about the bounds, and steps are the concern of those that it builds on. */
  readonly ofBounds?: true;
}

/** A problem, or a problem with what its judgement must know of it. */
export type Case = Problem | { readonly problem: Problem };

/** The problems that bring a clause out, and the judgement of one of them. */
export interface Judged<C extends Case> {
  /** Problems on which the clause decides what happens. */
  random(facts: Facts): fc.Arbitrary<C>;
  /** Edge cases that every run includes; none by default. */
  edges?(facts: Facts): readonly C[];
  /** Problems that cover all pairs or triples of what a problem can vary; none by default. */
  covering?(facts: Facts, plan: CoveringPlan): Covering<C>;
  /** `stop` by default. */
  readonly faults?: "violate" | "stop";
  judge(observer: ClauseObserver, given: C): Promise<Outcome>;
}

/** What a clause says of a rule. */
export type Wording = (rule: Rule) => Partial<Pick<Statement, "sentence" | "formula" | "remark">>;

/** A clause as it is written down. */
export interface ClauseText<Id extends string, C extends Case> extends Statement<Id> {
  readonly under?: Wording;
  readonly problems?: Judged<C>;
  readonly noise?: NoiseCheck;
}

/** Makes a clause; the type of its cases stays inside. */
export function clause<const Id extends string, C extends Case = Problem>(
  { problems, ...rest }: ClauseText<Id, C>,
): Clause<Id> {
  if (problems === undefined) return rest;
  const suspect = rest.term ?? "result";
  const trial = (given: C): Trial => ({
    problem: "problem" in given ? given.problem : given,
    judge: (observer) => problems.judge(suspecting(observer, suspect, rest.id), given),
    changed: (change) => trial(withProblems(given, change)),
  });
  const suited = (facts: Facts) => (given: C): C => suitedTo(facts, given);
  const covering = problems.covering?.bind(problems);
  return {
    ...rest,
    problems: {
      random: (facts) => problems.random(facts).map(suited(facts)).map(trial),
      edges: (facts) => problems.edges?.(facts).map(suited(facts)).map(trial) ?? [],
      ...covering && {
        covering: (facts, plan) => {
          const suit = suited(facts);
          return coveringTrials(covering(facts, plan), (given) => trial(suit(given)));
        },
      },
      faults: problems.faults ?? "stop",
    },
  };
}

/** A case in which every problem is as the target takes it. */
function suitedTo<C>(facts: Facts, given: C): C {
  const { bounds, coordinates } = facts;
  if (ruleFor(facts) === officialRule && !bounds && !coordinates) return given;
  return withProblems(given, (problem) => problemFor(facts, problem));
}

/** A case with every problem in it changed. */
function withProblems<C>(given: C, change: (problem: Problem) => Problem): C {
  // The same problem stays the same.
  const known = new Map<object, unknown>();
  const visit = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (!known.has(value)) known.set(value, changed(value));
    return known.get(value);
  };
  const changed = (value: object): unknown => {
    if (isProblem(value)) return change(value);
    if (Array.isArray(value)) return value.map(visit);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, visit(part)]));
  };
  return visit(given) as C;
}

function isProblem(value: object): value is Problem {
  return "energy" in value && "settings" in value && "initial" in value;
}

function coveringTrials<C>(
  { cases, simpler, coverageOf }: Covering<C>,
  trial: (given: C) => Trial,
): Covering<Trial> {
  const trialOf = (given: C): Trial => ({
    ...trial(given),
    simpler: () => simpler(given).map(trialOf),
  });
  return {
    cases: cases.map(trialOf),
    simpler: (given) => given.simpler?.() ?? [],
    coverageOf,
  };
}

function suspecting(observer: Observer, suspect: TermName, id: string): ClauseObserver {
  return {
    suspect,
    ...id.startsWith("bounds/") && { ofBounds: true },
    facts: observer.facts,
    run: (problem) => observer.run(problem),
    open: (settings) => observer.open(settings),
    compared: (count) => observer.compared(count),
  };
}

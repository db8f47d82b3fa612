/**
 * Worked examples of the clauses: one small problem each, with what the rule gives and what a
 * sampler gives that breaks the clause. Both are run, nothing is written down by hand.
 *
 * @module
 */

import { type Clause, clauses } from "../properties/clauses.ts";
import { officialRule } from "../spec/rule.ts";
import { type Change, defects, defectsThatBreak, ruleOf } from "../src/defects/defects.ts";
import { composed } from "./composed_examples.ts";
import {
  type Difference,
  type Fact,
  factsOf,
  firstDifference,
  pointsBefore,
} from "./example_facts.ts";
import { chosen, type Task, tasks } from "./example_problems.ts";
import { digits, type Example, goes, placeOf, termsOf, wordsOf } from "./example_words.ts";

/** What a difference says of both, in words. */
function told(
  given: Task,
  { expected, actual }: Difference,
  facts: readonly Fact[],
  change: Change,
): { readonly rule: string; readonly does: string } {
  const inCall = expected.call === 1 ? "in the second call " : "";
  const where = placeOf(given, expected);
  const a = digits(expected.value), b = digits(actual.value);
  const { steps } = given.problem.settings;
  if (actual.what === "throws") return { rule: ruleEnd(given, facts), does: "throws an error" };
  switch (expected.what) {
    case "evaluations":
      return {
        rule: `the rule asks for ${a} gradient${a === "1" ? "" : "s"}`,
        does: `asks for ${b}`,
      };
    case "initial":
      return {
        rule: `the caller's initial action${where} is still ${a} after the call`,
        does: `has made it ${b}`,
      };
    case "actions":
      return {
        rule: `the rule reports the action ${a} for step ${expected.step}`,
        does: `reports ${b}`,
      };
    case "outputs":
      return {
        rule: `the rule reports the output ${a} for step ${expected.step}`,
        does: `reports ${b}`,
      };
    case "norms":
      return {
        rule: `the rule reports the gradient norm ${a} for step ${expected.step}${
          given.problem.initial.length > 1 ? `, row ${expected.row}` : ""
        }`,
        does: `reports ${b}`,
      };
  }
  const first = expected.what === "asked" && expected.step === 0;
  const elsewhere = change.gradientAt !== undefined || change.start !== undefined;
  if (expected.what === "asked" && (first || elsewhere)) {
    return {
      rule: `${inCall}the rule takes the gradient of step ${expected.step}${where} at ${a}`,
      does: `takes it at ${b}`,
    };
  }
  const step = expected.what === "final" ? steps - 1 : expected.step - 1;
  if (change.returns !== undefined) {
    return {
      rule: `the rule returns${where} ${a}, the point after the last step`,
      does: `returns ${b}`,
    };
  }
  if (given.problem.noise.kind === "own") {
    return {
      rule: `${inCall}the rule moves to ${a}, by another draw than before`,
      does: `moves to ${b} again`,
    };
  }
  const points = pointsBefore(given, facts, step);
  const terms = termsOf(given, points, step, expected);
  const from = points[expected.row]![expected.axis]!;
  const when = steps === 1 ? "" : ` in step ${step}`;
  return {
    rule: `${terms}: ${inCall}the rule ${goes(from, where, expected.value)}${when}`,
    does: Number.isNaN(actual.value) ? "makes it NaN" : goes(from, "", actual.value),
  };
}

/** Where the rule ends, in words. */
function ruleEnd(given: Task, facts: readonly Fact[]): string {
  const { steps } = given.problem.settings;
  const final = facts.find(({ what }) => what === "final")!;
  const points = pointsBefore(given, facts, steps - 1);
  const from = points[final.row]![final.axis]!;
  return `${termsOf(given, points, steps - 1, final)}: the rule ${
    goes(from, placeOf(given, final), final.value)
  }`;
}

/** An example of each clause, by the clause's id. */
export async function ruleExamples(): Promise<ReadonlyMap<string, Example>> {
  const known = new Map<Task, readonly Fact[]>();
  const ruleFacts = async (given: Task) => {
    const facts = known.get(given) ?? await factsOf(officialRule, given);
    known.set(given, facts);
    return facts;
  };
  const examples = new Map<string, Example>();
  for (const clause of clauses as readonly Clause[]) {
    const compose = composed[clause.id];
    if (compose !== undefined) {
      examples.set(clause.id, await compose());
      continue;
    }
    const own = chosen[clause.id];
    const candidates = own === undefined
      ? defectsThatBreak(clause.id)
      : defects.filter(({ id }) => id === own.defect);
    search: for (const defect of candidates) {
      for (const given of own === undefined ? tasks : [own.task]) {
        const facts = await ruleFacts(given);
        const difference = firstDifference(facts, await factsOf(ruleOf(defect), given));
        if (difference === null) continue;
        const words = told(given, difference, facts, defect.change);
        examples.set(clause.id, {
          problem: wordsOf(given),
          rule: words.rule,
          wrong: { defect: defect.id, does: words.does },
        });
        break search;
      }
    }
  }
  return examples;
}

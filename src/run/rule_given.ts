/**
 * The rule that a person or a sampler names: one of the suite's, a file, or a document.
 *
 * @module
 */

import { officialRule, type Rule } from "../../spec/rule.ts";
import { stepSizesOf } from "../../spec/rule_parts.ts";
import type { RuleDocument } from "../../spec/rules/document.ts";
import { type AskedRule, askedRule, ruleAsked } from "../../spec/rules/family.ts";
import type { Target } from "../../spec/sampler.ts";

/** How a rule can be named: `ula`, `ula+temperature`, `my_rule.json`, or as a document. */
export type RuleGiven = string | RuleDocument | AskedRule;

/**
 * Finds the document of a rule, with the options that are asked for.
 *
 * @throws {RuleError} if there is no such rule, or if its file is none
 */
export async function askedFor(given: RuleGiven): Promise<AskedRule> {
  if (typeof given !== "string") {
    return "document" in given ? given : { document: given, options: [] };
  }
  const file = /^(.*\.json)((?:\+[^+]*)*)$/.exec(given);
  if (file === null) return askedRule(given);
  const { readRuleFile } = await import("./rule_file.ts");
  const options = file[2]!.split("+").slice(1);
  return { document: await readRuleFile(file[1]!), options };
}

/**
 * The rule itself.
 *
 * @throws {RuleError} if there is no such rule, or if a formula makes no sense
 */
export async function ruleGiven(given: RuleGiven | undefined): Promise<Rule> {
  return given === undefined ? officialRule : ruleAsked(await askedFor(given));
}

/** A target that is judged by a rule: it is told the step sizes as numbers. */
export function underRule(target: Target, rule: Rule): Target {
  if (rule === officialRule) return target;
  return {
    ...target,
    rule,
    prepare: (settings) =>
      target.prepare({ ...settings, stepSizes: stepSizesOf({ rule, settings }) }),
  };
}

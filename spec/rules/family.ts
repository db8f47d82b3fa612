/**
 * The rules that come with the suite, by their names.
 *
 * @module
 */

import { officialRule, type Rule } from "../rule.ts";
import { type RuleDocument, RuleError, ruleFrom } from "./document.ts";
import { ibc, ibcSquared } from "./ibc.ts";
import { annealed, sgld, ula, ulaHalf } from "./textbook.ts";

/** Every rule that comes with the suite; the first is the default. */
export const family: readonly RuleDocument[] = [ibc, ibcSquared, ula, ulaHalf, sgld, annealed];

/** What a person asks for: a rule, with some of its options. */
export interface AskedRule {
  /** The rule as it is written down. */
  readonly document: RuleDocument;
  /** Names of options, each once, in the order of the document. */
  readonly options: readonly string[];
}

/** Looks up a document by its name. */
export function documentOf(name: string): RuleDocument | undefined {
  return family.find((document) => document.name === name);
}

/**
 * Reads the name of a rule with its options, like `ula+temperature`.
 *
 * @throws {RuleError} if there is no such rule or option
 */
export function askedRule(text: string): AskedRule {
  const [name = "", ...options] = text.split("+");
  const document = documentOf(name);
  if (document === undefined) {
    const names = family.map(({ name }) => name).join(", ");
    throw new RuleError("the name of a rule", JSON.stringify(name), `one of ${names}, or a file`);
  }
  return { document, options };
}

const made = new WeakMap<RuleDocument, Map<string, Rule>>();

/**
 * The rule that is asked for: the same object each time.
 *
 * @throws {RuleError} if a formula or an option makes no sense
 */
export function ruleAsked({ document, options }: AskedRule): Rule {
  if (document === ibc) {
    if (options.length > 0) ruleFrom(document, options);
    return officialRule;
  }
  let rules = made.get(document);
  if (!rules) made.set(document, rules = new Map());
  const known = Object.keys(document.options ?? {});
  const chosen = [
    ...known.filter((name) => options.includes(name)),
    ...options.filter((name) => !known.includes(name)),
  ];
  const key = chosen.join("+");
  let rule = rules.get(key);
  if (!rule) rules.set(key, rule = ruleFrom(document, chosen));
  return rule;
}

/** The rule of a name, like `ula` or `ula+temperature`. */
export function ruleNamed(text: string): Rule {
  return ruleAsked(askedRule(text));
}

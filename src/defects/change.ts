/**
 * A change of the rule as a record of words: other formulas, other steps of the loop.
 *
 * @module
 */

import {
  type FormulaName,
  formulaNames,
  type Formulas,
  type Loop,
  officialRule,
  type Rule,
  ruleSampler,
  type RuleSamplerOptions,
} from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { choices } from "./loop_steps.ts";
import type { Symbols } from "../../spec/compiled_rule.ts";
import { defectSymbols, knowing, ownSymbols, ownSymbolsIn } from "./symbols.ts";

/** Steps of the loop by the names of what stands in their place. */
type LoopChange = {
  readonly [Part in keyof typeof choices]?: keyof (typeof choices)[Part]["others"];
};

/** Where a sampler differs from the official rule: plain data. */
export type Change = Partial<Formulas> & Omit<LoopChange, FormulaName>;

/** What stands in the place of a part of the official rule. */
export interface Replacement {
  /** A formula, or a step of the loop. */
  readonly part: string;
  /** The official formula, or the word for what the official loop does. */
  readonly official: string;
  /** What it becomes. */
  readonly changed: string;
}

/** The words for what the official rule does, of every step of the loop that may be replaced. */
export const officialWords: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(choices).map(([part, { official }]) => [part, official]),
);

/** A change, part by part. */
export function replacements(change: Change): readonly Replacement[] {
  const official: Readonly<Record<string, unknown>> = { ...officialWords, ...officialRule };
  return Object.entries(change).map(([part, changed]) => ({
    part,
    official: String(official[part]),
    changed,
  }));
}

/**
 * The rule with changes; of two for the same part, the last counts.
 *
 * @throws {RangeError} if a change names what there is not
 */
export function ruleWith(...changes: readonly Change[]): Rule {
  return ruleUnder(officialRule, ...changes);
}

/**
 * Another rule with changes: a change replaces a part, so it carries over to every rule that has it.
 *
 * @throws {RangeError} if a change names what there is not
 */
export function ruleUnder(base: Rule, ...changes: readonly Change[]): Rule {
  const change: Change = Object.assign({}, ...changes);
  const formulas: Partial<Record<FormulaName, string>> = {};
  const own = new Set<string>();
  for (const name of formulaNames) {
    const text = change[name];
    if (text === undefined || replacementOf(change, name)) continue;
    formulas[name] = text;
    for (const symbol of ownSymbolsIn(text)) own.add(symbol);
  }
  for (const part of Object.keys(change)) {
    if (Object.hasOwn(formulas, part) || replacementOf(change, part)) continue;
    throw new RangeError(`Cannot change the rule: found ${part}, wanted a part and a word for it`);
  }
  const replacements = parts.flatMap((part) => replacementOf(change, part) ?? []);
  if (own.size > 0) replacements.unshift(knowing(own));
  return {
    ...base,
    ...formulas,
    symbols: own.size > 0 ? symbolsBeside(base) : base.symbols,
    loop: () => replacements.reduce((loop, replace) => replace(loop), base.loop()),
  };
}

/** The symbols of a rule and those of defects; of the official rule the same object each time. */
function symbolsBeside({ symbols }: Rule): Symbols {
  return symbols === officialRule.symbols ? defectSymbols : { ...symbols, ...ownSymbols };
}

const parts = Object.keys(choices) as (keyof typeof choices)[];

const known: ReadonlyMap<string, ReadonlyMap<string, (loop: Loop) => Loop>> = new Map(
  Object.entries(choices).map(([part, { others }]) => [part, new Map(Object.entries(others))]),
);

/** What stands in the place of a step of the loop, if the change names such a thing. */
function replacementOf(change: Change, part: string): ((loop: Loop) => Loop) | undefined {
  const word = Object.hasOwn(change, part) ? change[part as keyof Change] : undefined;
  return word === undefined ? undefined : known.get(part)?.get(word);
}

/** Whether two changes replace different parts, so that both can be made at once. */
export function compatible(one: Change, other: Change): boolean {
  return Object.keys(one).every((part) => !Object.hasOwn(other, part));
}

const rules = new WeakMap<Change, Rule>();

/** The complete rule of something with a change; the same object each time, compiled once. */
export function ruleOf({ change }: { readonly change: Change }): Rule {
  let rule = rules.get(change);
  if (!rule) rules.set(change, rule = ruleWith(change));
  return rule;
}

/** A sampler that follows the rule but for a change. */
export function samplerWith(change: Change, options: RuleSamplerOptions = {}): Sampler {
  return ruleSampler(ruleOf({ change }), options);
}

/**
 * Which defects have a meaning for a rule: those that change a part that it has.
 *
 * @module
 */

import { parseRuleFormula } from "../../spec/compiled_rule.ts";
import { symbolsOf } from "../../spec/formula/expression.ts";
import { type FormulaName, formulaNames, type Rule } from "../../spec/rule.ts";
import { partsOf, type RulePart } from "../../spec/rule_parts.ts";
import type { Defect } from "./defect.ts";
import { defectSymbols } from "./symbols.ts";

/** The part of a rule that a formula, or a word for a step of the loop, belongs to. */
const partOf: Partial<Readonly<Record<string, RulePart>>> = {
  gradientOfExp: "apply exp",
  gradClip: "gradient clip",
  noGradClip: "gradient clip",
  zeroGradClip: "gradient clip",
  limit: "delta clip",
  clippedStep: "delta clip",
  result: "box",
  polynomial: "schedule",
  polynomialFirst: "schedule",
  exponential: "exponential schedule",
};

/** Words that need a part, whatever step of the loop they are for. */
const partOfWord: Readonly<Record<string, RulePart>> = {
  "inside-box": "box",
  "clipped": "box",
  "without-exp": "apply exp",
  "schedule": "exponential schedule",
};

/** Whether a defect changes something that a rule has, and makes another rule of it. */
export function hasMeaning({ change }: Pick<Defect, "change">, rule: Rule): boolean {
  const parts = partsOf(rule);
  const lacks = (part: RulePart | undefined) => part !== undefined && !parts.has(part);
  return Object.entries(change).some(([name, word]) => {
    if (lacks(partOf[name]) || lacks(partOfWord[word])) return false;
    if (!isFormula(name, word)) return true;
    if (name === "singleStep" && !parts.has("schedule")) return false;
    return rule[name] !== word && usesWhatThereIs(word, parts);
  });
}

function isFormula(name: string, word: string): name is FormulaName {
  return formulaNames.some((known) => known === name) && word !== "throws";
}

/** A formula of a defect is none of a rule without what it speaks of. */
function usesWhatThereIs(formula: string, parts: ReadonlySet<RulePart>): boolean {
  const used = symbolsOf(parseRuleFormula(formula, defectSymbols));
  if (!parts.has("box") && used.some((symbol) => /^(lo|hi|range)([A-Z]|$)/.test(symbol))) {
    return false;
  }
  return parts.has("noise scale") || !/sigma( \^ 2\b|\))/.test(formula);
}

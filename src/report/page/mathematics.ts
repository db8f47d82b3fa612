/**
 * Formulas of a report's page as mathematics.
 *
 * @module
 */

import type { Clause } from "../../../properties/clauses.ts";
import { parseRuleFormula } from "../../../spec/compiled_rule.ts";
import type { Expression } from "../../../spec/formula/expression.ts";
import { parseFormula } from "../../../spec/formula/parse.ts";
import { toTeX } from "../../../spec/formula/tex.ts";
import { mathOfTeX, toMathML } from "../../../spec/mathml.ts";
import { type FormulaName, formulaNames, officialRule, ruleSymbols } from "../../../spec/rule.ts";
import { type Markup, markup, trusted } from "../markup.ts";

const symbolNames = Object.fromEntries(
  Object.entries(ruleSymbols).map(([symbol, { tex }]) => [symbol, tex]),
);

/** What the formulas of the rule give, as TeX. */
const results: Partial<Record<FormulaName, string>> = {
  gradClip: ruleSymbols.gt.tex,
  noGradClip: ruleSymbols.gt.tex,
  drift: ruleSymbols.drift.tex,
  noise: ruleSymbols.noise.tex,
  step: ruleSymbols.delta.tex,
  limit: ruleSymbols.limit.tex,
  clippedStep: ruleSymbols.move.tex,
  result: "a_{k+1}",
  polynomial: ruleSymbols.eta.tex,
  exponential: ruleSymbols.eta.tex,
};

/** The formula of a clause as mathematics, or `null` if it has none. */
export function formulaOf(clause: Clause | undefined): Markup | null {
  if (clause?.formula === undefined) return null;
  const { formula } = clause;
  const name = formulaNames.find((name) => results[name] && officialRule[name] === formula);
  const right = toTeX(parseRuleFormula(formula, ruleSymbols), symbolNames);
  const math = mathOfTeX(name === undefined ? right : `${results[name]} = ${right}`);
  return markup`<p class="formula" tabindex="0">${trusted(math)}</p>`;
}

/** A formula of the rule as mathematics, or `null` if it is none. */
export function ruleMath(formula: string): Markup | null {
  try {
    return trusted(toMathML(parseRuleFormula(formula, ruleSymbols), symbolNames));
  } catch {
    return null;
  }
}

/** An energy as mathematics, or `null` if it cannot be read or is very long. */
export function energyMath(energy: string): Markup | null {
  if (energy.length > 160) return null;
  try {
    const formula = parseFormula(energy, (s) => /^[ao][1-9]\d*$/.test(s), "a1… or o1…");
    return trusted(toMathML(signOutside(formula)));
  } catch {
    return null;
  }
}

/** Writes (-x)·y as -(x·y), which needs no parentheses. */
function signOutside(e: Expression): Expression {
  switch (e.kind) {
    case "negate":
      return { ...e, operand: signOutside(e.operand) };
    case "call":
      return { ...e, operands: e.operands.map(signOutside) };
    case "binary": {
      const left = signOutside(e.left), right = signOutside(e.right);
      return left.kind === "negate" && (e.operator === "*" || e.operator === "/")
        ? { kind: "negate", operand: { ...e, left: left.operand, right } }
        : { ...e, left, right };
    }
    default:
      return e;
  }
}

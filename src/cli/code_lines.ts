/**
 * Right and wrong code of a defect, side by side, in the languages that people port to.
 *
 * @module
 */

import { parseRuleFormula } from "../../spec/compiled_rule.ts";
import { toInfix } from "../../spec/formula/infix.ts";
import { type FormulaName, formulaNames } from "../../spec/rule.ts";
import { type Defect, replacements } from "../defects/defects.ts";
import { defectSymbols } from "../defects/symbols.ts";

/** A line of code that is right and what a defect makes of it. */
export interface CodeLines {
  readonly language: "TypeScript" | "Python";
  readonly right: string;
  readonly wrong: string;
}

/** What the value of a formula is called in code. */
const names: Readonly<Record<FormulaName, string>> = {
  gradient: "g",
  gradientOfExp: "g",
  gradClip: "gt",
  noGradClip: "gt",
  drift: "drift",
  noise: "noise",
  step: "delta",
  limit: "limit",
  clippedStep: "move",
  result: "a",
  polynomial: "eta",
  polynomialFirst: "eta",
  singleStep: "eta",
  exponential: "eta",
  steps: "steps",
};

/** The lines of every formula that a defect replaces; none where it replaces steps of the loop. */
export function codeLines({ change }: Defect): readonly CodeLines[] {
  return replacements(change).flatMap(({ part, official, changed }) => {
    const name = formulaNames.find((formula) => formula === part);
    if (name === undefined || !isFormula(changed)) return [];
    const line = (text: string, language: "typescript" | "python") => {
      const code = toInfix(parseRuleFormula(text, defectSymbols), language);
      const plain = language === "python"
        ? code.replaceAll(/\bm\.(?=\w)/g, "math.").replaceAll(/\b(\d+)\.0\b/g, "$1")
        : code;
      return `${language === "python" ? "" : "const "}${names[name]} = ${plain}`;
    };
    return (["TypeScript", "Python"] as const).map((language) => {
      const key = language === "Python" ? "python" : "typescript";
      return { language, right: line(official, key), wrong: line(changed, key) };
    });
  });
}

/** A formula and not the word for a step of the loop. */
function isFormula(text: string): boolean {
  try {
    parseRuleFormula(text, defectSymbols);
    return true;
  } catch {
    return false;
  }
}

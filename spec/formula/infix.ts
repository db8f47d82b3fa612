/**
 * Formulas as source text.
 *
 * @module
 */

import { type Expression, fold, type FunctionName } from "./expression.ts";

/** A piece of text and how tightly its outermost operation binds. */
export interface Printed {
  readonly text: string;
  readonly level: Level;
}

/** 1 sum, 2 product, 3 unary minus, 4 power, 5 atom. */
export type Level = 1 | 2 | 3 | 4 | 5;

/** A language that {@linkcode toInfix} can write. */
export type Language = "plain" | "python" | "typescript";

/**
 * Writes an expression as source text with as few parentheses as its order of evaluation allows.
 *
 * `plain` is the language of {@linkcode parseFormula} and reads back to the same evaluation.
 * `python` calls functions of a module `m` (`import math as m`) and computes in floats, `typescript`
 * calls those of `Math`; both leave symbols as they are.
 */
export function toInfix(e: Expression, language: Language = "plain"): string {
  const guard = (x: Printed, level: Level): string => x.level >= level ? x.text : `(${x.text})`;
  const caret = language === "plain" ? "^" : language === "python" ? "**" : " ** ";
  const whole = (text: string): string => language === "python" ? text.replace(/\.0$/, "") : text;
  return fold<Printed>(e, {
    number(value, text) {
      if (language === "plain") return { text, level: 5 };
      const full = String(value);
      return { text: language === "python" && /^\d+$/.test(full) ? `${full}.0` : full, level: 5 };
    },
    symbol: (name) => ({ text: name, level: 5 }),
    // TypeScript refuses -x ** y, and reads --x as a decrement.
    negate: (x) => ({ text: `-${guard(x, language === "typescript" ? 5 : 4)}`, level: 3 }),
    binary(operator, x, y, right) {
      switch (operator) {
        case "+":
        case "-":
          return { text: `${guard(x, 1)} ${operator} ${guard(y, 2)}`, level: 1 };
        case "*":
        case "/":
          return { text: `${guard(x, 2)}${operator}${guard(y, 3)}`, level: 2 };
        case "^":
          return {
            text: `${guard(x, 5)}${caret}${right.kind === "number" ? whole(y.text) : guard(y, 3)}`,
            level: 4,
          };
      }
    },
    call: (name, operands) => ({ text: infixCall(name, operands, language), level: 5 }),
  }).text;
}

function infixCall(name: FunctionName, operands: readonly Printed[], language: Language): string {
  const texts = operands.map((operand) => operand.text);
  const list = texts.join(", ");
  const [x = "", y = "", z = ""] = texts;
  if (language === "typescript") {
    return name === "where" ? `((${x}) > 0 ? ${y} : ${z})` : `Math.${name}(${list})`;
  }
  if (language === "python") {
    if (name === "where") return `(${y} if ${x} > 0 else ${z})`;
    if (name === "sign") return `(lambda x: (x > 0) - (x < 0))(${x})`;
    return name === "abs" || name === "min" || name === "max"
      ? `${name}(${list})`
      : `m.${name}(${list})`;
  }
  return `${name}(${list})`;
}

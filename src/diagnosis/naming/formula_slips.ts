/**
 * Slips of the pen in a formula: a function, a term or a factor left out, a root in the place of a
 * square, a step too far. What people get wrong in a rule that no catalogue of bugs knows.
 *
 * @module
 */

import { parseRuleFormula } from "../../../spec/compiled_rule.ts";
import { binary, call, type Expression } from "../../../spec/formula/expression.ts";
import { toInfix } from "../../../spec/formula/infix.ts";
import type { Rule } from "../../../spec/rule.ts";

/** Slips that are looked at, at most: the shortest formulas. */
const most = 60;

/** A formula with one slip in it, each once, short ones first; the formula itself is none of them. */
export function slipsIn(text: string, rule: Pick<Rule, "symbols" | "own">): readonly string[] {
  const own = new Set((rule.own ?? []).map(({ symbol }) => symbol));
  const whole = parseRuleFormula(text, rule.symbols);
  const texts = new Set([...slips(whole, own)].map(spaced));
  texts.delete(spaced(whole));
  return [...texts].toSorted((a, b) => a.length - b.length).slice(0, most);
}

/** As formulas of rules are written. */
function spaced(e: Expression): string {
  return toInfix(e).replaceAll(/[*/^]/g, " $& ");
}

const number = (value: number): Expression => ({ kind: "number", value, text: String(value) });
const one = number(1), two = number(2);

function* slips(e: Expression, own: ReadonlySet<string>): Generator<Expression> {
  yield* slipsAt(e, own);
  switch (e.kind) {
    case "negate":
      for (const operand of slips(e.operand, own)) yield { ...e, operand };
      return;
    case "binary":
      for (const left of slips(e.left, own)) yield { ...e, left };
      for (const right of slips(e.right, own)) yield { ...e, right };
      return;
    case "call":
      for (const [at, operand] of e.operands.entries()) {
        for (const other of slips(operand, own)) {
          yield { ...e, operands: e.operands.with(at, other) };
        }
      }
  }
}

/** Slips at the outermost place of an expression. */
function* slipsAt(e: Expression, own: ReadonlySet<string>): Generator<Expression> {
  switch (e.kind) {
    case "number":
      return;
    case "negate":
      return yield e.operand;
    case "call":
      return yield* e.operands;
    case "binary":
      return yield* ofBinary(e);
    case "symbol":
      if (e.name === "k") {
        yield binary("+", e, one);
        yield call("max", binary("-", e, one), number(0));
      }
      if (e.name === "N") yield binary("-", e, one);
      if (own.has(e.name) || e.name === "T" || e.name === "eta") {
        yield call("sqrt", e);
        yield binary("^", e, two);
      }
      if (e.name === "gt") {
        yield binary("/", e, two);
        yield binary("*", two, e);
      }
  }
}

function* ofBinary(e: Expression & { readonly kind: "binary" }): Generator<Expression> {
  const { operator, left, right } = e;
  yield left;
  switch (operator) {
    case "*":
      yield right;
      yield binary("/", left, right);
      return;
    case "+":
      yield right;
      yield binary("-", left, right);
      return;
    case "-":
      yield binary("+", left, right);
      return;
    case "/":
      yield binary("*", left, right);
      return;
    case "^":
      yield binary("*", left, right);
  }
}

/**
 * Formulas for the tests: random ones, and an independent evaluation of their parts.
 *
 * @module
 */

import * as fc from "fast-check";
import { type Expression, fold, type FunctionName } from "./expression.ts";
import { parseFormula } from "./parse.ts";

/** The symbols of the formulas, in the order of their values. */
export const layout = ["a1", "a2", "a3"];
const words = ["delta", "limit", "init", "final", "k", "N", "power", "o1"];

/** Reads a formula in the actions a1, a2, a3 and some words of the rule. */
export const parse = (text: string): Expression =>
  parseFormula(
    text,
    (symbol) => layout.includes(symbol) || words.includes(symbol),
    "an action a1...a3",
  );

/** Random formulas in a1...a3 of the given functions. */
export function expressions(functions: readonly FunctionName[]): fc.Arbitrary<Expression> {
  const number = (value: number): Expression => ({ kind: "number", value, text: String(value) });
  const numbers = fc.constantFrom(0, 0.1, 0.25, 0.5, 1, 1.3, 2, 3, 10).map(number);
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      numbers,
      fc.constantFrom(...layout).map((name): Expression => ({ kind: "symbol", name })),
      tie("tree").map((operand): Expression => ({ kind: "negate", operand })),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constantFrom("+" as const, "-" as const, "*" as const, "/" as const),
        left: tie("tree"),
        right: tie("tree"),
      }),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constant("^" as const),
        left: tie("tree"),
        right: fc.constantFrom(0, 1, 2, 3, 4, 5, 0.5, 1.3).map(number),
      }),
      ...functions.map((name) =>
        fc.record({
          kind: fc.constant("call" as const),
          name: fc.constant(name),
          operands: name === "where"
            ? fc.tuple(tie("tree"), tie("tree"), tie("tree"))
            : name === "min" || name === "max"
            ? fc.array(tie("tree"), { minLength: 2, maxLength: 3 })
            : fc.tuple(tie("tree")),
        })
      ),
    ),
  }));
  return tree;
}

/** float32 values of the symbols. */
export const point = fc.tuple(
  ...layout.map(() => fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround)),
);

/** A function at numbers, by JavaScript. */
export const numeric: (name: FunctionName, operands: readonly number[]) => number = (
  name,
  operands,
) => {
  const [x = NaN, y = NaN, z = NaN] = operands;
  if (name === "where") return x > 0 ? y : z;
  return (Math[name] as (...operands: readonly number[]) => number)(...operands);
};

/** The largest magnitude on the way to the value; infinite if any part is not a number. */
export function largestPart(e: Expression, values: readonly number[]): number {
  let largest = 0;
  const note = (value: number): number => {
    largest = Math.max(largest, Number.isNaN(value) ? Infinity : Math.abs(value));
    return value;
  };
  fold<number>(e, {
    number: note,
    symbol: (name) => note(values[layout.indexOf(name)] ?? NaN),
    negate: (x) => -x,
    binary: (operator, x, y) =>
      note(
        operator === "+"
          ? x + y
          : operator === "-"
          ? x - y
          : operator === "*"
          ? x * y
          : operator === "/"
          ? x / y
          : Math.pow(x, y),
      ),
    call: (name, operands) => note(numeric(name, operands)),
  });
  return largest;
}

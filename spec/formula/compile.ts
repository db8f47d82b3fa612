/**
 * Formulas as functions of float64 numbers.
 *
 * @module
 */

import { type Expression, fold, type FunctionName, type Operator } from "./expression.ts";
import { type Operation, tapeOf } from "./tape.ts";
import { zeros } from "../numerics/zeros.ts";

/** The slot of a symbol in a layout. Throws if it has none. */
export function slotOf(name: string, layout: readonly string[]): number {
  const slot = layout.indexOf(name);
  if (slot < 0) {
    throw new Error(
      `Cannot compile the formula: found the symbol "${name}", wanted one of ${layout.join(", ")}`,
    );
  }
  return slot;
}

/** The float64 value of a function at float64 operands. */
export function apply(name: FunctionName, operands: readonly number[]): number {
  const [x = NaN, y = NaN, z = NaN] = operands;
  switch (name) {
    case "min":
      return Math.min(...operands);
    case "max":
      return Math.max(...operands);
    case "where":
      return x > 0 ? y : z;
    default:
      return Math[name](x);
  }
}

/** A formula as a function: `values[i]` is the value of the i-th symbol of the layout. */
export type Compiled = (values: ArrayLike<number>) => number;

/**
 * Compiles an expression to a function in IEEE float64. Constant parts are computed once; `min` and
 * `max` propagate NaN; the powers 2, 3 and 4 are multiplications and the others `Math.pow`.
 *
 * @param layout the symbols in the order of the values
 * @throws Error if the layout lacks a symbol of the expression
 */
export function compile(e: Expression, layout: readonly string[]): Compiled {
  const settled = (value: number): Part => ({ constant: true, run: () => value, slot: none });
  const part = (operands: readonly Part[], run: Compiled): Part =>
    operands.every((operand) => operand.constant)
      ? settled(run([]))
      : { constant: false, run, slot: none };
  return fold<Part>(e, {
    number: settled,
    symbol: (name) => read(slotOf(name, layout)),
    negate: (x) => part([x], (values) => -x.run(values)),
    binary: (operator, x, y) => part([x, y], arithmetic(operator, x, y)),
    call: (name, operands) => part(operands, application(name, operands)),
  }).run;
}

/** A part of a formula. What is read from a slot is read there at once: a call takes far longer. */
interface Part {
  readonly constant: boolean;
  readonly run: Compiled;
  readonly slot: number;
}

/** The slot of what is computed. */
const none = -1;

const read = (slot: number): Part => ({
  constant: false,
  run: (values) => values[slot] as number,
  slot,
});

/** Formulas as one function, to one value each. */
export type CompiledTogether = (values: ArrayLike<number>) => number[];

/**
 * Compiles expressions to one function that evaluates once what they share; each as
 * {@linkcode compile} does.
 *
 * @param layout the symbols in the order of the values
 * @throws Error if the layout lacks a symbol of an expression
 */
export function compileTogether(
  all: readonly Expression[],
  layout: readonly string[],
): CompiledTogether {
  const { operations, results } = tapeOf(all);
  const known = zeros(operations.length);
  const symbols: { readonly place: number; readonly slot: number }[] = [];
  const steps: { readonly place: number; readonly run: Compiled }[] = [];
  operations.forEach((operation, place) => {
    if (operation.kind === "number") known[place] = operation.value;
    else if (operation.kind === "symbol") {
      symbols.push({ place, slot: slotOf(operation.name, layout) });
    } else steps.push({ place, run: operationOn(operation) });
  });
  return (values) => {
    for (const { place, slot } of symbols) known[place] = values[slot] as number;
    for (const { place, run } of steps) known[place] = run(known);
    return results.map((place) => known[place]!);
  };
}

/** An operation on the values of those before it. */
function operationOn(operation: Exclude<Operation, { kind: "number" | "symbol" }>): Compiled {
  switch (operation.kind) {
    case "negate":
      return (known) => -(known[operation.x] as number);
    case "binary":
      return arithmetic(operation.operator, read(operation.x), read(operation.y));
    case "call":
      return application(operation.name, operation.operands.map(read));
  }
}

function arithmetic(operator: Operator, left: Part, right: Part): Compiled {
  const { run: x, slot: i } = left, { run: y, slot: j } = right;
  switch (operator) {
    case "+":
      return (v) => (i < 0 ? x(v) : v[i] as number) + (j < 0 ? y(v) : v[j] as number);
    case "-":
      return (v) => (i < 0 ? x(v) : v[i] as number) - (j < 0 ? y(v) : v[j] as number);
    case "*":
      return (v) => (i < 0 ? x(v) : v[i] as number) * (j < 0 ? y(v) : v[j] as number);
    case "/":
      return (v) => (i < 0 ? x(v) : v[i] as number) / (j < 0 ? y(v) : v[j] as number);
    case "^":
      if (right.constant && y([]) === 2) {
        return (values) => {
          const base = x(values);
          return base * base;
        };
      }
      return (values) => raise(x(values), y(values));
  }
}

/** base ^ exponent, with multiplications for small powers: Math.pow may be an ulp off. */
export function raise(base: number, exponent: number): number {
  switch (exponent) {
    case 2:
      return base * base;
    case 3:
      return base * base * base;
    case 4:
      return (base * base) * (base * base);
    default:
      return Math.pow(base, exponent);
  }
}

function application(name: FunctionName, operands: readonly Part[]): Compiled {
  const all = operands.map(({ run }) => run);
  const [x, y, z] = all as [Compiled, Compiled, Compiled];
  const [{ slot: i }, { slot: j } = { slot: none }] = operands as [Part, Part?];
  switch (name) {
    case "min":
      if (operands.length > 2) return (v) => Math.min(...all.map((operand) => operand(v)));
      return (v) => Math.min(i < 0 ? x(v) : v[i] as number, j < 0 ? y(v) : v[j] as number);
    case "max":
      if (operands.length > 2) return (v) => Math.max(...all.map((operand) => operand(v)));
      return (v) => Math.max(i < 0 ? x(v) : v[i] as number, j < 0 ? y(v) : v[j] as number);
    case "where":
      return (v) => x(v) > 0 ? y(v) : z(v);
    default: {
      const f = Math[name];
      return (v) => f(x(v));
    }
  }
}

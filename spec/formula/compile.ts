/**
 * Formulas as functions of float64 numbers.
 *
 * @module
 */

import { type Expression, fold, type FunctionName, type Operator } from "./expression.ts";
import { type Operation, tapeOf } from "./tape.ts";

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
  interface Part {
    readonly constant: boolean;
    readonly run: Compiled;
  }
  const settled = (value: number): Part => ({ constant: true, run: () => value });
  const part = (operands: readonly Part[], run: Compiled): Part =>
    operands.every((operand) => operand.constant) ? settled(run([])) : { constant: false, run };
  return fold<Part>(e, {
    number: settled,
    symbol(name) {
      const slot = slotOf(name, layout);
      return { constant: false, run: (values) => values[slot] as number };
    },
    negate: (x) => part([x], (values) => -x.run(values)),
    binary: (operator, x, y) => part([x, y], arithmetic(operator, x.run, y.run, y.constant)),
    call: (name, operands) => part(operands, application(name, operands.map((o) => o.run))),
  }).run;
}

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
  const known = new Float64Array(operations.length);
  const runs = operations.map((operation) => operationOn(known, operation, layout));
  return (values) => {
    for (let place = 0; place < runs.length; place++) known[place] = runs[place]!(values);
    return results.map((place) => known[place]!);
  };
}

function operationOn(
  known: Float64Array,
  operation: Operation,
  layout: readonly string[],
): Compiled {
  const at = (place: number): Compiled => () => known[place]!;
  switch (operation.kind) {
    case "number":
      return () => operation.value;
    case "symbol": {
      const slot = slotOf(operation.name, layout);
      return (values) => values[slot] as number;
    }
    case "negate":
      return () => -known[operation.x]!;
    case "binary":
      return arithmetic(operation.operator, at(operation.x), at(operation.y), false);
    case "call":
      return application(operation.name, operation.operands.map(at));
  }
}

function arithmetic(operator: Operator, x: Compiled, y: Compiled, constant: boolean): Compiled {
  switch (operator) {
    case "+":
      return (values) => x(values) + y(values);
    case "-":
      return (values) => x(values) - y(values);
    case "*":
      return (values) => x(values) * y(values);
    case "/":
      return (values) => x(values) / y(values);
    case "^":
      if (constant && y([]) === 2) {
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

function application(name: FunctionName, operands: readonly Compiled[]): Compiled {
  const [x, y, z] = operands as [Compiled, Compiled, Compiled];
  switch (name) {
    case "min":
      if (operands.length === 2) return (values) => Math.min(x(values), y(values));
      return (values) => Math.min(...operands.map((operand) => operand(values)));
    case "max":
      if (operands.length === 2) return (values) => Math.max(x(values), y(values));
      return (values) => Math.max(...operands.map((operand) => operand(values)));
    case "where":
      return (values) => x(values) > 0 ? y(values) : z(values);
    default: {
      const f = Math[name];
      return (values) => f(x(values));
    }
  }
}

/**
 * Formulas as functions that also tell how far a coarser arithmetic may be off.
 *
 * @module
 */

import { grainOf, smallestNormal } from "../numerics/floats.ts";
import { apply, raise, slotOf } from "./compile.ts";
import type { Expression, FunctionName, Operator } from "./expression.ts";
import { type Operation, tapeOf } from "./tape.ts";

/**
 * A float64 value and how far an evaluation in a coarser arithmetic may be from it. The error is 0
 * where the value is NaN or infinite (compare those by themselves) and `Number.MAX_VALUE` where
 * nothing can be said, because the other evaluation may divide by zero or leave the domain of a
 * function: 1/x and sqrt(x) with x within its own error of 0.
 */
export interface Bounded {
  /** The value in float64. */
  readonly value: number;
  /** A bound of |value - evaluation in the coarser arithmetic|. */
  readonly error: number;
}

/** A bounded value that remembers the terms it was summed from. */
interface Summed extends Bounded {
  /** The sum of the magnitudes of the terms. */
  readonly mass: number;
  /** How many terms. */
  readonly terms: number;
}

/** The place of a result: evaluated again and again, it is written over. */
type Place = { -readonly [Key in keyof Summed]: Summed[Key] };

/** Evaluates one operation into its place. */
type Bounding = (to: Place, values: ArrayLike<number>, unit: number) => void;

function sum(
  to: Place,
  value: number,
  error: number,
  mass = Math.abs(value) + error,
  terms = 1,
): void {
  to.value = value;
  to.error = !Number.isFinite(value) ? 0 : error < lost ? error : lost;
  to.mass = mass;
  to.terms = terms;
}

/** The error of a value of which nothing can be said. It passes on to all that depends on it. */
const lost = Number.MAX_VALUE;

/**
 * A result with the error that it inherits and so many units of rounding error, relative to the
 * largest result that is possible. A result below the smallest normal number may be flushed.
 */
function round(to: Place, value: number, inherited: number, units: number, unit: number): void {
  const largest = Math.abs(value) + inherited;
  if (largest === 0) sum(to, value, 0);
  else sum(to, value, inherited + units * unit * largest + smallestNormal(unit));
}

/** The farthest that f gets from `value` at the given points; not a number counts as infinitely far. */
function reach(value: number, ends: readonly number[]): number {
  let farthest = 0;
  for (const end of ends) {
    const distance = Math.abs(end - value);
    if (!(distance <= farthest)) farthest = Number.isNaN(distance) ? Infinity : distance;
  }
  return farthest;
}

/**
 * Compiles an expression to a function that gives, beside the float64 value, a bound of the error
 * that an evaluation in an arithmetic with a given unit roundoff can have (float32: 2^-24).
 *
 * This is running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.3)
 * with twice the rounding error of each operation, so that it also covers the order in which an
 * automatic differentiation computes the same derivative, and with four units for each function.
 * Sums of three terms or more may be added in any order. Inputs are taken to be exact in the
 * arithmetic; constants are rounded unless they have few enough bits. At a jump (`sign`, `floor`,
 * `where`) that the error can cross, the error is the size of the jump. Results below the smallest
 * normal number may be flushed to zero. Overflow of the coarser format is not covered.
 *
 * @param layout the symbols in the order of the values
 * @throws Error if the layout lacks a symbol of the expression
 */
export function compileBounded(
  e: Expression,
  layout: readonly string[],
): (values: ArrayLike<number>, unit: number) => Bounded {
  const run = compileBoundedTogether([e], layout);
  return (values, unit) => run(values, unit)[0]!;
}

/**
 * Compiles expressions to one function that evaluates once what they share; each as
 * {@linkcode compileBounded} does.
 *
 * @param layout the symbols in the order of the values
 * @throws Error if the layout lacks a symbol of an expression
 */
export function compileBoundedTogether(
  all: readonly Expression[],
  layout: readonly string[],
): (values: ArrayLike<number>, unit: number) => Bounded[] {
  const { operations, results } = tapeOf(all);
  const known = operations.map((): Place => ({ value: 0, error: 0, mass: 0, terms: 1 }));
  const runs = operations.map((operation) => operationOn(known, operation, layout));
  return (values, unit) => {
    for (let place = 0; place < runs.length; place++) runs[place]!(known[place]!, values, unit);
    return results.map((place) => {
      const { value, error } = known[place]!;
      return { value, error };
    });
  };
}

function operationOn(
  known: readonly Summed[],
  operation: Operation,
  layout: readonly string[],
): Bounding {
  switch (operation.kind) {
    case "number":
      return constant(operation.value);
    case "symbol": {
      const slot = slotOf(operation.name, layout);
      return (to, values) => sum(to, values[slot] as number, 0);
    }
    case "negate": {
      const x = known[operation.x]!;
      return (to) => sum(to, -x.value, x.error, x.mass, x.terms);
    }
    case "binary": {
      const { operator } = operation, x = known[operation.x]!, y = known[operation.y]!;
      return (to, _, unit) => boundBinary(to, operator, x, y, unit);
    }
    case "call": {
      const { name } = operation, operands = operation.operands.map((place) => known[place]!);
      return (to, _, unit) => boundCall(to, name, operands, unit);
    }
  }
}

/** A number that is rounded unless it has few enough bits: once for each arithmetic. */
function constant(value: number): Bounding {
  const grain = grainOf(value);
  let roundedTo = NaN;
  return (to, _, unit) => {
    if (unit === roundedTo) return;
    roundedTo = unit;
    sum(to, value, grain >= unit ? 0 : unit * value);
  };
}

function boundBinary(
  to: Place,
  operator: Operator,
  x: Summed,
  y: Summed,
  unit: number,
): void {
  const isLost = x.error === lost || y.error === lost;
  switch (operator) {
    case "+":
    case "-": {
      const value = operator === "+" ? x.value + y.value : x.value - y.value;
      const inherited = x.error + y.error;
      const mass = x.mass + y.mass;
      const terms = x.terms + y.terms;
      const rounding = 2 * unit * (terms > 2 ? mass : Math.abs(value) + inherited);
      return sum(to, value, isLost ? lost : inherited + rounding, mass, terms);
    }
    case "*": {
      const inherited = Math.abs(x.value) * y.error + Math.abs(y.value) * x.error +
        x.error * y.error;
      return round(to, x.value * y.value, isLost ? lost : inherited, 2, unit);
    }
    case "/": {
      const value = x.value / y.value;
      const room = Math.abs(y.value) - y.error;
      const inherited = room > 0 ? (x.error + Math.abs(value) * y.error) / room : lost;
      return round(to, value, isLost ? lost : inherited, 2, unit);
    }
    case "^": {
      const value = raise(x.value, y.value);
      const units = Number.isInteger(y.value) ? Math.max(4, Math.min(Math.abs(y.value), 64)) : 4;
      return round(to, value, isLost ? lost : inheritedByPower(value, x, y), units, unit);
    }
  }
}

function inheritedByPower(value: number, x: Bounded, y: Bounded): number {
  if (x.error === 0 && y.error === 0) return 0;
  if (y.value < 0 && Math.abs(x.value) <= x.error) return lost;
  const low = x.value - x.error;
  const high = x.value + x.error;
  if (low > 0) {
    return reach(value, [
      raise(low, y.value - y.error),
      raise(low, y.value + y.error),
      raise(high, y.value - y.error),
      raise(high, y.value + y.error),
    ]);
  }
  const byExponent = y.error === 0 || value === 0
    ? 0
    : Math.abs(value * Math.log(Math.abs(x.value))) * y.error;
  return reach(value, [raise(low, y.value), raise(high, y.value)]) + byExponent;
}

function boundCall(
  to: Place,
  name: FunctionName,
  operands: readonly Summed[],
  unit: number,
): void {
  const x = operands[0] as Summed;
  const value = apply(name, operands.map((operand) => operand.value));
  if (name === "where") {
    const [, y, z] = operands as [Summed, Summed, Summed];
    const decided = Math.abs(x.value) > x.error || Number.isNaN(x.value);
    if (decided) return sum(to, value, x.value > 0 ? y.error : z.error);
    if (x.error === lost) return sum(to, value, lost);
    return sum(to, value, reach(y.value, [z.value]) + Math.max(y.error, z.error));
  }
  if (operands.some(({ error }) => error === lost)) return sum(to, value, lost);
  switch (name) {
    case "abs":
      return sum(to, value, x.error);
    case "min":
    case "max": {
      const low = apply(name, operands.map((operand) => operand.value - operand.error));
      const high = apply(name, operands.map((operand) => operand.value + operand.error));
      return sum(to, value, reach(value, [low, high]));
    }
    case "sign":
      return sum(to, value, Math.abs(x.value) > x.error ? 0 : 1 + Math.abs(value));
    case "floor":
      return sum(to, value, inheritedAtEnds(name, value, x));
    case "sin":
    case "cos": {
      const slope = Math.abs(name === "sin" ? Math.cos(x.value) : Math.sin(x.value));
      const inherited = Math.min(2, slope * x.error + x.error * x.error / 2);
      return round(to, value, inherited + absolute(value, x, unit), 4, unit);
    }
    case "tanh":
    case "sinh": {
      const inherited = inheritedAtEnds(name, value, x);
      return round(to, value, inherited + absolute(value, x, unit), 4, unit);
    }
    case "sqrt":
    case "exp":
    case "log":
    case "cosh":
      return round(to, value, inheritedAtEnds(name, value, x), 4, unit);
  }
}

/** How far a monotone function (or cosh) moves over the interval of its argument. */
function inheritedAtEnds(name: FunctionName, value: number, x: Bounded): number {
  return x.error === 0
    ? 0
    : reach(value, [apply(name, [x.value - x.error]), apply(name, [x.value + x.error])]);
}

/** Libraries compute sin, cos, tanh and sinh to within a few units of 1 rather than of the value. */
function absolute(value: number, x: Bounded, unit: number): number {
  return value === 0 && x.error === 0 ? 0 : 2 * unit;
}

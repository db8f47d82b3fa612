/**
 * Symbolic derivatives of formulas.
 *
 * @module
 */

import { grainOf } from "../numerics/floats.ts";
import { binary, call, type Expression, type FunctionName } from "./expression.ts";

const zero = literal(0);
const one = literal(1);
const two = literal(2);

/**
 * The derivative of an expression with respect to a symbol, simplified lightly: what does not
 * depend on the symbol vanishes, factors of 1 too, and constants are multiplied where that is exact.
 * A factor 0 of the formula stays (`0*log(a1)` has the derivative `0*(1/a1)`), as in an automatic
 * differentiation.
 *
 * Where a function has no derivative, by convention: |x|' = sign(x) x'; max(x, y)' is x' where x > y
 * and y' elsewhere, also at a tie, min likewise; floor' = sign' = 0; where(c, x, y)' =
 * where(c, x', y').
 */
export function derivative(e: Expression, symbol: string): Expression {
  const known = new Map<Expression, Expression | null>();
  const d: Slope = (e) => {
    if (e.kind === "number" || e.kind === "symbol") return differentiate(e, symbol, d);
    let slope = known.get(e);
    if (slope === undefined) known.set(e, slope = differentiate(e, symbol, d) ?? null);
    return slope ?? undefined;
  };
  return d(e) ?? zero;
}

/** The derivative of a part; undefined if it does not depend on the symbol. */
type Slope = (e: Expression) => Expression | undefined;

function differentiate(e: Expression, symbol: string, d: Slope): Expression | undefined {
  switch (e.kind) {
    case "number":
      return undefined;
    case "symbol":
      return e.name === symbol ? one : undefined;
    case "negate": {
      const dx = d(e.operand);
      return dx && negative(dx);
    }
    case "binary":
      return ofBinary(e, d);
    case "call":
      return ofCall(e, d);
  }
}

function ofBinary(e: Expression & { kind: "binary" }, d: Slope): Expression | undefined {
  const { left: x, right: y } = e;
  const dx = d(x), dy = d(y);
  switch (e.operator) {
    case "+":
      return dx && dy ? plus(dx, dy) : dx ?? dy;
    case "-":
      return dx && dy ? minus(dx, dy) : dx ?? (dy && negative(dy));
    case "*": {
      const left = dx && times(dx, y);
      const right = dy && times(x, dy);
      return left && right ? plus(left, right) : left ?? right;
    }
    case "/": {
      const left = dx && over(dx, y);
      const right = dy && times(over(e, y), dy);
      return left && right ? minus(left, right) : left ?? (right && negative(right));
    }
    case "^":
      if (dx && dy) return times(e, plus(times(dy, call("log", x)), over(times(y, dx), x)));
      if (dy) return times(times(e, call("log", x)), dy);
      return dx && ofPower(x, y, dx);
  }
}

/** (x^y)' for a y that does not depend on the symbol. */
function ofPower(x: Expression, y: Expression, dx: Expression): Expression | undefined {
  const exponent = literalValue(y);
  if (exponent === 0) return undefined;
  if (exponent === 1) return dx;
  const exact = exponent !== undefined && exponent - 1 + 1 === exponent &&
    exponent - (exponent - 1) === 1;
  const lower = exact ? literal(exponent - 1) : binary("-", y, one);
  return times(times(y, power(x, lower)), dx);
}

function ofCall(e: Expression & { kind: "call" }, d: Slope): Expression | undefined {
  const [x, y, z] = e.operands as [Expression, Expression, Expression];
  switch (e.name) {
    case "floor":
    case "sign":
      return undefined;
    case "where":
      return choice(x, d(y), d(z));
    case "min":
    case "max":
      return ofExtreme(e.name, e.operands, d);
    default: {
      const dx = d(x);
      return dx && chain(e.name, x, dx, e);
    }
  }
}

/** The slope of the first operand that is the least or the greatest. */
function ofExtreme(
  name: "min" | "max",
  [first, ...others]: readonly Expression[],
  d: Slope,
): Expression | undefined {
  let best = first!, slope = d(best);
  for (const y of others) {
    slope = choice(name === "max" ? minus(best, y) : minus(y, best), slope, d(y));
    best = call(name, best, y);
  }
  return slope;
}

/** x where the condition is above 0, y elsewhere. */
function choice(
  condition: Expression,
  x: Expression | undefined,
  y: Expression | undefined,
): Expression | undefined {
  return x || y ? call("where", condition, x ?? zero, y ?? zero) : undefined;
}

/** f(x)' for a smooth f and for abs; `e` is f(x). */
function chain(
  name: Exclude<FunctionName, "min" | "max" | "where" | "floor" | "sign">,
  x: Expression,
  dx: Expression,
  e: Expression,
): Expression {
  switch (name) {
    case "abs":
      return times(call("sign", x), dx);
    case "sqrt":
      return over(dx, binary("*", two, e));
    case "exp":
      return times(e, dx);
    case "log":
      return over(dx, x);
    case "sin":
      return times(call("cos", x), dx);
    case "cos":
      return negative(times(call("sin", x), dx));
    case "tanh":
      return times(binary("-", one, binary("^", e, two)), dx);
    case "cosh":
      return times(call("sinh", x), dx);
    case "sinh":
      return times(call("cosh", x), dx);
  }
}

/** A constant as an expression. */
function literal(value: number): Expression {
  if (value < 0 || Object.is(value, -0)) return { kind: "negate", operand: literal(-value) };
  return { kind: "number", value, text: String(value) };
}

/** The value of an expression that is a number or the negation of one. */
function literalValue(e: Expression): number | undefined {
  if (e.kind === "number") return e.value;
  if (e.kind === "negate" && e.operand.kind === "number") return -e.operand.value;
  return undefined;
}

/** The product of two numbers if float64 holds it exactly. */
function exactProduct(x: number, y: number): number | undefined {
  const product = x * y;
  const exact = grainOf(x) * grainOf(y) >= 2 ** -53 && product > 1e-300 && product < 1e300;
  return exact || x === 0 || y === 0 ? product : undefined;
}

function negative(x: Expression): Expression {
  return x.kind === "negate" ? x.operand : { kind: "negate", operand: x };
}

function isOne(x: Expression): boolean {
  return x.kind === "number" && x.value === 1;
}

function plus(x: Expression, y: Expression): Expression {
  return y.kind === "negate" ? binary("-", x, y.operand) : binary("+", x, y);
}

function minus(x: Expression, y: Expression): Expression {
  return y.kind === "negate" ? binary("+", x, y.operand) : binary("-", x, y);
}

/** x y with the sign and the constant in front. */
function times(x: Expression, y: Expression): Expression {
  if (x.kind === "negate") return negative(times(x.operand, y));
  if (y.kind === "negate") return negative(times(x, y.operand));
  if (isOne(x)) return y;
  if (isOne(y)) return x;
  if (y.kind === "number" && x.kind !== "number") return times(y, x);
  if (x.kind === "number") {
    const factor = y.kind === "number" ? y : scaled(y)?.factor;
    const product = factor && exactProduct(x.value, factor.value);
    if (product === undefined) return binary("*", x, y);
    return y.kind === "number" ? literal(product) : times(literal(product), scaled(y)?.rest ?? one);
  }
  const left = scaled(x);
  if (left !== undefined) return times(left.factor, times(left.rest, y));
  const right = scaled(y);
  if (right !== undefined) return times(right.factor, times(x, right.rest));
  return binary("*", x, y);
}

/** The parts of c x with a number c. */
function scaled(
  e: Expression,
): { readonly factor: Expression & { kind: "number" }; readonly rest: Expression } | undefined {
  return e.kind === "binary" && e.operator === "*" && e.left.kind === "number"
    ? { factor: e.left, rest: e.right }
    : undefined;
}

function over(x: Expression, y: Expression): Expression {
  if (x.kind === "negate") return negative(over(x.operand, y));
  return isOne(y) ? x : binary("/", x, y);
}

function power(base: Expression, exponent: Expression): Expression {
  return isOne(exponent) ? base : binary("^", base, exponent);
}

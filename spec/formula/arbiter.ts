/**
 * The arbiter: mathjs evaluates a formula with 64 decimal digits.
 *
 * It shares nothing with {@linkcode compile} but the text: mathjs reads it with a parser of its own
 * and computes in decimal.js. So it is a second opinion on the grammar and on the rounding alike.
 *
 * @module
 */
import { type Expression, fold, type FunctionName, symbolsOf, toInfix } from "./formula.ts";

/** A number of 64 digits. */
export interface Exact {
  /** The nearest float64; NaN and the infinities are themselves. */
  toNumber(): number;
  /** All digits. */
  toString(): string;
}

/** How the arbiter reads a number that the formula spells out. */
export interface ExactOptions {
  /**
   * `float64` (the default) is the number that {@linkcode compile} computes with; `decimal` is the
   * number as it is written: 0.1 is then a tenth.
   */
  readonly literals?: "float64" | "decimal";
}

/** What the arbiter needs to know of a decimal.js number. */
interface Big extends Exact {
  isNaN(): boolean;
  isNegative(): boolean;
  greaterThan(other: Big | number): boolean;
  lessThan(other: Big | number): boolean;
  floor(): Big;
  abs(): Big;
  negated(): Big;
  dividedBy(other: number): Big;
  exp(): Big;
  sinh(): Big;
  cosh(): Big;
  tanh(): Big;
}

interface Arbiter {
  evaluate(text: string, scope: Map<string, Big>): Big;
  bignumber(text: string): Big;
}

const digits = 64;
let loading: Promise<Arbiter> | undefined;

/** mathjs is loaded at the first use: it costs a fifth of a second. */
function load(): Promise<Arbiter> {
  loading ??= (async () => {
    const { all = {}, create } = await import("mathjs");
    // Predictable: NaN, not a complex number, for the root and logarithm of a negative number.
    const math = create(all, { number: "BigNumber", precision: digits, predictable: true });
    const extreme = (beats: (x: Big, y: Big) => boolean) => (...operands: readonly Big[]): Big =>
      operands.reduce((x, y) => x.isNaN() || (!y.isNaN() && !beats(y, x)) ? x : y);
    // From 100 on, exp(-x) is below the last digit of exp(x); decimal.js would take seconds.
    const saturating = (near: (x: Big) => Big, far: (magnitude: Big) => Big) => (x: Big): Big => {
      if (!x.abs().greaterThan(100)) return near(x);
      return far(x.abs());
    };
    const odd = (f: (x: Big) => Big) => (x: Big): Big =>
      x.isNegative() ? f(x.negated()).negated() : f(x);
    // mathjs compares with a tolerance, which an arbiter must not have.
    const functions: Partial<Record<FunctionName, (...operands: never[]) => Big>> = {
      min: extreme((x, y) => x.lessThan(y)),
      max: extreme((x, y) => x.greaterThan(y)),
      floor: (x: Big) => x.floor(),
      where: (c: Big, x: Big, y: Big) => c.greaterThan(0) ? x : y,
      cosh: saturating((x) => x.cosh(), (x) => x.exp().dividedBy(2)),
      sinh: odd(saturating((x) => x.sinh(), (x) => x.exp().dividedBy(2))),
      tanh: odd(saturating((x) => x.tanh(), () => math.bignumber(1) as unknown as Big)),
    };
    math.import(functions, { override: true });
    return math as unknown as Arbiter;
  })();
  return loading;
}

/** The decimal expansion of a float64 with every digit. */
function exactDecimal(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n ? "-" : "";
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = Math.max(biased, 1) - 1075;
  return exponent >= 0
    ? `${sign}${mantissa << BigInt(exponent)}`
    : `${sign}${mantissa * 5n ** BigInt(-exponent)}e${exponent}`;
}

/** The same formula with symbols that are no words of mathjs ("end", "to", "in"). */
function forArbiter(e: Expression, literals: "float64" | "decimal"): Expression {
  return fold<Expression>(e, {
    number: (value, text) => ({
      kind: "number",
      value,
      text: literals === "decimal" ? text : exactDecimal(value),
    }),
    symbol: (name) => ({ kind: "symbol", name: `s_${name}` }),
    negate: (operand) => ({ kind: "negate", operand }),
    binary: (operator, left, right) => ({ kind: "binary", operator, left, right }),
    call: (name, operands) => ({ kind: "call", name, operands }),
  });
}

/**
 * Evaluates a formula with 64 digits.
 *
 * @param scope the value of each symbol; a float64 is taken with all its digits
 * @returns a number of 64 digits; NaN where the formula has no real value
 * @throws Error if the scope lacks a symbol of the formula
 */
export async function evaluateExactly(
  e: Expression,
  scope: Readonly<Record<string, number>>,
  options: ExactOptions = {},
): Promise<Exact> {
  const arbiter = await load();
  const values = new Map<string, Big>();
  for (const name of symbolsOf(e)) {
    const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
    if (value === undefined) {
      throw new Error(
        `Cannot evaluate the formula: found no value of "${name}", wanted a number for each symbol`,
      );
    }
    values.set(`s_${name}`, arbiter.bignumber(exactDecimal(value)));
  }
  return arbiter.evaluate(toInfix(forArbiter(e, options.literals ?? "float64")), values);
}

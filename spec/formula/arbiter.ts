/**
 * The arbiter: mathjs evaluates a formula with 64 decimal digits.
 *
 * It shares nothing with {@linkcode compile} but the text: mathjs reads it with a parser of its own
 * and computes in decimal.js. So it is a second opinion on the grammar and on the rounding alike.
 * Before a sampler is accused of a step that is a little off, {@linkcode confirmStep} computes that
 * step again, and the arbiter has the last word.
 *
 * @module
 */
import { energy } from "../energy.ts";
import { featureCount, observationOf, type Problem } from "../problem.ts";
import type { Rule, RuleSymbol } from "../rule.ts";
import { ruleFor } from "../rule_parts.ts";
import { derivative } from "./derivative.ts";
import {
  type Expression,
  fold,
  type FunctionName,
  type Operator,
  symbolsOf,
} from "./expression.ts";
import { toInfix } from "./infix.ts";
import { parseFormula } from "./parse.ts";

/** A number of 64 digits, by decimal.js. */
export interface Exact {
  /** The nearest float64; NaN and the infinities are themselves. */
  toNumber(): number;
  /** All digits. */
  toString(): string;
  isNaN(): boolean;
  isFinite(): boolean;
  isNegative(): boolean;
  greaterThan(other: Exact | number): boolean;
  lessThan(other: Exact | number): boolean;
  lessThanOrEqualTo(other: Exact): boolean;
  minus(other: Exact): Exact;
  floor(): Exact;
  abs(): Exact;
  negated(): Exact;
  dividedBy(other: number): Exact;
  exp(): Exact;
  sinh(): Exact;
  cosh(): Exact;
  tanh(): Exact;
}

interface Arbiter extends Readonly<Record<FunctionName, (...operands: readonly Exact[]) => Exact>> {
  evaluate(text: string, scope: Map<string, Exact>): Exact;
  bignumber(text: string): Exact;
  add(x: Exact, y: Exact): Exact;
  subtract(x: Exact, y: Exact): Exact;
  multiply(x: Exact, y: Exact): Exact;
  divide(x: Exact, y: Exact): Exact;
  pow(x: Exact, y: Exact): Exact;
}

/** The value of each symbol. */
type Scope = Readonly<Record<string, number | Exact>>;

const digits = 64;
let loading: Promise<Arbiter> | undefined;

/** mathjs is loaded at the first use: it costs a fifth of a second. */
function load(): Promise<Arbiter> {
  loading ??= (async () => {
    const { mathjs } = await import("./mathjs.ts");
    // Predictable: NaN, not a complex number, for the root and logarithm of a negative number.
    const math = mathjs({ number: "BigNumber", precision: digits, predictable: true });
    const extreme =
      (beats: (x: Exact, y: Exact) => boolean) => (...operands: readonly Exact[]): Exact =>
        operands.reduce((x, y) => x.isNaN() || (!y.isNaN() && !beats(y, x)) ? x : y);
    // From 100 on, exp(-x) is below the last digit of exp(x); decimal.js would take seconds.
    const saturating =
      (near: (x: Exact) => Exact, far: (magnitude: Exact) => Exact) => (x: Exact): Exact => {
        if (!x.abs().greaterThan(100)) return near(x);
        return far(x.abs());
      };
    const odd = (f: (x: Exact) => Exact) => (x: Exact): Exact =>
      x.isNegative() ? f(x.negated()).negated() : f(x);
    // mathjs compares with a tolerance, which an arbiter must not have.
    const functions: Partial<Record<FunctionName, (...operands: never[]) => Exact>> = {
      min: extreme((x, y) => x.lessThan(y)),
      max: extreme((x, y) => x.greaterThan(y)),
      floor: (x: Exact) => x.floor(),
      where: (c: Exact, x: Exact, y: Exact) => c.greaterThan(0) ? x : y,
      cosh: saturating((x) => x.cosh(), (x) => x.exp().dividedBy(2)),
      sinh: odd(saturating((x) => x.sinh(), (x) => x.exp().dividedBy(2))),
      tanh: odd(saturating((x) => x.tanh(), () => math.bignumber(1) as unknown as Exact)),
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

/** The same formula with all digits of its numbers, and symbols that are no words of mathjs ("end", "to"). */
function forArbiter(e: Expression): Expression {
  return fold<Expression>(e, {
    number: (value) => ({ kind: "number", value, text: exactDecimal(value) }),
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
export async function evaluateExactly(e: Expression, scope: Scope): Promise<Exact> {
  const arbiter = await load();
  const values = symbolsOf(e).map((name) => [`s_${name}`, valueOf(arbiter, scope, name)] as const);
  return arbiter.evaluate(toInfix(forArbiter(e)), new Map(values));
}

/** A float64 with all its digits. */
function exactly(arbiter: Arbiter, value: number): Exact {
  return arbiter.bignumber(exactDecimal(value));
}

function valueOf(arbiter: Arbiter, scope: Scope, name: string): Exact {
  const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
  if (typeof value === "number") return exactly(arbiter, value);
  if (value !== undefined) return value;
  throw new Error(
    `Cannot evaluate the formula: found no value of "${name}", wanted a number for each symbol`,
  );
}

/**
 * A derivative, computed by mathjs from its tree: the tree shares its parts, and would be very long
 * as a text.
 */
function evaluatedTree(arbiter: Arbiter, e: Expression, scope: Scope): Exact {
  const operations: Readonly<Record<Operator, (x: Exact, y: Exact) => Exact>> = {
    "+": arbiter.add,
    "-": arbiter.subtract,
    "*": arbiter.multiply,
    "/": arbiter.divide,
    "^": arbiter.pow,
  };
  return fold<Exact>(e, {
    number: (value) => exactly(arbiter, value),
    symbol: (name) => valueOf(arbiter, scope, name),
    negate: (x) => x.negated(),
    binary: (operator, x, y) => operations[operator](x, y),
    call: (name, operands) => arbiter[name](...operands),
  });
}

/** One coordinate's step that was observed, and how far it may be from the rule. */
export interface ObservedStep {
  /** With a noise tape, or with noise scale 0. */
  readonly problem: Problem;
  /** k, from 0. */
  readonly step: number;
  /** From 0. */
  readonly row: number;
  /** From 0. */
  readonly axis: number;
  /** The actions of this row before the step, one per axis. */
  readonly point: readonly number[];
  /** Where the sampler put this coordinate. */
  readonly actual: number;
  /** How far `actual` may be from the exact result, see `stepTolerance`. */
  readonly tolerance: number;
  /** The sign with which the sampler adds its draws. */
  readonly noiseSign: 1 | -1;
}

/** What the arbiter says of a step. */
export interface Confirmation {
  /** Where the rule puts the coordinate: up to 64 digits, "NaN", "Infinity" or "-Infinity". */
  readonly exact: string;
  /** The same as the nearest float64. */
  readonly expected: number;
  /**
   * Whether the sampler is farther from it than the tolerance allows. The two are compared in 64
   * digits. As everywhere, NaN is right where the rule gives NaN, and an infinity where it gives
   * that infinity.
   */
  readonly confirmed: boolean;
}

/**
 * Computes one coordinate's step in 64 digits, and says whether the sampler really left the rule.
 *
 * Every term comes from the rule's formulas and the energy's: the step size, the gradient (the
 * symbolic derivative of the energy), its clip, drift, noise, step, limit, clip and the result. The
 * float64 oracle has no part in it. mathjs is loaded at the first call; a later one takes
 * some milliseconds.
 *
 * @param rule whose formulas are used; that of the problem by default
 * @throws FormulaError if the energy or a formula of the rule cannot be read
 * @throws Error if a formula of the rule uses what a single coordinate does not have
 */
export async function confirmStep(
  observed: ObservedStep,
  rule: Rule = ruleFor(observed.problem),
): Promise<Confirmation> {
  const arbiter = await load();
  const exact = await exactStep(observed, rule);
  return {
    exact: exact.toString(),
    expected: exact.toNumber(),
    confirmed: !within(arbiter, observed, exact),
  };
}

function within(arbiter: Arbiter, { actual, tolerance }: ObservedStep, exact: Exact): boolean {
  if (exact.isNaN()) return Number.isNaN(actual);
  if (!exact.isFinite()) return actual === exact.toNumber();
  const distance = exactly(arbiter, actual).minus(exact).abs();
  return Number.isFinite(actual) && distance.lessThanOrEqualTo(exactly(arbiter, tolerance));
}

async function exactStep(observed: ObservedStep, rule: Rule): Promise<Exact> {
  const { settings } = observed.problem;
  let values: Scope = { ...givenOf(observed), ...await slopeAt(observed) };
  const terms: readonly (readonly [RuleSymbol, formula: string])[] = [
    ["eta", stepSizeFormula(observed, rule)],
    ["g", settings.applyExp ? rule.gradientOfExp : rule.gradient],
    ["gt", settings.gradClip === null ? rule.noGradClip : rule.gradClip],
    ["drift", rule.drift],
    ["noise", rule.noise],
    ["delta", rule.step],
    ["limit", rule.limit],
    ["move", rule.clippedStep],
  ];
  const exact = (formula: string) =>
    evaluateExactly(parseFormula(formula, () => true, "a symbol"), values);
  for (const [symbol, formula] of terms) values = { ...values, [symbol]: await exact(formula) };
  return await exact(rule.result);
}

/** The symbols of the rule that the problem gives. */
function givenOf(observed: ObservedStep): Partial<Record<RuleSymbol, number>> {
  const { problem, step, row, axis, point, noiseSign } = observed;
  const { bounds, steps, schedule, noiseScale, gradClip, deltaClip, own } = problem.settings;
  const { kind: _, ...rates } = schedule;
  const draw = problem.noise.kind === "tape" ? problem.noise.draws[step]![row]![axis]! : 0;
  return {
    ...rates,
    ...(gradClip === null ? {} : { gamma: gradClip }),
    a: point[axis]!,
    xi: noiseSign * draw,
    sigma: noiseScale,
    ...(problem.rule === undefined ? {} : { T: noiseScale ** 2, ...own }),
    c: deltaClip,
    lo: bounds.min[axis]!,
    hi: bounds.max[axis]!,
    k: step,
    N: steps,
  };
}

/** E, and g = ∂E/∂a of this axis. */
async function slopeAt(observed: ObservedStep): Promise<{ readonly E: Exact; readonly g: Exact }> {
  const { problem, row, axis, point } = observed;
  const { expression } = energy(problem.energy, problem.axes, featureCount(problem));
  const indexed = (letter: string, values: readonly number[]) =>
    values.map((value, i) => [`${letter}${i + 1}`, value] as const);
  const scope = Object.fromEntries([
    ...indexed("a", point),
    ...indexed("o", observationOf(problem, row)),
  ]);
  const slope = derivative(expression, `a${axis + 1}`);
  return {
    E: await evaluateExactly(expression, scope),
    g: evaluatedTree(await load(), slope, scope),
  };
}

function stepSizeFormula({ problem, step }: ObservedStep, rule: Rule): string {
  const { schedule, steps } = problem.settings;
  if (rule.stepSize !== undefined) return rule.stepSize;
  if (schedule.kind === "exponential") return rule.exponential;
  if (steps === 1) return rule.singleStep;
  return step === 0 ? rule.polynomialFirst : rule.polynomial;
}

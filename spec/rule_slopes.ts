/**
 * How a step depends on the gradient, the draw and the step size: the derivatives of a rule's
 * formulas, from which tolerances, laws and measured factors follow.
 *
 * @module
 */

import {
  compileRule,
  type Evaluate,
  parseRuleFormula,
  type Slots,
  slots,
} from "./compiled_rule.ts";
import { compile } from "./formula/compile.ts";
import { compileBounded } from "./formula/compile_bounded.ts";
import { derivative } from "./formula/derivative.ts";
import { type Expression, fold, symbolsOf } from "./formula/expression.ts";
import type { Rule } from "./rule_records.ts";

/** Derivatives of the step before the delta clip, δ, and how it is rounded. */
export interface StepSlopes {
  /** ∂δ/∂drift */
  readonly drift: Evaluate;
  /** ∂δ/∂noise */
  readonly noise: Evaluate;
  /** ∂drift/∂g̃ */
  readonly gradient: Evaluate;
  /** ∂noise/∂ξ */
  readonly draw: Evaluate;
  /** ∂δ/∂η, of drift and noise as well */
  stepSize(s: Slots): number;
  /** Roundings on the way from g̃ and ξ to δ. */
  readonly roundings: number;
  /** What sums inside drift and noise add to them: cancelling terms are rounded each by itself. */
  sums(s: Slots, unit: number): number;
}

const known = new WeakMap<Rule, StepSlopes>();

/** The derivatives of a rule's step. */
export function slopesOf(rule: Rule): StepSlopes {
  let slopes = known.get(rule);
  if (!slopes) known.set(rule, slopes = derive(rule));
  return slopes;
}

function derive(rule: Rule): StepSlopes {
  const layout = Object.keys(rule.symbols);
  const read = (text: string) => parseRuleFormula(text, rule.symbols);
  const evaluating = (e: Expression): Evaluate => {
    const run = compile(e, layout);
    return (s) => run(s.values);
  };
  const step = read(rule.step), drift = read(rule.drift), noise = read(rule.noise);
  const of = (e: Expression, symbol: string) => evaluating(derivative(e, symbol));
  const byDrift = of(step, "drift"), byNoise = of(step, "noise");
  const direct = of(step, "eta"), driftByEta = of(drift, "eta"), noiseByEta = of(noise, "eta");
  const bounded = [{ of: drift, by: byDrift }, { of: noise, by: byNoise }]
    .filter(({ of }) => hasSum(of))
    .map(({ of, by }) => ({ by, error: compileBounded(of, layout) }));
  return {
    drift: byDrift,
    noise: byNoise,
    gradient: of(drift, "gt"),
    draw: of(noise, "xi"),
    stepSize: (s) => direct(s) + byDrift(s) * driftByEta(s) + byNoise(s) * noiseByEta(s),
    roundings: Math.max(3, [step, drift, noise].reduce((sum, e) => sum + roundingsIn(e), 0)),
    sums: (s, unit) =>
      bounded.reduce(
        (sum, { by, error }) => sum + Math.abs(by(s)) * error(s.values, unit).error,
        0,
      ),
  };
}

function hasSum(e: Expression): boolean {
  return fold<boolean>(e, {
    number: () => false,
    symbol: () => false,
    negate: (x) => x,
    binary: (operator, x, y) => x || y || operator === "+" || operator === "-",
    call: (_, operands) => operands.some((x) => x),
  });
}

/** Operations that round: a power of two multiplies exactly. */
function roundingsIn(e: Expression): number {
  const counted = fold<{ readonly count: number; readonly exact: boolean }>(e, {
    number: (value) => ({ count: 0, exact: Number.isInteger(Math.log2(Math.abs(value))) }),
    symbol: () => ({ count: 0, exact: false }),
    negate: ({ count, exact }) => ({ count, exact }),
    binary: (operator, x, y) => {
      const free = operator === "*" ? x.exact || y.exact : operator === "/" && y.exact;
      const own = free ? 0 : operator === "^" && !y.exact ? 3 : 1;
      return { count: x.count + y.count + own, exact: false };
    },
    call: (name, operands) => ({
      count: operands.reduce((sum, x) => sum + x.count, 0) + (name === "sqrt" ? 1 : 2),
      exact: false,
    }),
  });
  return counted.count;
}

/** What one step size makes of gradient and draw. */
export interface StepFactors {
  /** ∂δ/∂g̃ */
  readonly drift: number;
  /** ∂δ/∂ξ */
  readonly noise: number;
}

/**
 * The factors of gradient and draw in a step, where neither is there: for a rule that is linear in
 * both they are the same everywhere.
 *
 * @param given values of other symbols: the noise scale `sigma` with its square `T`, own settings
 */
export function stepFactors(
  rule: Rule,
  stepSize: number,
  given: Readonly<Record<string, number>> = { sigma: 1, T: 1 },
): StepFactors {
  const slopes = slopesOf(rule), s = slots({ ...unitBox, ...given, eta: stepSize }, rule);
  return {
    drift: slopes.drift(s) * slopes.gradient(s),
    noise: slopes.noise(s) * slopes.draw(s),
  };
}

/** Bounds for a rule whose steps go with them. */
const unitBox = { lo: -1, hi: 1 };

const linear = new WeakMap<Rule, boolean>();

/**
 * Whether a step is a multiple of the gradient plus a multiple of the draw, the same on every axis:
 * then what holds of its law, of means and of stationary states follows from the two factors.
 */
export function isLinear(rule: Rule): boolean {
  let is = linear.get(rule);
  if (is === undefined) linear.set(rule, is = findLinear(rule));
  return is;
}

function findLinear(rule: Rule): boolean {
  const read = (text: string) => parseRuleFormula(text, rule.symbols);
  const [step, drift, noise] = [read(rule.step), read(rule.drift), read(rule.noise)];
  const free = (e: Expression, ...symbols: readonly string[]) => {
    const used = symbolsOf(e);
    return symbols.every((symbol) => !used.includes(symbol));
  };
  const state = ["a", "g", "gt", "xi", "drift", "noise", "E", "lo", "hi"] as const;
  return free(derivative(step, "drift"), ...state) && free(derivative(step, "noise"), ...state) &&
    free(derivative(drift, "gt"), ...state) && free(derivative(noise, "xi"), ...state) &&
    free(drift, "a", "E", "xi", "g", "lo", "hi") && free(noise, "a", "E", "g", "gt", "lo", "hi") &&
    isMultiple(rule, "drift", "gt") && isMultiple(rule, "noise", "xi");
}

/** Whether a formula is a multiple of a symbol: one with jumps has the slope 0 beside them. */
function isMultiple(rule: Rule, name: "drift" | "noise", symbol: "gt" | "xi"): boolean {
  const own = (rule.own ?? []).map(({ symbol, from, to }) => [symbol, (from + to) / 2]);
  const s = slots({ ...unitBox, sigma: 1, T: 1, eta: 0.25, ...Object.fromEntries(own) }, rule);
  const at = (value: number) => {
    s[symbol] = value;
    return compileRule(rule)[name](s);
  };
  const one = at(1);
  return [-3, -1, 0, 0.125, 2, 100].every((x) =>
    Math.abs(at(x) - x * one) <= 1e-9 * Math.abs(x * one)
  );
}

/** The local power of the step size in a factor: `d log f / d log η`. */
export function powerOf(
  rule: Rule,
  part: keyof StepFactors,
  stepSize: number,
  given?: Readonly<Record<string, number>>,
): number {
  const at = stepFactors(rule, stepSize, given)[part];
  const beyond = stepFactors(rule, 2 * stepSize, given)[part];
  const power = Math.log2(Math.abs(beyond / at));
  // Halves are meant exactly.
  return Number.isFinite(power) ? Math.round(power * 1e9) / 1e9 : 0;
}

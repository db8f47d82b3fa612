/**
 * One step of a rule, executed from its formulas in float64.
 *
 * @module
 */

import { compile, type Compiled } from "./formula/compile.ts";
import { symbolsOf } from "./formula/expression.ts";
import { parseFormula } from "./formula/parse.ts";
import {
  officialRule,
  type Rule,
  ruleLayout,
  type RuleSymbol,
  ruleSymbols,
  type TermName,
} from "./rule.ts";

/** The value of every term of one coordinate's step. */
export type Terms = Readonly<Record<TermName, number>>;

/** Values of the rule's symbols, by slot. */
export class Slots {
  readonly values: Float64Array = new Float64Array(ruleLayout.length);
  /** Sets a symbol. */
  set(symbol: RuleSymbol, value: number): void {
    this.values[slotOf[symbol]] = value;
  }
  /** Reads a symbol. */
  get(symbol: RuleSymbol): number {
    return this.values[slotOf[symbol]]!;
  }
}

const slotOf = Object.fromEntries(ruleLayout.map((s, i) => [s, i])) as Record<RuleSymbol, number>;

/** Slots with some symbols set. */
export function slots(initial: Partial<Record<RuleSymbol, number>>): Slots {
  const result = new Slots();
  for (const [symbol, value] of Object.entries(initial)) result.set(symbol as RuleSymbol, value);
  return result;
}

/** The formulas of a rule. */
export const formulaNames = [
  "gradient",
  "gradientOfExp",
  "gradClip",
  "noGradClip",
  "drift",
  "noise",
  "step",
  "limit",
  "clippedStep",
  "result",
  "polynomial",
  "polynomialFirst",
  "singleStep",
  "exponential",
  "steps",
] as const;

/** A field of a rule that is a formula. */
export type FormulaName = (typeof formulaNames)[number];

/** A rule whose formulas can be evaluated. */
export type CompiledRule =
  & Readonly<Record<FormulaName, (slots: Slots) => number>>
  & { readonly rule: Rule; readonly uses: ReadonlySet<string> };

const compiledRules = new WeakMap<Rule, CompiledRule>();

/** Parses one formula of a rule. */
export function parseRuleFormula(text: string): ReturnType<typeof parseFormula> {
  return parseFormula(
    text,
    (symbol) => Object.hasOwn(ruleSymbols, symbol),
    `one of ${ruleLayout.join(", ")}`,
  );
}

/**
 * Compiles the formulas of a rule (once per rule).
 *
 * @throws {FormulaError} if a formula does not parse
 */
export function compileRule(rule: Rule): CompiledRule {
  const known = compiledRules.get(rule);
  if (known) return known;
  const uses = new Set<string>();
  const functions = {} as Record<FormulaName, (slots: Slots) => number>;
  for (const name of formulaNames) {
    const text = rule[name];
    if (text === "throws") {
      functions[name] = () => {
        throw new RangeError("division by zero");
      };
      continue;
    }
    const formula = compileFormula(text);
    for (const symbol of formula.symbols) uses.add(symbol);
    functions[name] = formula.run;
  }
  const compiled = { ...functions, rule, uses };
  compiledRules.set(rule, compiled);
  return compiled;
}

interface CompiledFormula {
  readonly run: (slots: Slots) => number;
  readonly symbols: Iterable<string>;
}

// Rules share most of their formulas; each is compiled once.
const compiledFormulas = new Map<string, CompiledFormula>();

function compileFormula(text: string): CompiledFormula {
  const known = compiledFormulas.get(text);
  if (known) return known;
  const expression = parseRuleFormula(text);
  const run: Compiled = compile(expression, ruleLayout);
  const formula = { run: (slots: Slots) => run(slots.values), symbols: symbolsOf(expression) };
  compiledFormulas.set(text, formula);
  return formula;
}

/** What one coordinate's step depends on when rows and axes do not mix. */
export interface CoordinateInput {
  readonly action: number;
  readonly gradient: number;
  readonly gradClip: number | null;
  readonly noiseScale: number;
  readonly draw: number;
  readonly stepSize: number;
  readonly deltaClip: number;
  readonly lower: number;
  readonly upper: number;
}

const official = compileRule(officialRule);
const scratch = new Slots();

/**
 * One step of the official rule on one coordinate.
 *
 * @param input gradient: ∂E/∂a, already that of exp(-E) where that is asked
 * @returns every term, float64
 */
export function stepCoordinate(input: CoordinateInput): Terms {
  const s = scratch;
  s.set("a", input.action);
  s.set("g", input.gradient);
  s.set("sigma", input.noiseScale);
  s.set("xi", input.draw);
  s.set("eta", input.stepSize);
  s.set("c", input.deltaClip);
  s.set("lo", input.lower);
  s.set("hi", input.upper);
  if (input.gradClip !== null) s.set("gamma", input.gradClip);
  return runCoordinate(official, s, input.gradClip !== null);
}

function runCoordinate(rule: CompiledRule, s: Slots, clips: boolean): Terms {
  const gradient = s.get("g");
  const clippedGradient = (clips ? rule.gradClip : rule.noGradClip)(s);
  s.set("gt", clippedGradient);
  const drift = rule.drift(s);
  s.set("drift", drift);
  const noise = rule.noise(s);
  s.set("noise", noise);
  const step = rule.step(s);
  s.set("delta", step);
  const limit = rule.limit(s);
  s.set("limit", limit);
  const clippedStep = rule.clippedStep(s);
  s.set("move", clippedStep);
  const result = rule.result(s);
  return { gradient, clippedGradient, drift, noise, step, limit, clippedStep, result };
}

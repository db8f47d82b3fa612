/**
 * The formulas of a rule as functions of their symbols, in float64.
 *
 * @module
 */

import { compile } from "./formula/compile.ts";
import type { Expression } from "./formula/expression.ts";
import { builtLimits, type FormulaLimits, parseFormula } from "./formula/parse.ts";
import { copyRows, type Settings } from "./problem.ts";
import { zeros } from "./numerics/zeros.ts";
import { Remembered } from "./remembered.ts";
import type { FormulaName, Loop, RuleSymbol } from "./rule.ts";
import type { Rule, Run } from "./rule_records.ts";
import type { Call, NetworkReturns } from "./sampler.ts";

/** What symbols stand for and how they are printed. */
export type Symbols = Readonly<Record<string, { readonly tex: string; readonly meaning: string }>>;

/** Values of the symbols of a rule, each under its name; 0 until they are set. */
export type Slots = { [Name in RuleSymbol]: number } & {
  /** In the order of the symbols. */
  readonly values: number[];
  /** Sets a symbol that the official rule may lack; one that this rule lacks is passed over. */
  setOwn(symbol: string, value: number): void;
};

/** A formula that can be evaluated. */
export type Evaluate = (slots: Slots) => number;

/** What rules with the same symbols share. */
interface Layout {
  readonly known: Symbols;
  readonly symbols: readonly string[];
  readonly slots: (like?: Slots) => Slots;
  /** Rules have most of their formulas in common; each is compiled once. */
  readonly compiled: Remembered<Evaluate>;
}

/** A rule whose formulas can be evaluated. */
export type CompiledRule = Readonly<Record<FormulaName, Evaluate>> & {
  /** η_k of a schedule in settings of the rule's own. */
  readonly stepSize?: Evaluate;
  /** The text of the rule. */
  readonly rule: Rule;
  /** New slots for its symbols, with the values of others. */
  readonly slots: (like?: Slots) => Slots;
};

// Both hold what never changes: a rule and its symbols are read once.
const layouts = new WeakMap<Symbols, Layout>();
const compiledRules = new WeakMap<Rule, CompiledRule>();

function layoutOf(known: Symbols): Layout {
  let layout = layouts.get(known);
  if (!layout) {
    const symbols = Object.keys(known);
    const compiled = new Remembered<Evaluate>(512);
    layouts.set(known, layout = { known, symbols, slots: slotsFor(symbols), compiled });
  }
  return layout;
}

/** Makes slots whose symbols are properties: as fast as an array, and read like the formulas. */
function slotsFor(symbols: readonly string[]): Layout["slots"] {
  const slotOf = new Map(symbols.map((symbol, slot) => [symbol, slot]));
  const none = zeros(symbols.length);
  class Values {
    readonly values: number[];
    constructor(given: readonly number[]) {
      this.values = given.slice();
    }
    setOwn(symbol: string, value: number): void {
      const slot = slotOf.get(symbol);
      if (slot !== undefined) this.values[slot] = +value;
    }
  }
  for (const [symbol, slot] of slotOf) {
    Object.defineProperty(Values.prototype, symbol, {
      get(this: Values) {
        return this.values[slot];
      },
      set(this: Values, value: number) {
        // What a sampler leaves out is not a number.
        this.values[slot] = +value;
      },
    });
  }
  return (like) => new Values(like?.values ?? none) as Slots;
}

/**
 * Parses one formula of a rule.
 *
 * @param symbols those that it may use
 * @param limits by default those of formulas that are built of measurements
 * @throws {FormulaError} if it does not parse
 */
export function parseRuleFormula(
  text: string,
  symbols: Symbols,
  limits: FormulaLimits = builtLimits,
): Expression {
  return parseFormula(
    text,
    (symbol) => Object.hasOwn(symbols, symbol),
    `one of ${Object.keys(symbols).join(", ")}`,
    limits,
  );
}

/**
 * Compiles the formulas of a rule (once per rule): every text in it.
 *
 * @throws {FormulaError} if a text is no formula of the rule's symbols
 */
export function compileRule(rule: Rule): CompiledRule {
  const known = compiledRules.get(rule);
  if (known) return known;
  const layout = layoutOf(rule.symbols);
  const formulas = {} as Record<FormulaName, Evaluate>;
  for (const [name, text] of Object.entries(rule)) {
    if (typeof text === "string") {
      formulas[name as FormulaName] = compileFormula(text, layout);
    }
  }
  const compiled = { ...formulas, rule, slots: layout.slots };
  compiledRules.set(rule, compiled);
  return compiled;
}

function compileFormula(text: string, layout: Layout): Evaluate {
  return layout.compiled.get(text, () => {
    const run = compile(parseRuleFormula(text, layout.known), layout.symbols);
    return (slots) => run(slots.values);
  });
}

/** Slots of a rule with some symbols set. */
export function slots(
  initial: Readonly<Record<string, number>>,
  rule: Rule,
): Slots {
  const result = compileRule(rule).slots();
  for (const symbol in initial) result.setOwn(symbol, initial[symbol]!);
  return result;
}

/** The symbols that settings give the same value in every step and on every axis. */
export function symbolsOfSettings(
  { noiseScale: sigma, gradClip, deltaClip: c, own }: Settings,
): Readonly<Record<string, number>> {
  return { gamma: gradClip ?? 0, sigma, T: sigma ** 2, c, ...own };
}

/** Begins the answer to a call by a sampler that was prepared for some settings. */
export function beginRun(
  formula: CompiledRule,
  loop: Loop,
  settings: Settings,
  call: Call,
  returns: NetworkReturns,
): Run {
  const { bounds, schedule: { kind: _, ...schedule }, steps: N } = settings;
  const given = { ...schedule, N, ...symbolsOfSettings(settings) };
  const common = slots(given, formula.rule);
  return {
    call,
    settings,
    formula,
    sign: returns === "energy" ? 1 : -1,
    initial: copyRows(call.initial),
    observations: loop.observations(call),
    coordinates: bounds.max.map((hi, i) => {
      const s = formula.slots(common);
      s.lo = bounds.min[i]!;
      s.hi = hi;
      return s;
    }),
    steps: [],
  };
}

/**
 * A rule as a document: formulas, the settings that it has, what may be added to it. Whoever writes
 * such a document has a rule that samplers can be judged by.
 *
 * @module
 */

import { compileRule, parseRuleFormula, type Symbols } from "../compiled_rule.ts";
import { symbolsOf } from "../formula/expression.ts";
import { FormulaError, writtenLimits } from "../formula/parse.ts";
import { type Formulas, officialRule, type OwnSetting, type Rule, ruleSymbols } from "../rule.ts";

/** The formulas of a document; what is left out does nothing. */
export interface DocumentFormulas extends Partial<Formulas> {
  /** η_k for k = 0 … N-1, in `init`, `final`, `power`, `k`, `N` or in settings of the rule's own. */
  readonly stepSize?: string;
}

/** Something that a rule may have, and has only where it is asked for. */
export interface RuleOption {
  /** What it is, in a few words. */
  readonly sentence: string;
  /** The formulas that it changes. */
  readonly formulas: DocumentFormulas;
}

/** A rule as it is written down. */
export interface RuleDocument {
  /** Words, stable. */
  readonly name: string;
  /** What it is, in one sentence. */
  readonly sentence: string;
  /** Where it comes from. */
  readonly source: string;
  /** The drift, the noise and the step at least. */
  readonly formulas: DocumentFormulas & Pick<Formulas, "drift" | "noise" | "step">;
  /** Settings that it has besides step size, noise scale, clips and box, by their symbols. */
  readonly settings?: Readonly<Record<string, Omit<OwnSetting, "symbol">>>;
  /** What may be added, by name: `ula+temperature`. */
  readonly options?: Readonly<Record<string, RuleOption>>;
  /** What people usually choose, for pictures and for the chain whose energy is shown. */
  readonly defaults?: { readonly stepSize?: number; readonly steps?: number };
}

/** A document that is no rule, with the place that is wrong. */
export class RuleError extends Error {
  /** Always "RuleError". */
  override readonly name = "RuleError";
  /** What kind of fault it is, in a report. */
  readonly kind = "rule";

  /**
   * Builds the message from its parts.
   *
   * @param place where it is, in the document
   * @param found what was found
   * @param wanted what was wanted
   */
  constructor(
    readonly place: string,
    readonly found: string,
    readonly wanted: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot read the rule: found ${found} as ${place}, wanted ${wanted}`, options);
  }

  /** Where to look. */
  get where(): string {
    return this.place;
  }
}

/** Formulas that do nothing. */
const neutral = {
  gradient: "g",
  gradientOfExp: "g",
  gradClip: "g",
  noGradClip: "g",
  limit: "1 / 0",
  clippedStep: "delta",
  result: "a - move",
  polynomial: "init",
  polynomialFirst: "init",
  singleStep: "init",
  exponential: "init",
  steps: "N",
} as const satisfies Partial<Formulas>;

/** The symbols that a document may use beside its own settings. */
export const documentSymbols: Symbols = {
  ...ruleSymbols,
  T: { tex: "T", meaning: "temperature, the square of the noise scale" },
  pi: { tex: "\\pi", meaning: "the number" },
};

/**
 * Makes a rule of a document.
 *
 * @param chosen names of its options
 * @throws {RuleError} if an option or a formula makes no sense
 */
export function ruleFrom(document: RuleDocument, chosen: readonly string[] = []): Rule {
  const { settings = {}, options = {}, formulas } = document;
  const names = Object.keys(options);
  for (const name of chosen) {
    if (Object.hasOwn(options, name)) continue;
    const wanted = names.length === 0 ? "no option: it has none" : `one of ${names.join(", ")}`;
    throw new RuleError(`an option of ${document.name}`, JSON.stringify(name), wanted);
  }
  const own = Object.entries(settings).map(([symbol, of]): OwnSetting => ({ symbol, ...of }));
  checkSettings(own);
  const symbols = own.length === 0 ? documentSymbols : {
    ...documentSymbols,
    ...Object.fromEntries(own.map(({ symbol, meaning }) => [symbol, { tex: symbol, meaning }])),
  };
  const placed = (name: string) => ({ place: `options.${name}.formulas`, ...options[name]! });
  const all = [{ place: "formulas", formulas }, ...chosen.map(placed)];
  for (const { place, formulas } of [all[0]!, ...names.map(placed)]) {
    checkFormulas(place, formulas, symbols);
  }
  checkUse(document, symbols);
  const written: DocumentFormulas & typeof formulas = Object.assign(
    {},
    ...all.map(({ formulas }) => formulas),
  );
  const { stepSize, ...rest } = written;
  const rule: Rule = {
    ...neutral,
    ...(rest.limit === undefined ? {} : { clippedStep: officialRule.clippedStep }),
    ...(rest.polynomial === undefined ? {} : { polynomialFirst: rest.polynomial }),
    ...(rest.polynomial === undefined ? {} : { singleStep: rest.polynomial }),
    ...rest,
    ...(stepSize === undefined ? {} : { stepSize }),
    symbols,
    loop: officialRule.loop,
    about: {
      name: [document.name, ...chosen].join("+"),
      sentence: document.sentence,
      source: document.source,
    },
    ...(own.length === 0 ? {} : { own }),
  };
  compileRule(rule);
  return rule;
}

function checkSettings(own: readonly OwnSetting[]): void {
  for (const { symbol, from, to } of own) {
    const place = `settings.${symbol}`;
    if (!/^[A-Za-z_]\w*$/.test(symbol) || Object.hasOwn(documentSymbols, symbol)) {
      const wanted = "a name that formulas can use and that has no other meaning";
      throw new RuleError(place, JSON.stringify(symbol), wanted);
    }
    if (!(from <= to)) throw new RuleError(`${place}.to`, String(to), `at least from, ${from}`);
  }
}

/** What a formula is made of, and where it may be nothing. */
const ingredients = [
  { name: "drift", symbols: ["gt", "g"], wanted: "a formula with gt, the gradient, in it" },
  { name: "noise", symbols: ["xi"], wanted: "a formula with xi, the draw, in it, or 0" },
  { name: "step", symbols: ["drift"], wanted: "a formula with drift and noise in it" },
  { name: "step", symbols: ["noise"], wanted: "a formula with drift and noise in it" },
] as const;

/** A formula that leaves out what it is for, and a setting in no formula, are mistakes. */
function checkUse({ formulas, options = {}, settings = {} }: RuleDocument, symbols: Symbols): void {
  const used = (text: string) => symbolsOf(parseRuleFormula(text, symbols));
  for (const { name, symbols: some, wanted } of ingredients) {
    const text = formulas[name];
    if (name === "noise" && text.trim() === "0") continue;
    if (!used(text).some((symbol) => some.some((one) => one === symbol))) {
      throw new RuleError(`formulas.${name}`, JSON.stringify(text), wanted);
    }
  }
  const texts = [formulas, ...Object.values(options).map(({ formulas }) => formulas)]
    .flatMap((formulas) => Object.values(formulas));
  const inUse = new Set(texts.flatMap(used));
  for (const [symbol, { from, to, whole = false }] of Object.entries(settings)) {
    const place = `settings.${symbol}`;
    if (!inUse.has(symbol)) {
      throw new RuleError(place, "a setting that no formula uses", "its symbol in a formula");
    }
    if (whole && Math.floor(to) < Math.ceil(from)) {
      throw new RuleError(place, `no whole number from ${from} to ${to}`, "one at least");
    }
  }
}

function checkFormulas(place: string, formulas: DocumentFormulas, symbols: Symbols): void {
  for (const [name, text] of Object.entries(formulas)) {
    try {
      parseRuleFormula(text, symbols, writtenLimits);
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      const { formula, position, message } = error;
      const [, found = "", wanted = ""] = /found ([^]*?), wanted ([^\n]*)/.exec(message) ?? [];
      const at = `${place}.${name}, character ${position + 1} of ${JSON.stringify(formula)}`;
      throw new RuleError(at, found, wanted, { cause: error });
    }
  }
}

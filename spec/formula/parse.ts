/**
 * Reads formulas.
 *
 * Grammar, loosest binding first:
 * ```text
 * sum      = product { ("+" | "-") product }
 * product  = unary { ("*" | "/") unary }
 * unary    = ("-" | "+") unary | power
 * power    = atom [ "^" unary ]             right-associative; -a1^2 is -(a1^2)
 * atom     = number | symbol | "(" sum ")" | function "(" sum { "," sum } ")"
 * ```
 *
 * @module
 */

import {
  binary,
  type Expression,
  type FunctionName,
  functionNames,
  type Operator,
} from "./expression.ts";

/** The text of a formula breaks the grammar or names something unknown. */
export class FormulaError extends Error {
  /** Always "FormulaError". */
  override readonly name = "FormulaError";
  /** The whole text that was read. */
  readonly formula: string;
  /** Where in the text, counted from 0. */
  readonly position: number;

  /** `found` and `wanted` are the two halves of the message; a caret line shows the place. */
  constructor(formula: string, position: number, found: string, wanted: string) {
    super(
      `Cannot parse the formula at character ${position}: found ${found}, wanted ${wanted}\n` +
        caret(formula, position),
    );
    this.formula = formula;
    this.position = position;
  }
}

/** Two lines: the neighbourhood of a position, and a caret beneath it. */
function caret(formula: string, position: number): string {
  const start = position > 60 ? position - 40 : 0;
  const window = formula.slice(start, start + 80).replace(/[^\x20-\x7e]/g, "?");
  const before = start > 0 ? "..." : "";
  const after = start + 80 < formula.length ? "..." : "";
  return `  ${before}${window}${after}\n  ${" ".repeat(before.length + position - start)}^`;
}

/** How large a formula may be. */
export interface FormulaLimits {
  readonly characters: number;
  readonly operations: number;
}

/** Limits of what a person writes. */
export const writtenLimits: FormulaLimits = { characters: 10_000, operations: 1_000 };

/** Limits of what is built of measurements, such as one step size for each step of long chains. */
export const builtLimits: FormulaLimits = { characters: 1_000_000, operations: 100_000 };

const deepestNesting = 200;

interface Token {
  readonly kind: "number" | "word" | "mark" | "end";
  readonly text: string;
  readonly position: number;
}

/** Splits a text into tokens; the last one is the end. Throws on a character of no token. */
function tokenize(text: string): readonly Token[] {
  const pattern =
    /(?<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|[-+*/^(),]/y;
  const tokens: Token[] = [];
  let position = 0;
  while (true) {
    while (position < text.length && " \t\r\n".includes(text.charAt(position))) position++;
    if (position >= text.length) break;
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) {
      const found = String.fromCodePoint(text.codePointAt(position) ?? 0);
      throw new FormulaError(
        text,
        position,
        JSON.stringify(found),
        "a number, a symbol, an operator or a parenthesis",
      );
    }
    const kind = match.groups?.number !== undefined
      ? "number"
      : match.groups?.word !== undefined
      ? "word"
      : "mark";
    tokens.push({ kind, text: match[0], position });
    position += match[0].length;
  }
  tokens.push({ kind: "end", text: "", position: text.length });
  return tokens;
}

/**
 * Reads a formula.
 *
 * @param text at most 200 levels of nesting, and by default 10,000 characters and 1,000 operations
 * @param allowed whether a symbol may occur; `pi`, where it may, is the number
 * @param wanted the allowed symbols in words, for error messages: "an action a1...a3"
 * @throws FormulaError if the text breaks the grammar, a limit, or names an unknown symbol or
 * function
 */
export function parseFormula(
  text: string,
  allowed: (symbol: string) => boolean,
  wanted: string,
  limits: FormulaLimits = writtenLimits,
): Expression {
  const { characters } = limits;
  if (text.length > characters) {
    const found = `${text.length} characters`;
    throw new FormulaError(text, characters, found, `at most ${characters}`);
  }
  return new Parser(text, allowed, wanted, limits).formula();
}

/** Reads the tokens of one text from left to right, a method for each line of the grammar. */
class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #operations = 0;

  constructor(
    readonly text: string,
    readonly allowed: (symbol: string) => boolean,
    readonly wanted: string,
    readonly limits: FormulaLimits,
  ) {
    this.#tokens = tokenize(text);
  }

  formula(): Expression {
    const expression = this.#sum();
    if (this.#peek().kind !== "end") {
      this.#refuse(this.#peek(), "an operator or the end of the formula");
    }
    return expression;
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.#at("+-")) left = binary(this.#operator(), left, this.#product());
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    while (this.#at("*/")) left = binary(this.#operator(), left, this.#unary());
    return left;
  }

  #unary(): Expression {
    if (!this.#at("+-")) return this.#power();
    const sign = this.#operator();
    const operand = this.#nested(() => this.#unary());
    return sign === "-" ? { kind: "negate", operand } : operand;
  }

  #power(): Expression {
    const base = this.#atom();
    if (!this.#at("^")) return base;
    return binary(this.#operator(), base, this.#nested(() => this.#unary()));
  }

  #atom(): Expression {
    const token = this.#take();
    if (token.kind === "number") {
      const value = Number(token.text);
      if (!Number.isFinite(value)) this.#refuse(token, "a number below 1.8e308");
      return { kind: "number", value, text: token.text };
    }
    if (token.kind === "word") {
      if (this.#at("(")) return this.#call(token);
      if (!this.allowed(token.text)) this.#refuse(token, this.wanted);
      if (token.text === "pi") return { kind: "number", value: Math.PI, text: "pi" };
      return { kind: "symbol", name: token.text };
    }
    if (token.kind === "mark" && token.text === "(") {
      const inner = this.#nested(() => this.#sum());
      this.#close('an operator or ")"');
      return inner;
    }
    return this.#refuse(token, `a number, "(", a function or ${this.wanted}`);
  }

  #call(word: Token): Expression {
    const name = functionNames.find((name) => name === word.text);
    if (name === undefined) {
      return this.#refuse(word, `one of the functions ${functionNames.join(", ")}`);
    }
    const operands: Expression[] = [];
    do {
      this.#operation();
      operands.push(this.#nested(() => this.#sum()));
    } while (this.#at(","));
    this.#close('an operator, "," or ")"');
    const count = operands.length, wanted = operandsOf(name);
    if (wanted === "2 or more" ? count < 2 : count !== Number(wanted)) {
      const found = `${count} ${count === 1 ? "operand" : "operands"} of ${name}`;
      throw new FormulaError(this.text, word.position, found, wanted);
    }
    return { kind: "call", name, operands };
  }

  #close(wanted: string): void {
    if (!this.#at(")")) this.#refuse(this.#peek(), wanted);
    this.#take();
  }

  #operator(): Operator {
    return this.#operation().text as Operator;
  }

  #operation(): Token {
    const token = this.#take();
    const { operations } = this.limits;
    if (++this.#operations > operations) {
      this.#refuseMore("operations", operations, token.position);
    }
    return token;
  }

  #nested(read: () => Expression): Expression {
    if (++this.#depth > deepestNesting) {
      this.#refuseMore("levels of nesting", deepestNesting, this.#peek().position);
    }
    const expression = read();
    this.#depth--;
    return expression;
  }

  #at(marks: string): boolean {
    return this.#peek().kind === "mark" && marks.includes(this.#peek().text);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? this.#tokens.at(-1)!;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #refuse(token: Token, wanted: string): never {
    const found = token.kind === "end"
      ? "the end of the formula"
      : JSON.stringify(token.text.length > 40 ? `${token.text.slice(0, 40)}...` : token.text);
    throw new FormulaError(this.text, token.position, found, wanted);
  }

  #refuseMore(what: string, most: number, position: number): never {
    throw new FormulaError(this.text, position, `more than ${most} ${what}`, `at most ${most}`);
  }
}

/** How many operands a function takes. */
function operandsOf(name: FunctionName): "1" | "2 or more" | "3" {
  if (name === "min" || name === "max") return "2 or more";
  return name === "where" ? "3" : "1";
}

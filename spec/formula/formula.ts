/**
 * Formulas: one text, read once into an {@linkcode Expression}, then used in many ways.
 *
 * A formula is executed ({@linkcode compile}), executed with an error bound
 * ({@linkcode compileBounded}), differentiated ({@linkcode derivative}), printed as mathematics
 * ({@linkcode toTeX}) and as source text ({@linkcode toInfix}), and evaluated in any other
 * arithmetic ({@linkcode fold}).
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

import { smallestNormal } from "../numerics/floats.ts";

/** The name of a function that a formula may call. */
export type FunctionName =
  | "abs"
  | "sqrt"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "cosh"
  | "sinh"
  | "floor"
  | "sign"
  | "min"
  | "max"
  | "where";

/**
 * The closed list of functions. `min` and `max` take two operands or more; `where(c, x, y)` is x
 * where c > 0 and y elsewhere (also where c is NaN); all others take one operand.
 */
export const functionNames: readonly FunctionName[] = [
  "abs",
  "sqrt",
  "exp",
  "log",
  "sin",
  "cos",
  "tanh",
  "cosh",
  "sinh",
  "floor",
  "sign",
  "min",
  "max",
  "where",
];

/** An operator between two operands. `^` is the power. */
export type Operator = "+" | "-" | "*" | "/" | "^";

/**
 * A formula as a tree. A number is never negative: a negative constant is the negation of one.
 * Derivatives share subtrees, so a tree may be a directed acyclic graph in memory.
 */
export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "negate"; readonly operand: Expression }
  | {
    readonly kind: "binary";
    readonly operator: Operator;
    readonly left: Expression;
    readonly right: Expression;
  }
  | {
    readonly kind: "call";
    readonly name: FunctionName;
    readonly operands: readonly Expression[];
  };

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

const longestText = 10_000;
const deepestNesting = 200;
const mostOperations = 1_000;

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
 * @param text at most 10,000 characters, 1,000 operations and 200 levels of nesting
 * @param allowed whether a symbol may occur
 * @param wanted the allowed symbols in words, for error messages: "an action a1...a3"
 * @throws FormulaError if the text breaks the grammar, a limit, or names an unknown symbol or
 * function
 */
export function parseFormula(
  text: string,
  allowed: (symbol: string) => boolean,
  wanted: string,
): Expression {
  if (text.length > longestText) {
    throw new FormulaError(
      text,
      longestText,
      `${text.length} characters`,
      `at most ${longestText}`,
    );
  }
  const tokens = tokenize(text);
  const end = tokens[tokens.length - 1] as Token;
  let next = 0;
  let depth = 0;
  let operations = 0;

  const peek = (): Token => tokens[next] ?? end;
  const take = (): Token => tokens[next++] ?? end;
  const at = (marks: string): boolean => peek().kind === "mark" && marks.includes(peek().text);
  const refuse = (token: Token, wanted: string): never => {
    const found = token.kind === "end"
      ? "the end of the formula"
      : JSON.stringify(token.text.length > 40 ? `${token.text.slice(0, 40)}...` : token.text);
    throw new FormulaError(text, token.position, found, wanted);
  };
  const operation = (): Token => {
    const token = take();
    if (++operations > mostOperations) {
      throw new FormulaError(
        text,
        token.position,
        `more than ${mostOperations} operations`,
        `at most ${mostOperations}`,
      );
    }
    return token;
  };
  const nested = (read: () => Expression): Expression => {
    if (++depth > deepestNesting) {
      throw new FormulaError(
        text,
        peek().position,
        `more than ${deepestNesting} levels of nesting`,
        `at most ${deepestNesting}`,
      );
    }
    const expression = read();
    depth--;
    return expression;
  };

  const sum = (): Expression => {
    let left = product();
    while (at("+-")) {
      left = binary(operation().text as Operator, left, product());
    }
    return left;
  };
  const product = (): Expression => {
    let left = unary();
    while (at("*/")) {
      left = binary(operation().text as Operator, left, unary());
    }
    return left;
  };
  const unary = (): Expression => {
    if (!at("+-")) return power();
    const sign = operation().text;
    const operand = nested(unary);
    return sign === "-" ? { kind: "negate", operand } : operand;
  };
  const power = (): Expression => {
    const base = atom();
    if (!at("^")) return base;
    operation();
    return binary("^", base, nested(unary));
  };
  const close = (wanted: string): void => {
    if (!at(")")) refuse(peek(), wanted);
    take();
  };
  const atom = (): Expression => {
    const token = take();
    if (token.kind === "number") {
      const value = Number(token.text);
      if (!Number.isFinite(value)) refuse(token, "a number below 1.8e308");
      return { kind: "number", value, text: token.text };
    }
    if (token.kind === "word") {
      if (at("(")) return call(token);
      if (!allowed(token.text)) refuse(token, wanted);
      return { kind: "symbol", name: token.text };
    }
    if (token.kind === "mark" && token.text === "(") {
      const inner = nested(sum);
      close('an operator or ")"');
      return inner;
    }
    return refuse(token, `a number, "(", a function or ${wanted}`);
  };
  const call = (word: Token): Expression => {
    const name = functionNames.find((name) => name === word.text);
    if (name === undefined) {
      return refuse(word, `one of the functions ${functionNames.join(", ")}`);
    }
    operation();
    const operands = [nested(sum)];
    while (at(",")) {
      operation();
      operands.push(nested(sum));
    }
    close('an operator, "," or ")"');
    const count = operands.length;
    const fits = name === "min" || name === "max"
      ? count >= 2
      : count === (name === "where" ? 3 : 1);
    if (!fits) {
      throw new FormulaError(
        text,
        word.position,
        `${count} ${count === 1 ? "operand" : "operands"} of ${name}`,
        name === "where" ? "3" : name === "min" || name === "max" ? "2 or more" : "1",
      );
    }
    return { kind: "call", name, operands };
  };

  const expression = sum();
  if (peek().kind !== "end") refuse(peek(), "an operator or the end of the formula");
  return expression;
}

/** The symbols of an expression, each once, sorted. */
export function symbolsOf(e: Expression): readonly string[] {
  const names = new Set<string>();
  fold<void>(e, {
    number: () => {},
    symbol: (name) => void names.add(name),
    negate: () => {},
    binary: () => {},
    call: () => {},
  });
  return [...names].sort();
}

/** An arithmetic in which an expression can be evaluated. */
export interface Algebra<T> {
  /** A constant; `text` is how the formula spells it. */
  number(value: number, text: string): T;
  /** The value of a symbol. */
  symbol(name: string): T;
  /** -x */
  negate(x: T): T;
  /** x operator y; `right` is the expression of y, so that integer powers can be recognised. */
  binary(operator: Operator, x: T, y: T, right: Expression): T;
  /** A function of {@linkcode functionNames} applied to its operands. */
  call(name: FunctionName, operands: readonly T[]): T;
}

/** Evaluates an expression in an algebra, bottom-up and left to right, shared subtrees once. */
export function fold<T>(e: Expression, algebra: Algebra<T>): T {
  const known = new Map<Expression, { readonly result: T }>();
  const visit = (e: Expression): T => {
    const seen = known.get(e);
    if (seen !== undefined) return seen.result;
    const result = evaluate(e);
    known.set(e, { result });
    return result;
  };
  const evaluate = (e: Expression): T => {
    switch (e.kind) {
      case "number":
        return algebra.number(e.value, e.text);
      case "symbol":
        return algebra.symbol(e.name);
      case "negate":
        return algebra.negate(visit(e.operand));
      case "binary":
        return algebra.binary(e.operator, visit(e.left), visit(e.right), e.right);
      case "call":
        return algebra.call(e.name, e.operands.map(visit));
    }
  };
  return visit(e);
}

/** The slot of a symbol in a layout. Throws if it has none. */
function slotOf(name: string, layout: readonly string[]): number {
  const slot = layout.indexOf(name);
  if (slot < 0) {
    throw new Error(
      `Cannot compile the formula: found the symbol "${name}", wanted one of ${layout.join(", ")}`,
    );
  }
  return slot;
}

/** The float64 value of a function at float64 operands. */
function apply(name: FunctionName, operands: readonly number[]): number {
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
function raise(base: number, exponent: number): number {
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

type Bounding = (values: ArrayLike<number>, unit: number) => Summed;

function summed(
  value: number,
  error: number,
  mass = Math.abs(value) + error,
  terms = 1,
): Summed {
  const sound = !Number.isFinite(value) ? 0 : error < lost ? error : lost;
  return { value, error: sound, mass, terms };
}

/** The error of a value of which nothing can be said. It passes on to all that depends on it. */
const lost = Number.MAX_VALUE;

/**
 * A result with the error that it inherits and so many units of rounding error, relative to the
 * largest result that is possible. A result below the smallest normal number may be flushed.
 */
function rounded(value: number, inherited: number, units: number, unit: number): Summed {
  const largest = Math.abs(value) + inherited;
  if (largest === 0) return summed(value, 0);
  return summed(value, inherited + units * unit * largest + smallestNormal(unit));
}

/** 2^-b for a number of b significant bits. It is exact in an arithmetic whose unit is no larger. */
function grainOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 1;
  let mantissa = Math.abs(value);
  while (mantissa >= 2) mantissa /= 2;
  while (mantissa < 1) mantissa *= 2;
  let grain = 0.5;
  while (mantissa !== Math.floor(mantissa)) {
    mantissa *= 2;
    grain /= 2;
  }
  return grain;
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
  const run = fold<Bounding>(e, {
    number(value) {
      const grain = grainOf(value);
      return (_, unit) => summed(value, grain >= unit ? 0 : unit * value);
    },
    symbol(name) {
      const slot = slotOf(name, layout);
      return (values) => summed(values[slot] as number, 0);
    },
    negate: (x) => (values, unit) => {
      const { value, error, mass, terms } = x(values, unit);
      return summed(-value, error, mass, terms);
    },
    binary: (operator, x, y) => (values, unit) =>
      boundedBinary(operator, x(values, unit), y(values, unit), unit),
    call: (name, operands) => (values, unit) =>
      boundedCall(name, operands.map((operand) => operand(values, unit)), unit),
  });
  return (values, unit) => {
    const { value, error } = run(values, unit);
    return { value, error };
  };
}

function boundedBinary(operator: Operator, x: Summed, y: Summed, unit: number): Summed {
  const isLost = x.error === lost || y.error === lost;
  switch (operator) {
    case "+":
    case "-": {
      const value = operator === "+" ? x.value + y.value : x.value - y.value;
      const inherited = x.error + y.error;
      const mass = x.mass + y.mass;
      const terms = x.terms + y.terms;
      const rounding = 2 * unit * (terms > 2 ? mass : Math.abs(value) + inherited);
      return summed(value, isLost ? lost : inherited + rounding, mass, terms);
    }
    case "*": {
      const inherited = Math.abs(x.value) * y.error + Math.abs(y.value) * x.error +
        x.error * y.error;
      return rounded(x.value * y.value, isLost ? lost : inherited, 2, unit);
    }
    case "/": {
      const value = x.value / y.value;
      const room = Math.abs(y.value) - y.error;
      const inherited = room > 0 ? (x.error + Math.abs(value) * y.error) / room : lost;
      return rounded(value, isLost ? lost : inherited, 2, unit);
    }
    case "^": {
      const value = raise(x.value, y.value);
      const units = Number.isInteger(y.value) ? Math.max(4, Math.min(Math.abs(y.value), 64)) : 4;
      return rounded(value, isLost ? lost : inheritedByPower(value, x, y), units, unit);
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

function boundedCall(name: FunctionName, operands: readonly Summed[], unit: number): Summed {
  const x = operands[0] as Summed;
  const value = apply(name, operands.map((operand) => operand.value));
  if (name === "where") {
    const [, y, z] = operands as [Summed, Summed, Summed];
    const decided = Math.abs(x.value) > x.error || Number.isNaN(x.value);
    if (decided) return summed(value, x.value > 0 ? y.error : z.error);
    if (x.error === lost) return summed(value, lost);
    return summed(value, reach(y.value, [z.value]) + Math.max(y.error, z.error));
  }
  if (operands.some(({ error }) => error === lost)) return summed(value, lost);
  switch (name) {
    case "abs":
      return summed(value, x.error);
    case "min":
    case "max": {
      const low = apply(name, operands.map((operand) => operand.value - operand.error));
      const high = apply(name, operands.map((operand) => operand.value + operand.error));
      return summed(value, reach(value, [low, high]));
    }
    case "sign":
      return summed(value, Math.abs(x.value) > x.error ? 0 : 1 + Math.abs(value));
    case "floor":
      return summed(value, inheritedAtEnds(name, value, x));
    case "sin":
    case "cos": {
      const slope = Math.abs(name === "sin" ? Math.cos(x.value) : Math.sin(x.value));
      const inherited = Math.min(2, slope * x.error + x.error * x.error / 2);
      return rounded(value, inherited + absolute(value, x, unit), 4, unit);
    }
    case "tanh":
    case "sinh": {
      const inherited = inheritedAtEnds(name, value, x);
      return rounded(value, inherited + absolute(value, x, unit), 4, unit);
    }
    case "sqrt":
    case "exp":
    case "log":
    case "cosh":
      return rounded(value, inheritedAtEnds(name, value, x), 4, unit);
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

function binary(operator: Operator, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator, left, right };
}

function call(name: FunctionName, ...operands: readonly Expression[]): Expression {
  return { kind: "call", name, operands };
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
  const known = new Map<Expression, Expression | undefined>();
  // Undefined: does not depend on the symbol.
  const d = (e: Expression): Expression | undefined => {
    if (!known.has(e)) known.set(e, differentiate(e));
    return known.get(e);
  };
  const differentiate = (e: Expression): Expression | undefined => {
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
        return ofBinary(e.operator, e.left, e.right, e);
      case "call":
        return ofCall(e.name, e.operands, e);
    }
  };
  const ofBinary = (
    operator: Operator,
    x: Expression,
    y: Expression,
    e: Expression,
  ): Expression | undefined => {
    const dx = d(x);
    const dy = d(y);
    switch (operator) {
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
        if (dx && dy) {
          return times(e, plus(times(dy, call("log", x)), over(times(y, dx), x)));
        }
        if (dy) return times(times(e, call("log", x)), dy);
        return dx && ofPower(x, y, dx);
    }
  };
  const ofPower = (x: Expression, y: Expression, dx: Expression): Expression | undefined => {
    const exponent = literalValue(y);
    if (exponent === 0) return undefined;
    if (exponent === 1) return dx;
    const exact = exponent !== undefined && exponent - 1 + 1 === exponent &&
      exponent - (exponent - 1) === 1;
    const lower = exact ? literal(exponent - 1) : binary("-", y, one);
    return times(times(y, power(x, lower)), dx);
  };
  const ofCall = (
    name: FunctionName,
    operands: readonly Expression[],
    e: Expression,
  ): Expression | undefined => {
    const x = operands[0] as Expression;
    switch (name) {
      case "floor":
      case "sign":
        return undefined;
      case "where": {
        const [, y, z] = operands as [Expression, Expression, Expression];
        return choice(x, d(y), d(z));
      }
      case "min":
      case "max": {
        let best = x;
        let slope = d(x);
        for (const y of operands.slice(1)) {
          slope = choice(name === "max" ? minus(best, y) : minus(y, best), slope, d(y));
          best = call(name, best, y);
        }
        return slope;
      }
      default: {
        const dx = d(x);
        return dx && chain(name, x, dx, e);
      }
    }
  };
  const choice = (
    condition: Expression,
    x: Expression | undefined,
    y: Expression | undefined,
  ): Expression | undefined => x || y ? call("where", condition, x ?? zero, y ?? zero) : undefined;
  return d(e) ?? zero;
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

/** A piece of text and how tightly its outermost operation binds. */
interface Printed {
  readonly text: string;
  readonly level: Level;
}

/** 1 sum, 2 product, 3 unary minus, 4 power, 5 atom. */
type Level = 1 | 2 | 3 | 4 | 5;

/** A language that {@linkcode toInfix} can write. */
export type Language = "plain" | "python" | "typescript";

/**
 * Writes an expression as source text with as few parentheses as its order of evaluation allows.
 *
 * `plain` is the language of {@linkcode parseFormula} and reads back to the same evaluation.
 * `python` calls functions of a module `m` (`import math as m`) and computes in floats, `typescript`
 * calls those of `Math`; both leave symbols as they are.
 */
export function toInfix(e: Expression, language: Language = "plain"): string {
  const guard = (x: Printed, level: Level): string => x.level >= level ? x.text : `(${x.text})`;
  const caret = language === "plain" ? "^" : language === "python" ? "**" : " ** ";
  const whole = (text: string): string => language === "python" ? text.replace(/\.0$/, "") : text;
  return fold<Printed>(e, {
    number(value, text) {
      if (language === "plain") return { text, level: 5 };
      const full = String(value);
      return { text: language === "python" && /^\d+$/.test(full) ? `${full}.0` : full, level: 5 };
    },
    symbol: (name) => ({ text: name, level: 5 }),
    // TypeScript refuses -x ** y, and reads --x as a decrement.
    negate: (x) => ({ text: `-${guard(x, language === "typescript" ? 5 : 4)}`, level: 3 }),
    binary(operator, x, y, right) {
      switch (operator) {
        case "+":
        case "-":
          return { text: `${guard(x, 1)} ${operator} ${guard(y, 2)}`, level: 1 };
        case "*":
        case "/":
          return { text: `${guard(x, 2)}${operator}${guard(y, 3)}`, level: 2 };
        case "^":
          return {
            text: `${guard(x, 5)}${caret}${right.kind === "number" ? whole(y.text) : guard(y, 3)}`,
            level: 4,
          };
      }
    },
    call: (name, operands) => ({ text: infixCall(name, operands, language), level: 5 }),
  }).text;
}

function infixCall(name: FunctionName, operands: readonly Printed[], language: Language): string {
  const texts = operands.map((operand) => operand.text);
  const list = texts.join(", ");
  const [x = "", y = "", z = ""] = texts;
  if (language === "typescript") {
    return name === "where" ? `((${x}) > 0 ? ${y} : ${z})` : `Math.${name}(${list})`;
  }
  if (language === "python") {
    if (name === "where") return `(${y} if ${x} > 0 else ${z})`;
    if (name === "sign") return `(lambda x: (x > 0) - (x < 0))(${x})`;
    return name === "abs" || name === "min" || name === "max"
      ? `${name}(${list})`
      : `m.${name}(${list})`;
  }
  return `${name}(${list})`;
}

/**
 * Writes an expression as TeX mathematics.
 *
 * @param names TeX for symbols; without one, a letter and digits become a letter with an index
 * (a1 is a_{1}), a letter stays, and a word stands upright
 */
export function toTeX(e: Expression, names: Readonly<Record<string, string>> = {}): string {
  interface TeX extends Printed {
    readonly sort: "number" | "symbol" | "bars" | "other";
  }
  const other = (text: string, level: Level): TeX => ({ text, level, sort: "other" });
  const parenthesized = (text: string): string => `\\left(${text}\\right)`;
  const guard = (x: Printed, level: Level): string =>
    x.level >= level ? x.text : parenthesized(x.text);
  const condition = (c: Expression): string =>
    c.kind === "binary" && c.operator === "-"
      ? `${printed(c.left).text} > ${printed(c.right).text}`
      : `${printed(c).text} > 0`;
  const known = new Map<Expression, TeX>();
  const printed = (e: Expression): TeX => {
    const text = known.get(e) ?? print(e);
    known.set(e, text);
    return text;
  };
  const print = (e: Expression): TeX => {
    switch (e.kind) {
      case "number": {
        const [mantissa = "", exponent] = e.text.toLowerCase().split("e");
        if (exponent === undefined) return { text: mantissa, level: 5, sort: "number" };
        const scale = `10^{${Number(exponent)}}`;
        return Number(mantissa) === 1
          ? { text: scale, level: 4, sort: "number" }
          : { text: `${mantissa} \\times ${scale}`, level: 2, sort: "number" };
      }
      case "symbol":
        return { text: symbolTeX(e.name, names), level: 5, sort: "symbol" };
      case "negate":
        // A minus sign inside a product needs parentheses, and so does one after another.
        return other(`-${guard(printed(e.operand), 2)}`, 1);
      case "binary":
        return binaryTeX(e.operator, e.left, e.right);
      case "call":
        return callTeX(e.name, e.operands);
    }
  };
  const binaryTeX = (operator: Operator, left: Expression, right: Expression): TeX => {
    const x = printed(left);
    const y = printed(right);
    switch (operator) {
      case "+":
      case "-":
        return other(`${guard(x, 1)} ${operator} ${guard(y, 2)}`, 1);
      case "*": {
        const factor = guard(y, 2);
        const mark = /^[0-9.]/.test(factor)
          ? " \\cdot "
          : x.sort === "number" && x.level === 5
          ? " "
          : "\\,";
        return other(`${guard(x, 2)}${mark}${factor}`, 2);
      }
      case "/":
        return other(`\\frac{${x.text}}{${y.text}}`, 3);
      case "^": {
        const atomic = x.level === 5 &&
          (x.sort === "number" || x.sort === "bars" ||
            (x.sort === "symbol" && !/[\^]/.test(x.text)));
        return other(`${atomic ? x.text : parenthesized(x.text)}^{${y.text}}`, 4);
      }
    }
  };
  const callTeX = (name: FunctionName, operands: readonly Expression[]): TeX => {
    if (name === "where") {
      const [c, y, z] = operands as [Expression, Expression, Expression];
      const first = `${printed(y).text} & \\text{if } ${condition(c)}`;
      const second = `${printed(z).text} & \\text{otherwise}`;
      return other(`\\begin{cases} ${first} \\\\ ${second} \\end{cases}`, 1);
    }
    const x = operands.map((operand) => printed(operand).text).join(", ");
    switch (name) {
      case "abs":
        return { text: `\\left|${x}\\right|`, level: 5, sort: "bars" };
      case "floor":
        return { text: `\\left\\lfloor ${x} \\right\\rfloor`, level: 5, sort: "bars" };
      case "sqrt":
        return other(`\\sqrt{${x}}`, 5);
      default: {
        const operator = name === "sign" ? "\\operatorname{sign}" : `\\${name}`;
        return other(`${operator}${parenthesized(x)}`, 5);
      }
    }
  };
  return printed(e).text;
}

function symbolTeX(name: string, names: Readonly<Record<string, string>>): string {
  const given = Object.hasOwn(names, name) ? names[name] : undefined;
  if (given !== undefined) return given;
  const indexed = /^([A-Za-z])_?([0-9]+)$/.exec(name);
  if (indexed !== null) return `${indexed[1]}_{${indexed[2]}}`;
  return name.length === 1 && name !== "_" ? name : `\\mathrm{${name.replaceAll("_", "\\_")}}`;
}

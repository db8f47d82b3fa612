/**
 * A formula as a tree, and how a tree is evaluated in any arithmetic.
 *
 * `parse.ts` reads a tree from a text; `compile.ts` executes it, `compile_bounded.ts` with an error
 * bound; `derivative.ts` differentiates it; `infix.ts` and `tex.ts` print it; `arbiter.ts` evaluates it
 * in 64 digits.
 *
 * @module
 */

/**
 * The closed list of functions. `min` and `max` take two operands or more; `where(c, x, y)` is x
 * where c > 0 and y elsewhere (also where c is NaN); all others take one operand.
 */
export const functionNames = [
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
] as const;

/** The name of a function that a formula may call. */
export type FunctionName = (typeof functionNames)[number];

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
  return folding(algebra)(e);
}

/** The same for several expressions: what they share is evaluated once. */
export function folding<T>(algebra: Algebra<T>): (e: Expression) => T {
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
  return visit;
}

/** An operator between two operands. */
export function binary(operator: Operator, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator, left, right };
}

/** A function applied to its operands. */
export function call(name: FunctionName, ...operands: readonly Expression[]): Expression {
  return { kind: "call", name, operands };
}

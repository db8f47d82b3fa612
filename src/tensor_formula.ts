/**
 * Formulas on tensors of TensorFlow.js, with few operations.
 *
 * An operation costs about the same on one number as on a hundred, so terms of a sum that are alike
 * but for their numbers and symbols are evaluated at once, as the columns of one tensor.
 *
 * @module
 */

import { groupedBy } from "./grouped_by.ts";
import * as tf from "@tensorflow/tfjs";
import type { Expression, FunctionName, Operator } from "../spec/formula/expression.ts";
import { Remembered } from "../spec/remembered.ts";

/** A formula on tensors, apart from its numbers. */
export interface TensorFormula {
  /** The same for formulas that differ in nothing but their numbers, exponents aside. */
  readonly form: string;
  /** Its numbers, in rows. */
  readonly weights: readonly (readonly number[])[];
  /**
   * Evaluates it.
   *
   * @param points rows × axes
   * @param observed rows × features
   * @param weights each row of them as a tensor, 1 × its length
   * @returns one number per row
   */
  evaluate(points: tf.Tensor2D, observed: tf.Tensor2D, weights: readonly tf.Tensor[]): tf.Tensor;
}

/** Formulas that are remembered. */
const known = new Remembered<TensorFormula>(256);

/** A formula on tensors. */
export function tensorFormula(expression: Expression, text: string): TensorFormula {
  return known.get(text, () => {
    const weights: (readonly number[])[] = [];
    const plan = planOf([withoutConstants(expression)], weights);
    return {
      form: JSON.stringify(plan),
      weights,
      evaluate: (points, observed, weights) => {
        const rows = points.shape[0], column = evaluate(plan, { points, observed, weights });
        const all = column.shape[0] === rows ? column : tf.broadcastTo(column, [rows, 1]);
        return all.reshape([rows]);
      },
    };
  });
}

/** A formula in which no number is computed from numbers, so that `(-2)` is like `2`. */
function withoutConstants(e: Expression): Expression {
  switch (e.kind) {
    case "number":
    case "symbol":
      return e;
    case "negate": {
      const operand = withoutConstants(e.operand);
      return operand.kind === "number" ? constant(-operand.value) : { ...e, operand };
    }
    case "binary": {
      const left = withoutConstants(e.left), right = withoutConstants(e.right);
      return left.kind === "number" && right.kind === "number"
        ? constant(computed(e.operator, left.value, right.value))
        : { ...e, left, right };
    }
    case "call":
      return { ...e, operands: e.operands.map(withoutConstants) };
  }
}

function constant(value: number): Expression {
  return { kind: "number", value, text: `${value}` };
}

function computed(operator: Operator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "^":
      return left ** right;
  }
}

/** Where the columns of a plan come from. */
interface Source {
  readonly points: tf.Tensor2D;
  readonly observed: tf.Tensor2D;
  readonly weights: readonly tf.Tensor[];
}

/** Expressions that are alike, to be evaluated at once, each in a column. */
type Plan =
  | { readonly kind: "weights"; readonly at: number }
  | {
    readonly kind: "columns";
    readonly of: "points" | "observed";
    readonly indices: readonly number[];
  }
  | { readonly kind: "negate"; readonly operand: Plan }
  | { readonly kind: "square"; readonly operand: Plan }
  | { readonly kind: "binary"; readonly operator: "*" | "/" | "^"; left: Plan; right: Plan }
  | { readonly kind: "call"; readonly name: FunctionName; readonly operands: readonly Plan[] }
  | { readonly kind: "sum"; readonly parts: readonly Part[] };

type Weights = (readonly number[])[];

/** Terms of a sum that are alike: so many in each column of the sum. */
interface Part {
  readonly terms: Plan;
  readonly signs: readonly number[];
  readonly columns: number;
}

type Binary = Extract<Expression, { kind: "binary" }>;

/** The plan of expressions of one shape; their numbers are added to the weights. */
function planOf(all: readonly Expression[], weights: Weights): Plan {
  const [first] = all;
  switch (first!.kind) {
    case "number":
      weights.push(all.flatMap((e) => e.kind === "number" ? e.value : []));
      return { kind: "weights", at: weights.length - 1 };
    case "symbol": {
      const indices = all.flatMap((e) => e.kind === "symbol" ? Number(e.name.slice(1)) - 1 : []);
      return { kind: "columns", of: first!.name.startsWith("a") ? "points" : "observed", indices };
    }
    case "negate":
      return {
        kind: "negate",
        operand: planOf(all.flatMap((e) => e.kind === "negate" ? e.operand : []), weights),
      };
    case "call": {
      const { name, operands } = first!;
      const calls = all.flatMap((e) => e.kind === "call" ? [e.operands] : []);
      return {
        kind: "call",
        name,
        operands: operands.map((_, i) => planOf(calls.map((each) => each[i]!), weights)),
      };
    }
    case "binary":
      return planOfBinary(all.flatMap((e) => e.kind === "binary" ? e : []), weights);
  }
}

function planOfBinary(all: readonly Binary[], weights: Weights): Plan {
  const { operator, right } = all[0]!;
  if (operator === "+" || operator === "-") return planOfSum(all, weights);
  const left = planOf(all.map((e) => e.left), weights);
  if (operator === "^" && right.kind === "number") {
    if (right.value === 1) return left;
    if (right.value === 2) return { kind: "square", operand: left };
  }
  return { kind: "binary", operator, left, right: planOf(all.map((e) => e.right), weights) };
}

interface Term {
  readonly of: Expression;
  readonly sign: number;
}

function planOfSum(all: readonly Binary[], weights: Weights): Plan {
  const sums = all.map((e) => termsOf(e, 1));
  const places = sums[0]!.map(({ of }, place) => ({ place, shape: shapeOf(of) }));
  const parts = [...groupedBy(places, ({ shape }) => shape).values()].map((alike): Part => {
    const terms = sums.flatMap((sum) => alike.map(({ place }) => sum[place]!));
    return {
      terms: planOf(terms.map(({ of }) => of), weights),
      signs: terms.map(({ sign }) => sign),
      columns: all.length,
    };
  });
  return { kind: "sum", parts };
}

/** The terms of a sum, from left to right; a number takes up the sign of its term. */
function termsOf(of: Expression, sign: number): Term[] {
  if (of.kind === "number") return [{ of: constant(sign * of.value), sign: 1 }];
  if (of.kind !== "binary") return [{ of, sign }];
  if (of.operator === "*" && of.left.kind === "number") {
    return [{ of: { ...of, left: constant(sign * of.left.value) }, sign: 1 }];
  }
  if (of.operator !== "+" && of.operator !== "-") return [{ of, sign }];
  const rightSign = of.operator === "+" ? sign : -sign;
  return [...termsOf(of.left, sign), ...termsOf(of.right, rightSign)];
}

/** What expressions that are evaluated at once must share: all but numbers and indices. */
function shapeOf(e: Expression): string {
  switch (e.kind) {
    case "number":
      return "#";
    case "symbol":
      return e.name.charAt(0);
    case "negate":
      return `-(${shapeOf(e.operand)})`;
    case "binary": {
      const right = e.operator === "^" && e.right.kind === "number"
        ? `${e.right.value}`
        : shapeOf(e.right);
      return `(${shapeOf(e.left)}${e.operator}${right})`;
    }
    case "call":
      return `${e.name}(${e.operands.map(shapeOf).join()})`;
  }
}

/** The columns of a plan: rows × columns, or 1 × columns where all rows are alike. */
function evaluate(plan: Plan, source: Source): tf.Tensor {
  switch (plan.kind) {
    case "weights":
      return source.weights[plan.at]!;
    case "columns":
      return columnsOf(source[plan.of], plan.indices);
    case "negate":
      return tf.neg(evaluate(plan.operand, source));
    case "square":
      return tf.square(evaluate(plan.operand, source));
    case "binary": {
      const left = evaluate(plan.left, source), right = evaluate(plan.right, source);
      return plan.operator === "*"
        ? tf.mul(left, right)
        : plan.operator === "/"
        ? tf.div(left, right)
        : tf.pow(left, right);
    }
    case "sum":
      return plan.parts.map((part) => sumOf(part, source)).reduce((a, b) => tf.add(a, b));
    case "call":
      return callOf(plan.name, plan.operands.map((operand) => evaluate(operand, source)));
  }
}

/**
 * Columns of a table, taken as slices: the gradient of `tf.gather` multiplies those of other columns
 * by zero, which makes NaN of an infinity.
 */
function columnsOf(table: tf.Tensor2D, indices: readonly number[]): tf.Tensor {
  const runs = runsOf(indices);
  if (runs.length > 1) return tf.concat(runs.map((run) => columnsOf(table, run)), 1);
  return indices.length === table.shape[1] ? table : tf.slice(table, [0, indices[0]!], [
    table.shape[0],
    indices.length,
  ]);
}

/** Indices in pieces in which each is one more than the last. */
function runsOf(indices: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  indices.forEach((index, i) => {
    if (i > 0 && index === indices[i - 1]! + 1) runs.at(-1)!.push(index);
    else runs.push([index]);
  });
  return runs;
}

function sumOf({ terms, signs, columns }: Part, source: Source): tf.Tensor {
  const isWeighed = terms.kind === "binary" && terms.operator === "*" &&
    terms.left.kind === "weights";
  if (isWeighed && columns === 1) {
    return tf.matMul(
      evaluate(terms.right, source),
      evaluate(terms.left, source),
      false,
      true,
    );
  }
  const values = evaluate(terms, source);
  const signed = signs.every((sign) => sign > 0)
    ? values
    : signs.every((sign) => sign < 0)
    ? tf.neg(values)
    : tf.mul(values, tf.tensor2d([[...signs]]));
  if (signs.length === columns) return signed;
  if (columns === 1) return tf.sum(signed, 1, true);
  return tf.sum(signed.reshape([values.shape[0]!, columns, signs.length / columns]), 2);
}

function callOf(name: FunctionName, operands: readonly tf.Tensor[]): tf.Tensor {
  const [x, y, z] = operands;
  switch (name) {
    case "min":
      return operands.reduce((a, b) => tf.minimum(a, b));
    case "max":
      return operands.reduce((a, b) => tf.maximum(a, b));
    case "where": {
      // From the numbers: TensorFlow.js has no gradient for comparisons.
      const chosen = Array.from(x!.dataSync(), (value) => value > 0 ? 1 : 0);
      const zeros = tf.zerosLike(x!);
      return tf.where(
        tf.tensor(chosen, x!.shape, "bool"),
        tf.add(y!, zeros),
        tf.add(z!, zeros),
      );
    }
    default:
      return tf[name](x!);
  }
}

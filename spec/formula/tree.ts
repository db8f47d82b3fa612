/**
 * Expressions as JSON carries them.
 *
 * @module
 */

import type { Expression } from "./expression.ts";

/** An expression as JSON: a number, a symbol, or an operator with its operands. */
export type Tree = number | string | [string, ...Tree[]];

/** An expression as nested lists: the operator first, then its operands. */
export function treeOf(expression: Expression): Tree {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "symbol":
      return expression.name;
    case "negate":
      return ["neg", treeOf(expression.operand)];
    case "binary":
      return [expression.operator, treeOf(expression.left), treeOf(expression.right)];
    case "call":
      return [expression.name, ...expression.operands.map(treeOf)];
  }
}

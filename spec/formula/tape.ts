/**
 * Formulas that are evaluated together: whatever they share is evaluated once.
 *
 * The slopes of an energy along its axes have most of their parts in common.
 *
 * @module
 */

import { type Expression, folding, type FunctionName, type Operator } from "./expression.ts";

/** One operation; its operands are places of a tape, all before its own. */
export type Operation =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "negate"; readonly x: number }
  | { readonly kind: "binary"; readonly operator: Operator; readonly x: number; readonly y: number }
  | { readonly kind: "call"; readonly name: FunctionName; readonly operands: readonly number[] };

/** Operations in an order in which they can be done. */
export interface Tape {
  /** No two of them are the same. */
  readonly operations: readonly Operation[];
  /** The place of each formula's result. */
  readonly results: readonly number[];
}

/** The operations of some formulas. */
export function tapeOf(formulas: readonly Expression[]): Tape {
  const operations: Operation[] = [], places = new Map<string, number>();
  const placeOf = (key: string, operation: Operation): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    const place = operations.push(operation) - 1;
    places.set(key, place);
    return place;
  };
  const results = formulas.map(folding<number>({
    number: (value) => placeOf(`${value}`, { kind: "number", value }),
    symbol: (name) => placeOf(name, { kind: "symbol", name }),
    negate: (x) => placeOf(`- ${x}`, { kind: "negate", x }),
    binary: (operator, x, y) =>
      placeOf(`${operator} ${x} ${y}`, { kind: "binary", operator, x, y }),
    call: (name, operands) =>
      placeOf(`${name} ${operands.join(" ")}`, { kind: "call", name, operands }),
  }));
  return { operations, results };
}

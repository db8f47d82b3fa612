/**
 * Norms of rows of numbers.
 *
 * @module
 */

import type { GradNorm } from "../problem.ts";

/**
 * The norm of some numbers: 0 for the order `null`, else NaN if one of them is, even beside an
 * infinity (`Math.hypot` prefers the infinity).
 */
export function norm(values: readonly number[], order: GradNorm): number {
  if (order === null) return 0;
  let sum = 0, most = 0;
  for (const value of values) {
    sum += Math.abs(value);
    most = Math.max(most, Math.abs(value));
  }
  if (Number.isNaN(most)) return NaN;
  if (order === "2") return Math.hypot(...values);
  return order === "1" ? sum : most;
}

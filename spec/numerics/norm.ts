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
  if (values.some(Number.isNaN)) return NaN;
  switch (order) {
    case "1":
      return values.reduce((sum, value) => sum + Math.abs(value), 0);
    case "2":
      return Math.hypot(...values);
    case "inf":
      return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }
}

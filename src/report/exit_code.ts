/**
 * The exit code of a report.
 *
 * @module
 */

import type { Report } from "./report.ts";

/** The exit code of a verdict: 0 conforms, 1 violates, 2 not run. */
export const exitCodes = { "conforms": 0, "violates": 1, "not run": 2 } as const satisfies Record<
  Report["verdict"],
  number
>;

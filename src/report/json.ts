/**
 * A report for machines.
 *
 * @module
 */

import { plainTexts } from "./plain_text.ts";
import type { Report } from "./report.ts";

/** The keys of a report in the order in which they are written. */
const order: readonly (keyof Report)[] = [
  "format",
  "verdict",
  "tool",
  "command",
  "incomplete",
  "target",
  "rule",
  "seed",
  "profile",
  "fault",
  "falseAlarm",
  "clauses",
  "coverage",
  "remarks",
  "golden",
  "energy",
  "diagnosis",
  "elapsedMs",
];

/** A report as JSON, two spaces deep, the keys always in the same order; ends with a newline. */
export function json(given: Report): string {
  const report = plainTexts(given);
  const entries = order.flatMap((key) => report[key] === undefined ? [] : [[key, report[key]]]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

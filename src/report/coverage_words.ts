/**
 * What a run tried, in words.
 *
 * @module
 */

import type { Report, TriedText } from "./report.ts";

/** What was tried, in one line: `pairs tried 2134 of 2134, triples 17 592 of 41 005`. */
export function coverageWords({ coverage }: Report): readonly string[] {
  if (coverage === undefined) return [];
  const { pairs, triples } = coverage;
  return [`pairs tried ${share(pairs)}, triples ${share(triples)}`];
}

function share({ tried, total }: TriedText): string {
  return `${spaced(tried)} of ${spaced(total)}`;
}

/** A number with a space between thousands, if it has five digits or more. */
export function spaced(count: number): string {
  return count < 10_000 ? `${count}` : `${count}`.replaceAll(/\B(?=(\d{3})+$)/g, " ");
}

/**
 * What a diagnosis says of a sampler as data: every term as it was measured, what each step depends
 * on against the rule, and names.
 *
 * @module
 */

import type { InfluenceReport, measuredParts, MeasuredValueReport } from "../../report/report.ts";

/**
 * What is known of one term. A figure is given only if it explains every experiment that was made to
 * measure it; else the term is not measured, and the reason is told.
 */
export type MeasuredValue = Readonly<MeasuredValueReport>;

/** One term of the rule as it was measured. */
export interface TermMeasurement {
  /** The part of the rule. */
  readonly name: (typeof measuredParts)[number];
  /** As it stands in the measured rule; empty if the sampler has no such term. */
  readonly text: string;
  /** As it should stand there. */
  readonly wanted: string;
  /** Whether it is another one than the rule's beyond all errors of measurement; null if not known. */
  readonly deviates: boolean | null;
  /** What is known of it. */
  readonly value: MeasuredValue;
  /** Titles of the bugs that a prime in the text stands for. */
  readonly primedBy?: string[];
}

/** Something that a step depends on though the rule forbids it, or does not though it demands it. */
export type Influence = Readonly<InfluenceReport>;

/** A term of which nothing is known. */
export function notMeasured(reason: string): MeasuredValue {
  return { kind: "not measured", reason };
}

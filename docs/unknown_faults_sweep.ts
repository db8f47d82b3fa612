/**
 * Diagnoses samplers with a fault outside of the catalogue beside two known defects: how often both
 * known ones are named, and whether anything is said that is not so.
 *
 *     deno run -A docs/unknown_faults_sweep.ts run FILE [FROM] [TO]    samplers 0 to 1,000 by default
 *     deno run -A docs/unknown_faults_sweep.ts join FILE …             writes `docs/unknown-faults.json`
 *
 * @module
 */

import { observe } from "../spec/observe.ts";
import { ruleSampler } from "../spec/rule.ts";
import { diagnosisOf } from "../src/diagnosis/diagnosis.ts";
import { untruths } from "../src/fixtures/truth.ts";
import { nameOf, type Planted, planted, unknownFaults } from "../src/fixtures/unknown_faults.ts";
import type { DiagnosisReport } from "../src/report/report.ts";
import { type Numbered, sweepBy } from "./sharded.ts";

/** How one diagnosis came out. */
export interface UnknownOutcome extends Numbered {
  /** What was planted. */
  readonly planted: string;
  /** The known ones that are not named, not even in a class. */
  readonly missed: readonly string[];
  /** What is said and not so. */
  readonly untrue: readonly string[];
}

/** How many came out. */
export interface UnknownFigures {
  /** The day on which they were measured. */
  readonly date: string;
  /** Unknown faults, each of which was tried as often as any other. */
  readonly faults: number;
  /** Samplers that were tried. */
  readonly tried: number;
  /** Those of which both known defects are named. */
  readonly bothNamed: number;
  /** Those of which a name is certain that was not planted. */
  readonly falselyCertain: number;
  /** Those of which something else is said that is not so. */
  readonly withUntruth: number;
  /** Those that are not as they should be. */
  readonly others: readonly UnknownOutcome[];
}

/** Diagnoses the sampler of a number. */
export async function unknownOutcome(number: number): Promise<UnknownOutcome> {
  const given = plantedSampler(number);
  const target = observe(ruleSampler(given.rule, { name: nameOf(given) }));
  const diagnosis: DiagnosisReport = await diagnosisOf(target, "violates") ??
    { view: "points and tape", defects: [] };
  const named = new Set(
    diagnosis.defects.flatMap((
      { id, alternatives = [] },
    ) => [id, ...alternatives.map((a) => a.id)]),
  );
  return {
    number,
    planted: nameOf(given),
    missed: given.known.map(({ id }) => id).filter((id) => !named.has(id)),
    untrue: untruths(diagnosis, given),
  };
}

/** The sampler of a number: every unknown fault as often as any other. */
export function plantedSampler(number: number): Planted {
  return planted(unknownFaults[number % unknownFaults.length]!, 2, number + 1);
}

/** Adds outcomes up. */
export function figuresOf(outcomes: readonly UnknownOutcome[]): UnknownFigures {
  const falselyCertain = (text: string) => text.endsWith(" is certain");
  return {
    date: new Date().toISOString().slice(0, 10),
    faults: unknownFaults.length,
    tried: outcomes.length,
    bothNamed: outcomes.filter(({ missed }) => missed.length === 0).length,
    falselyCertain: outcomes.filter(({ untrue }) => untrue.some(falselyCertain)).length,
    withUntruth: outcomes.filter(({ untrue }) => untrue.some((text) => !falselyCertain(text)))
      .length,
    others: outcomes.filter(({ missed, untrue }) => missed.length + untrue.length > 0),
  };
}

if (import.meta.main) {
  await sweepBy(Deno.args, {
    count: 1000,
    file: new URL("unknown-faults.json", import.meta.url),
    try: unknownOutcome,
    sum(outcomes) {
      const figures = figuresOf(outcomes);
      const { tried, bothNamed, falselyCertain, withUntruth } = figures;
      const line =
        `${bothNamed} of ${tried} with both known ones named, ${falselyCertain} with a ` +
        `false name that is certain, ${withUntruth} with something else untrue`;
      return { figures, line };
    },
  });
}

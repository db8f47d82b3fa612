/**
 * Diagnoses samplers with a fault outside of the catalogue beside two known defects: how often both
 * known ones are named, and whether anything is said that is not so. Writes
 * `docs/unknown-faults.json`.
 *
 *     deno run -A docs/unknown_faults.ts [COUNT]     1,000 by default
 *
 * @module
 */

import { observe } from "../spec/observe.ts";
import { ruleSampler } from "../spec/rule.ts";
import { diagnosisOf } from "../src/diagnosis/diagnosis.ts";
import { untruths } from "../src/fixtures/truth.ts";
import { nameOf, type Planted, planted, unknownFaults } from "../src/fixtures/unknown_faults.ts";
import type { DiagnosisReport } from "../src/report/report.ts";

/** How one diagnosis came out. */
export interface UnknownOutcome {
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
  /** Samplers that were tried. */
  readonly tried: number;
  /** Those of which both known defects are named. */
  readonly bothNamed: number;
  /** Those of which something is said that is not so. */
  readonly withUntruth: number;
  /** Those that are not as they should be. */
  readonly others: readonly UnknownOutcome[];
}

/** Diagnoses a planted sampler. */
export async function unknownOutcome(given: Planted): Promise<UnknownOutcome> {
  const target = observe(ruleSampler(given.rule, { name: nameOf(given) }));
  const diagnosis: DiagnosisReport = await diagnosisOf(target, "violates") ??
    { view: "points and tape", defects: [] };
  const named = new Set(
    diagnosis.defects.flatMap((
      { id, alternatives = [] },
    ) => [id, ...alternatives.map((a) => a.id)]),
  );
  return {
    planted: nameOf(given),
    missed: given.known.map(({ id }) => id).filter((id) => !named.has(id)),
    untrue: untruths(diagnosis, given),
  };
}

/** So many planted samplers, every unknown fault as often as any other. */
export function* plantedSamplers(count: number, seed = 1): Generator<Planted> {
  for (let j = 0; j < count; j++) {
    yield planted(unknownFaults[j % unknownFaults.length]!, 2, seed + j);
  }
}

/** Adds outcomes up. */
export function figuresOf(outcomes: readonly UnknownOutcome[]): UnknownFigures {
  return {
    date: new Date().toISOString().slice(0, 10),
    tried: outcomes.length,
    bothNamed: outcomes.filter(({ missed }) => missed.length === 0).length,
    withUntruth: outcomes.filter(({ untrue }) => untrue.length > 0).length,
    others: outcomes.filter(({ missed, untrue }) => missed.length + untrue.length > 0),
  };
}

if (import.meta.main) {
  const outcomes: UnknownOutcome[] = [];
  for (const given of plantedSamplers(Number(Deno.args[0] ?? 1000))) {
    outcomes.push(await unknownOutcome(given));
  }
  const figures = figuresOf(outcomes);
  const text = `${JSON.stringify(figures, null, 2)}\n`;
  await Deno.writeTextFile(new URL("unknown-faults.json", import.meta.url), text);
  console.error(
    `${figures.bothNamed} of ${figures.tried} with both known ones named, ` +
      `${figures.withUntruth} with something untrue`,
  );
}

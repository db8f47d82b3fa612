/**
 * Diagnoses samplers with a fault outside of the catalogue beside two known defects: how often both
 * known ones are named, and whether anything is said that is not so.
 *
 *     deno run -A docs/unknown_faults.ts run FILE [FROM] [TO]    samplers 0 to 1,000 by default
 *     deno run -A docs/unknown_faults.ts join FILE …             writes `docs/unknown-faults.json`
 *
 * Each sampler is a line of FILE as soon as it is diagnosed; those that it has are not tried again, so
 * that a run may be stopped, and several may go side by side.
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
  /** Which sampler. */
  readonly sampler: number;
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
export async function unknownOutcome(sampler: number): Promise<UnknownOutcome> {
  const given = plantedSampler(sampler);
  const target = observe(ruleSampler(given.rule, { name: nameOf(given) }));
  const diagnosis: DiagnosisReport = await diagnosisOf(target, "violates") ??
    { view: "points and tape", defects: [] };
  const named = new Set(
    diagnosis.defects.flatMap((
      { id, alternatives = [] },
    ) => [id, ...alternatives.map((a) => a.id)]),
  );
  return {
    sampler,
    planted: nameOf(given),
    missed: given.known.map(({ id }) => id).filter((id) => !named.has(id)),
    untrue: untruths(diagnosis, given),
  };
}

/** The sampler of a number: every unknown fault as often as any other. */
export function plantedSampler(sampler: number): Planted {
  return planted(unknownFaults[sampler % unknownFaults.length]!, 2, sampler + 1);
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

async function outcomesIn(file: string): Promise<UnknownOutcome[]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

if (import.meta.main) {
  const [what, ...rest] = Deno.args;
  if (what === "run" && rest[0] !== undefined) {
    const [file, from = "0", to = "1000"] = rest;
    const known = new Set((await outcomesIn(file)).map(({ sampler }) => sampler));
    for (let sampler = Number(from); sampler < Number(to); sampler++) {
      if (known.has(sampler)) continue;
      const outcome = await unknownOutcome(sampler);
      await Deno.writeTextFile(file, `${JSON.stringify(outcome)}\n`, { append: true });
    }
  } else if (what === "join" && rest.length > 0) {
    const all = (await Promise.all(rest.map(outcomesIn))).flat();
    const figures = figuresOf(all.sort((a, b) => a.sampler - b.sampler));
    const text = `${JSON.stringify(figures, null, 2)}\n`;
    await Deno.writeTextFile(new URL("unknown-faults.json", import.meta.url), text);
    console.error(
      `${figures.bothNamed} of ${figures.tried} with both known ones named, ` +
        `${figures.falselyCertain} with a false name that is certain, ` +
        `${figures.withUntruth} with something else untrue`,
    );
  } else {
    console.error("Found no task, wanted: run FILE [FROM] [TO], or join FILE …");
    Deno.exit(2);
  }
}

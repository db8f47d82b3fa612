/**
 * Diagnoses correct samplers in all views as if they were not: nothing may be named, and no term be
 * marked. Where a sampler draws for itself, each seed has other draws; else each is another style.
 *
 *     deno run -A docs/correct_seeds.ts run FILE [FROM] [TO]    seeds 0 to 300 by default
 *     deno run -A docs/correct_seeds.ts join FILE …             writes `docs/correct-seeds.json`
 *
 * @module
 */

import { observe } from "../spec/observe.ts";
import { ruleSampler } from "../spec/rule.ts";
import type { Sampler, Target } from "../spec/sampler.ts";
import { diagnose } from "../src/diagnosis/diagnose.ts";
import { correctSamplers } from "../src/fixtures/correct_samplers.ts";
import { calibrate } from "../src/run/calibration/calibrate.ts";
import { reseeded } from "./own_noise_sweep.ts";
import { type Numbered, sweepBy } from "./sharded.ts";

/** What was said of correct samplers of a seed though nothing is wrong, by the view. */
export interface SeedOutcome extends Numbered {
  /** Views that were tried. */
  readonly views: number;
  /** What was said; empty if nothing was. */
  readonly said: readonly { readonly view: string; readonly texts: readonly string[] }[];
}

/** What is said of a correct sampler though nothing is wrong; empty if nothing is. */
async function saidOf(target: Target): Promise<readonly string[]> {
  const { defects, influences, measured, unexplained } = await diagnose(target);
  return [
    ...defects.map(({ id, title }) => id ?? title),
    ...influences.map(({ text }) => text),
    ...measured?.terms.filter(({ deviates }) => deviates).map(({ text }) => text) ?? [],
    ...unexplained === undefined ? [] : [unexplained],
  ];
}

const shown = correctSamplers.filter(({ noise, reveals }) =>
  noise !== "own" && reveals !== "final-actions"
);

/** A correct sampler in every view. */
function inViews(number: number): Readonly<Record<string, Sampler>> {
  const style = shown[number % shown.length]!, own = ruleSampler(undefined, { noise: "own" });
  const ends = { reveals: "final-actions" } as const;
  return {
    "points and tape": style,
    "points": own,
    // Of returned actions alone nobody can tell in which order draws were taken.
    "final actions": { ...ruleSampler(), ...ends },
    "final actions, own noise": { ...own, ...ends },
  };
}

/** Diagnoses the samplers of a seed. */
export async function seedOutcome(number: number): Promise<SeedOutcome> {
  const said: { readonly view: string; readonly texts: readonly string[] }[] = [];
  const views = Object.entries(inViews(number));
  for (const [view, sampler] of views) {
    // As in a run: a target gets its tape in the order in which it draws.
    const { target } = await calibrate(observe(sampler));
    const texts = await saidOf(reseeded(target, number + 1));
    if (texts.length > 0) said.push({ view: `${view}: ${sampler.name}`, texts });
  }
  return { number, views: views.length, said };
}

if (import.meta.main) {
  await sweepBy(Deno.args, {
    count: 300,
    file: new URL("correct-seeds.json", import.meta.url),
    try: seedOutcome,
    sum(outcomes) {
      const wrong = outcomes.filter(({ said }) => said.length > 0);
      const date = new Date().toISOString().slice(0, 10);
      const diagnoses = outcomes.reduce((sum, { views }) => sum + views, 0);
      return {
        figures: { date, seeds: outcomes.length, diagnoses, wrong },
        line: `${outcomes.length} seeds, ${diagnoses} diagnoses, of ${wrong.length} seeds ` +
          "something was said",
      };
    },
  });
}

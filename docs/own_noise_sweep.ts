/**
 * Measures how the diagnosis does on samplers that draw their own noise. Writes
 * `docs/own-noise.json`.
 *
 *     deno run -A docs/own_noise_sweep.ts [SEEDS]     300 by default
 *
 * @module
 */

import { uniform } from "../spec/numerics/random.ts";
import { observe } from "../spec/observe.ts";
import { ruleSampler } from "../spec/rule.ts";
import type { Target } from "../spec/sampler.ts";
import { type Defect, defects, ruleWith } from "../src/defects/defects.ts";
import { diagnose } from "../src/diagnosis/diagnose.ts";
import { fitOwnNoise } from "../src/diagnosis/own_noise/own_noise.ts";
import { observeOwnNoise } from "../src/diagnosis/own_noise/own_noise_runs.ts";
import { shownBy } from "../src/fixtures/unknown_faults.ts";

/** A target whose own draws are others for every seed. */
export function reseeded(target: Target, seed: number): Target {
  return {
    ...target,
    async prepare(settings) {
      const { sample } = await target.prepare(settings);
      return { sample: (problem) => sample({ ...problem, seed: problem.seed + 1000 * seed }) };
    },
  };
}

const ofNoise = defects.filter(({ factor, id }) =>
  factor.startsWith("noise") || factor === "order" || id === "gradient-at-noised-point"
);

/** The names of defects of a sampler's own noise. */
async function namesOf(chosen: readonly Defect[], seed: number): Promise<readonly string[]> {
  const rule = ruleWith(...chosen.map(({ change }) => change));
  const target = reseeded(observe(ruleSampler(rule, { noise: "own" })), seed);
  const { defects } = await diagnose(target);
  return defects.map(({ id, title, certain, alternatives = [] }) =>
    `${id ?? title}${certain ? "" : "?"}${alternatives.map((other) => ` | ${other.id}`).join("")}`
  );
}

/** One or two defects of a sampler's own noise that are not named as they should be. */
async function otherNames(sets: readonly (readonly Defect[])[]) {
  const others: { readonly planted: readonly string[]; readonly named: readonly string[] }[] = [];
  for (const [seed, chosen] of sets.entries()) {
    const planted = chosen.map(({ id }) => id), named = await namesOf(chosen, seed + 1);
    // Whether it is certain is told, and does not make a name another one.
    const same = named.length === planted.length &&
      planted.every((id) => named.some((name) => name.replace("?", "") === id));
    if (!same) others.push({ planted, named });
  }
  return { tried: sets.length, named: sets.length - others.length, others };
}

/** Whether a defect makes a difference beside another one, with the same draws. */
function showsBeside(one: Defect, other: Defect): boolean {
  return shownBy(ruleWith(one.change, other.change)) !== shownBy(ruleWith(other.change));
}

function pairs(count: number): readonly (readonly Defect[])[] {
  const next = uniform(5), any = <T>(all: readonly T[]) => all[Math.floor(next() * all.length)]!;
  const found: (readonly Defect[])[] = [];
  while (found.length < count) {
    const one = any(ofNoise), other = any(defects);
    const parts = Object.keys(one.change);
    const apart = one.factor !== other.factor &&
      parts.every((part) => !Object.hasOwn(other.change, part));
    if (apart && showsBeside(one, other) && showsBeside(other, one)) found.push([one, other]);
  }
  return found;
}

/** Widths and coverage of the interval of the size, in those of the Cramér-Rao bound. */
async function intervals(seeds: number) {
  const rows = 96, draws = 4 * rows * 17, least = 1.96 / Math.sqrt(2 * draws);
  let holding = 0, widest = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const target = reseeded(observe(ruleSampler(undefined, { noise: "own" })), seed);
    const runs = await observeOwnNoise(target, { rows });
    const { size } = fitOwnNoise(runs!, { changes: [], complete: true });
    widest = Math.max(widest, size!.error / least);
    if (Math.abs(size!.value - 1) <= size!.error) holding++;
  }
  return { tried: seeds, holding, widest: Number(widest.toFixed(3)) };
}

if (import.meta.main) {
  const seeds = Number(Deno.args[0] ?? 300);
  const figures = {
    date: new Date().toISOString().slice(0, 10),
    intervals: await intervals(seeds),
    singles: await otherNames(ofNoise.map((defect) => [defect])),
    pairs: await otherNames(pairs(Math.ceil(seeds / 3))),
  };
  const text = `${JSON.stringify(figures, null, 2)}\n`;
  await Deno.writeTextFile(new URL("own-noise.json", import.meta.url), text);
  console.error(text);
}

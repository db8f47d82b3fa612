/**
 * The rule of a sampler of which the returned actions alone are seen, as far as they reach: the
 * terms from chains of one step, the step sizes from a ladder.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import { noiseOrigin, type Target, TargetFault } from "../../spec/sampler.ts";
import { type MeasuredRule, measureRule } from "./measured_rule.ts";
import { type Reading, readingOf } from "./observations.ts";
import { fixed } from "./measured_words.ts";
import { fitOwnNoise, forms, type Given } from "./own_noise.ts";
import { noisyRule, withNoiseTerm, withOwnNoise } from "./own_noise_rule.ts";
import { flatLanes, observeOwnNoise, singleSteps } from "./own_noise_runs.ts";
import { driftRuler, isolatedStep, noiseRuler } from "./probes.ts";
import { climb } from "./step_ladder.ts";

/** Problems of which one step alone is seen: a chain of one, and one whose second step is 0. */
const single: readonly ((problem: Problem) => Problem)[] = [
  (problem) => ({
    ...problem,
    settings: { ...problem.settings, steps: 1 },
    noise: problem.noise.kind === "tape"
      ? { kind: "tape", draws: problem.noise.draws.slice(0, 1) }
      : problem.noise,
  }),
  isolatedStep,
];

/**
 * Measures the rule that a target follows.
 *
 * @returns nothing if the target fails on what is run
 * @throws {TargetFault} if the target's process fails
 */
export async function measureFinal(target: Target): Promise<MeasuredRule | undefined> {
  const taped = noiseOrigin(target) !== "own";
  const runs = taped ? undefined : await observeOwnNoise(target);
  const own = runs && fitOwnNoise(runs, { changes: [], complete: false });
  if (own && !runs.honoursZero) return noisyRule(own);
  const rungs = await climb(target);
  const tried: { readonly one: typeof single[number]; readonly drift: Reading }[] = [];
  for (const one of single) {
    const drift = await readStep(target, taped, one(driftRuler));
    if (drift !== undefined) tried.push({ one, drift });
  }
  // What is taken for one step must be that of the ladder.
  const told = tried.find(({ drift }) => isFirst(drift, rungs)), first = told ?? tried[0];
  if (first === undefined) return undefined;
  const noise = taped ? await readStep(target, taped, first.one(noiseRuler("tape"))) : undefined;
  const rule = measureRule(first.drift, noise, { view: "final actions", taped }, rungs);
  if (told?.one !== single[0]) return rule;
  if (taped) return await withTapedNoise(target, rule);
  return own ? withOwnNoise(rule, own) : rule;
}

/** Noise that is not the same multiple of step size and noise scale at all settings. */
async function withTapedNoise(target: Target, rule: MeasuredRule): Promise<MeasuredRule> {
  const sizes: number[] = [], given: Given[] = [];
  const [still, drawn] = [singleSteps(0), singleSteps(1)];
  for (const [j, problem] of drawn!.entries()) {
    const { schedule: { init }, noiseScale, bounds: { min, max } } = problem.settings;
    const one = await readStep(target, true, problem);
    const other = await readStep(target, true, still![j]!);
    for (const i of flatLanes) {
      sizes.push((other?.final[0]?.[i] ?? NaN) - (one?.final[0]?.[i] ?? NaN));
      given.push({ eta: init, sigma: noiseScale, half: (max[i]! - min[i]!) / 2 });
    }
  }
  const fits = (form: (given: Given) => number) =>
    sizes.every((size, j) =>
      Math.abs(size / form(given[j]!) - sizes[0]! / form(given[0]!)) <=
        1e-4 * Math.abs(sizes[0]! / form(given[0]!)) + 1e-6
    );
  if (fits(({ eta, sigma }) => eta * sigma)) return rule;
  const term = { name: "noise" as const, wanted: "1.000·σξ", deviates: true };
  const found = forms.find(([, form]) => fits(form));
  if (found === undefined) {
    const reason = "it follows step size and noise scale in no known way";
    const value = { kind: "not measured" as const, reason };
    return withNoiseTerm(rule, { ...term, text: "(not measured)·σξ", value });
  }
  const [of, form] = found, factor = sizes[0]! / form(given[0]!);
  return withNoiseTerm(rule, {
    ...term,
    text: `${fixed(Math.abs(factor))}·${of}`,
    value: { kind: "number", factor, error: 1e-4 * Math.abs(factor), of },
  });
}

/** Whether the first lane of the drift ruler moves by the first rung. */
function isFirst({ final }: Reading, rungs: readonly number[]): boolean {
  const slope = driftRuler.observations[0]![0]!;
  const half = (driftRuler.initial[0]![0]! - final[0]![0]!) / slope;
  return rungs[0] !== undefined && Math.abs(half - rungs[0]) <= 1e-3 * Math.abs(half);
}

async function readStep(
  target: Target,
  taped: boolean,
  problem: Problem,
): Promise<Reading | undefined> {
  const asked = taped ? problem : { ...problem, noise: { kind: "own" as const } };
  try {
    const prepared = await target.prepare(asked.settings);
    // The step begins at the initial actions.
    return { ...readingOf(asked, await prepared.sample(asked)), points: [asked.initial] };
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return undefined;
  }
}

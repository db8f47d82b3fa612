/**
 * Every known defect is found, and named by the clause that it breaks; nothing correct is refused.
 *
 * Only the view with injected noise is tried here: draws come from a tape.
 */

import { assertEquals } from "@std/assert";
import { clauses } from "../../properties/clauses.ts";
import {
  type Defect,
  defectOf,
  defects,
  equivalents,
  factors,
  ruleOf,
  samplerWith,
} from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { type Grouped, grouped } from "../../spec/problem.ts";
import { fewOf, lightRun, sweep } from "../fixtures/sweep.ts";
import { ruleSampler, stepSizes } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { judge } from "./judge.ts";
import type { JudgeOptions } from "./options.ts";

/** What a defect breaks with a tape of draws, if not the clause about draws of its own. */
const byTape: Readonly<Record<string, readonly string[]>> = {
  // The draws that it keeps are the tape of an earlier call.
  "noise-same-every-call": ["state/second-call"],
};

/** A defect or two of every factor, of every kind of clause. */
const sample = [
  "gradient-sign",
  "gradient-mean-over-rows",
  "gradient-at-noised-point",
  "momentum",
  "exp-of-energy",
  "grad-clip-by-norm",
  "grad-clip-default-one",
  "textbook-noise",
  "noise-scale-ignored",
  "noise-laplace",
  "noise-correlated-steps",
  "noise-after-delta-clip",
  "delta-clip-unscaled",
  "delta-clip-off-centre",
  "bounds-reject",
  "schedule-final-forgotten",
  "steps-one-more",
  "settings-of-first-preparation",
  "returns-sorted",
  "grad-norm-clipped",
  "float16",
];

// One clause takes longer than all others together; it gets fewer seeds.
const slow = "energy/expected-descent";
const quick = clauses.map(({ id }) => id).filter((id) => id !== slow);

async function violatedBy(sampler: Sampler, options: JudgeOptions): Promise<readonly string[]> {
  const report = await judge(observe(sampler), { golden: [], diagnosis: "none", ...options });
  if (report.verdict === "not run") return [`not run: ${JSON.stringify(report.fault)}`];
  return report.clauses.filter((clause) => clause.verdict === "violated").map((clause) => clause.id)
    .sort();
}

const brokenBy = (defect: Defect) => [defect.clause, ...(defect.alsoBreaks ?? [])].sort();

Deno.test("a defect of every factor breaks its clause and no other", async () => {
  assertEquals(new Set(sample.map((id) => defectOf(id)!.factor)).size, Object.keys(factors).length);
  for (const id of fewOf(sample, 10)) {
    const defect = defectOf(id)!;
    assertEquals(await violatedBy(ruleSampler(ruleOf(defect)), lightRun), brokenBy(defect), id);
  }
});

for (const factor of Object.keys(factors)) {
  sweep(`every defect of ${factor} breaks its clause and no other`, async () => {
    const found: Record<string, readonly string[]> = {};
    const wanted: Record<string, readonly string[]> = {};
    for (const defect of defects) {
      if (defect.factor !== factor) continue;
      found[defect.id] = await violatedBy(ruleSampler(ruleOf(defect)), { seed: 1 });
      wanted[defect.id] = byTape[defect.id] ?? brokenBy(defect);
    }
    assertEquals(found, wanted);
  });
}

sweep("a defect is found whatever the seed", async () => {
  for (const id of sample) {
    const defect = defectOf(id)!;
    for (let seed = 2; seed <= 4; seed++) {
      const options: JudgeOptions = { seed, profile: "quick", clauses: quick };
      const found = await violatedBy(ruleSampler(ruleOf(defect)), options);
      assertEquals(found, brokenBy(defect), `${id} with seed ${seed}`);
    }
  }
});

Deno.test("draws that are kept from call to call are found by a tape, too", async () => {
  for (const [id, broken] of Object.entries(byTape)) {
    assertEquals(await violatedBy(ruleSampler(ruleOf(defectOf(id)!)), { seed: 1 }), broken);
  }
});

/** The official rule, written over groups × samples × axes. */
const groupedSampler: Sampler = {
  name: "groups × samples × axes",
  networkReturns: "logits",
  prepare: (settings) => ({ network, initial, samples, noise }) => {
    const { bounds: { min, max }, gradClip, noiseScale, deltaClip, applyExp } = settings;
    const clip = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
    let x: number[][][] = grouped(initial, samples);
    const actions: Grouped[] = [], outputs: number[][] = [], gradNorms: number[][] = [];
    for (const eta of stepSizes(settings.schedule, settings.steps)) {
      const logits = network.outputs(x);
      const xi = noise.drawGrouped();
      const gradient = network.gradient(x).map((group, o) =>
        group.map((row, j) =>
          row.map((slope) => applyExp ? -Math.exp(logits[o * samples + j]!) * slope : -slope)
        )
      );
      x = x.map((group, o) =>
        group.map((row, j) =>
          row.map((a, i) => {
            const g = gradient[o]![j]![i]!;
            const used = gradClip === null ? g : clip(g, -gradClip, gradClip);
            const limit = deltaClip * 0.5 * (max[i]! - min[i]!);
            const step = eta * (0.5 * used + noiseScale * xi[o]![j]![i]!);
            return clip(a - clip(step, -limit, limit), min[i]!, max[i]!);
          })
        )
      );
      actions.push(x);
      outputs.push(applyExp ? logits.map(Math.exp) : logits);
      gradNorms.push(gradient.flat(1).map((row) => normOf(row, settings.gradNorm)));
    }
    return { final: x, chain: { actions, outputs, gradNorms } };
  },
};

function normOf(row: readonly number[], order: "1" | "2" | "inf" | null): number {
  const sizes = row.map(Math.abs);
  if (order === null) return 0;
  if (order === "inf") return Math.max(...sizes);
  return order === "2" ? Math.hypot(...sizes) : sizes.reduce((sum, size) => sum + size, 0);
}

const variant = samplerWith;

const correct: Readonly<Record<string, Sampler>> = {
  "the official rule": variant({}),
  "a network that returns logits": variant({}, { networkReturns: "logits" }),
  "a sampler in groups": groupedSampler,
  ...Object.fromEntries(equivalents.map(({ id, change }) => [id, variant(change)])),
};

const seeds = fewOf(Array.from({ length: 15 }, (_, n) => n + 1), 1);

for (const [name, sampler] of fewOf(Object.entries(correct), 2)) {
  Deno.test(`no false alarm, whatever the seed: ${name}`, async () => {
    for (const seed of seeds) {
      const options = seed === 15 ? lightRun : { ...lightRun, clauses: quick };
      assertEquals(await violatedBy(sampler, { ...options, seed }), [], `seed ${seed}`);
    }
  });
}

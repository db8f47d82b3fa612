/** Which questions are the chain: samplers that ask more often than they step. */

import { assert, assertEquals } from "@std/assert";
import { ruleSampler } from "./rule.ts";
import { observe } from "./observe.ts";
import { officialDefaults, type Problem, type Rows } from "./problem.ts";
import { pathOf } from "./readings.ts";
import { officialRule, type Rule } from "./rule.ts";
import type { Call, Network, Sampler } from "./sampler.ts";
import { normalDraws } from "./numerics/random.ts";

/** Asks again before or after some of the rule's own questions. */
function curious(
  again: (points: Rows, question: number) => readonly Rows[],
  rule: Rule = officialRule,
): Sampler {
  const inner = ruleSampler(rule);
  return {
    ...inner,
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call: Call) => {
        let question = 0;
        const gradient = (points: Rows, observations?: Rows) => {
          for (const more of again(points, question)) call.network.gradient(more, observations);
          question++;
          return call.network.gradient(points, observations);
        };
        return sample({
          ...call,
          network: { ...call.network, gradient: gradient as Network["gradient"] },
        });
      };
    },
  };
}

/** A chain on a slope that comes to rest on the wall after a few steps. */
function problemWith(steps: number, own: boolean): Problem {
  const draw = normalDraws(7);
  return {
    energy: "3*a1 + 2*a2 + o1*a1",
    settings: {
      ...officialDefaults,
      steps,
      schedule: { kind: "polynomial", init: 0.25, final: 0.25, power: 2 },
      bounds: { min: [-1, -1], max: [1, 1] },
      noiseScale: 0.125,
      deltaClip: 0.5,
    },
    groups: 1,
    samples: 2,
    axes: 2,
    observations: [[0.5]],
    initial: [[0.5, 0.25], [0, -0.5]],
    noise: own ? { kind: "own" } : {
      kind: "tape",
      draws: Array.from({ length: steps }, () => [[draw(), draw()], [draw(), draw()]]),
    },
    seed: 3,
  };
}

async function pathOfRun(sampler: Sampler, problem: Problem) {
  const prepared = await observe(sampler).prepare(problem.settings);
  return pathOf(problem, await prepared.sample(problem));
}

const patterns: Readonly<Record<string, (points: Rows, question: number) => readonly Rows[]>> = {
  "at the first step": (points, question) => question === 0 ? [points] : [],
  "every third step": (points, question) => question % 3 === 0 ? [points] : [],
  "twice at every step": (points) => [points],
  "somewhere ahead": (points, question) =>
    question % 4 === 2 ? [points.map((row) => row.map((a) => a - 0.01))] : [],
};

for (const [when, again] of Object.entries(patterns)) {
  for (const own of [false, true]) {
    const noise = own ? "noise of its own" : "the tape";
    Deno.test(`a sampler with ${noise} may ask once more ${when}, at rest too`, async () => {
      const problem = problemWith(12, own);
      const plain = await pathOfRun(ruleSampler(), problem);
      assert(plain.kind === "known");
      assertEquals(await pathOfRun(curious(again), problem), plain);
    });
  }
}

Deno.test("no reading is found where a step breaks the rule, however many questions there are", async () => {
  const faulty = { ...officialRule, drift: "gt" };
  const doubled = curious((points) => [points], faulty);
  const problem = problemWith(3, false);
  assertEquals(await pathOfRun(doubled, problem), await pathOfRun(ruleSampler(faulty), problem));
});

Deno.test("fewer questions than steps leave no reading", async () => {
  const problem = problemWith(4, false);
  const prepared = await observe(ruleSampler()).prepare(problem.settings);
  const trajectory = await prepared.sample(problem);
  const evaluations = trajectory.evaluations.filter(({ kind }) => kind === "gradient").slice(1);
  assertEquals(pathOf(problem, { ...trajectory, evaluations }), {
    kind: "unknown",
    evaluations: 3,
  });
});

Deno.test("a chain that takes one step too many is not read as one that looked ahead", async () => {
  const longer = { ...officialRule, steps: "N + 1" };
  const path = await pathOfRun(ruleSampler(longer), problemWith(4, false));
  assertEquals(path, { kind: "unknown", evaluations: 5 });
});

/** Which questions are the chain: samplers that ask more often than they step. */

import { assert, assertEquals } from "@std/assert";
import { ruleSampler } from "./rule.ts";
import { observe } from "./observe.ts";
import { officialDefaults, type Problem, type Rows } from "./problem.ts";
import { countedPathOf, pathOf } from "./readings.ts";
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

/** Asks at several places at every step, the first of which is the chain's. */
function asking(places: (points: Rows) => readonly Rows[], rule: Rule = officialRule): Sampler {
  const inner = ruleSampler(rule);
  return {
    ...inner,
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call: Call) => {
        const gradient = (points: Rows, observations?: Rows) => {
          const [own, ...others] = places(points);
          const answer = call.network.gradient(own!, observations);
          for (const other of others) call.network.gradient(other, observations);
          return answer;
        };
        const network = { ...call.network, gradient: gradient as Network["gradient"] };
        return sample({ ...call, network });
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

for (const own of [false, true]) {
  const noise = own ? "noise of its own" : "the tape";
  Deno.test(`a sampler with ${noise} may look ahead or about at every step, whatever the seed`, async () => {
    const looks: readonly ((points: Rows) => readonly Rows[])[] = [
      (points) => [points, points.map((row) => row.map((a) => a - 0.01))],
      (points) => [points, points.map(() => [0, 0]), points.map(() => [0.5, -0.5])],
    ];
    for (let seed = 0; seed < 30; seed++) {
      const problem = { ...problemWith(8, own), energy: "0.25*a1 - 0.125*a2 + 0*o1", seed };
      const plain = await pathOfRun(ruleSampler(), problem);
      for (const look of looks) assertEquals(await pathOfRun(asking(look), problem), plain);
    }
  });
}

Deno.test("a sampler may ask elsewhere before it starts", async () => {
  const problem = problemWith(5, false);
  const elsewhere = (points: Rows, question: number) =>
    question === 0 ? [points.map((row) => row.map(() => 0.125))] : [];
  const plain = await pathOfRun(ruleSampler(), problem);
  assertEquals(await pathOfRun(curious(elsewhere), problem), plain);
});

Deno.test("a hundred steps with five looks at each are read at once", async () => {
  const problem = problemWith(100, false);
  const looks = (points: Rows) =>
    [0, 1, 2, 3, 4, 5].map((j) => points.map((row) => row.map((a) => a - j / 128)));
  const plain = await pathOfRun(ruleSampler(), problem);
  assertEquals(await pathOfRun(asking(looks), problem), plain);
});

Deno.test("a step that breaks the rule is told, however often the sampler looks ahead", async () => {
  const faulty = { ...officialRule, drift: "gt" };
  const ahead = curious((points) => [points.map((row) => row.map((a) => a - 0.01))], faulty);
  const doubled = curious((points) => [points], faulty);
  const problem = { ...problemWith(3, false), energy: "0.25*a1 - 0.125*a2 + 0*o1" };
  const plain = await pathOfRun(ruleSampler(faulty), problem);
  assertEquals(await pathOfRun(ahead, problem), plain);
  assertEquals(await pathOfRun(doubled, problem), plain);
});

Deno.test("a step that breaks the rule is told, wherever the sampler looks", async () => {
  const faulty = { ...officialRule, drift: "0.75 * gt" };
  const problem = { ...problemWith(6, false), energy: "0.25*a1 - 0.125*a2 + 0*o1" };
  const plain = await pathOfRun(ruleSampler(faulty), problem);
  const aside = (points: Rows) => [points.map((row) => row.map((a) => a / 4 - 0.5))];
  for (
    const when of [
      (question: number) => question === 0,
      (question: number) => question % 4 === 1,
      (question: number) => question > 3,
    ]
  ) {
    const looks = curious((points, question) => when(question) ? aside(points) : [], faulty);
    assertEquals(await pathOfRun(looks, problem), plain);
  }
});

Deno.test("a step that breaks the rule is told with noise of its own if the sampler looks at every step", async () => {
  const faulty = { ...officialRule, result: "a - delta" };
  const problem = { ...problemWith(8, true), seed: 5 };
  const ahead = asking((points) => [points, points.map((row) => row.map((a) => a - 0.01))], faulty);
  const plain = await pathOfRun(ruleSampler(faulty), problem);
  assertEquals(await pathOfRun(ahead, problem), plain);
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

Deno.test("a chain that comes back to a point needn't ask there again, if it follows the rule", async () => {
  const flat: Problem = {
    ...problemWith(4, false),
    energy: "0*a1 + 0*a2 + 0*o1",
    noise: { kind: "tape", draws: [1, -1, 1, 1].map((xi) => [[xi, 0], [xi, 0]]) },
  };
  const { schedule, ...settings } = flat.settings;
  const init = schedule.init;
  const problem: Problem = {
    ...flat,
    settings: {
      ...settings,
      noiseScale: 1,
      deltaClip: 64,
      schedule: { kind: "polynomial", init, final: init, power: 1 },
    },
  };
  const remembering = async (rule: Rule) => {
    const prepared = await observe(ruleSampler(rule)).prepare(problem.settings);
    const trajectory = await prepared.sample(problem);
    const asked = trajectory.evaluations.filter(({ kind }) => kind === "gradient");
    return { ...trajectory, evaluations: asked.slice(0, 2) };
  };
  const path = countedPathOf(problem, await remembering(officialRule));
  assertEquals(path.kind === "known" && path.points.map(([row]) => row![0]), [
    0.5,
    0.25,
    0.5,
    0.25,
    0,
  ]);
  const other = { ...officialRule, noise: "where(k - 2.5, 2, 1) * sigma * xi" };
  assertEquals(countedPathOf(problem, await remembering(other)).kind, "unknown");
});

Deno.test("a chain that takes one step too many is not read as one that looked ahead", async () => {
  const longer = { ...officialRule, steps: "N + 1" };
  const problem = problemWith(4, false);
  const prepared = await observe(ruleSampler(longer)).prepare(problem.settings);
  const path = countedPathOf(problem, await prepared.sample(problem));
  assertEquals(path, { kind: "unknown", evaluations: 5 });
});

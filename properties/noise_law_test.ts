import { assert, assertEquals, assertMatch } from "@std/assert";
import { noiseClauses } from "./clauses.ts";
import { defects, equivalents, ruleOf } from "../src/defects/defects.ts";
import { observe } from "../spec/observe.ts";
import { officialRule, type Rule, ruleSampler } from "../spec/rule.ts";
import { drawsPerClause, judgeNoise, type NoiseObserver, type NoiseVerdict } from "./noise_law.ts";
import type { View } from "./noise_check.ts";
import { fewOf, isWhole } from "../src/fixtures/sweep.ts";
import { defaultFalseAlarm } from "./sequential.ts";

const level = defaultFalseAlarm / noiseClauses.length;

function observer(rule: Rule, view: View = "every-step"): NoiseObserver {
  const target = observe(ruleSampler(rule, { noise: "own" }));
  return {
    view,
    async open({ settings }) {
      const prepared = await target.prepare(settings);
      return (problem) => prepared.sample(problem);
    },
    compared: () => {},
  };
}

async function verdict(
  id: string,
  rule: Rule,
  given: { readonly seed?: number; readonly draws?: number; readonly view?: View } = {},
): Promise<NoiseVerdict> {
  const { seed = 1, draws = drawsPerClause.quick, view = "every-step" } = given;
  const clause = noiseClauses.find((clause) => clause.id === id)!;
  return await judgeNoise(clause, observer(rule, view), { level, draws, seed });
}

/** The first clause that is found to be broken. */
async function firstBroken(
  rule: Rule,
  view: View = "every-step",
  draws: number = drawsPerClause.quick,
): Promise<string | null> {
  for (const { id: clause } of noiseClauses) {
    if (clause.startsWith("grad-clip")) continue;
    const { finding } = await verdict(clause, rule, { view, draws });
    if (finding !== null) return clause;
  }
  return null;
}

/** Clauses of the law and of the sharing of draws, which one clause sums up under injection. */
const law = ["noise/own-draw", "noise/standard-normal", "noise/independent"];

/** What another clause sees first when nothing is injected, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  // Their deviation is not 1.
  "noise-uniform-plus-minus-one": "noise/scale",
  "noise-truncated": "noise/scale",
  "noise-uniform-positive": "noise/scale",
  // The same factor in all steps is none of the step size.
  "noise-nine-tenths": "noise/scale",
  "noise-halved": "noise/scale",
  "noise-times-range": "noise/scale",
  "noise-same-every-call": "noise/fresh-each-call",
  // Far from the walls the limit is passed first.
  "noise-after-bounds": "delta-clip/after-noise",
};

// What rows of a group share shows in more draws than the rest.
const { quick, standard } = drawsPerClause;
const drawsOf = { noise: quick, "noise-law": quick, "noise-sharing": standard, order: quick };

for (const [factor, draws] of Object.entries(drawsOf)) {
  Deno.test(`every defect of ${factor} is found without injection, and named by its clause`, async () => {
    for (const defect of fewOf(defects.filter((d) => d.factor === factor), 1)) {
      const found = await firstBroken(ruleOf(defect), "every-step", draws);
      const wanted = elsewhere[defect.id] ?? defect.clause;
      const named = found === wanted ||
        (defect.clause === "noise/own-draw" && !elsewhere[defect.id] && law.includes(found!));
      assert(named, `${defect.id}: found ${found}, wanted ${wanted}`);
    }
  });
}

Deno.test("a step without noise is told as one, and not as draws that are shared", async () => {
  const silent = ruleOf(defects.find(({ id }) => id === "noise-not-last")!);
  const { finding } = await verdict("noise/every-step", silent);
  assert(finding !== null);
});

Deno.test("correct samplers stay silent, whatever the seed", async () => {
  const rules: Rule[] = [officialRule];
  rules.push(...equivalents.map(ruleOf));
  for (let seed = 1; seed <= (isWhole ? 12 : 1); seed++) {
    for (const { id: clause } of noiseClauses) {
      const rule = rules[seed % rules.length]!;
      const { finding } = await verdict(clause, rule, { seed, draws: 1280 });
      assertEquals(finding, null, `${clause} with seed ${seed}: ${finding?.message}`);
    }
  }
});

const conditions = {
  "where the gradient is large": "(1 + min(max(abs(gt) - 1, 0) * 1e9, 1))",
  "where the gradient is large and positive": "(1 + min(max(gt - 1, 0) * 1e9, 1))",
  "near a wall": "(1 - 0.5 * min(max(0.05 * (hi - lo) - min(a - lo, hi - a), 0) * 1e9, 1))",
};

for (const [where, factor] of Object.entries(conditions)) {
  Deno.test(`noise of another size ${where} is found, and that is told`, async () => {
    const rule = { ...officialRule, noise: `${factor} * sigma * xi` };
    const { finding } = await verdict("noise/standard-normal", rule, { draws: quick });
    assertMatch(finding?.message ?? "", /on axis \d, where the gradient is/);
  });
}

Deno.test("a doubtful case is looked at again with fresh draws, and a defect is found then", async () => {
  const slight = { ...officialRule, noise: "0.96 * sigma * xi" };
  const { finding, stages, statistics } = await verdict("noise/scale", slight, { draws: 5000 });
  assert(stages > 1 && finding !== null);
  assert(statistics.draws > 4 * 5000 * 3 / 5);
});

Deno.test("every check tells its share, its draws and the smallest effect that it sees", async () => {
  for (const { id: clause } of noiseClauses) {
    const { statistics, finding } = await verdict(clause, officialRule, { draws: 2560 });
    assertEquals([finding, statistics.level], [null, level]);
    assert(statistics.draws >= 1500, clause);
    assert(/\d/.test(statistics.smallestEffect), clause);
  }
});

Deno.test("more draws see smaller effects", async () => {
  const effect = async (draws: number) =>
    Number(
      /scaled by (\S+)/.exec(
        (await verdict("noise/scale", officialRule, { draws })).statistics.smallestEffect,
      )![1],
    );
  const few = await effect(2560), many = await effect(10240);
  assert(few < many && many < 1, `${few} ${many}`);
});

Deno.test("without a tape a wrong schedule is left to the clauses of the schedule", async () => {
  for (const id of ["schedule-constant", "schedule-linear", "schedule-to-zero"]) {
    const rule = ruleOf(defects.find((d) => d.id === id)!);
    assertEquals((await verdict("noise/step-size", rule)).finding, null, id);
  }
});

Deno.test("a gradient that is clipped without being asked for, or a limit of 0, is no law of draws", async () => {
  const clipping = { ...officialRule, noGradClip: "min(max(g, -1), 1)" };
  const standing = { ...officialRule, limit: "c / 2 * abs(hi + lo)" };
  for (const rule of [clipping, standing]) {
    assertEquals((await verdict("noise/standard-normal", rule)).finding, null);
  }
  const bent = { ...officialRule, noise: "sigma * where(abs(gt) - 2, 1.5, 1) * xi" };
  assert((await verdict("noise/standard-normal", bent)).finding !== null);
});

Deno.test("a limit that is wrong in other boxes is the concern of the clauses on them alone", async () => {
  for (const limit of ["c", "c * abs(hi)"]) {
    const rule = { ...officialRule, limit };
    assertEquals((await verdict("delta-clip/after-noise", rule)).finding, null, limit);
    const hidden = await verdict("delta-clip/after-noise", rule, { view: "final-actions" });
    assert(hidden.finding !== null, limit);
  }
  const right = await verdict("delta-clip/after-noise", officialRule, { view: "final-actions" });
  assertEquals(right.finding, null);
});

Deno.test("the right limit is right for final actions, too: what is run is what was prepared", async () => {
  const view = "final-actions";
  assertEquals((await verdict("delta-clip/after-noise", officialRule, { view })).finding, null);
});

Deno.test("noise that is too small by one factor is no step without noise", async () => {
  const rule = { ...officialRule, noise: "0.95 * sigma * xi" };
  assertEquals((await verdict("noise/every-step", rule, { draws: standard })).finding, null);
  assert((await verdict("noise/standard-normal", rule, { draws: standard })).finding !== null);
});

Deno.test("a chain of one step without noise breaks the clause on every step, unless its drift is wrong, too", async () => {
  const silent = { ...officialRule, noise: "sigma * where(1.5 - N, 0, 1) * xi" };
  assert((await verdict("noise/every-step", silent)).finding !== null);
  const short = { ...officialRule, singleStep: "init / 2" };
  assertEquals((await verdict("noise/every-step", short)).finding, null);
  assertEquals((await verdict("noise/standard-normal", short)).finding, null);
});

Deno.test("draws with a mean on one axis break their law, and are not shared", async () => {
  const rule = { ...officialRule, noise: "sigma * (xi + where(0.5 - gt ^ 2, 0, 0.4))" };
  assert((await verdict("noise/standard-normal", rule)).finding !== null);
  assertEquals((await verdict("noise/own-draw", rule)).finding, null);
});

Deno.test("noise that is too small in long chains breaks the law of the draws", async () => {
  const rule = { ...officialRule, noise: "sigma * where(N - 50, 0.9, 1) * xi" };
  assert((await verdict("noise/standard-normal", rule, { draws: standard })).finding !== null);
});

Deno.test("final actions alone show the size, the law and the freshness of the noise", async () => {
  if (isWhole) assertEquals(await firstBroken(officialRule, "final-actions", 4096), null);
  const seen: Readonly<Record<string, string>> = {
    "noise-nine-tenths": "noise/scale",
    "noise-root-of-step": "noise/step-size",
    "noise-scale-squared": "noise/scale",
    "noise-missing": "noise/every-step",
    "noise-not-last": "noise/every-step",
    // Each step is as noisy as it should be, and all of them together are not.
    "noise-shared-by-steps": "noise/independent",
    "noise-shared-by-rows": "noise/own-draw",
    "noise-laplace": "noise/standard-normal",
    "noise-same-every-call": "noise/fresh-each-call",
    "noise-after-delta-clip": "delta-clip/after-noise",
  };
  for (const [id, clause] of fewOf(Object.entries(seen), 1)) {
    const rule = ruleOf(defects.find((d) => d.id === id)!);
    assertEquals(await firstBroken(rule, "final-actions", 4096), clause, id);
  }
});

Deno.test("statistical clauses that need own noise come after those that they build on", () => {
  assertEquals(
    noiseClauses.filter((clause) => clause.needs).map((clause) => clause.id),
    [
      "noise/standard-normal",
      "noise/independent",
      "noise/fresh-each-call",
      "noise/not-redrawn",
    ],
  );
});

/** A sampler whose noise is far too large in its first call, and scaled from the second on. */
function calmingDown(clause: string, scale: number): Promise<NoiseVerdict> {
  const [wild, later] = [
    observer({ ...officialRule, noise: "2 * sigma * xi" }),
    observer({
      ...officialRule,
      noise: `${scale} * sigma * xi`,
    }),
  ];
  const open: NoiseObserver["open"] = async (problem) => {
    const [first, others] = [await wild.open(problem), await later.open(problem)];
    let calls = 0;
    return (asked) => (calls++ === 0 ? first : others)(asked);
  };
  const judged = noiseClauses.find(({ id }) => id === clause)!;
  return judgeNoise(judged, { ...wild, open }, { level, draws: 512, seed: 1 });
}

Deno.test("a violation stands only if fresh draws confirm it, with a chance of one in a thousand", async () => {
  const verdicts: NoiseVerdict[] = [];
  for (let scale = 1; scale < 1.1; scale += 0.005) {
    verdicts.push(await calmingDown("noise/scale", scale));
  }
  // The first call alone accuses no sampler whose noise is right afterwards.
  assertEquals(verdicts[0]!.finding, null);
  const accused = verdicts.filter(({ finding }) => finding !== null);
  assert(accused.length >= 3 && accused.length < verdicts.length);
  for (const { statistics } of accused) assert(statistics.pValue <= 1e-3);
});

Deno.test("noise of a wrong size is passed over only if its draws are surely shared", async () => {
  const rule = { ...officialRule, noise: "1.5 * sigma * xi" };
  for (let seed = 1; seed <= (isWhole ? 10 : 4); seed++) {
    const { finding } = await verdict("noise/scale", rule, { seed, draws: 512 });
    assert(finding !== null, `seed ${seed}`);
  }
  for (const id of ["noise-shared-by-axes", "noise-shared-by-rows"]) {
    const shared = ruleOf(defects.find((defect) => defect.id === id)!);
    assertEquals((await verdict("noise/scale", shared, { draws: 512 })).finding, null, id);
  }
});

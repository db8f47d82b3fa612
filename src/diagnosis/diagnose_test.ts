import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Change,
  defectOf,
  defects,
  equivalents,
  ruleOf,
  samplerWith,
} from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, type Rule, ruleSampler } from "../../spec/rule.ts";
import type { Sampler, Target } from "../../spec/sampler.ts";
import { diagnose, measure } from "./diagnose.ts";
import { compoundDefects, compoundSampler, outcomeOf } from "../fixtures/compound.ts";
import { fewOf, isWhole, sweep } from "../fixtures/sweep.ts";
import { reference } from "../reference.ts";

const of = (sampler: Sampler) => diagnose(observe(sampler));
const changed = (change: Change) => samplerWith(change);

Deno.test("every known defect is named, alone and for certain", async () => {
  for (const defect of fewOf(defects, 6)) {
    const { defects: named, unexplained } = await of(ruleSampler(ruleOf(defect)));
    assertEquals(named.map(({ id, certain }) => ({ id, certain })), [
      { id: defect.id, certain: true },
    ], defect.id);
    assertEquals(named[0]!.fix, defect.fix);
    assertEquals(unexplained, undefined);
  }
});

Deno.test("nothing is named in what is no defect", async () => {
  for (const rule of [officialRule, ...fewOf(equivalents, 1).map(ruleOf)]) {
    for (const networkReturns of ["energy", "logits"] as const) {
      const { defects: named, unexplained } = await of(ruleSampler(rule, { networkReturns }));
      assertEquals([named, unexplained], [[], undefined]);
    }
  }
  const { defects: named, measured } = await of(reference);
  assertEquals(named, []);
  assertEquals(measured!.terms.filter((term) => term.deviates), []);
});

Deno.test("a gradient times the whole range is one bug, before the gradient clip and after it", async () => {
  const before = { gradient: "g * (hi - lo)" }, after = { drift: "(hi - lo) * gt / 2" };
  for (const change of [before, after]) {
    const { defects: named, unexplained } = await of(changed(change));
    assertEquals(named.length, 1);
    assertEquals(named[0]!.change?.drift, (change as Change).drift);
    assertEquals(unexplained, undefined);
  }
});

Deno.test("the rounding of a start that a sampler stretches to the box itself makes no name doubtful", async () => {
  const half = observe(ruleSampler(ruleOf(defectOf("half-missing")!)));
  const stretched = (drawsStart: Pick<Target, "drawsStart">): Target => ({
    ...half,
    ...drawsStart,
    async prepare(settings) {
      const prepared = await half.prepare(settings), { min, max } = settings.bounds;
      const stretch = (a: number, i: number) => {
        const range = Math.fround(max[i]! - min[i]!);
        const part = Math.fround(Math.fround(a - min[i]!) / range);
        return Math.fround(min[i]! + Math.fround(part * range));
      };
      return {
        async sample(problem) {
          const initial = problem.initial.map((row) => row.map(stretch));
          const seen = await prepared.sample({ ...problem, initial });
          return { ...seen, initialAfter: problem.initial };
        },
      };
    },
  });
  const certain = async (target: Target) =>
    (await diagnose(target)).defects.map(({ id, certain }) => [id, certain]);
  assertEquals(await certain(stretched({ drawsStart: true })), [["half-missing", true]]);
  assertEquals(await certain(stretched({})), [["half-missing", false]]);
});

Deno.test("two defects of different parts are both named, and nothing else for certain", async () => {
  const pairs = fewOf(compoundDefects(11, 2, 10), 2);
  let both = 0;
  for (const chosen of pairs) {
    const outcome = outcomeOf(chosen, await of(compoundSampler(chosen)));
    assert(outcome.detected);
    assertEquals(outcome.wrong, []);
    if (outcome.named === 2) both++;
  }
  assert(both >= pairs.length - 1, `${both}`);
});

sweep("of three defects at least one is named, and nothing else for certain", async () => {
  for (const chosen of fewOf(compoundDefects(12, 3, 2), 1)) {
    const outcome = outcomeOf(chosen, await of(compoundSampler(chosen)));
    assert(outcome.detected);
    assertEquals(outcome.wrong, []);
    assert(outcome.named >= 1);
  }
});

Deno.test("a defect is named in a sampler that lacks features, turns its noise or gives logits", async () => {
  const half = ruleOf(defectOf("half-missing")!);
  const lacking = ruleSampler(half, {
    networkReturns: "logits",
    unsupported: ["grad-clip", "exponential-schedule", "apply-exp"],
  });
  const { view, defects: named } = await of(lacking);
  assertEquals(view, "points and tape");
  assertEquals(named.map(({ id }) => id), ["half-missing"]);
  const turned = await of(changed({ drift: "gt", noise: "-sigma * xi" }));
  assertEquals(turned.defects.map(({ id }) => id), ["half-missing"]);
});

Deno.test("a sampler of which the returned actions alone are seen is diagnosed from them", async () => {
  const hidden = (rule: Rule): Sampler => ({ ...ruleSampler(rule), reveals: "final-actions" });
  assertEquals((await of(hidden(officialRule))).defects, []);
  const ids = [
    "schedule-linear",
    "half-missing",
    "delta-clip-unscaled",
    "textbook-noise",
    "bounds-reflect",
  ];
  for (const id of fewOf(ids, 2)) {
    const { view, defects: named, measured } = await of(hidden(ruleOf(defectOf(id)!)));
    assertEquals(view, "final actions");
    assertEquals(named.map((name) => name.id), [id]);
    if (id === "schedule-linear") assertStringIncludes(measured!.schedule, "power 1.00");
  }
});

Deno.test("a parameter that is merely other is measured", async () => {
  const cases: readonly (readonly [Change, string])[] = [
    [{ drift: "0.37 * gt" }, "The drift is 0.37 times the gradient"],
    [{ noise: "0.7 * sigma * xi" }, "The noise is 0.7 times"],
    [{ limit: "0.3 * c * (hi - lo)" }, "The limit of a step is 0.6 times"],
    [{ limit: "3 * c" }, "The limit of a step is 3 times the delta clip"],
    [
      { polynomial: "(init - final) * (1 - k / (N - 1)) ^ 2.2 + final" },
      "The power of the schedule is 2.2, whatever is asked for",
    ],
    // Measured at one setting: nothing is said of others.
    [
      { polynomial: "(init - final) * (1 - k / (N - 1)) ^ (power + 1) + final" },
      "The step sizes are 0.25, 0.0898, 0.0303, 0.0165, 0.0156 where 0.25, 0.115,",
    ],
    [
      { noise: "sigma * xi / N" },
      "The noise is (1/N) times what it should be",
    ],
    [
      { noise: "sigma * xi / (1 + (N - 3) ^ 2 / 7)" },
      "The noise is this many times what it should be: 0.6364 for σ = 0.75 and N = 5; 0.875 for",
    ],
    [
      { polynomial: "init / (k + 1)" },
      "The step sizes are 0.25, 0.125, 0.0833, 0.0625, 0.05 where 0.25, 0.115,",
    ],
  ];
  for (const [change, words] of fewOf(cases, 2)) {
    const { defects: named } = await of(changed(change));
    assertEquals(named.length, 1);
    assertEquals(named[0]!.id, null);
    assertStringIncludes(named[0]!.title, words);
  }
});

Deno.test("a known defect beside another number is named, and the number measured", async () => {
  const { defects: named } = await of(changed({ drift: "gt", noise: "0.7 * sigma * xi" }));
  assertEquals(named.map(({ id }) => id).sort(), ["half-missing", null].sort());
});

Deno.test("what nothing explains is said to be unexplained, with the figures", async () => {
  const { defects: named, unexplained } = await of(changed({ drift: "gt / 2 + gt ^ 2 / 10" }));
  assertEquals(named, []);
  assertStringIncludes(unexplained!, "there is no figure for the drift");
  assertStringIncludes(unexplained!, "the point after step 0, row 0, axis");
  assertStringIncludes(unexplained!, "by the rule");
});

Deno.test("textbook ULA is recognised in its three forms", async () => {
  for (
    const change of [
      { drift: "gt", step: "eta * drift + sqrt(2 * eta) * noise" },
      { step: "eta * drift + sqrt(eta) * noise" },
      { step: "eta ^ 2 * drift + eta * noise" },
    ]
  ) {
    const { dialect } = (await measure(observe(changed(change))))!;
    assertStringIncludes(dialect!.text, ", not of this rule: drift ");
    assert(dialect!.temperature >= 1 && dialect!.temperature < 1.06);
  }
  for (const change of [{}, { polynomial: "init" }, { step: "drift + noise" }]) {
    assertEquals((await measure(observe(changed(change))))!.dialect, undefined);
  }
});

Deno.test("a number by setting is told once for all settings that have it, in their order", async () => {
  const { defects } = await of(changed({ drift: "where(N - 6, gt / 3, 0.7 * gt)" }));
  assertStringIncludes(defects[0]!.title, ": 0.7 for N = 2, 3, 5; 0.3333 for N = 25, 100");
  if (!isWhole) return;
  const [byStep] = (await of(changed({ drift: "where(eta - 0.1, gt, gt / 2)" }))).defects;
  assertStringIncludes(byStep!.title, ": 1 in steps 0 and 1, 0.5 in steps 2 to 4 of a chain");
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Answer, ruleSampler } from "../../spec/rule.ts";
import type { Target } from "../../spec/sampler.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import { fewOf, sweep } from "../fixtures/sweep.ts";
import { untruths } from "../fixtures/truth.ts";
import { nameOf, plant, planted, unknownFaults } from "../fixtures/unknown_faults.ts";
import { type Census, takeCensus, termSuspects } from "./influences/census.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { census } from "./experiments/census_chains.ts";
import { influencesOf } from "./influences/influences.ts";
import { observeProbes, type Reading } from "./experiments/observations.ts";
import { chainOf } from "./experiments/response.ts";

/** Faults of every term, of state and of rows that mix. */
const sample = fewOf(unknownFaults.filter((_, j) => j % 12 === 4), 1);

Deno.test("beside an unknown fault known ones are named, and no other for certain", async () => {
  let named = 0;
  for (const fault of sample) {
    const given = planted(fault, 2, 3);
    const target = observe(ruleSampler(given.rule, { name: nameOf(given) }));
    const diagnosis = (await diagnosisOf(target, "violates"))!;
    const wrong = untruths(diagnosis, given).filter((text) => text.endsWith("is certain"));
    assertEquals(wrong, [], nameOf(given));
    const names = diagnosis.defects.flatMap(({ id, alternatives = [] }) => [
      id,
      ...alternatives.map((other) => other.id),
    ]);
    named += given.known.filter(({ id }) => names.includes(id)).length;
  }
  assert(named >= sample.length, `${named} of ${2 * sample.length}`);
});

/** Unknown faults that hide what tells known ones, unless that is looked at in another way. */
const hiding: readonly (readonly [fault: string, ...known: readonly string[]])[] = [
  ["decoupled-decay", "bounds-missing", "exponential-one-behind"],
  ["limit-times-noise-scale", "exp-ignored", "noise-halved"],
  ["normalised-over-batch", "noise-uniform", "stops-early"],
  ["soft-limit", "start-clipped", "noise-not-first"],
  ["pulled-to-centre", "noise-shared-by-all", "bounds-lower-only"],
  ["gradient-ahead", "returns-point-before-last", "noise-absolute"],
  ["weight-decay", "returns-sorted", "one-step-final"],
  ["clipped-draws", "delta-clip-unscaled", "steps-hard-coded"],
];

for (const [id, ...ids] of hiding) {
  sweep(`beside ${id} both known ones have their names: ${ids.join(" and ")}`, async () => {
    const known = ids.map((id) => defectOf(id)!);
    const rule = plant(unknownFaults.find((fault) => fault.id === id), known);
    const { defects } = (await diagnosisOf(observe(ruleSampler(rule)), "violates"))!;
    const named = defects.map((defect) => defect.id);
    assertEquals(ids.filter((id) => !named.includes(id)), []);
  });
}

/** The rule, which returns a part of an earlier point with the last one. */
function returningMore(): Target {
  const inner = ruleSampler();
  return observe({
    ...inner,
    unsupported: ["chain-actions", "chain-outputs", "chain-grad-norms"],
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return async (call) => {
        const { chain: { actions } } = await sample(call) as Answer;
        const last = actions.at(-1)!, before = actions.at(-3) ?? last;
        return last.map((row, r) => row.map((x, i) => 0.75 * x + 0.25 * before[r]![i]!));
      };
    },
  });
}

sweep(
  "where only what is returned is off, the steps are not said to remember anything",
  async () => {
    const { influences = [], defects } = (await diagnosisOf(returningMore(), "violates"))!;
    assertEquals(influences.map(({ on }) => on), ["returned action"]);
    assertEquals(defects, []);
  },
);

/** What the chain in which everything varies at once tells of a sampler. */
async function censusOf(target: Target): Promise<Census> {
  const [seen] = await observeProbes(target, [census]);
  const [problem] = census.calls, chain = chainOf(problem!, seen!.calls[0] as Reading);
  return takeCensus(problem!, chain!, "energy")!;
}

Deno.test("what is kept of earlier drifts is tried as momentum and as an average, with its figures", async () => {
  const average = { drift: "0.9 * driftBefore + 0.1 * gt / 2" };
  const suspects = termSuspects(await censusOf(observe(samplerWith(average))));
  const titles = suspects.map(({ title }) => title).join("; ");
  assertMatch(titles, /0\.9 of the last drift is kept/);
  assertMatch(titles, /The drift is a running average: 0\.9 of the last one, 0\.1 of half/);
  assertMatch(titles, /a running average with the weights 0\.1, 0\.09, … that add up to one/);
});

Deno.test("what comes into the last step alone is told of what is returned, not of the steps", async () => {
  const told = influencesOf({
    ...{ again: [], fit: undefined, drift: [], limits: [], ofLimits: [], open: [], counts: [] },
    ...{ kept: undefined, early: [], shared: false, depends: [], chains: true },
    census: await censusOf(returningMore()),
  });
  assertEquals(told.map(({ on }) => on), ["returned action"]);
});

for (const every of [2, 3]) {
  sweep(
    `gradients that are computed in every step k = 0, ${every}, … are told as old ones`,
    async () => {
      const title = (word: string) =>
        `A gradient is asked for in every ${word} step only, and used ` +
        "until the next one";
      const target = observe(samplerWith({ gradientAsked: `every-${every as 2 | 3}` }));
      const { defects, measuredRule } = (await diagnosisOf(target, "violates"))!;
      assertEquals(
        defects.map((defect) => [defect.title, defect.certain]),
        [[title(every === 2 ? "second" : "third"), true]],
      );
      assert(measuredRule!.text.includes(`0.500·∇E(a at step ${every}⌊k/${every}⌋)`));
      assert(measuredRule!.schedule.includes("polynomial, power 3.00"));
    },
    every === 3,
  );
}

Deno.test("draws that are dropped are told with the sizes that show it", async () => {
  const target = observe(samplerWith({ noise: "where(abs(xi) - 2, 0, sigma * xi)" }));
  const { defects } = (await diagnosisOf(target, "violates"))!;
  assertEquals(defects.map(({ title, certain }) => [title, certain]), [[
    "No noise is added, but only where the size of the draw is above 2 " +
    "(seen from 2.063 to 24, not with 2)",
    false,
  ]]);
});

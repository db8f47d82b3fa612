import { assert, assertEquals } from "@std/assert";
import { ruleSampler } from "../../spec/rule.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { defectOf, defects } from "../defects/defects.ts";
import { compoundSampler } from "../fixtures/compound.ts";
import { observeProbes } from "./observations.ts";
import { probesFor } from "./probes.ts";
import { type Candidate, compatible, type Hypothesis, Search } from "./search.ts";

const keyed = defects.map((defect) => ({ ...defect, key: defect.id }));
type Keyed = (typeof keyed)[number];
const named = (ids: readonly string[]) => ids.map((id) => defectOf(id)!);

/** A search on what a sampler with these defects shows on the probes. */
async function searchOn(...ids: readonly string[]): Promise<Search<Keyed>> {
  return await searchOnSampler(ids.length === 0 ? ruleSampler() : compoundSampler(named(ids)));
}

async function searchOnSampler<C extends Candidate>(sampler: Sampler): Promise<Search<C>> {
  const observations = await observeProbes(observe(sampler), probesFor(new Set()));
  return new Search<C>(observations, { points: true, returns: sampler.networkReturns });
}

const idsOf = (found: readonly Hypothesis<Keyed>[]) =>
  found.map((hypothesis) => hypothesis.map(({ id }) => id).toSorted());

Deno.test("the rule explains itself, and nothing else is needed", async () => {
  const search = await searchOn();
  assert(search.ruleExplains());
  assertEquals(search.firstNumbers("energy"), null);
  assertEquals(search.pairs(keyed), []);
  assertEquals(search.triples(keyed), []);
  assertEquals(search.partial(), undefined);
});

Deno.test("one defect is explained by itself, and by no pair that another one is needed for", async () => {
  const search = await searchOn("half-missing");
  assert(!search.ruleExplains());
  assertEquals(idsOf(search.singles(keyed)), [["half-missing"]]);
  const { found, wanted, difference } = search.firstNumbers("energy")!;
  assert(found !== wanted && difference.cells.length > 0);
});

// The second and the third show only together, or only where the other one doesn't.
const pairs = [
  ["delta-clip-unscaled", "half-missing"],
  ["delta-clip-missing", "noise-times-range"],
  ["float16", "textbook-noise"],
];

for (const pair of pairs) {
  Deno.test(`two defects are found together, and neither alone: ${pair.join(", ")}`, async () => {
    const search = await searchOn(...pair);
    assertEquals(search.singles(keyed), []);
    assertEquals(idsOf(search.pairs(keyed)), [pair]);
  });
}

// Each takes hundreds of trials after the first dozens have failed.
const triples = [
  ["bounds-reject-row", "delta-clip-quarter-range", "noise-initial-step"],
  ["delta-clip-one-sided", "noise-shared-by-groups", "step-size-missing"],
];

for (const triple of triples) {
  Deno.test(`three defects are found together: ${triple.join(", ")}`, async () => {
    const search = await searchOn(...triple);
    assertEquals(idsOf(search.triples(keyed)), [triple]);
  });
}

Deno.test("a triple is found behind many pairs that look as good until noise is added", async () => {
  // Each change stands among others that give the same without noise, and come before it.
  const parts = {
    drift: ["gt * (1 + sigma)", "gt * (1 + 2 * sigma)", "gt"],
    limit: ["c * (1 + sigma)", "c * (1 + 2 * sigma)", "c"],
    result: ["a - move + sigma", "a - move + 2 * sigma", "a - move"],
  };
  const candidates = Object.entries(parts).flatMap(([part, formulas]) =>
    formulas.map((formula): Candidate => ({
      key: `${part}: ${formula}`,
      change: { [part]: formula },
    }))
  );
  const sampler = ruleSampler({ ...officialRule, drift: "gt", limit: "c", result: "a - move" });
  const search = await searchOnSampler<Candidate>(sampler);
  assertEquals(search.pairs(candidates), []);
  assertEquals(
    search.triples(candidates).map((found) => found.map(({ key }) => key).toSorted()),
    [["drift: gt", "limit: c", "result: a - move"]],
  );
});

Deno.test("of what cannot be explained the part is told that can", async () => {
  const search = await searchOn("half-missing", "noise-laplace");
  const known = keyed.filter(({ id }) => id !== "noise-laplace");
  assertEquals(search.singles(known), []);
  const { hypothesis, explained, left } = search.partial()!;
  assertEquals(hypothesis.map(({ id }) => id), ["half-missing"]);
  assertEquals([explained, left], [["kitchen-sink"], "noise"]);
});

Deno.test("two changes of one part can't act together, nor one change twice", () => {
  const half = { key: "half", change: { drift: "gt" } };
  const sign = { key: "sign", change: { drift: "-gt / 2" } };
  const clip = { key: "clip", change: { limit: "c" } };
  assertEquals(compatible([half], half), false);
  assertEquals(compatible([clip, half], sign), false);
  assertEquals(compatible([half], clip), true);
});

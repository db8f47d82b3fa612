/** However a sampler asks about its rows, it is judged, and what is wrong with it is found. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ClauseId, clausesOf } from "../../properties/clauses.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, type Rule } from "../../spec/rule.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { asking, askings } from "../fixtures/asking_styles.ts";
import { fewOf, isWhole } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

const slow = (rule: Rule) => (id: string) =>
  id.startsWith("energy/") || id === "golden/traces" ||
  id === "step/exact" && rule === officialRule;

/** The verdict and what is violated, of all clauses or in the quick run of a group only. */
async function judged(sampler: Sampler, { rule = officialRule, name = "ibc", group = "" } = {}) {
  const clauses = clausesOf(rule).map(({ id }) => id).filter((id) =>
    isWhole || id.startsWith(group) && !slow(rule)(id)
  );
  const report = await judge(observe(sampler), {
    profile: "quick",
    diagnosis: "none",
    golden: [],
    clauses,
    rule: name,
  });
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  return { verdict: report.verdict, violated: violated.map(({ id }) => id as ClauseId) };
}

/** Without a seed of the problem, so that no second call asks in the same order. */
const unseeded = "blocks of rows that another order cuts in every call";
const conforms = { verdict: "conforms", violated: [] };
const ula = ruleNamed("ula");
const ways = Object.keys(askings).filter((way) => way !== unseeded);

for (const way of ways) {
  Deno.test(`a correct sampler conforms that asks about ${way}`, async () => {
    assertEquals(await judged(asking(way)), conforms);
  });
}

for (const way of fewOf(ways, 2)) {
  Deno.test(`one with noise of its own conforms, too, that asks about ${way}`, async () => {
    const ofOwn = asking(way, officialRule, { noise: "own" });
    assertEquals(await judged(ofOwn, { group: "noise/" }), conforms);
    if (!isWhole) return;
    const own = asking(way, ula, { noise: "own" });
    assertEquals(await judged(own, { rule: ula, name: "ula" }), conforms);
  });
}

for (const way of fewOf(ways, 2)) {
  Deno.test(`a drift or noise that is wrong is found in a sampler that asks about ${way}`, async () => {
    const { violated } = await judged(asking(way, { ...officialRule, drift: "gt" }), {
      group: "drift/",
    });
    assert(violated.includes("drift/half"), violated.join());
    const loud = { ...officialRule, noise: "1.25 * sigma * xi" };
    const own = await judged(asking(way, loud, { noise: "own" }), { group: "noise/" });
    assertEquals(own, { verdict: "violates", violated: ["noise/scale"] });
  });
}

Deno.test("a sampler with noise of its own whose order no seed decides is judged without noise", async () => {
  const { diagnosis, clauses } = await judge(
    observe(asking(unseeded, officialRule, { noise: "own" })),
    { profile: "quick", golden: [], clauses: ["drift/half", "noise/scale"] },
  );
  const [drift, noise] = clauses.filter(({ id }) => id === "drift/half" || id === "noise/scale");
  assertEquals([drift?.verdict, noise?.verdict], ["holds", "not judged"]);
  assertMatch(noise?.reason ?? "", /in one that the problem's seed decides/);
  const term = diagnosis?.measuredRule?.terms.find(({ name }) => name === "noise");
  assert(term?.deviates !== true, term?.text);
});

Deno.test("one whose noise is known conforms in any order", async () => {
  assertEquals(await judged(asking(unseeded)), conforms);
});

for (const way of ways.filter((way) => way.startsWith("every row by itself"))) {
  Deno.test(`one that asks about ${way} replays the official traces, those without numbers too`, async () => {
    const { golden, verdict } = await judge(observe(asking(way)), {
      profile: "quick",
      diagnosis: "none",
      clauses: ["golden/traces"],
    });
    assertEquals([verdict, golden.agreed], ["conforms", golden.replayed]);
    assert(golden.replayed > 0);
  });
}

/** However a sampler asks about its rows, it is judged, and what is wrong with it is found. */

import { assert, assertEquals } from "@std/assert";
import type { ClauseId } from "../../properties/clauses.ts";
import { clausesOf } from "../../properties/rule_clauses.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, type Rule } from "../../spec/rule.ts";
import { ruleNamed } from "../../spec/rules/family.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { asking, askings } from "../fixtures/asking_styles.ts";
import { isWhole } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

const slow = (rule: Rule) => (id: string) =>
  id.startsWith("energy/") || id === "golden/traces" ||
  id === "step/exact" && rule === officialRule;

async function judged(sampler: Sampler, rule: Rule = officialRule, name = "ibc") {
  const clauses = clausesOf(rule).map(({ id }) => id).filter((id) => isWhole || !slow(rule)(id));
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

const conforms = { verdict: "conforms", violated: [] };
const ula = ruleNamed("ula");

for (const way of Object.keys(askings)) {
  Deno.test(`a correct sampler conforms that asks about ${way}`, async () => {
    assertEquals(await judged(asking(way)), conforms);
  });

  Deno.test(`one with noise of its own conforms, too, that asks about ${way}`, async () => {
    assertEquals(await judged(asking(way, officialRule, { noise: "own" })), conforms);
    assertEquals(await judged(asking(way, ula, { noise: "own" }), ula, "ula"), conforms);
  });

  Deno.test(`a drift or noise that is wrong is found in a sampler that asks about ${way}`, async () => {
    const { violated } = await judged(asking(way, { ...officialRule, drift: "gt" }));
    assert(violated.includes("drift/half"), violated.join());
    const loud = { ...officialRule, noise: "1.25 * sigma * xi" };
    const own = await judged(asking(way, loud, { noise: "own" }));
    assertEquals(own, { verdict: "violates", violated: ["noise/scale"] });
  });
}

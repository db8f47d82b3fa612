/** Rows may take turns in any order; what is wrong with a sampler is found in each. */

import { assertEquals } from "@std/assert";
import { type ClauseId, clauses, noiseClauses } from "../../properties/clauses.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { defectOf, ruleOf } from "../defects/defects.ts";
import { inOrder, type RowOrder, rowOrders } from "../fixtures/row_orders.ts";
import { fewOf, isWhole, lightClauses } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

/** Means over thousands of rows cost such samplers the square of that. */
const judged: readonly string[] = clauses.map(({ id }) => id)
  .filter((id) => !id.startsWith("energy/") && (isWhole || lightClauses.includes(id)));

async function violatedBy(sampler: Sampler, only = judged): Promise<readonly string[]> {
  const options = { profile: "quick", diagnosis: "none", golden: [], clauses: only } as const;
  const report = await judge(observe(sampler), options);
  if (report.verdict === "not run") return [JSON.stringify(report.fault)];
  return report.clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
}

const order = (title: string): RowOrder => rowOrders.find((one) => one.title.startsWith(title))!;

const turning = ["group after group", "two rows at a time", "every row in every step"];

for (const title of fewOf(turning, 1)) {
  Deno.test(`a correct sampler conforms whose rows take turns: ${title}`, async () => {
    assertEquals(await violatedBy(inOrder(officialRule, order(title))), []);
  });
}

Deno.test("a correct sampler with noise of its own conforms whose rows take turns", async () => {
  const sampler = inOrder(officialRule, order("group after group"), { noise: "own" });
  const ofNoise = ["steps/count", ...noiseClauses.map(({ id }) => id)];
  assertEquals(await violatedBy(sampler, isWhole ? judged : ofNoise), []);
});

/** Defects, and the clauses that break in every order of rows. */
const found: readonly (readonly [string, ClauseId])[] = [
  ["half-missing", "drift/half"],
  ["momentum", "drift/no-memory"],
  ["gradient-frozen-at-start", "drift/current-point"],
  ["gradient-one-step-late", "drift/current-point"],
  ["noise-root-of-step", "noise/step-size"],
  ["noise-shared-by-steps", "noise/own-draw"],
  ["noise-not-last", "noise/every-step"],
  ["schedule-over-n", "schedule/polynomial"],
  ["delta-clip-missing", "delta-clip/limits-step"],
  ["bounds-at-the-end", "bounds/every-step"],
  ["start-clipped", "start/initial-actions"],
  ["steps-one-more", "steps/count"],
];

for (const [index, [id, clause]] of fewOf([...found.entries()], 2)) {
  const turns = rowOrders[index % rowOrders.length]!;
  Deno.test(`${id} is found in a sampler that goes ${turns.title}`, async () => {
    const sampler = inOrder(ruleOf(defectOf(id)!), turns);
    assertEquals(await violatedBy(sampler, [clause]), [clause]);
  });
}

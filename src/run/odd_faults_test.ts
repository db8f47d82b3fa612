/** Faults outside the catalogue, seen in four ways: what differs visibly does not conform. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { ruleSampler } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { plant, unknownFaults } from "../fixtures/unknown_faults.ts";
import { type OddFault, oddFaults } from "../fixtures/odd_faults.ts";
import { fewOf, isWhole, lightRun, sweep } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";
import type { JudgeOptions } from "./options.ts";

type View = Pick<Sampler, "noise" | "reveals">;

const own: View = { noise: "own" }, ends: View = { reveals: "final-actions" };

async function violatedBy(
  { make }: OddFault,
  view: View,
  options: JudgeOptions = lightRun,
): Promise<readonly string[]> {
  const sampler = { ...make(ruleSampler(undefined, { noise: view.noise ?? "tape" })), ...view };
  const report = await judge(observe(sampler), options);
  return report.clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
}

function faultOf(title: string): OddFault {
  const found = oddFaults.find((fault) => fault.title.startsWith(title));
  if (found === undefined) throw new Error(`Found no fault ${title}`);
  return found;
}

const seen: readonly (readonly [string, View, string])[] = [
  ["Coordinates that leave the box come in again", {}, "bounds/within"],
  ["The limit is one thousandth larger", own, "delta-clip/limits-step"],
  ["Axes beyond the eighth", ends, "step/exact"],
  ["Draws are cut off", { ...own, ...ends }, "noise/standard-normal"],
  ["The first sample of every observation", { ...own, ...ends }, "noise/every-step"],
];

for (const [title, view, clause] of fewOf(seen, 2)) {
  const how = Object.values(view).join(", ") || "tape";
  Deno.test(`a fault outside the catalogue is found (${how}): ${title}`, async () => {
    const options = isWhole ? lightRun : { ...lightRun, clauses: [clause] };
    const violated = await violatedBy(faultOf(title), view, options);
    assert(violated.includes(clause), violated.join());
  });
}

Deno.test("a fault that nothing can show says why", async () => {
  for (const fault of oddFaults.filter(({ unseen }) => unseen !== undefined)) {
    assertEquals(await violatedBy(fault, {}), [], fault.title);
  }
});

const views: Readonly<Record<string, View>> = {
  "the suite's noise": {},
  "noise of its own": own,
  "final actions alone": ends,
  "final actions of noise of its own": { ...own, ...ends },
};

/** Faults of both kinds, as samplers of a view; with the reason where nothing can show them. */
const everyFault = [
  ...oddFaults,
  ...unknownFaults.map((fault) => ({
    title: fault.id,
    make: ({ noise }: Sampler) => ruleSampler(plant(fault, []), noise ? { noise } : {}),
    unseen: undefined,
  })),
];

for (const [name, view] of Object.entries(views)) {
  sweep(`of ${everyFault.length} faults outside the catalogue none conforms: ${name}`, async () => {
    const passed: string[] = [];
    for (const { title, make, unseen } of everyFault) {
      const rule = make(ruleSampler(undefined, { noise: view.noise ?? "tape" }));
      const options = { profile: "quick", diagnosis: "none", golden: [] } as const;
      const { verdict } = await judge(observe({ ...rule, ...view }), options);
      if (verdict === "conforms" && unseen === undefined) passed.push(title);
    }
    assertEquals(passed, []);
  });
}

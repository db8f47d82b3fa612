/** Samplers that are right except under one condition or two: found, and shown on a problem that tells it. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Rows } from "../../spec/problem.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import {
  type Condition,
  conditions,
  coveringTrials,
  inWords,
  isShown,
  pairsOfConditions,
  rightExcept,
  triplesOfConditions,
} from "../fixtures/conditions.ts";
import { type Place, ported } from "../fixtures/ported.ts";
import { fewOf, sweep } from "../fixtures/sweep.ts";
import type { Counterexample } from "../report/report.ts";
import { judge } from "./judge.ts";

/** The first clause that is violated, with its smallest problem. */
async function found(sampler: Sampler): Promise<readonly [string, Counterexample]> {
  const report = await judge(observe(sampler), {
    clauses: ["step/exact"],
    diagnosis: "none",
  });
  const first = report.clauses.find(({ verdict }) => verdict === "violated");
  if (!first?.counterexample) throw new Error(`Found ${report.verdict}, wanted a violation`);
  return [first.id, first.counterexample];
}

/** Conditions, and one that a call can meet together with them. */
const names: Readonly<Record<string, readonly Condition[]>> = {
  "three features or more": [{ factor: "features", value: "3 to 12" }],
  "a rising schedule with a power above 3": [
    { factor: "power", value: "above 3" },
    { factor: "schedule", value: "rising" },
  ],
  "a noise scale above 1 with thirty axes": [
    { factor: "noise scale", value: "above 1" },
    { factor: "axes", value: "30" },
  ],
  "a delta clip above 1 and a norm of order 1": [
    { factor: "delta clip", value: "above 1" },
    { factor: "gradient norm", value: "1" },
  ],
};

for (const [what, wanted] of Object.entries(names)) {
  sweep(
    `a sampler that is wrong only with ${what} is found on a problem of little else`,
    async () => {
      const [id, { problem }] = await found(rightExcept(wanted));
      assertEquals(id, "step/exact");
      const { settings, samples, groups, axes } = problem;
      const simple = [settings.steps === 1, samples === 1, groups === 1, axes === 1];
      assert(
        simple.filter((is) => is).length >= 2,
        JSON.stringify({ ...problem, noise: undefined }),
      );
    },
  );
}

Deno.test("a sampler that is wrong under one condition is shown by the problems that cover pairs", async () => {
  const trials = coveringTrials(2);
  for (const one of fewOf(conditions, 8)) {
    assert(await isShown([one], trials), inWords(one));
  }
});

Deno.test("so is one that is wrong under two conditions at once", async () => {
  const trials = coveringTrials(2), pairs = pairsOfConditions();
  assert(pairs.length > 2000);
  for (const pair of fewOf(pairs, 8)) {
    assert(await isShown(pair, trials), pair.map(inWords).join(" and "));
  }
});

sweep("so is one that is wrong under three, by the problems that cover triples", async () => {
  const trials = coveringTrials(3);
  for (const triple of triplesOfConditions(20, 2)) {
    assert(await isShown(triple, trials), triple.map(inWords).join(" and "));
  }
});

sweep("a condition on the place of a call is told with the call", async () => {
  const [, { message }] = await found(rightExcept([
    { factor: "place", value: "the fourth call and later ones" },
    { factor: "axes", value: "4" },
  ]));
  assert(/, in call [456] of a prepared sampler$/.test(message), message);
});

Deno.test("a report that is wrong under one condition is found and told in words", async () => {
  const wanted = [{ factor: "groups", value: "3" }, { factor: "samples", value: "many" }] as const;
  const other = samplerWith(defectOf("outputs-negated")!.change);
  const [id, { message }] = await found(rightExcept(wanted, other));
  assertEquals(id, "chain/outputs");
  assert(message.startsWith("The network output reported for step 0"), message);
});

Deno.test("rows from the 257th on that go wrong are found in a large batch", async () => {
  const whole = samplerWith({}), small = 256;
  const late: Sampler = {
    ...whole,
    prepare: async (settings) => {
      const sample = await whole.prepare(settings);
      return async (call) => {
        const result = await sample(call);
        const rows = ("final" in result ? result.final : result) as Rows;
        return rows.map((row, r) => r < small ? row : row.map((a) => a / 2));
      };
    },
  };
  const [id, { problem, row }] = await found(late);
  assertEquals([id, problem.samples * problem.groups > small, row! >= small], [
    "step/exact",
    true,
    true,
  ]);
});

sweep("a wall that isn't applied where its bound is 0 is told by the bound", async () => {
  const wall = (to: number, { lo, hi }: Place) => Math.min(lo === 0 ? to : Math.max(to, lo), hi);
  const { diagnosis } = await judge(observe(ported({ wall })), {
    profile: "quick",
    clauses: ["step/exact"],
    golden: [],
  });
  const title = diagnosis?.defects[0]?.title ?? "";
  assert(/bounds are not applied.*the lower bound is 0/.test(title), title);
});

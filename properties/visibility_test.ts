/**
 * Faults that need two conditions at once show on the problems that cover all pairs of them.
 *
 * A sampler that is faulty under two conditions is found if some problem that has both shows the
 * fault. So each problem is tried once with a sampler that is always faulty.
 */

import { assert } from "@std/assert";
import { observe } from "../spec/observe.ts";
import { officialRule } from "../spec/rule.ts";
import { samplerWith } from "../src/defects/defects.ts";
import { clauseOf } from "./clauses.ts";
import { type Assignment, coverageOf, coveringAssignments } from "./covering.ts";
import type { Facts, Observer } from "./observer.ts";

const facts: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};

/**
 * Small faults, each with the pairs of values that may leave it unseen; of 2134. A limit or a scale of
 * 0 hides drift or noise from whoever looks, and so do limits that act on every coordinate.
 */
const faults = [
  {
    what: "A result beside the right one",
    change: { result: `${officialRule.result} + (hi - lo + 0.125) / 1024` },
    unseen: 0,
  },
  { what: "A twentieth more of the drift", change: { drift: "1.05 * gt / 2" }, unseen: 700 },
  { what: "A twentieth more of the noise", change: { noise: "1.05 * sigma * xi" }, unseen: 900 },
] as const;

for (const { what, change, unseen } of faults) {
  Deno.test(`${what} shows on all pairs of values but ${unseen} at most`, async () => {
    const target = observe(samplerWith(change));
    const observer: Observer = {
      facts,
      run: async (problem) => await (await target.prepare(problem.settings)).sample(problem),
      open: async (settings) => {
        const prepared = await target.prepare(settings);
        return (problem) => prepared.sample(problem);
      },
      compared: () => {},
    };
    const plan = { strength: 2, seed: 1 } as const;
    const { cases } = clauseOf("step/exact")!.problems!.covering!(facts, plan);
    const assignments = coveringAssignments(facts, plan.strength, plan.seed);
    const shown: Assignment[] = [];
    for (const [index, trial] of cases.entries()) {
      if (await trial.judge(observer) !== null) shown.push(assignments[index]!);
    }
    const { tried, total } = coverageOf(shown, facts).pairs;
    assert(total - tried <= unseen, `${total - tried} of ${total} unseen`);
  });
}

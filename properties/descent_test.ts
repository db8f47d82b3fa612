import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ruleSampler } from "../spec/rule.ts";
import { observe } from "../spec/observe.ts";
import { officialRule, type Rule } from "../spec/rule.ts";
import { clauseOf } from "./clauses.ts";
import type { Finding } from "./finding.ts";
import type { Facts, Observer } from "./observer.ts";

const facts: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};

function observer(rule: Partial<Rule>): Observer {
  const target = observe(ruleSampler({ ...officialRule, ...rule }));
  return {
    facts,
    run: async (problem) => await (await target.prepare(problem.settings)).sample(problem),
    open: () => Promise.reject(new Error("found a second call, wanted one")),
    compared: () => {},
  };
}

const means = clauseOf("energy/expected-descent")!.problems!;

/** What is found on a bowl, for rows that start at its minimum and for rows that start beside it. */
async function onABowl(rule: Partial<Rule>): Promise<readonly (Finding | null)[]> {
  const findings: (Finding | null)[] = [];
  for (const trial of means.edges(facts).slice(0, 2)) {
    const outcome = await trial.judge(observer(rule));
    if (outcome === "nothing") throw new Error("Found nothing to compare, wanted a mean energy");
    findings.push(outcome);
  }
  return findings;
}

Deno.test("the mean energy of the rule changes as its law says, at the minimum and beside it", async () => {
  assertEquals(await onABowl({}), [null, null]);
});

Deno.test("a mean energy is refused beyond what chance leads to once in 10^10, and not before", async () => {
  const [slightly] = await onABowl({ noise: "1.1 * sigma * xi" });
  assertEquals(slightly, null);
  const [clearly] = await onABowl({ noise: "1.35 * sigma * xi" });
  const { expected, actual, tolerance } = clearly!;
  assert(actual > expected + tolerance);
  // The energy of a step varies over 1/32 at most. Hoeffding: exp(-2n(t/range)²) on both sides.
  const chance = 2 * Math.exp(-2 * 2048 * (32 * tolerance) ** 2);
  assert(chance <= 1e-10 && chance > 1e-11, `${chance}`);
});

Deno.test("a mean that is not as expected is told with what the law says of it", async () => {
  const claims = new Set<string>();
  for (const trial of fc.sample(means.random(facts), { seed: 2, numRuns: 30 })) {
    const found = await trial.judge(observer({ drift: "-4 * gt", noise: "4 * sigma * xi" }));
    if (found === null || found === "nothing") continue;
    const { expected, tolerance, message } = found;
    const claim = Math.abs(expected) <= tolerance
      ? "may rise or fall"
      : expected < 0
      ? "must fall"
      : "must rise";
    assert(message.includes(`it ${claim}`), message);
    claims.add(claim);
  }
  assertEquals(claims.size, 3, [...claims].join());
});

Deno.test("noise alone does not lower the energy at its minimum, and a turned drift raises it", async () => {
  const [still, beside] = await onABowl({ drift: "-gt / 2" });
  assertEquals(still, null);
  assert(beside!.actual > beside!.expected + beside!.tolerance);
});

Deno.test("without noise a step must lower the energy by what its length asks for, not just lower it", async () => {
  // Twice the drift still goes downhill, half as far down as steps of that length must lead.
  const trials = fc.sample(clauseOf("energy/sure-descent")!.problems!.random(facts), {
    seed: 1,
    numRuns: 30,
  });
  let found = 0;
  for (const trial of trials) {
    const outcome = await trial.judge(observer({ drift: "gt" }));
    if (outcome === null || outcome === "nothing") continue;
    found++;
    const { row, step, expected, actual, tolerance } = outcome;
    assert(row !== null && step !== null && actual > expected + tolerance);
  }
  assert(found > 10, `${found}`);
  for (const trial of trials) assertEquals(await trial.judge(observer({})), null);
});

Deno.test("along a default chain from far away the mean energy must fall, and does by the rule alone", async () => {
  const chains = means.edges(facts).slice(2);
  assertEquals(chains.length, 2);
  for (const chain of chains) {
    assertEquals(await chain.judge(observer({})), null);
    for (const drift of ["-gt / 2", "gt / 8", "0 * gt"]) {
      const found = await chain.judge(observer({ drift }));
      if (found === null || found === "nothing") throw new Error(`Found nothing, with ${drift}`);
      assert(found.message.includes("in a chain; it must fall"), found.message);
    }
  }
});

Deno.test("the mean energy of the rule is as expected on convex energies of every kind", async () => {
  const trials = fc.sample(means.random(facts), { seed: 4, numRuns: 60 });
  const kinds = ["^4", "exp", "cosh", "(a1 - a2)^2", "a3"];
  for (const kind of kinds) {
    assert(trials.some(({ problem }) => problem.energy.includes(kind)), kind);
  }
  for (const trial of trials) {
    assertEquals(await trial.judge(observer({})), null, trial.problem.energy);
  }
});

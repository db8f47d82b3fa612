/** Samplers that are right except under one condition or two: found, and shown on a problem that tells it. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Settings } from "../../spec/problem.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import type { Call, Sampler } from "../../spec/sampler.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import type { Counterexample } from "../report/report.ts";
import { judge } from "./judge.ts";

type Condition = (settings: Settings, call: Call) => boolean;

const rule = ruleSampler();

/** The rule, and another sampler where a condition holds. */
function rightExcept(condition: Condition, other: Sampler): Sampler {
  return {
    ...rule,
    prepare: async (settings) => {
      const right = rule.prepare(settings), wrong = await other.prepare(settings);
      return (call) => (condition(settings, call) ? wrong : right)(call);
    },
  };
}

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

const moved = samplerWith({ result: `${officialRule.result} + (hi - lo + 0.125) / 1024` });

const conditions: Readonly<Record<string, Condition>> = {
  "four features": (_, { observations }) => observations[0]!.length >= 4,
  "a rising schedule with a power above 3": ({ schedule }) =>
    schedule.kind === "polynomial" && schedule.power > 3 &&
    schedule.final > schedule.init,
  "a noise scale above 1 with thirty axes": ({ noiseScale }, { axes }) =>
    noiseScale > 1 && axes === 30,
  "a decay above 1": ({ schedule }) => schedule.kind === "exponential" && schedule.decay > 1,
  "a delta clip above 1 and a norm of order 1": ({ deltaClip, gradNorm }) =>
    deltaClip > 1 && deltaClip < 8 && gradNorm === "1",
  "101 steps with several samples": ({ steps }, { samples }) => steps === 101 && samples > 1,
};

for (const [what, condition] of Object.entries(conditions)) {
  Deno.test(`a sampler that is wrong only with ${what} is found on a problem of little else`, async () => {
    const [id, { problem }] = await found(rightExcept(condition, moved));
    assertEquals(id, "step/exact");
    const { settings, samples, groups, axes } = problem;
    const simple = [settings.steps === 1, samples === 1, groups === 1, axes === 1];
    assert(simple.filter((is) => is).length >= 2, JSON.stringify({ ...problem, noise: undefined }));
  });
}

Deno.test("a report that is wrong under one condition is found and told in words", async () => {
  const condition: Condition = (_, { groups, samples }) => groups === 3 && samples === 5;
  const other = samplerWith(defectOf("outputs-negated")!.change);
  const [id, { message }] = await found(rightExcept(condition, other));
  assertEquals(id, "step/exact");
  assert(message.startsWith("The network output reported for step 0"), message);
});

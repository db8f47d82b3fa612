import { assertEquals } from "@std/assert";
import { noiseClauses } from "../../properties/clauses.ts";
import { observe } from "../../spec/observe.ts";
import type { Rows } from "../../spec/problem.ts";
import { officialRule, type Rule, ruleSampler } from "../../spec/rule.ts";
import type { Call, Network, Sampler } from "../../spec/sampler.ts";
import { fewOf, isWhole, lightRun } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

/** The rule with noise of its own, which also asks elsewhere at some of its steps. */
function looking(when: (question: number) => boolean, rule: Rule = officialRule): Sampler {
  const inner = ruleSampler(rule, { noise: "own" });
  return {
    ...inner,
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call: Call) => {
        let question = 0;
        const gradient = (points: Rows, observations?: Rows) => {
          const answer = call.network.gradient(points, observations);
          const elsewhere = points.map((row) => row.map((a) => 0.9 * a - 0.03));
          if (when(question++)) call.network.gradient(elsewhere, observations);
          return answer;
        };
        const network = { ...call.network, gradient: gradient as Network["gradient"] };
        return sample({ ...call, network });
      };
    },
  };
}

const patterns: Readonly<Record<string, (question: number) => boolean>> = {
  "at every step": () => true,
  "at the first step": (question) => question === 0,
  "at every third step": (question) => question % 3 === 1,
};

const noisy = ["steps/count", "drift/half", ...noiseClauses.map(({ id }) => id)];
const brief = isWhole ? lightRun : { ...lightRun, clauses: noisy };

async function judged(sampler: Sampler) {
  const { verdict, clauses } = await judge(observe(sampler), brief);
  return [verdict, clauses.filter((c) => c.verdict === "violated").map(({ id }) => id)];
}

for (const [when, pattern] of fewOf(Object.entries(patterns), 1)) {
  Deno.test(`a sampler with noise of its own conforms if it looks elsewhere ${when}`, async () => {
    assertEquals(await judged(looking(pattern)), ["conforms", []]);
  });

  Deno.test(`noise of its own that is too large is found if the sampler looks elsewhere ${when}`, async () => {
    const large = { ...officialRule, noise: "1.25 * sigma * xi" };
    assertEquals(await judged(looking(pattern, large)), ["violates", ["noise/scale"]]);
  });
}

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import type { Settings } from "../../../spec/problem.ts";
import { officialRule, ruleSampler } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { judgeWithin } from "../judge.ts";
import type { JudgeOptions } from "../options.ts";

const options: JudgeOptions = {
  profile: "quick",
  golden: [],
  clauses: ["delta-clip/limits-step", "state/second-call"],
};

/** A run on a sampler as its process starts it, where another process can be started. */
function run(start: () => Sampler, diagnosis: "full" | "none" = "full") {
  return judgeWithin(observe(start()), { ...options, diagnosis }, {
    anew: () => Promise.resolve({ target: observe(start()), close: () => Promise.resolve([]) }),
  });
}

/** The rule, in a process that keeps the first box that it sees with so many axes. */
function keepingBoxes(): Sampler {
  const rule = ruleSampler(), kept = new Map<number, Settings["bounds"]>();
  return {
    ...rule,
    name: "keeping boxes",
    prepare(settings) {
      const { length } = settings.bounds.min, bounds = kept.get(length) ?? settings.bounds;
      kept.set(length, bounds);
      const range = bounds.max[0]! - bounds.min[0]!;
      return ruleSampler({ ...officialRule, limit: `c / 2 * ${range}` }).prepare(settings);
    },
  };
}

Deno.test("what is kept from earlier preparations is said to be, and not taken for another bug", async () => {
  const { clauses, diagnosis } = await run(keepingBoxes);
  const [limits, calls] = options.clauses!.map((id) => clauses.find((clause) => clause.id === id)!);
  assert(/takes the preparations before it/.test(limits!.counterexample!.message));
  assertEquals(calls!.verdict, "violated");
  assert(/^Asked first of all in a fresh process/.test(calls!.counterexample!.message));
  assertEquals(diagnosis!.defects.map(({ title }) => title), [
    "Something is kept from earlier preparations, and holds for later ones",
  ]);
});

Deno.test("a fault that a fresh process has, too, is none of earlier preparations", async () => {
  const wrong = ruleSampler({ ...officialRule, limit: "0.7 * c * (hi - lo) + 0.01" });
  const { clauses } = await run(() => wrong, "none");
  const memory = clauses.find(({ id }) => id === "state/second-call")!;
  assert(memory.verdict !== "violated");
  assert(clauses.some(({ verdict }) => verdict === "violated"));
});

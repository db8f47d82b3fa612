import { assertEquals, assertStringIncludes } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { uniform } from "../../spec/numerics/random.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { ruleFrom } from "../../spec/rules/document.ts";
import { judge } from "./judge.ts";

const quick = { profile: "quick", diagnosis: "none", golden: [] } as const;

const broken = async (sampler: Sampler) =>
  (await judge(observe(sampler), quick)).clauses
    .filter(({ verdict }) => verdict === "violated").map(({ id }) => id);

Deno.test("bounds read in the wrong order of axes break a clause of the bounds, not one of the drift", async () => {
  const official = ruleSampler(officialRule, { name: "reshaped bounds" });
  const reshaped: Sampler = {
    ...official,
    prepare: (settings) => {
      const { min, max } = settings.bounds, all = [...min, ...max];
      const bounds = {
        min: min.map((_, i) => all[2 * i]!),
        max: max.map((_, i) => all[2 * i + 1]!),
      };
      return official.prepare({ ...settings, bounds });
    },
  };
  const ids = await broken(reshaped);
  assertEquals(ids.includes("bounds/per-axis"), true, ids.join());
  assertEquals(ids.filter((id) => id.startsWith("drift/")), []);
});

Deno.test("a drift that is far too strong ends on a wall, and is one of the drift all the same", async () => {
  const ids = await broken(ruleSampler({ ...officialRule, drift: "1e6 * gt" }));
  assertEquals(ids.filter((id) => /^(bounds|schedule)/.test(id)), []);
  assertEquals(ids.includes("drift/half"), true, ids.join());
});

Deno.test("steps without noise break the clause on every step, not the one on its size", async () => {
  for (const noise of ["where(N - k - 2.5, sigma * xi, 0)", "where(k - 1.5, sigma * xi, 0)"]) {
    const ids = await broken(ruleSampler({ ...officialRule, noise }));
    assertEquals(ids, ["noise/every-step"], noise);
  }
});

Deno.test("what is random besides the noise is told as such, and nothing else of it", async () => {
  const masked: Sampler = {
    name: "dropout on the gradient",
    networkReturns: "energy",
    prepare: ({ schedule, steps, noiseScale }) => ({ initial, network, noise, seed }) => {
      const random = uniform(seed);
      let x = initial;
      for (let k = 0; k < steps; k++) {
        const gradient = network.gradient(x), draws = noise.draw();
        x = x.map((row, r) =>
          row.map((a, i) => {
            const drift = random() < 0.2 ? 0 : gradient[r]![i]! / 2;
            return a - schedule.init * (drift + noiseScale * draws[r]![i]!);
          })
        );
      }
      return { final: x };
    },
  };
  const clauses = ["drift/half", "noise/own-draw", "schedule/constant", "state/second-call"];
  const report = await judge(observe(masked), { profile: "quick", golden: [], clauses });
  const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(violated.map(({ id }) => id), ["state/second-call"]);
  assertEquals(report.diagnosis?.defects[0]?.certain, true);
  assertStringIncludes(report.diagnosis!.defects[0]!.title, "random");
});

Deno.test("a wrong drift that is no multiple of the gradient is one of the drift, not a memory", async () => {
  const formulas = { drift: "tanh(gt)", noise: "xi", step: "eta * drift + sqrt(2 * eta) * noise" };
  const rule = { name: "saturated", sentence: "A saturated drift.", source: "a test", formulas };
  const sampler = ruleSampler({ ...ruleFrom(rule), drift: "gt / (1 + abs(gt))" });
  const { clauses } = await judge(observe(sampler), {
    ...quick,
    rule: { document: rule, options: [] },
  });
  assertEquals(clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id), [
    "drift/half",
  ]);
});

Deno.test("a running minimum in the place of outputs breaks the clause on outputs", async () => {
  const official = ruleSampler(officialRule);
  const running: Sampler = {
    ...official,
    prepare: (settings) => (call) => {
      const { final, chain } = official.prepare(settings)(call);
      const outputs = chain!.outputs!.map((_, k, all) =>
        all[k]!.map((_, r) => Math.min(...all.slice(0, k + 1).map((rows) => rows[r]!)))
      );
      return { final, chain: { ...chain, outputs } };
    },
  };
  assertEquals((await broken(running)).filter((id) => id.startsWith("chain/")), ["chain/outputs"]);
});

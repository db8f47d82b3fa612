import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import type { Sampler } from "../../spec/sampler.ts";
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
  assertEquals(ids.filter((id) => id.startsWith("bounds/")), []);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/defects.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";

/** What passes through half precision, beside what, its names, and what the measured rule shows. */
const faults: readonly (readonly [Change, readonly string[], string])[] = [
  [{ stepSizes: "bfloat16" }, ["The step sizes are rounded to bfloat16"], "0.500·∇E + 1.000·σξ"],
  [
    { gradientPrecision: "bfloat16" },
    ["The gradient passes through bfloat16"],
    "0.500·bfloat16(∇E)",
  ],
  [{ drawPrecision: "float16" }, ["The draws pass through float16"], "1.000·σfloat16(ξ)"],
  [{ precision: "bfloat16" }, ["The chain is computed in bfloat16"], "0.500·∇E + 1.000·σξ"],
  [{ precision: "float16", drift: "gt" }, ["float16", "half-missing"], "1.000·∇E + 1.000·σξ"],
];

for (const [change, names, text] of faults) {
  sweep(`half precision is told with the term that passes through it: ${names}`, async () => {
    const { defects, measuredRule } =
      (await diagnosisOf(observe(samplerWith(change)), "violates"))!;
    assertEquals(defects.map(({ id, title }) => id ?? title), names);
    assert(defects.every(({ certain }) => certain));
    assertStringIncludes(measuredRule!.text, text);
  }, !names[0]!.startsWith("The draws"));
}

Deno.test("step sizes of another schedule are told to be numbers of half precision", async () => {
  const polynomial = "(init - final) * (1 - k / N) ^ power + final";
  const sampler = samplerWith({ stepSizes: "float16", polynomial });
  const { defects } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertStringIncludes(defects.map(({ title }) => title).join(), "rounded to float16");
});

const plain = [
  "where(k - N + 1.5, final, init)",
  "where(k - N / 2, init, final)",
  "init * 0.5 ^ floor(k / 2)",
];

for (const polynomial of plain) {
  sweep(
    `plain step sizes that half precision happens to hold were not rounded to it: ${polynomial}`,
    async () => {
      const { defects } = (await diagnosisOf(observe(samplerWith({ polynomial })), "violates"))!;
      const titles = defects.map(({ title }) => title).join();
      assert(titles !== "" && !titles.includes("float16"), titles);
    },
    polynomial === plain[0],
  );
}

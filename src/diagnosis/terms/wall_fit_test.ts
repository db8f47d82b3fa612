import { assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/defects.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";

/** What is taken from another place than it should be, and how it is told. */
const faults: readonly (readonly [string, Change, readonly string[]])[] = [
  [
    "the upper wall of the axis before",
    { result: "min(max(a - move, lo), where(axis - 0.5, hiBefore, hi))" },
    ["The upper wall of an axis is the upper bound of the axis before"],
  ],
  [
    "the lower wall of the first axis",
    { result: "min(max(a - move, loFirst), hi)" },
    ["The lower wall of an axis is the lower bound of the first axis"],
  ],
  [
    "walls without their fractions",
    {
      result:
        "min(max(a - move, where(lo, floor(lo), -floor(-lo))), where(hi, floor(hi), -floor(-hi)))",
    },
    [
      "The lower wall of an axis is its lower bound without its fraction, " +
      "and the upper wall of an axis is its upper bound without its fraction",
    ],
  ],
  [
    "a margin beside a missing half",
    { result: "min(max(a - move, lo + 0.03), hi - 0.03)", drift: "gt" },
    ["half-missing", "The walls stand 0.03 inside of the bounds"],
  ],
  [
    "a margin that is as small as the bounds' rounding allows",
    { result: "min(max(a - move, lo + 0.0001), hi - 0.0001)", precision: "float32" },
    ["The walls stand 0.0001 inside of the bounds"],
  ],
  [
    "both walls, each from the other side",
    { result: "min(max(a - move, hi), lo)" },
    ["Both bounds are swapped: every step ends at the lower one"],
  ],
  [
    "the limit of the axis after",
    { limit: "c / 2 * (hiNext - loNext)" },
    ["The limit of an axis goes by the range of the axis after"],
  ],
  [
    "the observation of the next row",
    { observations: "of-next-row" },
    ["The observation that a row gets is the one that the next row should have"],
  ],
  [
    "a running average that is corrected",
    { drift: "(0.75 * (1 - 0.75 ^ k) * driftBefore + 0.25 * gt / 2) / (1 - 0.75 ^ (k + 1))" },
    [
      "The drift is a running average with the weights 0.25, 0.1875, … " +
      "that add up to one from the first step on",
    ],
  ],
  [
    "even chains one step short",
    { steps: "where(N - 2 * floor(N / 2), N, N - 1)" },
    ["Chains of an even number of steps take one step less"],
  ],
];

for (const [what, change, names] of faults) {
  sweep(`what is taken from elsewhere is told: ${what}`, async () => {
    const target = observe({ ...samplerWith(change), unsupported: ["exponential-schedule"] });
    const diagnosis = await diagnosisOf(target, "violates");
    assertEquals(diagnosis?.defects.map(({ id, title }) => id ?? title), names);
    assertEquals(diagnosis?.defects.every(({ certain }) => certain), true);
  }, !/running average|first axis/.test(what));
}

Deno.test("walls of no known kind are told for the box that was tried, and not for certain", async () => {
  const change = { result: "min(max(a - move, lo + 0.25 * sin(9 * lo)), hi)" };
  const diagnosis = await diagnosisOf(observe(samplerWith(change)), "violates");
  const [wall] = diagnosis!.defects;
  assertEquals([wall!.id, wall!.certain], [null, false]);
  assertEquals(
    diagnosis!.measuredRule!.terms.find(({ name }) => name === "bounds")!.deviates,
    true,
  );
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/defects.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";
import { piecesOf } from "./figures_by_place.ts";

async function told(change: Change) {
  const { defects, measuredRule, influences } = (await diagnosisOf(
    observe({ ...samplerWith(change), unsupported: ["exponential-schedule", "apply-exp"] }),
    "violates",
  ))!;
  return {
    names: defects.map(({ id, title }) => id ?? title),
    certain: defects.every(({ certain }) => certain),
    text: measuredRule!.text,
    terms: measuredRule!.terms,
    influences: influences ?? [],
  };
}

const polynomial = "(init - final) * (1 - k / (N - 1)) ^ power + final";

/** What is wrong in some places only, its name, and how the measured rule has it. */
const faults: readonly (readonly [string, Change, readonly string[], string])[] = [
  [
    "rows from the third on",
    { drift: "where(row - 1.5, 2, 1) * gt / 2" },
    ["The drift is 0.5 times the gradient in rows 0 and 1, and 1 times from row 2 on"],
    "(0.500 in rows 0 and 1, 1.000 from row 2 on)·∇E",
  ],
  [
    "every second row",
    { noise: "where(row - 2 * floor(row / 2) - 0.5, 1.5, 1) * sigma * xi" },
    ["The noise is 1 times what it should be in rows 0, 2, …, and 1.5 times in rows 1, 3, …"],
    "(1.000 in rows 0, 2, …, 1.500 in rows 1, 3, …)·σξ",
  ],
  [
    "three axes",
    { noise: "where(axis - 1.5, 3, where(axis - 0.5, 2, 1)) * sigma * xi" },
    [
      "The noise is 1 times what it should be in axis 0, 2 times in axis 1, and 3 times from axis 2 on",
    ],
    "(1.000 in axis 0, 2.000 in axis 1, 3.000 from axis 2 on)·σξ",
  ],
  [
    "the limit after the first step",
    { limit: "where(k - 0.5, 0.5, 1) * c / 2 * (hi - lo)" },
    ["The limit of a step is 1 times what it should be in step 0, and 0.5 times from step 1 on"],
    "±(1.000 in step 0, 0.500 from step 1 on)·c·½·range",
  ],
  [
    "the limit of the first axis",
    { limit: "where(axis - 0.5, 1, 0.5) * c / 2 * (hi - lo)" },
    ["The limit of a step is 0.5 times what it should be in axis 0, and 1 times from axis 1 on"],
    "±(0.500 in axis 0, 1.000 from axis 1 on)·c·½·range",
  ],
  [
    "rows beside another schedule",
    {
      drift: "where(row - 1.5, 2, 1) * gt / 2",
      polynomial: "(init - final) * (1 - k / N) ^ power + final",
    },
    [
      "schedule-over-n",
      "The drift is 0.5 times the gradient in rows 0 and 1, and 1 times from row 2 on",
    ],
    "(0.500 in rows 0 and 1, 1.000 from row 2 on)·∇E",
  ],
  [
    "the first steps",
    { drift: "where(k - 1.5, gt / 2, 0)" },
    ["The drift is 0 times the gradient in steps 0 and 1, and 0.5 times from step 2 on"],
    "(0.000 in steps 0 and 1, 0.500 from step 2 on)·∇E",
  ],
  [
    "the number of axes",
    { noise: "sigma * xi / sqrt(axes)" },
    ["The noise is (1/√axes) times what it should be"],
    "(1/√axes)·σξ",
  ],
  [
    "the number of axes, in whole steps",
    { step: "eta * (drift + noise) / sqrt(axes)" },
    ["The step size is (1/√axes) times what is asked for"],
    "0.500·(1/√axes)·∇E + 1.000·(1/√axes)·σξ",
  ],
  [
    "a noise scale that is capped",
    { noise: "min(sigma, 1) * xi" },
    ["The noise is min(1, 1/σ) times what it should be"],
    "min(1, 1/σ)·σξ",
  ],
  [
    "the last fifth of a chain",
    { noise: "where(k + 0.01 - 4 * N / 5, 0, 1) * sigma * xi" },
    ["The noise is 0 times what it should be where k ≥ 4/5 N, and 1 times before"],
    "(0.000 where k ≥ 4/5 N, 1.000 before)·σξ",
  ],
  [
    "the limit of one term",
    { clippedStep: "eta * drift + min(max(eta * noise, -limit), limit)" },
    ["The delta clip acts on the noise alone, not on the drift"],
    "±1.000·c·½·range on the noise alone",
  ],
  [
    "the bounds of the first steps",
    { result: "where(k - 1.5, min(max(a - move, lo), hi), a - move)" },
    ["The bounds are applied from step 2 on only"],
    ", bounds from step 2 on",
  ],
  [
    "a warm-up",
    {
      polynomial: `(${polynomial}) * min(1, (k + 1) / 3)`,
      polynomialFirst: "init / 3",
      singleStep: "init / 3",
    },
    ["The step size is min(1, (k + 1)/3) times what is asked for"],
    "0.500·∇E + 1.000·σξ",
  ],
];

/** Places of a kind that others in the list stand for. */
const alike =
  /three axes|limit of the first axis|in whole steps|another schedule|^the first steps|capped/;

for (const [what, change, names, text] of faults) {
  sweep(`a figure that depends on where it acts is told with the place: ${what}`, async () => {
    const found = await told(change);
    assertEquals(found.names, names);
    assert(found.certain);
    assertStringIncludes(found.text, text);
    assertEquals(found.influences, []);
  }, !alike.test(what));
}

Deno.test("a term that was not measured is neither right nor wrong", async () => {
  const { terms } = await told({ drift: "sin(3 * gt) / 2" });
  const open = terms.filter(({ value }) => value?.kind === "not measured");
  assert(open.some(({ name }) => name === "drift"));
  assertEquals(open.map(({ deviates }) => deviates), open.map(() => null));
});

Deno.test("where some have no noise, or the gradient goes with the rows, the fix is not another number", async () => {
  const fixes = [
    [{ noise: "where(row - 2 * floor(row / 2) - 0.5, 0, sigma * xi)" }, /^Leave none out: /],
    [{ drift: "rows * gt / 2" }, /is broadcast to \(rows, rows\)/],
    [{ noise: "rows * sigma * xi" }, /^Multiply the draw by the noise scale/],
  ] as const;
  for (const [change, fix] of fixes) {
    const target = observe({ ...samplerWith(change), unsupported: ["exponential-schedule"] });
    const { defects } = (await diagnosisOf(target, "violates"))!;
    assertEquals(defects.length, 1);
    assertMatch(defects[0]!.fix, fix);
  }
});

Deno.test("a part that is the rounding of the other one is zero", () => {
  const cells = [-2.47e-7, 1, 1.3e-7, 1, -1e-7].map((value, k) => ({
    value,
    k,
    steps: 5,
    rows: 2,
    samples: 2,
    axes: 1,
  }));
  assertEquals(piecesOf(cells)?.pieces.map(({ value }) => value).toSorted(), [0, 1]);
});

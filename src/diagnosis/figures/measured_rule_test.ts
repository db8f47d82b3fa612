import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import * as fc from "fast-check";
import { observe } from "../../../spec/observe.ts";
import { type Change, defectOf, samplerWith } from "../../defects/defects.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { fewOf, isWhole } from "../../fixtures/sweep.ts";
import { measure } from "../diagnose.ts";

async function measured(
  change: Change,
  how: Partial<Sampler> = {},
): Promise<{ text: string; deviating: string[] }> {
  const { noise = "tape", ...rest } = how;
  const sampler = samplerWith(change, { noise });
  const rule = await measure(observe({ ...sampler, ...rest }));
  return {
    text: `${rule!.text}; ${rule!.schedule}`,
    deviating: rule!.terms.filter((term) => term.deviates).map((term) => term.name),
  };
}

const schedule = "η: 0.250 → 0.0195, polynomial, power 3.00";
const cases: Readonly<Record<string, readonly [text: string, deviating: readonly string[]]>> = {
  "half-missing": [
    `a ← clip(a − clip(η_k·(1.000·∇E + 1.000·σξ), ±1.000·c·½·range), bounds); ${schedule}`,
    ["drift"],
  ],
  "noise-root-of-step": [
    `a ← clip(a − clip(η_k·0.500·∇E + 1.000·√η_k·σξ, ±1.000·c·½·range), bounds); ${schedule}`,
    ["noise"],
  ],
  "noise-missing": [
    `a ← clip(a − clip(η_k·(0.500·∇E + 0·σξ), ±1.000·c·½·range), bounds); ${schedule}`,
    ["noise"],
  ],
  "noise-times-range": [
    `a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ·½·range), ±1.000·c·½·range), bounds); ${schedule}`,
    ["noise"],
  ],
  "noise-after-delta-clip": [
    `a ← clip(a − clip(η_k·0.500·∇E, ±1.000·c·½·range) − η_k·1.000·σξ, bounds); ${schedule}`,
    ["noise"],
  ],
  "noise-after-bounds": [
    `a ← clip(a − clip(η_k·0.500·∇E, ±1.000·c·½·range), bounds) − η_k·1.000·σξ; ${schedule}`,
    ["noise"],
  ],
  "delta-clip-unscaled": [
    `a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c), bounds); ${schedule}`,
    ["limit"],
  ],
  "delta-clip-missing": [
    `a ← clip(a − η_k·(0.500·∇E + 1.000·σξ), bounds); ${schedule}`,
    ["limit"],
  ],
  "bounds-missing": [
    `a ← a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), without bounds; ${schedule}`,
    ["bounds"],
  ],
  "grad-clip-default-one": [
    `a ← clip(a − clip(η_k·(0.500·clip(∇E, ±1) + 1.000·σξ), ±1.000·c·½·range), bounds); ${schedule}`,
    ["drift"],
  ],
  "schedule-linear": [
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds); " +
    "η: 0.250 → 0.0195, polynomial, power 1.00",
    ["schedule"],
  ],
  "steps-one-short": [
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds); " +
    "η: 0.250, 0.115, 0.0449, 0.0193, 4 steps instead of 5",
    ["schedule"],
  ],
};

Deno.test("the rule itself is measured as it is", async () => {
  assertEquals(await measured({}), {
    text: `a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds); ${schedule}`,
    deviating: [],
  });
});

for (const [id, [text, deviating]] of fewOf(Object.entries(cases), 3)) {
  Deno.test(`the rule of ${id} is measured, and its deviating term marked`, async () => {
    assertEquals(await measured(defectOf(id)!.change), { text, deviating: [...deviating] });
  });
}

const hidden = { reveals: "final-actions" } as const;
const ownFactor = /(?:≈[01]\.\d{3}|\(?[01]\.\d+ ± [\d.]+\)?)·σξ/;

Deno.test("of the returned actions alone the rule itself is measured as it is", async () => {
  assertEquals(await measured({}, hidden), await measured({}));
  // Its own noise is measured within a tenth.
  for (const how of [{ noise: "own" }, { noise: "own", ...hidden }] as const) {
    const { text, deviating } = await measured({}, how);
    assertEquals({ text: text.replace(ownFactor, "1.000·σξ"), deviating }, await measured({}));
    assertMatch(text, ownFactor);
  }
});

Deno.test("noise and limit are measured in a chain of one step, whatever the schedule", async () => {
  assertEquals(await measured({ polynomial: "init" }, hidden), {
    text: "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), " +
      "±1.000·c·½·range), bounds); η: 0.250, constant",
    deviating: ["schedule"],
  });
});

Deno.test("several deviating terms are measured at once", async () => {
  assertEquals(
    await measured({ drift: "gt / 4", noise: "0.9 * sigma * xi", limit: "c * (hi - lo)" }),
    {
      text: `a ← clip(a − clip(η_k·(0.250·∇E + 0.900·σξ), ±2.000·c·½·range), bounds); ${schedule}`,
      deviating: ["drift", "noise", "limit"],
    },
  );
});

/** What is measured of a rule with these changes. */
async function figuresOf(change: Change) {
  const sampler = samplerWith(change, { noise: "tape" });
  const { terms, sizes } = (await measure(observe({ ...sampler, ...hidden })))!;
  const deviating = terms.filter(({ deviates }) => deviates).map(({ name }) => name);
  const [drift, noise, limit] = terms.map(({ text }) => Number(/[\d.]+/.exec(text)?.[0]));
  return { drift: drift!, noise: noise!, limit: limit!, terms, sizes: sizes!.measured, deviating };
}

/** A factor that differs from one by a hundredth at least. */
const factor = fc.double({ min: 0.5, max: 1.6, noNaN: true }).filter((x) => Math.abs(x - 1) > 0.01);
const draws = fc.record({ drift: factor, noise: factor, limit: factor, power: factor })
  .filter(({ drift, noise }) => Math.abs(drift / noise - 1) > 0.02);

{
  Deno.test(`any factors of drift, noise and limit are measured in returned actions`, async () => {
    await fc.assert(
      fc.asyncProperty(draws, async ({ drift, noise, limit }) => {
        const found = await figuresOf({
          drift: `${drift} * gt / 2`,
          noise: `${noise} * sigma * xi`,
          limit: `${limit} * c / 2 * (hi - lo)`,
        });
        assertAlmostEquals(found.drift, drift / 2, 6e-4);
        assertAlmostEquals(found.noise, noise, 6e-4);
        assertAlmostEquals(found.limit, limit, 6e-4);
        assertEquals(found.deviating, ["drift", "noise", "limit"]);
      }),
      { seed: 1, numRuns: isWhole ? 15 : 1 },
    );
  });
}

Deno.test("a limit that does not know the range is measured in delta clips", async () => {
  for (const limit of fewOf([1.25, 1, 3], 1)) {
    const { terms, deviating } = await figuresOf({ limit: `${limit} * c` });
    assertEquals([terms[2]!.text, deviating], [`±${limit.toFixed(3)}·c`, ["limit"]]);
  }
});

Deno.test("a schedule of any power is measured, with its step sizes", async () => {
  await fc.assert(
    fc.asyncProperty(factor, async (power) => {
      const polynomial = `(init - final) * (1 - k / (N - 1)) ^ ${power} + final`;
      const { sizes, deviating } = await figuresOf({ polynomial });
      const asked = [0, 1, 2, 3, 4].map((k) => (0.25 - 5 / 256) * (1 - k / 4) ** power + 5 / 256);
      sizes.forEach((eta, k) => assertAlmostEquals(eta, asked[k]!, 1e-5));
      assertEquals(deviating, ["schedule"]);
    }),
    { seed: 2, numRuns: isWhole ? 15 : 1 },
  );
});

Deno.test("a factor within a thousandth of the rule's does not deviate, one beyond does", async () => {
  const deviating = async (drift: number, noise: number, limit: number) =>
    (await figuresOf({
      drift: `${drift} * gt / 2`,
      noise: `${noise} * sigma * xi`,
      limit: `${limit} * c / 2 * (hi - lo)`,
    })).deviating;
  // Drift and noise apart, or their factor would be that of the step sizes.
  assertEquals(await deviating(0.9994, 1.0006, 0.9994), []);
  assertEquals(await deviating(0.998, 1.002, 0.998), ["drift", "noise", "limit"]);
  if (isWhole) assertEquals(await deviating(1.002, 0.998, 1.002), ["drift", "noise", "limit"]);
});

/** The step of the rule with another drift, noise, limit or bounds, and what deviates in it. */
const steps: readonly (readonly [change: Change, text: string, deviating: string[]])[] = [
  [
    { clippedStep: "min(delta, limit)" },
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ≤ 1.000·c·½·range), bounds)",
    ["limit"],
  ],
  [
    { clippedStep: "max(delta, -limit)" },
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ≥ −1.000·c·½·range), bounds)",
    ["limit"],
  ],
  [
    { clippedStep: "min(max(delta, -2 * limit), limit)" },
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), (−2, 1)·c·½·range), bounds)",
    ["limit"],
  ],
  [
    {
      clippedStep:
        "where(k, min(max(delta, -limit / 2), limit / 2), min(max(delta, -limit), limit))",
    },
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±(not measured)·c·½·range), bounds)",
    [],
  ],
  [
    { result: "max(a - move, lo)" },
    "a ← a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), lower bound only",
    ["bounds"],
  ],
  [
    { result: "min(a - move, hi)" },
    "a ← a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), upper bound only",
    ["bounds"],
  ],
  [
    { result: "where(k - N + 1.5, a - move, min(max(a - move, lo), hi))" },
    "a ← a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), " +
    "not within bounds in the last step",
    ["bounds"],
  ],
  [
    { result: "where(k - N + 1.5, min(max(a - move, lo), hi), a - move)" },
    "a ← a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds at the end",
    ["bounds"],
  ],
  [
    { drift: "gt / 2 * (1 + k / 10)" },
    "a ← clip(a − clip(η_k·((0.5, 0.55, 0.6, 0.65, 0.7)·∇E + 1.000·σξ), ±1.000·c·½·range), bounds)",
    ["drift"],
  ],
  [
    { noise: "-sigma * xi * (1 + k / 10)" },
    "a ← clip(a − clip(η_k·(0.500·∇E − (1, 1.1, 1.2, 1.3, 1.4)·σξ), ±1.000·c·½·range), bounds)",
    ["noise"],
  ],
  [
    { step: "eta * drift + eta ^ 2 * noise" },
    "a ← clip(a − clip(η_k·0.500·∇E + 1.000·η_k²·σξ, ±1.000·c·½·range), bounds)",
    ["noise"],
  ],
  [
    { step: "drift + sqrt(eta) * noise", clippedStep: "delta" },
    "a ← clip(a − (0.500·∇E + 1.000·√η_k·σξ), bounds)",
    ["drift", "noise", "limit"],
  ],
];

for (const [change, text, deviating] of fewOf(steps, 2)) {
  Deno.test(`the step with ${JSON.stringify(change)} is measured as it is`, async () => {
    const found = await measured(change);
    assertEquals({ ...found, text: found.text.replace(/; η.*/, "") }, { text, deviating });
  });
}

Deno.test("step sizes are told by their law, or one by one where there is none", async () => {
  const scheduleOf = async (polynomial: string) =>
    (await measured({ polynomial })).text.replace(/.*; η: /, "");
  assertEquals(await scheduleOf("init * 0.5 ^ k"), "0.250 → 0.0156, times 0.5 in every step");
  assertEquals(await scheduleOf("init"), "0.250, constant");
  assertEquals(await scheduleOf("init / (k + 1) ^ 2"), "0.250, 0.0625, 0.0278, 0.0156, 0.0100");
  assertEquals(
    await scheduleOf("(init - final) * (1 - k / (N - 1)) ^ 0.5 + final"),
    "0.250 → 0.0195, polynomial, power 0.50",
  );
  assertEquals(
    await scheduleOf("init * 1e-3 ^ k"),
    "0.250 → 2.5e-13, times 0.001 in every step",
  );
});

Deno.test("a gradient clip is measured where it acts on both sides, and not where on one", async () => {
  const driftOf = async (noGradClip: string) => (await measured({ noGradClip })).text;
  const both = await driftOf("min(max(g, -1), 1)");
  assertMatch(both, /η_k·\(0\.500·clip\(∇E, ±1\) \+/);
  for (const one of fewOf(["min(g, 1)", "max(g, -1)"], 1)) {
    const text = await driftOf(one);
    assertMatch(text, /η_k·\(0\.500·∇E \+/, one);
  }
});

Deno.test("a power is that of a schedule from the asked first to the asked last step size alone", async () => {
  const ending = "(init - 2 * final) * (1 - k / (N - 1)) ^ 2 + 2 * final";
  const beginning = "(init / 2 - final) * (1 - k / (N - 1)) ^ 2 + final";
  for (
    const change of [
      { polynomial: ending },
      { polynomial: beginning, polynomialFirst: "init / 2" },
    ]
  ) {
    const { terms, deviating } = await figuresOf(change);
    assertEquals(deviating, ["schedule"]);
    assertMatch(terms[4]!.text, /^η: [\d.]+, [\d.]+|power 2\.00$/);
  }
});

import { assertEquals, assertMatch } from "@std/assert";
import { ruleSampler } from "../../spec/chain.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, type Rule } from "../../spec/rule.ts";
import { defectOf, ruleOf } from "../defects/defects.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { measure } from "./diagnose.ts";

async function measured(
  change: Partial<Rule>,
  how: Partial<Sampler> = {},
): Promise<{ text: string; deviating: string[] }> {
  const { noise = "tape", ...rest } = how;
  const sampler = ruleSampler({ ...officialRule, ...change }, { noise });
  const rule = await measure(observe({ ...sampler, ...rest }));
  return {
    text: `${rule!.text}; ${rule!.schedule}`,
    deviating: rule!.terms.filter((term) => term.deviates).map((term) => term.name),
  };
}

const schedule = "η: 0.250 → 0.0156, polynomial, power 3.00";
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
    `a ← clip(a − clip(η_k·(0.500·clip(∇E, ±1.000) + 1.000·σξ), ±1.000·c·½·range), bounds); ${schedule}`,
    ["drift"],
  ],
  "schedule-linear": [
    "a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds); " +
    "η: 0.250 → 0.0156, polynomial, power 1.00",
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

for (const [id, [text, deviating]] of Object.entries(cases)) {
  Deno.test(`the rule of ${id} is measured, and its deviating term marked`, async () => {
    assertEquals(await measured(ruleOf(defectOf(id)!)), { text, deviating: [...deviating] });
  });
}

const hidden = { reveals: "final-actions" } as const;
const ownFactor = /≈[01]\.\d{3}·σξ/;

Deno.test("of the returned actions alone the rule itself is measured as it is", async () => {
  assertEquals(await measured({}, hidden), await measured({}));
  // Its own noise is measured within a tenth.
  for (const how of [{ noise: "own" }, { noise: "own", ...hidden }] as const) {
    const { text, deviating } = await measured({}, how);
    assertEquals({ text: text.replace(ownFactor, "1.000·σξ"), deviating }, await measured({}));
    assertMatch(text, ownFactor);
  }
});

Deno.test("noise and limit are not measured in what is not one step", async () => {
  for (const noise of ["tape", "own"] as const) {
    assertEquals(await measured({ polynomial: "init" }, { noise, ...hidden }), {
      text: "a ← clip(a − clip(η_k·(0.500·∇E + (not measured)·σξ), " +
        "±(not measured)·c·½·range), bounds); η: 0.250, constant",
      deviating: ["schedule"],
    });
    const { deviating } = await measured(ruleOf(defectOf("schedule-one-ahead")!), {
      noise,
      ...hidden,
    });
    assertEquals(deviating, ["schedule"]);
  }
});

Deno.test("what does not show is not measured, and does not deviate", async () => {
  const ascending = { drift: "-gt", clippedStep: "delta", result: "a - move" };
  for (const noise of ["tape", "own"] as const) {
    assertEquals(await measured(ascending, { noise, ...hidden }), {
      text: "a ← clip(a − clip(η_k·((not measured)·∇E + (not measured)·σξ), " +
        "±(not measured)·c·½·range), bounds not measured); η: not measured",
      deviating: [],
    });
  }
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

Deno.test("noise that is a function of the draw but no multiple of it has a size, and no factor", async () => {
  const cubic = "sigma * (xi + 0.02 * xi * abs(xi))";
  const { text, deviating } = await measured({ noise: cubic });
  assertMatch(text, /≈1\.0\d\d·σξ′/);
  assertEquals(deviating, ["noise"]);
  // So is noise that keeps its factor on average, and strays from it by two thousandths.
  const straying = (by: number) => measured({ noise: `sigma * (xi + ${by} * sin(40 * xi))` });
  assertMatch((await straying(0.003)).text, /≈1\.000·σξ′/);
  assertEquals(await straying(0.001), await measured({}));
  const nearly = await measured({ noise: "sigma * (xi + 0.00002 * xi * abs(xi))" });
  assertEquals(nearly, await measured({}));
});

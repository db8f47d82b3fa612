import { assertEquals, assertStringIncludes } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import type { Settings } from "../../../spec/problem.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { samplerWith } from "../../defects/defects.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { calmSettings } from "../../../properties/arbitraries.ts";
import { remembering } from "./first_preparations.ts";
import { diagnosisOf } from "../diagnosis.ts";

/** A sampler of the rule that goes by the first settings that it sees in some way. */
async function told(
  of: (settings: Settings, first: Settings) => Settings,
  inner: Sampler = ruleSampler(),
) {
  let first: Settings | undefined;
  const target = remembering(observe({
    ...inner,
    prepare: (settings) => inner.prepare(of(settings, first ??= settings)),
  }));
  await target.prepare(calmSettings(2, {
    schedule: { kind: "polynomial", init: 0.25, final: 0.0625, power: 2 },
    bounds: { min: [-1.5, -2], max: [2, 1.75] },
    deltaClip: 0.75,
  }));
  const { defects, measuredRule } = (await diagnosisOf(target, "violates"))!;
  return {
    names: defects.map(({ id, title, certain }) => [id ?? title, certain]),
    text: measuredRule!.text,
    marks: measuredRule!.terms.flatMap(({ name, deviates }) => deviates ? [name] : []),
  };
}

Deno.test("a schedule that is cached by the first preparation is told as such", async () => {
  const { names, marks } = await told((settings, { schedule }) => ({ ...settings, schedule }));
  assertEquals(marks, ["schedule"]);
  assertEquals(names, [["The schedule of the first preparation holds for all later ones", true]]);
});

sweep("a delta clip that is cached by the first preparation is told as such", async () => {
  const { names } = await told((settings, { deltaClip }) => ({ ...settings, deltaClip }));
  assertEquals(names, [["The delta clip of the first preparation holds for all later ones", true]]);
});

Deno.test("a box that is cached axis by axis is told as such, and no missing bounds", async () => {
  const cached: { min: number[]; max: number[] } = { min: [], max: [] };
  const { names, marks, text } = await told((settings) => {
    const { min, max } = settings.bounds;
    return {
      ...settings,
      bounds: {
        min: min.map((lo, i) => cached.min[i] ??= lo),
        max: max.map((hi, i) => cached.max[i] ??= hi),
      },
    };
  });
  assertEquals(names, [["The box of the first preparation holds for all later ones", true]]);
  assertEquals(marks, ["limit", "bounds"]);
  assertStringIncludes(text, "±1.000·c·½·(first range)), the first bounds)");
});

sweep("what is cached of the first preparation is named beside a known bug", async () => {
  const { names } = await told(
    (settings, { deltaClip }) => ({ ...settings, deltaClip }),
    samplerWith({ drift: "gt" }),
  );
  assertEquals(names.map(([title]) => title), [
    "half-missing",
    "The delta clip of the first preparation holds for all later ones",
  ]);
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/defects.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";

const schedule = "(init - final) * (1 - k / (N - 1)) ^ power + final";
const bySign = "where(gt, gt / 2, gt)", floored = `max(0.01, ${schedule})`;

/** Each with the part of the boxes, shapes and settings in which it is wrong. */
const partly: readonly (readonly [title: RegExp, whole: Change, part: Change])[] = [
  [
    /^The drift is 0\.5 times the gradient where that is positive/,
    { drift: bySign },
    { drift: `where(hi - lo - 2, ${bySign}, gt / 2)` },
  ],
  [
    /^The step size is never below 0\.01/,
    { polynomial: floored },
    { polynomial: `where(N - 4.5, ${floored}, ${schedule})` },
  ],
];

for (const [title, whole, part] of fewOf(partly, 1)) {
  Deno.test(`a name is certain if it holds in other boxes, shapes and settings, too: ${title}`, async () => {
    const diagnosed = async (change: Change) =>
      (await diagnosisOf(observe(samplerWith(change)), "violates"))!;
    const { defects, unexplained } = await diagnosed(whole);
    assertEquals([defects.map(({ certain }) => certain), unexplained], [[true], undefined]);
    assertMatch(defects[0]!.title, title);
    const others = (await diagnosed(part)).defects;
    assert(others.every(({ certain }) => !certain), others[0]?.title);
  });
}

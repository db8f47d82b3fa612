import { assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { samplerWith } from "../../defects/change.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { diagnose } from "../diagnose.ts";
import { decaying, roundedSchedules, steppedSchedules } from "./other_schedules.ts";

Deno.test("step sizes that stay, decay at intervals or are rounded are told as such", async () => {
  const cases = [decaying(0.7, 3), ...steppedSchedules, ...roundedSchedules.slice(4)];
  for (const { title, change } of fewOf(cases, 1)) {
    const sampler = samplerWith(change);
    const { defects } = await diagnose(observe(sampler));
    assertEquals(defects.map((found) => [found.title, found.certain]), [[title, true]]);
  }
});

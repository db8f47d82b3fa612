import { assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { sizeWhereMeasured } from "./measured_noise.ts";

const right = ruleSampler(undefined, { noise: "own" });

/** Twice the noise in batches whose first row has a large energy. */
const doubled: Sampler = {
  ...right,
  prepare: (settings) => (call) => {
    const [first] = call.network.outputs(call.initial);
    const noiseScale = settings.noiseScale * (first! > 1 ? 2 : 1);
    return right.prepare({ ...settings, noiseScale })(call);
  },
};

Deno.test("noise that no clause shows is violated where it was measured, and right noise is not", async () => {
  const plan = { seed: 1, profile: "quick", falseAlarm: 1e-6 } as const;
  for (const id of ["noise/scale", "noise/every-step"]) {
    assertEquals(await sizeWhereMeasured(observe(right), id, plan), null);
    const found = await sizeWhereMeasured(observe(doubled), id, plan);
    assertEquals([found?.id, found?.verdict], [id, "violated"]);
    assertMatch(found!.counterexample!.message, /root mean square of [12]\.\d+ instead of 1/);
  }
});

import { assert, assertEquals } from "@std/assert";
import { readTrace } from "../../../golden/read.ts";
import { followsRule, replaySpec, replayTarget } from "../../../golden/replay.ts";
import { writeTrace } from "../../../golden/write.ts";
import { observe } from "../../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../../spec/rule.ts";
import { recordTraces } from "./record.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { reference } from "../../reference.ts";

for (
  const [name, sampler] of fewOf(
    [
      ["a float64 port of an energy", ruleSampler(officialRule, { networkReturns: "energy" })],
      ["the reference", reference],
    ] as const,
    1,
  )
) {
  Deno.test(`traces recorded of ${name} are read back, follow the rule and are replayed`, async () => {
    const target = observe(sampler);
    const { traces, skipped } = await recordTraces(target);
    assertEquals([traces.length, skipped.length], [50, 0]);
    for (const trace of traces) {
      const read = readTrace(writeTrace(trace), trace.id);
      assertEquals(read.deviation, undefined, read.id);
      assert(followsRule(replaySpec(read)), read.id);
      if (read.id.endsWith("1d")) {
        assertEquals((await replayTarget(read, target)).verdict, "agrees");
      }
    }
  });
}

Deno.test("problems that need a lacking feature are skipped and named", async () => {
  const target = observe(ruleSampler(officialRule, { unsupported: ["grad-clip", "apply-exp"] }));
  const { traces, skipped } = await recordTraces(target);
  assertEquals(traces.length + skipped.length, 50);
  assert(skipped.some(({ id, reason }) => id === "apply-exp" && reason === "it lacks apply-exp"));
});

Deno.test("traces of a sampler that breaks the rule say where", async () => {
  const target = observe(ruleSampler({ ...officialRule, limit: "c" }));
  const { traces } = await recordTraces(target);
  const deviating = traces.filter((trace) => trace.deviation !== undefined);
  assert(deviating.length > 0 && deviating.length < traces.length);
  assert(deviating[0]!.deviation!.startsWith("the action of step"));
});

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import type { Rows } from "../../../spec/problem.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { type Call, type Sampler, TargetFault } from "../../../spec/sampler.ts";
import { samplerWith } from "../../defects/defects.ts";
import { isWhole } from "../../fixtures/sweep.ts";
import { judgeByProbes } from "./final_actions.ts";

/** A sampler of which final actions alone are seen, with what stands between it and its calls. */
function hidden(before: (call: Call) => Call, inner: Sampler = ruleSampler()) {
  return observe({
    ...inner,
    reveals: "final-actions",
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call) => sample(before(call));
    },
  });
}

const drawing = (change: (draws: Rows, last: Rows | undefined) => Rows) =>
  hidden((call) => {
    let last: Rows | undefined;
    const draw = () => (last = change(call.noise.draw(), last)).map((row) => [...row]);
    return { ...call, noise: { ...call.noise, draw } };
  });

const brokenBy = async (target: ReturnType<typeof hidden>) =>
  (await judgeByProbes(target, target.unsupported))
    .flatMap(({ clause, because }) => because === null ? [] : [clause]);

Deno.test("draws that follow one another break a clause on the noise, not the whole step", async () => {
  const along = drawing((draws, last) =>
    draws.map((row, r) => row.map((z, i) => last ? 0.6 * last[r]![i]! + 0.8 * z : z))
  );
  assertEquals(await brokenBy(along), ["noise/own-draw"]);
  if (!isWhole) return;
  const inPairs = drawing((draws) =>
    draws.map((row, r) => r % 2 ? draws[r - 1]!.map((z) => -z) : row)
  );
  const larger = drawing((draws) => draws.map((row) => row.map((z) => 1.1 * z)));
  assertEquals(await brokenBy(inPairs), ["noise/own-draw"]);
  assertEquals(await brokenBy(larger), ["noise/scale"]);
});

Deno.test("a size of noise of its own breaks the clause on that, unless the drift is wrong as well", async () => {
  const loud = (drift: string) =>
    hidden((call) => call, samplerWith({ drift, noise: "1.25 * sigma * xi" }, { noise: "own" }));
  assertEquals(await brokenBy(loud("gt / 2")), ["noise/scale"]);
  assertEquals(await brokenBy(loud("0.7 * gt")), ["step/exact"]);
});

const failing = (call: Call): Call => {
  if (call.axes > 4) throw new Error("too many axes");
  return call;
};

Deno.test("a noise scale that is cut off at 1 breaks the clause on the noise scale", async () => {
  const cut = samplerWith({ noise: "min(sigma, 1) * xi" });
  assertEquals(await brokenBy(hidden((call) => call, cut)), ["noise/scale"]);
});

Deno.test("a failure on some probes is a failure of the target and no broken clause", async () => {
  const fault = await assertRejects(() => brokenBy(hidden(failing)), TargetFault);
  assertMatch(fault.found, /too many axes/);
});

Deno.test("a known bug is named beside failures on some probes", async () => {
  const target = hidden(failing, samplerWith({ drift: "gt" }));
  assertEquals(await brokenBy(target), ["drift/half"]);
});

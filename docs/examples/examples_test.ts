import { assert, assertEquals } from "@std/assert";
import { judge, observe, type Sampler } from "ulaspec";
import { tracesOfTheRule } from "../../src/run/traces/official_traces.ts";
import { fewOf, isWhole, lightClauses, lightRun, sweep } from "../../src/fixtures/sweep.ts";
import logitsPort from "./logits_port.ts";
import plainArrays from "./plain_arrays.ts";
import ulaSamplerAfter from "./ula_sampler_after.ts";
import ulaSamplerBefore from "./ula_sampler_before.ts";

/** The quick run judges tensors, which are slow, by two clauses. */
const part = isWhole ? {} : {
  clauses: ["delta-clip/limits-step", "golden/traces"],
  golden: fewOf(await tracesOfTheRule(), 5),
};

const violated = async (sampler: Sampler) => {
  const report = await judge(
    observe(sampler),
    isWhole ? { golden: [], diagnosis: "none" } : lightRun,
  );
  return report.clauses.filter((clause) => clause.verdict === "violated").map((c) => c.id);
};

Deno.test("the port without a delta clip violates exactly the delta clip", async () => {
  assertEquals(await violated(ulaSamplerBefore), ["delta-clip/limits-step"]);
});

Deno.test("the port with the delta clip put in conforms and reproduces the official traces", async () => {
  const report = await judge(observe(ulaSamplerAfter), { profile: "quick", ...part });
  assertEquals(report.verdict, "conforms");
  assert(report.golden.replayed > (isWhole ? 40 : 3));
  assertEquals(report.golden.agreed, report.golden.replayed);
});

sweep("the logits port conforms, though it adds its noise, and says so", async () => {
  const report = await judge(observe(logitsPort), { profile: "quick", ...part });
  assertEquals(report.verdict, "conforms");
  assertEquals(report.remarks.length, 1);
  assert(report.remarks[0]!.includes("turns the sign of its draws"));
});

Deno.test("the plain-array port conforms on every clause", async () => {
  const report = await judge(observe(plainArrays), {
    profile: "quick",
    diagnosis: "none",
    ...(isWhole ? {} : { clauses: [...lightClauses, "golden/traces"] }),
  });
  // The law of draws that the suite supplies is not the port's.
  const open = report.clauses.filter((clause) => clause.verdict !== "holds");
  assertEquals(open.map((clause) => clause.id), [
    "noise/standard-normal",
    "noise/independent",
    "noise/fresh-each-call",
    "noise/not-redrawn",
  ]);
  assertEquals(report.golden.agreed, 49);
});

Deno.test("a sampler of your own is plugged in with at most ten lines", async () => {
  const files = ["ula_sampler_after", "logits_port", "plain_arrays"];
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(`./${file}.ts`, import.meta.url));
    const plug = text.slice(text.indexOf("export default {"));
    assert(plug.trim().split("\n").length <= 10, file);
  }
});

import { assert, assertEquals } from "@std/assert";
import { officialTraces } from "../../../golden/load.ts";
import { replayTarget } from "../../../golden/replay.ts";
import { observe } from "../../../spec/observe.ts";
import { samplerWith } from "../../defects/defects.ts";
import { judge } from "../judge.ts";

Deno.test("the worst trace of a report is the one that is farthest from the rule", async () => {
  const traces = await officialTraces();
  const chosen = ["one-step", "steep-1e6", "two-steps", "default-quadratic-2d", "noise-off"]
    .map((id) => traces.find((trace) => trace.id === id)!);
  const target = observe(samplerWith({ precision: "float32" }));
  const report = await judge(target, {
    clauses: ["golden/traces"],
    profile: "quick",
    diagnosis: "none",
    golden: chosen,
  });
  const distances = new Map<string, number>();
  for (const trace of chosen) {
    distances.set(trace.id, (await replayTarget(trace, target)).worst!.distance);
  }
  const most = Math.max(...distances.values());
  assert(Math.min(...distances.values()) < most);
  assertEquals(report.golden.replayed, chosen.length);
  assertEquals(distances.get(report.golden.worst!.trace), most);
  assertEquals(Number(report.golden.worst!.distance), most);
});

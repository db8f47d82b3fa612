import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { defectOf, samplerWith } from "../../defects/defects.ts";
import { pretty } from "../../report/pretty.ts";
import { sweep } from "../../fixtures/sweep.ts";
import type { Report } from "../../report/report.ts";
import type { Accepted } from "./accepted.ts";
import { judge } from "../judge.ts";

const why = "we mean it";

/** Clauses that build on the accepted ones, and some that do not. */
const building = ["drift/half", "delta-clip/per-axis", "step/exact", "golden/traces"];

function judged(ids: readonly string[], accepted: Accepted, given = {}): Promise<Report> {
  const change = Object.assign({}, ...ids.map((id) => defectOf(id)!.change));
  const clauses = [...Object.keys(accepted), ...building];
  return judge(observe(samplerWith(change)), { profile: "quick", accepted, clauses, ...given });
}

const verdictOn = ({ clauses }: Report, id: string) => clauses.find((c) => c.id === id)?.verdict;
const firstLine = (report: Report) => pretty(report, { color: false, width: 400 }).split("\n")[0]!;

Deno.test("what builds on an accepted deviation is judged by the rule with it, but for the traces", async () => {
  const report = await judged(["delta-clip-unscaled"], { "delta-clip/scaled-by-range": why });
  assertEquals(report.verdict, "incomplete", firstLine(report));
  assertEquals(verdictOn(report, "delta-clip/scaled-by-range"), "accepted");
  assertEquals(verdictOn(report, "step/exact"), "holds");
  assertEquals(report.incomplete?.clauses, ["golden/traces"]);
  assertStringIncludes(firstLine(report), "with 1 accepted deviation: golden/traces could not");
  assertStringIncludes(report.remarks.join(), "judged by the rule with them");
});

Deno.test("a run conforms with its deviations once what cannot be judged is accepted by name", async () => {
  const accepted = { "delta-clip/limits-step": why, "golden/traces": "they need the clip" };
  const report = await judged(["delta-clip-missing"], accepted);
  assertEquals(report.verdict, "conforms", firstLine(report));
  assertStringIncludes(firstLine(report), "conforms, with 2 accepted deviations");
  assertEquals(verdictOn(report, "delta-clip/per-axis"), "not binding");
  assertEquals(verdictOn(report, "step/exact"), "holds");
  assert(report.diagnosis?.defects.some(({ id }) => id === "delta-clip-missing"));
});

Deno.test("a deviation that no formula says leaves open what builds on it", async () => {
  const report = await judged(["momentum"], { "drift/no-memory": why }, { diagnosis: "none" });
  assertEquals(report.verdict, "incomplete", firstLine(report));
  assertStringIncludes(report.incomplete!.reason, "an accepted deviation, and stay open unless");
});

Deno.test("a gradient clip of 0 that is accepted as none leaves the traces alone open", async () => {
  const report = await judged(["grad-clip-zero-is-none"], { "grad-clip/zero": why });
  assertEquals(report.incomplete?.clauses, ["golden/traces"], firstLine(report));
});

Deno.test("every name that a file of accepted deviations still lacks is told at once", async () => {
  const accepted = { "drift/no-memory": why }, given = { diagnosis: "none" };
  const { incomplete } = await judged(["momentum"], accepted, given);
  for (const id of incomplete!.clauses) assertStringIncludes(incomplete!.reason, id);
  const named = Object.fromEntries(incomplete!.clauses.map((id) => [id, why]));
  const again = await judged(["momentum"], { ...accepted, ...named }, given);
  assertEquals(again.verdict, "conforms", firstLine(again));
});

sweep(
  "another fault beside an accepted one is found, and another part that deviates counts",
  async () => {
    const accepted = { "delta-clip/limits-step": why, "golden/traces": why };
    const report = await judged(["delta-clip-missing", "half-missing"], accepted);
    assertEquals([report.verdict, verdictOn(report, "drift/half")], ["violates", "violated"]);
    assertStringIncludes(firstLine(report), "with 1 accepted deviation");
  },
);

sweep("an entry that nothing needs leaves a run incomplete, and a group is an entry", async () => {
  const accepted = { "delta-clip": why, "golden": why, "drift/half": "long ago" };
  const report = await judged(["delta-clip-missing"], accepted);
  assertEquals(report.verdict, "incomplete");
  assertStringIncludes(
    report.incomplete!.reason,
    "drift/half is accepted as a deviation but isn't violated",
  );
  assert(!report.incomplete!.reason.includes("delta-clip is"));
});

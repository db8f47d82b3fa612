import { assertEquals, assertMatch } from "@std/assert";
import { officialRule, ruleSampler } from "../../../spec/rule.ts";
import { observe } from "../../../spec/observe.ts";
import { type ClauseId, clauses } from "../../../properties/clauses.ts";
import { ruleWith } from "../../defects/change.ts";
import { defectOf, ruleOf } from "../../defects/defects.ts";
import type { Report } from "../../report/report.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { judge } from "../judge.ts";

const quick = { profile: "quick", diagnosis: "none", golden: [] } as const;

function ids({ clauses }: Report, wanted: string): string[] {
  return clauses.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
}

const judged = (id: string) => judge(observe(ruleSampler(ruleOf(defectOf(id)!))), quick);

Deno.test("a drift without its half leaves all clauses to be judged but those on the energy", async () => {
  const report = await judged("half-missing");
  assertEquals(ids(report, "violated"), ["drift/half"]);
  assertEquals(
    ids(report, "not judged").filter((id) => id !== "golden/traces"),
    ["energy/sure-descent", "energy/expected-descent"],
  );
  assertMatch(report.remarks.join(" "), /were judged with the drift that was found, gt/);
});

Deno.test("a drift of the wrong sign leaves all clauses to be judged but those on its size and the energy", async () => {
  const report = await judged("gradient-sign");
  assertEquals(ids(report, "violated"), ["drift/descends"]);
  assertEquals(
    ids(report, "not judged").filter((id) => id !== "golden/traces"),
    ["drift/half", "energy/sure-descent", "energy/expected-descent"],
  );
  const limited = { ...officialRule, drift: "-gt", limit: "c * (hi - lo)" };
  const other = await judge(observe(ruleSampler(limited)), quick);
  assertEquals(ids(other, "violated"), ["drift/descends", "delta-clip/limits-step"]);
});

Deno.test("a schedule of a known formula leaves all clauses to be judged but those on it, the whole step and the energy", async () => {
  const report = await judged("schedule-exponential");
  assertEquals(ids(report, "violated"), ["schedule/constant"]);
  const left = ids(report, "not judged").filter((id) => !/^(schedule|energy|golden)/.test(id));
  assertEquals(left, ["step/exact"]);
  const limited = ruleWith({ polynomial: "init * 0.5 ^ k", limit: "c * (hi - lo)" });
  const other = await judge(observe(ruleSampler(limited)), quick);
  assertEquals(ids(other, "violated"), ["schedule/constant", "delta-clip/limits-step"]);
});

Deno.test("a schedule of no known formula leaves first steps alone, whose size is right", async () => {
  const report = await judge(
    observe(ruleSampler(ruleWith({ polynomial: "init / (1 + 3 * k)" }))),
    quick,
  );
  assertEquals(ids(report, "violated"), ["schedule/constant"]);
  assertMatch(report.remarks.join(" "), /on first steps/);
  assertEquals(ids(report, "holds").includes("delta-clip/scaled-by-range"), true);
});

Deno.test("another fault beside the missing half is found too", async () => {
  const limited = { ...officialRule, drift: "gt", limit: "c * (hi - lo)" };
  const report = await judge(observe(ruleSampler(limited)), quick);
  assertEquals(ids(report, "violated"), ["drift/half", "delta-clip/limits-step"]);
  const clipped = { ...officialRule, drift: "gt", gradClip: "min(max(g, -2 * gamma), 2 * gamma)" };
  const other = await judge(observe(ruleSampler(clipped)), quick);
  assertEquals(ids(other, "violated"), ["drift/half", "grad-clip/limits"]);
});

Deno.test("a factor that goes with the box, or with the gradient, is no drift to go on with", async () => {
  for (const id of ["gradient-times-range", "gradient-normalised", "drift-missing"]) {
    const report = await judged(id);
    assertEquals([ids(report, "violated"), report.remarks], [["drift/half"], []], id);
  }
});

Deno.test("a factor that goes with the delta clip, or with the number of steps, is none either", async () => {
  for (const drift of ["where(c - 1.5, gt, gt / 2)", "where(N - 6, gt / 2, gt)"]) {
    const report = await judge(observe(ruleSampler(ruleWith({ drift }))), quick);
    assertEquals([ids(report, "violated"), report.remarks], [["drift/half"], []], drift);
  }
});

const partly: Readonly<Record<string, RegExp>> = {
  "momentum": /on first steps/,
  "gradient-accumulates-over-steps": /on first steps/,
  "returns-best": /on the steps before the last/,
  "returns-sorted": /on the steps before the last/,
  "returns-mean": /on the steps before the last/,
};

for (const [id, words] of fewOf(Object.entries(partly), 2)) {
  Deno.test(`a fault leaves some steps alone, on which clips and walls are judged: ${id}`, async () => {
    const report = await judged(id), holding = ids(report, "holds");
    assertEquals(ids(report, "violated"), [defectOf(id)!.clause]);
    const wanted: ClauseId[] = [
      "drift/own-axis",
      "grad-clip/limits",
      "bounds/on-the-wall",
      "delta-clip/elementwise",
      "noise/own-draw",
    ];
    assertEquals(wanted.filter((clause) => !holding.includes(clause)), []);
    assertMatch(report.remarks.join(" "), words);
  });
}

Deno.test("clauses say what they do without only where they build on it", () => {
  for (const { id, partlyWithout = [], problems } of clauses) {
    if (partlyWithout.length > 0) assertEquals(problems !== undefined, true, id);
  }
});

Deno.test("a drift that is wrong without noise alone accuses no step with noise", async () => {
  const report = await judge(
    observe(ruleSampler(ruleWith({ drift: "where(sigma, gt / 2, gt)" }))),
    quick,
  );
  assertEquals(ids(report, "violated"), ["drift/half"]);
});

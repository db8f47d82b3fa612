import { assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { defectOf } from "../../defects/defects.ts";
import type { NamedDefectReport, Report } from "../../report/report.ts";
import { judge } from "../judge.ts";
import { withoutRefuted } from "./refuted.ts";

const target = observe(ruleSampler());

/** Which of these is certain still, beside what a run of the rule itself found. */
async function certain(
  named: readonly Omit<NamedDefectReport, "title" | "fix" | "certain">[],
  found: Pick<Report, "clauses" | "golden">,
): Promise<boolean[]> {
  const defects = named.map((defect) => ({ ...defect, title: "", fix: "", certain: true }));
  const told = await withoutRefuted({ view: "points", defects }, found, target);
  return told.defects.map((defect) => defect.certain);
}

Deno.test("no name is certain whose clause holds, or that official traces refute", async () => {
  const { clauses, golden } = await judge(target, {
    profile: "quick",
    clauses: ["drift/half", "golden/traces"],
    diagnosis: "none",
  });
  const half = { id: "half-missing", change: { ...defectOf("half-missing")!.change } };
  const limit = { id: null, change: { limit: "c * (hi - lo)" } };
  const seldom = { id: null, change: { limit: "where(N - 1000, 1, c / 2) * (hi - lo)" } };
  assertEquals(await certain([half, limit, seldom], { clauses, golden }), [false, false, true]);
  const nothing = { clauses: [], golden: { ...golden, agreed: 0 } };
  assertEquals(await certain([half, limit, seldom], nothing), [true, true, true]);
  const { id } = half;
  assertEquals(await certain([{ id }], { clauses: [], golden }), [true]);
});

import { assert, assertEquals } from "@std/assert";
import { problemOf } from "../../../properties/arbitraries.ts";
import { type ClauseId, clauseOf } from "../../../properties/clauses.ts";
import { plainFinding } from "../../../properties/finding.ts";
import type { NoiseVerdict } from "../../../properties/noise_law.ts";
import type { ClauseReport } from "../../report/report.ts";
import { calmSettings } from "../../../properties/arbitraries.ts";
import {
  type Clause,
  clauseReport,
  judgedByNoise,
  type Known,
  leftReport,
  type Outcome,
  reported,
  verdictOf,
  type Verdicts,
  whyLeft,
  withUnreached,
} from "./verdicts.ts";

const taped: Known = {
  unsupported: new Set(),
  hidden: false,
  randomAtZero: null,
  noise: "tape",
};
const own: Known = { ...taped, unsupported: new Set(["noise-tape"]), noise: "own" };
const final: Known = { ...taped, hidden: true };

const problem = problemOf({ energy: "a1", settings: calmSettings(1), initial: [[0], [1]] });
const finding = plainFinding(problem, "Two is not three", {
  expected: 3,
  actual: 2,
  tolerance: 0.5,
});

function clause(id: ClauseId): Clause {
  return clauseOf(id)!;
}

/** Verdicts as a run would have them: some clauses hold, others are violated. */
function verdicts(...given: (readonly [ClauseId, Outcome])[]): Verdicts {
  return new Map(given.map(([id, outcome]) => [id, clauseReport(clause(id), outcome)]));
}

const holds: Outcome = { kind: "problems", found: null, cases: 4, comparisons: 9, lost: null };
const broken: Outcome = {
  ...holds,
  found: { finding, points: [[[0], [1]], [[2], [3]]], path: "3:1" },
};

Deno.test("a clause whose foundations hold is judged", () => {
  const before = verdicts(["steps/count", holds]);
  assertEquals(whyLeft(clause("steps/precision"), taped, before), null);
});

Deno.test("a clause that builds on a violated one is left, and the reason names that one", () => {
  const before = verdicts(["steps/count", broken]);
  assertEquals(whyLeft(clause("steps/precision"), taped, before), {
    verdict: "not judged",
    because: { kind: "foundation", clause: "steps/count" },
  });
});

Deno.test("a clause that builds on one that was left is left for the same reason", () => {
  const left = leftReport(clause("steps/precision"), {
    verdict: "not judged",
    because: { kind: "foundation", clause: "steps/count" },
  });
  const before: Verdicts = new Map([[left.id, left]]);
  assertEquals(whyLeft(clause("drift/half"), taped, before)?.because, left.because);
});

Deno.test("a clause about a feature that the sampler lacks is unsupported, whatever else", () => {
  const known: Known = { ...taped, unsupported: new Set(["grad-clip"]) };
  assertEquals(whyLeft(clause("grad-clip/limits"), known, verdicts(["steps/count", broken])), {
    verdict: "unsupported",
    because: { kind: "lacks", feature: "grad-clip" },
  });
});

Deno.test("the law of draws that the suite supplies is not this sampler's", () => {
  const left = whyLeft(clause("noise/standard-normal"), taped, new Map());
  assertEquals(left?.because, { kind: "suite's draws" });
  assertEquals(judgedByNoise(clause("noise/standard-normal"), taped), undefined);
});

Deno.test("the noise of a sampler's own is tested, and counts as a tape where it can take one", () => {
  const scale = clause("noise/scale"), law = clause("noise/standard-normal");
  assert(judgedByNoise(scale, own) !== undefined);
  assertEquals(whyLeft(scale, own, new Map()), null);
  const both: Known = { ...taped, noise: "both" };
  assertEquals(judgedByNoise(scale, both), undefined);
  assert(judgedByNoise(law, both) !== undefined);
});

Deno.test("noise that stays on at the noise scale 0 breaks one clause, and leaves all others", () => {
  const known: Known = { ...own, randomAtZero: { clause: "noise/scale", finding } };
  assertEquals(whyLeft(clause("noise/scale"), known, new Map()), null);
  assertEquals(whyLeft(clause("steps/count"), known, new Map())?.because, {
    kind: "noise stays on",
    clause: "noise/scale",
  });
  const report = clauseReport(clause("noise/scale"), { kind: "first call", finding });
  assertEquals([report.verdict, report.cases, report.comparisons], ["violated", 2, 2]);
});

Deno.test("of a sampler that hides its steps only clauses about its own noise are judged", () => {
  const hidden = whyLeft(clause("drift/half"), final, new Map());
  assertEquals(hidden?.because, { kind: "hidden steps" });
  const ownFinal: Known = { ...own, hidden: true };
  assertEquals(whyLeft(clause("noise/scale"), ownFinal, new Map()), null);
});

Deno.test("what the probes break leaves every other clause", () => {
  const probes = (because: Extract<Outcome, { kind: "probes" }>["because"]): Outcome => ({
    kind: "probes",
    because,
    cases: 7,
    comparisons: 70,
  });
  const before = verdicts([
    "delta-clip/per-axis",
    probes({ kind: "bug on the probes", title: "x" }),
  ]);
  const report = before.get("delta-clip/per-axis")!;
  assertEquals([report.verdict, report.cases], ["violated", 7]);
  assert(report.reason!.length > 0);
  const ownFinal: Known = { ...own, hidden: true };
  assertEquals(whyLeft(clause("noise/scale"), ownFinal, before)?.because, {
    kind: "foundation",
    clause: "delta-clip/per-axis",
  });
  assertEquals(clauseReport(clause("step/exact"), probes(null)).verdict, "holds");
});

Deno.test("a violation carries its problem, its path and the command that replays it", () => {
  const command = (id: string, path: string | null) => `again ${id} ${path}`;
  const report = clauseReport(clause("drift/half"), broken, { replayCommand: command });
  assertEquals(report.verdict, "violated");
  assertEquals(report.replay, "again drift/half 3:1");
  assertEquals(report.counterexample?.distance, 2);
  assertEquals(report.reason, undefined);
});

Deno.test("a violation of the noise says so if draws are not taken one a step", () => {
  const beside = { otherDraws: { draws: 6, steps: 3 } };
  const messageOf = (id: ClauseId) =>
    clauseReport(clause(id), broken, beside).counterexample!.message;
  assert(messageOf("noise/scale").length > finding.message.length);
  assertEquals(messageOf("drift/half"), finding.message);
});

Deno.test("a clause without anything to compare is not judged", () => {
  const report = clauseReport(clause("drift/half"), { ...holds, comparisons: 0 });
  assertEquals(report.verdict, "not judged");
  assertEquals(report.because, { kind: "nothing compared" });
  assertEquals(report.cases, 4);
});

const statistics: NoiseVerdict["statistics"] = {
  level: 1e-7,
  draws: 100,
  smallestEffect: "much",
  pValue: 0.5,
  test: "variance",
  shape: null,
};

Deno.test("tests of the noise count the calls of every stage; without draws there is no verdict", () => {
  const outcome = (draws: number): Outcome => ({
    kind: "noise",
    verdict: { finding: null, stages: 2, statistics: { ...statistics, draws } },
    calls: 2,
    comparisons: draws,
    remarks: [],
  });
  const report = clauseReport(clause("noise/fresh-each-call"), outcome(100));
  assertEquals([report.verdict, report.cases, report.statistics?.draws], ["holds", 4, 100]);
  const silent = clauseReport(clause("noise/fresh-each-call"), outcome(0));
  assertEquals([silent.verdict, silent.statistics], ["not judged", undefined]);
});

Deno.test("traces of which the target can run none leave their clause without a verdict", () => {
  const none: Outcome = {
    kind: "traces",
    traces: 2,
    ran: [],
    lacking: ["grad-clip"],
    wrong: null,
    aside: [],
  };
  const traces = clause("golden/traces");
  assertEquals(clauseReport(traces, none).because, {
    kind: "no trace runs",
    features: ["grad-clip"],
  });
  assertEquals(clauseReport(traces, { ...none, traces: 0 }).because, { kind: "no traces" });
  const ran = [{ trace: "t", verdict: "agrees", comparisons: 5, worst: null }] as const;
  assertEquals(clauseReport(traces, { ...none, ran }).verdict, "holds");
  assertEquals(clauseReport(traces, { ...none, ran, wrong: finding }).verdict, "violated");
});

Deno.test("clauses are reported that were asked for, and the violated one that blocks them", () => {
  const blocked = leftReport(clause("drift/half"), {
    verdict: "not judged",
    because: { kind: "foundation", clause: "steps/count" },
  });
  const all: Verdicts = new Map([
    ...verdicts(["steps/count", broken], ["start/caller-unchanged", broken]),
    [blocked.id, blocked],
  ]);
  const ids = (reports: readonly ClauseReport[]) => reports.map(({ id }) => id);
  assertEquals(ids(reported(all, new Set(["drift/half"]))), ["steps/count", "drift/half"]);
});

const reports = (...given: (readonly [ClauseId, Outcome])[]) => [...verdicts(...given).values()];
const silent: Outcome = { ...holds, comparisons: 0 };

Deno.test("a run conforms if every clause that binds the target holds", () => {
  const free = leftReport(clause("noise/independent"), {
    verdict: "not binding",
    because: { kind: "suite's draws" },
  });
  const lacking = leftReport(clause("grad-clip/limits"), {
    verdict: "unsupported",
    because: { kind: "lacks", feature: "grad-clip" },
  });
  assertEquals(verdictOf([...reports(["steps/count", holds]), free, lacking]), {
    verdict: "conforms",
  });
});

Deno.test("one violation decides, whatever was not judged", () => {
  const all = reports(["steps/count", holds], ["drift/half", broken], ["bounds/within", silent]);
  assertEquals(verdictOf(all), { verdict: "violates" });
});

Deno.test("a run in which nothing holds did not take place", () => {
  assertEquals(verdictOf(reports(["steps/count", silent])).verdict, "not run");
  assertEquals(verdictOf([]).verdict, "not run");
});

Deno.test("a run is incomplete, and says why, if a clause that binds was not judged", () => {
  const all = reports(["steps/count", holds], ["drift/half", silent], ["drift/own-row", silent]);
  const { verdict, incomplete } = verdictOf(all);
  assertEquals([verdict, incomplete?.clauses], ["incomplete", ["drift/half", "drift/own-row"]]);
  assertEquals(
    incomplete?.reason,
    "drift/half and 1 other clause could not be judged, because there was nothing to compare on " +
      "any problem that was tried",
  );
});

Deno.test("a run is incomplete if a measured term deviates while every clause holds", () => {
  const drift = { name: "drift", text: "0.6 g", wanted: "½ g", deviates: true } as const;
  const terms = [drift, { ...drift, name: "noise" as const, deviates: false }];
  const measuredRule = { text: "", schedule: "", terms };
  const diagnosis = { view: "points" as const, defects: [], measuredRule };
  const { verdict, incomplete } = verdictOf(reports(["steps/count", holds]), diagnosis);
  assertEquals([verdict, incomplete?.terms], ["incomplete", ["drift"]]);
  assert(incomplete?.reason.endsWith("in the drift 0.6 g was measured where the rule has ½ g"));
});

Deno.test("the whole step covers clauses about steps that are not seen, if it was judged", () => {
  const unseen = leftReport(clause("drift/half"), {
    verdict: "not judged",
    because: { kind: "hidden steps" },
  });
  const law = reports(["noise/scale", holds]);
  assertEquals(verdictOf([...law, unseen]).verdict, "incomplete");
  assertEquals(verdictOf([...law, unseen, ...reports(["step/exact", holds])]).verdict, "conforms");
});

Deno.test("nothing to compare is no gap where a foundation is about a feature that is lacking", () => {
  const lacking = leftReport(clause("apply-exp/gradient"), {
    verdict: "unsupported",
    because: { kind: "lacks", feature: "apply-exp" },
  });
  const before: Verdicts = new Map([[lacking.id, lacking]]);
  const { verdict, because } = clauseReport(clause("chain/outputs-exp"), silent, { before });
  assertEquals([verdict, because], ["unsupported", lacking.because]);
});

Deno.test("clauses that a run did not come to are not judged, because it ended", () => {
  const all = withUnreached(
    verdicts(["steps/count", broken]),
    new Set(["steps/count", "drift/half"]),
  );
  assertEquals([...all.values()].map(({ id, verdict, because }) => [id, verdict, because?.kind]), [
    ["steps/count", "violated", undefined],
    ["drift/half", "not judged", "run ended"],
  ]);
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { officialTraces } from "../../golden/load.ts";
import { ruleSampler } from "../../spec/rule.ts";
import type { Settings } from "../../spec/problem.ts";
import { observe } from "../../spec/observe.ts";
import { type FaultKind, type Target, TargetFault } from "../../spec/sampler.ts";
import { defectOf, ruleOf } from "../defects/defects.ts";
import { dies, dying } from "../fixtures/dying_port.ts";
import { json } from "../report/json.ts";
import { exitCodes, type Report } from "../report/report.ts";
import { reportSchema } from "../report/schema.ts";
import { lightRun, sweep } from "../fixtures/sweep.ts";
import { judge, judgeWithin } from "./judge.ts";
import { answered, replayAll } from "./traces/official_traces.ts";
import { supervise } from "./supervise.ts";

function requireKept(report: Report, found: string): void {
  assertEquals(report.verdict, "violates");
  assertEquals(exitCodes[report.verdict], 1);
  const verdicts = new Map<string, string>(report.clauses.map(({ id, verdict }) => [id, verdict]));
  assertEquals(verdicts.get("start/caller-unchanged"), "violated");
  assertEquals(verdicts.get("steps/count"), "holds");
  assert(report.remarks.some((remark) => remark.includes(found)), report.remarks.join("\n"));
  assert(report.clauses.every(({ verdict, reason }) => verdict !== "not judged" || reason));
  reportSchema.parse(JSON.parse(json(report)));
}

Deno.test("what was found stays found if the sampler throws later", async () => {
  const throwing = dying(() => {
    throw new Error("lost the weights");
  });
  const report = await judge(observe(throwing), lightRun);
  requireKept(report, "lost the weights");
  const exponential = report.clauses.find(({ id }) => id === "schedule/exponential");
  assertEquals(exponential?.because?.kind, "target failed");
  const judged = report.clauses.filter(({ because }) => because?.kind !== "target failed");
  assert(judged.every(({ because }) => because?.kind !== "run ended"));
  assert(judged.length > 40, `${judged.length}`);
});

/** A port that follows the rule, and fails where a problem is of some kind. */
function failing(where: (settings: Settings) => boolean, kind: FaultKind): Target {
  const right = observe(ruleSampler());
  return {
    ...right,
    prepare: (settings) => {
      if (!where(settings)) return right.prepare(settings);
      throw new TargetFault(kind, "a failure", "an answer");
    },
  };
}

for (const kind of ["throws", "time-out"] as const) {
  Deno.test(`a failure costs the clause in which it happens, and no other: ${kind}`, async () => {
    const target = failing(({ gradClip }) => gradClip === 0, kind);
    const { verdict, incomplete, clauses, remarks } = await judge(target, lightRun);
    const lost = clauses.filter((clause) => clause.because?.kind === "target failed");
    assertEquals([verdict, lost.map(({ id }) => id)], ["incomplete", ["grad-clip/zero"]]);
    assertEquals(incomplete?.clauses, ["grad-clip/zero"]);
    assert(incomplete?.reason.includes("found a failure, wanted an answer"));
    assert(remarks[0]?.startsWith("The target failed during grad-clip/zero"), remarks[0]);
  });
}

/** Official traces on three axes and on fewer, some of each. */
async function tracesOfThreeAxes() {
  const all = await officialTraces();
  const three = all.filter(({ problem }) => problem.axes === 3);
  assert(three.length > 0);
  return [three[0]!, ...all.filter(({ id }) => id === "two-steps" || id === "noise-off")];
}

Deno.test("a target that fails on an official trace doesn't break it, and says so once", async () => {
  const golden = await tracesOfThreeAxes();
  const target = failing((settings) => settings === golden[0]!.problem.settings, "throws");
  const { verdict, incomplete, clauses, remarks } = await judge(target, {
    ...lightRun,
    clauses: ["steps/count", "golden/traces"],
    golden,
  });
  assertEquals(verdict, "incomplete");
  assert(incomplete?.clauses.includes("golden/traces"), incomplete?.reason);
  assert(clauses.every(({ counterexample }) => counterexample === undefined));
  assertEquals(remarks.filter((remark) => remark.includes("a failure")).length, 1);
});

Deno.test("traces that a target departs from count, though it fails on another one", async () => {
  const traces = await tracesOfThreeAxes();
  const target = failing(({ bounds }) => bounds.min.length === 3, "throws");
  const wrong = observe(ruleSampler(ruleOf(defectOf("half-missing")!)));
  const replays = await replayAll(
    traces,
    {
      ...wrong,
      prepare: (settings) => (settings.bounds.min.length === 3 ? target : wrong).prepare(settings),
    },
    1,
  );
  assertEquals(answered(replays).length, traces.length - 1);
  assertThrows(() => answered(replays.slice(0, 1)), TargetFault, "a failure");
});

Deno.test("a target that fails while its rule is measured is incomplete", async () => {
  let calls = 0, judged = Infinity;
  const right = observe(ruleSampler());
  const report = await judge({
    ...right,
    prepare: (settings) => {
      if (calls++ < judged) return right.prepare(settings);
      throw new TargetFault("exit", "a failure", "an answer");
    },
  }, {
    ...lightRun,
    clauses: ["steps/count"],
    diagnosis: "full",
    onProgress: ({ clause }) => {
      if (clause === null) judged = calls;
    },
  });
  assertEquals(report.verdict, "incomplete");
  assert(report.incomplete?.reason.startsWith("its rule could not be measured"));
});

Deno.test("a process that fails again and again ends the run, with what was found", async () => {
  const target = failing(({ schedule }) => schedule.init !== 0.25, "exit");
  const { verdict, clauses } = await judge(target, lightRun);
  const lost = clauses.filter((clause) => clause.because?.kind === "target failed");
  assertEquals([verdict, lost.length], ["incomplete", 4]);
  assert(clauses.some(({ because }) => because?.kind === "run ended"));
});

Deno.test("what was found stays found if the target's process dies later", async () => {
  const exiting = dying(() => {
    throw new TargetFault("exit", "a process that ended with code 1", "an answer");
  });
  requireKept(await judge(observe(exiting), lightRun), "ended with code 1");
});

Deno.test("what a clause builds on stays found, even if the run does not come to the clause", async () => {
  const wrong = observe(ruleSampler(ruleOf(defectOf("schedule-linear")!)));
  const report = await judge({
    ...wrong,
    prepare: (settings) => {
      if (!dies(settings)) return wrong.prepare(settings);
      throw new TargetFault("exit", "a death", "life");
    },
  }, { ...lightRun, clauses: ["golden/traces"] });
  assertEquals(report.clauses.map(({ id, verdict }) => [id, verdict]), [
    ["schedule/polynomial", "violated"],
    ["golden/traces", "not judged"],
  ]);
});

Deno.test("a target that fails before anything is violated is not run", async () => {
  const { prepare, ...rest } = observe(dying(() => {}));
  let calls = 0;
  const report = await judge({
    ...rest,
    prepare: (settings) => {
      if (calls++ > 5) throw new TargetFault("exit", "a death", "life");
      return prepare(settings);
    },
  }, lightRun);
  assertEquals([report.verdict, report.clauses], ["not run", []]);
});

/** The reports of what was found so far, one for every violation. */
async function foundIn(): Promise<readonly Report[]> {
  const told: Report[] = [];
  await judgeWithin(observe(dying(() => {})), lightRun, { onFound: (report) => told.push(report) });
  return told;
}

Deno.test("every violation is told as it is found, as the report of a run that ends there", async () => {
  const first = (await foundIn())[0]!;
  assertEquals(first.verdict, "violates");
  assert(first.clauses.some(({ because }) => because?.kind === "run ended"));
  reportSchema.parse(JSON.parse(json(first)));
});

Deno.test("what was found stays found if the worker that tells it fails then", async () => {
  const [report] = await foundIn();
  const fault = { kind: "exit", found: "nobody waits for this", wanted: "an answer" };
  const messages = [{ kind: "found", report }, { kind: "fault", fault }];
  const source = `onmessage = () => ${
    JSON.stringify(messages)
  }.forEach((one) => postMessage(one));`;
  const worker = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const asked = { target: "reference", seed: 1, profile: "quick", timeout: 2 } as const;
  const clauses = ["steps/count"], program = "check";
  const ended = await supervise({ ...asked, clauses, program }, { stillness: 300, worker });
  assertEquals([ended.verdict, ended.clauses], ["violates", report!.clauses]);
  assert(ended.remarks.some((remark) => remark.includes(fault.found)), ended.remarks.join());
});

const ends = [["rejecting", "nobody waits"], ["hanging", "still running"]] as const;
for (const [name, found] of ends) {
  sweep(`what was found stays found if the worker ends early: ${name}`, async () => {
    const report = await supervise({
      target: `${new URL("../fixtures/dying_port.ts", import.meta.url).href}#${name}`,
      seed: 1,
      profile: "quick",
      timeout: 2,
      program: "check",
      clauses: ["start/caller-unchanged", "steps/count", "schedule/exponential"],
    });
    requireKept(report, found);
  });
}

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { defectOf, defects, ruleOf } from "../../defects/defects.ts";
import { ruleWith } from "../../defects/change.ts";
import { fewOf, isWhole } from "../../fixtures/sweep.ts";
import { judge } from "../judge.ts";
import type { JudgeOptions } from "../options.ts";

const defective = (id: string) => observe(ruleSampler(ruleOf(defectOf(id)!)));

const plain: JudgeOptions = {
  diagnosis: "none",
  golden: [],
  profile: isWhole ? "standard" : "quick",
};

/** What shows a defect first: in the quick run, that breaks the clause it is filed under. */
async function firstViolation(id: string, options = {}) {
  const own = isWhole ? {} : { clauses: [defectOf(id)!.clause] };
  const report = await judge(defective(id), { ...plain, ...own, ...options });
  return report.clauses.find(({ verdict }) => verdict === "violated")!;
}

Deno.test("a missing half shows in one step of one coordinate, from 0 in [-1, 1], with no clip", async () => {
  const { problem } = (await firstViolation("half-missing")).counterexample!;
  const { steps, bounds, gradClip, noiseScale, deltaClip } = problem.settings;
  assertEquals([problem.energy, problem.initial], ["0.5*a1", [[0]]]);
  assertEquals({ steps, bounds, gradClip, noiseScale, deltaClip }, {
    steps: 1,
    bounds: { min: [-1], max: [1] },
    gradClip: null,
    noiseScale: 0,
    deltaClip: 2,
  });
});

Deno.test("a single step that has a fault of its own shows no other one", async () => {
  const both = ruleWith({ drift: "gt", singleStep: "2 * init" });
  const { clauses } = await judge(observe(ruleSampler(both)), {
    ...plain,
    clauses: ["drift/half"],
  });
  const [first] = clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(first!.counterexample!.message, "The drift is 1 times the gradient instead of 0.5");
});

Deno.test("a fault that needs two steps, two rows or a draw keeps them", async () => {
  const shape = async (id: string) => {
    const { problem: { settings, initial, axes } } = (await firstViolation(id)).counterexample!;
    return [settings.steps, initial.length, axes, settings.noiseScale];
  };
  assertEquals(await shape("momentum"), [2, 1, 1, 0]);
  assertEquals(await shape("gradient-leaks-between-rows"), [1, 2, 1, 0]);
  assertEquals(await shape("gradient-mean-over-axes"), [1, 1, 2, 0]);
  assertEquals(await shape("noise-missing"), [1, 1, 1, 1]);
});

Deno.test("a fault of long chains is shown on the shortest of them, with plain numbers", async () => {
  const late = "(init - final) * (1 - min(k, 49) / (N - 1)) ^ power + final";
  const options = { ...plain, profile: "standard", clauses: ["step/exact"] } as const;
  const report = await judge(observe(ruleSampler(ruleWith({ polynomial: late }))), options);
  const exact = report.clauses.find(({ id }) => id === "step/exact")!;
  const { problem: { settings, energy } } = exact.counterexample!;
  assertEquals([settings.steps, energy.replace("-", "")], [51, "0.5*a1"]);
  assertEquals(settings.schedule, { kind: "polynomial", init: 0.25, final: 1 / 64, power: 1 });
});

for (const { id } of fewOf(defects, 3)) {
  Deno.test(`the path leads to the same plain problem: ${id}`, async () => {
    const { id: clause, counterexample, replay } = await firstViolation(id, {
      replayCommand: (_: string, path: string | null) => path ?? "",
    });
    assertNotEquals(replay, "");
    const again = await firstViolation(id, { clauses: [clause], path: replay });
    assertEquals(again.counterexample, counterexample);
    assert(counterexample !== undefined);
  });
}

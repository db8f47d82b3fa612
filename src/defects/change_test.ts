import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { problemOf } from "../../properties/arbitraries.ts";
import { observe } from "../../spec/observe.ts";
import { officialDefaults, type Problem } from "../../spec/problem.ts";
import { formulaNames, type Loop, officialRule, type Rule } from "../../spec/rule.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { type Change, compatible, ruleOf, ruleWith, samplerWith } from "./change.ts";
import { defects } from "./defects.ts";
import { defectSymbols, ownSymbols, ownSymbolsIn } from "./symbols.ts";

const problem: Problem = problemOf({
  energy: "(a1 - 0.5)^2 + a1*a2 + 2*a2^2",
  settings: {
    ...officialDefaults,
    steps: 3,
    bounds: { min: [-1, -2], max: [1, 3] },
    gradClip: 0.5,
    gradNorm: "2",
  },
  initial: [[0.5, -0.25], [-0.75, 2.5]],
  samples: 2,
  noise: { kind: "tape", draws: [[[1, -2], [0.5, 0]], [[0, 1], [-1, 3]], [[2, 2], [0, -1]]] },
});

async function run(change: Change, given = problem): Promise<Trajectory> {
  return await (await observe(samplerWith(change)).prepare(given.settings)).sample(given);
}

/** The named steps of the loop that are not the official ones. */
function replacedSteps(rule: Rule): readonly string[] {
  const official = officialRule.loop(), loop = rule.loop();
  return (Object.keys(official) as (keyof Loop)[]).filter((step) => loop[step] !== official[step]);
}

/** The steps of the loop that a part of a change replaces; formulas replace none. */
const stepsOf: Readonly<Record<string, readonly string[]>> = {
  zeroGradClip: ["move"],
  settings: ["keep"],
  stepSizes: ["stepSizes"],
  ends: ["stepSizes"],
  precision: ["move", "result"],
  gradientAt: ["gradientAt"],
  observations: ["observations"],
  noiseSource: ["draws"],
  noiseLaw: ["draws"],
  noiseSharing: ["draws"],
  start: ["start"],
  returns: ["result"],
  callersArray: ["result"],
  reportedActions: ["report"],
  reportedOutputs: ["report"],
  reportedNorm: ["report"],
};

function expectedSteps(change: Change): readonly string[] {
  if (change.memory !== undefined) return change.memory === "gradient" ? ["ask"] : ["stepSizes"];
  if (change.singleStep === "throws") return ["stepSizes"];
  const reaches = formulaNames.some((name) => ownSymbolsIn(change[name] ?? "").length > 0);
  return [
    ...reaches ? ["move"] : [],
    ...Object.keys(change).flatMap((part) => stepsOf[part] ?? []),
  ];
}

Deno.test("a defect replaces the formulas and steps of the loop that it names, and no others", () => {
  for (const { id, change } of defects) {
    const rule = ruleOf({ change });
    assertEquals(replacedSteps(rule), expectedSteps(change), id);
    for (const name of formulaNames) {
      const text = change[name] === "throws" ? undefined : change[name];
      assertEquals(rule[name], text ?? officialRule[name], `${id}: ${name}`);
    }
  }
});

Deno.test("a defect is plain data: what comes out of JSON is the same sampler", async () => {
  for (const { id, change } of defects) {
    const read: Change = JSON.parse(JSON.stringify(change));
    assertEquals(read, change, id);
    assertEquals(await run(read), await run(change), id);
  }
});

Deno.test("changes add up", async () => {
  const both = await run({ reportedActions: "before", drift: "gt" });
  const drift = await run({ drift: "gt" });
  assertEquals(both.final, drift.final);
  assertEquals(both.chain!.actions, [problem.initial, ...drift.chain!.actions!.slice(0, 2)]);
  assertEquals(ruleWith({ drift: "gt" }, { noiseLaw: "uniform" }).drift, "gt");
  const shared: Change = { noiseLaw: "absolute", noiseSharing: "rows" };
  const still = await run({ ...shared, drift: "0", clippedStep: "delta", result: "a - move" });
  const [first, second] = problem.initial, [a, b] = still.chain!.actions![0]!;
  for (const i of [0, 1]) {
    assert(first![i]! - a![i]! > 0);
    assertAlmostEquals(first![i]! - a![i]!, second![i]! - b![i]!, 1e-12);
  }
});

Deno.test("a formula may reach for the whole batch, and the official rule may not", async () => {
  const { final } = await run({ noise: "gAll", drift: "gBatch" });
  assert(final.flat().every(Number.isFinite));
  assertEquals(Object.keys(officialRule.symbols).filter((name) => name in ownSymbols), []);
  assertEquals(
    Object.keys(defectSymbols).length,
    Object.keys(officialRule.symbols).length + Object.keys(ownSymbols).length,
  );
});

Deno.test("of an infinity and a NaN, the norms in a defect's formulas are NaN", async () => {
  const given = { ...problem, energy: "1e308*10*a1 + sqrt(-1 - a2^2)*a2" };
  for (const limit of ["gNorm", "gMax", "gAll", "deltaNorm"]) {
    const { final } = await run({ result: limit }, given);
    assertEquals(final.flat(), final.flat().map(() => NaN), limit);
  }
});

Deno.test("what a sampler keeps from call to call, it keeps for itself", async () => {
  const target = observe(samplerWith({ memory: "gradient" }));
  const [one, other] = [
    await target.prepare(problem.settings),
    await target.prepare(problem.settings),
  ];
  const first = await one.sample(problem);
  assertEquals(await other.sample(problem), first);
  assert(JSON.stringify(await one.sample(problem)) !== JSON.stringify(first));
});

Deno.test("a change that names what there is not is refused", () => {
  for (const text of ['{"gradientAt": "nowhere"}', '{"drifts": "gt"}', '{"memory": "toString"}']) {
    const change: Change = JSON.parse(text);
    assertThrows(() => ruleWith(change), RangeError, "Cannot change the rule: found");
  }
});

Deno.test("changes of one part exclude each other, all others go together", () => {
  assert(!compatible({ memory: "gradient" }, { memory: "schedule" }));
  assert(!compatible({ drift: "gt", step: "0" }, { drift: "0" }));
  assert(compatible({ noiseLaw: "uniform" }, { noiseSharing: "rows" }));
  assert(compatible({}, { drift: "gt" }));
});

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { predictStep } from "../spec/oracle.ts";
import type { TermName } from "../spec/rule.ts";
import { calmSettings, constantSchedule, problemOf } from "./arbitraries.ts";
import { type LedgerLine, ledgerOf } from "./ledger.ts";

const stepSize = 0.25, start = 0.5, slope = 3, draw = 2;

/** A linear energy and one draw, far from limits and walls: the step is η(½ · 3 + 2) = 0.875. */
function ledger(term: TermName, moved: number, given: { readonly noiseScale?: number } = {}) {
  const { noiseScale = 1 } = given;
  const problem = problemOf({
    energy: "3*a1",
    settings: calmSettings(1, { steps: 1, schedule: constantSchedule(stepSize), noiseScale }),
    initial: [[start]],
    noise: { kind: "tape", draws: [[[draw]]] },
  });
  const prediction = predictStep(problem, 0, problem.initial)[0]![0]!;
  const lines = ledgerOf({
    problem,
    prediction,
    axis: 0,
    action: start,
    actual: start - moved,
    term,
  });
  return Object.fromEntries(lines.map((line) => [line.term, line])) as Record<TermName, LedgerLine>;
}

/** The first term that differs. */
const culprit = (lines: Record<TermName, LedgerLine>) =>
  Object.values(lines).filter(({ differs }) => differs).map(({ term }) => term);

Deno.test("a gradient that is twice too large is told by its own size", () => {
  const lines = ledger("gradient", stepSize * (0.5 * 2 * slope + draw));
  assertEquals(lines.gradient.expected, slope);
  assertAlmostEquals(lines.gradient.actual!, 2 * slope, 1e-9);
  assertEquals(lines.gradient.basis, "inferred");
  assertEquals(culprit(lines), ["gradient"]);
});

Deno.test("a clipped gradient is told by its own size, and the gradient before it isn't blamed", () => {
  const lines = ledger("clippedGradient", stepSize * (0.5 * 1 + draw));
  assertAlmostEquals(lines.clippedGradient.actual!, 1, 1e-9);
  assertEquals(culprit(lines), ["clippedGradient"]);
  assertEquals(lines.gradient.basis, "not contradicted");
});

Deno.test("a drift without its half is told as the drift", () => {
  const lines = ledger("drift", stepSize * (slope + draw));
  assertEquals(lines.drift.expected, 0.5 * slope);
  assertAlmostEquals(lines.drift.actual!, slope, 1e-9);
  assertEquals(culprit(lines), ["drift"]);
  assertEquals(lines.noise.basis, "not contradicted");
});

Deno.test("noise of another size is told as the noise", () => {
  const lines = ledger("noise", stepSize * (0.5 * slope + 0.9 * draw));
  assertEquals(lines.noise.expected, draw);
  assertAlmostEquals(lines.noise.actual!, 0.9 * draw, 1e-9);
  assertEquals(culprit(lines), ["noise"]);
  assertEquals(lines.drift.basis, "not contradicted");
});

Deno.test("a movement to the other side tells the step, a shorter one may have been clipped", () => {
  assertEquals(culprit(ledger("result", -0.25)), ["step"]);
  const short = ledger("result", 0.25);
  assertEquals(culprit(short), ["clippedStep"]);
  assertEquals([short.step.basis, short.limit.basis], ["hidden", "hidden"]);
});

Deno.test("of a result inside of the box where the rule ends at a wall, the clipped step is seen", () => {
  const problem = problemOf({
    energy: "8*a1",
    settings: calmSettings(1, {
      steps: 1,
      schedule: constantSchedule(16),
      noiseScale: 0,
      deltaClip: 2,
    }),
    initial: [[0]],
  });
  const prediction = predictStep(problem, 0, problem.initial)[0]![0]!;
  const input = {
    problem,
    prediction,
    axis: 0,
    action: 0,
    actual: -0.0625,
    term: "result",
  } as const;
  const { clippedStep } = Object.fromEntries(ledgerOf(input).map((line) => [line.term, line]));
  assertEquals([clippedStep?.basis, clippedStep?.actual], ["observed", 0.0625]);
});

Deno.test("of a result on a wall that the rule doesn't lead to, the step stays hidden", () => {
  const lines = ledger("result", start + 48);
  assertEquals([lines.step.basis, lines.clippedStep.basis], ["hidden", "hidden"]);
  assertEquals(culprit(lines), ["result"]);
});

Deno.test("of a step that is right no term differs, whichever is under suspicion", () => {
  for (const term of ["gradient", "drift", "noise", "step", "limit", "result"] as const) {
    const lines = ledger(term, stepSize * (0.5 * slope + draw));
    assertEquals(culprit(lines), [], term);
    assertEquals(lines.result.basis, "observed");
    assertEquals(lines.result.actual, lines.result.expected);
  }
});

Deno.test("a difference within the tolerance is none, and twice the tolerance is one", () => {
  const right = stepSize * (0.5 * slope + draw);
  for (const [tolerances, found] of [[0.5, []], [2, ["step"]]] as const) {
    const problem = ledger("step", right);
    assert(problem.step.actual !== null);
    // Both ends are a few float32 roundings of 1 away from the exact step.
    const off = tolerances * toleranceHere();
    assertEquals(culprit(ledger("step", right + off)), [...found], `${tolerances}`);
  }
});

function toleranceHere(): number {
  const problem = problemOf({
    energy: "3*a1",
    settings: calmSettings(1, {
      steps: 1,
      schedule: constantSchedule(stepSize),
      noiseScale: 1,
    }),
    initial: [[start]],
    noise: { kind: "tape", draws: [[[draw]]] },
  });
  return predictStep(problem, 0, problem.initial)[0]![0]!.tolerance;
}

Deno.test("where the bounds of a row that meets a wall are under suspicion, its step isn't blamed", () => {
  const problem = problemOf({
    energy: "1*a1 + 1*a2",
    settings: calmSettings(2, { steps: 1, schedule: constantSchedule(1), noiseScale: 0 }),
    initial: [[-47.75, 40]],
  });
  const prediction = predictStep(problem, 0, problem.initial)[0]![1]!;
  const input = {
    problem,
    prediction,
    axis: 1,
    action: 40,
    actual: 39.25,
    term: "result",
  } as const;
  const culpritOf = (atWalls: boolean) =>
    ledgerOf({ ...input, atWalls }).find(({ differs }) => differs)?.term;
  assertEquals([culpritOf(true), culpritOf(false)], ["result", "step"]);
});

Deno.test("of a step that falls short of its limit neither the step nor the limit is blamed", () => {
  const problem = problemOf({
    energy: "1*a1",
    settings: {
      ...calmSettings(1, { steps: 1, schedule: constantSchedule(1), noiseScale: 0 }),
      deltaClip: 2 ** -10,
    },
    initial: [[0]],
  });
  const prediction = predictStep(problem, 0, problem.initial)[0]![0]!;
  const actual = -0.9 * prediction.terms.limit;
  const lines = ledgerOf({ problem, prediction, axis: 0, action: 0, actual, term: "step" });
  assertEquals(lines.find(({ differs }) => differs)?.term, "clippedStep");
  assertEquals(lines.filter(({ basis }) => basis === "hidden").map(({ term }) => term), [
    "step",
    "limit",
  ]);
});

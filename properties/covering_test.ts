/** Every pair of values is tried, on problems that make sense. */

import { assertSound } from "../src/fixtures/sound_problem.ts";
import { assert, assertEquals } from "@std/assert";
import { predictStep } from "../spec/oracle.ts";
import { officialRule } from "../spec/rule.ts";
import {
  type Abilities,
  coverageOf,
  coveringAssignments,
  factors,
  simplerAssignments,
} from "./covering.ts";
import { problemOfAssignment } from "./covering_problem.ts";

const able: Abilities = { unsupported: new Set(), leastSteps: 1 };
const poor: Abilities = {
  unsupported: new Set(["grad-clip", "exponential-schedule", "apply-exp", "noise-tape"]),
  leastSteps: 2,
};

for (const [who, abilities] of Object.entries({ "with every feature": able, "with none": poor })) {
  Deno.test(`a target ${who} is given every pair of the values that it can be given`, () => {
    const assignments = coveringAssignments(abilities, 2, 1);
    const { tried, total } = coverageOf(assignments, abilities).pairs;
    assertEquals(tried, total);
    assert(assignments.length < 80, `${assignments.length} assignments`);
  });
}

Deno.test("long chains are as few as pairs allow", () => {
  const assignments = coveringAssignments(able, 2, 1);
  // Each number of steps meets each power of the schedule.
  const least = factors.power.length * factors.steps.reduce((sum, steps) => sum + Number(steps), 0);
  const taken = assignments.reduce((sum, { steps }) => sum + Number(steps), 0);
  assert(taken < 1.1 * least, `${taken} steps where ${least} are the least`);
});

Deno.test("the same seed gives the same array, another seed another one", () => {
  const array = (seed: number) => coveringAssignments(able, 2, seed);
  assertEquals(array(1), array(1));
  assert(JSON.stringify(array(1)) !== JSON.stringify(array(2)));
});

Deno.test("every assignment gives a problem of finite float32 numbers with finite steps", () => {
  for (const [index, assignment] of coveringAssignments(able, 2, 1).entries()) {
    const problem = problemOfAssignment(assignment, index);
    assertSound(problem);
    const numbers = [problem.initial, problem.observations, problem.settings.bounds.min].flat(3);
    for (const x of numbers) assertEquals(Math.fround(x), x);
    const [first] = predictStep(problem, 0, problem.initial);
    for (const { terms, tolerance } of first!) {
      assert(Number.isFinite(terms.result) && Number.isFinite(tolerance), problem.energy);
    }
  }
});

Deno.test("a rule whose first steps have no noise, or no drift, is given finite problems, too", () => {
  const later = (term: string) => `where(k - 0.5, 1, 0) * ${term}`;
  for (
    const step of [
      `eta * drift + sqrt(eta) * ${later("noise")}`,
      `eta * ${later("drift")} + sqrt(eta) * noise`,
      `eta * ${later("(drift + noise)")}`,
    ]
  ) {
    const rule = { ...officialRule, step };
    for (const assignment of coveringAssignments(able, 2, 1)) {
      const problem = problemOfAssignment(assignment, 1, rule);
      assertSound(problem);
      assert(!/NaN|Infinity/.test(problem.energy), problem.energy);
    }
  }
});

Deno.test("most coordinates of most problems take a step that neither limit nor wall decides", () => {
  const shares = [1, 2, 3, 4, 5].flatMap((seed) => coveringAssignments(able, 2, seed))
    .filter((a) => a["delta clip"] === "usual" && a.start === "inside" && a.energy !== "large")
    .map((assignment, index) => {
      const problem = problemOfAssignment(assignment, index);
      const steps = predictStep(problem, 0, problem.initial).flat();
      const free = steps.filter(({ terms }) => terms.step === terms.clippedStep);
      return free.length / steps.length;
    });
  assert(shares.filter((share) => share > 0.2).length > shares.length / 2, String(shares));
});

Deno.test("values that no problem has are listed", () => {
  const [first, ...rest] = coveringAssignments(able, 2, 1);
  assertEquals(coverageOf([first!, ...rest], able).untried, {});
  assertEquals(coverageOf([first!], able).untried.box?.includes(first!.box), false);
  assertEquals(coverageOf([first!], able).untried.box?.length, factors.box.length - 1);
});

Deno.test("a simpler assignment differs in one factor", () => {
  const [assignment] = coveringAssignments(able, 2, 1);
  for (const simpler of simplerAssignments(assignment!, able)) {
    const changed = Object.entries(simpler).filter(([factor, value]) =>
      value !== assignment![factor as keyof typeof simpler]
    );
    assertEquals(changed.length, 1);
  }
});

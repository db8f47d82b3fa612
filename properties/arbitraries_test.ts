import { assertSound } from "../src/fixtures/sound_problem.ts";
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import { type Problem, rowCount } from "../spec/problem.ts";
import { ruleSampler } from "../spec/rule.ts";
import { observe } from "../spec/observe.ts";
import type { Feature } from "../spec/sampler.ts";
import { pathOf } from "../spec/readings.ts";
import { linearEnergy, quadraticEnergy } from "./arbitraries.ts";
import { anyProblem } from "./whole_step.ts";

const abilities = { unsupported: new Set<Feature>(), leastSteps: 1 } as const;

/** What a problem exercises. */
async function coverage(problem: Problem): Promise<Set<string>> {
  const seen = new Set<string>();
  const prepared = await observe(ruleSampler()).prepare(problem.settings);
  const path = pathOf(problem, await prepared.sample(problem));
  if (path.kind !== "known") throw new Error("the rule sampler always has a path");
  const { bounds, steps } = problem.settings;
  for (let k = 0; k < steps; k++) {
    for (const { terms } of predictStep(problem, k, path.points[k]!).flat()) {
      if (terms.clippedStep !== terms.step) seen.add("delta clip acts");
      if (Math.abs(terms.step) < terms.limit) seen.add("delta clip does not act");
      if (terms.clippedGradient !== terms.gradient) seen.add("grad clip acts");
    }
    path.points[k + 1]!.forEach((point) =>
      point.forEach((a, i) => {
        if (a === bounds.min[i] || a === bounds.max[i]) seen.add("bounds act");
      })
    );
  }
  const rows = rowCount(problem);
  if (steps === 1) seen.add("one step");
  if (steps === 2) seen.add("two steps");
  if (rows === 1) seen.add("one row");
  if (rows >= 8) seen.add("many rows");
  if (problem.axes === 1) seen.add("one axis");
  if (problem.axes >= 2) seen.add("several axes");
  if (problem.groups >= 2 && problem.samples >= 2) seen.add("groups of samples");
  if (problem.settings.noiseScale === 0) seen.add("no noise");
  if (problem.settings.schedule.kind === "exponential") seen.add("exponential");
  if (bounds.min.some((min, i) => min === bounds.max[i])) seen.add("axis without width");
  if (bounds.min.some((min, i) => Math.abs(bounds.max[i]! - min - 2) > 1e-9)) {
    seen.add("half-width other than 1");
  }
  if (bounds.min.some((min, i) => min !== -bounds.max[i]!)) seen.add("asymmetric box");
  if (
    problem.initial.some((row) => row.some((a, i) => a < bounds.min[i]! || a > bounds.max[i]!))
  ) {
    seen.add("starts outside");
  }
  return seen;
}

// Percentages of the general problems. A change of the arbitraries that lets one of these cases
// become rare fails here, before it silently weakens every run.
const least: Readonly<Record<string, number>> = {
  "delta clip acts": 50,
  "delta clip does not act": 50,
  "grad clip acts": 10,
  "bounds act": 40,
  "one step": 10,
  "two steps": 10,
  "one row": 15,
  "many rows": 20,
  "one axis": 25,
  "several axes": 35,
  "groups of samples": 20,
  "no noise": 15,
  "exponential": 8,
  "axis without width": 5,
  "half-width other than 1": 50,
  "asymmetric box": 50,
  "starts outside": 8,
};

Deno.test("general problems cover every case often enough", async () => {
  const problems = fc.sample(anyProblem(abilities), { seed: 11, numRuns: 400 });
  const counts = new Map<string, number>();
  for (const problem of problems) {
    for (const seen of await coverage(problem)) counts.set(seen, (counts.get(seen) ?? 0) + 1);
  }
  const found = Object.fromEntries(
    Object.keys(least).map((name) => [name, 100 * (counts.get(name) ?? 0) / problems.length]),
  );
  const rare = Object.entries(least).filter(([name, percent]) => found[name]! < percent);
  assertEquals(rare, [], `rare cases among ${JSON.stringify(found)}`);
});

Deno.test("general problems are sound and exactly representable in float32", () => {
  const exact = (value: unknown): boolean =>
    typeof value === "number"
      ? Math.fround(value) === value
      : typeof value !== "object" || value === null || Object.values(value).every(exact);
  fc.assert(
    fc.property(anyProblem(abilities), (problem) => {
      assertSound(problem);
      const { schedule: _, ...settings } = problem.settings;
      return exact(settings) && exact(problem.initial) && exact(problem.noise) &&
        exact(problem.observations);
    }),
    { seed: 5, numRuns: 200 },
  );
});

Deno.test("problems for targets that lack a feature do not ask for it", () => {
  const unsupported = new Set<Feature>(["grad-clip", "exponential-schedule", "noise-tape"]);
  const without = { unsupported, leastSteps: 2 } as const;
  for (const { settings } of fc.sample(anyProblem(without), { seed: 3, numRuns: 200 })) {
    assertEquals(settings.gradClip, null);
    assertEquals(settings.noiseScale, 0);
    assertEquals(settings.schedule.kind, "polynomial");
    assert(settings.steps >= 2);
  }
});

Deno.test("energies are written as one writes them", () => {
  assertEquals(linearEnergy([-0.5, 0.25]), "-0.5*a1 + 0.25*a2");
  assertEquals(quadraticEnergy([1, 3], [0, -0.25]), "0.5*a1^2 + 1.5*(a2 + 0.25)^2");
});

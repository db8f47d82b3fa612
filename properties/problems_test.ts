/**
 * The problems that clauses are judged on: they make sense for every target, and the smallest one on
 * which a defect shows is small.
 */

import { assertSound } from "../src/fixtures/sound_problem.ts";
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { judge } from "ulaspec";
import { ruleSampler } from "../spec/rule.ts";
import { observe } from "../spec/observe.ts";
import { type Problem } from "../spec/problem.ts";
import { type Feature, features, type Target, TargetFault } from "../spec/sampler.ts";
import { type Defect, defectOf, defects, ruleOf } from "../src/defects/defects.ts";
import { fewOf } from "../src/fixtures/sweep.ts";
import { firstDraw, fraction, signed, simpleTape, starts } from "./arbitraries.ts";
import type { Trial } from "./clause.ts";
import { clauseOf, clauses } from "./clauses.ts";
import type { Facts, Observer } from "./observer.ts";

const usual: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};
const poor: Facts = {
  returns: "logits",
  unsupported: new Set(Object.keys(features) as Feature[]),
  noiseSign: -1,
  leastSteps: 2,
  sharp: false,
};

for (const [name, facts] of Object.entries({ "that can do all": usual, "that lacks all": poor })) {
  Deno.test(`every clause has problems that make sense for a target ${name}`, () => {
    for (const { id, problems } of clauses) {
      if (problems === undefined) continue;
      const runs = id === "energy/expected-descent" ? 3 : 40;
      const trials = fc.sample(problems.random(facts), { seed: 1, numRuns: runs });
      for (const { problem } of [...trials, ...problems.edges(facts)]) {
        assertSound(problem);
        const { steps, noiseScale } = problem.settings;
        assert(steps >= facts.leastSteps || id === "schedule/one-step", id);
        if (noiseScale === 0) continue;
        const { noise } = problem;
        if (noise.kind === "own") assert(facts.unsupported.has("noise-tape"), id);
        else assertEquals(noise.draws.length, steps, id);
      }
    }
  });
}

/** Observes a target without counting anything. */
function observerOf(target: Target, facts: Facts): Observer {
  return {
    facts,
    run: async (problem) => await (await target.prepare(problem.settings)).sample(problem),
    open: async (settings) => {
      const prepared = await target.prepare(settings);
      return (problem) => prepared.sample(problem);
    },
    compared: () => {},
  };
}

async function isBroken(trial: Trial, observer: Observer): Promise<boolean> {
  try {
    const outcome = await trial.judge(observer);
    return outcome !== null && outcome !== "nothing";
  } catch (error) {
    if (error instanceof TargetFault) return true;
    throw error;
  }
}

/** Rows, axes, steps. */
type Size = readonly [number, number, number];

const sizeOf = ({ initial, axes, settings }: Problem): Size => [
  initial.length,
  axes,
  settings.steps,
];

/** The smallest problem that is found for a defect, and all random ones that show it. */
async function showing(defect: Defect): Promise<{ smallest: Size; others: readonly Size[] }> {
  const { problems } = clauseOf(defect.clause)!;
  const observer = observerOf(observe(ruleSampler(ruleOf(defect))), usual);
  const random = problems!.random(usual);
  const { counterexample } = await fc.check(
    fc.asyncProperty(random, async (trial) => !await isBroken(trial, observer)),
    { seed: 1, numRuns: 50 },
  );
  if (counterexample === null) throw new Error(`No random problem shows ${defect.id}`);
  const others: Size[] = [];
  for (const trial of fc.sample(random, { seed: 2, numRuns: 60 })) {
    if (await isBroken(trial, observer)) others.push(sizeOf(trial.problem));
  }
  return { smallest: sizeOf(counterexample![0].problem), others };
}

Deno.test("no random problem shows a defect on fewer coordinates than the smallest one", async () => {
  const larger: string[] = [];
  for (const defect of fewOf(defects, 8)) {
    // Without problems, or with one on which a tape of draws hides the defect.
    if (clauseOf(defect.clause)!.problems === undefined) continue;
    // Listed problems alone, and those that cover all pairs, are long and flat enough to show it.
    if (/^stops-early$|^settings-of-/.test(defect.id)) continue;
    const { smallest, others } = await showing(defect);
    const smaller = others.filter((size) => size[0] * size[1] < smallest[0] * smallest[1]);
    if (smaller.length > 0) larger.push(`${defect.id}: ${smallest} beside ${smaller[0]}`);
  }
  assertEquals(larger, []);
});

Deno.test("a second call that differs is shown with its path and the ledger of the step", async () => {
  for (const id of ["gradient-accumulates-over-calls", "exponential-keeps-state"]) {
    const report = await judge(observe(ruleSampler(ruleOf(defectOf(id)!))), {
      clauses: ["state/second-call"],
      diagnosis: "none",
    });
    const { counterexample } = report.clauses.find((c) => c.id === "state/second-call")!;
    const { path, ledger, step, axis, expected, actual } = counterexample!;
    const at = (k: number) => path?.[k]?.[axis!];
    assertEquals(at(step! + 1), actual, id);
    assert(at(step! + 1) !== expected, id);
    assertEquals(ledger.find((line) => line.differs)?.term, "step", id);
    assertEquals(ledger.find((line) => line.term === "result")?.actual, actual, id);
  }
});

Deno.test("leaving out rows and axes changes nothing else", () => {
  const rows = { min: 1, max: 3 }, axes = { min: 1, max: 3 };
  const given = starts({ rows, axes, start: fraction(-1, 1, 8), axis: signed(0.125, 1, 8) });
  const [whole] = fc.sample(given, { seed: 4, numRuns: 1 });
  const needed = whole!.initial.at(-1)!.at(-1)!;
  const { counterexample } = fc.check(
    fc.property(given, ({ initial }) => !initial.some((row) => row.includes(needed))),
    { seed: 4, numRuns: 1 },
  );
  assertEquals(counterexample?.[0].initial, [[needed]]);
});

Deno.test("numbers shrink to few digits and then to the simplest", () => {
  const least = (arbitrary: fc.Arbitrary<number>, shows: (value: number) => boolean) =>
    fc.check(fc.property(arbitrary, (value) => !shows(value)), { seed: 3, numRuns: 1000 })
      .counterexample?.[0];
  assertEquals(least(fraction(-0.5, 0.5), () => true), 0);
  assertEquals(least(fraction(0.25, 8, 4), () => true), 1);
  assertEquals(least(fraction(1 / 16, 0.25), () => true), 0.25);
  assertEquals(least(fraction(-3, -1, 8), () => true), -1);
  assertEquals(least(fraction(-0.5, 0.5), (value) => value > 0.2), 0.25);
  assertEquals(least(signed(0.5, 2, 8), (value) => value < 0), -1);
});

Deno.test("the draws of a small simple tape all differ, whichever comes first", () => {
  for (const first of fc.sample(firstDraw, { seed: 1, numRuns: 30 })) {
    const draws = simpleTape(first, 2, 4, 3).flat(2);
    assertEquals(new Set(draws).size, draws.length);
    assert(draws.every((draw) => Math.abs(draw) <= 3.5));
  }
});

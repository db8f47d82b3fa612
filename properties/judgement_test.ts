/** What clauses find: nothing on the rule, and on what breaks them the place that is broken. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ruleSampler } from "../spec/rule.ts";
import { observe } from "../spec/observe.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { type Target, TargetFault } from "../spec/sampler.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { defectOf, defects, ruleOf, samplerWith } from "../src/defects/defects.ts";
import { calmProblem } from "./arbitraries.ts";
import type { Clause, Trial } from "./clause.ts";
import { clauseOf, clauses } from "./clauses.ts";
import { compareSteps } from "./compare.ts";
import type { Finding, Outcome } from "./finding.ts";
import type { Facts, Observer } from "./observer.ts";

const usual: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};

/** An observer that keeps what it saw, and counts. */
function observerOf(target: Target, facts: Facts) {
  const seen: { runs: [Problem, Trajectory][]; compared: number } = { runs: [], compared: 0 };
  const observer: Observer = {
    facts,
    async run(problem) {
      const trajectory = await (await target.prepare(problem.settings)).sample(problem);
      seen.runs.push([problem, trajectory]);
      return trajectory;
    },
    async open(settings) {
      const prepared = await target.prepare(settings);
      return async (problem) => {
        const trajectory = await prepared.sample(problem);
        seen.runs.push([problem, trajectory]);
        return trajectory;
      };
    },
    compared: (count) => {
      seen.compared += count;
    },
  };
  return { observer, seen };
}

/** The edge cases of a clause, and some random ones: few of the one that takes thousands of rows. */
function trialsOf({ id, problems }: Clause, facts: Facts, random = 12): readonly Trial[] {
  if (problems === undefined) return [];
  const numRuns = id === "energy/expected-descent" ? 1 : random;
  return [...problems.edges(facts), ...fc.sample(problems.random(facts), { seed: 3, numRuns })];
}

const correct: readonly (readonly [name: string, target: Target, facts: Facts])[] = [
  ["in float64", observe(ruleSampler()), usual],
  [
    "in float32, with logits and noise of the other sign",
    observe(samplerWith({ precision: "float32", noise: "-sigma * xi" }, {
      networkReturns: "logits",
    })),
    { ...usual, returns: "logits", noiseSign: -1 },
  ],
  ["judged less sharply", observe(ruleSampler()), { ...usual, sharp: false, leastSteps: 2 }],
];

for (const [name, target, facts] of correct) {
  Deno.test(`the rule ${name} breaks no clause, and every clause has something to compare`, async () => {
    for (const clause of clauses) {
      const outcomes: Outcome[] = [];
      const { observer, seen } = observerOf(target, facts);
      for (const trial of trialsOf(clause, facts)) outcomes.push(await trial.judge(observer));
      assertEquals(outcomes.find(isFinding), undefined, clause.id);
      if (outcomes.length === 0) continue;
      const judged = outcomes.filter((outcome) => outcome === null).length;
      assert(judged >= outcomes.length / 2, `${clause.id}: ${judged} of ${outcomes.length} judged`);
      assert(seen.compared >= judged, `${clause.id}: ${seen.compared} numbers compared`);
    }
  });
}

function isFinding(outcome: Outcome): outcome is Finding {
  return outcome !== null && outcome !== "nothing";
}

/** The first finding of a clause about a target. */
async function found(clause: Clause, target: Target) {
  for (const trial of trialsOf(clause, usual, 40)) {
    const { observer, seen } = observerOf(target, usual);
    try {
      const outcome = await trial.judge(observer);
      if (isFinding(outcome)) return { finding: outcome, ...seen };
    } catch (error) {
      if (error instanceof TargetFault && clause.problems!.faults === "violate") return undefined;
      throw error;
    }
  }
  return undefined;
}

function checkPlace(id: string, { problem, step, row, axis }: Finding): void {
  const { initial, axes, settings } = problem;
  const within = (value: number | null, count: number) =>
    value === null || (Number.isInteger(value) && value >= 0 && value < count);
  assert(within(step, settings.steps + 1), `${id}: step ${step}`);
  assert(within(row, initial.length), `${id}: row ${row}`);
  assert(within(axis, axes), `${id}: axis ${axis}`);
}

Deno.test("a step that starts too far out to be judged is not counted as compared", async () => {
  const bounds = { min: [-1e12], max: [1e12] };
  const problem = calmProblem({ energy: "1e9*a1", initial: [[2 ** 31]], bounds, stepSize: 1 });
  const wrong = observe(samplerWith(defectOf("half-missing")!.change));
  const { observer, seen } = observerOf(wrong, usual);
  const clauseObserver = { ...observer, suspect: "drift" } as const;
  const trajectory = await observer.run(problem);
  assertEquals(await compareSteps(clauseObserver, problem, trajectory), null);
  assertEquals(seen.compared, 0);
});

Deno.test("a finding tells two numbers that are farther apart than its tolerance, and where they are", async () => {
  const without: string[] = [];
  let places = 0;
  for (const defect of defects) {
    const clause = clauseOf(defect.clause)!;
    const result = await found(clause, observe(ruleSampler(ruleOf(defect))));
    if (result === undefined) {
      without.push(defect.id);
      continue;
    }
    const { finding, runs } = result;
    const { expected, actual, tolerance, ledger, message } = finding;
    assert(/^[A-Z].{10,}[^.]$/s.test(message), `${defect.id}: ${message}`);
    assert(!(Math.abs(actual - expected) <= tolerance), `${defect.id}: ${message}`);
    checkPlace(defect.id, finding);
    if (ledger.length === 0) continue;
    const line = ledger.find(({ term }) => term === "result")!;
    assertEquals([line.expected, line.actual], [expected, actual], defect.id);
    assert(ledger.filter(({ differs }) => differs).length <= 1, defect.id);
    const run = runs.findLast(([problem]) => problem === finding.problem);
    if (run === undefined) continue;
    const step = finding.step!, points = pointsOf(run[1]);
    if (points.length !== finding.problem.settings.steps + 1) continue;
    places++;
    assertEquals(points[step + 1]![finding.row!]![finding.axis!], actual, defect.id);
  }
  assertEquals(without, [
    // Shows in a generator of its own alone.
    "noise-same-every-call",
    // Break the clause by giving no numbers.
    "one-step-throws",
    "one-step-not-a-number",
    // Show on problems of other clauses: flat ones, and those of several samplers.
    "stops-early",
  ]);
  assert(places > 60, `${places}`);
});

function pointsOf({ evaluations, final }: Trajectory): Rows[] {
  return [...evaluations.filter(({ kind }) => kind === "gradient").map((e) => e.points), final];
}

/** The rule, with something changed in what is observed of it. */
function altered(change: (trajectory: Trajectory, problem: Problem) => Trajectory): Target {
  const target = observe(ruleSampler());
  return {
    ...target,
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return { sample: async (problem) => change(await prepared.sample(problem), problem) };
    },
  };
}

/** A table with one number changed by so much. */
function moved(rows: Rows, row: number, column: number, by: number): Rows {
  return rows.map((values, r) =>
    values.map((value, i) => r === row && i === column ? value + by : value)
  );
}

/** The rule, observed with one coordinate after one step moved. */
function moving(step: number, row: number, axis: number, by: number): Target {
  return altered(({ evaluations, final, ...rest }, { settings }) => {
    const after = evaluations.filter(({ kind }) => kind === "gradient")[step + 1];
    return {
      ...rest,
      evaluations: evaluations.map((one) =>
        one === after ? { ...one, points: moved(one.points, row, axis, by) } : one
      ),
      final: step + 1 === settings.steps ? moved(final, row, axis, by) : final,
    };
  });
}

Deno.test("a coordinate that is off after any step, in any row, on any axis is found there", async () => {
  const clause = clauseOf("step/exact")!;
  const trials = fc.sample(clause.problems!.random(usual), { seed: 5, numRuns: 40 });
  for (const [n, { problem }] of trials.entries()) {
    const { step, row, axis } = placeIn(problem, n);
    const by = 1e-3 * (1 + Math.abs(problem.settings.bounds.max[axis]!));
    const { observer } = observerOf(moving(step, row, axis, by), usual);
    const outcome = await trials[n]!.judge(observer);
    if (!isFinding(outcome)) throw new Error(`Found ${outcome}, wanted a finding`);
    assertEquals([outcome.step, outcome.row, outcome.axis], [step, row, axis], problem.energy);
    assert(Math.abs(Math.abs(outcome.actual - outcome.expected) / by - 1) < 0.1);
  }
});

/** A place of a problem, another one for each number. */
function placeIn({ settings, initial, axes }: Problem, n: number) {
  return { step: n % settings.steps, row: (7 * n) % initial.length, axis: (5 * n) % axes };
}

const reports = {
  "chain/actions": "actions",
  "chain/outputs": "outputs",
  "chain/outputs-exp": "outputs",
  "chain/grad-norms": "gradNorms",
} as const;

for (const [id, part] of Object.entries(reports)) {
  Deno.test(`${id}: a number that is reported wrongly is found where it is, and a missing step too`, async () => {
    const trials = fc.sample(clauseOf(id)!.problems!.random(usual), { seed: 6, numRuns: 30 });
    for (const [n, trial] of trials.entries()) {
      const { step, row, axis } = placeIn(trial.problem, n);
      const wrong = altered((trajectory) => {
        const { chain = {} } = trajectory;
        const changed = part === "actions"
          ? { actions: chain.actions!.map((at, k) => k === step ? moved(at, row, axis, 1e-3) : at) }
          : { [part]: moved(chain[part]!, step, row, 1e-3) };
        return { ...trajectory, chain: { ...chain, ...changed } };
      });
      const outcome = await trial.judge(observerOf(wrong, usual).observer);
      if (!isFinding(outcome)) throw new Error(`Found ${outcome}, wanted a finding`);
      assertEquals([outcome.step, outcome.row], [step, row], trial.problem.energy);
      assertEquals(outcome.axis, part === "actions" ? axis : null);
      const short = altered((trajectory) => ({
        ...trajectory,
        chain: { ...trajectory.chain, [part]: trajectory.chain![part]!.slice(1) },
      }));
      const other = await trial.judge(observerOf(short, usual).observer);
      if (!isFinding(other)) throw new Error(`Found ${other}, wanted a finding`);
      const { steps } = trial.problem.settings;
      assertEquals([other.expected, other.actual], [steps, steps - 1]);
    }
  });
}

Deno.test("draws that are cut off as far out as 5 are told from those of the suite", async () => {
  const rule = ruleOf({ change: { noise: "sigma * min(max(xi, -5), 5)" } });
  const { observer } = observerOf(observe(ruleSampler(rule)), usual);
  const own = clauseOf("noise/own-draw")!;
  const outcomes: Outcome[] = [];
  for (const trial of trialsOf(own, usual)) outcomes.push(await trial.judge(observer));
  assert(outcomes.some(isFinding));
});

/**
 * What samplers give on the problems of the worked examples, number by number.
 *
 * @module
 */

import { observe } from "../spec/observe.ts";
import type { Rows } from "../spec/problem.ts";
import { type Rule, ruleSampler } from "../spec/rule.ts";
import type { Task } from "./example_problems.ts";
import type { Place } from "./example_words.ts";

/** A number that a sampler gave, and what it is. */
export interface Fact extends Place {
  readonly what:
    | "evaluations"
    | "asked"
    | "final"
    | "initial"
    | "actions"
    | "outputs"
    | "norms"
    | "throws";
  readonly call: 0 | 1;
  readonly step: number;
  readonly value: number;
}

/** Everything that a rule gives on a problem, in two calls. */
export async function factsOf(rule: Rule, { problem, secondSeed }: Task): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  const own = problem.noise.kind === "own";
  const target = observe(ruleSampler(rule, own ? { noise: "both" } : {}));
  const prepared = await target.prepare(problem.settings);
  for (const call of [0, 1] as const) {
    const say = (what: Fact["what"], value: number, step = 0, row = 0, axis = 0) =>
      facts.push({ what, call, step, row, axis, value });
    try {
      const seed = call === 1 && secondSeed !== undefined ? secondSeed : problem.seed;
      const { evaluations, final, initialAfter, chain } = await prepared.sample({
        ...problem,
        seed,
      });
      const asked = evaluations.filter(({ kind }) => kind === "gradient");
      say("evaluations", asked.length);
      const table = (what: Fact["what"], rows: Rows, step = 0) =>
        rows.forEach((points, r) => points.forEach((a, i) => say(what, a, step, r, i)));
      asked.forEach(({ points }, k) => table("asked", points, k));
      table("final", final);
      table("initial", initialAfter);
      chain?.actions?.forEach((points, k) => table("actions", points, k));
      chain?.outputs?.forEach((row, k) => row.forEach((v, r) => say("outputs", v, k, r)));
      chain?.gradNorms?.forEach((row, k) => row.forEach((v, r) => say("norms", v, k, r)));
    } catch {
      say("throws", 1);
    }
  }
  return facts;
}

/** Where two samplers differ. */
export interface Difference {
  readonly expected: Fact;
  readonly actual: Fact;
}

/** The first fact that differs, or `null` if none does. */
export function firstDifference(
  expected: readonly Fact[],
  actual: readonly Fact[],
): Difference | null {
  for (const [i, fact] of expected.entries()) {
    const other = actual[i]!;
    if (fact.what !== other.what || !Object.is(fact.value + 0, other.value + 0)) {
      return { expected: fact, actual: other };
    }
  }
  return null;
}

/** The points where the rule is before a step. */
export function pointsBefore({ problem }: Task, facts: readonly Fact[], step: number): Rows {
  return problem.initial.map((row, r) =>
    row.map((_, i) =>
      facts.find((f) =>
        f.what === "asked" && f.call === 0 && f.step === step && f.row === r && f.axis === i
      )!.value
    )
  );
}

/**
 * What a rule makes of draws in the runs of a sampler with noise of its own.
 *
 * @module
 */

import { openSession } from "../../../spec/observe.ts";
import type { Rule } from "../../../spec/rule.ts";
import { notingMoves } from "../experiments/noted_moves.ts";
import type { OwnRun } from "./own_noise_runs.ts";

/** What a rule makes of a draw in every step and on every axis of a run. */
export interface Expected {
  /** The movement without a draw. */
  readonly shift: readonly (readonly number[])[];
  /** What a draw of 1 adds to it. */
  readonly scale: readonly (readonly number[])[];
}

/** What a rule makes of draws: in a batch of few rows, because rows do not matter to it. */
export function expectedIn(rule: Rule, run: OwnRun): Expected {
  // To and fro, so that no wall is met.
  const sign = (k: number) => 1 - 2 * (k % 2);
  const still = movementsWith(rule, run, () => 0), drawn = movementsWith(rule, run, sign);
  return {
    shift: still,
    scale: drawn.map((row, k) => row.map((move, i) => sign(k) * (move - (still[k]?.[i] ?? NaN)))),
  };
}

/** The movements of the first row after draws that are the same in a whole step, from - to: steps × axes. */
export function movementsWith(
  rule: Rule,
  { problem }: OwnRun,
  drawAt: (k: number) => number,
): number[][] {
  const samples = 2, rows = problem.groups * samples, { settings } = problem;
  const draws = Array.from(
    { length: problem.settings.steps + 2 },
    (_, k) =>
      Array.from({ length: rows }, () => Array.from({ length: problem.axes }, () => drawAt(k))),
  );
  const { call } = openSession({
    ...problem,
    samples,
    initial: problem.initial.slice(0, rows),
    noise: { kind: "tape", draws },
  }, "energy");
  const { sampler, moved } = notingMoves(rule);
  try {
    sampler.prepare(settings)(call);
  } catch {
    // What a rule did before it failed is seen.
  }
  return moved.map((rows) => rows[0]!);
}

/**
 * Replays traces: is what was recorded, or what a target does with the same problem, what the rule
 * says?
 *
 * Every step is judged *teacher-forced*, from the point where the chain really was, within the
 * tolerance of float32 arithmetic.
 *
 * @module
 */

import {
  agrees,
  gradNormAt,
  type NoiseSign,
  outputAt,
  type Prediction,
  type PredictionOptions,
  predictStep,
  type Toleranced,
} from "../spec/oracle.ts";
import { predictEnd } from "../spec/chain_end.ts";
import { type Problem, type Rows, type Schedule } from "../spec/problem.ts";
import type { Feature, Target } from "../spec/sampler.ts";
import { countedPathOf, pathOf, startsAt } from "../spec/readings.ts";
import { problemFor } from "../spec/rule_parts.ts";
import type { Trace } from "./trace.ts";

/** What came of a replay. */
export interface Replay {
  /** The id of the trace. */
  readonly trace: string;
  /** `known deviation`: the trace departs from the rule exactly as it says that it does. */
  readonly verdict: "agrees" | "disagrees" | "unsupported" | "known deviation";
  /** How many numbers were compared. */
  readonly comparisons: number;
  /** The comparison with the largest distance, the first of several; null if there was none. */
  readonly worst: Comparison | null;
  /** Largest distance of the returned actions from the recorded ones, in action units. */
  readonly apart?: number;
  /** How many gradients were asked for, if that is not one per step. */
  readonly asked?: number;
  /** Why it is unsupported, or disagrees for another reason than a number. */
  readonly reason?: string;
}

/** A number that was compared. */
export interface Comparison {
  /** What kind of number it is. */
  readonly what: "action" | "output" | "gradient norm";
  /** From 0. An action is one after the step, an output or gradient norm one before it. */
  readonly step: number;
  /** From 0. */
  readonly row: number;
  /** From 0; null for what a row has only one of. */
  readonly axis: number | null;
  /** What the rule gives, in float64. */
  readonly expected: number;
  /** What was recorded, or what the target did. */
  readonly actual: number;
  /** What float32 arithmetic explains. */
  readonly tolerance: number;
  /** |actual - expected| in tolerances; more than 1 disagrees. */
  readonly distance: number;
}

/** Choices of {@linkcode replayTarget}. */
export interface ReplayOptions {
  /** The sign with which the target adds its draws; 1 by default. */
  readonly noiseSign?: NoiseSign;
}

/**
 * Holds the recorded steps, outputs and gradient norms of a trace against the rule.
 *
 * Where the gradient is not a number the rule says nothing, and every recorded action is accepted. A
 * row with an output or gradient norm that is not finite may be recorded as NaN at every step.
 */
export function replaySpec(trace: Trace): Replay {
  const replay = replayRecorded(trace, {});
  if (trace.deviation === undefined) return replay;
  if (replay.verdict === "agrees") {
    return {
      ...replay,
      verdict: "disagrees",
      reason: "found a trace that follows the rule, wanted the deviation that it names",
    };
  }
  const { schedule, steps } = trace.problem.settings;
  const deviating = replayRecorded(trace, { stepSizes: frozenStepSizes(schedule, steps) });
  return deviating.verdict === "agrees" ? { ...deviating, verdict: "known deviation" } : deviating;
}

/**
 * The step sizes of the one known deviation: under `tf.function` with `tf.range` the exponential
 * schedule decays once, while the loop is traced, and stays.
 */
function frozenStepSizes(schedule: Schedule, steps: number): number[] {
  const decay = schedule.kind === "exponential" ? schedule.decay : 1;
  return Array.from({ length: steps }, (_, k) => k === 0 ? schedule.init : schedule.init * decay);
}

function replayRecorded(trace: Trace, options: PredictionOptions): Replay {
  const { problem, recorded } = trace;
  const tally = new Tally();
  const points = [problem.initial, ...recorded.actions];
  judgeSteps(tally, problem, points, options);
  judgeColumns(
    tally,
    "output",
    problem,
    points,
    recorded.outputs,
    (row, point) => outputAt(problem, row, point, "logits"),
  );
  judgeColumns(
    tally,
    "gradient norm",
    problem,
    points,
    recorded.gradNorms,
    (row, point) => gradNormAt(problem, row, point),
  );
  return tally.replay(trace);
}

/**
 * Whether a trace of a person's own follows the rule. A sampler that computes in more than float32
 * is recorded in float32: both ends of a step are rounded, each by at most the unit that every
 * tolerance has for its result, and a step that does not stretch distances hands the first rounding
 * on at most unchanged. So up to three tolerances are explained.
 */
export function followsRule(replay: Pick<Replay, "verdict" | "worst">): boolean {
  return replay.verdict === "agrees" ||
    (replay.worst !== null && replay.worst.distance <= 3);
}

/**
 * Lets a target run the problem of a trace, and holds each of its steps against the rule from the
 * target's own points, the last one with the actions that it returns; or its final actions against
 * those of the whole chain, if it reveals no others. What a trace with a `deviation` records is not
 * asked of a target.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function replayTarget(
  trace: Trace,
  target: Target,
  options: ReplayOptions = {},
): Promise<Replay> {
  const { recorded } = trace, { coordinates } = target;
  const problem = problemFor(coordinates ? { coordinates } : {}, trace.problem);
  const tally = new Tally();
  const lacking = neededFeatures(problem).filter((feature) => target.unsupported.has(feature));
  if (lacking.length > 0) {
    const reason = `the trace needs ${lacking.join(" and ")}, which the target does not support`;
    return { ...tally.replay(trace), verdict: "unsupported", reason };
  }
  const prepared = await target.prepare(problem.settings);
  const tape = !target.unsupported.has("noise-tape");
  const trajectory = await prepared.sample(tape ? problem : { ...problem, noise: { kind: "own" } });
  const apart = distanceBetween(trajectory.final, recorded.final);
  if (target.reveals === "final-actions") {
    judgeEnd(tally, problem, trajectory.final, options);
    return { ...tally.replay(trace), apart };
  }
  const refused = (reason: string): Replay => ({
    ...tally.replay(trace),
    verdict: "disagrees",
    apart,
    reason,
  });
  // A chain that takes as many draws as there are steps may look elsewhere, too.
  const looks = problem.settings.noiseScale > 0 && trajectory.draws === problem.settings.steps;
  const path = (looks ? pathOf : countedPathOf)(problem, trajectory);
  if (path.kind === "unknown") {
    const { steps } = problem.settings;
    return {
      ...refused(`found ${path.evaluations} gradient evaluations, wanted ${steps}, one per step`),
      asked: path.evaluations,
    };
  }
  if (!startsAt(path.points[0]!, problem)) {
    return refused("found the first gradient taken elsewhere, wanted it at the initial actions");
  }
  const { noiseSign = 1 } = options, compiled = target.compiles !== undefined;
  judgeSteps(tally, problem, path.points, { noiseSign, compiled });
  return { ...tally.replay(trace), apart };
}

/** The optional features without which a target cannot run a problem. */
export function neededFeatures({ settings }: Problem): Feature[] {
  const needed: Feature[] = [];
  if (settings.gradClip !== null) needed.push("grad-clip");
  if (settings.schedule.kind === "exponential") needed.push("exponential-schedule");
  if (settings.applyExp) needed.push("apply-exp");
  if (settings.noiseScale > 0) needed.push("noise-tape");
  return needed;
}

/** Counts comparisons and keeps the worst. */
class Tally {
  private comparisons = 0;
  private worst: Comparison | null = null;

  compare(comparison: Omit<Comparison, "distance">): void {
    this.comparisons++;
    const distance = distanceOf(comparison);
    if (this.worst === null || distance > this.worst.distance) {
      this.worst = { ...comparison, distance };
    }
  }

  replay(trace: Trace): Replay {
    const { comparisons, worst } = this;
    const verdict = worst === null || worst.distance <= 1 ? "agrees" : "disagrees";
    return { trace: trace.id, verdict, comparisons, worst };
  }
}

function distanceOf({ actual, expected, tolerance }: Omit<Comparison, "distance">): number {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return 0;
  if (!agrees(actual, expected, Infinity)) return Infinity;
  return Math.abs(actual - expected) / tolerance;
}

/** @param points x_0 … x_N */
function judgeSteps(
  tally: Tally,
  problem: Problem,
  points: readonly Rows[],
  options: PredictionOptions,
): void {
  for (let step = 0; step < problem.settings.steps; step++) {
    const next = points[step + 1]!;
    predictStep(problem, step, points[step]!, options).forEach((row: Prediction[], r: number) =>
      row.forEach(({ terms, tolerance }, axis) => {
        if (Number.isNaN(terms.gradient)) return;
        const expected = terms.result, actual = next[r]![axis]!;
        tally.compare({ what: "action", step, row: r, axis, expected, actual, tolerance });
      })
    );
  }
}

/** Judges where a chain ends of which nothing else is seen. */
function judgeEnd(
  tally: Tally,
  problem: Problem,
  final: Rows,
  { noiseSign = 1 }: ReplayOptions,
): void {
  const step = problem.settings.steps - 1;
  predictEnd(problem, { noiseSign }).forEach((ends, row) =>
    ends.forEach(({ value: expected, tolerance }, axis) => {
      if (Number.isNaN(expected) || tolerance === Infinity) return;
      const actual = final[row]![axis]!;
      tally.compare({ what: "action", step, row, axis, expected, actual, tolerance });
    })
  );
}

function judgeColumns(
  tally: Tally,
  what: Comparison["what"],
  problem: Problem,
  points: readonly Rows[],
  recorded: Rows,
  expect: (row: number, point: readonly number[]) => Toleranced,
): void {
  for (let row = 0; row < problem.initial.length; row++) {
    const column = recorded.map((_, step) => expect(row, points[step]![row]!));
    const poisoned = column.some(({ value }) => !Number.isFinite(value));
    column.forEach(({ value: expected, tolerance }, step) => {
      const actual = recorded[step]![row]!;
      const erased = poisoned && Number.isNaN(actual);
      tally.compare({
        what,
        step,
        row,
        axis: null,
        expected: erased ? NaN : expected,
        actual,
        tolerance,
      });
    });
  }
}

function distanceBetween(a: Rows, b: Rows): number {
  let most = 0;
  a.forEach((row, r) =>
    row.forEach((value, axis) => {
      const other = b[r]![axis]!;
      if (Object.is(value, other)) return;
      const distance = Math.abs(value - other);
      most = Math.max(most, Number.isNaN(distance) ? Infinity : distance);
    })
  );
  return most;
}

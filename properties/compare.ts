/**
 * Comparing what happened with what should have happened: steps with the rule, points with points.
 *
 * @module
 */

import { show } from "../spec/numerics/number_text.ts";
import { agrees, type Prediction, predictStep } from "../spec/oracle.ts";
import { coordinatesErrorOf } from "../spec/rule_parts.ts";
import { float32Unit } from "../spec/tolerance.ts";
import type { ObservedStep } from "../spec/formula/arbiter.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import type { ClauseObserver } from "./clause.ts";
import { type Finding, type Outcome, plainFinding, stepFinding } from "./finding.ts";
import { isLookedAt, type Observer, pathPoints } from "./observer.ts";

/** A coordinate of a step, with what the rule says of it. */
export interface Place {
  readonly step: number;
  readonly row: number;
  readonly axis: number;
  readonly prediction: Prediction;
}

/** Which coordinates of which steps a comparison looks at. */
export type Scope = (at: Place) => boolean;

/** The first step alone. */
export const firstStep: Scope = ({ step }) => step === 0;

/**
 * How a coordinate's step is judged: what is wrong with it in one sentence, or `null`; `undefined` if
 * it can't be judged there.
 */
export type StepCheck = (at: Place, action: number, actual: number) => string | null | undefined;

/** So far out energies and gradients of chains that run away may be no float32 numbers. */
const farOut = 2 ** 30;

const exact: StepCheck = (at, action, actual) => {
  const { step, row, axis, prediction: { terms, tolerance } } = at;
  if (agrees(actual, terms.result, tolerance)) return null;
  if (Math.abs(action) > farOut) return undefined;
  return `Step ${step} puts row ${row}, axis ${axis} at ${show(actual)} instead of ${
    show(terms.result)
  }`;
};

/** The coordinate must not move farther than the limit. Those that start outside may. */
const withinLimit = (problem: Problem): StepCheck => (at, action, actual) => {
  const { step, row, axis, prediction: { terms, tolerance } } = at;
  const { min, max } = problem.settings.bounds;
  const moved = Math.abs(actual - action);
  if (action < min[axis]! || action > max[axis]! || moved <= terms.limit + tolerance) return null;
  return `Step ${step} moves row ${row}, axis ${axis} by ${show(moved)}; the limit is ${
    show(terms.limit)
  }`;
};

/** A step that is farther from the rule than so many tolerances is beyond doubt. */
const doubtful = 1000;

/**
 * Whether a step that leaves the rule in float64 does so in 64 digits, too: rounding accuses nobody.
 */
export async function leavesRule(
  observed: ObservedStep & { readonly expected: number },
): Promise<boolean> {
  const { actual, expected, tolerance } = observed;
  if (!(Math.abs(actual - expected) <= doubtful * tolerance)) return true;
  const { confirmStep } = await import("../spec/formula/arbiter.ts");
  return (await confirmStep(observed)).confirmed;
}

/** Compares every step with the rule, teacher-forced; the first step that differs is the finding. */
export function compareSteps(
  observer: ClauseObserver,
  problem: Problem,
  trajectory: Trajectory,
  scope?: Scope,
): Promise<Outcome> {
  return judgeSteps(observer, problem, trajectory, scope, exact);
}

/** Judges that no step exceeds its limit. */
export function compareLimits(
  observer: ClauseObserver,
  problem: Problem,
  trajectory: Trajectory,
  scope?: Scope,
): Promise<Outcome> {
  return judgeSteps(observer, problem, trajectory, scope, withinLimit(problem));
}

/** The judgement of clauses that compare the steps of a single run with the rule. */
export function stepsFollow(scope?: Scope) {
  return async (observer: ClauseObserver, problem: Problem): Promise<Outcome> =>
    compareSteps(observer, problem, await observer.run(problem), scope);
}

/**
 * The judgement of a clause about one thing that steps may depend on: where they break the rule without
 * that as well, the step itself is wrong.
 */
export function stepsFollowBut(
  failsAsWell: (observer: ClauseObserver, problem: Problem, found: Finding) => Promise<boolean>,
) {
  return async (observer: ClauseObserver, problem: Problem): Promise<Outcome> => {
    const found = await stepsFollow()(observer, problem);
    if (found === null || found === "nothing" || found.instead !== undefined) return found;
    if (!await failsAsWell(observer, problem, found)) return found;
    // What the clause suspects is not what is wrong.
    const whole = await stepsFollow()({ ...observer, suspect: "result" }, problem);
    return { ...whole === null || whole === "nothing" ? found : whole, instead: "step/exact" };
  };
}

/**
 * Judges the coordinates of every step; the first with which something is wrong is the finding. One
 * that only float64 finds wrong is passed over.
 */
export async function judgeSteps(
  observer: ClauseObserver,
  problem: Problem,
  trajectory: Trajectory,
  scope: Scope = () => true,
  check: StepCheck,
): Promise<Outcome> {
  const points = pathPoints(problem, trajectory);
  if (points === null) return "nothing";
  const { steps } = problem.settings;
  for (let step = 0; step < steps; step++) {
    if (!isLookedAt(step, steps, observer.facts)) continue;
    const from = points[step]!, to = points[step + 1]!;
    const predictions = predictionsOf(observer, problem, step, from);
    for (let row = 0; row < from.length; row++) {
      for (let axis = 0; axis < problem.axes; axis++) {
        const prediction = predictions[row]![axis]!, place = { step, row, axis, prediction };
        if (!scope(place)) continue;
        const action = from[row]![axis]!, actual = to[row]![axis]!;
        const wrong = check(place, action, actual);
        if (wrong === undefined) continue;
        observer.compared(1);
        if (wrong === null) continue;
        const { terms: { result: expected }, tolerance } = prediction;
        const { noiseSign } = observer.facts, at = { problem, step, row, axis };
        const seenStep = { ...at, point: from[row]!, actual, expected, tolerance, noiseSign };
        if (!await leavesRule(seenStep)) continue;
        // What is at a bound may rest there rightly.
        const { min, max } = problem.settings.bounds;
        const rests = from[row]!.every((before, i) => before === to[row]![i]) &&
          from[row]!.some((before, i) => before > min[i]! && before < max[i]!);
        const message = rests ? `${wrong}: this row did not move` : wrong;
        // Where a wall acts on a row, bounds may move it on every axis.
        const atWalls = (observer.ofBounds ?? false) &&
          predictions[row]!.some(({ terms }, i) => {
            const unbounded = from[row]![i]! - terms.clippedStep;
            return unbounded < min[i]! || unbounded > max[i]!;
          });
        const seen = { step, row, axis, action, actual, message, atWalls };
        return stepFinding(observer.suspect, problem, prediction, seen);
      }
    }
  }
  return null;
}

/** What the rule makes of points, with the target's sign of the noise: rows × axes. */
export function predictionsOf(
  observer: Observer,
  problem: Problem,
  step: number,
  points: Rows,
): Prediction[][] {
  const { noiseSign, compiles } = observer.facts;
  return predictStep(problem, step, points, { noiseSign, compiled: compiles !== undefined });
}

/** The step of the first axis of the first row, which clauses about a single coordinate judge. */
export function onlyStep(
  observer: ClauseObserver,
  problem: Problem,
  points: readonly Rows[],
  step: number,
  message: string,
): Finding {
  const prediction = predictionsOf(observer, problem, step, points[step]!)[0]![0]!;
  const action = points[step]![0]![0]!, actual = points[step + 1]![0]![0]!;
  const seen = { step, row: 0, axis: 0, action, actual, message };
  return { ...stepFinding(observer.suspect, problem, prediction, seen), confirmable: true };
}

/** How points are compared. */
export interface PointComparison {
  /** Largest distance that is fine; 0 by default. */
  readonly tolerance?: number | ((row: number, axis: number) => number);
  /** The step that the finding is about, if it is about one. */
  readonly step?: number;
  /** What is wrong with a coordinate, in one sentence. */
  message(row: number, axis: number, found: string, wanted: string): string;
}

/** Compares points with the wanted ones; the first coordinate that differs is the finding. */
export function comparePoints(
  observer: Observer,
  problem: Problem,
  found: Rows,
  wanted: Rows,
  { tolerance = 0, message, ...at }: PointComparison,
): Finding | null {
  for (let row = 0; row < wanted.length; row++) {
    for (let axis = 0; axis < problem.axes; axis++) {
      observer.compared(1);
      const actual = found[row]![axis]!, expected = wanted[row]![axis]!;
      const allowed = typeof tolerance === "number" ? tolerance : tolerance(row, axis);
      if (Math.abs(actual - expected) <= allowed) continue;
      const words = message(row, axis, show(actual), show(expected));
      return plainFinding(problem, words, {
        ...at,
        row,
        axis,
        expected,
        actual,
        tolerance: allowed,
      });
    }
  }
  return null;
}

/** How far an action may be off that a sampler maps to coordinates of its own; 0 of any other one. */
export function toleranceOfStart(problem: Problem): (row: number, axis: number) => number {
  const errorOf = coordinatesErrorOf(problem, float32Unit);
  return (row, axis) => errorOf(axis, problem.initial[row]![axis]!);
}

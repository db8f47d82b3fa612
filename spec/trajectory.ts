/**
 * What was observed of a sampler: the points at which it asked its network, what it returned, and
 * what it reported.
 *
 * @module
 */

import type { Problem, Rows } from "./problem.ts";

/** One question that the sampler put to its network. */
export interface Evaluation {
  /** Whether a gradient flowed back through it, or only outputs were read. */
  readonly kind: "outputs" | "gradient";
  /** rows × axes; some of the rows only, in any order, until they are told apart. */
  readonly points: Rows;
}

/** What a sampler reports of its steps, as far as it does. */
export interface Chain {
  /** steps × rows × axes: the actions after each step. */
  readonly actions?: readonly Rows[];
  /** steps × rows: the raw network outputs before each step. */
  readonly outputs?: Rows;
  /** steps × rows: the norms of the unclipped gradients before each step; zeros without a norm. */
  readonly gradNorms?: Rows;
}

/** Draws of one shape in a row that took numbers of the noise tape, whatever the shape. */
export interface ServedDraws {
  /** Of each draw. */
  readonly shape: readonly number[];
  /** The function that drew, for example `torch.randn`. */
  readonly what: string;
  /** How many draws there were. */
  readonly times: number;
}

/** One observed call of a sampler. */
export interface Trajectory {
  /** In the order in which they were asked. */
  readonly evaluations: readonly Evaluation[];
  /** rows × axes, as returned. */
  readonly final: Rows;
  /** What the sampler reported of its steps, if it did. */
  readonly chain?: Chain;
  /** How many draws of rows × axes were taken from the noise tape; one that was begun counts. */
  readonly draws: number;
  /** What took them, in order, if the target tells. */
  readonly served?: readonly ServedDraws[];
  /** The caller's initial actions after the call. */
  readonly initialAfter: Rows;
  /** The type of the actions at which the network was asked, if it is less than float32. */
  readonly coarse?: string;
  /** Set if it can't be told which questions are its chain. */
  readonly untold?: true;
}

/** The points of a chain, x_0 … x_N, or the reason why they cannot be told. */
export type Path =
  | { readonly kind: "known"; readonly points: readonly Rows[] }
  | { readonly kind: "unknown"; readonly evaluations: number };

/**
 * The path x_0 … x_N of a trajectory: the points of the N gradient evaluations and the returned
 * actions. Repeated evaluations at an unchanged point and one more at the final actions (both
 * harmless, for reports) are passed over; any other number of evaluations leaves the path unknown.
 */
export function plainPathOf(problem: Problem, trajectory: Trajectory): Path {
  const steps = problem.settings.steps;
  const asked = trajectory.evaluations.filter((e) => e.kind === "gradient").map((e) => e.points);
  const last = asked.at(-1);
  const asksForFinal = last !== undefined && same(last, trajectory.final);
  for (const reading of asksForFinal ? [asked.slice(0, -1), asked] : [asked]) {
    const points = onePerStep(reading, steps);
    if (points) return { kind: "known", points: [...points, trajectory.final] };
  }
  return { kind: "unknown", evaluations: asked.length };
}

/** Leaves out repeated evaluations at an unchanged point, if that leaves one per step. */
function onePerStep(points: readonly Rows[], steps: number): readonly Rows[] | null {
  const distinct = points.filter((point, i) => i === 0 || !same(point, points[i - 1]!));
  if (distinct.length === steps) return distinct;
  const repeats = points.length / steps;
  if (repeats < 1 || !Number.isInteger(repeats)) return null;
  const regular = points.every((point, i) => same(point, points[i - i % repeats]!));
  return regular ? points.filter((_, i) => i % repeats === 0) : null;
}

/** Whether two tables hold the same numbers (NaN equals NaN). */
export function same(a: Rows, b: Rows): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let r = 0; r < a.length; r++) if (!sameRow(a[r]!, b[r])) return false;
  return true;
}

/** Whether two rows hold the same numbers (NaN equals NaN). */
export function sameRow(a: readonly number[], b: readonly number[] | undefined): boolean {
  if (a === b) return true;
  if (a.length !== b?.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i]! + 0, b[i]! + 0)) return false;
  }
  return true;
}

/**
 * A target under observation, and what is known of it.
 *
 * @module
 */

import type { NoiseSign } from "../spec/oracle.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import type { Rule } from "../spec/rule.ts";
import {
  type CompiledFor,
  type Feature,
  type NetworkReturns,
  TargetFault,
} from "../spec/sampler.ts";
import { pathOf } from "../spec/readings.ts";
import type { OwnCoordinates } from "../spec/tolerance.ts";
import type { Trajectory } from "../spec/trajectory.ts";

/** What is known of a target when a clause comes up. */
export interface Facts {
  /** What its network returns. */
  readonly returns: NetworkReturns;
  /** Features that it lacks. */
  readonly unsupported: ReadonlySet<Feature>;
  /** The sign with which it adds its draws. */
  readonly noiseSign: NoiseSign;
  /** 1, or 2 for a target that cannot run a single step. */
  readonly leastSteps: 1 | 2;
  /** Whether all clauses hold that let this one be judged more sharply. */
  readonly sharp: boolean;
  /** The rule that it is judged by; the official one by default. */
  readonly rule?: Rule;
  /**
   * Set where `rule` was measured on the target, in some problems: the rule that it should follow. What
   * breaks the one but not the other isn't accused.
   */
  readonly plainRule?: Rule;
  /** Set where a violated clause leaves only some steps alone: which are looked at. */
  readonly steps?: SomeSteps;
  /** Set if it takes one interval for all axes. */
  readonly bounds?: "scalar";
  /** Set if it rounds like one that keeps its actions in coordinates of its own. */
  readonly coordinates?: OwnCoordinates;
  /** What it is compiled for; absent if for nothing. */
  readonly compiles?: CompiledFor;
}

/** Which steps of chains are looked at. */
export interface SomeSteps {
  readonly first: "alone" | "and others";
  readonly last: "too" | "left out";
}

/** Whether a step of a chain of so many is looked at. */
export function isLookedAt(step: number, of: number, { steps }: Pick<Facts, "steps">): boolean {
  if (steps?.first === "alone" && step > 0) return false;
  return steps?.last !== "left out" || step < of - 1;
}

/** A target under observation, with what is known of it. */
export interface Observer {
  /** What is known of the target. */
  readonly facts: Facts;
  /** Prepares the target for the problem's settings and samples it once. */
  run(problem: Problem): Promise<Trajectory>;
  /** Prepares the target once; what it gives samples it as often as one likes. */
  open(settings: Settings): Promise<(problem: Problem) => Promise<Trajectory>>;
  /** Counts numbers that were compared. */
  compared(count: number): void;
}

/** A coordinate that is no finite number, and the step that led to it. */
export interface NotFinite {
  /** From 0; -1 if the first question is asked there. */
  readonly step: number;
  readonly row: number;
  readonly axis: number;
  /** Where the step began, rows × axes, as far as that is known. */
  readonly from: Rows | null;
  readonly value: number;
  /** What it is, in words. */
  readonly what: string;
}

/** The first coordinate of what was seen that is no finite number. */
export function notFinite({ evaluations, final }: Trajectory): NotFinite | null {
  let step = -1, from: Rows | null = null;
  const returned = { kind: "gradient", points: final } as const;
  for (const evaluation of [...evaluations, returned]) {
    const { kind, points } = evaluation;
    const row = points.findIndex((actions) => !actions.every(Number.isFinite));
    if (row >= 0) {
      const actions = points[row]!, axis = actions.findIndex((value) => !Number.isFinite(value));
      const what = evaluation === returned ? "the final action" : "the asked action";
      return { step, row, axis, from, value: actions[axis]!, what };
    }
    if (kind === "outputs") continue;
    step++;
    from = points;
  }
  return null;
}

/**
 * Refuses results that are no numbers on problems whose every value is finite.
 *
 * @throws {TargetFault} not-finite
 */
export function requireFinite(problem: Problem, trajectory: Trajectory): void {
  const found = notFinite(trajectory);
  if (found === null) return;
  const { value, what, row, axis } = found;
  throw new TargetFault(
    "not-finite",
    `${value} as ${what} of row ${row}, axis ${axis}, on the energy ${problem.energy}`,
    isFlat(problem) && Number.isNaN(value)
      ? "finite numbers where the gradient is 0, too: one that is divided by its norm is NaN there"
      : "finite numbers",
  );
}

/** Whether the gradient of an energy is 0 everywhere, by its text. */
const isFlat = ({ energy }: Problem) => /^0\*a1( \+ 0\*a\d+)*$/.test(energy);

/** x_0 … x_N, rows × axes each; unknown paths, `null`, are the business of `steps/count`. */
export function pathPoints(problem: Problem, trajectory: Trajectory): readonly Rows[] | null {
  const path = pathOf(problem, trajectory);
  return path.kind === "known" ? path.points : null;
}

/** Runs a target on a problem; the points of its path, or `null` if it is unknown. */
export async function pathOn(
  observer: Observer,
  problem: Problem,
): Promise<readonly Rows[] | null> {
  return pathPoints(problem, await observer.run(problem));
}

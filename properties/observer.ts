/**
 * A target under observation, and what is known of it.
 *
 * @module
 */

import type { NoiseSign } from "../spec/oracle.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import { type Feature, type NetworkReturns, TargetFault } from "../spec/sampler.ts";
import { pathOf } from "../spec/readings.ts";
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

/**
 * Refuses results that are no numbers on problems whose every value is finite.
 *
 * @throws {TargetFault} not-finite
 */
export function requireFinite(problem: Problem, trajectory: Trajectory): void {
  const refuse = (rows: Rows, what: string) =>
    rows.forEach((row, r) =>
      row.forEach((value, axis) => {
        if (!Number.isFinite(value)) {
          throw new TargetFault(
            "not-finite",
            `${value} as ${what} of row ${r}, axis ${axis}, on the energy ${problem.energy}`,
            "finite numbers",
          );
        }
      })
    );
  for (const evaluation of trajectory.evaluations) refuse(evaluation.points, "the asked action");
  refuse(trajectory.final, "the final action");
}

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

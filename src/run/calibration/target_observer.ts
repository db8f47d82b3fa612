/**
 * A target as clauses see it: what they run on it is watched, what they compare is counted.
 *
 * @module
 */

import {
  type Facts,
  type Observer,
  pathPoints,
  requireFinite,
} from "../../../properties/observer.ts";
import type { NoiseObserver } from "../../../properties/noise_law.ts";
import type { Finding } from "../../../properties/finding.ts";
import { tooFew } from "../../../properties/steps.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import { takerOf } from "../../../spec/rule_parts.ts";
import type { Target } from "../../../spec/sampler.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";

/** An observer, and what was seen through it. */
export interface Watched<Through> {
  readonly observer: Through;
  /** How many numbers were compared so far. */
  compared(): number;
}

/** An observer of one case of a clause. */
export interface WatchedCase extends Watched<Observer> {
  /** x_0 … x_N of the last run of this very problem; `null` where steps are not seen. */
  pointsOn(problem: Problem): readonly Rows[] | null;
  /** What was run, in order. */
  runs(): readonly SeenRun[];
}

/** A problem, and what was observed on it. */
export interface SeenRun {
  readonly problem: Problem;
  readonly trajectory: Trajectory;
  /** Whether its sampler had been called before. */
  readonly again?: boolean;
}

/**
 * Watches one case of a clause.
 *
 * @param faults whether results that are no numbers are refused (`stop`) or for the clause to judge
 */
export function watchCase(
  target: Target,
  facts: Facts,
  faults: "violate" | "stop" = "stop",
): WatchedCase {
  let compared = 0;
  const runs: SeenRun[] = [];
  const open = async (settings: Settings) => {
    const prepared = await target.prepare(settings);
    let again = false;
    return async (problem: Problem): Promise<Trajectory> => {
      const trajectory = await prepared.sample(
        facts.unsupported.has("noise-tape") ? { ...problem, noise: { kind: "own" } } : problem,
      );
      runs.push({ problem, trajectory, again });
      again = true;
      if (faults === "stop") requireFinite(problem, trajectory);
      return trajectory;
    };
  };
  return {
    observer: {
      facts,
      run: async (problem) => await (await open(problem.settings))(problem),
      open,
      compared: (count) => {
        compared += count;
      },
    },
    compared: () => compared,
    pointsOn(problem) {
      const last = runs.findLast((run) => run.problem === problem);
      return last ? pathPoints(problem, last.trajectory) : null;
    },
    runs: () => runs,
  };
}

/** What was seen of a target that draws its own noise. */
export interface WatchedNoise extends Watched<NoiseObserver> {
  /** The first chain with fewer gradients than steps. */
  tooFew(): Finding | null;
  /** Whether it could not be told of some run which questions are its chain. */
  untold(): boolean;
  /** The last run. */
  last(): SeenRun | undefined;
}

/** Watches a target that draws its own noise. */
export function watchNoise(target: Target): WatchedNoise {
  let compared = 0;
  let few: Finding | null = null, untold = false;
  let last: SeenRun | undefined;
  return {
    observer: {
      view: target.reveals ?? "every-step",
      ...takerOf(target),
      ...target.compiles !== undefined && { compiled: true },
      async open(problem) {
        const prepared = await target.prepare(problem.settings);
        return async (problem) => {
          const trajectory = await prepared.sample(problem);
          last = { problem, trajectory };
          requireFinite(problem, trajectory);
          untold ||= trajectory.untold ?? false;
          if (target.reveals !== "final-actions") few ??= tooFew(problem, trajectory);
          return trajectory;
        };
      },
      compared: (count) => {
        compared += count;
      },
    },
    compared: () => compared,
    tooFew: () => few,
    untold: () => untold,
    last: () => last,
  };
}

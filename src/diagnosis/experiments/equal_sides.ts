/**
 * Experiments for a sampler of one interval for all axes.
 *
 * @module
 */

import type { Problem, Settings } from "../../../spec/problem.ts";
import type { Experiment } from "./experiments.ts";

/** Walls that are farther apart than this take no part in an experiment. */
const far = 32;

/**
 * A problem on a box with the same sides on all axes. Walls that take no part move out to the
 * farthest; near ones to those of the first axis, and the actions with them, so that each stays at
 * its place between its walls.
 */
export function onOneInterval(problem: Problem): Problem {
  const { min, max } = problem.settings.bounds;
  if (min.every((lo, i) => max[i]! - lo >= far)) {
    const settings = withSides(problem.settings, Math.min(...min), Math.max(...max));
    return { ...problem, settings };
  }
  const low = min[0]!, high = max[0]!, settings = withSides(problem.settings, low, high);
  const initial = problem.initial.map((row) =>
    row.map((a, i) =>
      min[i] === low && max[i] === high
        ? a
        : short(low + (a - min[i]!) / (max[i]! - min[i]!) * (high - low))
    )
  );
  return { ...problem, settings, initial };
}

/** A short binary fraction, which float32 has. */
function short(value: number): number {
  return Math.round(256 * value) / 256;
}

function withSides(settings: Settings, low: number, high: number): Settings {
  const { min, max } = settings.bounds;
  return { ...settings, bounds: { min: min.map(() => low), max: max.map(() => high) } };
}

const known = new WeakMap<Experiment, Experiment>();

/** An experiment whose boxes have the same sides on all axes. */
export function ofOneInterval(experiment: Experiment): Experiment {
  let found = known.get(experiment);
  if (found === undefined) {
    const calls = experiment.calls.map(onOneInterval), { beside } = experiment;
    const { min, max } = calls[0]!.settings.bounds;
    const other = beside === undefined ? {} : { beside: withSides(beside, min[0]!, max[0]!) };
    known.set(experiment, found = { ...experiment, calls, ...other });
  }
  return found;
}

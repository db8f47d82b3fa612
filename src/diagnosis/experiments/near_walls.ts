/**
 * Experiments for a sampler that keeps its actions in coordinates of its own: they are rounded as
 * coarsely as the box is wide, so walls that take no part in an experiment stand nearer.
 *
 * @module
 */

import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import { coordinatesErrorOf } from "../../../spec/rule_parts.ts";
import { float32Unit, type OwnCoordinates } from "../../../spec/tolerance.ts";
import type { Experiment } from "./experiments.ts";

/** Walls of all axes that are farther apart than this take no part in an experiment. */
const far = 256;
/** So many times as near they are still far from every chain. */
const nearer = 32;

function near(settings: Settings): Settings {
  const { min, max } = settings.bounds;
  if (min.some((lo, i) => max[i]! - lo < far)) return settings;
  const of = (sides: readonly number[]) => sides.map((side) => side / nearer);
  return { ...settings, bounds: { min: of(min), max: of(max) } };
}

const known = new WeakMap<OwnCoordinates, WeakMap<Experiment, Experiment>>();

/** An experiment of a sampler that keeps its actions in coordinates of its own. */
export function inCoordinates(given: Experiment, coordinates: OwnCoordinates): Experiment {
  const all = known.get(coordinates) ?? new WeakMap<Experiment, Experiment>();
  known.set(coordinates, all);
  let found = all.get(given);
  if (found === undefined) {
    // What a clause found is run as it was found.
    const settingsOf = given.name.startsWith("clause ") ? (s: Settings) => s : near;
    const { beside } = given;
    all.set(
      given,
      found = {
        ...given,
        calls: given.calls.map((problem) => ({
          ...problem,
          settings: settingsOf(problem.settings),
          coordinates,
        })),
        ...beside && { beside: settingsOf(beside) },
      },
    );
  }
  return found;
}

/**
 * How far a point of a whole chain may be off because its sampler keeps its actions in coordinates of
 * its own, beside all else: roundings of many steps add up like any others, by the root of their number.
 */
export function slackOf(problem: Problem): number {
  if (problem.coordinates === undefined) return 0;
  const errorOf = coordinatesErrorOf(problem, float32Unit), { bounds, steps } = problem.settings;
  return Math.max(...bounds.min.map((_, axis) => errorOf(axis, 0))) * (1 + Math.sqrt(steps) / 4);
}

/**
 * How far what is reported of the points before each step may be off where they are off by the slack:
 * as much as it changes on the way there, axis by axis.
 *
 * @param points where the sampler was: steps × rows × axes
 * @param of what is reported of a point of a row
 * @returns steps × rows; the slack itself of points that were not seen
 */
export function slackOfReports(
  problem: Problem,
  points: readonly Rows[],
  of: (row: number, point: readonly number[]) => number,
): (step: number, row: number) => number {
  const slack = slackOf(problem);
  if (slack === 0) return () => 0;
  return (step, row) => {
    const point = points[step]?.[row];
    if (point === undefined) return slack;
    const at = of(row, point);
    return point.reduce((sum, _, axis) => {
      const beside = point.map((a, i) => i === axis ? a + slack : a);
      return sum + 2 * Math.abs(of(row, beside) - at);
    }, slack);
  };
}

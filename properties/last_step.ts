/**
 * Where a chain is after its last step, beside what it returns.
 *
 * @module
 */

import { agrees } from "../spec/oracle.ts";
import { type Problem, rowCount, type Rows } from "../spec/problem.ts";
import { stepSizesOf } from "../spec/rule_parts.ts";
import { constantTape } from "./arbitraries.ts";
import { predictionsOf } from "./compare.ts";
import { type Observer, pathOn } from "./observer.ts";

/** What one step of a chain that leaps over the minimum multiplies the distance from it by, negated. */
export const growth = 1.5;

const range = (count: number) => Array.from({ length: count }, (_, k) => k);

/** The same problem with one step more. */
function longer(problem: Problem): Problem {
  const { settings, noise, axes } = problem, given = noise.kind === "tape" ? noise.draws : [];
  const more = constantTape(0, settings.steps + 1 - given.length, rowCount(problem), axes);
  return {
    ...problem,
    settings: { ...settings, steps: settings.steps + 1 },
    noise: { kind: "tape", draws: [...given, ...more] },
  };
}

/**
 * Whether a chain of one step more is asked for the last point: if it begins with the same steps, and
 * is no other compilation.
 */
export function asksLonger({ facts }: Observer, problem: Problem): boolean {
  return facts.compiles === undefined && passesTheSame(problem);
}

/** Whether a chain of one step more begins with the same steps: not if they go by their number. */
function passesTheSame(problem: Problem): boolean {
  const sizes = stepSizesOf(problem), more = stepSizesOf(longer(problem));
  return sizes.every((size, k) => size === more[k]);
}

/** The points with the last one as the rule has it; `null` where the step before is another one. */
function wanted(
  observer: Observer,
  problem: Problem,
  points: readonly Rows[],
): readonly Rows[] | null {
  const { steps } = problem.settings;
  const lead = (k: number) => predictionsOf(observer, problem, k, points[k]!);
  const before = lead(steps - 2).every((row, r) =>
    row.every(({ terms, tolerance }, i) =>
      agrees(points[steps - 1]![r]![i]!, terms.result, tolerance)
    )
  );
  if (!before) return null;
  const last = lead(steps - 1).map((row) => row.map(({ terms }) => terms.result));
  return [...points.slice(0, -1), last];
}

/** A chain, and where it is by rights after its steps. */
export interface Arrival {
  readonly points: readonly Rows[];
  /** x_0 … x_N and perhaps more, of a chain of one step more or by the rule. */
  readonly further: readonly Rows[];
}

export async function arrivalOf(observer: Observer, problem: Problem): Promise<Arrival | null> {
  const points = await pathOn(observer, problem);
  if (points === null) return null;
  const further = asksLonger(observer, problem)
    ? await pathOn(observer, longer(problem))
    : wanted(observer, problem, points);
  return further && { points, further };
}

/** How far float32 may carry the last point of a chain from that of another with the same steps. */
export function toleranceOf(
  observer: Observer,
  problem: Problem,
  points: readonly Rows[],
): number {
  let tolerance = 0;
  for (let k = 0; k < problem.settings.steps; k++) {
    const tolerances = predictionsOf(observer, problem, k, points[k]!).flat()
      .map((p) => p.tolerance);
    tolerance = growth * tolerance + 2 * Math.max(...tolerances);
  }
  return tolerance;
}

/**
 * Whether it's the size of the last step that is another one, not the point that is returned: where
 * the delta clip limits every step, its size doesn't matter, and a last point is where it should be.
 * The noise drives that chain uphill, so that its last point is neither the best one nor in the middle.
 */
export async function isAnotherStepSize(
  observer: Observer,
  problem: Problem,
  points: readonly Rows[],
): Promise<boolean> {
  const { settings } = problem, { steps, bounds: { min, max } } = settings;
  if (observer.facts.unsupported.has("noise-tape")) return false;
  const last = predictionsOf(observer, problem, steps - 1, points[steps - 1]!);
  const moved = last.flat().map(({ terms }) => Math.abs(terms.step)).filter((step) => step > 0);
  const limit = Math.min(...moved) / 32, ranges = max.map((high, i) => high - min[i]!);
  const draw = last.map((row) =>
    row.map(({ terms }) => -2 * observer.facts.noiseSign * terms.gradient)
  );
  const limited: Problem = {
    ...problem,
    settings: { ...settings, noiseScale: 1, deltaClip: 2 * limit / Math.max(...ranges) },
    noise: { kind: "tape", draws: range(steps).map(() => draw) },
  };
  const arrived = await arrivalOf(observer, limited);
  if (arrived === null) return false;
  const from = arrived.points[steps - 1]!, to = arrived.points[steps]!;
  const tolerance = toleranceOf(observer, limited, arrived.points);
  return last.every((row, r) =>
    row.every(({ terms: { gradient } }, i) => {
      const move = to[r]![i]! - from[r]![i]!;
      return Math.abs(to[r]![i]! - arrived.further[steps]![r]![i]!) <= tolerance &&
        (gradient === 0 || move * gradient > 0 && Math.abs(move) < 4 * limit);
    })
  );
}

/**
 * Finds out whether a target keeps its actions in coordinates of its own, by how it rounds where nothing
 * moves it.
 *
 * Without a gradient and without noise a chain rests. One that is kept as actions stays exactly where it
 * starts; one that is mapped to other coordinates and back is seen a few last digits away. That is told
 * from a fault by four marks: it is no larger than roundings of the size of the bounds are; it leans to
 * no side; it does not grow along the chain; and it is the same in every call. A limit, a factor or a
 * memory that is wrong does not move a chain that rests, so it excuses none of them.
 *
 * @module
 */

import {
  calmSettings,
  constantSchedule,
  flatEnergy,
  problemOf,
} from "../../properties/arbitraries.ts";
import { pathPoints } from "../../properties/observer.ts";
import { uniform } from "../../spec/numerics/random.ts";
import type { Problem, Rows, Settings } from "../../spec/problem.ts";
import { partsOf, problemFor } from "../../spec/rule_parts.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { float32Unit, type OwnCoordinates } from "../../spec/tolerance.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import type { Calibration } from "./calibrate.ts";

/** Roundings of a whole step in other coordinates, and of both ends of it, in units of u of the bounds. */
const ofBounds = 16;
/** The most that a point is seen away from where it rests, in the same units. */
const mostOfBounds = 8;
/** The most that numbers of a sampler's own may round by, in action units: those of a mean of 16. */
const mostOfOwn = mostOfBounds * 16 * float32Unit;
/** How many times as large as what was seen roundings of its own may be. */
const ownSafety = 4;

/** No side, no middle and no width is a power of two. */
const uneven: Settings["bounds"] = {
  min: [-47.3, 3.1, -0.37, -811.7],
  max: [79.9, 11.7, 0.91, 24.3],
};
/** Where only numbers of its own are rounded by more than the last digits of actions. */
const tiny = 2 ** -12;

/** A call of a sampler that rests; what it is run on. */
type Runs = (problem: Problem) => Promise<Trajectory>;

/**
 * The coordinates in which a target keeps its actions, as far as they round; `undefined` if it keeps them
 * as they are, or if what is seen is not just rounding.
 *
 * @param run runs a problem as it is for samplers of the rule
 * @throws {TargetFault} if the target's process fails
 */
export async function coordinatesOf(
  known: Pick<Calibration, "target" | "unsupported" | "rule">,
  run: Runs,
): Promise<OwnCoordinates | undefined> {
  const { target, unsupported, rule } = known;
  // A rule without a noise scale has noise at all times; what is injected may be zero.
  const rests = partsOf(rule).has("noise scale") || !unsupported.has("noise-tape");
  const look = async (problem: Problem): Promise<Rest> => {
    const suited = problemFor(target, problem), trajectory = await run(problem);
    const path = pathPoints(suited, trajectory), { final } = trajectory;
    const seen = !rests ? path?.slice(0, 1) ?? [] : path ?? [final];
    return { problem: suited, points: seen };
  };
  try {
    const first = await look(resting(uneven, 3, 1));
    if (!isSeenAway(first)) return undefined;
    const again = await look(resting(uneven, 3, 1));
    if (JSON.stringify(again.points) !== JSON.stringify(first.points)) return undefined;
    const long = await look(resting(uneven, 25, 2));
    const small = await look(resting(scaled(uneven, tiny), 25, 3));
    const isRounding = [first, long, small].every((rest) => isUnbiased(rest));
    const most = mostSeen(small);
    if (!isRounding || most > mostOfOwn) return undefined;
    const ofOwn = isWithin(small, 0) ? 0 : ownSafety * most;
    return isWithin(first, ofOwn) && isWithin(long, ofOwn) ? { ofBounds, ofOwn } : undefined;
  } catch (error) {
    // Clauses will show how it fails.
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return undefined;
  }
}

function scaled({ min, max }: Settings["bounds"], by: number): Settings["bounds"] {
  return { min: min.map((lo) => by * lo), max: max.map((hi) => by * hi) };
}

/** Thirty rows that start anywhere in a box, and nothing that moves them. */
function resting({ min, max }: Settings["bounds"], steps: number, seed: number): Problem {
  const share = uniform(seed), bounds = { min: min.map(Math.fround), max: max.map(Math.fround) };
  return problemOf({
    energy: flatEnergy,
    settings: calmSettings(min.length, { bounds, steps, schedule: constantSchedule(0.25) }),
    groups: 6,
    samples: 5,
    initial: Array.from(
      { length: 30 },
      () =>
        bounds.min.map((lo, i) => Math.fround(lo + (0.1 + 0.8 * share()) * (bounds.max[i]! - lo))),
    ),
  });
}

/** Where a chain was seen that rests. */
interface Rest {
  readonly problem: Problem;
  readonly points: readonly Rows[];
}

/** One coordinate of one point. */
interface Away {
  readonly axis: number;
  readonly start: number;
  /** From where it started. */
  readonly by: number;
  /** The larger bound of its axis. */
  readonly size: number;
}

function awayIn({ initial, settings: { bounds: { min, max } } }: Problem, points: Rows): Away[] {
  return points.flatMap((row, r) =>
    row.map((value, axis) => {
      const start = initial[r]![axis]!;
      const size = Math.max(Math.abs(min[axis]!), Math.abs(max[axis]!));
      return { axis, start, by: value - start, size };
    })
  );
}

function allAway({ problem, points }: Rest): readonly Away[] {
  return points.flatMap((rows) => awayIn(problem, rows));
}

/** Whether a point is farther from the start than the start is rounded. */
function isSeenAway(rest: Rest): boolean {
  return allAway(rest).some(({ by, start }) => Math.abs(by) > float32Unit * Math.abs(start));
}

function mostSeen(rest: Rest): number {
  return Math.max(0, ...allAway(rest).map(({ by }) => Math.abs(by)));
}

/** Whether every point is as near to the start as roundings are, of the bounds and of own numbers. */
function isWithin(rest: Rest, ofOwn: number): boolean {
  return allAway(rest).every(({ by, size }) =>
    Math.abs(by) <= mostOfBounds * float32Unit * size + ofOwn
  );
}

/** Deviations of a mean that chance gives in none of many runs. */
const beyond = 5;

/**
 * Whether the first and the last point lean to no side, on no axis: neither by a constant, nor by more
 * than two last digits for each unit of the action, which the inverse of a rounded factor may be off.
 */
function isUnbiased({ problem, points }: Rest): boolean {
  return [points.at(0)!, points.at(-1)!].every((rows) => {
    const all = awayIn(problem, rows);
    return problem.settings.bounds.min.every((_, axis) =>
      isEven(all.filter((one) => one.axis === axis))
    );
  });
}

function isEven(all: readonly Away[]): boolean {
  const count = all.length, mean = (of: readonly number[]) => of.reduce((s, x) => s + x, 0) / count;
  const middle = mean(all.map(({ start }) => start)), side = mean(all.map(({ by }) => by));
  const spread = mean(all.map(({ start }) => (start - middle) ** 2));
  const slope = mean(all.map(({ by, start }) => by * (start - middle))) / spread;
  const rest = all.map(({ by, start }) => by - side - slope * (start - middle));
  const deviation = Math.sqrt(mean(rest.map((x) => x * x)));
  const error = beyond * deviation / Math.sqrt(count);
  const reach = Math.max(...all.map(({ start }) => Math.abs(start)));
  return Math.abs(side) <= error + 2 * float32Unit * reach &&
    Math.abs(slope) <= error / Math.sqrt(spread) + 2 * float32Unit;
}

/** What is taken as rounding, in words. */
export function aboutCoordinates({ coordinates }: Pick<Target, "coordinates">): readonly string[] {
  if (coordinates === undefined) return [];
  const { ofBounds, ofOwn } = coordinates,
    beside = ofOwn === 0 ? "" : ` and ${ofOwn.toPrecision(2)}`;
  return [
    "This sampler rounds like one that keeps its actions in coordinates of its own, such as places " +
    `in the box from -1 to 1: in a step, up to ${
      (ofBounds * float32Unit).toPrecision(2)
    } times the ` +
    `larger bound of an axis${beside} is taken as rounding.`,
  ];
}

/**
 * Finds out whether a target keeps its actions in coordinates of its own, by how it rounds where nothing
 * moves it.
 *
 * Without a gradient and without noise a chain rests. One that is kept as actions stays exactly where it
 * starts; one that is mapped to other coordinates and back is seen a few last digits away. That is told
 * from a fault by four marks: it is no larger than roundings of the size of the bounds are, in any step; it
 * leans to no side; in a tiny box it is tiny, too; and it is the same in every call. A limit, a factor or a
 * memory that is wrong does not move a chain that rests, so it excuses none of them.
 *
 * @module
 */

import {
  calmSettings,
  constantSchedule,
  flatEnergy,
  problemOf,
} from "../../../properties/arbitraries.ts";
import { pathPoints } from "../../../properties/observer.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import { partsOf, problemFor } from "../../../spec/rule_parts.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { float32Unit, type OwnCoordinates } from "../../../spec/tolerance.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import type { Calibration } from "./calibrate.ts";

/** Roundings of a whole step in other coordinates, and of both ends of it, in units of u of the bounds. */
const ofBounds = 16;
/** Coordinates that round by the box alone. */
export const ofTheBox: OwnCoordinates = { ofBounds, ofOwn: 0 };
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

/** As many axes as problems have, in tiny boxes. */
const onManyAxes: Settings["bounds"] = {
  min: Array.from({ length: 30 }, (_, i) => -tiny * (1 + i / 7)),
  max: Array.from({ length: 30 }, (_, i) => tiny * (2 - i / 17)),
};

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
    const points = rests ? path ?? [final] : path?.slice(0, 1) ?? [];
    return { problem: suited, points, steps: path ? 1 : suited.settings.steps };
  };
  try {
    const first = await look(resting(uneven, 3, 1));
    if (!isSeenAway(first)) return undefined;
    const again = await look(resting(uneven, 3, 1));
    if (JSON.stringify(again.points) !== JSON.stringify(first.points)) return undefined;
    const long = await look(resting(uneven, 25, 2));
    const small = await look(resting(scaled(uneven, tiny), 25, 3));
    // Numbers of its own may be others on each axis.
    const broad = isWithin(small, 0) ? [] : [await look(resting(onManyAxes, 25, 4))];
    const isRounding = [first, long, small, ...broad].every((rest) => isUnbiased(rest));
    const most = Math.max(0, ...broad.map(mostSeen));
    if (!isRounding || most > mostOfOwn) return undefined;
    const ofOwn = ownSafety * most;
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
  /** x_0 and on; or what was returned alone. */
  readonly points: readonly Rows[];
  /** Steps before each point: 1 for the start, too. */
  readonly steps: number;
}

/** One coordinate after a step, or after some. */
interface Away {
  readonly axis: number;
  readonly from: number;
  readonly by: number;
  /** The larger bound of its axis. */
  readonly size: number;
}

/** What moves by such a part of a bound is moved by something else: its axis tells nothing. */
const farther = 2 ** -12;

/**
 * How far each point is from the one before, the first from where the chain starts; on axes on which
 * nothing but rounding moves it, as wrong bounds do.
 */
function awayIn(rest: Rest): Away[][] {
  const all = allAwayIn(rest);
  const moved = new Set(
    all.flat().filter(({ by, size }) => !(Math.abs(by) <= farther * size + mostOfOwn))
      .map(({ axis }) => axis),
  );
  return all.map((away) => away.filter(({ axis }) => !moved.has(axis)));
}

function allAwayIn(
  { problem: { initial, settings: { bounds: { min, max } } }, points }: Rest,
): Away[][] {
  return points.map((rows, k) =>
    rows.flatMap((row, r) =>
      row.map((value, axis) => {
        const from = (points[k - 1] ?? initial)[r]![axis]!;
        const size = Math.max(Math.abs(min[axis]!), Math.abs(max[axis]!));
        return { axis, from, by: value - from, size };
      })
    )
  );
}

/** Whether a point is farther from the one before than that is rounded. */
function isSeenAway(rest: Rest): boolean {
  return awayIn(rest).flat().some(({ by, from }) => Math.abs(by) > float32Unit * Math.abs(from));
}

function mostSeen(rest: Rest): number {
  return Math.max(0, ...awayIn(rest).flat().map(({ by }) => Math.abs(by)));
}

/** Whether no point is farther away than roundings are, of the bounds and of own numbers. */
function isWithin(rest: Rest, ofOwn: number): boolean {
  return awayIn(rest).flat().every(({ by, size }) =>
    Math.abs(by) <= rest.steps * (mostOfBounds * float32Unit * size + ofOwn)
  );
}

/** Deviations of a mean that chance gives in none of many runs. */
const beyond = 6;

/**
 * Whether no point leans to a side, on any axis, by more than two last digits for each unit of a
 * distance in the box: so much the inverse of a rounded factor may be off.
 */
function isUnbiased(rest: Rest): boolean {
  return awayIn(rest).every((all) =>
    rest.problem.settings.bounds.min.every((_, axis) =>
      isEven(all.filter((one) => one.axis === axis), 2 * float32Unit * rest.steps)
    )
  );
}

function isEven(all: readonly Away[], steepest: number): boolean {
  if (all.length === 0) return true;
  const count = all.length, mean = (of: readonly number[]) => of.reduce((s, x) => s + x, 0) / count;
  const middle = mean(all.map(({ from }) => from)), side = mean(all.map(({ by }) => by));
  const spread = mean(all.map(({ from }) => (from - middle) ** 2));
  const slope = mean(all.map(({ by, from }) => by * (from - middle))) / spread;
  const rest = all.map(({ by, from }) => by - side - slope * (from - middle));
  const error = beyond * Math.sqrt(mean(rest.map((x) => x * x)) / count);
  const reach = Math.max(...all.map(({ size }) => size));
  return Math.abs(side) <= error + Math.abs(slope) * reach &&
    Math.abs(slope) <= steepest + error / Math.sqrt(spread);
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

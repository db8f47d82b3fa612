/**
 * The walls that chains end at as figures, where no known defect gives them.
 *
 * @module
 */

import type { Problem, Rows } from "../../../spec/problem.ts";
import { apart, byAxis, isNear, rounded, shown } from "../figures/figures.ts";
import type { Observation } from "../experiments/observations.ts";
import { piecesOf, type PlaceCell } from "../figures/figures_by_place.ts";
import { chainOf } from "../experiments/response.ts";
import type { Suspect } from "./suspects.ts";

/** One axis: its bounds, and where chains end that are pushed down and up. */
interface Wall {
  readonly lo: number;
  readonly hi: number;
  readonly low: number;
  readonly high: number;
}

/** Figures for the walls that chains end at which are pushed down in row 0 and up in row 1. */
export function wallSuspects({ probe, calls: [call] }: Observation): readonly Suspect[] {
  const problem = probe.calls[0]!, { min, max } = problem.settings.bounds;
  const chain = call === undefined || call === "throws" ? undefined : chainOf(problem, call);
  const last = chain?.points.at(chain.sure ? -1 : -2);
  if (!last || last.length < 2) return [];
  const walls = min.map((lo, i) => ({ lo, hi: max[i]!, low: last[0]![i]!, high: last[1]![i]! }));
  const found = [
    ...ofMargin(walls),
    ...boundsByStep(problem, chain!.points),
    ...ofOtherBounds(walls),
  ];
  const finite = walls.every(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  // What still moves is at no wall.
  const before = chain!.points.at(chain!.sure ? -2 : -3);
  const rests = before !== undefined &&
    [0, 1].every((r) => last[r]!.every((a, i) => a === before[r]![i]));
  if (found.length > 0 || !finite || !rests) return found;
  const list = (values: readonly number[], bounds: readonly number[]) =>
    `(${values.map((value, i) => apart(value, bounds[i]!)).join(", ")})`.replaceAll("-", "−");
  const lows = walls.map(({ low }) => low), highs = walls.map(({ high }) => high);
  const box = JSON.stringify(problem.settings.bounds);
  return [{
    ...suspect(
      `In the box from (${min.join(", ")}) to (${max.join(", ")}) chains end at the walls ${
        list(lows, min)
      } and ${list(highs, max)}`,
      byAxis(lows),
      byAxis(highs),
    ),
    known: ({ settings: { bounds } }) => JSON.stringify(bounds) === box,
  }];
}

function suspect(title: string, low: string, high: string): Suspect {
  return {
    key: `measured number bounds ${low} ${high}`,
    id: null,
    title,
    fix: "Clip each axis to its own bounds.",
    change: { result: `min(max(a - move, ${low}), ${high})` },
    written: () => "other bounds",
  };
}

/** One distance from bounds, if there is one but for the rounding of the bounds. */
function oneOf(distances: readonly number[], slack: number): number | undefined {
  const mean = distances.reduce((sum, one) => sum + one) / distances.length;
  const isOne = distances.every((one) => Math.abs(one - mean) <= 1e-5 * Math.abs(mean) + slack);
  if (!isOne || !(Math.abs(mean) > 8 * slack)) return undefined;
  const short = Number(mean.toPrecision(3));
  return Math.abs(short - mean) <= slack ? short : rounded(mean);
}

/** Walls as far inside of the bounds on every side. */
function ofMargin(walls: readonly Wall[]): readonly Suspect[] {
  const inside = walls.flatMap(({ lo, hi, low, high }) => [low - lo, hi - high]);
  const parts = walls.flatMap(({ lo, hi, low, high }) => [
    (low - lo) / (hi - lo),
    (hi - high) / (hi - lo),
  ]);
  const found: Suspect[] = [];
  const slack = 2 ** -22 * Math.max(...walls.flatMap(({ lo, hi }) => [Math.abs(lo), Math.abs(hi)]));
  const part = oneOf(parts, slack / Math.min(...walls.map(({ lo, hi }) => hi - lo)));
  if (part !== undefined) {
    found.push(suspect(
      `The walls stand ${shown(part)} of the range inside of the bounds`,
      `lo + (${part}) * (hi - lo)`,
      `hi - (${part}) * (hi - lo)`,
    ));
  }
  const margin = oneOf(inside, slack);
  if (margin !== undefined) {
    found.push(suspect(
      `The walls stand ${shown(margin)} inside of the bounds`,
      `lo + (${margin})`,
      `hi - (${margin})`,
    ));
  }
  return found;
}

/** Where the wall of an axis may come from: the bound of its side, and that of the other side. */
interface Origin {
  readonly value: (bounds: readonly number[], others: readonly number[], axis: number) => number;
  readonly formula: (bound: string, other: string) => string;
  /** In words, after "the … wall of an axis is". */
  readonly words: (side: string) => string;
}

/** A bound that is changed by itself. */
const changed = (
  value: (bound: number) => number,
  formula: (bound: string) => string,
  words: string,
): Origin => ({
  value: (bounds, _others, i) => value(bounds[i]!),
  formula,
  words: (side) => `its ${side} bound ${words}`,
});

/** The bound of another axis. */
const taken = (
  index: (axis: number, axes: number) => number,
  formula: (bound: string) => string,
  whose: string,
): Origin => ({
  value: (bounds, _others, i) => bounds[index(i, bounds.length)]!,
  formula,
  words: (side) => `the ${side} bound of ${whose}`,
});

const up = (bound: string) => `-floor(-(${bound}))`;

/** The bound itself first. */
const origins: readonly [Origin, ...Origin[]] = [
  { ...taken((i) => i, (bound) => bound, ""), words: (side) => `its ${side} bound` },
  {
    value: (_bounds, others, i) => -others[i]!,
    formula: (_bound, other) => `(-${other})`,
    words: (side) => `its ${side === "lower" ? "upper" : "lower"} bound with the other sign`,
  },
  {
    value: (bounds, others, i) =>
      (bounds[i]! <= others[i]! ? -1 : 1) * Math.max(Math.abs(bounds[i]!), Math.abs(others[i]!)),
    formula: (bound, other) => `${bound === "lo" ? "-" : ""}max(abs(${bound}), abs(${other}))`,
    words: (side) => `${side === "lower" ? "minus " : ""}the larger of its bounds in size`,
  },
  taken(
    (i, n) => (i + n - 1) % n,
    (b) => `${b}Before`,
    "the axis before, the first one's the last",
  ),
  taken((i) => Math.max(i - 1, 0), (b) => `where(axis - 0.5, ${b}Before, ${b})`, "the axis before"),
  taken((i, n) => (i + 1) % n, (b) => `${b}Next`, "the axis after, the last one's the first"),
  taken(
    (i, n) => Math.min(i + 1, n - 1),
    (b) => `where(axes - 1.5 - axis, ${b}Next, ${b})`,
    "the axis after",
  ),
  taken((i, n) => n - 1 - i, (b) => `${b}Opposite`, "the axis as far from the end"),
  taken(() => 0, (b) => `${b}First`, "the first axis"),
  taken((_i, n) => n - 1, (b) => `${b}Last`, "the last axis"),
  changed(Math.trunc, (b) => `where(${b}, floor(${b}), ${up(b)})`, "without its fraction"),
  changed(Math.floor, (b) => `floor(${b})`, "rounded down"),
  changed(Math.ceil, up, "rounded up"),
  changed((bound) => Math.floor(bound + 0.5), (b) => `floor(${b} + 0.5)`, "rounded"),
];

/** Walls that are other bounds, or whole numbers. */
function ofOtherBounds(walls: readonly Wall[]): readonly Suspect[] {
  const mins = walls.map(({ lo }) => lo), maxes = walls.map(({ hi }) => hi);
  const [own] = origins;
  const gives = (low: Origin, high: Origin) =>
    walls.every((wall, i) => {
      const upper = high.value(maxes, mins, i);
      return isNear(wall.high, upper) &&
        isNear(wall.low, Math.min(low.value(mins, maxes, i), upper));
    });
  return origins.flatMap((low) =>
    origins.flatMap((high) => {
      if (low === own && high === own || !gives(low, high)) return [];
      const parts = [
        ...low === own ? [] : [`the lower wall of an axis is ${low.words("lower")}`],
        ...high === own ? [] : [`the upper wall of an axis is ${high.words("upper")}`],
      ];
      const title = parts.join(", and ");
      return [
        suspect(
          title[0]!.toUpperCase() + title.slice(1),
          low.formula("lo", "hi"),
          high.formula("hi", "lo"),
        ),
      ];
    })
  );
}

/** Bounds that are applied in some steps only. */
function boundsByStep(problem: Problem, points: readonly Rows[]): readonly Suspect[] {
  const { initial, samples, axes, settings: { steps, bounds: { min, max } } } = problem;
  const cells = points.slice(1).map((at, k): PlaceCell => {
    const isInside = at.every((row) => row.every((a, i) => a >= min[i]! && a <= max[i]!));
    return { value: Number(isInside), k, steps, rows: initial.length, samples, axes };
  });
  const found = piecesOf(cells), on = found?.pieces.find(({ value }) => value === 1);
  if (found === undefined || on === undefined) return [];
  return [{
    key: `measured number bounds ${found.formula}`,
    id: null,
    title: `The bounds are applied ${on.where} only`,
    fix: "Clip the actions to the bounds after every step.",
    change: { result: `where(${found.formula}, min(max(a - move, lo), hi), a - move)` },
    written: () => `, bounds ${on.where}`,
  }];
}

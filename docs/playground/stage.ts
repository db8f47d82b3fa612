/**
 * What stands on the playground's stage, as SVG text: an energy with chains on it, and curves over
 * the steps.
 *
 * @module
 */

import { energyAt } from "../../spec/oracle.ts";
import type { Rows } from "../../spec/problem.ts";
import { joined, type Markup, markup } from "../../src/report/markup.ts";
import { landscapeOf } from "../../src/report/plot/contours.ts";
import { boxIn, energyPoints, reachOf } from "../../src/report/plot/landscape.ts";
import {
  area,
  axisBelow,
  axisLeft,
  framed,
  line,
  mark,
  type Plot,
  plotOf,
  type Point,
  words,
} from "../../src/report/plot/plot.ts";
import { extentOf, markText, type Range, widened } from "../../src/report/plot/scales.ts";
import type { ObservedRun, RunPair } from "./run_pair.ts";

/** Which sampler a drawing shows. */
export type Side = "expected" | "actual";

/** What lies still in a figure, and the plots in which chains move. */
export interface Ground {
  /** The energy, the box and the axes. */
  readonly drawn: Markup;
  /** Where chains are: an axis and the energy, or two axes. */
  readonly plot: Plot;
  /** With one axis, where chains go step by step; the whole plot with two. */
  readonly trails: Plot;
  /** The whole of the figure within its axes. */
  readonly whole: Plot;
  /** Height of a point in the plot: its energy, or its second coordinate. */
  height(point: readonly number[]): number;
  /** Height of a point in the plot of trails: its step, or its second coordinate. */
  trailHeight(point: readonly number[], step: number): number;
}

/** Width and height of a figure with an energy. */
export const size = { width: 440, height: 400 } as const;

/** Where the axes of a figure stand. */
const inner = { left: 40, top: 12, width: 388, height: 360 } as const;

/**
 * The part of an axis that is shown: the box and what the chains reach around it, or, where they
 * hardly move, what they reach alone.
 */
function shownOf(pair: RunPair, axis: number): Range {
  const { min, max } = pair.problem.settings.bounds;
  const low = min[axis]!, high = max[axis]!, box = high - low || 1;
  const [least, greatest] = extentOf(
    [...pair.expected.points, ...pair.actual.points, ...pair.fromThere]
      .flatMap((rows) => rows.map((row) => row[axis]!)),
  );
  const moved = greatest - least;
  if (moved > 0 && moved < 0.06 * box) return widened([least, greatest], 0.6);
  return [
    Math.max(Math.min(low, least), low - 0.6 * box) - 0.06 * box,
    Math.min(Math.max(high, greatest), high + 0.6 * box) + 0.06 * box,
  ];
}

/**
 * The energy with its box.
 *
 * @param row whose observation, and whose further coordinates, the picture is for
 */
export function groundOf(pair: RunPair, row: number): Ground {
  return pair.problem.axes === 1 ? groundAlong(pair, row) : groundFromAbove(pair, row);
}

function groundAlong(pair: RunPair, row: number): Ground {
  const { problem } = pair;
  const across = shownOf(pair, 0);
  const energy = (action: number) => energyAt(problem, row, [action]);
  const points = energyPoints(energy, across);
  const up = widened(extentOf(points.map(([, value]) => value)), 0.08);
  const steps = Math.max(pair.expected.points.length, pair.actual.points.length, 2) - 1;
  const whole = plotOf({ ...inner, across, up: [0, 1] });
  const plot = plotOf({ ...inner, height: 198, across, up });
  const trails = plotOf({ ...inner, top: 238, height: 128, across, up: [steps, 0] });
  const beside = (y: number, text: string) => words(inner.left - 6, y, text, "", "end");
  return {
    drawn: joined([
      boxIn(whole, problem.settings.bounds, [0]),
      framed(plot, [line(plot, points, "energy")]),
      axisBelow(whole, { lines: "ticks", free: 30 }),
      words(whole.right, whole.bottom + 18, "a₁", "name", "end"),
      words(inner.left - 6, whole.top + 9, "E", "name", "end"),
      beside(trails.top + 4, "0"),
      beside((trails.top + trails.bottom) / 2 + 4, "step"),
      beside(trails.bottom + 4, String(steps)),
    ]),
    plot,
    trails,
    whole,
    height: (point) => energyAt(problem, row, point),
    trailHeight: (_, step) => step,
  };
}

function groundFromAbove(pair: RunPair, row: number): Ground {
  const { problem } = pair;
  const plot = plotOf({ ...inner, across: shownOf(pair, 0), up: shownOf(pair, 1) });
  const rest = problem.initial[row]?.slice(2) ?? [];
  const height = (point: readonly number[]) => point[1]!;
  return {
    drawn: joined([
      framed(plot, landscapeOf(plot, (x, y) => energyAt(problem, row, [x, y, ...rest]), 11)),
      boxIn(plot, problem.settings.bounds, [0, 1]),
      axisBelow(plot, { lines: "ticks", free: 30 }),
      words(plot.right, plot.bottom + 18, "a₁", "name", "end"),
      axisLeft(plot, { lines: "ticks", name: "a₂" }),
    ]),
    plot,
    trails: plot,
    whole: plot,
    height,
    trailHeight: height,
  };
}

/** The chains of one sampler up to a moment between two steps. */
export function chainsAt(
  pair: RunPair,
  ground: Ground,
  side: Side,
  moment: number,
  row: number,
): Markup {
  const run = pair[side];
  const last = run.points.length - 1;
  const now = Math.min(moment, last), k = Math.floor(now);
  const here = pointsAt(run, now);
  const others = here.keys().filter((r) => r !== row);
  const looked = here[row] === undefined ? [] : [row];
  return framed(ground.whole, [
    now < last ? reach(pair, ground, run.points[k]?.[row]) : null,
    ...[...others, ...looked].map((r) =>
      chain(ground, run, side, r, now, here[r]!, r === row ? "close" : "quiet")
    ),
    // While a step is under way, or about to be: where the rule would go from the same point.
    side === "actual" && pair.differ === "yes"
      ? ghost(ground, run.points[k]?.[row], pair.fromThere[k]?.[row], k)
      : null,
    now === last ? returned(ground, run) : null,
  ]);
}

/** Points between two steps, rows × axes. */
function pointsAt(run: ObservedRun, moment: number): Rows {
  const k = Math.floor(moment), share = moment - k;
  const from = run.points[k]!, to = run.points[k + 1];
  if (!to || share === 0) return from;
  return from.map((row, r) => row.map((v, i) => v + share * (to[r]![i]! - v)));
}

function chain(
  ground: Ground,
  run: ObservedRun,
  side: Side,
  row: number,
  moment: number,
  point: readonly number[],
  look: "quiet" | "close",
): Markup | null {
  const { plot, trails } = ground;
  const now: Point = [point[0]!, ground.height(point)];
  if (!now.every(Number.isFinite)) return null;
  const past = run.points.slice(0, Math.floor(moment) + 1).map((rows) => rows[row]!);
  const trail = [...past, point].map((p, k): Point => [
    p[0]!,
    ground.trailHeight(p, Math.min(k, moment)),
  ]);
  const earlier = trails !== plot
    ? [mark(trails, trail.at(-1)!, side, 0.8, look)]
    : look === "close"
    ? trail.slice(0, -1).map((p) => mark(trails, p, side, 0.5, "past"))
    : [];
  return joined([
    line(trails, trail, `${side} ${look}`),
    ...earlier,
    mark(plot, now, side, 1, look),
  ]);
}

/** How far the next step of the chain that is looked at may lead. */
function reach(pair: RunPair, { whole, plot, trails }: Ground, point?: readonly number[]) {
  if (point === undefined || !point.every(Number.isFinite)) return null;
  const [across, up] = reachOf(point, pair.limits);
  return area(whole, across!, trails === plot ? up! : null, "band");
}

function ghost(
  ground: Ground,
  from: readonly number[] | undefined,
  to: readonly number[] | undefined,
  k: number,
) {
  if (from === undefined || to === undefined) return null;
  const ends = [from, to].map((p, i): Point => [p[0]!, ground.trailHeight(p, k + i)]);
  return joined([
    line(ground.trails, ends, "ghost"),
    mark(ground.trails, ends[1]!, "expected", 1.1, "ghost"),
  ]);
}

/** Where a sampler hands back other points than its last ones. */
function returned({ plot, height }: Ground, { points, returned }: ObservedRun): Markup {
  const last = points.at(-1)!;
  return joined(returned.flatMap((point, r) => {
    if (point.every((v, i) => Math.abs(v - last[r]![i]!) <= 1e-6)) return [];
    const x = plot.x(point[0]!), y = plot.y(height(point));
    if (!Number.isFinite(x + y)) return [];
    return [markup`<path class="returned" transform="translate(${x} ${y})" d="M-7 0H7M0 -7V7"/>`];
  }));
}

/** One curve over the steps. */
export interface Curve {
  /** Which sampler it belongs to. */
  readonly side: Side;
  /** One value per step. */
  readonly values: readonly number[];
}

/** Curves over the steps, with the current one marked. */
export function curves(lines: readonly Curve[], moment: number): Markup {
  const width = 440, height = 150;
  const [least, greatest] = extentOf([0, ...lines.flatMap(({ values }) => values)]);
  const last = Math.max(...lines.map(({ values }) => values.length), 2) - 1;
  const plot = plotOf({
    left: 52,
    top: 14,
    width: width - 66,
    height: height - 40,
    across: [0, last],
    up: [least, Math.max(greatest, least + 1e-12)],
  });
  const now = Math.min(moment, last);
  const marks = lines.map(({ side, values }) => {
    const k = Math.min(Math.floor(now), values.length - 1);
    return mark(plot, [k, values[k] ?? NaN], side, 0.9, "close");
  });
  return markup`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false">${
    joined([
      axisLeft(plot, {
        lines: "grid",
        ticks: [...new Set([least, greatest])].map((value) => [value, markText(value, 3)]),
      }),
      axisBelow(plot, { lines: "ticks", ticks: [[0, "0"], [last, String(last)]] }),
      words(plot.left + plot.width / 2, plot.bottom + 18, "step", "", "middle"),
      ...lines.map(({ side, values }) => line(plot, values.map((v, k): Point => [k, v]), side)),
      line(plot, [[now, plot.up[0]], [now, plot.up[1]]], "guide"),
      ...marks,
    ])
  }</svg>`;
}

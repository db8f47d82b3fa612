/**
 * The figures as SVG text: an energy with chains on it, and curves over the steps.
 *
 * The rule is drawn with solid lines and filled circles, the defective rule with dashed lines and
 * open diamonds, so that colour is never the only difference.
 *
 * @module
 */

import { energyAt } from "../../spec/oracle.ts";
import type { Problem, Rows } from "../../spec/problem.ts";
import { levelsOf, regionBelow } from "../../src/report/page/isolines.ts";
import {
  lineThrough,
  place,
  type Scale,
  scale,
  ticks,
  tickText,
} from "../../src/report/page/scale.ts";
import type { Run, Scene } from "./scene.ts";

/** Which sampler a drawing shows. */
export type Side = "expected" | "actual";

/** What lies still in a figure, and the scales of what moves. */
export interface Ground {
  /** SVG of the energy, the box and the axes. */
  readonly svg: string;
  /** Action → horizontal place. */
  x(value: number): number;
  /** Second action, or energy, → vertical place. */
  y(value: number): number;
  /** Step → vertical place of the time diagram, with one axis only. */
  time(step: number): number;
  /** Whether the action has one axis. */
  readonly flat: boolean;
}

/** Width and height of a figure with an energy. */
export const size = { width: 440, height: 400 } as const;
const frame = { left: 40, right: 12, top: 12, bottom: 28 } as const;

/**
 * The part of an axis that is shown: the box and what the chains reach around it, or, where they
 * hardly move, what they reach alone.
 */
function shown(scene: Scene, axis: number): [number, number] {
  const { min, max } = scene.problem.settings.bounds;
  const low = min[axis]!, high = max[axis]!;
  const range = high - low || 1;
  const reached = [...scene.expected.points, ...scene.actual.points, ...scene.fromThere]
    .flatMap((rows) => rows.map((row) => row[axis]!)).filter(Number.isFinite);
  const least = Math.min(...reached), greatest = Math.max(...reached);
  const moved = greatest - least;
  if (moved > 0 && moved < 0.06 * range) return [least - 0.6 * moved, greatest + 0.6 * moved];
  return [
    Math.max(Math.min(low, least), low - 0.6 * range) - 0.06 * range,
    Math.min(Math.max(high, greatest), high + 0.6 * range) + 0.06 * range,
  ];
}

/** What lies in a figure, cut off at its frame. */
function framed(content: string): string {
  const { left, right, top, bottom } = frame;
  const width = size.width - left - right, height = size.height - top - bottom;
  return `<svg x="${left}" y="${top}" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}">${content}</svg>`;
}

/**
 * The energy with its box.
 *
 * @param row whose observation, and whose further coordinates, the picture is for
 */
export function groundOf(scene: Scene, row: number): Ground {
  return scene.problem.axes === 1 ? curveGround(scene, row) : contourGround(scene, row);
}

function curveGround(scene: Scene, row: number): Ground {
  const { problem } = scene;
  const [low, high] = shown(scene, 0);
  const middle = 232;
  const x = scale(low, high, frame.left, size.width - frame.right);
  const count = 160;
  const samples = Array.from({ length: count + 1 }, (_, i) => {
    const action = low + i / count * (high - low);
    return [action, energyAt(problem, row, [action])] as const;
  }).filter(([, value]) => Number.isFinite(value));
  const values = samples.map(([, value]) => value);
  const least = Math.min(...values), greatest = Math.max(...values);
  const spare = 0.08 * (greatest - least || 1);
  const y = scale(least - spare, greatest + spare, middle - 22, frame.top);
  const steps = Math.max(scene.expected.points.length, scene.actual.points.length) - 1;
  const time = scale(0, Math.max(steps, 1), middle + 6, size.height - frame.bottom - 6);
  const { min, max } = problem.settings.bounds;
  const path = samples.map(([a, v], i) => `${i === 0 ? "M" : "L"}${at(x.at(a))} ${at(y.at(v))}`);
  const picture = [
    outside(frame.left, x.at(min[0]!), frame.top, size.height - frame.bottom),
    outside(x.at(max[0]!), size.width - frame.right, frame.top, size.height - frame.bottom),
    `<path class="energy" d="${path.join("")}"/>`,
    ...[min[0]!, max[0]!].map((wall) =>
      `<line class="box" x1="${at(x.at(wall))}" x2="${at(x.at(wall))}" y1="${frame.top}" y2="${
        size.height - frame.bottom
      }"/>`
    ),
  ].join("");
  const svg = [
    framed(picture),
    horizontalTicks(x),
    label(frame.left - 6, frame.top + 8, "E", "end"),
    label(frame.left - 6, middle + 10, "0", "end"),
    label(frame.left - 6, time.at(steps) + 4, String(steps), "end"),
    label(frame.left - 6, (middle + size.height - frame.bottom) / 2 + 4, "step", "end"),
    label(size.width - frame.right, size.height - 6, "a₁", "end"),
  ].join("");
  return { svg, x: x.at, y: y.at, time: time.at, flat: true };
}

function contourGround(scene: Scene, row: number): Ground {
  const { problem } = scene;
  const [lowX, highX] = shown(scene, 0), [lowY, highY] = shown(scene, 1);
  const x = scale(lowX, highX, frame.left, size.width - frame.right);
  const y = scale(lowY, highY, size.height - frame.bottom, frame.top);
  const cells = 64;
  const rest = problem.initial[row]?.slice(2) ?? [];
  const place = (share: number, s: Scale) => s.low + share * (s.high - s.low);
  const grid = Array.from(
    { length: cells + 1 },
    (_, j) =>
      Array.from(
        { length: cells + 1 },
        (_, i) => energyAt(problem, row, [place(i / cells, x), place(j / cells, y), ...rest]),
      ),
  );
  const levels = levelsOf(grid, 11).reverse();
  const layers = levels.map((level, depth) => {
    const d = regionBelow(grid, level).map((ring) =>
      ring.map(([i, j], n) =>
        `${n === 0 ? "M" : "L"}${at(x.at(place(i / cells, x)))} ${at(y.at(place(j / cells, y)))}`
      ).join("") + "Z"
    ).join("");
    return `<path class="contour" data-depth="${depth}" d="${d}"/>`;
  });
  const { min, max } = problem.settings.bounds;
  const left = x.at(min[0]!), right = x.at(max[0]!), top = y.at(max[1]!), bottom = y.at(min[1]!);
  const end = size.width - frame.right, foot = size.height - frame.bottom;
  const picture = [
    `<rect class="sea" x="${frame.left}" y="${frame.top}" width="${end - frame.left}" height="${
      foot - frame.top
    }"/>`,
    ...layers,
    outside(frame.left, left, frame.top, foot),
    outside(right, end, frame.top, foot),
    outside(left, right, frame.top, top),
    outside(left, right, bottom, foot),
    `<rect class="box" x="${at(left)}" y="${at(top)}" width="${at(right - left)}" height="${
      at(bottom - top)
    }"/>`,
  ].join("");
  const svg = [
    framed(picture),
    horizontalTicks(x),
    verticalTicks(y),
    label(end, size.height - 6, "a₁", "end"),
    label(frame.left - 6, frame.top + 8, "a₂", "end"),
  ].join("");
  return { svg, x: x.at, y: y.at, time: () => 0, flat: false };
}

/** The chains of one sampler up to a moment between two steps. */
export function chainsAt(
  scene: Scene,
  ground: Ground,
  side: Side,
  moment: number,
  row: number,
): string {
  const run = scene[side];
  const last = run.points.length - 1;
  const now = Math.min(moment, last);
  const k = Math.min(Math.floor(now), last);
  const here = pointsAt(run, now);
  const parts = [band(scene, ground, run.points[Math.min(k, last)]!, row, now < last)];
  here.forEach((point, r) => {
    if (r !== row) parts.push(chain(scene.problem, ground, run, side, r, now, point, "quiet"));
  });
  if (here[row]) {
    parts.push(chain(scene.problem, ground, run, side, row, now, here[row]!, "close"));
    if (side === "actual" && scene.differ === "yes") {
      // While a step is under way, or about to be: where the rule would go from the same point.
      const ghost = scene.fromThere[k]?.[row];
      const from = run.points[k]?.[row];
      if (ghost && from) parts.push(ghostOf(scene.problem, ground, from, ghost, k, row));
    }
  }
  if (now === last && run.returned !== run.points[last]) {
    run.returned.forEach((point, r) => {
      if (point.some((v, i) => Math.abs(v - run.points[last]![r]![i]!) > 1e-6)) {
        const [px, py] = placeOf(scene.problem, ground, r, point);
        parts.push(
          `<path class="returned" d="M${at(px - 7)} ${at(py)}h14M${at(px)} ${at(py - 7)}v14"/>`,
        );
      }
    });
  }
  return framed(parts.join(""));
}

/** Points between two steps, rows × axes. */
function pointsAt(run: Run, moment: number): Rows {
  const k = Math.floor(moment), share = moment - k;
  const from = run.points[k]!, to = run.points[k + 1];
  if (!to || share === 0) return from;
  return from.map((row, r) => row.map((v, i) => v + share * (to[r]![i]! - v)));
}

function placeOf(
  problem: Problem,
  ground: Ground,
  row: number,
  point: readonly number[],
): [number, number] {
  const vertical = ground.flat ? energyAt(problem, row, point) : point[1]!;
  return [ground.x(point[0]!), ground.y(vertical)];
}

function chain(
  problem: Problem,
  ground: Ground,
  run: Run,
  side: Side,
  row: number,
  moment: number,
  point: readonly number[],
  weight: "quiet" | "close",
): string {
  const past = run.points.slice(0, Math.floor(moment) + 1).map((rows) => rows[row]!);
  const [px, py] = placeOf(problem, ground, row, point);
  if (![px, py].every(Number.isFinite)) return "";
  const trail = lineThrough(
    [...past, point].map((p, i) =>
      [ground.x(p[0]!), ground.flat ? ground.time(Math.min(i, moment)) : ground.y(p[1]!)] as const
    ),
  );
  return [
    `<path class="trail ${side} ${weight}" d="${trail}"/>`,
    ...ground.flat
      ? [marker(side, weight, ground.x(point[0]!), ground.time(moment), 0.8)]
      : weight === "close"
      ? past.map((p) => marker(side, "past", ground.x(p[0]!), ground.y(p[1]!), 0.5))
      : [],
    marker(side, weight, px, py, 1),
  ].join("");
}

function marker(side: Side, weight: string, x: number, y: number, grow: number): string {
  if (side === "expected") {
    return `<circle class="mark expected ${weight}" cx="${at(x)}" cy="${at(y)}" r="${
      4.5 * grow
    }"/>`;
  }
  const r = 6 * grow;
  return `<path class="mark actual ${weight}" d="M${at(x)} ${at(y - r)}L${at(x + r)} ${at(y)}L${
    at(x)
  } ${at(y + r)}L${at(x - r)} ${at(y)}Z"/>`;
}

/** How far the next step may reach: the clip band around the chain that is looked at. */
function band(scene: Scene, ground: Ground, points: Rows, row: number, moving: boolean): string {
  const point = points[row];
  if (!point || !moving || !point.every(Number.isFinite)) return "";
  const edge = (axis: number, sign: number) => point[axis]! + sign * scene.limits[axis]!;
  const left = ground.x(edge(0, -1)), right = ground.x(edge(0, 1));
  const top = ground.flat ? frame.top : ground.y(edge(1, 1));
  const bottom = ground.flat ? size.height - frame.bottom : ground.y(edge(1, -1));
  return `<rect class="band" x="${at(left)}" y="${at(top)}" width="${at(right - left)}" height="${
    at(bottom - top)
  }"/>`;
}

function ghostOf(
  problem: Problem,
  ground: Ground,
  from: readonly number[],
  to: readonly number[],
  k: number,
  row: number,
): string {
  const [x0, y0] = ground.flat
    ? [ground.x(from[0]!), ground.time(k)]
    : placeOf(problem, ground, row, from);
  const [x1, y1] = ground.flat
    ? [ground.x(to[0]!), ground.time(k + 1)]
    : placeOf(problem, ground, row, to);
  return `<path class="ghost" d="M${at(x0)} ${at(y0)}L${at(x1)} ${at(y1)}"/>` +
    `<circle class="ghost" cx="${at(x1)}" cy="${at(y1)}" r="5"/>`;
}

/** One curve over the steps. */
export interface Curve {
  /** Which sampler it belongs to. */
  readonly side: Side;
  /** One value per step. */
  readonly values: readonly number[];
}

/** Two curves over the steps, with the current one marked. */
export function curves(lines: readonly Curve[], moment: number, name: string): string {
  const width = 440, height = 150;
  const all = lines.flatMap((line) => line.values).filter(Number.isFinite);
  const least = Math.min(...all, 0), greatest = Math.max(...all, least + 1e-12);
  const count = Math.max(...lines.map((line) => line.values.length), 2);
  const x = scale(0, count - 1, 52, width - 14), y = scale(least, greatest, height - 26, 14);
  const parts = [
    `<line class="axis" x1="52" x2="${width - 14}" y1="${at(y.at(Math.max(least, 0)))}" y2="${
      at(y.at(Math.max(least, 0)))
    }"/>`,
    label(46, 18, brief(greatest), "end"),
    label(46, height - 23, brief(least), "end"),
    label(52, height - 7, "0", "middle"),
    label(width - 14, height - 7, String(count - 1), "middle"),
    label((52 + width - 14) / 2, height - 7, name, "middle"),
  ];
  for (const { side, values } of lines) {
    const d = lineThrough(values.map((value, k) => [x.at(k), y.at(value)] as const));
    parts.push(`<path class="curve ${side}" d="${d}"/>`);
  }
  const now = Math.min(moment, count - 1);
  parts.push(
    `<line class="now" x1="${at(x.at(now))}" x2="${at(x.at(now))}" y1="8" y2="${height - 22}"/>`,
  );
  for (const { side, values } of lines) {
    const k = Math.min(Math.floor(now), values.length - 1);
    if (Number.isFinite(values[k])) {
      parts.push(marker(side, "close", x.at(k), y.at(values[k]!), 0.9));
    }
  }
  return `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true" focusable="false">${
    parts.join("")
  }</svg>`;
}

function horizontalTicks(x: Scale): string {
  return inner(x).map((value) =>
    `<line class="tick" x1="${at(x.at(value))}" x2="${at(x.at(value))}" y1="${
      size.height - frame.bottom
    }" y2="${size.height - frame.bottom + 4}"/>` +
    label(x.at(value), size.height - frame.bottom + 17, tickText(value), "middle")
  ).join("");
}

function verticalTicks(y: Scale): string {
  return inner(y).map((value) =>
    `<line class="tick" x1="${frame.left - 4}" x2="${frame.left}" y1="${at(y.at(value))}" y2="${
      at(y.at(value))
    }"/>` + label(frame.left - 7, y.at(value) + 4, tickText(value), "end")
  ).join("");
}

/** Round numbers across a scale, away from its ends, where the names of the axes stand. */
function inner(s: Scale): number[] {
  const span = s.high - s.low;
  return ticks(s, 5).filter((v) => v > s.low + 0.04 * span && v < s.high - 0.1 * span);
}

function outside(x0: number, x1: number, y0: number, y1: number): string {
  if (x1 - x0 < 0.5 || y1 - y0 < 0.5) return "";
  return `<rect class="outside" x="${at(x0)}" y="${at(y0)}" width="${at(x1 - x0)}" height="${
    at(y1 - y0)
  }"/>`;
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${text}</text>`;
}

/** A number in a few characters, with a minus sign that is one. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞").replace("-", "−");
  const text = Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1).replace("e+", "e")
    : String(Number(value.toPrecision(3)));
  return text.replace(/-/g, "−");
}

/** A coordinate that a drawing can hold. */
function at(value: number): string {
  return place(Math.min(Math.max(value, -1e5), 1e5));
}

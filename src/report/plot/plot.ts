/**
 * A plot: a rectangle of a picture with two scales, its axes, and what is drawn into it. All points
 * are numbers of the axes.
 *
 * Meanings have one look in every picture. What the rule gives is solid, with filled circles; what
 * a sampler gives is dashed, with open diamonds, so that colour is never the only difference.
 *
 * @module
 */

import { joined, type Markup, markup, type Part } from "../markup.ts";
import { pathAround, pathThrough, place, type Point } from "./paths.ts";
import { clampedTo, type Range, type Scale, scaleOf, type Tick, ticksOf } from "./scales.ts";

export type { Point } from "./paths.ts";

/** Where a plot lies, in pixels and without the labels of its axes, and what it shows. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The numbers at the left and at the right. */
  readonly across: Range;
  /** The numbers at the bottom and at the top. */
  readonly up: Range;
}

/** A plot that can be drawn into. */
export interface Plot extends Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
  readonly bottom: number;
}

/** A plot without anything in it. */
export function plotOf(frame: Frame): Plot {
  const { left, top, width, height, across, up } = frame;
  const right = left + width, bottom = top + height;
  const x = scaleOf(across, [left, right]), y = scaleOf(up, [bottom, top]);
  return { ...frame, right, bottom, x, y };
}

/** How an axis is drawn. */
export interface Axis {
  /** Lines through the whole plot, with a stronger one at 0 or all alike, or short ones at its edge. */
  readonly lines: "grid" | "rungs" | "ticks";
  /** Made from the range by default. */
  readonly ticks?: readonly Tick[];
  /** Below the numbers, or beside the upper end. */
  readonly name?: string;
  /** Pixels at the far end that are kept free of numbers. */
  readonly free?: number;
}

/** The horizontal axis, below the plot. */
export function axisBelow(plot: Plot, { lines, ticks, name, free = 0 }: Axis): Markup {
  const { x, left, right, top, bottom, width } = plot;
  const clear = (ticks: readonly Tick[]) =>
    ticks.every(([value, text], i) =>
      i === 0 ||
      x(value) - x(ticks[i - 1]![0]) > (widthOf(text) + widthOf(ticks[i - 1]![1])) / 2 + 8
    );
  const shown = (ticks ?? ticksOf(x, width / 55, clear))
    .filter(([value]) => free === 0 || x(value) < right - free);
  return joined([
    lines === "ticks"
      ? markup`<path class="tick" d="M${place(left)} ${place(bottom)}H${place(right)}"/>`
      : null,
    ...shown.map(([value, text]) => {
      const [kind, from, to] = lines === "ticks"
        ? ["tick", bottom, bottom + 5]
        : ["grid", top, bottom];
      return markup`<path class="${kind!}" d="M${place(x(value))} ${place(Number(from))}V${
        place(Number(to))
      }"/>${words(x(value), bottom + 18, text, "", "middle")}`;
    }),
    name === undefined ? null : words(left + width / 2, bottom + 36, name, "name", "middle"),
  ]);
}

/** The vertical axis, at the left of the plot. */
export function axisLeft(plot: Plot, { lines, ticks, name, free = 0 }: Axis): Markup {
  const { y, left, right, top, height } = plot;
  const kept = name === undefined ? free : Math.max(free, 20);
  const shown = (ticks ?? ticksOf(y, height / 42))
    .filter(([value]) => kept === 0 || y(value) > top + kept);
  return joined([
    ...shown.map(([value, text]) => {
      const kind = lines === "ticks" ? "tick" : lines === "grid" && value === 0 ? "zero" : "grid";
      const [from, to] = lines === "ticks" ? [left - 5, left] : [left, right];
      return markup`<path class="${kind}" d="M${place(from)} ${place(y(value))}H${place(to)}"/>${
        words(left - 8, y(value) + 4, text, "", "end")
      }`;
    }),
    name === undefined ? null : words(left - 8, top + 9, name, "name", "end"),
  ]);
}

/** Words at a place in pixels. */
export function words(
  x: number,
  y: number,
  text: Part,
  kind: string,
  anchor: "start" | "middle" | "end",
): Markup {
  return markup`<text class="${kind}" x="${place(x)}" y="${
    place(y)
  }" text-anchor="${anchor}">${text}</text>`;
}

/** About how wide words are, in pixels. */
export function widthOf(text: string): number {
  return 6.6 * text.length;
}

/** What lies in a plot, cut off at its edges. */
export function framed(plot: Plot, parts: readonly (Markup | null)[]): Markup {
  const [x, y, width, height] = [plot.left, plot.top, plot.width, plot.height].map(place);
  return markup`<svg x="${x!}" y="${y!}" width="${width!}" height="${height!}" viewBox="${x!} ${y!} ${width!} ${height!}">${
    joined(parts)
  }</svg>`;
}

/** Where a point of a plot is, in pixels. */
export function placeOf({ x, y }: Plot, [px, py]: Point): Point {
  return [x(px), y(py)];
}

/** A line through points. */
export function line(plot: Plot, points: readonly Point[], kind: string): Markup {
  return markup`<path class="line ${kind}" d="${
    pathThrough(points.map((point) => placeOf(plot, point)))
  }"/>`;
}

/**
 * What a mark stands for: where a step starts, what the rule gives, what a sampler gives; a value
 * where there is nothing to compare, and one that was found beside a line.
 */
export type Meaning = "from" | "expected" | "actual" | "plain" | "found";

/** The mark of a point, or nothing if it lies nowhere. */
export function mark(plot: Plot, point: Point, kind: Meaning, grow = 1, look = ""): Markup | null {
  const [x, y] = placeOf(plot, point);
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
  const name = look === "" ? kind : `${kind} ${look}`;
  if (kind !== "actual") {
    const radius = (kind === "expected" ? 4.6 : 3.2) * grow;
    return markup`<circle class="mark ${name}" cx="${place(x)}" cy="${place(y)}" r="${
      place(radius)
    }"/>`;
  }
  const r = 6 * grow;
  const corners: readonly Point[] = [[x, y - r], [x + r, y], [x, y + r], [x - r, y]];
  return markup`<path class="mark ${name}" d="${pathAround(corners)}"/>`;
}

/** An arrow from one point to another; its tip is among the {@link tips} of a picture. */
export function arrow(plot: Plot, from: Point, to: Point, kind: TipKind): Markup {
  return markup`<path class="line ${kind}" marker-end="url(#tip-${kind})" d="${
    pathThrough([placeOf(plot, from), placeOf(plot, to)])
  }"/>`;
}

const tipKinds = ["expected", "actual", "guide"] as const;

/** What an arrow stands for. */
export type TipKind = (typeof tipKinds)[number];

/** The tips of arrows, once in a picture. */
export const tips: Markup = joined(
  tipKinds.map((kind) =>
    markup`<marker id="tip-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip ${kind}" d="M0 .5 8 4 0 7.5Z"/></marker>`
  ),
);

/** A rectangle; what is `null` reaches through the whole plot, and edges outside are not drawn. */
export function area(plot: Plot, across: Range | null, up: Range | null, kind: string): Markup {
  return markup`<path class="${kind}" d="${outlineOf(plot, across, up)}"/>`;
}

/** What lies around a rectangle. */
export function around(plot: Plot, across: Range | null, up: Range | null, kind: string): Markup {
  const hole = outlineOf(plot, across, up);
  return markup`<path class="${kind}" d="${outlineOf(plot, null, null)}${hole}"/>`;
}

/** The outline of a rectangle within a plot, or a little outside where it reaches beyond. */
function outlineOf(plot: Plot, across: Range | null, up: Range | null): string {
  const beyond = 10;
  const wide: Range = [plot.left - beyond, plot.right + beyond];
  const tall: Range = [plot.top - beyond, plot.bottom + beyond];
  const [x0, x1] = across === null ? wide : across.map((v) => clampedTo(wide, plot.x(v)));
  const [y0, y1] = up === null ? tall : up.map((v) => clampedTo(tall, plot.y(v)));
  return pathAround([[x0!, y0!], [x1!, y0!], [x1!, y1!], [x0!, y1!]]);
}

/** The area between two lines, given from left to right. */
export function between(
  plot: Plot,
  lower: readonly Point[],
  upper: readonly Point[],
  kind: string,
): Markup {
  const outline = [...upper, ...lower.toReversed()].map((point) => placeOf(plot, point));
  return markup`<path class="${kind}" d="${pathAround(outline)}"/>`;
}

/** The area under a line, down to the bottom of the plot. */
export function under(plot: Plot, points: readonly Point[], kind = "under"): Markup {
  const level = plot.up[0];
  return between(plot, [[points[0]![0], level], [points.at(-1)![0], level]], points, kind);
}

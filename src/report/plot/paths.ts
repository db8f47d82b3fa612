/**
 * Points as the data of SVG paths.
 *
 * @module
 */

// @ts-types="@types/d3-shape"
import { line } from "d3-shape";

/** Two coordinates. */
export type Point = readonly [x: number, y: number];

const through = line<Point>(([x]) => reachable(x), ([, y]) => reachable(y))
  .defined(([x, y]) => Number.isFinite(x) && Number.isFinite(y)).digits(1);

/** A line through places in pixels; it breaks where there is none. */
export function pathThrough(places: readonly Point[]): string {
  return through(places) ?? "";
}

/** The outline of an area, closed. */
export function pathAround(places: readonly Point[]): string {
  return places.length === 0 ? "" : `${pathThrough(places)}Z`;
}

/** A coordinate as text. */
export function place(value: number): string {
  return String(Math.round(reachable(value) * 10) / 10 + 0);
}

/** Browsers cannot draw what is very far away. */
function reachable(pixels: number): number {
  return Math.min(Math.max(pixels, -1e5), 1e5);
}

/**
 * A function of two numbers, seen from above.
 *
 * @module
 */

// @ts-types="@types/d3-contour"
import { contours } from "d3-contour";
// @ts-types="@types/d3-scale"
import { scaleQuantile } from "d3-scale";
import { type Markup, markup } from "../markup.ts";
import { pathAround, type Point } from "./paths.ts";
import type { Plot } from "./plot.ts";
import { scaleOf } from "./scales.ts";

/** Steps of the grid in each direction. */
const cells = 60;

/**
 * Regions of low values, one within the other, with about as much area between them. Where the
 * function gives no number, it counts as high. The regions reach a little out of the plot.
 *
 * @param count how many regions at most
 */
export function lowRegions(
  plot: Plot,
  value: (x: number, y: number) => number,
  count: number,
): readonly Markup[] {
  // The library puts the points of the grid at halves, and draws what is high.
  const x = scaleOf([0.5, cells + 0.5], [plot.left, plot.right]);
  const y = scaleOf([0.5, cells + 0.5], [plot.bottom, plot.top]);
  const side = cells + 1;
  const depths = Array.from({ length: side * side }, (_, k) => {
    const column = k % side + 0.5, row = Math.floor(k / side) + 0.5;
    return -value(plot.x.invert(x(column)), plot.y.invert(y(row)));
  });
  const isolines = contours().size([side, side]);
  return levelsOf(depths, count).map((level) => {
    const rings = isolines.contour(depths, level).coordinates.flat();
    const outlines = rings.map((ring) => pathAround(ring.map(([i, j]): Point => [x(i!), y(j!)])));
    return markup`<path class="contour" d="${outlines.join("")}"/>`;
  });
}

/** A function of two numbers as a landscape: its low regions, on a ground in the colour of heights. */
export function landscapeOf(...seen: Parameters<typeof lowRegions>): readonly Markup[] {
  const [{ left, right, top, bottom }] = seen;
  const place = markup`x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"`;
  return [markup`<rect class="ground" ${place}/>`, ...lowRegions(...seen)];
}

/** Levels between the finite values that divide them into parts of the same size. */
export function levelsOf(values: readonly number[], count: number): number[] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [];
  const greatest = finite.reduce((a, b) => Math.max(a, b));
  const levels = scaleQuantile(finite, Array.from({ length: count + 1 }, (_, i) => i)).quantiles();
  return [...new Set(levels)].filter((level) => level < greatest);
}

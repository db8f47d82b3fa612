/**
 * What lies under the way of a sampler: an energy along an axis, the box, the reach of a step.
 *
 * @module
 */

import type { Markup } from "../markup.ts";
import { area, around, framed, type Plot, type Point } from "./plot.ts";
import { isWithin, type Range, spread } from "./scales.ts";

/** The points of an energy along one axis. */
export function energyPoints(energy: (action: number) => number, across: Range): Point[] {
  return spread(across, 161).map((action) => [action, energy(action)]);
}

/** The sides of a box, axis by axis. */
export interface Sides {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/**
 * The box, and shade over what lies outside of it.
 *
 * @param axes what is drawn across and, if there is a second one, up
 */
export function boxIn(plot: Plot, sides: Sides, axes: readonly number[]): Markup {
  const [across = null, up = null] = axes.map((axis) => sideOf(sides, axis));
  return framed(plot, [around(plot, across, up, "outside"), area(plot, across, up, "wall")]);
}

/** Whether a wall of the box lies within what a plot shows. */
export function showsBox(plot: Plot, sides: Sides, axes: readonly number[]): boolean {
  const shown = [plot.across, plot.up];
  return axes.some((axis, i) => sideOf(sides, axis).some((wall) => isWithin(shown[i]!, wall)));
}

function sideOf({ min, max }: Sides, axis: number): Range {
  return [min[axis]!, max[axis]!];
}

/** How far a step may lead from a point, axis by axis. */
export function reachOf(from: readonly number[], limits: readonly number[]): readonly Range[] {
  return from.map((value, axis) => [value - limits[axis]!, value + limits[axis]!]);
}

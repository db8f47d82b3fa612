/**
 * Labels that stand clear of each other.
 *
 * @module
 */

import { joined, type Markup } from "../markup.ts";
import { placeOf, type Plot, type Point, widthOf, words } from "./plot.ts";
import type { Range } from "./scales.ts";

/** Where a label stands, seen from its point. */
export type Side = "right" | "left" | "above" | "below";

/** Words at a point of a plot. */
export interface Label {
  readonly at: Point;
  readonly words: string;
  /** The look. */
  readonly kind: string;
  /** To the right by default. */
  readonly side?: Side;
}

const offsets = {
  right: { dx: 7, dy: 4, anchor: "start" },
  left: { dx: -7, dy: 4, anchor: "end" },
  above: { dx: 0, dy: -8, anchor: "middle" },
  below: { dx: 0, dy: 17, anchor: "middle" },
} as const;

const lineHeight = 15;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Labels of a plot. Each moves up or down as far as it must to be clear of those before it. */
export function labels(plot: Plot, all: readonly Label[]): Markup {
  const taken: Box[] = [];
  return joined(all.map((label) => {
    const [x, y] = placeOf(plot, label.at);
    const { dx, dy, anchor } = offsets[label.side ?? "right"];
    const width = widthOf(label.words);
    const left = x + dx - { start: 0, middle: width / 2, end: width }[anchor];
    const box = {
      left,
      right: left + width,
      y: clearPlace({ left, right: left + width, y: y + dy }, taken),
    };
    taken.push(box);
    return words(x + dx, box.y, label.words, `label ${label.kind}`, anchor);
  }));
}

/** The height that is nearest to that of a box at which it covers no other. */
function clearPlace(box: Box, taken: readonly Box[]): number {
  const near = taken.filter(({ left, right }) => left < box.right && right > box.left);
  const free = (y: number) => near.every((other) => Math.abs(other.y - y) >= lineHeight);
  const heights = [box.y, ...near.flatMap(({ y }) => [y - lineHeight, y + lineHeight])];
  return heights.filter(free).sort((a, b) => Math.abs(a - box.y) - Math.abs(b - box.y))[0]!;
}

/**
 * Places in a row for labels that are centred there: as near as may be to where they should be,
 * clear of each other, and not beyond the ends as long as there is room.
 *
 * @param places from left to right
 */
export function apart(
  places: readonly number[],
  widths: readonly number[],
  [from, to]: Range,
): number[] {
  const reach = (i: number) => (widths[i - 1]! + widths[i]!) / 2 + 8;
  const toRight = (row: readonly number[], least: number) =>
    row.reduce<number[]>(
      (
        moved,
        at,
        i,
      ) => [...moved, Math.max(at, i === 0 ? least + widths[0]! / 2 : moved[i - 1]! + reach(i))],
      [],
    );
  const toLeft = (row: readonly number[], most: number) =>
    row.reduceRight<number[]>(
      (
        moved,
        at,
        i,
      ) => [
        Math.min(at, i === row.length - 1 ? most - widths[i]! / 2 : moved[0]! - reach(i + 1)),
        ...moved,
      ],
      [],
    );
  // Between the two rows that only move one way the distances are kept as well.
  const left = toLeft(places, Infinity), right = toRight(places, -Infinity);
  return toRight(toLeft(left.map((at, i) => (at + right[i]!) / 2), to), from);
}

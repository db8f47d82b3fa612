/**
 * Rows that each move by one multiple of their slopes or draws, which is not the same for all.
 *
 * @module
 */

import { shown } from "../figures/figures.ts";

/** A slope or a draw, and how far it moved a coordinate. */
export interface Cell {
  readonly slope: number;
  readonly moved: number;
  readonly row: number;
}

const alike = (one: number, other: number) => Math.abs(one - other) <= 1e-3 * Math.abs(other);

/**
 * How rows differ whose axes all move by one multiple.
 *
 * @param of what they move by multiples of: its draw
 * @returns nothing if they do not, or if a row has more multiples than one
 */
export function rowsApart(cells: readonly Cell[], of: string, step: number): string | undefined {
  const rows = [...Map.groupBy(cells, ({ row }) => row).values()].map((all) =>
    all.map(({ slope, moved }) => moved / slope)
  );
  const each = rows.every((ratios) =>
    ratios.length > 1 && ratios.every((ratio) => alike(ratio, ratios[0]!))
  );
  const ratios = rows.map(([ratio]) => ratio!), [first] = ratios;
  const row = ratios.findIndex((ratio) => !alike(ratio, first!));
  if (!each || row < 0) return undefined;
  const later = ratios.slice(row).every((ratio) => alike(ratio, ratios[row]!));
  const others = later && row < ratios.length - 1
    ? `rows ${row} to ${ratios.length - 1}`
    : `row ${row}`;
  return `Rows do not move alike: in step ${step} row 0 moves by ${
    shown(Math.abs(first!))
  } times ${of}, ` +
    `${others} by ${shown(Math.abs(ratios[row]!))} times`;
}

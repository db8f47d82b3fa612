/**
 * Regions of low values on a grid, by marching squares.
 *
 * @module
 */

/** A closed ring of points in grid units: column, row. */
export type Ring = readonly (readonly [number, number])[];

type Side = "top" | "right" | "bottom" | "left";

/**
 * For the corners of a cell that are low (1 top left, 2 top right, 4 bottom right, 8 bottom left):
 * the sides at which the line around the low region enters and leaves, the low region on its right.
 * Where low corners face each other diagonally, they are kept apart.
 */
const segments: readonly (readonly (readonly [Side, Side])[])[] = [
  [],
  [["left", "top"]],
  [["top", "right"]],
  [["left", "right"]],
  [["right", "bottom"]],
  [["left", "top"], ["right", "bottom"]],
  [["top", "bottom"]],
  [["left", "bottom"]],
  [["bottom", "left"]],
  [["bottom", "top"]],
  [["top", "right"], ["bottom", "left"]],
  [["bottom", "right"]],
  [["right", "left"]],
  [["right", "top"]],
  [["top", "left"]],
  [],
];

/**
 * The rings around the region where a grid is below a level, closed along the edge of the grid.
 * Filled by the even-odd rule they cover that region.
 *
 * @param grid rows × columns, at least one of each; what is no number counts as high
 */
export function regionBelow(grid: readonly (readonly number[])[], level: number): Ring[] {
  const rows = grid.length, columns = grid[0]!.length;
  // A frame of high values around the grid closes every ring; it has no width in the picture.
  const value = (x: number, y: number) => grid[y]?.[x] ?? Infinity;
  const within = (x: number, y: number): [number, number] => [
    Math.min(Math.max(x, 0), columns - 1),
    Math.min(Math.max(y, 0), rows - 1),
  ];
  const between = (x: number, y: number, toX: number, toY: number): [number, number] => {
    const from = value(x, y), to = value(toX, toY);
    const share = (level - from) / (to - from);
    const t = Number.isFinite(share) ? share : 0.5;
    const outside = toX < 0 || toY < 0 || toX >= columns || toY >= rows || x < 0 || y < 0;
    if (outside) return within(from < level ? x : toX, from < level ? y : toY);
    return [x + t * (toX - x), y + t * (toY - y)];
  };
  const crossing: Readonly<Record<Side, (x: number, y: number) => [number, number]>> = {
    top: (x, y) => between(x, y, x + 1, y),
    right: (x, y) => between(x + 1, y, x + 1, y + 1),
    bottom: (x, y) => between(x, y + 1, x + 1, y + 1),
    left: (x, y) => between(x, y, x, y + 1),
  };
  // A side has one name for the two cells that share it.
  const nameOf: Readonly<Record<Side, (x: number, y: number) => string>> = {
    top: (x, y) => `h ${x} ${y}`,
    right: (x, y) => `v ${x + 1} ${y}`,
    bottom: (x, y) => `h ${x} ${y + 1}`,
    left: (x, y) => `v ${x} ${y}`,
  };
  const next = new Map<string, { readonly to: string; readonly point: [number, number] }>();
  for (let y = -1; y < rows; y++) {
    for (let x = -1; x < columns; x++) {
      const low = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]] as const;
      const index = low.reduce(
        (sum, [cx, cy], corner) => sum + (value(cx, cy) < level ? 1 << corner : 0),
        0,
      );
      for (const [from, to] of segments[index]!) {
        next.set(nameOf[from](x, y), { to: nameOf[to](x, y), point: crossing[from](x, y) });
      }
    }
  }
  const rings: Ring[] = [];
  while (next.size > 0) {
    const ring: [number, number][] = [];
    let [name] = next.keys();
    for (let step = name && next.get(name); name && step; step = next.get(name)) {
      next.delete(name);
      ring.push(step.point);
      name = step.to;
    }
    rings.push(ring);
  }
  return rings;
}

/** Levels between the least and the greatest finite value, with about as much area between them. */
export function levelsOf(grid: readonly (readonly number[])[], count: number): number[] {
  const values = grid.flat().filter(Number.isFinite).sort((a, b) => a - b);
  const levels = Array.from(
    { length: count },
    (_, i) => values[Math.floor((i + 0.5) / count * values.length)]!,
  );
  return [...new Set(levels)].filter((level) => level > values[0]!);
}

/**
 * Regions of low energy on a grid, by marching squares.
 *
 * @module
 */

/** A closed ring of points, in grid units: column, row. */
export type Ring = readonly (readonly [number, number])[];

/**
 * The rings around the region where a grid is below a level. Filled by the even-odd rule they cover
 * that region; rings are closed along the edge of the grid.
 *
 * @param grid rows × columns of values; infinite ones and NaN count as high
 */
export function regionBelow(grid: readonly (readonly number[])[], level: number): Ring[] {
  const rows = grid.length, columns = grid[0]!.length;
  const isLow = (x: number, y: number) => {
    const value = grid[y]?.[x];
    return value !== undefined && value < level;
  };
  // An edge of the lattice has a name; every ring crosses each edge at most once.
  const crossing = (x0: number, y0: number, x1: number, y1: number): [number, number] => {
    const first = grid[y0]?.[x0], second = grid[y1]?.[x1];
    const inside = (x: number, y: number): [number, number] => [
      Math.min(Math.max(x, 0), columns - 1),
      Math.min(Math.max(y, 0), rows - 1),
    ];
    if (first === undefined || second === undefined) {
      return first === undefined ? inside(x1, y1) : inside(x0, y0);
    }
    const share = (level - first) / (second - first);
    const t = Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0.5;
    return [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
  };
  const next = new Map<string, { to: string; point: [number, number] }>();
  for (let y = -1; y < rows; y++) {
    for (let x = -1; x < columns; x++) {
      // Corners clockwise from the top left, and the edges between one and the next.
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]] as const;
      const low = corners.map(([cx, cy]) => isLow(cx, cy));
      if (low.every(Boolean) || !low.some(Boolean)) continue;
      const edges = [`h${x},${y}`, `v${x + 1},${y}`, `h${x},${y + 1}`, `v${x},${y}`];
      for (let from = 0; from < 4; from++) {
        // A segment enters where high turns low and leaves where low turns high, clockwise.
        if (low[from] || !low[(from + 1) % 4]) continue;
        let to = (from + 1) % 4;
        while (!(low[to] && !low[(to + 1) % 4])) to = (to + 1) % 4;
        const [ax, ay] = corners[from]!, [bx, by] = corners[(from + 1) % 4]!;
        next.set(edges[from]!, { to: edges[to]!, point: crossing(ax, ay, bx, by) });
      }
    }
  }
  const rings: Ring[] = [];
  while (next.size > 0) {
    const ring: [number, number][] = [];
    let [edge] = next.keys();
    while (edge !== undefined) {
      const step = next.get(edge);
      if (!step) break;
      next.delete(edge);
      ring.push(step.point);
      edge = step.to;
    }
    rings.push(ring);
  }
  return rings;
}

/** Levels between the least and the greatest finite value, each with about as much area below it. */
export function levelsOf(grid: readonly (readonly number[])[], count: number): number[] {
  const values = grid.flat().filter(Number.isFinite).sort((a, b) => a - b);
  if (values.length === 0 || values[0] === values.at(-1)) return [];
  const levels = Array.from(
    { length: count },
    (_, i) => values[Math.min(values.length - 1, Math.round((i + 0.6) / count * values.length))]!,
  );
  return [...new Set(levels)].filter((level) => level > values[0]!);
}

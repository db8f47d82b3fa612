/**
 * Gradients of all sizes, for what limits them.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import type { Rows, Settings } from "../../../spec/problem.ts";
import type { Experiment } from "./experiments.ts";

const groups = 10, wall = 2 ** 20;
/** Slopes that nothing is likely to limit, by row and axis. */
export const gentleSlopes: Rows = Array.from(
  { length: groups },
  (_, r) => [0, 1, 2].map((i) => ((r + 3 * i) % 5 + 2) * (i === 1 ? -1 : 1) / 64),
);
/** Ever steeper slopes, by row and axis. */
export const steeperSlopes: Rows = Array.from(
  { length: groups },
  (_, r) => [4, 1, -2].map((part) => part * 4 ** r / 64),
);

/**
 * Gradients that nothing is likely to limit, a quarter of them, and a ladder of ever steeper ones,
 * each down a slope in a box that no step fills.
 *
 * @param settings those of other chains, whose step sizes are known
 */
export function gradientLadder(settings: Settings): Experiment {
  const bounds = { min: Array(3).fill(-wall), max: Array(3).fill(wall) };
  const quarter = gentleSlopes.map((row) => row.map((slope) => slope / 4));
  return {
    name: "gradients of all sizes",
    calls: [gentleSlopes, quarter, steeperSlopes].map((observations) =>
      problemOf({
        energy: "o1*a1 + o2*a2 + o3*a3",
        settings: { ...settings, bounds, noiseScale: 0 },
        groups,
        samples: 1,
        observations,
        initial: observations.map((row) => row.map(() => 0)),
      })
    ),
  };
}

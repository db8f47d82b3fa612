/**
 * In which order draws are taken, and that in words.
 *
 * @module
 */

import type { Schedule, Settings } from "../../../spec/problem.ts";

/** What the layout of a target's draws depends on. */
export interface DrawShape {
  readonly steps: number;
  readonly groups: number;
  readonly samples: number;
  readonly axes: number;
}

/** Settings with which a sampler may go another way, and draw in another order. */
export type DrawSettings = Pick<Settings, "gradClip" | "gradNorm" | "applyExp"> & {
  readonly schedule: Schedule["kind"];
};

/** Where the draws of a shape stand in the stream that the target takes. */
export interface Layout {
  /** For each coordinate, steps × rows × axes in C order: the position of its number. */
  readonly positions: readonly number[];
  /** Draws of rows × axes that the stream has; more than steps if some are spare. */
  readonly draws: number;
}

/** How many numbers a tape of a shape has. */
export function numbersIn({ steps, groups, samples, axes }: DrawShape): number {
  return steps * groups * samples * axes;
}

export function isPlain(positions: readonly number[]): boolean {
  return positions.every((position, c) => position === c);
}

const dimensions = ["steps", "groups", "samples", "axes"] as const;

/** An order in words, to stand behind "draws its noise". */
export function orderInWords(layout: Layout, shape: DrawShape): string {
  const { positions } = layout;
  const sorted = [...positions].sort((a, b) => a - b);
  const ranks = new Map(sorted.map((position, rank) => [position, rank]));
  const order = positions.map((position) => ranks.get(position)!);
  const spare = sorted.at(-1)! + 1 > positions.length;
  const beside = spare ? ", with draws that no step uses" : "";
  if (isPlain(order)) return "with some draws that no step uses";
  return `in another order (${namedOrder(order, shape) ?? "one of its own"}${beside})`;
}

/** The name of an order that sorts or turns round the dimensions; undefined if it is none such. */
function namedOrder(order: readonly number[], shape: DrawShape): string | undefined {
  const sizes = dimensions.map((name) => shape[name]);
  for (const nesting of permutations([0, 1, 2, 3])) {
    for (let turned = 0; turned < 16; turned++) {
      if (!order.every((rank, c) => rank === rankOf(c, sizes, nesting, turned))) continue;
      const backwards = dimensions.filter((_, d) => turned & (1 << d));
      return [
        ...(nesting.every((d, at) => d === at)
          ? []
          : [`${nesting.map((d) => dimensions[d]).join(" × ")}`]),
        ...backwards.map((name) => `the last of the ${name} first`),
      ].join(", ");
    }
  }
}

/** The rank of coordinate c if dimensions are nested like this, some of them backwards. */
function rankOf(
  c: number,
  sizes: readonly number[],
  nesting: readonly number[],
  turned: number,
): number {
  const index: number[] = [];
  for (let d = 3, rest = c; d >= 0; d--) {
    const at = rest % sizes[d]!;
    index[d] = turned & (1 << d) ? sizes[d]! - 1 - at : at;
    rest = Math.floor(rest / sizes[d]!);
  }
  return nesting.reduce((rank, d) => rank * sizes[d]! + index[d]!, 0);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest])
  );
}

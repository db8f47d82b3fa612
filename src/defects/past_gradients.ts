/**
 * Symbols for what optimisers keep of gradients: running means of them and of their squares, from
 * the first step to the present one.
 *
 * @module
 */

import type { Asked, Run } from "../../spec/rule.ts";

/** How much of the last running mean is kept. */
export const keptParts = [0.9, 0.95, 0.99, 0.999] as const;

/** A running mean of something, as optimisers have it. */
export interface RunningMean {
  /** Its symbol in formulas. */
  readonly symbol: string;
  /** What of the last mean is kept; 1 for a sum. */
  readonly kept: number;
  /** Whether it is divided by the sum of its weights. */
  readonly corrected: boolean;
  /** Its value after some numbers, the oldest first. */
  of(values: readonly number[]): number;
}

function meanOf(name: string, kept: number, corrected: boolean): RunningMean {
  return {
    symbol: `${name}${String(kept).slice(2)}${corrected ? "Even" : ""}`,
    kept,
    corrected,
    of(values) {
      let mean = 0;
      for (const value of values) mean = kept * mean + (1 - kept) * value;
      return corrected ? mean / (1 - kept ** values.length) : mean;
    },
  };
}

/** Means of squares, and their sum. */
export const squareMeans: readonly RunningMean[] = [
  ...keptParts.flatMap((kept) => [false, true].map((even) => meanOf("gSquare", kept, even))),
  {
    symbol: "gSquareSum",
    kept: 1,
    corrected: false,
    of: (values) => values.reduce((sum, value) => sum + value, 0),
  },
];

/** Means of gradients. */
export const gradientMeans: readonly RunningMean[] = [0.9, 0.95].flatMap((kept) =>
  [false, true].map((even) => meanOf("gMean", kept, even))
);

type Known = [run: Run, asked: Asked, row: number, axis: number];

const symbolOf = (
  { symbol, of }: RunningMean,
  words: string,
  power: number,
) =>
  [symbol, {
    tex: `\\mathit{${symbol}}`,
    meaning: words,
    of: (...[{ steps, settings: { applyExp } }, asked, r, i]: Known) =>
      of([...steps, asked].map(({ slopes, energies }) => {
        const gradient = slopes[r]![i]!;
        return (applyExp ? Math.exp(-energies[r]!) * gradient : gradient) ** power;
      })),
  }] as const;

/** The symbols of all of them. */
export const pastSymbols = Object.fromEntries([
  ...squareMeans.map((mean) => symbolOf(mean, "running mean of squared gradients", 2)),
  ...gradientMeans.map((mean) => symbolOf(mean, "running mean of gradients", 1)),
]);

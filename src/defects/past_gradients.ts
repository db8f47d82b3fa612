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

/** Gradients of a coordinate up to the present step, as the rule has them, before its clip or after. */
function gradientsOf(
  [{ steps, settings: { applyExp, gradClip } }, asked, r, i]: Known,
  clipped: boolean,
): readonly number[] {
  const most = clipped && gradClip !== null ? gradClip : Infinity;
  return [...steps, asked].map(({ slopes, energies }) => {
    const slope = slopes[r]![i]!, gradient = applyExp ? Math.exp(-energies[r]!) * slope : slope;
    return Math.min(Math.max(gradient, -most), most);
  });
}

/** How a symbol ends that goes by gradients after their clip. */
export const afterClip = "Clipped";

const symbolsOf = ({ symbol, of }: RunningMean, what: string, power: number) =>
  [false, true].map((clipped) => {
    const name = `${symbol}${clipped ? afterClip : ""}`;
    return [name, {
      tex: `\\mathit{${name}}`,
      meaning: `running mean of ${clipped ? "clipped " : ""}${what}`,
      of: (...known: Known) => of(gradientsOf(known, clipped).map((value) => value ** power)),
    }] as const;
  });

/** The symbols of all of them. */
export const pastSymbols = Object.fromEntries([
  ...squareMeans.flatMap((mean) => symbolsOf(mean, "squared gradients", 2)),
  ...gradientMeans.flatMap((mean) => symbolsOf(mean, "gradients", 1)),
]);

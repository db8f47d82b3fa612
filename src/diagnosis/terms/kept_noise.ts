/**
 * Noise that remembers: so much of the last step's noise, or of its draw, is added to each.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import { rounded, shown } from "../figures/figures.ts";
import { regress } from "../figures/regression.ts";
import { forcedTerms } from "../experiments/response.ts";
import type { Hypothesis, Suspect } from "./suspects.ts";
import type { WindowFit } from "./window_fit.ts";

/** How much of the first draw the second step has beside its own. */
function partOfFirst(fit: WindowFit): number | undefined {
  const [run] = fit.runs("noise");
  if (run === undefined || run.steps < 3) return undefined;
  const { problem, chain: { points } } = run;
  const terms = forcedTerms(officialRule, problem, points.slice(0, 3), fit.returns);
  const [first, own] = terms?.map((rows) => rows.flatMap((row) => row.map(({ noise }) => noise))) ??
    [];
  if (first === undefined || own === undefined) return undefined;
  const moved = points[1]!.flatMap((row, r) => row.map((a, i) => a - points[2]![r]![i]!));
  const found = regress([own, first], moved, 6e-8);
  if (found === undefined || found.left > 2e-4) return undefined;
  const part = found.coefficients[1]! / found.coefficients[0]!, few = Number(part.toPrecision(3));
  if (!(Math.abs(part) > 1e-3) || !Number.isFinite(part)) return undefined;
  return Math.abs(few - part) <= 3e-4 * Math.abs(part) ? few : rounded(part);
}

/** Noise with a part of the last one, as one draw moves two steps. */
export function keptNoises(fit: WindowFit): readonly Hypothesis[] {
  const part = partOfFirst(fit);
  if (part === undefined) return [];
  return ([["noiseBefore", "noise"], ["sigma * xiBefore", "draw"]] as const)
    .map(([before, what]) => [keptNoise(part, before, what, 1)])
    .filter((shape) => fit.hasShape("noise", shape));
}

/** Whether a suspect is such a noise. */
export function keepsNoise({ key }: Suspect): boolean {
  return key.startsWith(keyOfKept);
}

const keyOfKept = "measured number noise keeps";

function keptNoise(
  part: number,
  before: "noiseBefore" | "sigma * xiBefore",
  what: string,
  factor: number,
): Suspect {
  // The noise before has its factor already.
  const kept = rounded(before === "noiseBefore" ? part : part * factor), own = rounded(factor);
  const each = own === 1 ? "each" : `${shown(own)} of each`,
    times = own === 1 ? "" : `${shown(own)}·`;
  return {
    key: `${keyOfKept} ${kept} ${before} ${own}`,
    id: null,
    title: `${shown(kept)} of the last ${what} is added to ${each}`,
    fix: "Take every step by its own draw alone, without momentum.",
    change: { noise: `${own} * sigma * xi + (${kept}) * ${before}` },
    scaled: (by) => keptNoise(part, before, what, by * factor),
    written: (symbol) => `(${times}${symbol} + ${shown(kept)}·last ${what})`,
  };
}

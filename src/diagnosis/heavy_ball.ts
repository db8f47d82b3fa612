/**
 * Steps that keep a part of the last one, as a heavy ball does.
 *
 * @module
 */

import { officialRule } from "../../spec/rule.ts";
import type { NetworkReturns } from "../../spec/sampler.ts";
import { rounded, shown } from "./figures.ts";
import { regress } from "./regression.ts";
import { forcedTerms, type SeenChain } from "./response.ts";
import type { Suspect } from "./suspects.ts";
import { movesOf } from "./swaps.ts";
import type { SeenRun } from "./window_fit.ts";

/** What of the last step is kept, if that is one part of it in every step of a chain without noise. */
export function heavyBalls(
  { problem, chain: { points } }: SeenRun,
  returns: NetworkReturns,
): readonly Suspect[] {
  const terms = forcedTerms(officialRule, problem, points, returns);
  const moves = points.slice(1).map((to, k) => movesOf([points[k]!, to]).flat());
  if (!terms || terms.length < moves.length || moves.length < 3) return [];
  const parts = moves.slice(1).map((moved, j) => {
    const steps = terms[j + 1]!.flat().map(({ step }) => step);
    const found = regress([steps, moves[j]!], moved, 6e-8);
    return found && found.left < 1e-4
      ? { value: found.coefficients[1]!, error: found.errors[1]! }
      : undefined;
  });
  const [first] = parts;
  if (first === undefined || !(Math.abs(first.value) > 1e-3)) return [];
  const kept = rounded(first.value);
  const even = parts.every((part) =>
    part !== undefined && Math.abs(part.value - kept) <= 1e-4 * Math.abs(kept) + 8 * part.error
  );
  return even ? ballsOf(kept) : [];
}

/** The ways to keep so much of the last step: what is kept, and where it is added. */
function ballsOf(kept: number): readonly Suspect[] {
  const part = `(${kept})`, { step, clippedStep } = officialRule;
  const before = ([
    ["stepBefore", "step, before its delta clip,"],
    ["clippedBefore", "step, after its delta clip,"],
    ["moveBefore", "movement"],
  ] as const).map(([last, words]) =>
    ballOf(
      kept,
      `${shown(kept)} of the last ${words} is added to each step before the delta clip`,
      { step: `${step} + ${part} * ${last}` },
      (symbol) => `(${symbol} + ${shown(2 * kept)}·(last step)/η_k)`,
    )
  );
  return [
    ...before,
    ballOf(
      kept,
      `${shown(kept)} of the last movement is added to each step after the delta clip`,
      { clippedStep: `${clippedStep} + ${part} * moveBefore` },
      () => `±1.000·c·½·range, then + ${shown(kept)}·(last movement)`,
    ),
  ];
}

function ballOf(
  keeps: number,
  title: string,
  change: Suspect["change"],
  written: (symbol: string) => string,
): Suspect {
  return {
    key: `measured number ${Object.values(change).join()}`,
    id: null,
    title,
    fix: "Take each step from its own gradient and draw alone: no momentum.",
    change,
    keeps,
    written,
  };
}

/** A chain whose steps have lost what they keep of the last ones. */
export function withoutKept({ points, sure }: SeenChain, kept: number): SeenChain {
  const moves = points.slice(1).map((to, k) => movesOf([points[k]!, to]));
  const all = [points[0]!];
  for (const [k, move] of moves.entries()) {
    all.push(
      all[k]!.map((row, r) =>
        row.map((a, i) => a - (move[r]![i]! - kept * (moves[k - 1]?.[r]?.[i] ?? 0)))
      ),
    );
  }
  return { points: all, sure };
}

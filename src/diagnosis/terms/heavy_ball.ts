/**
 * Steps that keep a part of the last one, as a heavy ball does.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import { shown } from "../figures/figures.ts";
import type { SeenChain } from "../experiments/response.ts";
import type { Suspect } from "./suspects.ts";
import { movesOf } from "./swaps.ts";

/** The ways to keep so much of the last step in every step: what is kept, and where it is added. */
export function heavyBalls(kept: number): readonly Suspect[] {
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

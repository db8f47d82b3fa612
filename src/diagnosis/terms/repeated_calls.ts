/**
 * Calls of one sampler, one after the other: what a second one tells.
 *
 * @module
 */

import { same } from "../../../spec/trajectory.ts";
import { shown } from "../figures/figures.ts";
import type { Observation, Reading } from "../experiments/observations.ts";
import { movesOf } from "./swaps.ts";

/** Whether two equal calls of one sampler have differed. */
export function remembers(observations: readonly Observation[]): boolean {
  return observations.some(({ probe, calls: [first, second] }) => {
    if (first === undefined || second === undefined) return false;
    if (first === "throws" || second === "throws") return first !== second;
    const [one, other] = probe.calls.map((problem) => JSON.stringify(problem));
    return one === other && !same(first.final, second.final);
  });
}

/** The first call of an observation alone: what is kept between calls does not show. */
export function firstCall({ probe, calls }: Observation): Observation {
  const { name, calls: [problem] } = probe;
  return {
    probe: { ...probe, name: `${name}, first call`, calls: [problem!] },
    calls: calls.slice(0, 1),
  };
}

/**
 * How many times as long the steps of a second call are down constant slopes, in words; nothing if
 * that is not one number for every coordinate of a step.
 */
export function laterSteps({ calls: [first, second] }: Observation): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (first === "throws" || second === "throws") return undefined;
  const [one, other] = [first, second].map(stepsOf) as [number[][], number[][]];
  if (one.length !== other.length) return undefined;
  const times = one.map((moves, k) => {
    const largest = moves.reduce(
      (at, move, i) => Math.abs(move) > Math.abs(moves[at]!) ? i : at,
      0,
    );
    const ratio = other[k]![largest]! / moves[largest]!;
    const fits = moves.every((move, i) =>
      Math.abs(other[k]![i]! - ratio * move) <= 1e-6 + 1e-4 * Math.abs(ratio * move)
    );
    return fits ? ratio : NaN;
  });
  if (!times.every(Number.isFinite)) return undefined;
  const words = times.map((ratio) => shown(Number(ratio.toPrecision(3))));
  const all = new Set(words).size === 1 ? words.slice(0, 1) : words;
  return `steps ${all.length === 1 ? "" : `0 to ${words.length - 1} `}are ${
    all.join(", ")
  } times as long`;
}

function stepsOf({ points, final }: Reading): readonly (readonly number[])[] {
  const path = [...points, final];
  return points.map((from, k) => movesOf([from, path[k + 1]!]).flat());
}

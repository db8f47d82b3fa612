/**
 * What is kept of earlier steps from some step on: of the last movement (the heavy ball), or of the
 * last drift (momentum, an average). A longer chain without noise tells it: each of its steps is
 * regressed on its gradient and on the movement before it.
 *
 * @module
 */

import { officialRule, stepSizes } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { rounded, shown } from "../figures/figures.ts";
import type { Influence } from "../figures/measurement.ts";
import { regress } from "../figures/regression.ts";
import { forcedTerms } from "../experiments/response.ts";
import type { Suspect } from "./suspects.ts";
import type { SeenRun } from "./window_fit.ts";

/** What a step makes of its gradient and of the movement before it. */
interface StepMemory {
  readonly k: number;
  readonly gradient: number;
  readonly before: number;
  readonly error: number;
}

/** Something that is kept from a step on. */
export interface LateMemory {
  /** The first step in which it shows, from 0; 1 if there from the start. */
  readonly from: number;
  /** How many steps the chain had. */
  readonly steps: number;
  /** How much of the last movement each step takes, or of the last drift. */
  readonly part: number;
  readonly of: "movement" | "drift" | "average";
  /** How much of the gradient a step takes before that, in step sizes. */
  readonly drift: number;
}

/** The largest part of a step that may be left. */
const mostLeft = 2e-4;

/** Every step but the first; nothing if one is no sum of multiples of both. */
function memoryIn(
  { problem, chain: { points } }: SeenRun,
  returns: NetworkReturns,
): readonly StepMemory[] | undefined {
  const terms = forcedTerms(officialRule, problem, points, returns);
  if (terms === undefined || terms.length < problem.settings.steps) return undefined;
  const found: StepMemory[] = [];
  for (let k = 1; k < terms.length; k++) {
    const moved = (step: number) =>
      points[step]!.flatMap((row, r) => row.map((a, i) => a - points[step + 1]![r]![i]!));
    const slopes = terms[k]!.flatMap((row) => row.map(({ gradient }) => gradient));
    const fit = regress([slopes, moved(k - 1)], moved(k), 6e-8);
    if (fit === undefined || fit.left > mostLeft) return undefined;
    const [gradient, before] = fit.coefficients as [number, number];
    found.push({ k, gradient, before, error: fit.errors[1]! });
  }
  return found;
}

/** What a chain keeps of its past, if one thing from some step on. */
export function lateMemory(run: SeenRun, returns: NetworkReturns): LateMemory | undefined {
  const all = memoryIn(run, returns);
  const matters = ({ before, error }: StepMemory) => Math.abs(before) > 8 * error + 2e-3;
  const kept = all?.filter(matters) ?? [], [first] = kept;
  if (all === undefined || first === undefined || kept.length < 2) return undefined;
  if (kept.length !== all.filter(({ k }) => k >= first.k).length) return undefined;
  const { schedule, steps } = run.problem.settings, sizes = stepSizes(schedule, steps);
  const isOne = (values: readonly number[]) => {
    const value = rounded(values.reduce((sum, one) => sum + one, 0) / values.length);
    const fits = values.every((one, j) =>
      Math.abs(one - value) <= 8 * kept[j]!.error + 2e-4 * (1 + Math.abs(value))
    );
    return fits ? short(value) : undefined;
  };
  const early = all[0]!, drift = short(rounded(early.gradient / sizes[early.k]!));
  const told = { from: first.k, steps, drift };
  const ofMovement = isOne(kept.map(({ before }) => before));
  if (ofMovement !== undefined) return { ...told, part: ofMovement, of: "movement" };
  const ofDrift = isOne(kept.map(({ before, k }) => before * sizes[k - 1]! / sizes[k]!));
  if (ofDrift === undefined) return undefined;
  const late = kept.at(-1)!, share = late.gradient / sizes[late.k]! / drift;
  const isAverage = first.k > 1 && Math.abs(share - (1 - ofDrift)) < 2e-3;
  return { ...told, part: ofDrift, of: isAverage ? "average" : "drift" };
}

/** A short decimal, if it is one within what a regression leaves. */
function short(value: number): number {
  const few = Number(value.toPrecision(2));
  return Math.abs(few - value) <= 3e-4 * Math.abs(value) ? few : value;
}

/** From which step on, as a formula that is positive there, and in words. */
function gatesOf({ from, steps }: LateMemory): readonly (readonly [string, string])[] {
  if (from <= 1) return [["", ""]];
  const parts = ([[1, 2], [1, 3], [2, 3], [1, 4], [3, 4], [1, 5], [1, 10]] as const)
    .filter(([a, b]) => Math.ceil(a * steps / b) === from);
  return [
    [`k - ${from - 0.5}`, `from step ${from} on`],
    ...parts.map(([a, b]) => [`${b} * k - ${a} * N + 0.5`, `where k ≥ ${a}/${b} N`] as const),
  ];
}

/** What of the last step may be kept where its movement is, with its symbol. */
const movements = [
  ["movement", "moveBefore"],
  ["step after its clip", "clippedBefore"],
  ["step before its clip", "stepBefore"],
] as const;

/** As changes of the drift, to try. */
export function lateMemorySuspects(memory: LateMemory): readonly Suspect[] {
  const { part, of, drift } = memory, isHalf = Math.abs(drift - 0.5) < 1e-3;
  const own = isHalf ? "gt / 2" : `${drift} * gt`, times = isHalf ? "" : `${shown(2 * drift)}·`;
  const beside = isHalf ? "" : `, and the drift is ${shown(drift)} times the gradient`;
  return gatesOf(memory).flatMap(([gate, where]) => {
    const when = where === "" ? "" : ` ${where}`;
    const suspect = (title: string, added: string, written: (symbol: string) => string) => {
      const change = `${own} + ${gate === "" ? added : `where(${gate}, ${added}, 0)`}`;
      return {
        key: `measured number kept ${change}`,
        id: null,
        title: `${title}${when}${beside}`,
        fix: "Take every step by the present gradient and draw alone, without momentum.",
        change: { drift: change },
        written,
      };
    };
    const added = (words: string) => (symbol: string) =>
      `(${times}${symbol} + ${shown(2 * part)}·${words}${when})`;
    switch (of) {
      case "drift":
        return [suspect(
          `${shown(part)} of the last drift is kept`,
          `${part} * driftBefore`,
          added("last drift"),
        )];
      case "average":
        return [suspect(
          `The drift is a running average: ${shown(part)} of the last one`,
          `${part} * (driftBefore - ${own})`,
          (symbol) => `(${times}${symbol} averaged with its past${when})`,
        )];
      case "movement":
        return movements.map(([word, name]) =>
          suspect(
            `${shown(part)} of the last ${word} is added to the step`,
            `${part} * ${name} / max(eta, 1e-12)`,
            added(`last ${word}/η_k`),
          )
        );
    }
  });
}

/** What is kept of drift and noise together, as an optimiser keeps what it is given. */
export function sumsKept({ part, drift }: LateMemory): readonly Suspect[] {
  const own = `${drift} * gt + ${part} * sumBefore`, rest = rounded(1 - part);
  const isAverage = Math.abs(2 * drift - rest) < 1e-3, half = Math.abs(drift - 0.5) < 1e-3;
  const beside = isAverage
    ? `, and ${shown(rest)} of each new one is added`
    : half
    ? ""
    : `, and the drift is ${shown(drift)} times the gradient`;
  return [{
    key: `measured number kept ${own}`,
    id: null,
    title: `${shown(part)} of the last sum of drift and noise is kept${beside}`,
    fix: "Take every step by the present gradient and draw alone, without momentum.",
    change: { drift: own, ...isAverage ? { noise: `${rest} * sigma * xi` } : {} },
    written: (symbol) =>
      symbol.includes("ξ")
        ? symbol
        : `(${half ? "" : `${shown(2 * drift)}·`}${symbol} + ${
          shown(2 * part)
        }·last drift and noise)`,
  }];
}

/** What is kept in words, where no name has it. */
export function memoryInfluence({ from, steps, part, of }: LateMemory): Influence {
  const what = of === "movement" ? "movement" : "drift";
  const when = from <= 1 ? "" : `; in a chain of ${steps} steps that begins at step ${from}`;
  return {
    on: "earlier gradient",
    text: `A step remembers: ${shown(part)} of the last ${what} is ${
      of === "average" ? "averaged into" : "added to"
    } it${when}`,
  };
}

/**
 * What a sampler is asked to do: an energy, a box, settings, starting points and noise.
 *
 * Shapes. A problem has `groups` observations; each is repeated for `samples` consecutive rows, so
 * there are `rows = groups × samples` chains of `axes` coordinates each. Row `r` belongs to
 * observation `floor(r / samples)`. Every number of a problem is exactly representable in float32,
 * so that a float32 target and the float64 specification start from the same values.
 *
 * @module
 */

import type { Rule } from "./rule_records.ts";
import type { OwnCoordinates } from "./tolerance.ts";

/** A table of numbers: rows × columns. */
export type Rows = readonly (readonly number[])[];
/** Actions kept by group: groups × samples × axes. */
export type Grouped = readonly Rows[];

/** The step sizes of a chain, before they are evaluated. */
export type Schedule =
  | {
    readonly kind: "polynomial";
    readonly init: number;
    readonly final: number;
    readonly power: number;
  }
  | { readonly kind: "exponential"; readonly init: number; readonly decay: number };

/** The order of the reported gradient norms; `null` asks for none. */
export type GradNorm = "1" | "2" | "inf" | null;

/** Everything a sampler is configured with. */
export interface Settings {
  /** The box, one entry per axis. */
  readonly bounds: { readonly min: readonly number[]; readonly max: readonly number[] };
  /** Number of steps N, at least 1. */
  readonly steps: number;
  /** Step sizes η_k. */
  readonly schedule: Schedule;
  /** σ, the factor of the noise. */
  readonly noiseScale: number;
  /** γ, or `null` when the gradient is not clipped. 0 is a value, not "off". */
  readonly gradClip: number | null;
  /** c, relative to half the range of each axis. */
  readonly deltaClip: number;
  /** Order of the reported gradient norms; `null` asks for no norm: those that are reported are zeros. */
  readonly gradNorm: GradNorm;
  /** Whether the gradient is that of exp(-E) instead of -E. */
  readonly applyExp: boolean;
  /** Values of the settings that a rule has of its own, by their symbols. */
  readonly own?: Readonly<Record<string, number>>;
  /** η_0 … η_{N-1} as numbers, where the rule is another one than the official. */
  readonly stepSizes?: readonly number[];
}

/** Where the noise of a problem comes from. */
export type Noise =
  /** Injected: draw k of shape rows × axes is the noise of step k. */
  | { readonly kind: "tape"; readonly draws: readonly Rows[] }
  /** The sampler draws its own noise. */
  | { readonly kind: "own" };

/** One task for a sampler. */
export interface Problem {
  /** E as a formula in `a1…` (action) and `o1…` (observation). Low energy is a good action. */
  readonly energy: string;
  /** What the sampler is configured with. */
  readonly settings: Settings;
  /** Number of observations. */
  readonly groups: number;
  /** Rows per observation. */
  readonly samples: number;
  /** Coordinates of an action. */
  readonly axes: number;
  /** groups × features; features may be 0. */
  readonly observations: Rows;
  /** rows × axes. */
  readonly initial: Rows;
  /** Injected, or the sampler's own. */
  readonly noise: Noise;
  /** For samplers that draw their own noise from a seed. */
  readonly seed: number;
  /** The rule that it is judged by; the official one by default. */
  readonly rule?: Rule;
  /** Set if it is judged how a sampler follows it that keeps its actions in coordinates of its own. */
  readonly coordinates?: OwnCoordinates;
}

/** The defaults of the official code (`mcmc.py: langevin_actions_given_obs`), without the box. */
export const officialDefaults: Omit<Settings, "bounds"> = {
  steps: 25,
  schedule: { kind: "polynomial", init: 0.1, final: 1e-5, power: 2 },
  noiseScale: 1,
  gradClip: null,
  deltaClip: 0.1,
  gradNorm: "inf",
  applyExp: false,
};

/** Number of chains of a problem. */
export function rowCount(problem: Pick<Problem, "groups" | "samples">): number {
  return problem.groups * problem.samples;
}

/** Number of observation features of a problem. */
export function featureCount(problem: Pick<Problem, "observations">): number {
  return problem.observations[0]?.length ?? 0;
}

/** The observation of a row. */
export function observationOf(
  problem: Pick<Problem, "observations" | "samples">,
  row: number,
): readonly number[] {
  return problem.observations[Math.floor(row / problem.samples)] ?? [];
}

/** Rows × columns → groups × samples × columns. */
export function grouped(rows: Rows, samples: number): number[][][] {
  const result: number[][][] = [];
  for (let start = 0; start < rows.length; start += samples) {
    result.push(rows.slice(start, start + samples).map((row) => [...row]));
  }
  return result;
}

/** Groups × samples × columns, or rows × columns, → rows × columns (a copy). */
export function flattened(actions: Rows | Grouped): number[][] {
  if (!isGrouped(actions)) return actions.map((row) => [...row]);
  return actions.flatMap((group) => group.map((row) => [...row]));
}

/** Whether actions are kept by group. */
export function isGrouped(actions: Rows | Grouped): actions is Grouped {
  return Array.isArray((actions as Grouped)[0]?.[0]);
}

/** A deep copy of a table. */
export function copyRows(rows: Rows): number[][] {
  return rows.map((row) => [...row]);
}

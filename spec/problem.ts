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

/** A problem that makes no sense, with the place that does not. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
}

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

/**
 * Checks that a problem makes sense.
 *
 * @throws {ProblemError} with the place, what was found and what was wanted
 */
export function checkProblem(problem: Problem): void {
  const { settings, groups, samples, axes } = problem;
  const rows = rowCount(problem);
  const count = (value: number, place: string, least: number) => {
    if (!Number.isInteger(value) || value < least) {
      throw new ProblemError(
        `Cannot use ${place}: found ${value}, wanted a whole number of at least ${least}`,
      );
    }
  };
  const finite = (value: number, place: string, least = -Infinity) => {
    if (!Number.isFinite(value) || value < least) {
      throw new ProblemError(
        `Cannot use ${place}: found ${value}, wanted a finite number${
          least > -Infinity ? ` of at least ${least}` : ""
        }`,
      );
    }
  };
  count(groups, "groups", 1);
  count(samples, "samples", 1);
  count(axes, "axes", 1);
  count(settings.steps, "settings.steps", 1);
  checkTable(problem.initial, rows, axes, "initial");
  if (problem.observations.length !== groups) {
    throw new ProblemError(
      `Cannot use observations: found ${problem.observations.length} rows, wanted ${groups} (one per group)`,
    );
  }
  checkTable(problem.observations, groups, featureCount(problem), "observations");
  for (const side of ["min", "max"] as const) {
    const values = settings.bounds[side];
    if (values.length !== axes) {
      throw new ProblemError(
        `Cannot use settings.bounds.${side}: found ${values.length} numbers, wanted ${axes} (one per axis)`,
      );
    }
    values.forEach((value, axis) => finite(value, `settings.bounds.${side}[${axis}]`));
  }
  for (let axis = 0; axis < axes; axis++) {
    const min = settings.bounds.min[axis]!, max = settings.bounds.max[axis]!;
    if (max < min) {
      throw new ProblemError(
        `Cannot use settings.bounds: found max ${max} below min ${min} on axis ${axis}, wanted max at least min`,
      );
    }
  }
  finite(settings.noiseScale, "settings.noiseScale", 0);
  finite(settings.deltaClip, "settings.deltaClip", 0);
  if (settings.gradClip !== null) finite(settings.gradClip, "settings.gradClip", 0);
  for (const [key, value] of Object.entries(settings.schedule)) {
    if (key !== "kind") finite(value as number, `settings.schedule.${key}`, 0);
  }
  if (problem.noise.kind === "tape") {
    if (problem.noise.draws.length !== settings.steps) {
      throw new ProblemError(
        `Cannot use noise.draws: found ${problem.noise.draws.length} draws, wanted ${settings.steps} (one per step)`,
      );
    }
    problem.noise.draws.forEach((draw, k) => checkTable(draw, rows, axes, `noise.draws[${k}]`));
  }
}

function checkTable(table: Rows, rows: number, columns: number, place: string): void {
  if (table.length !== rows) {
    throw new ProblemError(`Cannot use ${place}: found ${table.length} rows, wanted ${rows}`);
  }
  table.forEach((row, r) => {
    if (row.length !== columns) {
      throw new ProblemError(
        `Cannot use ${place}[${r}]: found ${row.length} numbers, wanted ${columns}`,
      );
    }
  });
}

/**
 * Runs that show the noise of a sampler that draws it by itself: wide flat lanes, on which every
 * movement is noise, beside two gentle slopes, at three settings, one of them twice.
 *
 * @module
 */

import { linearEnergy, problemOf } from "../../properties/arbitraries.ts";
import type { Problem, Rows, Schedule, Settings } from "../../spec/problem.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { same } from "../../spec/trajectory.ts";
import { readingOf } from "./observations.ts";

/** Lanes without a slope; each has a box of its own. */
export const flatLanes = [0, 1, 2, 3] as const;

/** Slopes of the lanes after them. */
const slopes: Readonly<Record<number, number>> = { 4: 1, 5: -1 };

/** ∂E/∂a of a lane. */
export function slopeOf(lane: number): number {
  return slopes[lane] ?? 0;
}

/** What was seen of one call. */
export interface OwnRun {
  readonly problem: Problem;
  /** from - to, steps × rows × axes. */
  readonly moves: readonly Rows[];
  /** Whether a row begins or ends a step at or beyond a wall: steps × axes. */
  readonly walled: readonly (readonly boolean[])[];
  /** Whether the last point was seen by itself: else it is what was returned. */
  readonly sure: boolean;
  /** The movements of a row at a noise scale of 0, steps × axes. */
  readonly still?: readonly (readonly number[])[];
}

/** What may be changed in the first run. */
export type Varied =
  | "the noise scale"
  | "the number of axes"
  | "the number of rows"
  | "the number of observations"
  | "the number of steps"
  | "the step sizes"
  | "the delta clip"
  | "the bounds";

/** The first run with one thing changed. */
export interface Variation {
  /** What is changed, in words. */
  readonly what: Varied;
  /** To what, and from what, in words that follow a figure. */
  readonly at: string;
  readonly usual: string;
  readonly run: OwnRun;
}

/** What a target with noise of its own has shown. */
export interface OwnRuns {
  /** The first two are two calls with the same settings. */
  readonly runs: readonly OwnRun[];
  /** The first with other settings and other numbers of axes, rows and steps, one at a time. */
  readonly varied?: readonly Variation[];
  /** Whether a noise scale of 0 turns the noise off. */
  readonly honoursZero: boolean;
  /** A call with the noise scale 0, if noise stays on there. */
  readonly zero?: OwnRun;
  /** The first step on a lane that is far narrower than the noise. */
  readonly narrow: OwnRun | undefined;
  /** Whether first gradients are taken at points that the noise has moved. */
  readonly noisedStart: boolean;
}

interface Regime {
  readonly schedule: Schedule;
  readonly steps: number;
  readonly noiseScale: number;
}

/** Rows per call, unless fewer are asked for. */
const usualRows = 768;

const regimes: readonly Regime[] = [
  {
    schedule: { kind: "polynomial", init: 0.25, final: 0.015625, power: 3 },
    steps: 5,
    noiseScale: 0.75,
  },
  {
    schedule: { kind: "polynomial", init: 0.125, final: 0.25, power: 1 },
    steps: 3,
    noiseScale: 2,
  },
  {
    schedule: { kind: "polynomial", init: 0.5, final: 0.0625, power: 2 },
    steps: 4,
    noiseScale: 0.25,
  },
];

const wide: Settings["bounds"] = {
  min: [-20, -50, -28, -24, -40, -40],
  max: [28, 30, 36, 32, 56, 56],
};

/** For samplers that take the same sides on all axes alone. */
const oneInterval: Settings["bounds"] = {
  min: wide.min.map(() => Math.min(...wide.min)),
  max: wide.max.map(() => Math.max(...wide.max)),
};

/** What may be another one beside the settings of a regime. */
interface Shape {
  readonly box?: Settings["bounds"];
  readonly groups?: number;
  readonly deltaClip?: number;
}

const usualClip = 64, starts = [2, -6, 3, 1, 4, -4];

/** A problem of a regime; a delta clip of 64 limits nothing. */
function regimeProblem(
  regime: Regime,
  samples: number,
  seed: number,
  { box = wide, groups = 3, deltaClip = usualClip }: Shape = {},
): Problem {
  return problemOf({
    energy: linearEnergy(box.min.map((_, lane) => slopeOf(lane))),
    settings: {
      ...regime,
      bounds: box,
      gradClip: null,
      deltaClip,
      gradNorm: null,
      applyExp: false,
    },
    groups,
    samples,
    initial: Array.from({ length: groups * samples }, () => box.min.map((_, i) => starts[i] ?? 0)),
    noise: { kind: "own" },
    seed,
  });
}

/** One thing that is changed in the first run. */
interface Change extends Shape, Partial<Regime>, Omit<Variation, "run"> {
  readonly samples?: number;
}

/** A box of so many axes: the first ones, or more. */
function boxOf(axes: number, { min, max }: Settings["bounds"]): Settings["bounds"] {
  const sides = (all: readonly number[]) =>
    Array.from({ length: axes }, (_, i) => all[i] ?? all.at(-1)!);
  return { min: sides(min), max: sides(max) };
}

/** All things that the size of noise may depend on, one at a time. */
function changesIn(
  { schedule, steps, noiseScale }: Regime,
  samples: number,
  { bounds, compiles, reveals }: Target,
): readonly Change[] {
  const box = bounds === "scalar" ? oneInterval : wide, groups = 3;
  const few = Math.max(2, Math.round(samples / 8));
  const change = (
    what: Varied,
    numbers: readonly [usual: string | number, at: string | number],
    words: (number: string | number) => string,
    how: Omit<Change, "what" | "at" | "usual">,
  ): Change => ({ what, usual: words(numbers[0]), at: words(numbers[1]), ...how });
  const [twice, half] = [2, 0.25].map((sigma) =>
    change("the noise scale", [noiseScale, sigma], (n) => `for ${n}`, { noiseScale: sigma })
  );
  const [fewer, more] = [4, 9].map((axes) =>
    change("the number of axes", [box.min.length, axes], (n) => `on ${n}`, {
      box: boxOf(axes, box),
    })
  );
  const rows = change("the number of rows", [groups * samples, groups * few], (n) => `for ${n}`, {
    samples: few,
  });
  // Every other shape and setting takes a compiler's time.
  if (compiles !== undefined) return [twice!, fewer!, rows];
  const double = { ...schedule, init: 2 * schedule.init };
  return [
    twice!,
    half!,
    fewer!,
    more!,
    rows,
    change("the number of observations", [groups, 1], (n) => `for ${n}`, { groups: 1 }),
    ...(reveals === "final-actions" ? [] : [2, 16]).map((count) =>
      change("the number of steps", [steps, count], (n) => `in chains of ${n}`, { steps: count })
    ),
    change("the step sizes", [schedule.init, double.init], (n) => `where the first is ${n}`, {
      schedule: double,
    }),
    change("the delta clip", [usualClip, 48], (n) => `for ${n}`, { deltaClip: 48 }),
    change("the bounds", ["one", "a wider"], (n) => `in ${n} box`, {
      box: { min: box.min.map((lo) => 2 * lo), max: box.max.map((hi) => 1.5 * hi) },
    }),
  ];
}

const narrowWall = 0.0625;

/** Noise that is far larger than the limit and the box: where it ends tells where it is added. */
const narrowProblem: Problem = (() => {
  const { settings, ...rest } = regimeProblem(regimes[0]!, 8, 9);
  const bounds = { min: wide.min.map(() => -narrowWall), max: wide.max.map(() => narrowWall) };
  const zeros = rest.initial.map((row) => row.map(() => 0));
  return {
    ...rest,
    energy: linearEnergy(wide.min.map(() => 0)),
    settings: { ...settings, bounds, deltaClip: 0.125 },
    initial: zeros,
  };
})();

/**
 * Runs a target.
 *
 * @param rows rows per call, a multiple of 3
 * @param varying whether settings and shapes are varied one at a time, too
 * @returns nothing if it fails, or if its steps cannot be told
 * @throws {TargetFault} if the target's process fails
 */
export async function observeOwnNoise(
  target: Target,
  { rows = usualRows, varying = false }: { readonly rows?: number; readonly varying?: boolean } =
    {},
): Promise<OwnRuns | undefined> {
  const hidden = target.reveals === "final-actions";
  const box = target.bounds === "scalar" ? oneInterval : wide;
  const [first, ...others] = regimesFor(target, varying);
  const samples = Math.max(2, Math.round(rows / 3));
  // Fewer rows are another shape.
  const few = target.compiles === undefined ? 2 : samples;
  try {
    const problem = regimeProblem(first!, samples, 21, { box });
    const prepared = await target.prepare(problem.settings);
    const again = regimeProblem(first!, samples, 22, { box });
    const firstTrajectory = await prepared.sample(problem);
    if (firstTrajectory.untold) return undefined;
    const runs = [
      runOf(problem, firstTrajectory, hidden),
      runOf(again, await prepared.sample(again), hidden),
    ];
    for (const [j, regime] of others.entries()) {
      runs.push(await run(target, regimeProblem(regime, samples, 23 + j, { box })));
    }
    const still: OwnRun[] = [];
    for (const regime of [first!, ...others]) {
      const found = await run(
        target,
        regimeProblem({ ...regime, noiseScale: 0 }, few, 27, { box }),
      );
      if (found !== undefined) still.push(found);
    }
    const seen = runs.filter((found) => found !== undefined);
    if (seen.length < runs.length || still.length < others.length + 1) return undefined;
    const honoursZero = still.every(({ moves }) => moves.every(isWithoutNoise));
    const silent = regimeProblem({ ...first!, noiseScale: 0 }, samples, 28, { box });
    const zero = honoursZero ? undefined : await run(target, silent);
    const stillOf = (j: number) => still[Math.max(0, j - 1)]!.moves.map(usualMove);
    return {
      runs: honoursZero ? seen.map((own, j) => ({ ...own, still: stillOf(j) })) : seen,
      ...(varying ? { varied: await varied(target, first!, samples) } : {}),
      honoursZero,
      ...(zero === undefined ? {} : { zero }),
      narrow: hidden || (target.compiles !== undefined && !varying)
        ? undefined
        : await run(target, narrowProblem),
      noisedStart: !hidden && startsNoised(problem, readingOf(problem, firstTrajectory).points),
    };
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return undefined;
  }
}

/** The different movements of all rows along an axis, each with the number of its rows. */
function movesAlong(step: Rows, axis: number): readonly { readonly move: number; rows: number }[] {
  const found: { readonly move: number; rows: number }[] = [];
  for (const row of step) {
    const known = found.find(({ move }) => Math.abs(move - row[axis]!) < 1e-6);
    if (known) known.rows++;
    else found.push({ move: row[axis]!, rows: 1 });
  }
  return found;
}

/** Whether rows move alike, or those of two kinds do: noise would move each in its own way. */
function isWithoutNoise(step: Rows): boolean {
  return step[0]!.every((_, i) => movesAlong(step, i).length <= (step.length > 3 ? 2 : 1));
}

/** How most rows move. */
function usualMove(step: Rows): readonly number[] {
  return step[0]!.map((_, i) =>
    movesAlong(step, i).reduce((most, one) => one.rows > most.rows ? one : most).move
  );
}

/** The settings that are tried: of a target that is compiled for each, or for each shape, fewer. */
function regimesFor({ reveals, compiles }: Target, varying: boolean): readonly Regime[] {
  // A chain of one step shows the noise, if only the returned actions are seen.
  const steps = reveals === "final-actions" ? 1 : compiles === undefined ? null : 5;
  const tried = compiles === "settings" && !varying ? regimes.slice(0, 2) : regimes;
  return steps === null ? tried : tried.map((one) => ({ ...one, steps }));
}

/** The first run with one thing changed at a time, as far as the target takes it. */
async function varied(
  target: Target,
  first: Regime,
  usualSamples: number,
): Promise<readonly Variation[]> {
  const found: Variation[] = [];
  const usualBox = target.bounds === "scalar" ? oneInterval : wide;
  for (const [j, change] of changesIn(first, usualSamples, target).entries()) {
    const { what, at, usual, samples = usualSamples, box = usualBox, ...rest } = change;
    const { groups = 3, deltaClip = usualClip, ...regime } = rest;
    const shape = { box, groups, deltaClip };
    const problem = regimeProblem({ ...first, ...regime }, samples, 31 + j, shape);
    try {
      const seen = await run(target, problem);
      if (seen !== undefined) found.push({ what, at, usual, run: seen });
    } catch (error) {
      if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    }
  }
  return found;
}

async function run(target: Target, problem: Problem): Promise<OwnRun | undefined> {
  const prepared = await target.prepare(problem.settings);
  const hidden = target.reveals === "final-actions";
  return runOf(problem, await prepared.sample(problem), hidden);
}

function runOf(
  problem: Problem,
  trajectory: Parameters<typeof readingOf>[1],
  hidden: boolean,
): OwnRun | undefined {
  const { points: asked, final, chain: { actions } } = readingOf(problem, trajectory);
  const points = hidden ? [problem.initial] : asked;
  if (points.length === 0 || trajectory.untold) return undefined;
  const noised = startsNoised(problem, points);
  const sure = noised || reportGoes(actions, points, final);
  // A gradient that is taken after the noise is, on a flat lane, taken where the step ends.
  const path = noised
    ? [problem.initial, ...points]
    : sure
    ? [problem.initial, ...actions!]
    : [...points, final];
  const { min, max } = problem.settings.bounds, steps = path.slice(0, -1);
  return {
    problem,
    sure,
    moves: steps.map((from, k) =>
      from.map((row, r) => row.map((a, i) => a - path[k + 1]![r]![i]!))
    ),
    walled: steps.map((from, k) =>
      min.map((lo, i) =>
        [from, path[k + 1]!].some((rows) => rows.some((row) => row[i]! <= lo || row[i]! >= max[i]!))
      )
    ),
  };
}

/** Whether actions that are reported are those at which gradients were taken, or those returned. */
function reportGoes(
  actions: readonly Rows[] | undefined,
  points: readonly Rows[],
  final: Rows,
): boolean {
  if (actions === undefined || actions.length !== points.length) return false;
  const goes = points.slice(1).every((at, k) => same(at, actions[k]!));
  return same(actions.at(-1)!, final) || (goes && points.length > 1);
}

function startsNoised({ initial }: Problem, points: readonly Rows[]): boolean {
  const [first] = points;
  return first !== undefined &&
    first.some((row, r) => row.some((a, i) => Math.abs(a - initial[r]![i]!) > 1e-4));
}

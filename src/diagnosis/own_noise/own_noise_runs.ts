/**
 * Runs that show the noise of a sampler that draws it by itself: wide flat lanes, on which every
 * movement is noise, beside two gentle slopes, at three settings, one of them twice.
 *
 * @module
 */

import { linearEnergy, problemOf } from "../../../properties/arbitraries.ts";
import type { Size } from "../../../properties/noise_check.ts";
import type { Problem, Rows, Schedule, Settings } from "../../../spec/problem.ts";
import { fullShape } from "../../../properties/full_shape.ts";
import { type PreparedTarget, type Target, TargetFault } from "../../../spec/sampler.ts";
import { partsOf, problemFor, ruleFor } from "../../../spec/rule_parts.ts";
import { same, type Trajectory } from "../../../spec/trajectory.ts";
import { areIndependent, beyond, type Correlations, correlationsOf } from "./noise_statistics.ts";
import { readingOf } from "../experiments/observations.ts";
import type { Led } from "./redrawn.ts";

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
  /** Whether what moves it without noise is taken off. */
  readonly freed?: boolean;
  /** More calls of the same problem, with other seeds. */
  readonly again?: readonly OwnRun[];
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
  | "the bounds"
  | "the energy"
  | "the gradient of other axes"
  | "the gradient"
  | "the action";

/** The first run with one thing changed. */
export interface Variation {
  /** What is changed, in words. */
  readonly what: Varied;
  /** To what, and from what, in words that follow a figure. */
  readonly at: string;
  readonly usual: string;
  /** What stands on every lane, and what stands there as usual, where that is varied. */
  readonly lanes?: Readonly<Record<"at" | "usual", readonly number[]>>;
  readonly run: OwnRun;
}

/** What a target with noise of its own has shown. */
export interface OwnRuns {
  /** The first two are two calls with the same settings. */
  readonly runs: readonly OwnRun[];
  /** Two calls of many rows, where those of `runs` have few since draws depend on each other. */
  readonly wide?: readonly OwnRun[];
  /** The first with other settings and other numbers of axes, rows and steps, one at a time. */
  readonly varied?: readonly Variation[];
  /** Whether a noise scale of 0 turns the noise off. */
  readonly honoursZero: boolean;
  /** A call with the noise scale 0, if noise stays on there. */
  readonly zero?: OwnRun;
  /** The first step on a lane that is far narrower than the noise. */
  readonly narrow: OwnRun | undefined;
  /** Where draws led that could lead beyond the limit or the bounds, if that was looked at. */
  readonly led?: readonly Led[];
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

/** Where draws of a call depend on each other, one of few rows is made again and again. */
const tiedRows = 12, tiedCalls = { plain: 96, varied: 24 };

const regimes: readonly Regime[] = [
  {
    schedule: { kind: "polynomial", init: 0.25, final: 0.01953125, power: 3 },
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
  readonly deltaClip?: number | undefined;
  readonly starts?: readonly number[] | undefined;
  readonly slopes?: readonly number[] | undefined;
  /** What is added to the energy. */
  readonly lift?: number | undefined;
}

const usualClip = 64, usualStarts = [2, -6, 3, 1, 4, -4];

/** Other points to start from, and slopes of all lanes. */
const otherStarts = [-1, 4, 0, -3], allSlopes = [0.5, -2, 4, -1], lifted = 24;

/** A problem of a regime; a delta clip of 64 limits nothing. */
function regimeProblem(
  regime: Regime,
  samples: number,
  seed: number,
  given: Shape = {},
): Problem {
  const { box = wide, groups = 3, deltaClip = usualClip, starts = usualStarts } = given;
  const { slopes = [], lift = 0 } = given;
  const energy = linearEnergy(box.min.map((_, lane) => slopes[lane] ?? slopeOf(lane)));
  return problemOf({
    energy: lift === 0 ? energy : `${energy} + ${lift}`,
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
    initial: Array.from(
      { length: groups * samples },
      () => box.min.map((_, i) => starts[i] ?? usualStarts[i] ?? 0),
    ),
    noise: { kind: "own" },
    seed,
  });
}

/** The problems on which own noise is measured, for so many samples of each observation. */
export const ownNoiseProblems = regimes.map((regime) => ({ samples, seed, bounds }: Size) =>
  regimeProblem(regime, samples, seed, bounds === "scalar" ? { box: oneInterval } : {})
);

/** One thing that is changed in the first run. */
interface Change extends Shape, Partial<Regime>, Omit<Variation, "run"> {
  readonly samples?: number;
}

type Bounds = Settings["bounds"];

/** The shape of runs, and how many calls of each are made. */
interface Layout {
  readonly groups: number;
  readonly samples: number;
  readonly box: Bounds;
  readonly calls: Readonly<Record<"plain" | "varied", number>>;
}

function layoutFor({ bounds, compiles }: Target, rows: number): Layout {
  const box = bounds === "scalar" ? oneInterval : wide;
  if (compiles === undefined) {
    const samples = Math.max(2, Math.round(rows / 3));
    return { groups: 3, samples, box, calls: { plain: 1, varied: 1 } };
  }
  // Another shape is another compilation: the one that there is already is run again and again.
  const { groups, samples, axes } = fullShape, calls = Math.ceil(rows / (groups * samples));
  return { groups, samples, box: boxOf(axes, box), calls: { plain: calls, varied: calls } };
}

/** A box of so many axes: the first ones, or more. */
function boxOf(axes: number, { min, max }: Bounds): Bounds {
  const sides = (all: readonly number[]) =>
    Array.from({ length: axes }, (_, i) => all[i] ?? all.at(-1)!);
  return { min: sides(min), max: sides(max) };
}

/** All things that the size of noise may depend on, one at a time. */
function changesIn(
  { schedule, steps, noiseScale }: Regime,
  { groups, samples, box }: Layout,
  { compiles, reveals }: Target,
): readonly Change[] {
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
  const ofLanes = (what: "the gradient" | "the action", at: readonly number[], how: Shape) => {
    const usual = flatLanes.map((lane) => what === "the action" ? usualStarts[lane]! : 0);
    return change(what, ["", ""], String, { lanes: { at, usual }, ...how });
  };
  const always = [
    twice!,
    ofLanes("the gradient", allSlopes, { slopes: allSlopes }),
    ofLanes("the action", otherStarts, { starts: otherStarts }),
  ];
  // Every other shape and setting takes a compiler's time.
  if (compiles !== undefined) return always;
  const [fewer, more] = [4, 9].map((axes) =>
    change("the number of axes", [box.min.length, axes], (n) => `on ${n}`, {
      box: boxOf(axes, box),
    })
  );
  const double = { ...schedule, init: 2 * schedule.init };
  return [
    ...always,
    half!,
    change("the energy", ["as it is", `${lifted} higher`], (n) => `where it is ${n}`, {
      lift: lifted,
    }),
    change(
      "the gradient of other axes",
      ["1 and -1", "6 and -3"],
      (n) => `where these slope by ${n}`,
      { slopes: [0, 0, 0, 0, 6, -3] },
    ),
    fewer!,
    more!,
    change("the number of rows", [groups * samples, groups * few], (n) => `for ${n}`, {
      samples: few,
    }),
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
function narrowProblem({ groups, samples, box }: Layout): Problem {
  const { settings, ...rest } = regimeProblem(regimes[0]!, Math.min(samples, 8), 9, {
    box,
    groups,
  });
  const bounds = { min: box.min.map(() => -narrowWall), max: box.min.map(() => narrowWall) };
  return {
    ...rest,
    energy: linearEnergy(box.min.map(() => 0)),
    settings: { ...settings, bounds, deltaClip: 0.125 },
    initial: rest.initial.map((row) => row.map(() => 0)),
  };
}

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
  try {
    return await observed(target, layoutFor(target, rows), varying);
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return undefined;
  }
}

async function observed(
  target: Target,
  layout: Layout,
  varying: boolean,
): Promise<OwnRuns | undefined> {
  const hidden = target.reveals === "final-actions", { box, groups, samples, calls } = layout;
  const [first, ...others] = regimesFor(target);
  // Fewer rows are another shape.
  const few = target.compiles === undefined ? 2 : samples;
  const at = (regime: Regime, rows: number, seed: number) =>
    problemFor(target, regimeProblem(regime, rows, seed, { box, groups }));
  const problem = at(first!, samples, 21), again = at(first!, samples, 22);
  const prepared = await target.prepare(problem.settings);
  const firstTrajectory = await prepared.sample(problem);
  if (firstTrajectory.untold) return undefined;
  const runs = [
    await runsOf(prepared, problem, hidden, calls.plain, firstTrajectory),
    await runsOf(prepared, again, hidden, calls.plain),
  ];
  const two = runs.filter((run) => run !== undefined);
  if (varying && calls.plain === 1 && samples > tiedRows && areTied(two)) {
    const few = { ...layout, samples: tiedRows / 3, calls: tiedCalls };
    const seen = await observed(target, few, varying);
    return seen && { ...seen, wide: two };
  }
  for (const [j, regime] of others.entries()) {
    runs.push(await run(target, at(regime, samples, 23 + j), calls.plain));
  }
  const still: OwnRun[] = [], isScaled = partsOf(ruleFor(target)).has("noise scale");
  for (const regime of isScaled ? [first!, ...others] : []) {
    const found = await run(target, at({ ...regime, noiseScale: 0 }, few, 27));
    if (found !== undefined) still.push(found);
  }
  const seen = runs.filter((found) => found !== undefined);
  if (seen.length < runs.length || isScaled && still.length <= others.length) return undefined;
  const honoursZero = isScaled && still.every(({ moves }) => moves.every(isWithoutNoise));
  const silent = at({ ...first!, noiseScale: 0 }, samples, 28);
  const zero = honoursZero || !isScaled ? undefined : await run(target, silent, calls.plain);
  const how = {
    honoursZero,
    noisedStart: !hidden && startsNoised(problem, readingOf(problem, firstTrajectory).points),
  };
  const stillOf = (j: number) => still[Math.max(0, j - 1)]!.moves.map(usualMove);
  return {
    runs: honoursZero ? seen.map((own, j) => ({ ...own, still: stillOf(j) })) : seen,
    ...(varying ? { varied: await varied(target, first!, layout, how) } : {}),
    ...how,
    ...(zero === undefined ? {} : { zero }),
    narrow: hidden || (target.compiles !== undefined && !varying)
      ? undefined
      : await run(target, problemFor(target, narrowProblem(layout))),
  };
}

const drawsOf = ({ moves, walled }: OwnRun) =>
  moves.map((rows, k) => rows.map((row) => flatLanes.map((i) => walled[k]![i] ? 0 : row[i]!)));

/** Correlations of draws: movements on lanes where no wall is. */
export function correlationsIn(runs: readonly OwnRun[]): Correlations {
  const calls = runs.flatMap((run) => [run, ...run.again ?? []]).map(drawsOf);
  return correlationsOf(calls, runs[0]!.problem.samples);
}

/**
 * Whether draws have means other than 0: two calls of the same problem are alike then, and what is
 * between them is independent. Draws that are shared are others in each call.
 */
export function haveMeans(runs: readonly OwnRun[]): boolean {
  const [first] = runs, settings = JSON.stringify(first?.problem.settings);
  const [one, other] = runs.flatMap((run) => [run, ...run.again ?? []])
    .filter(({ problem }) => JSON.stringify(problem.settings) === settings).map(drawsOf);
  if (first === undefined || one === undefined || other === undefined) return false;
  // Row by row, and by the sums of columns: of means that rows share these tell more.
  let products = 0, pairs = 0, sums = 0, columns = 0;
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  for (const [k, rows] of one.entries()) {
    for (const i of flatLanes) {
      const z = rows.map((row) => row[i]!), w = other[k]!.map((row) => row[i]!);
      const unit = Math.hypot(...z) * Math.hypot(...w);
      if (unit === 0) continue;
      products += z.length * sumOf(z.map((value, r) => value * w[r]!)) / unit;
      pairs += z.length;
      sums += sumOf(z) * sumOf(w) / unit;
      columns++;
    }
  }
  if (!(products > beyond * Math.sqrt(pairs) || sums > 2 * beyond * Math.sqrt(columns))) {
    return false;
  }
  const between = one.map((rows, k) =>
    rows.map((row, r) => row.map((z, i) => z - other[k]![r]![i]!))
  );
  return areIndependent(correlationsOf([between], first.problem.samples));
}

const areTied = (runs: readonly OwnRun[]) =>
  runs.length > 0 && !areIndependent(correlationsIn(runs)) && !haveMeans(runs);

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
function regimesFor({ reveals, compiles }: Target): readonly Regime[] {
  // A chain of one step shows the noise, if only the returned actions are seen.
  const steps = reveals === "final-actions" ? 1 : compiles === undefined ? null : 5;
  const tried = compiles === "settings" ? regimes.slice(0, 2) : regimes;
  return steps === null ? tried : tried.map((one) => ({ ...one, steps }));
}

/** The first run with one thing changed at a time, as far as the target takes it. */
async function varied(
  target: Target,
  first: Regime,
  layout: Layout,
  { honoursZero, noisedStart }: Pick<OwnRuns, "honoursZero" | "noisedStart">,
): Promise<readonly Variation[]> {
  const found: Variation[] = [];
  for (const [j, change] of changesIn(first, layout, target).entries()) {
    const { what, at, usual, lanes, samples = layout.samples, ...rest } = change;
    const { box = layout.box, groups = layout.groups, ...others } = rest;
    const { deltaClip, starts, slopes, lift, ...regime } = others;
    const shape = { box, groups, deltaClip, starts, slopes, lift };
    const problem = (rows: number, more: Partial<Regime> = {}) =>
      problemFor(target, regimeProblem({ ...first, ...regime, ...more }, rows, 31 + j, shape));
    try {
      const { plain, varied } = layout.calls;
      const seen = await run(target, problem(samples), lanes === undefined ? varied : plain);
      if (seen === undefined) continue;
      if (lanes === undefined) found.push({ what, at, usual, run: seen });
      // The first step of noise that comes before the gradient is no whole one.
      if (lanes === undefined || noisedStart) continue;
      const few = target.compiles === undefined ? 2 : samples;
      const still = honoursZero ? await run(target, problem(few, { noiseScale: 0 })) : undefined;
      const moved = still?.moves[0] ? usualMove(still.moves[0]) : meanMove(seen.moves[0]!);
      found.push({ what, at, usual, lanes, run: firstStepOf({ ...seen, still: [moved] }) });
    } catch (error) {
      if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    }
  }
  return found;
}

function meanMove(step: Rows): readonly number[] {
  return step[0]!.map((_, i) => step.reduce((sum, row) => sum + row[i]!, 0) / step.length);
}

/** The first step, which all rows begin at the same point, without what moves them without noise. */
export function firstStepOf({ again, still, ...run }: OwnRun): OwnRun {
  const moved = still?.[0] ?? [];
  return {
    ...run,
    moves: run.moves.slice(0, 1).map((rows) =>
      rows.map((row) => row.map((move, i) => move - (moved[i] ?? 0)))
    ),
    walled: run.walled.slice(0, 1),
    sure: true,
    freed: true,
    ...again && { again: again.map((one) => firstStepOf({ ...one, ...still && { still } })) },
  };
}

async function run(target: Target, problem: Problem, calls = 1): Promise<OwnRun | undefined> {
  const prepared = await target.prepare(problem.settings);
  return await runsOf(prepared, problem, target.reveals === "final-actions", calls);
}

/** A problem so many times, with a seed of its own each time. */
async function runsOf(
  prepared: PreparedTarget,
  problem: Problem,
  hidden: boolean,
  calls: number,
  known?: Trajectory,
): Promise<OwnRun | undefined> {
  const first = runOf(problem, known ?? await prepared.sample(problem), hidden);
  const again: OwnRun[] = [];
  for (let call = 1; first !== undefined && call < calls; call++) {
    const other = { ...problem, seed: problem.seed + 100 * call };
    const found = runOf(other, await prepared.sample(other), hidden);
    // A generator that is seeded anew shows nothing else.
    if (found === undefined || sameDraws(first, found)) break;
    again.push(found);
  }
  return first && again.length > 0 ? { ...first, again } : first;
}

/** Whether two calls have the same draws. */
export function sameDraws(one: OwnRun, other: OwnRun): boolean {
  return one.moves.some((rows) => rows.some((row) => flatLanes.some((i) => row[i] !== 0))) &&
    one.moves.every((rows, k) =>
      rows.every((row, r) => flatLanes.every((i) => row[i] === other.moves[k]?.[r]?.[i]))
    );
}

function runOf(
  problem: Problem,
  trajectory: Trajectory,
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

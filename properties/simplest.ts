/**
 * Simpler values for a problem that breaks a clause: the plainest that each part can have, in one
 * fixed order. Whether the clause is still broken, and in the same way, is for the search to see.
 *
 * @module
 */

import { energy as compileEnergy } from "../spec/energy.ts";
import {
  featureCount,
  observationOf,
  officialDefaults,
  type Problem,
  type Rows,
  type Settings,
} from "../spec/problem.ts";
import { stepSizesOf } from "../spec/rule_parts.ts";
import { constantSchedule, constantTape, linearEnergy, unitBox } from "./arbitraries.ts";
import type { Finding } from "./finding.ts";

/** Where a clause was broken. */
export interface BrokenAt extends Pick<Finding, "step" | "row" | "axis"> {
  /** x_0 … x_N of every row of the problem, where they were seen. */
  readonly points: readonly Rows[] | null;
}

/** One way to make a problem simpler: candidates, the simplest first. */
export type Simplification = (problem: Problem, at: BrokenAt) => readonly Problem[];

const setting = (part: Partial<Settings>): Simplification => (problem) => [
  withSettings(problem, part),
];

/** Steps of a whole range end on the wall with or without a limit, from wherever they start. */
export const neverActing = 2;

/** Numbers of steps that are tried, and shares of a long chain. */
const fewestSteps = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64], shares = [3 / 4, 7 / 8];

function withSettings(problem: Problem, part: Partial<Settings>): Problem {
  return { ...problem, settings: { ...problem.settings, ...part } };
}

function withDraws(problem: Problem, change: (draws: readonly Rows[]) => readonly Rows[]): Problem {
  const { noise } = problem;
  return noise.kind === "own"
    ? problem
    : { ...problem, noise: { kind: "tape", draws: change(noise.draws) } };
}

function float32(rows: Rows): Rows {
  return rows.map((row) => row.map(Math.fround));
}

/** The step that broke the clause, as a chain of its own. */
function brokenStepAlone(problem: Problem, { step, points }: BrokenAt): readonly Problem[] {
  const { steps } = problem.settings;
  if (step === null || points === null || steps === 1) return [];
  const size = stepSizesOf(problem)[step], from = points[step];
  if (size === undefined || from === undefined) return [];
  const schedule = constantSchedule(Math.fround(size));
  const alone = { ...problem, initial: float32(from) };
  return [withDraws(withSettings(alone, { steps: 1, schedule }), (draws) => [draws[step]!])];
}

/**
 * Shorter chains; those that end just after the step that broke the clause, too. A single step has the
 * size of a constant schedule, whatever a sampler makes of others.
 */
export function fewerSteps(problem: Problem, { step }: BrokenAt): readonly Problem[] {
  const { schedule, steps: now } = problem.settings;
  const isConstant = schedule.kind === "polynomial" && schedule.init === schedule.final;
  const lengths = new Set([
    ...fewestSteps,
    ...step === null ? [] : [step + 1, step + 2],
    ...shares.map((share) => Math.ceil(share * now)),
    now - 1,
  ]);
  return [...lengths].toSorted((a, b) => a - b)
    .filter((steps) => steps < now && (steps > 1 || isConstant) && steps > 0)
    .map((steps) => withDraws(withSettings(problem, { steps }), (draws) => draws.slice(0, steps)));
}

/** Step sizes that fall from 1/4, in a straight line or as they do. */
function plainSchedule(problem: Problem): readonly Problem[] {
  const { schedule } = problem.settings, init = 1 / 4;
  if (schedule.kind !== "polynomial" || schedule.init === schedule.final) return [];
  const final = Math.fround(schedule.final / schedule.init * init);
  return [{ final: 1 / 64, power: 1 }, { final: 1 / 64 }, { final }].map((part) =>
    withSettings(problem, { schedule: { ...schedule, init, ...part } })
  ).filter((simpler) => JSON.stringify(simpler) !== JSON.stringify(problem));
}

/** Where a wall hides the step: away from it, or in a wider box, where the limit is as it was. */
export function beforeTheWalls(problem: Problem, { row }: BrokenAt): readonly Problem[] {
  const slopes = slopesOf(problem, row ?? 0), { settings } = problem;
  const turned = slopes === null
    ? []
    : [{ ...problem, energy: linearEnergy(slopes.map((slope) => -slope)) }];
  const { bounds: { min, max }, deltaClip } = settings;
  const wider = [4, 16, 64].map((times) => {
    const side = (sign: 1 | -1) =>
      min.map((low, i) => (low + max[i]!) / 2 + sign * times * (max[i]! - low) / 2);
    const bounds = { min: side(-1), max: side(1) };
    return withSettings(problem, { bounds, deltaClip: Math.fround(deltaClip / times) });
  });
  return [...turned, ...wider];
}

/** The gradient at the start of a row; null if it is not finite, or if there is no such row. */
function slopesOf(problem: Problem, row: number): readonly number[] | null {
  const { energy, axes, initial } = problem, from = initial[row];
  // The other problems of a case may have fewer rows.
  if (from === undefined) return null;
  const { gradient } = compileEnergy(energy, axes, featureCount(problem));
  const slopes = gradient(from, observationOf(problem, row)).map(Math.fround);
  return slopes.every(Number.isFinite) ? slopes : null;
}

/** With one slope on all axes, or with those that the energy has where the broken row starts. */
function linearly(problem: Problem, { row }: BrokenAt): readonly Problem[] {
  const slopes = slopesOf(problem, row ?? 0);
  if (slopes === null) return [];
  return [slopes.map((slope) => Math.sign(slope) / 2), slopes].map((of) => ({
    ...problem,
    energy: linearEnergy(of),
  }));
}

function withoutObservations(problem: Problem): readonly Problem[] {
  if (/\bo\d/.test(problem.energy)) return [];
  return [{ ...problem, observations: problem.observations.map(() => []) }];
}

function oneRow(problem: Problem, { row }: BrokenAt): readonly Problem[] {
  const from = row === null ? undefined : problem.initial[row];
  if (row === null || from === undefined || problem.initial.length === 1) return [];
  const alone = {
    ...problem,
    groups: 1,
    samples: 1,
    observations: [observationOf(problem, row)],
    initial: [from],
  };
  return [withDraws(alone, (draws) => draws.map((rows) => [rows[row]!]))];
}

function oneAxis(problem: Problem, { row, axis }: BrokenAt): readonly Problem[] {
  if (row === null || axis === null || problem.axes === 1) return [];
  const { initial, settings: { bounds: { min, max } } } = problem;
  const only = (rows: Rows) => rows.map((of) => [of[axis]!]);
  const slope = slopesOf(problem, row)?.[axis];
  if (slope === undefined) return [];
  const alone = {
    ...withSettings(problem, { bounds: { min: [min[axis]!], max: [max[axis]!] } }),
    axes: 1,
    energy: linearEnergy([slope]),
    initial: only(initial),
  };
  return [withDraws(alone, (draws) => draws.map(only))];
}

function withoutNoise(problem: Problem): readonly Problem[] {
  const { settings: { steps }, initial, axes } = problem;
  const silent = () => constantTape(0, steps, initial.length, axes);
  return [withDraws(withSettings(problem, { noiseScale: 0 }), silent)];
}

function fromZero(problem: Problem): readonly Problem[] {
  const { min, max } = problem.settings.bounds;
  if (!min.every((low, i) => low <= 0 && max[i]! >= 0)) return [];
  return [{ ...problem, initial: problem.initial.map((row) => row.map(() => 0)) }];
}

/** Half as far from the middle: on a wall, what goes wrong is hidden behind it. */
function offTheWalls(problem: Problem): readonly Problem[] {
  const { initial, settings: { bounds: { min, max } } } = problem;
  const onWall = initial.some((row) => row.some((x, i) => x === min[i] || x === max[i]));
  const halfway = (x: number, i: number) => x / 2 + (min[i]! + max[i]!) / 4;
  return onWall ? [{ ...problem, initial: float32(initial.map((row) => row.map(halfway))) }] : [];
}

function inUnitBox(problem: Problem): readonly Problem[] {
  const isInside = problem.initial.every((row) => row.every((x) => Math.abs(x) <= 1));
  return isInside ? [withSettings(problem, { bounds: unitBox(problem.axes) })] : [];
}

/** Every simplification, in the order in which they are tried. */
export const simplifications: readonly Simplification[] = [
  brokenStepAlone,
  (problem) => [
    withSettings(problem, { schedule: constantSchedule(problem.settings.schedule.init) }),
  ],
  plainSchedule,
  fewerSteps,
  beforeTheWalls,
  linearly,
  withoutObservations,
  oneRow,
  oneAxis,
  withoutNoise,
  fromZero,
  offTheWalls,
  inUnitBox,
  setting({ deltaClip: neverActing }),
  setting({ gradClip: null }),
  setting({ applyExp: false }),
  setting({ gradNorm: officialDefaults.gradNorm }),
  (problem) => problem.settings.noiseScale === 0 ? [] : [withSettings(problem, { noiseScale: 1 })],
];

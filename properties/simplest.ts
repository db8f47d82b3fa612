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

/** Numbers of steps that are tried. */
const fewestSteps = [1, 2, 3, 4];

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

/** A single step has the size of a constant schedule, whatever a sampler makes of others. */
function fewerSteps(problem: Problem): readonly Problem[] {
  const { schedule, steps: now } = problem.settings;
  const isConstant = schedule.kind === "polynomial" && schedule.init === schedule.final;
  return fewestSteps.filter((steps) => steps < now && (steps > 1 || isConstant)).map((steps) =>
    withDraws(withSettings(problem, { steps }), (draws) => draws.slice(0, steps))
  );
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
  fewerSteps,
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

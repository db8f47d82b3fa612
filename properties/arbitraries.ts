/**
 * Problems for the checks, built from scaled integers: every number is a short binary fraction, so
 * that float32 targets start from exactly the same values and shrinking leads to simple numbers.
 *
 * @module
 */

import * as fc from "fast-check";
import {
  officialDefaults,
  type Problem,
  type Rows,
  type Schedule,
  type Settings,
} from "../spec/problem.ts";
import { normalDraws } from "../spec/numerics/random.ts";
import type { Facts } from "./observer.ts";

/**
 * Multiples of 1/denominator, a power of two, from min to max. They shrink to few digits first, then
 * to the simplest number.
 */
export function fraction(min: number, max: number, denominator = 64): fc.Arbitrary<number> {
  const low = Math.ceil(min * denominator), high = Math.floor(max * denominator);
  const simplest = simplestWithin(low, high, denominator);
  const coarse = 2 ** Math.max(0, Math.floor(Math.log2((high - low) / 4)));
  return fc.tuple(
    fc.integer({ min: 0, max: coarse - 1 }),
    fc.integer({
      min: Math.floor((low - simplest) / coarse),
      max: Math.floor((high - simplest) / coarse),
    }),
  ).map(([few, many]) =>
    Math.min(Math.max(simplest + many * coarse + few, low), high) / denominator
  );
}

/** 0, else ±1, else the power of two that is nearest to them, else the smallest number. */
function simplestWithin(low: number, high: number, one: number): number {
  if (low <= 0 && high >= 0) return 0;
  if (high < 0) return -simplestWithin(-high, -low, one);
  const power = 2 ** (high < one ? Math.floor(Math.log2(high)) : Math.ceil(Math.log2(low)));
  const nearest = low <= one && one <= high ? one : power;
  return nearest >= low && nearest <= high ? nearest : low;
}

/** A fraction with either sign, its size between min and max. */
export function signed(min: number, max: number, denominator = 64): fc.Arbitrary<number> {
  return fc.tuple(fc.boolean(), fraction(min, max, denominator)).map(([negative, size]) =>
    negative ? -size : size
  );
}

/** Mostly values of the usual kind; a simple one is tried when a problem is made smaller. */
export function orSimply<T>(simple: T, usual: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.constant(simple) },
    { weight: 4, arbitrary: usual },
  );
}

/** How many there may be. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Some of the indices below max; any of them is left out when a problem is made smaller. */
function some({ min, max }: Range): fc.Arbitrary<number[]> {
  return fc.array(fc.boolean(), { minLength: max, maxLength: max }).map((kept) => {
    const all = kept.map((_, index) => index);
    const others = all.filter((index) => !kept[index]);
    const missing = others.slice(0, Math.max(0, min - (max - others.length)));
    return all.filter((index) => kept[index] || missing.includes(index));
  });
}

/** Where rows start, and what is known of every axis. */
export interface Starts<Axis> {
  /** rows × axes. */
  readonly initial: number[][];
  readonly axes: Axis[];
}

/** Starts of some rows on some axes; leaving out a row or an axis does not change the others. */
export function starts<Axis>(
  given: {
    readonly rows: Range;
    readonly axes: Range;
    /** A coordinate. */
    readonly start: fc.Arbitrary<number>;
    /** Something of each axis: a slope, a side of the box. */
    readonly axis: fc.Arbitrary<Axis>;
  },
): fc.Arbitrary<Starts<Axis>> {
  const column = fc.tuple(given.axis, vector(given.rows.max, given.start));
  return fc.tuple(some(given.rows), some(given.axes), vector(given.axes.max, column)).map((
    [rows, axes, columns],
  ) => ({
    initial: rows.map((row) => axes.map((axis) => columns[axis]![1][row]!)),
    axes: axes.map((axis) => columns[axis]![0]),
  }));
}

/** The number of steps of a chain. */
export function stepCount(
  { leastSteps }: Pick<Facts, "leastSteps">,
  most: number,
  fewest = 1,
): fc.Arbitrary<number> {
  return fc.integer({ min: Math.max(fewest, leastSteps), max: most });
}

/** Tables of fractions. */
export function table(
  rows: number,
  columns: number,
  value: fc.Arbitrary<number>,
): fc.Arbitrary<number[][]> {
  return vector(rows, vector(columns, value));
}

/** So many values of a kind. */
export function vector<T>(length: number, value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(value, { minLength: length, maxLength: length });
}

/** A noise tape of standard normal draws. */
export function normalTape(seed: number, steps: number, rows: number, axes: number): Rows[] {
  return tapeOf(normalDraws(seed), steps, rows, axes);
}

/** How many different draws there are in a simple tape: a prime. */
const simpleDraws = 29;

/** A tape of multiples of 1/4 up to ±3.5, all different in a small problem. */
export function simpleTape(first: number, steps: number, rows: number, axes: number): Rows[] {
  let place = first;
  return tapeOf(() => ((place++ * 11 + 6) % simpleDraws - 14) / 4, steps, rows, axes);
}

/** A tape of draws that are seldom: of both signs, from 4 upwards. */
export function farTape(steps: number, rows: number, axes: number): Rows[] {
  let place = 0;
  return tapeOf(() => (place++ % 2 === 0 ? 1 : -1) * (4 + place / 4), steps, rows, axes);
}

/** Which of the simple draws comes first. */
export const firstDraw: fc.Arbitrary<number> = fc.nat({ max: simpleDraws - 1 });

/** A tape with the same draw everywhere. */
export function constantTape(value: number, steps: number, rows: number, axes: number): Rows[] {
  return tapeOf(() => value, steps, rows, axes);
}

function tapeOf(draw: () => number, steps: number, rows: number, axes: number): Rows[] {
  return Array.from(
    { length: steps },
    () => Array.from({ length: rows }, () => Array.from({ length: axes }, draw)),
  );
}

/** A float as a plain decimal that parses back to it. */
export function decimal(value: number): string {
  return value < 0 ? `(-${decimal(-value)})` : String(value);
}

/** Terms with their signs, as one writes them: `0.5*a1 - 0.25*a2`. */
function sumOf(terms: readonly { readonly factor: number; readonly of: string }[]): string {
  return terms.map(({ factor, of }, i) => {
    const sign = factor < 0 ? (i === 0 ? "-" : " - ") : (i === 0 ? "" : " + ");
    return `${sign}${Math.abs(factor)}*${of}`;
  }).join("");
}

/** E = Σ slope_i · a_i. */
export function linearEnergy(slopes: readonly number[]): string {
  return sumOf(slopes.map((factor, i) => ({ factor, of: `a${i + 1}` })));
}

/** The energy that has no slope. */
export const flatEnergy = "0*a1";

/** E = Σ curvature_i / 2 · (a_i - centre_i)². */
export function quadraticEnergy(
  curvatures: readonly number[],
  centres: readonly number[],
): string {
  return sumOf(curvatures.map((h, i) => {
    const centre = centres[i]!;
    const from = centre === 0
      ? `a${i + 1}`
      : `(a${i + 1} ${centre < 0 ? "+" : "-"} ${Math.abs(centre)})`;
    return { factor: h / 2, of: `${from}^2` };
  }));
}

/**
 * What can be added to an energy so that it stays what it is at two points, gradient and all, and has
 * another gradient elsewhere, half-way too.
 */
export function sameSlopesAlong(from: readonly number[], to: readonly number[]): string {
  return from.map((a, i) => {
    const less = (point: number) => {
      const sign = point < 0 ? "+" : "-";
      return point === 0 ? `a${i + 1}` : `(a${i + 1} ${sign} ${decimal(Math.abs(point))})`;
    };
    const b = to[i]!, moved = b - a;
    if (moved === 0) return ` + 2*${less(a)}^3`;
    return ` + ${decimal(6 / moved ** 2)}*${less(a)}^2*${less(b)}^2*${less(a - 2 * moved)}`;
  }).join("");
}

/**
 * Box that is far away, and does not lie about zero: neither the delta clip nor the bounds act,
 * even if they are taken from a single bound or from the middle of the box.
 */
export function calmSettings(axes: number, overrides: Partial<Settings> = {}): Settings {
  return {
    ...officialDefaults,
    bounds: { min: new Array<number>(axes).fill(-48), max: new Array<number>(axes).fill(80) },
    steps: 1,
    schedule: constantSchedule(0.25),
    noiseScale: 0,
    deltaClip: 8,
    ...overrides,
  };
}

/** A polynomial schedule whose final step size is its first one. */
export function constantSchedule(stepSize: number): Schedule {
  return { kind: "polynomial", init: stepSize, final: stepSize, power: 2 };
}

/** Fills in what a problem does not say. */
export function problemOf(
  given: Partial<Omit<Problem, "settings">> & {
    readonly energy: string;
    readonly settings: Settings;
    readonly initial: Rows;
  },
): Problem {
  const axes = given.settings.bounds.min.length;
  const groups = given.groups ?? 1;
  return {
    groups,
    samples: given.samples ?? given.initial.length / groups,
    axes,
    observations: given.observations ?? Array.from({ length: groups }, () => []),
    noise: given.noise ?? {
      kind: "tape",
      draws: constantTape(0, given.settings.steps, given.initial.length, axes),
    },
    seed: given.seed ?? 1,
    energy: given.energy,
    settings: given.settings,
    initial: given.initial,
  };
}

/** A box of the same sides on every axis. */
export function boxOf(axes: number, min: number, max: number): Settings["bounds"] {
  return { min: new Array<number>(axes).fill(min), max: new Array<number>(axes).fill(max) };
}

/** From -1 to 1 on every axis. */
export function unitBox(axes: number): Settings["bounds"] {
  return boxOf(axes, -1, 1);
}

/** What a calm problem is made from; settings that are not given are calm. */
export interface CalmProblem extends Partial<Settings> {
  /** The energy, or the slopes of a linear one. */
  readonly energy: string | readonly number[];
  /** rows × axes. */
  readonly initial: Rows;
  /** A constant step size. */
  readonly stepSize?: number;
  /** The draw of every coordinate, or a whole tape; 0 by default. With draws the noise is on. */
  readonly draws?: number | readonly Rows[];
  readonly groups?: number;
  readonly samples?: number;
  readonly observations?: Rows;
  readonly seed?: number;
}

/** A problem in which nothing clips unless its settings say so. */
export function calmProblem(given: CalmProblem): Problem {
  const { energy, initial, stepSize, draws = 0, groups, samples, observations, seed, ...rest } =
    given;
  const axes = initial[0]!.length;
  const settings = calmSettings(axes, {
    noiseScale: draws === 0 ? 0 : 1,
    ...(stepSize === undefined ? {} : { schedule: constantSchedule(stepSize) }),
    ...rest,
  });
  return problemOf({
    energy: typeof energy === "string" ? energy : linearEnergy(energy),
    settings,
    initial,
    ...(groups === undefined ? {} : { groups }),
    ...(samples === undefined ? {} : { samples }),
    ...(observations === undefined ? {} : { observations }),
    ...(seed === undefined ? {} : { seed }),
    noise: {
      kind: "tape",
      draws: typeof draws === "number"
        ? constantTape(draws, settings.steps, initial.length, axes)
        : draws,
    },
  });
}

/**
 * A short chain in a box of its own, always with the same settings: what is compiled for each is
 * compiled once for all problems of these.
 */
export function shortProblem(energy: string, initial: Rows, steps: number): Problem {
  const schedule: Schedule = { kind: "polynomial", init: 0.25, final: 1 / 64, power: 2 };
  return calmProblem({ energy, steps, schedule, bounds: unitBox(1), deltaClip: 0.25, initial });
}

/** Linear energies in a wide box. */
export function linearProblems(facts: Facts, fewestSteps: number): fc.Arbitrary<Problem> {
  return fc.record({
    starts: starts({
      rows: { min: 1, max: 4 },
      axes: { min: 1, max: 3 },
      start: fraction(-0.5, 0.5),
      axis: signed(0.125, 1, 8),
    }),
    steps: stepCount(facts, 4, fewestSteps),
    stepSize: fraction(1 / 16, 0.25, 16),
  }).map(({ starts: { initial, axes }, ...rest }) =>
    calmProblem({ ...rest, energy: axes, initial })
  );
}

/** Groups × samples, and axes. */
export interface Shape {
  readonly groups: number;
  readonly samples: number;
  readonly axes: number;
}

/** An energy with what is known about its curvature on the whole space. */
export interface KnownEnergy {
  readonly text: string;
  /** L: the gradient is L-Lipschitz. */
  readonly smoothness: number;
  /** μ ≥ 0: strongly convex; 0: convex; negative: not convex. */
  readonly convexity: number;
}

/** Convex energies with a known smoothness. */
export function convexEnergies(axes: number): fc.Arbitrary<KnownEnergy> {
  const curvature = fraction(0.25, 8, 4);
  const quadratic = fc.tuple(vector(axes, curvature), vector(axes, fraction(-1, 1, 16))).map(
    ([curvatures, centres]): KnownEnergy => ({
      text: quadraticEnergy(curvatures, centres),
      smoothness: Math.max(...curvatures),
      convexity: Math.min(...curvatures),
    }),
  );
  const logcosh = fc.tuple(fraction(0.5, 4, 4), vector(axes, fraction(-1, 1, 16))).map(
    ([steepness, centres]): KnownEnergy => ({
      text: centres.map((m, i) => `log(cosh(${decimal(steepness)}*(a${i + 1} - ${decimal(m)})))`)
        .join(" + "),
      smoothness: steepness ** 2,
      convexity: 0,
    }),
  );
  const softplus = fc.tuple(vector(axes, signed(0.25, 3, 4)), fraction(0.25, 2, 4)).map(
    ([slopes, curvature]): KnownEnergy => ({
      text: `log(1 + exp(${linearEnergy(slopes)})) + ${
        quadraticEnergy(slopes.map(() => curvature), slopes.map(() => 0))
      }`,
      smoothness: curvature + slopes.reduce((sum, s) => sum + s * s, 0) / 4,
      convexity: curvature,
    }),
  );
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: quadratic },
    { weight: 2, arbitrary: logcosh },
    { weight: 1, arbitrary: softplus },
  );
}

/**
 * Problems whose draws are all different, and which of these a movement shows.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import { normalDraws, seedFor, type Uniform, uniform } from "../../../spec/numerics/random.ts";
import { type Problem, rowCount, type Rows, type Settings } from "../../../spec/problem.ts";
import type { DrawShape, Layout } from "./draw_order.ts";

/** Step size of all calibrating chains. */
export const stepSize = 0.25;

/** Numbers of a tape beyond which they lie too close together to be told apart in float32. */
export const mostNumbers = 2 ** 18;

/** What coordinates moved by, and the numbers that may have moved them. */
export interface Moved {
  readonly tape: readonly number[];
  /** The movements against the sign of a draw, over the rule's factor of one. */
  readonly moves: readonly number[];
  /** How far float32 may carry a move from a number of the tape. */
  readonly tolerance: number;
}

/** Which numbers a problem has. */
export interface Choice {
  /** Of the numbers of the tape. */
  readonly seed: number;
  /** Of the problem; that of the numbers by default. */
  readonly problemSeed?: number;
  /** Draws of rows × axes on the tape. */
  readonly draws: number;
}

/** A problem of a shape with a tape of distinct numbers, rows told by where they begin. */
export function numberedProblem(
  { groups, samples, axes }: DrawShape,
  settings: Settings,
  { seed, problemSeed = seed, draws }: Choice,
  { energy = "0*a1", features = 0 } = {},
): { readonly problem: Problem; readonly tape: readonly number[] } {
  const rows = groups * samples, tape = distinctNumbers(seed, draws * rows * axes);
  const problem = problemOf({
    energy,
    settings,
    groups,
    samples,
    observations: Array.from({ length: groups }, () => new Array<number>(features).fill(0)),
    initial: Array.from({ length: rows }, (_, r) => new Array<number>(axes).fill(r * 2 ** -12)),
    noise: { kind: "tape", draws: tables(tape, rows, axes) },
    seed: problemSeed,
  });
  return { problem, tape };
}

/**
 * Numbers between -2 and 2 in float32, shuffled, no two of them closer than half of what an even
 * spread would give, and none the negative, the sum or the mean of others but by chance.
 */
function distinctNumbers(seed: number, count: number): number[] {
  const draw: Uniform = uniform(seedFor(seed, "draw layout"));
  const numbers = Array.from(
    { length: count },
    (_, j) => Math.fround(4 * (j + 0.25 + 0.5 * draw()) / count - 2),
  );
  for (let j = count - 1; j > 0; j--) {
    const other = Math.floor(draw() * (j + 1));
    [numbers[j], numbers[other]] = [numbers[other]!, numbers[j]!];
  }
  return numbers;
}

/** The number of each coordinate, and what all of them are multiplied by. */
export interface Match {
  readonly factor: number;
  readonly positions: readonly number[];
}

/** Finds a number of the tape for every move, times one factor for all; null if there is none. */
export function matchOf(
  call: Moved,
  factors: Iterable<number> = [1, -1, ...otherFactors(call)],
): Match | null {
  const order = call.tape.map((value, position) => ({ value, position }))
    .sort((a, b) => a.value - b.value);
  for (const factor of factors) {
    const positions = positionsOf(call, factor, order);
    if (positions !== null) return { factor, positions };
  }
  return null;
}

function positionsOf(
  { moves, tolerance }: Moved,
  factor: number,
  order: readonly { readonly value: number; readonly position: number }[],
): number[] | null {
  const positions: number[] = [];
  for (const move of moves) {
    const wanted = move / factor;
    let low = 0, high = order.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (order[middle]!.value <= wanted) low = middle;
      else high = middle;
    }
    const nearest = [order[low], order[low + 1]].find((entry) =>
      entry !== undefined && Math.abs(entry.value - wanted) * Math.abs(factor) <= tolerance
    );
    if (nearest === undefined) return null;
    positions.push(nearest.position);
  }
  return positions;
}

/**
 * Factors of the noise that would make the largest move one of the numbers. A noise of the wrong
 * size is still known by its order, but only among enough moves that agree about it.
 */
function otherFactors({ moves, tape }: Moved): number[] {
  const largest = moves.reduce((most, m) => Math.abs(m) > Math.abs(most) ? m : most, 0);
  if (moves.length < 8 || largest === 0 || tape.length > 4096) return [];
  return tape.map((value) => largest / value);
}

export function isOneToOne(positions: readonly number[]): boolean {
  return new Set(positions).size === positions.length;
}

/** A problem with its tape in the order in which the target takes it. */
export function arranged(problem: Problem, { positions, draws }: Layout): Problem {
  if (problem.noise.kind === "own") return problem;
  const rows = rowCount(problem), { axes } = problem;
  // Spare draws are noise like any other, so that a sampler that uses one after all is found out.
  const spare = normalDraws(seedFor(problem.seed, "spare draws"));
  const stream = Array.from({ length: draws * rows * axes }, spare);
  problem.noise.draws.flat(2).forEach((number, c) => stream[positions[c]!] = number);
  return withNumbers(problem, stream);
}

/** A problem with the numbers of another tape, in the order in which they are taken. */
export function withNumbers(problem: Problem, stream: readonly number[]): Problem {
  const draws = tables(stream, rowCount(problem), problem.axes);
  return { ...problem, noise: { kind: "tape", draws } };
}

function tables(stream: readonly number[], rows: number, axes: number): Rows[] {
  return Array.from(
    { length: stream.length / (rows * axes) },
    (_, k) =>
      Array.from({ length: rows }, (_, r) => {
        const start = (k * rows + r) * axes;
        return stream.slice(start, start + axes);
      }),
  );
}

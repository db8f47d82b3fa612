/**
 * The noise of small batches, for samplers whose draws are known by their law alone.
 *
 * Where the law is tested, batches are large and even. A draw that the last of an odd number of rows
 * shares, or one that takes three axes to be shared, shows in batches of a few rows: long chains of
 * them tell every coordinate by itself, and every two of them.
 *
 * @module
 */

import { show } from "../spec/numerics/number_text.ts";
import { chiSquareLower, chiSquareUpper, twoSided } from "../spec/numerics/tails.ts";
import type { Problem } from "../spec/problem.ts";
import { calmProblem, flatEnergy } from "./arbitraries.ts";
import { type Finding, plainFinding } from "./finding.ts";
import type { NoiseCheck, SmallBatchTest } from "./noise_check.ts";
import type { StepTable } from "./recovered_noise.ts";
import { confirmationLevel } from "./sequential.ts";
import { chanceWords } from "./statistical_finding.ts";

/** Recovered draws of a small batch, and the problem that gave them. */
export interface SmallBatch {
  readonly problem: Problem;
  readonly noise: StepTable;
}

/** Groups, samples and axes: numbers of rows that are odd and even, small ones first. */
export const shapes: readonly (readonly [groups: number, samples: number, axes: number])[] = [
  [1, 1, 1],
  [1, 1, 2],
  [1, 2, 1],
  [1, 1, 3],
  [1, 3, 1],
  [2, 1, 2],
  [3, 1, 1],
  [1, 1, 5],
  [1, 5, 2],
  [2, 3, 2],
  [1, 7, 3],
  [3, 3, 5],
];

const chainSteps = 100;

/** A chain of one of the shapes over a flat energy, where nothing clips. */
export function smallBatchProblems(
  [groups, samples, axes]: (typeof shapes)[number],
): NoiseCheck["problem"] {
  return ({ seed }) => ({
    ...calmProblem({
      energy: flatEnergy,
      initial: Array.from({ length: groups * samples }, () => new Array<number>(axes).fill(0)),
      groups,
      steps: chainSteps,
      noiseScale: 1,
      seed,
    }),
    noise: { kind: "own" },
  });
}

/**
 * Looks for what is wrong with the noise of small batches.
 *
 * @param recover the draws of a fresh chain of a problem; `null` where there are none to be had
 * @param level the chance of an accusation where nothing is wrong
 */
export async function judgeSmallBatches(
  test: SmallBatchTest,
  recover: (problemOf: NoiseCheck["problem"]) => Promise<SmallBatch | null>,
  level: number,
): Promise<Finding | null> {
  for (const shape of shapes) {
    const batch = await recover(smallBatchProblems(shape));
    if (batch === null) return null;
    const tie = tieOf(batch);
    if (tie !== null) return test === "ties" ? tie : null;
    if (test === "ties") continue;
    const worst = worstOf(test, batch.noise);
    if (worst === null || worst.among > level / shapes.length) continue;
    // Only fresh draws confirm it.
    const again = await recover(smallBatchProblems(shape));
    const other = again && oddities(test, again.noise).find(({ what }) => what === worst.what);
    if (again && other && other.pValue <= confirmationLevel) return oddFinding(again, other);
  }
  return null;
}

/** Something of the draws of a batch, and how likely it is under the rule. */
interface Oddity {
  readonly what: string;
  readonly pValue: number;
  readonly found: number;
  readonly expected: number;
}

function oddities(test: "sizes" | "dependence", noise: StepTable): readonly Oddity[] {
  return test === "sizes" ? sizes(noise) : dependences(noise);
}

/** What is least likely in a batch. */
function worstOf(
  test: "sizes" | "dependence",
  noise: StepTable,
): Oddity & { readonly among: number } | null {
  const all = oddities(test, noise);
  const [worst] = all.toSorted((a, b) => a.pValue - b.pValue);
  return worst ? { ...worst, among: Math.min(1, worst.pValue * all.length) } : null;
}

/** The p-value of all that is looked at in a batch; 1 where there is nothing to look at. */
export function smallBatchPValue(test: "sizes" | "dependence", noise: StepTable): number {
  return worstOf(test, noise)?.among ?? 1;
}

/** A row, an axis, or one coordinate of a row. */
interface Part {
  readonly name: string;
  /** Its first coordinate. */
  readonly row: number;
  readonly axis: number;
  /** Its draws in a step. */
  of(step: StepTable[number]): readonly number[];
}

/** The rows of a batch; its axes; its coordinates, where they are neither. */
function partsOf(noise: StepTable): readonly (readonly Part[])[] {
  const rows = noise[0]!.map((_, r): Part => ({
    name: `row ${r}`,
    row: r,
    axis: 0,
    of: (step) => step[r]!,
  }));
  const axes = noise[0]![0]!.map((_, i): Part => ({
    name: `axis ${i}`,
    row: 0,
    axis: i,
    of: (step) => step.map((row) => row[i]!),
  }));
  const coordinates = rows.flatMap((_, r) =>
    axes.map((_, i): Part => ({
      name: `row ${r}, axis ${i}`,
      row: r,
      axis: i,
      of: (step) => [step[r]![i]!],
    }))
  );
  return [rows, ...axes.length > 1 ? [axes] : [], ...rows.length > 1 ? [coordinates] : []];
}

/** The sum of the squares of independent draws, as a deviation. */
function oddity(what: string, draws: readonly number[]): Oddity {
  const squares = draws.reduce((sum, z) => sum + z * z, 0), count = draws.length;
  const pValue = twoSided(chiSquareLower(squares, count), chiSquareUpper(squares, count));
  return { what, pValue, found: Math.sqrt(squares / count), expected: 1 };
}

function sizes(noise: StepTable): readonly Oddity[] {
  return partsOf(noise).flat().map((part) => oddity(part.name, noise.flatMap(part.of)));
}

/** The draws of two parts together, each in one sum at the most; and those of a step and the next. */
function dependences(noise: StepTable): readonly Oddity[] {
  const summed = (one: readonly number[], other: readonly number[]) =>
    one.map((z, at) => (z + other[at]!) / Math.SQRT2);
  const earlier = noise.slice(0, -1), even = earlier.filter((_, k) => k % 2 === 0);
  const between = (steps: StepTable, one: Part, other: Part) =>
    steps.flatMap((step) => summed(one.of(step), other.of(noise[noise.indexOf(step) + 1]!)));
  return partsOf(noise).flatMap((parts) =>
    parts.flatMap((one, at) => [
      oddity(`${one.name} in a step and in the next`, between(even, one, one)),
      ...parts.slice(at + 1).flatMap((other) => [
        oddity(
          `${one.name} and ${other.name}`,
          noise.flatMap((step) => summed(one.of(step), other.of(step))),
        ),
        oddity(
          `${one.name} in a step and ${other.name} in the next`,
          between(earlier, one, other),
        ),
      ]),
    ])
  );
}

function oddFinding({ problem, noise }: SmallBatch, { what, ...seen }: Oddity): Finding {
  const { found, expected, pValue } = seen, spread = show(Number(found.toPrecision(4)));
  const said = what.includes(" and ")
    ? `the draws of ${what} are not independent: their sums spread ${spread} times as far as they should`
    : `the noise of ${what} has a root mean square of ${spread} instead of 1`;
  const message = `Among ${batchWords(problem)}, ${said}; ${chanceWords(pValue, countOf(noise))}`;
  return plainFinding(problem, message, { expected, actual: found, tolerance: spreadOf(noise) });
}

const countOf = (noise: StepTable) => noise.flat(2).length;

/** The standard error of the deviation of a row's draws. */
const spreadOf = (noise: StepTable) => 1 / Math.sqrt(2 * noise.flatMap((step) => step[0]!).length);

function batchWords({ initial, axes, groups }: Problem): string {
  const counted = (count: number, one: string, more: string) =>
    `${count} ${count === 1 ? one : more}`;
  return counted(initial.length, "row", "rows") +
    (groups === 1 ? "" : ` of ${groups} observations`) +
    ` on ${counted(axes, "axis", "axes")}`;
}

/** Recovered draws that are closer than this are one. */
const closest = 1e-5;
/** So many equal ones, and so large a share of all, are no accident. */
const fewestEqual = 4, leastShare = 0.1;

/** So many steps away nothing is shared that is not shared everywhere. */
const distant = [17, 29, 37];

/** Draws that are those of another row, axis or step, or their opposites. */
function tieOf({ problem, noise }: SmallBatch): Finding | null {
  const equal = (z: number, w: number) => z !== 0 && Math.abs(Math.abs(z) - Math.abs(w)) < closest;
  const shareOf = (pairs: readonly (readonly [number, number])[]) =>
    pairs.filter(([z, w]) => equal(z, w)).length / Math.max(1, pairs.length);
  const flat = noise.map((step) => step.flat());
  const later = (lag: number) => flat.slice(lag).flatMap((step, k) => zipped(step, flat[k]!));
  // Rounded draws are the same anywhere.
  const [, usual] = distant.map((lag) => shareOf(later(lag))).sort((a, b) => a - b);
  const least = Math.min(Math.max(leastShare, 3 * usual!), 0.9);
  const isTied = (pairs: readonly (readonly [number, number])[]) =>
    pairs.length * shareOf(pairs) >= fewestEqual && shareOf(pairs) >= least;
  const found = (words: string, at: { readonly row: number; readonly axis: number }) =>
    plainFinding(problem, `Among ${batchWords(problem)}, ${words}`, {
      expected: 0,
      actual: 1,
      row: at.row,
      axis: at.axis,
    });
  for (const parts of partsOf(noise)) {
    for (const [at, part] of parts.entries()) {
      const other = parts.slice(0, at).find((before) =>
        isTied(noise.flatMap((step) => zipped(part.of(step), before.of(step))))
      );
      if (other === undefined) continue;
      return found(`${part.name} has the draws of ${other.name}`, part);
    }
  }
  const repeated = [1, 2, 3].find((lag) => isTied(later(lag)));
  if (repeated === undefined) return null;
  const steps = repeated === 1 ? "the step before" : `${repeated} steps before`;
  return found(`a step has the draws of ${steps}`, { row: 0, axis: 0 });
}

function zipped(
  one: readonly number[],
  other: readonly number[],
): readonly (readonly [number, number])[] {
  return one.map((z, at) => [z, other[at]!] as const);
}

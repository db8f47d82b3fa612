/**
 * Reads the tables of numbers that a sampler gives back. No more of a table is looked at than a
 * right one could have, so that an endless one ends in a message.
 *
 * @module
 */

import { describe, shapeOf } from "./describe.ts";
import { type Problem, rowCount } from "./problem.ts";
import { type Arrays, TargetFault } from "./sampler.ts";
import type { Chain } from "./trajectory.ts";

/** What a sampler reported of its steps, unchecked. */
export type Reported = {
  readonly actions?: unknown;
  readonly outputs?: unknown;
  readonly gradNorms?: unknown;
};

/**
 * Reads what a sampler reported of its steps.
 *
 * @throws {TargetFault} of the kind `shape`, if an entry does not have one number per row
 */
export function readChain(problem: Problem, chain: Reported): Chain {
  const { axes, samples, settings: { steps } } = problem;
  const rows = rowCount(problem);
  // A wrong number of steps is for a clause to judge, as long as it is one.
  const most = 10 * steps + 1000;
  const list = (value: unknown, name: string): readonly unknown[] => {
    const found = listOf(value);
    if (found === undefined) {
      throw new TargetFault("shape", `${describe(value)} as ${name}`, `one entry per step`);
    }
    if (found.length > most) {
      throw new TargetFault(
        "shape",
        `${found.length} entries of ${name}`,
        `${steps}, one per step`,
      );
    }
    return Array.from(found);
  };
  const perStep = (value: unknown, name: string) =>
    list(value, name).map((step, k) => numbersOf(step, rows, `${name}[${k}]`));
  const { actions, outputs, gradNorms } = chain;
  return {
    ...(actions === undefined ? {} : {
      actions: list(actions, "chain.actions").map((step, k) =>
        tableOf(step, rows, axes, samples, `chain.actions[${k}]`)
      ),
    }),
    ...(outputs === undefined ? {} : { outputs: perStep(outputs, "chain.outputs") }),
    ...(gradNorms === undefined ? {} : { gradNorms: perStep(gradNorms, "chain.gradNorms") }),
  };
}

/** One number per row, in a list or in a list for each group. */
function numbersOf(value: unknown, rows: number, name: string): number[] {
  if (Array.isArray(value) && value.length === rows) {
    const numbers = plainRow(value, rows);
    if (numbers !== null) return numbers;
  }
  const wanted = `${rows} numbers, one per row`;
  const copy = copied(value, rows, name, wanted);
  const flat = Array.isArray(copy) ? copy.flat(1) : [copy];
  if (flat.length !== rows || flat.some(Array.isArray)) {
    throw new TargetFault("shape", `${name} of shape ${shapeOf(copy)}`, wanted);
  }
  return flat.map((entry, r) => numberOf(entry, `${name}[${r}]`));
}

/**
 * Reads a table of actions: rows × axes, or groups × samples × axes.
 *
 * @param value arrays, or a tensor that gives them
 * @param name what it is, for the message
 * @returns rows × axes
 * @throws {TargetFault} of the kind `shape`, if it is anything else
 */
export function tableOf(
  value: unknown,
  rows: number,
  axes: number,
  samples: number,
  name: string,
): number[][] {
  const quick = plainTable(value, rows, axes);
  if (quick !== null) return quick;
  const wanted = `${rows}×${axes} or ${rows / samples}×${samples}×${axes} numbers`;
  const copy = copied(value, rows * axes, name, wanted);
  if (!Array.isArray(copy)) {
    throw new TargetFault("shape", `${describe(copy)} as ${name}`, wanted);
  }
  const nested = Array.isArray(copy[0]) && Array.isArray(copy[0][0]);
  const places = nested
    ? copy.flatMap((group, g) =>
      listed(group).map((row, s) => ({ row, place: `${name}[${g}][${s}]` }))
    )
    : copy.map((row, r) => ({ row, place: `${name}[${r}]` }));
  const grouped = !nested || copy.every((group) => listed(group).length === samples);
  const lists = places.filter(({ row }) => Array.isArray(row));
  const regular = places.length === rows && grouped && lists.length > 0 &&
    lists.every(({ row }) => listed(row).length === axes);
  if (!regular) throw new TargetFault("shape", `${name} of shape ${shapeOf(copy)}`, wanted);
  return places.map(({ row, place }) => {
    if (!Array.isArray(row)) {
      throw new TargetFault("shape", `${described(row)} as ${place}`, `a row of ${axes} numbers`);
    }
    return row.map((entry, i) => numberOf(entry, `${place}[${i}]`));
  });
}

/** A copy of what is a table already: most are. */
function plainTable(value: unknown, rows: number, axes: number): number[][] | null {
  if (!Array.isArray(value) || value.length !== rows) return null;
  const copy: number[][] = [];
  for (let r = 0; r < rows; r++) {
    const row: unknown = value[r];
    if (!Array.isArray(row) || row.length !== axes) return null;
    const numbers = plainRow(row, axes);
    if (numbers === null) return null;
    copy.push(numbers);
  }
  return copy;
}

function plainRow(row: readonly unknown[], length: number): number[] | null {
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) {
    const entry = row[i];
    if (typeof entry !== "number") return null;
    numbers.push(entry);
  }
  return numbers;
}

/** What stands for an entry that a list lacks. */
const hole = Symbol("hole");

/**
 * Arrays of arrays, at most three deep, copied; anything else is left as it is.
 *
 * @param size how many numbers a right table has
 * @throws {TargetFault} of the kind `shape`, if there are many more entries, or more levels
 */
function copied(value: unknown, size: number, name: string, wanted: string): unknown {
  let left = 4 * size + 1000;
  const copy = (value: unknown, depth: number): unknown => {
    const list = listOf(value);
    if (list === undefined) return value;
    left -= list.length;
    if (left < 0) throw new TargetFault("shape", `${counted(list)} in ${name}`, wanted);
    if (depth === 3) {
      throw new TargetFault("shape", `lists more than 3 deep in ${name}`, wanted);
    }
    return Array.from(
      { length: list.length },
      (_, i) => i in list ? copy(list[i], depth + 1) : hole,
    );
  };
  return copy(value, 0);
}

function counted({ length }: ArrayLike<unknown>): string {
  return `a list of ${length} entries`;
}

/** The list that a value is or gives: an array, a typed array, a tensor. */
function listOf<T>(value: Arrays<T> | unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if (ArrayBuffer.isView(value)) {
    return value instanceof DataView ? undefined : value as unknown as ArrayLike<unknown>;
  }
  if (!("arraySync" in value) || typeof value.arraySync !== "function") return undefined;
  const given: unknown = value.arraySync();
  return Array.isArray(given) ? given : undefined;
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(entry: unknown, place: string): number {
  if (typeof entry === "number") return entry;
  throw new TargetFault("shape", `${described(entry)} as ${place}`, "a number");
}

function described(entry: unknown): string {
  return entry === hole ? "a hole" : describe(entry);
}

/**
 * Problems that cover every pair of values of everything that a problem can vary.
 *
 * A fault that needs one condition (thirty axes, a rising schedule, a start on the wall) or two at
 * once shows on random problems by luck only. So the values are listed, and a covering array picks
 * problems in which every value meets every value of every other factor; `thorough` runs do the same
 * for three at once.
 *
 * @module
 */

import { type Uniform, uniform } from "../spec/numerics/random.ts";
import type { Feature } from "../spec/sampler.ts";
import type { Facts } from "./observer.ts";

/** What problems may ask of a target. */
export type Abilities = Pick<Facts, "unsupported" | "leastSteps">;

/** What a problem can vary, the simplest value of each factor first. */
export const factors = {
  "axes": ["1", "2", "3", "4", "5 to 8", "30"],
  "features": ["0", "1", "2", "3 to 12"],
  "groups": ["1", "2", "3", "many"],
  "samples": ["1", "2", "3", "many"],
  "steps": ["1", "2", "3", "5", "25", "100", "101"],
  "power": [
    "1",
    "below 1",
    "2",
    "3",
    "above 3",
    "exponential, decay below 1",
    "exponential, decay above 1",
  ],
  "schedule": ["constant", "falling", "rising", "falling to 0"],
  "noise scale": ["0", "1", "tiny", "above 1"],
  "delta clip": ["usual", "above 1", "tiny", "0"],
  "box": ["wide", "narrow", "asymmetric", "negative", "degenerate"],
  "gradient clip": ["none", "large", "small", "0"],
  "gradient norm": ["none", "1", "2", "inf"],
  "apply exp": ["no", "yes"],
  "start": ["inside", "on the wall", "outside"],
  "energy": ["linear", "quadratic", "coupled", "rugged", "network", "large"],
} as const;

/** Something that a problem can vary. */
export type CoveredFactor = keyof typeof factors;

/** One value of every factor. */
export type Assignment = { readonly [F in CoveredFactor]: (typeof factors)[F][number] };

const names = Object.keys(factors) as readonly CoveredFactor[];

type Values = Readonly<Record<CoveredFactor, readonly string[]>>;

/** The values that a target with these abilities can be given. */
function valuesFor({ unsupported, leastSteps }: Abilities): Values {
  const lacks = (feature: Feature) => unsupported.has(feature);
  return {
    ...factors,
    "steps": factors.steps.filter((steps) => Number(steps) >= leastSteps),
    "power": lacks("exponential-schedule")
      ? factors.power.filter((power) => !power.startsWith("exponential"))
      : factors.power,
    "noise scale": lacks("noise-tape") ? ["0"] : factors["noise scale"],
    "gradient clip": lacks("grad-clip") ? ["none"] : factors["gradient clip"],
    "apply exp": lacks("apply-exp") ? ["no"] : factors["apply exp"],
  };
}

/** How many values are tried with one another: pairs or triples. */
export type Strength = 2 | 3;

/** Values of some factors. */
type Combination = readonly (readonly [factor: number, value: number])[];

/** A value of every factor, by its place; factors that are not chosen yet have -1. */
type Row = Int8Array;

/** The combinations of so many values that are still missing. */
class Missing {
  readonly #strength: Strength;
  /** Where the values of each factor begin among all values. */
  readonly #starts: readonly number[];
  readonly #count: number;
  readonly #open: Uint8Array;
  readonly #combinations: readonly Combination[];
  #next = 0;

  constructor(sizes: readonly number[], strength: Strength, u: Uniform) {
    this.#strength = strength;
    this.#starts = sizes.map((_, f) => sizes.slice(0, f).reduce((sum, size) => sum + size, 0));
    this.#count = sizes.reduce((sum, size) => sum + size, 0);
    this.#open = new Uint8Array(this.#count ** strength);
    const chosen = choices(sizes.map((_, f) => f), strength);
    this.#combinations = shuffled(chosen.flatMap((of) => combinationsOf(of, sizes)), u);
    for (const combination of this.#combinations) this.#open[this.#indexOf(combination)] = 1;
  }

  #indexOf(combination: Combination): number {
    return combination.reduce((at, [f, v]) => at * this.#count + this.#starts[f]! + v, 0);
  }

  /** One that is missing; undefined if none is. */
  first(): Combination | undefined {
    while (this.#next < this.#combinations.length) {
      const combination = this.#combinations[this.#next]!;
      if (this.#open[this.#indexOf(combination)] === 1) return combination;
      this.#next++;
    }
    return undefined;
  }

  /** How many missing combinations a value has with those that a row has already. */
  countWith(row: Row, factor: number, value: number): number {
    let count = 0;
    this.#each(row, factor, value, (at) => count += this.#open[at]!);
    return count;
  }

  /** Takes the combinations of a complete row out. */
  remove(row: Row): void {
    row.forEach((value, factor) => this.#each(row, factor, value, (at) => this.#open[at] = 0));
  }

  /** The places of all combinations of a value with others of a row. */
  #each(row: Row, factor: number, value: number, visit: (at: number) => void): void {
    const place = (f: number) => this.#starts[f]! + (f === factor ? value : row[f]!);
    const skips = (f: number) => f === factor || row[f]! < 0;
    const visitSorted = (...of: number[]) =>
      visit(
        [factor, ...of].sort((a, b) => a - b)
          .reduce((at, f) => at * this.#count + place(f), 0),
      );
    for (let f = 0; f < row.length; f++) {
      if (skips(f)) continue;
      if (this.#strength === 2) visitSorted(f);
      else for (let g = f + 1; g < row.length; g++) if (!skips(g)) visitSorted(f, g);
    }
  }
}

function combinationsOf(
  chosen: readonly number[],
  sizes: readonly number[],
): readonly Combination[] {
  return chosen.reduce<readonly Combination[]>(
    (all, f) => all.flatMap((some) => times(sizes[f]!, (v) => [...some, [f, v] as const])),
    [[]],
  );
}

/** Coordinates of all steps, weighed by the energy, that a problem may have where that is free. */
const mostWork = 1000;

/** How much work each value makes; what is not listed makes none. */
const work: Partial<Record<CoveredFactor, Readonly<Record<string, number>>>> = {
  "axes": { "2": 2, "3": 3, "4": 4, "5 to 8": 7, "30": 30 },
  "features": { "1": 1.25, "2": 1.5, "3 to 12": 2 },
  "groups": { "2": 1.5, "3": 2, "many": 3 },
  "samples": { "2": 1.5, "3": 2, "many": 3 },
  "steps": { "2": 2, "3": 3, "5": 5, "25": 25, "100": 100, "101": 101 },
  "energy": { "quadratic": 1.25, "coupled": 3, "rugged": 4, "network": 5, "large": 1.25 },
};

/**
 * Assignments in which every value of every factor meets every value of every other one; for triples
 * every two values meet every third.
 *
 * Greedy: each assignment starts from a combination that is still missing and takes, factor by
 * factor, the value that tries most of the missing ones, of those that make no long work of it.
 * (covertable from npm needs 58 where this needs about 62 for pairs, and takes no seed.)
 *
 * @param seed another one gives another array
 */
export function coveringAssignments(
  abilities: Abilities,
  strength: Strength,
  seed: number,
): readonly Assignment[] {
  const values = valuesFor(abilities);
  const sizes = names.map((factor) => values[factor].length);
  const workOf = names.map((factor) => values[factor].map((value) => work[factor]?.[value] ?? 1));
  const u = uniform(seed);
  const missing = new Missing(sizes, strength, u);
  const rows: Row[] = [];
  for (let first = missing.first(); first !== undefined; first = missing.first()) {
    const row = rowAround(first, workOf, missing, u);
    missing.remove(row);
    rows.push(row);
  }
  return rows.map((row) =>
    Object.fromEntries(names.map((factor, f) => [factor, values[factor][row[f]!]])) as Assignment
  );
}

/** A row with a combination that is missing, and as many others as a greedy choice finds. */
function rowAround(
  combination: Combination,
  workOf: readonly (readonly number[])[],
  missing: Missing,
  u: Uniform,
): Row {
  const row: Row = new Int8Array(workOf.length).fill(-1);
  let soFar = 1;
  const set = (factor: number, value: number) => {
    row[factor] = value;
    soFar *= workOf[factor]![value]!;
  };
  for (const [factor, value] of combination) set(factor, value);
  for (const factor of shuffled(workOf.map((_, f) => f).filter((f) => row[f]! < 0), u)) {
    const all = workOf[factor]!, least = Math.max(mostWork / soFar, Math.min(...all));
    let best = -1, most = -1;
    for (const value of shuffled(times(all.length, (v) => v), u)) {
      if (all[value]! > least) continue;
      const found = missing.countWith(row, factor, value);
      const isBetter = found > most || (found === most && all[value]! < all[best]!);
      if (isBetter) [best, most] = [value, found];
    }
    set(factor, best);
  }
  return row;
}

function shuffled<T>(items: readonly T[], u: Uniform): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * u());
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** How many combinations of values were tried. */
export interface Tried {
  readonly tried: number;
  /** Those that the target can be given. */
  readonly total: number;
}

/** What a set of assignments tries. */
export interface Coverage {
  readonly pairs: Tried;
  readonly triples: Tried;
}

/** The combinations of values that assignments try, of all that a target can be given. */
export function coverageOf(assignments: readonly Assignment[], abilities: Abilities): Coverage {
  const values = valuesFor(abilities);
  const triedOf = (strength: Strength): Tried => {
    let tried = 0, total = 0;
    for (const chosen of choices(names, strength)) {
      tried += new Set(assignments.map((assignment) => chosen.map((f) => assignment[f]).join()))
        .size;
      total += chosen.reduce((product, factor) => product * values[factor].length, 1);
    }
    return { tried, total };
  };
  return { pairs: triedOf(2), triples: triedOf(3) };
}

function choices<T>(of: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return of.flatMap((first, i) =>
    choices(of.slice(i + 1), count - 1).map((rest) => [first, ...rest])
  );
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Simpler assignments: one factor at its simplest value, or at a simpler one. */
export function simplerAssignments(assignment: Assignment, abilities: Abilities): Assignment[] {
  const values = valuesFor(abilities);
  return names.flatMap((factor) => {
    const place = values[factor].indexOf(assignment[factor]);
    return values[factor].slice(0, Math.max(0, place)).map((value) => ({
      ...assignment,
      [factor]: value,
    }));
  });
}

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
import { officialRule, type Rule } from "../spec/rule.ts";
import { partsOf } from "../spec/rule_parts.ts";
import { fewestSteps, fewSteps, fullValues } from "./full_shape.ts";
import type { Feature } from "../spec/sampler.ts";
import type { Facts } from "./observer.ts";

/** What problems may ask of a target. */
export type Abilities = Pick<
  Facts,
  "unsupported" | "leastSteps" | "rule" | "compiles" | "bounds"
>;

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
  "box": ["wide", "narrow", "asymmetric", "negative", "degenerate", "0 to 1", "up to 0"],
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
function valuesFor(
  { unsupported, leastSteps, rule = officialRule, compiles, bounds }: Abilities,
): Values {
  const lacks = (feature: Feature) => unsupported.has(feature);
  const lengths = compiles === "settings" ? fewestSteps : fewSteps;
  return {
    ...valuesOf(rule),
    ...compiles && onlyShape,
    "steps": factors.steps.filter((steps) =>
      Number(steps) >= leastSteps && (compiles === undefined || lengths.has(Number(steps)))
    ),
    // A box without width on one axis alone has other sides there.
    ...bounds === "scalar" && { "box": valuesOf(rule).box.filter((box) => box !== "degenerate") },
    "power": lacks("exponential-schedule")
      ? valuesOf(rule).power.filter((power) => !power.startsWith("exponential"))
      : valuesOf(rule).power,
    "noise scale": lacks("noise-tape") ? ["0"] : valuesOf(rule)["noise scale"],
    "gradient clip": lacks("grad-clip") ? ["none"] : factors["gradient clip"],
    "apply exp": lacks("apply-exp") ? ["no"] : factors["apply exp"],
  };
}

/** The values of the one shape in which a sampler is run that is compiled for each. */
const onlyShape = Object.fromEntries(
  Object.entries(fullValues).map(([factor, value]) => [factor, [value]]),
);

/** The values that none of these assignments has, of those of a sampler that isn't compiled for them. */
function untriedBy(
  assignments: readonly Assignment[],
  abilities: Abilities,
): Record<string, string[]> {
  const { compiles: _, ...rest } = abilities, all = valuesFor(rest);
  return Object.fromEntries(names.flatMap((factor) => {
    const tried = new Set<string>(assignments.map((assignment) => assignment[factor]));
    // A chain of one step has a clause of its own.
    const left = all[factor].filter((value) =>
      !tried.has(value) && !(factor === "steps" && value === "1")
    );
    return left.length === 0 ? [] : [[factor, left]];
  }));
}

/** The values that a rule has; what it lacks has one. */
function valuesOf(rule: Rule): Values {
  if (rule === officialRule) return factors;
  const parts = partsOf(rule);
  const only = <F extends CoveredFactor>(has: boolean, factor: F, ...values: readonly string[]) =>
    has ? factors[factor] : values;
  const limited = parts.has("delta clip") && parts.has("box");
  return {
    ...factors,
    "power": only(parts.has("schedule") || parts.has("own schedule"), "power", "1"),
    "schedule": only(parts.has("schedule") || parts.has("own schedule"), "schedule", "constant"),
    "noise scale": only(parts.has("noise scale"), "noise scale", "1"),
    "delta clip": only(parts.has("delta clip"), "delta clip", "usual"),
    "box": only(parts.has("box"), "box", "wide"),
    "start": only(parts.has("box"), "start", "inside"),
    // Nothing would stop a chain on energies so steep.
    "energy": factors.energy.filter((energy) => limited || energy !== "large"),
  };
}

/** Where a value of a factor says nothing; every value does if none is named. */
const saysNothing: readonly {
  readonly factor: CoveredFactor;
  readonly value?: string;
  readonly where: Partial<Readonly<Record<CoveredFactor, string>>>;
}[] = [
  // An exponential schedule has no final step size.
  { factor: "schedule", where: { "power": "exponential, decay below 1" } },
  { factor: "schedule", where: { "power": "exponential, decay above 1" } },
  // A coupling takes two axes.
  { factor: "energy", value: "coupled", where: { "axes": "1" } },
  // A clip that no gradient reaches elsewhere.
  { factor: "gradient clip", value: "large", where: { "energy": "large" } },
  // The only point of a box without width.
  { factor: "start", where: { "box": "degenerate", "axes": "1" } },
];

/** The factors of a row whose values say nothing, as bits. */
type Silence = (row: ArrayLike<number>) => number;

function silenceOf(values: Values): Silence {
  const place = (factor: CoveredFactor, value: string | undefined) =>
    [names.indexOf(factor), value === undefined ? -1 : values[factor].indexOf(value)] as const;
  const rules = saysNothing.map(({ factor, value, where }) => ({
    own: place(factor, value),
    isAny: value === undefined,
    others: names.flatMap((name) => where[name] === undefined ? [] : [place(name, where[name])]),
  })).filter(({ others, own: [, value], isAny }) =>
    others.every(([, other]) => other >= 0) && (isAny || value >= 0)
  );
  return (row) => {
    let silent = 0;
    for (const { own: [factor, value], isAny, others } of rules) {
      if (!isAny && row[factor] !== value) continue;
      if (others.every(([f, v]) => row[f] === v)) silent |= 1 << factor;
    }
    return silent;
  };
}

/** How many values are tried with one another: pairs or triples. */
export type Strength = 2 | 3;

/** Values of some factors. */
type Combination = readonly (readonly [factor: number, value: number])[];

/** A value of every factor, by its place; factors that are not chosen yet have -1. */
type Row = Int8Array;

/** The work that each value of each factor makes. */
type WorkOf = readonly (readonly number[])[];

/** A table with a place for every combination of so many values. */
class Places {
  readonly strength: Strength;
  /** How many places there are. */
  readonly size: number;
  /** Where the values of each factor begin among all values. */
  readonly #starts: readonly number[];
  readonly #count: number;
  readonly #silence: Silence;
  /** Empty but while a combination is looked at. */
  readonly #row: Row;

  constructor(sizes: readonly number[], strength: Strength, silence: Silence) {
    this.strength = strength;
    this.#silence = silence;
    this.#row = new Int8Array(sizes.length).fill(-1);
    this.#starts = sizes.map((_, f) => sizes.slice(0, f).reduce((sum, size) => sum + size, 0));
    this.#count = sizes.reduce((sum, size) => sum + size, 0);
    this.size = this.#count ** strength;
  }

  /** The place of a combination, its factors in order. */
  of(combination: Combination): number {
    return combination.reduce((at, [f, v]) => at * this.#count + this.#starts[f]! + v, 0);
  }

  /** The factors that say nothing once a row has a value, as bits. */
  silent(row: Row, factor: number, value: number): number {
    const before = row[factor]!;
    row[factor] = value;
    const silent = this.#silence(row);
    row[factor] = before;
    return silent;
  }

  /** Whether the values of a combination all say something together. */
  isSound(combination: Combination): boolean {
    const row = this.#row;
    for (const [f, v] of combination) row[f] = v;
    const silent = this.#silence(row);
    for (const [f] of combination) row[f] = -1;
    return silent === 0 || combination.every(([f]) => (silent >> f & 1) === 0);
  }

  /** Visits the places of all combinations of a value with others of a row that say something. */
  each(row: Row, factor: number, value: number, visit: (at: number) => void): void {
    const count = this.#count, own = this.#starts[factor]! + value;
    const place = (f: number) => f === factor ? own : this.#starts[f]! + row[f]!;
    const silent = this.silent(row, factor, value);
    if (silent >> factor & 1) return;
    for (let f = 0; f < row.length; f++) {
      if (f === factor || row[f]! < 0 || silent >> f & 1) continue;
      const low = Math.min(f, factor), high = Math.max(f, factor);
      if (this.strength === 2) visit(place(low) * count + place(high));
      else {
        for (let g = f + 1; g < row.length; g++) {
          if (g === factor || row[g]! < 0 || silent >> g & 1) continue;
          const least = Math.min(low, g), most = Math.max(high, g);
          const middle = f + g + factor - least - most;
          visit((place(least) * count + place(middle)) * count + place(most));
        }
      }
    }
  }
}

/**
 * The combinations of so many values that are still missing. One that makes more work counts for
 * more: a row with a chain of a hundred steps should try as much with them as it can.
 */
class Missing {
  readonly #places: Places;
  /** What each counts for; 0 where it is not missing. */
  readonly #open: Float32Array;
  readonly #combinations: readonly Combination[];
  #next = 0;

  constructor(workOf: WorkOf, places: Places, u: Uniform) {
    this.#places = places;
    this.#open = new Float32Array(places.size);
    const chosen = choices(workOf.map((_, f) => f), places.strength);
    const weight = (of: Combination) => of.reduce((product, [f, v]) => product * workOf[f]![v]!, 1);
    const all = chosen.flatMap((of) => combinationsOf(of, workOf));
    this.#combinations = shuffled(all.filter((of) => places.isSound(of)), u)
      .map((of) => ({ of, weight: weight(of) }))
      .sort((a, b) => b.weight - a.weight)
      .map(({ of, weight }) => {
        this.#open[places.of(of)] = weight;
        return of;
      });
  }

  /** One that is missing; undefined if none is. */
  first(): Combination | undefined {
    while (this.#next < this.#combinations.length) {
      const combination = this.#combinations[this.#next]!;
      if (this.#open[this.#places.of(combination)]! > 0) return combination;
      this.#next++;
    }
    return undefined;
  }

  /** Whether a value leaves all factors of a combination something to say. */
  keeps(row: Row, factor: number, value: number, combination: Combination): boolean {
    const silent = this.#places.silent(row, factor, value);
    return silent === 0 || combination.every(([f]) => (silent >> f & 1) === 0);
  }

  /** What the missing combinations count for that a value has with those of a row. */
  weightWith(row: Row, factor: number, value: number): number {
    let weight = 0;
    this.#places.each(row, factor, value, (at) => weight += this.#open[at]!);
    return weight;
  }

  /** Takes the combinations of a complete row out. */
  remove(row: Row): void {
    row.forEach((value, factor) =>
      this.#places.each(row, factor, value, (at) => this.#open[at] = 0)
    );
  }
}

function combinationsOf(chosen: readonly number[], workOf: WorkOf): readonly Combination[] {
  return chosen.reduce<readonly Combination[]>(
    (all, f) => all.flatMap((some) => workOf[f]!.map((_, v) => [...some, [f, v] as const])),
    [[]],
  );
}

/** Coordinates of all steps, weighed by the energy, that a problem may have where that is free. */
const mostWork = 3000;

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
 * (covertable from npm needs 58 where this needs about 60 for pairs, and takes no seed.)
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
  const u = uniform(seed), places = new Places(sizes, strength, silenceOf(values));
  const missing = new Missing(workOf, places, u);
  const rows: Row[] = [];
  for (let first = missing.first(); first !== undefined; first = missing.first()) {
    const row = rowAround(first, workOf, missing, u);
    missing.remove(row);
    rows.push(row);
  }
  // Long chains came first; a share of the problems has its share of them.
  return shuffled(lightened(rows, workOf, places), u).map((row) =>
    Object.fromEntries(names.map((factor, f) => [factor, values[factor][row[f]!]])) as Assignment
  );
}

/** A row with a combination that is missing, and as many others as a greedy choice finds. */
function rowAround(
  combination: Combination,
  workOf: WorkOf,
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
    const all = workOf[factor]!;
    const values = times(all.length, (v) => v)
      .filter((value) => missing.keeps(row, factor, value, combination));
    const least = Math.max(mostWork / soFar, Math.min(...values.map((value) => all[value]!)));
    let best = -1, most = -1;
    for (const value of shuffled(values, u)) {
      if (all[value]! > least) continue;
      const found = missing.weightWith(row, factor, value);
      const isBetter = found > most || (found === most && all[value]! < all[best]!);
      if (isBetter) [best, most] = [value, found];
    }
    set(factor, best);
  }
  return row;
}

/**
 * Rows that try the same combinations with less work: a value that makes work goes where every
 * combination of it in that row is tried in another row as well.
 */
function lightened(
  rows: readonly Row[],
  workOf: WorkOf,
  places: Places,
): readonly Row[] {
  // Each combination of a row is met once for each of its values.
  const met = new Uint16Array(places.size);
  const change = (row: Row, factor: number, by: number) =>
    places.each(row, factor, row[factor]!, (at) => met[at]! += by);
  for (const row of rows) {
    row.forEach((_, factor) => change(row, factor, 1));
  }
  const isFree = (row: Row, factor: number, lightest: number) => {
    let free = places.silent(row, factor, lightest) === places.silent(row, factor, row[factor]!);
    places.each(row, factor, row[factor]!, (at) => free &&= met[at]! > places.strength);
    return free;
  };
  // Where no value makes more work than another, as many combinations are tried as before.
  const heaviestFirst = workOf.map((_, factor) => factor)
    .filter((factor) => new Set(workOf[factor]).size > 1)
    .sort((f, g) => Math.max(...workOf[g]!) - Math.max(...workOf[f]!));
  for (const factor of heaviestFirst) {
    const all = workOf[factor]!, lightest = all.indexOf(Math.min(...all));
    for (const row of rows.toSorted((a, b) => all[b[factor]!]! - all[a[factor]!]!)) {
      if (row[factor] === lightest || !isFree(row, factor, lightest)) continue;
      change(row, factor, -places.strength);
      row[factor] = lightest;
      change(row, factor, places.strength);
    }
  }
  return rows;
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
  /** The values of each factor that none of them has. */
  readonly untried: Record<string, string[]>;
}

/**
 * The combinations of values that assignments try, of all that a target can be given; those in which
 * a value says nothing do not count.
 */
export function coverageOf(assignments: readonly Assignment[], abilities: Abilities): Coverage {
  const values = valuesFor(abilities), silence = silenceOf(values);
  const sizes = names.map((factor) => values[factor].length);
  const rows = assignments.map((assignment) =>
    names.map((factor) => values[factor].indexOf(assignment[factor]))
  ).map((row) => ({ row, silent: silence(row) }));
  const all = names.map((_, factor) => factor);
  const most = Math.max(...sizes);
  const triedOf = (strength: Strength): Tried => {
    const met = new Uint8Array(most ** strength);
    const places = new Places(sizes, strength, silence);
    let tried = 0, total = 0;
    for (const chosen of choices(all, strength)) {
      met.fill(0);
      const bits = chosen.reduce((bits, factor) => bits | 1 << factor, 0);
      for (const { row, silent } of rows) {
        if ((silent & bits) === 0) met[chosen.reduce((at, f) => at * most + row[f]!, 0)] = 1;
      }
      tried += met.reduce((sum, is) => sum + is, 0);
      total += soundOf(chosen, sizes, places);
    }
    return { tried, total };
  };
  return { pairs: triedOf(2), triples: triedOf(3), untried: untriedBy(assignments, abilities) };
}

/** How many combinations of all values of some factors say something. */
function soundOf(chosen: readonly number[], sizes: readonly number[], places: Places): number {
  const isChosen = (factor: string) => chosen.some((f) => names[f] === factor);
  if (!saysNothing.some(({ factor, where }) => [factor, ...Object.keys(where)].every(isChosen))) {
    return chosen.reduce((product, factor) => product * sizes[factor]!, 1);
  }
  const workOf = sizes.map((size) => new Array<number>(size).fill(1));
  return combinationsOf(chosen, workOf).filter((of) => places.isSound(of)).length;
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

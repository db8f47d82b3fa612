/**
 * Under which condition a fault acts: the plainest one that tells the coordinates of the steps in
 * which it was seen from those in which it would have shown and did not.
 *
 * @module
 */

import { infinite, isOfTwo, type Kind, type Variable, variables } from "./condition_variables.ts";
import { shown } from "../figures/figures.ts";

/** One coordinate of one step: what it was given, and whether the fault acts there. */
export interface Case {
  /** By the variables, in their order; not a number where a variable has no meaning. */
  readonly values: readonly number[];
  readonly acts: boolean;
}

/** A condition, in words and as a formula that is positive under it. */
export interface Condition {
  readonly words: string;
  /** What was seen of what it counts or sizes. */
  readonly seen: string;
  /** None where formulas do not know what it is about. */
  readonly formula: string | undefined;
  /** Whether it is one of yes or no, so that nothing lies between what was tried and beyond it. */
  readonly isPlain: boolean;
  /** Whether it is one of the whole problem. */
  readonly isOfProblem: boolean;
  /** By the values of the variables. */
  readonly holds: (values: readonly number[]) => boolean;
}

/** A condition on one variable. */
interface Atom extends Omit<Condition, "seen"> {
  readonly index: number;
  /** The plainer, the less; a range is less plain than a threshold. */
  readonly cost: number;
}

/** Remainders that are looked for. */
const periods = [2, 3, 4, 5, 6, 8, 10] as const;

/** Conditions on one variable that hold wherever the fault acts, the plainest first. */
function atomsOf(variable: Variable, index: number, cases: readonly Case[]): readonly Atom[] {
  const inside = sorted(cases, index, true), { kind, symbol } = variable;
  if (inside.some(Number.isNaN) || inside.length === 0) return [];
  const atom = (
    words: string,
    is: (value: number) => boolean,
    formula: (symbol: string) => string,
    isPlain = false,
    isRange = false,
  ): Atom => ({
    index,
    cost: index + (isRange ? variables.length : 0),
    words,
    isPlain,
    isOfProblem: variable.ofProblem !== undefined,
    formula: symbol && formula(symbol),
    holds: (values) => is(values[index]!),
  });
  const [from, to] = [inside[0]!, inside.at(-1)!];
  if (kind[0] === "is" || kind[0] === "relation") {
    if (inside.length > 1) return [];
    const [is, yes, no] = kind, words = from === 1 ? yes : no;
    return [
      atom(words, (v) => v === from, (s) => from === 1 ? s : `0.5 - ${s}`, is === "is"),
    ];
  }
  const whole = kind[0] !== "size", { below, above } = beside(cases, index, from, to);
  const least = below === undefined ? undefined : whole ? from - 0.5 : between(below, from, below);
  const most = above === undefined ? undefined : whole ? to + 0.5 : between(to, above, above);
  const found: Atom[] = [];
  if (least !== undefined && from < infinite) {
    found.push(
      atom(fromWords(kind, [below!, from], least), (v) => v > least, (s) => `${s} - (${least})`),
    );
  }
  if (most !== undefined && to > -infinite) {
    found.push(atom(toWords(kind, [to, above!], most), (v) => v < most, (s) => `${most} - ${s}`));
  }
  if (inside.length === 1) {
    found.push(atom(
      onlyWords(kind, from),
      (v) => v === from,
      (s) => `${whole ? 0.5 : 1e-9} - abs(${s} - (${from}))`,
    ));
  } else if (least !== undefined && most !== undefined) {
    found.push(atom(
      betweenWords(kind, [from, to], [least, most]),
      (v) => v > least && v < most,
      (s) => `min(${s} - (${least}), ${most} - ${s})`,
      false,
      true,
    ));
  }
  if (!whole || inside.length < 2) return found;
  const rest = (value: number, by: number) => ((value % by) + by) % by;
  const periodic = periods.filter((by) => inside.every((v) => rest(v, by) === rest(from, by)))
    .map((by) => {
      const left = rest(from, by);
      const formula = (s: string) =>
        `0.5 - (${s} - ${left} - ${by} * floor((${s} - ${left} + 0.25) / ${by}))`;
      return atom(periodWords(kind, by, left), (v) => rest(v, by) === left, formula);
    });
  const none = periods.filter((by) =>
    inside.every((v) => rest(v, by) !== 0) && by > 2 &&
    cases.some(({ acts, values }) => !acts && rest(values[index]!, by) === 0)
  ).map((by) =>
    atom(
      `where the ${numberOf(kind)} is no multiple of ${by}`,
      (v) => rest(v, by) !== 0,
      (s) => `${s} - ${by} * floor((${s} + 0.25) / ${by}) - 0.5`,
    )
  );
  return [...found, ...periodic, ...none];
}

type Numbered = Exclude<
  Kind,
  readonly ["is", string, string] | readonly ["relation", string, string]
>;

const numberOf = (kind: Numbered) =>
  kind[0] === "size" ? kind[1] : kind[0] === "count" ? `number of ${kind[2]}` : kind[1];

const noun = ([, one, many]: readonly [string, string, string?], count: number) =>
  `${count} ${count === 1 ? one : many}`;

/** @param below the most with which it was not seen, and the least with which it was */
function fromWords(kind: Numbered, [below, from]: readonly number[], least: number): string {
  const isSharp = from! - below! <= 1;
  switch (kind[0]) {
    case "count":
      return isSharp
        ? `with ${noun(kind, from!)} or more`
        : `from some number of ${kind[2]} between ${below! + 1} and ${from} on`;
    case "place":
      return isSharp
        ? `from ${kind[1]} ${from} on`
        : `from some ${kind[1]} between ${below! + 1} and ${from} on`;
    case "size":
      return least === 0
        ? `where the ${kind[1]} is positive`
        : `where the ${kind[1]} is above ${shown(least)}`;
  }
}

/** @param to the most with which it was seen, and the least above with which it was not */
function toWords(kind: Numbered, [to, above]: readonly number[], most: number): string {
  const isSharp = above! - to! <= 1;
  switch (kind[0]) {
    case "count":
      return !isSharp
        ? `up to some number of ${kind[2]} between ${to} and ${above! - 1}`
        : to === 1
        ? `with 1 ${kind[1]} alone`
        : `with ${noun(kind, to!)} or fewer`;
    case "place":
      return isSharp
        ? onlyOrTo(kind, to!)
        : `up to some ${kind[1]} between ${to} and ${above! - 1}`;
    case "size":
      return most === 0
        ? `where the ${kind[1]} is negative`
        : `where the ${kind[1]} is below ${shown(most)}`;
  }
}

const onlyOrTo = (kind: Numbered, to: number) =>
  to === 0 ? onlyWords(kind, 0) : `up to ${kind[1]} ${to}`;

const ordinals = ["first", "second", "third", "fourth", "fifth"].map((word) => `${word} call`);

function onlyWords(kind: Numbered, only: number): string {
  switch (kind[0]) {
    case "count":
      return `with exactly ${noun(kind, only)}`;
    case "place":
      return kind[1] === "call"
        ? `in the ${ordinals[only] ?? `call ${only}`}`
        : `${kind[1] === "axis" ? "on" : "in"} ${kind[1]} ${only}`;
    case "size":
      return `where the ${kind[1]} is ${Math.abs(only) === infinite ? "infinite" : shown(only)}`;
  }
}

function betweenWords(
  kind: Numbered,
  [from, to]: readonly [number, number],
  [least, most]: readonly [number, number],
): string {
  switch (kind[0]) {
    case "count":
      return `with ${from} to ${to} ${kind[2]}`;
    case "place":
      return `from ${kind[1]} ${from} to ${to}`;
    case "size":
      return `where the ${kind[1]} is between ${shown(least)} and ${shown(most)}`;
  }
}

function periodWords(kind: Numbered, by: number, left: number): string {
  if (kind[0] === "place") {
    const prefix = kind[1] === "axis" ? "on" : "in";
    return `${prefix} ${kind[2]} ${left}, ${left + by}, …`;
  }
  if (by === 2) return `with an ${left === 0 ? "even" : "odd"} ${numberOf(kind)}`;
  return left === 0
    ? `where the ${numberOf(kind)} is a multiple of ${by}`
    : `where the ${numberOf(kind)} is ${left} more than a multiple of ${by}`;
}

/** How many numbers are listed. */
const mostListed = 6;

/** With which numbers of what an atom is about a fault was seen, and with which not. */
function seenOf({ index }: Atom, cases: readonly Case[]): string {
  const { kind } = variables[index]!;
  if (kind[0] === "is" || kind[0] === "relation" || kind[0] === "place") return "";
  const valuesOf = (acts: boolean) => sorted(cases, index, acts).filter((v) => !Number.isNaN(v));
  const inside = valuesOf(true), outside = valuesOf(false);
  if (kind[0] === "size") {
    const from = inside[0]!, to = inside.at(-1)!;
    const { below, above } = beside(cases, index, from, to);
    const others = [below, above].flatMap((v) => v === undefined ? [] : shown(v));
    return `seen ${from === to ? `with ${shown(from)}` : `from ${shown(from)} to ${shown(to)}`}` +
      (others.length === 0 ? "" : `, not with ${others.join(" or ")}`);
  }
  const listed = (values: readonly number[]) => {
    const few = values.slice(0, mostListed).map(shown);
    return few.length < values.length ? `${few.join(", ")}, …` : few.join(", ");
  };
  const what = inside.length === 1 && inside[0] === 1 ? kind[1] : kind[2];
  return `seen with ${listed(inside)} ${what}${
    outside.length === 0 ? "" : `, not with ${listed(outside)}`
  }`;
}

/** The nearest values without the fault below and above those with it. */
function beside(cases: readonly Case[], index: number, from: number, to: number) {
  let below: number | undefined, above: number | undefined;
  for (const { acts, values } of cases) {
    if (acts) continue;
    const value = values[index]! + 0; // 0 has no sign
    if (value < from && !(below! >= value)) below = value;
    if (value > to && !(above! <= value)) above = value;
  }
  return { below, above };
}

function sorted(cases: readonly Case[], index: number, acts: boolean): readonly number[] {
  const found = new Set<number>();
  let last: number | undefined;
  for (const one of cases) {
    const value = one.values[index]!;
    // Most are those of the coordinate before.
    if (one.acts === acts && value !== last) found.add(last = value);
  }
  return [...found].sort((a, b) => a - b);
}

/** The shortest number between two, or the one of them beyond which the fault acts. */
function between(low: number, high: number, end: number): number {
  if (low < 0 && high > 0) return 0;
  for (let digits = 1; digits < 9; digits++) {
    const middle = Number(((low + high) / 2).toPrecision(digits));
    if (Number(end.toPrecision(digits)) === end) return end;
    if (middle > low && middle < high) return middle;
  }
  return (low + high) / 2;
}

/**
 * The plainest conditions that tell where a fault acts: on one variable, or on two at once.
 *
 * @returns those that tell it equally plainly, the likeliest first; none if nothing tells it
 */
export function conditionsOf(cases: readonly Case[]): readonly Condition[] {
  const outside = cases.filter(({ acts }) => !acts);
  if (outside.length === 0 || outside.length === cases.length) return [];
  const atoms = variables.flatMap((variable, index) => atomsOf(variable, index, cases))
    .map((atom) => ({ atom, left: outside.filter(({ values }) => atom.holds(values)) }));
  const told = atoms.filter(({ left }) => left.length === 0)
    .map(({ atom }) => ({ ...atom, seen: seenOf(atom, cases) }))
    .sort((one, other) => one.cost - other.cost);
  const plain = told.filter(({ isPlain }) => isPlain), all = plain.length > 0 ? plain : told;
  const single = all.filter(({ index }, j) => all.findIndex((one) => one.index === index) === j);
  const plainest = single.filter(({ index }) => !isOfTwo(variables[index]!));
  if (plainest.length > 0) return plainest;
  const helping = atoms.filter(({ left, atom }) =>
    left.length < outside.length && left.length > 0 && !isOfTwo(variables[atom.index]!)
  );
  const pairs = helping.flatMap((one, j) =>
    helping.slice(j + 1)
      .filter(({ atom }) => one.left.every(({ values }) => !atom.holds(values)))
      .map(({ atom }) => [one.atom, atom] as const)
  ).sort((one, other) => one[0].cost + one[1].cost - other[0].cost - other[1].cost);
  const double = pairs.slice(0, 1).map(([one, other]) => {
    // What each is about is told by the cases in which the other one holds.
    const first = atomIn(one, other, cases);
    return both(first, atomIn(other, first, cases), cases);
  });
  // Two plain conditions say no more than what follows from both at once.
  return pairs[0]?.every(({ isPlain }) => isPlain)
    ? [...double, ...single]
    : [...single, ...double];
}

/** An atom as the cases tell it in which another one holds. */
function atomIn(atom: Atom, { holds }: Atom, cases: readonly Case[]): Atom {
  if (atom.isPlain) return atom;
  const told = cases.filter(({ values }) => holds(values));
  return atomsOf(variables[atom.index]!, atom.index, told)
    .find((one) => told.every(({ acts, values }) => acts === one.holds(values))) ?? atom;
}

/** What an atom is about is told by the cases in which the other one holds, if that is about something else. */
function both(one: Atom, other: Atom, cases: readonly Case[]): Condition {
  const isSame = one.index === other.index;
  const seen = isSame
    ? [seenOf(one, cases)]
    : ([[one, other], [other, one]] as const).map(([atom, { holds }]) =>
      seenOf(atom, cases.filter(({ values }) => holds(values)))
    );
  return {
    words: `${one.words} and ${other.words}`,
    seen: seen.filter((text) => text !== "").join("; "),
    formula: one.formula && other.formula && `min(${one.formula}, ${other.formula})`,
    isPlain: false,
    isOfProblem: one.isOfProblem && other.isOfProblem,
    holds: (values) => one.holds(values) && other.holds(values),
  };
}

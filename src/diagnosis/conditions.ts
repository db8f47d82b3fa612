/**
 * Under which condition a fault acts: the plainest one that tells the coordinates of the steps in
 * which it was seen from those in which it would have shown and did not.
 *
 * @module
 */

import type { Problem, Schedule, Settings } from "../../spec/problem.ts";
import type { ForcedCall } from "./forced.ts";
import { shown } from "./figures.ts";

/** One coordinate of one step: what it was given, and whether the fault acts there. */
export interface Case {
  /** By the variables, in their order; not a number where a variable has no meaning. */
  readonly values: readonly number[];
  readonly acts: boolean;
}

/** A coordinate of a step. */
interface Place {
  readonly problem: Problem;
  readonly call: number;
  readonly k: number;
  readonly row: number;
  readonly axis: number;
  /** The action before the step, and the gradient and the draw there. */
  readonly a: number;
  readonly g: number;
  readonly xi: number;
  readonly eta: number;
  /** The step before its limit. */
  readonly delta: number;
  /** Whether a wall has stopped the coordinate in a step before. */
  readonly stopped: boolean;
}

/** What a condition may be about. */
interface Variable {
  readonly of: (place: Place) => number;
  /** As formulas have it; none where they know it not. */
  readonly symbol: string | undefined;
  readonly kind: Kind;
  /** The same of a problem, if it is one number in all of it. */
  readonly ofProblem?: (problem: Problem) => number;
}

/** A count or a place has its noun in both numbers, a size its name, a yes-or-no its words. */
type Kind =
  | readonly ["count" | "place", one: string, many: string]
  | readonly ["size", name: string]
  | readonly ["is", yes: string, no: string];

const given = (
  symbol: string | undefined,
  kind: Kind,
  of: (problem: Problem) => number | boolean,
): Variable => ({
  symbol,
  kind,
  of: ({ problem }) => Number(of(problem)),
  ofProblem: (problem) => Number(of(problem)),
});

const setting = (
  symbol: string | undefined,
  kind: Kind,
  of: (settings: Settings) => number | boolean,
): Variable => given(symbol, kind, ({ settings }) => of(settings));

const placed = (
  symbol: string | undefined,
  kind: Kind,
  of: (place: Place) => number | boolean,
): Variable => ({ symbol, kind, of: (place) => Number(of(place)) });

const bound = (side: "min" | "max") => ({ problem: { settings }, axis }: Place) =>
  settings.bounds[side][axis]!;
const lo = bound("min"), hi = bound("max");
const if_ = (condition: string) => `where(${condition}, 1, 0)`;
const unless = (condition: string) => `where(${condition}, 0, 1)`;
const ofPowers = (of: (schedule: Schedule & { readonly kind: "polynomial" }) => number) =>
(
  { schedule }: Settings,
) => schedule.kind === "polynomial" ? of(schedule) : NaN;

/** What is plain comes before what follows from it. */
const variables: readonly Variable[] = [
  setting(
    unless("sigma"),
    ["is", "where the noise scale is 0", "where there is noise"],
    ({ noiseScale }) => noiseScale === 0,
  ),
  given("(rows / samples)", ["count", "observation", "observations"], ({ groups }) => groups),
  given("rows", ["count", "row", "rows"], ({ initial }) => initial.length),
  given("samples", ["count", "sample", "samples"], ({ samples }) => samples),
  given("axes", ["count", "axis", "axes"], ({ axes }) => axes),
  setting("N", ["count", "step", "steps"], ({ steps }) => steps),
  placed("axis", ["place", "axis", "axes"], ({ axis }) => axis),
  placed(
    if_("axis - (axes - 1.5)"),
    ["is", "on the last axis", "on all axes but the last"],
    ({ axis, problem }) => axis === problem.axes - 1,
  ),
  placed("row", ["place", "row", "rows"], ({ row }) => row),
  placed(
    "(row - samples * floor((row + 0.5) / samples))",
    ["place", "sample", "samples"],
    ({ row, problem }) => row % problem.samples,
  ),
  placed(
    if_("row - samples * floor((row + 0.5) / samples) - (samples - 1.5)"),
    ["is", "in the last sample", "in all samples but the last"],
    ({ row, problem }) => row % problem.samples === problem.samples - 1,
  ),
  placed(
    "floor((row + 0.5) / samples)",
    ["place", "observation", "observations"],
    ({ row, problem }) => Math.floor(row / problem.samples),
  ),
  placed(
    if_("row - (rows - 1.5)"),
    ["is", "in the last row", "in all rows but the last"],
    ({ row, problem }) => row === problem.initial.length - 1,
  ),
  placed("k", ["place", "step", "steps"], ({ k }) => k),
  placed(
    if_("k - (N - 1.5)"),
    ["is", "in the last step", "in all steps but the last"],
    ({ k, problem }) => k === problem.settings.steps - 1,
  ),
  placed(
    "(k / N)",
    ["size", "part k/N of the chain"],
    ({ k, problem }) => k / problem.settings.steps,
  ),
  placed(undefined, ["place", "call", "calls"], ({ call }) => call),
  setting("sigma", ["size", "noise scale"], ({ noiseScale }) => noiseScale),
  setting("c", ["size", "delta clip"], ({ deltaClip }) => deltaClip),
  setting(
    undefined,
    ["is", "where a gradient clip is set", "where no gradient clip is set"],
    ({ gradClip }) => gradClip !== null,
  ),
  setting("gamma", ["size", "gradient clip"], ({ gradClip }) => gradClip ?? NaN),
  placed("eta", ["size", "step size"], ({ eta }) => eta),
  setting(
    undefined,
    ["is", "with an exponential schedule", "with a polynomial schedule"],
    ({ schedule }) => schedule.kind === "exponential",
  ),
  setting(
    if_("final - init"),
    ["is", "where the final step size is above the initial one", "where step sizes do not rise"],
    ofPowers(({ init, final }) => Number(final > init)),
  ),
  setting("power", ["size", "power of the schedule"], ofPowers(({ power }) => power)),
  placed(
    if_("lo * hi"),
    ["is", "in a box without 0", "in a box that holds 0"],
    (at) => lo(at) * hi(at) > 0,
  ),
  placed(
    if_("1e-9 - abs(lo + hi)"),
    ["is", "in a box that is centred at 0", "in a box that is not centred at 0"],
    (at) => lo(at) === -hi(at),
  ),
  placed("(hi - lo)", ["size", "range"], (at) => hi(at) - lo(at)),
  ...([
    ["the lower wall", "a - lo", (at) => at.a - lo(at)],
    ["the upper wall", "hi - a", (at) => hi(at) - at.a],
    ["a wall", "min(a - lo, hi - a)", (at) => Math.min(at.a - lo(at), hi(at) - at.a)],
  ] as const satisfies readonly (readonly [string, string, (at: Place) => number])[]).flatMap((
    [wall, room, of],
  ) => [
    placed(unless(`abs(${room})`), ["is", `on ${wall}`, `off ${wall}`], (at) => of(at) === 0),
    placed(unless(room), ["is", `on or beyond ${wall}`, `inside of ${wall}`], (at) => of(at) <= 0),
    placed(if_(`-(${room})`), ["is", `beyond ${wall}`, `not beyond ${wall}`], (at) => of(at) < 0),
  ]),
  placed(
    "wasStopped",
    ["is", "once a wall has stopped it", "until a wall stops it"],
    ({ stopped }) => stopped,
  ),
  placed(
    unless("abs(g)"),
    ["is", "where the gradient is 0", "where there is a gradient"],
    ({ g }) => g === 0,
  ),
  placed("g", ["size", "gradient"], ({ g }) => g),
  placed("abs(g)", ["size", "size of the gradient"], ({ g }) => Math.abs(g)),
  placed(
    unless("abs(xi)"),
    ["is", "where the draw is 0", "where the draw is not 0"],
    ({ xi }) => xi === 0,
  ),
  placed("xi", ["size", "draw"], ({ xi }) => xi),
  placed("abs(xi)", ["size", "size of the draw"], ({ xi }) => Math.abs(xi)),
  placed("a", ["size", "action"], ({ a }) => a),
  placed("abs(a)", ["size", "size of the action"], ({ a }) => Math.abs(a)),
  placed("delta", ["size", "step before its limit"], ({ delta }) => delta),
  setting(
    undefined,
    ["is", "where the output is exponentiated", "where the output is not exponentiated"],
    ({ applyExp }) => applyExp,
  ),
  setting(
    undefined,
    ["is", "where a gradient norm is asked for", "where no gradient norm is asked for"],
    ({ gradNorm }) => gradNorm !== null,
  ),
];

/** What a coordinate of a step was given, by the variables. */
export function valuesAt(
  { problem, chain: { points }, steps }: ForcedCall,
  at: Pick<Place, "call" | "k" | "row" | "axis" | "g" | "eta">,
): readonly number[] {
  const { k, row, axis } = at, { noise, settings: { bounds: { min, max } } } = problem;
  const place: Place = {
    ...at,
    problem,
    a: points[k]![row]![axis]!,
    delta: steps[k]!.terms[row]![axis]!.step,
    xi: noise.kind === "tape" ? noise.draws[k]?.[row]?.[axis] ?? NaN : NaN,
    stopped: steps.slice(0, k).some(({ from, terms }) => {
      const to = from[row]![axis]! - terms[row]![axis]!.clippedStep;
      return to < min[axis]! || to > max[axis]!;
    }),
  };
  return variables.map(({ of }) => of(place));
}

/** What a problem gives every coordinate, by the variables; not a number where they have a place. */
export function valuesIn(problem: Problem): readonly number[] {
  return variables.map(({ ofProblem }) => ofProblem?.(problem) ?? NaN);
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
  const inside = sorted(cases, index, true), outside = sorted(cases, index, false);
  const { kind, symbol } = variable;
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
  const below = outside.filter((v) => v < from).at(-1), above = outside.find((v) => v > to);
  if (kind[0] === "is") {
    if (inside.length > 1) return [];
    const [, yes, no] = kind;
    return [
      atom(from === 1 ? yes : no, (v) => v === from, (s) => from === 1 ? s : `0.5 - ${s}`, true),
    ];
  }
  const whole = kind[0] !== "size";
  const least = below === undefined ? undefined : whole ? from - 0.5 : between(below, from, below);
  const most = above === undefined ? undefined : whole ? to + 0.5 : between(to, above, above);
  const found: Atom[] = [];
  if (least !== undefined) {
    found.push(atom(fromWords(kind, from, least), (v) => v > least, (s) => `${s} - (${least})`));
  }
  if (most !== undefined) {
    found.push(atom(toWords(kind, to, most), (v) => v < most, (s) => `${most} - ${s}`));
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
    outside.some((v) => rest(v, by) === 0)
  ).map((by) =>
    atom(
      `where the ${numberOf(kind)} is no multiple of ${by}`,
      (v) => rest(v, by) !== 0,
      (s) => `${s} - ${by} * floor((${s} + 0.25) / ${by}) - 0.5`,
    )
  );
  return [...found, ...periodic, ...none];
}

type Numbered = Exclude<Kind, readonly ["is", string, string]>;

const numberOf = (kind: Numbered) =>
  kind[0] === "size" ? kind[1] : kind[0] === "count" ? `number of ${kind[2]}` : kind[1];

const noun = ([, one, many]: readonly [string, string, string?], count: number) =>
  `${count} ${count === 1 ? one : many}`;

function fromWords(kind: Numbered, from: number, least: number): string {
  switch (kind[0]) {
    case "count":
      return `with ${noun(kind, from)} or more`;
    case "place":
      return `from ${kind[1]} ${from} on`;
    case "size":
      return least === 0
        ? `where the ${kind[1]} is positive`
        : `where the ${kind[1]} is above ${shown(least)}`;
  }
}

function toWords(kind: Numbered, to: number, most: number): string {
  switch (kind[0]) {
    case "count":
      return to === 1 ? `with 1 ${kind[1]} alone` : `with ${noun(kind, to)} or fewer`;
    case "place":
      return onlyOrTo(kind, to);
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
      return `where the ${kind[1]} is ${shown(only)}`;
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
  if (kind[0] === "is" || kind[0] === "place") return "";
  const valuesOf = (acts: boolean) => sorted(cases, index, acts).filter((v) => !Number.isNaN(v));
  const inside = valuesOf(true), outside = valuesOf(false);
  if (kind[0] === "size") {
    const from = inside[0]!, to = inside.at(-1)!;
    const beside = [outside.filter((v) => v < from).at(-1), outside.find((v) => v > to)]
      .flatMap((v) => v === undefined ? [] : shown(v));
    return `seen ${from === to ? `with ${shown(from)}` : `from ${shown(from)} to ${shown(to)}`}` +
      (beside.length === 0 ? "" : `, not with ${beside.join(" or ")}`);
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

function sorted(cases: readonly Case[], index: number, acts: boolean): readonly number[] {
  const found = new Set<number>();
  for (const one of cases) if (one.acts === acts) found.add(one.values[index]!);
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
  if (told.length > 0) {
    const plain = told.filter(({ isPlain }) => isPlain), all = plain.length > 0 ? plain : told;
    return all.filter(({ index }, j) => all.findIndex((one) => one.index === index) === j);
  }
  const helping = atoms.filter(({ left }) => left.length < outside.length);
  const pairs = helping.flatMap((one, j) =>
    helping.slice(j + 1)
      .filter(({ atom }) => one.left.every(({ values }) => !atom.holds(values)))
      .map(({ atom }) => [one.atom, atom] as const)
  ).sort((one, other) => one[0].cost + one[1].cost - other[0].cost - other[1].cost);
  return pairs.slice(0, 1).map(([one, other]) => {
    // What each is about is told by the cases in which the other one holds.
    const first = atomIn(one, other, cases);
    return both(first, atomIn(other, first, cases), cases);
  });
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

/**
 * Figures that are one number in some rows, axes or steps, and another one elsewhere.
 *
 * @module
 */

import { shown } from "./figures.ts";

/** A number that was seen at one place of a chain. */
export interface PlaceCell {
  readonly value: number;
  /** How far it may be off, beside its own rounding. */
  readonly error?: number;
  readonly k: number;
  /** Absent where the number is the same in every row and axis. */
  readonly row?: number;
  readonly axis?: number;
  /** The shape of the chain. */
  readonly steps: number;
  readonly rows: number;
  readonly samples: number;
  readonly axes: number;
}

/** A number, and the places where it holds in words. */
export interface Piece {
  readonly value: number;
  readonly where: string;
}

/** Numbers by place. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  /** All of them as one formula. */
  readonly formula: string;
  /** The most rows and axes at which they are known; more than that tell nothing. */
  readonly most?: { readonly rows: number; readonly axes: number };
}

/** What places are told apart by. */
interface Variable {
  readonly formula: string;
  /** Not a number where a cell tells nothing of it. */
  of(cell: PlaceCell): number;
  readonly one: string;
  readonly many: string;
  /** The number of the last one. */
  last(cell: PlaceCell): number;
  readonly lastFormula: string;
}

const variables: readonly Variable[] = [
  {
    formula: "k",
    of: ({ k }) => k,
    one: "step",
    many: "steps",
    last: ({ steps }) => steps - 1,
    lastFormula: "N - 1",
  },
  {
    formula: "axis",
    of: ({ axis = NaN }) => axis,
    one: "axis",
    many: "axes",
    last: ({ axes }) => axes - 1,
    lastFormula: "axes - 1",
  },
  {
    formula: "row",
    of: ({ row = NaN }) => row,
    one: "row",
    many: "rows",
    last: ({ rows }) => rows - 1,
    lastFormula: "rows - 1",
  },
  {
    formula: "(row - samples * floor(row / samples))",
    of: ({ row = NaN, samples }) => row % samples,
    one: "sample",
    many: "samples",
    last: ({ samples }) => samples - 1,
    lastFormula: "samples - 1",
  },
  {
    formula: "floor(row / samples)",
    of: ({ row = NaN, samples }) => Math.floor(row / samples),
    one: "group",
    many: "groups",
    last: ({ rows, samples }) => rows / samples - 1,
    lastFormula: "rows / samples - 1",
  },
];

/** Places of two kinds. */
interface Split {
  /** Positive at places of the one kind. */
  readonly formula: string;
  /** Whether a place is of that kind; nothing where a cell does not tell. */
  isIn(cell: PlaceCell): boolean | undefined;
  readonly inside: string;
  readonly outside: string;
}

const upTo = ({ one, many }: Variable, last: number) =>
  last === 0 ? `${one} 0` : last === 1 ? `${many} 0 and 1` : `${many} 0 to ${last}`;

/** Periods, each with the places where it may begin. */
const periods = [[2, 1], [3, 0, 1, 2], [4, 0, 1, 2, 3]] as const;

/** The ways to tell places of some cells apart by a variable, the plainest first. */
function splitsBy(
  variable: Variable,
  cells: readonly PlaceCell[],
  leastSeen = 2,
): readonly Split[] {
  const { formula, of, one, many, last, lastFormula } = variable;
  const values = [...new Set(cells.map(of))].filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  const test = (is: (value: number, cell: PlaceCell) => boolean) => (cell: PlaceCell) => {
    const value = of(cell);
    return Number.isNaN(value) ? undefined : is(value, cell);
  };
  const from = values.slice(1).map((t): Split => ({
    formula: `${formula} - ${t - 0.5}`,
    isIn: test((value) => value >= t),
    inside: `from ${one} ${t} on`,
    outside: `in ${upTo(variable, t - 1)}`,
  }));
  // What is seen once is no period.
  const isSeen = (step: number, first: number) =>
    values.filter((value) => value % step === first).length >= leastSeen;
  const every = periods.flatMap(([step, ...firsts]) =>
    firsts.filter((first) => isSeen(step, first)).map((first): Split => {
      const rest = `(${formula} + ${step - first}) - ${step} * floor((${formula} + ${
        step - first
      }) / ${step})`;
      return {
        formula: `0.5 - (${rest})`,
        isIn: test((value) => value % step === first),
        inside: `in ${many} ${first}, ${first + step}, …`,
        outside: step === 2 ? `in ${many} 0, 2, …` : "in the others",
      };
    })
  );
  const alone = values.slice(1).map((x): Split => ({
    formula: `0.5 - abs(${formula} - ${x})`,
    isIn: test((value) => value === x),
    inside: `in ${one} ${x}`,
    outside: `in the other ${many}`,
  }));
  const end: Split = {
    formula: `0.5 - abs(${formula} - (${lastFormula}))`,
    isIn: test((value, cell) => value === last(cell)),
    inside: `in the last ${one}`,
    outside: "in those before",
  };
  return [...from, ...every, end, ...alone];
}

/** Steps that move one axis or one row each, one after the other. */
const turns: readonly Split[] = ([["axis", "axes"], ["row", "rows"]] as const).map((
  [one, many],
): Split => ({
  formula: `0.5 - abs(k - ${many} * floor(k / ${many}) - ${one})`,
  isIn: ({ k, [one]: at, [many]: count }) => at === undefined ? undefined : k % count === at,
  inside: `on the ${one} whose turn it is (${one} k modulo their number in step k)`,
  outside: "on the others",
}));

const parts = [[1, 2], [1, 3], [2, 3], [1, 4], [3, 4], [1, 5], [4, 5], [1, 10], [9, 10]] as const;

/** The first part of a chain and the rest of it. */
const partsOfChain: readonly Split[] = parts.flatMap(([a, b]) =>
  ([["k", 0], ["(k + 1)", 1]] as const).map(([formula, ahead]): Split => ({
    formula: `${b} * ${formula} - ${a} * N + 0.5`,
    isIn: ({ k, steps }) => b * (k + ahead) >= a * steps,
    inside: `where ${formula.replace(/[()]/g, "")} ≥ ${a}/${b} N`,
    outside: "before",
  }))
);

/** The number of some cells, if it is one. */
function levelOf(cells: readonly PlaceCell[]): number | undefined {
  const errorOf = ({ error = 0 }: PlaceCell) => error;
  const [first] = cells;
  if (first === undefined) return undefined;
  const { value } = cells.reduce((best, next) => errorOf(next) < errorOf(best) ? next : best);
  const fits = cells.every((cell) =>
    Math.abs(cell.value - value) <= 2e-4 * Math.abs(value) + 1e-6 + 4 * errorOf(cell)
  );
  return fits ? value : undefined;
}

/** So small a part of another number is that number's rounding. */
const leastPart = 1e-5;

const short = (value: number) => {
  if (Math.abs(value) < 1e-9) return 0;
  const few = Number(value.toPrecision(3));
  return Math.abs(few - value) <= 1e-4 * Math.abs(value) + 1e-6
    ? few
    : Number(value.toPrecision(6));
};

const inFormula = (value: number) => value < 0 ? `(${value})` : String(value);

/** Whether all cells of a kind agree with the first one of it: most splits are refuted soon. */
function isEven(cells: readonly PlaceCell[], { isIn }: Split): boolean {
  const first: [PlaceCell | undefined, PlaceCell | undefined] = [undefined, undefined];
  return cells.every((cell) => {
    const is = isIn(cell), kind = is ? 1 : 0, other = first[kind];
    if (is === undefined) return false;
    if (other === undefined) first[kind] = cell;
    return other === undefined ||
      Math.abs(cell.value - other.value) <=
        4e-4 * Math.abs(other.value) + 2e-6 + 8 * ((cell.error ?? 0) + (other.error ?? 0));
  });
}

function splitInTwo(cells: readonly PlaceCell[], split: Split): Pieces | undefined {
  if (!isEven(cells, split)) return undefined;
  const told = cells.map((cell) => ({ cell, is: split.isIn(cell) }));
  if (told.some(({ is }) => is === undefined)) return undefined;
  const [inside, outside] = [true, false].map((kind) =>
    levelOf(told.filter(({ is }) => is === kind).map(({ cell }) => cell))
  );
  if (inside === undefined || outside === undefined) return undefined;
  const least = leastPart * Math.max(Math.abs(inside), Math.abs(outside));
  const [one, other] = [inside, outside].map((v) => Math.abs(v) <= least ? 0 : short(v)) as [
    number,
    number,
  ];
  if (Math.abs(one - other) <= 5e-4 * Math.max(Math.abs(one), Math.abs(other))) return undefined;
  const pieces = [{ value: other, where: split.outside }, { value: one, where: split.inside }];
  return {
    pieces: split.outside.includes("other") || split.outside.includes("before")
      ? pieces.reverse()
      : pieces,
    formula: `where(${split.formula}, ${inFormula(one)}, ${inFormula(other)})`,
  };
}

/** A number for each axis, or for each row, as many as were seen. */
function splitInMany(cells: readonly PlaceCell[], variable: Variable): Pieces | undefined {
  const values = [...new Set(cells.map(variable.of))].sort((a, b) => a - b);
  if (values.length < 3 || values.length > 9 || values.some((v, j) => v !== j)) return undefined;
  const levels = values.map((v) => levelOf(cells.filter((cell) => variable.of(cell) === v)));
  if (levels.some((level) => level === undefined)) return undefined;
  const all = levels.map((level) => short(level!));
  const formula = all.slice(1).reduce(
    (rest, value, j) => `where(${variable.formula} - ${j + 0.5}, ${inFormula(value)}, ${rest})`,
    inFormula(all[0]!),
  );
  const runs = all.flatMap((value, j) => value === all[j - 1] ? [] : [j]);
  const most = values.length, goesOn = runs.at(-1)! < most - 1;
  return {
    pieces: runs.map((from, j) => {
      const to = (runs[j + 1] ?? most) - 1, { one, many } = variable;
      const where = from === to
        ? `in ${one} ${from}`
        : j === runs.length - 1
        ? `from ${one} ${from} on`
        : `in ${many} ${from} to ${to}`;
      return { value: all[from]!, where };
    }),
    formula,
    // What stays the same from somewhere on may stay so.
    ...(goesOn ? {} : {
      most: {
        rows: variable.one === "row" ? most : Infinity,
        axes: variable.one === "axis" ? most : Infinity,
      },
    }),
  };
}

/**
 * Numbers by place that give all cells: two where that is enough, or one for each axis or row.
 *
 * @returns nothing if all are one number, or if no places tell them apart
 */
export function piecesOf(cells: readonly PlaceCell[]): Pieces | undefined {
  if (cells.length < 2 || levelOf(cells) !== undefined) return undefined;
  for (const variable of variables) {
    for (const split of splitsBy(variable, cells)) {
      const found = splitInTwo(cells, split);
      if (found) return found;
    }
  }
  for (const split of [...partsOfChain, ...turns]) {
    const found = splitInTwo(cells, split);
    if (found) return found;
  }
  for (const variable of variables) {
    if (variable.one === "step") continue;
    const found = splitInMany(cells, variable);
    if (found) return found;
  }
  return undefined;
}

/**
 * All ways to tell two numbers apart by place, the plainest first.
 *
 * @param leastSeen how often a period must have been seen
 */
export function splitsOf(cells: readonly PlaceCell[], leastSeen = 2): readonly Pieces[] {
  const splits = variables.flatMap((variable) => splitsBy(variable, cells, leastSeen));
  return [...splits, ...partsOfChain]
    .flatMap((split) => splitInTwo(cells, split) ?? []);
}

/** Numbers by place in words: `1.000 in row 0, 0.500 from row 1 on`. */
export function piecesInWords(pieces: readonly Piece[], times = 1): string {
  return pieces.map(({ value, where }) => `${digits(value * times)} ${where}`).join(", ");
}

function digits(value: number): string {
  const fixed = value.toFixed(3);
  const isShort = Math.abs(Number(fixed) - value) <= 5e-4 * Math.abs(value);
  return (isShort ? fixed : String(Number(value.toPrecision(4)))).replace("-", "−");
}

/** The same as a sentence: `1 times the gradient in row 0, and 0.5 times from row 1 on`. */
export function piecesAsTimes(pieces: readonly Piece[], of: string, times = 1): string {
  return pieces.map(({ value, where }, j) => {
    const and = j === 0 ? "" : j === pieces.length - 1 ? "and " : "";
    return `${and}${shown(value * times)} times${j === 0 ? ` ${of}` : ""} ${where}`;
  }).join(", ");
}

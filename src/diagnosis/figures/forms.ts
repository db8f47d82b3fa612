/**
 * What a term may be multiplied by that changes along a chain, or with a setting.
 *
 * @module
 */

import { compileRule, slots } from "../../../spec/compiled_rule.ts";
import type { Problem, Settings } from "../../../spec/problem.ts";
import { type Rule, stepSizes } from "../../../spec/rule.ts";
import { ruleWith } from "../../defects/change.ts";
import { rounded, shown } from "./figures.ts";
import { type Piece, piecesInWords, piecesOf } from "./figures_by_place.ts";

/** As formulas and in words, the plainest first. */
const forms: readonly (readonly [formula: string, words: string])[] = [
  ["1 - k / N", "(1 − k/N)"],
  ["1 - k / max(N - 1, 1)", "(1 − k/(N − 1))"],
  ["sqrt(1 - k / N)", "√(1 − k/N)"],
  ["sqrt(1 - k / max(N - 1, 1))", "√(1 − k/(N − 1))"],
  ["(1 - k / N) ^ 2", "(1 − k/N)²"],
  ["(1 - k / max(N - 1, 1)) ^ 2", "(1 − k/(N − 1))²"],
  ["(k + 1) / N", "((k + 1)/N)"],
  ["k + 1", "(k + 1)"],
  ["1 / (k + 1)", "(1/(k + 1))"],
  ["1 / sqrt(k + 1)", "(1/√(k + 1))"],
  ["eta / init", "(η_k/η_0)"],
  ["sqrt(eta / init)", "√(η_k/η_0)"],
  ["sqrt(eta)", "√η_k"],
  ["1 / sqrt(eta)", "(1/√η_k)"],
  ["eta", "η_k"],
  ["init", "η_0"],
  ["init / eta", "(η_0/η_k)"],
  ["final / eta", "(last η/η_k)"],
  [
    "((init - final) * (1 - k / max(N - 1, 1)) ^ (2 * power) + final) / eta",
    "(η of twice the power/η_k)",
  ],
  [
    "((init - final) * (1 - k / max(N - 1, 1)) ^ (power / 2) + final) / eta",
    "(η of half the power/η_k)",
  ],
  ["1 / N", "(1/N)"],
  ["sqrt(1 / N)", "(1/√N)"],
  ["N", "N"],
  ["sqrt(N)", "√N"],
  ["sigma", "σ"],
  ["sigma ^ 2", "σ²"],
  ["sqrt(sigma)", "√σ"],
  ["1 / sigma", "(1/σ)"],
  ["1 / sigma ^ 2", "(1/σ²)"],
  ["c", "c"],
  ["1 / axes", "(1/axes)"],
  ["1 / sqrt(axes)", "(1/√axes)"],
  ["axes", "axes"],
  ["sqrt(axes)", "√axes"],
  ["1 / rows", "(1/rows)"],
  ["1 / sqrt(rows)", "(1/√rows)"],
  ["rows", "rows"],
  ["1 / samples", "(1/samples)"],
  ["1 / sqrt(samples)", "(1/√samples)"],
  ["samples", "samples"],
  ["samples / rows", "(1/groups)"],
  ["rows / samples", "groups"],
];

/** Ranges of a box, whose halves terms may be multiplied by. */
const ranges = [
  { range: "(hi - lo)", of: "range", words: "the range of its axis" },
  { range: "rangeMost", of: "widest range", words: "the widest range of all axes" },
  { range: "rangeLeast", of: "narrowest range", words: "the narrowest range of all axes" },
  { range: "rangeMean", of: "mean range", words: "the mean range of all axes" },
] as const;

const powers = [
  { power: 1, sign: "", words: "" },
  { power: 2, sign: "²", words: "the square of " },
  { power: -1, sign: "⁻¹", words: "one over " },
  { power: -2, sign: "⁻²", words: "one over the square of " },
  { power: 0.5, sign: "^½", words: "the root of " },
] as const;

/** A power of half a range, as a factor. */
export interface RangePower {
  /** Half of it, as a formula. */
  readonly half: string;
  readonly power: number;
  /** So many times the power of the half range, after "multiplied by". */
  wordsOf(factor: number): string;
}

/** Powers of half ranges, with how they are written. */
const rangeForms: readonly (readonly [formula: string, words: string, RangePower])[] = ranges
  .flatMap(({ range, of, words }) =>
    powers.map(({ power, sign, words: powered }) => {
      const half = `(${range} / 2)`, halved = `${powered}half ${words}`;
      const wordsOf = (factor: number) =>
        Math.abs(factor - 1) < 1e-6
          ? halved
          : Math.abs(factor - 2 ** power) < 1e-4 * factor
          ? `${powered}${words}`
          : `${halved}, times ${shown(factor)}`;
      return [
        `${half} ^ ${power}`,
        sign === "" ? `½·${of}` : `(½·${of})${sign}`,
        { half, power, wordsOf },
      ] as const;
    })
  );

/** What rises to 1 in the first steps: w is how many they are. */
const warmUps:
  readonly (readonly [formula: string, words: string, value: (w: number, k: number) => number])[] =
    [
      ["min(1, (k + 1) / w)", "min(1, (k + 1)/w)", (w, k) => Math.min(1, (k + 1) / w)],
      ["min(1, k / w)", "min(1, k/w)", (w, k) => Math.min(1, k / w)],
    ];

/** A factor of a term in one step. */
export interface FormCell {
  readonly value: number;
  /** How far it may be off, beside its own rounding. */
  readonly error?: number;
  readonly k: number;
  /** Absent where the factor is the same in every row and axis. */
  readonly row?: number;
  readonly axis?: number;
  readonly settings: Settings;
  readonly shape: Shape;
}

/** How many numbers a step has. */
export interface Shape {
  readonly rows: number;
  readonly samples: number;
  readonly axes: number;
}

/** The shape of a problem. */
export function shapeOf({ initial, samples, axes }: Problem): Shape {
  return { rows: initial.length, samples, axes };
}

/** One of the forms, times a number. */
export interface Form {
  readonly factor: number;
  readonly formula: string;
  /** So many times the form, in words. */
  wordsOf(factor: number): string;
  /** Where it is a number by place: which number is where. */
  readonly pieces?: readonly Piece[];
  /** Where it is a power of half a range. */
  readonly range?: RangePower;
  /** The most rows and axes at which it is known. */
  readonly most?: { readonly rows: number; readonly axes: number };
}

/** Whether a form is known at the rows and axes of a problem. */
export function isAmong({ most }: Form): (problem: Problem) => boolean {
  return ({ initial, axes }) =>
    most === undefined || initial.length <= most.rows && axes <= most.axes;
}

/** The form that gives all factors; nothing if none does, or if there is too little to tell. */
export function formOf(cells: readonly FormCell[]): Form | undefined {
  if (new Set(cells.map(({ settings: { steps } }) => steps)).size < 2) return undefined;
  return smoothForm(cells) ?? rangeForm(cells) ?? warmUpOf(cells) ?? boundOf(cells) ??
    formByPlace(cells);
}

/** A power of half a range, times a number. */
function rangeForm(cells: readonly FormCell[]): Form | undefined {
  for (const [formula, words, range] of rangeForms) {
    const found = timesForm(
      cells,
      formula,
      words,
      (cell) => halfOf(range.half, cell) ** range.power,
    );
    if (found) return { ...found, range };
  }
  return undefined;
}

/** Half a range; not a number for an axis where a cell tells of none. */
function halfOf(
  half: string,
  { axis = NaN, settings: { bounds: { min, max } } }: FormCell,
): number {
  const all = max.map((hi, i) => hi - min[i]!);
  const range = half.includes("rangeMost")
    ? Math.max(...all)
    : half.includes("rangeLeast")
    ? Math.min(...all)
    : half.includes("rangeMean")
    ? all.reduce((sum, one) => sum + one, 0) / all.length
    : all[axis] ?? NaN;
  return range / 2;
}

function smoothForm(cells: readonly FormCell[]): Form | undefined {
  for (const [formula, words] of forms) {
    const found = timesForm(cells, formula, words, (cell) => valueOf(formula, cell));
    if (found) return found;
  }
  return undefined;
}

/** A multiple of a form, if it gives all factors. */
function timesForm(
  cells: readonly FormCell[],
  formula: string,
  words: string,
  valueOf: (cell: FormCell) => number,
): Form | undefined {
  const first = cells[0]!, of = valueOf(first);
  // Most forms are refuted by the first cells.
  if (Math.abs(of) > 1e-9 && cells.length > 1) {
    const second = cells.at(-1)!, factor = first.value / of;
    if (!gives(second, factor * valueOf(second))) return undefined;
  }
  const all = cells.map((cell) => ({ cell, form: valueOf(cell) }));
  // What is the same everywhere is a number.
  if (all.every(({ form }) => form === all[0]!.form)) return undefined;
  const told = all.find(({ form }) => Math.abs(form) > 1e-9);
  const factor = told === undefined ? NaN : rounded(told.cell.value / told.form);
  const isGiven = all.every(({ cell, form }) => gives(cell, factor * form));
  if (!isGiven || !Number.isFinite(factor) || factor === 0) return undefined;
  const wordsOf = (times: number) =>
    Math.abs(times - 1) < 1e-6 ? words : `${shown(times)}·${words}`;
  return { factor, formula, wordsOf };
}

const gives = ({ value, error = 0 }: FormCell, form: number) =>
  Math.abs(value - form) <= 2e-4 * Math.abs(form) + 1e-6 + 8 * error;

/** A rise to 1 in the first steps; how many they are is told by the first step that has a size. */
function warmUpOf(cells: readonly FormCell[]): Form | undefined {
  const most = Math.max(...cells.map(({ value }) => value));
  for (const [formula, words, of] of warmUps) {
    const first = cells.find(({ k, value }) => value > 0 && of(1e9, k) > 0);
    if (first === undefined || !(most > 0)) continue;
    const w = rounded(of(1e9, first.k) * 1e9 * most / first.value);
    if (!(w > 1)) continue;
    const named = (text: string) => text.replace("w", String(w));
    const found = timesForm(cells, named(formula), named(words), ({ k }) => of(w, k));
    if (found) return found;
  }
  return undefined;
}

/** A setting that counts as at most, or as at least, some number; what that is, is told by one cell. */
function boundOf(cells: readonly FormCell[]): Form | undefined {
  const settingsOf = { sigma: ({ noiseScale }: Settings) => noiseScale };
  for (const [symbol, of] of Object.entries(settingsOf)) {
    for (const kind of ["min", "max"] as const) {
      const bent = cells.find(({ value }) => kind === "min" ? value < 0.999 : value > 1.001);
      if (bent === undefined) continue;
      const bound = rounded(bent.value * of(bent.settings)),
        formula = `${kind}(1, ${bound} / ${symbol})`;
      const words = `${kind}(1, ${bound}/σ)`;
      const found = timesForm(
        cells,
        formula,
        words,
        ({ settings }) => Math[kind](1, bound / of(settings)),
      );
      if (found) return found;
    }
  }
  return undefined;
}

/** A number by row, axis or step. */
function formByPlace(cells: readonly FormCell[]): Form | undefined {
  const found = piecesOf(
    cells.map(({ settings: { steps }, shape, ...cell }) => ({ ...cell, ...shape, steps })),
  );
  if (found === undefined) return undefined;
  const { pieces, formula, most } = found;
  const wordsOf = (times: number) => `(${piecesInWords(pieces, times)})`;
  return { factor: 1, formula, wordsOf, pieces, ...(most ? { most } : {}) };
}

/** Factors that depend on steps, settings and shapes alone, in words. */
export const factorForms: readonly {
  readonly words: string;
  readonly of: (cell: Pick<FormCell, "k" | "settings" | "shape">) => number;
}[] = forms.map(([formula, words]) => ({ words, of: (cell) => valueOf(formula, cell) }));

function valueOf(
  formula: string,
  { k, settings, shape }: Pick<FormCell, "k" | "settings" | "shape">,
): number {
  const { schedule: { kind: _, ...schedule }, steps: N, noiseScale: sigma, deltaClip: c } =
    settings;
  const rule = ruleOfForm(formula), eta = sizesOf(settings)[k] ?? NaN;
  return compileRule(rule).noise(slots({ ...schedule, N, sigma, c, k, eta, ...shape }, rule));
}

const sizes = new WeakMap<Settings, readonly number[]>();

/** The step sizes that settings ask for. */
function sizesOf(settings: Settings): readonly number[] {
  let known = sizes.get(settings);
  if (!known) sizes.set(settings, known = stepSizes(settings.schedule, settings.steps));
  return known;
}

const rules = new Map<string, Rule>();

function ruleOfForm(formula: string): Rule {
  let rule = rules.get(formula);
  if (!rule) rules.set(formula, rule = ruleWith({ noise: formula }));
  return rule;
}

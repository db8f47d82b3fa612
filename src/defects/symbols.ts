/**
 * What a defect's formulas may reach for though the rule's must not: other rows and axes, earlier
 * steps, the shape of the batch.
 *
 * @module
 */

import type { Slots, Symbols } from "../../spec/compiled_rule.ts";
import { pastSymbols } from "./past_gradients.ts";
import { norm } from "../../spec/numerics/norm.ts";
import type { Rows } from "../../spec/problem.ts";
import { type Asked, type Loop, ruleSymbols, type Run, termsOf } from "../../spec/rule.ts";

/** What a symbol stands for, and how it is computed from what is known at a place of the step. */
interface Computed<Known extends readonly unknown[]> {
  readonly tex: string;
  readonly meaning: string;
  readonly of: (...known: Known) => number;
}

type Table<Known extends readonly unknown[]> = Readonly<Record<string, Computed<Known>>>;

const rangesOf = ({ settings: { bounds } }: Run) => bounds.max.map((hi, i) => hi - bounds.min[i]!);

/** Known from the call. */
const ofCall: Table<[Run]> = {
  loFirst: {
    tex: "\\mathit{lo}_1",
    meaning: "lower bound of the first axis",
    of: ({ settings }) => settings.bounds.min[0]!,
  },
  hiFirst: {
    tex: "\\mathit{hi}_1",
    meaning: "upper bound of the first axis",
    of: ({ settings }) => settings.bounds.max[0]!,
  },
  loLast: {
    tex: "\\mathit{lo}_d",
    meaning: "lower bound of the last axis",
    of: ({ settings }) => settings.bounds.min.at(-1)!,
  },
  hiLast: {
    tex: "\\mathit{hi}_d",
    meaning: "upper bound of the last axis",
    of: ({ settings }) => settings.bounds.max.at(-1)!,
  },
  loLeast: {
    tex: "\\min\\mathit{lo}",
    meaning: "least lower bound of all axes",
    of: ({ settings }) => Math.min(...settings.bounds.min),
  },
  hiMost: {
    tex: "\\max\\mathit{hi}",
    meaning: "greatest upper bound of all axes",
    of: ({ settings }) => Math.max(...settings.bounds.max),
  },
  boundMost: {
    tex: "\\max(|\\mathit{lo}|,|\\mathit{hi}|)",
    meaning: "largest bound in size of all axes",
    of: ({ settings: { bounds: { min, max } } }) => Math.max(...[...min, ...max].map(Math.abs)),
  },
  rangeMost: {
    tex: "\\max(\\mathit{hi}-\\mathit{lo})",
    meaning: "widest range of all axes",
    of: (run) => Math.max(...rangesOf(run)),
  },
  rangeLeast: {
    tex: "\\min(\\mathit{hi}-\\mathit{lo})",
    meaning: "narrowest range of all axes",
    of: (run) => Math.min(...rangesOf(run)),
  },
  rangeMean: {
    tex: "\\overline{\\mathit{hi}-\\mathit{lo}}",
    meaning: "mean range of the axes",
    of: (run) => mean(rangesOf(run)),
  },
  rows: { tex: "R", meaning: "number of rows", of: ({ initial }) => initial.length },
  samples: { tex: "n", meaning: "rows per observation", of: ({ call }) => call.samples },
  axes: { tex: "d", meaning: "number of axes", of: ({ call }) => call.axes },
};

/** A bound of another axis, which the number of an axis and of all axes tell. */
function boundOf(
  side: "min" | "max",
  tex: string,
  whose: string,
  other: (axis: number, axes: number) => number,
): Computed<[run: Run, asked: Asked, row: number, axis: number]> {
  const of = side === "min" ? "lo" : "hi", word = side === "min" ? "lower" : "upper";
  return {
    tex: `\\mathit{${of}}_{${tex}}`,
    meaning: `${word} bound of ${whose}`,
    of: ({ settings: { bounds } }, _asked, _row, i) => bounds[side][other(i, bounds[side].length)]!,
  };
}

const before = [
  "i-1",
  "the axis before",
  (i: number, axes: number) => (i + axes - 1) % axes,
] as const;
const next = ["i+1", "the axis after", (i: number, axes: number) => (i + 1) % axes] as const;
const opposite = [
  "d-1-i",
  "the axis as far from the end",
  (i: number, axes: number) => axes - 1 - i,
] as const;

/** Known from the steps before. */
const ofPast: Table<[run: Run, asked: Asked, row: number, axis: number]> = {
  ...pastSymbols,
  a0: {
    tex: "a_0",
    meaning: "action coordinate before the first step",
    of: ({ initial }, _asked, r, i) => initial[r]![i]!,
  },
  row: {
    tex: "r",
    meaning: "number of the row, from 0",
    of: (_run, _asked, r) => r,
  },
  axis: {
    tex: "i",
    meaning: "number of the axis, from 0",
    of: (_run, _asked, _r, i) => i,
  },
  loBefore: boundOf("min", ...before),
  hiBefore: boundOf("max", ...before),
  loNext: boundOf("min", ...next),
  hiNext: boundOf("max", ...next),
  loOpposite: boundOf("min", ...opposite),
  hiOpposite: boundOf("max", ...opposite),
  gSum: {
    tex: "\\textstyle\\sum_{j\\le k} g_j",
    meaning: "gradients of all steps so far, added",
    of({ steps }, asked, r, i) {
      let sum = 0;
      for (const { slopes } of steps) sum += slopes[r]![i]!;
      return sum + asked.slopes[r]![i]!;
    },
  },
  gBefore: {
    tex: "g_{k-1}",
    meaning: "gradient of the step before, at first that of the step",
    of: ({ steps }, { slopes }, r, i) => (steps.at(-1)?.slopes ?? slopes)[r]![i]!,
  },
  gtBefore: {
    tex: "\\tilde g_{k-1}",
    meaning: "gradient of the step before, clipped, 0 at first",
    of: ({ steps }, _asked, r, i) => steps.at(-1)?.terms[r]?.[i]?.clippedGradient ?? 0,
  },
  gStart: {
    tex: "g_0",
    meaning: "gradient of the first step",
    of: ({ steps }, { slopes }, r, i) => (steps[0]?.slopes ?? slopes)[r]![i]!,
  },
  gRowBefore: {
    tex: "g_{r-1}",
    meaning: "gradient of the row before",
    of: (_run, { slopes }, r, i) => slopes[(r + slopes.length - 1) % slopes.length]![i]!,
  },
  gRowNext: {
    tex: "g_{r+1}",
    meaning: "gradient of the row after",
    of: (_run, { slopes }, r, i) => slopes[(r + 1) % slopes.length]![i]!,
  },
  gAxisBefore: {
    tex: "g_{i-1}",
    meaning: "gradient on the axis before",
    of: (_run, { slopes }, r, i) => slopes[r]!.at(i - 1)!,
  },
  gAxisNext: {
    tex: "g_{i+1}",
    meaning: "gradient on the axis after",
    of: (_run, { slopes }, r, i) => slopes[r]![(i + 1) % slopes[r]!.length]!,
  },
  driftBefore: {
    tex: "\\mathit{drift}_{k-1}",
    meaning: "drift of the step before, 0 at first",
    of({ steps }, _asked, r, i) {
      const before = steps.at(-1);
      return before === undefined ? 0 : before.terms[r]![i]!.drift;
    },
  },
  noiseBefore: {
    tex: "\\mathit{noise}_{k-1}",
    meaning: "noise of the step before, 0 at first",
    of: ({ steps }, _asked, r, i) => steps.at(-1)?.terms[r]?.[i]?.noise ?? 0,
  },
  xiBefore: {
    tex: "\\xi_{k-1}",
    meaning: "draw of the step before, 0 at first",
    of: ({ steps }, _asked, r, i) => steps.at(-1)?.draws[r]?.[i] ?? 0,
  },
  stepBefore: {
    tex: "\\delta_{k-1}",
    meaning: "step before, as it was before its clip, 0 at first",
    of: ({ steps }, _asked, r, i) => steps.at(-1)?.terms[r]?.[i]?.step ?? 0,
  },
  clippedBefore: {
    tex: "\\tilde\\delta_{k-1}",
    meaning: "step before, clipped, 0 at first",
    of: ({ steps }, _asked, r, i) => steps.at(-1)?.terms[r]?.[i]?.clippedStep ?? 0,
  },
  wasStopped: {
    tex: "\\text{was stopped}",
    meaning: "1 if a wall has stopped the coordinate in a step before, else 0",
    of: ({ steps, settings: { bounds: { min, max } } }, _asked, r, i) =>
      steps.some(({ from, terms }) => {
          const to = from[r]![i]! - terms[r]![i]!.clippedStep;
          return to < min[i]! || to > max[i]!;
        })
        ? 1
        : 0,
  },
  sumBefore: {
    tex: "(\\mathit{drift}+\\mathit{noise})_{k-1}",
    meaning: "step before as it was before its clip, for each unit of its step size, 0 at first",
    of({ steps }, _asked, r, i) {
      const before = steps.at(-1);
      return before === undefined || before.stepSize === 0
        ? 0
        : before.terms[r]![i]!.step / before.stepSize;
    },
  },
  moveBefore: {
    tex: "(a_{k-1}-a_k)",
    meaning: "movement of the step before, 0 at first",
    of({ steps }, _asked, r, i) {
      const before = steps.at(-1);
      return before === undefined ? 0 : before.from[r]![i]! - before.to[r]![i]!;
    },
  },
};

/** Known from the gradients of the whole batch. */
const ofBatch: Table<[gradients: Rows, axis: number]> = {
  gBatch: {
    tex: "\\bar g",
    meaning: "gradient averaged over the rows",
    of: (gradients, i) => mean(gradients.map((row) => row[i]!)),
  },
  gFirst: {
    tex: "g_{\\text{row }0}",
    meaning: "gradient of the first row",
    of: (gradients, i) => gradients[0]![i]!,
  },
  gAll: {
    tex: "\\lVert g\\rVert_{\\text{all}}",
    meaning: "Euclidean norm over rows and axes",
    of: (gradients) => norm(gradients.flat(), "2"),
  },
  gLargest: {
    tex: "\\lVert g\\rVert_{\\infty,\\text{all}}",
    meaning: "largest component over rows and axes",
    of: (gradients) => norm(gradients.flat(), "inf"),
  },
};

/** Known from the gradient of the whole row. */
const ofRow: Table<[gradient: readonly number[]]> = {
  gNorm: {
    tex: "\\lVert g\\rVert_2",
    meaning: "Euclidean norm of the row's gradient",
    of: (gradient) => norm(gradient, "2"),
  },
  gMax: {
    tex: "\\lVert g\\rVert_\\infty",
    meaning: "largest component of the row's gradient",
    of: (gradient) => norm(gradient, "inf"),
  },
};

/** Known from the row's step before the delta clip. */
const ofStep: Table<[axes: readonly Slots[]]> = {
  deltaNorm: {
    tex: "\\lVert\\delta\\rVert_2",
    meaning: "Euclidean norm of the row's step",
    of: (axes) => norm(axes.map((s) => s.delta), "2"),
  },
  unitNorm: {
    tex: "\\lVert\\delta/\\ell\\rVert_2",
    meaning: "the same, in units of the limits",
    of: (axes) => norm(axes.map((s) => s.delta === 0 ? 0 : s.delta / s.limit), "2"),
  },
};

/** Known from the row's step after the delta clip. */
const ofMove: Table<[axes: readonly Slots[]]> = {
  rowInside: {
    tex: "\\text{row inside}",
    meaning: "1 if the moved row lies in the box, else 0",
    of: (axes) => axes.every(landsInside) ? 1 : 0,
  },
};

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

function landsInside(s: Slots): boolean {
  const to = s.a - s.move;
  return to >= s.lo && to <= s.hi;
}

/** The symbols that the rule itself has no use for. */
export const ownSymbols = {
  ...ofCall,
  ...ofPast,
  ...ofBatch,
  ...ofRow,
  ...ofStep,
  ...ofMove,
} satisfies Symbols;

/** All symbols of a defect's formulas. */
export const defectSymbols: Symbols = { ...ruleSymbols, ...ownSymbols };

/** Those symbols of a formula that the rule itself has no use for. */
export function ownSymbolsIn(formula: string): readonly string[] {
  return (formula.match(/[A-Za-z_]\w*/g) ?? []).filter((name) => Object.hasOwn(ownSymbols, name));
}

/** The symbols of a table that are used, with how they are computed. */
function usedOf<Known extends readonly unknown[]>(table: Table<Known>, used: ReadonlySet<string>) {
  return Object.entries(table).filter(([symbol]) => used.has(symbol))
    .map(([symbol, { of }]) => ({ symbol, of }));
}

/**
 * A loop whose moves know more symbols than the rule's, for formulas that take something from the
 * whole row or batch, or from the past.
 *
 * @param used the symbols that are computed, of {@linkcode ownSymbols}
 */
export function knowing(used: ReadonlySet<string>): (loop: Loop) => Loop {
  const ofCalls = usedOf(ofCall, used);
  const mixes = ofCalls.length < used.size;
  const moveMixed = movingTogether(used);
  return (loop) => ({
    ...loop,
    move(run, asked) {
      if (asked.k === 0) {
        for (const s of run.coordinates) {
          for (const { symbol, of } of ofCalls) s.setOwn(symbol, of(run));
        }
      }
      return mixes ? moveMixed(run, asked) : loop.move(run, asked);
    },
  });
}

/** Moves rows whose formulas mix axes, rows or steps. */
function movingTogether(used: ReadonlySet<string>): Loop["move"] {
  const past = usedOf(ofPast, used), batch = usedOf(ofBatch, used), row = usedOf(ofRow, used);
  const ofTerms = [usedOf(ofStep, used), usedOf(ofMove, used)].filter(({ length }) => length > 0);

  /** Sets what is known before a row's terms are computed. */
  function enter(run: Run, asked: Asked, r: number, gradient: readonly number[]): void {
    for (const [i, s] of run.coordinates.entries()) {
      s.a = asked.from[r]![i]!;
      s.xi = asked.draws[r]![i]!;
      s.E = asked.energies[r]!;
      s.g = gradient[i]!;
      for (const { symbol, of } of past) s.setOwn(symbol, of(run, asked, r, i));
      for (const { symbol, of } of row) s.setOwn(symbol, of(gradient));
    }
  }

  function enterBatch({ coordinates }: Run, gradients: Rows): void {
    for (const { symbol, of } of batch) {
      coordinates.forEach((s, i) => s.setOwn(symbol, of(gradients, i)));
    }
  }

  return (run, asked) => {
    const { settings, formula, coordinates } = run, clips = settings.gradClip !== null;
    const gradient = settings.applyExp ? formula.gradientOfExp : formula.gradient;
    for (const s of coordinates) {
      s.k = asked.k;
      s.eta = asked.stepSize;
    }
    enterBatch(run, asked.slopes);
    const gradients = asked.slopes.map((slopes, r) => {
      enter(run, asked, r, slopes);
      return coordinates.map(gradient);
    });
    enterBatch(run, gradients);
    return gradients.map((gradient, r) => {
      enter(run, asked, r, gradient);
      let terms = coordinates.map((s) => termsOf(formula, s, clips));
      // What depends on terms of the whole row is computed again when those are known.
      for (const known of ofTerms) {
        for (const { symbol, of } of known) {
          const value = of(coordinates);
          for (const s of coordinates) s.setOwn(symbol, value);
        }
        terms = coordinates.map((s) => termsOf(formula, s, clips));
      }
      return terms;
    });
  };
}

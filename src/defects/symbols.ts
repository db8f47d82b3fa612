/**
 * What a defect's formulas may reach for though the rule's must not: other rows and axes, earlier
 * steps, the shape of the batch.
 *
 * @module
 */

import type { Slots, Symbols } from "../../spec/compiled_rule.ts";
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

/** Known from the steps before. */
const ofPast: Table<[run: Run, asked: Asked, row: number, axis: number]> = {
  a0: {
    tex: "a_0",
    meaning: "action coordinate before the first step",
    of: ({ initial }, _asked, r, i) => initial[r]![i]!,
  },
  gSum: {
    tex: "\\textstyle\\sum_{j\\le k} g_j",
    meaning: "gradients of all steps so far, added",
    of: ({ steps }, asked, r, i) =>
      [...steps, asked].map(({ slopes }) => slopes[r]![i]!).reduce((sum, g) => sum + g),
  },
  driftBefore: {
    tex: "\\mathit{drift}_{k-1}",
    meaning: "drift of the step before, 0 at first",
    of({ steps }, _asked, r, i) {
      const before = steps.at(-1);
      return before === undefined ? 0 : before.terms[r]![i]!.drift;
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
    of: (axes) => norm(axes.map((s) => s.get("delta")), "2"),
  },
  unitNorm: {
    tex: "\\lVert\\delta/\\ell\\rVert_2",
    meaning: "the same, in units of the limits",
    of: (axes) =>
      norm(axes.map((s) => s.get("delta") === 0 ? 0 : s.get("delta") / s.get("limit")), "2"),
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
  const to = s.get("a") - s.get("move");
  return to >= s.get("lo") && to <= s.get("hi");
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

/** Sets those symbols of a table that are used. */
function setter<Known extends readonly unknown[]>(table: Table<Known>, used: ReadonlySet<string>) {
  const entries = Object.entries(table).filter(([symbol]) => used.has(symbol));
  return {
    any: entries.length > 0,
    set(s: Slots, ...known: Known): void {
      for (const [symbol, { of }] of entries) s.setOwn(symbol, of(...known));
    },
  };
}

/**
 * The step of the loop that moves all rows, for formulas that take something from the whole row or
 * batch, or from the past.
 *
 * @param used the symbols that are computed, of {@linkcode ownSymbols}
 */
export function moveWith(used: ReadonlySet<string>): Loop["move"] {
  const call = setter(ofCall, used), past = setter(ofPast, used);
  const batch = setter(ofBatch, used), row = setter(ofRow, used);
  const step = setter(ofStep, used), move = setter(ofMove, used);
  return (run, asked) => {
    const { settings, formula, coordinates } = run;
    const gradient = settings.applyExp ? formula.gradientOfExp : formula.gradient;
    /** Sets what is known before a row's terms are computed. */
    const enter = (gradients: Rows, r: number) =>
      coordinates.forEach((s, i) => {
        s.set("a", asked.from[r]![i]!);
        s.set("xi", asked.draws[r]![i]!);
        s.set("E", asked.energies[r]!);
        s.set("g", gradients[r]![i]!);
        past.set(s, run, asked, r, i);
        row.set(s, gradients[r]!);
      });
    coordinates.forEach((s, i) => {
      s.set("k", asked.k);
      s.set("eta", asked.stepSize);
      call.set(s, run);
      batch.set(s, asked.slopes, i);
    });
    const gradients = asked.slopes.map((_, r) => {
      enter(asked.slopes, r);
      return coordinates.map((s) => gradient(s));
    });
    coordinates.forEach((s, i) => batch.set(s, gradients, i));
    return gradients.map((_, r) => {
      enter(gradients, r);
      const terms = () => coordinates.map((s) => termsOf(formula, s, settings.gradClip !== null));
      let found = terms();
      // Terms that depend on earlier ones of the whole row are computed again when those are known.
      for (const { any, set } of [step, move]) {
        if (!any) continue;
        coordinates.forEach((s) => set(s, coordinates));
        found = terms();
      }
      return found;
    });
  };
}

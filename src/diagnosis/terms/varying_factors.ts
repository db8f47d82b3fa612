/**
 * Terms that are multiplied by something that changes along the chain, with a setting, or from row
 * to row: as suspects.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import { rounded, shown } from "../figures/figures.ts";
import { bentDrifts } from "./folds.ts";
import { type Form, type FormCell, formOf, isAmong, type RangePower } from "../figures/forms.ts";
import { piecesAsTimes } from "../figures/figures_by_place.ts";
import { type Hypothesis, setsOf, type Suspect } from "./suspects.ts";
import { forcedTerms } from "../experiments/response.ts";
import type { Coefficients, Frame, Source, WindowFit } from "./window_fit.ts";

const parts = {
  drift: {
    official: "gt / 2",
    unit: 0.5,
    of: "the gradient",
    ofIt: "times the gradient instead of 0.5 times",
    is: "The drift is",
    fix: "Multiply the gradient by one half, and by nothing else.",
  },
  noise: {
    official: "sigma * xi",
    unit: 1,
    of: "what it should be",
    ofIt: "times what it should be",
    is: "The noise is",
    fix: "Multiply the draw by the noise scale, and by nothing else.",
  },
} as const;

/** A term that is a multiple of what it should be. */
export function numberSuspect(source: Source, factor: number): Suspect {
  const value = rounded(factor);
  return source === "drift"
    ? {
      key: `measured number drift ${value}`,
      id: null,
      title: `The drift is ${shown(value / 2)} times the gradient instead of 0.5`,
      fix: "Multiply the gradient by one half.",
      change: { drift: `${decimal(value / 2)} * gt` },
    }
    : {
      key: `measured number noise ${value}`,
      id: null,
      title: `The noise is ${shown(value)} times what it should be`,
      fix: "Multiply the draw by the noise scale, without another factor.",
      change: { noise: `${decimal(value)} * sigma * xi` },
    };
}

/** A number that may stand in a formula. */
export function decimal(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

/** What to change where a term is multiplied by a form. */
function fixOf(source: Source, { formula, pieces }: Form): string {
  if (pieces?.some(({ value }) => value === 0)) {
    return source === "noise"
      ? "Leave none out: every row, axis and step has a draw of its own, times the noise scale."
      : "Leave none out: every row and axis moves by its own gradient, in every step.";
  }
  return source === "drift" && /^rows$/.test(formula)
    ? "Keep energies of the shape (rows,): one of (rows, 1) beside it is broadcast to (rows, rows)."
    : parts[source].fix;
}

/** A term that is multiplied by a form. */
export function formSuspect(source: Source, form: Form): Suspect {
  const { factor, formula, wordsOf, pieces, range } = form;
  if (range) return rangeSuspect(source, form, range, range.power, factor);
  const { official, unit, of, ofIt, is } = parts[source], times = wordsOf(factor * unit);
  const kind = pieces === undefined ? "table" : "part";
  return {
    key: `measured ${kind} ${source} ${formula}`,
    id: null,
    title: pieces ? `${is} ${piecesAsTimes(pieces, of, unit)}` : `${is} ${times} ${ofIt}`,
    fix: fixOf(source, form),
    change: { [source]: `${factor} * (${formula}) * ${official}` },
    times,
    ...(pieces
      ? {
        pieces: pieces.map(({ value, where }) => ({ value: unit * value, where })),
        known: isAmong(form),
        scaled: (by) => formSuspect(source, timesPieces(form, by)),
      }
      : formula.startsWith("1 / sigma")
      ? { known: ({ settings }) => settings.noiseScale > 0 }
      : {}),
  };
}

/** A term that goes by one over the noise scale, with what it is without noise: as it should be, or 0. */
export function guarded(suspect: Suspect): readonly Suspect[] {
  const { key, title, change } = suspect;
  const guard = ([part, text]: readonly [string, string], at: number) =>
    [part, text.replace(/\((1 \/ sigma[^)]*)\)/, `(where(sigma, $1, ${at}))`)] as const;
  if (suspect.known === undefined || !key.includes(" 1 / sigma")) return [];
  return [1, 0].map((at) => {
    const { known: _, ...rest } = suspect;
    return {
      ...rest,
      key: `${key} and ${at} without noise`,
      title: at === 1 ? `${title}, where there is noise` : `${title}, and 0 without noise`,
      change: Object.fromEntries(Object.entries(change).map((entry) => guard(entry, at))),
    };
  });
}

const ranged = {
  drift: ["The gradient is", "The clipped gradient is"],
  noise: ["The noise is", "The noise is"],
} as const;

/**
 * A term that is multiplied by a power of half a range.
 *
 * @param after so much of the power acts after the gradient clip
 */
function rangeSuspect(
  source: Source,
  form: Form,
  { half, power, wordsOf }: RangePower,
  after: number,
  factor: number,
): Suspect {
  const { official, unit } = parts[source], before = power - after;
  const [whole, clipped] = ranged[source], split = before !== 0 && after !== 0;
  const times = (exponent: number) => `${half} ^ ${exponent}`;
  return {
    key: `measured part ${source} ${factor} ${form.formula} after ${after}`,
    id: null,
    title: `${before === 0 ? clipped : whole} multiplied by ${wordsOf(factor)}${
      split ? ", half of that before the gradient clip and half after it" : ""
    }`,
    fix:
      "Leave the range out of it. Where actions are scaled to [−1, 1], divide the gradient that " +
      "is taken there by the square of half the range, and the draw by half the range.",
    change: {
      ...after === 0 && factor === 1
        ? {}
        : { [source]: `${factor} * ${times(after)} * ${official}` },
      ...before === 0 ? {} : {
        gradient: `${times(before)} * g`,
        gradientOfExp: `exp(-E) * ${times(before)} * g`,
      },
    },
    times: form.wordsOf(factor * unit),
    scaled: (by) =>
      rangeSuspect(source, form, { half, power, wordsOf }, after, factor * rounded(by)),
  };
}

/** The same with the gradient clip at each place that it may have. */
function formSuspects(source: Source, form: Form): readonly Suspect[] {
  const { range, factor } = form;
  if (range === undefined) {
    return [form, ...withRowAlone(form)].map((of) => formSuspect(source, of));
  }
  if (source === "noise") return [formSuspect(source, form)];
  const places = [0, range.power, ...Number.isInteger(range.power / 2) ? [range.power / 2] : []];
  return places.map((after) => rangeSuspect(source, form, range, after, factor));
}

/** Numbers by row, with what may hold of a row that is alone. */
function withRowAlone(form: Form): readonly Form[] {
  const { pieces = [], formula, wordsOf } = form;
  if (!/\brow\b/.test(formula)) return [];
  const values = new Set([1, ...pieces.map(({ value }) => value)]);
  return [...values].map((value) => ({
    ...form,
    formula: `where(rows - 1.5, ${formula}, ${value})`,
    pieces: [...pieces, { value, where: "in a row alone" }],
    wordsOf: (times) => `${wordsOf(times).replace(/\)$/, "")}, ${shown(value * times)} alone)`,
  }));
}

/** Numbers by place, all times a factor. */
function timesPieces(form: Form, by: number): Form {
  const { pieces = [], wordsOf } = form, factor = rounded(by);
  return {
    ...form,
    factor: 1,
    formula: `${factor} * ${form.formula}`,
    pieces: pieces.map(({ value, where }) => ({ value: rounded(value * factor), where })),
    wordsOf: (times) => wordsOf(times * factor),
  };
}

/**
 * A term whose movements are multiples of it, but others in some rows or axes than elsewhere.
 *
 * @returns a suspect for each way to read the step sizes that gives all movements
 */
export function partSuspects(fit: WindowFit, source: Source): readonly Suspect[] {
  const cells = fit.cells(source);
  if (cells.length === 0) return [];
  for (const unit of [plainUnit, lastOf, firstOf]) {
    const relative = inUnits(cells, unit), form = relative && formOf(relative);
    if (form?.pieces || form?.range) return formSuspects(source, form);
  }
  return [];
}

/** In what cells of a step are counted: in the rule's step size, or in one of them. */
type Unit = (step: readonly FormCell[]) => Pick<FormCell, "value" | "error"> | undefined;

const plainUnit: Unit = () => ({ value: 1, error: 0 });
const lastOf: Unit = (step) => step.at(-1);
const firstOf: Unit = (step) => step[0];

function inUnits(cells: readonly FormCell[], unitOf: Unit): readonly FormCell[] | undefined {
  const steps = Map.groupBy(cells, ({ k, settings }) => `${settings.steps} ${k}`);
  const all = [...steps.values()].map((step) => {
    const { value: unit = 0, error: ofUnit = 0 } = unitOf(step) ?? {}, size = Math.abs(unit);
    return size < 1e-6 ? undefined : step.map(({ value, error = 0, ...cell }): FormCell => ({
      ...cell,
      value: value / unit,
      error: (error + ofUnit * Math.abs(value / unit)) / size,
    }));
  });
  return all.every((step) => step !== undefined) ? all.flat() : undefined;
}

/** The step size that is asked for, times something. */
function multipliedSchedule(key: string, title: string, factor: string): Suspect {
  const times = (formula: string) => `${factor} * (${formula})`;
  const { polynomial, polynomialFirst, singleStep, exponential } = officialRule;
  return {
    key,
    id: null,
    title,
    fix: "Use the step size that is asked for.",
    change: {
      polynomial: times(polynomial),
      polynomialFirst: times(polynomialFirst),
      singleStep: times(singleStep),
      exponential: times(exponential),
    },
  };
}

/** The step size that is asked for, times a factor. */
export function scaledSchedule(factor: number): Suspect {
  const title = `The step size is ${shown(factor)} times what is asked for`;
  return multipliedSchedule(`measured power of scale ${factor}`, title, String(factor));
}

/** Step sizes that are those that are asked for times a form, as a table of a term shows them. */
export function formedSchedules(
  fit: WindowFit,
  table: Coefficients,
  source: Source,
): readonly Frame[] {
  const cells = table.flatMap(({ window, values, errors }) => {
    const sizes = fit.sizes(null, window);
    return values.flatMap((value, k): FormCell[] =>
      sizes[k]! > 0
        ? [{
          value: value / sizes[k]!,
          error: errors[k]! / sizes[k]!,
          k,
          ...fit.given(window, source),
        }]
        : []
    );
  });
  const form = formOf(cells);
  // The drift is seen without noise: of the noise scale it tells nothing.
  if (form === undefined || /\bsigma\b/.test(form.formula)) return [];
  const { factor, formula, wordsOf, pieces } = form, made = `${factor} * (${formula})`;
  const title = pieces
    ? `The step size is ${piecesAsTimes(pieces, "what is asked for", factor)}`
    : `The step size is ${wordsOf(factor)} times what is asked for`;
  const key = `measured power of form ${formula}`;
  if (/\b(c|axes|rows|samples|range\w+)\b/.test(formula)) {
    const step: Suspect = {
      key,
      id: null,
      title,
      fix: "Use the step size that is asked for.",
      change: { step: `${made} * ${officialRule.step}` },
      times: wordsOf(factor),
    };
    return [{ schedule: null, step }];
  }
  const whole = multipliedSchedule(key, title, made);
  const { exponential: _, ...polynomial } = whole.change;
  return [{ ...whole, key: `${key} of polynomials`, change: polynomial }, whole]
    .map((schedule) => ({ schedule, step: null }));
}

const shapes = new WeakMap<WindowFit, Map<Source, readonly Hypothesis[]>>();

/** Suspects of a term that is another one in some rows or axes, beside nothing else. */
export function partShapes(fit: WindowFit, source: Source): readonly Hypothesis[] {
  let known = shapes.get(fit);
  if (!known) shapes.set(fit, known = new Map());
  let found = known.get(source);
  if (!found) {
    found = partSuspects(fit, source).map((suspect) => [suspect])
      .filter((shape) => fit.hasShape(source, shape));
    known.set(source, found);
  }
  return found;
}

/** Whether a suspect multiplies a term by the range. */
export const hasRange = ({ change }: Suspect) =>
  /\(hi - lo\)/.test(change.noise ?? change.gradient ?? change.drift ?? "");

/** Drifts that a smooth function bends as the movements are bent, or that the sign of the gradient tells. */
export function bentShapes(fit: WindowFit): readonly Hypothesis[] {
  const bent = setsOf([...bentDrifts, ...bySign(fit)], 1, fit.base);
  return bent.filter((set) => fit.hasShape("drift", set));
}

/** A drift that is one multiple of positive gradients and another one of negative ones. */
function bySign(fit: WindowFit): readonly Suspect[] {
  const [first] = fit.runs("drift");
  const terms = first && forcedTerms(officialRule, first.problem, first.chain.points, fit.returns);
  if (first === undefined || terms === undefined) return [];
  const { chain: { points } } = first, up: number[] = [], down: number[] = [];
  terms[0]?.forEach((row, r) =>
    row.forEach(({ gradient, step }, i) => {
      if (step === 0) return;
      const factor = (points[0]![r]![i]! - points[1]![r]![i]!) / (2 * step);
      (gradient > 0 ? up : down).push(factor);
    })
  );
  const [rise, fall] = [up, down].map((all) =>
    all.length > 1 && all.every((one) => Math.abs(one - all[0]!) <= 1e-4) ? rounded(all[0]!) : NaN
  ) as [number, number];
  return Number.isNaN(rise) || Number.isNaN(fall) || rise === fall ? [] : [signSuspect(rise, fall)];
}

function signSuspect(rise: number, fall: number): Suspect {
  return {
    key: `measured number drift by sign ${rise} ${fall}`,
    id: null,
    title: `The drift is ${shown(rise)} times the gradient where that is positive, and ${
      shown(fall)
    } times where it is negative`,
    fix: parts.drift.fix,
    change: { drift: `where(gt, ${rise}, ${fall}) * gt` },
    written: (symbol) =>
      `(${shown(2 * rise)}·${symbol} where positive, ${shown(2 * fall)}·${symbol} where negative)`,
    scaled: (by) => signSuspect(rounded(rise * by), rounded(fall * by)),
  };
}

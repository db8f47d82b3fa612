/**
 * What every step depends on, found by regression on everything that it may depend on.
 *
 * @module
 */

import type { Problem, Rows } from "../../../spec/problem.ts";
import { officialRule, stepSizes } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { forcedTerms, type SeenChain } from "../experiments/response.ts";
import { regress } from "../figures/regression.ts";
import type { Suspect } from "../terms/suspects.ts";
import {
  type Pieces,
  piecesInWords,
  piecesOf,
  type PlaceCell,
  splitsOf,
} from "../figures/figures_by_place.ts";
import { rounded, shown } from "../figures/figures.ts";

/** What a step is regressed on; of one row, axis and step. */
export const causes = [
  "gradient",
  "draw",
  "action",
  "constant",
  "first action",
  "gradient of the next axis",
  "gradient of the axis before",
  "draw of the next axis",
  "draw of the axis before",
  "gradient of the next row",
  "draw of the next row",
  "gradient one step ago",
  "gradient two steps ago",
  "gradient three steps ago",
  "gradient four steps ago",
  "draw one step ago",
  "draw two steps ago",
  "draw three steps ago",
  "draw four steps ago",
] as const;

/** Something that a step is regressed on. */
export type Cause = (typeof causes)[number];

/** The coefficients of one axis in one step. */
export interface CensusCell {
  readonly step: number;
  readonly axis: number;
  readonly coefficients: Readonly<Record<Cause, number>>;
  readonly errors: Readonly<Record<Cause, number>>;
  /** The mean gradient of all rows on this axis. */
  readonly meanGradient: number;
  /** The mean draw of all rows on this axis. */
  readonly meanDraw: number;
  /** The centre of the box on this axis. */
  readonly centre: number;
}

/** What a chain tells of all causes. */
export interface Census {
  /** The step sizes that are asked for. */
  readonly sizes: readonly number[];
  /** Empty if a step is no linear function of the causes. */
  readonly cells: readonly CensusCell[];
  /** Whether each step is a linear function of its causes. */
  readonly linear: boolean;
  /** The shape of the chain. */
  readonly shape: Pick<PlaceCell, "steps" | "rows" | "samples" | "axes">;
  /** Steps × rows: where a row did not move at all. */
  readonly still: readonly (readonly boolean[])[];
}

/** The largest part of a step that may be left for it to be linear. */
const mostLeft = 1e-4;

/** Regresses every step of a chain on its causes; rows that did not move are left out. */
export function takeCensus(
  problem: Problem,
  { points }: SeenChain,
  returns: NetworkReturns,
  steps = points.length - 1,
): Census | undefined {
  const terms = forcedTerms(officialRule, problem, points, returns)?.slice(0, steps);
  const { noise, settings: { noiseScale } } = problem;
  if (!terms || terms.length === 0 || noise.kind === "own" && noiseScale > 0) return undefined;
  const draws = noise.kind === "own"
    ? terms.map((step) => step.map((row) => row.map(() => 0)))
    : noise.draws;
  const gradients = terms.map((step) => step.map((row) => row.map(({ gradient }) => gradient)));
  const { min, max } = problem.settings.bounds;
  // What is pushed against its walls stays there.
  const still = gradients.map((_, k) =>
    points[k]!.map((row, r) =>
      row.every((a, i) => a === points[k + 1]![r]![i]) &&
      row.some((a, i) => a !== min[i] && a !== max[i])
    )
  );
  const cellsWithout = (left: (cause: Cause) => boolean) => {
    const cells: CensusCell[] = [];
    for (let k = 0; k < gradients.length; k++) {
      const rows = points[k]!.map((_, r) => r).filter((r) => !still[k]![r]);
      if (rows.length === 0) continue;
      for (let axis = 0; axis < problem.axes; axis++) {
        const centre = (min[axis]! + max[axis]!) / 2;
        const cell = cellOf({ points, gradients, draws, k, axis, rows, centre }, left);
        if (cell === undefined) return undefined;
        cells.push(cell);
      }
    }
    return cells;
  };
  // The first action is what the present one was before all steps: one of both is enough, and the
  // same one in all steps, because the second step alone would go with both.
  const cells = cellsWithout((cause) => cause.endsWith(" ago")) ??
    cellsWithout((cause) => cause === "first action");
  const { initial, samples, axes, settings } = problem;
  const shape = { steps: settings.steps, rows: initial.length, samples, axes };
  const sizes = stepSizes(settings.schedule, settings.steps);
  return { cells: cells ?? [], linear: cells !== undefined, shape, sizes, still };
}

interface CellInput {
  readonly points: readonly Rows[];
  readonly gradients: readonly Rows[];
  readonly draws: readonly Rows[];
  readonly k: number;
  readonly axis: number;
  /** Those that moved. */
  readonly rows: readonly number[];
  readonly centre: number;
}

function cellOf(
  { points, gradients, draws, k, axis, rows, centre }: CellInput,
  left: (cause: Cause) => boolean,
): CensusCell | undefined {
  const axes = points[0]![0]!.length, count = points[0]!.length;
  const of = (table: Rows | undefined, i: number, shift = 0) =>
    rows.map((r) => table?.[(r + shift) % count]?.[(i + axes) % axes] ?? 0);
  const columns: Readonly<Record<Cause, readonly number[]>> = {
    "gradient": of(gradients[k], axis),
    "draw": of(draws[k], axis),
    "action": of(points[k], axis),
    "constant": rows.map(() => 1),
    "first action": k === 0 ? rows.map(() => 0) : of(points[0], axis),
    "gradient of the next axis": of(gradients[k], axis + 1),
    "gradient of the axis before": of(gradients[k], axis - 1),
    "draw of the next axis": of(draws[k], axis + 1),
    "draw of the axis before": of(draws[k], axis - 1),
    "gradient of the next row": of(gradients[k], axis, 1),
    "draw of the next row": of(draws[k], axis, 1),
    "gradient one step ago": of(gradients[k - 1], axis),
    "gradient two steps ago": of(gradients[k - 2], axis),
    "gradient three steps ago": of(gradients[k - 3], axis),
    "gradient four steps ago": of(gradients[k - 4], axis),
    "draw one step ago": of(draws[k - 1], axis),
    "draw two steps ago": of(draws[k - 2], axis),
    "draw three steps ago": of(draws[k - 3], axis),
    "draw four steps ago": of(draws[k - 4], axis),
  };
  const moved = rows.map((r) => points[k]![r]![axis]! - points[k + 1]![r]![axis]!);
  const zero = rows.map(() => 0);
  const found = regress(causes.map((c) => left(c) ? zero : columns[c]), moved, 6e-8);
  if (!found || found.left > mostLeft) return undefined;
  const byCause = (values: readonly number[]) =>
    Object.fromEntries(causes.map((cause, j) => [cause, values[j]!])) as Record<Cause, number>;
  return {
    step: k,
    axis,
    coefficients: byCause(found.coefficients),
    errors: byCause(found.errors),
    centre,
    meanGradient: gradients[k]!.reduce((sum, row) => sum + row[axis]!, 0) / count,
    meanDraw: draws[k]!.reduce((sum, row) => sum + row[axis]!, 0) / count,
  };
}

/** A figure with its error. */
export interface Figure {
  readonly value: number;
  readonly error: number;
}

/** Whether a cause matters anywhere beyond all errors. */
export function matters(census: Census, cause: Cause): boolean {
  return census.cells.some(({ coefficients, errors }) =>
    Math.abs(coefficients[cause]) > 8 * errors[cause] + 1e-6
  );
}

/** Whether a step depends on more of its own row and axis than its gradient and draws. */
export function dependsOnMore(census: Census): boolean {
  const more: readonly Cause[] = [
    "action",
    "first action",
    ...causes.filter((cause) => cause.startsWith("gradient ") && cause.endsWith(" ago")),
  ];
  return more.some((cause) => matters(census, cause));
}

/** The step sizes of a chain, if gradients and draws both show them in every step and axis. */
export function stepSizesIn({ cells }: Census, noiseScale: number): readonly number[] | undefined {
  if (noiseScale === 0) return undefined;
  const sizes: number[] = [];
  for (const { step, coefficients, errors } of cells) {
    const byGradient = 2 * coefficients.gradient, byDraw = coefficients.draw / noiseScale;
    const error = 16 * errors.gradient + 8 * errors.draw / noiseScale + 1e-6;
    if (Math.abs(byGradient - byDraw) > error) return undefined;
    if (Math.abs((sizes[step] ??= byDraw) - byDraw) > error) return undefined;
  }
  return sizes;
}

/** How much of a cause there is for one gradient, if that is one number in every step and axis. */
export function perGradient(
  census: Census,
  cause: Cause,
  cells: readonly CensusCell[] = census.cells,
  scale: (cell: CensusCell) => number = () => 1,
): Figure | undefined {
  const told = cells.flatMap(({ coefficients, errors, ...cell }) => {
    const own = coefficients.gradient, by = scale({ coefficients, errors, ...cell });
    if (!(Math.abs(own) > 20 * errors.gradient) || by === 0) return [];
    const value = coefficients[cause] / own / by;
    const error = (errors[cause] + Math.abs(value * by) * errors.gradient) / Math.abs(own * by);
    return [{ value, error: error + 1e-6 * Math.abs(value) }];
  });
  if (told.length < 2) return undefined;
  const weight = told.reduce((sum, { error }) => sum + error ** -2, 0);
  const value = told.reduce((sum, one) => sum + one.value * one.error ** -2, 0) / weight;
  const even = told.every((one) => Math.abs(one.value - value) <= 6 * one.error);
  return even ? { value, error: 3 / Math.sqrt(weight) } : undefined;
}

/** What is added to the step against the rule, as changes to try. */
export function termSuspects(census: Census): readonly Suspect[] {
  const mean = meanPart(census), kept = keptGradient(census);
  const found: Suspect[] = [
    ...(mean ? [] : addedSuspects(census)),
    ...(kept ? [] : keptInStepsSuspects(census)),
  ];
  if (mean) {
    const part = rounded(mean.value);
    found.push({
      key: `measured number mean ${part}`,
      id: null,
      title: `${shown(part)} times the mean gradient of all rows is added to that of each row`,
      fix: "Give each row its own gradient.",
      change: {
        gradient: `g + (${part}) * gBatch`,
        gradientOfExp: `exp(-E) * (g + (${part}) * gBatch)`,
      },
      written: (symbol) => `(${symbol} + ${shown(part)}·mean of ∇E)`,
    });
  }
  if (kept) {
    const part = rounded(kept.value);
    found.push({
      key: `measured number momentum ${part}`,
      id: null,
      title: `${shown(part)} of the last drift is kept`,
      fix: "Take the step by hand instead of by an optimiser with momentum.",
      change: { drift: `${part} * driftBefore + gt / 2` },
      written: (symbol) => `(${symbol} + ${shown(part)}·the last one)`,
    });
    found.push(...sumOfTwo(census, part));
    const fresh = rounded(1 - part);
    found.push({
      key: `measured number average ${part}`,
      id: null,
      title: `The drift is a running average: ${shown(part)} of the last one, ${
        shown(fresh)
      } of half the gradient`,
      fix: "Take the gradient of the present point alone.",
      change: { drift: `${part} * driftBefore + ${fresh} * gt / 2` },
      written: (symbol) => `(${shown(fresh)}·${symbol} + ${shown(part)}·the last one)`,
    });
    const weight = `(1 - ${part} ^ (k + 1))`;
    found.push({
      key: `measured number corrected average ${part}`,
      id: null,
      title: `The drift is a running average with the weights ${shown(fresh)}, ${
        shown(rounded(fresh * part))
      }, … that add up to one from the first step on`,
      fix: "Take the gradient of the present point alone.",
      change: {
        drift: `(${part} * (1 - ${part} ^ k) * driftBefore + ${fresh} * gt / 2) / ${weight}`,
      },
      written: (symbol) => `running average of ${symbol}`,
    });
  }
  return found;
}

/** What is kept of the gradient of one step ago in some steps alone. */
export function keptInSteps(census: Census): Pieces | undefined {
  return piecesOf(keptCells(census));
}

/** How much of the gradient of one step ago is kept in each step; empty where that is no number. */
function keptCells(census: Census): readonly PlaceCell[] {
  if (!matters(census, "gradient one step ago")) return [];
  const steps = Map.groupBy(census.cells.filter(({ step }) => step > 0), ({ step }) => step);
  const cells = [...steps].flatMap(([k, of]): PlaceCell[] => {
    const kept = perGradient(census, "gradient one step ago", of);
    return kept ? [{ value: kept.value, error: kept.error, k, ...census.shape }] : [];
  });
  return cells.length < steps.size ? [] : cells;
}

/** The present gradient and the one before, with weights of their own; the first has none before it. */
function sumOfTwo({ cells, sizes }: Census, part: number): readonly Suspect[] {
  const weights = (of: readonly CensusCell[]) =>
    of.map(({ step, coefficients }) => coefficients.gradient / sizes[step]!);
  const isOne = (values: readonly number[]) =>
    values.length > 0 && values.every((value) => Math.abs(value - values[0]!) <= 2e-4);
  const later = weights(cells.filter(({ step }) => step > 0));
  const first = weights(cells.filter(({ step }) => step === 0));
  if (!isOne(later) || !isOne(first)) return [];
  const own = rounded(later[0]!), before = rounded(part * own), begun = rounded(first[0]!);
  const of = (g: string, last: string, times: number) =>
    `where(k - 0.5, ${times * own} * ${g} + ${times * before} * ${last}, ${times * begun} * ${g})`;
  return [
    { drift: of("gt", "gtBefore", 1) },
    { gradient: of("g", "gBefore", 2), gradientOfExp: `exp(-E) * (${of("g", "gBefore", 2)})` },
  ].map((change) => ({
    key: `measured number sum of two gradients ${Object.values(change)[0]}`,
    id: null,
    title: `The drift is ${shown(own)} times the gradient and ${shown(before)} times the one ` +
      `before (${begun} at first)`,
    fix: "Take the gradient of the present point alone, times one half.",
    change,
    written: (symbol) => `(${shown(2 * own)}·${symbol} + ${shown(2 * before)}·the one before)`,
  }));
}

/** A period may have been seen once in so short a chain; a longer one tells. */
function keptInStepsSuspects(census: Census): readonly Suspect[] {
  // What begins late has a name of its own.
  const isLate = ({ pieces }: Pieces) => pieces.some(({ where }) => /^(from|where)/.test(where));
  return splitsOf(keptCells(census), 1).filter((split) => !isLate(split)).flatMap((
    { formula, pieces },
  ) => {
    const part = `where(k - 0.5, ${formula}, 0)`, words = piecesInWords(pieces);
    return ([["gradient", "gBefore / 2"], ["drift", "driftBefore"]] as const).map((
      [what, before],
    ): Suspect => ({
      key: `measured number momentum of the ${what} ${formula}`,
      id: null,
      title: `A part of the last ${what} is added: ${words}`,
      fix: "Take the gradient of the present point alone.",
      change: { drift: `(${part}) * ${before} + gt / 2` },
      written: (symbol) => `(${symbol} + (${words})·the last one)`,
    }));
  });
}

/** What may be added, with its symbol in formulas and its name in words. */
const additions = [
  { cause: "action", symbol: "a", times: "·a", words: "times the action" },
  { cause: "first action", symbol: "a0", times: "·a_0", words: "times the first action" },
  { cause: "constant", symbol: "1", times: "", words: "" },
] as const;

/** A constant that is another one on every axis. */
const ofCentre = {
  cause: "constant",
  symbol: "(lo + hi) / 2",
  times: "·centre",
  words: "times the centre of the box",
} as const;

/** Multiples of actions, or a constant, that are added to the gradient or to every step. */
function addedSuspects(census: Census): readonly Suspect[] {
  const begun = matters(census, "first action");
  // In the first step the first action is the action itself.
  const cells = census.cells.filter(({ step }) => step > 0 || !begun);
  const there = additions.filter(({ cause }) => matters({ ...census, cells }, cause));
  if (there.length === 0) return [];
  const ofAxes = there.map((one) => one.cause === "constant" ? ofCentre : one);
  const kinds = [["gradient", there], ["gradient", ofAxes], ["step", there]] as const;
  for (const [scale, added] of kinds) {
    const figures = added.flatMap((one) => {
      if (scale === "step") return perStep(one.cause, cells) ?? [];
      return perGradient(
        census,
        one.cause,
        cells,
        one === ofCentre ? ({ centre }) => centre : undefined,
      ) ?? [];
    });
    if (figures.length < there.length) continue;
    const parts = figures.map(({ value }) => rounded(value));
    const sum = added.map(({ symbol }, j) => `(${parts[j]}) * ${symbol}`).join(" + ");
    const of = (by: string) =>
      scale === "gradient" ? `${by}(${sum})` : `(${sum}) / max(eta, 1e-12)`;
    const written = (by: number) =>
      added.map(({ times }, j) =>
        ` + ${shown(by * parts[j]!)}${times}${scale === "step" ? "/η_k" : ""}`
      ).join("");
    const words = added.map(({ words }, j) => `${shown(parts[j]!)} ${words}`.trim()).join(" and ");
    const suspect = (place: string, change: Suspect["change"], by: number, whole = "") => ({
      key: `measured number added ${place} ${scale} ${parts.join(" ")}`,
      id: null,
      title: scale === "gradient"
        ? `${words} ${there.length > 1 ? "are" : "is"} added to the gradient`
        : `Every step moves down by ${words}, whatever its size`,
      fix: "Add nothing to the gradient or to the step: no weight decay, no prior.",
      change,
      written: (symbol: string) => `(${whole}${symbol}${written(by)})`,
    });
    return scale === "gradient"
      ? [
        suspect(
          "before",
          { gradient: `g + ${of("")}`, gradientOfExp: `exp(-E) * g + ${of("")}` },
          1,
        ),
        suspect("after", { drift: `gt / 2 + ${of("0.5 * ")}` }, 1),
        // Here the drift is free to be wrong, too.
        suspect("clipped", {
          gradClip: `min(max(g, -gamma), gamma) + ${of("")}`,
          noGradClip: `g + ${of("")}`,
        }, 1),
      ]
      : [
        suspect("after", { drift: `gt / 2 + ${of("")}` }, 2),
        suspect("whole", { drift: `gt + ${of("")}` }, 2, "2·"),
      ];
  }
  return [];
}

/** How much of a cause there is in every step, if that is one number in all of them. */
function perStep(cause: Cause, cells: readonly CensusCell[]): Figure | undefined {
  const told = cells.map(({ coefficients, errors }) => ({
    value: coefficients[cause],
    error: errors[cause] + 1e-7,
  }));
  const weight = told.reduce((sum, { error }) => sum + error ** -2, 0);
  const value = told.reduce((sum, one) => sum + one.value * one.error ** -2, 0) / weight;
  const even = told.length > 1 &&
    told.every((one) => Math.abs(one.value - value) <= 6 * one.error);
  return even ? { value, error: 3 / Math.sqrt(weight) } : undefined;
}

/** How much of the mean gradient of all rows is added to a row's own. */
export function meanPart(census: Census): Figure | undefined {
  if (!matters(census, "constant")) return undefined;
  const cells = census.cells.filter(({ meanGradient }) => Math.abs(meanGradient) > 0.02);
  return perGradient(census, "constant", cells, ({ meanGradient }) => meanGradient);
}

/** How much of the mean draw of all rows is added to a row's own. */
export function meanDrawPart(census: Census): Figure | undefined {
  if (!matters(census, "constant")) return undefined;
  const cells = census.cells.filter(({ meanDraw }) => Math.abs(meanDraw) > 0.02);
  return perGradient(
    census,
    "constant",
    cells,
    ({ meanDraw, coefficients }) => meanDraw * coefficients.draw / coefficients.gradient,
  );
}

/** How much of the gradient of one step ago is kept. */
export function keptGradient(census: Census): Figure | undefined {
  if (!matters(census, "gradient one step ago")) return undefined;
  const cells = census.cells.filter(({ step }) => step > 0);
  const kept = perGradient(census, "gradient one step ago", cells);
  return kept && Math.abs(kept.value) > kept.error ? kept : undefined;
}

/**
 * What every step depends on, found by regression on everything that it may depend on.
 *
 * @module
 */

import type { Problem, Rows } from "../../spec/problem.ts";
import { officialRule } from "../../spec/rule.ts";
import type { NetworkReturns } from "../../spec/sampler.ts";
import { forcedTerms, type SeenChain } from "./response.ts";
import { regress } from "./regression.ts";
import type { Suspect } from "./suspects.ts";
import { rounded, shown } from "./terms_fit.ts";

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
}

/** What a chain tells of all causes. */
export interface Census {
  /** Empty if a step is no linear function of the causes. */
  readonly cells: readonly CensusCell[];
  /** Whether each step is a linear function of its causes. */
  readonly linear: boolean;
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
  const { noise } = problem;
  if (!terms || terms.length === 0 || noise.kind === "own") return undefined;
  const gradients = terms.map((step) => step.map((row) => row.map(({ gradient }) => gradient)));
  const { min, max } = problem.settings.bounds;
  // What is pushed against its walls stays there.
  const still = gradients.map((_, k) =>
    points[k]!.map((row, r) =>
      row.every((a, i) => a === points[k + 1]![r]![i]) &&
      row.some((a, i) => a !== min[i] && a !== max[i])
    )
  );
  const cells: CensusCell[] = [];
  let linear = true;
  for (let k = 0; k < gradients.length; k++) {
    const rows = points[k]!.map((_, r) => r).filter((r) => !still[k]![r]);
    if (rows.length === 0) continue;
    for (let axis = 0; axis < problem.axes; axis++) {
      const cell = cellOf({ points, gradients, draws: noise.draws, k, axis, rows });
      if (cell === undefined) linear = false;
      else cells.push(cell);
    }
  }
  return { cells: linear ? cells : [], linear, still };
}

interface CellInput {
  readonly points: readonly Rows[];
  readonly gradients: readonly Rows[];
  readonly draws: readonly Rows[];
  readonly k: number;
  readonly axis: number;
  /** Those that moved. */
  readonly rows: readonly number[];
}

function cellOf({ points, gradients, draws, k, axis, rows }: CellInput): CensusCell | undefined {
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
  const fitted = (left: (cause: Cause) => boolean) => {
    const zero = rows.map(() => 0);
    const found = regress(causes.map((c) => left(c) ? zero : columns[c]), moved, 6e-8);
    return found && found.left <= mostLeft ? found : undefined;
  };
  // The first action is what the present one was before all steps: one of both is enough.
  const found = fitted((cause) => cause.endsWith(" ago")) ??
    fitted((cause) => cause === "first action");
  if (!found) return undefined;
  const byCause = (values: readonly number[]) =>
    Object.fromEntries(causes.map((cause, j) => [cause, values[j]!])) as Record<Cause, number>;
  return {
    step: k,
    axis,
    coefficients: byCause(found.coefficients),
    errors: byCause(found.errors),
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

/** What is added to the gradient against the rule, as changes to try. */
export function termSuspects(census: Census): readonly Suspect[] {
  const found: Suspect[] = [];
  const add = (key: string, title: string, fix: string, change: Suspect["change"]) =>
    found.push({ key: `measured number ${key}`, id: null, title, fix, change });
  const action = matters(census, "action") ? perGradient(census, "action") : undefined;
  if (action) {
    const part = rounded(action.value);
    const title = `${shown(part)} times the action is added to the gradient`;
    const fix = "Add nothing to the gradient: no weight decay, no prior.";
    add(`action ${part}`, title, fix, {
      gradient: `g + (${part}) * a`,
      gradientOfExp: `exp(-E) * g + (${part}) * a`,
    });
    add(`action after ${part}`, title, fix, { drift: `gt / 2 + (${part / 2}) * a` });
    add(`action full ${part}`, title, fix, { drift: `gt + (${part}) * a` });
  }
  const mean = meanPart(census);
  if (mean) {
    const part = rounded(mean.value);
    add(
      `mean ${part}`,
      `${shown(part)} times the mean gradient of all rows is added to that of each row`,
      "Give each row its own gradient.",
      { gradient: `g + (${part}) * gBatch`, gradientOfExp: `exp(-E) * (g + (${part}) * gBatch)` },
    );
  } else {
    const constant = matters(census, "constant") ? perGradient(census, "constant") : undefined;
    if (constant) {
      const part = rounded(constant.value);
      add(
        `constant ${part}`,
        `${shown(part)} is added to the gradient`,
        "Add nothing to the gradient.",
        { gradient: `g + (${part})`, gradientOfExp: `exp(-E) * g + (${part})` },
      );
    }
  }
  const kept = keptGradient(census);
  if (kept) {
    const part = rounded(kept.value);
    add(
      `momentum ${part}`,
      `${shown(part)} of the last drift is kept`,
      "Take the step by hand instead of by an optimiser with momentum.",
      { drift: `${part} * driftBefore + gt / 2` },
    );
  }
  return found;
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
  return perGradient(census, "gradient one step ago", cells);
}

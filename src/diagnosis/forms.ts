/**
 * What a term may be multiplied by that changes along a chain, or with a setting.
 *
 * @module
 */

import { compileRule, slots } from "../../spec/compiled_rule.ts";
import type { Settings } from "../../spec/problem.ts";
import { stepSizes } from "../../spec/rule.ts";
import { ruleWith } from "../defects/change.ts";
import { rounded, shown } from "./figures.ts";

/** As formulas and in words, the plainest first. */
const forms: readonly (readonly [formula: string, words: string])[] = [
  ["1 - k / N", "(1 − k/N)"],
  ["1 - k / (N - 1)", "(1 − k/(N − 1))"],
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
  ["1 / N", "(1/N)"],
  ["sqrt(1 / N)", "(1/√N)"],
  ["N", "N"],
  ["sqrt(N)", "√N"],
  ["sigma", "σ"],
  ["c", "c"],
  ["1 / axes", "(1/axes)"],
  ["1 / sqrt(axes)", "(1/√axes)"],
];

/** A factor of a term in one step. */
export interface FormCell {
  readonly value: number;
  readonly k: number;
  readonly settings: Settings;
  readonly axes: number;
}

/** One of the forms, times a number. */
export interface Form {
  readonly factor: number;
  readonly formula: string;
  /** So many times the form, in words. */
  wordsOf(factor: number): string;
}

/** The form that gives all factors; nothing if none does, or if there is too little to tell. */
export function formOf(cells: readonly FormCell[]): Form | undefined {
  if (new Set(cells.map(({ settings: { steps } }) => steps)).size < 2) return undefined;
  for (const [formula, words] of forms) {
    const all = cells.map((cell) => ({ value: cell.value, form: valueOf(formula, cell) }));
    // What is the same everywhere is a number.
    if (all.every(({ form }) => form === all[0]!.form)) continue;
    const first = all.find(({ form }) => Math.abs(form) > 1e-9);
    const factor = first === undefined ? NaN : rounded(first.value / first.form);
    const gives = all.every(({ value, form }) =>
      Math.abs(value - factor * form) <= 2e-4 * Math.abs(factor * form) + 1e-6
    );
    if (!gives || !Number.isFinite(factor) || factor === 0) continue;
    const wordsOf = (times: number) =>
      Math.abs(times - 1) < 1e-6 ? words : `${shown(times)}·${words}`;
    return { factor, formula, wordsOf };
  }
  return undefined;
}

function valueOf(formula: string, { k, settings, axes }: FormCell): number {
  const { schedule: { kind: _, ...schedule }, steps: N, noiseScale: sigma, deltaClip: c } =
    settings;
  const rule = ruleWith({ noise: formula }), eta = stepSizes(settings.schedule, N)[k] ?? NaN;
  return compileRule(rule).noise(slots({ ...schedule, N, sigma, c, k, eta, axes }, rule));
}

/**
 * How large drift and noise of a sampler are beside those of a rule: step by step, then as one
 * number, as other step sizes, or as another power of the step size.
 *
 * @module
 */

import { constantTape } from "../../../properties/arbitraries.ts";
import { parseRuleFormula, slots, symbolsOfSettings } from "../../../spec/compiled_rule.ts";
import { symbolsOf } from "../../../spec/formula/expression.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import type { Rule } from "../../../spec/rule.ts";
import { goesWithBox, stepSizesOf } from "../../../spec/rule_parts.ts";
import { isLinear, powerOf, slopesOf, stepFactors } from "../../../spec/rule_slopes.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Window } from "../experiments/experiments.ts";
import type { Observation, View } from "../experiments/observations.ts";
import { chainOf, forcedTerms } from "../experiments/response.ts";
import type { Source } from "./window_fit.ts";

/** A number with its error: so far it may be off, where it is measured statistically one deviation. */
export interface Measured {
  readonly value: number;
  readonly error: number;
}

/** What was measured of one term in one window. */
export interface WindowRatios {
  readonly problem: Problem;
  /** η_k as asked for. */
  readonly sizes: readonly number[];
  /** The movement of each step, in movements of the rule; fewer than steps if the end is unsure. */
  readonly ratios: readonly Measured[];
}

/** Both terms, as far as they are multiples of what the rule gives. */
export interface RuleFit {
  readonly rule: Rule;
  readonly drift: readonly WindowRatios[] | null;
  readonly noise: readonly WindowRatios[] | null;
  /** Whether so few draws of the noise are independent that they tell no size. */
  readonly fewDraws: boolean;
  /** Whether the noise was measured by its variance. */
  readonly ownDraws: boolean;
  /** Whether the drift was measured amid noise. */
  readonly amidNoise: boolean;
}

/** How a target is seen while it is measured. */
export interface FitView {
  readonly view: View;
  readonly returns: NetworkReturns;
  readonly ownDraws: boolean;
  readonly amidNoise: boolean;
}

/** Measures both terms in all windows. */
export function fitUnder(
  rule: Rule,
  windows: readonly Window[],
  observations: readonly Observation[],
  how: FitView,
): RuleFit {
  const byName = new Map(observations.map((seen) => [seen.probe.name, seen]));
  let fewDraws = false;
  const of = (source: Source) => {
    const found: WindowRatios[] = [];
    for (const window of windows) {
      const seen = byName.get(window[source].name);
      const ratios = seen && ratiosIn(rule, seen, source, how);
      fewDraws ||= ratios === "few draws";
      if (!ratios || ratios === "few draws") return null;
      found.push(ratios);
    }
    return found.length === 0 ? null : found;
  };
  const { ownDraws, amidNoise } = how;
  const drift = of("drift"), noise = of("noise");
  return { rule, drift, noise, fewDraws, ownDraws, amidNoise };
}

function ratiosIn(
  rule: Rule,
  { probe, calls }: Observation,
  source: Source,
  { view, returns, ownDraws, amidNoise }: FitView,
): WindowRatios | "few draws" | null {
  const problem = probe.calls[0]!, call = calls[0];
  if (call === undefined || call === "throws") return null;
  const chain = view === "final actions"
    ? { points: [problem.initial, call.final], sure: true }
    : chainOf(problem, call);
  if (chain === undefined) return null;
  const { points } = chain;
  if (!points.every((rows) => rows.every((row) => row.every(Number.isFinite)))) return null;
  const sizes = stepSizesOf(problem);
  const steps = Math.min(sizes.length, points.length - (chain.sure || points.length < 3 ? 1 : 2));
  const ratios: Measured[] = [];
  const byVariance = source === "noise" && ownDraws;
  const fields = byVariance ? undefined : forcedTerms(rule, drawnFrom(problem), points, returns);
  for (let k = 0; k < steps; k++) {
    const field = fields?.[k]?.map((row) => row.map(({ step }) => step));
    const beside = amidNoise ? deviationsAt(rule, problem.settings, k, sizes[k]!) : null;
    if (byVariance) {
      const spread = spreadOf(rule, problem, points, k, sizes[k]!);
      if (spread === null) return null;
      if (spread.draws < fewDraws) return "few draws";
      ratios.push(spread);
      continue;
    }
    const ratio = multipleOf(points, k, field, beside);
    if (ratio === null) return null;
    // Draws may enter with their sign turned.
    ratios.push(source === "noise" ? { ...ratio, value: Math.abs(ratio.value) } : ratio);
  }
  return ratios.length === 0 ? null : { problem, sizes, ratios };
}

/** Where the sampler draws for itself, the rule's step is that of the gradient alone. */
function drawnFrom(problem: Problem): Problem {
  const { noise, settings: { steps }, initial, axes } = problem;
  if (noise.kind === "tape") return problem;
  const draws = constantTape(0, steps, initial.length, axes);
  return { ...problem, noise: { kind: "tape", draws } };
}

/**
 * What the rule's step is multiplied by; `null` if movements are no multiple of it.
 *
 * @param beside the deviation of the noise amid which it is measured, axis by axis
 */
function multipleOf(
  points: readonly Rows[],
  k: number,
  field: Rows | undefined,
  beside: readonly number[] | null,
): Measured | null {
  if (field === undefined) return null;
  const weights = beside?.every((size) => size > 0) ? beside.map((size) => 1 / size) : null;
  const weighted = (rows: Rows) =>
    weights ? rows.flatMap((row) => row.map((x, i) => x * weights[i]!)) : rows.flat();
  const from = weighted(points[k]!), to = weighted(points[k + 1]!), wanted = weighted(field);
  const moved = from.map((a, at) => a - to[at]!);
  const power = wanted.reduce((sum, x) => sum + x * x, 0);
  if (!(power > 0)) return null;
  const value = wanted.reduce((sum, x, at) => sum + x * moved[at]!, 0) / power;
  const rest = moved.map((x, at) => x - value * wanted[at]!);
  if (beside !== null) {
    const variance = rest.reduce((sum, x) => sum + x * x, 0) / (rest.length - 1);
    const shared = sharedError(rest.map((x, at) => x * wanted[at]!), points[k]![0]!.length) / power;
    return { value, error: Math.max(Math.sqrt(variance / power), shared) };
  }
  const fits = rest.every((x, at) =>
    Math.abs(x) <= 3e-7 * (1 + Math.abs(from[at]!)) + 3e-5 * Math.abs(moved[at]!)
  );
  const size = Math.max(...from.map(Math.abs), 0.5);
  return fits ? { value, error: 4 * 1.2e-7 * size / Math.sqrt(power) + 2e-5 } : null;
}

/**
 * How far a sum over rows and axes may be off where whole axes have their noise in common; 0 where
 * that is no more than chance gives.
 */
function sharedError(terms: readonly number[], axes: number): number {
  const sums = Array.from({ length: axes }, () => 0);
  terms.forEach((term, at) => sums[at % axes]! += term);
  const shared = sums.reduce((sum, one) => sum + one ** 2, 0);
  const alone = terms.reduce((sum, term) => sum + term ** 2, 0);
  return axes > 1 && shared > 6 * alone ? Math.sqrt(shared) * (1 + 2.5 / (axes - 1)) : 0;
}

/** The deviation of movements over a flat energy, in that of the rule, and of how many draws. */
function spreadOf(
  rule: Rule,
  { settings }: Problem,
  points: readonly Rows[],
  k: number,
  size: number,
): Spread | null {
  const wanted = deviationsAt(rule, settings, k, size);
  if (!wanted.every((deviation) => deviation > 0)) return null;
  const moved = points[k]!.map((row, r) =>
    row.map((a, i) => (a - points[k + 1]![r]![i]!) / wanted[i]!)
  );
  const all = moved.flat();
  const value = Math.sqrt(all.reduce((sum, x) => sum + x * x, 0) / all.length);
  const draws = drawsIn(moved, value);
  return { value, error: value / Math.sqrt(2 * draws), draws };
}

interface Spread extends Measured {
  /** How many independent draws stand behind it. */
  readonly draws: number;
}

/**
 * How many independent draws there are among movements: those that are the same but for their sign
 * are one; where squares of a row or of an axis go along with each other, they count as fewer.
 */
function drawsIn(moved: Rows, size: number): number {
  const all = moved.flat(), square = size ** 2;
  if (!(size > 0)) return all.length;
  const distinct = new Set(all.map((x) => Math.round(Math.abs(x) / size * 1e4))).size;
  // So many numbers of a few thousand are the same by chance.
  if (distinct < 0.5 * all.length && distinct < 1000) return distinct;
  const off = (lines: Rows) =>
    lines.reduce((sum, line) => sum + line.reduce((rest, x) => rest + x * x - square, 0) ** 2, 0);
  const axes = moved[0]!.map((_, i) => moved.map((row) => row[i]!));
  const plain = off(all.map((x) => [x]));
  const more = Math.max(1, off(moved) / plain, off(axes) / plain);
  // By chance alone few lines vary by that much.
  return more > 1 + 8 / Math.sqrt(Math.min(moved.length, axes.length))
    ? all.length / more
    : all.length;
}

/** So few draws a step tell no size of a step. */
const fewDraws = 30;

/** What gradient and draw are multiplied by in a step with some settings, on an axis. */
function factorsAt(rule: Rule, settings: Settings, k: number, size: number, axis = 0) {
  const { bounds: { min, max }, steps: N } = settings;
  const sides = goesWithBox(rule) ? { lo: min[axis]!, hi: max[axis]! } : {};
  return stepFactors(rule, size, { ...symbolsOfSettings(settings), N, k, ...sides });
}

/** The deviation of a step's noise, axis by axis. */
function deviationsAt(rule: Rule, settings: Settings, k: number, size: number) {
  return settings.bounds.min.map((_, axis) =>
    Math.abs(factorsAt(rule, settings, k, size, axis).noise)
  );
}

/** How far a number must be from another, in its errors, to be another one. */
const statisticalReach = 5.5;

/** What is the same within the errors. */
export interface Nearness {
  /** Whether a number agrees with another one. */
  agrees(found: Measured, wanted: number): boolean;
}

/** How numbers of a term are compared: exact ones within 1e-3, others within their errors. */
export function nearness(statistical: boolean): Nearness {
  return {
    agrees: ({ value, error }, wanted) =>
      statistical
        ? Math.abs(value - wanted) <= statisticalReach * error + 1e-4
        : Math.abs(value - wanted) <= 1e-3 * Math.abs(wanted) + 4 * error,
  };
}

/** Several numbers as one, if they agree. */
export function together(all: readonly Measured[], near: Nearness): Measured | null {
  const weights = all.map(({ error }) => 1 / Math.max(error, 1e-9) ** 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  const value = all.reduce((mean, { value }, at) => mean + weights[at]! / sum * value, 0);
  const one = { value, error: 1 / Math.sqrt(sum) };
  return all.every((each) => near.agrees(each, value)) ? one : null;
}

/** A term as a factor times powers of the step size and the noise scale. */
export interface TermLaw {
  /** What it is a multiple of, if not of the gradient or the draw alone: a formula of the rule. */
  readonly of?: string;
  readonly factor: Measured;
  /** The power of the step size. */
  readonly size: number;
  /** The power of the noise scale. */
  readonly scale: number;
}

/** The law of a rule's term, if it is a factor times a power of the step size. */
export function lawUnder(rule: Rule, source: Source): TermLaw | null {
  if (!isLinear(rule)) return null;
  const of = (stepSize: number, sigma: number) => {
    const given = { ...ownOf(rule), sigma, T: sigma ** 2 };
    return Math.abs(stepFactors(rule, stepSize, given)[source]);
  };
  const size = powerOf(rule, source, 0.0625, { ...ownOf(rule), sigma: 1, T: 1 });
  const again = powerOf(rule, source, 0.25, { ...ownOf(rule), sigma: 1, T: 1 });
  if (size !== again) return null;
  const scale = Math.round(Math.log2(of(1, 2) / of(1, 1)) * 1e6) / 1e6;
  if (!Number.isFinite(scale) || !(of(1, 1) > 0)) return null;
  const named = { size, scale };
  if (varies(rule, rule.step)) {
    return { ...named, of: `(the ${source} of the rule)`, factor: { value: 1, error: 0 } };
  }
  if (!varies(rule, rule[source])) return { ...named, factor: { value: of(1, 1), error: 0 } };
  const slopes = slopesOf(rule), value = slopes[source](slots({ eta: 1, sigma: 1, T: 1 }, rule));
  return { ...named, of: `(${rule[source]})`, factor: { value: Math.abs(value), error: 0 } };
}

/** Whether a formula goes with the step or with settings of the rule's own: its factor is no number. */
function varies({ own = [], symbols }: Rule, text: string): boolean {
  const used = symbolsOf(parseRuleFormula(text, symbols));
  return ["k", "N", ...own.map(({ symbol }) => symbol)].some((symbol) => used.includes(symbol));
}

function ownOf({ own = [] }: Rule): Readonly<Record<string, number>> {
  return Object.fromEntries(own.map(({ symbol, from, to }) => [symbol, (from + to) / 2]));
}

const sizePowers = [0, 0.5, 1, 1.5, 2], scalePowers = [0, 0.5, 1, 2];

/** Which powers explain a term in all windows: the rule's own first. */
export function termLaw(
  rule: Rule,
  source: Source,
  windows: readonly WindowRatios[],
  near: Nearness,
): TermLaw | null {
  const own = lawUnder(rule, source);
  if (own === null) return null;
  const sizes = [own.size, ...sizePowers.filter((power) => power !== own.size)];
  const scales = source === "drift"
    ? [0]
    : [own.scale, ...scalePowers.filter((power) => power !== own.scale)];
  const factorBy = (turn: (settings: Settings, k: number, size: number) => number) =>
    together(
      windows.flatMap(({ problem: { settings }, sizes, ratios }) =>
        ratios.map(({ value, error }, k): Measured => {
          const by = turn(settings, k, sizes[k]!);
          return { value: value * by, error: error * by };
        })
      ),
      near,
    );
  if (own.of !== undefined) {
    for (const power of sizes) {
      const factor = factorBy((_, _k, size) => own.factor.value * size ** (own.size - power));
      if (factor !== null) return { ...own, factor, size: power };
    }
  }
  for (const scale of scales) {
    for (const power of sizes) {
      const factor = factorBy((settings, k, size) => {
        const whole = Math.abs(factorsAt(rule, settings, k, size)[source]) / size ** power;
        return source === "drift" ? whole : whole / settings.noiseScale ** scale;
      });
      if (factor !== null) return { factor, size: power, scale };
    }
  }
  return null;
}

/**
 * The step sizes that both terms have by the rule's own formulas, if they are others than were asked
 * for, and the same for both.
 *
 * @returns one list for each window
 */
export function otherSizes(
  { rule, drift, noise, ownDraws, amidNoise }: RuleFit,
): readonly (readonly number[])[] | null {
  const ofDrift = lawUnder(rule, "drift"), ofNoise = lawUnder(rule, "noise");
  if (!drift || !noise || !ofDrift || !ofNoise || ofDrift.size === 0) return null;
  const near = nearness(ownDraws);
  const right = (windows: readonly WindowRatios[], by: Nearness) =>
    windows.every(({ ratios }) => ratios.every((ratio) => by.agrees(ratio, 1)));
  if (right(drift, nearness(amidNoise)) || right(noise, near)) return null;
  const all = drift.map(({ sizes, ratios }, w) =>
    ratios.map(({ value }, k) => {
      const growth = Math.abs(value) ** (1 / ofDrift.size), beside = noise[w]!.ratios[k];
      const fits = value > 0 && (!beside || near.agrees(beside, growth ** ofNoise.size));
      return fits ? sizes[k]! * growth : NaN;
    })
  );
  return all.every((sizes) => sizes.every(Number.isFinite)) ? all : null;
}

/**
 * The fit by the step sizes that drift and noise have in common, where the noise has another size in
 * some chains besides; `null` if they go with no other step sizes.
 */
export function fitByOtherSizes(fit: RuleFit): {
  readonly fit: RuleFit;
  readonly sizes: readonly (readonly number[])[];
} | null {
  const { rule, drift, noise, ownDraws, amidNoise } = fit, near = nearness(ownDraws);
  const ofDrift = lawUnder(rule, "drift"), ofNoise = lawUnder(rule, "noise");
  if (!drift || !noise || !ofDrift || !ofNoise || ofDrift.size === 0 || amidNoise) return null;
  const growth = drift.map(({ ratios }) =>
    ratios.map(({ value }) => value > 0 ? value ** (1 / ofDrift.size) : NaN)
  );
  const left = noise.map((window, w) => ({
    ...window,
    ratios: window.ratios.map((ratio, k) => divided(ratio, (growth[w]![k] ?? NaN) ** ofNoise.size)),
  }));
  const varies = (w: number) => growth[w]!.some((by) => Math.abs(by / growth[w]![0]! - 1) > 1e-2);
  const even = left.every(({ ratios }) => together(ratios, near) !== null);
  const told = left.some(({ ratios }, w) =>
    varies(w) && ratios.every((ratio) => near.agrees(ratio, 1))
  );
  if (!even || !told || !growth.flat().every(Number.isFinite)) return null;
  const sizes = drift.map((window, w) => growth[w]!.map((by, k) => window.sizes[k]! * by));
  const right = drift.map((window, w) => ({
    ...window,
    ratios: window.ratios.map((ratio, k) => divided(ratio, growth[w]![k]! ** ofDrift.size)),
  }));
  return { fit: { ...fit, drift: right, noise: left }, sizes };
}

const divided = ({ value, error }: Measured, by: number): Measured => ({
  value: value / by,
  error: error / by,
});

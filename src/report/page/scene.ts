/**
 * What there is to draw of a counterexample: where its row went and where the rule goes.
 *
 * @module
 */

import { limitOf } from "../../../spec/rule.ts";
import { type NoiseSign, predictStep } from "../../../spec/oracle.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import type { Counterexample, ProblemText } from "../report.ts";

/** One row of a counterexample, from the start to the end. */
export interface Scene {
  /** The problem of this row alone. */
  readonly problem: Problem;
  /** The step that is looked at, from 0. */
  readonly step: number;
  /** The axis that is looked at, from 0. */
  readonly axis: number;
  /** Where the sampler was before that step: axes. */
  readonly from: readonly number[];
  /** Where the rule leads from there: axes. */
  readonly expected: readonly number[];
  /** Where the sampler went: axes; `undefined` where that was not seen. */
  readonly actual: readonly number[] | undefined;
  /** The largest movement of each axis in one step. */
  readonly limits: readonly number[];
  /** The whole chain of the rule: steps + 1 × axes. */
  readonly ruleChain: Rows;
  /** The whole chain of the sampler: steps + 1 × axes; `undefined` where it was not seen. */
  readonly samplerChain: Rows | undefined;
}

/** A problem whose floats are numbers again. */
export function problemOf(text: ProblemText): Problem {
  const numbers = (value: unknown): unknown => {
    if (value === "NaN" || value === "Infinity" || value === "-Infinity" || value === "-0") {
      return Number(value);
    }
    if (Array.isArray(value)) return value.map(numbers);
    return value;
  };
  const { settings, observations, initial, noise } = text;
  const { bounds, schedule } = settings;
  const entries = (record: object) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, numbers(value)]));
  return {
    ...text,
    settings: {
      ...settings,
      ...entries({
        noiseScale: settings.noiseScale,
        gradClip: settings.gradClip,
        deltaClip: settings.deltaClip,
      }),
      bounds: entries(bounds) as unknown as Problem["settings"]["bounds"],
      schedule: entries(schedule) as unknown as Problem["settings"]["schedule"],
    } as Problem["settings"],
    observations: numbers(observations) as Rows,
    initial: numbers(initial) as Rows,
    noise: noise.kind === "tape"
      ? { kind: "tape", draws: numbers(noise.draws) as readonly Rows[] }
      : { kind: "own" },
  };
}

/**
 * The scene of a counterexample, or `null` where there is nothing to draw: no single row, noise that
 * only the sampler knows, or a problem that cannot be evaluated.
 */
export function sceneOf(found: Counterexample): Scene | null {
  try {
    return evaluated(found);
  } catch {
    // A report may come from anywhere; it is shown without the picture then.
    return null;
  }
}

function evaluated(found: Counterexample): Scene | null {
  const all = problemOf(found.problem);
  const row = found.row ?? (all.initial.length === 1 ? 0 : null);
  if (row === null || all.initial[row] === undefined) return null;
  if (all.noise.kind === "own" && all.settings.noiseScale !== 0) return null;
  const problem = aloneOf(all, row);
  const { settings, axes } = problem;
  const axis = found.axis ?? 0, step = found.step ?? settings.steps - 1;
  if (axis >= axes || step >= settings.steps) return null;
  const path = found.path?.map((point) => point.map(Number));
  const from = path?.[step] ?? (step === 0 ? problem.initial[0]! : undefined);
  if (from === undefined) return null;
  const numbers = { expected: Number(found.expected), actual: Number(found.actual) };
  const ofStep = found.ledger.length > 0;
  const lead = (sign: NoiseSign) => next(problem, step, from, sign);
  const sign = ofStep && !near(lead(1)[axis]!, numbers.expected) &&
      near(lead(-1)[axis]!, numbers.expected)
    ? -1
    : 1;
  const expected = lead(sign);
  const ruleChain = [problem.initial[0]!];
  for (let k = 0; k < settings.steps; k++) ruleChain.push(next(problem, k, ruleChain[k]!, sign));
  const actual = path?.[step + 1] ??
    (ofStep && axes === 1 ? [numbers.actual] : undefined);
  return {
    problem,
    step,
    axis,
    from,
    expected,
    actual,
    limits: settings.bounds.max.map((_, i) => limitOf(settings, i)),
    ruleChain,
    samplerChain: path?.length === settings.steps + 1 ? path : undefined,
  };
}

/** The rows of a problem do not know of each other: one of them is a problem by itself. */
function aloneOf(problem: Problem, row: number): Problem {
  const { noise } = problem;
  return {
    ...problem,
    groups: 1,
    samples: 1,
    observations: [problem.observations[Math.floor(row / problem.samples)] ?? []],
    initial: [problem.initial[row]!],
    noise: noise.kind === "tape"
      ? { kind: "tape", draws: noise.draws.map((draw) => [draw[row]!]) }
      : noise,
  };
}

function next(
  problem: Problem,
  step: number,
  from: readonly number[],
  noiseSign: NoiseSign,
): number[] {
  return predictStep(problem, step, [from], { noiseSign })[0]!.map(({ terms }) => terms.result);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * (1 + Math.abs(b)) || Object.is(a, b);
}

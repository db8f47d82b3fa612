/**
 * What there is to draw of a counterexample: where its row went and where the rule goes.
 *
 * @module
 */

import { numberWords } from "../../../spec/numerics/number_text.ts";
import { type NoiseSign, predictStep } from "../../../spec/oracle.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { limitOf } from "../../../spec/rule.ts";
import type { Counterexample, ProblemText } from "../report.ts";

/** The step of one row that breaks a clause, between the start of its chain and the end. */
export interface SeenStep {
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
export function problemFromText(text: ProblemText): Problem {
  const words: readonly unknown[] = numberWords;
  return JSON.parse(
    JSON.stringify(text),
    (key, value) => key !== "energy" && words.includes(value) ? Number(value) : value,
  );
}

/**
 * The step that a counterexample shows, or `null` where there is nothing to draw: no single row,
 * noise that only the sampler knows, or a problem that cannot be evaluated.
 */
export function seenStepOf(found: Counterexample): SeenStep | null {
  try {
    return evaluated(found);
  } catch {
    // A report may come from anywhere; it is shown without the picture then.
    return null;
  }
}

function evaluated(found: Counterexample): SeenStep | null {
  const all = problemFromText(found.problem);
  const row = found.row ?? (all.initial.length === 1 ? 0 : null);
  if (row === null || all.initial[row] === undefined) return null;
  if (all.noise.kind === "own" && all.settings.noiseScale !== 0) return null;
  const problem = aloneOf(all, row);
  const { settings: { steps }, axes } = problem;
  const axis = found.axis ?? 0, step = found.step ?? steps - 1;
  if (axis >= axes || step >= steps) return null;
  const path = found.path?.map((point) => point.map(Number));
  const from = path?.[step] ?? (step === 0 ? problem.initial[0]! : undefined);
  if (from === undefined) return null;
  const ofStep = found.ledger.length > 0;
  const lead = (sign: NoiseSign) => next(problem, step, from, sign);
  const gives = (sign: NoiseSign) => near(lead(sign)[axis]!, Number(found.expected));
  const sign = ofStep && !gives(1) && gives(-1) ? -1 : 1;
  const ruleChain = [problem.initial[0]!];
  for (let k = 0; k < steps; k++) ruleChain.push(next(problem, k, ruleChain[k]!, sign));
  return {
    problem,
    step,
    axis,
    from,
    expected: lead(sign),
    actual: path?.[step + 1] ?? (ofStep && axes === 1 ? [Number(found.actual)] : undefined),
    limits: problem.settings.bounds.max.map((_, axis) => limitOf(problem.settings, axis)),
    ruleChain,
    samplerChain: path?.length === steps + 1 ? path : undefined,
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

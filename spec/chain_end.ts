/**
 * Where a whole chain must end, for samplers of which only that is seen.
 *
 * The exact chain runs from the start in float64, and beside it runs a bound of how far float32 may
 * be from it: `e_i ← Σ_j |δ_ij - η/2 · ∂g_i/∂a_j| e_j + tolerance_i`, with η/2 as the official rule has
 * it, where the derivatives are those at the exact point. A coordinate that is clipped keeps its error; where an error may flip the
 * clip, the larger of the two counts.
 *
 * @module
 */

import {
  gradientAt,
  type Prediction,
  type PredictionOptions,
  predictStep,
  type Toleranced,
} from "./oracle.ts";
import type { Problem, Rows } from "./problem.ts";
import { coordinatesErrorOf, ruleFor, stepSizesOf } from "./rule_parts.ts";
import { stepFactors } from "./rule_slopes.ts";
import { symbolsOfSettings } from "./compiled_rule.ts";
import { float32Unit } from "./tolerance.ts";

/** For what the derivatives at one point leave out. */
const safety = 4;

/**
 * The final actions.
 *
 * @returns rows × axes; NaN where the rule says nothing, a tolerance of Infinity where the chain is
 *   too unstable to say where it ends
 */
export function predictEnd(problem: Problem, options: PredictionOptions = {}): Toleranced[][] {
  return predictChain(problem, options).at(-1)!;
}

/** The points after every step, x_1 … x_N: steps × rows × axes. */
export function predictChain(problem: Problem, options: PredictionOptions = {}): Toleranced[][][] {
  let points: Rows = problem.initial;
  const rule = ruleFor(problem), { settings } = problem;
  const ofStart = coordinatesErrorOf(problem, options.unit ?? float32Unit);
  let errors = problem.initial.map((row) => row.map((action, i) => ofStart(i, action)));
  const chain: Toleranced[][][] = [];
  const given = { ...symbolsOfSettings(settings), N: settings.steps };
  for (const [k, stepSize] of stepSizesOf(problem).entries()) {
    const factor = stepFactors(rule, stepSize, { ...given, k }).drift;
    const predictions = predictStep(problem, k, points, options);
    errors = predictions.map((step, row) => {
      const slopes = errors[row]!.some((error) => error !== 0)
        ? slopesAt(problem, row, points[row]!).map((of) => of.map((slope) => factor * slope))
        : [];
      return errorsAfter(problem, step, slopes, errors[row]!);
    });
    points = predictions.map((row) =>
      row.map(({ terms }) => Number.isNaN(terms.gradient) ? NaN : terms.result)
    );
    chain.push(
      points.map((row, r) =>
        row.map((value, axis) => ({ value, tolerance: safety * errors[r]![axis]! }))
      ),
    );
  }
  return chain;
}

/** @param slopes η/2 · ∂g_i/∂a_j */
function errorsAfter(
  problem: Problem,
  step: readonly Prediction[],
  slopes: Rows,
  errors: readonly number[],
): number[] {
  return step.map(({ terms, tolerance }, axis) => {
    const kept = errors[axis]!;
    const carried = errors.reduce((sum, error, j) => {
      const own = j === axis ? 1 : 0;
      return error === 0 ? sum : sum + Math.abs(own - slopes[axis]![j]!) * error;
    }, 0);
    const most = kept + carried + tolerance, beyond = Math.abs(terms.step) - terms.limit;
    const isClipped = beyond === Infinity || beyond > most;
    const isFree = problem.settings.gradClip === null && -beyond > most;
    const error = isClipped ? kept : isFree ? carried : Math.max(kept, carried);
    return (Number.isNaN(error) ? Infinity : error) + tolerance;
  });
}

/** ∂g_i/∂a_j by central differences. */
function slopesAt(problem: Problem, row: number, point: readonly number[]): number[][] {
  const columns = point.map((at, j) => {
    const width = 1e-5 * (1 + Math.abs(at));
    const [above, below] = [width, -width].map((by) =>
      gradientAt(problem, row, point.map((a, axis) => axis === j ? a + by : a))
    ) as [Toleranced[], Toleranced[]];
    return above.map(({ value }, i) => (value - below[i]!.value) / (2 * width));
  });
  return point.map((_, i) => columns.map((column) => column[i]!));
}

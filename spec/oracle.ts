/**
 * What one step must give, from the point where a sampler really was.
 *
 * Predictions are *teacher-forced*: step k is computed from the observed point x_k, so errors do
 * not add up along a chain and the first wrong step is the first step that is reported. The
 * tolerance covers float32 arithmetic in any order of evaluation, and nothing else.
 *
 * @module
 */

import {
  compileRule,
  parseRuleFormula,
  type Slots,
  slots,
  symbolsOfSettings,
} from "./compiled_rule.ts";
import { type BoundedEnergy, type Energy, energy as compileEnergy } from "./energy.ts";
import { compileBounded } from "./formula/compile_bounded.ts";
import { smallestNormal } from "./numerics/floats.ts";
import { norm } from "./numerics/norm.ts";
import { featureCount, observationOf, type Problem, type Rows } from "./problem.ts";
import type { NetworkReturns } from "./sampler.ts";
import { type Rule, type Terms, termsOf } from "./rule.ts";
import { coordinatesErrorOf, ruleFor, stepSizesOf } from "./rule_parts.ts";
import { isLinear, slopesOf } from "./rule_slopes.ts";
import {
  exponentialStepSizeError,
  float32Unit,
  polynomialStepSizeError,
  roundingsOfCoordinates,
  stepError,
  stepTolerance,
} from "./tolerance.ts";

export { agrees } from "./numerics/floats.ts";

/** What one coordinate's step must give. */
export interface Prediction {
  readonly terms: Terms;
  /** Largest distance from `terms.result` that float32 arithmetic explains. */
  readonly tolerance: number;
  /** The derivatives of the step before the delta clip by its parts. */
  readonly factors: TermFactors;
}

/** The derivatives of a step by its parts: of the official rule η, η and ½. */
export interface TermFactors {
  /** ∂δ/∂drift */
  readonly drift: number;
  /** ∂δ/∂noise */
  readonly noise: number;
  /** ∂drift/∂g̃ */
  readonly gradient: number;
}

/** A number and how far float32 arithmetic may be from it. */
export interface Toleranced {
  readonly value: number;
  readonly tolerance: number;
}

/** The sign with which a sampler adds its draws: both give the same law. */
export type NoiseSign = 1 | -1;

/** Choices that a prediction leaves to the caller. */
export interface PredictionOptions {
  /** 1 by default. */
  readonly noiseSign?: NoiseSign;
  /** Step sizes instead of the closed form. */
  readonly stepSizes?: readonly number[];
  /** Unit roundoff of the target; float32 by default. */
  readonly unit?: number;
  /**
   * Whether code is compiled as a whole. Where a loop is unrolled, a compiler computes a point once
   * for the gradient that is seen, and once more for the step, with another rounding in every step
   * before: each counts as much as this one.
   */
  readonly compiled?: boolean;
}

/**
 * The step k of every row and axis, from the points where the sampler was.
 *
 * @param problem with a noise tape, or with noise scale 0
 * @param k step index, from 0
 * @param points x_k, rows × axes
 * @returns rows × axes predictions
 */
export function predictStep(
  problem: Problem,
  k: number,
  points: Rows,
  options: PredictionOptions = {},
): Prediction[][] {
  const { settings } = problem;
  const unit = options.unit ?? float32Unit;
  const sign = options.noiseSign ?? 1;
  const roundings = options.compiled ? 1 + k : 1;
  const stepSize = (options.stepSizes ?? stepSizesOf(problem))[k]!;
  const stepSizeError = stepSizeErrorOf(problem, k, unit);
  const draws = problem.noise.kind === "tape" ? problem.noise.draws[k]! : undefined;
  const rule = ruleFor(problem), formula = compileRule(rule), slopes = slopesOf(rule);
  const clips = settings.gradClip !== null, coordinatesError = coordinatesErrorOf(problem, unit);
  const { common, axes } = slotsOf(problem);
  for (const s of [common, ...axes]) {
    s.setOwn("eta", stepSize);
    s.setOwn("k", k);
  }
  const factorsAt = (s: Slots) => ({
    driftFactor: slopes.drift(s),
    noiseFactor: slopes.noise(s),
    gradientFactor: slopes.gradient(s),
    roundings: slopes.roundings + (problem.coordinates ? roundingsOfCoordinates : 0),
    stepSizeError,
    unit,
  });
  // Of a linear rule they are the same everywhere.
  const same = isLinear(rule) ? factorsAt(common) : undefined;
  return points.map((point, row) => {
    const gradients = gradientAt(problem, row, point, unit);
    return point.map((action, axis) => {
      const draw = draws ? sign * draws[row]![axis]! : 0;
      const gradient = gradients[axis]!, s = axes[axis]!;
      s.a = action;
      s.g = gradient.value;
      s.xi = draw;
      const terms = termsOf(formula, s, clips), at = same ?? factorsAt(s);
      const tolerance = stepTolerance({
        action,
        next: terms.result,
        limit: terms.limit,
        step: terms.step,
        gradient: terms.clippedGradient,
        stepError: stepError({
          ...at,
          drift: terms.drift,
          noise: terms.noise,
          gradientError: gradient.tolerance,
          stepSizeSlope: slopes.stepSize(s),
        }) + slopes.sums(s, unit),
        unit,
      }) + coordinatesError(axis, action);
      const { driftFactor: drift, noiseFactor: noise, gradientFactor } = at;
      return {
        terms,
        tolerance: roundings * tolerance,
        factors: { drift, noise, gradient: gradientFactor },
      };
    });
  });
}

/** The slots of a problem, to be filled in step by step. */
interface ProblemSlots {
  readonly rule: Rule;
  /** What all axes have in common. */
  readonly common: Slots;
  readonly axes: readonly Slots[];
}

const knownSlots = new WeakMap<Problem, ProblemSlots>();

function slotsOf(problem: Problem): ProblemSlots {
  const { settings } = problem, { bounds, steps: N } = settings, rule = ruleFor(problem);
  let known = knownSlots.get(problem);
  if (!known || known.rule !== rule) {
    const { slots: empty } = compileRule(rule);
    const common = slots({ ...symbolsOfSettings(settings), N }, rule);
    const axes = bounds.max.map((hi, i) => {
      const s = empty(common);
      s.lo = bounds.min[i]!;
      s.hi = hi;
      return s;
    });
    knownSlots.set(problem, known = { rule, common, axes });
  }
  return known;
}

const knownEnergies = new WeakMap<Problem, Energy>();

/** The energy of a problem, found without its text being looked up each time. */
function energyOf(problem: Problem): Energy {
  let energy = knownEnergies.get(problem);
  if (!energy) {
    energy = compileEnergy(problem.energy, problem.axes, featureCount(problem));
    knownEnergies.set(problem, energy);
  }
  return energy;
}

/** What was asked for last at a point. */
interface KnownPoint {
  readonly problem: Problem;
  readonly row: number;
  readonly unit: number;
  readonly energy: BoundedEnergy;
}

/** By the point as an object: observed points never change. */
const knownPoints = new WeakMap<readonly number[], KnownPoint>();

function boundedAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  unit: number,
): BoundedEnergy {
  const known = knownPoints.get(point);
  if (known?.problem === problem && known.row === row && known.unit === unit) return known.energy;
  const energy = energyOf(problem).bounded(point, observationOf(problem, row), unit);
  knownPoints.set(point, { problem, row, unit, energy });
  return energy;
}

/** How far float32 arithmetic may be from η_k. */
export function stepSizeErrorOf(problem: Problem, step: number, unit = float32Unit): number {
  const { schedule, steps, own = {} } = problem.settings, rule = ruleFor(problem);
  if (rule.stepSize !== undefined) return ownStepSizeError(rule, own, { k: step, N: steps }, unit);
  const stepSize = stepSizesOf(problem)[step];
  return schedule.kind === "polynomial"
    ? polynomialStepSizeError({ ...schedule, step, steps, unit, rule, stepSize })
    : exponentialStepSizeError({ ...schedule, step, unit });
}

const boundedStepSizes = new WeakMap<Rule, ReturnType<typeof compileBounded>>();

/** How far float32 arithmetic may be from a step size of a schedule of the rule's own. */
function ownStepSizeError(
  rule: Rule,
  own: Readonly<Record<string, number>>,
  at: { readonly k: number; readonly N: number },
  unit: number,
): number {
  const { values } = slots({ ...own, ...at }, rule);
  let bounded = boundedStepSizes.get(rule);
  if (!bounded) {
    const formula = parseRuleFormula(rule.stepSize!, rule.symbols);
    boundedStepSizes.set(rule, bounded = compileBounded(formula, Object.keys(rule.symbols)));
  }
  const { value, error } = bounded(values, unit);
  // The settings themselves may be rounded, and the parts computed in another order.
  return 2 * error + 4 * unit * Math.abs(value);
}

/**
 * ∂E/∂a of one row, or that of exp(-E), negated, when the settings ask for it.
 *
 * @param point axes
 * @returns one gradient per axis, with what float32 and automatic differentiation may differ
 */
export function gradientAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  unit = float32Unit,
): readonly Toleranced[] {
  const { value: energy, gradient } = boundedAt(problem, row, point, unit);
  if (!problem.settings.applyExp) {
    return gradient.map(({ value, error }) => ({ value, tolerance: error }));
  }
  const rule = ruleFor(problem), { gradientOfExp } = compileRule(rule);
  const weight = Math.exp(-energy.value), s = slots({ E: energy.value }, rule);
  return gradient.map(({ value, error }) => {
    s.g = value;
    return {
      value: gradientOfExp(s),
      tolerance: weight * (error + Math.abs(value) * (energy.error + 6 * unit)) +
        4 * smallestNormal(unit) * (1 + Math.abs(value)),
    };
  });
}

/** The network's output for one row, as the official code reports it. */
export function outputAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  returns: NetworkReturns,
  unit = float32Unit,
): Toleranced {
  const { value, error } = boundedAt(problem, row, point, unit).value;
  if (problem.settings.applyExp) {
    const weight = Math.exp(-value);
    // Below the smallest normal number many frameworks flush to 0.
    return { value: weight, tolerance: weight * (error + 6 * unit) + 4 * smallestNormal(unit) };
  }
  return {
    value: returns === "energy" ? value : -value,
    tolerance: error + unit * Math.abs(value),
  };
}

/** The energy of one row in float64. */
export function energyAt(problem: Problem, row: number, point: readonly number[]): number {
  return energyOf(problem)
    .value(point, observationOf(problem, row));
}

/** The norm of the unclipped gradient of one row, in the order that the settings ask for. */
export function gradNormAt(
  problem: Problem,
  row: number,
  point: readonly number[],
  unit = float32Unit,
): Toleranced {
  const { gradNorm } = problem.settings;
  if (gradNorm === null) return { value: 0, tolerance: 0 };
  const gradient = gradientAt(problem, row, point, unit);
  const value = norm(gradient.map((g) => g.value), gradNorm);
  const slack = gradient.reduce((sum, g) => sum + g.tolerance, 0);
  return { value, tolerance: slack + (gradient.length + 3) * unit * value };
}

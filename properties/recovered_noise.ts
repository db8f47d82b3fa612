/**
 * The noise of a sampler, recovered from the points of its chain.
 *
 * Given the point x_k, the law of x_{k+1} is known exactly for every energy (`spec/laws.ts`): a
 * normal law clipped to an interval. The randomised probability integral transform turns each
 * coordinate into a value that is a standard normal draw if the sampler follows the rule, and these
 * values are independent over all steps, rows and axes, because each is so given everything before
 * it. One table of them feeds every test of the battery.
 *
 * @module
 */

import { compileRule, slots, symbolsOfSettings } from "../spec/compiled_rule.ts";
import { energy as compileEnergy } from "../spec/energy.ts";
import {
  atomLower,
  atomUpper,
  type Interval,
  type OneStepLaw,
  randomisedTransform,
} from "../spec/laws.ts";
import { quantile } from "../spec/numerics/normal.ts";
import { featureCount, observationOf, type Problem, type Rows } from "../spec/problem.ts";
import type { Uniform } from "../spec/numerics/random.ts";
import { lawsOfStep, noiseFactors } from "../spec/rule_law.ts";
import { coordinatesErrorOf, ruleFor } from "../spec/rule_parts.ts";
import { float32Unit } from "../spec/tolerance.ts";

/** Numbers by step, row and axis. */
export type StepTable = readonly (readonly (readonly number[])[])[];

/** A coordinate where no noise could have led it: a certain violation. */
export interface Outside {
  /** No noise leads there. */
  readonly kind: "outside";
  /** Step, from 0. */
  readonly step: number;
  /** Row, from 0. */
  readonly row: number;
  /** Axis, from 0. */
  readonly axis: number;
  /** The action before the step. */
  readonly action: number;
  /** Where the sampler put it. */
  readonly actual: number;
  /** Where the step may lead. */
  readonly interval: Interval;
  /** How far float32 arithmetic may be from the interval. */
  readonly tolerance: number;
}

/** Coordinates that end a step exactly at the end of what it can reach. */
export interface AtEnd {
  readonly end: "at the limit" | "on a wall";
  readonly found: number;
  /** How many are expected, given where each step began. */
  readonly expected: number;
  /** The variance of their number. */
  readonly variance: number;
}

/** The recovered noise of a chain. */
export interface Recovered {
  /** Every coordinate has a value. */
  readonly kind: "noise";
  /**
   * steps × rows × axes: independent standard normal draws if the sampler follows the rule. Where
   * nothing clips, they are the sampler's draws with their sign turned. Steps whose law is a point
   * (step size or noise scale 0) are left out.
   */
  readonly noise: StepTable;
  /**
   * The drift of the same coordinates in deviations, ½g̃/σ: the direction in which a wrong drift
   * moves the noise.
   */
  readonly drift: StepTable;
  /** How many coordinates are rather inside their interval than at its ends. */
  readonly informative: number;
  /** The coordinates that end at the limit, and those that end on a wall. */
  readonly ends: readonly AtEnd[];
}

/**
 * Recovers the noise along a chain, from each point where the sampler really was.
 *
 * At an end of its interval a coordinate says only that the noise was at least so large; there a
 * draw of the checker's own decides within that probability. A coordinate that is nearly always at
 * an end therefore carries mostly the checker's own draw: it stays in the table, because leaving it
 * out would let the number of values depend on earlier ones, and the tests would no longer be
 * exact. Ends are widened by `u · max(|a|, |a'|) + 4uc`, u of float32, and by what coordinates of the
 * sampler's own add (`coordinatesError`), a quarter of which is taken for their spacing. Where the spacing of float32
 * is not small against the noise, a value is spread over its cell; where it is about as large, the
 * noise is lost, and the checker draws in its place.
 *
 * @param problem noise scale more than 0
 * @param points x_0, x_1, …: rows × axes each; all N + 1 of a chain, or its first ones
 * @param checker uniform draws of the checker's own generator, never the sampler's
 */
export function recoverNoise(
  problem: Problem,
  points: readonly Rows[],
  checker: Uniform,
): Recovered | Outside {
  const gradientOf = usedGradient(problem);
  const coordinatesError = coordinatesErrorOf(problem, float32Unit);
  const noise: number[][][] = [], drift: number[][][] = [];
  const limited = { found: 0, expected: 0, variance: 0 }, walled = { ...limited };
  const { min, max } = problem.settings.bounds;
  let informative = 0;
  for (let step = 0; step + 1 < points.length; step++) {
    const lawsOf = lawsOfStep(problem, step);
    let silent = true;
    const noiseRows: number[][] = [], driftRows: number[][] = [];
    for (let row = 0; row < points[step]!.length; row++) {
      const from = points[step]![row]!, to = points[step + 1]![row]!;
      const laws = lawsOf(from, gradientOf(row, from));
      const values: number[] = [], slopes: number[] = [];
      for (let axis = 0; axis < from.length; axis++) {
        const action = from[axis]!, actual = to[axis]!;
        const law = laws[axis]!;
        silent = !(law.deviation > 0);
        const own = coordinatesError(axis, action);
        const tolerance = float32Unit * (Math.max(Math.abs(action), Math.abs(actual)) +
              (law.limit === Infinity ? 0 : 4 * law.limit)) + own;
        const found = valueOf(law, { action, actual, tolerance, own, silent }, checker);
        if (found === undefined) {
          const interval = { lower: law.lower, upper: law.upper };
          return { kind: "outside", step, row, axis, action, actual, interval, tolerance };
        }
        values.push(found);
        slopes.push(Number.isFinite(law.mean) ? law.lean : 0);
        if (silent || !Number.isFinite(law.mean)) continue;
        const low = atomLower(within(law, own)), high = atomUpper(within(law, own));
        if (low + high <= 0.5) informative++;
        const lower = law.lower === min[axis]! ? walled : limited;
        const upper = law.upper === max[axis]! ? walled : limited;
        if (actual <= law.lower + tolerance) lower.found++;
        else if (actual >= law.upper - tolerance) upper.found++;
        for (const [end, chance] of [[lower, low], [upper, high]] as const) {
          end.expected += chance;
          end.variance += chance * (1 - chance);
        }
      }
      noiseRows.push(values);
      driftRows.push(slopes);
    }
    if (silent) continue;
    noise.push(noiseRows);
    drift.push(driftRows);
  }
  const ends: readonly AtEnd[] = [
    { end: "at the limit", ...limited },
    { end: "on a wall", ...walled },
  ];
  return { kind: "noise", noise, drift, informative, ends };
}

/**
 * How far the drift of a chain without noise is from the rule's, in deviations of the noise that the
 * problem has: steps × axes of the first row.
 *
 * @param points of the same problem with the noise scale 0
 */
export function driftErrors(problem: Problem, points: readonly Rows[]): readonly number[][] {
  const gradientOf = usedGradient(problem);
  return points.slice(1).map((to, step) => {
    const [from] = points[step]! as [readonly number[]];
    const laws = lawsOfStep(problem, step)(from, gradientOf(0, from));
    return laws.map(({ mean, deviation }, i) => (to[0]![i]! - mean) / deviation);
  });
}

/** Where a step led, and how far that may be off. */
interface Seen {
  readonly action: number;
  readonly actual: number;
  readonly tolerance: number;
  /** The part of the tolerance that is due to coordinates of the sampler's own. */
  readonly own: number;
  /** Whether the law is a point. */
  readonly silent: boolean;
}

/** A law whose ends are told so much nearer to each other, because a coordinate is no better known. */
function within(law: OneStepLaw, by: number): OneStepLaw {
  const most = Math.min(by, (law.upper - law.lower) / 2);
  return { ...law, lower: law.lower + most, upper: law.upper - most };
}

/** The noise of one coordinate; `undefined` where none leads. */
function valueOf(
  law: OneStepLaw,
  { action, actual, tolerance, own, silent }: Seen,
  checker: Uniform,
): number | undefined {
  if (!(actual >= law.lower - tolerance && actual <= law.upper + tolerance)) return undefined;
  if (silent) return 0;
  // A gradient that is not a number leaves the law open: the value is the checker's own.
  const known = Number.isNaN(law.mean) ? { ...law, mean: 0, lower: 0, upper: 0 } : law;
  const at = Number.isNaN(law.mean) ? 0 : actual;
  const result = randomisedTransform(known, at, tolerance, checker());
  if (result.kind === "outside") return undefined;
  if (result.kind === "atom") return result.normal;
  const size = Math.max(Math.abs(actual), Math.abs(action - known.mean));
  const cell = Math.max(spacing(size), own / 4) / law.deviation;
  if (cell < 2 ** -12) return result.normal;
  const lost = cell > coarse && Math.abs(result.normal) < 6 + 8 * cell;
  return lost ? quantile(checker()) : result.normal + (checker() - 0.5) * cell;
}

/** Cells of so many deviations would be seen in the variance of what is spread over them. */
const coarse = 2 ** -4;

/** The distance of a number to the next float32. */
function spacing(x: number): number {
  const size = Math.max(Math.abs(x), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** The gradient that enters a step: of exp(-E), clipped, as the settings say. */
function usedGradient(problem: Problem): (row: number, point: readonly number[]) => number[] {
  const { gradClip, applyExp } = problem.settings;
  const rule = ruleFor(problem), formula = compileRule(rule);
  const s = slots(symbolsOfSettings(problem.settings), rule);
  const compiled = compileEnergy(problem.energy, problem.axes, featureCount(problem));
  return (row, point) => {
    const observation = observationOf(problem, row);
    if (applyExp) s.E = compiled.value(point, observation);
    return compiled.gradient(point, observation).map((g) => {
      s.g = g;
      s.g = applyExp ? formula.gradientOfExp(s) : formula.gradient(s);
      return gradClip === null ? formula.noGradClip(s) : formula.gradClip(s);
    });
  };
}

/**
 * The noise of a whole chain from its two ends alone, as one step: for a flat energy on which no
 * clip acts, `x_N - x_0` has the law `N(0, σ² Σ η_k²)`, where another rule has its own factors for η_k.
 *
 * @param problem flat energy; limits of at least 8 times the largest `ησ`, and walls far away, make
 *   the probability that a clip acts less than 1e-14 for each coordinate
 * @param final rows × axes, as returned
 * @returns 1 × rows × axes standard normal draws
 */
export function recoverWholeNoise(problem: Problem, final: Rows): StepTable {
  const { settings, initial } = problem;
  const deviation = settings.noiseScale * Math.hypot(...noiseFactors(problem));
  return [final.map((row, r) => row.map((x, i) => (x - initial[r]![i]!) / deviation))];
}

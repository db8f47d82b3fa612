/**
 * What a target's chains do without noise, where that could be taken for noise.
 *
 * @module
 */

import type { Problem } from "../spec/problem.ts";
import {
  coordinatesErrorOf,
  partsOf,
  problemFor,
  ruleFor,
  stepSizesOf,
  type Taker,
} from "../spec/rule_parts.ts";
import { powerOf, stepFactors } from "../spec/rule_slopes.ts";
import { float32Unit } from "../spec/tolerance.ts";
import { sameRow, type Trajectory } from "../spec/trajectory.ts";
import { calmProblem, flatEnergy } from "./arbitraries.ts";
import { steps, type View } from "./noise_check.ts";
import { pathPoints } from "./observer.ts";
import { driftErrors, type StepTable } from "./recovered_noise.ts";

/** A target whose chains without noise are looked at. */
interface Drifting extends Taker {
  readonly view: View;
  open(problem: Problem): Promise<(problem: Problem) => Promise<Trajectory>>;
}

/** How far the drift of a chain without noise is from the rule's; `null` if that can't be told. */
async function driftOff(
  problem: Problem,
  observer: Drifting,
): Promise<readonly (readonly number[])[] | null> {
  if (!partsOf(ruleFor(problem)).has("noise scale")) return null;
  const initial = problem.initial.slice(0, 2 * problem.groups), { settings } = problem;
  const still = { ...problem, samples: 2, initial, settings: { ...settings, noiseScale: 0 } };
  const trajectory = await (await observer.open(still))(still);
  const points = observer.view === "final-actions"
    ? [initial, trajectory.final]
    : pathPoints(still, trajectory);
  const isTold = points?.every((rows) => rows.every((row) => sameRow(row, rows[0])));
  return points && isTold ? driftErrors(problem, points) : null;
}

/** Draws beside the drift that the target has without noise; `null` if that can't be told. */
export async function besideDrift(
  problem: Problem,
  noise: StepTable,
  observer: Drifting,
): Promise<StepTable | null> {
  const off = await driftOff(problem, observer);
  return off &&
    noise.map((rows, k) => rows.map((row) => row.map((z, i) => z - (off[k]?.[i] ?? 0))));
}

/** Whether the drift of a problem's chains is the rule's along a slope, step by step. */
export async function driftIsRight(problem: Problem, observer: Drifting): Promise<boolean> {
  const off = await driftOff({ ...problem, energy: "0.5*a1" }, observer);
  return off !== null && off.flat().every((error) => Math.abs(error) < 1e-3);
}

/**
 * Whether something else than noise moves actions over a flat energy, so that they tell nothing of the
 * noise: an action that is drawn to zero, for one. That is the concern of the clauses on the drift.
 */
export async function movesWithoutNoise(problem: Problem, observer: Drifting): Promise<boolean> {
  const { settings, axes } = problem, rows = problem.groups * 2;
  const silent: Problem = {
    ...problem,
    energy: flatEnergy,
    settings: { ...settings, noiseScale: 0 },
    samples: 2,
    initial: Array.from({ length: rows }, () => new Array<number>(axes).fill(0.5)),
  };
  const { final } = await (await observer.open(silent))(silent);
  const errorOf = coordinatesErrorOf(silent, float32Unit);
  const slack = 4 * float32Unit +
    Math.max(...problem.settings.bounds.min.map((_, i) => errorOf(i, 0.5)));
  return final.some((row) => row.some((x) => Math.abs(x - 0.5) > slack)) &&
    // Noise that stays on is no drift.
    final.every((row) => row.every((x, i) => Math.abs(x - final[0]![i]!) <= slack));
}

/** How much larger the step sizes of the drift are than they should be, by a chain without noise. */
export async function driftFactors(
  problem: Problem,
  observer: Drifting,
): Promise<readonly number[] | null> {
  const slope = 0.5, { schedule } = problem.settings, rule = ruleFor(problem);
  const calm = problemFor(
    observer,
    calmProblem({ energy: [slope], initial: [[0]], steps, schedule }),
  );
  const sloped: Problem = { ...calm, noise: { kind: "own" } };
  const noiseless = await observer.open(sloped);
  const points = pathPoints(sloped, await noiseless(sloped));
  if (points === null) return null;
  const { own, steps: N } = sloped.settings;
  const factors = stepSizesOf(sloped).map((size, k) => {
    const given = { sigma: 1, T: 1, N, k, ...own };
    const moved = points[k]![0]![0]! - points[k + 1]![0]![0]!;
    const factor = moved / slope / stepFactors(rule, size, given).drift;
    // What another step size makes of the drift, as it shows in the noise.
    const [ofDrift, ofNoise] = (["drift", "noise"] as const).map((part) =>
      powerOf(rule, part, size, given)
    ) as [number, number];
    return ofDrift === ofNoise || ofDrift === 0 ? factor : factor ** (ofNoise / ofDrift);
  });
  return factors.slice(1, -1).every((factor) => factor > 0) ? factors : null;
}

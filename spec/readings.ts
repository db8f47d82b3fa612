/**
 * Which of the points at which a sampler asked for gradients are its chain.
 *
 * A sampler may ask more often than it steps: for a log line, for a last value, at a point where it
 * only looks. A *reading* takes N of the questions in their order, the first of them at the initial
 * actions, and the returned actions as the last point. If one reading follows the rule, the sampler
 * does; only if none does, the *plain* reading is looked at, in which repeated questions count once.
 *
 * @module
 */

import { agrees, type NoiseSign, predictStep } from "./oracle.ts";
import type { Problem, Rows } from "./problem.ts";
import { type Path, plainPathOf, same, type Trajectory } from "./trajectory.ts";

/**
 * The path x_0 … x_N of a trajectory.
 *
 * @returns the reading that follows the rule if there is one, else the plain one; unknown if that
 *   has not one point a step
 */
export function pathOf(problem: Problem, trajectory: Trajectory): Path {
  const { steps } = problem.settings;
  const asked = trajectory.evaluations.filter((e) => e.kind === "gradient").map((e) => e.points);
  if (asked.length > steps && same(asked[0]!, problem.initial)) {
    const points = readingThatFollows(problem, asked, trajectory.final);
    if (points !== null) return { kind: "known", points: [...points, trajectory.final] };
  }
  return plainPathOf(problem, trajectory);
}

/** Questions in a row at one point. */
interface Stay {
  readonly points: Rows;
  readonly questions: number;
}

/** A step has been taken from a question of a stay: the `used`-th one there. */
interface State {
  readonly stay: number;
  readonly used: number;
  readonly before: State | null;
}

/** Comparisons of tables after which no further reading is tried. */
const mostComparisons = 20_000;

/** Looks for a reading by dynamic programming over steps and stays: at most N · M² comparisons. */
function readingThatFollows(
  problem: Problem,
  asked: readonly Rows[],
  final: Rows,
): readonly Rows[] | null {
  const { steps, noiseScale } = problem.settings;
  const stays = staysOf(asked);
  const signs: readonly NoiseSign[] = problem.noise.kind === "tape" && noiseScale > 0
    ? [1, -1]
    : [1];
  for (const sign of signs) {
    const follows = stepsThatFollow(problem, stays, final, sign);
    let reached: readonly State[] = [{ stay: 0, used: 1, before: null }];
    for (let k = 0; k + 1 < steps && reached.length > 0; k++) {
      reached = reached.flatMap((state) => next(state, k, stays, follows)).filter(isFirst);
    }
    const last = reached.find(({ stay }) => follows(steps - 1, stay, stays.length));
    if (last) return pointsOf(last, stays);
  }
  return null;
}

function staysOf(asked: readonly Rows[]): readonly Stay[] {
  const stays: Stay[] = [];
  for (const points of asked) {
    const last = stays.at(-1);
    if (last && same(last.points, points)) {
      stays[stays.length - 1] = { points, questions: last.questions + 1 };
    } else stays.push({ points, questions: 1 });
  }
  return stays;
}

/** Whether step k can lead from one stay to another, or to the final actions (the stay behind all). */
type Follows = (k: number, from: number, to: number) => boolean;

function stepsThatFollow(
  problem: Problem,
  stays: readonly Stay[],
  final: Rows,
  noiseSign: NoiseSign,
): Follows {
  const known = new Map<string, boolean>();
  const { noise, settings } = problem;
  const follows = noise.kind === "tape" || settings.noiseScale === 0
    ? (k: number, from: Rows, to: Rows) => {
      const predictions = predictStep(problem, k, from, { noiseSign });
      return predictions.every((row, r) =>
        row.every(({ terms, tolerance }, i) => agrees(to[r]![i]!, terms.result, tolerance))
      );
    }
    : (k: number, from: Rows, to: Rows) => isPossible(problem, k, from, to);
  return (k, from, to) => {
    const key = `${k} ${from} ${to}`;
    let verdict = known.get(key);
    if (verdict === undefined) {
      if (known.size >= mostComparisons) return false;
      verdict = follows(k, stays[from]!.points, stays[to]?.points ?? final);
      known.set(key, verdict);
    }
    return verdict;
  };
}

/**
 * Whether a step with unknown noise can lead from one point to another: within the limit and the
 * bounds, and at rest only on a wall or where the limit is zero, since a continuous draw never gives
 * exactly no step.
 */
function isPossible(problem: Problem, k: number, from: Rows, to: Rows): boolean {
  const { min, max } = problem.settings.bounds;
  return predictStep(problem, k, from).every((row, r) =>
    row.every(({ terms: { limit }, tolerance }, i) => {
      const a = from[r]![i]!, b = to[r]![i]!;
      const inside = b >= min[i]! - tolerance && b <= max[i]! + tolerance;
      const outsideStart = a < min[i]! || a > max[i]!;
      if (b === a) return limit <= tolerance || a <= min[i]! || a >= max[i]!;
      return inside && (outsideStart || Math.abs(b - a) <= limit + tolerance);
    })
  );
}

/** The states that step k can lead to. */
function next(state: State, k: number, stays: readonly Stay[], follows: Follows): State[] {
  const { stay, used } = state;
  const result: State[] = [];
  if (used < stays[stay]!.questions && follows(k, stay, stay)) {
    result.push({ stay, used: used + 1, before: state });
  }
  for (let to = stay + 1; to < stays.length; to++) {
    if (follows(k, stay, to)) result.push({ stay: to, used: 1, before: state });
  }
  return result;
}

/** Of several ways to a state one is enough. */
function isFirst(state: State, index: number, all: readonly State[]): boolean {
  return all.findIndex(({ stay, used }) => stay === state.stay && used === state.used) === index;
}

function pointsOf(last: State, stays: readonly Stay[]): readonly Rows[] {
  const points: Rows[] = [];
  for (let state: State | null = last; state !== null; state = state.before) {
    points.unshift(stays[state.stay]!.points);
  }
  return points;
}

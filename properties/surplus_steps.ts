/**
 * Steps that a sampler takes beyond those for which it draws: a second stage without noise, a last
 * step that only descends, a few steps to begin with.
 *
 * @module
 */

import type { Problem, Rows } from "../spec/problem.ts";
import { problemFor } from "../spec/rule_parts.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { calmProblem, decimal } from "./arbitraries.ts";
import type { ClauseObserver } from "./clause.ts";

/** The first coordinates where a chain asks, and where it ends. */
interface Asked {
  readonly at: readonly number[];
  readonly end: number;
}

const coordinate = (points: Rows) => points[0]![0]!;

function askedIn({ evaluations, final }: Trajectory): Asked {
  const at = evaluations.filter(({ kind }) => kind === "gradient").map(({ points }) => points);
  return { at: at.map(coordinate), end: coordinate(final) };
}

/** A slope so small that nothing but noise moves far. */
const slight = 2 ** -14;
/** Moves of noise are larger than this part of the largest; those down the slight slope are not. */
const byNoise = 2 ** -10;
/** Ends that are farther apart are different. */
const apart = 2 ** -20;

/**
 * Whether questions that come between two draws, before the first, or after the last, move the chain,
 * though not in every step alike: then they are steps, and no looks.
 *
 * @param given a problem of the same rule
 */
export async function stepsWithoutDraws(
  observer: ClauseObserver,
  given: Problem,
): Promise<boolean> {
  const steps = 3, own = observer.facts.unsupported.has("noise-tape");
  const chain = async (energy: string, draws: number): Promise<Asked> => {
    const like = { energy, draws, steps, stepSize: 1 / 8, initial: [[0.25]] };
    const problem = problemFor(given, calmProblem(like));
    return askedIn(await observer.run(own ? { ...problem, noise: { kind: "own" } } : problem));
  };
  const spans = spansOf(await chain(`${decimal(slight)}*a1`, 1), steps);
  const sloped = await chain("a1", 0), again = await chain("a1", 0);
  if (spans === null || sloped.at.length !== spans.at(-1)!.to || sloped.end !== again.end) {
    return false;
  }
  const fewest = Math.min(...spans.slice(0, steps).map(({ from, to }) => to - from));
  /** Whether the chain ends elsewhere where all gradients are others but those at some points. */
  const moves = async (known: readonly number[], at: number) => {
    const points = [...new Set(known)];
    if (points.includes(at)) return false;
    const { end } = await chain(`a1 + ${bumpAt(at, points)}`, 0);
    return Math.abs(end - sloped.end) > apart;
  };
  for (const [step, { from, to }] of spans.entries()) {
    const inside = sloped.at.slice(from, to), first = inside[0]!, last = inside.at(-1)!;
    const others = sloped.at.filter((_, j) => j < from || j >= to);
    if (step === steps && await moves(others, first)) return true;
    if (step === steps || to - from === fewest) continue;
    if (await moves([...others, first], last) && await moves([...others, last], first)) return true;
  }
  return false;
}

/**
 * The questions before each draw, and those after the last; null if there are not as many draws as
 * steps.
 */
function spansOf({ at, end }: Asked, steps: number) {
  const moves = [...at.slice(1), end].map((to, j) => Math.abs(to - at[j]!));
  const least = byNoise * Math.max(...moves);
  const ends = moves.flatMap((move, j) => move > least ? [j + 1] : []);
  if (ends.length !== steps) return null;
  const all = ends.at(-1) === at.length ? ends : [...ends, at.length];
  return all.map((to, j) => ({ from: all[j - 1] ?? 0, to }));
}

/** What has a slope of 64 at one point, and none at others. */
function bumpAt(at: number, others: readonly number[]): string {
  const away = (point: number) => at - point;
  const sum = others.reduce((sum, point) => sum + 2 / away(point), 0);
  // One factor more: by itself the slope may be 0 half-way between two points.
  const more = others.reduce((best, point) =>
    Math.abs(sum + 1 / away(point)) > Math.abs(sum + 1 / away(best)) ? point : best
  );
  const product = others.reduce((all, point) => all * away(point) ** 2, away(more));
  const factor = 64 / (product * (sum + 1 / away(more)));
  const less = (point: number) => `(a1 - (${decimal(point)}))`;
  return [decimal(factor), less(more), ...others.map((point) => `${less(point)}^2`)].join("*");
}

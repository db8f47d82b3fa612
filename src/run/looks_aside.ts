/**
 * Which questions of a sampler with noise of its own are its chain, if it looks elsewhere now and then.
 *
 * Its steps tell nothing of that, because any noise might have led from one question to the next. But
 * the same problem without noise tells: there each step leads to one point. So the places of the
 * chain's questions are learnt there, and taken over.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import { countedPathOf } from "../../spec/readings.ts";
import type { Target } from "../../spec/sampler.ts";
import { type Evaluation, same, type Trajectory } from "../../spec/trajectory.ts";

/**
 * A target whose surplus questions are left out, where a chain without noise tells which they are.
 * One that does not look elsewhere is never asked twice.
 */
export function withoutLooks(target: Target): Target {
  return {
    ...target,
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return {
        async sample(problem) {
          const trajectory = await prepared.sample(problem);
          const own = problem.noise.kind === "own" && problem.settings.noiseScale > 0;
          if (!own || countedPathOf(problem, trajectory).kind === "known") return trajectory;
          const silent = { ...problem, settings: { ...problem.settings, noiseScale: 0 } };
          const other = await (await target.prepare(silent.settings)).sample(silent);
          return withoutSurplus(trajectory, placesIn(silent, other));
        },
      };
    },
  };
}

/** The places of the chain's questions among all questions for gradients, and how many there are. */
interface Places {
  readonly all: number;
  readonly chain: ReadonlySet<number>;
}

function placesIn(problem: Problem, trajectory: Trajectory): Places | null {
  const path = countedPathOf(problem, trajectory);
  if (path.kind === "unknown") return null;
  const asked = trajectory.evaluations.filter(isGradient).map(({ points }) => points);
  const chain: number[] = [];
  for (const points of path.points.slice(0, -1)) {
    const before = chain.at(-1) ?? -1;
    chain.push(asked.findIndex((at, place) => place > before && same(at, points)));
  }
  return chain.includes(-1) ? null : { all: asked.length, chain: new Set(chain) };
}

function withoutSurplus(trajectory: Trajectory, places: Places | null): Trajectory {
  let place = 0;
  const gradients = trajectory.evaluations.filter(isGradient).length;
  if (places === null || places.all !== gradients) return trajectory;
  const evaluations = trajectory.evaluations.filter((evaluation) =>
    !isGradient(evaluation) || places.chain.has(place++)
  );
  return { ...trajectory, evaluations };
}

function isGradient({ kind }: Evaluation): boolean {
  return kind === "gradient";
}

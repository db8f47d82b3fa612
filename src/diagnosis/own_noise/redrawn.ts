/**
 * Draws of a sampler's own that lead beyond the limit or the bounds, and that are drawn again instead
 * of being kept.
 *
 * @module
 */

import { calmProblem, flatEnergy } from "../../../properties/arbitraries.ts";
import { lowerTail } from "../../../spec/numerics/normal.ts";
import { kolmogorovBound } from "../../../spec/numerics/tails.ts";
import { partsOf, problemFor, ruleFor } from "../../../spec/rule_parts.ts";
import { lawsOfStep } from "../../../spec/rule_law.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import type { NamedDefectReport } from "../../report/report.ts";
import { beyond } from "./noise_statistics.ts";
import { readingOf } from "../experiments/observations.ts";

/** Where draws lead to that may be drawn again. */
const places = ["the limit", "the bounds"] as const;

/** What first steps have shown that draws lead beyond one of the places half of the time, or less. */
export interface Led {
  readonly to: typeof places[number];
  /** The probability of a draw that leads there, or beyond. */
  readonly chance: number;
  /** How many steps end exactly there. */
  readonly ends: number;
  /** The probabilities of smaller draws than the others, among those that lead to neither end. */
  readonly inside: readonly number[];
}

const rows = 1536, half = 1, stepSize = 0.125;

/**
 * Where first steps lead from the middle of a box, and from beside a wall; nowhere if the target fails.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function ledBeyond(target: Target): Promise<readonly Led[]> {
  try {
    return await ledIn(target);
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return [];
  }
}

async function ledIn(target: Target): Promise<readonly Led[]> {
  const parts = partsOf(ruleFor(target));
  const tried = places.filter((to) => parts.has(to === "the limit" ? "delta clip" : "box"));
  return await Promise.all(tried.map(async (to): Promise<Led> => {
    const problem = problemFor(target, {
      ...calmProblem({
        energy: flatEnergy,
        steps: 2,
        schedule: { kind: "polynomial", init: stepSize, final: 0, power: 1 },
        bounds: { min: [-half], max: [half] },
        noiseScale: 1,
        deltaClip: to === "the limit" ? stepSize : 64,
        initial: Array.from(
          { length: rows },
          () => [to === "the limit" ? 0 : half - stepSize / 2],
        ),
      }),
      noise: { kind: "own" },
      seed: 41,
    });
    const { sample } = await target.prepare(problem.settings);
    const trajectory = await sample(problem);
    const path = [...readingOf(problem, trajectory).points, trajectory.final];
    const law = lawsOfStep(problem, 0)(problem.initial[0]!, [0])[0]!;
    const below = (x: number) => lowerTail((x - law.mean) / law.deviation);
    const low = below(law.lower), high = below(law.upper);
    const reached = path[Math.min(1, path.length - 1)]!.map(([x]) => x!);
    const isInside = (x: number) => x > law.lower + 1e-6 && x < law.upper - 1e-6;
    const inside = reached.filter(isInside);
    return {
      to,
      chance: 1 - (high - low),
      ends: rows - inside.length,
      inside: inside.map((x) => (below(x) - low) / (high - low)),
    };
  }));
}

/** Draws again at most, where that is counted. */
const mostTimes = 3;

/** How often a draw that leads beyond is drawn again; nothing if that is not what happens. */
function timesOf({ chance, ends, inside }: Led): number | undefined {
  // What is inside has the law of the draws that lead there, whatever becomes of the others.
  const sorted = inside.toSorted((a, b) => a - b), count = sorted.length;
  const distance = sorted.reduce(
    (most, u, j) => Math.max(most, (j + 1) / count - u, u - j / count),
    0,
  );
  if (count === 0 || kolmogorovBound(distance, count) < 1e-3) return undefined;
  const all = ends + count;
  if (ends === 0 && all * chance > 20) return Infinity;
  return Array.from({ length: mostTimes }, (_, j) => j + 1).find((times) => {
    const expected = chance ** (times + 1);
    const off = Math.abs(ends / all - expected),
      spread = Math.sqrt(expected * (1 - expected) / all);
    return off < beyond / 2 * spread &&
      Math.abs(ends / all - chance) > beyond * Math.sqrt(chance * (1 - chance) / all);
  });
}

/** Draws that are drawn again, as a name. */
export function redrawnNames(led: readonly Led[], certain: boolean): readonly NamedDefectReport[] {
  const found = led.flatMap((one) => {
    const times = timesOf(one);
    return times === undefined ? [] : [{ to: one.to, times }];
  });
  const [first] = found;
  if (first === undefined) return [];
  const alike = found.filter(({ times }) => times === first.times).map(({ to }) => to);
  const often = first.times === Infinity
    ? ""
    : first.times === 1
    ? ", once"
    : `, ${first.times} times at most`;
  return [{
    id: null,
    title: `A draw that leads beyond ${alike.join(" or ")} is drawn again${often}`,
    fix: "Keep every draw, and clip where it leads: first the step, then the action.",
    certain,
  }];
}

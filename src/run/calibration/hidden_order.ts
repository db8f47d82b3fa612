/**
 * In which order a sampler draws that reveals its final actions alone.
 *
 * A step whose successors have no size, and one whose predecessors are forgotten, shows its own draws
 * where the chain ends: the first step under a schedule that falls at once, the last one on a bowl of
 * which every step lands in the middle. Whatever the order within a step, draws of the steps between
 * lie evenly between those two, or the sampler is not told; one more chain, in which every step
 * counts, must end where that order says.
 *
 * @module
 */

import { calmSettings, constantSchedule } from "../../../properties/arbitraries.ts";
import type { Problem, Schedule } from "../../../spec/problem.ts";
import { noiseFactors } from "../../../spec/rule_law.ts";
import { problemFor, ruleFor } from "../../../spec/rule_parts.ts";
import { stepFactors } from "../../../spec/rule_slopes.ts";
import type { Target } from "../../../spec/sampler.ts";
import {
  type Choice,
  isOneToOne,
  type Match,
  matchOf,
  mostNumbers,
  numberedProblem,
  stepSize,
} from "./draw_matching.ts";
import { type DrawShape, isPlain, type Layout } from "./draw_order.ts";

/** What the ends of chains tell of the draws of a shape. */
export type HiddenOrder =
  /** They move by no numbers of the tape, or by none that can be told. */
  | { readonly kind: "untold" }
  | { readonly kind: "plain" }
  | { readonly kind: "not one to one" }
  | { readonly kind: "ordered"; readonly layout: Layout; readonly factor: number }
  /** In an order that is not even; the reason completes "because …". */
  | { readonly kind: "uneven"; readonly because: string };

/** The shapes of the first looks; the longer chains tell an order that only short ones have. */
export const firstHiddenShapes: readonly DrawShape[] = [
  { steps: 3, groups: 2, samples: 2, axes: 2 },
  { steps: 2, groups: 2, samples: 3, axes: 3 },
  { steps: 25, groups: 1, samples: 2, axes: 2 },
];

/** Those that an order must fit which is not the plain one. */
export const moreHiddenShapes: readonly DrawShape[] = [
  { steps: 1, groups: 1, samples: 2, axes: 2 },
  { steps: 101, groups: 2, samples: 1, axes: 1 },
  { steps: 5, groups: 5, samples: 5, axes: 8 },
];

/**
 * Finds the order in which a target takes the draws of a shape.
 *
 * @throws {TargetFault} if the target cannot run one of three chains
 */
export async function hiddenOrder(target: Target, shape: DrawShape): Promise<HiddenOrder> {
  const first = await endOf(target, shape, "first", 5);
  if (first === null) return { kind: "untold" };
  const { steps } = shape, { match, draws } = first;
  const last = steps === 1 ? first : await endOf(target, shape, "last", 6, match.factor);
  if (last === null) return { kind: "untold" };
  const from = match.positions, to = last.match.positions;
  const ends = steps === 1 ? from : [...from, ...to];
  if (isPlain(from) && to.every((at, c) => at === c + (steps - 1) * to.length)) {
    return { kind: "plain" };
  }
  if (!isOneToOne(ends) || first.taken < steps) return { kind: "not one to one" };
  const strides = from.map((at, c) => steps === 1 ? 0 : (to[c]! - at) / (steps - 1));
  const positions = Array.from(
    { length: steps },
    (_, k) => from.map((at, c) => at + k * strides[c]!),
  ).flat();
  const layout = { positions, draws: Math.max(draws, last.draws) };
  const even = strides.every(Number.isInteger) && isOneToOne(positions) &&
    await explains(target, shape, layout, match.factor);
  if (even) return { kind: "ordered", layout, factor: match.factor };
  // Whoever begins in the plain order, and hardly draws too much, makes another number of steps.
  if (isPlain(from) && first.taken <= steps + 1) return { kind: "not one to one" };
  const again = await endOf(target, shape, "first", 7, match.factor);
  const varies = again === null || again.match.positions.some((at, c) => at !== from[c]);
  return {
    kind: "uneven",
    because: varies
      ? "their order is another one in each call"
      : "the ends of its chains, which are all that is seen, don't tell their order",
  };
}

/** The draws of one step, in a chain that shows no others at its end; null if they are not told. */
async function endOf(
  target: Target,
  shape: DrawShape,
  which: "first" | "last",
  seed: number,
  factor?: number,
): Promise<{ readonly match: Match; readonly draws: number; readonly taken: number } | null> {
  const { steps, groups, samples, axes } = shape;
  for (let draws = steps + 1, tries = 0; tries < 2; tries++) {
    if (draws * groups * samples * axes > mostNumbers) return null;
    const bowl = which === "last" ? bowlOf(target, axes) : undefined;
    const schedule = which === "first" && steps > 1 ? fallingAtOnce(steps) : undefined;
    const run = await runNumbered(target, shape, { seed, draws }, { bowl, schedule });
    const { problem, tape, final, taken } = run;
    const size = noiseFactors(problem).at(which === "first" ? 0 : -1)!;
    const from = which === "first" ? problem.initial : final.map((row) => row.map(() => 0));
    const moves = final.flatMap((row, r) => row.map((to, i) => (from[r]![i]! - to) / size));
    const tolerance = 32 * 2 ** -24 / size;
    const match = moves.every(Number.isFinite)
      ? matchOf({ tape, moves, tolerance }, ...factor === undefined ? [] : [[factor]] as const)
      : null;
    if (match !== null) return { match, draws, taken };
    if (taken <= draws) return null;
    draws = taken;
  }
  return null;
}

/** A bowl whose middle every step reaches, but for its noise. */
function bowlOf(target: Target, axes: number): string {
  const { drift } = stepFactors(ruleFor(target), stepSize, { sigma: 1, T: 1, lo: -48, hi: 80 });
  return Array.from({ length: axes }, (_, i) => `${0.5 / drift}*a${i + 1}^2`).join(" + ");
}

/** A schedule of which the first step alone has a size to speak of. */
function fallingAtOnce(steps: number): Schedule {
  return { kind: "polynomial", init: stepSize, final: 0, power: 40 * (steps - 1) };
}

/** Whether a chain ends where its draws in this order take it, when every step has a size of its own. */
async function explains(
  target: Target,
  shape: DrawShape,
  { positions, draws }: Layout,
  factor: number,
): Promise<boolean> {
  const final = shape.steps === 1 ? stepSize : stepSize / 8;
  const schedule: Schedule = { kind: "polynomial", init: stepSize, final, power: 1 };
  const run = await runNumbered(target, shape, { seed: 8, draws }, { schedule });
  const { problem: { initial }, tape } = run, sizes = noiseFactors(run.problem);
  const width = shape.axes, count = initial.length * width;
  return initial.every((row, r) =>
    row.every((start, i) => {
      const moves = sizes.map((size, k) =>
        factor * size * tape[positions[k * count + r * width + i]!]!
      );
      const end = start - moves.reduce((sum, move) => sum + move, 0);
      const reach = Math.abs(start) + moves.reduce((sum, move) => sum + Math.abs(move), 0);
      return Math.abs(run.final[r]![i]! - end) <= 4 * 2 ** -24 * (reach + 1);
    })
  );
}

async function runNumbered(
  target: Target,
  shape: DrawShape,
  choice: Choice,
  { bowl, schedule = constantSchedule(stepSize) }: {
    readonly bowl?: string | undefined;
    readonly schedule?: Schedule | undefined;
  },
) {
  const settings = calmSettings(shape.axes, { steps: shape.steps, noiseScale: 1, schedule });
  const { problem: plain, tape } = numberedProblem(
    shape,
    settings,
    choice,
    bowl === undefined ? {} : { energy: bowl },
  );
  const problem: Problem = problemFor(target, plain);
  const { final, draws: taken } = await (await target.prepare(problem.settings)).sample(problem);
  return { problem, tape, final, taken };
}

/**
 * A target that is compiled for every shape is run in few of them.
 *
 * Rows and axes are independent, so a problem may have more of them than are looked at: it is filled
 * up to one shape with copies of its rows and axes that the energy does not see. What is judged is
 * cut out of what was observed.
 *
 * @module
 */

import { normalDraws, seedFor } from "../../../spec/numerics/random.ts";
import { featureCount, type Problem, type Rows, type Settings } from "../../../spec/problem.ts";
import type { PreparedTarget, Target } from "../../../spec/sampler.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import { fewSteps, fullShape } from "../../../properties/full_shape.ts";
import type { Profile } from "../../report/report.ts";
import { type ArrangedTarget, isArranged } from "./draw_layout.ts";

/** A target as a profile takes it: `thorough` pays for every compilation. */
export function suitedToProfile(target: Target, profile: Profile): Target {
  if (target.compiles === undefined || profile !== "thorough") return target;
  const { compiles: _, ...rest } = target;
  return rest;
}

/** Whether a problem can be run in one of the few shapes. */
export function isOfFewShapes(problem: Problem): boolean {
  return fewSteps.has(problem.settings.steps) && fits(problem);
}

function fits(problem: Problem): boolean {
  const { groups, samples, axes } = problem;
  return groups <= fullShape.groups && samples <= fullShape.samples && axes <= fullShape.axes &&
    featureCount(problem) <= fullShape.features;
}

/** The smallest problem has a shape of its own, so that it is tried what comes alone. */
function isAlone(problem: Problem): boolean {
  const { groups, samples, axes, settings: { steps } } = problem;
  return groups === 1 && samples === 1 && axes === 1 && featureCount(problem) === 0 && steps === 2;
}

/** A target that is run in few shapes, if it is compiled for each. */
export function inFewShapes(target: Target): Target {
  if (target.compiles === undefined) return target;
  const filled: Target = {
    ...target,
    async prepare(settings) {
      if (settings.bounds.min.length > fullShape.axes) return await target.prepare(settings);
      const prepared = new Map<boolean, Promise<PreparedTarget>>();
      const prepare = (alone: boolean) => {
        const known = prepared.get(alone) ?? target.prepare(alone ? settings : widened(settings));
        prepared.set(alone, known);
        return known;
      };
      await prepare(settings.bounds.min.length === 1 && settings.steps === 2);
      return {
        async sample(problem) {
          if (isAlone(problem) || !fits(problem)) {
            return await (await prepare(true)).sample(problem);
          }
          const seen = await (await prepare(false)).sample(filledUp(problem));
          return cut(seen, problem);
        },
      };
    },
  };
  if (!isArranged(target)) return filled;
  const arranged: ArrangedTarget = {
    ...filled,
    reconsider: (problem) =>
      target.reconsider(isAlone(problem) || !fits(problem) ? problem : filledUp(problem)),
    // Whoever asks wants to run the problem as it is.
    async asGiven(problem) {
      await target.reconsider(problem);
      return await target.asGiven(problem);
    },
  };
  return arranged;
}

function widened(settings: Settings): Settings {
  const { min, max } = settings.bounds;
  return { ...settings, bounds: { min: wide(min), max: wide(max) } };
}

/** One number for each axis of the full shape: those of the axes, again and again. */
function wide(row: readonly number[]): number[] {
  return Array.from({ length: fullShape.axes }, (_, i) => row[i % row.length]!);
}

/** The row of a problem whose copy stands in a row of the full shape; whether it is that row. */
function sourceOf({ groups, samples }: Problem, row: number) {
  const group = Math.floor(row / fullShape.samples), sample = row % fullShape.samples;
  return {
    row: group % groups * samples + sample % samples,
    itself: group < groups && sample < samples,
  };
}

const fullRows = fullShape.groups * fullShape.samples;

function filledUp(problem: Problem): Problem {
  const { settings, observations, initial, noise, seed, axes } = problem;
  const sources = Array.from({ length: fullRows }, (_, row) => sourceOf(problem, row));
  const others = normalDraws(seedFor(seed, "rows and axes beside"));
  return {
    ...problem,
    ...fullShape,
    settings: widened(settings),
    observations: Array.from({ length: fullShape.groups }, (_, g) => {
      const given = observations[g % observations.length]!;
      return Array.from({ length: fullShape.features }, (_, j) => given[j] ?? 0);
    }),
    initial: sources.map(({ row }) => wide(initial[row]!)),
    noise: noise.kind === "own" ? noise : {
      kind: "tape",
      draws: noise.draws.map((draw) =>
        sources.map(({ row, itself }) =>
          Array.from(
            { length: fullShape.axes },
            (_, i) => itself && i < axes ? draw[row]![i]! : others(),
          )
        )
      ),
    },
  };
}

function cut(seen: Trajectory, problem: Problem): Trajectory {
  const { groups, samples, axes } = problem;
  const kept = Array.from(
    { length: groups * samples },
    (_, row) => Math.floor(row / samples) * fullShape.samples + row % samples,
  );
  const actions = (table: Rows): Rows => kept.map((row) => table[row]!.slice(0, axes));
  const numbers = (table: Rows): Rows => table.map((step) => kept.map((row) => step[row]!));
  const { actions: points, outputs, gradNorms } = seen.chain ?? {};
  return {
    ...seen,
    evaluations: seen.evaluations.map(({ kind, points }) => ({ kind, points: actions(points) })),
    final: actions(seen.final),
    initialAfter: actions(seen.initialAfter),
    ...seen.chain && {
      chain: {
        ...points && { actions: points.map(actions) },
        ...outputs && { outputs: numbers(outputs) },
        ...gradNorms && { gradNorms: numbers(gradNorms) },
      },
    },
  };
}

/**
 * What the probes show of a target, in the form in which it is compared with hypotheses.
 *
 * @module
 */

import { ofOneInterval } from "./equal_sides.ts";
import type { Experiment } from "./experiments.ts";
import { inCoordinates } from "./near_walls.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { type PreparedTarget, type Target, TargetFault } from "../../../spec/sampler.ts";
import { countedPathOf, startsAt } from "../../../spec/readings.ts";
import { type Chain, same, type Trajectory } from "../../../spec/trajectory.ts";

/** How much of a target is seen, the most telling first. */
export const views = {
  "points and tape": "the points at which gradients are taken, and injected noise",
  "points": "the points at which gradients are taken; the sampler draws its own noise",
  "final actions": "the returned actions alone",
} as const;

/** How much of a target is seen. */
export type View = keyof typeof views;

/** One call of a probe. */
export interface Reading {
  /** Where gradients were taken: one table per step, as far as that can be told. */
  readonly points: readonly Rows[];
  /** rows × axes, as returned. */
  readonly final: Rows;
  /** The caller's initial actions after the call. */
  readonly initialAfter: Rows;
  /** What was reported. */
  readonly chain: Chain;
}

/** A call, or the fact that it failed. */
export type CallOutcome = Reading | "throws";

/** The calls of one probe. */
export interface Observation {
  /** What was run. */
  readonly probe: Experiment;
  /** One entry per call. */
  readonly calls: readonly CallOutcome[];
}

/** What a trajectory shows, with harmless repetitions of questions left out. */
export function readingOf(problem: Problem, trajectory: Trajectory): Reading {
  const path = countedPathOf(problem, trajectory);
  const points = path.kind === "known"
    ? path.points.slice(0, -1)
    : trajectory.evaluations.filter((e) => e.kind === "gradient").map((e) => e.points);
  const { final, initialAfter, chain = {} } = trajectory;
  return { points, final, initialAfter, chain };
}

/** Whether no number of what was returned has got lost. */
export function isWhole({ final }: Reading): boolean {
  return final.every((row) => row.every(Number.isFinite));
}

/** An experiment with boxes that a target takes, and in which it rounds little. */
export function suitedProbe(
  { bounds, coordinates }: Pick<Target, "bounds" | "coordinates">,
  given: Experiment,
): Experiment {
  const taken = bounds === "scalar" ? ofOneInterval(given) : given;
  return coordinates === undefined ? taken : inCoordinates(taken, coordinates);
}

/**
 * Runs probes on a target; on one of one interval for all axes, with boxes of equal sides.
 *
 * @throws {TargetFault} if the target's process fails, which says nothing about the rule
 */
export async function observeProbes(
  target: Target,
  probes: readonly Experiment[],
): Promise<Observation[]> {
  const observations: Observation[] = [];
  const mapsStart = target.drawsStart || target.coordinates !== undefined;
  for (const given of probes) {
    const probe = suitedProbe(target, given), longest = target.longest?.() ?? Infinity;
    if (probe.calls.some(({ settings }) => settings.steps > longest)) continue;
    const calls: CallOutcome[] = [], begun: Problem[] = [];
    let prepared: PreparedTarget | undefined;
    for (const problem of probe.calls) {
      try {
        prepared ??= await preparedFor(target, probe);
        const seen = readingOf(problem, await prepared.sample(problem));
        const began = mapsStart ? fromItsStart(problem, seen) : problem;
        // One that draws its start has no array of the caller's that it could change.
        const isKept = target.drawsStart || same(seen.initialAfter, problem.initial);
        calls.push(began === problem || !isKept ? seen : { ...seen, initialAfter: began.initial });
        begun.push(began);
      } catch (error) {
        if (!(error instanceof TargetFault) || error.ofProcess) throw error;
        calls.push("throws");
        begun.push(problem);
      }
    }
    observations.push({ probe: mapsStart ? { ...probe, calls: begun } : probe, calls });
  }
  return observations;
}

/** The problem from where a sampler began that mapped its start to the box, or back from it. */
function fromItsStart(problem: Problem, { points: [first] }: Reading): Problem {
  return first !== undefined && startsAt(first, problem) ? { ...problem, initial: first } : problem;
}

/** A sampler for the calls of an experiment, and the other one that stands beside it. */
async function preparedFor(target: Target, { calls, beside }: Experiment): Promise<PreparedTarget> {
  const prepared = await target.prepare(calls[0]!.settings);
  if (beside !== undefined) await target.prepare(beside);
  return prepared;
}

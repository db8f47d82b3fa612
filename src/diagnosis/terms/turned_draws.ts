/**
 * Samplers that subtract their draws follow the rule as well: what they show, with every draw turned.
 *
 * @module
 */

import type { Problem } from "../../../spec/problem.ts";
import type { Experiment } from "../experiments/experiments.ts";
import type { Observation } from "../experiments/observations.ts";
import { correlation } from "../figures/regression.ts";
import type { SeenRun } from "./window_fit.ts";

const negatives = new WeakMap<Experiment, Experiment>();

/** The same observation, for a sampler that turns the sign of its draws. */
export function negated(observation: Observation): Observation {
  const { probe } = observation;
  let other = negatives.get(probe);
  if (!other) negatives.set(probe, other = { ...probe, calls: probe.calls.map(turned) });
  return { ...observation, probe: other };
}

/** The same problem with every draw turned. */
export function turned(problem: Problem): Problem {
  const { noise } = problem;
  if (noise.kind === "own") return problem;
  const draws = noise.draws.map((draw) => draw.map((row) => row.map((z) => -z)));
  return { ...problem, noise: { kind: "tape", draws } };
}

/** Whether the first step of a chain goes along with the draws. */
export function goesWithDraws(run: SeenRun | undefined): boolean {
  if (!run || run.problem.noise.kind === "own") return false;
  const { chain: { points: [from, to] }, problem: { noise: { draws: [first] } } } = run;
  const moved = from!.flatMap((row, r) => row.map((a, i) => a - to![r]![i]!));
  return correlation(moved, first!.flat()) > 0.5;
}

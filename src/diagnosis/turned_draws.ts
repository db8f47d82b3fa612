/**
 * Samplers that subtract their draws follow the rule as well: what they show, with every draw turned.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import type { Experiment } from "./experiments.ts";
import type { Observation } from "./observations.ts";

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

/**
 * Experiments for a sampler that shows its returned actions alone: chains of one step, of which both
 * ends are seen.
 *
 * @module
 */

import type { Problem } from "../../../spec/problem.ts";
import { census } from "./census_chains.ts";
import {
  driftLimits,
  type Experiment,
  exponentiated,
  gradientClips,
  limitsOfFive,
  noiseLimit,
  noiseWalls,
  outside,
  walls,
  type Window,
  windows,
} from "./experiments.ts";
import type { CallOutcome, Observation } from "./observations.ts";
import { isolatedStep } from "./probes.ts";

/** How one step is seen by itself: in a chain of one, or in one whose second step has no size. */
export type Singling = "one step" | "second step without size";

/** A problem whose result is one step. */
export const singled: Readonly<Record<Singling, (problem: Problem) => Problem>> = {
  "one step": (problem) => ({
    ...problem,
    settings: { ...problem.settings, steps: 1 },
    noise: problem.noise.kind === "tape"
      ? { kind: "tape", draws: problem.noise.draws.slice(0, 1) }
      : problem.noise,
  }),
  "second step without size": isolatedStep,
};

/** What is run for the terms of a single step. */
export interface SingleSteps {
  readonly windows: readonly Window[];
  readonly limits: readonly Experiment[];
  readonly walls: readonly Experiment[];
  readonly outside: Experiment;
  readonly gradientClips: readonly Experiment[];
  readonly exponentiated: Experiment;
  readonly census: Experiment;
}

function singlesBy(singling: Singling): SingleSteps {
  const one = (experiment: Experiment): Experiment => ({
    ...experiment,
    name: `${experiment.name}, ${singling}`,
    calls: experiment.calls.map(singled[singling]),
  });
  return {
    windows: windows.map(({ name, drift, noise }) => ({
      name,
      drift: one(drift),
      noise: one(noise),
    })),
    limits: [...driftLimits, ...limitsOfFive, noiseLimit].map(one),
    walls: [walls, noiseWalls].map(one),
    outside: one(outside),
    gradientClips: gradientClips.map(one),
    exponentiated: one(exponentiated),
    census: one(census),
  };
}

/** The experiments of single steps, by how the step is singled out. */
export const singleSteps: Readonly<Record<Singling, SingleSteps>> = {
  "one step": singlesBy("one step"),
  "second step without size": singlesBy("second step without size"),
};

/** All of them, in order. */
export function experimentsIn(singles: SingleSteps): readonly Experiment[] {
  return [
    ...singles.windows.flatMap(({ drift, noise }) => [drift, noise]),
    ...singles.limits,
    ...singles.walls,
    singles.outside,
    ...singles.gradientClips,
    singles.exponentiated,
    singles.census,
  ];
}

/** An observation of which the returned actions alone are seen. */
export function asEnds({ probe, calls }: Observation): Observation {
  return { probe, calls: calls.map((call, c) => endOf(probe.calls[c]!, call)) };
}

function endOf(problem: Problem, call: CallOutcome): CallOutcome {
  if (call === "throws") return call;
  const { steps, schedule } = problem.settings;
  const single = steps === 1 ||
    steps === 2 && schedule.kind === "polynomial" && schedule.final === 0;
  return { ...call, points: single ? [problem.initial] : [] };
}

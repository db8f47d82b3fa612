/**
 * Chains in which everything acts that a step may depend on.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import { axes, type Experiment, polynomial, tape, windowSettings } from "./experiments.ts";

const censusGroups = 18;

/**
 * Everything that a step may depend on, in one chain: slopes that differ by row and axis and change
 * along the chain, axes that are coupled, draws.
 */
export const census: Experiment = (() => {
  const next = uniform(23);
  const fraction = (from: number, to: number) =>
    Math.round(64 * (from + (to - from) * next())) / 64;
  const rows = 2 * censusGroups;
  const problem = problemOf({
    energy:
      "0.5*o1*a1^2 + 0.5*o2*a2^2 + 0.5*o3*a3^2 + 0.25*a1*a2 - 0.125*a2*a3 + o4*a1 + o5*a2 - o4*a3",
    settings: windowSettings,
    groups: censusGroups,
    samples: 2,
    observations: Array.from({ length: censusGroups }, () => [
      ...Array.from({ length: 3 }, () => fraction(0.5, 3)),
      ...Array.from({ length: 2 }, () => fraction(-0.5, 0.5)),
    ]),
    initial: Array.from(
      { length: rows },
      () => Array.from({ length: 3 }, () => fraction(-0.5, 0.5)),
    ),
    noise: tape(29, windowSettings.steps, rows, axes),
    seed: 29,
  });
  return { name: "everything at once", calls: [problem, problem] };
})();

/** The same without noise: whatever becomes of draws, it shows what else a step depends on. */
export const quietCensus: Experiment = {
  name: "everything at once but noise",
  calls: census.calls.slice(0, 1).map((problem) => ({
    ...problem,
    settings: { ...problem.settings, noiseScale: 0 },
  })),
};

/** A longer one of fewer rows, whose steps fall slowly: it shows what begins late. */
export const longCensus: Experiment = {
  name: "everything at once but noise in a longer chain",
  calls: quietCensus.calls.map((problem) => ({
    ...problem,
    settings: { ...problem.settings, steps: 25, schedule: polynomial(0.125, 0.03125, 1) },
    groups: 6,
    observations: problem.observations.slice(0, 6),
    initial: problem.initial.slice(0, 6 * problem.samples),
    noise: tape(37, 25, 6 * problem.samples, axes),
  })),
};

/** The same in a sampler that is prepared anew. */
export const censusAgain: Experiment = {
  name: "everything at once again",
  calls: census.calls.slice(0, 1),
};

/**
 * In which order terms are explained: each stage has the experiments that isolate a term, and what
 * can be wrong with it.
 *
 * @module
 */

import {
  census,
  driftLimits,
  type Experiment,
  exponential,
  exponentialNoise,
  exponentiated,
  gradientClips,
  limitsOfFive,
  noiseLimit,
  noiseWalls,
  oneStep,
  oneStepNoise,
  outside,
  walls,
  windows,
} from "./experiments.ts";
import type { Observation } from "./observations.ts";
import { halfGradient, knownSuspects, type Suspect, suspectsOf } from "./suspects.ts";
import type { Extent } from "./trials.ts";
import type { Source } from "./window_fit.ts";

/** Experiments that isolate one term, and what can be wrong with it. */
export interface Stage {
  readonly experiments: readonly Experiment[];
  readonly suspects: readonly Suspect[];
  readonly extent: Extent;
}

const stageOf = (
  experiments: readonly Experiment[],
  parts: readonly string[],
  along: readonly string[] = [],
  extent: Extent = "points",
): Stage => ({ experiments, suspects: suspectsOf(parts, along), extent });

const [first] = windows;

/** What limits a step. */
export const limitStage = stageOf([...driftLimits, limitsOfFive, noiseLimit], [
  "limit",
  "clippedStep",
], ["result"]);

/** What ends it at a wall. */
export const wallStage = stageOf([walls, noiseWalls], ["result"]);

const outsideStage = stageOf([outside], ["start", "gradientAt", "result"]);

/** Stages in which a step runs into a wall. */
export const wallStages: readonly Stage[] = [wallStage, outsideStage];

/** In an order in which the later ones need the earlier ones. */
export const stages: readonly Stage[] = [
  stageOf([oneStep, oneStepNoise], ["singleStep", "polynomialFirst"], [], "all"),
  stageOf([first!.drift], ["memory"]),
  stageOf([first!.noise], ["noiseSource", "memory"]),
  stageOf([exponential, exponentialNoise], ["exponential", "memory"], [
    "polynomial",
    "polynomialFirst",
    "singleStep",
  ]),
  stageOf([exponentiated], ["gradientOfExp"], ["reportedOutputs"]),
  stageOf(gradientClips, ["gradClip", "noGradClip", "zeroGradClip"]),
  limitStage,
  ...wallStages,
  stageOf([census], ["gradientAt", "gradient", "drift"], ["gradientOfExp"]),
];

/** What drift, noise and step sizes can have, where the windows as a whole do not tell. */
export const windowStage: Stage = stageOf(
  windows.flatMap(({ drift, noise }) => [drift, noise]),
  ["polynomial", "polynomialFirst", "stepSizes", "step", "noise", "noiseLaw", "noiseSharing"],
  ["singleStep", "exponential"],
);

/** What moves a step in an experiment. */
export function moverOf({ calls }: Experiment): Source | "both" {
  if (calls.every(({ settings }) => settings.noiseScale === 0)) return "drift";
  return calls.every(({ energy }) => /^0\*a1( \+ 0\*a\d+)*$/.test(energy)) ? "noise" : "both";
}

/** What an experiment that isolates a term may not bring out. */
export const restSuspects = (() => {
  const isolated = ["polynomial", "noise", "noiseLaw", "noiseSharing", "drift", "step", "limit"];
  const parts = [...isolated, "gradient", "clippedStep", "gradClip", "noGradClip", "steps"];
  return [...knownSuspects, halfGradient].filter(({ change }) =>
    Object.keys(change).some((part) => !parts.includes(part))
  );
})();

/** Defects that can stand in the place of another one. */
export function rivalsOf(suspect: Suspect): readonly Suspect[] {
  const staged = stages.filter(({ suspects }) => suspects.includes(suspect));
  return staged.length > 0 ? staged.flatMap(({ suspects }) => suspects) : restSuspects;
}

/** The observations of a stage. */
export function observationsOf(
  { experiments }: Stage,
  byName: ReadonlyMap<string, Observation>,
): readonly Observation[] {
  return experiments.flatMap(({ name }) => byName.get(name) ?? []);
}

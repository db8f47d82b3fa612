/**
 * In which order terms are explained: each stage has the experiments that isolate a term, and what
 * can be wrong with it.
 *
 * @module
 */

import { type SingleSteps, singleSteps, type Singling } from "../experiments/end_experiments.ts";
import { census, quietCensus } from "../experiments/census_chains.ts";
import {
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
  type Window,
  windows,
} from "../experiments/experiments.ts";
import { softGradientClips } from "../terms/folds.ts";
import { limitsOfEach } from "../terms/limit_fit.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Observation } from "../experiments/observations.ts";
import {
  arraysReported,
  halfTerms,
  keptSchedules,
  knownSuspects,
  oneShortFromTwo,
  type Suspect,
  suspectsOf,
  zeroScaleAsOne,
} from "../terms/suspects.ts";
import type { Extent } from "../terms/trials.ts";
import type { Source } from "../terms/window_fit.ts";

/** Experiments that isolate one term, and what can be wrong with it. */
export interface Stage {
  readonly experiments: readonly Experiment[];
  readonly suspects: readonly Suspect[];
  readonly extent: Extent;
  /** Of which term figures are read off the experiments. */
  readonly figures?: "limit" | "walls" | "step sizes";
  /** Suspects that act in the same experiments, so that only both together give them. */
  readonly beside?: readonly Suspect[];
}

const stageOf = (
  experiments: readonly Experiment[],
  parts: readonly string[],
  along: readonly string[] = [],
  extent: Extent = "points",
): Stage => ({ experiments, suspects: suspectsOf(parts, along), extent });

/** How the terms of a target are explained, by what is seen of it. */
export interface Plan {
  /** Whether the steps of chains are seen, or the ends alone. */
  readonly sees: "steps" | "ends";
  /** Where drift, noise and step sizes are fitted. */
  readonly windows: readonly Window[];
  /** The chain in which everything varies. */
  readonly census: Experiment;
  /** The same without noise. */
  readonly quietCensus: Experiment;
  /** In an order in which the later ones need the earlier ones. */
  readonly stages: readonly Stage[];
  /** What limits a step. */
  readonly limit: Stage;
  /** What ends it at a wall; the first by a push from inside of the box. */
  readonly walls: readonly [Stage, ...Stage[]];
  /** Where the step sizes of chains are told, if not in the windows. */
  readonly chains?: Stage;
}

const limitParts = ["limit", "clippedStep"];
const wallSuspects = suspectsOf(["result"]);

const limitStageOf = (experiments: readonly Experiment[]): Stage => ({
  ...stageOf(experiments, limitParts, ["result"]),
  figures: "limit",
  beside: wallSuspects,
});

const wallStageOf = (experiments: readonly Experiment[]): Stage => ({
  ...stageOf(experiments, ["result"]),
  figures: "walls",
  beside: suspectsOf(limitParts, ["result"]),
});

const withKept = (stage: Stage): Stage => ({
  ...stage,
  suspects: [...stage.suspects, ...keptSchedules],
});

const [first] = windows;
const limit = limitStageOf([...driftLimits, ...limitsOfFive, noiseLimit]);
const wall = wallStageOf([walls, noiseWalls]);
const beyond = stageOf([outside], ["start", "gradientAt", "result"]);
const gradientClipStageOf = (experiments: readonly Experiment[]): Stage => {
  const stage = stageOf(experiments, ["gradClip", "noGradClip", "zeroGradClip"]);
  return { ...stage, suspects: [...stage.suspects, ...softGradientClips] };
};
const exponentials = stageOf([exponential, exponentialNoise], ["exponential", "memory"], [
  "polynomial",
  "polynomialFirst",
  "singleStep",
]);

/** Of a sampler whose steps are seen. */
export const stepPlan: Plan = {
  sees: "steps",
  windows,
  census,
  quietCensus,
  stages: [
    stageOf([oneStep, oneStepNoise], ["singleStep", "polynomialFirst"], [], "all"),
    withKept(stageOf([first!.drift], ["memory"])),
    stageOf([first!.noise], ["noiseSource", "memory"]),
    exponentials,
    stageOf([exponentiated], ["gradientOfExp"], ["reportedOutputs"]),
    gradientClipStageOf(gradientClips),
    limit,
    wall,
    beyond,
    stageOf([census], ["gradientAt", "gradient", "drift"], ["gradientOfExp"]),
  ],
  limit,
  walls: [wall, beyond],
};

/** What chains bring out that no single step does. */
const chainParts = [
  "polynomial",
  "polynomialFirst",
  "stepSizes",
  "steps",
  "step",
  "noise",
  "noiseSharing",
  "noiseSource",
  "drift",
  "gradient",
  "gradientAt",
  "memory",
  "returns",
  "result",
  "clippedStep",
];

function endPlanOf(singles: SingleSteps): Plan {
  const limit = limitStageOf(singles.limits), wall = wallStageOf(singles.walls);
  const beyond = stageOf([singles.outside], ["start", "gradientAt", "result"]);
  const chains: Stage = {
    ...stageOf(
      windows.flatMap(({ drift, noise }) => [drift, noise]),
      chainParts,
      ["singleStep", "exponential", "gradientOfExp", "reportedOutputs"],
    ),
    figures: "step sizes",
  };
  const inChains = { ...chains, suspects: [...chains.suspects, oneShortFromTwo] };
  return {
    sees: "ends",
    windows: singles.windows,
    census: singles.census,
    quietCensus,
    stages: [
      stageOf([singles.exponentiated], ["gradientOfExp"], ["reportedOutputs"]),
      gradientClipStageOf(singles.gradientClips),
      limit,
      wall,
      beyond,
      inChains,
      stageOf([oneStep, oneStepNoise], ["singleStep", "polynomialFirst"]),
      exponentials,
      stageOf([...driftLimits, ...limitsOfFive, noiseLimit], limitParts, ["result"]),
      stageOf([walls, noiseWalls, outside], ["result", "start"]),
      stageOf([census], ["gradientAt", "gradient", "drift", "memory"], ["gradientOfExp"]),
    ],
    limit,
    walls: [wall, beyond],
    chains: inChains,
  };
}

/** Of a sampler of which the returned actions alone are seen. */
export const endPlans: Readonly<Record<Singling, Plan>> = {
  "one step": endPlanOf(singleSteps["one step"]),
  "second step without size": endPlanOf(singleSteps["second step without size"]),
};

/** What drift, noise and step sizes can have, where the windows as a whole do not tell: by short ones. */
export function windowStageOf({ windows }: Plan): Stage {
  return stageOf(
    windows.slice(0, 2).flatMap(({ drift, noise }) => [drift, noise]),
    ["polynomial", "polynomialFirst", "stepSizes", "step", "noise", "noiseLaw", "noiseSharing"],
    ["singleStep", "exponential"],
  );
}

/** What moves a step in an experiment. */
export function moverOf({ calls }: Experiment): Source | "both" {
  const quiet = ({ settings, noise }: Problem) =>
    settings.noiseScale === 0 ||
    noise.kind === "tape" &&
      noise.draws.every((draw) => draw.every((row) => row.every((xi) => xi === 0)));
  if (calls.every(quiet)) return "drift";
  return calls.every(({ energy }) => /^0\*a1( \+ 0\*a\d+)*$/.test(energy)) ? "noise" : "both";
}

/** What an experiment that isolates a term may not bring out. */
export const restSuspects: readonly Suspect[] = (() => {
  const isolated = ["polynomial", "noise", "noiseLaw", "noiseSharing", "drift", "step", "limit"];
  const parts = [...isolated, "gradient", "clippedStep", "gradClip", "noGradClip", "steps"];
  return [
    ...[...knownSuspects, ...halfTerms].filter(({ change }) =>
      Object.keys(change).some((part) => !parts.includes(part))
    ),
    zeroScaleAsOne,
    ...arraysReported,
    limitsOfEach,
    ...keptSchedules,
  ];
})();

/** Defects that can stand in the place of another one. */
export function rivalsOf({ stages }: Plan, suspect: Suspect): readonly Suspect[] {
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

/**
 * What is found out of a target before it is judged: whether it runs at all, what it lacks, with
 * which sign and how often it draws, whether its noise can be turned off.
 *
 * @module
 */

import {
  calmProblem,
  calmSettings,
  flatEnergy,
  problemOf,
} from "../../../properties/arbitraries.ts";
import { type Finding, plainFinding } from "../../../properties/finding.ts";
import { type Facts, pathPoints } from "../../../properties/observer.ts";
import type { NoiseSign } from "../../../spec/oracle.ts";
import type { Problem } from "../../../spec/problem.ts";
import { officialRule, type Rule } from "../../../spec/rule.ts";
import { featuresBeyond, partsOf, problemFor, ruleFor } from "../../../spec/rule_parts.ts";
import { type Feature, type Target, TargetFault } from "../../../spec/sampler.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import { withChainsTold } from "./chains_told.ts";
import { attributeDraws } from "./draw_layout.ts";
import { coordinatesOf } from "./own_coordinates.ts";
import { inFewShapes } from "./few_shapes.ts";
import { watchCase } from "./target_observer.ts";

/** What is known of a target before it is judged. */
export interface Calibration {
  /** The target as it is judged: it gets its tape in the order in which it draws. */
  readonly target: Target;
  /** What is to be said of its draws, if there is something. */
  readonly aboutDraws: string | null;
  /** Features that it says or shows that it lacks. */
  readonly unsupported: ReadonlySet<Feature>;
  /** The sign with which it adds its draws. */
  readonly noiseSign: NoiseSign;
  /** Whether only its final actions are seen. */
  readonly hidden: boolean;
  /** Set if it took another number of draws than the steps that it made. */
  readonly otherDraws: DrawCount | null;
  /** Set if its chains differ where the noise scale is 0. */
  readonly randomAtZero: RandomAtZero | null;
  /** The rule that it is judged by. */
  readonly rule: Rule;
}

/** How chains without noise differ, and the clause that this breaks. */
export interface RandomAtZero {
  readonly clause: "noise/scale" | "state/second-call";
  readonly finding: Finding;
}

/** How many draws of the suite were taken in so many steps. */
export interface DrawCount {
  readonly draws: number;
  readonly steps: number;
}

/** What is known of a target of which nothing has been run. */
export function uncalibrated(target: Target): Calibration {
  return {
    target,
    aboutDraws: null,
    unsupported: target.unsupported,
    noiseSign: 1,
    hidden: target.reveals === "final-actions",
    otherDraws: null,
    randomAtZero: null,
    rule: ruleFor(target),
  };
}

/**
 * Runs a harmless problem, and what it takes to know the noise.
 *
 * @throws {TargetFault} if the target cannot run it: then it is not judged at all
 */
export async function calibrate(given: Target): Promise<Calibration> {
  const target = withChainsTold(given);
  const before = uncalibrated(inFewShapes(target));
  const trajectory = await runPlain(before, harmless);
  requireGradients(before, trajectory);
  const { actions, outputs, gradNorms } = trajectory.chain ?? {};
  const drawn = await attributeDraws(target);
  const unsupported = new Set(drawn.target.unsupported);
  if (!actions) unsupported.add("chain-actions");
  if (!outputs) unsupported.add("chain-outputs");
  if (!gradNorms) unsupported.add("chain-grad-norms");
  const filled = inFewShapes(drawn.target);
  const found = { ...before, target: filled, aboutDraws: drawn.remark ?? null, unsupported };
  const coordinates = await coordinatesOf(found, (problem) => runPlain(found, problem));
  const known = coordinates ? { ...found, target: { ...filled, coordinates } } : found;
  return unsupported.has("noise-tape")
    ? { ...known, randomAtZero: await randomAtZero(known) }
    : { ...known, ...await drawing(known), randomAtZero: await randomAtZero(known) };
}

/** A target that says how it rounds, if it keeps its actions in coordinates of its own. */
export async function roundingSeen(target: Target): Promise<Target> {
  const known = uncalibrated(target);
  const coordinates = await coordinatesOf(known, (problem) => runPlain(known, problem));
  return coordinates ? { ...target, coordinates } : target;
}

/** What a clause is told of the target. */
export function factsOf(
  { target, unsupported: lacking, noiseSign, rule }: Calibration,
  given: Pick<Facts, "leastSteps" | "sharp"> = { leastSteps: 2, sharp: false },
): Facts {
  const { networkReturns: returns, compiles, bounds, coordinates } = target;
  const facts = {
    returns,
    noiseSign,
    ...given,
    ...compiles && { compiles },
    ...bounds && { bounds },
    ...coordinates && { coordinates },
  };
  if (rule === officialRule) return { ...facts, unsupported: lacking };
  return { ...facts, unsupported: new Set([...lacking, ...featuresBeyond(rule)]), rule };
}

/** Runs one problem, as it is for samplers of the rule; its results must be finite numbers. */
export async function runPlain(known: Calibration, problem: Problem): Promise<Trajectory> {
  const suited = problemFor(known.target, problem);
  return await watchCase(known.target, factsOf(known)).observer.run(suited);
}

const harmless: Problem = problemOf({
  energy: "(a1 - 0.25)^2 + 0.5*(a2 + 0.5*o1)^2",
  // Other problems would show these settings, should a target keep them.
  settings: calmSettings(2, {
    steps: 3,
    schedule: { kind: "polynomial", init: 0.25, final: 0.0625, power: 2 },
    bounds: { min: [-1.5, -2], max: [2, 1.75] },
    deltaClip: 0.75,
    gradNorm: "inf",
  }),
  groups: 2,
  samples: 2,
  observations: [[0.5], [-0.25]],
  initial: [[0, 0.125], [0.25, -0.5], [0.5, 0.25], [-0.5, 0]],
});

function requireGradients({ hidden }: Calibration, { evaluations }: Trajectory): void {
  if (hidden || evaluations.some(({ kind }) => kind === "gradient")) return;
  throw new TargetFault(
    "contract",
    `no question for a gradient in a chain of ${harmless.settings.steps} steps`,
    'a sampler that takes its gradients from the network that it is given; one in TypeScript may say reveals: "final-actions"',
  );
}

/**
 * With the noise scale 0 nothing is random: all else rests on that. What stays random, but not where
 * the gradient is 0, is no noise.
 */
async function randomAtZero(known: Calibration): Promise<RandomAtZero | null> {
  // A rule without a noise scale has noise at all times.
  if (!partsOf(known.rule).has("noise scale")) return null;
  const apart = await chainsApart(known, harmless);
  if (apart === null) return null;
  const isNoise = await chainsApart(known, { ...harmless, energy: flatEnergy }) !== null;
  const { row, axis, expected, actual } = apart;
  const distance = Math.abs(actual - expected).toPrecision(3);
  const message = isNoise
    ? `With the noise scale 0 two chains end ${distance} apart: the noise stays on`
    : `Two calls without noise that differ in their seeds alone end ${distance} apart in row ${row}, axis ${axis}, though not on a flat energy: something besides the noise is random`;
  return {
    clause: isNoise ? "noise/scale" : "state/second-call",
    finding: plainFinding(harmless, message, apart),
  };
}

/** A coordinate in which two chains with different seeds end apart. */
async function chainsApart(known: Calibration, problem: Problem) {
  const first = await runPlain(known, problem);
  const second = await runPlain(known, { ...problem, seed: problem.seed + 1 });
  for (const [row, actions] of first.final.entries()) {
    for (const [axis, expected] of actions.entries()) {
      const actual = second.final[row]![axis]!;
      const tolerance = 1e-4 * (1 + Math.abs(expected));
      if (Math.abs(actual - expected) > tolerance) {
        return { row, axis, expected, actual, tolerance };
      }
    }
  }
  return null;
}

const oneDrawAStep: Problem = calmProblem({
  energy: flatEnergy,
  steps: 3,
  initial: [[0]],
  draws: 1,
});

/** How often a target draws from the suite's tape, and with which sign it adds what it draws. */
async function drawing(
  known: Calibration,
): Promise<Partial<Pick<Calibration, "noiseSign" | "otherDraws">>> {
  const trajectory = await runPlain(known, oneDrawAStep);
  const points = pathPoints(problemFor(known.target, oneDrawAStep), trajectory);
  const { draws, final } = trajectory, { steps } = oneDrawAStep.settings;
  if (points === null && !known.hidden) return {};
  const [before, after] = points === null
    ? [oneDrawAStep.initial, final]
    : [points[1]!, points[2]!];
  // Without draws of the suite there is nothing of which the sign could be turned.
  const turned = draws > 0 && after[0]![0]! > before[0]![0]!;
  return {
    noiseSign: turned ? -1 : 1,
    otherDraws: draws === steps ? null : { draws, steps },
  };
}

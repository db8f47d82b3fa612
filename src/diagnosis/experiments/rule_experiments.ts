/**
 * The experiments of a diagnosis as they are for samplers of any rule: its settings, without what
 * it lacks.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Rule } from "../../../spec/rule.ts";
import { goesWithBox, partsOf, problemFor, type RulePart } from "../../../spec/rule_parts.ts";
import type { Feature } from "../../../spec/sampler.ts";
import { census } from "./census_chains.ts";
import {
  driftLimits,
  type Experiment,
  exponential,
  exponentiated,
  gradientClips,
  noiseLimit,
  noiseWalls,
  oneStep,
  oneStepAlone,
  outside,
  walls,
  type Window,
  windows,
} from "./experiments.ts";
import { furtherBoxes } from "./further_boxes.ts";
import type { View } from "./observations.ts";

/** What a sampler of a rule is asked. */
export interface RuleExperiments {
  /** Settings at which drift and noise are measured, each by itself. */
  readonly windows: readonly Window[];
  /** What else a rule with a bug can be told by; nothing where nothing silences the noise. */
  readonly others: readonly Experiment[];
  /** What is named from these must hold in them, too, to be certain. */
  readonly further: readonly Experiment[];
}

/** How a sampler is seen, and what it lacks. */
export interface Seeing {
  readonly view: View;
  readonly lacking: ReadonlySet<Feature>;
}

const staged: readonly (readonly [RulePart | null, readonly Experiment[]])[] = [
  ["delta clip", [...driftLimits, noiseLimit]],
  ["box", [walls, noiseWalls, outside]],
  ["gradient clip", gradientClips],
  ["exponential schedule", [exponential]],
  ["apply exp", [exponentiated]],
  [null, [oneStep, oneStepAlone, census]],
];

/** The longest chain would only repeat what the others show. */
const fewWindows = windows.slice(0, 3);

/** What a sampler of a rule is asked, as it is seen. */
export function experimentsUnder(rule: Rule, seeing: Seeing): RuleExperiments {
  const { view, lacking } = seeing, parts = partsOf(rule);
  const own = lacking.has("noise-tape");
  if (own && !parts.has("noise scale")) {
    return { windows: noisyWindows(rule, view), others: [], further: [] };
  }
  const given = (experiment: Experiment): Experiment => ({
    ...experiment,
    calls: experiment.calls.map((asked) => {
      const problem = goesWithBox(rule) ? inSmallSteps(asked) : asked;
      const suited = problemFor({ rule }, problem);
      return own ? silent(suited) : suited;
    }),
  });
  const runs = ({ feature }: Experiment) => feature === undefined || !lacking.has(feature);
  const seen = view === "final actions" ? fewWindows.map(ofOneStep) : fewWindows;
  return {
    windows: seen.map(({ name, drift, noise }) => ({
      name,
      drift: given(drift),
      noise: own ? statistical(rule, noise) : given(noise),
    })),
    others: [
      ...ownEnds(rule),
      ...staged.flatMap(([part, experiments]) =>
        part === null || parts.has(part) ? experiments.filter(runs) : []
      ),
    ].map(given),
    further: furtherBoxes.map(given),
  };
}

/** The least and the most of every setting that a rule has of its own, beside middling others. */
function ownEnds({ own = [] }: Rule): readonly Experiment[] {
  const middle = Object.fromEntries(
    own.map(({ symbol, from, to, whole = false }) =>
      [symbol, whole ? Math.round((from + to) / 2) : Math.fround((from + to) / 2)] as const
    ),
  );
  const { calls: [asked] } = fewWindows.at(-1)!.drift;
  return own.map(({ symbol, from, to }) => ({
    name: `the ends of ${symbol}`,
    calls: [from, to].map((value) => ({
      ...asked!,
      settings: { ...asked!.settings, own: { ...middle, [symbol]: value } },
    })),
  }));
}

/** Where steps go with the box, a smaller one with smaller step sizes, so that no wall is met. */
function inSmallSteps(problem: Problem): Problem {
  const { settings } = problem, { bounds: { min, max }, schedule } = settings;
  const small = (x: number) => x / 64, init = schedule.init / 256;
  return {
    ...problem,
    settings: {
      ...settings,
      bounds: { min: min.map(small), max: max.map(small) },
      schedule: schedule.kind === "polynomial"
        ? { ...schedule, init, final: schedule.final / 256 }
        : { ...schedule, init },
    },
  };
}

/** The step sizes of a chain of one step are those of its first. */
function ofOneStep({ name, drift, noise }: Window): Window {
  const short = (experiment: Experiment): Experiment => ({
    ...experiment,
    calls: experiment.calls.map((problem): Problem => ({
      ...problem,
      settings: { ...problem.settings, steps: 1 },
      noise: problem.noise.kind === "own"
        ? problem.noise
        : { kind: "tape", draws: problem.noise.draws.slice(0, 1) },
    })),
  });
  return { name, drift: short(drift), noise: short(noise) };
}

function silent(problem: Problem): Problem {
  return {
    ...problem,
    settings: { ...problem.settings, noiseScale: 0 },
    noise: { kind: "own" },
  };
}

/** Rows of one observation, where only many draws tell something. */
const manySamples = 256;

/** The same energy and settings, with many rows and draws of the sampler's own. */
function statistical(rule: Rule, { name, calls: [asked] }: Experiment): Experiment {
  const problem = goesWithBox(rule) ? inSmallSteps(asked!) : asked;
  const { energy, settings, groups, axes, observations, seed } = problem!;
  const many = problemOf({
    energy,
    settings,
    groups,
    samples: manySamples,
    observations,
    initial: Array.from({ length: groups * manySamples }, () => new Array<number>(axes).fill(0)),
    noise: { kind: "own" },
    seed,
  });
  return { name, calls: [problemFor({ rule }, many)] };
}

/** Slopes beside which noise of the same step is small enough to be averaged away. */
const steepness = 8;

/** Where nothing silences the noise, drift is told from many rows down steep slopes. */
function noisyWindows(rule: Rule, view: View): readonly Window[] {
  const seen = view === "final actions" ? fewWindows.map(ofOneStep) : fewWindows;
  return seen.map(({ name, drift, noise }) => {
    const [sloped] = drift.calls;
    const steep = {
      ...sloped!,
      observations: sloped!.observations.map((row) => row.map((slope) => steepness * slope)),
    };
    return {
      name,
      drift: statistical(rule, { ...drift, calls: [steep] }),
      noise: statistical(rule, noise),
    };
  });
}

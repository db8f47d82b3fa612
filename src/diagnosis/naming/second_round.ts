/**
 * Experiments that are made once more, otherwise: where chains without slopes end early, on gentle
 * slopes; where the drift goes with the noise scale, with one and draws of zero; where a term moves
 * so far that walls or limits stop it, with slopes or draws that are smaller.
 *
 * @module
 */

import type { Problem, Rows } from "../../../spec/problem.ts";
import { census, quietCensus } from "../experiments/census_chains.ts";
import {
  besideZeroDraws,
  driftBesideScale,
  type Experiment,
  windows,
} from "../experiments/experiments.ts";
import { slackOf } from "../experiments/near_walls.ts";
import type { Observation } from "../experiments/observations.ts";
import { chainOf } from "../experiments/response.ts";
import { moverOf } from "./stages.ts";
import type { Hypothesis } from "../terms/suspects.ts";
import type { Source } from "../terms/window_fit.ts";

const onSlopes = " on slopes", besideScale = " beside a noise scale", smaller = " made smaller";

/** The name of the experiment in the place of which another one stands. */
export function plainName(name: string): string {
  return [onSlopes, besideScale, smaller].reduce((plain, how) => plain.replace(how, ""), name);
}

/** Chains without slopes that end before their last step, where chains with slopes do not. */
export function endedEarly(observations: readonly Observation[]): readonly Observation[] {
  const ends = ({ probe, calls }: Observation) =>
    calls.some((call, c) =>
      call !== "throws" && call.points.length < probe.calls[c]!.settings.steps
    );
  const sloped = observations.filter(({ probe }) =>
    moverOf(probe) === "drift" && !probe.name.startsWith("clause ")
  );
  return sloped.some(ends)
    ? []
    : observations.filter((seen) => moverOf(seen.probe) === "noise" && ends(seen));
}

/** How far a step of the windows may go: much farther, and something may stop it. */
const farthest = 16;

/** Slopes and draws are made so many binary digits smaller, the fewest first. */
const digitsTried = [6, 12, 18, 24, 30, 36] as const;

/** What tells how much smaller slopes or draws must be, for terms that move too far. */
export function trialSizes(observations: readonly Observation[]): readonly Experiment[] {
  return (["drift", "noise"] as const).filter((source) => movesFar(observations, source))
    .flatMap((source) =>
      digitsTried.map((digits): Experiment => ({
        ...changed(
          firstOf(observations, source),
          "",
          (problem) => reduced(problem, source, digits),
        ),
        name: trialName(source, digits),
      }))
    );
}

const trialName = (source: Source, digits: number) => `${source} smaller by 2^-${digits}`;

/**
 * What is to be observed once more after what was seen.
 *
 * @param sizes of the trial sizes
 */
export function secondRound(
  observations: readonly Observation[],
  sizes: readonly Observation[],
): readonly Experiment[] {
  const by = (mover: "drift" | "noise") =>
    observations.filter(({ probe }) => moverOf(probe) === mover).map(({ probe }) => probe);
  const early = endedEarly(observations).length > 0;
  const scales = needsNoiseScale(observations), digits = digitsOf(observations, sizes);
  const scaled = scales ? by("drift").filter(({ name }) => name !== driftBesideScale.name) : [];
  const beside = scaled.map((probe, j) =>
    changed(
      probe,
      besideScale,
      (problem) => besideZeroDraws(problem, scalesTried[j % scalesTried.length]!),
    )
  );
  return [
    ...early ? by("noise").map((probe) => changed(probe, onSlopes, sloped)) : [],
    ...beside,
    ...(["drift", "noise"] as const).flatMap((source) => {
      const fewer = digits[source];
      if (fewer === undefined) return [];
      const window = (probe: Experiment) => probe.name.startsWith(`${source} of `);
      return (source === "drift" && scales ? beside : by(source)).filter(window)
        .map((probe) => changed(probe, smaller, (problem) => reduced(problem, source, fewer)));
    }),
    ...digits.drift === undefined && digits.noise === undefined ? [] : [census, quietCensus].map((
      probe,
    ) => changed(probe, smaller, (problem) => smallerCensus(problem, digits))),
  ];
}

/** Noise scales beside which the drift is seen; two alone would fit too much. */
const scalesTried = [0.75, 1.5, 0.5, 2, 1.25] as const;

type Digits = Readonly<Partial<Record<Source, number>>>;

/** How many binary digits smaller the slopes or draws of each term must be; none where it goes. */
function digitsOf(observations: readonly Observation[], sizes: readonly Observation[]): Digits {
  const found: Partial<Record<Source, number>> = {};
  for (const source of ["drift", "noise"] as const) {
    if (!movesFar(observations, source)) continue;
    const digits = digitsTried.find((digits) =>
      sizes.some((seen) =>
        seen.probe.name === trialName(source, digits) && goes(seen, farthest / 8)
      )
    );
    if (digits !== undefined) found[source] = digits;
  }
  return found;
}

/** The first window of a term, as it shows that term. */
function firstOf(observations: readonly Observation[], source: Source): Experiment {
  const [first] = windows;
  return source === "noise"
    ? first!.noise
    : needsNoiseScale(observations)
    ? driftBesideScale
    : first!.drift;
}

/** Whether a term moves chains of the windows farther than they should go by far. */
function movesFar(observations: readonly Observation[], source: Source): boolean {
  const { name } = firstOf(observations, source);
  const seen = observations.find(({ probe }) => probe.name === name);
  return seen !== undefined && !goes(seen, farthest);
}

/** Whether no coordinate goes farther in a step; so do chains of which nothing is seen. */
function goes({ probe, calls: [call] }: Observation, most: number): boolean {
  const chain = call === undefined || call === "throws"
    ? undefined
    : chainOf(probe.calls[0]!, call);
  const points = chain?.points ?? [];
  return points.slice(1).every((to, k) =>
    to.every((row, r) => row.every((a, i) => !(Math.abs(a - points[k]![r]![i]!) > most)))
  );
}

/**
 * Whether an experiment was made with smaller slopes or draws: in a smaller box, too, because a
 * sampler that scales it to [−1, 1] rounds actions as coarsely as the box is wide.
 */
const isSmaller = ({ probe: { name } }: Observation) => name.endsWith(smaller);

/** How far numbers may be off, for each unit of them: by the number format, or by a wide box. */
export function coarseness(base: Hypothesis, observations: readonly Observation[]): number {
  const formats = base.map(({ change }) => change.precision);
  if (formats.includes("bfloat16")) return 8e-3;
  if (formats.includes("float16")) return 1e-3;
  const ofBounds = observations.filter(({ probe }) =>
    plainName(probe.name) === windows[0]!.drift.name
  )
    .flatMap(({ probe }) => probe.calls.map(slackOf));
  return Math.max(0, observations.some(isSmaller) ? 5e-6 : 0, ...ofBounds);
}

/** A problem in a box that is narrower by so much. */
function inSmallerBox(problem: Problem): Problem {
  const { bounds: { min, max } } = problem.settings;
  const bounds = { min: min.map((lo) => lo / 8), max: max.map((hi) => hi / 8) };
  return { ...problem, settings: { ...problem.settings, bounds } };
}

/** The same with slopes, or draws, that are smaller. */
function reduced(of: Problem, source: Source, digits: number): Problem {
  const problem = inSmallerBox(of);
  const by = 2 ** -digits, times = (rows: Rows) => rows.map((row) => row.map((v) => v * by));
  const { noise, observations } = problem;
  return source === "drift" ? { ...problem, observations: times(observations) } : {
    ...problem,
    noise: noise.kind === "own" ? noise : { ...noise, draws: noise.draws.map(times) },
  };
}

/** The chain in which everything varies with smaller slopes and draws. */
function smallerCensus(problem: Problem, { drift = 0, noise = 0 }: Digits): Problem {
  const { energy, ...rest } = reduced(problem, "noise", noise);
  return { ...rest, energy: drift === 0 ? energy : `${2 ** -drift} * (${energy})` };
}

/** Whether drift goes with the noise scale, or nothing moves without it. */
function needsNoiseScale(observations: readonly Observation[]): boolean {
  const seen = observations.find(({ probe }) => probe.name === driftBesideScale.name);
  const plain = observations.find(({ probe }) => probe.name === windows[0]!.drift.name);
  const one = seen?.calls[0], other = plain?.calls[0];
  if (one === undefined || one === "throws" || other === undefined || other === "throws") {
    return false;
  }
  return one.final.some((row, r) =>
    row.some((a, i) => Math.abs(a - other.final[r]![i]!) > 1e-4 * (1 + Math.abs(a)))
  );
}

function changed(
  probe: Experiment,
  how: string,
  change: (problem: Problem) => Problem,
): Experiment {
  return { ...probe, name: `${probe.name}${how}`, calls: probe.calls.map(change) };
}

const gentle = 0.0625;

function sloped(problem: Problem): Problem {
  const terms = Array.from({ length: problem.axes }, (_, i) => `${gentle}*a${i + 1}`);
  return { ...problem, energy: terms.join(" + ") };
}

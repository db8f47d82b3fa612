/**
 * Experiments that are made once more, otherwise: where chains without slopes end early, on gentle
 * slopes; where nothing moves without noise, with a noise scale and draws of zero.
 *
 * @module
 */

import { same } from "../../spec/trajectory.ts";
import type { Problem } from "../../spec/problem.ts";
import { census, type Experiment } from "./experiments.ts";
import type { Observation } from "./observations.ts";
import { moverOf } from "./stages.ts";

const onSlopes = " on slopes", besideScale = " beside a noise scale";

/** The name of the experiment in the place of which another one stands. */
export function plainName(name: string): string {
  return name.replace(onSlopes, "").replace(besideScale, "");
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

/** What is to be observed once more after what was seen. */
export function secondRound(observations: readonly Observation[]): readonly Experiment[] {
  const by = (mover: "drift" | "noise") =>
    observations.filter(({ probe }) => moverOf(probe) === mover).map(({ probe }) => probe);
  return [
    ...endedEarly(observations).length > 0
      ? by("noise").map((probe) => changed(probe, onSlopes, sloped))
      : [],
    ...needsNoiseScale(observations)
      ? by("drift").map((probe, j) => changed(probe, besideScale, scaled(j % 2 === 0 ? 0.75 : 1.5)))
      : [],
  ];
}

/** Whether nothing moves without noise, and gradients move chains with noise. */
function needsNoiseScale(observations: readonly Observation[]): boolean {
  const stands = ({ probe, calls }: Observation) =>
    calls.every((call, c) => call !== "throws" && same(call.final, probe.calls[c]!.initial));
  const quiet = observations.filter(({ probe }) => probe.name.startsWith("drift "));
  const loud = observations.filter(({ probe }) => probe.name === census.name);
  return quiet.length > 0 && quiet.every(stands) && loud.length > 0 && !loud.some(stands) &&
    loud.every(({ probe }) => probe.calls.every(({ noise }) => noise.kind === "tape"));
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

const scaled = (noiseScale: number) => (problem: Problem): Problem => ({
  ...problem,
  settings: { ...problem.settings, noiseScale },
  noise: {
    kind: "tape",
    draws: Array.from(
      { length: problem.settings.steps },
      () => problem.initial.map((row) => row.map(() => 0)),
    ),
  },
});

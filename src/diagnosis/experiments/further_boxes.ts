/**
 * Boxes, shapes and settings beside those of the other experiments: what is named from these must hold
 * in them, too, before it is certain.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import { seedFor, uniform } from "../../../spec/numerics/random.ts";
import type { Problem, Settings } from "../../../spec/problem.ts";
import type { Experiment } from "./experiments.ts";

/** About zero, above it, below it; narrow and wide; with zero on a wall. */
const sides: readonly (readonly [lo: number, hi: number])[] = [
  [-1, 1],
  [2, 3],
  [-9, -5],
  [0, 0.125],
  [-30, 70],
  [-0.25, 0],
  [-2.5, 0.5],
];

/** Rows of one and of several observations, with one and with several samples. */
const shapes: readonly (readonly [groups: number, samples: number, axes: number])[] = [
  [1, 1, 2],
  [1, 4, 1],
  [3, 1, 4],
  [2, 2, 3],
  [1, 1, 1],
  [2, 3, 2],
  [1, 2, 5],
];

const lengths = [2, 4, 3, 7, 2, 6, 10], noiseScales = [0, 0.5, 1, 0, 0.125, 3];
const deltaClips = [0.25, 1.5, 0.0625, 0.5, 8], count = 14;

/** Slopes of half a step to several limits, draws of all sizes, starts all over the box. */
function problemAt(n: number): Problem {
  const next = uniform(seedFor(n, "further boxes"));
  const within = (from: number, to: number) => from + Math.round(next() * 64) / 64 * (to - from);
  const of = <T>(all: readonly T[]) => all[n % all.length]!;
  const [groups, samples, axes] = of(shapes), steps = of(lengths), rows = groups * samples;
  const box = Array.from({ length: axes }, (_, i) => sides[(n + i) % sides.length]!);
  const ranges = box.map(([lo, hi]) => hi - lo), init = of([0.5, 0.125, 0.25, 1]);
  const settings: Settings = {
    bounds: { min: box.map(([lo]) => lo), max: box.map(([, hi]) => hi) },
    steps,
    schedule: { kind: "polynomial", init, final: init / of([8, 1, 64]), power: of([1, 2, 3, 0.5]) },
    noiseScale: of(noiseScales),
    gradClip: null,
    deltaClip: of(deltaClips),
    gradNorm: null,
    applyExp: false,
  };
  return problemOf({
    energy: box.map((_, i) => `o${i + 1}*a${i + 1}`).join(" + "),
    settings,
    groups,
    samples,
    observations: Array.from(
      { length: groups },
      () => ranges.map((range) => within(-2, 2) * range / init),
    ),
    initial: Array.from({ length: rows }, () => box.map(([lo, hi]) => within(lo, hi))),
    noise: {
      kind: "tape",
      draws: Array.from(
        { length: steps },
        () => Array.from({ length: rows }, () => ranges.map(() => within(-2, 2) || 1)),
      ),
    },
    seed: n,
  });
}

/** The experiments. */
export const furtherBoxes: readonly Experiment[] = Array.from({ length: count }, (_, n) => ({
  name: `further box ${n}`,
  calls: [problemAt(n)],
}));

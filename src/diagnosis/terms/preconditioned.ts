/**
 * Gradients that are divided by a root of what their squares have been, as RMSprop, Adam and Adagrad
 * do, and draws that are divided alike, as pSGLD does.
 *
 * @module
 */

import { same } from "../../../spec/trajectory.ts";
import {
  afterClip,
  gradientMeans,
  type RunningMean,
  squareMeans,
} from "../../defects/past_gradients.ts";
import { officialRule, stepSizes } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { rounded, shown } from "../figures/figures.ts";
import { forcedTerms } from "../experiments/response.ts";
import type { Suspect } from "./suspects.ts";
import type { SeenRun } from "./window_fit.ts";

/** What keeps the divisor from 0, outside of the root and inside. */
const floors = [
  ...[1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].map((floor) => ({ floor, inside: false })),
  ...[1e-8, 1e-6, 1e-5, 1e-4, 1e-3].map((floor) => ({ floor, inside: true })),
] as const;

type Floor = (typeof floors)[number];

/** A way to divide gradients by what they have been. */
interface Division {
  readonly squares: RunningMean;
  /** What is divided: the gradient itself where it is no mean. */
  readonly mean: RunningMean | undefined;
  readonly floor: Floor;
}

const divisions: readonly Division[] = squareMeans.flatMap((squares) =>
  [undefined, ...gradientMeans].flatMap((mean) => floors.map((floor) => ({ squares, mean, floor })))
);

/** Gradients of one coordinate along a chain, and how far it moved in each step. */
interface Track {
  readonly gradients: readonly number[];
  readonly moves: readonly number[];
}

/**
 * The divisions that a chain without noise shows, each with what may stand in the rule's place.
 *
 * Within every step all movements are one multiple of what a division gives; the multiple of the
 * first step, in step sizes, is the factor.
 */
export function preconditioned(
  { problem, chain: { points } }: SeenRun,
  returns: NetworkReturns,
): readonly Suspect[] {
  const terms = forcedTerms(officialRule, problem, points, returns) ?? [];
  // A chain that stands still is a multiple of everything.
  if (terms.length < 3 || points.every((at) => same(at, points[0]!))) return [];
  const { min, max } = problem.settings.bounds;
  const tracks = points[0]!.flatMap((row, r) =>
    row.map((_, i): Track => ({
      gradients: terms.map((step) => step[r]![i]!.gradient),
      moves: terms.map((_, k) => {
        const at = points[k + 1]![r]![i]!;
        return at <= min[i]! || at >= max[i]! ? NaN : points[k]![r]![i]! - at;
      }),
    }))
  );
  const { schedule, steps } = problem.settings, sizes = stepSizes(schedule, steps);
  const all = divisions.flatMap((division) => {
    const fit = fitOf(division, tracks, sizes);
    return fit === undefined ? [] : [{ division, ...fit }];
  });
  // What goes with the step sizes that are asked for needs no others.
  const even = all.filter(({ isEven }) => isEven), found = even.length > 0 ? even : all;
  // The least floor that gives it: lesser ones give the same.
  const plain = new Map(
    found.reverse().map((one) => [
      `${one.division.squares.symbol} ${one.division.mean?.symbol}`,
      one,
    ]),
  );
  return [...plain.values()].flatMap(({ division, factor }) => suspectsOf(division, factor));
}

/** The factor of a division in the first step, and whether it is the same in all. */
interface DivisionFit {
  readonly factor: number;
  readonly isEven: boolean;
}

/** How a division fits, if it gives every movement up to a factor of each step. */
function fitOf(
  division: Division,
  tracks: readonly Track[],
  sizes: readonly number[],
): DivisionFit | undefined {
  const steps = tracks[0]!.moves.length, factors: number[] = [];
  for (let k = 0; k < steps; k++) {
    let sums = 0, squares = 0;
    const told = tracks.flatMap(({ gradients, moves }) => {
      const move = moves[k]!;
      if (Number.isNaN(move)) return [];
      const value = valueOf(division, gradients.slice(0, k + 1));
      sums += move * value;
      squares += value * value;
      return [{ move, value }];
    });
    const factor = sums / squares;
    const gives = told.length > 3 &&
      told.every(({ move, value }) =>
        Math.abs(move - factor * value) <= 2e-4 * Math.abs(move) + 1e-6
      );
    if (!gives || !Number.isFinite(factor)) return undefined;
    factors.push(factor / sizes[k]!);
  }
  const [first] = factors;
  if (first === undefined) return undefined;
  const isEven = factors.every((one) => Math.abs(one - first) <= 1e-3 * Math.abs(first));
  return { factor: rounded(first), isEven };
}

function valueOf({ squares, mean, floor }: Division, gradients: readonly number[]): number {
  const power = squares.of(gradients.map((g) => g * g));
  const { floor: least, inside } = floor;
  const root = inside ? Math.sqrt(power + least) : Math.sqrt(power) + least;
  return (mean?.of(gradients) ?? gradients.at(-1)!) / root;
}

const weights = ({ kept, corrected }: RunningMean) =>
  `${kept} of the last mean, ${rounded(1 - kept)} of each new one${
    corrected ? ", divided by the sum of the weights" : ""
  }`;

function titleOf({ squares, mean, floor }: Division, factor: number): string {
  const what = mean === undefined ? "gradient" : `running mean of the gradients (${weights(mean)})`;
  const by = squares.kept === 1
    ? `the root of the sum of all ${mean ? "their" : "its"} squares so far`
    : `the root of the running mean of ${mean ? "their" : "its"} squares (${weights(squares)})`;
  const like = squares.kept === 1 ? "Adagrad" : mean === undefined ? "RMSprop" : "Adam";
  const least = floor.floor === 1e-8 ? "" : ` and ${floor.floor}${floor.inside ? " under it" : ""}`;
  const times = Math.abs(factor - 0.5) < 1e-6 ? "" : `; times ${shown(factor)} instead of 0.5`;
  return `The ${what} is divided by ${by}${least}, as ${like} does${times}`;
}

function suspectsOf(division: Division, factor: number): readonly Suspect[] {
  const { squares: { symbol }, mean, floor: { floor, inside } } = division;
  const rootOf = (of: string) => inside ? `sqrt(${of} + ${floor})` : `(sqrt(${of}) + ${floor})`;
  const root = rootOf(symbol), ofClipped = rootOf(`${symbol}${afterClip}`);
  const title = titleOf(division, factor);
  const base = {
    id: null,
    fix: "Use the gradient of the present point as it is: no optimiser.",
    written: (symbol: string) => {
      const root = `√(${division.squares.kept === 1 ? "sum" : "mean"} of ∇E²)`;
      if (symbol.includes("ξ")) return `(${symbol}/√${root})`;
      return `(${mean ? `mean of ${symbol}` : symbol}/${root})`;
    },
  };
  const whole = 2 * factor, of = mean?.symbol;
  const changes: readonly Suspect["change"][] = [
    { drift: `${factor} * ${of ? `${of}${afterClip}` : "gt"} / ${ofClipped}` },
    { drift: `${factor} * ${of ?? "gt"} / ${root}` },
    {
      gradient: `${whole} * ${of ?? "g"} / ${root}`,
      gradientOfExp: `${whole} * ${of ?? "exp(-E) * g"} / ${root}`,
    },
  ];
  const drifts = changes.map((change): Suspect => ({
    ...base,
    key: `measured number drift ${Object.values(change)[0]}`,
    title,
    change,
  }));
  // The noise is divided by the root of what divides the gradient.
  const both = changes.map((change): Suspect => ({
    ...base,
    key: `measured number drift and noise ${Object.values(change)[0]}`,
    title: `${title}; the draw is divided by the root of that, as pSGLD does`,
    change: {
      ...change,
      noise: `sigma * xi / sqrt(${
        Object.values(change)[0]!.includes(afterClip) ? ofClipped : root
      })`,
    },
  }));
  return mean === undefined ? [...drifts, ...both] : drifts;
}

/**
 * On what the limit of a step depends beside the delta clip and the range of its own axis.
 *
 * @module
 */

import { problemOf } from "../../../properties/arbitraries.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import type { Target } from "../../../spec/sampler.ts";
import { bothShown } from "../figures/figures.ts";
import type { Influence } from "../figures/measurement.ts";
import { observeProbes } from "../experiments/observations.ts";

type Bounds = Settings["bounds"];

const box: Bounds = { min: [-1, 2, -3], max: [1, 4.5, -1.5] };

/** One steep step in a box from its middle: no wall is near. */
function steepIn(bounds: Bounds): Problem {
  const middle = bounds.min.map((lo, i) => (lo + bounds.max[i]!) / 2);
  return problemOf({
    energy: "4096*a1 - 4096*a2 + 4096*a3",
    settings: {
      bounds,
      steps: 2,
      schedule: { kind: "polynomial", init: 0.25, final: 0.25, power: 1 },
      noiseScale: 0,
      gradClip: null,
      deltaClip: 0.125,
      gradNorm: null,
      applyExp: false,
    },
    groups: 1,
    samples: 1,
    initial: [middle],
  });
}

const changed = (
  axis: number,
  by: (lo: number, hi: number) => readonly [number, number],
): Bounds => {
  const sides = box.min.map((lo, i) =>
    i === axis ? by(lo, box.max[i]!) : [lo, box.max[i]!] as const
  );
  return { min: sides.map(([lo]) => lo), max: sides.map(([, hi]) => hi) };
};

const wider = box.min.map((_, axis) => changed(axis, (lo, hi) => [lo - 1, hi + 1]));
const shifted: Bounds = {
  min: box.min.map((lo) => lo + 8),
  max: box.max.map((hi) => hi + 8),
};

/** Everything that limits of steps depend on against the rule, as far as two boxes tell. */
export async function limitDependences(target: Target): Promise<readonly Influence[]> {
  if (target.bounds === "scalar") return [];
  const problems = [
    steepIn(box),
    steepIn(box),
    ...wider.map((one) => steepIn(one)),
    steepIn(shifted),
  ];
  const seen = await observeProbes(
    target,
    problems.map((problem, j) => ({ name: `limits in box ${j}`, calls: [problem] })),
  );
  const moves = seen.map(({ calls: [call] }, j) =>
    call === undefined || call === "throws" ? undefined : movesOf(problems[j]!, call.final)
  );
  const [usual, again, ...others] = moves, moved = others.pop();
  // Whatever differs from call to call tells nothing.
  if (usual === undefined || again === undefined || !usual.every((m, i) => near(m, again[i]!))) {
    return [];
  }
  const byOther = others.flatMap((other, axis) => {
    const at = usual.findIndex((move, i) =>
      i !== axis && other !== undefined && !near(move, other[i]!)
    );
    if (other === undefined || at < 0) return [];
    const [here, wider] = bothShown(usual[at]!, other[at]!);
    return [{
      on: "other axis" as const,
      text: `The limit of axis ${at} depends on the bounds of axis ${axis}: two steps go ` +
        `${here}, and ${wider} where only that axis is wider`,
    }];
  });
  const at = moved === undefined ? -1 : usual.findIndex((move, i) => !near(move, moved[i]!));
  const [here, elsewhere] = bothShown(usual[at] ?? NaN, moved?.[at] ?? NaN);
  const byPlace = at < 0 ? [] : [{
    on: "setting" as const,
    text:
      `The limit of a step depends on where the box is, not on its range alone: on axis ${at} ` +
      `two steps go ${here}, and ${elsewhere} in a box as wide elsewhere`,
  }];
  return [...byOther.slice(0, 1), ...byPlace];
}

const movesOf = ({ initial: [from] }: Problem, [to]: Rows) =>
  from!.map((a, i) => Math.abs((to?.[i] ?? NaN) - a));

const near = (one: number, other: number) => Math.abs(one - other) <= 1e-4 * (1e-3 + Math.abs(one));

/**
 * Reads step sizes off returned actions alone.
 *
 * The energy is a hinge, flat below zero; each row starts one rung higher than the one before and
 * moves by half a step size times the slope in every step, until it has passed the hinge. Where it
 * ends is a partial sum of the steps: the first that is as high as it started.
 *
 * @module
 */

import { decimal } from "../../properties/arbitraries.ts";
import type { Problem, Rows } from "../../spec/problem.ts";
import type { Target } from "../../spec/sampler.ts";
import { observeProbes } from "./observations.ts";
import { ladder, ladderWidth } from "./probes.ts";

/** The ladder with another slope. */
function steeper(slope: number): Problem {
  // A delta clip so large that nothing is limited, whatever the limit is made from.
  const settings = { ...ladder.settings, deltaClip: 64 };
  return { ...ladder, settings, energy: `${decimal(slope)}*max(0, a1)` };
}

/**
 * Half the step sizes of a target, in their order, on a ladder that its chain climbs as far as can
 * be.
 *
 * @returns none if what is returned are not the sums of the same steps in every row
 * @throws {TargetFault} if the target's process fails
 */
export async function climb(target: Target): Promise<readonly number[]> {
  const up = await read(target, 1);
  // A chain that climbs the energy comes down on a ladder that leads the other way.
  let once = up.length > 0 ? up : await read(target, -1), slope = up.length > 0 ? 1 : -1;
  const most = 0.8 * ladder.initial.length * ladderWidth;
  while (totalOf(once) * Math.abs(slope) >= most && Math.abs(slope) > 1e-3) {
    slope /= 4;
    once = await read(target, slope);
  }
  const whole = totalOf(once);
  if (!(whole > 0)) return [];
  // A power of two, so that the ladder stays free of rounding; never the slope that was tried.
  const fitting = 2 ** Math.floor(Math.log2(most / whole));
  const other = Math.sign(slope) * (fitting === Math.abs(slope) ? fitting / 2 : fitting);
  const again = await read(target, other);
  // A gradient that is not used as it is has other step sizes on another slope.
  const far = ladderWidth / Math.min(Math.abs(slope), Math.abs(other));
  if (Math.abs(totalOf(again) - whole) > 1e-3 * whole + far) return [];
  return again.length >= once.length ? again : once;
}

const totalOf = (steps: readonly number[]) => Math.abs(steps.reduce((sum, step) => sum + step, 0));

async function read(target: Target, slope: number): Promise<readonly number[]> {
  const problem = steeper(slope);
  const [seen] = await observeProbes(target, [{ name: "ladder", calls: [problem] }]);
  const climbed = seen!.calls[0]!;
  if (climbed === "throws") return [];
  return stepsOn(problem, climbed.final).map((step) => step / slope);
}

/** The steps that took every row from where it started to where it ended, if they are the same. */
export function stepsOn({ initial }: Problem, final: Rows): readonly number[] {
  const rows = initial.map(([from], j) => ({ from: from!, moved: from! - final[j]![0]! }));
  const near = (one: number, other: number) =>
    Math.abs(one - other) <= 1e-6 * (1 + Math.abs(other));
  const sums = rows.map(({ moved }) => moved).sort((a, b) => a - b)
    .filter((moved, j, all) => j === 0 || !near(moved, all[j - 1]!));
  // A row that comes to stand on the hinge may go on or not.
  const ends = (from: number) => [
    sums.find((sum) => sum >= from - 1e-6) ?? sums.at(-1)!,
    sums.find((sum) => sum > from + 1e-6) ?? sums.at(-1)!,
  ];
  const told = rows.every(({ from, moved }) => ends(from).some((end) => near(moved, end)));
  const positive = sums.every((sum) => sum > 1e-7);
  return told && positive ? sums.map((sum, k) => sum - (sums[k - 1] ?? 0)) : [];
}

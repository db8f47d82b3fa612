/**
 * Reads step sizes off returned actions alone.
 *
 * The energy is a hinge, flat below zero; each row starts one rung higher than the one before and
 * moves by half a step size times the slope in every step, until it has passed the hinge. Where it
 * ends is a partial sum of the steps: the first that is as high as it started.
 *
 * @module
 */

import { decimal } from "../../../properties/arbitraries.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import type { Target } from "../../../spec/sampler.ts";
import { observeProbes } from "../experiments/observations.ts";
import { ladder, ladderWidth } from "../experiments/probes.ts";
import { sizesOfRule } from "../experiments/response.ts";
import { changesOf, type Hypothesis, type Suspect } from "./suspects.ts";
import { rounded, shown } from "../figures/figures.ts";
import { byStep } from "./by_step.ts";
import { ruleWith } from "../../defects/change.ts";
import { type Rule, stepSizes } from "../../../spec/rule.ts";
import { simulate } from "../experiments/simulate.ts";

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

/**
 * The step sizes that a ladder shows, as a power or as a table.
 *
 * @param rungs step sizes times drift
 * @param state what is known of single steps
 */
export function ladderSuspects(rungs: readonly number[], state: Hypothesis): readonly Suspect[] {
  const { settings } = ladder, { schedule, steps } = settings;
  const single: Problem = { ...steeper(1), settings: { ...steeper(1).settings, steps: 1 } };
  const drift = driftOf(ruleWith(...changesOf(state)), single);
  if (rungs.length !== steps || drift === undefined || schedule.kind !== "polynomial") return [];
  const sizes = rungs.map((rung) => rounded(rung / drift));
  if (!sizes.every((eta) => Number.isFinite(eta) && eta >= 0)) return [];
  const wanted = stepSizes(schedule, steps);
  // Sizes that are right here tell nothing of others.
  if (sizes.every((eta, k) => Math.abs(eta - wanted[k]!) <= 1e-3 * wanted[k]!)) return [];
  const { init, final, power: asked } = schedule;
  const power = rounded(
    Math.log((sizes[1]! - final) / (init - final)) / Math.log(1 - 1 / (steps - 1)),
  );
  const list = (values: readonly number[]) =>
    values.map((v) => String(Number(v.toPrecision(3)))).join(", ");
  const fix = "Use (init - final) · (1 - k / (N - 1)) ^ power + final.";
  const ofPower: Suspect = {
    key: `measured power ${power}`,
    id: null,
    title: `The power of the schedule is ${shown(power)}, whatever is asked for`,
    fix: "Use the power that is asked for.",
    change: { polynomial: `(init - final) * (1 - k / (N - 1)) ^ ${power} + final` },
  };
  const table: Suspect = {
    key: "measured table of the ladder",
    id: null,
    title: `The step sizes are ${list(sizes)} where ${list(wanted)} are asked for`,
    fix,
    change: { polynomial: byStep(sizes.map(String)), polynomialFirst: String(sizes[0]!) },
    known: ({ settings: other }) =>
      other.schedule.kind !== "polynomial" || other.steps === 1 ||
      other.steps === steps && JSON.stringify(other.schedule) === JSON.stringify(schedule),
  };
  return power > 0 && Math.abs(power - asked) > 1e-3 ? [ofPower, table] : [table];
}

/** The drift of a rule on a slope of one, per step size. */
function driftOf(rule: Rule, problem: Problem): number | undefined {
  const [size] = sizesOfRule(rule, problem, "energy");
  const [call] = simulate(rule, { name: "ladder", calls: [problem] }, "energy").calls;
  if (size === undefined || call === undefined || call === "throws") return undefined;
  const drift = (problem.initial.at(-1)![0]! - call.final.at(-1)![0]!) / size;
  return Number.isFinite(drift) && drift !== 0 ? drift : undefined;
}

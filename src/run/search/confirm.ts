/**
 * Runs a case again in which a clause was found broken: what comes and goes is told as such.
 *
 * @module
 */

import { type Finding, plainFinding } from "../../../properties/finding.ts";
import type { Facts } from "../../../properties/observer.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { type Feature, type Target, TargetFault } from "../../../spec/sampler.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import type { SeenRun } from "../calibration/target_observer.ts";

/** Above rounding, whatever a chain makes of it; far below what a random mask or a lost update does. */
const slack = 1e-4;

/**
 * Two equal calls that differ, among runs of the same case.
 *
 * @returns `null` if there are none; noise of the sampler's own may differ
 */
export function differingCalls(
  once: readonly SeenRun[],
  again: readonly SeenRun[],
  facts: Pick<Facts, "unsupported">,
): Finding | null {
  for (const [index, { problem, trajectory }] of once.entries()) {
    const other = again[index];
    if (other === undefined) return null;
    if (facts.unsupported.has("noise-tape") && problem.settings.noiseScale !== 0) continue;
    const found = differenceOf(trajectory, other.trajectory);
    if (found === null) continue;
    const { row, axis, one, two, where, tolerance } = found;
    const message = `Two equal calls differ: row ${row}, axis ${axis} is at ${
      show(one)
    } ${where} in the one and at ${
      show(two)
    } in the other, with the same settings, actions and noise`;
    return plainFinding(problem, message, { row, axis, expected: two, actual: one, tolerance });
  }
  return null;
}

/** Where two trajectories of equal calls part. */
export interface Difference {
  readonly row: number;
  readonly axis: number;
  readonly one: number;
  readonly two: number;
  /** At which gradient, in words. */
  readonly where: string;
  readonly tolerance: number;
}

/** Where two trajectories of equal calls part, beyond rounding; `null` if they don't. */
export function differenceOf(a: Trajectory, b: Trajectory): Difference | null {
  const others = tablesOf(b), all = tablesOf(a);
  for (const [table, rows] of all.entries()) {
    for (const [row, point] of rows.entries()) {
      for (const [axis, one] of point.entries()) {
        const two = others[table]?.[row]?.[axis];
        if (two === undefined || Object.is(one, two)) continue;
        const tolerance = slack * (1 + Math.abs(two));
        if (Math.abs(one - two) <= tolerance) continue;
        const where = table === all.length - 1
          ? "at the end"
          : `where gradient ${table} is asked for`;
        return { row, axis, one, two, where, tolerance };
      }
    }
  }
  return null;
}

function tablesOf({ evaluations, final }: Trajectory): readonly Rows[] {
  return [...evaluations.filter(({ kind }) => kind === "gradient").map((e) => e.points), final];
}

/**
 * Runs a problem twice, on a sampler that is prepared anew each time.
 *
 * @returns how the two differ; `null` if they do not, or if the target refuses the problem
 * @throws {TargetFault} if the target's process fails
 */
export async function differingRuns(
  target: Target,
  problem: Problem,
  unsupported: ReadonlySet<Feature>,
): Promise<Finding | null> {
  try {
    const runs: SeenRun[] = [];
    const own = unsupported.has("noise-tape");
    for (let time = 0; time < 2; time++) {
      const prepared = await target.prepare(problem.settings);
      const asked: Problem = own ? { ...problem, noise: { kind: "own" } } : problem;
      runs.push({ problem, trajectory: await prepared.sample(asked) });
    }
    return differingCalls(runs.slice(0, 1), runs.slice(1), { unsupported });
  } catch (error) {
    if (error instanceof TargetFault && !error.ofProcess) return null;
    throw error;
  }
}

/** A finding that was not there when its case was run again. */
export function passing(finding: Finding): Finding {
  return { ...finding, message: `${finding.message}. Run again, the case did not show it` };
}

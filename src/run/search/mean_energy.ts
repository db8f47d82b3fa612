/**
 * The mean energy along a chain with the official defaults: what a user looks at.
 *
 * @module
 */

import { normalTape, problemOf } from "../../../properties/arbitraries.ts";
import type { Finding } from "../../../properties/finding.ts";
import { tooFew } from "../../../properties/steps.ts";
import { pathPoints } from "../../../properties/observer.ts";
import { toNumberText } from "../../../spec/numerics/number_text.ts";
import { energyAt } from "../../../spec/oracle.ts";
import { officialDefaults, rowCount, type Rows } from "../../../spec/problem.ts";
import { problemFor } from "../../../spec/rule_parts.ts";
import type { EnergyText } from "../../report/report.ts";
import { type Calibration, runPlain } from "../calibration/calibrate.ts";

/**
 * Mean energy before the first step and after the last one; before every step, where steps are seen.
 * Fewer gradients than steps come to light, too.
 *
 * @throws {TargetFault} if the target cannot run the chain
 */
export async function meanEnergy(
  known: Calibration,
  seed: number,
): Promise<{ readonly energy: EnergyText; readonly few: Finding | null }> {
  const problem = problemFor(
    known.target,
    problemOf({
      energy: "1.5*(a1 - 0.2)^2 + 4*(a2 + 0.3)^2",
      settings: { ...officialDefaults, bounds: { min: [-1, -1], max: [1, 1] } },
      groups: 4,
      initial: Array.from({ length: 16 }, (_, r) => [(r % 4) / 2 - 0.75, r / 8 - 0.9375]),
      noise: { kind: "tape", draws: normalTape(seed, officialDefaults.steps, 16, 2) },
      seed,
    }),
  );
  const trajectory = await runPlain(known, problem);
  const mean = (points: Rows) =>
    points.reduce((sum, point, row) => sum + energyAt(problem, row, point), 0) / rowCount(problem);
  const first = mean(problem.initial), last = mean(trajectory.final);
  const points = pathPoints(problem, trajectory);
  return {
    energy: {
      first: toNumberText(first),
      last: toNumberText(last),
      change: toNumberText(last - first),
      ...(points === null ? {} : { steps: points.map((rows) => toNumberText(mean(rows))) }),
    },
    few: known.hidden ? null : tooFew(problem, trajectory),
  };
}

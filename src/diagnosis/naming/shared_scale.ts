/**
 * A factor that drift and noise share is one of the step size: told by the size of the noise, where
 * a sampler draws it by itself.
 *
 * @module
 */

import { compileRule } from "../../../spec/compiled_rule.ts";
import { ruleWith } from "../../defects/change.ts";
import type { Explanation } from "./explanation.ts";
import { beyond, type Estimate, usual } from "../own_noise/noise_statistics.ts";
import type { Suspect } from "../terms/suspects.ts";
import { rounded } from "../figures/figures.ts";
import { scaledSchedule } from "../terms/varying_factors.ts";

/** An explanation whose factor of the drift is one of the step size, if the noise has it too. */
export function withSharedScale(
  explanation: Explanation,
  noise: Estimate | undefined,
): Explanation {
  const scaled = (suspect: Suspect) => {
    const factor = factorOf(suspect);
    const same = factor !== undefined && noise !== undefined &&
      Math.abs(noise.value - factor) <= noise.error * beyond / usual &&
      Math.abs(noise.value - 1) > noise.error * beyond / usual;
    return same ? scaledSchedule(rounded(factor)) : suspect;
  };
  return {
    ...explanation,
    hypothesis: explanation.hypothesis.map(scaled),
    measured: explanation.measured.map(scaled),
  };
}

/** How many times the drift is what it should be, if a suspect changes nothing else. */
function factorOf({ change }: Suspect): number | undefined {
  if (change.drift === undefined || Object.keys(change).length > 1) return undefined;
  const rule = compileRule(ruleWith(change));
  const [one, two] = [1, 2].map((gt) => {
    const slots = rule.slots();
    slots.gt = gt;
    return 2 * rule.drift(slots);
  });
  return Number.isFinite(one) && one! > 0 && Math.abs(two! - 2 * one!) < 1e-9 ? one : undefined;
}

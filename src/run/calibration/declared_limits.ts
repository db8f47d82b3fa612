/**
 * Problems that a target has said it does not take are kept from it: they would accuse it of nothing
 * but its limits.
 *
 * @module
 */

import { isOneInterval } from "../../../spec/rule_parts.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";

/** A target that is refused every box that it does not take: one more lock behind `problemFor`. */
export function withinDeclaredLimits(target: Target): Target {
  if (target.bounds === undefined) return target;
  return {
    ...target,
    prepare(settings) {
      const { min, max } = settings.bounds;
      if (isOneInterval(settings.bounds)) return target.prepare(settings);
      throw new TargetFault(
        "contract",
        `a problem of ulaspec on the box [${min.join(", ")}] to [${max.join(", ")}]`,
        "one interval for all axes, as the target says",
      );
    },
  };
}

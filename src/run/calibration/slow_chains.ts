/**
 * A target whose long chains get no answer in time is asked for short ones, so that these are judged.
 *
 * @module
 */

import { type Target, TargetFault } from "../../../spec/sampler.ts";

/** Chains that are so short are asked for all the same. */
export const shortChain = 5;

/** A target that, once a long chain was too slow, refuses all long ones at once. */
export function sparingSlowChains(target: Target): Target {
  if (target.longest !== undefined) return target;
  let slow: number | undefined;
  return {
    ...target,
    longest: () => slow === undefined ? Infinity : shortChain,
    async prepare(settings) {
      const { steps } = settings;
      if (slow !== undefined && steps > shortChain) {
        throw new TargetFault(
          "throws",
          `a chain of ${steps} steps, which is not run because one of ${slow} steps got no answer in time`,
          "",
        );
      }
      const prepared = await target.prepare(settings);
      return {
        async sample(problem) {
          try {
            return await prepared.sample(problem);
          } catch (error) {
            const late = error instanceof TargetFault && error.kind === "time-out";
            if (late && steps > shortChain) slow = steps;
            throw error;
          }
        },
      };
    },
  };
}

/** What comes of work, done once more on short chains alone if a long one gets no answer in time. */
export async function onceMoreIfSlow<T>(
  { longest = () => Infinity }: Pick<Target, "longest">,
  work: () => Promise<T | TargetFault>,
): Promise<{ readonly outcome: T | TargetFault; readonly slow?: TargetFault }> {
  const before = longest(), outcome = await work();
  if (!(outcome instanceof TargetFault) || longest() >= before) return { outcome };
  return { outcome: await work(), slow: outcome };
}

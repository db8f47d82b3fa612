/**
 * The whole formula at once.
 *
 * @module
 */

import type { Problem } from "../spec/problem.ts";
import { type Abilities, anyProblem } from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps, type Facts } from "./property.ts";

/** What the general problems may ask of a target. */
export function abilitiesOf(facts: Facts): Abilities {
  return {
    gradClip: !facts.unsupported.has("grad-clip"),
    exponential: !facts.unsupported.has("exponential-schedule"),
    tape: !facts.unsupported.has("noise-tape"),
    leastSteps: facts.leastSteps,
  };
}

// Every step follows the whole formula, with everything acting at once.
const exact = check<Problem>({
  clause: "step/exact",
  weight: 2,
  cases: (facts) => anyProblem(abilitiesOf(facts)),
  judge: async (observer, problem) =>
    compareSteps("step/exact", observer, problem, await observer.run(problem)),
});

/** The check of the whole step. */
export const stepChecks: readonly ClauseCheck<never>[] = [exact] as unknown as ClauseCheck<
  never
>[];

/**
 * The gradient of the exponentiated output.
 *
 * @module
 */

import * as fc from "fast-check";
import { officialRule } from "../spec/rule.ts";
import { calmProblem, fraction, quadraticEnergy, stepCount } from "./arbitraries.ts";
import { anyStep, clause } from "./clause.ts";
import { stepsFollow } from "./compare.ts";
import { gradientFunction } from "./sources.ts";

export const gradient = clause({
  id: "apply-exp/gradient",
  level: "may",
  sentence: "With apply_exp the gradient is that of exp(-E), negated.",
  why:
    "The gradient of exp(−E) is smaller where the energy is high; a sampler without the factor walks at another speed.",
  formula: officialRule.gradientOfExp,
  term: "gradient",
  source: gradientFunction,
  feature: "apply-exp",
  parts: ["apply exp"],
  buildsOn: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 3),
        curvature: fraction(0.5, 2, 4),
        centre: fraction(-1, 1, 8),
        start: fraction(-0.5, 0.5),
      }).map(({ steps, curvature, centre, start }) =>
        calmProblem({
          energy: quadraticEnergy([curvature], [centre]),
          steps,
          applyExp: true,
          initial: [[start]],
        })
      ),
    judge: stepsFollow(),
  },
});

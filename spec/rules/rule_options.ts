/** What rules of the textbook's kind may have beside a constant step size. @module */

import { officialRule } from "../rule.ts";
import type { RuleOption } from "./document.ts";

const { polynomial, polynomialFirst, singleStep, gradClip, noGradClip, result } = officialRule;

/** A temperature: the noise grows with its root. */
export const temperature: RuleOption = {
  sentence: "a temperature T",
  formulas: { noise: "sqrt(T) * xi" },
};

/** Step sizes that fall or rise from init to final. */
export const schedule: RuleOption = {
  sentence: "step sizes from init to final",
  formulas: { polynomial, polynomialFirst, singleStep },
};

/** A limit of each component of the gradient. */
export const gradientClip: RuleOption = {
  sentence: "a limit of each component of the gradient",
  formulas: { gradClip, noGradClip },
};

/** Bounds of the actions, applied after every step. */
export const box: RuleOption = {
  sentence: "bounds of the actions, applied after every step",
  formulas: { result },
};

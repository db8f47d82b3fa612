/** The rule of Implicit Behavioral Cloning, and its dialect with a squared step. @module */

import { formulaNames, officialRule } from "../rule.ts";
import type { DocumentFormulas, RuleDocument } from "./document.ts";

const { drift, noise, step } = officialRule;
const formulas = {
  ...Object.fromEntries(formulaNames.map((name) => [name, officialRule[name]])) as DocumentFormulas,
  drift,
  noise,
  step,
};

/** The official rule. */
export const ibc: RuleDocument = {
  name: "ibc",
  sentence:
    "The sampler of Implicit Behavioral Cloning: half the gradient and the noise, both times the step size, with clips and a box.",
  source: "google-research/ibc, mcmc.py: langevin_step",
  formulas,
  defaults: { stepSize: 0.1, steps: 25 },
};

/** The same with the leapfrog's powers of the step size. */
export const ibcSquared: RuleDocument = {
  name: "ibc-squared",
  sentence:
    "The gradient times half the squared step size, the noise times the step size: one leapfrog step of Hamiltonian dynamics, with clips and a box.",
  source: "R. Neal, MCMC using Hamiltonian dynamics, 2011, section 5.2",
  formulas: { ...formulas, step: "eta ^ 2 * drift + eta * noise" },
  defaults: { stepSize: 0.3, steps: 25 },
};

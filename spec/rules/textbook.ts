/** Langevin samplers of textbooks: unadjusted, with a gradient and noise of temperature one. @module */

import type { RuleDocument } from "./document.ts";
import { box, gradientClip, schedule, temperature } from "./rule_options.ts";

const options = { temperature, schedule, "grad-clip": gradientClip, box };

/** The unadjusted Langevin algorithm. */
export const ula: RuleDocument = {
  name: "ula",
  sentence:
    "Unadjusted Langevin: the step size times the gradient, and the root of twice the step size times the noise.",
  source: "G. Roberts and R. Tweedie, Exponential convergence of Langevin distributions, 1996",
  formulas: { drift: "gt", noise: "xi", step: "eta * drift + sqrt(2 * eta) * noise" },
  options,
  defaults: { stepSize: 0.05, steps: 25 },
};

/** The same, with half the step size. */
export const ulaHalf: RuleDocument = {
  name: "ula-half",
  sentence:
    "Unadjusted Langevin in the other common form: half the step size times the gradient, and the root of the step size times the noise.",
  source: "M. Welling and Y. W. Teh, Bayesian learning via SGLD, 2011, equation 3",
  formulas: { drift: "gt / 2", noise: "xi", step: "eta * drift + sqrt(eta) * noise" },
  options,
  defaults: { stepSize: 0.1, steps: 25 },
};

/** Stochastic gradient Langevin dynamics. */
export const sgld: RuleDocument = {
  name: "sgld",
  sentence:
    "Stochastic gradient Langevin dynamics: the half form of unadjusted Langevin, with step sizes that decay polynomially.",
  source: "M. Welling and Y. W. Teh, Bayesian learning via SGLD, 2011, section 3",
  formulas: {
    drift: "gt / 2",
    noise: "xi",
    step: "eta * drift + sqrt(eta) * noise",
    stepSize: "scale * (offset + k) ^ (-decline)",
  },
  settings: {
    scale: { meaning: "a, the factor of all step sizes", from: 0.0625, to: 0.25 },
    offset: { meaning: "b, steps that count as taken", from: 1, to: 9 },
    decline: { meaning: "γ, the power of the decay, from ½ to 1", from: 0.5, to: 1 },
  },
  options: { temperature, "grad-clip": gradientClip, box },
  defaults: { stepSize: 0.1, steps: 25 },
};

/** Annealed Langevin dynamics of score-based models. */
export const annealed: RuleDocument = {
  name: "annealed",
  sentence:
    "Annealed Langevin dynamics: levels of noise from large to small, some steps at each, with a step size in proportion to the squared level.",
  source: "Y. Song and S. Ermon, Generative modeling by estimating gradients, 2019, algorithm 1",
  formulas: {
    drift: "gt / 2",
    noise: "xi",
    step: "eta * drift + sqrt(eta) * noise",
    stepSize:
      "epsilon * (first / last) ^ (2 - 2 * min(floor(k / stay), levels - 1) / (levels - 1))",
  },
  settings: {
    epsilon: { meaning: "step size at the last level", from: 0.0078125, to: 0.0234375 },
    first: { meaning: "the first level, σ_1", from: 1, to: 2 },
    last: { meaning: "the last level, σ_L", from: 0.5, to: 0.875 },
    levels: {
      meaning: "number of levels L, in geometric progression",
      from: 2,
      to: 6,
      whole: true,
    },
    stay: { meaning: "steps at each level, T", from: 1, to: 3, whole: true },
  },
  options: { temperature, "grad-clip": gradientClip, box },
  defaults: { steps: 25 },
};

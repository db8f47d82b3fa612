/**
 * Where the clauses come from: the official code, `ibc/agents/mcmc.py`.
 *
 * @module
 */

export const langevinStep = "mcmc.py: langevin_step";
export const gradientFunction = "mcmc.py: gradient_wrt_act";
export const loop = "mcmc.py: langevin_actions_given_obs";
export const polynomialSchedule = "mcmc.py: PolynomialSchedule";
export const exponentialSchedule = "mcmc.py: ExponentialSchedule";
export const gradNorm = "mcmc.py: compute_grad_norm";
export const proof = "proof: docs/rule.md";

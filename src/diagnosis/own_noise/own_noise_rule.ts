/**
 * The measured rule of a sampler that draws its own noise.
 *
 * @module
 */

import type { MeasuredRule, MeasuredTerm } from "../figures/measured_rule.ts";
import type { OwnNoise } from "./own_noise.ts";
import { beyond, shownEstimate, usual } from "./noise_statistics.ts";

/** The rule as it was measured without noise, with the noise as it was estimated. */
export function withOwnNoise(rule: MeasuredRule, { term }: OwnNoise): MeasuredRule {
  const { wanted } = rule.terms.find(({ name }) => name === "noise")!;
  // What another rule has was measured in units of that.
  const text = wanted === term.wanted ? term.text : term.text.replace(/σξ(′?)$/, `(${wanted})$1`);
  return withTerm(rule, { ...term, wanted, text });
}

/** A measured rule with another term. */
export function withTerm(rule: MeasuredRule, term: MeasuredTerm): MeasuredRule {
  const before = rule.terms.find(({ name }) => name === term.name)!;
  return {
    ...rule,
    text: rule.text.replace(before.text, () => term.text),
    terms: rule.terms.map((one) => one === before ? term : one),
  };
}

/** What is known of the rule if noise cannot be turned off: it hides all that does not add up. */
export function noisyRule(own: OwnNoise): MeasuredRule {
  const drift = driftTerm(own), noise: MeasuredTerm = { ...own.term };
  const limit = unmeasured("limit", "±(not measured)·c·½·range", "±1.000·c·½·range");
  const bounds = unmeasured("bounds", "bounds not measured", "bounds");
  const schedule = unmeasured("schedule", "η: not measured", "η: as asked for");
  return {
    text: `a ← clip(a − clip(η_k·(${drift.text} + ${noise.text}), ${limit.text}), bounds)`,
    schedule: schedule.text,
    terms: [drift, noise, limit, bounds, schedule],
    dialect: undefined,
  };
}

/** The drift along two slopes, from the mean of many rows. */
function driftTerm({ drift }: OwnNoise): MeasuredTerm {
  const term = { name: "drift" as const, wanted: "0.500·∇E" };
  if (drift === undefined) {
    const reason = "a noise scale of 0 does not turn the noise off";
    const value = { kind: "not measured" as const, reason };
    return { ...term, text: "(not measured)·∇E", deviates: null, value };
  }
  const factor = drift.value / 2, error = drift.error / 2;
  return {
    ...term,
    text: `(${shownEstimate({ value: factor, error })})·∇E`,
    deviates: Math.abs(drift.value - 1) > drift.error * beyond / usual,
    value: { kind: "number", factor, error, of: "∇E" },
  };
}

function unmeasured(name: MeasuredTerm["name"], text: string, wanted: string): MeasuredTerm {
  const reason = "a noise scale of 0 does not turn the noise off";
  return { name, text, wanted, deviates: null, value: { kind: "not measured", reason } };
}

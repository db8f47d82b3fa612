/**
 * The measured rule of a sampler that draws its own noise.
 *
 * @module
 */

import type { MeasuredRule, MeasuredTerm } from "./measured_rule.ts";
import { type OwnNoise, shown } from "./own_noise.ts";
import { beyond, usual } from "./noise_statistics.ts";

/**
 * The rule as it was measured without noise, with the noise as it was estimated.
 *
 * @param honoursZero whether noise can be turned off: what was measured without it counts
 */
export function withOwnNoise(
  rule: MeasuredRule,
  own: OwnNoise,
  honoursZero: boolean,
): MeasuredRule {
  const noise: MeasuredTerm = { ...own.term };
  if (honoursZero) {
    const before = rule.terms.find(({ name }) => name === "noise")!;
    return {
      ...rule,
      text: rule.text.replace(before.text, () => noise.text),
      terms: rule.terms.map((term) => term.name === "noise" ? noise : term),
    };
  }
  const terms = rule.terms.map((term) =>
    term.name === "noise" ? noise : term.name === "drift" ? driftTerm(own) : unmeasured(term)
  );
  const [drift, , limit] = terms;
  return {
    text: `a ← clip(a − clip(η_k·(${drift!.text} + ${noise.text}), ${limit!.text}), bounds)`,
    schedule: terms.at(-1)!.text,
    terms,
    dialect: undefined,
    ...(rule.figures === undefined ? {} : { figures: rule.figures }),
  };
}

/** The drift along two slopes, from the mean of many rows. */
function driftTerm({ drift }: OwnNoise): MeasuredTerm {
  const term = { name: "drift" as const, wanted: "0.500·∇E" };
  if (drift === undefined) {
    const reason = "a noise scale of 0 does not turn the noise off";
    const value = { kind: "not measured" as const, reason };
    return { ...term, text: "(not measured)·∇E", deviates: false, value };
  }
  const factor = drift.value / 2, error = drift.error / 2;
  return {
    ...term,
    text: `(${shown({ value: factor, error })})·∇E`,
    deviates: Math.abs(drift.value - 1) > drift.error * beyond / usual,
    value: { kind: "number", factor, error, of: "∇E" },
  };
}

function unmeasured({ name, wanted }: MeasuredTerm): MeasuredTerm {
  const texts: Partial<Record<MeasuredTerm["name"], string>> = {
    limit: "±(not measured)·c·½·range",
    bounds: "bounds not measured",
    schedule: "η: not measured",
  };
  const reason = "a noise scale of 0 does not turn the noise off";
  return {
    name,
    text: texts[name] ?? "not measured",
    wanted,
    deviates: false,
    value: { kind: "not measured", reason },
  };
}

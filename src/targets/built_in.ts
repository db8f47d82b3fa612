/**
 * The samplers of this package as targets: the reference, and the rule with a known defect.
 *
 * @module
 */

import { officialRule, type Rule, ruleSampler } from "../../spec/rule.ts";
import { type AskedRule, ruleAsked } from "../../spec/rules/family.ts";
import { type Sampler, TargetFault } from "../../spec/sampler.ts";
import { didYouMean } from "../../spec/nearest.ts";

/**
 * Loads `reference` or `defect:ID`.
 *
 * @param asked the rule that is asked for, which the reference follows and the defect breaks
 * @throws {TargetFault} of the kind `missing`, if it is neither
 */
export async function builtInSampler(specifier: string, asked?: AskedRule): Promise<Sampler> {
  const rule = asked === undefined ? officialRule : ruleAsked(asked);
  if (specifier === "reference") {
    if (rule !== officialRule) return ruleSampler(rule, { name: "reference" });
    return (await import("../reference.ts")).reference;
  }
  if (specifier.startsWith("defect:")) return await defectSampler(specifier.slice(7), rule);
  throw new TargetFault(
    "missing",
    `the target ${specifier}`,
    "reference, defect:ID, ./module.ts[#export] or ./target.py[#Class]" +
      didYouMean(specifier, ["reference"]),
  );
}

async function defectSampler(id: string, rule: Rule): Promise<Sampler> {
  const { defects, ruleUnder, samplerWith } = await import("../defects/defects.ts");
  const defect = defects.find((d) => d.id === id);
  if (defect === undefined) {
    throw new TargetFault(
      "missing",
      `the defect ${id === "" ? "''" : id}`,
      `one of the ${defects.length} known defects (ulaspec defects lists them)` +
        didYouMean(id, defects.map((d) => d.id)),
    );
  }
  // A tape takes the place of the generator; a defect of the generator needs its own noise.
  const ownNoise = defect.change.noiseSource !== undefined;
  const options = { name: `defect:${id}`, ...(ownNoise ? { noise: "both" } as const : {}) };
  return rule === officialRule
    ? samplerWith(defect.change, options)
    : ruleSampler(ruleUnder(rule, defect.change), options);
}

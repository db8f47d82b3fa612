/**
 * The samplers of this package as targets: the reference, and the rule with a known defect.
 *
 * @module
 */

import { type Sampler, TargetFault } from "../../spec/sampler.ts";
import { didYouMean } from "../nearest.ts";

/**
 * Loads `reference` or `defect:ID`.
 *
 * @throws {TargetFault} of the kind `missing`, if it is neither
 */
export async function builtInSampler(specifier: string): Promise<Sampler> {
  if (specifier === "reference") return (await import("../reference.ts")).reference;
  if (specifier.startsWith("defect:")) return await defectSampler(specifier.slice(7));
  throw new TargetFault(
    "missing",
    `the target ${specifier}`,
    "reference, defect:ID or ./module.ts[#export]" + didYouMean(specifier, ["reference"]),
  );
}

async function defectSampler(id: string): Promise<Sampler> {
  const { defects, samplerWith } = await import("../defects/defects.ts");
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
  return samplerWith(defect.change, {
    name: `defect:${id}`,
    ...(ownNoise ? { noise: "both" } : {}),
  });
}

/**
 * Defects of the noise of a sampler that draws it by itself: which of them give the size that was
 * measured, and which make the test fail that failed.
 *
 * Nothing here is certain: several defects look alike through a test, and more draws would tell
 * them apart.
 *
 * @module
 */

import { allNoiseTests, type NoiseTest } from "../../properties/battery.ts";
import type { Figures } from "./measured_rule.ts";
import type { PowerLaw } from "./power_law.ts";

/** The size of the noise under a defect: a factor of a power of the step size, in noise scales. */
const sizes: readonly (PowerLaw & { readonly id: string })[] = [
  { id: "noise-root-of-step", factor: 1, exponent: 0.5 },
  { id: "textbook-noise", factor: Math.SQRT2, exponent: 0.5 },
  { id: "noise-without-step", factor: 1, exponent: 0 },
  { id: "noise-initial-step", factor: 0.25, exponent: 0 },
  { id: "noise-step-squared", factor: 1, exponent: 2 },
  { id: "noise-halved", factor: 0.5, exponent: 1 },
  // The noise scale of the ruler is 3/4.
  { id: "noise-scale-squared", factor: 0.75, exponent: 1 },
  { id: "noise-scale-as-variance", factor: Math.sqrt(4 / 3), exponent: 1 },
  { id: "noise-scale-ignored", factor: 4 / 3, exponent: 1 },
  { id: "noise-nine-tenths", factor: 0.9, exponent: 1 },
  { id: "noise-missing", factor: 0, exponent: 1 },
  // The standard deviation of a normal law that is cut off at ±2.
  { id: "noise-truncated", factor: 0.8796, exponent: 1 },
  { id: "noise-uniform-plus-minus-one", factor: Math.sqrt(1 / 3), exponent: 1 },
  { id: "noise-uniform-positive", factor: Math.sqrt(1 / 3), exponent: 1 },
];

/** Defects that a failing test speaks for, the likeliest first; sizes are told apart above. */
const spokenFor: Partial<Readonly<Record<NoiseTest, readonly string[]>>> = {
  "mean": ["noise-uniform-positive", "noise-absolute"],
  "sign": ["noise-uniform-positive", "noise-absolute"],
  "tails": ["noise-uniform", "noise-truncated", "noise-student", "noise-laplace", "noise-signs"],
  "middle": ["noise-laplace", "noise-signs", "noise-uniform", "noise-student"],
  "largest": ["noise-student", "noise-laplace", "noise-truncated", "noise-uniform"],
  "distribution": ["noise-uniform", "noise-laplace", "noise-signs", "noise-student"],
  "mean of a step": ["noise-shared-by-rows", "noise-shared-by-all"],
  "variance": ["noise-times-range"],
  "variance of a step": ["noise-not-last", "noise-not-first"],
  "variance of an axis": ["noise-times-range"],
  "rows": [
    "noise-shared-by-rows",
    "noise-correlated-rows",
    "noise-shared-by-samples",
    "noise-shared-by-groups",
    "noise-antithetic",
    "noise-shared-by-all",
    "noise-absolute",
    "noise-uniform-positive",
  ],
  "axes": ["noise-shared-by-axes", "noise-shared-by-all"],
  "steps": ["noise-shared-by-steps", "noise-correlated-steps"],
  "next step": ["noise-shared-by-steps", "noise-correlated-steps"],
  "next row": ["noise-shared-by-samples", "noise-shared-by-rows"],
  "halves": ["noise-antithetic"],
  "samples": ["noise-shared-by-samples"],
  "groups": ["noise-shared-by-groups"],
  "calls": ["noise-same-every-call"],
  "drift": ["gradient-at-noised-point"],
};

/** Tests of the size of the noise alone. */
const ofSizes: readonly NoiseTest[] = ["variance", "variance of a step", "variance of an axis"];

/** A statistical test of a sampler's own noise that failed. */
export interface FailedTest {
  /** The clause that it speaks for. */
  readonly clause: string;
  /** As a report names it. */
  readonly test: string;
}

/** The defects that can be behind a failing test of a sampler's own noise, the likeliest first. */
export function ownNoiseSuspects(
  { clause, test }: FailedTest,
  figures: Pick<Figures, "noiseLaw" | "noisePlace"> | undefined,
): readonly string[] {
  if (clause === "noise/fresh-each-call") return ["noise-same-every-call"];
  if (clause === "delta-clip/after-noise") {
    return figures?.noisePlace === "after the bounds"
      ? ["noise-after-bounds"]
      : ["noise-after-delta-clip"];
  }
  const size = figures?.noiseLaw;
  const ofSize = size === undefined
    ? []
    : sizes.filter(({ factor, exponent }) =>
      exponent === size.exponent && Math.abs(size.factor - factor) <= 0.02 * factor
    ).map(({ id }) => id);
  const known = allNoiseTests.find((name) => name === test);
  const ofTest = known === undefined ? [] : spokenFor[known] ?? [];
  const both = ofTest.filter((id) => ofSize.includes(id));
  if (both.length > 0) return both;
  return ofSize.length > 0 && (known === undefined || ofSizes.includes(known)) ? ofSize : ofTest;
}

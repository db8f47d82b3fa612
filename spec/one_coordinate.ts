/**
 * The rule as it is written, on one coordinate: a second source for the tests of the laws.
 *
 * @module
 */

import type { OneStepInput } from "./laws.ts";

/** The number itself, or the end of the interval that it is beyond. */
export function clip(x: number, lower: number, upper: number): number {
  return Math.min(Math.max(x, lower), upper);
}

/** The rule as it is written, on one coordinate. */
export function ruleStep(input: OneStepInput, noise: number): number {
  const { action, gradient, stepSize, noiseScale, limit, lower, upper } = input;
  const step = stepSize * (0.5 * gradient + noiseScale * noise);
  return clip(action - clip(step, -limit, limit), lower, upper);
}

/** A step at the official defaults, for an action in the box from -1 to 1. */
export const official: Omit<OneStepInput, "action" | "gradient"> = {
  stepSize: 0.1,
  noiseScale: 1,
  limit: 0.1,
  lower: -1,
  upper: 1,
};

/**
 * Schemas of floats and of the settings of a sampler as JSON carries them: in traces, in reports and
 * on the wire.
 *
 * @module
 */

import { z } from "zod";
import { type NumberText, numberWords, wantedNumber } from "./numerics/number_text.ts";
import type { SettingsText } from "./settings_text.ts";

/** A float: the shortest decimal that round-trips, or a word for what JSON has no number for. */
export const float: z.ZodType<NumberText, NumberText> = z.union(
  [z.number(), z.enum(numberWords)],
  { error: wantedNumber },
).meta({
  id: "float",
  description:
    "A float: the shortest decimal that round-trips, or a word for what JSON has no number for",
});

/** An object that has the fields of a shape, and no others. */
export function object<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, { error: `an object with ${Object.keys(shape).join(", ")}` });
}

/** A whole number of at least 1. */
export function count(of: string): z.ZodInt {
  const error = "a whole number of at least 1";
  return z.int({ error }).min(1, { error }).describe(of);
}

/**
 * The settings that a sampler has beside its box, one schema for each.
 *
 * @param number the schema of a number
 */
// deno-lint-ignore explicit-module-boundary-types -- the type is the shape itself
export function settingsShape<T extends z.ZodType>(number: T) {
  return {
    steps: count("Number of steps N"),
    schedule: z.discriminatedUnion("kind", [
      object({
        kind: z.literal("polynomial"),
        init: number.describe("Step size of the first step"),
        final: number.describe("Step size of the last step, if there is more than one"),
        power: number.describe("Power of the decay from init to final"),
      }),
      object({
        kind: z.literal("exponential"),
        init: number.describe("Step size of the first step"),
        decay: number.describe("Factor from one step size to the next"),
      }),
    ], { error: '"polynomial" or "exponential"' }).describe("The step sizes"),
    noiseScale: number.describe("Factor of the noise"),
    gradClip: number.nullable().describe(
      "Largest size of a gradient component, in energy per action unit; null: not clipped; 0 is a value",
    ),
    deltaClip: number.describe("Largest movement of an axis in one step, in half ranges"),
    gradNorm: z.enum(["1", "2", "inf"], { error: '"1", "2", "inf" or null' }).nullable()
      .describe("Order of the reported gradient norms; null: they are zeros"),
    applyExp: z.boolean({ error: "true or false" }).describe(
      "Whether the gradient is that of the exponential of the network output",
    ),
  };
}

/** The settings of a sampler. */
export const settings: z.ZodType<SettingsText, SettingsText> = object({
  bounds: object({ min: z.array(float), max: z.array(float) }),
  ...settingsShape(float),
  own: z.record(z.string(), float).optional().describe(
    "Values of the settings that the rule has of its own; only where it has some",
  ),
  stepSizes: z.array(float).optional().describe(
    "The step sizes as numbers, one a step; only where the rule is another one than the default",
  ),
});

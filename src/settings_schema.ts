/**
 * Schemas of what reports and the wire have in common: floats and the settings of a sampler.
 *
 * @module
 */

import { z } from "zod";
import { type NumberText, numberWords } from "../spec/numerics/number_text.ts";
import type { SettingsText } from "./settings_text.ts";

/** What is wanted where a float stands. */
export const wantedNumber: string = `a number or one of ${
  numberWords.map((word) => `"${word}"`).join(", ")
}`;

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

/** The settings of a sampler. */
export const settings: z.ZodType<SettingsText, SettingsText> = object({
  bounds: object({ min: z.array(float), max: z.array(float) }),
  steps: z.int().min(1),
  schedule: z.discriminatedUnion("kind", [
    object({ kind: z.literal("polynomial"), init: float, final: float, power: float }),
    object({ kind: z.literal("exponential"), init: float, decay: float }),
  ]),
  noiseScale: float,
  gradClip: float.nullable().describe("null: not clipped; 0 is a value"),
  deltaClip: float.describe("In half ranges of each axis"),
  gradNorm: z.enum(["1", "2", "inf"]).nullable(),
  applyExp: z.boolean(),
});

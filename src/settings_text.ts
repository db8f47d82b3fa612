/**
 * Floats and the settings of a sampler as JSON carries them: what reports and the wire share.
 *
 * @module
 */

import { z } from "zod";
import { type NumberText, numberWords, toNumberText } from "../spec/numerics/number_text.ts";
import type { GradNorm, Settings } from "../spec/problem.ts";

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

/** The settings of a sampler, as JSON carries them. */
export interface SettingsText {
  /** The box, one entry per axis. */
  bounds: { min: NumberText[]; max: NumberText[] };
  /** Number of steps. */
  steps: number;
  /** The step sizes. */
  schedule:
    | { kind: "polynomial"; init: NumberText; final: NumberText; power: NumberText }
    | { kind: "exponential"; init: NumberText; decay: NumberText };
  /** Factor of the noise. */
  noiseScale: NumberText;
  /** Largest size of a gradient component; null: not clipped; 0 is a value. */
  gradClip: NumberText | null;
  /** Largest movement of an axis in one step, in half ranges. */
  deltaClip: NumberText;
  /** Order of the reported gradient norms. */
  gradNorm: GradNorm;
  /** Whether the gradient is that of the exponential of the network output. */
  applyExp: boolean;
}

/** The settings of a sampler for JSON. */
export function settingsText(settings: Settings): SettingsText {
  const { bounds, steps, schedule, gradNorm, applyExp } = settings;
  return {
    bounds: { min: bounds.min.map(toNumberText), max: bounds.max.map(toNumberText) },
    steps,
    schedule: schedule.kind === "polynomial"
      ? {
        kind: "polynomial",
        init: toNumberText(schedule.init),
        final: toNumberText(schedule.final),
        power: toNumberText(schedule.power),
      }
      : {
        kind: "exponential",
        init: toNumberText(schedule.init),
        decay: toNumberText(schedule.decay),
      },
    noiseScale: toNumberText(settings.noiseScale),
    gradClip: settings.gradClip === null ? null : toNumberText(settings.gradClip),
    deltaClip: toNumberText(settings.deltaClip),
    gradNorm,
    applyExp,
  };
}

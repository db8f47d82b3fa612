/**
 * Floats and the settings of a sampler as JSON carries them, in reports and on the wire. Their
 * schemas stand apart, so that a judgement need not load what reads schemas.
 *
 * @module
 */

import { type NumberText, toNumberText } from "./numerics/number_text.ts";
import type { Settings } from "./problem.ts";

/** A value as JSON has it: floats as decimals or words. */
export type Json<T> = T extends number ? NumberText
  : T extends readonly (infer Item)[] ? Json<Item>[]
  : T extends object ? { -readonly [Key in keyof T]: Json<T[Key]> }
  : T;

/** The settings of a sampler, as JSON carries them. */
export type SettingsText =
  & Json<Omit<Settings, "steps" | "own" | "stepSizes">>
  & Pick<Settings, "steps">
  & {
    own?: Record<string, NumberText> | undefined;
    stepSizes?: NumberText[] | undefined;
  };

/** The settings of a sampler for JSON. */
export function settingsText(given: Settings): SettingsText {
  const { own, stepSizes, ...usual } = given, { bounds, schedule } = usual;
  return {
    ...usual,
    bounds: { min: bounds.min.map(toNumberText), max: bounds.max.map(toNumberText) },
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
    noiseScale: toNumberText(given.noiseScale),
    gradClip: given.gradClip === null ? null : toNumberText(given.gradClip),
    deltaClip: toNumberText(given.deltaClip),
    ...(own === undefined ? {} : {
      own: Object.fromEntries(Object.entries(own).map(([name, x]) => [name, toNumberText(x)])),
    }),
    ...(stepSizes === undefined ? {} : { stepSizes: stepSizes.map(toNumberText) }),
  };
}

/**
 * The settings of a sampler as JSON carries them, in reports and on the wire.
 *
 * @module
 */

import { type NumberText, toNumberText } from "../spec/numerics/number_text.ts";
import type { GradNorm, Settings } from "../spec/problem.ts";

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

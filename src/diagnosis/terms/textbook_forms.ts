/**
 * Other rules that a sampler may follow.
 *
 * @module
 */

import {
  squaredStepTemperature,
  stationaryTemperature,
  textbookTemperature,
} from "../../../spec/laws.ts";
import { ruleWith } from "../../defects/change.ts";
import type { Dialect } from "../figures/measured_rule.ts";
import { etaPower, short } from "../figures/measured_words.ts";
import { powerLaw } from "../figures/power_law.ts";
import { sizesOfRule } from "../experiments/response.ts";
import { changesOf, type Hypothesis } from "./suspects.ts";
import { type Coefficients, problemOf, settingsOf, type WindowFit } from "./window_fit.ts";

/** One step of one window: its drift and noise per gradient and draw. */
interface StepFigures {
  readonly eta: number;
  readonly init: number;
  readonly sigma: number;
  readonly drift: number;
  readonly noise: number;
}

/**
 * A textbook sampler, of which the square of the noise is twice the drift, so that its temperature
 * is one whatever the step size. This rule has the same at no step size but one.
 *
 * @param hypothesis what gives the step sizes that the sampler really has
 * @returns nothing if drift and noise follow neither these step sizes nor the first one
 */
export function dialectIn(fit: WindowFit, hypothesis: Hypothesis): Dialect | undefined {
  const figures = figuresOf(fit, hypothesis);
  if (figures.length < 2) return undefined;
  const textbook = (scale: (step: StepFigures) => number) =>
    figures.every((step) => {
      const { drift, noise } = step;
      return drift > 0 && near(noise ** 2, 2 * drift * scale(step));
    });
  const scaled = textbook(({ sigma }) => sigma ** 2), plain = textbook(() => 1);
  if (!scaled && !plain) return undefined;
  const drifts = figures.map(({ drift }) => drift);
  if (drifts.every((drift) => near(drift, drifts[0]!))) return undefined;
  // A single step tells no schedule.
  const steady = !fit.how.single &&
    figures.every(({ drift, init }) => near(drift / init, figures[0]!.drift / figures[0]!.init));
  const form = powerLaw(drifts, figures.map(({ eta }) => eta), 1e-3);
  const squared = form?.exponent === 2;
  if (!steady && !squared && form?.exponent !== 1) return undefined;
  const name = squared ? "the squared step" : `textbook ULA${steady ? ", constant step" : ""}`;
  const { factor, exponent } = steady
    ? { factor: figures[0]!.drift / figures[0]!.init, exponent: 1 as const }
    : form!;
  const drift = steady
    ? `${times(factor)}init·∇E`
    : `${times(factor)}${etaPower(exponent, false)}∇E`;
  const noise = squared
    ? `${times(Math.sqrt(2 * factor))}η·`
    : steady
    ? `√(${times(2 * factor)}init)·`
    : near(2 * factor, 1)
    ? "√η·"
    : `√(${times(2 * factor)}η)·`;
  const step = 0.1;
  const theirs = squared
    ? squaredStepTemperature(step * Math.sqrt(2 * factor), 1)
    : textbookTemperature(step * factor, 1);
  return {
    name,
    text: `Drift and noise are those of ${name}, not of this rule: drift ${drift}, noise ${noise}${
      scaled ? "σξ" : "ξ"
    }. On E = ½a², with a step size of ${step}, its temperature is ${
      short(theirs)
    }, that of this rule ${short(stationaryTemperature(step, 1, 1))}`,
    temperature: theirs,
  };
}

const times = (factor: number) => near(factor, 1) ? "" : `${short(factor)}·`;

function near(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-3 * Math.abs(other);
}

/** Coefficients of the gradient and of the draw, window by window. */
function figuresOf(fit: WindowFit, hypothesis: Hypothesis): readonly StepFigures[] {
  const rule = ruleWith(...changesOf(hypothesis));
  const drift = fit.coefficients("drift", []), noise = fit.coefficients("noise", []);
  if (!drift || !noise) return [];
  const inBoth = (drift: Coefficients[number]) =>
    noise.find(({ window }) => window === drift.window);
  return drift.flatMap((found) => {
    const other = inBoth(found);
    if (!other) return [];
    const { noiseScale: sigma, schedule: { init } } = settingsOf(fit.seen[found.window]!);
    const sizes = sizesOfRule(rule, problemOf(fit.seen[found.window]!), fit.returns);
    const sigmaOfWindow = fit.seen[found.window]!.noise!.problem.settings.noiseScale;
    return found.values.slice(0, Math.min(other.values.length, 12)).map((value, k) => ({
      eta: sizes[k] ?? NaN,
      init,
      sigma: sigmaOfWindow || sigma,
      drift: value / 2,
      noise: other.values[k]! * sigmaOfWindow,
    }));
  });
}

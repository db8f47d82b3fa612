/**
 * Figures that were measured as something that can be wrong in a rule.
 *
 * @module
 */

import { officialRule, type Rule } from "../../../spec/rule.ts";
import { partsOf } from "../../../spec/rule_parts.ts";
import { type Census, termSuspects } from "../influences/census.ts";
import { slipsIn } from "./formula_slips.ts";
import { isLinear, slopesOf } from "../../../spec/rule_slopes.ts";
import { slots } from "../../../spec/compiled_rule.ts";
import { short } from "../figures/measured_words.ts";
import {
  lawUnder,
  nearness,
  otherSizes,
  type RuleFit,
  type TermLaw,
  termLaw,
  together,
} from "../terms/rule_fit.ts";
import { type RuleSuspect, termWords } from "./rule_naming.ts";
import type { Source } from "../terms/window_fit.ts";

/** What the figures of a fit say is wrong. */
export function measuredSuspects(fit: RuleFit): readonly RuleSuspect[] {
  const { rule } = fit;
  if (!isLinear(rule)) return factors(fit);
  const sizes = otherSizes(fit);
  return sizes === null ? [...factors(fit), ...powers(fit)] : sizeFactor(fit, sizes);
}

const of = (source: Source) => source === "drift" ? "gradient" : "noise";

/** One slip in a formula, where the rule has another one than the official rule. */
export function slipSuspects(rule: Rule): readonly RuleSuspect[] {
  const names = ["drift", "noise", "step", "stepSize", "limit", "result"] as const;
  const slips = names.flatMap((name) => {
    const text = rule[name];
    if (text === undefined || text === officialRule[name]) return [];
    return slipsIn(text, rule).map((formula): RuleSuspect => {
      const what = name === "stepSize" ? "step size" : termWords[name] ?? name;
      return {
        id: null,
        title: `The ${what} is ${formula} where the rule has ${text}`,
        fix: `Use ${text} as the ${what}.`,
        ...name === "stepSize"
          ? { change: {}, stepSize: formula }
          : { change: { [name]: formula } },
      };
    });
  });
  return [...shifted(rule), ...slips];
}

/** What a step has beside its gradient, by a regression: as it would be in a rule. */
export function addedSuspects(rule: Rule, census: Census): readonly RuleSuspect[] {
  return termSuspects(census).map(({ title, fix, change, written }): RuleSuspect => {
    const drift = change.drift?.replaceAll("gt / 2", `(${rule.drift})`);
    const own = drift === undefined ? change : { ...change, drift };
    return { id: null, title, fix, change: own, ...written && { written } };
  });
}

/** One term is so many times what the rule has. */
function factors(fit: RuleFit): readonly RuleSuspect[] {
  return (["drift", "noise"] as const).flatMap((source) => {
    const near = nearness(source === "drift" ? fit.amidNoise : fit.ownDraws);
    const ratio = fit[source] && together(fit[source].flatMap(({ ratios }) => ratios), near);
    if (!ratio || near.agrees(ratio, 1)) return [];
    const value = rounded(ratio.value), formula = fit.rule[source];
    return [{
      id: null,
      title: `The ${of(source)} enters a step ${short(value)} times as strongly as in the rule`,
      fix: `Use ${formula} as the ${source}, and ${fit.rule.step} as the step.`,
      change: { [source]: `${decimal(value)} * (${formula})` },
    }];
  });
}

/** A term has another power of the step size or of the noise scale. */
function powers(fit: RuleFit): readonly RuleSuspect[] {
  const laws = (["drift", "noise"] as const).map((source) => {
    const near = nearness(source === "drift" ? fit.amidNoise : fit.ownDraws);
    return fit[source] && termLaw(fit.rule, source, fit[source], near);
  });
  const [drift, noise] = laws, own = ownLaws(fit.rule);
  if (!drift || !noise || !own) return [];
  const same = (one: TermLaw, other: TermLaw) =>
    one.size === other.size && one.scale === other.scale && one.of === other.of;
  if (same(drift, own.drift) && same(noise, own.noise)) return [];
  if (own.drift.of ?? own.noise.of) return plainPowers(fit.rule, drift, noise);
  const part = ({ factor, size }: TermLaw, name: Source, by: number) =>
    `${decimal(rounded(factor.value) / by)} * eta ^ ${size} * ${name}`;
  const { scale } = noise;
  const scaled = scale === own.noise.scale ? {} : {
    noise: scale === 0 ? "xi" : `sigma ^ ${scale} * xi`,
  };
  const step = `${part(drift, "drift", own.byDrift)} + ${part(noise, "noise", own.byNoise)}`;
  return [{
    id: null,
    title: `Drift and noise go with other powers of the ${
      scale === own.noise.scale ? "step size" : "step size or the noise scale"
    } than in the rule`,
    fix: `Use ${fit.rule.step} as the step, with ${fit.rule.noise} as the noise.`,
    change: { step, ...scaled },
  }];
}

/** The same where the rule's own terms go with its settings, and what was measured does not. */
function plainPowers(rule: Rule, drift: TermLaw, noise: TermLaw): readonly RuleSuspect[] {
  const part = ({ factor, size }: TermLaw, name: Source) =>
    `${decimal(rounded(factor.value))} * eta ^ ${size} * ${name}`;
  const { scale, of } = noise;
  return [{
    id: null,
    title: "A step has other factors than in the rule",
    fix:
      `Use ${rule.step} as the step, with ${rule.drift} as the drift and ${rule.noise} as the noise.`,
    change: {
      step: `${part(drift, "drift")} + ${part(noise, "noise")}`,
      ...drift.of === undefined ? { drift: "gt" } : {},
      ...of === undefined ? { noise: scale === 0 ? "xi" : `sigma ^ ${scale} * xi` } : {},
    },
  }];
}

function ownLaws(rule: Rule) {
  const drift = lawUnder(rule, "drift"), noise = lawUnder(rule, "noise");
  const slopes = slopesOf(rule), s = slots({ sigma: 1, T: 1, eta: 1 }, rule);
  return drift && noise && { drift, noise, byDrift: slopes.gradient(s), byNoise: slopes.draw(s) };
}

/** All step sizes are so many times what was asked for. */
function sizeFactor(
  { rule, drift }: RuleFit,
  sizes: readonly (readonly number[])[],
): readonly RuleSuspect[] {
  const ratios = sizes.flatMap((all, w) => all.map((size, k) => size / drift![w]!.sizes[k]!));
  const factor = ratios[0]!;
  if (ratios.some((ratio) => Math.abs(ratio - factor) > 1e-3 * factor)) return [];
  const times = (formula: string) => `${decimal(rounded(factor))} * (${formula})`;
  const { polynomial, polynomialFirst, singleStep, exponential, stepSize } = rule;
  const suspect = {
    id: null,
    title: `Every step size is ${short(factor)} times what is asked for`,
    fix: "Use the step size that is asked for.",
  };
  return [
    stepSize === undefined
      ? {
        ...suspect,
        change: {
          polynomial: times(polynomial),
          polynomialFirst: times(polynomialFirst),
          singleStep: times(singleStep),
          exponential: times(exponential),
        },
      }
      : { ...suspect, change: {}, stepSize: times(stepSize) },
  ];
}

/** A schedule of the rule's own that is a step ahead or behind, or that stands still. */
function shifted(rule: Rule): readonly RuleSuspect[] {
  const { stepSize } = rule;
  if (stepSize === undefined || !partsOf(rule).has("own schedule")) return [];
  const at = (k: string) => stepSize.replaceAll(/\bk\b/g, k);
  const fix = `Use ${stepSize} with k from 0 to N - 1.`;
  return [
    { id: null, title: "Step sizes are one step ahead", fix, change: {}, stepSize: at("(k + 1)") },
    {
      id: null,
      title: "Step sizes are one step behind: the first is taken twice",
      fix,
      change: {},
      stepSize: at("max(k - 1, 0)"),
    },
    { id: null, title: "Every step has the first step size", fix, change: {}, stepSize: at("0") },
  ];
}

/** A factor as a short decimal, if it is one within the errors. */
function rounded(value: number): number {
  const near = Number(value.toPrecision(3));
  return Math.abs(near - value) <= 5e-5 * Math.abs(value) ? near : Number(value.toPrecision(6));
}

function decimal(value: number): string {
  return value < 0 ? `(${value})` : String(value);
}

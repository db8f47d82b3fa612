/**
 * The rule that a sampler follows, beside a rule of the family: each term in numbers, marked where
 * it is another one.
 *
 * @module
 */

import type { Rule } from "../../../spec/rule.ts";
import { partsOf } from "../../../spec/rule_parts.ts";
import { symbolsOf } from "../../../spec/formula/expression.ts";
import { parseRuleFormula } from "../../../spec/compiled_rule.ts";
import type { MeasuredRule } from "../figures/measured_rule.ts";
import { fixed, scheduleOf, short } from "../figures/measured_words.ts";
import { notMeasured, type TermMeasurement } from "../figures/measurement.ts";
import {
  fitByOtherSizes,
  lawUnder,
  type Measured,
  type Nearness,
  nearness,
  otherSizes,
  type RuleFit,
  type TermLaw,
  termLaw,
  together,
  type WindowRatios,
} from "../terms/rule_fit.ts";
import type { Source } from "../terms/window_fit.ts";

/** A limit of steps or actions: whether the rule with what was found gives it. */
export interface LimitsSeen {
  /** Undefined where it was not tried. */
  readonly limit: boolean | undefined;
  readonly bounds: boolean | undefined;
  /** The formulas in the place of the rule's, by known bugs. */
  readonly changed: Readonly<Partial<Record<"limit" | "clippedStep" | "result", string>>>;
}

/** The rule in numbers. */
export function ruleInNumbers(fit: RuleFit, limits: LimitsSeen): MeasuredRule {
  const { rule } = fit, parts = partsOf(rule), common = otherSizes(fit);
  const beside = common === null ? fitByOtherSizes(fit) : null;
  const sizes = common ?? beside?.sizes ?? null;
  const [drift, noise] = (["drift", "noise"] as const).map((source) =>
    termIn(beside?.fit ?? fit, source, common !== null)
  ) as [TermMeasurement, TermMeasurement];
  const schedule = scheduleTerm(fit, sizes);
  const limit = parts.has("delta clip") ? [limitTerm(rule, limits)] : [];
  const bounds = parts.has("box") ? [boundsTerm(rule, limits)] : [];
  const sum = `${drift.text} + ${noise.text}`;
  const clipped = limit.map(({ text }) => text === "" ? `(${sum})` : `clip(${sum}, ${text})`)[0] ??
    `(${sum})`;
  const [box] = bounds;
  const text = box === undefined
    ? `a ← a − ${clipped}`
    : box.text.startsWith(",")
    ? `a ← a − ${clipped}${box.text}`
    : `a ← clip(a − ${clipped}, ${box.text})`;
  return {
    text,
    schedule: schedule.text,
    terms: [drift, noise, ...limit, ...bounds, schedule].map((term) => ({ ...term })),
    dialect: undefined,
    ...sizesOf(fit, sizes),
  };
}

function sizesOf(
  { drift }: RuleFit,
  sizes: readonly (readonly number[])[] | null,
): Pick<MeasuredRule, "sizes"> {
  const at = shownWindow(drift, sizes), wanted = drift?.[at]?.sizes;
  return sizes === null || wanted === undefined ? {} : { sizes: { wanted, measured: sizes[at]! } };
}

/** The first window with other step sizes than were asked for. */
function shownWindow(
  windows: readonly WindowRatios[] | null,
  sizes: readonly (readonly number[])[] | null,
): number {
  const found = sizes?.findIndex((all, w) =>
    all.some((size, k) => isOther(size, windows?.[w]?.sizes[k]))
  );
  return Math.max(0, found ?? 0);
}

/** Whether a step size is another one than was asked for, if one was. */
const isOther = (size: number, asked = NaN) => Math.abs(size / asked - 1) > 1e-3;

/** What a term is a multiple of. */
function symbolOf(rule: Rule, source: Source, scale: number): string {
  if (source === "drift") return "∇E";
  const usesT = [rule.noise, rule.step].some((text) =>
    symbolsOf(parseRuleFormula(text, rule.symbols)).includes("T")
  );
  switch (scale) {
    case 0:
      return "ξ";
    case 0.5:
      return usesT ? "T^0.25·ξ" : "√σ·ξ";
    case 1:
      return usesT ? "√T·ξ" : "σξ";
    default:
      return usesT ? "T·ξ" : "σ²ξ";
  }
}

/** η_k to a power, as a factor. */
function sizePower(power: number): string {
  switch (power) {
    case 0:
      return "";
    case 0.5:
      return "√η_k·";
    case 1:
      return "η_k·";
    case 2:
      return "η_k²·";
    default:
      return `η_k^${short(power)}·`;
  }
}

const unitOf = (rule: Rule, source: Source, { size, scale, of }: TermLaw) =>
  `${sizePower(size)}${of ?? symbolOf(rule, source, scale)}`;

const lawText = (rule: Rule, source: Source, law: TermLaw, factor: string) =>
  `${factor}·${unitOf(rule, source, law)}`;

/** Why noise has no size where rows or axes have their draws in common. */
export const sharedDraws = "its draws are shared, and too few of them are independent";

/** Factors step by step; of a long chain those of its first steps. */
const listed = (values: readonly Measured[], statistical: boolean) =>
  `(${
    values.slice(0, 6).map(({ value, error }) =>
      statistical ? `${fixed(value)} ± ${fixed(1.96 * error)}` : short(value)
    ).join(", ")
  }${values.length > 6 ? ", …" : ""})`;

/** A figure, with half of a 95 % interval where it is a statistical one. */
function figure({ value, error }: Measured, statistical: boolean): string {
  return statistical ? `(${fixed(value)} ± ${fixed(1.96 * error)})` : fixed(value);
}

function termIn(fit: RuleFit, source: Source, sizesExplain: boolean): TermMeasurement {
  const { rule, amidNoise, ownDraws } = fit, windows = fit[source];
  const statistical = source === "drift" ? amidNoise : ownDraws, near = nearness(statistical);
  const own = lawUnder(rule, source);
  const plain = own ? lawText(rule, source, own, fixed(own.factor.value)) : `1.000·${source}`;
  const base = { name: source, wanted: plain } as const;
  if (windows === null) {
    const what = source === "drift"
      ? "of what the rule makes of the gradient"
      : "of the row's draw";
    const reason = source === "noise" && fit.fewDraws
      ? sharedDraws
      : `the movement is no multiple ${what}`;
    const of = own ? own.of ?? symbolOf(rule, source, own.scale) : source;
    return { ...base, text: `(not measured)·${of}`, deviates: null, value: notMeasured(reason) };
  }
  const ratio = together(windows.flatMap(({ ratios }) => ratios), near);
  if (sizesExplain || (ratio !== null && near.agrees(ratio, 1))) {
    const shown = own && statistical && ratio && !sizesExplain
      ? lawText(rule, source, own, figure(scaled(ratio, own.factor.value), true))
      : plain;
    const value = { kind: "formula", formula: rule[source], defect: null } as const;
    return { ...base, text: shown, deviates: false, value };
  }
  return { ...base, ...deviating(rule, source, windows, near, statistical, ratio) };
}

const scaled = ({ value, error }: Measured, by: number): Measured => ({
  value: value * by,
  error: error * by,
});

function deviating(
  rule: Rule,
  source: Source,
  windows: readonly WindowRatios[],
  near: Nearness,
  statistical: boolean,
  ratio: Measured | null,
): Pick<TermMeasurement, "text" | "deviates" | "value"> {
  const own = lawUnder(rule, source), law = termLaw(rule, source, windows, near);
  if (law !== null) {
    const of = unitOf(rule, source, law);
    const { value: factor, error } = law.factor;
    const text = lawText(rule, source, law, figure(law.factor, statistical));
    return { text, deviates: true, value: { kind: "number", factor, error, of } };
  }
  if (ratio !== null) {
    const { value: factor, error } = ratio;
    const text = `${figure(ratio, statistical)}·${source}`;
    return { text, deviates: true, value: { kind: "number", factor, error, of: source } };
  }
  const first = windows.find(({ ratios }) => !ratios.every((one) => near.agrees(one, 1)));
  const by = own?.factor.value ?? 1;
  const of = own ? unitOf(rule, source, own) : source;
  const entries = first!.ratios.map((found, k) => ({ at: `step ${k}`, ...scaled(found, by) }));
  // What is right in other chains is told with the chain.
  const isPart = windows.some(({ ratios }) => ratios.every((one) => near.agrees(one, 1)));
  const { steps, noiseScale } = first!.problem.settings;
  const where = isPart ? ` in a chain of ${steps} steps with the noise scale ${noiseScale}` : "";
  const text = `${listed(entries, statistical)}·${of}${where}`;
  return { text, deviates: true, value: { kind: "table", of, entries } };
}

function scheduleTerm(
  { drift, noise }: RuleFit,
  sizes: readonly (readonly number[])[] | null,
): TermMeasurement {
  const at = shownWindow(drift, sizes);
  const asked = (drift ?? noise)?.[at]?.sizes;
  const differs = sizes?.[at]?.findIndex((size, k) => isOther(size, asked?.[k]));
  const from = Math.max(0, differs ?? 0);
  const wanted = asked ? scheduleOf(asked, from).text : "η as asked for";
  if (sizes === null) {
    const value = notMeasured("both terms go with the step sizes that are asked for, or neither");
    return { name: "schedule", text: wanted, wanted, deviates: null, value };
  }
  const first = sizes[at];
  const entries = first!.map((value, k) => ({ at: `step ${k}`, value, error: 1e-3 * value }));
  const value = { kind: "table", of: "1", entries } as const;
  return { name: "schedule", text: scheduleOf(first!, from).text, wanted, deviates: true, value };
}

function limitTerm(rule: Rule, { limit, changed }: LimitsSeen): TermMeasurement {
  const wanted = `±${rule.limit.replaceAll(" * ", "·").replaceAll(" / ", "/")}`;
  return limited("limit", wanted, limit, changed.limit ?? changed.clippedStep, rule.limit);
}

function boundsTerm(rule: Rule, { bounds, changed }: LimitsSeen): TermMeasurement {
  return limited("bounds", "bounds", bounds, changed.result, rule.result);
}

function limited(
  name: "limit" | "bounds",
  wanted: string,
  seen: boolean | undefined,
  changed: string | undefined,
  formula: string,
): TermMeasurement {
  if (seen !== true) {
    const reason = seen === undefined
      ? "it was not tried"
      : "no formula gives every step that it limits";
    const text = `(${name} not measured)`;
    return { name, text, wanted, deviates: null, value: notMeasured(reason) };
  }
  if (changed === undefined) {
    const value = { kind: "formula", formula, defect: null } as const;
    return { name, text: wanted, wanted, deviates: false, value };
  }
  const text = name === "limit"
    ? changed === "delta" ? "" : changed
    : changed === "a - move"
    ? ", without bounds"
    : `, with ${changed}`;
  const value = { kind: "formula", formula: changed, defect: null } as const;
  return { name, text, wanted, deviates: true, value };
}

/**
 * What a rule has: read off its formulas, so that a new rule needs no code.
 *
 * @module
 */

import { compileRule, parseRuleFormula } from "./compiled_rule.ts";
import { symbolsOf } from "./formula/expression.ts";
import { seedFor, uniform } from "./numerics/random.ts";
import type { Problem, Schedule, Settings } from "./problem.ts";
import type { Feature } from "./sampler.ts";
import { type FormulaName, officialRule, type Rule, stepSizes } from "./rule.ts";
import { coordinatesError, type OwnCoordinates } from "./tolerance.ts";

/** What a rule may have or lack, with what it is. */
export const ruleParts = {
  "noise scale": "a factor of the noise, or a temperature",
  "schedule": "step sizes that change along the chain, from init to final",
  "own schedule": "step sizes in settings of the rule's own",
  "exponential schedule": "a second schedule, init times a power of decay",
  "gradient clip": "a limit of the gradient",
  "apply exp": "the gradient of the exponentiated output",
  "delta clip": "a limit of the step",
  "box": "bounds of the actions",
  "traces": "traces of official code",
} as const;

/** What a rule may have or lack. */
export type RulePart = keyof typeof ruleParts;

/** The rule that a problem, or a target, is judged by. */
export function ruleFor({ rule = officialRule }: { readonly rule?: Rule }): Rule {
  return rule;
}

/** The rule and the step sizes that were asked for with some settings last. */
const knownSizes = new WeakMap<
  Settings,
  { readonly rule: Rule; readonly sizes: readonly number[] }
>();

/** The step sizes η_0 … of a problem. Settings never change, so they are computed once. */
export function stepSizesOf(problem: Pick<Problem, "rule" | "settings">): readonly number[] {
  const { settings } = problem, rule = ruleFor(problem);
  const before = knownSizes.get(settings);
  if (before?.rule === rule) return before.sizes;
  const sizes = stepSizes(settings.schedule, settings.steps, rule, settings.own);
  knownSizes.set(settings, { rule, sizes });
  return sizes;
}

/** Whether a formula of a rule has one of some symbols in it. */
function isUsed(
  rule: Rule,
  name: FormulaName | "stepSize",
  symbols: readonly string[],
): boolean {
  const text = rule[name];
  if (text === undefined) return false;
  const used = symbolsOf(parseRuleFormula(text, rule.symbols));
  return symbols.some((symbol) => used.includes(symbol));
}

const scaled = new WeakMap<Rule, boolean>();

/** Whether drift or noise of a rule go with the sides of the box. */
export function goesWithBox(rule: Rule): boolean {
  let goes = scaled.get(rule);
  if (goes === undefined) {
    const names = ["drift", "noise", "step"] as const;
    scaled.set(rule, goes = names.some((name) => isUsed(rule, name, ["lo", "hi"])));
  }
  return goes;
}

const known = new WeakMap<Rule, ReadonlySet<RulePart>>();

/** The parts of a rule. */
export function partsOf(rule: Rule): ReadonlySet<RulePart> {
  let parts = known.get(rule);
  if (!parts) known.set(rule, parts = new Set(partsIn(rule)));
  return parts;
}

function* partsIn(rule: Rule): Iterable<RulePart> {
  const uses = (name: FormulaName | "stepSize", ...symbols: readonly string[]) =>
    isUsed(rule, name, symbols);
  if ((["noise", "step"] as const).some((name) => uses(name, "sigma", "T"))) yield "noise scale";
  const own = (rule.own ?? []).map(({ symbol }) => symbol);
  if (uses("stepSize", "k", "N", ...own)) yield "own schedule";
  else if (uses("polynomial", "k", "final")) yield "schedule";
  if (uses("exponential", "decay")) yield "exponential schedule";
  if (uses("gradClip", "gamma")) yield "gradient clip";
  if (uses("gradientOfExp", "E")) yield "apply exp";
  if (uses("clippedStep", "limit") && uses("limit", "c")) yield "delta clip";
  if (uses("result", "lo", "hi")) yield "box";
  if (rule === officialRule) yield "traces";
}

/** Optional features that a rule has nothing to do with. */
export function featuresBeyond(rule: Rule): readonly Feature[] {
  const parts = partsOf(rule);
  const missing: readonly (readonly [RulePart, Feature])[] = [
    ["gradient clip", "grad-clip"],
    ["exponential schedule", "exponential-schedule"],
    ["apply exp", "apply-exp"],
  ];
  return missing.flatMap(([part, feature]) => parts.has(part) ? [] : [feature]);
}

/** A box and a delta clip that are never met. */
const farWall = 2 ** 20, farLimit = 64;

/** Settings as a rule has them; what it lacks stays out of the way. */
export function settingsFor(rule: Rule, settings: Settings): Settings {
  if (rule === officialRule) return settings;
  const parts = partsOf(rule), { bounds, schedule, steps } = settings;
  const own = settings.own ?? ownValues(rule, schedule);
  const asked = parts.has("schedule") ? schedule : constant(schedule.init);
  const sizes = parts.has("own schedule") ? stepSizes(asked, steps, rule, own) : [];
  return {
    ...settings,
    bounds: parts.has("box") || goesWithBox(rule) ? bounds : {
      min: bounds.min.map(() => -farWall),
      max: bounds.max.map(() => farWall),
    },
    schedule: sizes.length === 0
      ? asked
      : { kind: "polynomial", init: sizes[0]!, final: sizes.at(-1)!, power: 1 },
    noiseScale: parts.has("noise scale") ? settings.noiseScale : 1,
    gradClip: parts.has("gradient clip") ? settings.gradClip : null,
    deltaClip: parts.has("delta clip") ? settings.deltaClip : farLimit,
    applyExp: parts.has("apply exp") && settings.applyExp,
    ...(own === undefined ? {} : { own }),
  };
}

function constant(stepSize: number): Schedule {
  return { kind: "polynomial", init: stepSize, final: stepSize, power: 2 };
}

/** Values of a rule's own settings: other ones for another schedule that was asked for. */
function ownValues(rule: Rule, schedule: Schedule): Readonly<Record<string, number>> | undefined {
  if (rule.own === undefined) return undefined;
  return Object.fromEntries(rule.own.map(({ symbol, from, to, whole = false }) => {
    const share = uniform(seedFor(1, `${symbol} ${JSON.stringify(schedule)}`))();
    const value = from + Math.round(8 * share) / 8 * (to - from);
    return [symbol, whole ? Math.round(value) : Math.fround(value)];
  }));
}

/** What decides how problems look to a target: the rule that it is judged by, and the boxes it takes. */
export interface Taker {
  /** The official one by default. */
  readonly rule?: Rule;
  /** Set if it takes one interval for all axes. */
  readonly bounds?: "scalar";
  /** Set if it rounds like one that keeps its actions in coordinates of its own. */
  readonly coordinates?: OwnCoordinates;
}

/** What of a target, or of what is known of it, decides how problems look to it. */
export function takerOf({ rule, bounds, coordinates }: Taker): Taker {
  return { ...rule && { rule }, ...bounds && { bounds }, ...coordinates && { coordinates } };
}

/**
 * A problem as a target takes it: the settings of its rule, a box that it has, and how it may round.
 * Whoever makes problems hands them through here.
 */
export function problemFor(taker: Taker, problem: Problem): Problem {
  const rule = ruleFor(taker), { coordinates } = taker;
  const suited = rule === officialRule
    ? problem
    : { ...problem, rule, settings: settingsFor(rule, problem.settings) };
  const rounded = coordinates === undefined ? suited : { ...suited, coordinates };
  return taker.bounds === "scalar" ? withOneInterval(rounded) : rounded;
}

/**
 * How far a step from an action on an axis may be off because the problem's sampler keeps its actions in
 * coordinates of its own. Bounds that the rule doesn't have are no part of them.
 */
export function coordinatesErrorOf(
  problem: Problem,
  unit: number,
): (axis: number, action: number) => number {
  const { coordinates, settings: { bounds: { min, max } } } = problem, rule = ruleFor(problem);
  if (coordinates === undefined) return () => 0;
  const walled = partsOf(rule).has("box") || goesWithBox(rule);
  return (axis, action) => {
    const [lower, upper] = walled ? [min[axis]!, max[axis]!] : [0, 0];
    return coordinatesError({ coordinates, action, lower, upper, unit });
  };
}

/** Whether a box has the same sides on all axes. */
export function isOneInterval({ min, max }: Settings["bounds"]): boolean {
  return new Set(min).size === 1 && new Set(max).size === 1;
}

/** The same with the smallest interval for all axes that covers them: settings alike stay alike. */
function withOneInterval(problem: Problem): Problem {
  const { min, max } = problem.settings.bounds;
  if (isOneInterval({ min, max })) return problem;
  const low = Math.min(...min), high = Math.max(...max);
  const bounds = { min: min.map(() => low), max: max.map(() => high) };
  return { ...problem, settings: { ...problem.settings, bounds } };
}

/** Whether every formula of a rule can be read: told at once, not in the middle of a run. */
export function checkFormulas(rule: Rule): void {
  compileRule(rule);
}

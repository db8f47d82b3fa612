/**
 * Which rule of the family a sampler follows.
 *
 * Its steps are measured where nothing limits them: down a slope without noise, and over a flat
 * energy with noise, for several step sizes, schedules and noise scales, each rule with the settings
 * that it has. A rule that gives all these figures is then judged in full; only one by which the
 * sampler conforms is said to be its rule.
 *
 * @module
 */

import {
  calmProblem,
  calmSettings,
  constantSchedule,
  flatEnergy,
} from "../../properties/arbitraries.ts";
import { pathPoints } from "../../properties/observer.ts";
import { symbolsOfSettings } from "../../spec/compiled_rule.ts";
import { show } from "../../spec/numerics/number_text.ts";
import type { Problem, Schedule, Settings } from "../../spec/problem.ts";
import { officialRule, type Rule, stepSizes } from "../../spec/rule.ts";
import { type Stationary, stationaryLaw } from "../../spec/rule_law.ts";
import { partsOf, problemFor, settingsFor, stepSizesOf, takerOf } from "../../spec/rule_parts.ts";
import { isLinear, stepFactors } from "../../spec/rule_slopes.ts";
import { type AskedRule, family, ruleAsked, ruleNamed } from "../../spec/rules/family.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { diagnosisOf } from "../diagnosis/diagnosis.ts";
import type { Report } from "../report/report.ts";
import { sharedDraws } from "../diagnosis/summary/rule_in_numbers.ts";
import { roundingSeen } from "./calibration/calibrate.ts";
import { limitsSeen, optionsOf } from "./limiting_options.ts";
import { underRule } from "./rule_given.ts";

/** What a sampler was found to follow. */
export interface Identified {
  /** The rule with its options, like `ula+temperature`; `null` if it is none of the family. */
  readonly rule: string | null;
  /** The step sizes and the temperature in which it follows it, or why it is none of them. */
  readonly text: string;
  /** The measured step, as one line. */
  readonly measured: string;
  /** What it settles at with a step size of 0.1 on ½a²; `null` if that was not measured. */
  readonly stationary: Stationary | null;
}

/** Judges a target by a rule. */
export type Judge = (target: Target, asked: AskedRule) => Promise<Report>;

/** What is asked of the sampler in one experiment. */
interface Asking {
  readonly schedule: Schedule;
  readonly noiseScale: number;
}

/** What gradient and draw were multiplied by in every step; `null` where there was none to see. */
interface Measured extends Asking {
  readonly drift: readonly number[];
  readonly noise: readonly number[];
}

const steps = 4, slope = 0.5, draw = 0.5;
const askings: readonly Asking[] = [
  { schedule: constantSchedule(0.25), noiseScale: 1 },
  { schedule: constantSchedule(0.0625), noiseScale: 1 },
  { schedule: constantSchedule(0.25), noiseScale: 2 },
  { schedule: { kind: "polynomial", init: 0.25, final: 0.0625, power: 2 }, noiseScale: 1 },
];

/** What is tried beside the rules that come with the suite, and what is not. */
export interface Candidates {
  /** Rules of a person's own. */
  readonly more?: readonly AskedRule[] | undefined;
  /** The rule that the sampler is known to break. */
  readonly without?: Rule | undefined;
}

/**
 * Finds the rule that a target follows.
 *
 * @param given as it declares itself, not as it is judged by a rule
 * @throws {TargetFault} if the target's process fails
 */
export async function identify(
  given: Target,
  judge: Judge,
  { more = [], without }: Candidates = {},
): Promise<Identified> {
  const target = await roundingSeen(given);
  const measured = await measuredOf(target);
  const known = typeof measured === "string"
    ? { measured: "not measured", stationary: null }
    : { measured: lineOf(measured), stationary: stationaryOf(measured) };
  const asked = askedOnce(target);
  let almost: { readonly name: string; readonly broken: readonly string[] } | undefined;
  for (const candidate of candidates(more)) {
    if (!await asked(ruleAsked(candidate))) continue;
    const limits = await limitsSeen(target, candidate);
    const limited = { ...candidate, options: [...candidate.options, ...limits] };
    for (const tried of limits.length === 0 ? [candidate] : [limited, candidate]) {
      const rule = ruleAsked(tried);
      if (rule === without) continue;
      const { verdict, clauses } = await judge(target, tried);
      const name = rule.about?.name ?? tried.document.name;
      if (verdict !== "conforms" && verdict !== "incomplete") {
        const broken = clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
        if (broken.length > 0) almost ??= { name, broken };
        continue;
      }
      // Settings of a rule's own say nothing to the official schedule.
      const seen = typeof measured === "string" || without?.own ? undefined : measured;
      const text = textOf(tried, rule, seen) + await aboutLimit(target, rule);
      return { rule: name, text, ...known, ...settledBy(rule, known) };
    }
  }
  if (typeof measured === "string") {
    const line = measured.startsWith(noMultiple) ? null : await lineUnder(target, more);
    return {
      rule: null,
      text: line === null
        ? measured
        : `It follows none of the rules of the family, but this one: ${line}`,
      measured: line ?? known.measured,
      stationary: null,
    };
  }
  const text = almost
    ? `It follows none of the rules of the family: where nothing limits a step its figures are those of ${almost.name}, but judged by that one it breaks ${
      almost.broken.join(", ")
    }.`
    : `It follows none of the rules of the family, but this one: ${known.measured}. ${
      asLangevin(measured[0]!)
    }`;
  return { rule: null, text, ...known };
}

/** What a rule settles at, where the sampler's own figures could not be told. */
function settledBy(
  rule: Rule,
  { measured, stationary }: Pick<Identified, "measured" | "stationary">,
): Pick<Identified, "measured" | "stationary"> {
  if (stationary !== null || !isLinear(rule)) return { measured, stationary };
  const own = settingsFor(rule, calmSettings(1)).own;
  const law = stationaryLaw(stepFactors(rule, 0.1, { sigma: 1, T: 1, ...own }), 1);
  const line = `a ← a − (${rule.step}), drift ${rule.drift}, noise ${rule.noise}`;
  return { measured: line, stationary: Number.isFinite(law.variance) ? law : null };
}

/** Whether a target gives a rule's figures; each settings are tried once. */
function askedOnce(target: Target): (rule: Rule) => Promise<boolean> {
  const visible = !target.unsupported.has("noise-tape") && target.reveals !== "final-actions";
  const known = new Map<string, readonly Measured[] | null>();
  return async (rule) => {
    if (!visible) return await givesUnder(target, rule);
    const key = JSON.stringify(askings.map((asking) => settingsUnder(rule, asking)));
    let seen = known.get(key);
    if (seen === undefined) {
      const found = await tried(() => measure(underRule(target, rule), rule));
      known.set(key, seen = typeof found === "string" ? null : found);
    }
    return seen !== null && seen.every((found) => gives(rule, found));
  };
}

/** What a target gives, or `null` where it can't do what it is asked. */
async function tried<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return null;
  }
}

function settingsUnder(rule: Rule, { schedule, noiseScale }: Asking): Settings {
  return settingsFor(rule, calmSettings(1, { steps, schedule, noiseScale }));
}

/** Whether nothing that is measured beside a rule is another one: for samplers seen in part. */
async function givesUnder(declared: Target, rule: Rule): Promise<boolean> {
  const found = await tried(() => diagnosisOf(underRule(declared, rule), "conforms"));
  const terms = found?.measuredRule?.terms ?? [];
  return terms.some(({ name, value, deviates }) =>
    name === "drift" && !deviates && value?.kind !== "not measured"
  ) && terms.every(({ deviates }) => !deviates);
}

const textbooks = ["ula+temperature+schedule", "sgld", "sgld+temperature", "annealed"] as const;

/**
 * The rule of a sampler that is seen in part, or that has settings of its own, in numbers: beside the
 * rule that it is nearest to.
 */
async function lineUnder(target: Target, more: readonly AskedRule[]): Promise<string | null> {
  let best: { readonly line: string; readonly off: number } | null = null;
  for (const rule of [...more.map(ruleAsked), ...textbooks.map(ruleNamed)]) {
    const found = await tried(() => diagnosisOf(underRule(target, rule), "conforms"));
    const { text, schedule, terms = [] } = found?.measuredRule ?? {};
    const [drift, noise] = terms;
    const isOpen = (term: typeof drift) => term?.value?.kind === "not measured";
    const shared = noise?.value?.kind === "not measured" && noise.value.reason === sharedDraws;
    if (!drift || !noise || isOpen(drift) || isOpen(noise) && !shared) continue;
    const off = terms.filter(({ deviates }) => deviates).length;
    if (best !== null && best.off <= off) continue;
    const why = shared ? `; its noise has no figure: ${sharedDraws}` : "";
    best = {
      line: `${text}, with ${schedule} where it is asked by ${rule.about?.name}${why}`,
      off,
    };
  }
  return best && best.line;
}

async function measuredOf(target: Target): Promise<readonly Measured[] | string> {
  const plain = await tried(() => measure(target, officialRule));
  if (plain !== null) return plain;
  // One that reads its step sizes as numbers is told them under a rule of the family only.
  const rule = ruleNamed("ula+temperature+schedule");
  return await tried(() => measure(underRule(target, rule), rule)) ??
    "Its rule can't be identified: it can't do what it is asked";
}

/** The same as unadjusted Langevin with another step size and temperature. */
function asLangevin({ drift: [drift], noise: [noise] }: Measured): string {
  const heat = noise! ** 2 / (2 * drift!);
  return `At η = 0.25 that is unadjusted Langevin with the step size ${
    show(drift!, 4)
  } and the temperature ${show(heat, 4)}.`;
}

/**
 * The rules with the options that show in a step without limits: the official one first, and each
 * rule with the most options first, because less is asked of the others.
 */
function candidates(more: readonly AskedRule[]): readonly AskedRule[] {
  return [
    ...more,
    ...family.flatMap((document) => {
      const choices = optionsOf(document).telling.reduce<readonly (readonly string[])[]>(
        (all, name) => [...all, ...all.map((some) => [...some, name])],
        [[]],
      );
      return choices.toSorted((a, b) => b.length - a.length)
        .map((options) => ({ document, options }));
    }),
  ];
}

async function measure(target: Target, rule: Rule): Promise<readonly Measured[] | string> {
  if (target.unsupported.has("noise-tape") || target.reveals === "final-actions") {
    return "Its rule can't be identified: that takes ulaspec's draws, and steps that can be seen";
  }
  const seen: Measured[] = [];
  for (const asking of askings) {
    const drift = await factorsOn(target, rule, asking, "drift");
    const noise = await factorsOn(target, rule, asking, "noise");
    if (drift === null || noise === null) {
      return "Its rule can't be identified: its steps can't be told";
    }
    if (![...drift, ...noise].every(Number.isFinite)) {
      return "Its rule can't be identified: there are steps that are no numbers where the energy has no slope";
    }
    if (seen.length === 0 && isLinear(rule)) {
      const limited = await limitedDrift(target, rule, asking);
      if (limited !== null) return limited;
    }
    seen.push({ ...asking, drift, noise });
  }
  return seen;
}

const noMultiple = "Its step is no multiple of the gradient: ";

/** How the drift differs from a multiple of the gradient, in words; `null` if it is one. */
async function limitedDrift(target: Target, rule: Rule, asking: Asking): Promise<string | null> {
  const moves: { readonly slope: number; readonly by: number }[] = [];
  for (const slope of [1 / 1024, 1 / 2, 4, 16]) {
    const [factor] = await factorsOn(target, rule, asking, "drift", slope) ?? [];
    if (factor === undefined || !Number.isFinite(factor)) return null;
    moves.push({ slope, by: factor * slope });
  }
  const [first, , large, last] = moves, factor = first!.by / first!.slope;
  if (moves.every(({ slope, by }) => near(by / slope, factor))) return null;
  const figures = moves.map(({ slope, by }) => `${show(by, 4)} for ${show(slope, 4)}`).join(", ");
  const clip = near(large!.by, last!.by) && factor !== 0
    ? `, as if the gradient were clipped to ±${show(Math.abs(last!.by / factor), 4)}`
    : "";
  return `${noMultiple}at η = 0.25 it is ${figures}${clip}.`;
}

async function factorsOn(
  target: Target,
  rule: Rule,
  { schedule, noiseScale }: Asking,
  part: "drift" | "noise",
  gradient = slope,
): Promise<readonly number[] | null> {
  const tape = part === "drift" ? 0 : draw;
  const problem: Problem = problemFor(
    { ...takerOf(target), rule },
    calmProblem({
      energy: part === "drift" ? [gradient] : flatEnergy,
      steps,
      schedule,
      noiseScale,
      initial: [[0]],
      draws: Array.from({ length: steps }, () => [[tape]]),
    }),
  );
  // Whatever rule it follows, its questions are its chain.
  const trajectory = await (await target.prepare(problem.settings)).sample(problem);
  const points = pathPoints({ ...problem, noise: { kind: "own" } }, trajectory);
  const asked = trajectory.evaluations.filter(({ kind }) => kind === "gradient");
  const path = points ?? [...asked.slice(0, steps).map(({ points }) => points), trajectory.final];
  if (path.length !== steps + 1) return null;
  const weight = part === "drift" ? gradient : draw;
  return path.slice(1).map((to, k) => (path[k]![0]![0]! - to[0]![0]!) / weight);
}

/** Whether a rule gives the factors that were measured. */
function gives(rule: Rule, { schedule, noiseScale, drift, noise }: Measured): boolean {
  const asked = calmProblem({ energy: flatEnergy, steps, schedule, noiseScale, initial: [[0]] });
  const problem = problemFor({ rule }, asked), { settings } = problem;
  const given = { ...symbolsOfSettings(settings), N: steps };
  return stepSizesOf(problem).every((size, k) => {
    const factors = stepFactors(rule, size, { ...given, k });
    return near(drift[k]!, factors.drift) && near(Math.abs(noise[k]!), factors.noise);
  });
}

function near(found: number, wanted: number): boolean {
  return Math.abs(found - wanted) <= 1e-4 * Math.abs(wanted) + 1e-6;
}

/** The measured step in powers of the step size that is asked for. */
function lineOf([first, smaller, louder, falling]: readonly Measured[]): string {
  const termOf = (part: "drift" | "noise") => {
    const at = Math.abs(first![part][0]!), below = Math.abs(smaller![part][0]!);
    const power = Math.log2(at / below) / 2, whole = Math.round(2 * power) / 2;
    if (!Number.isFinite(power) || Math.abs(power - whole) > 1e-3) {
      return `${show(at, 4)} at η = 0.25: `;
    }
    const factor = show(at / 0.25 ** whole, 4);
    return `${factor}${
      whole === 0 ? "" : whole === 1 ? "·η" : whole === 0.5 ? "·√η" : `·η^${whole}`
    }`;
  };
  const scaled = Math.abs(louder!.noise[0]! / first!.noise[0]!);
  const scale = near(scaled, 2) ? "·σ" : near(scaled, 1) ? "" : `·(${show(scaled, 3)} for σ = 2)`;
  return `a ← a − (${termOf("drift")}·∇E + ${termOf("noise")}${scale}·ξ)${
    sizesLine(first!, smaller!, falling!)
  }`;
}

/** The step sizes of a chain whose schedule falls, by the power with which the drift goes with them. */
function sizesLine(first: Measured, smaller: Measured, { schedule, drift }: Measured): string {
  if (isSteady(drift)) return ", with the first step size in every step";
  const power = Math.log2(first.drift[0]! / smaller.drift[0]!) / 2;
  const found = drift.map((by) => schedule.init * (by / first.drift[0]!) ** (1 / power));
  const wanted = stepSizes(schedule, steps);
  if (found.some(Number.isNaN) || found.every((size, k) => near(size, wanted[k]!))) return "";
  const listed = (sizes: readonly number[]) => sizes.map((size) => show(size, 3)).join(", ");
  return `, with the step sizes ${listed(found)} where ${listed(wanted)} are asked for`;
}

function isSteady(drift: readonly number[]): boolean {
  return drift.every((by) => near(by, drift[0]!));
}

function stationaryOf([first, smaller]: readonly Measured[]): Stationary | null {
  const at = (part: "drift" | "noise") => {
    const large = Math.abs(first![part][0]!), small = Math.abs(smaller![part][0]!);
    const power = Math.log2(large / small) / 2;
    return large * (0.1 / 0.25) ** power;
  };
  const law = stationaryLaw({ drift: at("drift"), noise: at("noise") }, 1);
  return Number.isFinite(law.variance) ? law : null;
}

function textOf(
  { document, options }: AskedRule,
  rule: Rule,
  measured: readonly Measured[] | undefined,
): string {
  const falling = measured?.[3];
  if (rule === officialRule) return "It follows the official rule, ibc.";
  const { name } = document;
  const sizes =
    rule.stepSize !== undefined || options.includes("schedule") || name === "ibc-squared"
      ? "the step sizes that it is given"
      : falling && isSteady(falling.drift)
      ? "its first step size in every step"
      : "one step size where one is asked for";
  const heat = options.includes("temperature") || name === "ibc-squared"
    ? "the noise scale that it is given"
    : measured && near(Math.abs(measured[2]!.noise[0]!), Math.abs(measured[0]!.noise[0]!))
    ? "temperature 1"
    : "temperature 1 where the noise scale is 1";
  const limits = optionsOf(document).limits.filter((option) => options.includes(option))
    .map((option) => ` It has ${document.options![option]!.sentence}.`);
  return `It follows the rule ${
    [name, ...options].join("+")
  }: ${rule.step}, with ${sizes} and ${heat}.${limits.join("")}${
    sizes.startsWith("one") && measured ? fallingLine(measured) : ""
  }`;
}

/** What a sampler makes of a schedule that falls, where its rule has none, in a sentence. */
function fallingLine([first, smaller, , falling]: readonly Measured[]): string {
  const sizes = sizesLine(first!, smaller!, falling!);
  return sizes === "" ? "" : ` Of a schedule it makes its own${sizes.replace(", with", ":")}.`;
}

/** That a sampler limits its steps by a delta clip, where a rule has none; else nothing. */
async function aboutLimit(target: Target, rule: Rule): Promise<string> {
  if (partsOf(rule).has("delta clip")) return "";
  const moves = async (deltaClip: number) => {
    const { noise, ...problem } = calmProblem({
      energy: [4096],
      steps: 1,
      bounds: { min: [-(2 ** 16)], max: [2 ** 16] },
      deltaClip,
      initial: [[0]],
    });
    const own = target.unsupported.has("noise-tape");
    const sampler = await target.prepare(problem.settings);
    const { final } = await sampler.sample({ ...problem, noise: own ? { kind: "own" } : noise });
    return Math.abs(final[0]![0]!);
  };
  const limited = await tried(async () => await moves(1 / 1024) < await moves(64) / 2);
  return limited ? " It limits its steps by a delta clip, too, which that rule does not have." : "";
}

/** The same, for a target that may fail on the way. */
export async function identified(
  target: Target,
  judge: Judge,
  candidates: Candidates = {},
): Promise<Identified | null> {
  try {
    return await identify(target, judge, candidates);
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return null;
  }
}

/** What it settles at, in words. */
export function stationaryWords({ temperature }: Stationary): string {
  return `With a step size of 0.1 its stationary variance on ½a² is ${
    show(temperature, 4)
  } of the target's.`;
}

/**
 * Which options of a rule a sampler has that act only where something limits it, like a box or a
 * gradient clip.
 *
 * Where they act they act so strongly that noise does not matter: one step down a slope that leads
 * far beyond the box, another one with a gradient far beyond its clip. The rule says where each ends
 * with the option and without it.
 *
 * @module
 */

import { calmProblem, calmSettings } from "../../properties/arbitraries.ts";
import { predictEnd } from "../../spec/chain_end.ts";
import type { Problem } from "../../spec/problem.ts";
import type { Rule } from "../../spec/rule.ts";
import { problemFor, takerOf } from "../../spec/rule_parts.ts";
import type { RuleDocument } from "../../spec/rules/document.ts";
import { type AskedRule, ruleAsked } from "../../spec/rules/family.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { underRule } from "./rule_given.ts";

const limiting: readonly string[] = ["gradClip", "noGradClip", "limit", "clippedStep", "result"];

/** The options that show in a step without limits, and those that show nowhere else. */
export function optionsOf({ options = {} }: RuleDocument): {
  readonly telling: readonly string[];
  readonly limits: readonly string[];
} {
  const names = Object.keys(options);
  const isLimit = (name: string) =>
    Object.keys(options[name]!.formulas).every((formula) => limiting.includes(formula));
  return {
    telling: names.filter((name) => !isLimit(name)),
    limits: names.filter(isLimit),
  };
}

const steep = 4096, wide = { min: [-(2 ** 16)], max: [2 ** 16] };

/** Steps that are limited, by the box and by the gradient clip. */
const probes: readonly Problem[] = [
  { bounds: { min: [-1], max: [2] } },
  { bounds: wide, gradClip: 1 },
  { bounds: { min: [-1], max: [2] }, gradClip: 64 },
].map((settings) => {
  const problem = calmProblem({ energy: [steep], steps: 1, initial: [[0.5]], stepSize: 0.25 });
  return { ...problem, settings: calmSettings(1, { ...problem.settings, ...settings }) };
});

/**
 * The limiting options that a target has.
 *
 * @param asked a rule whose steps it takes where nothing limits them
 * @throws {TargetFault} if the target's process fails
 */
export async function limitsSeen(
  target: Target,
  asked: AskedRule,
): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const option of optionsOf(asked.document).limits) {
    if (asked.options.includes(option) || target.unsupported.has(option as never)) continue;
    const without = ruleAsked(asked);
    const options = [...asked.options, option];
    if (await takes(target, ruleAsked({ ...asked, options }), without)) seen.push(option);
  }
  return seen;
}

/** Whether a target's steps are those of one rule rather than of another, wherever they differ. */
async function takes(target: Target, rule: Rule, other: Rule): Promise<boolean> {
  let told = false;
  for (const problem of probes) {
    const suited = problemFor(takerOf({ ...target, rule }), problem);
    const end = (of: Rule) => predictEnd({ ...suited, rule: of })[0]![0]!.value;
    const wanted = end(rule), beside = end(other);
    if (Math.abs(wanted - beside) < 16) continue;
    const found = await endOf(underRule(target, rule), suited);
    if (found === null || Math.abs(found - wanted) > Math.abs(wanted - beside) / 4) return false;
    told = true;
  }
  return told;
}

/** Where a target ends; `null` where it can't do what it is asked. */
async function endOf(target: Target, problem: Problem): Promise<number | null> {
  const own = target.unsupported.has("noise-tape");
  const given: Problem = own ? { ...problem, noise: { kind: "own" } } : problem;
  try {
    return (await (await target.prepare(given.settings)).sample(given)).final[0]![0]!;
  } catch (error) {
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return null;
  }
}

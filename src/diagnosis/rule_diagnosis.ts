/**
 * The diagnosis of a target that is judged by another rule than the official one: its own rule in
 * numbers, beside the one that was asked for, and the names of bugs that have a meaning there.
 *
 * @module
 */

import type { NoiseSign } from "../../spec/oracle.ts";
import { symbolsOfSettings } from "../../spec/compiled_rule.ts";
import type { Settings } from "../../spec/problem.ts";
import { formulaNames, type Rule } from "../../spec/rule.ts";
import { partsOf, ruleFor } from "../../spec/rule_parts.ts";
import { isLinear, stepFactors } from "../../spec/rule_slopes.ts";
import type { Target } from "../../spec/sampler.ts";
import { problemFromText } from "../report/page/seen_step.ts";
import { compatible } from "../defects/change.ts";
import type { NamedDefectReport } from "../report/report.ts";
import { takeCensus } from "./influences/census.ts";
import { dependencesOf, placeDependence } from "./influences/dependences.ts";
import type { Diagnosis, Findings } from "./diagnose.ts";
import { census } from "./experiments/census_chains.ts";
import { type Experiment, walls } from "./experiments/experiments.ts";
import { influencesOf, sizeOfGradient } from "./influences/influences.ts";
import type { MeasuredRule } from "./figures/measured_rule.ts";
import { negated } from "./terms/turned_draws.ts";
import { type Observation, observeProbes, type View } from "./experiments/observations.ts";
import { fitOwnNoise } from "./own_noise/own_noise.ts";
import { withOwnNoise, withTerm } from "./own_noise/own_noise_rule.ts";
import { observeOwnNoise } from "./own_noise/own_noise_runs.ts";
import { chainOf } from "./experiments/response.ts";
import { experimentsUnder, type RuleExperiments } from "./experiments/rule_experiments.ts";
import {
  fitUnder,
  nearness,
  otherSizes,
  type RuleFit,
  together,
  type WindowRatios,
} from "./terms/rule_fit.ts";
import { type LimitsSeen, ruleInNumbers, sharedDraws } from "./summary/rule_in_numbers.ts";
import {
  namesIn,
  RuleNaming,
  type RuleSuspect,
  ruleWithSuspects,
  suspectsUnder,
  wordedUnder,
} from "./naming/rule_naming.ts";
import { addedSuspects, measuredSuspects, slipSuspects } from "./naming/rule_suspects.ts";
import { unexplainedWords } from "./summary/unexplained_words.ts";
import type { SeenRun } from "./terms/window_fit.ts";

/** What is known of a target before its rule is measured. */
export interface Known {
  readonly view: View;
  /** Whether its draws can't be those of the suite. */
  readonly ownDraws: boolean;
  /** The sign with which it adds its draws. */
  readonly noiseSign: NoiseSign;
}

interface Seen {
  readonly rule: Rule;
  readonly experiments: RuleExperiments;
  readonly observations: readonly Observation[];
  readonly fit: RuleFit;
  /** Whether nothing silences the noise, so that no chain can be predicted. */
  readonly noisy: boolean;
}

/**
 * Measures the rule of a target that is judged by a rule of the family.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function measureUnder(target: Target, known: Known): Promise<MeasuredRule> {
  const seen = await observed(target, known, "plain");
  return ruleInNumbers(seen.fit, limitsIn(seen, known, target, []));
}

/**
 * Names what is wrong with a target that is judged by a rule of the family.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function diagnoseUnder(
  target: Target,
  known: Known,
  { violated = [], failedTests = [] }: Findings,
): Promise<Diagnosis> {
  const seen = await observed(target, known, clauseExperiments(target, known, violated));
  const { view } = known, { fit, noisy, rule } = seen, returns = target.networkReturns;
  const naming = namingOf(seen, known, target);
  const run = (name: string) => view === "final actions" ? undefined : runOf(naming, name);
  const chain = noisy ? undefined : run(census.name);
  const taken = chain && takeCensus(chain.problem, chain.chain, returns);
  const explanation = noisy ? { suspects: [], alternatives: [], unexplained: [] } : naming.explain([
    ...suspectsUnder(rule),
    ...slipSuspects(rule),
    ...measuredSuspects(fit),
    ...taken ? addedSuspects(rule, taken) : [],
  ]);
  const { suspects, unexplained } = explanation, isLeft = unexplained.length > 0;
  const measured = ruleInNumbers(fit, limitsIn(seen, known, target, suspects));
  const open = measured.terms.filter(({ name, value }) =>
    (name === "drift" || name === "noise") && value?.kind === "not measured" &&
    value.reason !== sharedDraws
  ).map(({ name }) => name);
  const sloped = open.includes("drift") && !noisy
    ? run(seen.experiments.windows[0]!.drift.name)
    : undefined;
  const depends = isLeft
    ? influencesOf({
      again: naming.observations.filter(({ probe }) => probe.name === census.name),
      census: taken,
      chains: view !== "final actions",
      depends: taken?.linear || noisy
        ? []
        // A drift that goes by more than the gradient makes draws move otherwise, too.
        : (await dependencesOf(target)).filter(({ text }) => !sloped || !/^The noise/.test(text)),
      ...nothingElse,
    })
    : [];
  const bent = depends.length > 0 || !sloped ? [] : sizeOfGradient(sloped);
  const placed = !isLeft || depends.length + bent.length > 0 || !sloped
    ? []
    : await placeDependence(target);
  const runs = known.ownDraws ? await observeOwnNoise(target, { varying: true }) : undefined;
  const beside = { changes: suspects.map(({ change }) => change), complete: !isLeft && !noisy };
  const own = runs && fitOwnNoise(runs, beside, failedTests);
  // Of step sizes that nothing explains every name would be a guess.
  const named = isLeft && otherSizes(fit) !== null ? { ...explanation, suspects: [] } : explanation;
  const held = isLeft || suspects.length === 0 || view === "final actions" ||
    target.compiles !== undefined ||
    await holdElsewhere(target, known, seen, suspects);
  const defects = [
    ...namesIn(named).map((one) => held ? one : { ...one, certain: false }),
    ...fit.amidNoise ? likely(fit, suspects) : [],
    ...(own?.named ?? []).map((one) => ({ ...one, ...wordedUnder(rule, one.id) })),
  ];
  const left = unexplainedWords(
    {
      rule: ruleWithSuspects(rule, named.suspects),
      isNamed: named.suspects.length > 0,
      unexplained,
      open,
    },
    returns,
    view !== "final actions",
  );
  return {
    view,
    influences: [...depends, ...bent, ...placed, ...own?.influences ?? []],
    measured: own && own.influences.length > 0
      ? withOwnNoise(measured, own)
      : isLeft || noisy
      ? measured
      : asExplained(measured, suspects),
    defects,
    ...left,
    ...own?.unexplained && !left.unexplained ? { unexplained: own.unexplained } : {},
  };
}

/** Whether the rule with what was found gives what other boxes, shapes and settings show. */
async function holdElsewhere(
  target: Target,
  known: Known,
  seen: Seen,
  suspects: readonly RuleSuspect[],
): Promise<boolean> {
  const found = await observeProbes(target, seen.experiments.further);
  const observations = known.noiseSign === 1 ? found : found.map(negated);
  const naming = namingOf({ ...seen, observations }, known, target);
  return naming.observations.every((one) => naming.gives(suspects, one));
}

/** Terms that no window shows, as the rule with what is named gives them. */
function asExplained(measured: MeasuredRule, suspects: readonly RuleSuspect[]): MeasuredRule {
  const parts = {
    drift: ["drift", "gradient"],
    noise: ["noise", "noiseSharing", "noiseLaw"],
  } as const;
  return (["drift", "noise"] as const).reduce((rule, name) => {
    const term = rule.terms.find((one) => one.name === name)!;
    const [one, ...others] = suspects.filter(({ change }) =>
      Object.hasOwn(change, "step") || parts[name].some((part) => Object.hasOwn(change, part))
    );
    if (term.value?.kind !== "not measured" || others.length > 0) return rule;
    if (one === undefined) return withTerm(rule, { ...term, text: term.wanted, deviates: false });
    if (one.written === undefined) return rule;
    const text = term.wanted.replace("∇E", one.written("∇E"));
    return withTerm(rule, { ...term, text, deviates: true });
  }, measured);
}

/** What the windows of the official rule alone would show. */
const nothingElse = {
  fit: undefined,
  drift: [],
  kept: undefined,
  early: [],
  open: [],
  counts: [],
  shared: false,
  limits: [],
  ofLimits: [],
};

/** The chain of an experiment, if its points were seen. */
function runOf({ observations }: RuleNaming, name: string): SeenRun | undefined {
  const seen = observations.find(({ probe }) => probe.name === name), call = seen?.calls[0];
  if (seen === undefined || call === undefined || call === "throws") return undefined;
  const problem = seen.probe.calls[0]!, chain = chainOf(problem, call);
  const isFinite = chain?.points.every((rows) => rows.every((row) => row.every(Number.isFinite)));
  return chain && isFinite ? { problem, chain } : undefined;
}

async function observed(
  target: Target,
  { view, ownDraws, noiseSign }: Known,
  more: "plain" | readonly Experiment[],
): Promise<Seen> {
  const rule = ruleFor(target);
  const lacking = new Set(target.unsupported);
  if (ownDraws) lacking.add("noise-tape");
  const whole = experimentsUnder(rule, { view, lacking });
  // Every shape and every setting is another compilation, of which few are asked for.
  const few = more === "plain" && target.compiles !== undefined;
  const experiments = few ? { ...whole, windows: whole.windows.slice(0, 1), others: [] } : whole;
  const all = [
    ...experiments.windows.flatMap(({ drift, noise }) => [drift, noise]),
    ...experiments.others,
    ...more === "plain" ? [] : more,
  ];
  const seen = await observeProbes(target, all);
  const observations = noiseSign === 1 ? seen : seen.map(negated);
  const noisy = ownDraws && !partsOf(rule).has("noise scale");
  const how = { view, returns: target.networkReturns, ownDraws, amidNoise: noisy };
  const fit = fitUnder(rule, experiments.windows, observations, how);
  return { rule, experiments, observations, fit, noisy };
}

function namingOf(
  { rule, observations, experiments }: Seen,
  { view, ownDraws }: Known,
  { networkReturns: returns }: Target,
): RuleNaming {
  const statistical = new Set(ownDraws ? experiments.windows.map(({ noise }) => noise.name) : []);
  const exact = observations.filter(({ probe }) => !statistical.has(probe.name));
  return new RuleNaming(rule, exact, { view, returns });
}

/** Whether the rule with what was found gives the steps that are limited. */
function limitsIn(
  seen: Seen,
  known: Known,
  target: Target,
  suspects: readonly RuleSuspect[],
): LimitsSeen {
  const changed = Object.assign({}, ...suspects.map(({ change }) => change));
  if (seen.noisy) return { limit: undefined, bounds: undefined, changed };
  const naming = namingOf(seen, known, target);
  const given = (isOne: (name: string) => boolean) => {
    const told = naming.observations.filter(({ probe }) => isOne(probe.name));
    return told.length === 0 ? undefined : told.every((one) => naming.gives(suspects, one));
  };
  return {
    limit: given((name) => name.startsWith("limit")),
    bounds: given((name) => name === walls.name),
    changed,
  };
}

/** The smallest problems on which clauses are violated, as experiments. */
function clauseExperiments(
  target: Target,
  { ownDraws, view }: Known,
  violated: NonNullable<Findings["violated"]>,
): readonly Experiment[] {
  const rule = ruleFor(target);
  return violated.flatMap(({ id, counterexample }): Experiment[] => {
    if (!counterexample || view === "final actions") return [];
    const problem = { ...problemFromText(counterexample.problem), rule };
    if (ownDraws && (problem.settings.noiseScale !== 0 || !partsOf(rule).has("noise scale"))) {
      return [];
    }
    return [{ name: `clause ${id}`, calls: [problem, problem] }];
  });
}

/** Known bugs that, beside what was found, would give the figures that were measured amid noise. */
function likely(fit: RuleFit, beside: readonly RuleSuspect[]): NamedDefectReport[] {
  const { rule, drift, noise } = fit;
  if (!drift || !noise || agreesWith(ruleWithSuspects(rule, beside), fit)) return [];
  const found = [...slipSuspects(rule), ...suspectsUnder(rule)].filter(({ change, stepSize }) =>
    stepSize === undefined && beside.every((other) => compatible(other.change, change)) &&
    Object.keys(change).every((part) => formulaNames.some((name) => name === part))
  ).filter((suspect) => {
    const changed = ruleWithSuspects(rule, [...beside, suspect]);
    // Factors say nothing of what goes with earlier steps or other rows.
    return changed.symbols === rule.symbols && agreesWith(changed, fit);
  });
  const [first, ...others] = found;
  if (first === undefined) return [];
  const { id, title, fix, seen } = first;
  return [{
    id,
    title,
    fix,
    ...(seen === undefined ? {} : { seen }),
    certain: false,
    ...(others.length === 0
      ? {}
      : { alternatives: others.map(({ id, title }) => ({ id, title })) }),
  }];
}

/** Whether a rule gives the figures that were measured amid noise. */
function agreesWith(changed: Rule, fit: RuleFit): boolean {
  const { rule, drift, noise, amidNoise } = fit;
  if (!isLinear(rule) || !isLinear(changed)) return false;
  const near = nearness(true);
  const given = (windows: readonly WindowRatios[], source: "drift" | "noise") => {
    const parts = windows.flatMap(({ problem: { settings }, sizes, ratios }) =>
      ratios.map(({ value, error }, k) => {
        const symbols = { ...symbolsOfSettings(settings), ...numbersOf(settings), k };
        const by = stepFactors(changed, sizes[k]!, symbols)[source] /
          stepFactors(rule, sizes[k]!, symbols)[source];
        const part = value / (source === "noise" ? Math.abs(by) : by);
        return { value: part, error: Math.abs(error / by) };
      })
    );
    const ratio = together(parts, near);
    return ratio !== null && near.agrees(ratio, 1);
  };
  // A drift that is known exactly has a name already.
  return given(noise!, "noise") && (!amidNoise || given(drift!, "drift"));
}

function numbersOf({ schedule: { kind: _, ...schedule }, steps }: Settings) {
  return { ...schedule, N: steps };
}

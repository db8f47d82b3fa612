/**
 * Measures the rule that a sampler really follows, term by term, and names what differs.
 *
 * Experiments isolate each term; names follow from what was measured. Of a sampler that shows its
 * returned actions alone, chains of one step tell drift, noise and limits, and longer ones the step
 * sizes and what is remembered.
 *
 * @module
 */

import { probesFor } from "./experiments/probes.ts";
import type { Problem } from "../../spec/problem.ts";
import { type Feature, type NetworkReturns, noiseOrigin, type Target } from "../../spec/sampler.ts";
import { same } from "../../spec/trajectory.ts";
import { dependencesOf } from "./influences/dependences.ts";
import { dialectIn } from "./terms/textbook_forms.ts";
import { census, censusAgain, longCensus, quietCensus } from "./experiments/census_chains.ts";
import {
  alone,
  besideAnother,
  clippedInOtherBoxes,
  driftBesideScale,
  driftLimits,
  type Experiment,
  exponential,
  exponentialNoise,
  exponentiated,
  gradientClips,
  gradientsOfAllSizes,
  limitsOfFive,
  noiseLimit,
  noiseWalls,
  oneStep,
  oneStepNoise,
  outside,
  walls,
  windows,
} from "./experiments/experiments.ts";
import {
  asEnds,
  experimentsIn,
  singleSteps,
  type Singling,
} from "./experiments/end_experiments.ts";
import { isConditional, onlyWhere } from "./naming/only_where.ts";
import { limitDependences } from "./influences/limit_dependences.ts";
import { influencesOf, isOfRows } from "./influences/influences.ts";
import type { MeasuredRule, MeasuredTerm } from "./figures/measured_rule.ts";
import type { Influence } from "./figures/measurement.ts";
import { isOfFirst, remembering, withCached } from "./terms/first_preparations.ts";
import { explained } from "./naming/explained.ts";
import { actsEverywhere } from "./naming/attempts.ts";
import { namesOf, withoutContradicted } from "./naming/certain_names.ts";
import type { Explanation } from "./naming/explanation.ts";
import { Naming } from "./naming/naming.ts";
import { changesOf, type Hypothesis, type Suspect } from "./terms/suspects.ts";
import { simulate } from "./experiments/simulate.ts";
import { ruleWith } from "../defects/change.ts";
import { isKnownIn, Trials } from "./terms/trials.ts";
import { furtherBoxes } from "./experiments/further_boxes.ts";
import { negated } from "./terms/turned_draws.ts";
import { officialRule } from "../../spec/rule.ts";
import type { WindowFit } from "./terms/window_fit.ts";
import { type Observation, observeProbes, type View } from "./experiments/observations.ts";
import { type Beside, type FailedTest, fitOwnNoise, leadBeyond } from "./own_noise/own_noise.ts";
import { noisyRule, withOwnNoise } from "./own_noise/own_noise_rule.ts";
import { observeOwnNoise, type OwnRuns } from "./own_noise/own_noise_runs.ts";
import { ledBeyond } from "./own_noise/redrawn.ts";
import type { ClauseReport, NamedDefectReport } from "../report/report.ts";
import { problemFromText } from "../report/page/seen_step.ts";
import { ruleTerms } from "./summary/rule_terms.ts";
import { withSharedScale } from "./naming/shared_scale.ts";
import { secondRound, trialSizes } from "./naming/second_round.ts";
import { endPlans, stepPlan } from "./naming/stages.ts";
import { climb } from "./terms/step_ladder.ts";
import { type LeftOpen, unexplainedWords } from "./summary/unexplained_words.ts";

/** What is wrong with a target, as far as it can be told. */
export interface Diagnosis {
  /** How much of the target was seen. */
  readonly view: View;
  /** The fewest defects that explain what was seen; empty if nothing is wrong or nothing is known. */
  readonly defects: readonly NamedDefectReport[];
  /** What steps depend on against the rule. */
  readonly influences: readonly Influence[];
  /** What no known defect explains, with the figures, in one sentence. */
  readonly unexplained?: string;
  /** Clauses whose counterexamples are not explained. */
  readonly unexplainedClauses?: readonly string[];
  /** The rule that the target follows; absent if it fails on the experiments. */
  readonly measured: MeasuredRule | undefined;
  /** What kind of experiments stays unexplained, if one does. */
  readonly left?: Left;
}

/** What kind of experiments stays unexplained. */
export interface Left {
  /** Whether all of them have noise, and everything without noise follows the rule. */
  readonly noiseAlone: boolean;
  /** One on which the target fails, if it fails on all of them. */
  readonly failing: Experiment | undefined;
}

/** What a run has found out before, for the diagnosis. */
export interface Findings {
  /** Tests of its own noise that failed. */
  readonly failedTests?: readonly FailedTest[];
  /** The clauses that are violated. */
  readonly violated?: readonly Pick<ClauseReport, "id" | "counterexample">[];
}

/** How much of a target can be seen. */
export function viewOf(target: Target): View {
  if (target.reveals === "final-actions") return "final actions";
  return noiseOrigin(target) === "own" ? "points" : "points and tape";
}

/** What a sampler lacks for the experiments. */
function lackingOf(target: Target): ReadonlySet<Feature> {
  return noiseOrigin(target) === "own"
    ? new Set([...target.unsupported, "noise-tape" as const])
    : target.unsupported;
}

/**
 * Measures the rule that a target follows.
 *
 * @returns nothing if the target fails on the experiments
 * @throws {TargetFault} if the target's process fails
 */
export async function measure(target: Target): Promise<MeasuredRule | undefined> {
  const runs = await ownRunsOf(target);
  if (runs !== undefined && !runs.honoursZero) return noisyRule(fitOwnNoise(runs, nothingBeside));
  const { naming, explanation } = await explainedBy(target, plainExperiments);
  const rule = measuredRuleOf(naming, explanation);
  return runs === undefined ? rule : withOwnNoise(rule, fitOwnNoise(runs, nothingBeside));
}

/** The noise that a target draws by itself. */
async function ownRunsOf(target: Target, varying = false): Promise<OwnRuns | undefined> {
  return noiseOrigin(target) === "own" ? await observeOwnNoise(target, { varying }) : undefined;
}

const nothingBeside: Beside = { changes: [], complete: false };

/** What is run on a target of which nothing is known to be wrong. */
const plainExperiments: readonly Experiment[] = [
  windows[0]!.drift,
  windows[0]!.noise,
  driftLimits[0]!,
  noiseLimit,
  walls,
];

const [firstWindow, ...otherWindows] = windows;
const allExperiments: readonly Experiment[] = [
  // Should the settings of the first one hold for all, everything acts in all.
  census,
  firstWindow!.drift,
  firstWindow!.noise,
  driftBesideScale,
  ...driftLimits,
  ...limitsOfFive,
  noiseLimit,
  walls,
  noiseWalls,
  outside,
  ...gradientClips,
  gradientsOfAllSizes,
  exponential,
  exponentialNoise,
  exponentiated,
  oneStep,
  oneStepNoise,
  ...alone,
  besideAnother,
  quietCensus,
  longCensus,
];
const laterExperiments = otherWindows.flatMap(({ drift, noise }) => [drift, noise]);

/**
 * Names what is wrong with a target.
 *
 * @param findings what the run has found out
 * @throws {TargetFault} if the target's process fails
 */
export async function diagnose(given: Target, findings: Findings = {}): Promise<Diagnosis> {
  const target = remembering(given);
  const view = viewOf(target), { failedTests = [], violated = [] } = findings;
  const seen = await ownRunsOf(target, true);
  const runs = seen && leadBeyond(failedTests) ? { ...seen, led: await ledBeyond(target) } : seen;
  if (runs !== undefined && !runs.honoursZero) {
    // What is seen at a noise scale of 0 is noise.
    const diagnosis = { view, defects: [], influences: [], measured: undefined };
    return withNoise(diagnosis, runs, nothingBeside, failedTests);
  }
  const few = await explainedByFew(target, violated, runs);
  const { naming, explanation: found } = few ?? await heldElsewhere(
    target,
    await onlyWhere(
      target,
      await explainedBy(target, [
        ...allExperiments,
        ...probesFor(lackingOf(target)),
        ...laterExperiments,
        ...clauseExperiments(violated, target),
      ]),
    ),
  );
  const explanation = withoutContradicted(found, naming);
  // Where all is explained, nothing else acts.
  const isLeft = explanation.unexplained.length > 0;
  const depends = isLeft && explanation.open.length > 0 ? await dependencesOf(target) : [];
  const ofLimits = isLeft && naming.limitsUnexplained(explanation).length > 0
    ? await limitDependences(target)
    : [];
  if (runs === undefined) {
    const again = await observeProbes(target, [censusAgain]);
    return diagnosisBy(target, { naming, explanation, again, depends, ofLimits });
  }
  const { size } = fitOwnNoise(runs, besideOf(explanation));
  const shared = withSharedScale(explanation, size);
  const diagnosis = diagnosisBy(target, {
    naming,
    explanation: shared,
    again: [],
    depends,
    ofLimits,
  });
  return withNoise(diagnosis, runs, besideOf(shared), failedTests);
}

/** What an explanation says of all but a sampler's own noise. */
function besideOf({ hypothesis, unexplained }: Explanation): Beside {
  return { changes: changesOf(hypothesis), complete: unexplained.length === 0 };
}

/** The diagnosis by an explanation, without what a sampler's own noise shows. */
function diagnosisBy(
  target: Target,
  { naming, explanation, again, depends, ofLimits }: {
    readonly naming: Naming;
    readonly explanation: Explanation;
    readonly again: readonly Observation[];
    readonly depends: readonly Influence[];
    readonly ofLimits: readonly Influence[];
  },
): Diagnosis {
  const defects = namesOf(explanation, naming);
  const isTold = explanation.unexplained.length === 0 && defects.length > 0 &&
    defects.every(({ certain }) => certain);
  return {
    view: viewOf(target),
    defects,
    influences: influencesOf({
      again: [...naming.observations.filter(({ probe }) => probe.name === census.name), ...again],
      twice: naming.plan.sees === "steps"
        ? naming.observations.find(({ probe }) => probe.name === firstWindow!.drift.name)
        : undefined,
      census: naming.census(explanation.hypothesis),
      fit: explanation.fit,
      drift: explanation.hypothesis.filter(({ change }) =>
        [change.gradient, change.drift, change.observations].some((part) => part !== undefined)
      ),
      kept: naming.kept(),
      early: naming.early,
      open: explanation.open,
      counts: naming.plan.sees === "ends" ||
          explanation.hypothesis.some(({ change }) => change.steps ?? change.settings)
        ? []
        : naming.stepCounts(),
      shared: explanation.hypothesis.some(({ change }) => change.noiseSharing !== undefined),
      limits: naming.limitsUnexplained(explanation),
      ofLimits,
      depends,
      chains: naming.plan.sees === "steps",
    }).filter((one) =>
      (!isTold || saysMore(one)) &&
      // What acts under a condition alone says why something moves nothing here.
      !(explanation.hypothesis.some(isConditional) &&
        (one.on.endsWith("ignored") || one.on === "step not taken"))
    ),
    ...leftBy(explanation),
    ...unexplainedWords(openIn(explanation), target.networkReturns, naming.plan.sees === "steps"),
    measured: measuredRuleOf(naming, explanation),
  };
}

function openIn({ hypothesis, unexplained, refuting, open, seenOnly }: Explanation): LeftOpen {
  return {
    rule: hypothesis.length === 0 ? officialRule : ruleWith(...changesOf(hypothesis)),
    isNamed: hypothesis.length > 0,
    // Where a figure is not known there is nothing to compare with.
    unexplained: [...unexplained, ...refuting?.values() ?? []]
      .filter(({ probe }) => isKnownIn(hypothesis, probe)),
    open,
    ...(seenOnly === undefined ? {} : { seenOnly }),
  };
}

/**
 * Whether a dependence says more than names that are certain and explain everything: with a figure
 * and its error, or by what does not move at all.
 */
function saysMore({ on, coefficient, text }: Influence): boolean {
  return coefficient !== undefined || on.endsWith("ignored") ||
    on === "step not taken" && !isOfRows(text);
}

function leftBy({ unexplained, hypothesis }: Explanation): Pick<Diagnosis, "left"> {
  const isQuiet = ({ calls }: Experiment) =>
    calls.every(({ settings }) => settings.noiseScale === 0);
  const ofNoise = ({ change }: Suspect) =>
    Object.keys(change).every((part) => part.startsWith("noise"));
  const noiseAlone = hypothesis.every(ofNoise) &&
    unexplained.every(({ probe }) => !isQuiet(probe));
  const fails = unexplained.length > 0 &&
    unexplained.every(({ calls }) => calls.includes("throws"));
  const failing = fails ? unexplained[0]!.probe : undefined;
  return unexplained.length === 0 && hypothesis.length === 0
    ? {}
    : { left: { noiseAlone, failing } };
}

/** A diagnosis with what a sampler's own noise shows beside it. */
function withNoise(
  diagnosis: Diagnosis,
  runs: OwnRuns,
  beside: Beside,
  failedTests: readonly FailedTest[],
): Diagnosis {
  const own = fitOwnNoise(runs, beside, failedTests);
  const { unexplained: before, ...rest } = diagnosis;
  const unexplained = before ??
    (diagnosis.defects.length > 0 && own.named.length > 0 ? undefined : own.unexplained);
  return {
    ...rest,
    defects: [...diagnosis.defects, ...own.named],
    influences: [...diagnosis.influences, ...own.influences],
    ...(unexplained === undefined ? {} : { unexplained }),
    measured: runs.honoursZero
      ? diagnosis.measured && withOwnNoise(diagnosis.measured, own)
      : noisyRule(own),
  };
}

/** What is run at first on a target that is compiled again and again. */
const fewExperiments: readonly Experiment[] = [census, ...plainExperiments, oneStep];

/**
 * An explanation by few experiments, of a target that is compiled for each: where it is certain and
 * leaves nothing, the others would only cost compilations.
 */
async function explainedByFew(
  target: Target,
  violated: NonNullable<Findings["violated"]>,
  runs: OwnRuns | undefined,
): Promise<Explained | undefined> {
  if (target.compiles === undefined || target.reveals === "final-actions") return undefined;
  const few = [...fewExperiments, ...clauseExperiments(violated, target)];
  const toldBy = async (experiments: readonly Experiment[]) => {
    const found = await explainedBy(target, experiments), { explanation, naming } = found;
    const own = runs === undefined ? [] : fitOwnNoise(runs, besideOf(explanation)).named;
    const names = [...namesOf(explanation, naming), ...own];
    const isTold = explanation.unexplained.length === 0 && names.length > 0 &&
      names.every(({ certain }) => certain);
    return isTold ? found : undefined;
  };
  const found = await toldBy(few);
  // Whoever is said to ignore a clip must do so where it would act in any scaling.
  const clips = found?.explanation.hypothesis.some(({ change }) => change.gradClip !== undefined);
  return clips ? await toldBy([...few, clippedInOtherBoxes]) : found;
}

interface Explained {
  readonly naming: Naming;
  readonly explanation: Explanation;
}

async function explainedBy(
  target: Target,
  experiments: readonly Experiment[],
): Promise<Explained> {
  const lacking = lackingOf(target), returns = target.networkReturns;
  const observed = async (all: readonly Experiment[]) => {
    const chosen = all.filter(({ feature, alsoNeeds }) =>
      [feature, alsoNeeds].every((need) => need === undefined || !lacking.has(need))
    );
    return await observeProbes(
      target,
      lacking.has("noise-tape") ? chosen.map(withoutNoise) : chosen,
    );
  };
  if (target.reveals !== "final-actions") {
    const first = await observed(experiments);
    const sizes = await observeProbes(target, trialSizes(first));
    const again = await observeProbes(target, secondRound(first, sizes));
    const { firsts } = target;
    return explained({ observations: [...first, ...again], plan: stepPlan, returns, firsts });
  }
  const singling = await singlingOf(observed);
  const all = await observed([...experimentsIn(singleSteps[singling]), ...experiments]);
  return explained({
    observations: all.map(asEnds),
    plan: endPlans[singling],
    returns,
    rungs: await climb(target),
    firsts: target.firsts,
  });
}

/**
 * An explanation of everything, with what other boxes, shapes and settings refute of it: what is
 * named is not there where the rest gives what was seen, and all of it does not.
 */
async function heldElsewhere(target: Target, found: Explained): Promise<Explained> {
  const { naming, explanation } = found, { hypothesis, unexplained, noiseSign } = explanation;
  const isTried = hypothesis.some(({ isGuess }) => !isGuess) && !hypothesis.some(isOfFirst);
  if (unexplained.length > 0 || !isTried || target.reveals) return found;
  const own = noiseOrigin(target) === "own";
  const seen = await observeProbes(target, own ? furtherBoxes.map(withoutNoise) : furtherBoxes);
  const trials = new Trials(naming.returns);
  const missed = trials.unexplained(
    hypothesis,
    noiseSign === 1 ? seen : seen.map(negated),
    "all",
  );
  const refuting = new Map(hypothesis.flatMap((suspect) => {
    const others = hypothesis.filter((other) => other !== suspect);
    const without = missed.find((one) => trials.explains(others, one, "all"));
    return without === undefined ? [] : [[suspect.key, without]];
  }));
  return { naming, explanation: { ...explanation, refuting } };
}

/** How a step of a target can be seen by itself: a chain of one step may fail. */
async function singlingOf(
  observed: (all: readonly Experiment[]) => Promise<readonly Observation[]>,
): Promise<Singling> {
  const [seen] = await observed([oneStep]), call = seen!.calls[0]!;
  // A chain that takes one step too few moves nothing, either.
  const fine = call !== "throws" && call.final.every((row) => row.every(Number.isFinite)) &&
    !same(call.final, oneStep.calls[0]!.initial);
  return fine ? "one step" : "second step without size";
}

const quiet = new WeakMap<Experiment, Experiment>();

/** The experiment for a sampler that draws for itself: without noise. */
function withoutNoise(experiment: Experiment): Experiment {
  let known = quiet.get(experiment);
  if (!known) {
    const calls = experiment.calls.map((problem): Problem => ({
      ...problem,
      settings: { ...problem.settings, noiseScale: 0 },
      noise: { kind: "own" },
    }));
    quiet.set(experiment, known = { ...experiment, calls });
  }
  return known;
}

/** The smallest problems on which clauses are violated, each twice, as experiments. */
function clauseExperiments(
  violated: NonNullable<Findings["violated"]>,
  target: Target,
): readonly Experiment[] {
  return violated.flatMap(({ id, counterexample }): Experiment[] => {
    if (!counterexample) return [];
    const problem = problemFromText(counterexample.problem);
    if (noiseOrigin(target) === "own" && problem.settings.noiseScale !== 0) return [];
    return [{ name: `clause ${id}`, calls: [problem, problem] }];
  });
}

function measuredRuleOf(naming: Naming, explanation: Explanation): MeasuredRule {
  const { measured, open, unexplained } = explanation;
  const hypothesis = measured.filter((one) => !isConditional(one));
  const isLate = ({ written, change }: Suspect) =>
    written && (change.gradientAt || change.gradientAsked);
  const isWhole = unexplained.length === 0, comes = hypothesis.length < measured.length;
  // What a series has told, the windows do not show: something else acts there.
  const unseen = explanation.isOfSeries === true && isWhole;
  const hidden = naming.plan.sees === "ends" || hypothesis.some(isLate) || comes || unseen;
  const shown = (all: Hypothesis) => {
    const told = hidden && (isWhole || comes)
      ? asSteps(
        all.filter((one) => !isLate(one) && !(unseen && one.change.limit)),
        naming.returns,
      )
      : undefined;
    const fit = told ?? explanation.fit, known = naming.measured(all, open);
    const given = unseen || comes && isWhole
      ? { limit: true, bounds: true, schedule: true }
      : told
      ? { ...known, schedule: true }
      : known;
    return { fit, ...ruleTerms({ ...explanation, hypothesis: all, fit }, given) };
  };
  const { fit, text, terms, sizes } = shown(hypothesis);
  const dialect = fit && measured.length > 0 && !comes ? dialectIn(fit, hypothesis) : undefined;
  const rule = {
    text,
    schedule: terms.at(-1)!.text,
    terms: terms.map((term) => ({ ...term })),
    dialect,
    ...(sizes ? { sizes } : {}),
  };
  const whole = measured.flatMap(({ only, change }) => only ? [{ ...only, change }] : [])
    .reduce<MeasuredRule>(
      (rule, { everywhere, words, change }) =>
        withTerms(rule, shown([...hypothesis, everywhere]).terms, words, change),
      rule,
    );
  return withCached(whole, hypothesis);
}

/** The rule with what terms are under a condition beside what they are elsewhere. */
function withTerms(
  rule: MeasuredRule,
  others: readonly MeasuredTerm[],
  words: string,
  change: Suspect["change"],
): MeasuredRule {
  const formula = String(Object.values(change)[0]);
  let { text, schedule } = rule;
  const terms = rule.terms.map((term, j): MeasuredTerm => {
    const other = others[j]!;
    // Where nothing moves, nothing else was measured.
    if (other.text === term.text || other.value?.kind === "not measured") return term;
    const isMore = term.text !== "" && other.text.startsWith(term.text);
    const rest = isMore ? other.text.slice(term.text.length) : other.text;
    const both = `${term.text} (${rest.replace(/^,? /, "") || "none"} ${words})`;
    if (term.text !== "") text = text.replace(term.text, () => both);
    if (term.name === "schedule") schedule = both;
    const value = { kind: "formula", formula, defect: null } as const;
    return { ...term, text: both, deviates: true, value };
  });
  return { ...rule, text, schedule, terms };
}

/** The windows as a rule shows them that gives all that is returned. */
function asSteps(hypothesis: Hypothesis, returns: NetworkReturns): WindowFit | undefined {
  const rule = ruleWith(...changesOf(hypothesis));
  const observations = windows.flatMap(({ drift, noise }) => [drift, noise])
    .map((experiment) => simulate(rule, experiment, returns));
  const base = hypothesis.filter(actsEverywhere);
  return new Naming({ observations, plan: stepPlan, returns }).fitOf(base);
}

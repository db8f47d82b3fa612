/**
 * Names for what was measured: the terms are explained one after the other, each by the experiments
 * that isolate it, and the whole is then compared with everything that was observed.
 *
 * @module
 */

import { same } from "../../../spec/trajectory.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import {
  actsEverywhere,
  type Attempt,
  costOf,
  type FittedTerms,
  isKnown,
  isSettled,
  returnsOther,
  type Seen,
} from "./attempts.ts";
import { Completion, type Whole } from "./completion.ts";
import { Confirmation, type Confirmed } from "./confirmed.ts";
import { longCensus } from "../experiments/census_chains.ts";
import { type Experiment, gradientsOfAllSizes, outside } from "../experiments/experiments.ts";
import {
  type CountedCall,
  countsOf,
  earlyEnd,
  elsewhere,
  endStill,
  frozenSteps,
  gradientPoints,
  lateGradient,
  numberFormat,
  seldomGradient,
  startsInside,
  type StepCount,
  stepsTaken,
} from "../terms/base_faults.ts";
import { type LateMemory, lateMemory, lateMemorySuspects, sumsKept } from "../terms/late_memory.ts";
import { firstSettings, firstSettingsHold } from "../terms/first_preparations.ts";
import type { Explanation } from "./explanation.ts";
import { gradientSources } from "../terms/gradient_sources.ts";
import { heavyBalls, withoutKept } from "../terms/heavy_ball.ts";
import { hiddenClip, withClipsAlways } from "../terms/hidden_clip.ts";
import { isWhole, type Observation } from "../experiments/observations.ts";
import {
  type Census,
  dependsOnMore,
  stepSizesIn,
  takeCensus,
  termSuspects,
} from "../influences/census.ts";
import { ruleWith } from "../../defects/change.ts";
import { chainOf, givesSizes } from "../experiments/response.ts";
import { moverOf, observationsOf, type Plan, windowStageOf } from "./stages.ts";
import { goesWithDraws } from "../terms/turned_draws.ts";
import { firstCall, remembers } from "../terms/repeated_calls.ts";
import { preconditioned } from "../terms/preconditioned.ts";
import { coarseness, endedEarly, plainName } from "./second_round.ts";
import { beam, type Measured, Staging } from "./staging.ts";
import {
  averagesReturned,
  changesOf,
  goesWith,
  type Hypothesis,
  knownSuspects,
  squashes,
  type Suspect,
  swappedWalls,
} from "../terms/suspects.ts";
import { fitTerms } from "../terms/terms_fit.ts";
import { isKnownIn, Trials } from "../terms/trials.ts";
import {
  scheduleSuspects,
  type SeenRun,
  type SeenWindow,
  type Source,
  WindowFit,
} from "../terms/window_fit.ts";

/** So many terms beside the gradient are tried. */
const mostTried = 3;

/** Explains a target. */
export class Naming {
  readonly observations: readonly Observation[];
  readonly plan: Plan;
  readonly returns: NetworkReturns;
  /** Chains without slopes that end before their last step: they tell nothing of the noise. */
  readonly early: readonly Observation[];
  readonly #trials: Trials;
  readonly #byName: ReadonlyMap<string, Observation>;
  readonly #staging: Staging;
  readonly #completion: Completion;
  readonly #schedules: readonly Suspect[];
  #old: Hypothesis | undefined;

  /** @param seen what the target has shown */
  constructor({ observations, plan, returns, rungs = [], firsts = [] }: Seen) {
    this.observations = observations;
    this.plan = plan;
    this.returns = returns;
    const first = firstSettings(firsts);
    const trials = this.#trials = new Trials(returns, plan.sees === "steps");
    this.early = plan.sees === "steps" ? endedEarly(observations) : [];
    const whole = observations.filter((seen) => !this.early.includes(seen));
    const byName = this.#byName = new Map(whole.map((seen) => [plainName(seen.probe.name), seen]));
    this.#staging = new Staging({ plan, trials, byName, rungs, first });
    this.#schedules = first.schedules;
    this.#completion = new Completion({ plan, trials, byName, observations });
  }

  /** What of the rule a hypothesis gives. */
  measured = (hypothesis: Hypothesis, open: readonly Source[]): Measured =>
    this.#staging.measured(hypothesis, open);

  /** What was seen of the limit by the drift, if what was measured does not give it. */
  limitsUnexplained({ measured, open }: Explanation): readonly Observation[] {
    return this.measured(measured, open).limit ? [] : observationsOf(this.plan.limit, this.#byName)
      .filter(({ probe }) => moverOf(probe) === "drift");
  }

  /** Whether a hypothesis gives everything: the rule as it is by default. */
  isRight(hypothesis: Hypothesis = []): boolean {
    return this.observations.every((seen) => this.#trials.explains(hypothesis, seen, "all"));
  }

  /** The fewest suspects that explain everything, or as much as can be explained. */
  explain(): Explanation {
    const all = this.observations;
    const missed = this.#trials.unexplained([], all, "all");
    const nothing = {
      alternatives: new Map(),
      open: [],
      noiseSign: 1 as const,
      fit: this.fitOf([]),
    };
    if (missed.length === 0) return { ...nothing, hypothesis: [], measured: [], unexplained: [] };
    const measured = [...this.#oldGradient(), ...squashes, ...swappedWalls, ...averagesReturned]
      .filter((suspect) => this.isRight([suspect]));
    const singles = [...this.#singles(missed), ...measured];
    if (singles.length > 0) {
      const [single, ...others] = singles as [Suspect, ...Suspect[]];
      return {
        ...nothing,
        fit: this.fitOf(actsEverywhere(single) ? [single] : [], !returnsOther(single)),
        hypothesis: [single],
        measured: [single],
        alternatives: new Map(others.length > 0 ? [[single.key, others]] : []),
        unexplained: [],
      };
    }
    return this.#explainTerms();
  }

  /** The windows with what is known beside them. */
  fitOf(base: Hypothesis, lastCounts = true, hidden?: Source): WindowFit | undefined {
    const kept = base.find(({ keeps }) => keeps !== undefined)?.keeps ?? 0;
    const seen = this.plan.windows.map(({ name, drift, noise }): SeenWindow => {
      const runs = { drift: this.#runWithout(kept, drift), noise: this.#runWithout(kept, noise) };
      return {
        name,
        ...(runs.drift && hidden !== "drift" ? { drift: runs.drift } : {}),
        ...(runs.noise && hidden !== "noise" ? { noise: runs.noise } : {}),
      };
    }).filter(({ drift, noise }) => drift ?? noise);
    const coarse = coarseness(base, this.observations);
    return seen.length === 0 ? undefined : new WindowFit(seen, base, this.returns, {
      coarse,
      lastCounts,
      single: this.plan.sees === "ends",
      schedules: this.#schedules,
    });
  }

  /** Whether gradients may be taken at the point before: draws alone do not move the second one. */
  #mayBeLate(): boolean {
    const call = this.#byName.get(this.plan.windows[0]!.noise.name)?.calls[0];
    if (call === undefined || call === "throws") return true;
    const [first, second] = call.points;
    return first === undefined || second === undefined || same(first, second);
  }

  #run({ name }: Experiment): SeenRun | undefined {
    const seen = this.#byName.get(name), call = seen?.calls[0];
    if (!seen || call === undefined || call === "throws") return undefined;
    const problem = seen.probe.calls[0]!;
    // Where gradients are old, questions do not show the chain.
    const isHidden = call.chain.actions === undefined && this.#oldGradient().length > 0;
    const chain = isHidden ? undefined : chainOf(problem, call, this.#mayBeLate());
    const finite = chain?.points.every((rows) => rows.every((row) => row.every(Number.isFinite)));
    return chain && finite ? { problem, chain } : undefined;
  }

  /** A chain whose steps keep nothing of the last ones. */
  #runWithout(kept: number, experiment: Experiment): SeenRun | undefined {
    const run = this.#run(experiment);
    return run && kept !== 0 ? { ...run, chain: withoutKept(run.chain, kept) } : run;
  }

  /** Every known defect that explains everything by itself. */
  #singles(missed: readonly Observation[]): readonly Suspect[] {
    const [first, ...rest] = missed;
    const others = this.observations.filter((seen) => !missed.includes(seen));
    return knownSuspects.filter((suspect) =>
      [first!, ...rest, ...others].every((seen) => this.#trials.explains([suspect], seen, "all"))
    );
  }

  #explainTerms(): Explanation {
    const base = this.#base();
    const still = this.fitOf(base);
    if (
      still && still.runs("drift").length > 0 && still.standsStill() && endStill(this.observations)
    ) {
      const open = (["drift", "noise"] as const).filter((source) => still.sees(source));
      const { rivals, ...told } = this.#whatHolds(base);
      return { ...told, measured: base, alternatives: rivals, open, noiseSign: 1, fit: still };
    }
    if (this.frozenSteps() !== undefined) {
      const hypothesis = firstSettingsHold;
      return {
        hypothesis,
        measured: [],
        alternatives: new Map(),
        unexplained: this.#trials.unexplained([], this.observations, "all"),
        open: ["drift", "noise"],
        noiseSign: 1,
        fit: undefined,
      };
    }
    const { starts, open, ended, fit } = this.#attemptsWithClips(base);
    const measuredTerms = new Set(starts.flat().map(({ key }) => key));
    const needed = this.#completion.withoutPassengers(ended.hypothesis, measuredTerms);
    const told = this.#beside({ ...ended, hypothesis: needed }, open);
    const others = this.#completion.alternatives(needed, starts, ended.unexplained);
    return {
      ...told,
      measured: told.unexplained.length === 0 ? told.hypothesis : needed,
      alternatives: new Map([...told.rivals, ...others]),
      open,
      noiseSign: 1,
      fit,
    };
  }

  /** With gradients that are limited where a gradient clip is set, too, if that explains more. */
  #attemptsWithClips(base: Hypothesis): Attempt {
    const first = this.#attempts(base), always = withClipsAlways(base);
    if (first.ended.unexplained.length === 0 || always === base) return first;
    const other = this.#attempts(always);
    return other.ended.unexplained.length < first.ended.unexplained.length ? other : first;
  }

  /** Steps that chains ask for and take. */
  stepCounts(): readonly StepCount[] {
    return countsOf(this.#driftCalls());
  }

  /** The number of steps of all chains, if it is one that came with the first settings. */
  frozenSteps(): number | undefined {
    return this.plan.sees === "ends" ? undefined : frozenSteps(this.stepCounts());
  }

  /** Where nothing moves: what gives that everywhere, and what is reported beside it. */
  #whatHolds(base: Hypothesis): Confirmed & Pick<Explanation, "unexplained"> {
    const [held, ...others] = knownSuspects.filter((suspect) =>
      goesWith(base, suspect) &&
      this.observations.every((seen) => this.#trials.explains([...base, suspect], seen, "final"))
    );
    const { hypothesis: told, rivals } = new Confirmation(this.returns)
      .inReports(held === undefined ? base : [...base, held], this.observations);
    const { hypothesis } = this.#completion.whole([told], []);
    return {
      hypothesis,
      rivals: new Map([
        ...rivals,
        ...held && others.length > 0 ? [[held.key, others]] as const : [],
      ]),
      unexplained: this.#trials.unexplained(hypothesis, this.observations, "all"),
    };
  }

  /** Where chains start, if the first question from outside of the box shows that. */
  #start(hypothesis: Hypothesis): Hypothesis {
    return startsInside(this.#byName.get(outside.name))
      .filter((suspect) => goesWith(hypothesis, suspect));
  }

  /** What the windows show; what is returned is the last point, where that explains more. */
  #firstAttempt(base: Hypothesis): Attempt {
    const either = this.#attempt(base), { fit, ended } = either;
    if (fit === undefined || fit.how.lastCounts || ended.unexplained.length === 0) return either;
    const counted = this.#attempt(base, undefined, true);
    return counted.open.length <= either.open.length &&
        counted.ended.unexplained.length < ended.unexplained.length
      ? counted
      : either;
  }

  /** What the windows show; without what slopes that change along the chain refute. */
  #attempts(base: Hypothesis): Attempt {
    const quietRun = this.plan.sees === "ends" ? undefined : this.#run(this.plan.quietCensus);
    // What divides gradients by earlier ones gives every movement, which nothing else does.
    const divided = quietRun && this.#bestOf(base, preconditioned(quietRun, this.returns));
    if (divided?.ended.unexplained.length === 0) return divided;
    const first = this.#firstAttempt(base);
    if (this.plan.sees === "ends") return first;
    const isAll = first.ended.hypothesis.every(isSettled);
    if (isAll && first.ended.unexplained.length === 0) return first;
    // Nothing that begins late shows in a chain of few steps.
    const memory = this.kept(), kept = memory && this.#attemptsWith(memory, base);
    const left = kept?.ended.unexplained.length ?? Infinity;
    if (kept && left === 0) return kept;
    if (divided && divided.ended.unexplained.length < first.ended.unexplained.length) {
      return divided;
    }
    const ball = memory?.of === "movement" && memory.from <= 1
      ? this.#bestOf(base, heavyBalls(memory.part))
      : undefined;
    if (ball && ball.ended.unexplained.length < left) return ball;
    if (kept && left < first.ended.unexplained.length) return kept;
    const source = quietRun && first.ended.unexplained.length > 0
      ? this.#bestOf(base, gradientSources(quietRun, first.ended.hypothesis, this.returns))
      : undefined;
    if (source && source.ended.unexplained.length < first.ended.unexplained.length) return source;
    if (first.open.length === 0 && !this.#isRefuted(first)) return first;
    const quiet = this.#byName.get(this.plan.quietCensus.name);
    const isDriftGiven = quiet !== undefined && first.open.join() === "noise" &&
      this.#fits(first.ended.hypothesis, quiet);
    if (isDriftGiven) return first;
    // Where a step depends on more than it may, a chain in which everything varies tells the terms.
    const census = this.census();
    if (census && dependsOnMore(census)) {
      // What acts where gradients change alone, such as an average of them, no window shows.
      const chains = [quiet, this.#byName.get(longCensus.name)];
      const told = this.#bestOf(
        base,
        termSuspects(census).filter((one) =>
          chains.every((seen) => seen !== undefined && this.#fits([...base, one], seen))
        ).slice(0, mostTried),
      );
      if (told) return told;
      const sizes = stepSizesIn(census, this.#run(this.plan.census)!.problem.settings.noiseScale);
      const given = sizes === undefined
        ? []
        : scheduleSuspects.filter((suspect) =>
          goesWith(base, suspect) &&
          givesSizes(
            ruleWith(...changesOf([...base, suspect])),
            this.#run(this.plan.census)!.problem,
            this.returns,
            sizes,
          )
        );
      const starts = given.length === 0 ? [base] : given.map((suspect) => [...base, suspect]);
      const open = ["drift", "noise"] as const;
      const ended = this.#completion.whole(
        this.#staging.through(starts.slice(0, beam), open),
        open,
      );
      return { starts, open, ended, fit: this.fitOf(base) };
    }
    if (first.open.length > 0) return first;
    // Without noise the chain tells which of both terms is another one where everything varies.
    return this.#attempt(
      base,
      quiet && this.#fits(first.ended.hypothesis, quiet) ? "noise" : "drift",
    );
  }

  /** What is kept of earlier steps. */
  kept(): LateMemory | undefined {
    const run = this.plan.sees === "ends" ? undefined : this.#run(longCensus);
    return run && lateMemory(run, this.returns);
  }

  /** The terms beside something that is kept of earlier steps, if that explains most. */
  #attemptsWith(kept: LateMemory, base: Hypothesis): Attempt | undefined {
    const suspects = kept.of !== "movement" && kept.from <= 1
      ? sumsKept(kept)
      : lateMemorySuspects(kept);
    let best: Attempt | undefined;
    for (const suspect of suspects.filter((one) => goesWith(base, one))) {
      const attempt = this.#firstAttempt([...base, suspect]), left = attempt.ended.unexplained;
      if (attempt.open.length > 0 || this.#isRefuted(attempt)) continue;
      if (left.length === 0) return attempt;
      if (left.length < (best?.ended.unexplained.length ?? Infinity)) best = attempt;
    }
    return best;
  }

  /** The attempt with one of some suspects that leaves least, or nothing, if it gives all terms. */
  #bestOf(base: Hypothesis, suspects: readonly Suspect[]): Attempt | undefined {
    let best: Attempt | undefined;
    for (const suspect of suspects.filter((one) => goesWith(base, one))) {
      const attempt = this.#attempt([...base, suspect]), { unexplained } = attempt.ended;
      if (attempt.open.length > 0 || this.#isRefuted(attempt)) continue;
      if (unexplained.length < (best?.ended.unexplained.length ?? Infinity)) best = attempt;
      if (unexplained.length === 0) break;
    }
    return best;
  }

  /**
   * The terms one after the other, the windows first.
   *
   * @param hidden a term that the windows seem to show, and other experiments refute
   * @param lastCounts whether what is returned must be the last point
   */
  #attempt(base: Hypothesis, hidden?: Source, lastCounts = false): Attempt {
    const fitted = this.#termsFit(base, hidden, lastCounts), [best] = fitted;
    const open: Source[] = [...best?.terms.open ?? [], ...hidden ? [hidden] : []];
    let starts = best === undefined
      ? [base]
      : fitted.flatMap(({ fit, terms }) =>
        terms.hypotheses.map((hypothesis) => [...fit.base, ...hypothesis])
      ).slice(0, beam);
    // A figure for each step may be what the chain has remembered.
    const figured = ({ key }: Suspect) => /^measured (table|power|law)/.test(key);
    if (hidden && starts.some((start) => start.some(figured))) {
      open.push(...(["drift", "noise"] as const).filter((source) => !open.includes(source)));
      starts = [base];
    }
    const ended = this.#completion.whole(this.#staging.through(starts, open), open);
    const plain = this.fitOf(base);
    // A single step that does not move tells nothing where chains do.
    const fit = this.plan.sees === "ends" && plain?.standsStill()
      ? undefined
      : hidden
      ? plain
      : (fitted.find(({ fit }) =>
        fit.base.every((suspect) => ended.hypothesis.includes(suspect))
      ) ?? best)?.fit;
    return { starts, open, ended, fit };
  }

  /** Whether slopes that change along the chain refute a drift that constant slopes show. */
  #isRefuted({ open, ended: { hypothesis, unexplained } }: Attempt): boolean {
    return open.length === 0 &&
      unexplained.some(({ probe }) => probe.name === this.plan.census.name) &&
      !this.#fits(hypothesis, firstCall(this.#byName.get(this.plan.census.name)!));
  }

  /** Whether a hypothesis gives every step of an observation from where it began. */
  #fits = (hypothesis: Hypothesis, seen: Observation) =>
    new Confirmation(this.returns).contradicted(hypothesis, [seen]) === 0;

  /** What is confirmed step by step, where the whole is not explained. */
  #beside({ hypothesis, unexplained }: Whole, open: readonly Source[]): Whole & {
    readonly rivals: ReadonlyMap<string, readonly Suspect[]>;
  } {
    const known = this.observations.every(({ probe }) => isKnownIn(hypothesis, probe));
    if (unexplained.length === 0 && known) return { hypothesis, unexplained, rivals: new Map() };
    const confirmation = new Confirmation(this.returns, open);
    const unsolved = [windowStageOf(this.plan), ...this.plan.stages].filter((stage) =>
      observationsOf(stage, this.#byName).some((seen) =>
        !isKnownIn(hypothesis, seen.probe) || !this.#trials.explains(hypothesis, seen, stage.extent)
      )
    );
    const inPlaces = confirmation.inPlaces(
      hypothesis,
      unsolved.map((stage) => ({
        observations: observationsOf(stage, this.#byName),
        suspects: stage.suspects,
        beside: stage.beside ?? [],
        strict: stage === this.plan.limit && open.length === 0,
      })),
    );
    const starts = this.#start(inPlaces.hypothesis);
    const begun = [...inPlaces.hypothesis, ...starts.slice(0, 1)];
    const ended = [...begun, ...earlyEnd(this.early, begun, this.#trials)];
    const inReports = confirmation.inReports(
      ended.filter(({ change }) => change.memory === undefined || remembers(this.observations)),
      this.observations,
    );
    return {
      hypothesis: inReports.hypothesis,
      unexplained: this.#trials.unexplained(inReports.hypothesis, this.observations, "all"),
      rivals: new Map([
        ...inPlaces.rivals,
        ...starts.length > 1 ? [[starts[0]!.key, starts.slice(1)]] as const : [],
        ...inReports.rivals,
      ]),
    };
  }

  /**
   * Drift, noise and step sizes: with the point that was returned as the last one, or without it;
   * with a term beside the gradient, if the census has found one.
   */
  #termsFit(base: Hypothesis, hidden?: Source, lastCounts = false): readonly FittedTerms[] {
    const plain = this.fitOf(base, true, hidden);
    if (plain === undefined) return [];
    const unsure = plain.seen.some(({ drift, noise }) =>
      drift?.chain.sure === false || noise?.chain.sure === false
    );
    const fitsOf = (base: Hypothesis) =>
      (unsure && !lastCounts ? [true, false] : [true]).map((last) =>
        this.fitOf(base, last, hidden)!
      );
    const fitted = (mostOfTerm: number) => (fit: WindowFit) => ({
      fit,
      terms: fitTerms(fit, mostOfTerm),
    });
    // Few defects of a term first: looking for more takes time.
    const quick = fitsOf(base).map(fitted(1));
    const known = quick.find(isKnown);
    if (known) return [known];
    const quiet = this.#censusOf(this.plan.quietCensus);
    const suspectsIn = (census: Census | undefined) =>
      census === undefined || hidden ? [] : termSuspects(census);
    const silent = quiet?.linear ? suspectsIn(quiet) : [];
    for (const suspect of silent.length > 0 ? silent : suspectsIn(this.census())) {
      quick.push(...fitsOf([...base, suspect]).map(fitted(1)));
    }
    const told = quick.filter(({ terms }) => terms.open.length === 0);
    const beside = told.filter(({ fit }) => fit.base.length > base.length);
    const deeper = beside.length > 0 ? beside : quick.slice(0, 2);
    const all = [...told, ...deeper.map(({ fit }) => fitted(3)(fit))];
    const least = Math.min(...all.map(costOf));
    return all.filter((one) => costOf(one) <= least + 1e-9);
  }

  /**
   * What a chain tells of everything that a step may depend on.
   *
   * @param hypothesis what is known: where something else is returned than the last point, the last
   *   step was not seen
   */
  census(hypothesis: Hypothesis = []): Census | undefined {
    return this.#censusOf(this.plan.census, hypothesis.some(returnsOther));
  }

  /** Whether the first step without slopes goes along with the draws, not against them. */
  followsDraws(): boolean {
    return goesWithDraws(this.#run(this.plan.windows[0]!.noise));
  }

  #censusOf(experiment: Experiment, lastUnseen = false): Census | undefined {
    const run = this.#run(experiment);
    if (run === undefined) return undefined;
    const steps = run.chain.points.length - (lastUnseen && !run.chain.sure ? 2 : 1);
    return takeCensus(run.problem, run.chain, this.returns, steps);
  }

  #driftCalls(): readonly CountedCall[] {
    return this.plan.windows.flatMap(({ drift }) => this.#firstCallOf(drift));
  }

  #firstCallOf({ name }: Experiment): readonly CountedCall[] {
    const seen = this.#byName.get(name), call = seen?.calls[0];
    return !seen || call === undefined || call === "throws" || !isWhole(call)
      ? []
      : [{ problem: seen.probe.calls[0]!, call }];
  }

  /** Gradients of earlier steps, where questions show that. */
  #oldGradient(): Hypothesis {
    if (this.plan.sees === "ends") return [];
    return this.#old ??= (() => {
      const runs = this.#driftCalls();
      const moving = runs.filter(({ problem, call }) => !same(call.final, problem.initial));
      if (moving.length === 0) return [];
      const late = this.#mayBeLate() ? lateGradient(moving) : [];
      if (late.length > 0) return late;
      const [drawn] = this.#firstCallOf(this.plan.windows[0]!.noise);
      return stepsTaken(runs).length > 0 ? [] : seldomGradient(moving, drawn);
    })();
  }

  /** What acts in every experiment: another number of steps, another number format. */
  #base(): Hypothesis {
    const runs = this.#driftCalls();
    const mixed = [...this.plan.windows.map(({ noise }) => noise), this.plan.census].flatMap(
      (experiment) => {
        const run = this.#run(experiment);
        return run ? [run] : [];
      },
    );
    if (this.plan.sees === "ends") return numberFormat(mixed);
    return [
      ...stepsTaken(runs),
      ...numberFormat(mixed),
      ...this.#gradientPoints(runs),
      ...hiddenClip(this.#byName.get(gradientsOfAllSizes.name)),
    ];
  }

  /** Gradients that are taken elsewhere than at the points of the chain, as far as that is plain. */
  #gradientPoints(runs: readonly CountedCall[]): Hypothesis {
    const first = this.#byName.get(this.plan.windows[0]!.noise.name), call = first?.calls[0];
    const noisy = first && call !== undefined && call !== "throws"
      ? elsewhere({ problem: first.probe.calls[0]!, call })
      : [];
    const old = this.#oldGradient();
    return old.length > 0 ? old : gradientPoints(runs, noisy, this.#mayBeLate());
  }
}

/**
 * Hypotheses on trial: which of the experiments they reproduce.
 *
 * @module
 */

import { ruleOf, ruleWith } from "../../defects/change.ts";
import { officialRule } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Experiment } from "../experiments/experiments.ts";
import type { Observation } from "../experiments/observations.ts";
import { difference, differenceFrom, simulate } from "../experiments/simulate.ts";
import { changesOf, type Hypothesis, type Suspect } from "./suspects.ts";

/**
 * How much of an observation is compared: the points of the chain, those with what is returned, or
 * all that was seen.
 */
export type Extent = "points" | "final" | "all";

/** What the rule and single defects show on an experiment: the same for every target of a process. */
const shown = new WeakMap<Experiment, Map<string, Observation>>();

/** Which single defects make a difference in an experiment. */
const visible = new WeakMap<Experiment, Map<string, boolean>>();

/** Tries hypotheses on observations of one target. */
export class Trials {
  readonly #known = new Map<string, boolean>();

  /**
   * @param returns what the target's network returns
   * @param points whether the points of chains are seen; else what is returned stands for them
   */
  constructor(readonly returns: NetworkReturns, readonly points = true) {}

  /**
   * Whether the rule with all of these changes gives what was observed. Where a figure is not known
   * at an experiment's settings, nothing speaks against it.
   */
  explains(hypothesis: Hypothesis, observation: Observation, extent: Extent): boolean {
    const { probe } = observation;
    if (!isKnownIn(hypothesis, probe)) return true;
    const key = `${extent} ${probe.name} ${hypothesis.map(({ key }) => key).sort().join(" ")}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#try(hypothesis, observation, extent) ||
        this.#tryGuarded(hypothesis, observation, extent);
      this.#known.set(key, known);
    }
    return known;
  }

  /** The observations that a hypothesis does not give. */
  unexplained(
    hypothesis: Hypothesis,
    observations: readonly Observation[],
    extent: Extent,
  ): readonly Observation[] {
    return observations.filter((observation) => !this.explains(hypothesis, observation, extent));
  }

  /** Whether a suspect by itself makes a difference in an experiment. */
  shows(suspect: Suspect, { probe }: Observation): boolean {
    if (suspect.id === null) return true;
    const { returns, points } = this, key = `${returns} shows ${suspect.key} ${points}`;
    let known = visible.get(probe);
    if (!known) visible.set(probe, known = new Map());
    let found = known.get(key);
    if (found === undefined) {
      const comparison = { points, returns };
      const alone = this.#shown([suspect], probe), rule = this.#shown([], probe);
      known.set(key, found = differenceFrom(rule, alone, comparison) !== null);
    }
    return found;
  }

  #try(hypothesis: Hypothesis, observation: Observation, extent: Extent): boolean {
    const comparison = this.#comparison(extent);
    if (hypothesis.length < 2 && hypothesis.every(({ id }) => id !== null)) {
      const expected = this.#shown(hypothesis, observation.probe);
      return differenceFrom(expected, observation, comparison) === null;
    }
    return difference(ruleWith(...changesOf(hypothesis)), observation, comparison) === null;
  }

  /**
   * The same with a guard for chains of one step, where the formula of a schedule divides by N - 1 = 0:
   * ports give them the first step size, or the last.
   */
  #tryGuarded(hypothesis: Hypothesis, observation: Observation, extent: Extent): boolean {
    const { calls } = observation.probe, changes = changesOf(hypothesis);
    if (!calls.every(({ settings }) => settings.steps === 1)) return false;
    const fails = changes.some(({ polynomial, singleStep }) =>
      polynomial !== undefined && (singleStep === "throws" || singleStep?.includes("(N - 1)"))
    );
    if (!fails) return false;
    const comparison = this.#comparison(extent);
    return ["init", "final"].some((singleStep) =>
      difference(ruleWith(...changes, { singleStep }), observation, comparison) === null
    );
  }

  #comparison(extent: Extent) {
    const { points, returns } = this;
    const rest = extent === "all" || (extent === "final" || !points) && "final" as const;
    return { points, rest, returns };
  }

  #shown(hypothesis: Hypothesis, experiment: Experiment): Observation {
    let known = shown.get(experiment);
    if (!known) shown.set(experiment, known = new Map());
    const [suspect] = hypothesis;
    const key = `${this.returns} ${suspect?.key ?? ""}`;
    let found = known.get(key);
    if (!found) {
      const rule = suspect ? ruleOf(suspect) : officialRule;
      known.set(key, found = simulate(rule, experiment, this.returns));
    }
    return found;
  }
}

/** Whether all figures of a hypothesis are known at the settings of an experiment. */
export function isKnownIn(hypothesis: Hypothesis, { calls }: Experiment): boolean {
  return hypothesis.every(({ known }) =>
    known === undefined || calls.every((problem) => known(problem))
  );
}

/**
 * The stages of a plan, one after the other: to what the earlier ones have found, each adds the
 * fewest suspects that give its experiments.
 *
 * @module
 */

import { onlyRows } from "../terms/base_faults.ts";
import { Confirmation } from "./confirmed.ts";
import { noiseLimit } from "../experiments/experiments.ts";
import { foldedSteps, foldedWalls } from "../terms/folds.ts";
import type { FirstSettings } from "../terms/first_preparations.ts";
import { limitsByAction } from "../terms/limit_by_action.ts";
import {
  limitForms,
  limitsOfOne,
  limitSuspects,
  otherRanges,
  seenLimits,
} from "../terms/limit_fit.ts";
import type { Observation } from "../experiments/observations.ts";
import { ladderSuspects } from "../terms/step_ladder.ts";
import { moverOf, observationsOf, type Plan, type Stage } from "./stages.ts";
import { goesWith, type Hypothesis, setsOf, type Suspect } from "../terms/suspects.ts";
import { isKnownIn, type Trials } from "../terms/trials.ts";
import { wallSuspects } from "../terms/wall_fit.ts";
import type { Source } from "../terms/window_fit.ts";

/** What is known of a target when its terms are explained. */
export interface Known {
  readonly plan: Plan;
  readonly trials: Trials;
  readonly byName: ReadonlyMap<string, Observation>;
  /** Half the step sizes, read off returned actions; none where steps are seen. */
  readonly rungs: readonly number[];
  /** What may be that of the first preparation. */
  readonly first: FirstSettings;
}

/** How many ways to explain the earlier stages are carried on. */
export const beam = 6;

/** What of the rule could be measured. */
export interface Measured {
  readonly limit: boolean;
  readonly bounds: boolean;
  readonly schedule: boolean;
}

const noLimit: Suspect = {
  key: "measured number no limit",
  id: null,
  title: "Steps are not limited",
  fix: "Clip drift plus noise to the limit.",
  change: { clippedStep: "delta", limit: "c / 2 * (hi - lo)" },
};

/** Takes hypotheses through the stages. */
export class Staging {
  /** @param known the target */
  constructor(readonly known: Known) {}

  /** Every hypothesis with what the stages add to it, the likeliest first. */
  through(starts: readonly Hypothesis[], open: readonly Source[]): readonly Hypothesis[] {
    const { plan } = this.known;
    let states = starts;
    // What was left of the limits may need what was found later.
    for (const stage of [...plan.stages, plan.limit, ...plan.walls]) {
      states = states.flatMap((state) => this.#throughStage(state, stage, open)).slice(0, beam);
    }
    return states;
  }

  /**
   * Whether a hypothesis gives every step that is limited, every one that ends at a wall, and all
   * step sizes.
   */
  measured(hypothesis: Hypothesis, open: readonly Source[]): Measured {
    const { plan, trials, byName } = this.known;
    const gives = (stage: Stage) => {
      const told = observationsOf(stage, byName).flatMap((seen) => this.#told(seen, stage, open));
      return told.some(({ probe }) => isKnownIn(hypothesis, probe)) &&
        trials.unexplained(hypothesis, told, "points").length === 0;
    };
    // Where every step ends at a wall, any limit gives it.
    const free = goesWith(hypothesis, noLimit);
    const isTold = !free || observationsOf(plan.limit, byName)
      .some((seen) => !trials.explains([...hypothesis, noLimit], seen, "points"));
    return {
      limit: gives(plan.limit) && isTold,
      bounds: gives(plan.walls[0]),
      schedule: plan.chains === undefined || gives(plan.chains),
    };
  }

  /** A hypothesis with the fewest suspects of a stage that explain it; as it is if none do. */
  #throughStage(state: Hypothesis, stage: Stage, open: readonly Source[]): readonly Hypothesis[] {
    const { trials, byName } = this.known;
    const observations = observationsOf(stage, byName)
      .flatMap((seen) => this.#told(seen, stage, open));
    // Points that never move show nothing.
    const frozen = state.some(({ change }) => change.gradientAt === "initial");
    const extent = frozen ? "all" : stage.extent;
    const missed = trials.unexplained(state, observations, extent);
    if (missed.length === 0) return [state];
    const order = [...missed, ...observations.filter((seen) => !missed.includes(seen))];
    const explains = (set: Hypothesis) =>
      order.every((seen) => trials.explains([...state, ...set], seen, extent));
    const suspects = this.#hidden(state, stage),
      figures = this.#figures(stage, state, observations);
    const joined = (ones: readonly Suspect[], others: readonly Suspect[]) =>
      ones.flatMap((one) =>
        goesWith(state, one) ? setsOf(others, 1, [...state, one]).map((set) => [one, ...set]) : []
      );
    const { beside = [] } = stage;
    const attempts = [
      () => setsOf(suspects, 1, state),
      () => setsOf(figures, 1, state),
      () => setsOf(suspects, 2, state),
      () => joined(suspects, beside),
      () => joined(figures, [...suspects, ...beside]),
    ];
    for (const attempt of attempts) {
      const found = attempt().filter(explains);
      if (found.length > 0) {
        return this.#likeliest(stage, open, found.map((set) => [...state, ...set]));
      }
    }
    return [state];
  }

  /** Those of some hypotheses that the least speaks against, whatever terms without a figure are. */
  #likeliest(
    stage: Stage,
    open: readonly Source[],
    found: readonly Hypothesis[],
  ): readonly Hypothesis[] {
    if (open.length === 0 || found.length === 1) return found;
    const confirmation = new Confirmation(this.known.trials.returns, open);
    const all = observationsOf(stage, this.known.byName);
    const against = found.map((hypothesis) => confirmation.contradicted(hypothesis, all));
    const least = Math.min(...against);
    return found.filter((_, j) => against[j] === least);
  }

  /** Suspects of a stage that the windows do not speak against. */
  #hidden(state: Hypothesis, stage: Stage): readonly Suspect[] {
    const { plan, trials, byName } = this.known;
    if (stage !== plan.chains) return stage.suspects;
    const windows = plan.windows.flatMap(({ drift, noise }) =>
      [drift, noise].flatMap(({ name }) => byName.get(name) ?? [])
    ).filter((seen) => trials.explains(state, seen, "points"));
    return stage.suspects.filter((suspect) =>
      goesWith(state, suspect) &&
      windows.every((seen) => trials.explains([...state, suspect], seen, "points"))
    );
  }

  #figures(
    { figures }: Stage,
    state: Hypothesis,
    observations: readonly Observation[],
  ): readonly Suspect[] {
    switch (figures) {
      case "limit": {
        const byDrift = observations.filter(({ probe }) => !probe.name.startsWith(noiseLimit.name));
        return [
          ...this.known.first.limits,
          ...limitForms(byDrift),
          ...limitSuspects(seenLimits(byDrift)),
          ...limitsByAction(byDrift),
          ...limitsOfOne,
          ...otherRanges,
          ...foldedSteps,
        ];
      }
      case "walls":
        return observations[0] === undefined
          ? []
          : [...this.known.first.walls, ...wallSuspects(observations[0]), ...foldedWalls];
      case "step sizes":
        return ladderSuspects(this.known.rungs, state);
    }
    return [];
  }

  /**
   * What an observation tells where terms have no figure: what moves by the other term alone; or
   * rows that saturate whatever moves them.
   */
  #told(seen: Observation, stage: Stage, open: readonly Source[]): readonly Observation[] {
    if (open.length === 0) return [seen];
    const { limit, walls } = this.known.plan, mover = moverOf(seen.probe);
    if (open.length === 1) return mover === "both" || mover === open[0] ? [] : [seen];
    const limits = stage === limit || walls.includes(stage);
    return limits && mover === "drift" ? [onlyRows(seen, 2)] : [];
  }
}

/**
 * What else is needed to explain everything that was observed, and what of it is needed by nothing.
 *
 * @module
 */

import type { Observation } from "../experiments/observations.ts";
import { moverOf, observationsOf, type Plan, restSuspects, rivalsOf } from "./stages.ts";
import {
  averagesReturned,
  goesWith,
  type Hypothesis,
  knownSuspects,
  type Suspect,
} from "../terms/suspects.ts";
import type { Trials } from "../terms/trials.ts";
import type { Source } from "../terms/window_fit.ts";

/** What experiments that isolate a term do tell, unless another fault hides it there. */
const termSuspects = knownSuspects.filter((suspect) => !restSuspects.includes(suspect));

/** How many coordinates move in the calls of an experiment. */
function lengthOf({ probe: { calls } }: Observation): number {
  return calls.reduce(
    (sum, { settings, initial, axes }) => sum + settings.steps * initial.length * axes,
    0,
  );
}

/** Whether what was seen is moved by a term without a figure. */
function isMovedBy(open: readonly Source[], { probe, calls }: Observation): boolean {
  const mover = moverOf(probe);
  return !calls.includes("throws") &&
    (mover === "both" ? open.length > 0 : open.includes(mover));
}

/** A hypothesis, and the observations that it does not give. */
export interface Whole {
  readonly hypothesis: Hypothesis;
  readonly unexplained: readonly Observation[];
}

/** Completes hypotheses for one target. */
export class Completion {
  /** @param known the target */
  constructor(
    readonly known: {
      readonly plan: Plan;
      readonly trials: Trials;
      readonly byName: ReadonlyMap<string, Observation>;
      readonly observations: readonly Observation[];
    },
  ) {}

  /**
   * Adds what else is needed to explain everything that was observed.
   *
   * @param open terms without a figure: what they move is not explained by anything else
   */
  whole(states: readonly Hypothesis[], open: readonly Source[]): Whole {
    const ends = states.map((state) => this.#completed(state, open));
    return ends.reduce((best, next) =>
      next.unexplained.length < best.unexplained.length ||
        next.unexplained.length === best.unexplained.length &&
          next.hypothesis.length < best.hypothesis.length
        ? next
        : best
    );
  }

  #completed(state: Hypothesis, open: readonly Source[]): Whole {
    const { trials, observations } = this.known;
    let hypothesis = state;
    let unexplained = trials.unexplained(hypothesis, observations, "all");
    for (;;) {
      const telling = unexplained.filter((seen) => !isMovedBy(open, seen));
      const [best] = this.#helping(hypothesis, telling)
        .map((suspect) => {
          const more = [...hypothesis, suspect];
          return { more, left: trials.unexplained(more, unexplained, "all") };
        })
        .sort((a, b) => a.left.length - b.left.length)
        .filter(({ more }) =>
          observations.every((seen) =>
            unexplained.includes(seen) || trials.explains(more, seen, "all")
          ) && this.#keepsStages(more)
        );
      if (best === undefined) return this.#averaged({ hypothesis, unexplained });
      hypothesis = best.more;
      unexplained = best.left;
    }
  }

  /** With the average that is returned, if one gives everything that is left. */
  #averaged(whole: Whole): Whole {
    const { hypothesis, unexplained } = whole, { trials, observations } = this.known;
    if (unexplained.length === 0) return whole;
    const order = [...unexplained, ...observations];
    const found = averagesReturned.find((average) =>
      goesWith(hypothesis, average) &&
      order.every((seen) => trials.explains([...hypothesis, average], seen, "all"))
    );
    return found === undefined ? whole : { hypothesis: [...hypothesis, found], unexplained: [] };
  }

  /** Whether the last suspect of a hypothesis gives what the experiments for its term have shown. */
  #keepsStages(hypothesis: Hypothesis): boolean {
    const last = hypothesis.at(-1)!;
    return this.known.plan.stages.filter(({ suspects }) => suspects.includes(last)).every((
      { experiments, extent },
    ) =>
      experiments.flatMap(({ name }) => this.known.byName.get(name) ?? [])
        .every((seen) => this.known.trials.explains(hypothesis, seen, extent))
    );
  }

  /**
   * Known defects that, added to a hypothesis, explain one observation more: first those of which
   * experiments that isolate a term may tell nothing.
   */
  #helping(hypothesis: Hypothesis, unexplained: readonly Observation[]): readonly Suspect[] {
    const { trials } = this.known;
    const shortest = [...unexplained].sort((a, b) => lengthOf(a) - lengthOf(b));
    const tries = [[restSuspects, shortest], [termSuspects, shortest.slice(0, 3)]] as const;
    for (const [suspects, observations] of tries) {
      const free = suspects.filter((suspect) => goesWith(hypothesis, suspect));
      for (const seen of observations) {
        const found = free.filter((suspect) =>
          trials.explains([...hypothesis, suspect], seen, "all")
        );
        if (found.length > 0) return found;
      }
    }
    return [];
  }

  /** Leaves out whatever nothing that was observed needs. */
  withoutPassengers(hypothesis: Hypothesis, kept: ReadonlySet<string>): Hypothesis {
    let needed = hypothesis;
    for (const suspect of hypothesis) {
      if (kept.has(suspect.key)) continue;
      const without = needed.filter((other) => other !== suspect);
      const loses = this.known.observations.some((seen) =>
        this.known.trials.explains(needed, seen, "all") &&
        !this.known.trials.explains(without, seen, "all")
      );
      const losesPoints = this.known.plan.stages.some((stage) =>
        stage.suspects.includes(suspect) &&
        observationsOf(stage, this.known.byName).some((seen) =>
          this.known.trials.explains(needed, seen, "points") &&
          !this.known.trials.explains(without, seen, "points")
        )
      );
      if (!loses && !losesPoints) needed = without;
    }
    return needed;
  }

  /** Other known defects that explain the same in the place of one. */
  alternatives(
    hypothesis: Hypothesis,
    starts: readonly Hypothesis[],
    unexplained: readonly Observation[],
  ): ReadonlyMap<string, readonly Suspect[]> {
    const found = new Map<string, readonly Suspect[]>();
    const terms = new Set(starts.flat());
    const explained = this.known.observations.filter((seen) => !unexplained.includes(seen));
    for (const suspect of hypothesis) {
      const rest = hypothesis.filter((other) => other !== suspect);
      const candidates = terms.has(suspect)
        ? starts.filter((start) => !start.includes(suspect)).flat()
        : rivalsOf(this.known.plan, suspect);
      // What needs the suspect comes first: few others explain it.
      const needing = explained.filter((seen) => !this.known.trials.explains(rest, seen, "all"));
      const order = [...needing, ...explained.filter((seen) => !needing.includes(seen))];
      // Where nothing that is explained needs it, the experiments for its term tell.
      if (needing.length === 0) continue;
      const others = [...new Set(candidates)].filter((other) =>
        other.id !== null && !hypothesis.includes(other) && goesWith(rest, other) &&
        needing.every((seen) => this.known.trials.shows(other, seen)) &&
        order.every((seen) => this.known.trials.explains([...rest, other], seen, "all"))
      );
      if (others.length > 0) found.set(suspect.key, others);
    }
    return found;
  }
}

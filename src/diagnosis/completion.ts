/**
 * What else is needed to explain everything that was observed, and what of it is needed by nothing.
 *
 * @module
 */

import type { Observation } from "./observations.ts";
import { observationsOf, type Plan, restSuspects, rivalsOf } from "./stages.ts";
import { goesWith, type Hypothesis, type Suspect } from "./suspects.ts";
import type { Trials } from "./trials.ts";

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

  /** Adds what else is needed to explain everything that was observed. */
  whole(states: readonly Hypothesis[]): Whole {
    const ends = states.map((state) => this.#completed(state));
    return ends.reduce((best, next) =>
      next.unexplained.length < best.unexplained.length ||
        next.unexplained.length === best.unexplained.length &&
          next.hypothesis.length < best.hypothesis.length
        ? next
        : best
    );
  }

  #completed(state: Hypothesis): Whole {
    let hypothesis = state;
    let unexplained = this.known.trials.unexplained(hypothesis, this.known.observations, "all");
    while (unexplained.length > 0) {
      const [best] = this.#helping(hypothesis, unexplained)
        .map((suspect) => {
          const more = [...hypothesis, suspect];
          return { more, left: this.known.trials.unexplained(more, unexplained, "all") };
        })
        .sort((a, b) => a.left.length - b.left.length)
        .filter(({ more }) =>
          this.known.observations.every((seen) =>
            unexplained.includes(seen) || this.known.trials.explains(more, seen, "all")
          ) && this.#keepsStages(more)
        );
      if (best === undefined) break;
      hypothesis = best.more;
      unexplained = best.left;
    }
    return { hypothesis, unexplained };
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

  /** Known defects that, added to a hypothesis, explain one observation more. */
  #helping(hypothesis: Hypothesis, unexplained: readonly Observation[]): readonly Suspect[] {
    const suspects = restSuspects.filter((suspect) => goesWith(hypothesis, suspect));
    for (const seen of unexplained) {
      const found = suspects.filter((suspect) =>
        this.known.trials.explains([...hypothesis, suspect], seen, "all")
      );
      if (found.length > 0) return found;
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

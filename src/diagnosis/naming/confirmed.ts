/**
 * Names beside a fault that nothing explains: a suspect is taken where it matters, step by step and
 * coordinate by coordinate, whatever else is wrong elsewhere.
 *
 * @module
 */

import { ruleWith } from "../../defects/change.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import {
  contradictions,
  firmCalls,
  forcedCalls,
  type ForcedEnds,
  reportAgrees,
  type ReportPart,
  reportParts,
  type Support,
  supportOf,
} from "../experiments/forced.ts";
import type { Observation } from "../experiments/observations.ts";
import {
  arraysReported,
  changesOf,
  goesWith,
  type Hypothesis,
  numbersReported,
  type Suspect,
  suspectsOf,
} from "../terms/suspects.ts";
import { isKnownIn } from "../terms/trials.ts";
import type { Source } from "../terms/window_fit.ts";

/** Where a kind of suspects shows. */
export interface Place {
  readonly observations: readonly Observation[];
  readonly suspects: readonly Suspect[];
  /** Suspects that act on the same coordinates, so that only both together give them. */
  readonly beside?: readonly Suspect[];
  /** Whether a suspect must give all that it changes: nothing else acts there. */
  readonly strict?: boolean;
}

/** What was added to a hypothesis, and what would stand there as well. */
export interface Confirmed {
  readonly hypothesis: Hypothesis;
  readonly rivals: ReadonlyMap<string, readonly Suspect[]>;
}

/** The fewest coordinates that speak for a suspect. */
const fewest = 4;

/** The least part of the coordinates that it changes. */
const leastPart = 0.6;

/** The least part of the coordinates that what bends a drift leaves alone which must be right. */
const leastAlike = 0.5;

const bendsDrift = ({ change }: Suspect) =>
  (["gradient", "drift", "gradClip", "noGradClip", "zeroGradClip"] as const).some((part) =>
    Object.hasOwn(change, part)
  );

const bendsWalls = ({ change }: Suspect) => change.result !== undefined;

/** The same where only coordinates count that follow no term without a figure. */
const firmPart = 0.9;

/** The most others that may stand in the place of one. */
const mostRivals = 2;

/** Tries suspects on the steps of one target. */
export class Confirmation {
  readonly #forced = new Map<string, readonly ForcedEnds[]>();

  /**
   * @param returns what the target's network returns
   * @param open terms without a figure
   */
  constructor(readonly returns: NetworkReturns, readonly open: readonly Source[] = []) {}

  /** How many coordinates a hypothesis gets wrong, whatever the terms without a figure are. */
  contradicted(hypothesis: Hypothesis, observations: readonly Observation[]): number {
    return observations.filter(({ probe }) => isKnownIn(hypothesis, probe))
      .reduce((sum, seen) => sum + contradictions(this.#calls(hypothesis, seen, true)), 0);
  }

  /** Adds what is confirmed in its place, one after the other. */
  inPlaces(state: Hypothesis, places: readonly Place[]): Confirmed {
    let hypothesis = state;
    const rivals = new Map<string, readonly Suspect[]>();
    for (const place of places) {
      // A term has seldom more than two faults.
      for (let more = 0; more < 2; more++) {
        const firm = this.open.length > 0 ? this.#best(hypothesis, place, true) : undefined;
        const found = firm ?? this.#best(hypothesis, place, false);
        if (found === undefined) break;
        hypothesis = [...hypothesis, ...found.set];
        if (found.rivals.length > 0) rivals.set(found.set[0]!.key, found.rivals);
      }
    }
    return { hypothesis, rivals };
  }

  /** Adds what says how the sampler reports and returns. */
  inReports(state: Hypothesis, observations: readonly Observation[]): Confirmed {
    let hypothesis = state;
    const rivals = new Map<string, readonly Suspect[]>();
    for (const part of reportParts) {
      const told = observations.filter((seen) => this.#reports(hypothesis, seen, part) === false);
      if (told.length === 0) continue;
      const suspects = [
        ...suspectsOf([part], ["gradientOfExp"]),
        ...arraysReported,
        ...numbersReported,
      ];
      const found = suspects.filter((suspect) =>
        goesWith(hypothesis, suspect) && Object.keys(suspect.change)[0] === part &&
        observations.every((seen) => this.#reports([...hypothesis, suspect], seen, part) !== false)
      );
      const [first, ...others] = found;
      if (first === undefined) continue;
      hypothesis = [...hypothesis, first];
      if (others.length > 0) rivals.set(first.key, others);
    }
    return { hypothesis, rivals };
  }

  #reports(state: Hypothesis, seen: Observation, part: ReportPart): boolean | undefined {
    const told = this.#calls(state, seen).flatMap((call) => reportAgrees(call, part) ?? []);
    return told.length === 0 ? undefined : told.every(Boolean);
  }

  /** @param firm whether only what follows no term without a figure counts */
  #best(
    state: Hypothesis,
    { observations, suspects, beside = [], strict = false }: Place,
    firm: boolean,
  ): {
    readonly set: Hypothesis;
    readonly rivals: readonly Suspect[];
  } | undefined {
    const least = strict ? 1 : firm ? firmPart : leastPart;
    const tried = (sets: readonly Hypothesis[]) =>
      sets.filter((set) => !firm || this.#mayBe(state, set, observations))
        .map((set) => ({ set, ...this.#support(state, set, observations, firm) }))
        .filter(({ set, agree, against, matter }) =>
          against === 0 && agree >= fewest && agree >= least * matter &&
          // What bends a drift of which nothing else is known agrees by chance.
          (!set.some(bendsDrift) || this.#isRightBeside(state, set, observations)) &&
          // Of walls that are others the nearest known ones agree by chance.
          (!set.some(bendsWalls) || this.#isRightBeside(state, set, observations, firm))
        ).sort((a, b) => b.agree - a.agree || a.matter - b.matter);
    const free = suspects.filter((suspect) => goesWith(state, suspect));
    const alone = tried(free.map((suspect) => [suspect]));
    const found = alone.length > 0
      ? alone
      : tried(free.flatMap((one) =>
        beside.filter((other) => goesWith([...state, one], other)).map((other) => [one, other])
      ));
    const [best, ...others] = found;
    if (best === undefined) return undefined;
    const equal = others.filter(({ agree, matter }) =>
      agree === best.agree && matter === best.matter
    );
    // What many would give is not told.
    if (equal.length > mostRivals) return undefined;
    return { set: best.set, rivals: equal.flatMap(({ set }) => set.length === 1 ? set : []) };
  }

  /** Whether enough of the coordinates that a set leaves alone are as they should be. */
  #isRightBeside(
    state: Hypothesis,
    set: Hypothesis,
    observations: readonly Observation[],
    firm = false,
  ): boolean {
    const { alike, alone } = this.#support(state, set, observations, firm);
    return alike >= leastAlike * alone;
  }

  /** What is firm is a part of what agrees at all. */
  #mayBe(state: Hypothesis, set: Hypothesis, observations: readonly Observation[]): boolean {
    const { agree, against } = this.#support(state, set, observations, false);
    return against === 0 && agree >= fewest;
  }

  #support(
    state: Hypothesis,
    set: Hypothesis,
    observations: readonly Observation[],
    firm: boolean,
  ): Support {
    let agree = 0, against = 0, matter = 0, alike = 0, alone = 0;
    for (const seen of observations) {
      // Figures of other settings say nothing of these.
      const plain = state.filter((suspect) => isKnownIn([suspect], seen.probe));
      const changed = [...plain, ...set];
      const found = supportOf(this.#calls(changed, seen, firm), this.#calls(plain, seen));
      agree += found.agree;
      against += found.against;
      matter += found.matter;
      alike += found.alike;
      alone += found.alone;
      if (against > 0) break;
    }
    return { agree, against, matter, alike, alone };
  }

  #calls(state: Hypothesis, seen: Observation, firm = false): readonly ForcedEnds[] {
    const key = `${firm} ${seen.probe.name} ${state.map(({ key }) => key).sort().join(" ")}`;
    let known = this.#forced.get(key);
    if (known === undefined) {
      const rule = ruleWith(...changesOf(state));
      const calls = firm
        ? firmCalls(rule, seen, this.returns, this.open)
        : forcedCalls(rule, seen, this.returns);
      known = calls.map(({ steps: _, ...ends }) => ends);
      this.#forced.set(key, known);
    }
    return known;
  }
}

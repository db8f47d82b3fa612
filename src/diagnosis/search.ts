/**
 * The fewest defects that explain what the probes have shown.
 *
 * Every defect is a change of the rule, so a set of defects is the rule with all of these changes,
 * and a hypothesis is tried by running that rule on the probes. Where a hypothesis first differs
 * from what was observed tells which defects can be missing in it: those that show, by themselves,
 * in a number that still differs.
 *
 * @module
 */

import { type Change, compatible as compatibleChanges, ruleWith } from "../defects/change.ts";
import { officialRule, type Rule } from "../../spec/rule.ts";
import type { NetworkReturns } from "../../spec/sampler.ts";
import type { Observation } from "./observations.ts";
import {
  type Comparison,
  type Difference,
  difference,
  differenceFrom,
  numberAt,
  sectionsApart,
  simulate,
} from "./simulate.ts";

/** A change of the rule that may explain something. */
export interface Candidate {
  /** Words; unique among the candidates. */
  readonly key: string;
  /** The parts of the rule that it changes. */
  readonly change: Change;
}

/** A set of changes that are tried together. */
export type Hypothesis<C extends Candidate = Candidate> = readonly C[];

/** Changes that explain some probes, but not all. */
export interface PartialExplanation<C extends Candidate = Candidate> {
  /** The changes. */
  readonly hypothesis: Hypothesis<C>;
  /** Names of the probes that it explains and the rule does not. */
  readonly explained: readonly string[];
  /** Name of the first probe that it does not explain. */
  readonly left: string;
}

/** How many sets of two are extended to three. */
const beam = 48;
/** Simulations after which no further set of three is tried. */
const mostTrials = 16_000;

interface Trial<C extends Candidate> {
  readonly hypothesis: Hypothesis<C>;
  /** Index of the first probe that is not explained; the number of probes if all are. */
  readonly probe: number;
  readonly difference: Difference | null;
}

/** What single changes show on a probe, in one process: the same for every target. */
const shown = new WeakMap<object, Map<string, Observation>>();

/** Tries hypotheses against observations. */
export class Search<C extends Candidate> {
  readonly #observations: readonly Observation[];
  readonly #comparison: Comparison;
  readonly #known = new Map<string, Trial<C>>();
  readonly #visible = new Map<string, ReadonlySet<number>>();
  #trials = 0;

  /**
   * @param observations what the probes showed, in the order of the probes
   * @param comparison which parts are compared
   */
  constructor(observations: readonly Observation[], comparison: Comparison) {
    this.#observations = observations;
    this.#comparison = comparison;
  }

  /** How many simulations were run so far. */
  get trials(): number {
    return this.#trials;
  }

  /** Whether the rule itself explains all observations. */
  ruleExplains(): boolean {
    return this.#try([]).difference === null;
  }

  /** Where the rule itself first fails, with the number that was found and the rule's. */
  firstNumbers(returns: NetworkReturns): {
    readonly observation: Observation;
    readonly difference: Difference;
    readonly found: number;
    readonly wanted: number;
  } | null {
    const { probe, difference } = this.#try([]);
    if (difference === null) return null;
    const observation = this.#observations[probe]!;
    const rule = simulate(officialRule, observation.probe, returns);
    const { call, section, cells } = difference;
    const number = ({ calls }: Observation) => numberAt(calls[call]!, section, cells[0]!);
    return { observation, difference, found: number(observation), wanted: number(rule) };
  }

  /** Every single candidate that explains all observations. */
  singles(candidates: readonly C[]): readonly Hypothesis<C>[] {
    return candidates.map((candidate) => this.#try([candidate])).filter(explains)
      .map((trial) => trial.hypothesis);
  }

  /** Every pair of candidates, one of the first list, that is found to explain all. */
  pairs(first: readonly C[], second: readonly C[] = first): readonly Hypothesis<C>[] {
    const roots = this.#promising(first);
    for (const rule of ["alone", "touching", "any"] as const) {
      const found = this.#extend(roots, second, rule).filter(explains);
      if (found.length > 0) return found.map((trial) => trial.hypothesis);
    }
    return [];
  }

  /** Triples that explain all observations, found by extending the best pairs. */
  triples(candidates: readonly C[]): readonly Hypothesis<C>[] {
    const roots = this.#promising(candidates);
    const pairs = best(this.#extend(roots, candidates, "touching"), beam);
    const attempts = [["alone", pairs], ["touching", pairs], [
      "any",
      best(pairs, beam / 6),
    ]] as const;
    for (const [rule, trials] of attempts) {
      const found = this.#extend(trials, candidates, rule, mostTrials).filter(explains);
      if (found.length > 0) return found.map((trial) => trial.hypothesis);
    }
    return [];
  }

  /** Of everything that was tried, what explains the most probes. */
  partial(): PartialExplanation<C> | undefined {
    const root = this.#try([]);
    const [trial] = best([...this.#known.values()].filter((t) => t.hypothesis.length > 0), 1);
    if (trial === undefined || trial.probe <= root.probe) return undefined;
    return {
      hypothesis: trial.hypothesis,
      explained: this.#observations.slice(root.probe, trial.probe).map((o) => o.probe.name),
      left: this.#observations[trial.probe]!.probe.name,
    };
  }

  /** Candidates that show where the rule first fails. */
  #promising(candidates: readonly C[]): readonly Trial<C>[] {
    const root = this.#try([]);
    if (root.difference === null) return [];
    return candidates.filter((candidate) => this.#shows(candidate, root).size > 0)
      .map((candidate) => this.#try([candidate]));
  }

  /**
   * Adds one candidate to each hypothesis.
   *
   * @param rule "alone": only candidates that show in a number that still differs, and that are
   *   right by themselves wherever the hypothesis has no effect; "touching": the first of both;
   *   "any": all, because two changes may show together what neither shows alone
   */
  #extend(
    trials: readonly Trial<C>[],
    candidates: readonly C[],
    rule: "alone" | "touching" | "any",
    most = Infinity,
  ): readonly Trial<C>[] {
    const found = new Map<string, Trial<C>>();
    const limit = this.#trials + most;
    for (const trial of trials) {
      if (trial.difference === null) continue;
      for (const candidate of candidates) {
        if (this.#trials > limit) break;
        if (!compatible(trial.hypothesis, candidate)) continue;
        if (rule !== "any" && !this.#touches(candidate, trial)) continue;
        if (rule === "alone" && !this.#rightAlone(candidate, trial)) continue;
        const hypothesis = [...trial.hypothesis, candidate];
        const next = this.#try(hypothesis, trial.probe);
        if (better(next, trial)) found.set(keyOf(hypothesis), next);
      }
    }
    return [...found.values()];
  }

  #touches(candidate: C, trial: Trial<C>): boolean {
    const cells = this.#shows(candidate, trial);
    return cells.size > 0 && trial.difference!.cells.some((cell) => cells.has(cell));
  }

  /** Whether a candidate by itself gives what was observed wherever a hypothesis has no effect. */
  #rightAlone(candidate: C, trial: Trial<C>): boolean {
    const { call, section, cells } = trial.difference!;
    const observation = this.#observations[trial.probe]!;
    const free = cells.filter((cell) =>
      !trial.hypothesis.some((member) => this.#shows(member, trial).has(cell))
    );
    if (free.length === 0) return true;
    const wrong = new Set(
      sectionsApart(observation, this.#shown(candidate, observation.probe), { call, section }),
    );
    return !free.some((cell) => wrong.has(cell));
  }

  /** The numbers in which a candidate alone differs from the rule where a trial failed, or before. */
  #shows(candidate: C, trial: Trial<C>): ReadonlySet<number> {
    const { call, section } = trial.difference!;
    const key = `${candidate.key} ${trial.probe} ${call} ${section}`;
    const known = this.#visible.get(key);
    if (known) return known;
    const { probe } = this.#observations[trial.probe]!;
    const rule = this.#shown(undefined, probe), alone = this.#shown(candidate, probe);
    const cells = new Set(sectionsApart(alone, rule, { call, section }));
    if (typeof section === "number") {
      for (let k = 0; k < section; k++) {
        for (const cell of sectionsApart(alone, rule, { call, section: k })) cells.add(cell);
      }
    }
    this.#visible.set(key, cells);
    return cells;
  }

  #shown(candidate: C | undefined, probe: Observation["probe"]): Observation {
    const { returns } = this.#comparison;
    let known = shown.get(probe);
    if (!known) shown.set(probe, known = new Map());
    const key = `${returns} ${candidate ? keyOfChange(candidate.change) : ""}`;
    let found = known.get(key);
    if (!found) {
      found = simulate(merged(candidate ? [candidate] : []), probe, returns);
      known.set(key, found);
    }
    return found;
  }

  #try(hypothesis: Hypothesis<C>, first = 0): Trial<C> {
    const key = keyOf(hypothesis);
    const known = this.#known.get(key);
    if (known) return known;
    const rule = hypothesis.length > 1 ? merged(hypothesis) : undefined;
    // The probe that is hardest to explain comes first; what is before it follows.
    const order = [
      first,
      ...[...this.#observations.keys()].filter((probe) => probe !== first),
    ];
    let trial: Trial<C> | undefined;
    for (const probe of order) {
      const found = rule ? this.#differ(rule, probe) : this.#differAlone(hypothesis[0], probe);
      if (found !== null && (trial === undefined || probe < trial.probe)) {
        trial = { hypothesis, probe, difference: found };
        if (probe === first || probe < first) break;
      }
      if (trial !== undefined && probe > trial.probe) break;
    }
    trial ??= { hypothesis, probe: this.#observations.length, difference: null };
    this.#known.set(key, trial);
    return trial;
  }

  /** The rule and single candidates are simulated once for all targets of a process. */
  #differAlone(candidate: C | undefined, index: number): Difference | null {
    const observation = this.#observations[index]!;
    const expected = this.#shown(candidate, observation.probe);
    return differenceFrom(expected, observation, this.#comparison);
  }

  #differ(rule: Rule, probe: number): Difference | null {
    this.#trials++;
    return difference(rule, this.#observations[probe]!, this.#comparison);
  }
}

function explains(trial: Trial<Candidate>): boolean {
  return trial.difference === null;
}

/** Whether a trial got farther than another. */
function better(one: Trial<Candidate>, other: Trial<Candidate>): boolean {
  return compareTrials(one, other) < 0;
}

function compareTrials(one: Trial<Candidate>, other: Trial<Candidate>): number {
  if (one.probe !== other.probe) return other.probe - one.probe;
  const a = one.difference, b = other.difference;
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return b.order - a.order || a.cells.length - b.cells.length ||
    one.hypothesis.length - other.hypothesis.length;
}

function best<C extends Candidate>(trials: readonly Trial<C>[], count: number): Trial<C>[] {
  return [...trials].sort(compareTrials).slice(0, count);
}

/** Whether a change can be added: it must not touch a part that is already changed. */
export function compatible(hypothesis: Hypothesis, candidate: Candidate): boolean {
  return hypothesis.every((other) =>
    other.key !== candidate.key && compatibleChanges(candidate.change, other.change)
  );
}

/** The rule with all changes of a hypothesis. */
export function merged(hypothesis: Hypothesis): Rule {
  return ruleWith(...hypothesis.map(({ change }) => change));
}

function keyOf(hypothesis: Hypothesis): string {
  return hypothesis.map((candidate) => candidate.key).sort().join(" ");
}

function keyOfChange(change: Change): string {
  return JSON.stringify(change);
}

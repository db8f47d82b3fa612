/**
 * Names for what differs from a rule of the family: known defects that have a meaning for it, and
 * figures that were measured, compared with everything that was observed.
 *
 * @module
 */

import { compileRule, slots } from "../../../spec/compiled_rule.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import {
  type FormulaName,
  formulaNames,
  officialRule,
  type Rule,
  termsOf,
} from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { type Change, compatible, ruleUnder } from "../../defects/change.ts";
import { type Defect, defectOf, defects } from "../../defects/defects.ts";
import { hasMeaning } from "../../defects/meaning.ts";
import type { NamedDefectReport } from "../../report/report.ts";
import type { Observation, View } from "../experiments/observations.ts";
import { difference } from "../experiments/simulate.ts";

/** What can be wrong in a rule, alone or beside others. */
export interface RuleSuspect {
  /** The known defect; null for what was measured. */
  readonly id: string | null;
  readonly title: string;
  readonly fix: string;
  readonly seen?: string;
  /** The parts that it replaces. */
  readonly change: Change;
  /** How the measured rule writes what stands in the place of the gradient. */
  readonly written?: (symbol: string) => string;
  /** The step sizes that it has in the place of a schedule of the rule's own, a formula. */
  readonly stepSize?: string;
}

/** What people call a formula. */
export const termWords: Readonly<Partial<Record<FormulaName, string>>> = {
  drift: "drift",
  noise: "noise",
  step: "step",
  limit: "limit of a step",
  clippedStep: "step after its limit",
  result: "action after a step",
  polynomial: "step size",
};

/** The known defects that have a meaning for a rule, in its own words. */
export function suspectsUnder(rule: Rule): readonly RuleSuspect[] {
  return defects.filter((defect) => hasMeaning(defect, rule)).map((defect) =>
    wordedFor(rule, defect)
  );
}

/** The catalogue speaks of the official formulas: where the rule has others, they are told. */
function wordedFor(rule: Rule, { id, title, fix, seen, change }: Defect): RuleSuspect {
  const other = formulaNames.find((name) =>
    Object.hasOwn(change, name) && rule[name] !== officialRule[name] &&
    termWords[name] !== undefined
  );
  if (other === undefined) return { id, title, fix, ...(seen ? { seen } : {}), change };
  const { [other]: formula } = change;
  return {
    id,
    title: `The ${termWords[other]} is ${formula} where the rule has ${rule[other]}`,
    fix: `Use ${rule[other]} as the ${termWords[other]}.`,
    change,
  };
}

/** What a known defect is called under a rule; nothing if there is none. */
export function wordedUnder(
  rule: Rule,
  id: string | null,
): Partial<Pick<RuleSuspect, "title" | "fix">> {
  const defect = id === null ? undefined : defectOf(id);
  if (defect === undefined) return {};
  const { title, fix } = wordedFor(rule, defect);
  return { title, fix };
}

/** A rule with suspects in it. */
export function ruleWithSuspects(rule: Rule, suspects: readonly RuleSuspect[]): Rule {
  const changed = ruleUnder(rule, ...suspects.map(({ change }) => change));
  const stepSize = suspects.find(({ stepSize }) => stepSize !== undefined)?.stepSize;
  return stepSize === undefined ? changed : { ...changed, stepSize };
}

/** What explains the observations of a target. */
export interface RuleExplanation {
  readonly suspects: readonly RuleSuspect[];
  /** Others that explain the same in the place of the only one. */
  readonly alternatives: readonly RuleSuspect[];
  readonly unexplained: readonly Observation[];
}

/** Hypotheses that are carried on, and defects that are looked for at once, at most. */
const beam = 4, mostDefects = 4;

/** Finds the fewest suspects that give everything that was observed of a target. */
export class RuleNaming {
  readonly #known = new Map<string, boolean>();
  readonly #keys = new Map<RuleSuspect, number>();

  /** @param observations the shortest first: they refute most hypotheses */
  constructor(
    readonly rule: Rule,
    readonly observations: readonly Observation[],
    readonly how: { readonly view: View; readonly returns: NetworkReturns },
  ) {}

  /** Whether the rule with all of these gives what was observed. */
  gives(suspects: readonly RuleSuspect[], observation: Observation): boolean {
    const key = `${observation.probe.name} ${
      suspects.map((one) => this.#keyOf(one)).sort().join()
    }`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const { view, returns } = this.how;
      const comparison = { points: view !== "final actions", returns };
      const rule = ruleWithSuspects(this.rule, suspects);
      this.#known.set(key, known = difference(rule, observation, comparison) === null);
    }
    return known;
  }

  #keyOf(suspect: RuleSuspect): number {
    let key = this.#keys.get(suspect);
    if (key === undefined) this.#keys.set(suspect, key = this.#keys.size);
    return key;
  }

  #missed(suspects: readonly RuleSuspect[]): readonly Observation[] {
    return this.observations.filter((seen) => !this.gives(suspects, seen));
  }

  /** @param candidates in the order in which they are preferred */
  explain(candidates: readonly RuleSuspect[]): RuleExplanation {
    const missed = this.#missed([]);
    if (missed.length === 0) return { suspects: [], alternatives: [], unexplained: [] };
    const order = [...missed, ...this.observations.filter((seen) => !missed.includes(seen))];
    const singles = candidates.filter((one) => order.every((seen) => this.gives([one], seen)));
    if (singles.length > 0) {
      const named = singles.filter(({ id }) => id !== null);
      const [first, ...others] = named.length > 0 ? named : this.#distinct(singles);
      return { suspects: [first!], alternatives: others, unexplained: [] };
    }
    const suspects = this.#several(candidates);
    return { suspects, alternatives: [], unexplained: this.#missed(suspects) };
  }

  /** The first of those that make the same rule. */
  #distinct(suspects: readonly RuleSuspect[]): readonly RuleSuspect[] {
    const seen = new Set<string>();
    return suspects.filter((suspect) => {
      const prints = [suspect.title, printOf(ruleWithSuspects(this.rule, [suspect]))];
      const isNew = suspect.written
        ? !seen.has(suspect.title)
        : !prints.some((print) => seen.has(print));
      for (const print of prints) seen.add(print);
      return isNew;
    });
  }

  /** Adds the suspect that explains most, as long as one explains more without losing anything. */
  #several(candidates: readonly RuleSuspect[]): readonly RuleSuspect[] {
    let states: readonly (readonly RuleSuspect[])[] = [[]];
    let best: readonly RuleSuspect[] = [], left = this.observations.length;
    for (let size = 1; size <= mostDefects && states.length > 0 && left > 0; size++) {
      const next = states.flatMap((state) => this.#extended(state, candidates))
        .sort((a, b) => a.left - b.left).slice(0, beam);
      const [first] = next;
      if (first === undefined || first.left >= left) break;
      best = first.suspects;
      left = first.left;
      states = next.map(({ suspects }) => suspects);
    }
    return best;
  }

  #extended(state: readonly RuleSuspect[], candidates: readonly RuleSuspect[]) {
    const missed = this.#missed(state), kept = this.observations.filter((o) => !missed.includes(o));
    return candidates.flatMap((one) => {
      if (!state.every(({ change }) => compatible(change, one.change))) return [];
      const suspects = [...state, one];
      const left = missed.filter((seen) => !this.gives(suspects, seen)).length;
      const helps = left < missed.length && kept.every((seen) => this.gives(suspects, seen));
      return helps ? [{ suspects, left }] : [];
    });
  }
}

/** What a rule makes of some numbers: equal for formulas that say the same in other words. */
function printOf(rule: Rule): string {
  const formula = compileRule(rule), next = uniform(7);
  return Array.from({ length: 6 }, (_, k) => {
    const s = slots({}, rule);
    for (const symbol of Object.keys(rule.symbols)) s.setOwn(symbol, 0.5 + next());
    for (const { symbol, from, to, whole } of rule.own ?? []) {
      const value = from + next() * (to - from);
      s.setOwn(symbol, whole ? Math.round(value) : value);
    }
    s.k = k;
    s.N = 6;
    s.setOwn("T", s.sigma ** 2);
    const { result } = termsOf(formula, s, false);
    return [result, formula.stepSize?.(s) ?? 0].map((x) => x.toPrecision(4));
  }).join();
}

/** The names of an explanation. */
export function namesIn(
  { suspects, alternatives, unexplained }: RuleExplanation,
): NamedDefectReport[] {
  return suspects.map(({ id, title, fix, seen }) => ({
    id,
    title,
    fix,
    ...(seen === undefined ? {} : { seen }),
    certain: unexplained.length === 0 && alternatives.length === 0,
    ...(alternatives.length === 0
      ? {}
      : { alternatives: alternatives.map(({ id, title }) => ({ id, title })) }),
  }));
}

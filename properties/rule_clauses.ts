/**
 * The clauses of any rule: those that it has a term for, with its own formulas.
 *
 * @module
 */

import { formulaNames, officialRule, type Rule } from "../spec/rule.ts";
import { partsOf } from "../spec/rule_parts.ts";
import { isLinear } from "../spec/rule_slopes.ts";
import { type Clause, type ClauseId, clauses } from "./clauses.ts";
import { proof } from "./sources.ts";

type KnownClause = Clause<ClauseId>;

const known = new WeakMap<Rule, readonly KnownClause[]>([[officialRule, clauses]]);

/** The clauses of a rule, foundations first; of the official rule all that there are. */
export function clausesOf(rule: Rule): readonly KnownClause[] {
  let own = known.get(rule);
  if (!own) known.set(rule, own = clauses.filter(isPartOf(rule)).map((c) => worded(rule, c)));
  return own;
}

/** What measures a factor has a meaning only where there is one; so have theorems about it. */
const aboutFactors: readonly ClauseId[] = [
  "drift/half",
  "noise/step-size",
  "schedule/constant",
  "schedule/polynomial",
  "energy/sure-descent",
  "energy/expected-descent",
];

function isPartOf(rule: Rule): (clause: KnownClause) => boolean {
  const parts = partsOf(rule), linear = isLinear(rule);
  return ({ id, parts: needed = [] }) =>
    (needed.length === 0 || needed.some((part) => parts.has(part))) &&
    (linear || !aboutFactors.includes(id));
}

function worded(rule: Rule, clause: KnownClause): KnownClause {
  const { under } = clause;
  const name = formulaNames.find((name) => officialRule[name] === clause.formula);
  return {
    ...clause,
    ...(name === undefined ? {} : { formula: rule[name] }),
    source: clause.source === proof ? proof : rule.about?.source ?? clause.source,
    ...under?.(rule),
  };
}

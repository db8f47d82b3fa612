/**
 * All clauses of the rule, and those of another rule: the ones that it has a term for.
 *
 * Each stands with its check in the file of its group. Reports, documentation and help texts take
 * them from here, in the order in which they are judged.
 *
 * @module
 */

import { formulaNames, officialRule, type Rule } from "../spec/rule.ts";
import { partsOf } from "../spec/rule_parts.ts";
import { isLinear } from "../spec/rule_slopes.ts";
import * as applyExp from "./apply_exp.ts";
import * as bounds from "./bounds.ts";
import * as chain from "./chain.ts";
import type { Clause, Statement } from "./clause.ts";
import * as deltaClip from "./delta_clip.ts";
import * as drift from "./drift.ts";
import * as energy from "./descent.ts";
import * as golden from "./golden.ts";
import * as gradClip from "./grad_clip.ts";
import * as noise from "./noise.ts";
import type { NoiseClause } from "./noise_law.ts";
import * as result from "./result.ts";
import * as rows from "./rows.ts";
import * as schedule from "./schedule.ts";
import { proof } from "./sources.ts";
import * as start from "./start.ts";
import * as state from "./state.ts";
import * as step from "./whole_step.ts";
import * as steps from "./steps.ts";

export type { Clause, Level, Statement } from "./clause.ts";

/** The contents, in the order of reports wherever foundations leave a choice. */
const contents = [
  steps.count,
  steps.precision,
  start.initialActions,
  drift.currentPoint,
  start.callerUnchanged,
  drift.descends,
  drift.half,
  noise.stepSize,
  schedule.constant,
  schedule.polynomial,
  result.lastPoint,
  drift.noMemory,
  schedule.oneStep,
  schedule.twoSteps,
  schedule.exponential,
  drift.ownRow,
  drift.ownAxis,
  drift.ownObservation,
  noise.scale,
  noise.everyStep,
  noise.ownDraw,
  noise.standardNormal,
  noise.independent,
  noise.freshEachCall,
  gradClip.none,
  gradClip.limits,
  gradClip.elementwise,
  gradClip.beforeNoise,
  gradClip.zero,
  bounds.within,
  bounds.perAxis,
  bounds.everyStep,
  bounds.onTheWall,
  bounds.onlyTheWall,
  bounds.zeroWidth,
  deltaClip.limitsStep,
  deltaClip.scaledByRange,
  deltaClip.centred,
  deltaClip.elementwise,
  deltaClip.perAxis,
  deltaClip.afterNoise,
  deltaClip.everyStep,
  deltaClip.zero,
  noise.notRedrawn,
  // A limit of its own leaves starts outside elsewhere, too.
  bounds.outsideStart,
  state.secondCall,
  rows.notANumber,
  deltaClip.infiniteGradient,
  applyExp.gradient,
  chain.actions,
  chain.outputs,
  chain.outputsExp,
  chain.gradNorms,
  step.exact,
  energy.sureDescent,
  energy.expectedDescent,
  golden.traces,
] as const;

/**
 * The id of a clause.
 *
 * @internal
 */
export type ClauseId = (typeof contents)[number]["id"];

/** Every clause, after its foundations and the clauses that make it sharper. */
export const clauses: readonly Clause<ClauseId>[] = foundationsFirst<Clause<ClauseId>>(contents);

const byId = new Map(clauses.map((c): [string, Clause<ClauseId>] => [c.id, c]));

/** Looks up a clause by its id. */
export function clauseOf(id: string): Clause<ClauseId> | undefined {
  return byId.get(id);
}

/** The clauses that are judged by the law of recovered noise on samplers that draw their own. */
export const noiseClauses: readonly (Clause<ClauseId> & NoiseClause)[] = clauses.flatMap((c) =>
  c.noise === undefined ? [] : { ...c, noise: c.noise }
);

const ofRules = new WeakMap<Rule, readonly Clause<ClauseId>[]>([[officialRule, clauses]]);

/** The clauses of a rule, foundations first; of the official rule all that there are. */
export function clausesOf(rule: Rule): readonly Clause<ClauseId>[] {
  let own = ofRules.get(rule);
  if (!own) ofRules.set(rule, own = clauses.filter(isPartOf(rule)).map((c) => worded(rule, c)));
  return own;
}

/** What measures a factor has a meaning only where there is one; so have theorems about it. */
const aboutFactors: readonly ClauseId[] = [
  "noise/step-size",
  "schedule/constant",
  "schedule/polynomial",
  "energy/sure-descent",
  "energy/expected-descent",
];

function isPartOf(rule: Rule): (clause: Clause<ClauseId>) => boolean {
  const parts = partsOf(rule), linear = isLinear(rule);
  return ({ id, parts: needed = [] }) =>
    (needed.length === 0 || needed.some((part) => parts.has(part))) &&
    (linear || !aboutFactors.includes(id));
}

function worded(rule: Rule, clause: Clause<ClauseId>): Clause<ClauseId> {
  const { under } = clause;
  const name = formulaNames.find((name) => officialRule[name] === clause.formula);
  return {
    ...clause,
    ...(name === undefined ? {} : { formula: rule[name] }),
    source: clause.source === proof ? proof : rule.about?.source ?? clause.source,
    ...under?.(rule),
  };
}

const closures: ReadonlyMap<string, readonly ClauseId[]> = new Map(
  clauses.map(({ id }) => [id, closureOf(id)]),
);

/** What a clause builds on, directly or not, in the order of the clauses. */
export function foundationsOf(id: string): readonly ClauseId[] {
  return closures.get(id) ?? [];
}

function closureOf(id: string): ClauseId[] {
  const found = new Set<string>();
  const add = (of: string) => {
    for (const below of byId.get(of)?.buildsOn ?? []) {
      if (!found.has(below)) add(below);
      found.add(below);
    }
  };
  add(id);
  return clauses.map((c) => c.id).filter((other) => found.has(other));
}

/**
 * Sorts statements so that each comes after those that it needs; where that leaves a choice, the
 * given order stays.
 *
 * @throws {RangeError} if one needs what is not there, or needs itself in the end
 */
export function foundationsFirst<S extends Statement>(statements: readonly S[]): readonly S[] {
  const known = new Map(statements.map((s): [string, S] => [s.id, s]));
  const sorted = new Set<S>(), open = new Set<S>();
  const place = (statement: S) => {
    if (sorted.has(statement)) return;
    if (open.has(statement)) {
      throw new RangeError(`Cannot order the clauses: ${statement.id} needs itself`);
    }
    open.add(statement);
    for (const id of [...statement.buildsOn, ...statement.sharperWith ?? []]) {
      const needed = known.get(id);
      if (needed === undefined) {
        throw new RangeError(
          `Cannot order the clauses: ${statement.id} needs ${id}, found no such`,
        );
      }
      place(needed);
    }
    sorted.add(statement);
  };
  statements.forEach(place);
  return [...sorted];
}

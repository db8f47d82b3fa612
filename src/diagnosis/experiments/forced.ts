/**
 * A rule led along the way that a sampler took: each of its steps begins where the sampler really
 * was, so that what one step gets wrong spoils no other.
 *
 * @module
 */

import { beginRun, compileRule } from "../../../spec/compiled_rule.ts";
import { openSession } from "../../../spec/observe.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import type { Rule, Step, StepReport } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Observation, Reading } from "./observations.ts";
import { slackOf } from "./near_walls.ts";
import { chainOf, forcedSteps, type SeenChain } from "./response.ts";
import { close } from "./simulate.ts";

/** What a rule makes of one call of an observation, but for its steps, which take much memory. */
export interface ForcedEnds {
  readonly problem: Problem;
  readonly seen: Reading;
  readonly chain: SeenChain;
  /** Where each step ends, from where the sampler began it. */
  readonly ends: readonly Rows[];
  readonly reports: readonly StepReport[];
  /** What is returned and what becomes of the caller's actions, if the last point was seen. */
  readonly final: Rows | undefined;
  readonly initialAfter: Rows;
}

/** The same with its steps. */
export interface ForcedCall extends ForcedEnds {
  readonly steps: readonly Step[];
}

/** Leads a rule along every call of an observation whose chain was seen. */
export function forcedCalls(
  rule: Rule,
  { probe, calls }: Observation,
  returns: NetworkReturns,
): readonly ForcedCall[] {
  const loop = rule.loop(), formula = compileRule(rule);
  return calls.flatMap((seen, c) => {
    const problem = probe.calls[c]!;
    const chain = seen === "throws" ? undefined : chainOf(problem, seen);
    if (seen === "throws" || chain === undefined) return [];
    const session = openSession(problem, returns), { points } = chain;
    const run = beginRun(formula, loop, problem.settings, session.call, returns);
    const ends: Rows[] = [], steps: Step[] = [], reports: StepReport[] = [];
    let final: Rows | undefined;
    try {
      for (const step of forcedSteps(loop, run, points)) {
        steps.push(step);
        reports.push(loop.report(run, step));
        ends.push(step.terms.map((row) => row.map(({ result }) => result)));
      }
      if (chain.sure) final = loop.result(run, points.at(-1)!);
    } catch {
      // What the rule did before it failed counts.
    }
    const { initialAfter } = session.seen();
    return [{ problem, seen, chain, ends, steps, reports, final, initialAfter }];
  });
}

/**
 * The same where some terms are unknown: an end that follows the size of one of them is not a number,
 * because nothing is known of it.
 *
 * @param unknown terms without a figure
 */
export function firmCalls(
  rule: Rule,
  seen: Observation,
  returns: NetworkReturns,
  unknown: readonly ("drift" | "noise")[],
): readonly ForcedCall[] {
  const plain = forcedCalls(rule, seen, returns);
  const others = [3, 0.25].map((factor) => {
    const scaled = unknown.map((term) => [term, `${factor} * (${rule[term]})`]);
    return forcedCalls({ ...rule, ...Object.fromEntries(scaled) }, seen, returns);
  });
  return plain.map((call, c) => ({
    ...call,
    ends: call.ends.map((rows, k) =>
      rows.map((row, r) =>
        row.map((end, i) =>
          others.every((calls) => close(calls[c]?.ends[k]?.[r]?.[i] ?? NaN, end)) ? end : NaN
        )
      )
    ),
  }));
}

/** How many ends are firm, and other ones than those that were seen. */
export function contradictions(calls: readonly ForcedEnds[]): number {
  let count = 0;
  for (const { problem, chain, ends } of calls) {
    const slack = slackOf(problem);
    ends.forEach((rows, k) => {
      if (k === ends.length - 1 && k > 0 && !chain.sure) return;
      rows.forEach((row, r) =>
        row.forEach((end, i) => {
          if (!Number.isNaN(end) && !close(chain.points[k + 1]![r]![i]!, end, slack)) count++;
        })
      );
    });
  }
  return count;
}

/** How a change of a rule stands to what was seen of single coordinates of single steps. */
export interface Support {
  /** Coordinates that are as the change makes them, and not as they are without it. */
  readonly agree: number;
  /** Coordinates that are as they are without it, where it would change them. */
  readonly against: number;
  /** Coordinates that it would change. */
  readonly matter: number;
  /** Coordinates that move and that it leaves alone: those that are as they are without it, and all. */
  readonly alike: number;
  readonly alone: number;
}

/** Holds a rule with a change, and the same without it, against the ends of all steps. */
export function supportOf(
  changed: readonly ForcedEnds[],
  plain: readonly ForcedEnds[],
): Support {
  let agree = 0, against = 0, matter = 0, alike = 0, alone = 0;
  for (const [c, { problem, chain, ends }] of changed.entries()) {
    const last = ends.length - 1, without = plain[c]?.ends ?? [], slack = slackOf(problem);
    for (const [k, rows] of ends.entries()) {
      // The last point may not be what is returned.
      if (k === last && k > 0 && !chain.sure) continue;
      const to = chain.points[k + 1]!, other = without[k];
      if (other === undefined) continue;
      rows.forEach((row, r) =>
        row.forEach((end, i) => {
          const rival = other[r]![i]!, found = to[r]![i]!;
          if (Number.isNaN(end)) return;
          if (close(end, rival, slack)) {
            if (close(end, chain.points[k]![r]![i]!)) return;
            alone++;
            if (close(found, rival, slack)) alike++;
            return;
          }
          matter++;
          if (close(found, end, slack)) agree++;
          else if (close(found, rival, slack)) against++;
        })
      );
    }
  }
  return { agree, against, matter, alike, alone };
}

/** What is reported or returned, by the part of a rule that says how. */
export const reportParts = [
  "reportedOutputs",
  "reportedNorm",
  "reportedActions",
  "returns",
  "callersArray",
] as const;

/** One of them. */
export type ReportPart = (typeof reportParts)[number];

/**
 * Whether a rule that is led along a call reports and returns what the sampler did.
 *
 * @returns nothing if that was not seen
 */
export function reportAgrees(
  { problem, seen, chain, reports, final, initialAfter }: ForcedEnds,
  part: ReportPart,
): boolean | undefined {
  const slack = slackOf(problem);
  const all = (found: readonly Rows[] | Rows | undefined, of: (report: StepReport) => unknown) =>
    found === undefined || found.length < reports.length || reports.length === 0
      ? undefined
      : reports.every((report, k) =>
        k === reports.length - 1 && !chain.sure ||
        sameNumbers([found[k]].flat(2) as number[], [of(report)].flat(2) as number[], slack)
      );
  switch (part) {
    case "reportedOutputs":
      return all(seen.chain.outputs, ({ outputs }) => outputs);
    case "reportedNorm":
      // Where no norm is asked for, nothing tells which one it is.
      return problem.settings.gradNorm === null
        ? undefined
        : all(seen.chain.gradNorms, ({ gradNorms }) => gradNorms);
    case "reportedActions":
      return all(seen.chain.actions, ({ actions }) => actions);
    case "returns":
      return final && sameNumbers(seen.final.flat(), final.flat(), slack);
    case "callersArray":
      return final && sameNumbers(seen.initialAfter.flat(), initialAfter.flat(), slack);
  }
}

function sameNumbers(one: readonly number[], other: readonly number[], slack: number): boolean {
  return one.length === other.length && one.every((value, j) => close(value, other[j]!, slack));
}

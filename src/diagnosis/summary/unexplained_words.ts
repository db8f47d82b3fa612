/**
 * What stays unexplained, in words: by the clause that shows it, with figures.
 *
 * @module
 */

import { showFloat32 } from "../../../spec/numerics/number_text.ts";
import type { Rule } from "../../../spec/rule.ts";
import { partsOf } from "../../../spec/rule_parts.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Rows } from "../../../spec/problem.ts";
import { apart, shown } from "../figures/figures.ts";
import type { CallOutcome, Observation } from "../experiments/observations.ts";
import { close, difference, numberAt, type Section, simulate } from "../experiments/simulate.ts";

/** What an explanation leaves open. */
export interface LeftOpen {
  /** The rule with what is named. */
  readonly rule: Rule;
  /** Whether something is. */
  readonly isNamed: boolean;
  /** Observations that it does not give. */
  readonly unexplained: readonly Observation[];
  /** Terms without a figure. */
  readonly open: readonly string[];
  /** Where alone what is left was seen in a series of small problems. */
  readonly seenOnly?: string;
}

/**
 * What an explanation leaves open.
 *
 * @param points whether the points of the chain were seen
 */
export function unexplainedWords(
  { rule, isNamed: named, unexplained, open, seenOnly }: LeftOpen,
  returns: NetworkReturns,
  points: boolean,
): { readonly unexplained?: string; readonly unexplainedClauses?: readonly string[] } {
  if (unexplained.length === 0) return {};
  const clausesOf = (seen: readonly Observation[]) =>
    seen.flatMap(({ probe: { name } }) =>
      name.startsWith("clause ") ? [name.slice("clause ".length)] : []
    );
  // Reports that differ are what a clause on reports shows, beside whatever else.
  const besideReports = unexplained.filter((seen) =>
    clausesOf([seen])[0]?.startsWith("chain/") ||
    !isOfReports(difference(rule, seen, { points, returns })?.section)
  );
  const hasReports = clausesOf(besideReports).some((clause) => clause.startsWith("chain/"));
  const clauses = clausesOf(hasReports ? besideReports : unexplained);
  const terms = open.map((term) => `no figure for the ${term}`).join(" and ");
  const what = named ? "What is named" : "No known bug, and no figure of a term,";
  const shows = clauses.length === 0
    ? "everything"
    : `what ${clauses.join(", ")} ${clauses.length === 1 ? "shows" : "show"}`;
  const because = terms === "" ? "" : `: there is ${terms}`;
  const told = clauses.length === 0
    ? unexplained
    : unexplained.filter(({ probe }) => probe.name.startsWith("clause "));
  const numbers = firstDifferenceWords({ rule, isNamed: named }, told, returns, points);
  return {
    unexplained: `${what} ${named ? "does not explain" : "explains"} ${shows}${because}. ${
      numbers[0]!.toUpperCase()
    }${numbers.slice(1)}${
      seenOnly === undefined
        ? ""
        : `. In small problems of which one thing at a time is changed it is seen only ${seenOnly}`
    }`,
    ...(clauses.length > 0 ? { unexplainedClauses: clauses } : {}),
  };
}

const isOfReports = (section: Section | undefined) =>
  section === "actions" || section === "outputs" || section === "norms";

/** The first number that is not what a hypothesis gives. */
function firstDifferenceWords(
  { rule, isNamed }: Pick<LeftOpen, "rule" | "isNamed">,
  observations: readonly Observation[],
  returns: NetworkReturns,
  points: boolean,
): string {
  const by = isNamed ? "by what is named" : "by the rule";
  for (const observation of observations) {
    const found = difference(rule, observation, { points, returns });
    if (found === null) continue;
    const { call } = found, problem = observation.probe.calls[call]!;
    const outcomes = [
      observation.calls[call]!,
      simulate(rule, observation.probe, returns).calls[call]!,
    ] as const;
    const [asked, given] = outcomes.map((one) => one === "throws" ? 0 : one.points.length);
    // Which questions are the chain is not told where there are too many.
    const counts = typeof found.section === "number" && asked! > given! && given! > 0;
    const section = counts ? "count" : found.section, cell = counts ? 0 : found.cells[0]!;
    const [seen, wanted] = outcomes.map((one) => numberAt(one, section, cell)) as [number, number];
    const { settings: { steps, noiseScale, deltaClip } } = problem, parts = partsOf(rule);
    const settings = [
      ...parts.has("noise scale") ? [`the noise scale ${showFloat32(noiseScale)}`] : [],
      ...parts.has("delta clip") ? [`the delta clip ${showFloat32(deltaClip)}`] : [],
    ].join(" and ");
    const where = `in a chain of ${steps} step${steps === 1 ? "" : "s"}${
      settings === "" ? "" : ` with ${settings}`
    }${call > 0 ? ", called again," : ""}`;
    const fails = outcomes[0] === "throws" && outcomes[1] !== "throws";
    if (fails || Number.isNaN(seen) && Number.isNaN(wanted)) return `${where} the sampler fails`;
    const row = Math.floor(cell / problem.axes), axis = cell % problem.axes;
    const what = typeof section === "number"
      ? section === 0
        ? `the point of the first gradient, row ${row}, axis ${axis},`
        : `the point after step ${section - 1}, row ${row}, axis ${axis},`
      : {
        count: "the number of gradients",
        final: `the returned action of row ${row}, axis ${axis}`,
        caller: `the caller's initial action of row ${row}, axis ${axis} after the call`,
        actions: "a reported action",
        outputs: "a reported output",
        norms: "a reported gradient norm",
      }[section];
    return `${where} ${what} is ${apart(seen, wanted)}, and ${apart(wanted, seen)} ${by}${
      section === "final" ? pointReturned(...outcomes) : ""
    }${ofAll(numbersIn(outcomes[0], section), numbersIn(outcomes[1], section))}`;
  }
  return "nothing that can be put in numbers differs";
}

/** All numbers of what is returned or reported, row by row; none of other sections. */
function numbersIn(outcome: CallOutcome, section: Section): readonly (readonly number[])[] {
  if (outcome === "throws") return [];
  switch (section) {
    case "final":
      return outcome.final;
    case "outputs":
      return transposed(outcome.chain.outputs ?? []);
    case "norms":
      return transposed(outcome.chain.gradNorms ?? []);
    default:
      return [];
  }
}

/** By rows what is reported by steps. */
const transposed = (steps: Rows): Rows =>
  (steps[0] ?? []).map((_, r) => steps.map((row) => row[r] ?? NaN));

/** Which point of the chain is returned in the place of the last one, if it is one of it. */
function pointReturned(seen: CallOutcome, wanted: CallOutcome): string {
  if (seen === "throws" || wanted === "throws") return "";
  const k = wanted.points.findIndex((at) =>
    at.every((row, r) => row.every((a, i) => close(seen.final[r]?.[i] ?? NaN, a)))
  );
  if (k < 0) return "";
  return k === 0 ? "; it is where the chain starts" : `; it is the point after step ${k - 1}`;
}

/** What all numbers are of those that were wanted: a multiple, or those of other rows. */
function ofAll(
  seen: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
): string {
  const ones = seen.flat(), others = wanted.flat();
  const factor = ones.find((_, j) => others[j] !== 0)! / others.find((value) => value !== 0)!;
  const isMultiple = ones.length > 1 && ones.length === others.length &&
    Math.abs(factor - 1) > 1e-3 &&
    ones.every((value, j) =>
      Math.abs(value - factor * others[j]!) <= 1e-4 * Math.abs(value) + 1e-7
    );
  if (isMultiple) return `; all of them are ${shown(factor)} times that`;
  const near = (one: readonly number[], other: readonly number[]) =>
    one.every((value, j) => close(value, other[j] ?? NaN));
  const from = seen.map((row) => wanted.findIndex((other) => near(row, other)));
  const moved = from.findIndex((other, r) => other !== r);
  const isOrder = seen.length > 1 && new Set(from).size === seen.length && !from.includes(-1);
  return isOrder && moved >= 0
    ? `; the rows are in another order: row ${moved} has what row ${from[moved]} should have`
    : "";
}

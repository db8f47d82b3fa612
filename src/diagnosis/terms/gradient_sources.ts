/**
 * Gradients that some rows, axes or steps take from elsewhere than from their own point: from the step
 * before, from a row or an axis beside.
 *
 * @module
 */

import { ruleWith } from "../../defects/change.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { type PlaceCell, splitsOf } from "../figures/figures_by_place.ts";
import { slackOf } from "../experiments/near_walls.ts";
import { forcedTerms } from "../experiments/response.ts";
import { close } from "../experiments/simulate.ts";
import { changesOf, goesWith, type Hypothesis, type Suspect, suspectsOf } from "./suspects.ts";
import type { SeenRun } from "./window_fit.ts";

/** Other gradients, as a formula and after "the gradient". */
const others = [
  ["gBefore", "is that of the step before"],
  ["0", "is not used"],
  ["gStart", "is that of the first step"],
  ["gRowBefore", "is that of the row before"],
  ["gRowNext", "is that of the next row"],
  ["gAxisBefore", "is that of the axis before"],
  ["gAxisNext", "is that of the next axis"],
] as const;

const ofThePast: ReadonlySet<string> = new Set(["gBefore", "gStart"]);

/** The most places that are told for one chain: it may not tell the last row from the fifth. */
const mostPlaces = 3;

/**
 * What a chain shows of gradients that are another one at some places and right at all others.
 *
 * @param known of the chain; a known fault of the drift may be there beside it
 */
export function gradientSources(
  run: SeenRun,
  known: Hypothesis,
  returns: NetworkReturns,
): readonly Suspect[] {
  const drifts = suspectsOf(["drift"]).filter((suspect) => goesWith(known, suspect));
  for (const beside of [known, ...drifts.map((suspect) => [...known, suspect])]) {
    const found = sourcesBeside(run, beside, returns);
    if (found.length > 0) return found;
  }
  return [];
}

function sourcesBeside(
  run: SeenRun,
  beside: Hypothesis,
  returns: NetworkReturns,
): readonly Suspect[] {
  const own = endsOf(run, beside, undefined, returns);
  return own === undefined || !isMostlyRight(run, own) ? [] : others.flatMap(([formula, words]) => {
    const other = endsOf(run, beside, formula, returns);
    const cells = other && labelled(run, own, other);
    // The first step has no step before it, unless it takes that to say where.
    const later = cells && ofThePast.has(formula) ? splitsOf([...cells, ...firstOnes(run)]) : [];
    const splits = later.length > 0 ? later : cells ? splitsOf(cells) : [];
    // The end of an axis or a chain says more than the number that it has here.
    const ended = splits.map((split) => ({
      split,
      where: split.pieces.find(({ value }) => value === 1)!.where,
    })).sort((a, b) => Number(/last/.test(b.where)) - Number(/last/.test(a.where)));
    return ended.slice(0, mostPlaces).map(({ split, where }) =>
      suspectOf(formula, words, split.formula, where)
    );
  });
}

function suspectOf(formula: string, words: string, place: string, where: string): Suspect {
  const gradient = `where(${place}, ${formula}, g)`;
  return {
    key: `measured number ${gradient}`,
    id: null,
    title: `${where[0]!.toUpperCase()}${where.slice(1)} the gradient ${words}`,
    fix: "Give each coordinate the gradient of its own row and axis at the current actions.",
    change: { gradient, gradientOfExp: `exp(-E) * ${gradient}` },
    written: (symbol) =>
      formula === "0"
        ? `(${symbol}, none ${where})`
        : `(${symbol}, ${where} ${words.replace("is ", "")})`,
  };
}

/** Whether more coordinates end where they should than elsewhere: a few steps or rows may not. */
function isMostlyRight({ problem, chain: { points } }: SeenRun, ends: Ends): boolean {
  const slack = slackOf(problem);
  const right = points.slice(1).flatMap((to, k) =>
    to.flatMap((row, r) => row.map((end, i) => close(end, ends[k]?.[r]?.[i] ?? NaN, slack)))
  );
  return right.filter(Boolean).length > right.length / 3;
}

/** Steps × rows × axes: where each step ends. */
type Ends = readonly (readonly (readonly number[])[])[];

function endsOf(
  { problem, chain }: SeenRun,
  beside: Hypothesis,
  gradient: string | undefined,
  returns: NetworkReturns,
): Ends | undefined {
  const change = gradient === undefined ? {} : { gradient };
  return forcedTerms(ruleWith(...changesOf(beside), change), problem, chain.points, returns)
    ?.map((step) => step.map((row) => row.map(({ result }) => result)));
}

/** The own gradient in every place of the first step. */
function firstOnes({ problem, chain: { points } }: SeenRun): readonly PlaceCell[] {
  const { settings: { steps }, samples, axes } = problem, rows = points[0]!.length;
  return points[0]!.flatMap((at, row) =>
    at.map((_, axis) => ({ value: 0, k: 0, row, axis, steps, rows, samples, axes }))
  );
}

/** 0 where the own gradient gives what was seen, 1 where the other one does; nothing if neither. */
function labelled(
  { problem, chain: { points } }: SeenRun,
  own: Ends,
  other: Ends,
): readonly PlaceCell[] | undefined {
  const { settings: { steps }, samples, axes } = problem, rows = points[0]!.length;
  const cells: PlaceCell[] = [], slack = slackOf(problem);
  for (const [k, to] of points.slice(1).entries()) {
    for (const [row, seen] of to.entries()) {
      for (const [axis, end] of seen.entries()) {
        const [mine, theirs] = [own[k]?.[row]?.[axis], other[k]?.[row]?.[axis]];
        if (mine === undefined || theirs === undefined) return undefined;
        const is = [close(end, mine, slack), close(end, theirs, slack)];
        if (!is[0] && !is[1]) return undefined;
        if (is[0] && is[1]) continue;
        cells.push({ value: is[1] ? 1 : 0, k, row, axis, steps, rows, samples, axes });
      }
    }
  }
  return cells;
}

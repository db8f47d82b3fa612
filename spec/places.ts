/**
 * Where among its questions each row of a batch stands before each of its steps, found by the rule.
 *
 * A sampler may ask about some rows only, about its rows in another order than the caller's, in
 * blocks that are shuffled anew at every step, or not at all about a row that rests. The next point of
 * a row is known, up to rounding or to noise that is small beside the drift, so it is looked for
 * among all points that were asked about.
 *
 * @module
 */

import { type NoiseSign, predictStep } from "./oracle.ts";
import type { Problem, Rows } from "./problem.ts";
import { sameRow } from "./trajectory.ts";

/** A row of a question. */
export interface Place {
  readonly question: number;
  readonly slot: number;
}

/** Where every row stands before every step: steps × rows. */
export type Places = readonly (readonly Place[])[];

/** A point in one slot for some questions in a row. */
interface Stand {
  readonly point: readonly number[];
  readonly slot: number;
  readonly first: number;
  last: number;
}

/** By how much of a number a decimal text may miss it that has fewer digits than a float needs. */
export const written = 1e-12;

/** How steps are told. */
export interface Telling {
  /** The sign of the draws; 1 by default. */
  readonly noiseSign?: NoiseSign;
  /** How far noise may carry step k from where the rule leads without; 0 by default. */
  readonly noise?: (k: number) => number;
  /** Set if every row stands in its own slot. */
  readonly inOrder?: boolean;
}

/**
 * Finds the places of a chain that follows the rule from its start to its end.
 *
 * @param asked the points of all questions for gradients, in their order; each about any rows
 * @returns null if a row has no such chain
 */
export function placesOf(
  problem: Problem,
  asked: readonly Rows[],
  final: Rows,
  { noiseSign = 1, noise = () => 0, inOrder = false }: Telling = {},
): Places | null {
  const stands = standsIn(asked), { steps } = problem.settings;
  const slotOf = (r: number) => inOrder ? r : undefined;
  // Points may lie so close together that each could be the next: all are followed.
  let at: readonly (readonly State[])[] = problem.initial.map((start, r) => {
    const width = written * (1 + Math.abs(start[0]!));
    const lies = (i: number, x: number) =>
      Object.is(x + 0, start[i]! + 0) ||
      Math.abs(x - start[i]!) <= written * (1 + Math.abs(start[i]!));
    return found(stands, start, lies, width, -1, slotOf(r)).slice(0, 1)
      .map((one) => ({ ...one, after: one.question, before: null }));
  });
  for (let k = 0; k < steps; k++) {
    if (at.some(({ length }) => length === 0)) return null;
    const more = noise(k), next: State[][] = at.map(() => []);
    for (let b = 0; b < Math.max(...at.map(({ length }) => length)); b++) {
      const here = at.map((states) => states[b] ?? states[0]!);
      const predicted = predictStep(problem, k, here.map(({ point }) => point), { noiseSign });
      for (const [r, before] of here.entries()) {
        if (b >= at[r]!.length) continue;
        const lies = (i: number, x: number) => {
          const { terms: { result }, tolerance } = predicted[r]![i]!;
          return Object.is(x + 0, result + 0) || Math.abs(x - result) <= tolerance + more;
        };
        if (k === steps - 1) {
          if (final[r]!.every((x, i) => lies(i, x))) next[r]!.push(before);
          continue;
        }
        const centre = predicted[r]!.map(({ terms }) => terms.result);
        const width = predicted[r]![0]!.tolerance + more;
        // A row that rests may go without a question.
        const rests = sameRow(before.point, centre);
        const stay = rests || before.point.every((x, i) => lies(i, x));
        const to = found(stands, centre, lies, width, before.after, slotOf(r));
        for (const one of to.length > 0 || !stay ? to : [before]) {
          next[r]!.push({ ...one, after: rests ? before.after : one.question, before });
        }
      }
    }
    at = next.map(fewest);
  }
  if (at.some(({ length }) => length === 0)) return null;
  const chains = at.map(([end]) => chainOf(end!));
  return Array.from({ length: steps }, (_, k) => chains.map((chain) => chain[k]!));
}

/** A row that stands at a point before a step. */
interface State extends Standing {
  /** Its next point is asked about after this question. */
  readonly after: number;
  readonly before: State | null;
}

/** How many points are followed for each row. */
const mostFollowed = 6;

/** One state for each point, the one that leaves most open. */
function fewest(states: readonly State[]): readonly State[] {
  const kept: State[] = [];
  for (const state of states.toSorted((a, b) => a.after - b.after)) {
    if (kept.length < mostFollowed && !kept.some(({ point }) => sameRow(point, state.point))) {
      kept.push(state);
    }
  }
  return kept;
}

function chainOf(end: State): readonly Place[] {
  const chain: Place[] = [];
  for (let state: State | null = end; state !== null; state = state.before) {
    chain.unshift({ question: state.question, slot: state.slot });
  }
  return chain;
}

/** All stands, by their first coordinate. */
function standsIn(asked: readonly Rows[]): readonly Stand[] {
  const stands: Stand[] = [];
  let open: Stand[] = [];
  for (const [question, points] of asked.entries()) {
    open = points.map((point, slot) => {
      const known = open[slot];
      if (known && sameRow(known.point, point)) {
        known.last = question;
        return known;
      }
      const stand = { point, slot, first: question, last: question };
      stands.push(stand);
      return stand;
    });
  }
  return stands.sort((a, b) => Math.sign(heightOf(a.point) - heightOf(b.point)) || 0);
}

/** The first coordinate; what is no number comes last. */
function heightOf([first]: readonly number[]): number {
  return Number.isNaN(first) ? Infinity : first!;
}

type Standing = Place & { readonly point: readonly number[] };

/** The stands after a question that lie at a point, the first of each point. */
function found(
  stands: readonly Stand[],
  centre: readonly number[],
  lies: (axis: number, x: number) => boolean,
  width: number,
  after: number,
  only: number | undefined,
): readonly Standing[] {
  const height = heightOf(centre);
  let low = 0, high = stands.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (heightOf(stands[middle]!.point) < height - width) low = middle + 1;
    else high = middle;
  }
  const all: Standing[] = [];
  for (let j = low; j < stands.length && !(heightOf(stands[j]!.point) > height + width); j++) {
    const { point, slot, first, last } = stands[j]!, question = Math.max(first, after + 1);
    if (last < question || only !== undefined && slot !== only) continue;
    if (point.every((x, i) => lies(i, x))) all.push({ question, slot, point });
  }
  return all.sort((a, b) => a.question - b.question);
}

/** The points of places, each a table of all rows: steps × rows × axes. */
export function pointsAt(places: Places, asked: readonly Rows[]): readonly Rows[] {
  return places.map((rows) => rows.map(({ question, slot }) => asked[question]![slot]!));
}

/**
 * What it takes of earlier calls for a call to differ from a first one: found by calling fresh samplers
 * with one difference after the other.
 *
 * @module
 */

import type { Problem, Rows } from "../spec/problem.ts";
import type { Finding } from "./finding.ts";
import { type Observer, pathPoints } from "./observer.ts";

/** One call of a sequence. */
export interface Call {
  /** Which of the prepared samplers is called. */
  readonly sampler: number;
  readonly problem: Problem;
}

/**
 * Prepares fresh samplers, and calls them one after the other: x_0 … x_N of the last call, where they
 * are seen.
 */
async function lastOf(
  observer: Observer,
  calls: readonly Call[],
  prepared: readonly Call[],
): Promise<readonly Rows[] | null> {
  const samplers = new Map<number, Awaited<ReturnType<Observer["open"]>>>();
  for (const { sampler, problem } of prepared) {
    if (!samplers.has(sampler)) samplers.set(sampler, await observer.open(problem.settings));
  }
  let points: readonly Rows[] | null = null;
  for (const { sampler, problem } of calls) {
    points = pathPoints(problem, await samplers.get(sampler)!(problem));
  }
  return points;
}

/** What two calls of one sampler may differ in. */
const aspects = ["groups", "rows", "start", "observation", "network", "noise"] as const;
type Aspect = typeof aspects[number];

/** A later call that is as an earlier one in some ways. */
function mixed(later: Problem, earlier: Problem, ways: readonly Aspect[]): Problem {
  const is = (way: Aspect) => ways.includes(way);
  const groups = is("groups") ? earlier.groups : later.groups;
  const rows = is("rows") ? earlier.initial.length : later.initial.length;
  const shape = rows % groups === 0
    ? { groups, samples: rows / groups, rows }
    : { groups: earlier.groups, samples: earlier.samples, rows: earlier.initial.length };
  const of = (way: Aspect) => resized(is(way) ? earlier : later, shape);
  return {
    ...of("groups"),
    energy: (is("network") ? earlier : later).energy,
    initial: of("start").initial,
    observations: of("observation").observations,
    noise: of("noise").noise,
  };
}

/** In which ways an earlier call differs from a later one. */
function differencesOf(earlier: Problem, later: Problem): readonly Aspect[] {
  const text = JSON.stringify(later);
  return aspects.filter((way) =>
    way === "groups"
      ? earlier.groups !== later.groups
      : way === "rows"
      ? earlier.initial.length !== later.initial.length
      : JSON.stringify(mixed(later, earlier, [way])) !== text
  );
}

/** A problem of another shape, its own rows and observations again and again. */
function resized(
  problem: Problem,
  { rows, ...shape }: {
    readonly groups: number;
    readonly samples: number;
    readonly rows: number;
  },
): Problem {
  const again = (table: Rows, count: number): Rows =>
    Array.from({ length: count }, (_, at) => table[at % table.length]!);
  const { noise, observations, initial } = problem;
  return {
    ...problem,
    ...shape,
    initial: again(initial, rows),
    observations: again(observations, shape.groups),
    noise: noise.kind === "own"
      ? noise
      : { kind: "tape", draws: noise.draws.map((draw) => again(draw, rows)) },
  };
}

/** Whether a call differs from a first one, and how, if that call is named so. */
export type Differs = (points: readonly Rows[], name: string) => Finding | null;

/**
 * The finding about a call, named by the least that must have been before.
 *
 * @param calls a sequence of which the call at the place differs from a first one of a fresh sampler
 * @param points of that call in the sequence
 */
export async function namedByWhatDecides(
  observer: Observer,
  calls: readonly Call[],
  { place, points, differs }: {
    readonly place: number;
    readonly points: readonly Rows[];
    readonly differs: Differs;
  },
): Promise<Finding | null> {
  const now = calls[place]!;
  const own = calls.slice(0, place).filter(({ sampler }) => sampler === now.sampler);
  const after = async (
    earlier: readonly Call[],
    name: string,
    prepared: readonly Call[] = [now],
  ): Promise<Finding | null> => {
    const seen = await lastOf(observer, [...earlier, now], prepared);
    return seen && differs(seen, name);
  };
  const beside = `${nthWords(own, now)} of a sampler, with another one prepared,`;
  return await after([now], "The second call") ??
    await afterOneCall(own, now, after) ??
    (own.length < 2 ? null : await after(own.map(() => now), nthWords(own.map(() => now), now))) ??
    (own.length < 2 ? null : await after(own, nthWords(own, now))) ??
    await after([], "The first call of a sampler, with another one prepared,", calls) ??
    differs(points, beside.replace(",,", ","));
}

/** A second call that differs, with the fewest differences from the one before that it takes. */
async function afterOneCall(
  own: readonly Call[],
  now: Call,
  after: (earlier: readonly Call[], name: string) => Promise<Finding | null>,
): Promise<Finding | null> {
  for (const problem of new Set(own.toReversed().map((earlier) => earlier.problem))) {
    if (problem === now.problem) continue;
    const nameOf = (ways: readonly Aspect[]) => `The second call${afterWords(problem, ways)}`;
    let ways = differencesOf(problem, now.problem);
    let found = await after([{ ...now, problem }], nameOf(ways));
    if (!found) continue;
    for (const way of ways.toReversed()) {
      const fewer = ways.filter((other) => other !== way);
      const call = { ...now, problem: mixed(now.problem, problem, fewer) };
      const still = await after([call], nameOf(fewer));
      if (still) [found, ways] = [still, fewer];
    }
    return found;
  }
  return null;
}

function nthWords(own: readonly Call[], { problem }: Call): string {
  const ordinal = ["first", "second", "third", "fourth", "fifth"][own.length] ??
    `${own.length + 1}th`;
  const last = own.at(-1)?.problem;
  return `The ${ordinal} call${last ? afterWords(last, differencesOf(last, problem)) : ""}`;
}

/** What the call before was: `, after one of 2 rows with another start,`. */
function afterWords({ groups, initial }: Problem, ways: readonly Aspect[]): string {
  if (ways.length === 0) return "";
  const counts = [
    ...ways.includes("rows") ? [counted(initial.length, "row")] : [],
    ...ways.includes("groups") ? [counted(groups, "observation")] : [],
  ].join(" and ");
  const values = ways.filter((way) => way !== "rows" && way !== "groups");
  const others = values.length < 2
    ? values.join("")
    : `${values.slice(0, -1).join(", ")} and ${values.at(-1)}`;
  return ", after one" + (counts && ` of ${counts}`) + (others && ` with another ${others}`) + ",";
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

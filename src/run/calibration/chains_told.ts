/**
 * Which questions of a sampler are its chain, row by row, where that isn't plain: it asks about some
 * rows only, about its rows in another order, or looks elsewhere now and then.
 *
 * Without noise the rule tells: there each step leads to one point. Amid noise of the sampler's own
 * any step might have led anywhere. But the way in which it asks is the same without: so its twin is
 * asked, the same problem without noise, or with so steep a slope that noise is small beside it, on
 * which all rows can be told apart; the places of its chain are taken over.
 *
 * @module
 */

import { calmSettings, problemOf } from "../../../properties/arbitraries.ts";
import { type Places, placesOf, pointsAt } from "../../../spec/places.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { partsOf, problemFor, ruleFor, stepSizesOf } from "../../../spec/rule_parts.ts";
import { isLinear, stepFactors } from "../../../spec/rule_slopes.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { filledUp } from "../../../spec/told_rows.ts";
import { plainPathOf, same, sameRow, type Trajectory } from "../../../spec/trajectory.ts";

/** A target whose questions are each about all rows in their order, where their chain can be told. */
export function withChainsTold(target: Target): Target {
  let order: Promise<Order> | undefined;
  return {
    ...target,
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return {
        async sample(problem) {
          const isFirst = order === undefined;
          let seen = await prepared.sample(problem);
          // What it asks is its own affair.
          if (target.reveals === "final-actions") return { ...seen, evaluations: [] };
          // Nor is there a chain to be told, or a first one that has got lost.
          const isLost = isWhole(problem, seen) && !seen.final.flat().every(Number.isFinite);
          if (askedIn(seen).length === 0 || isFirst && isLost) return seen;
          const found = await (order ??= orderOf(target));
          // A target in Python has shown only now that it asks about some rows in disorder.
          if (isFirst && found !== "their own") {
            seen = await (await target.prepare(settings)).sample(problem);
          }
          const given = ruleFor(target) === ruleFor(problem)
            ? problem
            : { ...problem, rule: ruleFor(target) };
          const inOrder = found === "their own";
          const whole = inOrder && isWhole(given, seen);
          if (!isAmidNoise(given)) return whole ? seen : toldExactly(given, seen);
          if (whole && plainPathOf(given, seen).kind === "known") return seen;
          if (seen.evaluations.length === 0) return seen;
          const twin = found === "one that depends on the points"
            ? "another order"
            : await twinPlaces(target, given, inOrder);
          return toldByTwin(given, seen, twin, inOrder);
        },
      };
    },
  };
}

/** In which order a target asks about the rows of a batch; one that leaves some out may have any. */
type Order = "their own" | "another" | "one that depends on the points";

/** Rows that start apart. */
const apart: Problem = problemOf({
  energy: "(a1 - 0.25)^2 + 0.5*(a2 + 0.5*o1)^2",
  settings: calmSettings(2, { steps: 3 }),
  groups: 2,
  samples: 4,
  observations: [[0.5], [-0.25]],
  initial: Array.from({ length: 8 }, (_, r) => [(5 * r % 8) / 8 - 0.5, r / 16]),
});

/** Finds it out by a call or two; whoever is compiled for each shape is believed. */
async function orderOf(target: Target): Promise<Order> {
  if (target.compiles !== undefined) return "their own";
  try {
    const seen = await slotsOn(target, apart);
    if (seen === "their own") return seen;
    const other = await slotsOn(target, { ...apart, initial: apart.initial.toReversed() });
    return seen === other ? "another" : "one that depends on the points";
  } catch (error) {
    // The clauses will show how it fails.
    if (!(error instanceof TargetFault) || error.ofProcess) throw error;
    return "their own";
  }
}

/** The slots of the rows at every step as a text, if they are not their own or can't be told. */
async function slotsOn(target: Target, given: Problem): Promise<string> {
  const suited = problemFor(target, given);
  const own = target.noise === "own" || target.unsupported.has("noise-tape");
  const problem: Problem = own ? { ...suited, noise: { kind: "own" } } : suited;
  const twin = isAmidNoise(problem) ? twinOf(problem) : { problem };
  if (twin === null) return "their own";
  const prepared = await target.prepare(twin.problem.settings);
  const seen = await prepared.sample(twin.problem), asked = askedIn(seen);
  const places = placesIn(twin, seen), { initial } = twin.problem, [first = []] = asked;
  const turned = places
    ? places.some((rows) => rows.some(({ slot }, r) => slot !== r))
    : !same(first, initial) && first.every((row) => initial.some((start) => sameRow(start, row)));
  if (!turned && isWhole(twin.problem, seen)) return "their own";
  return JSON.stringify([asked.map(({ length }) => length), places]);
}

function isAmidNoise(problem: Problem): boolean {
  const { noise, settings: { noiseScale } } = problem;
  return noise.kind === "own" &&
    !(noiseScale === 0 && partsOf(ruleFor(problem)).has("noise scale"));
}

/** Whether all questions are about all rows. */
function isWhole({ initial }: Problem, { evaluations }: Trajectory): boolean {
  return evaluations.every(({ points }) => points.length === initial.length);
}

function askedIn({ evaluations }: Trajectory): readonly Rows[] {
  return evaluations.filter(({ kind }) => kind === "gradient").map(({ points }) => points);
}

function toldExactly(problem: Problem, seen: Trajectory): Trajectory {
  const asked = askedIn(seen), places = placesIn({ problem }, seen);
  return withGradients(seen, places ? pointsAt(places, asked) : filledUp(problem, asked));
}

function toldByTwin(
  problem: Problem,
  seen: Trajectory,
  twin: Twin | "another order" | null,
  inOrder: boolean,
): Trajectory {
  const asked = askedIn(seen);
  const plain = isWhole(problem, seen) && inOrder;
  const filled = (some = asked) => plain ? seen : withGradients(seen, filledUp(problem, some));
  // What breaks the rule on the twin breaks it anyhow.
  if (twin === null || twin !== "another order" && twin.places === null) return filled();
  const sizes = (tables: readonly Rows[]) => tables.map(({ length }) => length).join();
  if (twin === "another order" || sizes(twin.asked) !== sizes(asked)) {
    // Where they end can't be told; where they start shows.
    return { ...filled(asked.slice(0, 1)), untold: true };
  }
  return withGradients(seen, pointsAt(twin.places!, asked));
}

/** The same with other questions for gradients; those for outputs, of no interest, are left out. */
function withGradients(seen: Trajectory, tables: readonly Rows[]): Trajectory {
  return { ...seen, evaluations: tables.map((points) => ({ kind: "gradient", points })) };
}

interface Twin {
  readonly asked: readonly Rows[];
  readonly places: Places | null;
}

/** What the twin of a problem shows; null if there is none. */
async function twinPlaces(
  target: Target,
  problem: Problem,
  inOrder: boolean,
): Promise<Twin | null> {
  const twin = twinOf(problem);
  if (twin === null) return null;
  const seen = await (await target.prepare(twin.problem.settings)).sample(twin.problem);
  const places = placesIn(twin, seen, inOrder && isWhole(twin.problem, seen));
  const taken = places?.flat().map(({ question, slot }) => `${question} ${slot}`) ?? [];
  const rests = twin.problem.settings.deltaClip === 0;
  return {
    asked: askedIn(seen),
    places: rests || new Set(taken).size === taken.length ? places : null,
  };
}

/** A problem whose steps can be told, and how far noise may carry them. */
interface Tellable {
  readonly problem: Problem;
  readonly noise?: (k: number) => number;
}

function placesIn(
  { problem, noise }: Tellable,
  seen: Trajectory,
  inOrder = false,
): Places | null {
  const asked = askedIn(seen);
  const signs = problem.noise.kind === "tape" ? [1, -1] as const : [1] as const;
  for (const noiseSign of signs) {
    const places = placesOf(problem, asked, seen.final, {
      noiseSign,
      inOrder,
      ...noise && { noise },
    });
    if (places !== null) return places;
  }
  return null;
}

/** How many deviations of the noise a step of a twin may be off. */
const mostDeviations = 8;
/** How many deviations of the noise a step of a twin is long, and half as many rows are apart. */
const steep = 2 ** 13;
const golden = (Math.sqrt(5) - 1) / 2;

/** The twin of a problem; null if its noise can neither be silenced nor be drowned. */
function twinOf(problem: Problem): Tellable | null {
  const { settings, axes } = problem, rule = ruleFor(problem), parts = partsOf(rule);
  if (parts.has("noise scale")) {
    const energy = energyOf(Array.from({ length: axes }, (_, i) => (i % 2 ? -0.5 : 0.5) / (1 + i)));
    return {
      problem: spread(
        problem,
        { ...settings, noiseScale: 0 },
        energy,
        (width) => Math.min(1, width),
      ),
    };
  }
  if (!isLinear(rule) || parts.has("delta clip") || parts.has("box")) return null;
  const given = { sigma: 1, T: 1, N: settings.steps, ...settings.own };
  const factors = stepSizesOf(problem).map((size, k) => stepFactors(rule, size, { ...given, k }));
  const largest = Math.max(...factors.map(({ noise }) => Math.abs(noise)));
  const slope = steep * Math.max(...factors.map(({ drift, noise }) => Math.abs(noise / drift)));
  if (!Number.isFinite(slope)) return null;
  const energy = energyOf(Array.from({ length: axes }, (_, i) => i % 2 ? -slope : slope));
  // By no share of a step, so that no row comes where another was.
  const apart = golden * steep / 2 * largest * problem.initial.length;
  return {
    problem: spread(problem, settings, energy, () => apart),
    noise: (k) => mostDeviations * Math.abs(factors[k]!.noise),
  };
}

function energyOf(slopes: readonly number[]): string {
  return slopes.map((slope, i) => `(${slope})*a${i + 1}`).join(" + ");
}

/** The same with rows that start evenly apart. */
function spread(
  problem: Problem,
  settings: Problem["settings"],
  energy: string,
  over: (width: number) => number,
): Problem {
  const { min, max } = settings.bounds, { initial } = problem, { length } = initial;
  return {
    ...problem,
    settings,
    energy,
    initial: initial.map((row, r) =>
      row.map((start, i) => {
        const width = max[i]! - min[i]!, place = ((r + 0.5) / length + 0.37 * i) % 1 - 0.5;
        const inside = Math.min(Math.max(start, min[i]! + 0.3 * width), max[i]! - 0.3 * width);
        return Math.fround(inside + place * Math.min(over(width), 0.4 * width));
      })
    ),
  };
}

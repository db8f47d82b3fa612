/**
 * Which of the points at which a sampler asked for gradients are its chain.
 *
 * A sampler may ask more often than it steps: for a log line, for a last value, at a point where it
 * only looks, for one row after another. A *reading* takes N of the questions in their order, the
 * first of them at the initial actions, and the returned actions as the last point; for each row by
 * itself, if it cannot be the same questions for all. If one reading follows the rule, the sampler
 * does. If none does, the questions that stand at the same place of every step are looked at, those
 * that are a row's turn, or those whose steps come nearest to the rule, so that a step that no
 * reading explains is told.
 *
 * @module
 */

import { agrees, type NoiseSign, type Prediction, predictStep } from "./oracle.ts";
import type { Problem, Rows } from "./problem.ts";
import { type Path, plainPathOf, same, type Trajectory } from "./trajectory.ts";
import { coordinatesErrorOf } from "./rule_parts.ts";
import { float32Unit } from "./tolerance.ts";
import { pointsByTurns, rowAlone } from "./turns.ts";

const remembered = new WeakMap<Trajectory, { readonly problem: Problem; readonly path: Path }>();

/**
 * The path x_0 … x_N of a trajectory.
 *
 * @returns the reading that follows the rule if there is one, else the plain one, else the one that
 *   comes nearest to it; unknown if there are fewer questions than steps, or if it cannot be told which
 *   of them are the chain
 */
export function pathOf(problem: Problem, trajectory: Trajectory): Path {
  const known = remembered.get(trajectory);
  if (known?.problem === problem) return known.path;
  const path = read(problem, trajectory);
  remembered.set(trajectory, { problem, path });
  return path;
}

function read(problem: Problem, trajectory: Trajectory): Path {
  if (trajectory.untold) return unknown(trajectory);
  const reading = bestReading(problem, trajectory);
  const counted = countedBy(reading, problem, trajectory);
  return counted.kind === "known" || reading.points === null
    ? counted
    : known(reading.points, trajectory);
}

/**
 * The path of a trajectory whose questions are one a step, or as many at each step, or one a step for
 * each row in its turn, or whose surplus a reading that follows the rule explains: what `steps/count`
 * asks for.
 */
export function countedPathOf(problem: Problem, trajectory: Trajectory): Path {
  if (trajectory.untold) return unknown(trajectory);
  return countedBy(bestReading(problem, trajectory), problem, trajectory);
}

/**
 * Whether points are the initial actions, up to the last digits in float32 of them and of the box:
 * a sampler may have stretched its own start to the box.
 */
export function startsAt(
  points: Rows,
  problem: Problem,
): boolean {
  const { initial, settings: { bounds: { min, max } } } = problem;
  const errorOf = coordinatesErrorOf(problem, float32Unit);
  return points.every((row, r) =>
    row.every((a, i) => {
      const wanted = initial[r]![i]!;
      const scale = Math.max(Math.abs(wanted), Math.abs(min[i]!), Math.abs(max[i]!));
      const slack = 3 * float32Unit * scale + errorOf(i, wanted);
      return Object.is(a, wanted) || Math.abs(a - wanted) <= slack;
    })
  );
}

/** Whether points are the wanted ones, as the problem's sampler rounds them. */
export function isAt(points: Rows, wanted: Rows, problem: Problem): boolean {
  if (problem.coordinates === undefined) return same(points, wanted);
  const errorOf = coordinatesErrorOf(problem, float32Unit);
  return points.length === wanted.length &&
    points.every((row, r) =>
      row.every((a, i) => agrees(a, wanted[r]![i]!, errorOf(i, wanted[r]![i]!)))
    );
}

function unknown(trajectory: Trajectory): Path {
  return { kind: "unknown", evaluations: askedIn(trajectory).length };
}

function countedBy({ points, whole }: Reading, problem: Problem, trajectory: Trajectory): Path {
  if (whole && points) return known(points, trajectory);
  const plain = plainPathOf(problem, trajectory);
  if (plain.kind === "known") return plain;
  const byTurns = pointsByTurns(problem, askedIn(trajectory), trajectory.final);
  return byTurns === null ? plain : known(byTurns, trajectory);
}

function known(points: readonly Rows[], { final }: Trajectory): Path {
  return { kind: "known", points: [...points, final] };
}

interface Reading {
  readonly points: readonly Rows[] | null;
  /** Whether it follows the rule from the start to the end. */
  readonly whole: boolean;
}

const noReading: Reading = { points: null, whole: false };

function bestReading(problem: Problem, trajectory: Trajectory): Reading {
  const asked = askedIn(trajectory);
  if (asked.length === problem.settings.steps) return noReading;
  const { noise, settings } = problem;
  return noise.kind === "tape" || settings.noiseScale === 0
    ? exactReading(problem, asked, trajectory.final)
    : possibleReading(problem, asked, trajectory.final);
}

/** A reading that follows the rule for each row by itself; null if a row has none. */
function readingByRows(
  problem: Problem,
  asked: readonly Rows[],
  final: Rows,
): readonly Rows[] | null {
  const paths: (readonly Rows[])[] = [];
  for (const [row, end] of final.entries()) {
    const stays = staysOf(asked.map((points) => [points[row]!]));
    const whole = wholeIn(searches(rowAlone(problem, row), stays, [end]));
    if (whole === null) return null;
    paths.push(pointsOf(whole, stays));
  }
  return Array.from(
    { length: problem.settings.steps },
    (_, k) => paths.map((path) => path[k]![0]!),
  );
}

function askedIn({ evaluations }: Trajectory): readonly Rows[] {
  return evaluations.filter(({ kind }) => kind === "gradient").map(({ points }) => points);
}

/** Questions in a row at one point. */
interface Stay {
  readonly points: Rows;
  readonly questions: number;
}

function staysOf(asked: readonly Rows[]): readonly Stay[] {
  const stays: Stay[] = [];
  for (const points of asked) {
    const last = stays.at(-1);
    if (last && same(last.points, points)) {
      stays[stays.length - 1] = { points, questions: last.questions + 1 };
    } else stays.push({ points, questions: 1 });
  }
  return stays;
}

/** A step is taken from a stay, from the `used`-th of its questions. */
interface State {
  readonly stay: number;
  readonly used: number;
  readonly before: State | null;
}

/** Whether step k can lead from one stay to some points. */
type Leads = (k: number, from: number, to: Rows) => boolean;

/** Where a search for a reading has come. */
interface Search {
  /** The last state of a reading that follows to the end, if there is one. */
  readonly whole: State | null;
  /** The last state of the reading that follows farthest. */
  readonly farthest: State | null;
}

/**
 * Looks for a reading by dynamic programming over steps and stays.
 *
 * @param skips whether a stay may be passed over, as a point where the sampler only looked
 */
function search(
  problem: Problem,
  stays: readonly Stay[],
  final: Rows,
  leads: Leads,
  skips: "skips" | "no skips",
): Search {
  const { steps } = problem.settings;
  const starts = stays.map((_, stay) => stay).filter((stay) =>
    isAt(stays[stay]!.points, problem.initial, problem) && (skips === "skips" || stay === 0)
  );
  let reached: readonly State[] = starts.map((stay) => ({ stay, used: 1, before: null }));
  let farthest = reached[0] ?? null;
  // With fewer questions than steps a gradient that is known may stand for another question.
  const asked = stays.reduce((sum, { questions }) => sum + questions, 0);
  const back = skips === "skips" && asked < steps ? "comes back" : "goes on";
  const place = placesOf();
  for (let k = 0; k + 1 < steps && reached.length > 0; k++) {
    const further = new Map<string, State>();
    for (const state of reached) {
      for (const next of nextOf(state, stays, skips, "rests unasked", back)) {
        const to = stays[next.stay]!.points;
        // Whoever may pass over stays can do from an earlier one all that it can from a later one.
        const key = skips === "skips" ? `${place(to)}` : `${next.stay} ${next.used}`;
        const known = further.get(key);
        if (known && !isEarlier(next, known)) continue;
        if (!leads(k, state.stay, to)) continue;
        further.set(key, next);
      }
    }
    reached = [...further.values()];
    farthest = reached[0] ?? farthest;
  }
  const ends = (state: State) =>
    (skips === "skips" || state.stay >= stays.length - 1 ||
      same(stays.at(-1)!.points, final) && state.stay === stays.length - 2) &&
    leads(steps - 1, state.stay, final);
  return { whole: reached.find(ends) ?? null, farthest };
}

function isEarlier(a: State, b: State): boolean {
  return a.stay < b.stay || (a.stay === b.stay && a.used < b.used);
}

/**
 * @param unasked whether it may rest without a question: where a chain rests its gradient is known
 * @param back whether it may come back to a point without a question, for the same reason
 */
function nextOf(
  state: State,
  stays: readonly Stay[],
  skips: "skips" | "no skips",
  unasked: "rests unasked" | "asks" = "rests unasked",
  back: "comes back" | "goes on" = "goes on",
): readonly State[] {
  const { stay, used } = state;
  const mayRest = unasked === "rests unasked" || used < stays[stay]!.questions;
  const rests = mayRest ? [{ stay, used: used + 1, before: state }] : [];
  const last = skips === "skips" ? stays.length - 1 : Math.min(stay + 1, stays.length - 1);
  const moves: State[] = [];
  for (let to = back === "comes back" ? 0 : stay + 1; to <= last; to++) {
    if (to !== stay) moves.push({ stay: to, used: 1, before: state });
  }
  return [...rests, ...moves];
}

/** The reading of a sampler whose draws are known: each step leads to one point. */
function exactReading(problem: Problem, asked: readonly Rows[], final: Rows): Reading {
  const { steps } = problem.settings;
  const stays = staysOf(asked), found = searches(problem, stays, final), whole = wholeIn(found);
  if (whole) return { points: pointsOf(whole, stays), whole: true };
  const byRows = final.length > 1 ? readingByRows(problem, asked, final) : null;
  if (byRows) return { points: byRows, whole: true };
  if (asked.length < steps) return noReading;
  const readings = found.map(({ farthest }) => farthest === null ? [] : pointsOf(farthest, stays));
  const best = readings.reduce((most, each) => each.length > most.length ? each : most);
  const points = filled(best, asked, steps) ?? nearestReading(problem, stays, final);
  return { points, whole: false };
}

/** Searches for readings that follow the rule, with either sign of the noise. */
function searches(problem: Problem, stays: readonly Stay[], final: Rows): readonly Search[] {
  const { noise, settings: { noiseScale } } = problem;
  const signs: readonly NoiseSign[] = noise.kind === "tape" && noiseScale > 0 ? [1, -1] : [1];
  return signs.map((sign) =>
    search(problem, stays, final, leadsExactly(problem, stays, sign), "skips")
  );
}

function wholeIn(found: readonly Search[]): State | null {
  return found.find(({ whole }) => whole)?.whole ?? null;
}

function leadsExactly(problem: Problem, stays: readonly Stay[], noiseSign: NoiseSign): Leads {
  const predicted = new Map<number, readonly (readonly Prediction[])[]>();
  const known = new Map<number, boolean>();
  // A chain that rests comes back to the same points again and again.
  const places = placesOf(), count = stays.length + 2;
  return (k, from, to) => {
    const start = k * count + places(stays[from]!.points), key = start * count + places(to);
    let leads = known.get(key);
    if (leads !== undefined) return leads;
    let rows = predicted.get(start);
    if (!rows) {
      predicted.set(start, rows = predictStep(problem, k, stays[from]!.points, { noiseSign }));
    }
    leads = rows.every((row, r) =>
      row.every(({ terms, tolerance }, i) => agrees(to[r]![i]!, terms.result, tolerance))
    );
    known.set(key, leads);
    return leads;
  };
}

/** A number for each table, the same for tables of the same numbers. */
function placesOf(): (points: Rows) => number {
  const bySum = new Map<number, { readonly table: Rows; readonly place: number }[]>();
  const byTable = new Map<Rows, number>();
  let places = 0;
  return (points) => {
    const known = byTable.get(points);
    if (known !== undefined) return known;
    const sum = sumOf(points), alike = bySum.get(sum) ?? [];
    const place = alike.find(({ table }) => same(table, points))?.place ?? places++;
    bySum.set(sum, [...alike, { table: points, place }]);
    byTable.set(points, place);
    return place;
  };
}

/** The same number for the same tables, and nearly always another one for others. */
function sumOf(points: Rows): number {
  let sum = 0, weight = 1;
  for (const row of points) {
    for (const value of row) sum += (weight += Math.SQRT2) * value;
  }
  return sum;
}

/** Every m-th question if there are m a step, from the first that is asked at the start on. */
function filled(
  points: readonly Rows[],
  asked: readonly Rows[],
  steps: number,
): readonly Rows[] | null {
  const often = asked.length / steps;
  const offset = points.length === 0 ? -1 : asked.findIndex((at) => same(at, points[0]!));
  if (!Number.isInteger(often) || offset < 0 || offset >= often) return null;
  return asked.filter((_, index) => index % often === offset);
}

/** Stays in a row that a reading passes over at most where no reading follows the rule. */
const mostPassed = 3;

/** The reading whose steps come nearest to the rule, by dynamic programming; null if there is none. */
function nearestReading(
  problem: Problem,
  stays: readonly Stay[],
  final: Rows,
): readonly Rows[] | null {
  type Priced = State & { readonly cost: number };
  const { steps } = problem.settings;
  let reached: readonly Priced[] = stays.flatMap(({ points }, stay) =>
    stay <= mostPassed && isAt(points, problem.initial, problem)
      ? [{ stay, used: 1, before: null, cost: 0 }]
      : []
  );
  for (let k = 0; k < steps && reached.length > 0; k++) {
    const further = new Map<string, Priced>();
    for (const state of reached) {
      const predicted = predictStep(problem, k, stays[state.stay]!.points);
      const priced = (next: State, to: Rows): Priced => ({
        ...next,
        before: state,
        cost: state.cost + distance(predicted, to),
      });
      const last = k === steps - 1;
      const nexts = last
        ? [priced(state, final)]
        : nextOf(state, stays, "skips", "asks").filter(({ stay }) =>
          stay - state.stay <= mostPassed + 1
        )
          .map((next) => priced(next, stays[next.stay]!.points));
      for (const next of nexts) {
        const key = last ? "end" : `${next.stay} ${next.used}`;
        if (!((further.get(key)?.cost ?? Infinity) <= next.cost)) further.set(key, next);
      }
    }
    reached = [...further.values()];
  }
  const [end] = reached;
  return end?.before ? pointsOf(end.before, stays) : null;
}

/** How far points are from where a step should lead: at most 1 for each coordinate. */
function distance(predicted: readonly (readonly Prediction[])[], to: Rows): number {
  let sum = 0;
  predicted.forEach((row, r) =>
    row.forEach(({ terms: { result }, tolerance }, i) => {
      const apart = Math.abs(to[r]![i]! - result);
      sum += apart <= tolerance ? 0 : apart < Infinity ? apart / (apart + 2 ** -6) : 1;
    })
  );
  return sum;
}

/**
 * The reading of a sampler with noise of its own: no question is passed over, unless there are m of
 * them at every step, the same of which are the chain.
 */
function possibleReading(problem: Problem, asked: readonly Rows[], final: Rows): Reading {
  const { steps } = problem.settings;
  const stays = staysOf(asked);
  const { whole: end } = search(
    problem,
    stays,
    final,
    (k, from, to) => isPossible(problem, k, stays[from]!.points, to),
    "no skips",
  );
  if (end) return { points: pointsOf(end, stays), whole: true };
  const often = asked.length / steps;
  if (!Number.isInteger(often)) return noReading;
  const offset = asked.slice(0, often).findIndex((at) => isAt(at, problem.initial, problem));
  if (offset < 0) return noReading;
  const points = asked.filter((_, index) => index % often === offset);
  const whole = points.every((from, k) => isPossible(problem, k, from, points[k + 1] ?? final));
  return { points, whole };
}

/**
 * Whether a step with unknown noise can lead from one point to another: within the limit and the
 * bounds, and at rest only on a wall or where the limit is zero, since a continuous draw never gives
 * exactly no step.
 */
function isPossible(problem: Problem, k: number, from: Rows, to: Rows): boolean {
  const { min, max } = problem.settings.bounds;
  return predictStep(problem, k, from).every((row, r) =>
    row.every(({ terms: { limit }, tolerance }, i) => {
      const a = from[r]![i]!, b = to[r]![i]!;
      const inside = b >= min[i]! - tolerance && b <= max[i]! + tolerance;
      const outsideStart = a < min[i]! || a > max[i]!;
      if (b === a) return limit <= tolerance || a <= min[i]! || a >= max[i]!;
      return inside && (outsideStart || Math.abs(b - a) <= limit + tolerance);
    })
  );
}

function pointsOf(last: State, stays: readonly Stay[]): readonly Rows[] {
  const points: Rows[] = [];
  for (let state: State | null = last; state !== null; state = state.before) {
    points.unshift(stays[state.stay]!.points);
  }
  return points;
}

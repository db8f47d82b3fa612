/**
 * Drift, noise and step sizes, each fitted by itself where nothing limits a step.
 *
 * There a step is a function of drift, noise and step size alone. The drift of every cell is what a
 * candidate makes of the gradients where the sampler really was; the noise what one makes of the
 * draws. So candidates for the drift, for the noise, for the schedule and for how they are put
 * together are tried apart from one another, and those that give every step of every setting are
 * kept.
 *
 * @module
 */

import { compileRule, slots } from "../../../spec/compiled_rule.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { same } from "../../../spec/trajectory.ts";
import { type FormCell, shapeOf } from "../figures/forms.ts";
import { ruleOf, ruleWith } from "../../defects/change.ts";
import { forcedTerms, type SeenChain, sizesOfRule } from "../experiments/response.ts";
import {
  changesOf,
  halfTerms,
  type Hypothesis,
  keptDrawSuspects,
  otherObservations,
  rangeFactors,
  setsOf,
  type Suspect,
  suspectsOf,
} from "./suspects.ts";

/** A chain that was seen in a window. */
export interface SeenRun {
  readonly problem: Problem;
  readonly chain: SeenChain;
}

/** What a candidate makes of a term in one step, and of the other term: rows × axes. */
interface Field {
  /** Not a number where the step ends at a wall: there it tells nothing. */
  readonly own: Rows;
  /** Absent where the other term is zero, as it should be in a window for one of them. */
  readonly other: Rows | undefined;
}

/** What was seen in one window. */
export interface SeenWindow {
  readonly name: string;
  /** Absent where it could not be seen. */
  readonly drift?: SeenRun;
  /** Absent where it could not be seen, or where the sampler draws for itself. */
  readonly noise?: SeenRun;
}

/** One term of the two. */
export type Source = "drift" | "noise";

/** A candidate with the factor that it needs: 1 if it is right as it is. */
export interface Match {
  readonly hypothesis: Hypothesis;
  readonly factor: number;
}

/** Which step size formula and which way to put the step together are tried. */
export interface Frame {
  readonly schedule: Suspect | null;
  readonly step: Suspect | null;
  /** A known schedule that `schedule` holds and bends. */
  readonly beneath?: Suspect;
}

/** Known defects of the polynomial step sizes. */
export const scheduleSuspects: readonly Suspect[] = suspectsOf(
  ["polynomial", "polynomialFirst", "stepSizes"],
  ["singleStep", "exponential"],
);
const stepSuspects = suspectsOf(["step"]);
const suspectsFor: Readonly<Record<Source, readonly Suspect[]>> = {
  drift: [
    ...suspectsOf(["gradient", "drift", "observations"], ["gradientOfExp", "reportedOutputs"]),
    ...otherObservations,
    ...rangeFactors,
  ],
  noise: [
    ...suspectsOf(["noise", "noiseLaw", "noiseSharing"]),
    ...keptDrawSuspects,
    ...halfTerms.filter(({ change }) => change.drawPrecision !== undefined),
  ],
};

/** Every frame, those with the fewest suspects first. */
export function framesWith(extra: readonly Suspect[] = []): readonly Frame[] {
  const schedules = [null, ...scheduleSuspects, ...extra];
  return schedules.flatMap((schedule) =>
    [null, ...stepSuspects].map((step) => ({ schedule, step }))
  ).sort((a, b) => sizeOf(a) - sizeOf(b));
}

function sizeOf({ schedule, step }: Frame): number {
  return Number(schedule !== null) + Number(step !== null);
}

/** Coefficients of a term, window by window and step by step. */
export type Coefficients = readonly {
  readonly window: number;
  readonly values: readonly number[];
  /** How far each may be off, because actions are single floats. */
  readonly errors: readonly number[];
}[];

/** The suspects of a frame. */
export function suspectsIn({ beneath, schedule, step }: Frame): Hypothesis {
  return [beneath ?? null, schedule, step].filter((suspect) => suspect !== null);
}

/** Tries candidates on what was seen in the windows. */
export class WindowFit {
  readonly #fields = new Map<string, readonly Field[] | undefined>();
  readonly #values = new Map<string, readonly number[] | undefined>();
  readonly #steps = new Map<string, readonly number[]>();
  readonly #puts = new Map<string, ReturnType<typeof stepOf>>();
  readonly #runs = new Map<Source, readonly CountedRun[]>();
  readonly #candidates = new Map<string, readonly Hypothesis[]>();
  readonly #exact = new Map<string, Map<Hypothesis, boolean>>();
  /** Terms that known defects give in some frame. */
  readonly matched = new Set<Source>();

  /**
   * @param seen the windows
   * @param base what is known to be wrong beside: the number of steps, the number format
   * @param returns what the target's network returns
   * @param how how far numbers may be off that are rounded coarsely; whether what was returned is
   *   the last point; whether a single step of each window is seen; other schedules to try
   */
  constructor(
    readonly seen: readonly SeenWindow[],
    readonly base: Hypothesis,
    readonly returns: NetworkReturns,
    readonly how: {
      readonly coarse: number;
      readonly lastCounts: boolean;
      readonly single: boolean;
      readonly schedules?: readonly Suspect[];
    },
  ) {}

  /**
   * Candidates of a size for a term. Those that only scale it are tried beside those that bend it so
   * that movements are multiples of what comes out.
   */
  candidates(source: Source, size: number): readonly Hypothesis[] {
    const key = `${source} ${size}`;
    let found = this.#candidates.get(key);
    if (!found) this.#candidates.set(key, found = this.#candidatesOf(source, size));
    return found;
  }

  #candidatesOf(source: Source, size: number): readonly Hypothesis[] {
    const all = suspectsFor[source];
    if (size === 1) return setsOf(all, size, this.base);
    const scaling = all.filter((suspect) => this.#scales(source, suspect));
    const bending = all.filter((suspect) => !scaling.includes(suspect));
    return Array.from({ length: size + 1 }, (_, bent) => bent).flatMap((bent) =>
      setsOf(bending, bent, this.base).filter((set) => this.hasShape(source, set)).flatMap((set) =>
        setsOf(scaling, size - bent, [...this.base, ...set]).map((more) => [...set, ...more])
      )
    );
  }

  /** Whether a suspect makes a term a multiple of what it should be, in every step by itself. */
  #scales(source: Source, suspect: Suspect): boolean {
    const [first] = this.runs(source);
    const plain = first && this.#field(source, [], first.window);
    const other = first && this.#field(source, [suspect], first.window);
    return plain !== undefined && other !== undefined && other.every(({ own }, k) => {
      const of = told(plain[k]?.own ?? []), by = told(own);
      const power = of.reduce((sum, v) => sum + v * v, 0);
      const product = by.reduce((sum, v, at) => sum + v * (of[at] ?? 0), 0);
      const factor = power > 0 ? product / power : 0;
      return by.every((v, at) => Math.abs(v - factor * of[at]!) <= 1e-9 * (1 + Math.abs(v)));
    });
  }

  /** Whether a term was seen at all. */
  sees(source: Source): boolean {
    return this.seen.some((window) => window[source] !== undefined);
  }

  /** The chains of a term, with the number of steps that count. */
  runs(source: Source): readonly CountedRun[] {
    let runs = this.#runs.get(source);
    if (!runs) this.#runs.set(source, runs = this.#counted(source));
    return runs;
  }

  #counted(source: Source): readonly CountedRun[] {
    return this.seen.flatMap((seen, window) => {
      const run = seen[source];
      if (run === undefined) return [];
      const all = run.chain.points.length - 1;
      const steps = run.chain.sure || this.how.lastCounts ? all : all - 1;
      return steps > 0 ? [{ ...run, window, steps }] : [];
    });
  }

  /** Whether neither gradients nor draws move anything in any window. */
  standsStill(): boolean {
    return !this.moves("drift") && !this.moves("noise");
  }

  /** Whether a term moves anything in any window. */
  moves(source: Source): boolean {
    return this.runs(source).some(({ chain: { points } }) =>
      points.some((at) => !same(at, points[0]!))
    );
  }

  /** The step sizes that a schedule gives in a window. */
  sizes(schedule: Suspect | null, window: number): readonly number[] {
    const key = `${schedule?.key} ${window}`;
    let sizes = this.#steps.get(key);
    if (sizes === undefined) this.#steps.set(key, sizes = this.#sizes(schedule, window));
    return sizes;
  }

  #sizes(schedule: Suspect | null, window: number): readonly number[] {
    const suspects = schedule === null ? this.base : [...this.base, schedule];
    const rule = ruleWith(...changesOf(suspects));
    return sizesOfRule(rule, problemOf(this.seen[window]!), this.returns);
  }

  /** Sets the step sizes of a schedule that was measured. */
  setSizes(key: string, window: number, sizes: readonly number[]): void {
    this.#steps.set(`${key} ${window}`, sizes);
  }

  /** Whether all movements of the first window are multiples of what a candidate gives. */
  hasShape(source: Source, hypothesis: Hypothesis): boolean {
    const [first] = this.runs(source);
    if (first === undefined) return false;
    const found = this.#valuesOf(source, hypothesis, first);
    // What does not move is a multiple of everything: that tells nothing but that it is zero.
    const moves = found?.some((value) => value !== 0);
    return found !== undefined &&
      (moves || hypothesis.length === 0 || this.#isZero(source, hypothesis));
  }

  #isZero(source: Source, hypothesis: Hypothesis): boolean {
    const [first] = this.runs(source);
    const fields = first && this.#field(source, hypothesis, first.window);
    return fields?.every(({ own }) => told(own).every((term) => term === 0)) ?? false;
  }

  /**
   * The coefficient of a term in every step of every window, if it is one number in every row and
   * axis.
   *
   * @param windows of so many windows, from the first on
   * @returns one list per window that was seen; nothing if the movements are no multiples of the term
   */
  coefficients(
    source: Source,
    hypothesis: Hypothesis,
    windows = Infinity,
  ): Coefficients | undefined {
    const found: Coefficients[number][] = [], { coarse } = this.how;
    for (const run of this.runs(source).slice(0, windows)) {
      const { window, chain: { points } } = run;
      const values = this.#valuesOf(source, hypothesis, run);
      if (values === undefined) return undefined;
      const fields = this.#field(source, hypothesis, window)!;
      let errors: readonly number[] | undefined;
      found.push({
        window,
        values,
        // They are seldom asked for.
        get errors() {
          return errors ??= values.map((_, k) => errorOf(points[k]!, fields[k]!.own, coarse));
        },
      });
    }
    return found.length === 0 ? undefined : found;
  }

  /** The settings and the shape of a window, where a term is seen. */
  given(window: number, source: Source): Pick<FormCell, "settings" | "shape"> {
    const { drift, noise, [source]: own } = this.seen[window]!;
    const { problem } = (own ?? noise ?? drift)!;
    return { settings: problem.settings, shape: shapeOf(problem) };
  }

  /** Every movement in what the plain term asks for, cell by cell, where that term moves anything. */
  cells(source: Source): readonly FormCell[] {
    return this.runs(source).flatMap(({ window, steps, chain: { points } }) => {
      const fields = this.#field(source, [], window) ?? [], sizes = this.sizes(null, window);
      const size = Math.max(...points[0]!.flat().map(Math.abs), 0.5);
      return fields.slice(0, steps).flatMap(({ own }, k) =>
        own.flatMap((row, r) =>
          row.flatMap((term, i): FormCell[] => {
            const wanted = term * sizes[k]!;
            if (!(Math.abs(wanted) > 1e-9)) return [];
            const moved = points[k]![r]![i]! - points[k + 1]![r]![i]!;
            const error = (1.2e-7 * size + this.how.coarse) / Math.abs(wanted);
            return [{
              value: moved / wanted,
              error,
              k,
              row: r,
              axis: i,
              ...this.given(window, source),
            }];
          })
        )
      );
    });
  }

  /** The coefficients of a term in a chain, if its movements are multiples of it. */
  #valuesOf(
    source: Source,
    hypothesis: Hypothesis,
    { window, steps, chain: { points } }: CountedRun,
  ): readonly number[] | undefined {
    const key = keyOf(source, window, hypothesis);
    if (this.#values.has(key)) return this.#values.get(key);
    const valueAt = (field: Field | undefined, k: number) => {
      // Where every coordinate ends at a wall, nothing is told.
      if (field === undefined || !tells(field.own)) return undefined;
      const [value, beside] = leastSquares(points, k, field);
      const fits = this.#fits(points, k, field, (own, other) => value * own + beside * other);
      return fits ? value : undefined;
    };
    // The first step refutes most candidates.
    let values: number[] | undefined;
    if (valueAt(this.#field(source, hypothesis, window, 1)?.[0], 0) !== undefined) {
      const fields = this.#field(source, hypothesis, window) ?? [];
      values = [];
      for (let k = 0; k < steps; k++) {
        const value = valueAt(fields[k], k);
        if (value === undefined) {
          values = undefined;
          break;
        }
        values.push(value);
      }
    }
    this.#values.set(key, values);
    return values;
  }

  /** Those candidates that give every movement as they are. */
  exact(source: Source, frame: Frame, candidates: readonly Hypothesis[]): readonly Hypothesis[] {
    const key = `${source} ${frame.schedule?.key} ${frame.step?.key}`;
    let known = this.#exact.get(key);
    if (!known) this.#exact.set(key, known = new Map());
    return candidates.filter((hypothesis) => {
      let isExact = known.get(hypothesis);
      if (isExact === undefined) {
        isExact = this.match(source, frame, hypothesis, false) !== null;
        known.set(hypothesis, isExact);
      }
      return isExact;
    });
  }

  /**
   * Whether a candidate gives every movement.
   *
   * @param free whether it may do so times a factor
   * @returns the candidate with its factor
   */
  match(source: Source, frame: Frame, hypothesis: Hypothesis, free: boolean): Match | null {
    const put = this.#put(frame.step, source);
    // Figures of a table are as good as the movements that they were read off.
    const slack = frame.schedule?.key.startsWith("measured table") ? 8 : 1;
    let factor = free ? undefined : 1;
    for (const { problem, chain: { points }, window, steps } of this.runs(source)) {
      const sizes = this.sizes(frame.schedule, window);
      const fields = sizes.length < steps ? undefined : this.#field(source, hypothesis, window);
      if (fields === undefined || fields.length < steps) return null;
      for (let k = 0; k < steps; k++) {
        const give = put(problem, k, sizes[k]!);
        factor ??= factorOf(points, k, fields[k]!, give);
        if (factor === undefined) return null;
        const times = factor;
        const beside = besideOf(points, k, fields[k]!, (own, o) => give(times * own, o));
        if (!this.#fits(points, k, fields[k]!, (own, o) => give(times * own, beside * o), slack)) {
          return null;
        }
      }
    }
    return factor === undefined ? null : { hypothesis, factor };
  }

  #put(step: Suspect | null, source: Source): ReturnType<typeof stepOf> {
    const key = `${source} ${step?.key}`;
    let put = this.#puts.get(key);
    if (!put) this.#puts.set(key, put = stepOf(step, source));
    return put;
  }

  /** What a candidate makes of a term in every step of a window, or in the first so many. */
  #field(
    source: Source,
    hypothesis: Hypothesis,
    window: number,
    most = Infinity,
  ): readonly Field[] | undefined {
    const key = keyOf(source, window, hypothesis);
    if (this.#fields.has(key)) return this.#fields.get(key);
    const { problem, chain } = this.seen[window]![source]!;
    const rule = ruleWith(...changesOf([...this.base, ...hypothesis]));
    const terms = forcedTerms(rule, problem, chain.points.slice(0, most + 1), this.returns);
    const beside = source === "drift" ? "noise" : "drift";
    const fields = terms?.map((step, k): Field => {
      const { bounds: { min, max } } = problem.settings, to = chain.points[k + 1]!;
      const walled = (r: number, i: number) => to[r]![i] === min[i] || to[r]![i] === max[i];
      const other = step.map((row) => row.map((cell) => cell[beside]));
      return {
        own: step.map((row, r) => row.map((cell, i) => walled(r, i) ? NaN : cell[source])),
        other: other.every((row) => row.every((value) => value === 0)) ? undefined : other,
      };
    });
    if (most === Infinity) this.#fields.set(key, fields);
    return fields;
  }

  #fits(
    points: readonly Rows[],
    k: number,
    { own, other }: Field,
    give: (own: number, other: number) => number,
    slack = 1,
  ): boolean {
    const from = points[k]!, to = points[k + 1]!;
    return own.every((row, r) =>
      row.every((term, i) => {
        if (Number.isNaN(term)) return true;
        const at = from[r]![i]!, moved = at - to[r]![i]!;
        const off = Math.abs(moved - give(term, other?.[r]?.[i] ?? 0));
        return off <=
          slack * ((3e-7 + this.how.coarse) * (1 + Math.abs(at)) + 3e-5 * Math.abs(moved));
      })
    );
  }
}

const keys = new WeakMap<Hypothesis, string>();

function keyOf(source: Source, window: number, hypothesis: Hypothesis): string {
  let key = keys.get(hypothesis);
  if (key === undefined) keys.set(hypothesis, key = hypothesis.map(({ key }) => key).join(" "));
  return `${source} ${window} ${key}`;
}

/** A chain, and how many of its steps count. */
interface CountedRun extends SeenRun {
  readonly window: number;
  readonly steps: number;
}

/** The problem of a window: of its drift, where that was seen. */
export function problemOf({ drift, noise }: SeenWindow): Problem {
  return (drift ?? noise)!.problem;
}

/** The settings of a window. */
export function settingsOf(seen: SeenWindow): Settings {
  return problemOf(seen).settings;
}

/** Whether a coordinate does not end at a wall. */
const tells = (field: Rows) => field.some((row) => row.some((value) => !Number.isNaN(value)));

/** What a field tells of the coordinates that do not end at a wall. */
const told = (field: Rows) => field.flat().filter((value) => !Number.isNaN(value));

function errorOf(from: Rows, field: Rows, coarse: number): number {
  const power = told(field).reduce((sum, v) => sum + v * v, 0);
  const size = Math.max(...from.flat().map(Math.abs), 0.5);
  return (1.2e-7 * size + coarse) / Math.sqrt(power || 1);
}

/** The factor that takes what a candidate gives to what was seen, if there is something to take. */
function factorOf(
  points: readonly Rows[],
  k: number,
  { own, other }: Field,
  give: (own: number, other: number) => number,
): number | undefined {
  const zero = (rows: Rows) => rows.map((row) => row.map(() => 0));
  const given = own.map((row, r) =>
    row.map((term, i) => give(term, other?.[r]?.[i] ?? 0) - give(0, other?.[r]?.[i] ?? 0))
  );
  const rest = (other ?? zero(own)).map((row) => row.map((term) => give(0, term)));
  const [factor] = leastSquares(points, k, { own: given, other: rest });
  return factor === 0 ? undefined : factor;
}

/** How many times the other term is there: its own faults say nothing of this one. */
function besideOf(
  points: readonly Rows[],
  k: number,
  { own, other }: Field,
  give: (own: number, other: number) => number,
): number {
  if (other === undefined) return 1;
  const rest = other.map((row) => row.map((term) => give(0, term)));
  const to = points[k + 1]!.map((row, r) =>
    row.map((v, i) => v + (Number.isNaN(own[r]![i]!) ? 0 : give(own[r]![i]!, 0)))
  );
  const told = rest.map((row, r) => row.map((v, i) => Number.isNaN(own[r]![i]!) ? NaN : v));
  const [times] = leastSquares([points[k]!, to], 0, { own: told, other: undefined });
  return times;
}

/** Coefficients of the own term and of the other one; 0 for a term that is zero everywhere. */
function leastSquares(
  points: readonly Rows[],
  k: number,
  { own, other }: Field,
): readonly [number, number] {
  let aa = 0, ab = 0, bb = 0, ay = 0, by = 0;
  own.forEach((row, r) =>
    row.forEach((a, i) => {
      if (Number.isNaN(a)) return;
      const b = other?.[r]?.[i] ?? 0, y = points[k]![r]![i]! - points[k + 1]![r]![i]!;
      aa += a * a;
      ab += a * b;
      bb += b * b;
      ay += a * y;
      by += b * y;
    })
  );
  const finite = (value: number) => Number.isFinite(value) ? value : 0;
  const determinant = aa * bb - ab * ab;
  if (bb > 0 && determinant > 1e-9 * aa * bb) {
    return [finite((ay * bb - by * ab) / determinant), finite((by * aa - ay * ab) / determinant)];
  }
  return aa > 0 ? [finite(ay / aa), 0] : [0, bb > 0 ? finite(by / bb) : 0];
}

/** The step before its delta clip, from a term and the other one. */
type PutTogether = (own: number, other: number) => number;

const official = ruleWith();

/** How a term and the other one are put together to a step. */
function stepOf(suspect: Suspect | null, source: Source) {
  const rule = suspect === null ? official : ruleOf(suspect);
  const { step } = compileRule(rule), s = slots({}, rule);
  let of: Problem | undefined;
  return (problem: Problem, k: number, eta: number): PutTogether => {
    if (of !== problem) {
      const { schedule: { kind: _, ...schedule }, noiseScale, deltaClip, steps } = problem.settings;
      const given = { ...schedule, N: steps, sigma: noiseScale, c: deltaClip, ...shapeOf(problem) };
      for (const [symbol, value] of Object.entries(given)) s.setOwn(symbol, value);
      of = problem;
    }
    s.k = k;
    s.eta = eta;
    return (own, other) => {
      s.drift = source === "drift" ? own : other;
      s.noise = source === "drift" ? other : own;
      return step(s);
    };
  };
}

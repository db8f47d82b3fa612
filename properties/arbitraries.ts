/**
 * Problems for the checks, built from scaled integers: every number is a short binary fraction, so
 * that float32 targets start from exactly the same values and shrinking leads to simple numbers.
 *
 * @module
 */

import * as fc from "fast-check";
import {
  officialDefaults,
  type Problem,
  type Rows,
  type Schedule,
  type Settings,
} from "../spec/problem.ts";
import { normalDraws } from "../spec/numerics/random.ts";

/** Multiples of 1/denominator from min to max. */
export function fraction(min: number, max: number, denominator = 64): fc.Arbitrary<number> {
  const low = Math.ceil(min * denominator), high = Math.floor(max * denominator);
  return fc.integer({ min: low, max: high }).map((n) => n / denominator);
}

/** A fraction with either sign, its size between min and max. */
export function signed(min: number, max: number, denominator = 64): fc.Arbitrary<number> {
  return fc.tuple(fraction(min, max, denominator), fc.boolean()).map(([size, negative]) =>
    negative ? -size : size
  );
}

/** Tables of fractions. */
export function table(
  rows: number,
  columns: number,
  value: fc.Arbitrary<number>,
): fc.Arbitrary<number[][]> {
  const row = fc.array(value, { minLength: columns, maxLength: columns });
  return fc.array(row, { minLength: rows, maxLength: rows });
}

/** A vector of fractions. */
export function vector(length: number, value: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.array(value, { minLength: length, maxLength: length });
}

/** A noise tape of standard normal draws. */
export function normalTape(seed: number, steps: number, rows: number, axes: number): Rows[] {
  const draw = normalDraws(seed);
  return Array.from(
    { length: steps },
    () => Array.from({ length: rows }, () => Array.from({ length: axes }, draw)),
  );
}

/** The seed of a tape. */
export const tapeSeed: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** A tape with the same draw everywhere. */
export function constantTape(value: number, steps: number, rows: number, axes: number): Rows[] {
  return Array.from(
    { length: steps },
    () => Array.from({ length: rows }, () => new Array<number>(axes).fill(value)),
  );
}

/** A float as a plain decimal that parses back to it. */
export function decimal(value: number): string {
  return value < 0 ? `(-${decimal(-value)})` : String(value);
}

/** Terms with their signs, as one writes them: `0.5*a1 - 0.25*a2`. */
function sumOf(terms: readonly { readonly factor: number; readonly of: string }[]): string {
  return terms.map(({ factor, of }, i) => {
    const sign = factor < 0 ? (i === 0 ? "-" : " - ") : (i === 0 ? "" : " + ");
    return `${sign}${Math.abs(factor)}*${of}`;
  }).join("");
}

/** E = Σ slope_i · a_i. */
export function linearEnergy(slopes: readonly number[]): string {
  return sumOf(slopes.map((factor, i) => ({ factor, of: `a${i + 1}` })));
}

/** E = Σ curvature_i / 2 · (a_i - centre_i)². */
export function quadraticEnergy(
  curvatures: readonly number[],
  centres: readonly number[],
): string {
  return sumOf(curvatures.map((h, i) => {
    const centre = centres[i]!;
    const from = centre === 0
      ? `a${i + 1}`
      : `(a${i + 1} ${centre < 0 ? "+" : "-"} ${Math.abs(centre)})`;
    return { factor: h / 2, of: `${from}^2` };
  }));
}

/**
 * Box that is far away, and does not lie about zero: neither the delta clip nor the bounds act,
 * even if they are taken from a single bound or from the middle of the box.
 */
export function calmSettings(axes: number, overrides: Partial<Settings> = {}): Settings {
  return {
    ...officialDefaults,
    bounds: { min: new Array<number>(axes).fill(-48), max: new Array<number>(axes).fill(80) },
    steps: 1,
    schedule: constantSchedule(0.25),
    noiseScale: 0,
    deltaClip: 8,
    ...overrides,
  };
}

/** A polynomial schedule whose final step size is its first one. */
export function constantSchedule(stepSize: number): Schedule {
  return { kind: "polynomial", init: stepSize, final: stepSize, power: 2 };
}

/** Fills in what a problem does not say. */
export function problemOf(
  given: Partial<Omit<Problem, "settings">> & {
    readonly energy: string;
    readonly settings: Settings;
    readonly initial: Rows;
  },
): Problem {
  const axes = given.settings.bounds.min.length;
  const groups = given.groups ?? 1;
  return {
    groups,
    samples: given.samples ?? given.initial.length / groups,
    axes,
    observations: given.observations ?? Array.from({ length: groups }, () => []),
    noise: given.noise ?? {
      kind: "tape",
      draws: constantTape(0, given.settings.steps, given.initial.length, axes),
    },
    seed: given.seed ?? 1,
    energy: given.energy,
    settings: given.settings,
    initial: given.initial,
  };
}

/** Groups × samples, and axes. */
export interface Shape {
  readonly groups: number;
  readonly samples: number;
  readonly axes: number;
}

/** Shapes from one row of one axis to many rows of several axes. */
export const shapes: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ groups: 1, samples: 1, axes: 1 }) },
  {
    weight: 5,
    arbitrary: fc.record({
      groups: fc.integer({ min: 1, max: 3 }),
      samples: fc.integer({ min: 1, max: 4 }),
      axes: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      groups: fc.integer({ min: 2, max: 4 }),
      samples: fc.integer({ min: 4, max: 16 }),
      axes: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** An energy with what is known about its curvature on the whole space. */
export interface KnownEnergy {
  readonly text: string;
  /** L: the gradient is L-Lipschitz. */
  readonly smoothness: number;
  /** μ ≥ 0: strongly convex; 0: convex; negative: not convex. */
  readonly convexity: number;
}

/** Convex energies with a known smoothness. */
export function convexEnergies(axes: number): fc.Arbitrary<KnownEnergy> {
  const curvature = fraction(0.25, 8, 4);
  const quadratic = fc.tuple(vector(axes, curvature), vector(axes, fraction(-1, 1, 16))).map(
    ([curvatures, centres]): KnownEnergy => ({
      text: quadraticEnergy(curvatures, centres),
      smoothness: Math.max(...curvatures),
      convexity: Math.min(...curvatures),
    }),
  );
  const logcosh = fc.tuple(fraction(0.5, 4, 4), vector(axes, fraction(-1, 1, 16))).map(
    ([steepness, centres]): KnownEnergy => ({
      text: centres.map((m, i) => `log(cosh(${decimal(steepness)}*(a${i + 1} - ${decimal(m)})))`)
        .join(" + "),
      smoothness: steepness ** 2,
      convexity: 0,
    }),
  );
  const softplus = fc.tuple(vector(axes, signed(0.25, 3, 4)), fraction(0.25, 2, 4)).map(
    ([slopes, curvature]): KnownEnergy => ({
      text: `log(1 + exp(${linearEnergy(slopes)})) + ${
        quadraticEnergy(slopes.map(() => curvature), slopes.map(() => 0))
      }`,
      smoothness: curvature + slopes.reduce((sum, s) => sum + s * s, 0) / 4,
      convexity: curvature,
    }),
  );
  return fc.oneof(
    { weight: 3, arbitrary: quadratic },
    { weight: 2, arbitrary: logcosh },
    { weight: 1, arbitrary: softplus },
  );
}

/** Energies of every kind: linear, convex, rugged, coupled, depending on the observation. */
export function anyEnergies(axes: number, features: number): fc.Arbitrary<string> {
  const observed = features > 0
    ? [
      fc.tuple(vector(axes, fraction(0.5, 8, 4)), vector(axes, fraction(-1, 1, 8))).map(
        ([curvatures, weights]) =>
          curvatures.map((h, i) =>
            `${decimal(h / 2)}*(a${i + 1} - ${decimal(weights[i]!)}*o${1 + i % features})^2`
          ).join(" + "),
      ),
    ]
    : [];
  const rugged = fc.tuple(fraction(0.125, 1, 8), fraction(1, 8, 1)).map(([size, rate]) =>
    Array.from(
      { length: axes },
      (_, i) => `${decimal(size)}*cos(${decimal(rate)}*a${i + 1}) + 0.25*a${i + 1}^2`,
    ).join(" + ")
  );
  const network = fc.tuple(vector(axes, signed(0.25, 2, 4)), signed(0.5, 3, 4)).map((
    [weights, height],
  ) => `${decimal(height)}*tanh(${linearEnergy(weights)}) + 0.5*a1^2`);
  const quartic = fraction(0.5, 4, 2).map((size) =>
    Array.from({ length: axes }, (_, i) => `${decimal(size)}*(a${i + 1}^2 - 0.25)^2`).join(" + ")
  );
  return fc.oneof(
    vector(axes, signed(0, 32, 4)).map(linearEnergy),
    convexEnergies(axes).map((energy) => energy.text),
    rugged,
    network,
    quartic,
    ...observed,
  );
}

/** Boxes: asymmetric, of different widths, now and then without width on an axis. */
export function boxes(axes: number): fc.Arbitrary<Settings["bounds"]> {
  const side = fc.record({
    centre: fraction(-8, 8, 8),
    width: fc.oneof(
      { weight: 9, arbitrary: fraction(0.25, 8, 8) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
  });
  const any = fc.array(side, { minLength: axes, maxLength: axes }).map((sides) => ({
    min: sides.map((s) => s.centre - s.width / 2),
    max: sides.map((s) => s.centre + s.width / 2),
  }));
  const unit = fc.constant({
    min: new Array<number>(axes).fill(-1),
    max: new Array<number>(axes).fill(1),
  });
  return fc.oneof({ weight: 1, arbitrary: unit }, { weight: 4, arbitrary: any });
}

/** What the general arbitrary leaves out because a target lacks it. */
export interface Abilities {
  readonly gradClip: boolean;
  readonly exponential: boolean;
  readonly tape: boolean;
  readonly leastSteps: 1 | 2;
}

/** Schedules that a target supports. */
export function schedules(abilities: Abilities): fc.Arbitrary<Schedule> {
  const polynomial = fc.record({
    kind: fc.constant("polynomial" as const),
    init: fraction(1 / 32, 1, 32),
    final: fc.oneof(fraction(1 / 1024, 1 / 32, 1024), fraction(1 / 32, 1, 32)),
    power: fc.constantFrom(1, 2, 3, 0.5),
  });
  const exponential = fc.record({
    kind: fc.constant("exponential" as const),
    init: fraction(1 / 32, 1, 32),
    decay: fraction(0.25, 1, 16),
  });
  return abilities.exponential
    ? fc.oneof({ weight: 4, arbitrary: polynomial }, { weight: 1, arbitrary: exponential })
    : polynomial;
}

/** Problems in which everything may act at once. */
export function anyProblem(abilities: Abilities): fc.Arbitrary<Problem> {
  return fc.record({
    shape: shapes,
    features: fc.integer({ min: 0, max: 2 }),
    steps: fc.oneof(
      { weight: 1, arbitrary: fc.constant(abilities.leastSteps) },
      { weight: 4, arbitrary: fc.integer({ min: 2, max: 6 }) },
    ),
    schedule: schedules(abilities),
    deltaClip: fc.oneof(fraction(1 / 64, 0.5, 64), fraction(1, 4, 2)),
    noiseScale: abilities.tape
      ? fc.oneof(fc.constant(0), fc.constant(1), fraction(0.125, 3, 8))
      : fc.constant(0),
    gradClip: abilities.gradClip
      ? fc.oneof(
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fraction(0.25, 8, 4) },
      )
      : fc.constant(null),
    tape: tapeSeed,
  }).chain(({ shape, features, ...rest }) => {
    const { groups, samples, axes } = shape;
    const rows = groups * samples;
    return fc.record({
      energy: anyEnergies(axes, features),
      bounds: boxes(axes),
      observations: table(groups, features, fraction(-1, 1, 16)),
      places: table(rows, axes, fraction(0, 1, 64)),
      outside: fc.constantFrom(0, 0, 0, 0.25),
    }).map(({ energy, bounds, observations, places, outside }): Problem => {
      const initial = places.map((row) =>
        row.map((place, i) => {
          const width = bounds.max[i]! - bounds.min[i]!;
          const at = bounds.min[i]! + (place * (1 + 2 * outside) - outside) * width;
          return Math.fround(Math.round(at * 256) / 256);
        })
      );
      return {
        energy,
        settings: {
          ...officialDefaults,
          bounds,
          steps: rest.steps,
          schedule: rest.schedule,
          noiseScale: rest.noiseScale,
          gradClip: rest.gradClip,
          deltaClip: rest.deltaClip,
        },
        groups,
        samples,
        axes,
        observations,
        initial: initial.map((row) =>
          row.map((a, i) => outside > 0 ? a : Math.min(Math.max(a, bounds.min[i]!), bounds.max[i]!))
        ),
        noise: { kind: "tape", draws: normalTape(rest.tape, rest.steps, rows, axes) },
        seed: rest.tape,
      };
    });
  });
}

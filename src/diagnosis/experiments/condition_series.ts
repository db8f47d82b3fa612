/**
 * A designed series of small problems: from one on which a fault shows, one thing at a time is
 * changed while all others are held.
 *
 * @module
 */

import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import type { Experiment } from "./experiments.ts";

/** One or more coordinates of a chain, as they are copied over rows and axes. */
export interface Pattern {
  /** By group, sample and axis; counted anew where there are more. */
  readonly start: readonly (readonly (readonly number[])[])[];
  readonly slopes: Rows;
  /** By step, group, sample and axis. */
  readonly draws: readonly Pattern["start"][];
  readonly bounds: readonly (readonly [lo: number, hi: number])[];
  readonly settings: Omit<Settings, "bounds">;
  readonly isDrawn: boolean;
}

/** How many there are of everything. */
export interface Shape {
  readonly groups: number;
  readonly samples: number;
  readonly axes: number;
}

const upTo = (count: number) => Array.from({ length: count }, (_, j) => j);
const turn = <T>(all: readonly T[], at: number): T => all[at % all.length]!;

/** A pattern in a shape, on linear energies. */
export function problemIn(pattern: Pattern, { groups, samples, axes }: Shape): Problem {
  const { settings, bounds } = pattern;
  const rows = (of: Pattern["start"]) =>
    upTo(groups).flatMap((g) =>
      upTo(samples).map((s) => upTo(axes).map((i) => turn(turn(turn(of, g), s), i)))
    );
  const sides = upTo(axes).map((i) => turn(bounds, i));
  return {
    energy: upTo(axes).map((i) => `o${i + 1}*a${i + 1}`).join(" + "),
    settings: {
      ...settings,
      bounds: { min: sides.map(([lo]) => lo), max: sides.map(([, hi]) => hi) },
    },
    groups,
    samples,
    axes,
    observations: upTo(groups).map((g) => upTo(axes).map((i) => turn(turn(pattern.slopes, g), i))),
    initial: rows(pattern.start),
    noise: pattern.isDrawn
      ? { kind: "tape", draws: upTo(settings.steps).map((k) => rows(turn(pattern.draws, k))) }
      : { kind: "own" },
    seed: 1,
  };
}

/**
 * The coordinate of a problem in which a fault shows: its own chain from the start, or from where the
 * step begins.
 */
export function coordinateOf(
  problem: Problem,
  { row, axis, k = 0, slope, from }: {
    readonly row: number;
    readonly axis: number;
    readonly k?: number;
    readonly slope: number;
    readonly from: number;
  },
): Pattern {
  const { settings: { bounds, ...settings }, noise } = problem;
  const draws = noise.kind === "tape" ? noise.draws.map((step) => step[row]![axis]!) : [0];
  return {
    start: [[[from]]],
    slopes: [[slope]],
    draws: [...draws.slice(k), ...draws.slice(0, k)].map((xi) => [[[xi]]]),
    bounds: [[bounds.min[axis]!, bounds.max[axis]!]],
    settings,
    isDrawn: noise.kind === "tape",
  };
}

/**
 * All coordinates of a problem, where a fault shows in rows or axes that differ alone.
 *
 * @param slopes of every row
 */
export function wholeOf(problem: Problem, slopes: Rows): Pattern {
  const { settings: { bounds, ...settings }, noise, groups, samples } = problem;
  const byGroup = (rows: Rows) =>
    upTo(groups).map((g) => rows.slice(g * samples, (g + 1) * samples));
  return {
    start: byGroup(problem.initial),
    slopes: upTo(groups).map((g) => slopes[g * samples]!),
    draws: noise.kind === "tape" ? noise.draws.map(byGroup) : [],
    bounds: bounds.min.map((lo, i) => [lo, bounds.max[i]!]),
    settings,
    isDrawn: noise.kind === "tape",
  };
}

const mapped = (of: Pattern["start"], change: (value: number) => number): Pattern["start"] =>
  of.map((group) => group.map((row) => row.map(change)));

const counts = [1, 2, 3, 4];
const shapes = [
  ...counts.flatMap((groups) => counts.map((samples) => [groups, samples] as const)),
  ...[5, 6, 7, 8, 10, 16].flatMap((many) => [[1, many], [many, 1]] as const),
];
const axesTried = [1, 2, 3, 4, 5, 6, 8];
/** Samples and axes, both others than one. */
const crossed = [[2, 2], [3, 3], [4, 4], [2, 8], [8, 2], [4, 8], [8, 4], [16, 3]] as const;
const stepsTried = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 25, 50, 100];
const scalesTried = [0, 0.125, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 4];
const clipsTried = [0.0625, 0.125, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 4, 64];
const sizesTried = [2 ** -9, 2 ** -7, 0.03125, 0.0625, 0.125, 0.25, 0.375, 0.5, 0.75, 1, 2];

const constant = (init: number) => ({ kind: "polynomial", init, final: init, power: 2 }) as const;

/**
 * The series from a pattern in a shape.
 *
 * @param calls how often each problem is asked for, but for one that is asked for more often
 */
export function seriesFrom(pattern: Pattern, shape: Shape, calls: number): readonly Experiment[] {
  const { settings } = pattern;
  const having = (changed: Partial<Pattern["settings"]>, of: Partial<Pattern> = {}) =>
    problemIn({ ...pattern, ...of, settings: { ...settings, ...changed } }, shape);
  const moved = (move: (value: number, lo: number, hi: number) => number) =>
    having({}, {
      start: pattern.start.map((group) =>
        group.map((row) => row.map((a, i) => move(a, ...turn(pattern.bounds, i))))
      ),
    });
  const boxed = (change: (side: number) => number, changed: Partial<Pattern["settings"]> = {}) =>
    having(changed, {
      start: mapped(pattern.start, change),
      bounds: pattern.bounds.map(([lo, hi]) => [change(lo), change(hi)]),
    });
  const { schedule } = settings;
  const plain = schedule.kind === "polynomial" ? schedule : { final: schedule.init, power: 2 };
  const problems = [
    ...shapes.map(([groups, samples]) => problemIn(pattern, { ...shape, groups, samples })),
    ...axesTried.map((axes) => problemIn(pattern, { ...shape, axes })),
    ...crossed.map(([samples, axes]) => problemIn(pattern, { groups: 1, samples, axes })),
    ...stepsTried.map((steps) => having({ steps })),
    ...scalesTried.map((noiseScale) => having({ noiseScale })),
    ...clipsTried.map((deltaClip) => having({ deltaClip })),
    ...[null, 0.125, 0.5, 1, 2, 4, 16, 64].map((gradClip) => having({ gradClip })),
    ...sizesTried.map((init) => having({ schedule: constant(init) })),
    ...[[1, 0.5, 1], [1, 0.5, 2], [1, 0.5, 3], [1, 2, 1], [0.5, 1, 2]].map(([first, last, power]) =>
      having({
        schedule: {
          kind: "polynomial",
          init: schedule.init * first!,
          final: schedule.init * last!,
          power: power!,
        },
      })
    ),
    ...[0.5, 1].map((decay) =>
      having({ schedule: { kind: "exponential", init: schedule.init, decay } })
    ),
    having({ schedule: { kind: "polynomial", init: schedule.init, ...plain } }),
    // Two at once: a product tells itself from each of them.
    ...([[0.25, 0.5], [0.5, 0.125], [2, 0.0625], [4, 0.03125]] as const).map(([noiseScale, init]) =>
      having({ noiseScale, schedule: constant(init) })
    ),
    ...([[2, 1], [4, 0.125], [8, 0.5], [16, 0.0625], [50, 0.03125]] as const).map(([steps, init]) =>
      having({ steps, schedule: constant(init) })
    ),
    ...([[0.25, 4], [0.5, 2], [2, 0.5], [4, 0.25]] as const).flatMap(([deltaClip, by]) => {
      const scaled = (v: number) => v * by;
      return [
        boxed(scaled, { deltaClip }),
        having({ schedule: constant(schedule.init * deltaClip) }, {
          slopes: pattern.slopes.map((row) => row.map(scaled)),
        }),
      ];
    }),
    ...[-4, -1, 0, 0.25, 0.5, 2, 4, 16].map((by) =>
      having({}, { slopes: pattern.slopes.map((row) => row.map((g) => g * by)) })
    ),
    // Nothing finite is a multiple of an infinite slope.
    ...[-16, -0.5, 0.5, 16].map((slope) =>
      having({}, { slopes: pattern.slopes.map((row) => row.map(() => slope)) })
    ),
    ...[-1, 0, 0.5, 2].map((by) =>
      having({}, { draws: pattern.draws.map((step) => mapped(step, (xi) => xi * by)) })
    ),
    ...[-4, -(2 ** -9), 0, 0.25, 0.5, 0.75, 1, 1 + 2 ** -9, 5].map((part) =>
      moved((_, lo, hi) => lo + part * (hi - lo))
    ),
    moved((_, lo, hi) => Math.min(Math.max(0, lo), hi)),
    moved((a, lo, hi) => lo + hi - a),
    // One wall alone elsewhere.
    ...[0.5, 2, 4].flatMap((by) => [
      having({}, { bounds: pattern.bounds.map(([lo, hi]) => [lo, lo + by * (hi - lo)]) }),
      having({}, { bounds: pattern.bounds.map(([lo, hi]) => [hi - by * (hi - lo), hi]) }),
    ]),
    ...[-16, 16].map((by) => boxed((side) => side + by)),
    ...[-1, 0.25, 0.5, 2, 4].map((by) =>
      by < 0
        ? having({}, {
          start: mapped(pattern.start, (a) => by * a),
          bounds: pattern.bounds.map(([lo, hi]) => [by * hi, by * lo]),
        })
        : boxed((side) => side * by)
    ),
    ...([null, "1", "2", "inf"] as const).map((gradNorm) => having({ gradNorm })),
    ...[true, false].map((applyExp) => having({ applyExp })),
  ];
  const base = problemIn(pattern, shape);
  return [
    { name: "series called again", calls: new Array<Problem>(calls + 4).fill(base) },
    ...problems.map((problem, j) => ({
      name: `series ${j}`,
      calls: new Array<Problem>(calls).fill(problem),
    })),
  ];
}

/** Shapes and settings, each with another number of everything. */
const screened = ([
  [1, 1, 1, 1, 1, 0.5, null, 0.5, 1],
  [1, 1, 2, 1, 0.5, 0.5, null, 0.5, 1],
  [1, 2, 1, 1, 1, 0.25, 1, 0.25, 1],
  [1, 3, 1, 2, 1.5, 0.5, null, 0.5, 2],
  [2, 1, 1, 1, 0.25, 0.5, null, 0.125, 1],
  [3, 1, 2, 2, 1, 1.25, 0.5, 0.25, 0.25],
  [1, 4, 2, 3, 0.75, 0.5, null, 0.5, 2 ** -9],
  [2, 2, 1, 4, 0, 0.5, null, 0.5, 2 ** -9],
  [1, 1, 3, 2, 0, 0.25, null, 1, 0.5],
  [1, 5, 1, 1, 0, 0.5, 1, 0.5, 1],
  [1, 1, 1, 3, 0, 0.75, null, 0.25, 2],
  [1, 1, 1, 4, 2, 0.5, null, 0.0625, 0.25],
  [1, 1, 2, 5, 1, 0.5, null, 0.5, 2 ** -7],
  [1, 2, 4, 6, 0.5, 0.125, null, 0.25, 2],
  [1, 1, 1, 7, 0.75, 1.5, 2, 0.5, 0.5],
  [2, 3, 1, 9, 1, 0.5, null, 0.125, 2 ** -6],
  [1, 1, 5, 10, 0.5, 0.5, null, 0.25, 2 ** -8],
] as const).map(([groups, samples, axes, steps, noiseScale, deltaClip, gradClip, init, last]) => ({
  shape: { groups, samples, axes },
  settings: {
    steps,
    schedule: { kind: "polynomial", init, final: init * last, power: 2 },
    noiseScale,
    deltaClip,
    gradClip,
    gradNorm: null,
    applyExp: false,
  } as const,
}));

/** Slope, draw and start of steps that nothing limits, that are limited, near a wall and on one. */
const roles = [
  [0.25, -0.125, 0],
  [48, 0, 1.875],
  [-48, 12, -1.75],
  [0.5, 0.375, -1.9375],
  [-0.25, -0.125, -2],
  [0.25, 0.125, 2],
] as const;

/**
 * Small problems that tell whether what was found holds everywhere: each shape and setting with steps
 * that nothing limits, with steps that are limited, and near a wall.
 *
 * @param isDrawn whether the draws are the suite's
 */
export const screening = (isDrawn: boolean): readonly Experiment[] =>
  screened.flatMap(({ shape, settings }, j) =>
    roles.slice(0, j % 4 === 0 ? 6 : 4).map(
      ([slope, xi, start], role): Experiment => {
        const pattern: Pattern = {
          start: [[[start, start - 0.0625], [start + 0.03125]]],
          slopes: [[slope, slope / 2], [slope * 1.5]],
          draws: [[[[xi, -xi], [xi / 2, xi]], [[-xi / 2, xi / 4]]], [[[xi / 2, xi], [
            -xi,
            xi / 4,
          ]]]],
          bounds: [[-2, 2], [-3, 2.5], [-4, 2.25]],
          settings: {
            ...settings,
            noiseScale: isDrawn ? settings.noiseScale : 0,
            gradClip: role % 3 === 0 ? settings.gradClip : null,
          },
          isDrawn,
        };
        return { name: `screening ${j} ${role} ${isDrawn}`, calls: [problemIn(pattern, shape)] };
      },
    )
  );

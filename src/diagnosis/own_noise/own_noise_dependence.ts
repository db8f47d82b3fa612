/**
 * On what the size of a sampler's own noise depends against the rule: a setting, the shape of the
 * batch, a step, an axis, a row.
 *
 * @module
 */

import type { Influence } from "../figures/measurement.ts";
import type { Expected } from "./expected_noise.ts";
import type { NoiseFit, SeenDraw } from "./noise_fit.ts";
import { beyond, type Estimate, shownEstimate, sizeOf, usual } from "./noise_statistics.ts";
import { type SizeLaw, sizeLawOf } from "./own_noise_forms.ts";
import { flatLanes, type Varied } from "./own_noise_runs.ts";

/** A size, and where it was measured in words. */
export interface Level {
  readonly at: string;
  readonly size: Estimate;
  /** What stands there, where that is a number on every lane. */
  readonly x?: number;
}

/** Something that the size of the noise depends on, with the sizes there. */
export interface Dependence {
  readonly what: string;
  readonly levels: readonly Level[];
  /** What gives all of them, as a factor of the noise. */
  readonly law?: SizeLaw;
}

/** What the size of the noise depends on, in units of what it should be. */
export function dependencesIn(
  fit: NoiseFit,
  expected: readonly Expected[],
): readonly Dependence[] {
  const draws = fit.draws(expected), first = fit.runs.length - fit.varied.length;
  const isKnown = fit.independent || fit.sharing !== undefined;
  const all: Seen = { draws, first, sizes: isKnown ? plainSize : clusteredSize };
  const gradient = ofLanes(fit, all, "the gradient"), action = ofLanes(fit, all, "the action");
  const isOfLanes = fit.runs.map((_, run) => fit.varied[run - first]?.lanes !== undefined);
  // Later steps begin at other actions.
  const seen = {
    ...all,
    draws: draws.filter(({ run, step }) => !isOfLanes[run] && (step === 0 || action.length === 0)),
  };
  const varied = new Map(variedWords.map((what) => [what, variedLevels(fit, seen, what)]));
  const differs = (what: Varied) => areApart(varied.get(what)!);
  const named = (what: Varied, text: string = what): readonly Dependence[] =>
    differs(what) ? [{ what: text, levels: varied.get(what)! }] : [];
  // What follows from the energy, or from the slopes of other axes, is told by these alone.
  const energy = named("the energy");
  if (energy.length > 0) return energy;
  const others = named("the gradient of other axes");
  const rows = differs("the number of rows"), groups = differs("the number of observations");
  const bounds = ofBounds(fit, seen);
  const steps = alongChains(fit, seen);
  const even = isKnown ? evened(seen) : undefined;
  const ofRows = even ? byRows(seen, even) : [];
  const ofAxes = others.length > 0 ? [] : ofAxisNumber(fit, seen);
  return [
    ...others.length > 0 ? others : gradient,
    ...action,
    ...named("the noise scale"),
    ...ofAxes,
    // Rows of another kind are another share of the rows in each batch.
    ...ofRows.length > 0 ? [] : [
      ...named("the number of rows", groups ? undefined : "the number of samples"),
      ...rows ? [] : named("the number of observations"),
    ],
    ...named("the step sizes"),
    ...named("the delta clip"),
    ...bounds,
    ...bounds.length + action.length + ofAxes.length > 0 || !even ? [] : byAxis(seen, even),
    ...differs("the step sizes") ? [] : steps,
    ...steps.length > 0 ? [] : named("the number of steps"),
    ...ofRows,
  ];
}

/** The sizes where every lane has another slope, or starts elsewhere, if one of them is another one. */
function ofLanes(
  fit: NoiseFit,
  { draws, first, sizes }: Seen,
  what: "the gradient" | "the action",
): readonly Dependence[] {
  const index = fit.varied.findIndex((one) => one.what === what), lanes = fit.varied[index]?.lanes;
  if (lanes === undefined) return [];
  const levelsOf = (runs: readonly number[], numbers: readonly number[]) =>
    flatLanes.map((lane): Level | undefined => {
      const own = draws.filter(({ run, axis, step }) =>
        step === 0 && axis === lane && runs.includes(run)
      );
      const x = numbers[lane]!, it = what === "the action" ? "it" : "the slope";
      return own.length < 2 ? undefined : { at: `where ${it} is ${x}`, x, size: sizes(own) };
    });
  // The first runs have the same settings.
  const plain = Array.from({ length: Math.max(1, first - 2) }, (_, run) => run);
  const usual = levelsOf(plain, lanes.usual), others = levelsOf([first + index], lanes.at);
  const isOther = usual.some((one, lane) =>
    one !== undefined && others[lane] !== undefined && differ(one.size, others[lane].size)
  );
  if (!isOther) return [];
  const levels = [...what === "the action" ? usual : usual.slice(0, 1), ...others]
    .filter((level) => level !== undefined);
  const law = sizeLawOf(
    levels.map(({ x, size }) => ({ x: x!, size })),
    what === "the action" ? "a" : "∇E",
  );
  return [{ what, levels, ...law && { law } }];
}

/** The dependence in one sentence without a full stop. */
function dependenceWords({ what, levels }: Dependence): string {
  const list = levels.map(({ at, size }, j) =>
    `${shownEstimate(size)}${j === 0 ? " times what it should be" : ""} ${at}`
  );
  const all = `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
  return `The size of the noise depends on ${what}: it is ${all}`;
}

/** The same as an influence. */
export function influenceOf(dependence: Dependence): Influence {
  const { what } = dependence, isSetting = /scale|sizes|clip|bounds/.test(what);
  return {
    on: what === "the action" ? "action" : isSetting ? "setting" : "other",
    text: dependenceWords(dependence),
  };
}

interface Seen {
  readonly draws: readonly SeenDraw[];
  /** How many runs there are before those in which something is varied. */
  readonly first: number;
  readonly sizes: (draws: readonly SeenDraw[]) => Estimate;
}

const variedWords: readonly Varied[] = [
  "the energy",
  "the gradient of other axes",
  "the noise scale",
  "the number of rows",
  "the number of observations",
  "the number of steps",
  "the step sizes",
  "the delta clip",
  "the bounds",
];

function plainSize(draws: readonly SeenDraw[]): Estimate {
  let squares = 0, fourths = 0;
  for (const { z } of draws) {
    const square = z * z;
    squares += square;
    fourths += square * square;
  }
  return sizeOf({ count: draws.length, squares, fourths });
}

/**
 * The size of draws that depend on each other: its error goes by the mean squares of whole rows, of
 * pairs of them, of whole steps and of whole calls, whichever differ most from one another.
 */
export function clusteredSize(draws: readonly SeenDraw[]): Estimate {
  const plain = plainSize(draws), square = plain.value ** 2;
  const ways: readonly ((draw: SeenDraw) => string)[] = [
    ({ run, call, row }) => `${run} ${call} ${row}`,
    ({ run, call, row }) => `${run} ${call} ${row >> 1}`,
    ({ run, call, step }) => `${run} ${call} ${step}`,
    ({ run, call, step, axis }) => `${run} ${call} ${step} ${axis}`,
    ({ run, call }) => `${run} ${call}`,
  ];
  const errors = ways.map((keyOf) => {
    const clusters = new Map<string, { sum: number; count: number }>();
    for (const draw of draws) {
      const key = keyOf(draw), cluster = clusters.get(key) ?? { sum: 0, count: 0 };
      clusters.set(key, cluster);
      cluster.sum += draw.z ** 2;
      cluster.count++;
    }
    const count = clusters.size;
    if (count < 2) return 0;
    const off = [...clusters.values()].reduce(
      (sum, one) => sum + (one.sum - one.count * square) ** 2,
      0,
    );
    const variance = off / draws.length ** 2 * count / (count - 1);
    // The wider interval of few clusters, about as Student's law has it.
    const widened = usual * (1 + 2.5 / (count - 1));
    return plain.value === 0 ? 0 : widened * Math.sqrt(variance) / (2 * plain.value);
  });
  return { value: plain.value, error: Math.max(plain.error, ...errors) };
}

function differ(one: Estimate, other: Estimate): boolean {
  const error = Math.hypot(one.error, other.error) / usual;
  return Math.abs(one.value - other.value) > beyond * error + 1e-4 * Math.abs(one.value);
}

function areApart(levels: readonly Level[]): boolean {
  return levels.some(({ size }, j) =>
    levels.slice(j + 1).some((other) => differ(size, other.size))
  );
}

/** The sizes as usual and with something varied. */
function variedLevels(
  fit: NoiseFit,
  { draws, first, sizes }: Seen,
  what: Varied,
): readonly Level[] {
  const all = fit.varied.flatMap((variation, j) =>
    variation.what === what ? [{ ...variation, index: first + j }] : []
  );
  const of = (at: string, is: (draw: SeenDraw) => boolean): readonly Level[] => {
    const own = draws.filter(is);
    return own.length === 0 ? [] : [{ at, size: sizes(own) }];
  };
  const [one] = all;
  // The first two runs have the same settings.
  return one === undefined ? [] : [
    ...of(one.usual, ({ run }) => run < first - 2),
    ...all.flatMap(({ at, index }) => of(at, ({ run }) => run === index)),
  ];
}

/** The sizes with other numbers of axes; by the place of an axis from the end, where that tells them. */
function ofAxisNumber(fit: NoiseFit, seen: Seen): readonly Dependence[] {
  const what = "the number of axes", levels = variedLevels(fit, seen, what);
  if (!areApart(levels)) return [];
  const { draws, first, sizes } = seen;
  const axesIn = (run: number) => fit.runs[run]!.problem.axes;
  const isFewer = (run: number) =>
    fit.varied[run - first]?.what === what && axesIn(run) === flatLanes.length;
  const last = flatLanes.length - 1;
  const before = sizes(draws.filter(({ run, axis }) => isFewer(run) && axis < last));
  const at = sizes(draws.filter(({ run, axis }) => isFewer(run) && axis === last));
  const usual = levels[0]!.size;
  if (!(before.error > 0) || differ(before, usual) || !differ(at, before)) {
    return [{ what, levels }];
  }
  return [{
    what: "the axis",
    levels: [
      { at: "on the last axis", size: at },
      { at: "on those before", size: before },
    ],
  }];
}

/** The sizes by the range of the axes, where they are other ones in another box. */
function ofBounds(fit: NoiseFit, { draws, first, sizes }: Seen): readonly Dependence[] {
  const other = fit.varied.findIndex(({ what }) => what === "the bounds");
  if (other < 0) return [];
  const levelsOf = (is: (draw: SeenDraw) => boolean, { min, max }: Bounds) =>
    flatLanes.flatMap((lane): readonly Level[] => {
      const own = draws.filter((draw) => draw.axis === lane && is(draw));
      const at = `on an axis with the bounds ${min[lane]} and ${max[lane]}`;
      return own.length === 0 ? [] : [{ at, size: sizes(own) }];
    });
  const boundsOf = (run: number) => fit.runs[run]!.problem.settings.bounds;
  const usualLevels = levelsOf(({ run }) => run < first - 2, boundsOf(0));
  const others = levelsOf(({ run }) => run === first + other, boundsOf(first + other));
  const isOther = usualLevels.some(({ size }, lane) => {
    const there = others[lane];
    return there !== undefined && differ(size, there.size);
  });
  return isOther ? [{ what: "the bounds", levels: [...usualLevels, ...others] }] : [];
}

type Bounds = NoiseFit["runs"][number]["problem"]["settings"]["bounds"];

function levelsBy(
  { draws, sizes }: Seen,
  places: readonly (readonly [at: string, is: (draw: SeenDraw) => boolean])[],
): readonly Level[] {
  return places.flatMap(([at, is]) => {
    const own = draws.filter(is);
    return own.length < 2 ? [] : [{ at, size: sizes(own) }];
  });
}

function byAxis(seen: Seen, even: Seen): readonly Dependence[] {
  const places = flatLanes.map((lane) =>
    [`on axis ${lane}`, ({ axis }: SeenDraw) => axis === lane] as const
  );
  return areApart(levelsBy(even, places))
    ? [{ what: "the axis", levels: levelsBy(seen, places) }]
    : [];
}

/** The draws of each step in units of their own size: a size that goes with steps hides no other. */
function evened(seen: Seen): Seen {
  const sums: { sum: number; count: number }[][] = [];
  for (const { run, step, z } of seen.draws) {
    const cell = (sums[run] ??= [])[step] ??= { sum: 0, count: 0 };
    cell.sum += z ** 2;
    cell.count++;
  }
  const draws = seen.draws.map((draw) => {
    const { sum, count } = sums[draw.run]![draw.step]!;
    return { ...draw, z: draw.z / (Math.sqrt(sum / count) || 1) };
  });
  return { ...seen, draws, sizes: sizesWithSpreadOf(draws) };
}

/**
 * The size of few draws, with the error that the spread of all draws gives it: few that happen to be
 * alike would have too small an error of their own.
 */
function sizesWithSpreadOf(all: readonly SeenDraw[]): Seen["sizes"] {
  const { value, error } = plainSize(all), whole = value === 0 ? 0 : error / value;
  return (draws) => {
    const own = plainSize(draws);
    return { ...own, error: Math.max(own.error, whole * Math.sqrt(all.length / draws.length)) };
  };
}

/** The sizes of the steps of the first runs; or of the parts of a longer chain. */
function alongChains(fit: NoiseFit, seen: Seen): readonly Dependence[] {
  const stepsOf = (run: number) => fit.runs[run]!.moves.map((_, step) => step);
  const levels = levelsBy(
    seen,
    stepsOf(0).map((k) => [`in step ${k}`, ({ run, step }) => run < seen.first - 2 && step === k]),
  );
  if (areApart(levels)) return [{ what: "the step", levels }];
  const long = fit.varied.findLastIndex(({ what }) => what === "the number of steps");
  if (long < 0) return [];
  const index = seen.first + long, all = stepsOf(index);
  const chain = { ...seen, draws: seen.draws.filter(({ run }) => run === index) };
  const parts = all.slice(1).map((k) =>
    levelsBy(chain, [
      [`in steps 0 to ${k - 1} of a chain of ${all.length}`, ({ step }) => step < k],
      [`from step ${k} on`, ({ step }) => step >= k],
    ])
  ).filter(areApart);
  const [best] = parts.toSorted((a, b) => howFar(b) - howFar(a));
  return best === undefined ? [] : [{ what: "the step", levels: best }];
}

/** The sizes of rows of two kinds, the plainest in which they are apart. */
function byRows(seen: Seen, even: Seen): readonly Dependence[] {
  const kinds: readonly (readonly [string, string, (draw: SeenDraw) => boolean])[] = [
    ["in row 0", "in the others", ({ row }) => row === 0],
    ["in the last row", "in those before", ({ row, rows }) => row === rows - 1],
    ["in rows 0, 2, …", "in rows 1, 3, …", ({ row }) => row % 2 === 0],
    ["for the first observation", "for the others", ({ row, samples }) => row < samples],
    [
      "for the first sample of each observation",
      "for the others",
      ({ row, samples }) => row % samples === 0,
    ],
    [
      "in the first half of the rows",
      "in the second half",
      ({ row, rows }) => row < Math.floor(rows / 2),
    ],
  ];
  const found = kinds.flatMap(([one, other, is]) => {
    const places = [[one, is], [other, (draw: SeenDraw) => !is(draw)]] as const;
    const levels = levelsBy(even, places);
    return areApart(levels) ? [{ far: howFar(levels), levels: levelsBy(seen, places) }] : [];
  });
  const [best] = found.toSorted((a, b) => b.far - a.far);
  return best === undefined ? [] : [{ what: "the row", levels: best.levels }];
}

/** How many errors two sizes are apart. */
function howFar([one, other]: readonly Level[]): number {
  return Math.abs(one!.size.value - other!.size.value) /
    Math.hypot(one!.size.error, other!.size.error);
}

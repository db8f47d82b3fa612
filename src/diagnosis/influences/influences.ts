/**
 * What steps depend on against the rule, in words: known bug or not.
 *
 * @module
 */

import type { Problem, Rows } from "../../../spec/problem.ts";
import { same } from "../../../spec/trajectory.ts";
import {
  type Cause,
  causes,
  type Census,
  type Figure,
  keptGradient,
  keptInSteps,
  matters,
  meanDrawPart,
  meanPart,
  perGradient,
} from "./census.ts";
import { type LateMemory, memoryInfluence } from "../terms/late_memory.ts";
import { rangesSwapped } from "../terms/limit_fit.ts";
import type { Influence } from "../figures/measurement.ts";
import type { CallOutcome, Observation } from "../experiments/observations.ts";
import type { StepCount } from "../terms/base_faults.ts";
import { laterSteps } from "../terms/repeated_calls.ts";
import type { Hypothesis } from "../terms/suspects.ts";
import { swappedDraws, swappedSlopes } from "../terms/swaps.ts";
import { type Cell, rowsApart } from "../terms/rows_apart.ts";
import { shown } from "../figures/figures.ts";
import { piecesInWords } from "../figures/figures_by_place.ts";
import type { SeenRun, Source, WindowFit } from "../terms/window_fit.ts";

/** What the statements are read off. */
export interface Evidence {
  /** Everything at once, twice in one sampler and once more in another; absent if not observed. */
  readonly again: readonly Observation[];
  /** Constant slopes without noise, twice in one sampler. */
  readonly twice?: Observation | undefined;
  readonly census: Census | undefined;
  /** Absent for another rule than the official one. */
  readonly fit: WindowFit | undefined;
  /** What is known to stand in the place of the gradient. */
  readonly drift: Hypothesis;
  /** The experiments of a limit that no formula gives. */
  readonly limits: readonly Observation[];
  /** What limits depend on, where no axis is told by whose range it is limited. */
  readonly ofLimits: readonly Influence[];
  /** Terms that are no multiples of what they should be. */
  readonly open: readonly Source[];
  /** Numbers of steps that no name explains. */
  readonly counts: readonly StepCount[];
  /** What is kept of earlier steps. */
  readonly kept: LateMemory | undefined;
  /** Chains without slopes that end before their last step. */
  readonly early: readonly Observation[];
  /** Whether draws are known to be shared: then a row's own draw is another one. */
  readonly shared: boolean;
  /** What else steps depend on. */
  readonly depends: readonly Influence[];
  /** Whether chains are seen step by step: what a single step leaves still, others may move. */
  readonly chains: boolean;
}

/** Everything that was found out, the plainest first. */
export function influencesOf(
  {
    again,
    twice,
    census,
    kept,
    fit,
    drift,
    chains,
    early,
    open,
    counts,
    limits,
    ofLimits,
    shared,
    depends,
  }: Evidence,
): readonly Influence[] {
  const repeated = repetition(again, twice);
  if (repeated.some(({ on }) => on === "randomness")) return repeated;
  // What comes of gradients at other points, or of more than gradients, looks like memory and more.
  if (depends.length > 0) return [...repeated, ...depends, ...ofLimits];
  const swapped = rangesSwapped(limits);
  const first = fit?.seen[0];
  const begun = kept !== undefined && (kept.from > 1 || kept.of === "movement");
  // What a short chain shows of the past is a part of that.
  const linear = begun
    ? [memoryInfluence(kept), ...census ? ofCensus(census).filter(isOfPresent) : []]
    : census
    ? ofCensus(census)
    : [];
  const found: readonly Influence[] = [
    ...repeated,
    ...otherCounts(counts),
    ...shortChains(early),
    ...swapped.map(({ axis, by }): Influence => ({
      on: "other axis",
      text: `Axis ${axis} is limited by the range of axis ${by}`,
    })),
    ...swapped.length > 0 ? [] : ofLimits,
    ...chains ? ignored(first?.drift, first?.noise, census) : [],
    ...(census && chains ? stillRows(census) : []),
    ...linear,
    ...(first?.drift ? swappedSlopes(first.drift) : []),
    ...(first?.noise ? swappedDraws(first.noise) : []),
    ...(first?.drift && open.includes("drift") && linear.length === 0 && !fit!.hasShape("drift", [])
      ? sizeOfGradient(first.drift)
      : []),
    ...(first?.noise && open.includes("noise") && linear.length === 0 && !shared
      ? sizeOfDraw(first.noise, fit!)
      : []),
  ];
  // What comes from another row is no constant, nor what is not there without draws.
  const ofRows = found.some(({ on }) => on === "other row");
  const plain = fit?.sees("drift") && fit.hasShape("drift", drift);
  return found.filter(({ on, coefficient }) =>
    on !== "constant" || !plain && (!ofRows || coefficient !== undefined)
  );
}

const isOfPresent = ({ on }: Influence) =>
  on !== "earlier gradient" && on !== "earlier draw" && on !== "returned action";

/** Equal calls of one sampler and of another one that was prepared alike. */
function repetition(
  again: readonly Observation[],
  slopes: Observation | undefined,
): readonly Influence[] {
  const [twice, other] = again;
  const first = twice?.calls[0], second = twice?.calls[1], fresh = other?.calls[0];
  const found: Influence[] = [];
  if (fresh !== undefined && apart(first, fresh)) {
    found.push({
      on: "randomness",
      text: "Two equal calls of two samplers that were prepared alike differ: " +
        "something random acts besides the noise",
    });
  } else if (apart(first, second)) {
    const longer = slopes && laterSteps(slopes);
    const figure = longer === undefined || / are 1 times/.test(longer)
      ? ""
      : `; without noise its ${longer}`;
    found.push({
      on: "earlier call",
      text:
        `A second call that is equal to the first differs from it: something is kept between calls${figure}`,
    });
  }
  return found;
}

function apart(one: CallOutcome | undefined, other: CallOutcome | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one === "throws" || other === "throws") return one !== other;
  return !same(one.final, other.final);
}

/** Chains that take another number of steps than they should, by their lengths. */
function otherCounts(counts: readonly StepCount[]): readonly Influence[] {
  const wrong = counts.filter(({ asked, taken }) => asked !== taken);
  const list = wrong.map(({ asked, taken }) => `one of ${asked} steps asks for ${taken}`).join(
    ", ",
  );
  return wrong.length === 0 ? [] : [{
    on: "step not taken",
    text: `The number of gradients is another one: a chain${list.slice(3)}`,
  }];
}

function shortChains([seen]: readonly Observation[]): readonly Influence[] {
  const call = seen?.calls[0];
  if (seen === undefined || call === undefined || call === "throws") return [];
  const { steps } = seen.probe.calls[0]!.settings, taken = call.points.length;
  return [{
    on: "step not taken",
    text: `Where the energy has no slope a chain of ${steps} steps ends after ${taken} ` +
      `question${taken === 1 ? "" : "s"} for gradients`,
  }];
}

/** Whether a whole chain ends where it has started; one that ends early tells nothing. */
const movesNothing = ({ problem, chain: { points } }: SeenRun) =>
  points.length > problem.settings.steps && points.every((at) => same(at, points[0]!));

function ignored(
  drift: SeenRun | undefined,
  noise: SeenRun | undefined,
  census: Census | undefined,
): readonly Influence[] {
  // What moves something where both act is not ignored.
  const still = ([[drift, "gradient"], [noise, "draw"]] as const).map(([run, cause]) =>
    run !== undefined && movesNothing(run) && !(census?.linear && matters(census, cause))
  );
  if (still[0] && still[1]) {
    return [{ on: "step not taken", text: "Nothing moves: neither by gradients nor by draws" }];
  }
  if (still[0]) return [{ on: "gradient ignored", text: "Gradients move nothing" }];
  return still[1] ? [{ on: "draw ignored", text: "Draws move nothing" }] : [];
}

/** Whether it is said of rows that they did not move in some steps: a name may say why. */
export const isOfRows = (text: string) =>
  /^(No row moves in step|In \d+ of \d+ steps a row)/.test(text);

/** Rows that did not move at all though they had a gradient and a draw. */
function stillRows({ still }: Census): readonly Influence[] {
  const found: Influence[] = [];
  const all = still.flatMap((rows, k) => rows.every(Boolean) ? [k] : []);
  if (all.length === still.length) return [];
  if (all.length > 0) {
    found.push({
      on: "step not taken",
      text: `No row moves in step ${all.join(", ")} of steps 0 to ${still.length - 1}`,
    });
  }
  const last = still.at(-1)!, before = still.slice(0, -1);
  if (all.length === 0 && before.flat().every((stays) => !stays) && last.some(Boolean)) {
    const held = last.filter(Boolean).length;
    return [{
      on: "returned action",
      text: `${held} of ${last.length} rows are returned where the last step has begun`,
    }];
  }
  const moving = still.filter((rows) => !rows.every(Boolean)).flat();
  const count = moving.filter(Boolean).length;
  if (count > 0) {
    found.push({
      on: "step not taken",
      text: `In ${count} of ${moving.length} steps a row did not move at all on any axis: ` +
        "steps are sometimes rejected, or rows are held",
    });
  }
  return found;
}

const figureText = ({ value, error }: Figure) =>
  `${shown(value)} ± ${Math.max(error, 1e-7).toPrecision(1)}`;

/** Of what a returned action that is not the last point can be made, in words. */
const madeOf: readonly (readonly [words: string, causes: (cause: Cause) => boolean])[] = [
  [
    "gradients of earlier steps",
    (cause) => cause.startsWith("gradient ") && cause.endsWith(" ago"),
  ],
  ["draws of earlier steps", (cause) => cause.startsWith("draw ") && cause.endsWith(" ago")],
  ["where the chain has started", (cause) => cause === "first action"],
  ["other rows", (cause) => cause.endsWith("row")],
  ["other axes", (cause) => /axis( before)?$/.test(cause)],
];

/**
 * What comes in after the last question alone: the steps are right, and what is returned is made of
 * more than the last point.
 */
function returnedAction(census: Census): Influence | undefined {
  const last = Math.max(...census.cells.map(({ step }) => step));
  const [before, end] = [
    census.cells.filter(({ step }) => step > 0 && step < last),
    census.cells.filter(({ step }) => step === last),
  ].map((cells) => causes.slice(2).filter((cause) => matters({ ...census, cells }, cause)));
  if (last < 2 || before!.length > 0) return undefined;
  const words = madeOf.flatMap(([text, is]) => end!.some(is) ? [text] : []);
  if (words.length === 0) return undefined;
  const list = words.join(", ").replace(/, ([^,]*)$/, " and $1");
  const text = `The returned action depends on ${list}; no step before it does`;
  return { on: "returned action", text };
}

function ofCensus(census: Census): readonly Influence[] {
  const returned = returnedAction(census);
  if (returned) return [returned];
  const found: Influence[] = [];
  const add = (
    on: Influence["on"],
    figure: Figure | undefined,
    withFigure: (text: string) => string,
    without: string,
  ) =>
    found.push(
      figure
        ? {
          on,
          text: withFigure(figureText(figure)),
          coefficient: figure.value,
          error: figure.error,
        }
        : { on, text: without },
    );
  if (matters(census, "action")) {
    add(
      "action",
      perGradient(census, "action"),
      (text) =>
        `The drift depends on the action as well as on the gradient: ${text} times the action is added to the gradient`,
      "The step depends on the action itself, not only through the gradient",
    );
  }
  const mean = meanPart(census);
  if (mean) {
    add(
      "other row",
      mean,
      (text) =>
        `Rows mix: ${text} times the mean gradient of all rows is added to that of each row`,
      "",
    );
  } else if (meanDrawPart(census)) {
    add(
      "other row",
      meanDrawPart(census),
      (text) => `Rows mix: ${text} times the mean draw of all rows is added to that of each row`,
      "",
    );
  } else if (matters(census, "constant")) {
    add(
      "constant",
      perGradient(census, "constant"),
      (text) => `${text} is added to the gradient`,
      "Something is added to the step that depends neither on the row's gradient nor on its draw",
    );
  }
  const memory: Cause[] = [
    "gradient one step ago",
    "gradient two steps ago",
    "gradient three steps ago",
    "gradient four steps ago",
  ];
  if (memory.some((cause) => matters(census, cause))) {
    add(
      "earlier gradient",
      keptGradient(census),
      (text) =>
        `The drift remembers: the gradient one step ago counts ${text} times as much as the present one`,
      keptInStepsWords(census),
    );
  }
  for (const [on, causes, text] of plainStatements) {
    if (causes.some((cause) => matters(census, cause))) found.push({ on, text });
  }
  return found;
}

function keptInStepsWords(census: Census): string {
  const kept = keptInSteps(census);
  return kept === undefined
    ? "The drift depends on gradients of earlier steps"
    : `The drift remembers: so much of the gradient one step ago is added: ${
      piecesInWords(kept.pieces)
    }`;
}

const plainStatements: readonly (readonly [Influence["on"], readonly Cause[], string])[] = [
  ["first action", ["first action"], "A step depends on where the chain has started"],
  [
    "earlier draw",
    ["draw one step ago", "draw two steps ago", "draw three steps ago", "draw four steps ago"],
    "A step depends on draws of earlier steps",
  ],
  [
    "other axis",
    [
      "gradient of the next axis",
      "gradient of the axis before",
      "draw of the next axis",
      "draw of the axis before",
    ],
    "An axis moves with the gradient or the draw of another axis",
  ],
  [
    "other row",
    ["gradient of the next row", "draw of the next row"],
    "A row moves with the gradient or the draw of another row",
  ],
];

/** How the drift follows the size of the gradient, where it is no multiple of it. */
export function sizeOfGradient({ problem, chain: { points } }: SeenRun): readonly Influence[] {
  const cells = slopeCells(problem, points), apart = rowsApart(cells, "its gradient", 0);
  if (apart !== undefined) return [{ on: "other row", text: apart }];
  return bent(
    "size of the gradient",
    cells,
    (large, small) =>
      "The drift is no multiple of the gradient: in the first step a gradient of " +
      movesWords(large, small),
  );
}

/** How the noise follows its draws, where it is no multiple of them. */
function sizeOfDraw(run: SeenRun, fit: WindowFit): readonly Influence[] {
  if (fit.hasShape("noise", []) && fit.coefficients("noise", [])) return [];
  const { problem: { noise }, chain: { points } } = run;
  // Steps that were not asked for have draws that nobody gave.
  const told = noise.kind === "own" ? [] : points.slice(1, noise.draws.length + 1);
  const steps = told.map((_, k) => ({ k, cells: drawCells(run, k) }));
  const [apart] = steps.flatMap(({ k, cells }) => rowsApart(cells, "its draw", k) ?? []);
  if (apart !== undefined) return [{ on: "other row", text: apart }];
  const ways = [cutAt, droppedBeyond, bentBySize, bentBySign];
  const found = ways.flatMap((way) => steps.map(({ k, cells }) => way(cells, k)))
    .filter(({ length }) => length > 0);
  // A step whose draws are cut on both sides tells more than one whose draws are large on one alone.
  return found.find(([{ text } = { text: "" }]) => text.includes("±")) ?? found[0] ?? [];
}

/** Draw and movement of every row and axis in a step. */
function drawCells(
  { problem: { noise }, chain: { points } }: SeenRun,
  k: number,
): readonly Cell[] {
  if (noise.kind === "own") return [];
  return points[k]!.flatMap((row, r) =>
    row.map((at, i) => ({
      row: r,
      slope: noise.draws[k]![r]![i]!,
      moved: at - points[k + 1]![r]![i]!,
    }))
  );
}

function bentBySize(cells: readonly Cell[], k: number): readonly Influence[] {
  return bent(
    "size of the draw",
    cells,
    (large, small) =>
      `The noise is no multiple of the draw: in step ${k} a draw of ${movesWords(large, small)}`,
  );
}

function bentBySign(cells: readonly Cell[], k: number): readonly Influence[] {
  const parts = ([1, -1] as const).map((sign) =>
    cells.filter(({ slope }) => sign * slope > 0).map(({ slope, moved }) => moved / slope)
  );
  const even = parts.every((all) => all.every((part) => Math.abs(part - all[0]!) < 1e-4));
  const [up, down] = parts.map((all) => all[0]);
  if (!even || up === undefined || down === undefined || Math.abs(up - down) < 1e-4) return [];
  return [{
    on: "size of the draw",
    text: `The noise is no multiple of the draw: in step ${k} a draw of 1 moves the action by ${
      shown(Math.abs(up))
    }, and one of −1 by ${shown(Math.abs(down))}`,
  }];
}

/** Draws that are used as they are up to a size, and as that size beyond it, on one side or both. */
function cutAt(cells: readonly Cell[], k: number): readonly Influence[] {
  const sides = ([1, -1] as const).map((sign) => {
    const ours = cells.filter(({ slope }) => sign * slope > 0);
    const farthest = Math.max(...ours.map(({ moved }) => Math.abs(moved)));
    const cut = ours.filter(({ moved }) => Math.abs(moved) > farthest * (1 - 1e-4));
    const isCut = new Set(cut.map(({ slope }) => slope)).size > 1;
    return { sign, farthest, cut: isCut ? cut : [] };
  });
  const cut = new Set(sides.flatMap((side) => side.cut));
  const ratios = cells.filter((cell) => !cut.has(cell)).map(({ slope, moved }) => moved / slope);
  const [ratio] = ratios;
  const even = ratio !== undefined &&
    ratios.every((other) => Math.abs(other - ratio) < 1e-3 * Math.abs(ratio));
  const found = sides.filter((side) => side.cut.length > 0);
  if (!even || found.length === 0) return [];
  const ends = found.map(({ farthest }) => shown(farthest / Math.abs(ratio)));
  const words = ends.length === 2 && ends[0] === ends[1]
    ? `beyond ±${ends[0]} are taken as ±${ends[0]}`
    : found.map(({ sign }, j) =>
      sign > 0
        ? `above ${ends[j]} are taken as ${ends[j]}`
        : `below −${ends[j]} are taken as −${ends[j]}`
    ).join(", and those ");
  return [{ on: "size of the draw", text: `Draws are cut: in step ${k} those ${words}` }];
}

/** Draws that are used as they are up to a size, and not at all beyond it. */
function droppedBeyond(cells: readonly Cell[], k: number): readonly Influence[] {
  const isLost = ({ moved }: Cell) => Math.abs(moved) < 1e-7;
  const kept = cells.filter((cell) => !isLost(cell)), lost = cells.filter(isLost);
  const [first] = kept, ratio = first && first.moved / first.slope;
  const even = ratio !== undefined &&
    kept.every(({ moved, slope }) => Math.abs(moved / slope - ratio) < 1e-3 * Math.abs(ratio));
  const sizes = (all: readonly Cell[]) => all.map(({ slope }) => Math.abs(slope));
  const most = Math.max(...sizes(kept)), least = Math.min(...sizes(lost));
  if (!even || lost.length === 0 || least <= most) return [];
  return [{
    on: "size of the draw",
    text:
      `Draws are dropped: in step ${k} those from ±${shown(least)} on move nothing, and those ` +
      `up to ±${shown(most)} are used as they are`,
  }];
}

interface Part {
  readonly size: number;
  /** How far it moves the action, for each unit of it. */
  readonly ratio: number;
}

function movesWords(large: Part, small: Part): string {
  const moves = ({ size, ratio }: Part) => shown(Math.abs(size * ratio));
  const alike = Math.abs(large.size * large.ratio - small.size * small.ratio) <=
    1e-3 * Math.abs(large.size * large.ratio);
  return `${shown(large.size)} moves the action by ${moves(large)}, and one of ${
    shown(small.size)
  } by ${moves(small)}${alike ? ": its size makes no difference" : ""}`;
}

/** What bends slopes or draws, if movements follow them and depend on their size alone. */
function bent(
  on: Influence["on"],
  cells: readonly Cell[],
  words: (large: Part, small: Part) => string,
): readonly Influence[] {
  const ratios = cells.map(({ slope, moved }) => ({ size: Math.abs(slope), ratio: moved / slope }));
  if (ratios.length < 2 || ratios.every(({ ratio }) => ratio === 0)) return [];
  const sorted = [...ratios].sort((a, b) => a.size - b.size);
  const bySlope = [...cells].sort((a, b) => a.slope - b.slope);
  const sign = Math.sign(bySlope.at(-1)!.moved) || 1;
  const follows = bySlope.every(({ moved }, j) =>
    j === 0 || sign * (moved - bySlope[j - 1]!.moved) >= -1e-6
  );
  // What depends on other rows or axes is no function of a gradient's size.
  if (!follows) return [];
  const small = sorted[0]!, large = sorted.at(-1)!;
  if (Math.abs(small.ratio - large.ratio) <= 1e-3 * Math.abs(large.ratio)) return [];
  return [{ on, text: words(large, small) }];
}

/** Slope and movement of every row and axis in the first step. */
function slopeCells(problem: Problem, points: readonly Rows[]) {
  return points[0]!.flatMap((row, r) =>
    row.map((at, i) => ({
      row: r,
      slope: problem.observations[Math.floor(r / problem.samples)]![i]!,
      moved: at - points[1]![r]![i]!,
    }))
  );
}

/**
 * Which number of the noise tape moves which coordinate.
 *
 * A sampler may draw its noise in any shape and order, and more of it than it uses. All that counts
 * is that every step, row and axis has a draw of its own. So before a target is judged it runs a
 * flat energy with a tape of distinct numbers, no limit and no wall in reach: what a coordinate
 * moves by is one number of the tape, and tells which. From then on the tape of every problem is
 * permuted on its way to the target, so that each coordinate gets exactly the draw that the problem
 * means for it. The order may change with the settings, so nobody is accused on a problem before it
 * is looked at with the settings of that problem.
 *
 * @module
 */

import { calmSettings, constantSchedule } from "../../../properties/arbitraries.ts";
import { officialRule } from "../../../spec/rule.ts";
import { fullShape } from "../../../properties/full_shape.ts";
import type { Problem, Settings } from "../../../spec/problem.ts";
import { noiseFactors } from "../../../spec/rule_law.ts";
import { problemFor, ruleFor, settingsFor as suited } from "../../../spec/rule_parts.ts";
import { type PreparedTarget, type Target, TargetFault } from "../../../spec/sampler.ts";
import { countedPathOf } from "../../../spec/readings.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import {
  arranged,
  type Choice,
  isOneToOne,
  matchOf,
  mostNumbers,
  type Moved,
  numberedProblem,
  stepSize,
  withNumbers,
} from "./draw_matching.ts";
import { type FairMixture, fairMixture } from "./draw_mixture.ts";
import { firstHiddenShapes, hiddenOrder, moreHiddenShapes } from "./hidden_order.ts";
import {
  type DrawSettings,
  type DrawShape,
  isPlain,
  type Layout,
  numbersIn,
  orderInWords,
} from "./draw_order.ts";

/** What was found out about the draws of a target. */
export type Attribution =
  /**
   * In C order, step by step; also where the steps of the target cannot be told. One that takes
   * more than it needs may leave that order in a larger problem.
   */
  | { readonly kind: "plain"; readonly factor?: number; readonly spare?: true }
  /** In another order, or with spare draws between them, with some settings at least. */
  | {
    readonly kind: "ordered";
    readonly factor: number;
    readonly layout: Layout;
    readonly shape: DrawShape;
    readonly settings: "all" | "some";
  }
  /** Coordinates share a draw, mix several unfairly or bend them: a fault that the clauses will find. */
  | { readonly kind: "not one to one" }
  /** They do not tell which of the suite's draws they are; the reason completes "because …". */
  | { readonly kind: "unattributable"; readonly because: string };

/** A target whose tape can be put in the order in which it draws. */
export interface ArrangedTarget extends Target {
  /**
   * Looks at the order of the draws with the settings and the shape of a problem, if that has not
   * been done yet.
   *
   * @returns whether it is another one than the problem was given in before
   */
  reconsider(problem: Problem): Promise<boolean>;
  /** A problem with its tape in the order in which the target takes it. */
  asGiven(problem: Problem): Promise<Problem>;
}

/** Whether a target can be asked so. */
export function isArranged(target: Target): target is ArrangedTarget {
  return "reconsider" in target;
}

/** A target to be judged in the place of another, and what is to be said of that. */
export interface Attributed {
  readonly target: Target;
  readonly attribution: Attribution;
  /** For the report; absent where there is nothing to say. */
  readonly remark?: string;
}

const firstShape: DrawShape = { steps: 3, groups: 2, samples: 2, axes: 2 };
const secondShape: DrawShape = { steps: 2, groups: 2, samples: 3, axes: 3 };

/** The shapes of the first looks; a target that is compiled for each is looked at in its own. */
function shapesOf({ compiles }: Target): readonly [DrawShape, DrawShape] {
  if (compiles === undefined) return [firstShape, secondShape];
  const { groups, samples, axes } = fullShape;
  return [{ steps: 3, groups, samples, axes }, { steps: 2, groups, samples, axes }];
}

const plainSettings: DrawSettings = {
  schedule: "polynomial",
  gradClip: null,
  gradNorm: null,
  applyExp: false,
};

/** As many settings as a target supports differ from the plain ones. */
function otherSettings({ unsupported }: Target): DrawSettings {
  return {
    schedule: unsupported.has("exponential-schedule") ? "polynomial" : "exponential",
    gradClip: unsupported.has("grad-clip") ? null : 1,
    gradNorm: "inf",
    applyExp: !unsupported.has("apply-exp"),
  };
}

/**
 * Finds out how a target that takes the tape draws, and gives the target to be judged: one that gets
 * each tape in its own order, or one that draws its own noise. A target without a tape, or one that
 * reveals its final actions alone, is not run.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function attributeDraws(target: Target): Promise<Attributed> {
  const attribution = await drawsOf(target);
  switch (attribution.kind) {
    case "plain":
      return {
        target: hidesDraws(target) ? target : arrangedFor(target, attribution),
        attribution,
      };
    case "not one to one":
      return { target, attribution };
    case "ordered":
      return {
        target: inLayout(target, attribution.factor, "each problem"),
        attribution,
        remark: `This sampler draws its noise ${
          orderInWords(attribution.layout, attribution.shape)
        }${
          attribution.settings === "some" ? " with some settings" : ""
        }; ulaspec has matched it to the steps.`,
      };
    case "unattributable":
      return {
        target: withOwnNoise(target),
        attribution,
        remark: "This sampler is judged by the law of its noise: " +
          `its draws can't be attributed to steps because ${attribution.because}.`,
      };
  }
}

function hidesDraws({ unsupported, reveals }: Target): boolean {
  return unsupported.has("noise-tape") || reveals === "final-actions";
}

function arrangedFor(
  target: Target,
  { spare, factor = 1 }: Attribution & { kind: "plain" },
): ArrangedTarget {
  return inLayout(target, factor, spare ? "each problem" : "doubtful problems");
}

/** How a target draws. Two calls if in the plain order and no more than it needs. */
async function drawsOf(target: Target): Promise<Attribution> {
  if (target.unsupported.has("noise-tape")) return { kind: "plain" };
  if (target.reveals === "final-actions") return await hiddenDrawsOf(target);
  let factor: number | undefined, spare = false;
  let ordered: (Attribution & { kind: "ordered" }) | undefined;
  const [first, second] = shapesOf(target);
  const looks = [[first, plainSettings], [second, otherSettings(target)]] as const;
  for (const [shape, settings] of looks) {
    const call = await firstCall(target, shape, settings);
    if (call === null) break;
    const match = matchOf(call);
    if (match === null || !isPlain(match.positions)) {
      const found = await layoutOf(target, shape, settings, call.taken);
      if (found.kind === "plain" && ordered) break;
      if (found.kind !== "ordered") return found;
      ordered ??= found;
      continue;
    }
    factor ??= match.factor;
    if (call.taken <= shape.steps) continue;
    spare = true;
    const kept = await layoutOf(target, shape, settings, call.taken);
    if (kept.kind !== "plain") return kept;
  }
  if (ordered) return { ...ordered, settings: factor === undefined ? "all" : "some" };
  return { kind: "plain", ...factor === undefined ? {} : { factor }, ...spare ? { spare } : {} };
}

/** How a target draws of which the final actions alone are seen. */
async function hiddenDrawsOf(target: Target): Promise<Attribution> {
  // Another rule may have no schedule, and one that is compiled pays for every shape.
  if (ruleFor(target) !== officialRule || target.compiles !== undefined) return { kind: "plain" };
  let found: (Attribution & { kind: "ordered" }) | null = null, plain = false;
  for (const shape of [...firstHiddenShapes, ...moreHiddenShapes]) {
    if (found === null && moreHiddenShapes.includes(shape)) break;
    const order = await hiddenOrder(target, shape).catch(nullIfOfRule) ?? { kind: "untold" };
    if (order.kind === "not one to one") return order;
    if (order.kind === "uneven") return { kind: "unattributable", because: order.because };
    if (order.kind === "untold") {
      if (found === null) return { kind: "plain" };
      continue;
    }
    plain ||= order.kind === "plain";
    if (order.kind === "ordered") found ??= { ...order, shape, settings: plain ? "some" : "all" };
  }
  return found ?? { kind: "plain" };
}

/** The layout of the draws of a problem of whose chain the end alone is seen. */
async function findHiddenLayout(target: Target, problem: Problem): Promise<Layout | null> {
  const order = await hiddenOrder(target, drawnFor(problem)[0]).catch(nullIfOfRule);
  return order?.kind === "ordered" ? order.layout : null;
}

/** A first chain; null if its steps cannot be told, or if these settings are too much for it. */
async function firstCall(
  target: Target,
  shape: DrawShape,
  settings: DrawSettings,
): Promise<Calibration | null> {
  try {
    return await calibrate(target, shape, settings, { seed: 1, draws: shape.steps });
  } catch (error) {
    // The problems with such settings will show how it fails.
    if (settings === plainSettings || !(error instanceof TargetFault)) throw error;
    return null;
  }
}

/** The problem itself will show the fault, if it has one. */
function nullIfOfRule(error: unknown): null {
  if (error instanceof TargetFault && !error.ofProcess) return null;
  throw error;
}

/** How a target draws whose draws of a shape are not in the plain order. */
async function layoutOf(
  target: Target,
  shape: DrawShape,
  settings: DrawSettings,
  taken: number,
): Promise<Attribution> {
  const draws = Math.max(shape.steps, taken);
  if (draws * numbersIn(shape) > mostNumbers * shape.steps) {
    return { kind: "unattributable", because: `it takes ${draws} draws in ${shape.steps} steps` };
  }
  const calls: Calibration[] = [];
  // By one prepared sampler: it may keep draws of one call for the next.
  const prepared = await target.prepare(suited(ruleFor(target), settingsFor(shape, settings)));
  for (const seed of [2, 3]) {
    const call = await calibrate(target, shape, settings, { seed, draws }, prepared);
    if (call === null) return { kind: "plain" };
    calls.push(call);
  }
  const [one, two] = calls.map((call) => matchOf(call));
  if (one && two) {
    if (!isOneToOne(one.positions) || !isOneToOne(two.positions)) return { kind: "not one to one" };
    if (one.positions.some((position, c) => position !== two.positions[c])) {
      return { kind: "unattributable", because: "their order is another one in each call" };
    }
    const layout = { positions: one.positions, draws };
    return isPlain(one.positions)
      ? { kind: "plain" }
      : { kind: "ordered", factor: one.factor, layout, shape, settings: "all" };
  }
  return await originOf(target, shape, settings, calls[1]!);
}

/** Whether noise that is none of the suite's numbers is made of them at all. */
async function originOf(
  target: Target,
  shape: DrawShape,
  settings: DrawSettings,
  call: Calibration,
): Promise<Attribution> {
  const again = await calibrate(target, shape, settings, { ...call.choice, problemSeed: 4 });
  if (again === null) return { kind: "plain" };
  if (!differ(call, again)) {
    const mixture = await mixtureOf(target, settings);
    return mixture === null
      ? { kind: "not one to one" }
      : { kind: "unattributable", because: mixtureWords[mixture] };
  }
  if (call.taken > 0 && await changesOnce(target, shape, settings, call.choice)) {
    return { kind: "not one to one" };
  }
  return {
    kind: "unattributable",
    because: call.taken === 0
      ? 'it takes none of those that ulaspec supplies; a target says so with noise "own"'
      : "its noise is another one in two calls with the same draws of ulaspec",
  };
}

function differ(one: Calibration, other: Calibration): boolean {
  return one.moves.some((move, c) =>
    Math.abs(move - other.moves[c]!) > one.tolerance + other.tolerance
  );
}

/** Whether equal calls of one sampler are alike but for the first: that's no noise of its own. */
async function changesOnce(
  target: Target,
  shape: DrawShape,
  settings: DrawSettings,
  choice: Choice,
): Promise<boolean> {
  const prepared = await target.prepare(suited(ruleFor(target), settingsFor(shape, settings)));
  const calls: Calibration[] = [];
  for (let time = 0; time < 3; time++) {
    const call = await calibrate(target, shape, settings, choice, prepared);
    if (call === null) return false;
    calls.push(call);
  }
  const [first, second, third] = calls as [Calibration, Calibration, Calibration];
  return differ(first, second) && !differ(second, third);
}

const smallShape: DrawShape = { steps: 2, groups: 1, samples: 2, axes: 3 };

const mixtureWords: Readonly<Record<FairMixture, string>> = {
  "one draw each": "some of them are used with the opposite sign",
  "several draws each": "the noise of a coordinate is mixed of several of them",
};

/** How noise is made of ulaspec's draws, if it has their law all the same. */
async function mixtureOf(target: Target, settings: DrawSettings): Promise<FairMixture | null> {
  // Each number takes a call, and one that is compiled pays for the shape.
  if (target.compiles !== undefined) return null;
  const { taken } = await calibrate(target, smallShape, settings, { seed: 1, draws: 2 }) ??
    { taken: 0 };
  const choice = { seed: 1, draws: Math.max(smallShape.steps, taken) };
  const { problem: plain, tape } = numberedProblem(
    smallShape,
    settingsFor(smallShape, settings),
    choice,
  );
  const problem = problemFor(target, plain);
  return await fairMixture(async (numbers) => {
    const prepared = await target.prepare(problem.settings), given = withNumbers(problem, numbers);
    const trajectory = await prepared.sample(given);
    return readMoves(given, trajectory, choice, numbers)?.moves ?? null;
  }, tape);
}

// One calibrating call --------------------------------------------------------------------------

/** What a calibrating chain shows, steps × rows × axes in C order. */
interface Calibration extends Moved {
  readonly choice: Choice;
  /** Draws of rows × axes that the target says it took. */
  readonly taken: number;
}

/** Runs one chain; null if its steps cannot be told. */
async function calibrate(
  target: Target,
  shape: DrawShape,
  settings: DrawSettings,
  choice: Choice,
  prepared?: PreparedTarget,
): Promise<Calibration | null> {
  // One that is compiled for each shape is run in the one that all problems have.
  const features = target.compiles && shape.groups === fullShape.groups ? fullShape.features : 0;
  const { problem: plain, tape } = numberedProblem(
    shape,
    settingsFor(shape, settings),
    choice,
    { features },
  );
  const problem = problemFor(target, plain);
  const sampler = prepared ?? await target.prepare(problem.settings);
  const trajectory = await sampler.sample(problem);
  return readMoves(problem, trajectory, choice, tape);
}

function readMoves(
  problem: Problem,
  trajectory: Trajectory,
  choice: Choice,
  tape: readonly number[],
): Calibration | null {
  // Which number moves what is not known yet, so the steps are read as if the noise were its own.
  const path = countedPathOf({ ...problem, noise: { kind: "own" } }, trajectory);
  if (path.kind === "unknown") return null;
  const moves: number[] = [], factors = noiseFactors(problem), least = Math.min(...factors);
  let farthest = 0;
  for (const [k, from] of path.points.slice(0, -1).entries()) {
    for (const [r, row] of from.entries()) {
      for (const [i, action] of row.entries()) {
        const next = path.points[k + 1]![r]![i]!;
        moves.push((action - next) / factors[k]!);
        farthest = Math.max(farthest, Math.abs(next));
      }
    }
  }
  if (!moves.every(Number.isFinite)) return null;
  const tolerance = 4 * 2 ** -24 * Math.max(farthest, 4 * least) / least;
  return { choice, tape, moves, tolerance, taken: trajectory.draws };
}

/** No limit and no wall within reach, and a step size that is constant, whatever the schedule. */
function settingsFor({ steps, axes }: DrawShape, { schedule, ...rest }: DrawSettings): Settings {
  return calmSettings(axes, {
    ...rest,
    steps,
    noiseScale: 1,
    schedule: schedule === "exponential"
      ? { kind: schedule, init: stepSize, decay: 1 }
      : constantSchedule(stepSize),
  });
}

// Targets in another order ----------------------------------------------------------------------

/**
 * A target that gets each tape in the order in which it draws. The order is found out once for each
 * shape and kind of settings, by a call of its own.
 *
 * @param factor what the target multiplies its draws by, beside the step size: 1 or -1 as a rule
 * @param looks at which problems: at each, or at those that are reconsidered, where all others are
 *   taken to be in the plain order
 */
function inLayout(
  target: Target,
  factor: number,
  looks: "each problem" | "doubtful problems",
): ArrangedTarget {
  const layouts = new Map<string, Promise<Layout | null>>();
  const hidden = target.reveals === "final-actions";
  const keyOf = (problem: Problem) => {
    const [shape, settings] = drawnFor(problem);
    return JSON.stringify(hidden ? shape : [shape, settings]);
  };
  const layoutFor = (problem: Problem): Promise<Layout | null> => {
    const key = keyOf(problem);
    const known = layouts.get(key) ??
      (hidden ? findHiddenLayout(target, problem) : findLayout(target, problem, factor));
    layouts.set(key, known);
    return known;
  };
  const isKnown = (problem: Problem) => layouts.has(keyOf(problem));
  const layoutIn = async (problem: Problem): Promise<Layout | null> => {
    const looked = looks === "each problem" || isKnown(problem);
    return looked && problem.noise.kind === "tape" ? await layoutFor(problem) : null;
  };
  return {
    ...target,
    async asGiven(problem) {
      const layout = await layoutIn(problem);
      return layout === null ? problem : arranged(problem, layout);
    },
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return {
        async sample(problem) {
          const layout = await layoutIn(problem);
          if (layout === null) return await prepared.sample(problem);
          const trajectory = await prepared.sample(arranged(problem, layout));
          // Spare draws are of no interest any more.
          return { ...trajectory, draws: Math.min(trajectory.draws, settings.steps) };
        },
      };
    },
    async reconsider(problem) {
      const silent = problem.noise.kind === "own" || problem.settings.noiseScale === 0;
      if (silent || isKnown(problem)) return false;
      const layout = await layoutFor(problem);
      return layout !== null && !isPlain(layout.positions);
    },
  };
}

/** What the layout of the draws of a problem may depend on. */
function drawnFor(
  { settings, groups, samples, axes }: Problem,
): readonly [DrawShape, DrawSettings] {
  const { steps, schedule: { kind: schedule }, gradClip, gradNorm, applyExp } = settings;
  return [{ steps, groups, samples, axes }, { schedule, gradClip, gradNorm, applyExp }];
}

/** The layout of one shape; null if none is found, so that the plain order stays. */
async function findLayout(
  target: Target,
  problem: Problem,
  factor: number,
): Promise<Layout | null> {
  const [shape, settings] = drawnFor(problem);
  let draws = shape.steps + 1;
  for (let tries = 0; tries < 2; tries++) {
    if (draws * numbersIn(shape) > mostNumbers * shape.steps) return null;
    try {
      const call = await calibrate(target, shape, settings, { seed: 5, draws });
      const match = call && matchOf(call, [factor]);
      if (match && isOneToOne(match.positions)) return { positions: match.positions, draws };
      if (!call || call.taken <= draws) return null;
      draws = call.taken;
    } catch (error) {
      return nullIfOfRule(error);
    }
  }
  return null;
}

/** A target that is asked to draw its own noise in all problems. */
export function withOwnNoise(target: Target): Target {
  return {
    ...target,
    noise: "own",
    unsupported: new Set([...target.unsupported, "noise-tape" as const]),
    async prepare(settings) {
      const prepared = await target.prepare(settings);
      return { sample: (problem) => prepared.sample({ ...problem, noise: { kind: "own" } }) };
    },
  };
}

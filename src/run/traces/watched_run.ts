/**
 * A recorded real run: the points, gradients and draws that were seen while a person's own sampler
 * ran on a network of their own.
 *
 * Every step is judged from the point and the gradient that were seen there, so no energy has to be
 * known: a step from a point along a gradient is that of a linear energy with this slope. What needs
 * other problems (other boxes, other settings, a second call) is not judged.
 *
 * @module
 */

import { z } from "zod";
import { type Defect, defects, samplerWith } from "../../defects/defects.ts";
import { agrees, type NoiseSign, predictStep } from "../../../spec/oracle.ts";
import type { Grouped, Problem, Rows } from "../../../spec/problem.ts";
import { stepSizes, type Terms } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { object, settingsShape } from "../../../spec/settings_json.ts";
import type { OwnCoordinates } from "../../../spec/tolerance.ts";
import { aboutCoordinates, ofTheBox } from "../calibration/own_coordinates.ts";

const number = z.union([
  z.number(),
  z.enum(["NaN", "Infinity", "-Infinity", "-0"]).transform(Number),
]);
const table = z.array(z.array(number));

const recording = object({
  format: z.literal("ulaspec-watched/1"),
  settings: object({
    bounds: object({ min: z.array(number), max: z.array(number) }),
    ...settingsShape(z.number()),
  }),
  points: z.array(table).describe("steps × rows × axes: where a gradient was taken"),
  gradients: z.array(table).describe("steps × rows × axes: of each row's own energy, there"),
  draws: z.array(table).nullable().describe(
    "steps × rows × axes; null if they can't be told apart",
  ),
  final: table.nullable().describe("rows × axes: what was returned, if it was told"),
  rows: z.int().describe("Rows of the run; those that are recorded may be fewer"),
  notes: z.array(z.string()),
});

/** What was seen of a real run. */
export type WatchedRun = z.infer<typeof recording>;

/** A coordinate of a step that is not the rule's. */
export interface Deviation {
  readonly step: number;
  readonly row: number;
  readonly axis: number;
  readonly action: number;
  readonly expected: Terms;
  readonly actual: number;
  readonly tolerance: number;
}

/** What is to be said of a real run. */
export interface WatchedReport {
  readonly format: "ulaspec-watched-report/1";
  /** `not judged`: no step could be. */
  readonly verdict: "follows" | "deviates" | "not judged";
  /** What was judged. */
  readonly coverage: {
    readonly steps: number;
    readonly ofSteps: number;
    readonly rows: number;
    readonly ofRows: number;
    readonly axes: number;
    /** Coordinates whose step reached the limit, and whose point reached a wall. */
    readonly limited: number;
    readonly onWalls: number;
    readonly coordinates: number;
  };
  /** How many coordinates deviate, and the first. */
  readonly deviating: number;
  readonly first: Deviation | null;
  /** Known bugs, each of which alone gives every point that was seen. */
  readonly bugs: readonly Pick<Defect, "id" | "title" | "fix">[];
  /** What multiplies the gradient and the draw, in units of the step size; null: not measured. */
  readonly measured: { readonly drift: number | null; readonly noise: number | null };
  readonly notes: readonly string[];
}

/**
 * Reads a recording.
 *
 * @throws {RangeError} if it is none
 */
export function readWatchedRun(text: string): WatchedRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError("Cannot read the recording: found no JSON, wanted what run.save wrote");
  }
  const { data, error } = recording.safeParse(value);
  if (data === undefined) {
    const { path, message } = error.issues[0]!;
    throw new RangeError(
      `Cannot read the recording: found ${message} at ${path.join(".") || "its top"}, ` +
        "wanted what run.save wrote",
    );
  }
  return data;
}

/** Judges a real run. */
export async function judgeWatchedRun(run: WatchedRun): Promise<WatchedReport> {
  const { settings, points, final } = run;
  // A gradient at the point that was returned is one for a log.
  const asksAfter = points.length === settings.steps + 1 &&
    (final === null || isSame(points.at(-1)!, final));
  const nexts = [...points.slice(1), ...(final === null ? [] : [final])];
  const count = Math.min(nexts.length, points.length, settings.steps);
  const signs: readonly NoiseSign[] = settings.noiseScale > 0 ? [1, -1] : [1];
  const looks = signs.map((sign) => lookAt(run, nexts, count, sign));
  const plain = looks.reduce((best, other) =>
    other.deviations.length < best.deviations.length ? other : best
  );
  const rounded = plain.deviations.length > 0 && isRounding(plain.unlimited)
    ? lookAt(run, nexts, count, plain.sign, ofTheBox)
    : plain;
  const isRounded = rounded !== plain && rounded.deviations.length === 0;
  const look = isRounded ? rounded : plain;
  const known = run.draws !== null || settings.noiseScale === 0;
  const judged = count > 0 && known;
  const tooMany = count > 0 && points.length !== settings.steps && !asksAfter;
  const notes = [
    ...run.notes,
    ...(tooMany
      ? [
        `Found gradients at ${points.length} points, wanted one for each of ${settings.steps} steps`,
      ]
      : []),
    ...(known || count === 0
      ? []
      : ["The draws could not be attributed to steps, so no step was judged"]),
    ...isRounded ? aboutCoordinates({ coordinates: ofTheBox }) : [],
    ...(asksAfter ? ["A gradient more than steps was taken, at the end: it changes nothing"] : []),
    ...(final === null && count > 0 && !asksAfter
      ? ["The last step was not judged: say run.final = what the sampler returned"]
      : []),
  ];
  const deviates = judged && (look.deviations.length > 0 || tooMany);
  return {
    format: "ulaspec-watched-report/1",
    verdict: !judged ? "not judged" : deviates ? "deviates" : "follows",
    coverage: {
      steps: judged ? count : 0,
      ofSteps: settings.steps,
      rows: points[0]?.length ?? 0,
      ofRows: run.rows,
      axes: settings.bounds.min.length,
      limited: look.limited,
      onWalls: look.onWalls,
      coordinates: look.coordinates,
    },
    deviating: judged ? look.deviations.length : 0,
    first: judged ? look.deviations[0] ?? null : null,
    bugs: deviates ? await bugsOf(run, nexts.slice(0, count), look.sign) : [],
    measured: judged ? measure(look.free) : { drift: null, noise: null },
    notes,
  };
}

function isSame(one: Rows, other: Rows): boolean {
  return one.every((row, r) =>
    row.every((x, i) => Math.abs(x - other[r]![i]!) <= 1e-6 * Math.abs(x))
  );
}

interface Look {
  readonly sign: NoiseSign;
  readonly deviations: readonly Deviation[];
  readonly limited: number;
  readonly onWalls: number;
  readonly coordinates: number;
  /** Steps that nothing limits: what moved, and of which parts, in units of the step size. */
  readonly free: readonly Free[];
  /** All coordinates that nothing limits. */
  readonly unlimited: readonly Unlimited[];
}

interface Free {
  readonly moved: number;
  readonly gradient: number;
  readonly draw: number;
}

/** How far a coordinate is from the rule, and what it may go with. */
interface Unlimited {
  readonly step: number;
  readonly axis: number;
  readonly by: number;
  readonly with: readonly number[];
}

/** The fewest coordinates that tell rounding from a fault. */
const fewestUnlimited = 64;
/** Deviations of a mean that chance gives in no run. */
const beyond = 6;

/**
 * Whether what is off goes with nothing on any axis, neither with a constant, the action, the drift nor the
 * noise, and is as large late as early: that is how actions round that are kept in other coordinates.
 */
function isRounding(all: readonly Unlimited[]): boolean {
  if (all.length < fewestUnlimited) return false;
  const middle = all[Math.floor(all.length / 2)]!.step;
  return [...new Set(all.map(({ axis }) => axis))].every((axis) => {
    const own = all.filter((one) => one.axis === axis);
    const size = (of: readonly Unlimited[]) =>
      Math.sqrt(of.reduce((sum, { by }) => sum + by * by, 0) / of.length);
    const early = size(own.filter(({ step }) => step < middle));
    const late = size(own.filter(({ step }) => step >= middle)), whole = size(own);
    return Math.max(early, late) <= 2 * Math.min(early, late) &&
      own[0]!.with.every((_, j) => {
        const mean = j === 0 ? 0 : own.reduce((sum, one) => sum + one.with[j]!, 0) / own.length;
        let along = 0, spread = 0;
        for (const one of own) {
          along += one.by * (one.with[j]! - mean);
          spread += (one.with[j]! - mean) ** 2;
        }
        return Math.abs(along) <= beyond * whole * Math.sqrt(spread);
      });
  });
}

function lookAt(
  run: WatchedRun,
  nexts: readonly Rows[],
  count: number,
  sign: NoiseSign,
  coordinates?: OwnCoordinates,
): Look {
  const { settings: { bounds, schedule, steps } } = run;
  const sizes = stepSizes(schedule, steps);
  const deviations: Deviation[] = [], free: Free[] = [], unlimited: Unlimited[] = [];
  let limited = 0, onWalls = 0, seen = 0;
  for (let step = 0; step < count; step++) {
    const from = run.points[step]!, to = nexts[step]!;
    const problem = { ...linearProblem(run, step), ...coordinates && { coordinates } };
    const predicted = predictStep(problem, step, from, {
      noiseSign: sign,
      compiled: true,
    });
    predicted.forEach((ofRow, row) =>
      ofRow.forEach(({ terms, tolerance }, axis) => {
        const action = from[row]![axis]!, actual = to[row]![axis]!;
        seen++;
        const atLimit = Math.abs(terms.step) >= terms.limit;
        const onWall = actual <= bounds.min[axis]! || actual >= bounds.max[axis]!;
        if (atLimit) limited++;
        if (onWall) onWalls++;
        if (!agrees(actual, terms.result, tolerance)) {
          deviations.push({ step, row, axis, action, expected: terms, actual, tolerance });
        }
        const bounded = Math.abs(action - actual) > 0.99 * terms.limit;
        if (!onWall && !bounded && Math.abs(terms.step) < 0.5 * terms.limit) {
          // What is rounded by the box is best seen in large steps.
          const eta = sizes[step]!, by = coordinates ? eta : 1;
          free.push({
            moved: by * (action - actual) / eta,
            gradient: by * terms.clippedGradient,
            draw: by * terms.noise,
          });
        }
        if (!onWall && !atLimit) {
          const eta = sizes[step]!, parts = [1, action, eta * terms.drift, eta * terms.noise];
          unlimited.push({ step, axis, by: actual - terms.result, with: parts });
        }
      })
    );
  }
  return { sign, deviations, limited, onWalls, coordinates: seen, free, unlimited };
}

/** The problem whose gradient at every point is what was seen of one step. */
function linearProblem(run: WatchedRun, step: number): Problem {
  const { settings, gradients, draws } = run, slopes = gradients[step]!;
  const axes = settings.bounds.min.length;
  return {
    energy: Array.from({ length: axes }, (_, i) => `o${i + 1}*a${i + 1}`).join(" + "),
    settings,
    groups: slopes.length,
    samples: 1,
    axes,
    observations: slopes,
    initial: run.points[0]!,
    noise: draws === null ? { kind: "own" } : { kind: "tape", draws },
    seed: 1,
  };
}

/** Least squares of what moved on gradient and draw; null where they do not explain it. */
function measure(free: readonly Free[]): WatchedReport["measured"] {
  let gg = 0, gd = 0, dd = 0, gm = 0, dm = 0, mm = 0;
  for (const { moved, gradient, draw } of free) {
    gg += gradient * gradient;
    gd += gradient * draw;
    dd += draw * draw;
    gm += gradient * moved;
    dm += draw * moved;
    mm += moved * moved;
  }
  const determinant = gg * dd - gd * gd;
  const unknown = { drift: null, noise: null };
  if (free.length < 8 || !(mm > 0)) return unknown;
  if (!(determinant > 1e-9 * gg * dd)) {
    const drift = gm / gg;
    return dd === 0 && gg > 0 && mm - drift * gm < 1e-4 * mm ? { drift, noise: null } : unknown;
  }
  const drift = (gm * dd - dm * gd) / determinant, noise = (dm * gg - gm * gd) / determinant;
  const left = mm - drift * gm - noise * dm;
  return left < 1e-4 * mm ? { drift, noise } : unknown;
}

/** The bugs that alone give every point that was seen, from the gradients and draws that were. */
async function bugsOf(
  run: WatchedRun,
  nexts: readonly Rows[],
  sign: NoiseSign,
): Promise<WatchedReport["bugs"]> {
  const found: Defect[] = [];
  for (const defect of defects) {
    if (await explains(samplerWith(defect.change), run, nexts, sign)) found.push(defect);
  }
  return found.map(({ id, title, fix }) => ({ id, title, fix }));
}

async function explains(
  sampler: Sampler,
  run: WatchedRun,
  nexts: readonly Rows[],
  sign: NoiseSign,
): Promise<boolean> {
  const { settings, points, gradients, draws } = run, initial = points[0]!;
  const { min, max } = settings.bounds;
  let asked = 0, drawn = 0;
  const table = () => initial.map((row) => row.map(() => 0));
  function gradient(actions: Rows): number[][];
  function gradient(actions: Grouped): number[][][];
  function gradient(): number[][] | number[][][] {
    return (gradients[asked++] ?? table()).map((row) => [...row]);
  }
  const draw = () => (draws?.[drawn++] ?? table()).map((row) => row.map((x) => sign * x));
  try {
    const result = await (await sampler.prepare(settings))({
      settings,
      groups: initial.length,
      samples: 1,
      axes: min.length,
      observations: initial.map(() => []),
      initial: initial.map((row) => [...row]),
      network: {
        returns: "energy",
        energy: "",
        outputs: () => initial.map(() => 0),
        gradient,
        log: () => {},
      },
      noise: { kind: "tape", draw, drawGrouped: () => draw().map((row) => [row]) },
      seed: 1,
    });
    const actions = "chain" in result ? result.chain?.actions : undefined;
    if (!Array.isArray(actions)) return false;
    return nexts.every((rows, k) =>
      rows.every((row, r) =>
        row.every((x, i) => {
          const near = 1e-6 * (k + 2) * (Math.abs(min[i]!) + Math.abs(max[i]!));
          return Math.abs((actions[k] as Rows | undefined)?.[r]?.[i]! - x) <= near;
        })
      )
    );
  } catch {
    // A defect that throws on this run does not explain it.
    return false;
  }
}

/**
 * What a condition may be about: counts, places, sizes and what is so or not, of one coordinate of one
 * step; and products and ratios of these.
 *
 * @module
 */

import type { Problem, Schedule, Settings } from "../../../spec/problem.ts";
import type { ForcedCall } from "../experiments/forced.ts";

/** A coordinate of a step. */
interface Place {
  readonly problem: Problem;
  readonly call: number;
  readonly k: number;
  readonly row: number;
  readonly axis: number;
  /** The action before the step, and the gradient and the draw there. */
  readonly a: number;
  readonly g: number;
  readonly xi: number;
  readonly eta: number;
  /** The step before its limit. */
  readonly delta: number;
  /** Whether a wall has stopped the coordinate in a step before. */
  readonly stopped: boolean;
}

/** What a condition may be about. */
export interface Variable {
  readonly of: (place: Place) => number;
  /** As formulas have it; none where they know it not. */
  readonly symbol: string | undefined;
  readonly kind: Kind;
  /** The same of a problem, if it is one number in all of it. */
  readonly ofProblem?: (problem: Problem) => number;
}

/**
 * A count or a place has its noun in both numbers, a size its name, a yes-or-no its words; a relation of
 * two counts is one that may hold by the choice of problems.
 */
export type Kind =
  | readonly ["count" | "place", one: string, many: string]
  | readonly ["size", name: string]
  | readonly ["is", yes: string, no: string]
  | readonly ["relation", yes: string, no: string];

const given = (
  symbol: string | undefined,
  kind: Kind,
  of: (problem: Problem) => number | boolean,
): Variable => ({
  symbol,
  kind,
  of: ({ problem }) => Number(of(problem)),
  ofProblem: (problem) => Number(of(problem)),
});

const setting = (
  symbol: string | undefined,
  kind: Kind,
  of: (settings: Settings) => number | boolean,
): Variable => given(symbol, kind, ({ settings }) => of(settings));

const placed = (
  symbol: string | undefined,
  kind: Kind,
  of: (place: Place) => number | boolean,
): Variable => ({ symbol, kind, of: (place) => Number(of(place)) });

const bound = (side: "min" | "max") => ({ problem: { settings }, axis }: Place) =>
  settings.bounds[side][axis]!;
const lo = bound("min"), hi = bound("max");
const limit = (at: Place) => at.problem.settings.deltaClip / 2 * (hi(at) - lo(at));
const clipped = ({ g, problem }: Place) =>
  Math.min(Math.abs(g), problem.settings.gradClip ?? Infinity);
const countsIn = {
  rows: ({ initial }: Problem) => initial.length,
  axes: ({ axes }: Problem) => axes,
  samples: ({ samples }: Problem) => samples,
  observations: ({ groups }: Problem) => groups,
  steps: ({ settings }: Problem) => settings.steps,
} as const;
const if_ = (condition: string) => `where(${condition}, 1, 0)`;
const unless = (condition: string) => `where(${condition}, 0, 1)`;
const ofPowers = (of: (schedule: Schedule & { readonly kind: "polynomial" }) => number) =>
(
  { schedule }: Settings,
) => schedule.kind === "polynomial" ? of(schedule) : NaN;

/** The first variable that is made of two others. */
const firstPaired = if_("0.5 - abs(rows - axes)");

/** What is plain comes before what follows from it. */
export const variables: readonly Variable[] = [
  setting(
    unless("sigma"),
    ["is", "where the noise scale is 0", "where there is noise"],
    ({ noiseScale }) => noiseScale === 0,
  ),
  given("(rows / samples)", ["count", "observation", "observations"], ({ groups }) => groups),
  given("rows", ["count", "row", "rows"], ({ initial }) => initial.length),
  given("samples", ["count", "sample", "samples"], ({ samples }) => samples),
  given("axes", ["count", "axis", "axes"], ({ axes }) => axes),
  setting("N", ["count", "step", "steps"], ({ steps }) => steps),
  placed("axis", ["place", "axis", "axes"], ({ axis }) => axis),
  placed(
    if_("axis - (axes - 1.5)"),
    ["is", "on the last axis", "on all axes but the last"],
    ({ axis, problem }) => axis === problem.axes - 1,
  ),
  placed("row", ["place", "row", "rows"], ({ row }) => row),
  placed(
    "(row - samples * floor((row + 0.5) / samples))",
    ["place", "sample", "samples"],
    ({ row, problem }) => row % problem.samples,
  ),
  placed(
    if_("row - samples * floor((row + 0.5) / samples) - (samples - 1.5)"),
    ["is", "in the last sample", "in all samples but the last"],
    ({ row, problem }) => row % problem.samples === problem.samples - 1,
  ),
  placed(
    "floor((row + 0.5) / samples)",
    ["place", "observation", "observations"],
    ({ row, problem }) => Math.floor(row / problem.samples),
  ),
  placed(
    if_("row - (rows - 1.5)"),
    ["is", "in the last row", "in all rows but the last"],
    ({ row, problem }) => row === problem.initial.length - 1,
  ),
  placed("k", ["place", "step", "steps"], ({ k }) => k),
  placed(
    if_("k - (N - 1.5)"),
    ["is", "in the last step", "in all steps but the last"],
    ({ k, problem }) => k === problem.settings.steps - 1,
  ),
  placed(
    "(k / N)",
    ["size", "part k/N of the chain"],
    ({ k, problem }) => k / problem.settings.steps,
  ),
  placed(undefined, ["place", "call", "calls"], ({ call }) => call),
  setting("sigma", ["size", "noise scale"], ({ noiseScale }) => noiseScale),
  setting("c", ["size", "delta clip"], ({ deltaClip }) => deltaClip),
  setting(
    undefined,
    ["is", "where a gradient clip is set", "where no gradient clip is set"],
    ({ gradClip }) => gradClip !== null,
  ),
  setting("gamma", ["size", "gradient clip"], ({ gradClip }) => gradClip ?? NaN),
  placed("eta", ["size", "step size"], ({ eta }) => eta),
  setting(
    undefined,
    ["is", "with an exponential schedule", "with a polynomial schedule"],
    ({ schedule }) => schedule.kind === "exponential",
  ),
  setting(
    if_("final - init"),
    ["is", "where the final step size is above the initial one", "where step sizes do not rise"],
    ofPowers(({ init, final }) => Number(final > init)),
  ),
  setting("power", ["size", "power of the schedule"], ofPowers(({ power }) => power)),
  placed(
    if_("lo * hi"),
    ["is", "in a box without 0", "in a box that holds 0"],
    (at) => lo(at) * hi(at) > 0,
  ),
  placed(
    if_("1e-9 - abs(lo + hi)"),
    ["is", "in a box that is centred at 0", "in a box that is not centred at 0"],
    (at) => lo(at) === -hi(at),
  ),
  placed("(hi - lo)", ["size", "range"], (at) => hi(at) - lo(at)),
  ...([
    ["the lower wall", "a - lo", (at) => at.a - lo(at)],
    ["the upper wall", "hi - a", (at) => hi(at) - at.a],
    ["a wall", "min(a - lo, hi - a)", (at) => Math.min(at.a - lo(at), hi(at) - at.a)],
  ] as const satisfies readonly (readonly [string, string, (at: Place) => number])[]).flatMap((
    [wall, room, of],
  ) => [
    placed(unless(`abs(${room})`), ["is", `on ${wall}`, `off ${wall}`], (at) => of(at) === 0),
    placed(unless(room), ["is", `on or beyond ${wall}`, `inside of ${wall}`], (at) => of(at) <= 0),
    placed(if_(`-(${room})`), ["is", `beyond ${wall}`, `not beyond ${wall}`], (at) => of(at) < 0),
  ]),
  placed(
    "wasStopped",
    ["is", "once a wall has stopped it", "until a wall stops it"],
    ({ stopped }) => stopped,
  ),
  placed(
    unless("abs(g)"),
    ["is", "where the gradient is 0", "where there is a gradient"],
    ({ g }) => g === 0,
  ),
  placed("g", ["size", "gradient"], ({ g }) => g),
  placed("abs(g)", ["size", "size of the gradient"], ({ g }) => Math.abs(g)),
  placed(
    unless("abs(xi)"),
    ["is", "where the draw is 0", "where the draw is not 0"],
    ({ xi }) => xi === 0,
  ),
  placed("xi", ["size", "draw"], ({ xi }) => xi),
  placed("abs(xi)", ["size", "size of the draw"], ({ xi }) => Math.abs(xi)),
  placed("a", ["size", "action"], ({ a }) => a),
  placed("abs(a)", ["size", "size of the action"], ({ a }) => Math.abs(a)),
  placed("delta", ["size", "step before its limit"], ({ delta }) => delta),
  setting(
    undefined,
    ["is", "where the output is exponentiated", "where the output is not exponentiated"],
    ({ applyExp }) => applyExp,
  ),
  setting(
    undefined,
    ["is", "where a gradient norm is asked for", "where no gradient norm is asked for"],
    ({ gradNorm }) => gradNorm !== null,
  ),
  placed("lo", ["size", "lower bound"], lo),
  placed("hi", ["size", "upper bound"], hi),
  // What is made of two of them comes last: each alone is plainer.
  ...([
    ["rows", "rows", "axes", "axes"],
    ["rows", "rows", "N", "steps"],
    ["axes", "axes", "N", "steps"],
    ["samples", "samples", "axes", "axes"],
    ["(rows / samples)", "observations", "samples", "samples"],
    ["(rows / samples)", "observations", "axes", "axes"],
  ] as const).flatMap(([one, these, other, those]): readonly Variable[] => {
    const difference = (problem: Problem) => countsIn[these](problem) - countsIn[those](problem);
    return [
      given(
        if_(`0.5 - abs(${one} - ${other})`),
        [
          "relation",
          `with as many ${these} as ${those}`,
          `with another number of ${these} than ${those}`,
        ],
        (problem) => difference(problem) === 0,
      ),
      given(
        if_(`${one} - ${other} - 0.5`),
        ["relation", `with more ${these} than ${those}`, `with no more ${these} than ${those}`],
        (problem) => difference(problem) > 0,
      ),
    ];
  }),
  given(
    "(rows * axes)",
    ["count", "coordinate", "coordinates"],
    ({ initial, axes }) => initial.length * axes,
  ),
  given(
    "(rows * N)",
    ["size", "number of rows times that of steps"],
    ({ initial, settings }) => initial.length * settings.steps,
  ),
  setting(
    "(N * init)",
    ["size", "number of steps times the initial step size"],
    ({ steps, schedule }) => steps * schedule.init,
  ),
  setting(
    "(final / init)",
    ["size", "final step size over the initial one"],
    ofPowers(({ init, final }) => final / init),
  ),
  placed(
    "(eta / init)",
    ["size", "step size over the initial one"],
    ({ eta, problem }) => eta / problem.settings.schedule.init,
  ),
  placed(
    "(eta * sigma)",
    ["size", "step size times the noise scale"],
    ({ eta, problem }) => eta * problem.settings.noiseScale,
  ),
  placed("(c / 2 * (hi - lo))", ["size", "limit of the rule"], limit),
  placed(
    "(eta * abs(g))",
    ["size", "step size times the size of the gradient"],
    ({ eta, g }) => eta * Math.abs(g),
  ),
  placed(
    "abs(gt)",
    ["size", "size of the clipped gradient"],
    clipped,
  ),
  placed(
    "(eta * abs(gt))",
    ["size", "step size times the size of the clipped gradient"],
    (at) => at.eta * clipped(at),
  ),
  placed(
    "abs(sigma * xi)",
    ["size", "size of the noise"],
    ({ xi, problem }) => Math.abs(problem.settings.noiseScale * xi),
  ),
  placed(
    "(eta * (hi - lo))",
    ["size", "step size times the range"],
    (at) => at.eta * (hi(at) - lo(at)),
  ),
  placed(
    "((hi - lo) / max(c, 1e-12))",
    ["size", "range over the delta clip"],
    (at) => (hi(at) - lo(at)) / Math.max(at.problem.settings.deltaClip, 1e-12),
  ),
  placed(
    "(c * eta)",
    ["size", "delta clip times the step size"],
    ({ eta, problem }) => eta * problem.settings.deltaClip,
  ),
  placed(
    "(abs(g) / gamma)",
    ["size", "size of the gradient over the gradient clip"],
    ({ g, problem }) => Math.abs(g) / (problem.settings.gradClip ?? NaN),
  ),
  placed(
    "abs(delta)",
    ["size", "size of the step before its limit"],
    ({ delta }) => Math.abs(delta),
  ),
  placed(
    "(abs(delta) / (c / 2 * (hi - lo)))",
    ["size", "step before its limit over that limit"],
    (at) => Math.abs(at.delta) / limit(at),
  ),
  placed(
    "((a - lo) / (hi - lo))",
    ["size", "place in the box, from 0 to 1,"],
    (at) => (at.a - lo(at)) / (hi(at) - lo(at)),
  ),
];

const firstOfTwo = variables.findIndex(({ symbol }) => symbol === firstPaired);

/** Whether a variable is made of two others. */
export const isOfTwo = (variable: Variable) => variables.indexOf(variable) >= firstOfTwo;

/** A number in the place of infinity, of which formulas know nothing. */
export const infinite = 1e38;

const finite = (value: number) => Math.min(Math.max(value, -infinite), infinite);

/** What a coordinate of a step was given, by the variables; infinity as a number. */
export function valuesAt(
  { problem, chain: { points }, steps }: ForcedCall,
  at: Pick<Place, "call" | "k" | "row" | "axis" | "g" | "eta">,
): readonly number[] {
  const { k, row, axis } = at, { noise, settings: { bounds: { min, max } } } = problem;
  const place: Place = {
    ...at,
    problem,
    a: points[k]![row]![axis]!,
    delta: steps[k]!.terms[row]![axis]!.step,
    xi: noise.kind === "tape" ? noise.draws[k]?.[row]?.[axis] ?? NaN : NaN,
    stopped: steps.slice(0, k).some(({ from, terms }) => {
      const to = from[row]![axis]! - terms[row]![axis]!.clippedStep;
      return to < min[axis]! || to > max[axis]!;
    }),
  };
  return variables.map(({ of }) => finite(of(place)));
}

/** What a problem gives every coordinate, by the variables; not a number where they have a place. */
export function valuesIn(problem: Problem): readonly number[] {
  return variables.map(({ ofProblem }) => finite(ofProblem?.(problem) ?? NaN));
}

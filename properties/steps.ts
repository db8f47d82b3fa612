/**
 * How many steps a chain takes, and with what precision.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { countedPathOf } from "../spec/readings.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import {
  calmProblem,
  constantTape,
  fraction,
  linearProblems,
  stepCount,
  table,
} from "./arbitraries.ts";
import { clause, type ClauseObserver } from "./clause.ts";
import { predictionsOf } from "./compare.ts";
import { type Finding, plainFinding } from "./finding.ts";
import { pathOn } from "./observer.ts";
import { loop } from "./sources.ts";
import { stepsWithoutDraws } from "./surplus_steps.ts";

export const count = clause({
  id: "steps/count",
  level: "must",
  sentence: "A chain of N steps takes N steps, and asks for a gradient before each.",
  why:
    "Step sizes, noise and cost are chosen for N steps; one more or fewer changes the schedule and where the chain ends.",
  source: loop,
  buildsOn: [],
  remark:
    "Extra gradient calls are fine: at a point that hasn't moved, at the final actions, or elsewhere just to look. Where a chain comes back to a point, the gradient that is known there need not be asked for again. A chain that takes N draws takes N steps.",
  problems: {
    random: (facts) => linearProblems(facts, 2),
    // Long chains, and a batch as large as those that the noise is recovered from.
    edges: (facts) => [
      ...[25, 101].map((steps) =>
        calmProblem({ energy: [0.5], steps, stepSize: 1 / 16, initial: [[0.25]] })
      ),
      calmProblem({
        energy: [0.5, -0.25],
        steps: Math.max(2, facts.leastSteps),
        stepSize: 0.125,
        initial: Array.from({ length: 512 }, (_, r) => [r / 1024, -r / 1024]),
      }),
    ],
    async judge(observer, problem) {
      const path = countedPathOf(problem, await observer.run(problem));
      observer.compared(1);
      if (path.kind === "known") return null;
      const { evaluations } = path;
      if (evaluations > problem.settings.steps && await onlyLooks(observer, problem)) return null;
      return wrongCount(problem, evaluations);
    },
  },
});

/**
 * Whether a sampler with more questions than steps only looks, though its steps do not follow the
 * rule: it takes as many draws as there are steps; or, with noise of its own, the points where it
 * asks do not lie as those of equal steps down a slope.
 */
async function onlyLooks(observer: ClauseObserver, problem: Problem): Promise<boolean> {
  const { settings, initial, axes } = problem, { steps } = settings;
  if (!observer.facts.unsupported.has("noise-tape")) {
    const draws = constantTape(1 / 64, steps, initial.length, axes);
    const noisy: Problem = {
      ...problem,
      settings: { ...settings, noiseScale: 1 },
      noise: { kind: "tape", draws },
    };
    return (await observer.run(noisy)).draws === steps &&
      !await stepsWithoutDraws(observer, problem);
  }
  const { evaluations } = await observer.run(problem);
  const asked = evaluations.filter(({ kind }) => kind === "gradient").map(({ points }) => points);
  if (asked.length % steps !== 0) return false;
  const moves = asked.slice(1).map((to, j) => to[0]![0]! - asked[j]![0]![0]!);
  const largest = Math.max(...moves.map(Math.abs));
  return moves.some((move) => Math.abs(move - moves[0]!) > largest / 64) &&
    !await stepsWithoutDraws(observer, problem);
}

/** Another number of gradients than that of the steps. */
export function wrongCount(problem: Problem, actual: number): Finding {
  const expected = problem.settings.steps;
  const message = `A chain of ${expected} step${
    expected === 1 ? "" : "s"
  } asks for ${actual} gradient${actual === 1 ? "" : "s"}`;
  return plainFinding(problem, message, { expected, actual });
}

/**
 * Fewer gradients than steps break `steps/count`, on the problems of whatever clause, unless the chain
 * rests where none was asked.
 */
export function tooFew(problem: Problem, trajectory: Trajectory): Finding | null {
  const asked = trajectory.evaluations.filter(({ kind }) => kind === "gradient").length;
  if (asked >= problem.settings.steps || trajectory.untold) return null;
  if (asked > 0 && countedPathOf(problem, trajectory).kind === "known") return null;
  return wrongCount(problem, asked);
}

/** Significant binary digits of float16, of which bfloat16 has fewer. */
const halfDigits = 11;

function digitsOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  let digits = 1;
  for (let rest = Math.abs(value) / 2 ** Math.floor(Math.log2(Math.abs(value))); rest % 1 !== 0;) {
    rest *= 2;
    digits++;
  }
  return digits;
}

/** The network was asked in less than float32, as the target says. */
function coarseFinding(problem: Problem, type: string): Finding {
  const digits = type === "bfloat16" ? 8 : halfDigits;
  const message =
    `The network is asked at actions in ${type}, of ${digits} significant binary digits or fewer; float32 has 24`;
  return { ...plainFinding(problem, message, { expected: 24, actual: digits }), askedIn: type };
}

/** The most that rounding to so few digits changes a step by, as a part of what is in it. */
const mostRounding = 1 / 16;

/**
 * What a clause finds in a chain whose network was asked in less than float32 may be rounding:
 * then it is the precision that is broken. What differs by more than rounding stays what it is.
 */
export function roundedFinding(
  found: Finding,
  runs: readonly { readonly problem: Problem; readonly trajectory: Trajectory }[],
): Finding {
  const coarse = runs.find(({ trajectory }) => trajectory.coarse !== undefined)?.trajectory.coarse;
  const { expected, actual, problem } = found;
  const sizes = [expected, actual, ...problem.initial.flat()].map(Math.abs);
  const isMore = Math.abs(actual - expected) > mostRounding * Math.max(...sizes);
  if (coarse === undefined || isMore) return found;
  return { ...coarseFinding(problem, coarse), instead: "steps/precision" };
}

/** Gradients or draws of which so many have few digits, and not those of the rule, are no accident. */
const fewestHalves = 3;

/**
 * Gradients, or the noise, that are wrong by what float16 or bfloat16 makes of them: read off the
 * steps, all of them are, within the tolerance, numbers of a few digits.
 */
export function halfPrecision(
  observer: ClauseObserver,
  problem: Problem,
  points: readonly Rows[],
  of: "gradient" | "noise",
): Finding | null {
  const off = points.slice(0, -1).flatMap((from, step) =>
    predictionsOf(observer, problem, step, from).flatMap((row, r) =>
      row.flatMap(({ terms, tolerance, factors }, axis) => {
        const { result } = terms, exact = terms[of];
        const actual = points[step + 1]![r]![axis]!;
        if (Math.abs(actual - result) <= tolerance) return [];
        const factor = of === "noise" ? factors.noise : factors.gradient * factors.drift;
        const seen = exact + (result - actual) / factor;
        return [{ step, row: r, axis, exact, seen, slack: 2 * tolerance / Math.abs(factor) }];
      })
    )
  );
  // Where steps tell less than such digits do, any number may be one of them.
  const isHalf = ({ exact, seen, slack }: (typeof off)[number]) =>
    Math.abs(seen - rounded(seen)) <= slack && slack < halfUnit(seen) / 8 &&
    Math.abs(seen - exact) < Math.abs(exact) / 64;
  if (off.length < fewestHalves || !off.every(isHalf)) return null;
  const { step, row, axis, exact, seen } = off[0]!;
  const message = `The ${of} of step ${step}, row ${row}, axis ${axis} is ${show(rounded(seen))}, ${
    show(exact)
  } in half precision, and so are all ${off.length} that differ`;
  return plainFinding(problem, message, {
    step,
    row,
    axis,
    expected: predictionsOf(observer, problem, step, points[step]!)[row]![axis]!.terms.result,
    actual: points[step + 1]![row]![axis]!,
  });
}

/** The last of so many digits as float16 has. */
function halfUnit(value: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(value))) + 1 - halfDigits);
}

/** The nearest number of so many digits as float16 has. */
function rounded(value: number): number {
  const unit = halfUnit(value);
  return Math.round(value / unit) * unit;
}

/** The fewest coordinates that tell their number format. */
const fewestCoarse = 4;

export const precision = clause({
  id: "steps/precision",
  level: "must",
  sentence: "Actions, gradients and draws are kept with the precision of float32, or better.",
  why:
    "Late steps are as small as 1e-5. In half precision they vanish, and the chain silently stops early.",
  source: loop,
  buildsOn: ["steps/count"],
  remark: "In float16 or bfloat16 small steps are lost; all other clauses are judged in float32.",
  problems: {
    // Of a few float32 numbers at least one has more digits, whatever the start.
    random: (facts) =>
      fc.record({
        rows: fc.integer({ min: 1, max: 4 }),
        axes: fc.integer({ min: 1, max: 2 }),
        steps: stepCount(facts, 3, 2),
      }).chain(({ rows, axes, steps }) =>
        table(rows, axes, fraction(0.5, 1, 2 ** 20)).map((initial) =>
          calmProblem({
            energy: axes === 1 ? "0.3*(a1 - 0.7)^2" : "0.3*(a1 - 0.7)^2 + 0.7*a2",
            steps,
            stepSize: Math.fround(0.1),
            initial,
          })
        )
      ),
    async judge(observer, problem) {
      const { coarse } = await observer.run(problem);
      observer.compared(1);
      if (coarse !== undefined) return coarseFinding(problem, coarse);
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      const { min, max } = problem.settings.bounds;
      // What rests where it starts has the digits of the start, and a wall those that it was given.
      const reached = points.slice(1).flatMap((rows, step) =>
        rows.flatMap((row, r) =>
          row.filter((a, i) => a !== points[step]![r]![i] && a !== min[i] && a !== max[i])
        )
      );
      const digits = Math.max(0, ...reached.map(digitsOf));
      observer.compared(points.slice(1).flat(2).length);
      // A coordinate or two may have few digits by chance.
      if (digits > halfDigits || new Set(reached).size < fewestCoarse) {
        return halfPrecision(observer, problem, points, "gradient");
      }
      return plainFinding(
        problem,
        `All ${reached.length} coordinates that the chain reaches between its walls have ${digits} significant binary digits or fewer; float32 has 24`,
        {
          step: 0,
          row: 0,
          axis: 0,
          expected: predictionsOf(observer, problem, 0, problem.initial)[0]![0]!.terms.result,
          actual: points[1]![0]![0]!,
        },
      );
    },
  },
});

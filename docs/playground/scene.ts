/**
 * The chains of the rule and of a defective rule on one problem, ready to be drawn.
 *
 * @module
 */

import { type Change, defectOf, ruleWith, samplerWith } from "../../src/defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { energyAt, predictStep } from "../../spec/oracle.ts";
import { type Problem, rowCount, type Rows } from "../../spec/problem.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import { limitOf, stepSizes } from "../../spec/rule.ts";
import { TargetFault } from "../../spec/sampler.ts";

/** One sampler's chains. */
export interface Run {
  /** x_0 … x_N, each rows × axes. A defect may take another number of steps. */
  readonly points: readonly Rows[];
  /** What it hands back, rows × axes. */
  readonly returned: Rows;
  /** η_0 … η_{N-1} */
  readonly stepSizes: readonly number[];
  /** Mean energy of the rows at x_0 … x_N. */
  readonly energies: readonly number[];
  /** Why it did not finish. */
  readonly fault: string | null;
}

/** Both samplers on one problem. */
export interface Scene {
  /** The problem. */
  readonly problem: Problem;
  /** The rule. */
  readonly expected: Run;
  /** The rule with the defect, or the rule again. */
  readonly actual: Run;
  /** Where the rule would have gone from the point where the defective sampler was, by step. */
  readonly fromThere: readonly Rows[];
  /** Largest movement of each axis in one step. */
  readonly limits: readonly number[];
  /** Whether the two runs show any difference on this problem. */
  readonly differ: "yes" | "no";
}

/**
 * Runs the rule and a defect of it.
 *
 * @param defect id of the defect, or `null`
 */
export async function sceneOf(given: Problem, defect: string | null): Promise<Scene> {
  const problem = withTape(given);
  const found = defect === null ? undefined : defectOf(defect);
  const expected = await runOf({}, problem);
  const actual = found ? await runOf(found.change, problem) : expected;
  const steps = Math.min(problem.settings.steps, actual.points.length - 1);
  const fromThere = Array.from(
    { length: steps },
    (_, k) =>
      predictStep(problem, k, actual.points[k]!).map((row) => row.map((p) => p.terms.result)),
  );
  const same = JSON.stringify([expected.points, expected.returned, actual.fault]) ===
    JSON.stringify([actual.points, actual.returned, null]);
  return {
    problem,
    expected,
    actual,
    fromThere,
    limits: problem.settings.bounds.max.map((_, axis) => limitOf(problem.settings, axis)),
    differ: same || nearly(expected, actual) ? "no" : "yes",
  };
}

async function runOf(change: Change, problem: Problem): Promise<Run> {
  // Reported actions would hide a defect of reporting; here the points themselves are wanted.
  const { reportedActions: _, reportedOutputs: _o, reportedNorm: _n, ...walking } = change;
  const start: Rows = change.start === "clipped"
    ? problem.initial.map((row) =>
      row.map((a, i) =>
        Math.min(Math.max(a, problem.settings.bounds.min[i]!), problem.settings.bounds.max[i]!)
      )
    )
    : problem.initial;
  const mean = (points: Rows) =>
    points.reduce((sum, point, row) => sum + energyAt(problem, row, point), 0) / rowCount(problem);
  try {
    const prepared = await observe(samplerWith(walking)).prepare(problem.settings);
    const { chain, final } = await prepared.sample(problem);
    const points = [start, ...chain?.actions ?? []];
    return {
      points,
      returned: final,
      stepSizes: stepSizes(problem.settings.schedule, problem.settings.steps, ruleWith(change)),
      energies: points.map(mean),
      fault: null,
    };
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return {
      points: [start],
      returned: start,
      stepSizes: [],
      energies: [mean(start)],
      fault: `Found ${error.found}, wanted ${error.wanted}`,
    };
  }
}

function nearly(a: Run, b: Run): boolean {
  if (a.points.length !== b.points.length || b.fault !== null) return false;
  const close = (x: Rows, y: Rows) =>
    x.every((row, r) => row.every((v, i) => Math.abs(v - y[r]![i]!) <= 1e-6 * (1 + Math.abs(v))));
  return close(a.returned, b.returned) && a.points.every((x, k) => close(x, b.points[k]!));
}

/** A problem whose noise is a tape: a sampler's own draws are made here, from its seed. */
function withTape(problem: Problem): Problem {
  if (problem.noise.kind === "tape") return problem;
  const next = normalDraws(problem.seed);
  const rows = rowCount(problem);
  return {
    ...problem,
    noise: {
      kind: "tape",
      draws: Array.from(
        { length: problem.settings.steps },
        () => Array.from({ length: rows }, () => Array.from({ length: problem.axes }, next)),
      ),
    },
  };
}

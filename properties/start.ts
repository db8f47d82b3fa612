/**
 * Where a chain starts, how many steps it takes, what it hands back, and what it leaves alone.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import { type Problem, rowCount, type Rows } from "../spec/problem.ts";
import { pathOf, same } from "../spec/trajectory.ts";
import {
  calmSettings,
  constantSchedule,
  constantTape,
  fraction,
  linearEnergy,
  normalTape,
  problemOf,
  quadraticEnergy,
  signed,
  table,
  tapeSeed,
  vector,
} from "./arbitraries.ts";
import {
  check,
  type ClauseCheck,
  type Facts,
  pathPoints,
  plainFinding,
  requireFinite,
  show,
} from "./property.ts";

/** Linear energies in a wide box: nothing clips. */
function calmProblems(facts: Facts, fewest: number): fc.Arbitrary<Problem> {
  return fc.record({
    rows: fc.integer({ min: 1, max: 4 }),
    axes: fc.integer({ min: 1, max: 3 }),
    steps: fc.integer({ min: Math.max(fewest, facts.leastSteps), max: 4 }),
    stepSize: fraction(1 / 16, 0.25, 16),
  }).chain(({ rows, axes, steps, stepSize }) =>
    fc.record({
      slopes: vector(axes, signed(0.125, 1, 8)),
      initial: table(rows, axes, fraction(-0.5, 0.5)),
    }).map(({ slopes, initial }) =>
      problemOf({
        energy: linearEnergy(slopes),
        settings: calmSettings(axes, { steps, schedule: constantSchedule(stepSize) }),
        initial,
      })
    )
  );
}

// A chain of N steps asks for exactly N gradients, one before each step.
const stepCount = check<Problem>({
  clause: "steps/count",
  weight: 0.5,
  cases: (facts) => calmProblems(facts, 2),
  // A batch as large as those that the noise is recovered from.
  edges: (facts) => [
    problemOf({
      energy: linearEnergy([0.5, -0.25]),
      settings: calmSettings(2, {
        steps: Math.max(2, facts.leastSteps),
        schedule: constantSchedule(0.125),
      }),
      initial: Array.from({ length: 512 }, (_, r) => [r / 1024, -r / 1024]),
    }),
  ],
  async judge(observer, problem) {
    const trajectory = await observer.run(problem);
    observer.compared(1);
    const path = pathOf(problem, trajectory);
    const wanted = problem.settings.steps;
    if (path.kind === "known") return null;
    return plainFinding(
      problem,
      `A chain of ${wanted} steps asks for ${path.evaluations} gradients`,
      { expected: wanted, actual: path.evaluations },
    );
  },
});

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

// Actions are kept with the precision of float32, or better.
const precision = check<Problem>({
  clause: "steps/precision",
  weight: 0.5,
  cases: () =>
    table(4, 2, fraction(0.5, 1, 2 ** 20)).map((initial) =>
      problemOf({
        energy: "0.3*(a1 - 0.7)^2 + 0.7*a2",
        settings: calmSettings(2, { steps: 3, schedule: constantSchedule(Math.fround(0.1)) }),
        initial,
      })
    ),
  async judge(observer, problem) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const reached = points.slice(1).flat(2);
    const digits = Math.max(...reached.map(digitsOf));
    observer.compared(reached.length);
    if (digits > halfDigits || digits === 0) return null;
    const actual = points[1]![0]![0]!;
    return plainFinding(
      problem,
      `All ${reached.length} coordinates that the chain reaches have ${digits} significant binary digits or fewer; float32 has 24`,
      {
        step: 0,
        row: 0,
        axis: 0,
        expected: predictStep(problem, 0, problem.initial)[0]![0]!.terms.result,
        actual,
      },
    );
  },
});

// The first gradient is taken at the initial actions as they are given, even outside the bounds.
const initialActions = check<Problem>({
  clause: "start/initial-actions",
  weight: 0.5,
  cases: (facts) =>
    fc.record({
      outside: signed(1, 4, 8),
      slope: signed(0.125, 1, 8),
      steps: fc.integer({ min: facts.leastSteps, max: 3 }),
    }).map(({ outside, slope, steps }) =>
      problemOf({
        energy: linearEnergy([slope, -slope]),
        settings: calmSettings(2, {
          steps,
          bounds: { min: [-1, -1], max: [1, 1] },
        }),
        initial: [[outside, 0.5], [0.25, -outside]],
      })
    ),
  async judge(observer, problem) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    observer.compared(rowCount(problem) * problem.axes);
    return differingPoint(
      problem,
      points[0]!,
      problem.initial,
      0,
      (row, axis, found, wanted) =>
        `The first gradient of row ${row}, axis ${axis} is taken at ${
          show(found)
        }; the chain starts at ${show(wanted)}`,
    );
  },
});

// Each gradient is taken at the point that the step before has reached.
const currentPoint = check<Problem>({
  clause: "drift/current-point",
  weight: 0.75,
  cases: (facts) =>
    // Noise and drift never cancel: all slopes are multiples of 1/8.
    fc.tuple(calmProblems(facts, 3), fraction(0.125, 0.25, 8)).map(([problem, draw]) =>
      facts.unsupported.has("noise-tape") ? problem : {
        ...problem,
        settings: { ...problem.settings, noiseScale: 1 },
        noise: {
          kind: "tape" as const,
          draws: constantTape(
            draw + 1 / 64,
            problem.settings.steps,
            rowCount(problem),
            problem.axes,
          ),
        },
      }
    ),
  async judge(observer, problem) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const displaced = differingPoint(
      problem,
      points[0]!,
      problem.initial,
      0,
      (row, axis, found, wanted) =>
        `With noise the first gradient of row ${row}, axis ${axis} is taken at ${
          show(found)
        }, where the chain has not been: it starts at ${show(wanted)}`,
    );
    if (displaced) return displaced;
    const stands = points.slice(1).map((point, k) => same(point, points[k]!));
    const moves = stands.some((standing) => !standing);
    const stuck = stands.slice(0, -1).indexOf(true);
    observer.compared(stands.length);
    if (!moves || stuck < 0) return null;
    return plainFinding(
      problem,
      `Step ${
        stuck + 1
      } asks for the gradient at the point of step ${stuck}, though the chain moves`,
      {
        step: stuck + 1,
        row: 0,
        axis: 0,
        expected: predictStep(problem, stuck, points[stuck]!, {
          noiseSign: observer.facts.noiseSign,
        })[0]![0]!.terms.result,
        actual: points[stuck + 1]![0]![0]!,
      },
    );
  },
});

// The caller's initial actions are not changed.
const callerUnchanged = check<Problem>({
  clause: "start/caller-unchanged",
  weight: 0.5,
  cases: (facts) => calmProblems(facts, 1),
  async judge(observer, problem) {
    const trajectory = await observer.run(problem);
    observer.compared(rowCount(problem) * problem.axes);
    return differingPoint(
      problem,
      trajectory.initialAfter,
      problem.initial,
      0,
      (row, axis, found, wanted) =>
        `After the call the caller's row ${row}, axis ${axis} is ${show(found)}; it was ${
          show(wanted)
        }`,
    );
  },
});

interface LastPointCase {
  readonly problem: Problem;
  /** What the map from one point to the next multiplies distances by, at most. */
  readonly growth: number;
}

// The returned actions are the points after the last step, row for row.
//
// A chain of one step more passes the same point and asks for its gradient there, whatever the
// steps are made of. Every step leaps over the minimum to a higher energy, so that the last point
// is neither the best one nor in the middle.
const lastPoint = check<LastPointCase>({
  clause: "result/last-point",
  cases: () =>
    fc.record({
      rows: fc.integer({ min: 1, max: 4 }),
      axes: fc.integer({ min: 1, max: 3 }),
      steps: fc.integer({ min: 2, max: 3 }),
      stepSize: fc.constantFrom(1 / 16, 1 / 8, 1 / 4),
    }).chain(({ rows, axes, steps, stepSize }) =>
      fc.record({
        centres: vector(axes, fraction(1, 2)),
        initial: table(rows, axes, fraction(-0.5, 0.5)),
      }).map(({ centres, initial }) => ({
        growth: 1.5,
        problem: problemOf({
          energy: quadraticEnergy(centres.map(() => 5 / stepSize), centres),
          settings: calmSettings(axes, { steps, schedule: constantSchedule(stepSize) }),
          initial,
        }),
      }))
    ),
  async judge(observer, { problem, growth }) {
    const { settings } = problem;
    const longer = problemOf({
      ...problem,
      settings: { ...settings, steps: settings.steps + 1 },
      noise: {
        kind: "tape",
        draws: constantTape(0, settings.steps + 1, rowCount(problem), problem.axes),
      },
    });
    const points = pathPoints(problem, await observer.run(problem));
    const further = pathPoints(longer, await observer.run(longer));
    if (points === null || further === null) return null;
    let allowed = 0;
    for (let k = 0; k < settings.steps; k++) {
      const tolerances = predictStep(problem, k, points[k]!).flat().map((p) => p.tolerance);
      allowed = growth * allowed + 2 * Math.max(...tolerances);
    }
    observer.compared(rowCount(problem) * problem.axes);
    return differingPoint(
      problem,
      points.at(-1)!,
      further[settings.steps]!,
      allowed,
      (row, axis, actual, wanted) =>
        `Row ${row}, axis ${axis} is returned at ${show(actual)}; a chain of one step more passes ${
          show(wanted)
        } after the same steps`,
      settings.steps - 1,
    );
  },
});

// A second call of the same prepared sampler on the same problem gives the same chain.
const secondCall = check<Problem>({
  clause: "state/second-call",
  cases: (facts) =>
    fc.record({
      slope: signed(0.25, 1, 8),
      curvature: fraction(0.125, 1, 8),
      start: fraction(-0.5, 0.5),
      steps: fc.integer({ min: facts.leastSteps, max: 4 }),
      exponential: facts.unsupported.has("exponential-schedule")
        ? fc.constant(false)
        : fc.boolean(),
      seed: tapeSeed,
    }).map(({ slope, curvature, start, steps, exponential, seed }) =>
      problemOf({
        energy: `${linearEnergy([slope])} + ${quadraticEnergy([curvature], [0])}`,
        settings: calmSettings(1, {
          steps,
          noiseScale: facts.unsupported.has("noise-tape") ? 0 : 1,
          schedule: exponential
            ? { kind: "exponential", init: 0.25, decay: 0.5 }
            : { kind: "polynomial", init: 0.25, final: 1 / 64, power: 2 },
        }),
        initial: [[start], [-start]],
        noise: { kind: "tape", draws: normalTape(seed, steps, 2, 1) },
        seed,
      })
    ),
  async judge(observer, problem) {
    const [first, second] = await observer.runTwice(problem);
    const before = pathPoints(problem, first), after = pathPoints(problem, second);
    if (before === null || after === null) return null;
    // The map from one point to the next contracts here (step size × curvature < 4), so the
    // distance of two float32 chains is at most the sum of their one-step tolerances.
    let allowed = 0;
    for (let k = 0; k < before.length; k++) {
      const found = differingPoint(
        problem,
        after[k]!,
        before[k]!,
        2 * allowed,
        (row, axis, actual, wanted) =>
          `The second call puts row ${row}, axis ${axis} at ${show(actual)} ${
            k === 0 ? "at the start" : `after step ${k - 1}`
          }; the first call had it at ${show(wanted)}`,
        Math.max(0, k - 1),
      );
      observer.compared(rowCount(problem));
      if (found) return found;
      if (k < problem.settings.steps) {
        const predictions = predictStep(problem, k, before[k]!).flat();
        allowed += Math.max(...predictions.map((p) => p.tolerance));
      }
    }
    return null;
  },
});

// A gradient that is not a number spoils its own row only.
const notANumber = check<{ readonly problem: Problem; readonly spoiled: number }>({
  clause: "rows/not-a-number",
  weight: 0.5,
  faults: "violate",
  cases: (facts) =>
    fc.record({
      spoiled: fc.integer({ min: 0, max: 2 }),
      initial: table(3, 2, fraction(0.25, 0.5)),
      steps: fc.integer({ min: facts.leastSteps, max: 3 }),
    }).map(({ spoiled, initial, steps }) => ({
      spoiled,
      problem: problemOf({
        energy: "a1*log(a1) + a2^2",
        settings: calmSettings(2, {
          steps,
          schedule: constantSchedule(1 / 16),
          bounds: { min: [-1, -1], max: [1, 1] },
          deltaClip: 1 / 16,
        }),
        initial: initial.map((row, r) => r === spoiled ? [-0.5, row[1]!] : row),
      }),
    })),
  async judge(observer, { problem, spoiled }) {
    const sound = {
      ...problem,
      initial: problem.initial.map((row, r) => r === spoiled ? [0.5, row[1]!] : row),
    };
    const with_ = await observer.run(problem), without = await observer.run(sound);
    requireFinite(sound, without);
    const wanted = without.final, found = with_.final;
    const tolerances = predictStep(sound, 0, sound.initial);
    for (let row = 0; row < wanted.length; row++) {
      if (row === spoiled) continue;
      for (let axis = 0; axis < 2; axis++) {
        observer.compared(1);
        const tolerance = 2 * problem.settings.steps * tolerances[row]![axis]!.tolerance;
        const actual = found[row]![axis]!, expected = wanted[row]![axis]!;
        if (Math.abs(actual - expected) <= tolerance) continue;
        return plainFinding(
          problem,
          `The NaN of row ${spoiled} changes row ${row}, axis ${axis}: ${show(actual)} instead of ${
            show(expected)
          }`,
          { row, axis, expected, actual, tolerance },
        );
      }
    }
    return null;
  },
});

function differingPoint(
  problem: Problem,
  found: Rows,
  wanted: Rows,
  tolerance: number,
  message: (row: number, axis: number, found: number, wanted: number) => string,
  step = 0,
) {
  for (let row = 0; row < wanted.length; row++) {
    for (let axis = 0; axis < problem.axes; axis++) {
      const actual = found[row]![axis]!, expected = wanted[row]![axis]!;
      if (Math.abs(actual - expected) <= tolerance) continue;
      return plainFinding(problem, message(row, axis, actual, expected), {
        step,
        row,
        axis,
        expected,
        actual,
        tolerance,
      });
    }
  }
  return null;
}

/** Checks of start, step count, result and state. */
export const startChecks: readonly ClauseCheck<never>[] = [
  stepCount,
  precision,
  initialActions,
  currentPoint,
  callerUnchanged,
  lastPoint,
  secondCall,
  notANumber,
] as unknown as ClauseCheck<never>[];

/**
 * The bounds: every coordinate ends inside, on the wall if it would leave, untouched if not.
 *
 * The delta clip is set so wide that it never acts here.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import {
  calmSettings,
  constantSchedule,
  constantTape,
  fraction,
  linearEnergy,
  problemOf,
  signed,
  table,
  vector,
} from "./arbitraries.ts";
import type { ClauseId } from "./clauses.ts";
import {
  check,
  type ClauseCheck,
  compareSteps,
  type Facts,
  type Finding,
  finding,
  type Observer,
  pathPoints,
  show,
} from "./property.ts";

const wide = { deltaClip: 64, schedule: constantSchedule(1) };

/** Rows near the walls that are pushed against them, though never across the whole box. */
function pushed(
  facts: Facts,
  bounds: (axes: number) => fc.Arbitrary<Settings["bounds"]>,
  axes: fc.Arbitrary<number>,
  steps: fc.Arbitrary<number>,
): fc.Arbitrary<Problem> {
  return fc.record({
    axes,
    steps,
    draw: facts.unsupported.has("noise-tape")
      ? fc.constant(0)
      : fc.oneof(fc.constant(0), signed(0.5, 1, 4)),
  }).chain(({ axes, steps, draw }) =>
    fc.record({
      bounds: bounds(axes),
      slopes: vector(axes, signed(0.5, 1, 8)),
      places: table(2, axes, fc.constantFrom(0, 1 / 16, 0.5, 15 / 16, 1)),
    }).map(({ bounds, slopes, places }) =>
      problemOf({
        energy: linearEnergy(slopes),
        settings: calmSettings(axes, { ...wide, bounds, steps, noiseScale: draw === 0 ? 0 : 1 }),
        initial: places.map((row) =>
          row.map((place, i) => bounds.min[i]! + place * (bounds.max[i]! - bounds.min[i]!))
        ),
        noise: { kind: "tape", draws: constantTape(draw, steps, 2, axes) },
      })
    )
  );
}

const box = fc.record({ centre: fraction(-4, 4, 4), half: fraction(1, 4, 4) });
const sameBox = (axes: number) =>
  box.map(({ centre, half }) => ({
    min: new Array<number>(axes).fill(centre - half),
    max: new Array<number>(axes).fill(centre + half),
  }));
const ownBoxes = (axes: number) =>
  fc.array(box, { minLength: axes, maxLength: axes }).map((sides) => ({
    min: sides.map((s) => s.centre - s.half),
    max: sides.map((s) => s.centre + s.half),
  }));

/** The first coordinate of some points that lies outside the bounds. */
function outside(
  clause: ClauseId,
  observer: Observer,
  problem: Problem,
  points: readonly Rows[],
  steps: readonly number[],
): Finding | null {
  const { min, max } = problem.settings.bounds;
  for (const step of steps) {
    const from = points[step]!, to = points[step + 1]!;
    const predictions = predictStep(problem, step, from, {
      noiseSign: observer.facts.noiseSign,
    });
    for (let row = 0; row < to.length; row++) {
      for (let axis = 0; axis < problem.axes; axis++) {
        observer.compared(1);
        const actual = to[row]![axis]!;
        if (actual >= min[axis]! && actual <= max[axis]!) continue;
        return finding(clause, problem, predictions[row]![axis]!, {
          step,
          row,
          axis,
          action: from[row]![axis]!,
          actual,
          message: `After step ${step}, row ${row}, axis ${axis} is at ${show(actual)}, outside [${
            show(min[axis]!)
          }, ${show(max[axis]!)}]`,
        });
      }
    }
  }
  return null;
}

const judgeFinal = (clause: ClauseId) => async (observer: Observer, problem: Problem) => {
  const points = pathPoints(problem, await observer.run(problem));
  return points === null
    ? null
    : outside(clause, observer, problem, points, [problem.settings.steps - 1]);
};

// The returned actions lie within the bounds.
const within = check<Problem>({
  clause: "bounds/within",
  cases: (facts) =>
    pushed(
      facts,
      sameBox,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: facts.leastSteps, max: 3 }),
    ),
  edges: (facts) =>
    [-1, 1].map((side) =>
      problemOf({
        energy: linearEnergy([side]),
        settings: calmSettings(1, {
          ...wide,
          steps: facts.leastSteps,
          bounds: { min: [4 * side - 1], max: [4 * side + 1] },
          noiseScale: facts.unsupported.has("noise-tape") ? 0 : 1,
        }),
        initial: [[4 * side - 1], [4 * side], [4 * side + 1]],
        noise: { kind: "tape", draws: constantTape(side, facts.leastSteps, 3, 1) },
      })
    ),
  judge: judgeFinal("bounds/within"),
});

// Each axis has bounds of its own.
const perAxis = check<Problem>({
  clause: "bounds/per-axis",
  cases: (facts) =>
    pushed(
      facts,
      ownBoxes,
      fc.integer({ min: 2, max: 3 }),
      fc.integer({ min: facts.leastSteps, max: 2 }),
    ),
  edges: (facts) => [
    problemOf({
      energy: linearEnergy([1, 1]),
      settings: calmSettings(2, {
        ...wide,
        steps: facts.leastSteps,
        bounds: { min: [-2, -1], max: [2, 1] },
      }),
      initial: [[0, 0]],
    }),
    problemOf({
      energy: linearEnergy([-1, -1]),
      settings: calmSettings(2, {
        ...wide,
        steps: facts.leastSteps,
        bounds: { min: [-1, -2], max: [1, 2] },
      }),
      initial: [[0, 0]],
    }),
  ],
  judge: judgeFinal("bounds/per-axis"),
});

// A coordinate that would leave the bounds stops on the wall, and the others go on.
//
// The box is so wide that no delta clip acts on these steps, however its limit is computed.
const onTheWall = check<Problem>({
  clause: "bounds/on-the-wall",
  cases: (facts) =>
    fc.record({
      axes: fc.integer({ min: 1, max: 3 }),
      half: fraction(16, 32, 1),
      centre: signed(4, 8, 2),
    }).chain(({ axes, half, centre }) =>
      fc.record({
        slopes: vector(axes, signed(0.5, 1, 8)),
        // Signed distances from the wall: below zero from the lower one.
        distances: table(2, axes, signed(1 / 16, 0.5, 16)),
      }).map(({ slopes, distances }) => walled(facts, slopes, distances, centre, half))
    ),
  edges: (facts) => [
    walled(facts, [1, 1 / 32], [[-0.25, -0.5]], 4, 16),
    walled(facts, [-1, 1 / 32], [[0.25, 0.5]], 4, 16),
  ],
  judge: async (observer, problem) =>
    compareSteps("bounds/on-the-wall", observer, problem, await observer.run(problem)),
});

function walled(
  facts: Facts,
  slopes: readonly number[],
  distances: Rows,
  centre: number,
  half: number,
): Problem {
  return problemOf({
    energy: linearEnergy(slopes),
    settings: calmSettings(slopes.length, {
      ...wide,
      steps: facts.leastSteps,
      bounds: { min: slopes.map(() => centre - half), max: slopes.map(() => centre + half) },
    }),
    initial: distances.map((row) =>
      row.map((distance) => distance < 0 ? centre - half - distance : centre + half - distance)
    ),
  });
}

// A point that stays within the bounds is not moved by them.
const onlyTheWall = check<Problem>({
  clause: "bounds/only-the-wall",
  weight: 0.75,
  cases: (facts) =>
    fc.record({
      half: fraction(8, 32, 1),
      centre: signed(1, 1.5, 8),
      start: signed(2, 5, 8),
      slope: signed(0.25, 1, 8),
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
    }).map(({ half, centre, start, slope, steps }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          steps,
          deltaClip: 64,
          bounds: { min: [centre - half], max: [centre + half] },
        }),
        initial: [[start]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("bounds/only-the-wall", observer, problem, await observer.run(problem)),
});

// The bounds are applied after every step, so every gradient but the first is taken inside.
const everyStep = check<Problem>({
  clause: "bounds/every-step",
  cases: (facts) =>
    pushed(facts, sameBox, fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 4 })),
  async judge(observer, problem) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const inner = Array.from({ length: problem.settings.steps - 1 }, (_, k) => k);
    return outside("bounds/every-step", observer, problem, points, inner);
  },
});

// A chain that starts outside the bounds is on the wall or inside after one step.
const outsideStart = check<Problem>({
  clause: "bounds/outside-start",
  cases: (facts) =>
    fc.record({
      outside: fc.oneof(fraction(1 / 8, 0.5, 8), fraction(1, 5, 4)),
      slope: signed(0.25, 1, 8),
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
      stepSize: fc.constantFrom(0.25, 2),
    }).map(({ outside, slope, steps, stepSize }) =>
      problemOf({
        energy: linearEnergy([slope, -slope]),
        settings: calmSettings(2, {
          ...wide,
          steps,
          schedule: constantSchedule(stepSize),
          bounds: { min: [-12, -12], max: [20, 20] },
        }),
        initial: [[20 + outside, -12 - outside], [0.5, 20 + outside], [-12 - outside, 0.5]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("bounds/outside-start", observer, problem, await observer.run(problem)),
});

// An axis whose box has no width never moves.
const zeroWidth = check<Problem>({
  clause: "bounds/zero-width",
  weight: 0.5,
  cases: (facts) =>
    fc.record({
      at: fraction(-2, 2, 8),
      slopes: vector(2, signed(0.25, 1, 8)),
      deltaClip: fraction(0.125, 2, 8),
      steps: fc.integer({ min: facts.leastSteps, max: 3 }),
    }).map(({ at, slopes, deltaClip, steps }) =>
      problemOf({
        energy: linearEnergy(slopes),
        settings: calmSettings(2, {
          steps,
          deltaClip,
          bounds: { min: [-8, at], max: [8, at] },
        }),
        initial: [[0, at], [1, at]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps(
      "bounds/zero-width",
      observer,
      problem,
      await observer.run(problem),
      ({ axis }) => axis === 1,
    ),
});

/** Checks of the bounds. */
export const boundsChecks: readonly ClauseCheck<never>[] = [
  within,
  perAxis,
  onTheWall,
  onlyTheWall,
  everyStep,
  outsideStart,
  zeroWidth,
] as unknown as ClauseCheck<never>[];

/**
 * The bounds: every coordinate ends inside, on the wall if it would leave, untouched if not.
 *
 * The delta clip is set so wide that it never acts here, but for chains that start outside.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { coordinatesErrorOf } from "../spec/rule_parts.ts";
import { float32Unit } from "../spec/tolerance.ts";
import {
  boxOf,
  calmProblem,
  fraction,
  orSimply,
  type Range,
  signed,
  simpleTape,
  starts,
  stepCount,
  vector,
} from "./arbitraries.ts";
import { anyStep, clause, type ClauseObserver } from "./clause.ts";
import { judgeSteps, type Scope, type StepCheck, stepsFollow, stepsFollowBut } from "./compare.ts";
import { type Outcome, plainFinding } from "./finding.ts";
import type { Facts } from "./observer.ts";
import { langevinStep, loop } from "./sources.ts";

const wide = { deltaClip: 64, stepSize: 1 };

/** A side of a box. */
const side = fc.record({ centre: fraction(-4, 4, 4), half: fraction(1, 4, 4) });

/** Rows near the walls that are pushed against them, though never across the whole box. */
function pushed(
  facts: Facts,
  axes: Range,
  steps: fc.Arbitrary<number>,
  sides: "all alike" | "own",
): fc.Arbitrary<Problem> {
  return fc.record({
    starts: starts({
      rows: { min: 1, max: 2 },
      axes,
      start: fc.constantFrom(0, 1, -1, 7 / 8, -7 / 8),
      axis: fc.record({ slope: signed(0.5, 1, 8), own: side }),
    }),
    steps,
    shared: side,
    draws: fc.oneof({ withCrossShrink: true }, fc.constant(0), signed(0.5, 1, 4)),
  }).map(({ starts: { initial, axes }, shared, ...rest }) => {
    const box = axes.map(({ own }) => sides === "own" ? own : shared);
    const problem = calmProblem({
      ...wide,
      ...rest,
      energy: axes.map(({ slope }) => slope),
      bounds: {
        min: box.map(({ centre, half }) => centre - half),
        max: box.map(({ centre, half }) => centre + half),
      },
      initial: initial.map((row) => row.map((place, i) => box[i]!.centre + place * box[i]!.half)),
    });
    return suitedNoise(facts, problem);
  });
}

/** The problem with noise of the sampler's own in the place of a tape that it can't take. */
function suitedNoise({ unsupported }: Facts, problem: Problem): Problem {
  const isOwn = problem.settings.noiseScale !== 0 && unsupported.has("noise-tape");
  return isOwn ? { ...problem, noise: { kind: "own" } } : problem;
}

/** Whether what a step adds is known to the sampler alone. */
function hasUnknownNoise({ noise, settings: { noiseScale } }: Problem): boolean {
  return noise.kind === "own" && noiseScale !== 0;
}

/** After the step the coordinate must lie inside, whatever noise led it there. */
function inside(problem: Problem): StepCheck {
  const { bounds } = problem.settings;
  const errorOf = coordinatesErrorOf(problem, float32Unit);
  return ({ step, row, axis }, action, actual) => {
    const min = bounds.min[axis]!, max = bounds.max[axis]!;
    // Where the rule's point is not known, rounding is not told by the distance from it.
    const slack = hasUnknownNoise(problem)
      ? 2 * (float32Unit * Math.max(Math.abs(min), Math.abs(max)) + errorOf(axis, action))
      : 0;
    if (actual >= min - slack && actual <= max + slack) return null;
    const box = `[${show(min)}, ${show(max)}]`;
    return `After step ${step}, row ${row}, axis ${axis} is at ${show(actual)}, outside ${box}`;
  };
}

/** Judges that points are inside: the returned ones, or all between. */
function pointsInside(which: "last" | "inner") {
  return (observer: ClauseObserver, problem: Problem): Promise<Outcome> => {
    const last = problem.settings.steps - 1;
    return judgeInside(
      observer,
      problem,
      ({ step }) => which === "last" ? step === last : step < last,
    );
  };
}

/** Judges that points are inside, which is all that can be said beside noise of an unknown tape. */
async function judgeInside(
  observer: ClauseObserver,
  problem: Problem,
  scope?: Scope,
): Promise<Outcome> {
  const run = await observer.run(problem);
  const found = await judgeSteps(observer, problem, run, scope, inside(problem));
  if (found === null || found === "nothing" || !hasUnknownNoise(problem)) return found;
  const { message, step, row, axis, actual } = found, { min, max } = problem.settings.bounds;
  // The rule has no point for a draw that is not known, only walls.
  const expected = Math.min(Math.max(actual, min[axis!]!), max[axis!]!);
  const at = { step: step!, row: row!, axis: axis! };
  return plainFinding(problem, message, { ...at, expected, actual });
}

export const within = clause({
  id: "bounds/within",
  level: "must",
  sentence: "The returned actions lie within the bounds.",
  why: "Actions outside the bounds reach the robot, or the network far from its training data.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["steps/count"],
  problems: {
    random: (facts) => pushed(facts, { min: 1, max: 3 }, stepCount(facts, 3), "all alike"),
    edges: (facts) => [
      // A side of 0 is taken for none wherever one asks whether it is truthy.
      ...[4, 1].flatMap((distance) =>
        [-1, 1].map((side) =>
          calmProblem({
            ...wide,
            energy: [side],
            steps: facts.leastSteps,
            bounds: { min: [distance * side - 1], max: [distance * side + 1] },
            draws: facts.unsupported.has("noise-tape") ? 0 : side,
            initial: [[(distance - 1) * side]],
          })
        )
      ),
      ...manyWalls(facts.leastSteps, "all alike"),
      ...[facts.leastSteps, 4].map((steps) => amongWalls(facts, steps)),
    ],
    judge: pointsInside("last"),
  },
});

export const perAxis = clause({
  id: "bounds/per-axis",
  level: "must",
  sentence: "Each axis has bounds of its own.",
  why: "With one pair of bounds for all axes, some axes are cut off and others run free.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["result/last-point", "bounds/within"],
  problems: {
    random: (facts) => pushed(facts, { min: 2, max: 3 }, stepCount(facts, 2), "own"),
    edges: ({ leastSteps }) => [
      // Either axis is the wider one, at either wall.
      ...[4, -4].flatMap((slope) => [[2, 1], [1, 2]].map((halves) => ({ slope, halves }))).map((
        { slope, halves },
      ) =>
        calmProblem({
          ...wide,
          energy: [slope, slope],
          steps: leastSteps,
          bounds: { min: halves.map((half) => -half), max: halves },
          initial: [[0, 0]],
        })
      ),
      ...manyWalls(leastSteps, "own"),
    ],
    judge: pointsInside("last"),
  },
});

/** Rows in the middle and beside either wall, which noise leads beyond them. */
function amongWalls(facts: Facts, steps: number): Problem {
  return suitedNoise(
    facts,
    calmProblem({
      ...wide,
      energy: [0.25, -0.25],
      steps,
      bounds: boxOf(2, -1, 1.5),
      initial: Array.from({ length: 32 }, (_, row) => [-0.75 + (row % 3), 1.25 - (row % 3)]),
      draws: simpleTape(0, steps, 32, 2),
    }),
  );
}

/** Many axes, each pushed against a wall: all against their upper ones, or all against the lower. */
function manyWalls(steps: number, sides: "all alike" | "own"): readonly Problem[] {
  return [8, 30].flatMap((axes) =>
    [1, -1].map((slope) => {
      const halves = Array.from({ length: axes }, (_, i) => sides === "own" ? 1 + i % 5 : 1);
      return calmProblem({
        ...wide,
        energy: halves.map(() => slope),
        steps,
        bounds: { min: halves.map((half) => -half), max: halves },
        initial: [halves.map((half) => -slope * (half - 1 / 4))],
      });
    })
  );
}

/**
 * Rows beside a wall, pushed along slopes. The box is so wide that no delta clip acts on these
 * steps, however its limit is computed.
 *
 * @param distances from the wall; below zero from the lower one
 */
function besideWalls(
  given: {
    readonly energy: readonly number[];
    readonly distances: Rows;
    readonly centre: number;
    readonly half: number;
    readonly steps: number;
  },
): Problem {
  const { energy, distances, centre, half, steps } = given;
  return calmProblem({
    ...wide,
    energy,
    steps,
    bounds: boxOf(energy.length, centre - half, centre + half),
    initial: distances.map((row) => row.map((d) => centre + (d < 0 ? -half : half) - d)),
  });
}

export const onTheWall = clause({
  id: "bounds/on-the-wall",
  level: "must",
  sentence: "A coordinate that would leave the bounds stops on the wall, and the others go on.",
  why:
    "Rejecting the whole step, or reflecting it, keeps chains away from optima that lie on the wall.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["drift/own-row", "drift/own-axis", "bounds/within"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps: steps }) =>
      fc.record({
        starts: starts({
          rows: { min: 1, max: 2 },
          axes: { min: 1, max: 3 },
          start: signed(1 / 16, 0.5, 16),
          axis: signed(0.5, 1, 8),
        }),
        half: fraction(16, 32, 1),
        centre: signed(4, 8, 2),
      }).map(({ starts: { initial, axes }, ...box }) =>
        besideWalls({ ...box, energy: axes, distances: initial, steps })
      ),
    edges: ({ leastSteps: steps }) => [
      // From the walls inwards.
      calmProblem({
        ...wide,
        energy: [0.5, -0.5],
        steps,
        bounds: boxOf(2, -12, 20),
        initial: [[20, -12]],
      }),
      ...[-1, 1].map((side) =>
        besideWalls({
          energy: [-side, 1 / 32],
          distances: [[side / 4, side / 2]],
          centre: 4,
          half: 16,
          steps,
        })
      ),
    ],
    judge: stepsFollow(),
  },
});

export const onlyTheWall = clause({
  id: "bounds/only-the-wall",
  level: "must",
  sentence: "A point that stays within the bounds is not moved by them.",
  why: "A squashed point moves although nothing asked it to, away from where the chain was.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 2),
        half: fraction(8, 32, 1),
        centre: signed(1, 1.5, 8),
        slope: signed(0.25, 1, 8),
        start: signed(2, 5, 8),
      }).map(({ steps, half, centre, slope, start }) =>
        calmProblem({
          energy: [slope],
          steps,
          deltaClip: 64,
          bounds: { min: [centre - half], max: [centre + half] },
          initial: [[start]],
        })
      ),
    judge: stepsFollow(),
  },
});

export const everyStep = clause({
  id: "bounds/every-step",
  level: "must",
  sentence:
    "The bounds are applied after every step, so every gradient but the first is taken inside.",
  why:
    "Clipping only at the end lets gradients be taken far outside, where the network was never trained.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["steps/precision", "drift/current-point", "bounds/within"],
  problems: {
    random: (facts) => pushed(facts, { min: 1, max: 2 }, stepCount(facts, 4, 2), "all alike"),
    edges: (facts) => [amongWalls(facts, 4)],
    judge: pointsInside("inner"),
  },
});

/** Whether steps break the rule as well from starts within the box, on no wall. */
async function failsInside(observer: ClauseObserver, problem: Problem): Promise<boolean> {
  const { bounds: { min, max } } = problem.settings;
  const isInside = (a: number, i: number) => a > min[i]! && a < max[i]!;
  const initial = problem.initial.map((row) =>
    row.map((a, i) => isInside(a, i) ? a : (min[i]! + max[i]!) / 2)
  );
  const found = await stepsFollow()(observer, { ...problem, initial });
  return found !== null && found !== "nothing";
}

export const outsideStart = clause({
  id: "bounds/outside-start",
  level: "must",
  sentence:
    "A chain that starts outside the bounds is on the wall or inside after one step, and goes on from there.",
  why: "Chains do start outside; one that stays there never returns a valid action.",
  formula: officialRule.result,
  term: "result",
  source: loop,
  parts: ["box"],
  buildsOn: ["bounds/every-step", "bounds/on-the-wall"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        rows: orSimply<number>(1, fc.constant(3)),
        axes: orSimply<number>(1, fc.constant(2)),
        steps: stepCount(facts, 2),
        stepSize: fc.constantFrom(0.25, 2),
        slope: signed(0.25, 1, 8),
        outside: fc.oneof(fraction(1, 5, 4), fraction(1 / 8, 0.5, 8)),
        // A limit that is shorter than the way to the wall.
        deltaClip: fc.constantFrom(wide.deltaClip, 1 / 256, 1 / 512),
      }).map(({ rows, axes, steps, stepSize, slope, outside, deltaClip }) => {
        const below = -12 - outside, above = 20 + outside;
        return calmProblem({
          ...wide,
          energy: [slope, -slope].slice(0, axes),
          steps,
          stepSize,
          deltaClip,
          bounds: boxOf(axes, -12, 20),
          initial: [[above, below], [below, 0.5], [0.5, above]].slice(0, rows)
            .map((row) => row.slice(0, axes)),
        });
      }),
    // Where limits act, they are the concern of other clauses.
    judge: (observer, problem) =>
      problem.settings.deltaClip < wide.deltaClip
        ? judgeInside(observer, problem)
        : stepsFollowBut(failsInside)(observer, problem),
  },
});

export const zeroWidth = clause({
  id: "bounds/zero-width",
  level: "must",
  sentence: "An axis whose box has no width never moves, but for a step onto its only point.",
  why: "A fixed axis is how a dimension is switched off. It must stay where it is.",
  formula: officialRule.limit,
  term: "limit",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["bounds/per-axis"],
  partlyWithout: anyStep,
  sharperWith: ["bounds/outside-start"],
  problems: {
    // The last axis has no width.
    random: (facts) =>
      fc.record({
        rows: orSimply<number>(1, fc.constant(2)),
        axes: orSimply<number>(1, fc.constant(2)),
        steps: stepCount(facts, 3),
        at: fraction(-2, 2, 8),
        deltaClip: fraction(0.125, 2, 8),
      }).chain(({ rows, axes, steps, at, deltaClip }) =>
        vector(axes, signed(0.25, 1, 8)).map((energy) =>
          calmProblem({
            energy,
            steps,
            deltaClip,
            bounds: { min: [-8, at].slice(-axes), max: [8, at].slice(-axes) },
            initial: [[0, at], [1, at]].slice(0, rows).map((row) => row.slice(-axes)),
          })
        )
      ),
    edges: ({ leastSteps: steps }) =>
      [[0.25], [0, 0.75]].map((start) =>
        calmProblem({
          energy: start.map(() => -0.5),
          steps,
          deltaClip: 1,
          bounds: { min: [-8, 0.5].slice(-start.length), max: [8, 0.5].slice(-start.length) },
          initial: [start],
        })
      ),
    judge: (observer, problem) => {
      const { initial: [start], axes, settings: { bounds: { min } } } = problem;
      const startsOutside = start![axes - 1] !== min[axes - 1];
      if (startsOutside && !observer.facts.sharp) return Promise.resolve("nothing");
      return stepsFollow(({ prediction }) => prediction.terms.limit === 0)(observer, problem);
    },
  },
});

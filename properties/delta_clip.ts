/**
 * The delta clip: how far one step may move a coordinate.
 *
 * Steps are so large that they reach the limit whatever the schedule or the factor of the drift may
 * be. That no step exceeds the limit is judged of every target; that a large step moves by exactly
 * the limit only where drift and schedule are as they should be.
 *
 * @module
 */

import * as fc from "fast-check";
import type { Problem } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import {
  calmProblem,
  constantSchedule,
  fraction,
  orSimply,
  shortProblem,
  signed,
  stepCount,
  unitBox,
  vector,
} from "./arbitraries.ts";
import { anyStep, clause, type ClauseObserver } from "./clause.ts";
import { compareLimits, compareSteps, firstStep, type Scope, stepsFollow } from "./compare.ts";
import type { Outcome } from "./finding.ts";
import { clippedRows, impossible } from "./noise_check.ts";
import { pathPoints } from "./observer.ts";
import { langevinStep } from "./sources.ts";

/** No slope is too small for it, whatever its factor. */
const strong = constantSchedule(8);
const steep = signed(0.75, 1, 16);
const clip = fraction(1 / 16, 0.25, 64);

/** Judges that no step exceeds its limit, and that it is as the rule says where that can be told. */
function limitsHold(scope?: Scope) {
  return async (observer: ClauseObserver, problem: Problem): Promise<Outcome> => {
    const trajectory = await observer.run(problem);
    const limits = await compareLimits(observer, problem, trajectory, scope);
    if (limits !== null || !observer.facts.sharp) return limits;
    return await compareSteps(observer, problem, trajectory, scope);
  };
}

/**
 * The same, unless the step has ended at a wall that stands elsewhere than the bounds: from there a
 * far shorter step goes no further, though one from elsewhere moves.
 */
async function limitsHoldInside(observer: ClauseObserver, problem: Problem): Promise<Outcome> {
  const found = await limitsHold(firstStep)(observer, problem);
  if (found === null || found === "nothing") return found;
  const { deltaClip, bounds: { min, max } } = problem.settings;
  const schedule = constantSchedule(deltaClip * (max[0]! - min[0]!) / 64);
  const stays = async (start: number) => {
    const settings = { ...problem.settings, schedule };
    const small: Problem = { ...problem, settings, initial: [[start]] };
    const points = pathPoints(small, await observer.run(small));
    return points !== null && points[1]![0]![0] === points[0]![0]![0];
  };
  const elsewhere = found.actual === max[0]! / 2 ? max[0]! / 4 : max[0]! / 2;
  return await stays(found.actual) && !await stays(elsewhere) ? "nothing" : found;
}

export const limitsStep = clause({
  id: "delta-clip/limits-step",
  level: "must",
  sentence: "A step moves a coordinate by at most the limit, and by the limit if it wants more.",
  why: "Without it, one steep gradient throws an action from wall to wall.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["result/last-point"],
  partlyWithout: anyStep,
  sharperWith: ["drift/half", "schedule/constant"],
  problems: {
    // Without the clip these steps would end inside the bounds, so that what moved is seen.
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 2),
        deltaClip: clip,
        slope: signed(0.375, 0.5, 16),
        start: fraction(-0.5, 0.5, 8),
      }).map(({ slope, start, ...rest }) =>
        calmProblem({
          ...rest,
          energy: [slope],
          stepSize: 2,
          bounds: unitBox(1),
          initial: [[start]],
        })
      ),
    edges: ({ leastSteps }) =>
      // Clips above 1, too: a step from one side of the box to the other is limited by them. Slopes are
      // so flat that no hidden clip of gradients acts.
      [[-0.5, 2, 0.125, 0], [0.5, 2, 0.125, 0], [-0.5, 7, 1.5, -0.9375], [0.5, 6, 1.125, 0.9375]]
        .map(([slope, stepSize, deltaClip, start]) =>
          calmProblem({
            energy: [slope!],
            steps: leastSteps,
            stepSize: stepSize!,
            bounds: unitBox(1),
            deltaClip: deltaClip!,
            initial: [[start!]],
          })
        ),
    // Only the first step is judged: later ones belong to delta-clip/every-step.
    judge: limitsHold(firstStep),
  },
});

export const scaledByRange = clause({
  id: "delta-clip/scaled-by-range",
  level: "must",
  sentence: "The limit is the delta clip times half the range of the axis.",
  why:
    "A limit that isn't scaled is right on [-1, 1] and wrong on every other box, which tests on [-1, 1] never show.",
  formula: officialRule.limit,
  term: "limit",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["bounds/only-the-wall", "delta-clip/limits-step"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        half: fc.oneof(fraction(1 / 8, 3 / 4, 8), fraction(1.5, 8, 2)),
        deltaClip: clip,
        slope: steep,
        place: fraction(-0.5, 0.5, 8),
      }).map(({ half, deltaClip, slope, place }) =>
        calmProblem({
          energy: [slope],
          steps: leastSteps,
          schedule: strong,
          bounds: { min: [-half], max: [half] },
          deltaClip,
          initial: [[place * half]],
        })
      ),
    judge: limitsHoldInside,
  },
});

/** A step from the middle of a box that need not lie about zero. */
function fromTheMiddle(
  { centre, half, slope, ...rest }: {
    readonly centre: number;
    readonly half: number;
    readonly slope: number;
    readonly deltaClip: number;
    readonly steps: number;
  },
): Problem {
  return calmProblem({
    ...rest,
    energy: [slope],
    schedule: strong,
    bounds: { min: [centre - half], max: [centre + half] },
    initial: [[centre]],
  });
}

export const centred = clause({
  id: "delta-clip/centred",
  level: "must",
  sentence: "The limit depends on the width of the box, not on where the box lies.",
  why: "A limit from |max| or from the midpoint changes when the same box is moved.",
  formula: officialRule.limit,
  term: "limit",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["bounds/within", "delta-clip/scaled-by-range"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        steps: fc.constant(leastSteps),
        half: fc.constantFrom(1, 0.5, 2),
        centre: signed(1, 12, 2),
        deltaClip: clip,
        slope: steep,
      }).map(fromTheMiddle),
    edges: ({ leastSteps: steps }) =>
      [-1, 1].flatMap((slope) =>
        // A side of 0 is taken for none wherever one asks whether it is truthy.
        [-3, -1, 1, 3].map((centre) =>
          fromTheMiddle({ centre, half: 1, slope, deltaClip: 0.125, steps })
        )
      ),
    judge: limitsHold(firstStep),
  },
});

export const perAxis = clause({
  id: "delta-clip/per-axis",
  level: "must",
  sentence: "Each axis has a limit of its own.",
  why: "With one limit for all axes, wide axes crawl and narrow ones jump.",
  formula: officialRule.limit,
  term: "limit",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["bounds/per-axis", "delta-clip/scaled-by-range", "delta-clip/elementwise"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        axes: fc.integer({ min: 2, max: 3 }),
        deltaClip: clip,
      }).chain(({ axes, deltaClip }) =>
        fc.record({
          halves: fc.uniqueArray(fraction(0.5, 6, 4), { minLength: axes, maxLength: axes }),
          energy: vector(axes, steep),
        }).map(({ halves, energy }) =>
          calmProblem({
            energy,
            steps: leastSteps,
            schedule: strong,
            bounds: { min: halves.map((half) => -half), max: halves },
            deltaClip,
            initial: [halves.map(() => 0)],
          })
        )
      ),
    judge: limitsHold(firstStep),
  },
});

export const elementwise = clause({
  id: "delta-clip/elementwise",
  level: "must",
  sentence: "The delta clip acts on each coordinate by itself, not on the length of the step.",
  why: "Clipping the length of the step slows all axes down because one of them wants too much.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["drift/own-axis", "delta-clip/limits-step"],
  partlyWithout: anyStep,
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        axes: fc.integer({ min: 2, max: 4 }),
        deltaClip: fraction(1 / 8, 0.25, 64),
        large: steep,
      }).chain(({ axes, deltaClip, large }) =>
        vector(axes - 1, signed(1 / 64, 1 / 32, 64)).map((small) =>
          calmProblem({
            energy: [large, ...small],
            steps: leastSteps,
            schedule: strong,
            bounds: unitBox(axes),
            deltaClip,
            initial: [new Array<number>(axes).fill(0)],
          })
        )
      ),
    judge: limitsHold(firstStep),
  },
});

export const afterNoise = clause({
  id: "delta-clip/after-noise",
  level: "must",
  sentence: "The delta clip acts on drift and noise together.",
  why: "If only the drift is limited, noise can still throw an action across the box.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  feature: "noise-tape",
  parts: ["delta clip"],
  buildsOn: ["noise/own-draw", "delta-clip/limits-step"],
  partlyWithout: anyStep,
  sharperWith: ["drift/half"],
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        slope: fc.oneof({ withCrossShrink: true }, fc.constant(0), signed(1 / 8, 0.5, 8)),
        deltaClip: clip,
        draws: signed(0.5, 2, 8),
      }).map(({ slope, ...rest }) =>
        calmProblem({
          ...rest,
          energy: [slope],
          steps: leastSteps,
          schedule: strong,
          bounds: unitBox(1),
          initial: [[0]],
        })
      ),
    judge: limitsHold(firstStep),
  },
  noise: { tests: [], problem: clippedRows, effect: impossible },
});

/** Steps of a chain that all reach the limit, however their sizes change. */
function limitedSteps(
  { slope, final, ...rest }: {
    readonly steps: number;
    readonly deltaClip: number;
    readonly slope: number;
    readonly final: number;
  },
): Problem {
  return calmProblem({
    ...rest,
    energy: [slope],
    schedule: { kind: "polynomial", init: 8, final, power: 1 },
    bounds: unitBox(1),
    initial: [[0]],
  });
}

export const everyStep = clause({
  id: "delta-clip/every-step",
  level: "must",
  sentence: "Every step has a limit of its own, relative to the point where it starts.",
  why: "A limit around the start of the chain keeps it from ever going further.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["delta-clip/scaled-by-range"],
  sharperWith: ["schedule/polynomial"],
  problems: {
    // Four limited steps do not reach the wall.
    random: () =>
      fc.record({
        steps: fc.integer({ min: 2, max: 4 }),
        deltaClip: fraction(1 / 16, 15 / 64, 64),
        slope: steep,
        final: fc.constantFrom(8, 1, 64),
      }).map(limitedSteps),
    edges: () =>
      [1, 64].map((final) => limitedSteps({ steps: 3, deltaClip: 0.25, slope: 1, final })),
    judge: limitsHold(),
  },
});

export const zero = clause({
  id: "delta-clip/zero",
  level: "must",
  sentence: "With a delta clip of zero nothing moves.",
  why: "Code that takes zero for “off” moves without any limit.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: ["delta-clip/elementwise", "delta-clip/every-step"],
  problems: {
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 3),
        slope: signed(0.25, 1, 8),
        start: fraction(-0.5, 0.5, 8),
      }).map(({ steps, slope, start }) =>
        calmProblem({
          energy: [slope],
          steps,
          bounds: unitBox(1),
          deltaClip: 0,
          initial: [[start]],
        })
      ),
    judge: stepsFollow(),
  },
});

export const infiniteGradient = clause({
  id: "delta-clip/infinite-gradient",
  level: "must",
  sentence: "An infinite gradient moves a coordinate by exactly the limit.",
  why: "The limit is there for the worst gradient: an infinite one must give a step, not NaN.",
  formula: officialRule.clippedStep,
  term: "clippedStep",
  source: langevinStep,
  parts: ["delta clip"],
  buildsOn: [
    "drift/own-row",
    "grad-clip/none",
    "delta-clip/scaled-by-range",
    "delta-clip/elementwise",
  ],
  partlyWithout: anyStep,
  problems: {
    faults: "violate",
    // The first row starts where the root is infinitely steep.
    random: ({ leastSteps }) =>
      fc.record({
        rows: orSimply<number>(1, fc.constant(2)),
        axes: orSimply<number>(1, fc.constant(2)),
        deltaClip: clip,
        other: fraction(0.25, 0.5, 8),
      }).map(({ rows, axes, deltaClip, other }) =>
        calmProblem({
          energy: axes === 1 ? "sqrt(a1)" : "sqrt(a1) + a2^2",
          steps: leastSteps,
          stepSize: 1 / 16,
          bounds: unitBox(axes),
          deltaClip,
          initial: [[0, other], [0.5, other]].slice(0, rows).map((row) => row.slice(0, axes)),
        })
      ),
    edges: ({ leastSteps }) => [shortProblem("sqrt(a1)", [[0]], leastSteps)],
    judge: stepsFollow(firstStep),
  },
});

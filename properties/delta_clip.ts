/**
 * The delta clip: how far one step may move a coordinate.
 *
 * Steps are so large that they reach the limit whatever the schedule
 * or the factor of the drift may be. That no step exceeds the limit is judged of every target;
 * that a large step moves by exactly the limit only where drift and schedule are as they should be.
 *
 * @module
 */

import * as fc from "fast-check";
import type { ClauseId } from "./clauses.ts";
import type { Problem, Settings } from "../spec/problem.ts";
import {
  calmSettings,
  constantSchedule,
  constantTape,
  fraction,
  linearEnergy,
  problemOf,
  signed,
  vector,
} from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps, type Observer, type Scope } from "./property.ts";

const strong = constantSchedule(8);
const steep = signed(0.75, 1, 16);
const clip = fraction(1 / 16, 0.25, 64);

const judge = (clause: ClauseId, scope?: Scope) => async (observer: Observer, problem: Problem) => {
  const { facts } = observer;
  const exact = ["drift/descends", "drift/half", "schedule/constant"].every((id) =>
    facts.holds(id as ClauseId)
  );
  const trajectory = await observer.run(problem);
  return compareSteps(clause, observer, problem, trajectory, scope, "at most the limit") ??
    (exact ? compareSteps(clause, observer, problem, trajectory, scope) : null);
};

function unitBox(axes: number): Settings["bounds"] {
  return { min: new Array<number>(axes).fill(-1), max: new Array<number>(axes).fill(1) };
}

// A step moves a coordinate by at most the limit, and by the limit if it wants more.
const limitsStep = check<Problem>({
  clause: "delta-clip/limits-step",
  // Without the clip these steps would end inside the bounds, so that what moved is seen.
  cases: (facts) =>
    fc.record({
      slope: signed(0.375, 0.5, 16),
      start: fraction(-0.5, 0.5, 8),
      deltaClip: clip,
      steps: fc.integer({ min: facts.leastSteps, max: 2 }),
    }).map(({ slope, start, deltaClip, steps }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          bounds: unitBox(1),
          schedule: constantSchedule(2),
          deltaClip,
          steps,
        }),
        initial: [[start]],
      })
    ),
  edges: (facts) =>
    [-0.5, 0.5].map((slope) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          bounds: unitBox(1),
          schedule: constantSchedule(2),
          deltaClip: 0.125,
          steps: facts.leastSteps,
        }),
        initial: [[0]],
      })
    ),
  // Only the first step is judged: later ones belong to delta-clip/every-step.
  judge: judge("delta-clip/limits-step", ({ step }) => step === 0),
});

// The limit is the delta clip times half the range of the axis.
const scaledByRange = check<Problem>({
  clause: "delta-clip/scaled-by-range",
  cases: (facts) =>
    fc.record({
      half: fc.oneof(fraction(1 / 8, 3 / 4, 8), fraction(1.5, 8, 2)),
      slope: steep,
      place: fraction(-0.5, 0.5, 8),
      deltaClip: clip,
    }).map(({ half, slope, place, deltaClip }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          bounds: { min: [-half], max: [half] },
          schedule: strong,
          deltaClip,
          steps: facts.leastSteps,
        }),
        initial: [[place * half]],
      })
    ),
  judge: judge("delta-clip/scaled-by-range", ({ step }) => step === 0),
});

// The limit depends on the width of the box, not on where the box lies.
const centred = check<Problem>({
  clause: "delta-clip/centred",
  cases: (facts) =>
    fc.record({
      centre: signed(1, 12, 2),
      half: fc.constantFrom(1, 0.5, 2),
      slope: steep,
      deltaClip: clip,
    }).map(({ centre, half, slope, deltaClip }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          bounds: { min: [centre - half], max: [centre + half] },
          schedule: strong,
          deltaClip,
          steps: facts.leastSteps,
        }),
        initial: [[centre]],
      })
    ),
  edges: (facts) =>
    [-1, 1].flatMap((slope) =>
      [-3, 3].map((centre) =>
        problemOf({
          energy: linearEnergy([slope]),
          settings: calmSettings(1, {
            bounds: { min: [centre - 1], max: [centre + 1] },
            schedule: strong,
            deltaClip: 0.125,
            steps: facts.leastSteps,
          }),
          initial: [[centre]],
        })
      )
    ),
  judge: judge("delta-clip/centred", ({ step }) => step === 0),
});

// Each axis has a limit of its own.
const perAxis = check<Problem>({
  clause: "delta-clip/per-axis",
  cases: (facts) =>
    fc.integer({ min: 2, max: 3 }).chain((axes) =>
      fc.record({
        halves: fc.uniqueArray(fraction(0.5, 6, 4), { minLength: axes, maxLength: axes }),
        slopes: vector(axes, steep),
        deltaClip: clip,
      }).map(({ halves, slopes, deltaClip }) =>
        problemOf({
          energy: linearEnergy(slopes),
          settings: calmSettings(axes, {
            bounds: { min: halves.map((h) => -h), max: halves },
            schedule: strong,
            deltaClip,
            steps: facts.leastSteps,
          }),
          initial: [halves.map(() => 0)],
        })
      )
    ),
  judge: judge("delta-clip/per-axis", ({ step }) => step === 0),
});

// The delta clip acts on each coordinate by itself, not on the length of the step.
const elementwise = check<Problem>({
  clause: "delta-clip/elementwise",
  cases: (facts) =>
    fc.integer({ min: 2, max: 4 }).chain((axes) =>
      fc.record({
        large: steep,
        small: vector(axes - 1, signed(1 / 64, 1 / 32, 64)),
        deltaClip: fraction(1 / 8, 0.25, 64),
      }).map(({ large, small, deltaClip }) =>
        problemOf({
          energy: linearEnergy([large, ...small]),
          settings: calmSettings(axes, {
            bounds: unitBox(axes),
            schedule: strong,
            deltaClip,
            steps: facts.leastSteps,
          }),
          initial: [new Array<number>(axes).fill(0)],
        })
      )
    ),
  judge: judge("delta-clip/elementwise", ({ step }) => step === 0),
});

// The delta clip acts on drift and noise together.
const afterNoise = check<Problem>({
  clause: "delta-clip/after-noise",
  weight: 0.75,
  cases: (facts) =>
    fc.record({
      draw: signed(0.5, 2, 8),
      deltaClip: clip,
      slope: fc.oneof(fc.constant(0), signed(1 / 8, 0.5, 8)),
    }).map(({ draw, deltaClip, slope }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, {
          bounds: unitBox(1),
          schedule: strong,
          deltaClip,
          noiseScale: 1,
          steps: facts.leastSteps,
        }),
        initial: [[0]],
        noise: { kind: "tape", draws: constantTape(draw, facts.leastSteps, 1, 1) },
      })
    ),
  judge: judge("delta-clip/after-noise", ({ step }) => step === 0),
});

// Every step is limited anew, relative to the point where it starts.
const everyStep = check<Problem>({
  clause: "delta-clip/every-step",
  cases: () =>
    // Four limited steps do not reach the wall.
    fc.record({
      slope: steep,
      deltaClip: fraction(1 / 16, 15 / 64, 64),
      steps: fc.integer({ min: 3, max: 4 }),
    }).map(
      ({ slope, deltaClip, steps }) =>
        problemOf({
          energy: linearEnergy([slope]),
          settings: calmSettings(1, { bounds: unitBox(1), schedule: strong, deltaClip, steps }),
          initial: [[0]],
        }),
    ),
  judge: judge("delta-clip/every-step"),
});

// With a delta clip of zero nothing moves.
const zero = check<Problem>({
  clause: "delta-clip/zero",
  weight: 0.5,
  cases: (facts) =>
    fc.record({
      slope: signed(0.25, 1, 8),
      start: fraction(-0.5, 0.5, 8),
      steps: fc.integer({ min: facts.leastSteps, max: 3 }),
    }).map(({ slope, start, steps }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, { bounds: unitBox(1), deltaClip: 0, steps }),
        initial: [[start]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps("delta-clip/zero", observer, problem, await observer.run(problem)),
});

// An infinite gradient moves a coordinate by exactly the limit.
const infiniteGradient = check<Problem>({
  clause: "delta-clip/infinite-gradient",
  weight: 0.5,
  faults: "violate",
  cases: (facts) =>
    fc.record({ deltaClip: clip, other: fraction(0.25, 0.5, 8) }).map(({ deltaClip, other }) =>
      problemOf({
        energy: "sqrt(a1) + a2^2",
        settings: calmSettings(2, {
          bounds: unitBox(2),
          deltaClip,
          schedule: constantSchedule(1 / 16),
          steps: facts.leastSteps,
        }),
        initial: [[0, other], [0.5, other]],
      })
    ),
  judge: async (observer, problem) =>
    compareSteps(
      "delta-clip/infinite-gradient",
      observer,
      problem,
      await observer.run(problem),
      ({ step }) => step === 0,
    ),
});

/** Checks of the delta clip. */
export const deltaClipChecks: readonly ClauseCheck<never>[] = [
  limitsStep,
  scaledByRange,
  centred,
  perAxis,
  elementwise,
  afterNoise,
  everyStep,
  zero,
  infiniteGradient,
] as unknown as ClauseCheck<never>[];

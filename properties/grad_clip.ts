/**
 * The gradient clip: optional, elementwise, on the gradient alone.
 *
 * @module
 */

import * as fc from "fast-check";
import { gradientAt } from "../spec/oracle.ts";
import type { Problem } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { calmProblem, fraction, type Range, signed, starts, stepCount } from "./arbitraries.ts";
import { anyStep, clause, type ClauseObserver } from "./clause.ts";
import { stepsFollow, stepsFollowBut } from "./compare.ts";
import { calmRows, scales, slopedEnergy } from "./noise_check.ts";
import type { Facts } from "./observer.ts";
import { langevinStep } from "./sources.ts";

// So small that the largest slope moves by no more than 1/2: only the gradient clip acts.
const stepSize = fraction(1 / 128, 1 / 64, 128);

const one = { min: 1, max: 1 };

/** Chains down slopes of some sizes, on one row and axis unless more are asked for. */
function slopes(
  facts: Facts,
  slope: fc.Arbitrary<number>,
  gradClip: fc.Arbitrary<number | null>,
  { rows, axes }: { readonly rows: Range; readonly axes: Range } = { rows: one, axes: one },
): fc.Arbitrary<Problem> {
  return steeper(facts, fc.constant(0), { slope, gradClip, rows, axes });
}

/** The same with slopes that are steeper by a power of two, and steps that are as much smaller. */
function steeper(
  facts: Facts,
  powers: fc.Arbitrary<number>,
  { slope, gradClip, rows, axes }: {
    readonly slope: fc.Arbitrary<number>;
    readonly gradClip: fc.Arbitrary<number | null>;
    readonly rows: Range;
    readonly axes: Range;
  },
): fc.Arbitrary<Problem> {
  return fc.record({
    power: powers,
    starts: starts({ rows, axes, start: fraction(-0.5, 0.5), axis: slope }),
    steps: stepCount(facts, 2),
    gradClip,
    stepSize,
  }).map(({ power, stepSize, starts: { initial, axes }, ...rest }) =>
    calmProblem({
      ...rest,
      stepSize: stepSize / 2 ** power,
      energy: axes.map((slope) => slope * 2 ** power),
      initial,
    })
  );
}

/** Powers of two that make the steepest slope about 1e8. */
const steepness = fc.nat({ max: 22 });

/** Slopes from 10 to 1e8, with steps that move by half a unit at most. */
function steepEdges({ leastSteps: steps }: Facts): readonly Problem[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].map((digits) => {
    const slope = digits % 2 === 0 ? 10 ** digits : -(10 ** digits);
    const stepSize = 2 ** -Math.ceil(Math.log2(10 ** digits));
    return calmProblem({ energy: [slope], steps, stepSize, initial: [[0]] });
  });
}

/** The same steps down a slope of 1 or less, from a point at which the shortest one shows. */
function gentler(problem: Problem): Problem {
  const steepest = Math.abs(gradientAt(problem, 0, problem.initial[0]!)[0]!.value);
  const energy = `${2 ** -Math.ceil(Math.log2(steepest))}*(${problem.energy})`;
  return { ...problem, energy, initial: problem.initial.map((row) => row.map(() => 0)) };
}

export const none = clause({
  id: "grad-clip/none",
  level: "must",
  sentence: "Without a gradient clip, large gradients are used as they are.",
  why: "A hidden limit makes steep and flat places look alike, and nothing tells you it's there.",
  formula: officialRule.noGradClip,
  term: "clippedGradient",
  source: langevinStep,
  buildsOn: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) => {
      const slope = signed(1.25, 32, 4), gradClip = fc.constant(null);
      return steeper(facts, steepness, { slope, gradClip, rows: one, axes: one });
    },
    edges: steepEdges,
    async judge(observer, problem) {
      const found = await stepsFollow()(observer, problem);
      if (found === null || found === "nothing") return found;
      // A delta clip that acts before the step size limits large gradients, too; a wider one doesn't.
      const { settings } = problem, deltaClip = 2 ** 40 * settings.deltaClip;
      const wider = await stepsFollow()(observer, {
        ...problem,
        settings: { ...settings, deltaClip },
      });
      if (wider === null) return "nothing";
      // What goes wrong down a gentle slope, too, is the step size.
      const bySize: ClauseObserver = { ...observer, suspect: "step" };
      const gentle = await stepsFollow()(bySize, gentler(problem));
      return gentle === null || gentle === "nothing"
        ? found
        : { ...gentle, instead: "schedule/polynomial" };
    },
  },
});

export const limits = clause({
  id: "grad-clip/limits",
  level: "may",
  sentence: "A gradient clip limits the gradient to ±γ before it is halved.",
  why: "Clipping after the half lets through gradients twice as large as asked for.",
  formula: officialRule.gradClip,
  term: "clippedGradient",
  source: langevinStep,
  feature: "grad-clip",
  parts: ["gradient clip"],
  buildsOn: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) => slopes(facts, signed(0.25, 16, 4), fraction(0.5, 8, 4)),
    edges: ({ leastSteps }) => [
      ...[-8, 8].map((slope) =>
        calmProblem({ energy: [slope], steps: leastSteps, gradClip: 2, initial: [[0]] })
      ),
      // A clip that goes with the step size shows where that changes.
      calmProblem({
        energy: [8],
        steps: 3,
        schedule: { kind: "polynomial", init: 0.25, final: 1 / 16, power: 1 },
        gradClip: 2,
        initial: [[0]],
      }),
    ],
    async judge(observer, problem) {
      const found = await stepsFollow()(observer, problem);
      const { settings } = problem, { schedule } = settings;
      const isConstant = schedule.kind === "polynomial" && schedule.init === schedule.final;
      if (isConstant || found === null || found === "nothing") return found;
      // Where the schedule is wrong, steps are without the clip, too.
      const plain = { ...problem, settings: { ...settings, gradClip: null } };
      return await stepsFollow()(observer, plain) === null ? found : "nothing";
    },
  },
});

/** Whether steps break the rule as well where no gradient clip is asked for. */
async function failsUnclipped(observer: ClauseObserver, problem: Problem): Promise<boolean> {
  const settings = { ...problem.settings, gradClip: null };
  const found = await stepsFollow()(observer, { ...problem, settings });
  return found !== null && found !== "nothing";
}

export const elementwise = clause({
  id: "grad-clip/elementwise",
  level: "may",
  sentence: "The gradient clip acts on each component by itself, not on a norm.",
  why:
    "Clipping the norm instead keeps the direction and weakens every axis, whichever was too large.",
  formula: officialRule.gradClip,
  term: "clippedGradient",
  source: langevinStep,
  feature: "grad-clip",
  parts: ["gradient clip"],
  buildsOn: ["drift/own-observation", "drift/own-axis", "grad-clip/limits"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      slopes(
        facts,
        signed(0.25, 16, 4),
        fraction(0.5, 8, 4),
        { rows: { min: 1, max: 4 }, axes: { min: 1, max: 4 } },
      ),
    edges: ({ leastSteps: steps }) => [
      calmProblem({ energy: [8, 1], steps, gradClip: 2, initial: [[0, 0]] }),
      calmProblem({
        energy: "o1*a1",
        steps,
        gradClip: 2,
        initial: [[0], [0]],
        groups: 2,
        observations: [[1], [2]],
      }),
    ],
    judge: stepsFollowBut(failsUnclipped),
  },
});

export const beforeNoise = clause({
  id: "grad-clip/before-noise",
  level: "may",
  sentence: "The gradient clip does not touch the noise.",
  why: "If the clip takes the noise too, the noise is cut off where gradients are large.",
  formula: officialRule.step,
  term: "clippedGradient",
  source: langevinStep,
  feature: "grad-clip",
  parts: ["gradient clip"],
  buildsOn: ["noise/standard-normal", "grad-clip/limits"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        steps: stepCount(facts, 2),
        slope: signed(0, 4, 4),
        gradClip: fraction(0.125, 0.5, 8),
        draws: signed(0.75, 2, 8),
        stepSize,
      }).map(({ slope, ...rest }) => calmProblem({ ...rest, energy: [slope], initial: [[0]] })),
    judge: async (observer, problem) =>
      observer.facts.unsupported.has("noise-tape")
        ? "nothing"
        : await stepsFollowBut(failsUnclipped)(observer, problem),
  },
  noise: {
    tests: ["variance"],
    sharedDraws: "passes",
    problem: (size) => calmRows(size, slopedEnergy, { gradClip: 0.25 }),
    effect: scales(1),
  },
});

export const zero = clause({
  id: "grad-clip/zero",
  level: "may",
  sentence: "A gradient clip of zero removes the gradient: zero is a value, not “off”.",
  why:
    "Code that asks `if grad_clip:` takes 0 for “off” and moves where it should only drift by noise.",
  formula: officialRule.gradClip,
  term: "clippedGradient",
  source: langevinStep,
  feature: "grad-clip",
  parts: ["gradient clip"],
  buildsOn: ["grad-clip/limits"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) => slopes(facts, signed(0.25, 4, 4), fc.constant(0)),
    judge: stepsFollowBut(failsUnclipped),
  },
});

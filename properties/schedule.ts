/**
 * The ends of the polynomial schedule and the exponential schedule.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import type { Problem } from "../spec/problem.ts";
import { calmSettings, fraction, linearEnergy, problemOf, signed } from "./arbitraries.ts";
import { check, type ClauseCheck, compareSteps, finding, requireFinite, show } from "./property.ts";

const init = fraction(1 / 16, 0.25, 32);
const final = fraction(1 / 256, 0.5, 256);
const power = fc.constantFrom(1, 2, 3, 0.5);

// A chain of one step gives a result, with the initial step size.
const oneStep = check<Problem>({
  clause: "schedule/one-step",
  weight: 0.5,
  faults: "violate",
  cases: () =>
    fc.record({ init, final, power, slope: signed(0.25, 1, 8), start: fraction(-0.5, 0.5) }).map(
      ({ init, final, power, slope, start }) =>
        problemOf({
          energy: linearEnergy([slope]),
          settings: calmSettings(1, {
            steps: 1,
            schedule: { kind: "polynomial", init, final, power },
          }),
          initial: [[start]],
        }),
    ),
  async judge(observer, problem) {
    const trajectory = await observer.run(problem);
    requireFinite(problem, trajectory);
    observer.compared(1);
    const prediction = predictStep(problem, 0, problem.initial)[0]![0]!;
    const actual = trajectory.final[0]![0]!, action = problem.initial[0]![0]!;
    if (Math.abs(actual - prediction.terms.result) <= prediction.tolerance) return null;
    return finding("schedule/one-step", problem, prediction, {
      step: 0,
      row: 0,
      axis: 0,
      action,
      actual,
      message: `The only step moves by ${show(action - actual)} instead of ${
        show(prediction.terms.clippedStep)
      }`,
    });
  },
});

// A chain of two steps uses init, then final.
const twoSteps = check<Problem>({
  clause: "schedule/two-steps",
  weight: 0.5,
  cases: () =>
    fc.record({ init, final, power, slope: signed(0.25, 1, 8), start: fraction(-0.5, 0.5) }).map(
      ({ init, final, power, slope, start }) =>
        problemOf({
          energy: linearEnergy([slope]),
          settings: calmSettings(1, {
            steps: 2,
            schedule: { kind: "polynomial", init, final, power },
          }),
          initial: [[start]],
        }),
    ),
  judge: async (observer, problem) =>
    compareSteps("schedule/two-steps", observer, problem, await observer.run(problem)),
});

// The exponential schedule multiplies the step size by decay after every step.
const exponential = check<Problem>({
  clause: "schedule/exponential",
  cases: (facts) =>
    fc.record({
      init,
      decay: fraction(0.25, 0.875, 8),
      slope: signed(0.25, 1, 8),
      start: fraction(-0.5, 0.5),
      steps: fc.integer({ min: Math.max(3, facts.leastSteps), max: 5 }),
    }).map(({ init, decay, slope, start, steps }) =>
      problemOf({
        energy: linearEnergy([slope]),
        settings: calmSettings(1, { steps, schedule: { kind: "exponential", init, decay } }),
        initial: [[start]],
      })
    ),
  async judge(observer, problem) {
    const found = compareSteps(
      "schedule/exponential",
      observer,
      problem,
      await observer.run(problem),
    );
    if (found === null || found.step === null) return found;
    const { schedule } = problem.settings;
    if (schedule.kind !== "exponential") return found;
    return {
      ...found,
      message: `${found.message}: step ${found.step} wants the step size ${
        show(schedule.init * schedule.decay ** found.step)
      }`,
    };
  },
});

/** Checks of the ends of the schedule and of the exponential one. */
export const scheduleChecks: readonly ClauseCheck<never>[] = [
  oneStep,
  twoSteps,
  exponential,
] as unknown as ClauseCheck<never>[];

/**
 * What the rule does to the energy: a sure fall without noise, and a mean that falls or rises as
 * the exact one-step law says.
 *
 * @module
 */

import * as fc from "fast-check";
import {
  descentVerdict,
  expectedEnergyChange,
  hoeffdingRadius,
  type OneStepLaw,
  oneStepLaw,
  sureDescentDecrease,
} from "../spec/laws.ts";
import { energyAt, gradientAt, predictStep } from "../spec/oracle.ts";
import type { Problem } from "../spec/problem.ts";
import { limitOf, stepSizes } from "../spec/rule.ts";
import {
  calmSettings,
  constantSchedule,
  convexEnergies,
  decimal,
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
import { check, type ClauseCheck, pathPoints, plainFinding, show } from "./property.ts";

interface SureCase {
  readonly problem: Problem;
  /** L of the energy. */
  readonly smoothness: number;
}

// Without noise, inside the bounds and with step sizes of at most 4/L, no step raises an
// L-smooth energy.
const sureDescent = check<SureCase>({
  clause: "energy/sure-descent",
  cases: (facts) =>
    fc.record({
      axes: fc.integer({ min: 1, max: 3 }),
      share: fraction(1 / 16, 1, 16),
      deltaClip: fraction(1 / 16, 1, 16),
      steps: fc.integer({ min: facts.leastSteps, max: 4 }),
      gradClip: facts.unsupported.has("grad-clip")
        ? fc.constant(null)
        : fc.constantFrom(null, 0.5, 2),
      rugged: fc.boolean(),
    }).chain(({ axes, share, deltaClip, steps, gradClip, rugged }) =>
      fc.record({
        energy: rugged
          ? fraction(1, 6, 1).map((rate) => ({
            text: Array.from({ length: axes }, (_, i) => `0.5*cos(${decimal(rate)}*a${i + 1})`)
              .join(" + "),
            smoothness: rate ** 2 / 2,
          }))
          : convexEnergies(axes),
        initial: table(3, axes, fraction(-1, 1, 32)),
      }).map(({ energy, initial }): SureCase => {
        const stepSize = Math.fround(
          Math.floor(64 * share * 4 / energy.smoothness) / 64 || 1 / 64,
        );
        return {
          smoothness: energy.smoothness,
          problem: problemOf({
            energy: energy.text,
            settings: calmSettings(axes, {
              bounds: {
                min: new Array<number>(axes).fill(-1),
                max: new Array<number>(axes).fill(1),
              },
              schedule: { kind: "polynomial", init: stepSize, final: stepSize / 16, power: 2 },
              deltaClip,
              gradClip,
              steps,
            }),
            initial,
          }),
        };
      })
    ),
  async judge(observer, { problem, smoothness }) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const sizes = stepSizes(problem.settings.schedule, problem.settings.steps);
    for (let step = 0; step < sizes.length; step++) {
      const eta = sizes[step]!;
      const predictions = predictStep(problem, step, points[step]!);
      for (let row = 0; row < problem.initial.length; row++) {
        observer.compared(1);
        const from = points[step]![row]!, to = points[step + 1]![row]!;
        const before = energyAt(problem, row, from), after = energyAt(problem, row, to);
        const moved = from.map((a, i) => a - to[i]!);
        const fall = sureDescentDecrease(
          eta,
          smoothness,
          moved.reduce((sum, d) => sum + d * d, 0),
        );
        // A point that is off by its tolerance changes the energy and the fall to first order.
        const slack = gradientAt(problem, row, from).reduce((sum, g, i) => {
          const { tolerance } = predictions[row]![i]!;
          return sum + 2 * tolerance *
              (Math.abs(g.value) + (4 / eta + 2 * smoothness) * (Math.abs(moved[i]!) + tolerance));
        }, 1e-12 * (1 + Math.abs(before)));
        if (after <= before - fall + slack) continue;
        return plainFinding(
          problem,
          `Step ${step} takes the energy of row ${row} from ${show(before)} to ${
            show(after)
          }; it must fall by at least ${show(fall)}`,
          { step, row, expected: before - fall, actual: after, tolerance: slack },
        );
      }
    }
    return null;
  },
});

interface ExpectedCase {
  readonly problem: Problem;
  readonly curvatures: readonly number[];
}

/** Rows that start at the same point; their mean is compared with its exact expectation. */
const rowsOfMean = 2048;
/** Probability that a correct sampler is refused by one comparison of a mean. */
const level = 1e-10;

// On convex energies the mean energy falls where the exact one-step law says so, and rises near the
// minimum where it says that.
const expectedDescent = check<ExpectedCase>({
  clause: "energy/expected-descent",
  weight: 0.5,
  cases: (facts) =>
    fc.record({
      axes: fc.integer({ min: 1, max: 2 }),
      stepSize: fraction(1 / 16, 0.5, 16),
      deltaClip: fraction(1 / 16, 1, 16),
      seed: tapeSeed,
      linear: fc.boolean(),
    }).chain(({ axes, stepSize, deltaClip, seed, linear }) =>
      fc.record({
        slopes: vector(axes, signed(0.25, 4, 4)),
        curvatures: vector(axes, fraction(0.5, 4, 4)),
        start: vector(axes, fraction(-1, 1, 16)),
      }).map(({ slopes, curvatures, start }): ExpectedCase => ({
        curvatures: linear ? slopes.map(() => 0) : curvatures,
        problem: problemOf({
          energy: linear
            ? linearEnergy(slopes)
            : quadraticEnergy(curvatures, curvatures.map(() => 0)),
          settings: calmSettings(axes, {
            bounds: {
              min: new Array<number>(axes).fill(-1),
              max: new Array<number>(axes).fill(1),
            },
            schedule: constantSchedule(stepSize),
            noiseScale: 1,
            deltaClip,
            steps: facts.leastSteps,
          }),
          initial: Array.from({ length: rowsOfMean }, () => start),
          noise: {
            kind: "tape",
            draws: normalTape(seed, facts.leastSteps, rowsOfMean, axes),
          },
          seed,
        }),
      }))
    ),
  edges: (facts) =>
    // At the minimum the mean energy must rise; far from it, it must fall.
    [0, 0.75].map((start) => ({
      curvatures: [1],
      problem: problemOf({
        energy: quadraticEnergy([1], [0]),
        settings: calmSettings(1, {
          bounds: { min: [-1], max: [1] },
          schedule: constantSchedule(0.125),
          noiseScale: 1,
          deltaClip: 0.25,
          steps: facts.leastSteps,
        }),
        initial: Array.from({ length: rowsOfMean }, () => [start]),
        noise: { kind: "tape", draws: normalTape(5, facts.leastSteps, rowsOfMean, 1) },
      }),
    })),
  async judge(observer, { problem, curvatures }) {
    const points = pathPoints(problem, await observer.run(problem));
    if (points === null) return null;
    const { settings } = problem;
    const start = problem.initial[0]!;
    const gradients = gradientAt(problem, 0, start).map((g) => g.value);
    const stepSize = stepSizes(settings.schedule, settings.steps)[0]!;
    const laws: OneStepLaw[] = start.map((action, i) => {
      const lower = settings.bounds.min[i]!, upper = settings.bounds.max[i]!;
      return oneStepLaw({
        action,
        gradient: gradients[i]!,
        stepSize,
        noiseScale: settings.noiseScale,
        limit: limitOf(settings, i),
        lower,
        upper,
      });
    });
    const expected = expectedEnergyChange({ laws, actions: start, gradients, curvatures });
    const before = energyAt(problem, 0, start);
    const changes = points[1]!.map((point, row) => energyAt(problem, row, point) - before);
    const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
    observer.compared(1);
    // The energy is a sum over axes; on each it takes its extremes at the ends or at the centre.
    const range = laws.reduce((sum, law, i) => {
      const h = curvatures[i]!;
      const along = (x: number) => {
        const d = x - start[i]!;
        return gradients[i]! * d + h / 2 * d * d;
      };
      const values = [along(law.lower), along(law.upper)];
      const lowest = h > 0 ? start[i]! - gradients[i]! / h : NaN;
      if (lowest > law.lower && lowest < law.upper) values.push(along(lowest));
      return sum + Math.max(...values) - Math.min(...values);
    }, 0);
    const radius = hoeffdingRadius(range, changes.length, level) + 1e-6 * range;
    if (Math.abs(mean - expected) <= radius) return null;
    const verdict = descentVerdict({
      laws,
      actions: start,
      gradients,
      smoothness: Math.max(...curvatures),
      convexity: Math.min(...curvatures),
    }, radius);
    const claim = verdict === "must-descend"
      ? "must fall"
      : verdict === "must-rise"
      ? "must rise"
      : "may do either";
    return plainFinding(
      problem,
      `The mean energy of ${changes.length} rows changes by ${
        show(mean)
      } in one step; it ${claim}, by ${show(expected)}`,
      { step: 0, expected, actual: mean, tolerance: radius },
    );
  },
});

/** Checks of the energy along a chain. */
export const energyChecks: readonly ClauseCheck<never>[] = [
  sureDescent,
  expectedDescent,
] as unknown as ClauseCheck<never>[];

/**
 * What the rule does to the energy: a sure fall without noise, and a mean that falls or rises as
 * the exact one-step law says.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
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
  calmProblem,
  convexEnergies,
  decimal,
  fraction,
  type KnownEnergy,
  normalTape,
  orSimply,
  quadraticEnergy,
  signed,
  stepCount,
  table,
  unitBox,
  vector,
} from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { plainFinding } from "./finding.ts";
import { pathOn } from "./observer.ts";
import { proof } from "./sources.ts";
import { leftAside, wholeRule } from "./step.ts";

/** Energies with a known smoothness, convex or not. */
function smoothEnergies(axes: number): fc.Arbitrary<Pick<KnownEnergy, "text" | "smoothness">> {
  const rugged = fraction(1, 6, 1).map((rate) => ({
    text: Array.from({ length: axes }, (_, i) => `0.5*cos(${decimal(rate)}*a${i + 1})`)
      .join(" + "),
    smoothness: rate ** 2 / 2,
  }));
  return fc.oneof({ withCrossShrink: true }, convexEnergies(axes), rugged);
}

export const sureDescent = clause({
  id: "energy/sure-descent",
  level: "theorem",
  sentence:
    "Without noise, inside the bounds and with step sizes of at most 4/L, no step raises an L-smooth energy.",
  source: proof,
  buildsOn: [...wholeRule, "grad-clip/none"],
  sharperWith: leftAside,
  problems: {
    random: (facts) =>
      fc.record({
        rows: orSimply<number>(1, fc.constant(3)),
        axes: fc.integer({ min: 1, max: 3 }),
        steps: stepCount(facts, 4),
        gradClip: facts.unsupported.has("grad-clip")
          ? fc.constant(null)
          : fc.constantFrom(null, 0.5, 2),
        deltaClip: fraction(1 / 16, 1, 16),
        share: fraction(1 / 16, 1, 16),
      }).chain(({ rows, axes, share, ...rest }) =>
        fc.record({
          energy: smoothEnergies(axes),
          initial: table(rows, axes, fraction(-1, 1, 32)),
        }).map(({ energy: { text, smoothness }, initial }) => {
          const most = 4 / smoothness;
          const init = Math.fround(Math.floor(64 * share * most) / 64 || 1 / 64);
          return {
            smoothness,
            problem: calmProblem({
              ...rest,
              energy: text,
              bounds: unitBox(axes),
              schedule: { kind: "polynomial", init, final: init / 16, power: 2 },
              initial,
            }),
          };
        })
      ),
    async judge(observer, { problem, smoothness }) {
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
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
                (Math.abs(g.value) +
                  (4 / eta + 2 * smoothness) * (Math.abs(moved[i]!) + tolerance));
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

/** Many rows from one point in the unit box, one step of which is looked at. */
function manyRows(
  given: {
    /** Of a linear energy; of a quadratic one there are curvatures instead. */
    readonly slopes?: readonly number[];
    readonly curvatures: readonly number[];
    readonly start: readonly number[];
    readonly steps: number;
    readonly stepSize: number;
    readonly deltaClip: number;
    readonly seed: number;
  },
): ExpectedCase {
  const { slopes, curvatures, start, ...rest } = given;
  return {
    curvatures,
    problem: calmProblem({
      ...rest,
      energy: slopes ?? quadraticEnergy(curvatures, curvatures.map(() => 0)),
      bounds: unitBox(start.length),
      initial: Array.from({ length: rowsOfMean }, () => start),
      draws: normalTape(rest.seed, rest.steps, rowsOfMean, start.length),
    }),
  };
}

export const expectedDescent = clause({
  id: "energy/expected-descent",
  level: "theorem",
  sentence:
    "On convex energies the mean energy falls where the exact one-step law says so, and rises near the minimum where it says that.",
  source: proof,
  feature: "noise-tape",
  buildsOn: [...wholeRule, "grad-clip/none"],
  sharperWith: leftAside,
  remark:
    "“The energy decreases in expectation” is false near the minimum: in the first step of a default chain on ½a² in [-1, 1], on more than a quarter of the box.",
  problems: {
    weight: 0.5,
    random: ({ leastSteps }) =>
      fc.record({
        axes: fc.integer({ min: 1, max: 2 }),
        linear: fc.boolean(),
        stepSize: fraction(1 / 16, 0.5, 16),
        deltaClip: fraction(1 / 16, 1, 16),
        seed: fc.nat(),
      }).chain(({ axes, linear, ...rest }) =>
        fc.record({
          start: vector(axes, fraction(-1, 1, 16)),
          curvatures: vector(axes, linear ? fc.constant(0) : fraction(0.5, 4, 4)),
          slopes: vector(axes, signed(0.25, 4, 4)),
        }).map(({ slopes, ...drawn }) =>
          manyRows({ ...rest, ...drawn, ...(linear ? { slopes } : {}), steps: leastSteps })
        )
      ),
    // At the minimum the mean energy must rise; far from it, it must fall.
    edges: ({ leastSteps: steps }) =>
      [0, 0.75].map((start) =>
        manyRows({
          curvatures: [1],
          start: [start],
          steps,
          stepSize: 0.125,
          deltaClip: 0.25,
          seed: 5,
        })
      ),
    async judge(observer, { problem, curvatures }) {
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
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
  },
});

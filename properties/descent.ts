/**
 * What the rule does to the energy: a sure fall without noise, and a mean that falls or rises as
 * the exact one-step law says.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import { energy as compileEnergy } from "../spec/energy.ts";
import { convexRange, meanAfterStep } from "../spec/expectation.ts";
import { hoeffdingRadius, type OneStepLaw, sureDescentDecrease } from "../spec/laws.ts";
import { energyAt, gradientAt, predictStep } from "../spec/oracle.ts";
import { officialDefaults, type Problem, type Rows, type Settings } from "../spec/problem.ts";
import { limitOf } from "../spec/rule.ts";
import { lawsOfStep } from "../spec/rule_law.ts";
import { partsOf, ruleFor } from "../spec/rule_parts.ts";
import {
  calmProblem,
  convexEnergies,
  decimal,
  fraction,
  type KnownEnergy,
  linearEnergy,
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
import { leftAside, wholeRule } from "./whole_step.ts";

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
  why:
    "If noise is off and a small step raises the energy, something in the drift is wrong, whatever else holds.",
  under: () => ({
    sentence:
      "Without noise no step raises an L-smooth energy as long as it multiplies the gradient by at most 2/L.",
  }),
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
      for (let step = 0; step < problem.settings.steps; step++) {
        const predictions = predictStep(problem, step, points[step]!);
        // The step size of the official rule that multiplies the gradient by as much.
        const { drift, gradient } = predictions[0]![0]!.factors, eta = 2 * (drift * gradient);
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

/** Convex energies of every kind: what a clause about means must hold on. */
function convexOfEveryKind(axes: number): fc.Arbitrary<string> {
  const each = <T>(value: fc.Arbitrary<T>) => vector(axes, value);
  const centre = fraction(-1, 1, 16), size = fraction(0.25, 2, 4);
  const terms = (words: readonly string[]) => words.join(" + ");
  const bowl = fc.tuple(each(fraction(0.5, 4, 4)), each(centre)).map(([h, m]) =>
    quadraticEnergy(h, m)
  );
  const coupled = fc.tuple(bowl, size).map(([text, pull]) =>
    terms([
      text,
      ...Array.from({ length: axes - 1 }, (_, i) => `${pull}*(a${i + 1} - a${i + 2})^2`),
    ])
  );
  const quartic = fc.tuple(size, each(centre)).map(([height, m]) =>
    terms(m.map((c, i) => `${height}*(a${i + 1} - ${decimal(c)})^4`))
  );
  const unit = fc.tuple(size, each(signed(0.25, 2, 4)), centre).map(([height, slopes, shift]) =>
    `${height}*log(1 + exp(${linearEnergy(slopes)} + ${decimal(shift)}))`
  );
  const network = fc.tuple(unit, unit, unit, bowl).map(terms);
  return fc.oneof(
    { withCrossShrink: true },
    each(signed(0.25, 4, 4)).map(linearEnergy),
    bowl,
    coupled,
    convexEnergies(axes).map(({ text }) => text),
    quartic,
    network,
  );
}

/** Rows whose mean energy is looked at. */
interface MeanCase {
  readonly problem: Problem;
  /** The first step alone, or the whole chain. */
  readonly over: "one step" | "a chain";
}

/** Rows that start at the same point; the change of their mean is compared with what is expected. */
const rowsOfMean = { "one step": 2048, "a chain": 128 } as const;
/** The same of a random problem: of those there are many. */
const rowsOfRandom = 256;
/** Probability that a correct sampler is refused by one comparison of a mean. */
const level = 1e-10;

/** Many rows from one point in the unit box. */
function manyRows(
  { start, over, rows = rowsOfMean[over], ...rest }:
    & {
      readonly energy: string;
      readonly start: readonly number[];
      readonly over: MeanCase["over"];
      readonly rows?: number;
      readonly steps: number;
      readonly seed: number;
    }
    & Partial<Settings>
    & { readonly stepSize?: number },
): MeanCase {
  return {
    over,
    problem: calmProblem({
      ...rest,
      bounds: unitBox(start.length),
      initial: Array.from({ length: rows }, () => start),
      draws: normalTape(rest.seed, rest.steps, rows, start.length),
    }),
  };
}

/** A chain with the official defaults from far away. */
function farChain(energy: string, start: readonly number[]): MeanCase {
  const { steps, schedule, deltaClip } = officialDefaults;
  return manyRows({ energy, start, over: "a chain", steps, schedule, deltaClip, seed: 7 });
}

/** Deviations within which all draws of a comparison lie, but for a chance below its level. */
const farthest = 8;

/**
 * The laws of the coordinates after step k, of any row at any point; what no limit bounds is bounded
 * by its deviation.
 */
function lawsAfter(
  problem: Problem,
  k: number,
): (point: readonly number[]) => readonly OneStepLaw[] {
  const laws = lawsOfStep(problem, k);
  const { gradient } = compileEnergy(problem.energy, problem.axes, 0);
  return (point) =>
    laws(point, gradient(point, [])).map((law) => {
      if (law.limit !== Infinity) return law;
      const { mean, deviation, lower, upper } = law, far = farthest * deviation;
      return { ...law, lower: Math.max(lower, mean - far), upper: Math.min(upper, mean + far) };
    });
}

/** Five digits of a mean are enough: what is compared with it comes from some hundred draws. */
const nodesPerPiece = 6;

/** What the energies of rows should change by in the mean, each step from where the rows were. */
function expectedChange({ problem, over }: MeanCase, points: readonly Rows[]): number {
  const { value } = compileEnergy(problem.energy, problem.axes, 0);
  const energy = (point: readonly number[]) => value(point, []);
  let sum = 0;
  for (const [k, rows] of points.slice(0, over === "one step" ? 1 : -1).entries()) {
    const laws = lawsAfter(problem, k);
    const changeAt = (point: readonly number[]) =>
      meanAfterStep(laws(point), energy, nodesPerPiece) - energy(point);
    const first = rows[0]!, firstChange = changeAt(first);
    for (const point of rows) {
      // All rows start at the same point.
      const same = point.every((x, axis) => x === first[axis]);
      sum += same ? firstChange : changeAt(point);
    }
  }
  return sum / problem.initial.length;
}

/**
 * How far the energy of a row can be from what is expected of it, for Hoeffding's inequality: in one
 * step the range of the energy over all points that it can reach; over a chain, whose steps are
 * differences of a martingale, the root of the sum of their squares. A convex energy is steepest at
 * the ends of a box of one axis.
 */
function rangeOf({ problem, over }: MeanCase): number {
  const { value } = compileEnergy(problem.energy, problem.axes, 0);
  const start = problem.initial[0]!, { settings } = problem;
  if (over === "one step") {
    const gradient = gradientAt(problem, 0, start).map((g) => g.value);
    return convexRange(lawsAfter(problem, 0)(start), start, gradient, (point) => value(point, []));
  }
  const { min, max } = settings.bounds;
  const slopes = [min, max].map((end) => Math.abs(gradientAt(problem, 0, end)[0]!.value));
  return 2 * limitOf(settings, 0, ruleFor(problem)) * Math.max(...slopes) *
    Math.sqrt(settings.steps);
}

export const expectedDescent = clause({
  id: "energy/expected-descent",
  level: "theorem",
  sentence:
    "On convex energies the mean energy falls where the exact one-step law says so, rises near the minimum where it says that, and falls along a default chain that starts far away.",
  why:
    "It's what users look at: actions should get better on average, and this says exactly when they do.",
  under: () => ({
    sentence:
      "On convex energies the mean energy of a step falls where the exact one-step law of the rule says so, and rises where it says that.",
    remark:
      "“The energy decreases in expectation” is false near the minimum, under every rule with noise.",
  }),
  source: proof,
  feature: "noise-tape",
  buildsOn: [...wholeRule, "grad-clip/none"],
  sharperWith: leftAside,
  remark:
    "“The energy decreases in expectation” is false near the minimum: in the first step of a default chain on ½a² in [-1, 1], on more than a quarter of the box.",
  problems: {
    random: ({ leastSteps }) =>
      fc.record({
        axes: orSimply<number>(1, fc.integer({ min: 1, max: 3 })),
        stepSize: fraction(1 / 16, 0.5, 16),
        deltaClip: fraction(1 / 16, 1, 16),
        seed: fc.nat(),
      }).chain(({ axes, ...rest }) =>
        fc.record({
          start: vector(axes, fraction(-1, 1, 16)),
          energy: convexOfEveryKind(axes),
        }).map((drawn) =>
          manyRows({ ...rest, ...drawn, over: "one step", rows: rowsOfRandom, steps: leastSteps })
        )
      ),
    // At the minimum the mean energy must rise; far from it, it must fall.
    edges: ({ leastSteps: steps, rule }) => [
      ...[0, 0.75].map((start) =>
        manyRows({
          energy: quadraticEnergy([1], [0]),
          start: [start],
          over: "one step",
          steps,
          stepSize: 0.125,
          deltaClip: 0.25,
          seed: 5,
        })
      ),
      // The energy of a whole chain has bounds only where its steps have.
      ...rule !== undefined && !partsOf(rule).has("delta clip") ? [] : [
        farChain("2*(a1 + 0.5)^2", [0.875]),
        farChain("4*log(cosh(2*(a1 - 0.5)))", [-0.875]),
      ],
    ],
    async judge(observer, given) {
      const { problem, over } = given;
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      const expected = expectedChange(given, points);
      const mean = (rows: Rows) =>
        rows.reduce((sum, point, row) => sum + energyAt(problem, row, point), 0) / rows.length;
      const last = over === "one step" ? points[1]! : points.at(-1)!;
      const change = mean(last) - mean(problem.initial);
      observer.compared(1);
      const range = rangeOf(given), rows = problem.initial.length;
      const radius = hoeffdingRadius(range, rows, level) + 1e-6 * range;
      if (Math.abs(change - expected) <= radius) return null;
      const moved = expected !== 0 && Math.sign(change) === Math.sign(expected)
        ? `${change < 0 ? "falls" : "rises"} by ${show(Math.abs(change), 4)}`
        : `changes by ${show(change, 4)}`;
      const around = (value: number) => `${show(value, 4)} ± ${show(radius, 2)}`;
      const claim = expected < -radius
        ? `must fall by ${around(-expected)}`
        : expected > radius
        ? `must rise by ${around(expected)}`
        : `may rise or fall, and by the rule it changes by ${around(expected)}`;
      return plainFinding(
        problem,
        `The mean energy of ${rows} rows ${moved} in ${over}; it ${claim}`,
        { step: 0, expected, actual: change, tolerance: radius },
      );
    },
  },
});

/**
 * The drift: half the gradient at the current point, nothing remembered, no mixing of rows, axes or
 * observations.
 *
 * @module
 */

import * as fc from "fast-check";
import { show } from "../spec/numerics/number_text.ts";
import { predictStep } from "../spec/oracle.ts";
import { observationOf, type Problem } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { problemFor, ruleFor } from "../spec/rule_parts.ts";
import { isLinear, powerOf, stepFactors } from "../spec/rule_slopes.ts";
import { same } from "../spec/trajectory.ts";
import {
  calmProblem,
  constantSchedule,
  constantTape,
  decimal,
  fraction,
  linearEnergy,
  linearProblems,
  orSimply,
  quadraticEnergy,
  sameSlopesAlong,
  signed,
  starts,
  stepCount,
  table,
} from "./arbitraries.ts";
import { anyStep, clause, type ClauseObserver } from "./clause.ts";
import {
  comparePoints,
  firstStep,
  predictionsOf,
  stepsFollow,
  stepsFollowBut,
  toleranceOfStart,
} from "./compare.ts";
import {
  alike,
  anySchedules,
  caseUnder,
  constantSchedules,
  type FactorCase,
  factorCase,
  factorCases,
  type Factors,
  type Measured,
  measureFactors,
  ownNoiseGoesAlong,
  slopedStep,
} from "./factors.ts";
import { type Finding, plainFinding, stepFinding } from "./finding.ts";
import { pathOn, pathPoints } from "./observer.ts";
import { gradientFunction, langevinStep, loop } from "./sources.ts";

const stepSize = fraction(1 / 16, 0.25, 16);

export const currentPoint = clause({
  id: "drift/current-point",
  level: "must",
  sentence: "Each gradient is taken at the point that the step before has reached.",
  why:
    "With the gradient of the first point the chain walks in a straight line, past the minimum it should find.",
  term: "gradient",
  source: loop,
  buildsOn: ["start/initial-actions"],
  problems: {
    // Noise and drift never cancel: all slopes are multiples of 1/8.
    random: (facts) =>
      fc.tuple(linearProblems(facts, 2), fraction(0.125, 0.25, 8)).map(([problem, draw]) => {
        if (facts.unsupported.has("noise-tape")) return problem;
        const { settings, initial, axes } = problem;
        const draws = constantTape(draw + 1 / 64, settings.steps, initial.length, axes);
        return {
          ...problem,
          settings: { ...settings, noiseScale: 1 },
          noise: { kind: "tape" as const, draws },
        };
      }),
    edges: () => [calmProblem({ energy: [0.5], steps: 2, stepSize: 0.25, initial: [[0.125]] })],
    async judge(observer, problem) {
      const points = await pathOn(observer, problem);
      if (points === null) return "nothing";
      const displaced = comparePoints(observer, problem, points[0]!, problem.initial, {
        step: 0,
        tolerance: toleranceOfStart(problem),
        message: (row, axis, found, wanted) =>
          `With noise the first gradient of row ${row}, axis ${axis} is taken at ${found}, where the chain has not been: it starts at ${wanted}`,
      });
      if (displaced) return displaced;
      const stands = points.slice(1).map((point, k) => same(point, points[k]!));
      // At a wall the rule itself may stand, and so may a chain whose steps are too long.
      const { min, max } = problem.settings.bounds;
      const movesByRule = (k: number) =>
        predictionsOf(observer, problem, k, points[k]!).some((row, r) =>
          row.some(({ terms, tolerance }, i) => {
            const at = points[k]![r]![i]!, walled = at <= min[i]! || at >= max[i]!;
            return !walled && Math.abs(terms.result - at) > tolerance;
          })
        );
      const stuck = stands.slice(0, -1).findIndex((standing, k) => standing && movesByRule(k));
      observer.compared(stands.length);
      if (stands.every((standing) => standing)) return null;
      if (stuck < 0) return await asksAhead(observer, problem);
      const { terms } = predictionsOf(observer, problem, stuck, points[stuck]!)[0]![0]!;
      const step = stuck + 1;
      return plainFinding(
        problem,
        `Step ${step} asks for the gradient at the point of step ${stuck}, though the chain moves`,
        { step, row: 0, axis: 0, expected: terms.result, actual: points[step]![0]![0]! },
      );
    },
  },
});

/**
 * Whether the second step depends on gradients that are not those of the points of the chain: on an
 * energy of the same gradients there, and of others everywhere else, a chain of two steps must end at
 * the same point.
 */
async function asksAhead(observer: ClauseObserver, given: Problem): Promise<Finding | null> {
  const { settings, initial } = given;
  if (settings.steps !== 2 || observer.facts.compiles !== undefined) return null;
  const alone = problemFor(
    given,
    calmProblem({ ...settings, energy: given.energy, initial: [initial[0]!], noiseScale: 0 }),
  );
  const points = await pathOn(observer, alone);
  if (points === null) return null;
  const bent: Problem = {
    ...alone,
    energy: given.energy + sameSlopesAlong(points[0]![0]!, points[1]![0]!),
  };
  const end = (await observer.run(alone)).final, again = (await observer.run(alone)).final;
  const found = (await observer.run(bent)).final;
  // Whatever differs from call to call tells nothing of gradients.
  if (!same(end, again)) return null;
  const from = points[1]!, predictions = predictionsOf(observer, bent, 1, from)[0]!;
  return comparePoints(observer, bent, found, end, {
    step: 1,
    tolerance: (_, axis) => 8 * predictions[axis]!.tolerance,
    message: (row, axis, actual, wanted) =>
      `Step 1 takes row ${row}, axis ${axis} to ${actual}, and to ${wanted} on an energy that has the same gradients at the points of the chain: a gradient is taken at another point, too`,
  });
}

export const descends = clause({
  id: "drift/descends",
  level: "must",
  sentence: "Without noise, a small step moves every coordinate down the energy.",
  why: "With the wrong sign, actions climb to the worst energy, and no loss curve shows it.",
  term: "drift",
  source: gradientFunction,
  buildsOn: ["steps/precision", "drift/current-point"],
  remark:
    "A network that returns logits f is a network of energy E = -f: its sign is turned once. A network that returns an energy is used as it is.",
  problems: {
    // Without a tape the sign of a step size can't be told from that of the drift.
    random: ({ unsupported }) =>
      factorCases(unsupported.has("noise-tape") ? constantSchedules : anySchedules, 4),
    async judge(observer, given) {
      const factors = await measureFactors(observer, given, { parts: "drift" });
      if (factors === null) return "nothing";
      const step = factors.drift.findIndex((d) => d.value < -d.tolerance);
      if (step < 0) return null;
      // A negative step size, which the noise has too, belongs to the schedule.
      const noise = (await measureFactors(observer, given))?.noise?.[step];
      if (noise && alike(noise, factors.drift[step]!)) return null;
      const shift = await shiftThatTurns(observer, given, step);
      const message = shift !== null
        ? `This chain climbs the energy, and descends it once ${
          show(shift)
        } is added to the energy, which changes no gradient: its steps depend on the value of the energy`
        : observer.facts.returns === "energy"
        ? "This chain climbs the energy: either the network is expected to return logits, or the sign is missing"
        : "This chain climbs the energy of its logits: either the network is expected to return an energy, or the sign is turned twice";
      return slopedStep(observer, given, factors, step, message);
    },
  },
});

/** What has to be added to the energy for a chain that climbs to descend; null if nothing does it. */
async function shiftThatTurns(
  observer: ClauseObserver,
  given: FactorCase,
  step: number,
): Promise<number | null> {
  for (const shift of [16, -16]) {
    const { problem } = given, energy = `${problem.energy} + ${decimal(shift)}`;
    const shifted = { ...given, problem: { ...problem, energy } };
    const { value, tolerance } =
      (await measureFactors(observer, shifted, { parts: "drift" }))?.drift[step] ??
        { value: 0, tolerance: 0 };
    if (value > tolerance) return shift;
  }
  return null;
}

export const half = clause({
  id: "drift/half",
  level: "must",
  sentence: "The drift is one half of the gradient.",
  why:
    "Without the half, drift is twice as strong against the noise: the chain is colder, and collapses sooner.",
  under: (rule) => ({
    sentence: isLinear(rule)
      ? `The gradient has the factor that it has in ${rule.step}, with drift = ${rule.drift}.`
      : `The gradient moves an action as in ${rule.step}, with drift = ${rule.drift}.`,
  }),
  formula: officialRule.drift,
  term: "drift",
  source: langevinStep,
  buildsOn: ["drift/descends"],
  problems: {
    random: () => factorCases(anySchedules, 3),
    // Far from 0, where an action that is drawn to it shows.
    edges: () => [
      factorCase({ steps: 3, schedule: constantSchedule(0.25), slope: 0.5, draw: 0.25, start: 4 }),
    ],
    async judge(observer, given) {
      // What is no multiple of the gradient has no factor.
      if (!isLinear(ruleFor(given.problem))) {
        return await stepsFollow(firstStep)(observer, given.problem);
      }
      const factors = await measureFactors(observer, given);
      if (factors === null) return "nothing";
      const drift = factors.drift[0]!, formula = factors.formula[0]!, noise = factors.noise?.[0];
      if (alike(drift, formula) || (noise && alike(drift, noise))) return null;
      const { min, max } = given.problem.settings.bounds, end = factors.slopedPoints[1]![0]![0]!;
      if (end === min[0] || end === max[0]) {
        const least = driftWords(given.problem, drift, formula);
        const message = `The drift is at least ${least}: step 0 ends at the wall`;
        return slopedStep(observer, given, factors, 0, message);
      }
      const depends = await dependsWords(observer, given, drift);
      const unsure = factors.noise === null && depends === "";
      if (unsure && await isOfSchedule(observer, given, factors)) return null;
      const message = `The drift is ${driftWords(given.problem, drift, formula)}${depends}`;
      return slopedStep(observer, given, factors, 0, message);
    },
  },
});

/** On what a wrong factor of the drift depends, if it is no number: on the action, on the gradient. */
async function dependsWords(
  observer: ClauseObserver,
  given: FactorCase,
  drift: Measured,
): Promise<string> {
  const { problem } = given, start = problem.initial[0]![0]!, slope = given.slope / 2;
  const other = start + Math.min(2, (problem.settings.bounds.max[0]! - start) / 2);
  const differs = async (change: Partial<FactorCase>) => {
    const other = (await measureFactors(observer, { ...given, ...change }, { parts: "drift" }))
      ?.drift[0];
    return other !== undefined &&
      Math.abs(other.value - drift.value) > 4 * (other.tolerance + drift.tolerance);
  };
  if (await differs({ problem: { ...problem, initial: [[other]] } })) {
    return ` at the action ${show(start)}, and another multiple at ${show(other)}`;
  }
  if (await differs({ slope, problem: { ...problem, energy: linearEnergy([slope]) } })) {
    return ` where that is ${show(given.slope)}, and another multiple where it is ${show(slope)}`;
  }
  return "";
}

/**
 * Whether a factor of the drift is one of the step size, where no tape shows that of the noise: it is
 * another one with another schedule, or the sampler's own noise has it too.
 */
async function isOfSchedule(
  observer: ClauseObserver,
  given: FactorCase,
  { drift, formula }: Factors,
): Promise<boolean> {
  const { slope, draw, problem } = given, { initial, settings: { schedule } } = problem;
  const start = initial[0]![0]!, factor = drift[0]!.value / formula[0]!.value;
  if (schedule.kind === "polynomial") {
    const falling = { ...schedule, final: schedule.init / 4, power: 2 };
    const other = await measureFactors(
      observer,
      caseUnder(
        ruleFor(problem),
        factorCase({ steps: 3, schedule: falling, slope, draw, start }),
      ),
      { parts: "drift" },
    );
    const same = other?.drift.every((found, k) => {
      const wanted = other.formula[k]!, slack = found.tolerance + factor * wanted.tolerance;
      const own = drift[0]!.tolerance * wanted.value / formula[0]!.value;
      return Math.abs(found.value - factor * wanted.value) <= slack + own;
    });
    if (same === false) return true;
  }
  return await ownNoiseGoesAlong(observer, given, drift[0]!, formula[0]!);
}

/** What the gradient is multiplied by, and what it should be: as the drift, if it has a factor. */
function driftWords(problem: Problem, drift: Measured, formula: Measured): string {
  const rule = ruleFor(problem), { steps: N, own } = problem.settings;
  const given = { sigma: 1, T: 1, N, ...own };
  if (powerOf(rule, "drift", formula.value, given) === 1) {
    const factor = stepFactors(rule, formula.value, given).drift / formula.value;
    const found = show(Number(show(drift.value / formula.value, 7)) * factor, 5);
    return `${found} times the gradient instead of ${factor}`;
  }
  const { found, wanted } = drift.multiple!;
  return `${show(found, 4)} times the gradient in step 0 instead of ${show(wanted, 4)}`;
}

export const noMemory = clause({
  id: "drift/no-memory",
  level: "must",
  sentence: "Earlier gradients leave nothing behind: no momentum, no accumulated gradient.",
  why: "Momentum overshoots narrow minima and makes every step depend on the history of the chain.",
  formula: officialRule.drift,
  term: "drift",
  source: loop,
  buildsOn: ["drift/half", "schedule/constant", "result/last-point"],
  partlyWithout: ["result/last-point"],
  problems: {
    random: () =>
      fc.record({
        steps: orSimply<number>(2, fc.integer({ min: 3, max: 5 })),
        // No gradient is larger than 1, so that no clip of it acts.
        curvature: fraction(0.125, 0.5, 8),
        slope: signed(0.125, 0.5, 8),
        start: fraction(-0.5, 0.5),
        stepSize,
      }).map(({ curvature, slope, start, ...rest }) =>
        calmProblem({
          ...rest,
          energy: `${linearEnergy([slope])} + ${quadraticEnergy([curvature], [0.25])}`,
          initial: [[start]],
        })
      ),
    judge: stepsFollow(),
  },
});

export const ownRow = clause({
  id: "drift/own-row",
  level: "must",
  sentence: "A row moves as it would move alone: rows neither mix nor share a mean.",
  why:
    "Rows are separate chains. A mean over the batch makes the step size depend on the batch size.",
  term: "gradient",
  source: gradientFunction,
  buildsOn: ["steps/precision", "drift/current-point"],
  problems: {
    random: (facts) =>
      fc.record({
        starts: starts({
          rows: { min: 2, max: 6 },
          axes: { min: 1, max: 1 },
          start: fraction(-0.5, 0.5),
          axis: fc.record({ curvature: fraction(0.5, 4, 4), centre: fraction(-1, 1, 8) }),
        }),
        steps: stepCount(facts, 2),
        groups: fc.integer({ min: 1, max: 2 }),
        which: fc.constantFrom("last", "first"),
        stepSize,
      }).map(({ starts: { initial, axes: [axis] }, which, groups, ...rest }) => ({
        row: which === "last" ? initial.length - 1 : 0,
        problem: calmProblem({
          ...rest,
          energy: quadraticEnergy([axis!.curvature], [axis!.centre]),
          initial,
          groups: initial.length % groups === 0 ? groups : 1,
        }),
      })),
    // Rows that are left over where a sampler takes them in blocks.
    edges: () =>
      [7, 13, 25, 37].map((rows) => ({
        row: rows - 1,
        problem: calmProblem({
          energy: quadraticEnergy([1], [0.5]),
          steps: 2,
          stepSize: 0.125,
          initial: Array.from({ length: rows }, (_, r) => [-r / 64]),
        }),
      })),
    async judge(observer, { problem, row }) {
      const { energy, settings, initial } = problem;
      const alone = problemFor(
        problem,
        calmProblem({ ...settings, energy, initial: [initial[row]!] }),
      );
      const together = await pathOn(observer, problem);
      const single = await pathOn(observer, alone);
      if (together === null || single === null) return "nothing";
      observer.compared(1);
      const actual = together[1]![row]![0]!, expected = single[1]![0]![0]!;
      const prediction = predictStep(problem, 0, initial)[row]![0]!;
      const { terms, tolerance } = prediction;
      if (Math.abs(actual - expected) <= 2 * tolerance) return null;
      const action = initial[row]![0]!;
      const what = actual === action ? "does not move" : `moves to ${show(actual)}`;
      const message = `Among ${initial.length} rows, row ${row} ${what}; alone it moves to ${
        show(expected)
      }`;
      return stepFinding(
        observer.suspect,
        problem,
        { ...prediction, terms: { ...terms, result: expected }, tolerance: 2 * tolerance },
        { step: 0, row, axis: 0, action, actual, message },
      );
    },
  },
});

/** The same with one more axis, like the last one. */
function withAnotherAxis(problem: Problem): Problem {
  const { settings, noise } = problem, { bounds: { min, max } } = settings;
  const more = (row: readonly number[]) => [...row, row.at(-1)!];
  return {
    ...problem,
    axes: problem.axes + 1,
    settings: { ...settings, bounds: { min: more(min), max: more(max) } },
    initial: problem.initial.map(more),
    noise: noise.kind === "own"
      ? noise
      : { kind: "tape", draws: noise.draws.map((draw) => draw.map(more)) },
  };
}

/** Whether the coordinate of a finding moves the same where other axes, one of them more, slope otherwise. */
async function movesAlone(
  observer: ClauseObserver,
  given: Problem,
  { step, row, axis, actual }: Finding,
): Promise<boolean> {
  const others = Array.from({ length: given.axes + 1 }, (_, i) => i).filter((i) => i !== axis);
  const energy = [given.energy, ...others.map((i) => `0.375*a${i + 1}`)].join(" + ");
  const problem = { ...withAnotherAxis(given), energy };
  const points = pathPoints(problem, await observer.run(problem));
  return points !== null && step !== null && row !== null && axis !== null &&
    points[step + 1]?.[row]?.[axis] === actual;
}

export const ownAxis = clause({
  id: "drift/own-axis",
  level: "must",
  sentence: "The drift of an axis depends on its own component of the gradient only.",
  why:
    "A gradient scaled by its norm, or axes mixed up by a transposition, moves actions in the wrong direction.",
  term: "drift",
  source: langevinStep,
  buildsOn: ["drift/no-memory"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        starts: starts({
          rows: { min: 1, max: 1 },
          axes: { min: 2, max: 4 },
          start: fraction(-0.5, 0.5),
          axis: signed(0.125, 1, 8),
        }),
        steps: stepCount(facts, 2),
        stepSize,
      }).map(({ starts: { initial, axes }, ...rest }) =>
        calmProblem({ ...rest, energy: axes, initial })
      ),
    // Where the slopes of other axes change nothing, an axis goes by its own component.
    judge: stepsFollowBut(movesAlone),
  },
});

/** Whether steps break the rule as well where all groups have the observation of the row that was found. */
async function failsWithOne(
  observer: ClauseObserver,
  problem: Problem,
  { row }: Finding,
): Promise<boolean> {
  const observation = observationOf(problem, row ?? 0);
  const alike = { ...problem, observations: problem.observations.map(() => observation) };
  const found = await stepsFollow()(observer, alike);
  return found !== null && found !== "nothing";
}

export const ownObservation = clause({
  id: "drift/own-observation",
  level: "must",
  sentence:
    "Row r belongs to observation floor(r / samples): observations are repeated, not tiled.",
  why:
    "If observations are tiled instead of repeated, samples get each other's observations, and the shapes still fit.",
  term: "gradient",
  source: loop,
  buildsOn: ["drift/no-memory", "drift/own-row"],
  partlyWithout: anyStep,
  problems: {
    random: (facts) =>
      fc.record({
        groups: fc.integer({ min: 2, max: 3 }),
        samples: orSimply<number>(1, fc.integer({ min: 2, max: 4 })),
        steps: stepCount(facts, 2),
        stepSize,
        // No slope is larger than 1, so that no clip of the gradient acts.
        weight: signed(0.25, 0.5, 8),
      }).chain(({ groups, samples, weight, ...rest }) =>
        fc.record({
          initial: table(groups * samples, 1, fraction(-0.5, 0.5)),
          first: fraction(-0.25, 0.25, 8),
        }).map(({ initial, first }) =>
          calmProblem({
            ...rest,
            energy: `${decimal(weight)}*o1*a1 + 0.25*o2*a1`,
            initial,
            groups,
            samples,
            // The slopes of all groups differ.
            observations: Array.from({ length: groups }, (_, g) => [first + g / 2, first - g / 4]),
          })
        )
      ),
    async judge(observer, problem) {
      const found = await stepsFollowBut(failsWithOne)(observer, problem);
      if (found === null || found === "nothing" || found.row === null || found.instead) {
        return found;
      }
      const group = Math.floor(found.row / problem.samples);
      const observation = observationOf(problem, found.row).join(", ");
      const message = `${found.message}: it belongs to observation ${group} (${observation})`;
      return { ...found, message };
    },
  },
});

/**
 * What a prepared sampler remembers from call to call: nothing.
 *
 * @module
 */

import * as fc from "fast-check";
import { predictStep } from "../spec/oracle.ts";
import type { Problem, Rows, Schedule, Settings } from "../spec/problem.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import {
  boxOf,
  calmProblem,
  firstDraw,
  fraction,
  linearEnergy,
  quadraticEnergy,
  signed,
  simpleTape,
  starts,
  stepCount,
} from "./arbitraries.ts";
import { clause } from "./clause.ts";
import { comparePoints, predictionsOf } from "./compare.ts";
import { type Call, namedByWhatDecides } from "./earlier_calls.ts";
import type { Finding } from "./finding.ts";
import { ledgerOf } from "./ledger.ts";
import { type Facts, type Observer, pathOn, pathPoints } from "./observer.ts";
import { loop } from "./sources.ts";

const polynomial: Schedule = { kind: "polynomial", init: 0.25, final: 1 / 64, power: 2 };
const exponential: Schedule = { kind: "exponential", init: 0.25, decay: 0.5 };

/** Calls of several prepared samplers that are alive at once, in their order. */
interface Sequence {
  readonly problem: Problem;
  readonly calls: readonly Call[];
}

/**
 * What a sampler is called on: a few rows; more of them; and the few again with another start,
 * network, observation and noise, so that nothing can be kept because shapes are the same.
 */
type Chains = readonly [few: Problem, more: Problem, other: Problem];

/** The samplers that there are, and what each is called on. */
type Pool = readonly Chains[];

/** A sequence by the places of its calls in a pool. */
function sequence(pool: Pool, order: readonly (readonly [sampler: number, given: 0 | 1 | 2])[]) {
  const calls = order.map(([sampler, given]): Call => ({
    sampler,
    problem: pool[sampler]![given],
  }));
  return { problem: calls[0]!.problem, calls };
}

/** Settings that act on every chain beside its step sizes: what a later call may forget. */
function actingSettings({ unsupported }: Facts): readonly Partial<Settings>[] {
  return [
    ...unsupported.has("grad-clip") ? [] : [{ gradClip: 1 / 16 }],
    ...unsupported.has("apply-exp") ? [] : [{ applyExp: true }],
    { deltaClip: 2 ** -12 },
    { bounds: boxOf(1, -1 / 8, 1 / 4) },
    ...unsupported.has("noise-tape") ? [] : [{ noiseScale: 0.5 }],
  ];
}

/**
 * Chains on bowls, of one shape and of another.
 *
 * @param acting what acts on them beside step sizes
 */
function chains(
  facts: Facts,
  mostAxes: number,
  acting = fc.subarray([...actingSettings(facts)]),
): fc.Arbitrary<Chains> {
  return fc.record({
    acting,
    starts: starts({
      rows: { min: 1, max: 2 },
      axes: { min: 1, max: mostAxes },
      start: fraction(-0.5, 0.5),
      axis: fc.record({ slope: signed(0.25, 1, 8), curvature: fraction(0.125, 1, 8) }),
    }),
    steps: stepCount(facts, facts.compiles === undefined ? 4 : 3),
    schedule: fc.constantFrom(
      polynomial,
      ...(facts.unsupported.has("exponential-schedule") ? [] : [exponential]),
    ),
    first: firstDraw,
    seed: fc.nat(),
  }).map(({ starts: { initial, axes }, first, steps, acting, ...rest }) => {
    const { bounds, ...settings }: Partial<Settings> = Object.assign({}, ...acting);
    const from = (rows: Rows, observation: number, centre: number) =>
      calmProblem({
        ...rest,
        energy: `${linearEnergy(axes.map(({ slope }) => slope))} + ${
          quadraticEnergy(axes.map(({ curvature }) => curvature), axes.map(() => centre))
        } + o1*a1${settings.applyExp ? " + 4" : ""}`,
        observations: [[observation]],
        steps,
        initial: rows,
        draws: facts.unsupported.has("noise-tape")
          ? 0
          : simpleTape(first + 4 * centre, steps, rows.length, axes.length),
        ...settings,
        ...bounds && { bounds: boxOf(axes.length, bounds.min[0]!, bounds.max[0]!) },
      });
    return [
      from(initial, 0, 0),
      from([...initial, ...initial.map((row) => row.map((x) => x / 2))], 0, 0),
      from(initial.map((row) => row.map((x) => 0.25 - x)), 0.5, 0.25),
    ];
  });
}

/** Every sampler is called early and late, three times and more, after every other one. */
const longOrder = [
  [0, 0],
  [1, 0],
  [0, 2],
  [0, 1],
  [0, 0],
  [1, 1],
  [1, 0],
  [1, 2],
  [0, 0],
  [0, 0],
  [1, 0],
] as const;

export const secondCall = clause({
  id: "state/second-call",
  level: "must",
  sentence:
    "A call's result doesn't depend on earlier calls, to this or any other prepared sampler.",
  why: "A schedule or generator that isn't reset changes every batch after the first.",
  source: loop,
  buildsOn: ["steps/precision", "drift/current-point"],
  problems: {
    random: (facts) =>
      fc.record({
        pool: fc.tuple(chains(facts, 1), chains(facts, 2)),
        order: fc.array(
          fc.tuple(fc.nat({ max: 1 }), fc.constantFrom(0 as const, 1 as const, 2 as const)),
          { minLength: 2, maxLength: 7, size: "max" },
        ),
      }).map(({ pool, order }): Sequence => sequence(pool, order)),
    edges(facts) {
      const apart = [[], ...actingSettings(facts).map((one) => [one])].map((acting, n) =>
        fc.sample(chains(facts, 1 + n % 2, fc.constant(acting)), { seed: n + 1, numRuns: 1 })[0]!
      );
      return apart.filter((_, n) => n % 2 === 0).map((one, n) =>
        sequence([one, apart[(2 * n + 1) % apart.length]!], longOrder)
      );
    },
    async judge(observer, { calls }) {
      const fresh = new Map<Problem, readonly Rows[]>();
      for (const { problem } of calls) {
        if (fresh.has(problem)) continue;
        const points = await pathOn(observer, problem);
        if (points === null) return "nothing";
        fresh.set(problem, points);
      }
      const samplers = new Map<number, (problem: Problem) => Promise<Trajectory>>();
      for (const { sampler, problem } of calls) {
        if (!samplers.has(sampler)) samplers.set(sampler, await observer.open(problem.settings));
      }
      for (const [place, { sampler, problem }] of calls.entries()) {
        const after = pathPoints(problem, await samplers.get(sampler)!(problem));
        if (after === null) return "nothing";
        const differs = (points: readonly Rows[], name: string) =>
          difference(observer, problem, fresh.get(problem)!, points, name);
        if (differs(after, "") === null) continue;
        return await namedByWhatDecides(observer, calls, { place, points: after, differs });
      }
      return null;
    },
  },
});

/** Where a call leads elsewhere than the call of a fresh sampler. */
function difference(
  observer: Observer,
  problem: Problem,
  before: readonly Rows[],
  after: readonly Rows[],
  call: string,
): Finding | null {
  // The map from one point to the next contracts here (step size × curvature < 4), so the distance
  // of two float32 chains is at most the sum of their one-step tolerances.
  let allowed = 0;
  for (let k = 0; k < before.length; k++) {
    const found = comparePoints(observer, problem, after[k]!, before[k]!, {
      tolerance: 2 * allowed,
      step: Math.max(0, k - 1),
      message: (row, axis, actual, wanted) =>
        k === 0
          ? `${call} asks for its first gradient with row ${row}, axis ${axis} at ${actual}; a first call of a fresh sampler asks for it at ${wanted}`
          : `${call} puts row ${row}, axis ${axis} at ${actual} after step ${
            k - 1
          }; a first call of a fresh sampler has it at ${wanted}`,
    });
    if (found) return k === 0 ? found : withLedger(observer, found, after);
    if (k < problem.settings.steps) {
      const predictions = predictStep(problem, k, before[k]!).flat();
      allowed += Math.max(...predictions.map((p) => p.tolerance));
    }
  }
  return null;
}

/** Adds the ledger of the call's step: a fresh sampler took it as the rule says, or not. */
function withLedger(observer: Observer, found: Finding, points: readonly Rows[]): Finding {
  const { problem, actual } = found;
  const step = found.step!, row = found.row!, axis = found.axis!;
  const prediction = predictionsOf(observer, problem, step, points[step]!)[row]![axis]!;
  const action = points[step]![row]![axis]!;
  return {
    ...found,
    ledger: ledgerOf({ problem, prediction, axis, action, actual, term: "step" }),
  };
}

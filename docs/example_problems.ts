/**
 * The problems of the worked examples.
 *
 * @module
 */

import { calmSettings, constantSchedule, problemOf } from "../properties/arbitraries.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";

/** What is asked of both rules. */
export interface Task {
  readonly problem: Problem;
  /** The seed of the second call, for samplers with noise of their own. */
  readonly secondSeed?: number;
}

/** A box. */
export const box = (min: readonly number[], max: readonly number[]) => ({ min, max });

/** A small problem without noise, unless draws are given. */
export function task(
  energy: string,
  initial: Rows,
  settings: Partial<Settings>,
  given: Partial<Omit<Problem, "settings" | "energy" | "initial">> & { draws?: readonly Rows[] } =
    {},
): Task {
  const { draws, ...rest } = given;
  return {
    problem: problemOf({
      energy,
      initial,
      settings: calmSettings(initial[0]!.length, {
        bounds: box(initial[0]!.map(() => -1), initial[0]!.map(() => 1)),
        deltaClip: 0.5,
        noiseScale: draws === undefined ? 0 : 1,
        ...settings,
      }),
      ...rest,
      ...(draws === undefined ? {} : { noise: { kind: "tape" as const, draws } }),
    }),
  };
}

/** A schedule of the problems. */
export const polynomial = { kind: "polynomial", init: 0.5, final: 0.125, power: 2 } as const;
const exponential = { kind: "exponential", init: 0.5, decay: 0.5 } as const;

/** The problems that are tried, the simplest first. */
export const tasks: readonly Task[] = [
  task("a1^2", [[0.5]], {}),
  task("a1^2", [[0.5]], {}, { draws: [[[1]]] }),
  task("a1^2", [[0.5]], { noiseScale: 0.5 }, { draws: [[[1]]] }),
  task("a1^2", [[0.5]], { steps: 3 }),
  task("a1", [[0.5]], { steps: 3, schedule: polynomial }),
  task("a1", [[0.5]], { schedule: polynomial }),
  task("a1", [[0.5]], { steps: 3, schedule: { ...polynomial, power: 1 } }),
  task("a1", [[0.5]], { steps: 3, schedule: exponential }),
  task("-4*a1", [[0]], { deltaClip: 0.25 }),
  task("-4*a1", [[0]], { deltaClip: 0.25, bounds: box([-1], [3]) }),
  task("4*a1", [[0]], { deltaClip: 0.25, steps: 3 }),
  task("-4*a1 - 2*a2", [[0, 0]], { deltaClip: 0.25, bounds: box([-1, -2], [1, 4]) }),
  task("-4*a1 - a2", [[0, 0]], { deltaClip: 0.25 }),
  task("-4*a1", [[0]], { deltaClip: 0.25 }, { draws: [[[-4]]] }),
  task("-4*a1", [[0.75]], { deltaClip: 2 }),
  task("-4*a1 - a2", [[0.75, 0]], { deltaClip: 2, bounds: box([-1, -2], [1, 4]) }),
  task("-2*a1", [[0.75]], { deltaClip: 2, steps: 3 }),
  task("a1^2", [[1.5]], { deltaClip: 2 }),
  task("-a1", [[3]], { deltaClip: 2, bounds: box([-1], [4]) }),
  task("3*a1 + a2/2", [[0, 0]], { gradClip: 1, bounds: box([-4, -4], [4, 4]) }),
  task("3*a1", [[0]], { gradClip: 0 }),
  task("-3*a1", [[0]], { gradClip: 1 }, { draws: [[[0.5]]] }),
  task("3*a1", [[0]], {}),
  task("a1^2", [[0.5]], { applyExp: true }),
  task("a1^2", [[0.5], [-0.25]], {}),
  task("a1^2 + a2^2/2", [[0.5, 0.25]], {}),
  task("(a1 - o1)^2", [[0], [0], [0], [0]], {}, {
    groups: 2,
    samples: 2,
    observations: [[0.5], [-0.25]],
  }),
  task("0*a1", [[0, 0], [0, 0]], { steps: 2 }, {
    draws: [[[0.5, -0.25], [1, 0.125]], [[-1, 0.25], [0.5, -0.5]]],
  }),
  task("a1^2", [[0.3]], { schedule: constantSchedule(1 / 1024) }),
  task("a1^2", [[0.5]], { steps: 2 }, { draws: [[[0.5]], [[-0.25]]] }),
  {
    ...task("0*a1", [[0]], { noiseScale: 1 }, { noise: { kind: "own" }, seed: 1 }),
    secondSeed: 2,
  },
];

/** Examples of clauses under which no defect is filed, or that want a problem of their own. */
export const chosen: Readonly<Record<string, { readonly task: Task; readonly defect: string }>> = {
  "steps/count": { task: task("a1^2", [[0.5]], { steps: 3 }), defect: "steps-one-short" },
  "schedule/two-steps": {
    task: task("a1", [[0.5]], { steps: 2, schedule: polynomial }),
    defect: "schedule-over-n",
  },
  "bounds/outside-start": {
    task: task("a1^2", [[1.5]], { deltaClip: 0.25 }),
    defect: "bounds-missing",
  },
  "delta-clip/zero": {
    task: task("a1", [[0.5]], { deltaClip: 0 }),
    defect: "delta-clip-missing",
  },
  "delta-clip/infinite-gradient": {
    task: task("1e308*10*a1", [[0.5]], { deltaClip: 0.25 }),
    defect: "grad-clip-default-one",
  },
  "grad-clip/before-noise": {
    task: task("a1", [[0]], { gradClip: 0.5, deltaClip: 1 }, { draws: [[[2]]] }),
    defect: "grad-clip-after-noise",
  },
  "bounds/zero-width": {
    task: task("a1 - 4*a2", [[0, 0.5]], { bounds: box([-1, 0.5], [1, 0.5]) }, {
      draws: [[[1, 1]]],
    }),
    defect: "noise-after-bounds",
  },
  "rows/not-a-number": {
    task: task("sqrt(a1)", [[-0.5], [0.25]], {}),
    defect: "gradient-leaks-between-rows",
  },
};

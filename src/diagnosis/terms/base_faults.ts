/**
 * Faults that act in every experiment, told by plain signs: another number of steps, another number
 * format, gradients that are taken elsewhere.
 *
 * @module
 */

import { compileRule, slots } from "../../../spec/compiled_rule.ts";
import { roundToBfloat16, roundToFloat16 } from "../../../spec/numerics/floats.ts";
import type { Problem } from "../../../spec/problem.ts";
import { same } from "../../../spec/trajectory.ts";
import { ruleWith } from "../../defects/change.ts";
import { lateGradients, stepOfGradient } from "../../defects/loop_steps.ts";
import type { Observation, Reading } from "../experiments/observations.ts";
import {
  bfloat16Chain,
  goesWith,
  type Hypothesis,
  lateGradientSuspects,
  seldomSuspects,
  type Suspect,
  suspectsOf,
} from "./suspects.ts";
import type { Trials } from "./trials.ts";
import type { SeenRun } from "./window_fit.ts";

/** A call that was answered. */
export interface CountedCall {
  readonly problem: Problem;
  readonly call: Reading;
}

/** What gives the numbers of steps that were seen, if they are not those that were asked for. */
export function stepsTaken(runs: readonly CountedCall[]): Hypothesis {
  const wrong = runs.some(({ problem, call }) => call.points.length !== problem.settings.steps);
  if (!wrong) return [];
  const gives = ({ change }: Suspect) => {
    const rule = ruleWith(change), { steps } = compileRule(rule);
    return runs.every(({ problem, call }) =>
      Math.round(steps(slots({ N: problem.settings.steps }, rule))) === call.points.length
    );
  };
  const known = suspectsOf(["steps"]).filter(gives);
  if (known.length > 0) return known.slice(0, 1);
  return stepFormulas(countsOf(runs)).map(([steps, title]): Suspect => ({
    key: `measured number steps ${steps}`,
    id: null,
    title,
    fix: "Count from 0 to N - 1.",
    change: { steps },
  })).filter(gives).slice(0, 1);
}

/** How many steps a chain is asked for, and how many it takes. */
export interface StepCount {
  readonly asked: number;
  readonly taken: number;
}

/** The numbers of steps of some chains. */
export function countsOf(runs: readonly CountedCall[]): readonly StepCount[] {
  return runs.map(({ problem, call }) => ({
    asked: problem.settings.steps,
    taken: call.points.length,
  }));
}

/** The number of steps of chains of all settings, if it is one that came with the first of them. */
export function frozenSteps(counts: readonly StepCount[]): number | undefined {
  const taken = counts[0]?.taken, all = counts.every((count) => count.taken === taken);
  const hardCoded = suspectsOf(["steps"]).some(({ change }) => change.steps === String(taken));
  const frozen = all && !hardCoded && taken !== 0 &&
    new Set(counts.map(({ asked }) => asked)).size > 2;
  return frozen ? taken : undefined;
}

/** Formulas that numbers of steps may follow, with what they say. */
function stepFormulas(
  counts: readonly StepCount[],
): readonly (readonly [formula: string, title: string])[] {
  const more = counts[0]!.taken - counts[0]!.asked, taken = counts.map((one) => one.taken);
  const most = Math.max(...taken), least = Math.min(...taken), odd = "N - 2 * floor(N / 2)";
  return [
    [`N + (${more})`, `N ${more < 0 ? "−" : "+"} ${Math.abs(more)} steps are taken`],
    [`where(${odd}, N, N - 1)`, "Chains of an even number of steps take one step less"],
    [`where(${odd}, N - 1, N)`, "Chains of an odd number of steps take one step less"],
    [`min(N, ${most})`, `No more than ${most} steps are taken`],
    [`max(N, ${least})`, `At least ${least} steps are taken`],
    ["floor(N / 2)", "Half of the steps are taken"],
    ["2 * N", "Twice as many steps are taken"],
  ];
}

/** Where gradients are taken, if that is not at the points of a chain. */
export function elsewhere(
  { problem, call }: CountedCall,
): readonly ("previous" | "initial" | "noised")[] {
  const [first, second, third] = call.points;
  if (first === undefined || second === undefined) return [];
  if (!same(first, problem.initial)) return problem.settings.noiseScale > 0 ? ["noised"] : [];
  if (!same(first, second) || third === undefined) return [];
  if (!same(second, third)) return ["previous"];
  const stays = call.points.every((at) => same(at, first));
  return stays && !same(first, call.final) ? ["initial"] : [];
}

/**
 * Gradients that are taken elsewhere than at the points of the chain, as far as that is plain.
 *
 * @param noisy where a chain of draws alone takes them
 * @param mayBeLate whether they may be those of earlier points
 */
export function gradientPoints(
  runs: readonly CountedCall[],
  noisy: ReturnType<typeof elsewhere>,
  mayBeLate: boolean,
): Hypothesis {
  // Chains that slopes move tell more than draws: noise that begins late looks like a late gradient.
  const moving = runs.filter(({ problem, call }) => !same(call.final, problem.initial));
  const atStart = runs.every(({ problem, call }) => same(call.points[0] ?? [], problem.initial));
  const word = (moving.length > 0 ? moving : runs).flatMap(elsewhere)
    .find((one) => one === "noised" || mayBeLate) ??
    noisy.find((one) => one === "noised" ? atStart : moving.length === 0);
  return suspectsOf(["gradientAt"]).filter(({ change }) => change.gradientAt === word);
}

/** Gradients of earlier steps, as the points of which questions show them. */
export function lateGradient(runs: readonly CountedCall[]): Hypothesis {
  return lateGradientSuspects.filter(({ change }) =>
    runs.some(({ call }) => call.points.length > 4) &&
    runs.every(({ call: { points } }) =>
      points.slice(1).every((at, j) => {
        const stays = takenAt(change, j + 1) === takenAt(change, j);
        return same(at, points[j]!) === stays;
      })
    )
  ).slice(0, 1);
}

/**
 * Gradients that are not asked for in every step, if so many questions were asked.
 *
 * @param drawn a chain without slopes: where its second question is more than one draw away
 */
export function seldomGradient(
  runs: readonly CountedCall[],
  drawn: CountedCall | undefined,
): Hypothesis {
  if (drawn?.problem.noise.kind === "tape") {
    const [from, to] = drawn.call.points, [first] = drawn.problem.noise.draws;
    const moves = from && to ? from.map((row, r) => row.map((a, i) => a - to[r]![i]!)).flat() : [];
    const ratios = moves.map((move, j) => move / first!.flat()[j]!);
    if (ratios.every((ratio) => Math.abs(ratio - ratios[0]!) <= 1e-3 * Math.abs(ratio))) return [];
  }
  return seldomSuspects.filter(({ change }) => {
    const every = Number(change.gradientAsked!.at(-1));
    return runs.some(({ problem }) => problem.settings.steps > every) &&
      runs.every(({ problem, call }) =>
        call.points.length === Math.ceil(problem.settings.steps / every)
      );
  });
}

function takenAt({ gradientAt }: Suspect["change"], k: number): number {
  const word = lateGradients.find((word) => word === gradientAt);
  return word === undefined ? k : stepOfGradient(word, k);
}

/** What ends chains without slopes as they were seen to end, if it is one thing. */
export function earlyEnd(
  early: readonly Observation[],
  hypothesis: Hypothesis,
  trials: Trials,
): Hypothesis {
  const found = suspectsOf(["ends"]).filter((suspect) =>
    goesWith(hypothesis, suspect) &&
    early.every((seen) => trials.explains([suspect], seen, "points"))
  );
  return early.length > 0 && found.length === 1 ? found : [];
}

/** Whether every chain on slopes ends where it started. */
export function endStill(observations: readonly Observation[]): boolean {
  return observations.every(({ probe, calls }) =>
    calls.every((call, c) =>
      call === "throws" || same(call.final, probe.calls[c]!.initial) ||
      !probe.name.startsWith("drift ")
    )
  );
}

/**
 * What moves the first question of a chain from outside of the box into it: the start, or the place of
 * the gradient alone. Small steps tell: from outside they end at the wall.
 */
export function startsInside(seen: Observation | undefined): Hypothesis {
  const problem = seen?.probe.calls[0], call = seen?.calls[0];
  if (problem === undefined || call === undefined || call === "throws") return [];
  const { initial, observations, samples, settings: { bounds: { min, max }, schedule } } = problem;
  const inside = initial.map((row) => row.map((a, i) => Math.min(Math.max(a, min[i]!), max[i]!)));
  const [first, second] = call.points;
  if (first === undefined || !same(first, inside) || same(first, initial)) return [];
  const ends = initial.flatMap((row, r) =>
    row.flatMap((a, i) => {
      const wall = inside[r]![i]!, beyond = Math.abs(a - wall);
      const move = schedule.init / 2 * observations[Math.floor(r / samples)]![i]!;
      const small = move * (a - wall) > 0 && Math.abs(move) <= beyond;
      return small && second ? [second[r]![i] === wall ? "gradientAt" : "start"] : [];
    })
  );
  const both = suspectsOf(["start", "gradientAt"]).filter(({ change }) =>
    change.start === "clipped" || change.gradientAt === "inside-box"
  );
  const told = both.filter(({ change }) => ends.every((part) => Object.hasOwn(change, part)));
  return told.length > 0 ? told : both;
}

/** Half precision, if every number that was seen is one of it. */
export function numberFormat(runs: readonly SeenRun[]): Hypothesis {
  const moved = runs.flatMap(({ problem, chain: { points } }) =>
    points.slice(1).flat(2).filter((a) => !problem.initial.flat().includes(a))
  );
  const isAll = (round: (value: number) => number) =>
    moved.length > 50 && moved.every((a) => round(a) === a);
  // Every bfloat16 of usual size is a float16, too.
  if (isAll(roundToBfloat16)) return [bfloat16Chain];
  return isAll(roundToFloat16)
    ? suspectsOf(["precision"]).filter(({ change }) => change.precision === "float16")
    : [];
}

/** The first rows of an observation alone. */
export function onlyRows({ probe, calls }: Observation, rows: number): Observation {
  const few = <T>(all: readonly T[]) => all.slice(0, rows);
  return {
    probe: {
      ...probe,
      name: `${probe.name}, ${rows} rows`,
      calls: probe.calls.map((problem) => ({
        ...problem,
        groups: rows,
        samples: 1,
        observations: few(
          problem.observations.length === 1
            ? Array.from({ length: rows }, () => problem.observations[0]!)
            : problem.observations,
        ),
        initial: few(problem.initial),
        noise: problem.noise.kind === "own"
          ? problem.noise
          : { kind: "tape", draws: problem.noise.draws.map(few) },
      })),
    },
    calls: calls.map((call) =>
      call === "throws" ? call : {
        points: call.points.map(few),
        final: few(call.final),
        initialAfter: few(call.initialAfter),
        chain: {},
      }
    ),
  };
}

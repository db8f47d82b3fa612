/**
 * Worked examples that take more than one difference to tell: laws, whole steps, descents and a
 * recorded trace.
 *
 * @module
 */

import { traceOf } from "../golden/trace.ts";
import { traceFiles } from "../golden/traces/index.ts";
import { constantSchedule, normalTape } from "../properties/arbitraries.ts";
import { recoverNoise } from "../properties/recovered_noise.ts";
import { expectedEnergyChange, oneStepLaw } from "../spec/laws.ts";
import { lowerTail, upperTail } from "../spec/numerics/normal.ts";
import { show } from "../spec/numerics/number_text.ts";
import { uniform } from "../spec/numerics/random.ts";
import { observe } from "../spec/observe.ts";
import { energyAt, gradientAt, predictStep } from "../spec/oracle.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { officialRule, type Rule, ruleSampler, stepSizes } from "../spec/rule.ts";
import { pathOf } from "../spec/readings.ts";
import { defectOf, defects, ruleOf } from "../src/defects/defects.ts";
import { factsOf } from "./example_facts.ts";
import { box, polynomial, task } from "./example_problems.ts";
import { digits, type Example, termsOf, wordsOf } from "./example_words.ts";

function ruleOfDefect(id: string): Rule {
  const defect = defectOf(id);
  if (defect === undefined) throw new Error(`Cannot run the defect ${id}: found none of that id`);
  return ruleOf(defect);
}

/** The points x_0 … x_N of a chain. */
async function chainOf(rule: Rule, problem: Problem): Promise<readonly Rows[]> {
  const own = problem.noise.kind === "own";
  const target = observe(ruleSampler(rule, own ? { noise: "own" } : {}));
  const path = pathOf(problem, await (await target.prepare(problem.settings)).sample(problem));
  if (path.kind === "unknown") throw new Error("Cannot follow the chain of an example");
  return path.points;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const short = (value: number): string => show(value, 3);
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const and = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

/** Rows that move by their own noise alone, which no clip touches. */
const ownNoise = task(
  "0*a1",
  Array.from({ length: 10240 }, () => [0]),
  { bounds: box([-8], [8]), deltaClip: 1, noiseScale: 1 },
  { noise: { kind: "own" }, seed: 1 },
);

/** The draws that have moved the rows, as a check recovers them. */
async function recovered(rule: Rule): Promise<readonly number[]> {
  const found = recoverNoise(ownNoise.problem, await chainOf(rule, ownNoise.problem), uniform(1));
  if (found.kind === "outside") throw new Error("Cannot recover the noise of an example");
  return found.noise.flat(2);
}

async function normalLaw(): Promise<Example> {
  const defect = "noise-laplace";
  const middle = 0.5, tails = 2;
  const measured = async (rule: Rule) => {
    const sizes = (await recovered(rule)).map(Math.abs);
    const share = (of: (size: number) => boolean) =>
      percent(sizes.filter(of).length / sizes.length);
    return `${share((size) => size < middle)} and ${share((size) => size > tails)}`;
  };
  return {
    problem: wordsOf(ownNoise),
    rule: `by the normal law ${
      percent(lowerTail(middle) - lowerTail(-middle))
    } of the draws lie within ±${middle} and ${
      percent(2 * upperTail(tails))
    } beyond ±${tails}: of those recovered from a run of the rule it is ${await measured(
      officialRule,
    )}`,
    wrong: { defect, does: `gives ${await measured(ruleOfDefect(defect))}` },
  };
}

async function independence(): Promise<Example> {
  const defect = "noise-antithetic";
  const half = ownNoise.problem.initial.length / 2;
  const correlation = async (rule: Rule) => {
    const draws = await recovered(rule);
    const first = draws.slice(0, half), second = draws.slice(half);
    const a = mean(first), b = mean(second);
    const product = (x: readonly number[], p: number, y: readonly number[], q: number) =>
      mean(x.map((value, i) => (value - p) * (y[i]! - q)));
    return short(
      product(first, a, second, b) /
        Math.sqrt(product(first, a, first, a) * product(second, b, second, b)),
    );
  };
  const count = half.toLocaleString("en-US");
  return {
    problem: wordsOf(ownNoise),
    rule: `independent draws have a correlation of 0, over ${count} pairs with a deviation of ${
      short(1 / Math.sqrt(half))
    }: the draws of rows r and r + ${count}, recovered from a run of the rule, have ${await correlation(
      officialRule,
    )}`,
    wrong: {
      defect,
      does: `gives ${await correlation(
        ruleOfDefect(defect),
      )}, though each draw by itself is normal`,
    },
  };
}

/** The same within a limit of one deviation of the noise. */
const limitedNoise = task(
  "0*a1",
  ownNoise.problem.initial,
  { bounds: box([-8], [8]), deltaClip: 1 / 32, noiseScale: 1 },
  { noise: { kind: "own" }, seed: 1 },
);

async function keptDraws(): Promise<Example> {
  const defect = "noise-after-delta-clip";
  const { settings } = limitedNoise.problem;
  const limit = settings.deltaClip * 8, size = limit / settings.schedule.init;
  const share = async (rule: Rule, is: (move: number) => boolean) => {
    const [from, to] = await chainOf(rule, limitedNoise.problem);
    const moves = from!.map(([a], row) => Math.abs(a! - to![row]![0]!));
    return percent(moves.filter(is).length / moves.length);
  };
  return {
    problem: wordsOf(limitedNoise),
    rule: `${percent(2 * upperTail(size))} of the draws lead beyond the limit, ${
      short(limit)
    }, and end there: in a run of the rule ${await share(
      officialRule,
      (move) => move === limit,
    )} of the first steps are exactly so long`,
    wrong: {
      defect,
      does: `ends ${await share(
        ruleOfDefect(defect),
        (move) => move === limit,
      )} of them there, and ${await share(ruleOfDefect(defect), (move) => move > limit)} beyond it`,
    },
  };
}

/** Every setting other than by default, and every clip acting in the middle step. */
const wholeStep = task("2*a2 - a1^2", [[0.5, 0.1875]], {
  bounds: box([-1, 0], [2, 1]),
  steps: 3,
  schedule: { ...polynomial, power: 3 },
  noiseScale: 0.5,
  gradClip: 1.5,
  deltaClip: 0.25,
  gradNorm: "2",
  applyExp: true,
}, { draws: [[[0.5, -0.25]], [[-1.5, 0.5]], [[0.25, 1]]] });

async function exactStep(): Promise<Example> {
  const defect = "schedule-power-two", step = 1;
  const { problem } = wholeStep;
  const points = await chainOf(officialRule, problem);
  const before = points[step]!, after = points[step + 1]!;
  const axes = predictStep(problem, step, before)[0]!.map(({ terms }, axis) => {
    const text = termsOf(wholeStep, before, step, { row: 0, axis });
    return `axis ${axis} has ${text}, clipped step ${digits(terms.clippedStep)} and moves from ${
      digits(before[0]![axis]!)
    } to ${digits(after[0]![axis]!)}`;
  });
  const wrong = await chainOf(ruleOfDefect(defect), problem);
  const finals = await Promise.all(defects.map(async ({ id }) => {
    const facts = await factsOf(ruleOfDefect(id), wholeStep);
    return facts.filter(({ what, call }) => what === "final" && call === 0);
  }));
  const last = points.at(-1)![0]!;
  const elsewhere =
    finals.filter((final) =>
      final.some(({ axis, value }) => !(Math.abs(value - last[axis]!) < 1e-6))
    ).length;
  return {
    problem: wordsOf(wholeStep),
    rule: `in step ${step} ${axes.join("; ")}`,
    wrong: {
      defect,
      does: `moves axis 0 to ${
        digits(wrong[step + 1]![0]![0]!)
      }, and of the ${defects.length} known defects ${elsewhere} return other actions than the rule`,
    },
  };
}

async function sureDescent(): Promise<Example> {
  const defect = "half-missing", within = 0.75;
  const given = (stepSize: number) =>
    task("2*a1^2", [[0.5]], {
      bounds: box([-4], [4]),
      deltaClip: 2,
      steps: 3,
      schedule: constantSchedule(stepSize),
    });
  const { problem } = given(within);
  const smoothness = curvatureOf(problem), most = 4 / smoothness, beyond = 1.25 * most;
  const energies = async (rule: Rule, stepSize: number) =>
    (await chainOf(rule, given(stepSize).problem)).slice(1)
      .map((rows) => digits(energyAt(problem, 0, rows[0]!)));
  const falling = and(await energies(officialRule, within));
  const level = and(await energies(officialRule, most));
  const rising = and(await energies(officialRule, beyond));
  return {
    problem: wordsOf(given(within)),
    rule: `L is ${digits(smoothness)} and 4/L is ${digits(most)}: the rule takes the energy from ${
      digits(energyAt(problem, 0, problem.initial[0]!))
    } to ${falling}, with step size ${digits(most)} to ${level}, and with step size ${
      digits(beyond)
    }, beyond 4/L, to ${rising}`,
    wrong: {
      defect,
      does: `takes it to ${
        and(await energies(ruleOfDefect(defect), within))
      } with step size ${within}`,
    },
  };
}

/** The second derivative of a quadratic energy of one axis. */
function curvatureOf(problem: Problem): number {
  const [low, high] = [0, 1].map((a) => gradientAt(problem, 0, [a])[0]!.value);
  return high! - low!;
}

async function expectedDescent(): Promise<Example> {
  const defect = "noise-root-of-step";
  const rows = 2048, far = 0.75, minimum = 0;
  const given = (start: number) =>
    task("a1^2/2", Array.from({ length: rows }, () => [start]), {
      bounds: box([-2], [2]),
      schedule: constantSchedule(0.125),
    }, { draws: normalTape(1, 1, rows, 1) });
  const exact = (start: number) => {
    const { problem } = given(start);
    const { bounds, noiseScale, schedule } = problem.settings;
    const { terms } = predictStep(problem, 0, problem.initial)[0]![0]!;
    const law = oneStepLaw({
      action: start,
      gradient: terms.gradient,
      limit: terms.limit,
      lower: bounds.min[0]!,
      upper: bounds.max[0]!,
      stepSize: stepSizes(schedule, 1)[0]!,
      noiseScale,
    });
    return short(expectedEnergyChange({
      laws: [law],
      actions: [start],
      gradients: [terms.gradient],
      curvatures: [curvatureOf(problem)],
    }));
  };
  const measured = async (rule: Rule, start: number) => {
    const { problem } = given(start);
    const [before, after] = (await chainOf(rule, problem)).map((points) =>
      mean(points.map((point, row) => energyAt(problem, row, point)))
    );
    return short(after! - before!);
  };
  return {
    problem: wordsOf(given(far)),
    rule: `by the exact law of one step the mean energy changes by ${
      exact(far)
    }, and from ${minimum}, the minimum, by ${
      exact(minimum)
    }: in runs of the rule the mean over the rows changes by ${await measured(
      officialRule,
      far,
    )} and by ${await measured(officialRule, minimum)}`,
    wrong: {
      defect,
      does: `changes it by ${await measured(ruleOfDefect(defect), far)} from ${far}`,
    },
  };
}

async function officialTrace(): Promise<Example> {
  const defect = "half-missing", name = "two-steps", file = `${name}.json`;
  const row = 3, axis = 0;
  const written = traceFiles[name]!;
  const { id, problem, recorded } = traceOf(written, file);
  const after = recorded.actions[0]![row]![axis]!;
  const { terms, tolerance } = predictStep(problem, 0, problem.initial)[row]![axis]!;
  const apart = (value: number) => Math.abs(value - after) / tolerance;
  const wrong = (await chainOf(ruleOfDefect(defect), problem))[1]![row]![axis]!;
  return {
    problem:
      `Trace [\`${id}\`](../golden/traces/${file}), energy \`${problem.energy}\`, step 0, row ${row}, axis ${axis}, recorded ${
        written.initial[row]![axis]
      } before the step and ${written.chain.actions[0]![row]![axis]} after it`,
    rule: `${
      termsOf({ problem }, problem.initial, 0, { row, axis })
    }: the rule, in float64 from these float32 numbers, moves to ${terms.result.toPrecision(9)}, ${
      apart(terms.result).toFixed(2)
    } tolerances from what was recorded`,
    wrong: {
      defect,
      does: `moves to ${digits(wrong)}, ${
        Math.round(apart(wrong)).toLocaleString("en-US")
      } tolerances from it`,
    },
  };
}

/** Examples that take more than one difference to tell, by the clause's id. */
export const composed: Readonly<Record<string, () => Promise<Example>>> = {
  "noise/standard-normal": normalLaw,
  "noise/independent": independence,
  "noise/not-redrawn": keptDraws,
  "step/exact": exactStep,
  "energy/sure-descent": sureDescent,
  "energy/expected-descent": expectedDescent,
  "golden/traces": officialTrace,
};

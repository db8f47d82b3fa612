/**
 * Worked examples of the clauses: one small problem each, with what the rule gives and what a
 * sampler gives that breaks the clause. Both are run, nothing is written down by hand.
 *
 * @module
 */

import { traceOf } from "../golden/trace.ts";
import { traceFiles } from "../golden/traces/index.ts";
import {
  calmSettings,
  constantSchedule,
  normalTape,
  problemOf,
} from "../properties/arbitraries.ts";
import { recoverNoise } from "../properties/recovered_noise.ts";
import { ruleSampler } from "../spec/chain.ts";
import { type Clause, clauses } from "../properties/clauses.ts";
import { type Defect, defectOf, defects, ruleOf } from "../src/defects/defects.ts";
import { expectedEnergyChange, oneStepLaw } from "../spec/laws.ts";
import { lowerTail, upperTail } from "../spec/numerics/normal.ts";
import { observe } from "../spec/observe.ts";
import { energyAt, gradientAt, predictStep } from "../spec/oracle.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import { show } from "../spec/numerics/number_text.ts";
import { uniform } from "../spec/numerics/random.ts";
import { officialRule, type Rule } from "../spec/rule.ts";
import { stepSizes } from "../spec/schedule.ts";
import { pathOf } from "../spec/trajectory.ts";

/** What is asked of both rules. */
interface Task {
  readonly problem: Problem;
  /** The seed of the second call, for samplers with noise of their own. */
  readonly secondSeed?: number;
}

/** A number that a sampler gave, and what it is. */
interface Fact {
  readonly what:
    | "evaluations"
    | "asked"
    | "final"
    | "initial"
    | "actions"
    | "outputs"
    | "norms"
    | "throws";
  readonly call: 0 | 1;
  readonly step: number;
  readonly row: number;
  readonly axis: number;
  readonly value: number;
}

/** An example of a clause. */
export interface Example {
  /** The problem in words. */
  readonly problem: string;
  /** What the rule does, with the terms of the step. */
  readonly rule: string;
  /** What a sampler with the defect does instead. */
  readonly wrong: { readonly defect: string; readonly does: string };
}

const box = (min: readonly number[], max: readonly number[]) => ({ min, max });

function task(
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

const polynomial = { kind: "polynomial", init: 0.5, final: 0.125, power: 2 } as const;
const exponential = { kind: "exponential", init: 0.5, decay: 0.5 } as const;

/** The problems that are tried, the simplest first. */
const tasks: readonly Task[] = [
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
const chosen: Readonly<Record<string, { readonly task: Task; readonly defect: string }>> = {
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

async function factsOf(rule: Rule, { problem, secondSeed }: Task): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  const own = problem.noise.kind === "own";
  const target = observe(ruleSampler(rule, own ? { noise: "both" } : {}));
  const prepared = await target.prepare(problem.settings);
  for (const call of [0, 1] as const) {
    const say = (what: Fact["what"], value: number, step = 0, row = 0, axis = 0) =>
      facts.push({ what, call, step, row, axis, value });
    try {
      const seed = call === 1 && secondSeed !== undefined ? secondSeed : problem.seed;
      const { evaluations, final, initialAfter, chain } = await prepared.sample({
        ...problem,
        seed,
      });
      const asked = evaluations.filter(({ kind }) => kind === "gradient");
      say("evaluations", asked.length);
      const table = (what: Fact["what"], rows: Rows, step = 0) =>
        rows.forEach((points, r) => points.forEach((a, i) => say(what, a, step, r, i)));
      asked.forEach(({ points }, k) => table("asked", points, k));
      table("final", final);
      table("initial", initialAfter);
      chain?.actions?.forEach((points, k) => table("actions", points, k));
      chain?.outputs?.forEach((row, k) => row.forEach((v, r) => say("outputs", v, k, r)));
      chain?.gradNorms?.forEach((row, k) => row.forEach((v, r) => say("norms", v, k, r)));
    } catch {
      say("throws", 1);
    }
  }
  return facts;
}

interface Difference {
  readonly expected: Fact;
  readonly actual: Fact;
}

function firstDifference(expected: readonly Fact[], actual: readonly Fact[]): Difference | null {
  for (const [i, fact] of expected.entries()) {
    const other = actual[i]!;
    if (fact.what !== other.what || !Object.is(fact.value + 0, other.value + 0)) {
      return { expected: fact, actual: other };
    }
  }
  return null;
}

const digits = (value: number): string => show(value, 6);
const list = (values: readonly number[]): string =>
  values.length === 1 ? digits(values[0]!) : `(${values.map(digits).join(", ")})`;

/** So many rows are told one by one. */
const mostRows = 4;

const rowsInWords = (rows: number): string =>
  rows > mostRows ? `${rows.toLocaleString("en-US")} rows ` : rows > 1 ? "every row " : "";

/** A problem in words. */
function wordsOf({ problem }: Task): string {
  const { settings, initial, noise, groups, observations } = problem;
  const { bounds, schedule, steps } = settings;
  const constant = schedule.kind === "polynomial" && schedule.init === schedule.final;
  const sizes = stepSizes(schedule, steps);
  const parts = [
    `energy \`${problem.energy}\``,
    `box ${bounds.min.map((low, i) => `[${digits(low)}, ${digits(bounds.max[i]!)}]`).join(" × ")}`,
    steps === 1 ? "one step" : `${steps} steps`,
    constant || steps === 1
      ? `step size ${digits(sizes[0]!)}`
      : schedule.kind === "exponential"
      ? `step sizes from ${schedule.init}, decay ${schedule.decay}`
      : `step sizes from ${schedule.init} to ${schedule.final}, power ${schedule.power}`,
    `delta clip ${digits(settings.deltaClip)}`,
  ];
  if (settings.gradClip !== null) parts.push(`gradient clip ${digits(settings.gradClip)}`);
  if (settings.applyExp) parts.push("`apply_exp`");
  if (noise.kind === "own") parts.push("noise of the sampler's own");
  else if (settings.noiseScale === 0) parts.push("no noise");
  else {
    const draws = noise.draws.map((rows) => rows.map(list).join(" and "));
    const said = initial.length > mostRows ? "seeded draws" : `draws ${draws.join("; then ")}`;
    parts.push(`noise scale ${digits(settings.noiseScale)}, ${said}`);
  }
  if (groups > 1) {
    parts.push(`observations ${observations.map(list).join(" and ")}, 2 samples each`);
  }
  const starts = new Set(initial.map(list));
  parts.push(
    starts.size === 1
      ? `${rowsInWords(initial.length)}from ${[...starts][0]}`
      : `rows from ${[...starts].join(" and ")}`,
  );
  const text = parts.join(", ");
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Which coordinate, where there are several. */
function placeOf({ problem }: Task, { row, axis }: Place): string {
  const parts = [
    ...(problem.initial.length > 1 ? [`row ${row}`] : []),
    ...(problem.axes > 1 ? [`axis ${axis}`] : []),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}

/** The points where the rule is before a step. */
function pointsBefore({ problem }: Task, facts: readonly Fact[], step: number): Rows {
  return problem.initial.map((row, r) =>
    row.map((_, i) =>
      facts.find((f) =>
        f.what === "asked" && f.call === 0 && f.step === step && f.row === r && f.axis === i
      )!.value
    )
  );
}

type Place = Pick<Fact, "row" | "axis">;

/** The terms of one step of the rule, from the points where the rule is. */
function termsOf({ problem }: Task, points: Rows, step: number, at: Place): string {
  const predictions = predictStep(problem, step, points);
  const { terms } = predictions[at.row]![at.axis]!;
  const { settings } = problem;
  const eta = stepSizes(settings.schedule, settings.steps)[step]!;
  const text = [
    `gradient ${digits(terms.gradient)}`,
    ...(settings.gradClip === null ? [] : [`clipped ${digits(terms.clippedGradient)}`]),
    `drift ${digits(terms.drift)}`,
    ...(settings.noiseScale === 0 ? [] : [`noise ${digits(terms.noise)}`]),
    `step ${digits(eta)} × ${digits(terms.drift + terms.noise)} = ${digits(terms.step)}`,
    `limit ${digits(terms.limit)}`,
  ].join(", ");
  const spoiled = predictions.findIndex((row) => row.some((p) => Number.isNaN(p.terms.gradient)));
  return spoiled < 0 || spoiled === at.row
    ? text
    : `in row ${spoiled} the gradient is not a number; row ${at.row} has ${text}`;
}

/** Where the rule goes in a step, in words. */
function goes(from: number, where: string, to: number): string {
  if (from !== to) return `moves${where} to ${digits(to)}`;
  return where === "" ? `stays at ${digits(to)}` : `leaves${where} at ${digits(to)}`;
}

/** What a difference says of both, in words. */
function told(
  given: Task,
  { expected, actual }: Difference,
  facts: readonly Fact[],
  rule: Rule,
): { readonly rule: string; readonly does: string } {
  const inCall = expected.call === 1 ? "in the second call " : "";
  const where = placeOf(given, expected);
  const a = digits(expected.value), b = digits(actual.value);
  const { steps } = given.problem.settings;
  if (actual.what === "throws") return { rule: ruleEnd(given, facts), does: "throws an error" };
  switch (expected.what) {
    case "evaluations":
      return {
        rule: `the rule asks for ${a} gradient${a === "1" ? "" : "s"}`,
        does: `asks for ${b}`,
      };
    case "initial":
      return {
        rule: `the caller's initial action${where} is still ${a} after the call`,
        does: `has made it ${b}`,
      };
    case "actions":
      return {
        rule: `the rule reports the action ${a} for step ${expected.step}`,
        does: `reports ${b}`,
      };
    case "outputs":
      return {
        rule: `the rule reports the output ${a} for step ${expected.step}`,
        does: `reports ${b}`,
      };
    case "norms":
      return {
        rule: `the rule reports the gradient norm ${a} for step ${expected.step}${
          given.problem.initial.length > 1 ? `, row ${expected.row}` : ""
        }`,
        does: `reports ${b}`,
      };
  }
  const first = expected.what === "asked" && expected.step === 0;
  const elsewhere = rule.gradientAt !== "current" || rule.start !== "initial";
  if (expected.what === "asked" && (first || elsewhere)) {
    return {
      rule: `${inCall}the rule takes the gradient of step ${expected.step}${where} at ${a}`,
      does: `takes it at ${b}`,
    };
  }
  const step = expected.what === "final" ? steps - 1 : expected.step - 1;
  if (rule.returns !== "last") {
    return {
      rule: `the rule returns${where} ${a}, the point after the last step`,
      does: `returns ${b}`,
    };
  }
  if (given.problem.noise.kind === "own") {
    return {
      rule: `${inCall}the rule moves to ${a}, by another draw than before`,
      does: `moves to ${b} again`,
    };
  }
  const points = pointsBefore(given, facts, step);
  const terms = termsOf(given, points, step, expected);
  const from = points[expected.row]![expected.axis]!;
  const when = steps === 1 ? "" : ` in step ${step}`;
  return {
    rule: `${terms}: ${inCall}the rule ${goes(from, where, expected.value)}${when}`,
    does: Number.isNaN(actual.value) ? "makes it NaN" : goes(from, "", actual.value),
  };
}

/** Where the rule ends, in words. */
function ruleEnd(given: Task, facts: readonly Fact[]): string {
  const { steps } = given.problem.settings;
  const final = facts.find(({ what }) => what === "final")!;
  const points = pointsBefore(given, facts, steps - 1);
  const from = points[final.row]![final.axis]!;
  return `${termsOf(given, points, steps - 1, final)}: the rule ${
    goes(from, placeOf(given, final), final.value)
  }`;
}

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

/** Examples that take more than one difference to tell. */
const composed: Readonly<Record<string, () => Promise<Example>>> = {
  "noise/standard-normal": normalLaw,
  "noise/independent": independence,
  "step/exact": exactStep,
  "energy/sure-descent": sureDescent,
  "energy/expected-descent": expectedDescent,
  "golden/traces": officialTrace,
};

/** The defects that break a clause: those that break no other, those filed under it, the rest. */
export function breaking(clause: Clause): readonly Defect[] {
  const filed = defects.filter((defect) => defect.clause === clause.id);
  return [
    ...filed.filter(({ alsoBreaks }) => alsoBreaks === undefined),
    ...filed.filter(({ alsoBreaks }) => alsoBreaks !== undefined),
    ...defects.filter(({ alsoBreaks }) => (alsoBreaks as readonly string[])?.includes(clause.id)),
  ];
}

/** An example of each clause, by the clause's id. */
export async function ruleExamples(): Promise<ReadonlyMap<string, Example>> {
  const known = new Map<Task, readonly Fact[]>();
  const ruleFacts = async (given: Task) => {
    const facts = known.get(given) ?? await factsOf(officialRule, given);
    known.set(given, facts);
    return facts;
  };
  const examples = new Map<string, Example>();
  for (const clause of clauses as readonly Clause[]) {
    const compose = composed[clause.id];
    if (compose !== undefined) {
      examples.set(clause.id, await compose());
      continue;
    }
    const own = chosen[clause.id];
    const candidates = own === undefined
      ? breaking(clause)
      : defects.filter(({ id }) => id === own.defect);
    search: for (const defect of candidates) {
      for (const given of own === undefined ? tasks : [own.task]) {
        const facts = await ruleFacts(given);
        const rule = ruleOf(defect);
        const difference = firstDifference(facts, await factsOf(rule, given));
        if (difference === null) continue;
        const words = told(given, difference, facts, rule);
        examples.set(clause.id, {
          problem: wordsOf(given),
          rule: words.rule,
          wrong: { defect: defect.id, does: words.does },
        });
        break search;
      }
    }
  }
  return examples;
}

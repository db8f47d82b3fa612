/**
 * Worked examples of the clauses: one small problem each, with what the rule gives and what a
 * sampler gives that breaks the clause. Both are run, nothing is written down by hand.
 *
 * @module
 */

import { calmSettings, constantSchedule, problemOf } from "../properties/arbitraries.ts";
import { ruleSampler } from "../spec/chain.ts";
import { type Clause, clauses } from "../spec/clauses.ts";
import { type Defect, defects, ruleOf } from "../spec/defects.ts";
import { observe } from "../spec/observe.ts";
import { predictStep } from "../spec/oracle.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import { officialRule, type Rule } from "../spec/rule.ts";
import { stepSizes } from "../spec/schedule.ts";

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
  readonly wrong: { readonly defect: string; readonly does: string } | null;
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

const digits = (value: number): string => String(Number(value.toPrecision(6)) + 0);
const list = (values: readonly number[]): string =>
  values.length === 1 ? digits(values[0]!) : `(${values.map(digits).join(", ")})`;

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
    parts.push(`noise scale ${digits(settings.noiseScale)}, draws ${draws.join("; then ")}`);
  }
  if (groups > 1) {
    parts.push(`observations ${observations.map(list).join(" and ")}, 2 samples each`);
  }
  const starts = new Set(initial.map(list));
  parts.push(
    starts.size === 1
      ? `${initial.length > 1 ? "every row " : ""}from ${[...starts][0]}`
      : `rows from ${[...starts].join(" and ")}`,
  );
  const text = parts.join(", ");
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Which coordinate, where there are several. */
function placeOf({ problem }: Task, { row, axis }: Pick<Fact, "row" | "axis">): string {
  const parts = [
    ...(problem.initial.length > 1 ? [`row ${row}`] : []),
    ...(problem.axes > 1 ? [`axis ${axis}`] : []),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}

/** The terms of one step of the rule, from the point where the rule is. */
function termsOf({ problem }: Task, facts: readonly Fact[], step: number, at: Fact): string {
  const points = problem.initial.map((row, r) =>
    row.map((_, i) =>
      facts.find((f) =>
        f.what === "asked" && f.call === 0 && f.step === step && f.row === r && f.axis === i
      )!.value
    )
  );
  const { terms } = predictStep(problem, step, points)[at.row]![at.axis]!;
  const { settings } = problem;
  const eta = stepSizes(settings.schedule, settings.steps)[step]!;
  return [
    `gradient ${digits(terms.gradient)}`,
    ...(settings.gradClip === null ? [] : [`clipped ${digits(terms.clippedGradient)}`]),
    `drift ${digits(terms.drift)}`,
    ...(settings.noiseScale === 0 ? [] : [`noise ${digits(terms.noise)}`]),
    `step ${digits(eta)} × ${digits(terms.drift + terms.noise)} = ${digits(terms.step)}`,
    `limit ${digits(terms.limit)}`,
  ].join(", ");
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
  const terms = termsOf(given, facts, step, expected);
  const when = steps === 1 ? "" : ` in step ${step}`;
  return {
    rule: `${terms}: ${inCall}the rule moves${where} to ${a}${when}`,
    does: `moves to ${b}`,
  };
}

/** Where the rule ends, in words. */
function ruleEnd(given: Task, facts: readonly Fact[]): string {
  const { steps } = given.problem.settings;
  const final = facts.find(({ what }) => what === "final")!;
  return `${termsOf(given, facts, steps - 1, final)}: the rule moves${placeOf(given, final)} to ${
    digits(final.value)
  }`;
}

/** The defects that break a clause: those that break no other, those filed under it, the rest. */
export function breaking(clause: Clause): readonly Defect[] {
  const filed = defects.filter((defect) => defect.clause === clause.id);
  return [
    ...filed.filter(({ alsoBreaks }) => alsoBreaks === undefined),
    ...filed.filter(({ alsoBreaks }) => alsoBreaks !== undefined),
    ...defects.filter(({ alsoBreaks }) => (alsoBreaks as readonly string[])?.includes(clause.id)),
  ];
}

/** An example of each clause that has one, by the clause's id. */
export async function ruleExamples(): Promise<ReadonlyMap<string, Example>> {
  const known = new Map<Task, readonly Fact[]>();
  const ruleFacts = async (given: Task) => {
    const facts = known.get(given) ?? await factsOf(officialRule, given);
    known.set(given, facts);
    return facts;
  };
  const examples = new Map<string, Example>();
  for (const clause of clauses as readonly Clause[]) {
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

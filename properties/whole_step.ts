/**
 * The whole formula at once, on problems in which everything may act.
 *
 * @module
 */

import * as fc from "fast-check";
import { officialDefaults, type Problem, type Schedule, type Settings } from "../spec/problem.ts";
import { officialRule } from "../spec/rule.ts";
import { partsOf } from "../spec/rule_parts.ts";
import {
  convexEnergies,
  decimal,
  firstDraw,
  fraction,
  linearEnergy,
  normalTape,
  type Shape,
  signed,
  simpleTape,
  table,
  unitBox,
  vector,
} from "./arbitraries.ts";
import { reportsFollow } from "./chain.ts";
import { clause, type ClauseObserver, type Covering, type CoveringPlan } from "./clause.ts";
import { compareSteps } from "./compare.ts";
import {
  type Abilities,
  type Assignment,
  coverageOf,
  coveringAssignments,
  simplerAssignments,
} from "./covering.ts";
import { otherInputs, problemOfAssignment } from "./covering_problem.ts";
import { inStead, type Outcome } from "./finding.ts";
import type { Facts } from "./observer.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { callerUnchangedBy } from "./start.ts";
import { langevinStep } from "./sources.ts";

/** What clauses about the whole rule build on. */
export const wholeRule: readonly string[] = [
  "schedule/two-steps",
  "grad-clip/elementwise",
  "grad-clip/before-noise",
  "grad-clip/zero",
  "bounds/every-step",
  "bounds/on-the-wall",
  "bounds/zero-width",
  "delta-clip/centred",
  "delta-clip/per-axis",
  "delta-clip/after-noise",
  "delta-clip/zero",
  "state/second-call",
];

/** Where these are violated, the whole rule is judged without what they are about. */
export const leftAside: readonly string[] = ["schedule/one-step", "schedule/exponential"];

export const exact = clause({
  id: "step/exact",
  level: "must",
  sentence: "Every step follows the whole formula, with everything acting at once.",
  why:
    "Each part can be right alone and wrong with the others, such as a clip that acts only where there's no noise.",
  formula: officialRule.result,
  term: "result",
  source: langevinStep,
  buildsOn: [...wholeRule, "grad-clip/none", "apply-exp/gradient"],
  sharperWith: [
    ...leftAside,
    "start/caller-unchanged",
    "chain/actions",
    "chain/outputs",
    "chain/outputs-exp",
    "chain/grad-norms",
  ],
  remark:
    "What the sampler reports, and the caller's actions, are checked here too if they passed their own clauses.",
  problems: {
    random: (facts) => anyProblem(facts).map((problem) => ({ problem: tamed(facts, problem) })),
    edges: largeBatches,
    covering: coveringProblems,
    judge: everythingFollows,
  },
});

/** A problem, with the values that it has if it is one of those that cover all pairs of them. */
interface AnyCase {
  readonly problem: Problem;
  readonly assigned?: { readonly values: Assignment; readonly seed: number };
  /**
   * Set if the problem is run several times, with other inputs too, and the problem of another
   * sampler between.
   */
  readonly sequence?: {
    readonly order: readonly Asked[];
    readonly other: Problem;
    readonly between: Problem;
    /** Whether the other sampler differs in one setting alone: then it is judged, too. */
    readonly isNear?: boolean;
  };
}

function coveringProblems(facts: Facts, { strength, seed }: CoveringPlan): Covering<AnyCase> {
  const caseOf = (
    values: Assignment,
    seed: number,
    sequence?: Omit<NonNullable<AnyCase["sequence"]>, "other">,
  ): AnyCase => ({
    problem: problemOfAssignment(values, seed, facts.rule),
    assigned: { values, seed },
    ...sequence && { sequence: { ...sequence, other: otherInputs(values, seed, facts.rule) } },
  });
  const few = facts.compiles === "settings";
  const all = coveringAssignments(facts, strength, seed);
  const assignments = few ? mostFirst(all) : all;
  const inSequence = fewestWithAllValues(assignments);
  const short = assignments.filter((assignment) => !isLong(assignment));
  return {
    cases: assignments.map((values, at) => {
      if (!few && !inSequence.has(at)) return caseOf(values, at);
      const order = isLong(values) ? longSequence : sequences[at % sequences.length]!;
      // Another sampler has to be compiled, too: it shows whether the code of one serves others.
      if (few) {
        const { near, between } = neighbourOf(values, at, facts);
        return caseOf(values, at, { order, between, isNear: near !== undefined });
      }
      const between = problemOfAssignment(short[at % short.length]!, at, facts.rule);
      return caseOf(values, at, { order, between });
    }),
    simpler: ({ assigned, sequence }) =>
      assigned === undefined ? [] : [
        ...sequence ? [caseOf(assigned.values, assigned.seed)] : [],
        ...simplerAssignments(assigned.values, facts)
          .map((values) => caseOf(values, assigned.seed, sequence)),
      ],
    coverageOf: (tried) => {
      const own = assignments.slice(0, tried);
      const near = few
        ? own.flatMap((values, at) => neighbourOf(values, at, facts).near ?? [])
        : [];
      return coverageOf([...own, ...near], facts);
    },
  };
}

/** The rows of a large batch: more than the official 512 samples, the same for each observation. */
const manyRows = 540;

/** A large batch: what handles it in parts, or treats it otherwise, shows in the last rows alone. */
function largeBatches(facts: Facts): readonly AnyCase[] {
  // Its shape would be another compilation.
  if (facts.compiles !== undefined) return [];
  const values = coveringAssignments(facts, 2, 1).find((of) =>
    !isLong(of) && Number(of.axes) <= 4 && of["delta clip"] === "usual" && of.start === "inside" &&
    of.box !== "degenerate"
  );
  if (values === undefined) return [];
  const few = problemOfAssignment(values, 0, facts.rule);
  const { groups, axes, initial, settings: { steps } } = few, samples = manyRows / groups;
  const draws = normalTape(few.seed, steps, manyRows, axes);
  const rowOf = (row: number) =>
    initial[Math.floor(row / samples) * few.samples + row % few.samples]!;
  const problem: Problem = {
    ...few,
    samples,
    initial: Array.from({ length: manyRows }, (_, row) => rowOf(row)),
    noise: { kind: "tape", draws },
  };
  return [{ problem }];
}

/** Whether a chain is so long that it is called no more often than it takes. */
function isLong({ steps }: Assignment): boolean {
  return Number(steps) >= 25;
}

const ofSizes = ["power", "schedule", "noise scale", "gradient clip"];

/** Values with which those of others do not show: nothing moves, only once, or all by the limit. */
const hiding: readonly { readonly value: string; readonly hidden: (factor: string) => boolean }[] =
  [
    { value: "steps 1", hidden: (factor) => factor !== "steps" },
    { value: "steps 2", hidden: (factor) => factor === "power" },
    { value: "schedule constant", hidden: (factor) => factor === "power" },
    { value: "delta clip 0", hidden: (factor) => factor !== "delta clip" },
    { value: "delta clip tiny", hidden: (factor) => ofSizes.includes(factor) },
  ];

/** So many are brought first; more are never tried. */
const mostSorted = 12;

/** Two values that meet count less than one. */
const weight = (values: string) => values.includes(",") ? 1 : 16;

/** The same assignments, those first in which the most values meet where they show. */
function mostFirst(assignments: readonly Assignment[]): readonly Assignment[] {
  const met = new Set<string>(), left = new Set(assignments), sorted: Assignment[] = [];
  const shownBy = (assignment: Assignment) => {
    const all = valuesOf(assignment), hides = hiding.filter(({ value }) => all.includes(value));
    const values = Object.entries(assignment)
      .filter(([factor]) => !hides.some(({ hidden }) => hidden(factor)))
      .map(([factor, value]) => `${factor} ${value}`);
    return [
      ...values,
      ...values.flatMap((one, j) => values.slice(j + 1).map((other) => `${one}, ${other}`)),
    ];
  };
  const news = (assignment: Assignment) =>
    shownBy(assignment).reduce((sum, value) => met.has(value) ? sum : sum + weight(value), 0);
  while (sorted.length < mostSorted && left.size > 0) {
    const best = [...left].reduce((a, b) => news(b) > news(a) ? b : a);
    shownBy(best).forEach((value) => met.add(value));
    sorted.push(best);
    left.delete(best);
  }
  return [...sorted, ...left];
}

function valuesOf(assignment: Assignment): readonly string[] {
  return Object.entries(assignment).map(([factor, value]) => `${factor} ${value}`);
}

/** The problem of a sampler that differs in one setting, another one in each of the first cases. */
function neighbourOf(
  values: Assignment,
  at: number,
  { rule, unsupported }: Facts,
): { readonly between: Problem; readonly near?: Assignment } {
  const problem = problemOfAssignment(values, at, rule), { settings } = problem;
  const { noiseScale, deltaClip, gradClip, schedule, bounds: { min, max } } = settings;
  const linear = schedule.kind === "polynomial" && schedule.power !== 1;
  // The law of noise of its own takes settings of its own.
  const others: readonly (readonly [Partial<Settings>, Partial<Assignment>?])[] =
    unsupported.has("noise-tape") ? [] : [
      [{ noiseScale: (noiseScale || 2) / 2 }],
      deltaClip > 0
        ? [{ deltaClip: 0 }, { "delta clip": "0" }]
        : [{ deltaClip: 1 / 8 }, { "delta clip": "usual" }],
      [{ schedule: { ...schedule, init: schedule.init / 2 } }],
      [{ bounds: { min, max: max.map((high, i) => high + (high - min[i]!) / 4) } }],
      linear ? [{ schedule: { ...schedule, power: 1 } }, { power: "1" }] : [{}],
      ...unsupported.has("grad-clip")
        ? []
        : [[{ gradClip: gradClip === null ? 0 : null }] as const],
    ];
  const [changed, tried = {}] = others[at] ?? [];
  return changed === undefined ? { between: problem } : {
    near: { ...values, ...tried },
    between: { ...problem, settings: { ...settings, ...changed } },
  };
}

/** Assignments, by their places, that meet every value with several rows, in few steps. */
function fewestWithAllValues(assignments: readonly Assignment[]): ReadonlySet<number> {
  const met = new Set<string>(), chosen = new Set<number>();
  const several = assignments.flatMap((assignment, at) => {
    const { groups, samples, steps } = assignment;
    if (groups === "1" && samples === "1") return [];
    return [{ at, values: valuesOf(assignment), work: 10 + Number(steps) }];
  });
  const gains = ({ values, work }: (typeof several)[number]) =>
    values.reduce((sum, value) => met.has(value) ? sum : sum + 1, 0) / work;
  for (;;) {
    const best = several.reduce((a, b) => gains(b) > gains(a) ? b : a);
    if (gains(best) === 0) return chosen;
    chosen.add(best.at);
    for (const value of best.values) met.add(value);
  }
}

/**
 * What is called in a sequence: the problem, fewer of its rows, its shape with other inputs, the
 * problem of another sampler.
 */
type Asked = "all" | "few" | "other" | "between";

/** Every two things that can be true of a call of the problem are true of one of these. */
const sequences: readonly (readonly Asked[])[] = [
  ["all", "all", "few", "other", "between", "all"],
  ["few", "between", "all", "other", "all", "all"],
  ["all", "between", "other", "few", "all", "all"],
];

/** Everything that can be true of a call is true of one of these, if not every two things. */
const longSequence: readonly Asked[] = ["few", "all", "between", "other", "all"];

/** Every step, and whatever else can be seen of a run; of every call, if there are several. */
async function everythingFollows(
  observer: ClauseObserver,
  { problem, sequence }: AnyCase,
): Promise<Outcome> {
  if (sequence === undefined) {
    return await callFollows(observer, problem, await observer.run(problem));
  }
  const { order, other: others, between, isNear = false } = sequence;
  const sampler = await observer.open(problem.settings);
  const other = await observer.open(between.settings);
  let outcome: Outcome = "nothing", call = 0;
  for (const asked of order) {
    const isOther = asked === "between";
    if (isOther && !isNear) {
      await other(between);
      continue;
    }
    if (!isOther) call++;
    const given = { all: problem, few: fewerRows(problem), other: others, between }[asked];
    outcome = await callFollows(observer, given, await (isOther ? other : sampler)(given));
    if (outcome === null || outcome === "nothing") continue;
    // What a cache keeps of the other sampler shows in a fresh process alone.
    if (isOther || call === 1) return outcome;
    const alone = await callFollows(observer, given, await observer.run(given));
    if (alone !== null && alone !== "nothing") return alone;
    const message = `${outcome.message}, in call ${call} of a prepared sampler`;
    return inStead(observer.facts, "state/second-call", { ...outcome, message });
  }
  return outcome;
}

/** The same with the rows of its first observation alone, or with the first of these. */
function fewerRows(problem: Problem): Problem {
  const { observations, initial, noise } = problem;
  const samples = problem.groups > 1 ? problem.samples : 1;
  return {
    ...problem,
    groups: 1,
    samples,
    observations: observations.slice(0, 1),
    initial: initial.slice(0, samples),
    noise: noise.kind === "own"
      ? noise
      : { kind: "tape", draws: noise.draws.map((rows) => rows.slice(0, samples)) },
  };
}

async function callFollows(
  observer: ClauseObserver,
  problem: Problem,
  trajectory: Trajectory,
): Promise<Outcome> {
  const steps = await compareSteps(observer, problem, trajectory);
  if (steps !== null || !observer.facts.sharp) return steps;
  const caller = callerUnchangedBy(observer, problem, trajectory);
  return caller && inStead(observer.facts, "start/caller-unchanged", caller) ||
    reportsFollow(observer, problem, trajectory);
}

/**
 * Where a rule limits no step, step sizes are so small that no chain runs away; slopes are, where the
 * rule has step sizes of its own.
 */
function tamed({ rule = officialRule }: Facts, problem: Problem): Problem {
  const parts = partsOf(rule);
  if (parts.has("delta clip") && parts.has("box")) return problem;
  if (parts.has("own schedule")) {
    return { ...problem, energy: `${1 / 128}*(${problem.energy})` };
  }
  const { settings } = problem, { schedule } = settings;
  const init = schedule.init / 128;
  return {
    ...problem,
    settings: {
      ...settings,
      schedule: schedule.kind === "exponential"
        ? { ...schedule, init }
        : { ...schedule, init, final: schedule.final / 128 },
    },
  };
}

/** Energies of every kind: linear, convex, rugged, coupled, depending on the observation. */
function anyEnergies(axes: number, features: number): fc.Arbitrary<string> {
  const observed = features > 0
    ? [
      fc.tuple(vector(axes, fraction(0.5, 8, 4)), vector(axes, fraction(-1, 1, 8))).map(
        ([curvatures, weights]) =>
          curvatures.map((h, i) =>
            `${decimal(h / 2)}*(a${i + 1} - ${decimal(weights[i]!)}*o${1 + i % features})^2`
          ).join(" + "),
      ),
    ]
    : [];
  const rugged = fc.tuple(fraction(0.125, 1, 8), fraction(1, 8, 1)).map(([size, rate]) =>
    Array.from(
      { length: axes },
      (_, i) => `${decimal(size)}*cos(${decimal(rate)}*a${i + 1}) + 0.25*a${i + 1}^2`,
    ).join(" + ")
  );
  const network = fc.tuple(vector(axes, signed(0.25, 2, 4)), signed(0.5, 3, 4)).map((
    [weights, height],
  ) => `${decimal(height)}*tanh(${linearEnergy(weights)}) + 0.5*a1^2`);
  const quartic = fraction(0.5, 4, 2).map((size) =>
    Array.from({ length: axes }, (_, i) => `${decimal(size)}*(a${i + 1}^2 - 0.25)^2`).join(" + ")
  );
  return fc.oneof(
    { withCrossShrink: true },
    vector(axes, signed(0, 32, 4)).map(linearEnergy),
    convexEnergies(axes).map((energy) => energy.text),
    rugged,
    network,
    quartic,
    ...observed,
  );
}

/** Boxes: asymmetric, of different widths, now and then without width on an axis. */
function boxes(axes: number): fc.Arbitrary<Settings["bounds"]> {
  const side = fc.record({
    centre: fraction(-8, 8, 8),
    width: fc.oneof(
      { weight: 9, arbitrary: fraction(0.25, 8, 8) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
  });
  const any = fc.array(side, { minLength: axes, maxLength: axes }).map((sides) => ({
    min: sides.map((s) => s.centre - s.width / 2),
    max: sides.map((s) => s.centre + s.width / 2),
  }));
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.constant(unitBox(axes)) },
    { weight: 4, arbitrary: any },
  );
}

/** Schedules that a target supports. */
function schedules(facts: Abilities): fc.Arbitrary<Schedule> {
  const polynomial = fc.record({
    kind: fc.constant("polynomial" as const),
    init: fraction(1 / 32, 1, 32),
    final: fc.oneof(fraction(1 / 1024, 1 / 32, 1024), fraction(1 / 32, 1, 32)),
    power: fc.constantFrom(1, 2, 3, 0.5),
  });
  const exponential = fc.record({
    kind: fc.constant("exponential" as const),
    init: fraction(1 / 32, 1, 32),
    decay: fraction(0.25, 1, 16),
  });
  return facts.unsupported.has("exponential-schedule") ? polynomial : fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: polynomial },
    { weight: 1, arbitrary: exponential },
  );
}

/** Shapes from one row of one axis to many rows of several axes. */
const shapes: fc.Arbitrary<Shape> = fc.oneof(
  { withCrossShrink: true },
  { weight: 2, arbitrary: fc.constant({ groups: 1, samples: 1, axes: 1 }) },
  {
    weight: 5,
    arbitrary: fc.record({
      groups: fc.integer({ min: 1, max: 3 }),
      samples: fc.integer({ min: 1, max: 4 }),
      axes: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      groups: fc.integer({ min: 1, max: 4 }),
      samples: fc.integer({ min: 1, max: 16 }),
      axes: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

/** Problems in which everything may act at once. */
export function anyProblem(facts: Abilities): fc.Arbitrary<Problem> {
  const none = fc.constant(null), zero = fc.constant(0);
  return fc.record({
    shape: shapes,
    features: fc.integer({ min: 0, max: 2 }),
    steps: fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: fc.constant(facts.leastSteps) },
      { weight: 4, arbitrary: fc.integer({ min: 2, max: 6 }) },
    ),
    schedule: schedules(facts),
    noiseScale: facts.unsupported.has("noise-tape") ? zero : fc.oneof(
      { withCrossShrink: true },
      zero,
      fc.constant(1),
      fraction(0.125, 3, 8),
    ),
    gradClip: facts.unsupported.has("grad-clip") ? none : fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: none },
      { weight: 1, arbitrary: fraction(0.25, 8, 4) },
    ),
    deltaClip: fc.oneof(fraction(1 / 64, 0.5, 64), fraction(1, 4, 2)),
    first: firstDraw,
  }).chain(({ shape, features, first, ...settings }) => {
    const { groups, samples, axes } = shape;
    const rows = groups * samples;
    return fc.record({
      energy: anyEnergies(axes, features),
      bounds: boxes(axes),
      observations: table(groups, features, fraction(-1, 1, 16)),
      outside: fc.constantFrom(0, 0, 0, 0.25),
      places: table(rows, axes, fraction(0, 1, 64)),
    }).map(({ energy, bounds, observations, places, outside }): Problem => ({
      ...shape,
      energy,
      settings: { ...officialDefaults, ...settings, bounds },
      observations,
      initial: places.map((row) => row.map((place, i) => placed(place, bounds, i, outside))),
      noise: { kind: "tape", draws: simpleTape(first, settings.steps, rows, axes) },
      seed: 1,
    }));
  });
}

/** From a share of the way between the walls to a multiple of 1/256, maybe a little outside. */
function placed(place: number, bounds: Settings["bounds"], axis: number, outside: number): number {
  const min = bounds.min[axis]!, max = bounds.max[axis]!;
  const at = min + (place * (1 + 2 * outside) - outside) * (max - min);
  const short = Math.fround(Math.round(at * 256) / 256);
  return outside > 0 ? short : Math.min(Math.max(short, min), max);
}

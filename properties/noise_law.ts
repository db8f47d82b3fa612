/**
 * The noise of a sampler that draws it by itself: its size, its law, its independence.
 *
 * Nothing is injected here. The noise is recovered from the points of a chain
 * (`recovered_noise.ts`), tested (`battery.ts`), and the verdict is reached by stages of fresh draws
 * within the clause's share of the run's budget for false alarms (`sequential.ts`).
 *
 * @module
 */

import { repeatedCall, repeatedInNext } from "./repeated_call.ts";
import { show } from "../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../spec/problem.ts";
import { seedFor, uniform } from "../spec/numerics/random.ts";
import { partsOf, problemFor, ruleFor, stepSizesOf, type Taker } from "../spec/rule_parts.ts";
import { TargetFault } from "../spec/sampler.ts";
import type { Trajectory } from "../spec/trajectory.ts";
import { flatEnergy } from "./arbitraries.ts";
import { battery, combined, type NoiseTest, type TestResult } from "./battery.ts";
import { type NoiseShape, noiseShape } from "./noise_shape.ts";
import { judgeSmallBatches, type SmallBatch } from "./small_batches.ts";
import { statisticalFinding } from "./statistical_finding.ts";
import { type Finding, plainFinding } from "./finding.ts";
import {
  axes,
  calmRows,
  groups,
  type NoiseCheck,
  type OtherProblem,
  type Size,
  smallBatchTest,
  steps,
  type View,
} from "./noise_check.ts";
import {
  besideDrift,
  driftFactors,
  driftIsRight,
  movesWithoutNoise,
} from "./drift_beside_noise.ts";
import { pathPoints } from "./observer.ts";
import { recycled, recycledFinding } from "./recycled_draws.ts";
import {
  type AtEnd,
  type Outside,
  recoverNoise,
  recoverWholeNoise,
  type StepTable,
} from "./recovered_noise.ts";
import {
  haveSameMeans,
  independenceLevel,
  isOneFactor,
  isShared,
  repeats,
  sharingLevel,
  standardised,
  stepsDepend,
} from "./shared_draws.ts";
import { confirmationLevel, gatherEvidence, sequentially, stageThresholds } from "./sequential.ts";

/** A target that draws its own noise, under observation. */
export interface NoiseObserver extends Taker {
  /** What is seen of its chains. */
  readonly view: View;
  /** Set if every shape costs a compilation, so that few are tried. */
  readonly compiled?: boolean;
  /** Prepares the target anew; what it gives samples again and again, from the problem's seed. */
  open(problem: Problem): Promise<(problem: Problem) => Promise<Trajectory>>;
  /** Counts draws that were recovered. */
  compared(count: number): void;
}

/** A clause that is judged by the law of recovered noise. */
export interface NoiseClause {
  /** Its id: what tells its seeds from those of other clauses. */
  readonly id: string;
  /** How it is judged. */
  readonly noise: NoiseCheck;
}

/** How thoroughly a clause is judged. */
export interface NoisePlan {
  /** The clause's share of the budget for false alarms. */
  readonly level: number;
  /** Draws of the first stage, about. */
  readonly draws: number;
  /** Where the seeds of the target and of the checker come from. */
  readonly seed: number;
}

/** What stands beside the verdict of a statistical clause. */
export interface NoiseStatistics {
  /** The clause's share of the budget for false alarms. */
  readonly level: number;
  /** Draws that were recovered. */
  readonly draws: number;
  /** The smallest effect that its first stage sees with a power of 0.99. */
  readonly smallestEffect: string;
  /** The smallest p-value of the last stage, corrected for the number of tests. */
  readonly pValue: number;
  /** The test that gave it; `null` where only what is impossible counts. */
  readonly test: NoiseTest | typeof smallBatchTest | null;
  /** The law of the recovered draws of the last stage; `null` where there were none. */
  readonly shape: NoiseShape | null;
}

/** The verdict on one clause. */
export interface NoiseVerdict {
  /** How the clause is broken, or `null` if nothing speaks against it. */
  readonly finding: Finding | null;
  /** Stages that were looked at. */
  readonly stages: number;
  /** What stands beside the verdict. */
  readonly statistics: NoiseStatistics;
}

/** Recovered draws that a check looks at first, about, by profile. */
export const drawsPerClause = { quick: 2560, standard: 10240, thorough: 40960 } as const;

/** The level of one test of a check in its first stage: what its smallest effect rests on. */
export function singleTestLevel(level: number, tests: number): number {
  return stageThresholds({ level: level * (1 - evidenceShare) })[0]!.reject / Math.max(1, tests);
}

/** The samples per observation that give about so many draws. */
function samplesFor(draws: number, chainSteps: number): number {
  return Math.max(2, Math.round(draws / (groups * axes * chainSteps)));
}

/**
 * The part of a clause's level that evidence for a scale or a shift, gathered draw by draw, or small
 * batches may spend; the tests of the battery spend the rest.
 */
export const evidenceShare = 0.1;

/** A problem that noise is recovered from, and the prepared sampler that runs it. */
interface Source {
  readonly tests: NoiseCheck["tests"];
  readonly problem: NoiseCheck["problem"];
  readonly part?: NoiseCheck["part"];
  readonly sharedByFirst?: OtherProblem["sharedByFirst"];
  readonly besideDrift?: OtherProblem["besideDrift"];
  readonly mayFail?: OtherProblem["mayFail"];
  readonly sample: (problem: Problem) => Promise<Trajectory>;
}

/** What one stage saw. */
interface Look {
  readonly pValue: number;
  readonly strongest: TestResult | null;
  readonly problem: Problem;
  readonly draws: number;
  /** The logarithm of the evidence so far. */
  readonly evidence: number;
  /** Whether draws are shared, so that they are the concern of another clause. */
  readonly shared?: true;
  /** Something that has the probability 0. */
  readonly certain: Finding | null;
  /** The recovered draws. */
  readonly noise?: StepTable;
  /** Whether these are the sums of whole chains. */
  readonly whole?: boolean;
  /** The step of the first of them. */
  readonly firstStep?: number;
  /** The coordinates that end at the limit or on a wall, where these are what is looked at. */
  readonly ends?: readonly AtEnd[] | undefined;
}

/**
 * Judges one clause on a target that draws its own noise.
 *
 * What is impossible under the rule (a step beyond its limit, a call that repeats another) is a
 * violation at once. Anything else must be confirmed by fresh draws before it is one.
 */
export async function judgeNoise(
  { id, noise }: NoiseClause,
  observer: NoiseObserver,
  plan: NoisePlan,
): Promise<NoiseVerdict> {
  const { view } = observer, check = suitedTo(observer, noise);
  const chainSteps = view === "final-actions" ? 1 : steps;
  const samples = samplesFor(plan.draws, chainSteps);
  const level = plan.level * (1 - evidenceShare);
  const evidenceLimit = -Math.log(plan.level * evidenceShare);
  const first = check.problem({ samples, seed: 0, view });
  // Chains of another length are another compilation.
  const tried = sourcesOf(check, view).filter(({ mayFail }) => !mayFail || !observer.compiled);
  const sources: readonly Source[] = await Promise.all(
    tried.map(async (source) => ({
      ...source,
      sample: source.mayFail
        ? async (problem: Problem) => await (await observer.open(problem))(problem)
        : await observer.open(seenFrom(source.problem({ samples, seed: 0, view }), source, view)),
    })),
  );
  const factors = check.stepSizeOfDrift === undefined || view === "final-actions"
    ? null
    : await driftFactors(first, observer);
  const evidence = gatherEvidence();
  const gathers = check.tests.includes("variance") && check.part === undefined;
  let calls = 0;
  const freshSeed = () => seedFor(plan.seed, `${id} draws ${calls++}`) >>> 1;
  const checker = uniform(seedFor(plan.seed, `${id} checker`));

  const noiseOf = async (
    source: Source,
    growth: number,
    seed = freshSeed(),
  ): Promise<[Problem, StepTable, StepTable, (readonly AtEnd[])?] | Impossible> => {
    const { problem: problemOf, part, sample } = source;
    const size = { samples: samples * growth, seed, view };
    const problem = seenFrom(problemOf(size), source, view);
    const trajectory = await sample(problem);
    if (view === "final-actions" && part === "whole chain") {
      const resting = restingRow(problem, trajectory.final);
      const noise = recoverWholeNoise(problem, trajectory.final);
      // Rounded draws add up to 0 by accident.
      if (resting !== null && recycled(noise)?.kind !== "lattice") {
        return { problem, certain: resting };
      }
      return [problem, noise, noise.map((rows) => rows.map((row) => row.map(() => 0)))];
    }
    const points = view === "final-actions"
      ? [problem.initial, trajectory.final]
      : pathPoints(problem, trajectory);
    if (points === null) return [problem, [], []];
    const recovered = recoverNoise(problem, points, checker);
    if (recovered.kind === "outside" && source.mayFail) return [problem, [], []];
    if (recovered.kind === "outside") return { problem, certain: outsideOf(problem, recovered) };
    const inner = part === "inner steps" && recovered.noise.length > 2;
    const cut = (table: StepTable) => inner ? table.slice(1, -1) : table;
    return [problem, cut(recovered.noise), cut(recovered.drift), recovered.ends];
  };

  /** The noise of steps of different sizes: of a chain, or of one more call if only its end is seen. */
  const sizesOf = async (noise: StepTable, growth: number): Promise<StepTable> => {
    if (view === "every-step") return noise;
    const problem: Source["problem"] = (size) => withSmallSteps(check.problem(size));
    const sample = await observer.open(seenFrom(problem({ samples, seed: 0, view }), check, view));
    const other = await noiseOf({ tests: [], problem, sample }, growth);
    return Array.isArray(other) ? [...noise, ...other[1]] : noise;
  };

  /** Whether draws are shared, and don't only have means, which another call has, too. */
  const isSharedIn = async (source: Source, growth: number, noise: StepTable, samples: number) => {
    if (!isShared(noise, samples)) return false;
    const again = await noiseOf(source, growth);
    return !Array.isArray(again) || !haveSameMeans(noise, again[1], samples);
  };

  const lookAt = async (source: Source, growth: number): Promise<Look> => {
    const seen = await noiseOf(source, growth);
    if (!Array.isArray(seen)) return impossibleLook(seen);
    const [problem, noise, drift, ends] = seen;
    let draws = countOf(noise);
    let second: StepTable | undefined;
    if (check.calls === 2) {
      const other = await noiseOf(source, growth);
      if (!Array.isArray(other)) return impossibleLook(other);
      second = other[1];
      draws += countOf(second);
      const next = growth === 1 ? await noiseOf(source, growth, problem.seed + 1) : other;
      if (!Array.isArray(next)) return impossibleLook(next);
      const again = recycled([...noise, ...second]);
      const repeated = repeatedCall(problem, noise, second) ??
        repeatedInNext(problem, noise, next[1]) ??
        (again?.kind === "again" ? recycledFinding(problem, again) : null);
      if (repeated) return certainly(problem, draws, repeated);
    }
    observer.compared(draws);
    // No noise at all is the concern of noise/every-step.
    if (draws === 0 || (check.part === "inner steps" && isSilent(noise))) {
      return { ...nothing(problem), draws };
    }
    const options = {
      samples: problem.samples,
      drift,
      tests: source.tests,
      ...(second ? { second } : {}),
    };
    let outcome = combined(battery(noise, options));
    if (outcome.pValue < sharingLevel && await movesWithoutNoise(problem, observer)) {
      return { ...nothing(problem), draws };
    }
    if (
      source.mayFail && outcome.pValue < independenceLevel && !await driftIsRight(problem, observer)
    ) {
      return { ...nothing(problem), draws };
    }
    if (source.besideDrift && outcome.pValue < independenceLevel) {
      const own = await besideDrift(problem, noise, observer);
      if (own !== null && own.flat(2).every((z) => Math.abs(z) < silence)) {
        return { ...nothing(problem), draws };
      }
      const other = own && combined(battery(own, options));
      if (other && other.pValue > outcome.pValue) outcome = other;
    }
    // Elsewhere floats may be so coarse that draws look alike.
    const repeated = source === sources[0] && check.recycled ? recycled(noise) : null;
    // Rounded draws are shared by accident, and break the law of single ones, if they are that coarse.
    if (repeated?.kind === "lattice" && check.recycled === "lattice") {
      return certainly(problem, draws, recycledFinding(problem, repeated));
    }
    if (
      check.sharedDraws === "passes" && source.sharedByFirst === undefined &&
      outcome.pValue < sharingLevel &&
      (await isSharedIn(source, growth, noise, problem.samples) || recycled(noise) !== null ||
        view === "final-actions" && source.part === "whole chain" &&
          await stepsDepend(source.problem, samples * growth, freshSeed, observer))
    ) return { ...nothing(problem), draws, shared: true };
    if (
      check.dependentDraws === "passes" && outcome.pValue < sharingLevel &&
      !repeats(noise, problem.samples)
    ) {
      return { ...nothing(problem), draws };
    }
    const whole = view === "final-actions" && source.part === "whole chain";
    // Of whole chains the size tells how many of their steps have noise.
    if (
      check.sizeAndMean === "passes" && !whole && outcome.pValue < independenceLevel &&
      combined(battery(standardised(noise), options)).pValue > independenceLevel
    ) return { ...nothing(problem), draws };
    if (check.oneFactor === "passes" && isOneFactor(await sizesOf(noise, growth))) {
      return { ...nothing(problem), draws };
    }
    // Along with the drift, or with its schedule alone, whatever else the drift is multiplied by.
    for (const first of factors ? [1, factors[0]!] : []) {
      const relative = noise.map((rows, k) =>
        rows.map((row) => row.map((z) => z * first / factors![k + 1]!))
      );
      const other = combined(battery(relative, options));
      if (other.pValue > outcome.pValue) outcome = other;
    }
    if (
      repeated && outcome.pValue >= sharingLevel && repeated.kind !== "lattice" &&
      check.recycled === "again"
    ) return certainly(problem, draws, recycledFinding(problem, repeated));
    if (gathers) {
      for (const rows of noise) for (const row of rows) for (const z of row) evidence.add(z);
    }
    const most = gathers ? evidence.most : 0;
    const firstStep = noise.length < stepSizesOf(problem).length && check.part === "inner steps"
      ? 1
      : 0;
    return {
      ...nothing(problem),
      ...outcome,
      draws,
      evidence: most,
      noise,
      whole,
      firstStep,
      ...check.ends && { ends },
    };
  };

  const look = async (growth: number): Promise<Look> => {
    const looks: Look[] = [];
    for (const source of sources) {
      if (source.sharedByFirst !== undefined && looks[0]?.shared) continue;
      try {
        looks.push(await lookAt(source, growth));
      } catch (error) {
        if (!source.mayFail || !(error instanceof TargetFault) || error.ofProcess) throw error;
      }
    }
    return together(looks);
  };

  let draws = 0;
  const counted = async (growth: number): Promise<Look> => {
    const seen = await look(growth);
    draws += seen.draws;
    return seen.evidence >= evidenceLimit ? { ...seen, pValue: 0 } : seen;
  };
  const outcome = await sequentially({ level }, (_, growth) => counted(growth));
  let { certain } = outcome.evidence;
  let { rejected } = outcome;
  let last = outcome.evidence;
  if (rejected && certain === null) {
    // Evidence that has been gathered already confirms nothing: only the fresh draws count.
    const again = await look(4);
    draws += again.draws;
    certain = again.certain;
    rejected = certain !== null || again.pValue <= confirmationLevel;
    if (rejected) last = again;
  }
  /** The draws of one small batch: of a long chain, or of many if only their ends are seen. */
  const smallBatch = async (problemOf: NoiseCheck["problem"]): Promise<SmallBatch | null> => {
    const given = (size: Size) => problemFor(observer, problemOf(size));
    const sample = await observer.open(seenFrom(given({ samples: 1, seed: 0, view }), {}, view));
    const source = { tests: [], problem: given, sample }, noise: StepTable[number][] = [];
    let problem: Problem | null = null;
    for (let call = 0; call < (view === "final-actions" ? callsOfEnds : 1); call++) {
      const seen = await noiseOf(source, 1);
      if (!Array.isArray(seen) || seen[1].length === 0) return null;
      // Calls that repeat each other are the concern of noise/fresh-each-call.
      if (noise[0] && repeatedCall(seen[0], [noise[0]], seen[1])) return null;
      [problem] = seen;
      noise.push(...seen[1]);
    }
    draws += countOf(noise);
    return problem && { problem, noise };
  };
  const small = rejected || check.smallBatches === undefined || observer.compiled
    ? null
    : await judgeSmallBatches(check.smallBatches, smallBatch, plan.level * evidenceShare);
  const single = singleTestLevel(plan.level, check.tests.length);
  const perLook = countPerLook(first, check, view);
  return {
    finding: rejected ? certain ?? statisticalFinding(last, last.draws) : small,
    stages: outcome.stages,
    statistics: {
      level: plan.level,
      draws,
      smallestEffect: check.effect(perLook, single),
      pValue: last.pValue,
      test: small ? smallBatchTest : last.strongest?.test ?? null,
      shape: noiseShape((last.noise ?? []).flat(2)),
    },
  };
}

/** Chains of a small batch whose ends alone are seen. */
const callsOfEnds = 100;

/** Where a check looks: its problem, a second one, and whole chains where only their ends are seen. */
function sourcesOf(check: NoiseCheck, view: View): readonly Omit<Source, "sample">[] {
  const { tests, problem, part, also, wholeChains } = check, place = part ? { part } : {};
  return [
    { tests, problem, ...place },
    ...(also ?? []).map((other) => ({ ...other, ...place })),
    ...wholeChains && view === "final-actions"
      ? [{ ...wholeChains, part: "whole chain" as const }]
      : [],
  ];
}

/** A check whose problems are as the target takes them. */
function suitedTo(taker: Taker, check: NoiseCheck): NoiseCheck {
  const { also, wholeChains } = check, { bounds } = taker;
  const suited = <Part extends Pick<NoiseCheck, "problem">>(part: Part): Part => ({
    ...part,
    problem: (size) => problemFor(taker, part.problem({ ...size, bounds })),
  });
  return {
    ...suited(check),
    ...also && { also: also.map(suited) },
    ...wholeChains && { wholeChains: suited(wholeChains) },
  };
}

/** Draws so small are none. */
const silence = 1e-3;

/** Several looks as one: the most telling of them, corrected for their number. */
function together(looks: readonly Look[]): Look {
  const [most] = looks.toSorted((a, b) => a.pValue - b.pValue);
  return {
    ...most!,
    pValue: Math.min(1, looks.length * most!.pValue),
    draws: looks.reduce((sum, { draws }) => sum + draws, 0),
    evidence: Math.max(...looks.map(({ evidence }) => evidence)),
    certain: looks.find(({ certain }) => certain !== null)?.certain ?? null,
  };
}

/** Draws that one first stage looks at. */
function countPerLook(problem: Problem, check: NoiseCheck, view: View): number {
  const chainSteps = view === "final-actions"
    ? 1
    : check.part === "inner steps"
    ? steps - 2
    : steps;
  return problem.initial.length * axes * chainSteps * (check.calls ?? 1);
}

/** Draws that the first stage of a check looks at, where about so many are wanted. */
export function drawsOfFirstStage(check: NoiseCheck, wanted: number, view: View): number {
  const samples = samplesFor(wanted, view === "final-actions" ? 1 : steps);
  return countPerLook(check.problem({ samples, seed: 0, view }), check, view);
}

/**
 * A problem of which the final actions tell all: with two steps, the second of size 0, the result is
 * one exact step. Whole chains are left as they are.
 */
function seenFrom(
  problem: Problem,
  { part }: { readonly part?: NoiseCheck["part"] | undefined },
  view: View,
): Problem {
  if (view === "every-step" || part === "whole chain") return problem;
  const { schedule } = problem.settings, rule = ruleFor(problem);
  // A rule without such a schedule has no second step of size 0, and runs one step.
  if (!partsOf(rule).has("schedule")) {
    return problemFor(problem, { ...problem, settings: { ...problem.settings, steps: 1 } });
  }
  return {
    ...problem,
    settings: {
      ...problem.settings,
      steps: 2,
      schedule: { kind: "polynomial", init: schedule.init, final: 0, power: 1 },
    },
  };
}

/** The same with steps of a quarter of their size. */
function withSmallSteps(problem: Problem): Problem {
  const { settings } = problem, { schedule } = settings;
  return {
    ...problem,
    settings: { ...settings, schedule: { ...schedule, init: schedule.init / 4 } },
  };
}

/** A look that shows what has the probability 0. */
function certainly(problem: Problem, draws: number, certain: Finding): Look {
  return { ...nothing(problem), pValue: 0, draws, certain };
}

function nothing(problem: Problem): Look {
  return { pValue: 1, strongest: null, problem, draws: 0, evidence: 0, certain: null };
}

const countOf = (noise: StepTable) =>
  noise.length * (noise[0]?.length ?? 0) * (noise[0]?.[0]?.length ?? 0);

const isSilent = (noise: StepTable) =>
  noise.every((rows) => rows.every((row) => row.every((z) => z === 0)));

/** What has the probability 0 under the rule. */
interface Impossible {
  readonly problem: Problem;
  readonly certain: Finding;
}

function impossibleLook({ problem, certain }: Impossible): Look {
  return { ...nothing(problem), pValue: 0, draws: 1, certain };
}

function outsideOf(problem: Problem, outside: Outside): Finding {
  const { step, row, axis, action, actual, interval, tolerance } = outside;
  const expected = Math.min(Math.max(actual, interval.lower), interval.upper);
  return plainFinding(
    problem,
    `Step ${step} takes row ${row}, axis ${axis} from ${show(action)} to ${show(actual)}, where ` +
      `no noise leads: it can reach [${show(interval.lower)}, ${show(interval.upper)}]`,
    { expected, actual, tolerance, step, row, axis },
  );
}

/** Coordinates that end where they started are no accident if there are so many. */
const fewestResting = 4;

/** Coordinates that a whole chain of noise leaves where they were, though it moves others. */
function restingRow(problem: Problem, final: Rows): Finding | null {
  const resting = final.flatMap((row, r) =>
    row.flatMap((actual, axis) => actual === problem.initial[r]![axis]! ? [{ row: r, axis }] : [])
  );
  if (resting.length < fewestResting || resting.length === final.flat().length) return null;
  const { row, axis } = resting[0]!, expected = problem.initial[row]![axis]!;
  const message = `Row ${row}, axis ${axis} ends exactly where it started, as ${
    resting.length - 1
  } other coordinates do, though every step adds noise`;
  return plainFinding(problem, message, { expected, actual: expected, row, axis });
}

/** What the seeds of a target do, in words; nothing if they do what one expects. */
export async function seedRemarks(
  observer: NoiseObserver,
  { seed, draws }: Pick<NoisePlan, "seed" | "draws">,
): Promise<string[]> {
  // Another shape than that of the tests would be another compilation.
  const size = { samples: observer.compiled ? samplesFor(draws, steps) : 1 };
  const problem = (draw: number): Problem =>
    problemFor(
      observer,
      calmRows({ ...size, seed: seedFor(seed, `seeds ${draw}`) >>> 1 }, flatEnergy),
    );
  const final = async (of: Problem): Promise<Rows> => (await (await observer.open(of))(of)).final;
  const first = await final(problem(0));
  const again = await final(problem(0));
  const other = await final(problem(1));
  const equal = (a: Rows, b: Rows) => a.every((row, r) => row.every((x, i) => x === b[r]![i]));
  if (equal(first, other)) {
    return [
      "This sampler repeats its noise whenever it is prepared, whatever call.seed says: it seeds its generator by itself.",
    ];
  }
  return equal(first, again)
    ? []
    : ["The noise of this sampler does not follow from call.seed: a run cannot be repeated."];
}

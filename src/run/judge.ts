/**
 * One run of the suite on one target: clauses, official traces, energy, verdict.
 *
 * @module
 */

import * as fc from "fast-check";
import { officialTraces } from "../../golden/load.ts";
import { type Replay, replayTarget } from "../../golden/replay.ts";
import type { Trace } from "../../golden/trace.ts";
import type { ProblemCheck, Trial } from "../../properties/clause.ts";
import { type Finding, type Outcome, plainFinding } from "../../properties/finding.ts";
import { type Facts, type Observer, pathPoints, requireFinite } from "../../properties/observer.ts";
import {
  drawsPerClause,
  judgeNoise,
  type NoiseClause,
  type NoiseObserver,
  type NoiseStatistics,
  seedRemarks,
} from "../../properties/noise_law.ts";
import type { NoiseShape } from "../../properties/noise_shape.ts";
import { finalActionProbes } from "../diagnosis/probes.ts";
import { defaultFalseAlarm } from "../../properties/sequential.ts";
import {
  calmProblem,
  calmSettings,
  flatEnergy,
  normalTape,
  problemOf,
} from "../../properties/arbitraries.ts";
import {
  type Clause,
  type ClauseId,
  clauseOf,
  clauses,
  foundationsOf,
  noiseClauses,
} from "../../properties/clauses.ts";
import { defectOf } from "../defects/defects.ts";
import { toNumberText } from "../../spec/numerics/number_text.ts";
import { energyAt, type NoiseSign } from "../../spec/oracle.ts";
import { officialDefaults, type Problem, rowCount, type Rows } from "../../spec/problem.ts";
import { seedFor } from "../../spec/numerics/random.ts";
import {
  type Feature,
  features,
  noiseOrigin,
  type Target,
  TargetFault,
} from "../../spec/sampler.ts";
import { ulps } from "../../spec/tolerance.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import { diagnosisOf } from "../report/diagnosis.ts";
import { faultOf } from "../report/not_run.ts";
import { reportFormat } from "../report/report.ts";
import { falseAlarmLimits, isWithin, limitsInWords, pathForm, seedLimits } from "./options.ts";
import type {
  ClauseReport,
  Counterexample,
  DiagnosisReport,
  NoiseShapeText,
  Profile,
  Report,
} from "../report/report.ts";

/** How a run may differ from the usual one. */
export interface JudgeOptions {
  /** Any integer; 1 by default. The same seed gives the same report. */
  readonly seed?: number;
  /** How many problems each clause is checked on; `standard` by default. */
  readonly profile?: Profile;
  /** Only these clauses (their foundations are judged too, silently); all by default. */
  readonly clauses?: readonly string[];
  /** A fast-check path: exactly this problem of exactly one clause. */
  readonly path?: string;
  /** The traces to replay; the official ones by default. */
  readonly golden?: readonly Trace[];
  /** Whether to measure the rule and to name the bug; `full` by default, `none` saves time. */
  readonly diagnosis?: "full" | "none";
  /** What is found out elsewhere at the same time, by {@linkcode replayOfficialTraces}. */
  readonly elsewhere?: () => Promise<Elsewhere>;
  /**
   * The chance that the run finds fault with a correct sampler, over all its statistical checks;
   * 1e-6 by default.
   */
  readonly falseAlarm?: number;
  /** Called before each clause. */
  readonly onProgress?: (
    progress: { readonly clause: string; readonly done: number; readonly total: number },
  ) => void;
  /** The command that repeats one case, for the report. */
  readonly replayCommand?: (clause: string, path: string | null) => string;
}

/** Problems per clause. */
export const casesPerClause: Readonly<Record<Profile, number>> = {
  quick: 4,
  standard: 6,
  thorough: 100,
};

/** Clauses whose verdicts shape the problems of others, so that a replayed case is the same case. */
const calibration: readonly ClauseId[] = [
  "drift/descends",
  "drift/half",
  "schedule/constant",
  "schedule/one-step",
];

/** The clause by which a sampler is judged of which only final actions are seen. */
const wholeStep: ClauseId = "step/exact";

/** How the path of an edge case begins. */
const edgePath = "edge:";

/** Judgements of one failing clause while its problem is made smaller. */
const mostShrinkSteps = 400;

/**
 * Judges a target.
 *
 * @returns a report; a target that cannot be observed gives the verdict `not run`, never an error
 */
export async function judge(target: Target, options: JudgeOptions = {}): Promise<Report> {
  checkOptions(options);
  return await new Run(target, options).report();
}

function checkOptions({ seed, profile, falseAlarm, clauses: chosen, path }: JudgeOptions): void {
  const refuse = (found: string, wanted: string): never => {
    throw new RangeError(`Cannot judge: found ${found}, wanted ${wanted}`);
  };
  if (seed !== undefined && !isWithin(seed, seedLimits)) {
    refuse(`the seed ${seed}`, limitsInWords(seedLimits));
  }
  if (profile !== undefined && !Object.hasOwn(casesPerClause, profile)) {
    refuse(`the profile ${profile}`, `one of ${Object.keys(casesPerClause).join(", ")}`);
  }
  if (falseAlarm !== undefined && !isWithin(falseAlarm, falseAlarmLimits)) {
    refuse(`the chance of a false alarm ${falseAlarm}`, limitsInWords(falseAlarmLimits));
  }
  if (chosen?.length === 0) refuse("no clause in clauses", "at least one, or no such option");
  for (const id of chosen ?? []) {
    if (clauseOf(id) === undefined) refuse(`the clause ${id}`, "ids of the catalogue of clauses");
  }
  if (path !== undefined && (chosen?.length !== 1 || !pathForm.test(path))) {
    refuse(`the path ${path}`, "a path as a report names it, like 3:0:1, and exactly one clause");
  }
}

/** Official traces by which a target is judged; the others are evidence about the official code. */
async function tracesOfTheRule(): Promise<readonly Trace[]> {
  return (await officialTraces()).filter((trace) => trace.deviation === undefined);
}

/** The part of a run that another thread can take over. */
export interface Elsewhere {
  /** Replays of the official traces. */
  readonly replays: readonly Replay[];
  /** The measured rule of a target that conforms. */
  readonly diagnosis?: DiagnosisReport | undefined;
}

/**
 * Replays the official traces on a target and measures its rule, without judging it otherwise.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function replayOfficialTraces(target: Target): Promise<Elsewhere> {
  const replays = await new Run(target, {}).replays(await tracesOfTheRule());
  // A target with a trace that it cannot run does not conform, and is diagnosed as such elsewhere.
  const runs = replays.every((replay) => replay.comparisons > 0 || replay.verdict !== "disagrees");
  return { replays, diagnosis: runs ? await diagnosisOf(target, "conforms") : undefined };
}

class Run {
  readonly #target: Target;
  readonly #options: JudgeOptions;
  readonly #seed: number;
  readonly #profile: Profile;
  readonly #started = performance.now();
  readonly #verdicts = new Map<string, ClauseReport>();
  readonly #remarks: string[] = [];
  readonly #unsupported: Set<Feature>;
  #noiseSign: NoiseSign = 1;
  #comparisons = 0;
  /** The runs of the case that is being judged. */
  #runs: { readonly problem: Problem; readonly trajectory: Trajectory }[] = [];
  /** Set if noise remains where the noise scale is 0. */
  #noisyAtZero: Finding | null = null;
  /** The first clause that the probes of final actions have shown to be violated. */
  #brokenOnProbes: ClauseId | null = null;
  /** What to say if the sampler does not take one draw a step. */
  #otherDraws: string | null = null;
  readonly #falseAlarm: number;

  constructor(target: Target, options: JudgeOptions) {
    this.#target = target;
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.#profile = options.profile ?? "standard";
    this.#unsupported = new Set(target.unsupported);
    this.#falseAlarm = options.falseAlarm ?? defaultFalseAlarm;
  }

  async report(): Promise<Report> {
    const wanted = new Set(this.#options.clauses ?? clauses.map((clause) => clause.id));
    const judged = withFoundations(
      new Set([...wanted, ...calibration, ...(this.#hidden ? [wholeStep] : [])]),
    );
    let golden: Report["golden"] = notReplayed("not asked for");
    let energy: Report["energy"] = null;
    let where = "a first call";
    try {
      await this.#smoke();
      if (this.#hidden && this.#noisyAtZero === null) await this.#judgeByProbes();
      let done = 0;
      for (const clause of clauses as readonly Clause[]) {
        if (!judged.has(clause.id)) continue;
        this.#options.onProgress?.({ clause: clause.id, done: done++, total: judged.size });
        where = clause.id;
        if (clause.id === "golden/traces") {
          golden = await this.#replayTraces(clause, wanted.has(clause.id));
        } else await this.#judgeClause(clause);
      }
      where = "a chain with the official defaults";
      if (!this.#options.path) energy = await this.#energy();
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      return this.#notRun(error, where);
    }
    const inOrder = clauses.flatMap(({ id }) => this.#verdicts.get(id) ?? []);
    const reported = inOrder.filter(({ id, verdict }) =>
      wanted.has(id) || (verdict === "violated" && this.#blocks(id, wanted))
    );
    const violated = reported.some((c) => c.verdict === "violated");
    if (!violated && !reported.some((c) => c.verdict === "holds")) {
      return { ...this.#nothingJudged(reported), golden };
    }
    const asked = this.#options.path === undefined && this.#options.diagnosis !== "none";
    const { elsewhere } = this.#options;
    const diagnosis = !asked
      ? undefined
      : !violated && elsewhere
      ? (await elsewhere()).diagnosis
      : await diagnosisOf(
        this.#target,
        violated ? "violates" : "conforms",
        reported.flatMap(({ id, verdict, statistics }) =>
          verdict === "violated" && statistics ? { clause: id, test: statistics.test } : []
        ),
      );
    return {
      ...this.#frame(),
      ...(reported.some((c) => c.statistics) ? { falseAlarm: this.#falseAlarm } : {}),
      verdict: violated ? "violates" : "conforms",
      clauses: reported,
      golden,
      energy,
      ...(diagnosis ? { diagnosis: this.#diagnosisWithDraws(diagnosis) } : {}),
      elapsedMs: this.#elapsed(),
    };
  }

  /** Whether a clause that was asked for could not be judged because it builds on this one. */
  #blocks(id: string, wanted: ReadonlySet<string>): boolean {
    return [...wanted].some((other) =>
      this.#verdicts.get(other)?.reason?.startsWith(brokenFoundation(id))
    );
  }

  #frame() {
    return {
      format: reportFormat as typeof reportFormat,
      target: {
        name: this.#target.name,
        networkReturns: this.#target.networkReturns,
        unsupported: [...this.#unsupported].sort(),
      },
      seed: this.#seed,
      profile: this.#profile,
      remarks: this.#remarks,
    };
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#started);
  }

  #notRun(fault: TargetFault, where?: string): Report {
    return {
      ...this.#frame(),
      verdict: "not run",
      clauses: [],
      golden: notReplayed("the target could not be observed"),
      energy: null,
      fault: faultOf(fault, where),
      elapsedMs: this.#elapsed(),
    };
  }

  /** A run in which no clause could be judged says nothing of the sampler, so it is no success. */
  #nothingJudged(reported: readonly ClauseReport[]): Report {
    const reasons = [...new Set(reported.map(({ reason }) => reason ?? "no reason"))];
    const [first, ...more] = reasons;
    return {
      ...this.#notRun(
        new TargetFault(
          "contract",
          `no clause that could be judged: ${first}${
            more.length === 0 ? "" : `; and ${more.length} other reasons`
          }`,
          "at least one clause that this sampler can be judged by",
        ),
      ),
      clauses: [...reported],
    };
  }

  #factsFor(clause?: Clause): Facts {
    const verdictOf = (id: string) => this.#verdicts.get(id)?.verdict;
    return {
      returns: this.#target.networkReturns,
      unsupported: this.#unsupported,
      noiseSign: this.#noiseSign,
      leastSteps: verdictOf("schedule/one-step") === "holds" ? 1 : 2,
      sharp: (clause?.sharperWith ?? []).every((id) => verdictOf(id) === "holds"),
    };
  }

  #observer(clause?: Clause): Observer {
    const target = this.#target;
    const finite = (problem: Problem, trajectory: Trajectory) => {
      if (clause?.problems?.faults !== "violate") requireFinite(problem, trajectory);
      return trajectory;
    };
    const ran = (problem: Problem, trajectory: Trajectory) => {
      this.#runs.push({ problem, trajectory });
    };
    return {
      facts: this.#factsFor(clause),
      async run(problem) {
        const prepared = await target.prepare(problem.settings);
        const trajectory = finite(
          problem,
          await prepared.sample(
            this.facts.unsupported.has("noise-tape")
              ? { ...problem, noise: { kind: "own" } }
              : problem,
          ),
        );
        ran(problem, trajectory);
        return trajectory;
      },
      async runTwice(problem) {
        const prepared = await target.prepare(problem.settings);
        const first = finite(problem, await prepared.sample(problem));
        const second = finite(problem, await prepared.sample(problem));
        // A finding is about the second call.
        ran(problem, second);
        return [first, second];
      },
      compared: (count) => {
        this.#comparisons += count;
      },
    };
  }

  /** A harmless problem: whoever cannot run it is not judged at all. */
  async #smoke(): Promise<void> {
    const observer = this.#observer();
    const steps = 3;
    const problem = problemOf({
      energy: "(a1 - 0.25)^2 + 0.5*(a2 + 0.5*o1)^2",
      settings: calmSettings(2, { steps, gradNorm: "inf" }),
      groups: 2,
      samples: 2,
      observations: [[0.5], [-0.25]],
      initial: [[0, 0.125], [0.25, -0.5], [0.5, 0.25], [-0.5, 0]],
    });
    const trajectory = await observer.run(problem);
    if (
      !this.#hidden &&
      !trajectory.evaluations.some((evaluation) => evaluation.kind === "gradient")
    ) {
      throw new TargetFault(
        "contract",
        `no question for a gradient in a chain of ${steps} steps`,
        'a sampler that takes its gradients from call.network, or one that reveals: "final-actions"',
      );
    }
    const { chain } = trajectory;
    if (!chain?.actions) this.#unsupported.add("chain-actions");
    if (!chain?.outputs) this.#unsupported.add("chain-outputs");
    if (!chain?.gradNorms) this.#unsupported.add("chain-grad-norms");
    if (!this.#unsupported.has("noise-tape")) await this.#findNoiseSign();
    else await this.#findSilence(problem);
  }

  /** Noise that cannot be injected must go away with the noise scale 0; all else rests on that. */
  async #findSilence(problem: Problem): Promise<void> {
    const observer = this.#observer();
    const first = await observer.run(problem);
    const second = await observer.run({ ...problem, seed: problem.seed + 1 });
    for (const [row, actions] of first.final.entries()) {
      for (const [axis, expected] of actions.entries()) {
        const actual = second.final[row]![axis]!;
        if (Math.abs(actual - expected) <= 1e-4 * (1 + Math.abs(expected))) continue;
        this.#noisyAtZero = plainFinding(
          problem,
          `With the noise scale 0 two chains end ${
            Math.abs(actual - expected).toPrecision(3)
          } apart: the noise stays on`,
          { row, axis, expected, actual, tolerance: 1e-4 * (1 + Math.abs(expected)) },
        );
        return;
      }
    }
  }

  async #findNoiseSign(): Promise<void> {
    const problem = calmProblem({ energy: flatEnergy, steps: 3, initial: [[0]], draws: 1 });
    const trajectory = await this.#observer().run(problem);
    const points = pathPoints(problem, trajectory);
    if (points === null) return;
    this.#otherDraws = otherDraws(trajectory.draws, problem.settings.steps);
    // Without draws of the suite there is nothing of which the sign could be turned.
    if (trajectory.draws === 0) return;
    if (points[2]![0]![0]! > points[1]![0]![0]!) {
      this.#noiseSign = -1;
      this.#remarks.push(
        "This sampler turns the sign of its draws. Noise is symmetric, so its law is the same.",
      );
    }
  }

  #verdictWithoutRunning(clause: Clause): Pick<ClauseReport, "verdict" | "reason"> | null {
    if (this.#noisyAtZero !== null) return { verdict: "not judged", reason: staysOn };
    const statistical = this.#statistical(clause) !== undefined;
    if (clause.needs === "own noise" && !statistical) {
      return { verdict: "not judged", reason: suppliedDraws };
    }
    const lacks = clause.feature && this.#unsupported.has(clause.feature);
    if (lacks && !(clause.feature === "noise-tape" && statistical)) {
      return {
        verdict: "unsupported",
        reason: `The sampler lacks ${clause.feature}: ${features[clause.feature!]}`,
      };
    }
    for (const id of foundationsOf(clause.id)) {
      const verdict = this.#verdicts.get(id)?.verdict;
      if (verdict === "violated") {
        return { verdict: "not judged", reason: brokenFoundation(id) };
      }
    }
    if (this.#brokenOnProbes !== null) {
      return { verdict: "not judged", reason: brokenFoundation(this.#brokenOnProbes) };
    }
    if (this.#hidden) {
      return statistical ? null : { verdict: "not judged", reason: hiddenSteps };
    }
    for (const id of foundationsOf(clause.id)) {
      const foundation = this.#verdicts.get(id);
      if (foundation?.verdict === "not judged") {
        return { verdict: "not judged", reason: foundation.reason! };
      }
    }
    return null;
  }

  /** The statistical check of a clause, if that is how this target is judged. */
  #statistical(clause: Clause): NoiseClause | undefined {
    const taped = clause.needs === undefined && !this.#unsupported.has("noise-tape");
    if (noiseOrigin(this.#target) === "tape" || taped) return undefined;
    return noiseClauses.find(({ id }) => id === clause.id);
  }

  get #noiseObserver(): NoiseObserver {
    const target = this.#target;
    return {
      view: target.reveals ?? "every-step",
      async open(problem) {
        const prepared = await target.prepare(problem.settings);
        return async (problem) => {
          const trajectory = await prepared.sample(problem);
          requireFinite(problem, trajectory);
          return trajectory;
        };
      },
      compared: (count) => {
        this.#comparisons += count;
      },
    };
  }

  async #judgeNoise(
    clause: NoiseClause,
  ): Promise<Omit<ClauseReport, "id" | "level" | "sentence">> {
    const before = this.#comparisons;
    const observer = this.#noiseObserver;
    const { finding, stages, statistics } = await judgeNoise(clause, observer, {
      level: this.#falseAlarm / noiseClauses.length,
      draws: drawsPerClause[this.#profile],
      seed: this.#seed,
    });
    if (clause.noise.calls === 2 && finding === null) {
      this.#remarks.push(...await seedRemarks(observer, this.#seed));
    }
    const command = this.#options.replayCommand?.(clause.id, null);
    if (finding === null && statistics.draws === 0) {
      return { verdict: "not judged", reason: nothingCompared, cases: stages, comparisons: 0 };
    }
    return {
      verdict: finding === null ? "holds" : "violated",
      cases: stages * (clause.noise.calls ?? 1),
      comparisons: this.#comparisons - before,
      ...(finding === null ? {} : {
        counterexample: counterexampleOf(finding),
        ...(command === undefined ? {} : { replay: command }),
      }),
      statistics: statisticsText(statistics),
    };
  }

  async #judgeClause(clause: Clause): Promise<void> {
    const frame = { id: clause.id, level: clause.level, sentence: clause.sentence };
    if (this.#noisyAtZero !== null && clause.id === "noise/scale") {
      const counterexample = counterexampleOf(this.#noisyAtZero);
      this.#verdicts.set(clause.id, {
        ...frame,
        verdict: "violated",
        cases: 2,
        comparisons: rowCount(this.#noisyAtZero.problem),
        counterexample,
      });
      return;
    }
    if (this.#verdicts.has(clause.id)) return; // by the probes
    const decided = this.#verdictWithoutRunning(clause);
    if (decided) {
      this.#verdicts.set(clause.id, { ...frame, ...decided, cases: 0, comparisons: 0 });
      return;
    }
    const statistical = this.#statistical(clause);
    if (statistical) {
      this.#verdicts.set(clause.id, { ...frame, ...await this.#judgeNoise(statistical) });
      return;
    }
    const before = this.#comparisons;
    const outcome = await this.#search(clause, clause.problems!);
    const { cases } = outcome;
    if (outcome.finding !== null) {
      this.#verdicts.set(clause.id, {
        ...frame,
        verdict: "violated",
        cases,
        comparisons: this.#comparisons - before,
        counterexample: counterexampleOf(this.#withDraws(outcome.finding, clause), outcome.points),
        ...(this.#options.replayCommand
          ? { replay: this.#options.replayCommand(clause.id, outcome.path) }
          : {}),
      });
      return;
    }
    const comparisons = this.#comparisons - before;
    this.#verdicts.set(clause.id, {
      ...frame,
      ...(comparisons === 0
        ? { verdict: "not judged", reason: nothingCompared }
        : { verdict: "holds" }),
      cases,
      comparisons,
    });
  }

  /** A diagnosis that is at a loss, with what explains it if draws are not taken one a step. */
  #diagnosisWithDraws(diagnosis: DiagnosisReport): DiagnosisReport {
    const { unexplained } = diagnosis;
    if (this.#otherDraws === null || unexplained === undefined) return diagnosis;
    return { ...diagnosis, unexplained: `${this.#otherDraws}. ${unexplained}` };
  }

  get #hidden(): boolean {
    return this.#target.reveals === "final-actions";
  }

  /**
   * Judges a sampler of which only final actions are seen by those of the probes, in which every
   * known defect shows: the clause of the defect that explains them is violated, or the whole step
   * if none does. Tests of its noise come afterwards, because they rest on all the rest.
   */
  async #judgeByProbes(): Promise<void> {
    const calls = finalActionProbes(this.#unsupported).flatMap((probe) => probe.calls);
    const comparisons = calls.reduce((sum, { initial, axes }) => sum + initial.length * axes, 0);
    const decide = (id: ClauseId, verdict: "holds" | "violated", reason?: string) => {
      const { level, sentence } = clauseOf(id)!;
      const why = reason === undefined ? {} : { reason };
      const frame = { id, level, sentence, cases: calls.length, comparisons };
      this.#verdicts.set(id, { ...frame, verdict, ...why });
      if (verdict === "violated") this.#brokenOnProbes ??= id;
    };
    const { defects, unexplained } = await diagnose(this.#target);
    const certain = defects.filter((defect) => defect.certain && defect.id !== undefined);
    for (const { id, title } of certain) {
      const reason =
        `On the probes its final actions are those of a sampler with this bug: ${title}`;
      decide(defectOf(id!)!.clause, "violated", reason);
    }
    if (certain.length > 0) return;
    if (defects.length === 0 && unexplained === undefined) return decide(wholeStep, "holds");
    const what = unexplained?.replace(/\.$/, "") ?? `perhaps this bug: ${defects[0]!.title}`;
    const reason = `On the probes its final actions are not those of the rule: ${what}`;
    decide(wholeStep, "violated", reason);
  }

  /** A finding about the noise, with what explains it if draws are not taken one a step. */
  #withDraws(finding: Finding, clause: Clause): Finding {
    if (this.#otherDraws === null || !clause.id.startsWith("noise/")) return finding;
    return { ...finding, message: `${finding.message}. ${this.#otherDraws}` };
  }

  /** Looks for the smallest problem on which a clause is broken. */
  async #search(
    clause: Clause,
    check: ProblemCheck,
  ): Promise<
    {
      finding: Finding | null;
      points: readonly Rows[] | null;
      cases: number;
      path: string | null;
    }
  > {
    const observer = this.#observer(clause);
    let finding: Finding | null = null;
    let points: readonly Rows[] | null = null;
    let stopped: unknown = null;
    let cases = 0, shrinks = 0;
    const agrees = async (trial: Trial): Promise<boolean> => {
      if (stopped !== null || shrinks > mostShrinkSteps) return true;
      if (finding === null) cases++;
      else shrinks++;
      let found: Outcome;
      this.#runs = [];
      try {
        found = await trial.judge(observer);
      } catch (error) {
        if (
          !(error instanceof TargetFault) || error.ofProcess || check.faults !== "violate"
        ) {
          stopped = error;
          return true;
        }
        found = plainFinding(trial.problem, `Found ${error.found}, wanted ${error.wanted}`, {
          expected: 0,
          actual: NaN,
        });
      }
      if (found === null || found === "nothing") return true;
      const { problem } = finding = found;
      const run = this.#runs.find((run) => run.problem === problem);
      points = run ? pathPoints(run.problem, run.trajectory) : null;
      return false;
    };
    const only = this.#options.clauses?.length === 1 && this.#options.clauses[0] === clause.id;
    const asked = only ? this.#options.path : undefined;
    const edges = check.edges(observer.facts);
    let path: string | null = null;
    if (asked?.startsWith(edgePath)) {
      if (!edges[Number(asked.slice(edgePath.length))]) throw noCase(asked, clause.id);
    } else {
      const details = await replayable(
        asked,
        clause.id,
        () =>
          fc.check(fc.asyncProperty(check.random(observer.facts), agrees), {
            seed: seedFor(this.#seed, clause.id),
            numRuns: Math.ceil(casesPerClause[this.#profile] * check.weight),
            ...(asked ? { path: asked } : {}),
          }),
      );
      path = details.counterexamplePath;
    }
    for (const [n, edge] of edges.entries()) {
      if (finding !== null || (asked !== undefined && asked !== `${edgePath}${n}`)) continue;
      if (!await agrees(edge)) path = `${edgePath}${n}`;
    }
    if (stopped !== null) throw stopped;
    return { finding, points, cases, path };
  }

  async #replayTraces(clause: Clause, asked: boolean): Promise<Report["golden"]> {
    const frame = { id: clause.id, level: clause.level, sentence: clause.sentence };
    const decided = this.#verdictWithoutRunning(clause);
    if (decided || !asked) {
      if (decided) {
        this.#verdicts.set(clause.id, { ...frame, ...decided, cases: 0, comparisons: 0 });
      }
      return notReplayed(decided?.reason ?? "not asked for");
    }
    const { golden, elsewhere } = this.#options;
    const traces = golden ?? await tracesOfTheRule();
    if (traces.length === 0) {
      const reason = "There is no trace to replay";
      const none = { verdict: "not judged", reason, cases: 0, comparisons: 0 } as const;
      this.#verdicts.set(clause.id, { ...frame, ...none });
      return notReplayed(reason);
    }
    const all = golden === undefined && elsewhere
      ? (await elsewhere()).replays
      : await this.#replayAll(traces);
    const replays = all.filter((replay) => replay.verdict !== "unsupported");
    const wrong = replays.filter((replay) => replay.verdict === "disagrees");
    const worst = replays.reduce<{ trace: string; distance: number } | null>(
      (worst, replay) =>
        replay.worst && (worst === null || replay.worst.distance > worst.distance)
          ? { trace: replay.trace, distance: replay.worst.distance }
          : worst,
      null,
    );
    const [first] = wrong;
    const shown = first && traces.find((trace) => trace.id === first.trace);
    this.#verdicts.set(clause.id, {
      ...frame,
      verdict: first ? "violated" : "holds",
      cases: replays.length,
      comparisons: replays.reduce((sum, replay) => sum + replay.comparisons, 0),
      ...(first && shown
        ? {
          counterexample: counterexampleOf(traceFinding(shown, first)),
          ...(this.#options.replayCommand
            ? { replay: this.#options.replayCommand(clause.id, null) }
            : {}),
        }
        : {}),
    });
    return {
      replayed: replays.length,
      agreed: replays.length - wrong.length,
      worst: worst && { trace: worst.trace, distance: toNumberText(worst.distance) },
      disagreed: wrong.map((replay) => replay.trace),
    };
  }

  /** Replays traces on a target that has not been judged. */
  async replays(traces: readonly Trace[]): Promise<readonly Replay[]> {
    await this.#smoke();
    return await this.#replayAll(traces);
  }

  async #replayAll(traces: readonly Trace[]): Promise<readonly Replay[]> {
    const replays: Replay[] = [];
    for (const trace of traces) {
      try {
        replays.push(await replayTarget(trace, this.#target, { noiseSign: this.#noiseSign }));
      } catch (error) {
        // The official code ran this problem.
        if (!(error instanceof TargetFault) || error.ofProcess) throw error;
        const reason = `found ${error.found}, wanted ${error.wanted}`;
        replays.push({
          trace: trace.id,
          verdict: "disagrees",
          comparisons: 0,
          worst: null,
          reason,
        });
      }
    }
    return replays;
  }

  /** Mean energy before the first and after the last step of a chain with the official defaults. */
  async #energy(): Promise<Report["energy"]> {
    const problem = problemOf({
      energy: "1.5*(a1 - 0.2)^2 + 4*(a2 + 0.3)^2",
      settings: { ...officialDefaults, bounds: { min: [-1, -1], max: [1, 1] } },
      initial: Array.from({ length: 16 }, (_, r) => [(r % 4) / 2 - 0.75, r / 8 - 0.9375]),
      noise: { kind: "tape", draws: normalTape(this.#seed, officialDefaults.steps, 16, 2) },
      seed: this.#seed,
    });
    const trajectory = await this.#observer().run(problem);
    const mean = (points: readonly (readonly number[])[]) =>
      points.reduce((sum, point, row) => sum + energyAt(problem, row, point), 0) /
      rowCount(problem);
    const first = mean(problem.initial), last = mean(trajectory.final);
    const points = pathPoints(problem, trajectory);
    return {
      first: toNumberText(first),
      last: toNumberText(last),
      change: toNumberText(last - first),
      ...(points === null ? {} : { steps: points.map((rows) => toNumberText(mean(rows))) }),
    };
  }
}

/** Why nothing is judged on a sampler whose noise cannot be turned off. */
const staysOn = `${brokenFoundation("noise/scale")}: with the noise scale 0 the noise stays on`;
/** Why the law of the noise is not judged on a sampler that takes a tape. */
const suppliedDraws = "The suite supplies the draws, so their law is not this sampler's";
/** Why steps are not judged on a sampler that reveals its final actions alone. */
const hiddenSteps = "Only the final actions of this sampler are seen";

function statisticsText(statistics: NoiseStatistics): NonNullable<ClauseReport["statistics"]> {
  const { level, draws, smallestEffect, pValue, test, shape } = statistics;
  return {
    level: toNumberText(level),
    draws,
    smallestEffect,
    pValue: toNumberText(pValue),
    test: test ?? "what is impossible",
    ...(shape === null ? {} : { shape: shapeText(shape) }),
  };
}

function shapeText({ draws, histogram, quantiles }: NoiseShape): NoiseShapeText {
  return {
    draws,
    histogram: { ...histogram, counts: [...histogram.counts] },
    quantiles: quantiles.map((pair) => pair.map(toNumberText)),
  };
}

/** Says so if a path leads to no case, which fast-check tells by an error of its own. */
async function replayable<T>(
  path: string | undefined,
  clause: string,
  run: () => Promise<T> | T,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (path === undefined || !/path/.test((error as Error).message)) throw error;
    throw noCase(path, clause, error);
  }
}

function noCase(path: string, clause: string, cause?: unknown): TargetFault {
  return new TargetFault(
    "contract",
    `the path ${path}, which leads to no case of ${clause}`,
    "a path that a report of this version gave, with the same seed",
    { cause },
  );
}

const nothingCompared = "There was nothing to compare on any problem that was tried";

/** What a number of draws that is not that of the steps explains; null if it is. */
function otherDraws(draws: number, steps: number): string | null {
  if (draws === steps) return null;
  return draws === 0
    ? "The sampler took none of the suite's draws: if its noise comes from a generator of its own, " +
      'it must say noise: "own"'
    : `The sampler took ${draws} draws of the suite in ${steps} steps, where one a step is wanted`;
}

function brokenFoundation(id: string): string {
  return `It builds on ${id}, which is violated`;
}

function withFoundations(wanted: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set<string>();
  const add = (id: string) => {
    if (all.has(id)) return;
    all.add(id);
    clauseOf(id)?.buildsOn.forEach(add);
    clauseOf(id)?.sharperWith?.forEach(add);
  };
  wanted.forEach(add);
  return all;
}

function notReplayed(reason: string): Report["golden"] {
  return { replayed: 0, agreed: 0, worst: null, disagreed: [], reason };
}

function traceFinding(trace: Trace, replay: Replay): Finding {
  const worst = replay.worst;
  return plainFinding(
    trace.problem,
    `The official trace ${trace.id} is not reproduced${replay.reason ? `: ${replay.reason}` : ""}`,
    {
      expected: worst?.expected ?? NaN,
      actual: worst?.actual ?? NaN,
      ...(worst
        ? { tolerance: worst.tolerance, step: worst.step, row: worst.row, axis: worst.axis ?? 0 }
        : {}),
    },
  );
}

/** @param points x_0 … x_N of every row, where they were seen */
function counterexampleOf(
  finding: Finding,
  points: readonly Rows[] | null = null,
): Counterexample {
  const { expected, actual, tolerance } = finding;
  const { row } = finding;
  const apart = Math.abs(actual - expected);
  return {
    message: finding.message,
    problem: problemText(finding.problem),
    step: finding.step,
    row: finding.row,
    axis: finding.axis,
    expected: toNumberText(expected),
    actual: toNumberText(actual),
    tolerance: toNumberText(tolerance),
    distance: toNumberText(apart === 0 ? 0 : apart / tolerance),
    ulps: toNumberText(ulps(actual, expected)),
    ledger: finding.ledger.map((line) => ({
      ...line,
      expected: toNumberText(line.expected),
      actual: line.actual === null ? null : toNumberText(line.actual),
    })),
    ...(points === null || row === null ? {} : {
      path: points.map((rows) => rows[row]!.map(toNumberText)),
    }),
  };
}

/** A problem with its floats as JSON carries them. */
export function problemText(problem: Problem): Counterexample["problem"] {
  const words = (value: unknown): unknown => {
    if (typeof value === "number") return toNumberText(value);
    if (Array.isArray(value)) return value.map(words);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, words(v)]));
    }
    return value;
  };
  return words(problem) as Counterexample["problem"];
}

/**
 * Judges one clause, in the way that suits it and the target: by the first call, by traces, by the
 * law of the noise, or by a search for a problem that breaks it.
 *
 * @module
 */

import type { Trace } from "../../golden/trace.ts";
import { type ClauseId, foundationsOf, noiseClauses } from "../../properties/clauses.ts";
import {
  drawsPerClause,
  judgeNoise,
  type NoiseClause,
  seedRemarks,
} from "../../properties/noise_law.ts";
import type { Finding } from "../../properties/finding.ts";
import type { Facts } from "../../properties/observer.ts";
import { type Feature, noiseOrigin, type Target } from "../../spec/sampler.ts";
import { wholeStep } from "../report/open_clauses.ts";
import { type Calibration, factsOf } from "./calibration/calibrate.ts";
import { differingRuns } from "./search/confirm.ts";
import { areAlike, type Meanwhile } from "./traces/elsewhere.ts";
import {
  answered,
  replayAll,
  replaysOf,
  tooFewIn,
  tracesFor,
  tracesOfTheRule,
  tracesSuitedTo,
} from "./traces/official_traces.ts";
import type { ClauseReport } from "../report/report.ts";
import type { Asked, Knowledge } from "./verdicts/run_report.ts";
import type { Instead } from "./search/evidence.ts";
import { sharesOf } from "./options.ts";
import { noNumberOf, search } from "./search/search.ts";
import { watchNoise } from "./calibration/target_observer.ts";
import {
  type Clause,
  isNoisyAlways,
  judgedByNoise,
  oneStep,
  type Outcome,
  withoutBroken,
} from "./verdicts/verdicts.ts";

/** What a clause is judged with. */
export interface Judging extends Pick<Asked, "target" | "plan"> {
  /** A person's own traces; the official ones if absent. */
  readonly golden?: readonly Trace[] | undefined;
  /** What another thread finds out. */
  readonly meanwhile?: Meanwhile | undefined;
}

/**
 * Judges a clause that is not to be left.
 *
 * @param onFound told of every violation while its problem gets smaller
 * @throws {TargetFault} if the target is lost before anything was found
 */
export async function outcomeOf(
  run: Judging,
  known: Knowledge,
  clause: Clause,
  onFound: (soFar: Outcome) => void,
): Promise<Outcome> {
  const { calibration } = known;
  const { randomAtZero } = calibration, noisy = isNoisyAlways(calibration);
  if (randomAtZero !== null) return { kind: "first call", finding: randomAtZero.finding };
  if (noisy && clause.id === wholeStep) return await lawOf(run, calibration);
  if (clause.id === "golden/traces") return await replayed(run, known);
  const noise = judgedByNoise(clause, { ...calibration, noise: noiseOrigin(run.target) });
  if (noise !== undefined) return await tested(run, noise, noisy);
  return await searched(run, known, clause, onFound);
}

async function replayed(
  { target, golden, meanwhile }: Judging,
  { calibration: { noiseSign, unsupported }, verdicts }: Knowledge,
): Promise<Outcome> {
  const { traces, aside } = tracesFor(
    tracesSuitedTo(target, golden ?? await tracesOfTheRule()),
    verdicts,
  );
  const replays = answered(
    golden === undefined && meanwhile
      ? (await meanwhile.traces()).replays.filter(({ trace }) =>
        traces.some(({ id }) => id === trace)
      )
      : await replayAll(traces, target, noiseSign),
  );
  const all = replaysOf(traces, replays, unsupported);
  const instead = tooFewIn(traces, replays) ??
    await differingReplay(target, all.wrong, unsupported);
  return { kind: "traces", ...all, aside, instead };
}

/** Two equal calls that differ on the problem of a trace that was not reproduced. */
async function differingReplay(
  target: Target,
  wrong: Finding | null,
  unsupported: ReadonlySet<Feature>,
): Promise<Instead | null> {
  if (wrong === null) return null;
  const finding = await differingRuns(target, wrong.problem, unsupported);
  return finding && { clause: "state/second-call", finding };
}

/** The level of one clause that is judged by its noise: the whole step is another one of them. */
function levelOf({ falseAlarm }: Judging["plan"], noisy: boolean): number {
  return falseAlarm / (noiseClauses.length + (noisy ? 1 : 0));
}

async function lawOf({ plan, target }: Judging, calibration: Calibration): Promise<Outcome> {
  const { judgeLaw } = await import("./search/law_of_steps.ts");
  const law = await judgeLaw(calibration, {
    level: levelOf(plan, true),
    seed: plan.seed,
    covering: sharesOf(target, plan.profile).covering,
  });
  return { kind: "noise", ...law, remarks: [] };
}

async function tested(
  { target, plan }: Judging,
  clause: NoiseClause,
  noisy: boolean,
): Promise<Outcome> {
  const { observer, compared, tooFew, untold, last } = watchNoise(target);
  const { calls = 1 } = clause.noise;
  const noisePlan = {
    level: levelOf(plan, noisy),
    draws: drawsPerClause[plan.profile],
    seed: plan.seed,
  };
  const verdict = await judgeNoise(clause, observer, noisePlan).catch((error) =>
    noNumberOf(error, last(), { noiseSign: 1 })
  );
  if ("message" in verdict) {
    const found = { finding: verdict, points: null, path: null };
    return { kind: "problems", found, cases: 1, comparisons: 1, lost: null };
  }
  const remarks = calls === 2 && verdict.finding === null
    ? await seedRemarks(observer, noisePlan)
    : [];
  const comparisons = compared();
  const few = tooFew();
  const instead = few && { clause: "steps/count" as const, finding: few };
  return { kind: "noise", verdict, calls, comparisons, remarks, instead, untold: untold() };
}

async function searched(
  { target, plan, meanwhile }: Judging,
  known: Knowledge,
  clause: Clause,
  onFound: (soFar: Outcome) => void,
): Promise<Outcome> {
  const { problems } = clause;
  if (problems === undefined) throw new Error(`Cannot judge ${clause.id}: found no problems`);
  const facts = factsFor(known, clause);
  const found = clause.id === wholeStep ? await meanwhile?.wholeStep() : undefined;
  if (found && areAlike(found.facts, facts)) return { kind: "problems", ...found.result };
  const only = plan.clauses?.length === 1 && plan.clauses[0] === clause.id;
  const asked = {
    clause: clause.id,
    seed: plan.seed,
    ...sharesOf(target, plan.profile),
    path: only ? plan.path : undefined,
  };
  const result = await search(problems, target, facts, asked, (violation) => {
    const found = { ...violation, path: null };
    onFound({ kind: "problems", found, cases: 1, comparisons: 1, lost: null });
  });
  if (result.found === null && result.lost !== null) throw result.lost;
  return { kind: "problems", ...result };
}

/** What a clause is told of the target, after the verdicts so far. */
export function factsFor(
  { calibration, verdicts, allowances }: Knowledge,
  clause: Clause,
): Facts {
  const holds = (id: string) => verdicts.get(id)?.verdict === "holds";
  const unsupported = withoutBroken(calibration.unsupported, verdicts);
  const { without, replaced = [], ...allowed } = allowances;
  const { partlyWithout = [], sharperWith = [] } = clause;
  const isBelow = (id: ClauseId) =>
    id === clause.id || foundationsOf(clause.id).includes(id) ||
    [partlyWithout, sharperWith].every((ids: readonly string[]) => ids.includes(id));
  const { rule = calibration.rule, steps } = [...without, ...replaced].some(isBelow) ? allowed : {};
  const facts = factsOf({ ...calibration, unsupported, rule }, {
    leastSteps: holds(oneStep) ? 1 : 2,
    sharp: clause.sharperWith?.every((id) => {
      const report = verdicts.get(id);
      // The whole step is judged for these, too, where they are not judged by themselves.
      return report === undefined ? calibration.target.compiles === "settings" : isSound(report);
    }) ?? true,
  });
  return {
    ...facts,
    ...(rule === calibration.rule ? {} : { plainRule: calibration.rule }),
    ...(steps === undefined ? {} : { steps }),
  };
}

/** Whether a clause that makes another one sharper leaves nothing to be said against it. */
function isSound({ verdict, because }: ClauseReport): boolean {
  return verdict === "holds" || verdict === "unsupported" || because?.kind === "nothing compared";
}

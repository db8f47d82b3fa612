/**
 * Replays traces on a target, in this thread or in another one.
 *
 * @module
 */

import { groupedBy } from "../../grouped_by.ts";
import { officialTraces } from "../../../golden/load.ts";
import { neededFeatures, type Replay, replayTarget } from "../../../golden/replay.ts";
import type { Trace } from "../../../golden/trace.ts";
import { fewestSteps } from "../../../properties/full_shape.ts";
import { type Finding, plainFinding } from "../../../properties/finding.ts";
import { wrongCount } from "../../../properties/steps.ts";
import { toNumberText } from "../../../spec/numerics/number_text.ts";
import type { NoiseSign } from "../../../spec/oracle.ts";
import { isOneInterval } from "../../../spec/rule_parts.ts";
import {
  type FaultKind,
  faultWords,
  type Feature,
  type Target,
  TargetFault,
} from "../../../spec/sampler.ts";
import { asideWords } from "../../report/reason_words.ts";
import type { ClauseReport, GoldenReport } from "../../report/report.ts";
import { isArranged } from "../calibration/draw_layout.ts";
import { isOfFewShapes } from "../calibration/few_shapes.ts";
import type { Instead } from "../search/evidence.ts";

/** A replay, or what the target failed with on a problem that the official code ran. */
export interface Replayed extends Replay {
  readonly failure?: Readonly<{ kind: FaultKind; found: string; wanted: string; place?: string }>;
}

/** What came of the replays. */
export interface Replays {
  /** How many traces there were. */
  readonly traces: number;
  /** The replays of those that the target can run. */
  readonly ran: readonly Replay[];
  /** Features for want of which it can't run others. */
  readonly lacking: readonly Feature[];
  /** The first trace that was not reproduced. */
  readonly wrong: Finding | null;
}

/** Traces that are not replayed because of a violated clause about one of their settings. */
export interface Aside {
  readonly clause: string;
  readonly traces: number;
}

/** Official traces by which a target is judged; the others are evidence about the official code. */
export async function tracesOfTheRule(): Promise<readonly Trace[]> {
  return (await officialTraces()).filter((trace) => trace.deviation === undefined);
}

/** How many settings of traces are tried on a target that is compiled for each: those of the most. */
const fewTraceSettings = 1;

/** The traces that a target is asked to run: few if it is compiled again and again, or slow. */
export function tracesSuitedTo(
  { compiles, bounds, unsupported, longest = () => Infinity }: Target,
  given: readonly Trace[],
): readonly Trace[] {
  const all = given.filter(({ problem: { settings } }) =>
    settings.steps <= longest() && (bounds !== "scalar" || isOneInterval(settings.bounds))
  );
  if (compiles === undefined) return all;
  const fitting = all.filter(({ problem }) => isOfFewShapes(problem));
  if (compiles === "shapes") return fitting;
  const short = fitting.filter(({ problem }) =>
    fewestSteps.has(problem.settings.steps) &&
    neededFeatures(problem).every((feature) => !unsupported.has(feature))
  );
  const alike = groupedBy(short, ({ problem: { settings } }) => JSON.stringify(settings));
  return [...alike.values()].sort((a, b) => b.length - a.length).slice(0, fewTraceSettings).flat();
}

/**
 * Replays traces.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function replayAll(
  traces: readonly Trace[],
  target: Target,
  noiseSign: NoiseSign,
): Promise<readonly Replayed[]> {
  const replays: Replayed[] = [];
  for (const trace of traces) {
    try {
      replays.push(await replayOf(trace, target, noiseSign));
    } catch (error) {
      if (!(error instanceof TargetFault) || error.ofProcess) throw error;
      replays.push(failed(trace, error));
    }
  }
  return replays;
}

/** What is no number is not what the official code gave; who throws has given nothing. */
function failed({ id: trace }: Trace, error: TargetFault): Replayed {
  const { kind, found, wanted, place } = error;
  const reason = faultWords(error);
  const replay = { trace, verdict: "disagrees", comparisons: 0, worst: null, reason } as const;
  if (kind === "not-finite") return replay;
  return { ...replay, failure: { kind, found, wanted, ...place !== undefined && { place } } };
}

/**
 * The replays in which the target gave something.
 *
 * @throws {TargetFault} if it failed in another one, and none of these departs from its trace
 */
export function answered(replays: readonly Replayed[]): readonly Replay[] {
  const given = replays.filter(({ failure }) => failure === undefined);
  const failure = replays.find(({ failure }) => failure !== undefined)?.failure;
  if (failure === undefined || given.some(disagrees)) return given;
  const { kind, found, wanted, place } = failure;
  throw new TargetFault(kind, found, wanted, { place });
}

/** A replay; where it fails, the order of the draws is looked at with the settings of the trace. */
async function replayOf(trace: Trace, target: Target, noiseSign: NoiseSign): Promise<Replay> {
  const replay = await replayTarget(trace, target, { noiseSign });
  if (replay.verdict !== "disagrees" || !isArranged(target)) return replay;
  if (!await target.reconsider(trace.problem)) return replay;
  return await replayTarget(trace, target, { noiseSign });
}

/** The traces to replay, without those whose settings the target is known to get wrong. */
export function tracesFor(
  all: readonly Trace[],
  verdicts: ReadonlyMap<string, Pick<ClauseReport, "verdict">>,
): { readonly traces: readonly Trace[]; readonly aside: readonly Aside[] } {
  const blamed = groupedBy(all, ({ problem: { settings } }) =>
    [
      ...settings.steps === 1 ? ["schedule/one-step"] : [],
      ...settings.schedule.kind === "exponential" ? ["schedule/exponential"] : [],
    ].find((id) => verdicts.get(id)?.verdict === "violated"));
  return {
    traces: blamed.get(undefined) ?? [],
    aside: [...blamed].flatMap(([clause, { length }]) =>
      clause === undefined ? [] : [{ clause, traces: length }]
    ),
  };
}

/** Sums replays up. */
export function replaysOf(
  traces: readonly Trace[],
  all: readonly Replay[],
  unsupported: ReadonlySet<Feature>,
): Replays {
  const ran = all.filter((replay) => replay.verdict !== "unsupported");
  const first = ran.find(disagrees);
  const shown = traces.find(({ id }) => id === first?.trace);
  const needed = new Set(traces.flatMap(({ problem }) => neededFeatures(problem)));
  return {
    traces: traces.length,
    ran,
    lacking: [...needed].filter((feature) => unsupported.has(feature)),
    wrong: first && shown ? traceFinding(shown, first) : null,
  };
}

/** Fewer gradients than steps in a trace that was replayed. */
export function tooFewIn(traces: readonly Trace[], replays: readonly Replay[]): Instead | null {
  for (const { problem, id } of traces) {
    const asked = replays.find(({ trace }) => trace === id)?.asked ?? Infinity;
    if (asked >= problem.settings.steps) continue;
    return { clause: "steps/count", finding: wrongCount(problem, asked) };
  }
  return null;
}

/** The replays for a report. */
export function goldenOf({ ran, aside }: Replays & { aside: readonly Aside[] }): GoldenReport {
  const wrong = ran.filter(disagrees);
  const farthest = ran.reduce<Replay | null>(
    (worst, replay) => distanceOf(replay) > distanceOf(worst) ? replay : worst,
    null,
  );
  return {
    replayed: ran.length,
    agreed: ran.length - wrong.length,
    worst: farthest?.worst
      ? { trace: farthest.trace, distance: toNumberText(farthest.worst.distance) }
      : null,
    disagreed: wrong.map((replay) => replay.trace),
    ...(aside.length === 0 ? {} : { reason: asideWords(aside) }),
  };
}

/** The part of a report about traces that were not replayed. */
export function notReplayed(reason: string): GoldenReport {
  return { replayed: 0, agreed: 0, worst: null, disagreed: [], reason };
}

function disagrees({ verdict }: Replay): boolean {
  return verdict === "disagrees";
}

/** Below every distance, if there is none. */
function distanceOf(replay: Replay | null): number {
  return replay?.worst?.distance ?? -1;
}

function traceFinding({ id, problem }: Trace, { worst, reason }: Replay): Finding {
  const message = `The official trace ${id} is not reproduced${reason ? `: ${reason}` : ""}`;
  if (worst === null) return plainFinding(problem, message, { expected: NaN, actual: NaN });
  return plainFinding(problem, message, { ...worst, axis: worst.axis ?? 0 });
}

/**
 * Records golden traces of any target, on the problems of the official traces.
 *
 * @module
 */

import { isOneInterval } from "../../../spec/rule_parts.ts";
import { withChainsTold } from "../calibration/chains_told.ts";
import { attributeDraws } from "../calibration/draw_layout.ts";
import config from "../../../deno.json" with { type: "json" };
import { officialTraces } from "../../../golden/load.ts";
import { followsRule, neededFeatures, replaySpec } from "../../../golden/replay.ts";
import type { Trace } from "../../../golden/trace.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { gradNormAt, outputAt } from "../../../spec/oracle.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { countedPathOf } from "../../../spec/readings.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";

/** What came of a recording. */
export interface Recording {
  /** The name of the target. */
  readonly name: string;
  /** One trace for every problem that the target can run. */
  readonly traces: readonly Trace[];
  /** Ids of the problems that it cannot run, with the feature that it lacks. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Records a target.
 *
 * Network outputs and gradient norms that the target does not report, or that it computes in more
 * than float32, are those of the specification at the recorded points. A trace that departs from the
 * rule says so, with the number that is farthest from it.
 *
 * @throws {TargetFault} if the target cannot be observed
 */
export async function recordTraces(given: Target): Promise<Recording> {
  const { target } = await attributeDraws(withChainsTold(given));
  const traces: Trace[] = [];
  const skipped: { id: string; reason: string }[] = [];
  for (const official of await officialTraces()) {
    const { id, problem } = official;
    const lacking = neededFeatures(problem).filter((feature) => target.unsupported.has(feature));
    if (lacking.length > 0) {
      skipped.push({ id, reason: `it lacks ${lacking.join(" and ")}` });
      continue;
    }
    if (target.bounds === "scalar" && !isOneInterval(problem.settings.bounds)) {
      skipped.push({ id, reason: "it takes one interval for all axes" });
      continue;
    }
    const prepared = await target.prepare(problem.settings);
    const trajectory = await prepared.sample(problem);
    const { deviation: _, ...rest } = official;
    const trace: Trace = {
      ...rest,
      source: {
        repository: target.name,
        commit: "not recorded",
        function: "the sampler as it was judged",
        runtime: `ulaspec record ${config.version}; every normal draw replaced by the noise tape`,
      },
      recorded: recordedOf(target, problem, trajectory, id),
    };
    traces.push(withDeviation(trace));
  }
  return { name: target.name, traces, skipped };
}

function recordedOf(
  target: Target,
  problem: Problem,
  trajectory: Trajectory,
  id: string,
): Trace["recorded"] {
  const path = countedPathOf(problem, trajectory);
  if (path.kind === "unknown") {
    throw new TargetFault(
      "contract",
      `${path.evaluations} gradient evaluations on the problem ${id}`,
      `${problem.settings.steps}, one per step`,
    );
  }
  const single = (rows: Rows) => rows.map((row) => row.map(Math.fround));
  const before = path.points.slice(0, -1).map(single);
  const sign = problem.settings.applyExp || target.networkReturns === "logits" ? 1 : -1;
  // What a sampler of more than float32 reports belongs to points that are not the recorded ones.
  const float32 = path.points.every((points) =>
    points.every((point) => point.every((a) => Object.is(Math.fround(a), a)))
  );
  const chain = float32 ? trajectory.chain : undefined;
  return {
    actions: path.points.slice(1).map(single),
    outputs: single(
      chain?.outputs?.map((row) => row.map((value) => sign * value)) ??
        before.map((points) =>
          points.map((point, row) => outputAt(problem, row, point, "logits").value)
        ),
    ),
    gradNorms: single(
      chain?.gradNorms ??
        before.map((points) => points.map((point, row) => gradNormAt(problem, row, point).value)),
    ),
    final: single(trajectory.final),
  };
}

function withDeviation(trace: Trace): Trace {
  const replay = replaySpec(trace);
  const { worst } = replay;
  if (followsRule(replay) || worst === null) return trace;
  const { what, step, row, expected, actual } = worst;
  return {
    ...trace,
    deviation: `the ${what} of step ${step}, row ${row} is ${show(actual, 9)}; ` +
      `the rule gives ${show(expected, 9)}`,
  };
}

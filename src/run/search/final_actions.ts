/**
 * Judges a sampler of which only final actions are seen, by those of the probes.
 *
 * @module
 */

import type { ClauseId } from "../../../properties/clauses.ts";
import { calmProblem, flatEnergy } from "../../../properties/arbitraries.ts";
import { none as largeGradients } from "../../../properties/grad_clip.ts";
import { ownDraw, scale } from "../../../properties/noise.ts";
import type { Experiment } from "../../diagnosis/experiments/experiments.ts";
import { coveringAssignments } from "../../../properties/covering.ts";
import { problemOfAssignment } from "../../../properties/covering_problem.ts";
import type { Finding } from "../../../properties/finding.ts";
import { predictEnd } from "../../../spec/chain_end.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { agrees } from "../../../spec/oracle.ts";
import { problemFor } from "../../../spec/rule_parts.ts";
import type { Feature, Target } from "../../../spec/sampler.ts";
import { defectOf } from "../../defects/defects.ts";
import { diagnose } from "../../diagnosis/diagnose.ts";
import { isolatedStep, probesFor } from "../../diagnosis/experiments/probes.ts";
import { suitedProbe } from "../../diagnosis/experiments/observations.ts";
import { wholeStep } from "../../report/open_clauses.ts";
import type { Reason } from "../../report/report.ts";
import { type Calibration, factsOf, runPlain } from "../calibration/calibrate.ts";
import { differingRuns } from "./confirm.ts";

/** What the probes say of one clause. */
export interface Probed {
  readonly clause: ClauseId;
  /** Why it is violated; `null` if it holds. */
  readonly because: Reason | null;
  /** Calls of the probes. */
  readonly cases: number;
  readonly comparisons: number;
}

function probesSuitedTo(target: Target, unsupported: ReadonlySet<Feature>) {
  return probesFor(unsupported).map((probe) => suitedProbe(target, probe));
}

/** Two equal calls of a probe that end differently; `null` if there are none. */
export async function differingProbes(
  target: Target,
  unsupported: ReadonlySet<Feature>,
): Promise<Finding | null> {
  for (const problem of probesSuitedTo(target, unsupported).flatMap(({ calls }) => calls)) {
    const finding = await differingRuns(target, problem, unsupported);
    if (finding) return finding;
  }
  return null;
}

/**
 * Runs problems that cover every pair of values of what a problem of the rule can vary, and compares
 * where the chains end: how a rule is judged whose terms the probes do not know, and whoever follows
 * the official one on the probes.
 *
 * @throws {TargetFault} if the target cannot run one of them
 */
export async function judgeByEnds(known: Calibration, seed: number): Promise<readonly Probed[]> {
  const { rule, noiseSign } = known;
  const facts = factsOf(known);
  const problems = [
    ...coveringAssignments(facts, 2, seed).map((values, index) =>
      problemFor(known.target, problemOfAssignment(values, seed + index, rule))
    ),
    // Slopes that are far steeper than those.
    ...largeGradients.problems!.edges(facts).map(({ problem }) => problem),
  ];
  let comparisons = 0, wrong: string | null = null;
  for (const problem of problems) {
    const { final } = await runPlain(known, problem);
    for (const [r, row] of predictEnd(problem, { noiseSign }).entries()) {
      for (const [i, { value, tolerance }] of row.entries()) {
        comparisons++;
        if (agrees(final[r]![i]!, value, tolerance)) continue;
        const { steps } = problem.settings;
        wrong ??= `after ${steps} steps on ${problem.energy} row ${r}, axis ${i} is at ${
          show(final[r]![i]!)
        } instead of ${show(value)}`;
      }
    }
    if (wrong !== null) break;
  }
  const because = wrong === null
    ? null
    : { kind: "unexplained on the probes", what: wrong } as const;
  return [{ clause: wholeStep, because, cases: problems.length, comparisons }];
}

/**
 * Runs the probes, in which every known defect shows: the clause of the defect that explains them
 * is violated; or one on the noise where everything without noise is right; or the whole step. Tests
 * of the noise come afterwards, because they rest on all the rest.
 *
 * @throws {TargetFault} if the target fails, and nothing but its failures speaks against it
 */
export async function judgeByProbes(
  target: Target,
  unsupported: ReadonlySet<Feature>,
): Promise<readonly Probed[]> {
  const calls = probesSuitedTo(target, unsupported).flatMap((probe) => probe.calls);
  const comparisons = calls.reduce((sum, { initial, axes }) => sum + initial.length * axes, 0);
  const probed = (clause: ClauseId, because: Reason | null): Probed => ({
    clause,
    because,
    cases: calls.length,
    comparisons,
  });
  const { defects, unexplained, left, measured } = await diagnose(target);
  // What is named where nothing but failures is left is as good as certain.
  const broken = defects.flatMap(({ id, certain, title, alternatives = [] }) => {
    const isSure = certain || left?.failing !== undefined && alternatives.length === 0;
    const known = isSure && id !== null ? defectOf(id) : undefined;
    return known ? [probed(known.clause, { kind: "bug on the probes", title })] : [];
  });
  if (broken.length > 0) return broken;
  if (defects.length === 0 && unexplained === undefined) return [probed(wholeStep, null)];
  if (left?.failing) await runAll(target, left.failing);
  const bugs = defects.map(({ title, certain }) => certain ? title : `perhaps: ${title}`).join(
    "; ",
  );
  const what = unexplained?.replace(/\.$/, "") ?? bugs;
  const noise = measured?.terms.find(({ name }) => name === "noise")?.value;
  // Where nothing else is left, what is wrong is a sampler's own noise.
  const clause = left !== undefined && !left.noiseAlone
    ? wholeStep
    : unexplained === undefined && noise?.kind === "number" ||
        !unsupported.has("noise-tape") && await isOfOtherSize(target)
    ? scale.id
    : ownDraw.id;
  return [probed(clause, { kind: "unexplained on the probes", what })];
}

/**
 * Whether the noise of a first step has another size where all draws are the same, so that none can be
 * taken for another.
 */
async function isOfOtherSize(target: Target): Promise<boolean> {
  for (const noiseScale of [0.25, 1, 2, 3]) {
    const problem = isolatedStep(
      calmProblem({
        energy: flatEnergy,
        initial: [[0, 0], [0, 0]],
        steps: 2,
        draws: 0.5,
        noiseScale,
      }),
    );
    const { final } = await (await target.prepare(problem.settings)).sample(problem);
    const wrong = predictEnd(problem, { noiseSign: 1 }).some((row, r) =>
      row.some(({ value, tolerance }, i) =>
        !agrees(Math.abs(final[r]![i]!), Math.abs(value), tolerance)
      )
    );
    if (wrong) return true;
  }
  return false;
}

/** Runs an experiment for the failure of the target on it. */
async function runAll(target: Target, given: Experiment): Promise<void> {
  const { calls } = suitedProbe(target, given);
  const prepared = await target.prepare(calls[0]!.settings);
  for (const problem of calls) await prepared.sample(problem);
}

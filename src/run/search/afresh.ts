/**
 * Asks a target that nothing was prepared of before about a problem that broke a clause: what is kept
 * from earlier preparations shows in no process that has made them.
 *
 * @module
 */

import { type Finding, plainFinding } from "../../../properties/finding.ts";
import { secondCall } from "../../../properties/state.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Target } from "../../../spec/sampler.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import type { ClauseReport, DiagnosisReport } from "../../report/report.ts";
import type { Opened } from "../../targets/reopened.ts";
import { differenceOf } from "./confirm.ts";
import { counterexampleOf } from "./evidence.ts";

/** A clause that was broken, and the problem that shows it. */
export interface Shown {
  readonly clause: string;
  readonly problem: Problem;
}

/** So many clauses are asked about. */
const mostAsked = 2;

/**
 * The first of some problems on which a target does otherwise than one that is opened for it alone.
 *
 * @param open opens the same target anew, in a process of its own
 * @returns `null` if none is; also where noise of the sampler's own would tell nothing
 * @throws {TargetFault} if either of them fails
 */
export async function differingAfresh(
  target: Target,
  shown: readonly Shown[],
  open: () => Promise<Opened>,
): Promise<Shown & { readonly finding: Finding } | null> {
  const takes = ({ problem }: Shown) =>
    problem.settings.noiseScale === 0 || !target.unsupported.has("noise-tape");
  for (const asked of shown.filter(takes).slice(0, mostAsked)) {
    const { problem } = asked, fresh = await open();
    try {
      const alone = await runOn(fresh.target, problem);
      const [after, again] = [await runOn(target, problem), await runOn(target, problem)];
      // What differs by itself says nothing of what was before.
      if (differenceOf(after, again) !== null) continue;
      const found = differenceOf(alone, after);
      if (found === null) continue;
      const { row, axis, one: expected, two: actual, where, tolerance } = found;
      const message =
        `Asked first of all in a fresh process, the sampler has row ${row}, axis ${axis} at ${
          show(expected)
        } ${where}; after other preparations it has it at ${
          show(actual)
        }, with the same settings, ` +
        "actions and noise";
      const numbers = { row, axis, expected, actual, tolerance };
      return { ...asked, finding: plainFinding(problem, message, numbers) };
    } finally {
      await fresh.close();
    }
  }
  return null;
}

async function runOn(target: Target, problem: Problem): Promise<Trajectory> {
  const own = target.unsupported.has("noise-tape");
  const prepared = await target.prepare(problem.settings);
  return await prepared.sample(own ? { ...problem, noise: { kind: "own" } } : problem);
}

/** The clauses of a report, with what earlier preparations have to do with it. */
export function withEarlier(
  clauses: readonly ClauseReport[],
  { clause, finding }: Shown & { readonly finding: Finding },
): ClauseReport[] {
  const shown = clauses.find(({ id }) => id === clause);
  return clauses.map((report) => {
    if (report.id === secondCall.id) {
      const { because: _, reason: __, ...rest } = report;
      return {
        ...rest,
        verdict: "violated",
        counterexample: counterexampleOf(finding),
        ...(shown?.replay === undefined ? {} : { replay: shown.replay, replays: shown.id }),
      };
    }
    const { counterexample } = report;
    if (report !== shown || counterexample === undefined) return report;
    const message =
      `${counterexample.message}. It takes the preparations before it to show this: ` +
      "asked first of all in a fresh process, the sampler does otherwise";
    return { ...report, counterexample: { ...counterexample, message } };
  });
}

/** What earlier preparations leave behind comes first; what was measured after them is in doubt. */
export function earlierDiagnosis(measured: DiagnosisReport): DiagnosisReport {
  const { unexplained: _, unexplainedClauses: __, ...rest } = measured;
  return {
    ...rest,
    defects: [
      {
        id: null,
        title: "Something is kept from earlier preparations, and holds for later ones",
        fix:
          "Work everything out anew in every preparation: keep nothing in the module, a class or a cache that settings should change.",
        certain: true,
      },
      ...rest.defects.filter(({ certain }) => certain),
    ],
  };
}

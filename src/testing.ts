/**
 * The clauses as tests in a person's own test run.
 *
 * ```ts ignore
 * import { conformance } from "ulaspec/testing";
 * import { mySampler } from "./my_sampler.ts";
 *
 * conformance(mySampler);
 * ```
 *
 * @module
 */

import { type Clause, clauseOf, clauses } from "../spec/clauses.ts";
import { observe } from "../spec/observe.ts";
import { type Sampler, TargetFault } from "../spec/sampler.ts";
import type { JudgeOptions } from "./conformance.ts";
import { notRun } from "./report/not_run.ts";
import { prettyFault, prettyViolation } from "./report/pretty.ts";
import type { ClauseReport, Report } from "./report/report.ts";

/** How the tests may differ from the usual ones. */
export type ConformanceOptions = Omit<JudgeOptions, "path" | "onProgress" | "replayCommand">;

/**
 * Registers one `Deno.test` per clause. The sampler is judged once, in the first test that runs.
 *
 * A test fails if its clause is violated, with the smallest problem that shows it, or if nothing
 * could be judged. It passes if the clause holds, if the sampler says that it lacks the feature, if
 * the suite supplies the draws whose law the clause is about, or if the clause builds on one that has failed its own test.
 *
 * @param sampler the sampler
 * @param options as for `judge`; `clauses` also chooses which tests there are
 */
export function conformance(sampler: Sampler, options: ConformanceOptions = {}): void {
  let run: Promise<Report> | undefined;
  const all: readonly Clause[] = clauses;
  const chosen = options.clauses;
  for (const { id, sentence } of all.filter((c) => chosen === undefined || chosen.includes(c.id))) {
    Deno.test(`${id}: ${sentence}`, async () => {
      requireVerdict(id, await (run ??= judged(sampler, options)));
    });
  }
}

async function judged(sampler: Sampler, options: ConformanceOptions): Promise<Report> {
  const { judge } = await import("./conformance.ts");
  try {
    return await judge(observe(sampler), options);
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    const { kind, found, wanted } = error;
    const { seed = 1, profile = "standard" } = options;
    const name = typeof sampler?.name === "string" ? sampler.name : "the sampler";
    return notRun(name, { kind, found, wanted }, { seed, profile, elapsedMs: 0 });
  }
}

function requireVerdict(id: string, report: Report): void {
  const style = { color: false, width: 100 };
  if (report.verdict === "not run") fail(prettyFault(report, style));
  const clause = report.clauses.find((c) => c.id === id);
  if (clause === undefined) fail(`Cannot find a verdict on ${id}, wanted one`);
  if (clause.verdict === "violated") fail(prettyViolation(clause, style));
  if (clause.verdict === "not judged" && !clauseOf(id)?.needs && !buildsOnFailure(clause, report)) {
    fail(`Cannot judge ${id}: ${clause.reason}`);
  }
}

/** Whether a foundation of a clause fails a test of its own. */
function buildsOnFailure(clause: ClauseReport, report: Report): boolean {
  const verdicts = new Map(report.clauses.map((c) => [c.id, c.verdict]));
  return (clauseOf(clause.id)?.buildsOn ?? []).some((id) => {
    const verdict = verdicts.get(id);
    return verdict === "violated" || verdict === "not judged";
  });
}

/** Throws without a stack of the suite's own: the message is all there is to see. */
function fail(message: string): never {
  const error = new Error(`\n${message}`);
  error.name = "Conformance";
  error.stack = `${error.name}: ${error.message}`;
  throw error;
}

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

import { type Clause, clauseOf, clauses } from "../properties/clauses.ts";
import { observe } from "../spec/observe.ts";
import { type Sampler, TargetFault } from "../spec/sampler.ts";
import { notRun } from "./run/not_run.ts";
import type { JudgeOptions } from "./run/options.ts";
import { prettyFault, prettyViolation } from "./report/pretty.ts";
import { isOpen } from "./report/open_clauses.ts";
import { blamed } from "./report/reason_words.ts";
import type { Report } from "./report/report.ts";

/** How the tests may differ from the usual ones. */
export type ConformanceOptions = Omit<JudgeOptions, "path" | "onProgress" | "replayCommand">;

/**
 * Registers one `Deno.test` per clause. The sampler is judged once, in the first test that runs.
 *
 * A test fails if its clause is violated, with the smallest problem that shows it, or if it binds the
 * sampler and could not be judged. It passes if the clause holds, if the sampler says that it lacks
 * the feature, if the clause does not bind it, or if it builds on one that fails a test of its own.
 * Unless clauses are chosen, one more test fails if a measured term deviates from the rule.
 *
 * @param sampler the sampler
 * @param options as for `judge`; `clauses` also chooses which tests there are
 */
export function conformance(sampler: Sampler, options: ConformanceOptions = {}): void {
  let run: Promise<Report> | undefined;
  const all: readonly Clause[] = clauses;
  const chosen = options.clauses ?? all.map((clause) => clause.id);
  for (const id of chosen) {
    const clause = clauseOf(id);
    if (clause === undefined) {
      throw new RangeError(`Cannot test: found the clause ${id}, wanted ids of the catalogue`);
    }
    Deno.test(`${id}: ${clause.sentence}`, async () => {
      requireVerdict(id, await (run ??= judged(sampler, options)), new Set(chosen));
    });
  }
  if (options.clauses !== undefined || options.diagnosis === "none") return;
  Deno.test("the measured rule is the rule", async () => {
    const { incomplete } = await (run ??= judged(sampler, options));
    if (incomplete && incomplete.terms.length > 0) fail(`Incomplete: ${incomplete.reason}`);
  });
}

async function judged(sampler: Sampler, options: ConformanceOptions): Promise<Report> {
  const { judge } = await import("./run/judge.ts");
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

function requireVerdict(id: string, report: Report, tested: ReadonlySet<string>): void {
  const style = { color: false, width: 100 };
  const clause = report.clauses.find((c) => c.id === id);
  const bound = clause?.verdict !== "unsupported" && clause?.verdict !== "not binding";
  if (report.verdict === "not run" && bound) {
    fail(prettyFault(report, style));
  }
  if (clause === undefined) fail(`Cannot find a verdict on ${id}, wanted one`);
  if (clause.verdict === "violated") fail(prettyViolation(clause, style));
  if (!isOpen(clause, report.clauses)) return;
  const [blame] = blamed(clause.because);
  if (blame !== undefined && tested.has(blame)) return;
  const broken = report.clauses.find((c) => c.id === blame);
  fail(
    `Cannot judge ${id}: ${clause.reason}${broken ? `\n${prettyViolation(broken, style)}` : ""}`,
  );
}

/** Throws without a stack of the suite's own: the message is all there is to see. */
function fail(message: string): never {
  const error = new Error(`\n${message}`);
  error.name = "Conformance";
  error.stack = `${error.name}: ${error.message}`;
  throw error;
}

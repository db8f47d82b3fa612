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

import { type RegisterTest, registrar } from "./test_runners.ts";
import { type Clause, clauses } from "../properties/clauses.ts";
import { observe } from "../spec/observe.ts";
import { type Sampler, TargetFault } from "../spec/sampler.ts";
import { notRun } from "./run/verdicts/not_run.ts";
import type { JudgeOptions } from "./run/options.ts";
import { prettyDiagnosis, prettyFault, prettyViolation } from "./report/pretty.ts";
import { isOpen } from "./report/open_clauses.ts";
import { blamed } from "./report/reason_words.ts";
import type { ClauseReport, Report } from "./report/report.ts";

export type { RegisterTest, TestContext } from "./test_runners.ts";

/** How the tests may differ from the usual ones. */
export interface ConformanceOptions
  extends Omit<JudgeOptions, "path" | "onProgress" | "replayCommand"> {
  /**
   * The function `test` of another test runner, say of vitest; by default tests are those of
   * `Deno.test`, and in Node.js those of `node:test`.
   */
  readonly test?: RegisterTest;
}

/**
 * Registers one test per clause. The sampler is judged once, in the first test that runs.
 *
 * A test fails if its clause is violated, with the bug, its fix, the measured rule and the smallest
 * problem that shows it, or if it binds the sampler and could not be judged. It is ignored if the
 * sampler says that it lacks the feature. A test of a clause that does not bind the sampler, or that
 * builds on one that fails a test of its own, has an ignored step that says so; so has one that is
 * accepted as a deviation, while an entry of that list that nothing needs fails. If the sampler can't be
 * judged at all, one test fails and the others are ignored in this way. Unless clauses are chosen,
 * one more test fails if a measured term deviates from the rule.
 *
 * @param sampler the sampler
 * @param options as for `judge`; `clauses` also chooses which tests there are, by the id of a clause
 *   or of a whole group
 */
export function conformance(sampler: Sampler, options: ConformanceOptions = {}): void {
  const { test: given, ...rest } = options;
  const chosen = chosenClauses(rest.clauses);
  const ids = chosen.map(({ id }) => id);
  const asked = rest.clauses === undefined ? rest : { ...rest, clauses: ids };
  const register = registrar(given);
  const caller = callerOf(new Error().stack);
  const name = typeof sampler?.name === "string" ? sampler.name : "the sampler";
  let run: Promise<Report> | undefined, told = false;
  const report = () => run ??= judged(sampler, asked);
  const test = (title: string, ignore: boolean, body: (report: Report) => string | null) =>
    register(`${name} · ${title}`, ignore, async () => {
      const found = await report();
      if (found.verdict === "not run" && !told) {
        told = true;
        fail(prettyFault(found, style), caller);
      }
      return found.verdict === "not run" ? "the sampler can't be judged" : body(found);
    });
  for (const clause of chosen) {
    test(
      `${clause.id}: ${clause.sentence}`,
      isLacking(clause, sampler),
      (report) => requireVerdict(clause.id, report, new Set(ids), caller),
    );
  }
  if (options.clauses !== undefined || options.diagnosis === "none") return;
  test("the measured rule is the rule", false, ({ verdict, incomplete }) => {
    if (incomplete && incomplete.terms.length > 0) fail(`Incomplete: ${incomplete.reason}`, caller);
    return verdict === "violates" ? "a violated clause tells what deviates" : null;
  });
}

const style = { color: false, width: 100 };

/**
 * @throws {RangeError} if a word is neither a clause nor a group
 */
function chosenClauses(words: readonly string[] | undefined): readonly Clause[] {
  const all: readonly Clause[] = clauses;
  if (words === undefined) return all;
  const isChosen = (word: string) => ({ id }: Clause) => id === word || id.startsWith(`${word}/`);
  for (const word of words) {
    if (!all.some(isChosen(word))) {
      throw new RangeError(
        `Cannot test: found the clause ${word}, wanted ids of the catalogue, or of its groups`,
      );
    }
  }
  return all.filter((clause) => words.some((word) => isChosen(word)(clause)));
}

/** Whether the sampler says that it lacks what a clause is about; its own noise is judged by its law. */
function isLacking({ feature }: Clause, sampler: Sampler): boolean {
  const lacking: readonly unknown[] = Array.isArray(sampler?.unsupported)
    ? sampler.unsupported
    : [];
  return feature !== undefined && feature !== "noise-tape" && lacking.includes(feature);
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

/** Fails, passes with `null`, or says why there is nothing to test. */
function requireVerdict(
  id: string,
  report: Report,
  tested: ReadonlySet<string>,
  caller: string,
): string | null {
  const clause = report.clauses.find((c) => c.id === id);
  if (clause === undefined) fail(`Cannot find a verdict on ${id}, wanted one`, caller);
  const text = (broken: ClauseReport) =>
    [prettyDiagnosis(report, style), prettyViolation(broken, style)].filter((part) => part !== "")
      .join("\n");
  if (clause.verdict === "violated") fail(text(clause), caller);
  const idle = report.incomplete?.clauses.includes(id) && clause.verdict !== "not judged";
  if (idle) fail(`Incomplete: ${report.incomplete?.reason}`, caller);
  if (clause.verdict === "holds") return null;
  const why = `${clause.verdict}: ${clause.reason}`;
  if (!isOpen(clause, report.clauses)) return why;
  const [blame] = blamed(clause.because);
  const fails = clause.because?.kind !== "on accepted";
  if (blame !== undefined && tested.has(blame) && fails) return why;
  const broken = report.clauses.find((c) => c.id === blame);
  return fail(`Cannot judge ${id}: ${clause.reason}${broken ? `\n${text(broken)}` : ""}`, caller);
}

/** The first place of a stack outside this module. */
function callerOf(stack: string | undefined): string {
  const lines = (stack ?? "").split("\n").slice(1);
  return lines.find((line) => !line.includes(import.meta.url))?.trim() ?? "";
}

/** Throws with the place of the caller, and no stack of the suite's own. */
function fail(message: string, caller: string): never {
  const error = new Error(`\n${message}`);
  error.name = "Conformance";
  // Deno prints the message before the stack, others print the stack alone.
  const told = "Deno" in globalThis ? "" : `${error.name}: ${error.message}`;
  error.stack = `${told}${caller === "" ? "" : `\n    ${caller}`}`;
  throw error;
}

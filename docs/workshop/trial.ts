/**
 * The judge in a worker: the page sends the text of a sampler, the worker answers with its report.
 *
 * @module
 */

import { observe } from "../../spec/observe.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { judge } from "../../src/run/judge.ts";
import { notRun } from "../../src/run/verdicts/not_run.ts";
import { html } from "../../src/report/html.ts";
import { whyNoScript } from "../../src/report/repro/chains.ts";
import { typescriptRepro } from "../../src/report/repro/typescript.ts";
import { pythonRepro } from "../../src/report/repro/python.ts";
import type { Profile, Report } from "../../src/report/report.ts";
import { judgedClauses } from "../playground/judging.ts";
import { type PythonRuntime, pythonTarget } from "./python_target.ts";
import { samplerFrom, SourceFault } from "./sampler_source.ts";

/** The languages that the page runs. */
export type SourceLanguage = "typescript" | "python";

/** What the page asks. */
export interface Trial {
  readonly language: SourceLanguage;
  /** The text of the sampler. */
  readonly source: string;
}

/** What the worker says. */
export type TrialNews =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | {
    readonly kind: "report";
    readonly report: Report;
    /** The report as a page. */
    readonly page: string;
    /** The first violation as a script of its own, if there is one. */
    readonly repro: string | null;
  }
  | { readonly kind: "failed"; readonly message: string };

/** The file names under which the page hands its texts out. */
export const fileNames: Readonly<Record<SourceLanguage, string>> = {
  typescript: "my_sampler.ts",
  python: "my_target.py",
};

/**
 * Judges the sampler of a text.
 *
 * @param said called before each clause
 * @param python how Python is started
 * @throws {SourceFault} if the text gives no sampler
 */
export async function tried(
  { language, source }: Trial,
  python: PythonRuntime | null,
  said: (news: TrialNews) => void = () => {},
): Promise<Extract<TrialNews, { kind: "report" }>> {
  // Python in the page takes fifty times as long as outside it.
  const profile = language === "python" ? "quick" : "standard";
  const report = await judged(() => targetFrom(language, source, python), profile, said);
  return { kind: "report", report, page: html(report), repro: reproOf(report, language) };
}

async function targetFrom(
  language: SourceLanguage,
  source: string,
  python: PythonRuntime | null,
): Promise<Target> {
  if (language === "typescript") return observe(await samplerFrom(source));
  if (python === null) throw new SourceFault("no Python on this page", "one that is built with it");
  return await pythonTarget(source, python);
}

async function judged(
  target: () => Promise<Target>,
  profile: Profile,
  said: (news: TrialNews) => void,
): Promise<Report> {
  try {
    const found = await target();
    said({ kind: "progress", done: 0, total: judgedClauses.length });
    return await judge(found, {
      profile,
      clauses: judgedClauses,
      golden: [],
      onProgress: ({ done, total }) => said({ kind: "progress", done, total }),
    });
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    const { kind, found, wanted } = error;
    return notRun("my sampler", { kind, found, wanted }, {
      seed: 1,
      profile,
      elapsedMs: 0,
    });
  }
}

function reproOf(report: Report, language: SourceLanguage): string | null {
  const clause = report.clauses.find(({ id, verdict, counterexample }) =>
    verdict === "violated" && counterexample && whyNoScript(id, counterexample) === null
  );
  if (!clause?.counterexample) return null;
  const shared = {
    clause: clause.id,
    sentence: clause.sentence,
    counterexample: clause.counterexample,
    networkReturns: report.target.networkReturns ?? "energy",
  } as const;
  return language === "typescript"
    ? typescriptRepro({ ...shared, location: `./${fileNames.typescript}`, exportName: null })
    : pythonRepro({ ...shared, file: fileNames.python, args: [] });
}

/**
 * The judge in a worker: the page asks for a defect, the worker answers with its report.
 *
 * @module
 */

import { clauses } from "../../properties/clauses.ts";
import { defectOf, ruleOf } from "../../src/defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import { judge } from "../../src/run/judge.ts";
import type { Report } from "../../src/report/report.ts";

/** What the page asks: a defect's id, or `null` for the rule itself. */
export interface Question {
  /** Which one. */
  readonly defect: string | null;
}

/** What the worker says. */
export type Answer =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "failed"; readonly message: string };

/** The clauses that are judged here: official traces would make the page forty times as large. */
export const judgedClauses: readonly string[] = clauses.map((clause) => clause.id)
  .filter((id) => id !== "golden/traces");

/**
 * Judges the rule, or a defect of it: with injected draws and with draws of its own.
 *
 * @param said called before each clause
 */
export async function judgement(
  { defect }: Question,
  said: (answer: Answer) => void = () => {},
): Promise<Report> {
  const found = defect === null ? undefined : defectOf(defect);
  const rule = found ? ruleOf(found) : officialRule;
  const target = observe(
    ruleSampler(rule, { name: found ? `defect:${found.id}` : "the rule", noise: "both" }),
  );
  return await judge(target, {
    clauses: judgedClauses,
    golden: [],
    onProgress: ({ done, total }) => said({ kind: "progress", done, total }),
  });
}

/** What a worker's global scope has of use here. */
export interface WorkerScope {
  /** Called with every question. */
  onmessage: ((event: { readonly data: Question }) => void) | null;
  /** Tells the page. */
  postMessage(answer: Answer): void;
}

/** Answers questions for as long as the worker lives. */
export function serve(scope: WorkerScope): void {
  scope.onmessage = async ({ data }) => {
    try {
      const report = await judgement(data, (answer) => scope.postMessage(answer));
      scope.postMessage({ kind: "report", report });
    } catch (error) {
      scope.postMessage({ kind: "failed", message: String(error) });
    }
  };
}

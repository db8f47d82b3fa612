/**
 * The first violation of a report as a script in the target's own language.
 *
 * @module
 */

import { plainTexts } from "../plain_text.ts";
import { pathToFileURL } from "node:url";
import { partsOf } from "../../module_specifier.ts";
import type { Report } from "../report.ts";
import { pythonRepro } from "./python.ts";
import { typescriptRepro } from "./typescript.ts";

/** The script, or why there is none. */
export type Repro =
  | { readonly kind: "script"; readonly clause: string; readonly text: string }
  | { readonly kind: "none"; readonly reason: string };

/**
 * Writes the script.
 *
 * @param target as on the command line: a specifier, or the command of a process
 */
export function reproOf(given: Report, target: string | readonly string[]): Repro {
  const report = plainTexts(given);
  const clause = report.clauses.find((c) => c.verdict === "violated" && c.counterexample);
  if (!clause?.counterexample) {
    return { kind: "none", reason: "no clause is violated on a problem" };
  }
  const shared = {
    clause: clause.id,
    sentence: clause.sentence,
    counterexample: clause.counterexample,
    networkReturns: report.target.networkReturns ?? "energy",
  };
  if (typeof target !== "string") {
    const at = target.findIndex((word) => word.endsWith(".py"));
    if (at < 0) {
      return {
        kind: "none",
        reason:
          "scripts are written for modules and for Python files, and this command has neither",
      };
    }
    const named = target[at - 2] === "-c" ? target[at + 1] : undefined;
    const args = target.slice(named === undefined ? at + 1 : at + 2);
    const text = pythonRepro({ ...shared, file: target[at]!, args, className: named });
    return { kind: "script", clause: clause.id, text };
  }
  if (target === "reference" || target.startsWith("defect:")) {
    return { kind: "none", reason: `${target} is no module of its own` };
  }
  const { path, exportName } = partsOf(target);
  const location = path.startsWith("file:") ? path : pathToFileURL(path).href;
  const text = typescriptRepro({ ...shared, location, exportName });
  return { kind: "script", clause: clause.id, text };
}

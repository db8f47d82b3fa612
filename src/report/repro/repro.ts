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
import { whyNoScript } from "./chains.ts";
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
  if (report.rule !== undefined) {
    return { kind: "none", reason: `scripts know the official rule, not ${report.rule.name}` };
  }
  const shown = report.clauses.filter((c) => c.verdict === "violated" && c.counterexample);
  const [clause] = shown.filter((c) => whyNoScript(c.id, c.counterexample!) === null);
  if (!clause?.counterexample) {
    const [other] = shown;
    const reason = other && whyNoScript(other.id, other.counterexample!);
    return { kind: "none", reason: reason ?? "no clause is violated on a problem" };
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

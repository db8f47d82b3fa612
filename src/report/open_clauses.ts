/**
 * Which clauses of a report are still open, so that there is no verdict on the whole.
 *
 * @module
 */

import type { ClauseId } from "../../properties/clauses.ts";
import type { ClauseReport } from "./report.ts";

/**
 * The clause that judges the whole step of a sampler of which only final actions are seen, or whose
 * noise nothing silences.
 */
export const wholeStep: ClauseId = "step/exact";

/** Whether a clause binds the target and was not judged, nor covered by the whole step's verdict. */
export function isOpen(
  { verdict, because }: ClauseReport,
  reported: readonly ClauseReport[],
): boolean {
  if (verdict !== "not judged") return false;
  const kinds: readonly unknown[] = ["hidden steps", "compiled", "noise is always on"];
  if (!kinds.includes(because?.kind)) return true;
  return !reported.some((clause) => clause.id === wholeStep && clause.verdict === "holds");
}

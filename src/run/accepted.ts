/**
 * Deviations that a person means, and accepts: they ask nothing of the sampler, as long as they are
 * needed.
 *
 * @module
 */

import { reasonWords } from "../report/reason_words.ts";
import type { ClauseReport, Reason, Report } from "../report/report.ts";
import { verdictOf } from "./verdicts.ts";

/** Clauses that a sampler is meant to break, each with the reason. */
export type Accepted = Readonly<Record<string, string>>;

/** A report that takes deviations as accepted; one that holds after all leaves it incomplete. */
export function withAccepted(report: Report, accepted: Accepted): Report {
  if (report.verdict === "not run") return report;
  const needed = new Set(
    report.clauses.flatMap(({ id, verdict }) =>
      verdict === "violated" && accepted[id] !== undefined ? [id] : []
    ),
  );
  const clauses = report.clauses.map((clause) => {
    const { id, because } = clause;
    if (needed.has(id)) return left(clause, { kind: "accepted", clause: id, why: accepted[id]! });
    const below = because?.kind === "foundation" ? because.clause : undefined;
    if (below === undefined || !needed.has(below)) return clause;
    return left(clause, { kind: "accepted", clause: below, why: accepted[below]! });
  });
  const stale = clauses.filter(({ id, verdict }) => verdict === "holds" && accepted[id]);
  const { incomplete: _, ...rest } = report;
  // What was measured deviates where the sampler is meant to.
  const found = verdictOf(clauses, needed.size === 0 ? report.diagnosis : undefined);
  if (stale.length === 0 || found.verdict === "violates") return { ...rest, clauses, ...found };
  const ids = stale.map(({ id }) => id);
  return {
    ...rest,
    clauses,
    verdict: "incomplete",
    incomplete: {
      clauses: ids,
      terms: [],
      reason: ids.length === 1
        ? `${ids[0]} is accepted as a deviation, and holds: strike it out`
        : `${ids.join(", ")} are accepted as deviations, and hold: strike them out`,
    },
  };
}

/** A clause that asks nothing of the sampler, for a reason. */
function left(
  { id, level, sentence, formula }: ClauseReport,
  because: Reason,
): ClauseReport {
  return {
    id,
    level,
    sentence,
    ...formula === undefined ? {} : { formula },
    verdict: "not binding",
    reason: reasonWords(because),
    because,
    cases: 0,
    comparisons: 0,
  };
}

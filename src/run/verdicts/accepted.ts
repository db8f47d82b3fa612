/**
 * Deviations that a person means, and accepts, as long as they are needed.
 *
 * What builds on an accepted deviation is judged by the rule with it, where a known defect is that
 * deviation; otherwise it stays open, unless it is accepted by name, too.
 *
 * @module
 */

import { clauseOf, clauses as catalogue, clausesOf } from "../../../properties/clauses.ts";
import { formulaNames, type Rule } from "../../../spec/rule.ts";
import { type Defect, defectOf, defectsThatBreak, ruleUnder } from "../../defects/defects.ts";
import { ownSymbolsIn } from "../../defects/symbols.ts";
import { blamed, reasonWords } from "../../report/reason_words.ts";
import type { ClauseReport, DiagnosisReport, Reason, Report } from "../../report/report.ts";
import { verdictOf } from "./verdicts.ts";

/** Clauses, or groups of them, that a sampler is meant to break, each with the reason. */
export type Accepted = Readonly<Record<string, string>>;

/** A report that takes deviations as accepted; one that is no longer needed leaves it incomplete. */
export function withAccepted(report: Report, accepted: Accepted): Report {
  if (report.verdict === "not run") return report;
  const whys = new Map(
    Object.entries(accepted).flatMap(([word, why]) => idsOf(word).map((id) => [id, why] as const)),
  );
  const broken = new Set(
    report.clauses.filter(({ id, verdict }) => verdict === "violated" && whys.has(id))
      .map(({ id }) => id),
  );
  const clauses = report.clauses.map((clause): ClauseReport => {
    const { id, verdict } = clause, why = whys.get(id);
    const below = verdict === "not judged" ? blamed(clause.because).find((b) => broken.has(b)) : id;
    if (below === undefined || (below === id && !broken.has(id))) return clause;
    return why === undefined
      ? because(clause, "not judged", { kind: "on accepted", clause: below })
      : because(clause, "accepted", { kind: "accepted", why });
  });
  return concluded(report, clauses, accepted);
}

/**
 * Judges what builds on accepted deviations by the rule with these, if known defects are just these.
 *
 * @param report one that takes deviations as accepted
 * @param judgedBy judges clauses by another rule
 */
export async function withDependents(
  report: Report,
  accepted: Accepted,
  rule: Rule,
  judgedBy: (rule: Rule, clauses: readonly string[]) => Promise<Report>,
): Promise<Report> {
  const open = report.clauses.filter(({ because }) => because?.kind === "on accepted");
  const found = open.length === 0 || report.verdict === "violates" ? [] : deviations(report);
  if (found.length === 0) return report;
  const changed = ruleUnder(rule, ...found.map(formulasOf));
  const parts = new Set(clausesOf(changed).map(({ id }): string => id));
  // The traces are those of the rule itself.
  const asked = open.map(({ id }) => id).filter((id) => parts.has(id) && id !== "golden/traces");
  const judged = asked.length === 0 ? [] : (await judgedBy(changed, asked)).clauses;
  const clauses = report.clauses.map((clause): ClauseReport => {
    if (clause.because?.kind !== "on accepted" || clause.id === "golden/traces") return clause;
    if (parts.has(clause.id)) return judged.find(({ id }) => id === clause.id) ?? clause;
    const without = { kind: "without", clause: clause.because.clause } as const;
    return because(clause, "not binding", without);
  });
  const titles = found.map(({ title }) => title).join("; ");
  const remark = `What builds on accepted deviations was judged by the rule with them: ${titles}`;
  return concluded({ ...report, remarks: [...report.remarks, remark] }, clauses, accepted);
}

/** The clauses that a word names: one, or those of a group. */
function idsOf(word: string): readonly string[] {
  return clauseOf(word) ? [word] : catalogue.map(({ id }) => id).filter(startsWith(`${word}/`));
}

function startsWith(start: string): (word: string) => boolean {
  return (word) => word.startsWith(start);
}

/** A clause with another verdict, and the reason for it; what was seen of it stays. */
function because(clause: ClauseReport, verdict: ClauseReport["verdict"], of: Reason): ClauseReport {
  return { ...clause, verdict, reason: reasonWords(of), because: of };
}

/** The verdict on a target some of whose deviations are accepted. */
function concluded(
  report: Report,
  clauses: readonly ClauseReport[],
  accepted: Accepted,
): Report {
  const { incomplete: _, ...rest } = report;
  const found = verdictOf(clauses, diagnosisBeside(report.diagnosis, clauses));
  const idle = idleEntries(clauses, accepted);
  const all = { ...rest, clauses: [...clauses], ...found };
  if (idle.length === 0 || found.verdict === "violates") return all;
  const reason = idle.length === 1
    ? `${idle[0]} is accepted as a deviation but isn't violated; remove the entry`
    : `${idle.join(", ")} are accepted as deviations but aren't violated; remove the entries`;
  const { clauses: open = [], terms = [], reason: other } = found.incomplete ?? {};
  return {
    ...all,
    verdict: "incomplete",
    incomplete: {
      clauses: [...open, ...idle.flatMap(idsOf)],
      terms,
      reason: other === undefined ? reason : `${reason}; ${other}`,
    },
  };
}

/** The words of a list that nothing needs: what they name holds, or asks nothing. */
function idleEntries(clauses: readonly ClauseReport[], accepted: Accepted): string[] {
  return Object.keys(accepted).filter((word) => {
    const ids = idsOf(word), named = clauses.filter(({ id }) => ids.includes(id));
    const settled: readonly string[] = ["holds", "unsupported", "not binding"];
    return named.length > 0 && named.every(({ verdict }) => settled.includes(verdict));
  });
}

/** The groups of clauses that a part of the measured rule is about. */
const groupsOf = {
  drift: ["drift", "grad-clip", "apply-exp"],
  noise: ["noise"],
  limit: ["delta-clip"],
  bounds: ["bounds"],
  schedule: ["schedule"],
} as const;

/** What was measured, without the parts that deviate as they are meant to. */
function diagnosisBeside(
  diagnosis: DiagnosisReport | undefined,
  clauses: readonly ClauseReport[],
): DiagnosisReport | undefined {
  if (diagnosis?.measuredRule === undefined) return diagnosis;
  const { measuredRule: rule } = diagnosis, accepted = acceptedIn(clauses);
  const meant = new Set(accepted.flatMap(defectsThatBreak).map(({ id }) => id));
  const terms = rule.terms.filter(({ name, value }) => {
    const defect = value?.kind === "formula" ? value.defect : null;
    const groups: readonly string[] = groupsOf[name];
    return !(defect !== null && meant.has(defect)) &&
      !accepted.some((id) => groups.includes(id.split("/")[0]!));
  });
  return { ...diagnosis, measuredRule: { ...rule, terms } };
}

function acceptedIn(clauses: readonly ClauseReport[]): string[] {
  return clauses.flatMap(({ id, verdict }) => verdict === "accepted" ? [id] : []);
}

const formulasOf = ({ change, inFormulas }: Defect) => inFormulas ?? change;

/** The defects that the accepted clauses are broken by, if formulas say them; empty if none do. */
function deviations({ clauses, diagnosis }: Report): readonly Defect[] {
  const broken = clauses.filter(({ verdict, counterexample }) =>
    verdict === "accepted" && counterexample !== undefined
  ).map(({ id }) => id);
  const named = (diagnosis?.defects ?? []).flatMap(({ id, certain }) =>
    certain && id !== null ? defectOf(id) ?? [] : []
  );
  const sayable = named.every((defect) =>
    Object.entries(formulasOf(defect)).every(([part, text]) =>
      formulaNames.some((name) => name === part) && ownSymbolsIn(text).length === 0
    )
  );
  const explained = broken.every((id) =>
    named.some((defect) => defectsThatBreak(id).includes(defect))
  );
  return sayable && explained ? named : [];
}

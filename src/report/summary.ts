/**
 * The words that several faces of a report share: headline, counts, groups.
 *
 * @module
 */

import { faultWords } from "../../spec/sampler.ts";
import { groupedBy } from "../grouped_by.ts";
import { counted } from "./layout.ts";
import type { ClauseReport, Report } from "./report.ts";

/** The verdict as a mark and as words that follow the target's name. */
export function headline(report: Report): { readonly mark: string; readonly words: string } {
  const { mark, words } = plainHeadline(report);
  const meant = report.clauses.filter(({ verdict }) => verdict === "accepted").length;
  return { mark, words: meant === 0 ? words : `${words}, with ${acceptedWords(meant)}` };
}

/** So many accepted deviations. */
export function acceptedWords(count: number): string {
  return counted(count, "accepted deviation");
}

function plainHeadline(report: Report): { readonly mark: string; readonly words: string } {
  if (report.verdict === "not run") return { mark: "!", words: "was not judged" };
  if (report.verdict === "conforms") return { mark: "✓", words: "conforms" };
  if (report.verdict === "incomplete") return { mark: "!", words: "is incomplete" };
  const count = report.clauses.filter((clause) => clause.verdict === "violated").length;
  const failed = report.fault === undefined ? "" : ", and failed on the way";
  return { mark: "✗", words: `violates ${counted(count, "clause")}${failed}` };
}

/** Why clauses were judged by whole steps or chains alone, if they were; inside a sentence. */
export function seenWhole({ clauses }: Report): string | undefined {
  if (clauses.some(({ because }) => because?.kind === "hidden steps")) {
    return "only its final actions were seen";
  }
  const many = clauses.filter(({ because }) => because?.kind === "compiled").length;
  return many === 0
    ? undefined
    : `${
      counted(many, "other clause was", "others were")
    } judged by whole steps in few settings alone`;
}

/** What the verdict rests on, in one or two sentences; the bugs are told beside it. */
export function lead(report: Report): string {
  const { clauses } = report;
  if (report.verdict === "not run") {
    return "This says nothing about the rule: the target could not be observed.";
  }
  const having = (verdict: ClauseReport["verdict"]) =>
    clauses.filter((clause) => clause.verdict === verdict);
  const held = having("holds").length, lacking = having("unsupported").length;
  if (report.incomplete) return `${upperFirst(report.incomplete.reason)}.`;
  if (report.verdict === "conforms") {
    const optional = lacking === 0
      ? ""
      : ` ${counted(lacking, "clause")} ${
        lacking === 1 ? "is" : "are"
      } about features that it lacks, and that's fine.`;
    const seen = seenWhole(report), whole = seen ? ` ${upperFirst(seen)}.` : "";
    return `On every problem it did what the update rule asks for: ${
      counted(held, "clause holds", "clauses hold")
    }.${whole}${optional}`;
  }
  const [first, ...others] = having("violated");
  const message = first?.counterexample?.message ?? first?.reason;
  return [
    ...failureSentences(report),
    ...(message === undefined ? [] : [`${message}.`]),
    ...(others.length === 0 ? [] : [
      `${counted(others.length, "other clause")} ${
        others.length === 1 ? "is" : "are"
      } violated, too.`,
    ]),
    ...openSentences(having("not judged"), others.length > 0),
  ].join(" ");
}

/** How many clauses stay open, and why if the violations are the only reason. */
function openSentences(open: readonly ClauseReport[], many: boolean): string[] {
  if (open.length === 0) return [];
  const were = open.length === 1 ? "was" : "were";
  const builds = open.length === 1 ? "builds" : "build";
  const which = open.every(({ because }) => because?.kind === "foundation")
    ? ` that ${builds} on ${many ? "them" : "it"}`
    : "";
  return [`${counted(open.length, "clause")}${which} ${were} not judged.`];
}

/** What a target that violates the rule failed on besides. */
function failureSentences({ fault }: Report): string[] {
  if (fault === undefined) return [];
  const where = fault.where === undefined ? "" : ` during ${fault.where}`;
  return [`The target failed${where}: ${faultWords(fault)}.`];
}

/** The bugs that are named, in a few words: `half-missing`, or `perhaps half-missing`. */
export function bugNames({ diagnosis }: Report): string[] {
  return (diagnosis?.defects ?? []).flatMap(({ id, certain, alternatives = [] }) => {
    if (id === null) return [];
    const all = [id, ...alternatives.map((other) => other.id ?? lowerFirst(other.title))];
    return certain ? [id] : [`perhaps ${all.join(" or ")}`];
  });
}

/** All bugs in a few words: those that have a name by it, the others by what was measured. */
export function bugWords({ diagnosis }: Report): string[] {
  const bugs = diagnosis?.defects ?? [], named = bugs.filter(({ id }) => id !== null);
  return [...named, ...bugs.filter(({ id }) => id === null)].map((bug) => {
    const words = bug.id ?? lowerFirst(bug.title);
    const others = (bug.alternatives ?? []).flatMap(({ id }) => id ?? []);
    return bug.certain ? words : `perhaps ${[words, ...others].join(" or ")}`;
  });
}

/** How many clauses have which verdict. */
export function tallyOf(
  { clauses }: Report,
): { readonly kind: string; readonly label: string; readonly count: number }[] {
  const count = (verdict: ClauseReport["verdict"]) =>
    clauses.filter((clause) => clause.verdict === verdict).length;
  const held = count("holds");
  return [
    { kind: "holds", label: held === 1 ? "clause holds" : "clauses hold", count: held },
    { kind: "violated", label: "violated", count: count("violated") },
    { kind: "unsupported", label: "unsupported", count: count("unsupported") },
    { kind: "left", label: "not judged", count: count("not judged") },
    { kind: "left", label: "not binding", count: count("not binding") },
    { kind: "left", label: "accepted", count: count("accepted") },
  ];
}

/** The clauses by the first word of their ids, in the order in which they come. */
export function groupedClauses(report: Report): [string, ClauseReport[]][] {
  return [...groupedBy(report.clauses, ({ id }) => id.split("/")[0]!)];
}

/** The name of a group as a title: `delta-clip` is Delta clip. */
export function groupTitle(group: string): string {
  return upperFirst(group.replaceAll("-", " "));
}

/** Words as they stand inside a sentence; a name in capitals stays. */
export function lowerFirst(words: string): string {
  return /^([A-Z][A-Z0-9]|[B-Z] )/.test(words)
    ? words
    : words.charAt(0).toLowerCase() + words.slice(1);
}

/** Words as they begin a sentence; the id of a clause stays. */
function upperFirst(words: string): string {
  if (/^[a-z-]+\//.test(words)) return words;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of a term in words: `clippedStep` is clipped step. */
export function termWords(term: string): string {
  return term.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * A report for people: the verdict, the bug with its fix and the measured rule first, then what they
 * rest on.
 *
 * @module
 */

import { clauseOf } from "../../properties/clauses.ts";
import { faultWords } from "../../spec/sampler.ts";
import { plainTexts } from "./plain_text.ts";
import { groupedBy } from "../grouped_by.ts";
import { coverageWords } from "./coverage_words.ts";
import { diagnosisLines } from "./diagnosis_words.ts";
import { faultLines } from "./fault_lines.ts";
import { counted, labelled, paint, rough, shown, type Style, wrap } from "./layout.ts";
import { blamed, reasonWords } from "./reason_words.ts";
import type { ClauseReport, Report } from "./report.ts";
import { bugWords, groupedClauses, headline, lowerFirst, seenWhole } from "./summary.ts";
import { column, violationLines } from "./violation_lines.ts";

export type { Style } from "./layout.ts";

/** Where the text beside the groups of clauses begins. */
const groupColumn = 16;
/** A report with more lines than this ends with its verdict, too. */
const oneScreen = 20;

/** How much of a report is shown. */
export interface Extent {
  /** Every clause, every violation in full and every test, instead of what matters first. */
  readonly verbose?: boolean;
}

/** A report as text for a terminal; ends with a newline. */
export function pretty(given: Report, style: Style, { verbose = false }: Extent = {}): string {
  const report = plainTexts(given);
  const page = { ...style, width: Math.min(style.width, 110) };
  if (report.verdict === "not run") return prettyFault(report, page);
  const first = diagnosisLines(report.diagnosis, column, page, { verbose });
  const parts = [
    [...verdictLines(report, page), ...aboutLines(report, page)],
    first,
    ...verbose ? [groupLines(report, page)] : [],
    ...violationParts(report, page, verbose),
    [...foldedLines(report, page, verbose), ...restLines(report, page, verbose)],
  ];
  const lines = parts.filter((part) => part.length > 0)
    .flatMap((part, i) => i === 0 ? part : ["", ...part]);
  return `${[...lines, ...lastLines(report, page, lines.length)].join("\n")}\n`;
}

/** One violated clause with its smallest problem; ends with a newline. */
export function prettyViolation(given: ClauseReport, style: Style): string {
  const clause = plainTexts(given);
  return `${violationLines(clause, style).join("\n")}\n`;
}

/** The bug, the fix and the measured rule; ends with a newline, or is empty. */
export function prettyDiagnosis(report: Report, style: Style): string {
  const { diagnosis } = plainTexts(report);
  return diagnosisLines(diagnosis, column, style, { verbose: false }).map((line) => `${line}\n`)
    .join("");
}

/** A fault as one message: what was found, what was wanted, where to look. */
export function prettyFault(report: Report, style: Style): string {
  const { target, fault } = plainTexts(report);
  const lines = [
    paint(style, `! ${target.name} was not judged`, "bold", "yellow"),
    ...(fault === undefined ? [] : faultLines(fault, { indent: 2, column: 10, style })),
  ];
  return `${lines.join("\n")}\n`;
}

function violations(report: Report): ClauseReport[] {
  return report.clauses.filter((clause) => clause.verdict === "violated");
}

function verdictLines(report: Report, style: Style): string[] {
  const { mark, words } = headline(report);
  const start = `${mark} ${report.target.name} ${words}`;
  const lines = wrap(`${start}: ${verdictDetails(report)}`.replace(/: $/, ""), style.width - 2)
    .map((line, i) => i === 0 ? line : `  ${line}`);
  if (report.incomplete) return lines.map((line) => paint(style, line, "bold", "yellow"));
  const colour = report.verdict === "conforms" ? "green" : "red";
  const [first = "", ...rest] = lines;
  const bold = Math.min(start.length, first.length);
  return [paint(style, first.slice(0, bold), "bold", colour) + first.slice(bold), ...rest];
}

function verdictDetails(report: Report): string {
  if (report.incomplete) return report.incomplete.reason;
  if (report.verdict === "violates") {
    return [violatedWords(report), ...failureWords(report)].join("; ");
  }
  const held = report.clauses.filter((clause) => clause.verdict === "holds").length;
  const seen = seenWhole(report), whole = seen ? `; ${seen}` : "";
  return `${counted(held, "clause holds", "clauses hold")}${tracesWords(report, ", ")}${whole}`;
}

/** Which clauses are violated, the first of many. */
function violatedWords(report: Report): string {
  const ids = violations(report).map((clause) => clause.id);
  return ids.length <= 4 ? ids.join(", ") : `${ids.slice(0, 3).join(", ")} and others`;
}

/** Where a target failed that violates the rule besides. */
function failureWords({ fault }: Report): string[] {
  if (fault === undefined) return [];
  const where = fault.where === undefined ? "" : ` during ${fault.where}`;
  return [`it failed${where}: ${faultWords(fault)}`];
}

/** How many traces agree, and which don't. */
function tracesWords({ golden }: Report, before = ""): string {
  if (golden.replayed === 0) return "";
  const others = golden.disagreed.length === 0
    ? ""
    : `; not ${golden.disagreed.slice(0, 5).join(", ")}${
      golden.disagreed.length > 5 ? " and others" : ""
    }`;
  const aside = golden.reason === undefined ? "" : `; ${golden.reason}`;
  return `${before}${golden.agreed} of ${golden.replayed} traces agree${others}${aside}`;
}

function aboutLines(report: Report, style: Style): string[] {
  const returns = report.target.networkReturns;
  const parts = [
    ...(returns === undefined
      ? []
      : [`its network returns ${returns === "energy" ? "an energy" : "logits"}`]),
    ...(report.rule === undefined ? [] : [`by the rule ${report.rule.name}`]),
    `seed ${report.seed}`,
    `profile ${report.profile}`,
    `${(report.elapsedMs / 1000).toFixed(1)} s`,
  ];
  return wrap(parts.join(" · "), style.width - 2).map((line) => paint(style, `  ${line}`, "dim"));
}

/** The first violation in full, and the others in a line each. */
function violationParts(report: Report, style: Style, verbose: boolean): string[][] {
  const [first, ...others] = violations(report);
  if (first === undefined) return [];
  if (verbose) return [first, ...others].map((clause) => violationLines(clause, style));
  return [violationLines(first, style), others.flatMap((clause) => violationLine(clause, style))];
}

function violationLine(clause: ClauseReport, style: Style): string[] {
  const what = clause.counterexample?.message ?? clause.reason ?? clause.sentence;
  const head = `✗ ${clause.id}:`;
  return wrap(`${head} ${what}`, style.width - 2).map((line, i) =>
    i > 0 ? `  ${line}` : paint(style, head, "red") + line.slice(head.length)
  );
}

function groupLines(report: Report, style: Style): string[] {
  return groupedClauses(report).flatMap(([group, clauses]) => groupLine(group, clauses, style));
}

function groupLine(group: string, clauses: readonly ClauseReport[], style: Style): string[] {
  const having = (verdict: ClauseReport["verdict"]) =>
    clauses.filter((clause) => clause.verdict === verdict);
  const held = having("holds").length, broken = having("violated");
  const left = having("not judged").length, lacking = having("unsupported").length;
  const free = having("not binding").length, meant = having("accepted").length;
  const label = group.padEnd(groupColumn - 4);
  if (held === clauses.length) {
    const text = counted(held, "clause holds", "clauses hold");
    return [`  ${paint(style, "✓", "green")} ${label}${text}`];
  }
  const names = broken.map((clause) => clause.id.slice(group.length + 1)).join(", ");
  const parts = [
    ...(broken.length > 0 ? [`${broken.length} violated: ${names}`] : []),
    ...(held > 0 ? [`${held} ${held === 1 ? "holds" : "hold"}`] : []),
    ...(left > 0 ? [`${left} not judged`] : []),
    ...(lacking > 0 ? [`${lacking} unsupported`] : []),
    ...(free > 0 ? [`${free} not binding`] : []),
    ...(meant > 0 ? [`${meant} accepted`] : []),
  ];
  const mark = broken.length > 0
    ? paint(style, "✗", "red")
    : held > 0
    ? paint(style, "✓", "green")
    : paint(style, "·", "dim");
  const lines = wrap(parts.join(" · "), Math.max(24, style.width - groupColumn));
  return lines.map((line, i) =>
    i === 0 ? `  ${mark} ${label}${line}` : " ".repeat(groupColumn) + line
  );
}

/**
 * Clauses without a verdict: one entry per reason, and one for everything that is lacking. What the
 * first line says already isn't said again, and what doesn't concern a violation not at all.
 */
function foldedLines(report: Report, style: Style, verbose: boolean): string[] {
  const having = (verdict: ClauseReport["verdict"]) =>
    report.clauses.filter((clause) => clause.verdict === verdict);
  const told = new Set(verbose ? [] : report.incomplete?.clauses);
  const brief = report.verdict === "violates" && !verbose;
  const free = brief ? [] : having("not binding");
  const left = [...having("not judged"), ...free, ...having("accepted")]
    .filter(({ id }) => !told.has(id));
  const built = verbose ? [] : left.filter(({ because }) => because?.kind === "foundation");
  const reasons = groupedBy(
    left.filter((clause) => !built.includes(clause)),
    (clause) => clause.reason ?? "",
  );
  const entries = [
    ...builtEntries(built),
    ...[...reasons].map(([reason, clauses]) => {
      const { id, verdict } = clauses[0]!;
      const what = `${clauses.length === 1 ? id : clauses.length} ${verdict}`;
      const because = clauses[0]!.because;
      const words = because === undefined
        ? reason
        : reasonWords(because, clauses.length === 1 ? "It builds" : "They build");
      return words === "" ? what : `${what}: ${lowerFirst(words)}`;
    }),
  ];
  const unsupported = brief ? [] : having("unsupported");
  const lacking = new Set(
    unsupported.flatMap(({ id, because }) =>
      because?.kind === "lacks" ? because.feature : clauseOf(id)?.feature ?? []
    ),
  );
  if (lacking.size > 0) {
    const { length } = unsupported;
    const names = verbose ? [...lacking].join(", ") : "--verbose lists them";
    entries.push(
      `${length} ${length === 1 ? "clause needs" : "clauses need"} features it lacks, and that's ` +
        `fine: ${names}`,
    );
  }
  return entries.flatMap((entry) =>
    wrap(entry, style.width - 4).map((line, i) =>
      paint(style, `  ${i === 0 ? "·" : " "} ${line}`, "dim")
    )
  );
}

/** One entry for everything that builds on what is violated. */
function builtEntries(built: readonly ClauseReport[]): readonly string[] {
  const [first] = built;
  if (first === undefined) return [];
  const what = built.length === 1 ? first.id : String(built.length);
  const subject = built.length === 1 ? "it builds" : "they build";
  const bases = new Set(built.flatMap(({ because }) => blamed(because)));
  const on = bases.size === 1 ? `${[...bases][0]}, which is violated` : "clauses that are violated";
  return [`${what} not judged: ${subject} on ${on}`];
}

/** Everything else that is known, in a line each. */
function restLines(report: Report, style: Style, verbose: boolean): string[] {
  const inner = (label: string, text: string) =>
    text === "" ? [] : labelled(label, text, { indent: 2, column, style });
  const traces = report.verdict === "conforms" ? "" : tracesWords(report);
  return [
    ...report.remarks.flatMap((remark, i) => inner(i === 0 ? "remarks" : "", remark)),
    ...inner("traces", traces),
    ...statisticsLines(report, inner, verbose),
    ...report.verdict === "violates" && !verbose ? [] : [
      ...coverageWords(report).flatMap((words) => inner("coverage", words)),
      ...inner("energy", energyWords(report)),
    ],
  ];
}

/** What every statistical verdict rests on. */
function statisticsLines(
  report: Report,
  inner: (label: string, text: string) => string[],
  verbose: boolean,
): string[] {
  const judged = report.clauses.flatMap(({ id, statistics }) =>
    statistics ? [{ id, statistics }] : []
  );
  if (judged.length === 0) return [];
  const head = `${counted(judged.length, "clause")} judged by tests of the recovered noise; ` +
    `the chance of a false alarm in this run is at most ${rough(report.falseAlarm ?? 0)}`;
  const each = verbose ? judged : [];
  return [
    ...inner("statistics", head),
    ...each.flatMap(({ id, statistics: { level, draws, smallestEffect } }) =>
      inner("", `${id}: ${draws} draws, share ${shown(level, 2)}, sees ${smallestEffect}`)
    ),
  ];
}

function energyWords({ energy }: Report): string {
  if (energy === null) return "";
  const change = Number(energy.change);
  const sign = change > 0 ? "+" : "";
  return `mean ${shown(energy.first, 4)} → ${shown(energy.last, 4)} (${sign}${
    shown(energy.change, 4)
  }) over a chain with the defaults`;
}

/** The verdict again, where its first line has left the screen. */
function lastLines(report: Report, style: Style, count: number): string[] {
  if (report.verdict !== "violates" || count <= oneScreen) return [];
  const { mark, words } = headline(report);
  const names = bugWords(report);
  const { unexplained, unexplainedClauses: open = [] } = report.diagnosis ?? {};
  const rest = unexplained === undefined
    ? ""
    : open.length === 0
    ? "; that does not explain everything"
    : `; unexplained: ${open.join(", ")}`;
  const bug = names.length === 0
    ? `: ${violatedWords(report)}`
    : `; the ${names.length === 1 ? "bug" : "bugs"}: ${names.join(", ")}${rest}`;
  const lines = wrap(`${mark} ${report.target.name} ${words}${bug}`, style.width - 2);
  return ["", ...lines.map((line, i) => paint(style, i > 0 ? `  ${line}` : line, "bold", "red"))];
}

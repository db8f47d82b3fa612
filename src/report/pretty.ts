/**
 * A report for people: the verdict first, then what it rests on.
 *
 * @module
 */

import { clauseOf } from "../../properties/clauses.ts";
import { coverageWords } from "./coverage_words.ts";
import { diagnosisLines } from "./diagnosis_words.ts";
import { faultLines } from "./fault_lines.ts";
import { counted, labelled, paint, rough, shown, type Style, wrap } from "./layout.ts";
import { distanceWords, placeWords, problemWords } from "./problem_words.ts";
import { reasonWords } from "./reason_words.ts";
import type { ClauseReport, Counterexample, Report } from "./report.ts";

export type { Style } from "./layout.ts";

/** Where the text beside labels begins. */
const column = 19;
/** The same for the groups of clauses. */
const groupColumn = 16;

/** A report as text for a terminal; ends with a newline. */
export function pretty(report: Report, style: Style): string {
  const page = { ...style, width: Math.min(style.width, 110) };
  const parts = report.verdict === "not run" ? [notRunLines(report, page)] : [
    [...verdictLines(report, page), ...aboutLines(report, page)],
    report.verdict === "violates" ? diagnosisLines(report.diagnosis, column, page) : [],
    [...groupLines(report, page), ...foldedLines(report, page)],
    ...violations(report).map((clause) => violationLines(clause, page)),
    tailLines(report, page),
  ];
  return parts.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** The verdict and every violation, without the clauses that hold; ends with a newline. */
export function prettyVerdict(report: Report, style: Style): string {
  const page = { ...style, width: Math.min(style.width, 110) };
  if (report.verdict === "not run") return pretty(report, style);
  const parts = [
    [...verdictLines(report, page), ...foldedLines(report, page), ...summaryLines(report, page)],
    ...(report.diagnosis ? [diagnosisLines(report.diagnosis, column, page)] : []),
    ...violations(report).map((clause) => violationLines(clause, page)),
  ];
  return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** One violated clause with its smallest problem; ends with a newline. */
export function prettyViolation(clause: ClauseReport, style: Style): string {
  return `${violationLines(clause, style).join("\n")}\n`;
}

/** A fault as one message: what was found, what was wanted, where to look. */
export function prettyFault(report: Report, style: Style): string {
  return `${notRunLines(report, style).join("\n")}\n`;
}

function violations(report: Report): ClauseReport[] {
  return report.clauses.filter((clause) => clause.verdict === "violated");
}

function verdictLines(report: Report, style: Style): string[] {
  const { name } = report.target;
  const broken = violations(report);
  if (report.incomplete) {
    const lines = wrap(`! ${name} is incomplete: ${report.incomplete.reason}`, style.width - 2);
    return lines.map((line, i) => i === 0 ? paint(style, line, "bold", "yellow") : `  ${line}`);
  }
  if (report.verdict === "conforms") {
    const held = report.clauses.filter((clause) => clause.verdict === "holds").length;
    const whole = report.clauses.some(({ because }) => because?.kind === "hidden steps")
      ? "; only its final actions were seen"
      : "";
    return [
      paint(style, `✓ ${name} conforms`, "bold", "green") +
      `: ${counted(held, "clause holds", "clauses hold")}${whole}`,
    ];
  }
  const ids = broken.map((clause) => clause.id);
  const list = ids.length <= 4 ? ids.join(", ") : `${ids.slice(0, 3).join(", ")} and others`;
  return [
    paint(style, `✗ ${name} violates ${counted(ids.length, "clause")}`, "bold", "red") +
    (list === "" ? "" : `: ${list}`),
  ];
}

function aboutLines(report: Report, style: Style): string[] {
  const returns = report.target.networkReturns;
  const parts = [
    ...(returns === undefined
      ? []
      : [`its network returns ${returns === "energy" ? "an energy" : "logits"}`]),
    `seed ${report.seed}`,
    `profile ${report.profile}`,
    `${(report.elapsedMs / 1000).toFixed(1)} s`,
  ];
  return wrap(parts.join(" · "), style.width - 2).map((line) => paint(style, `  ${line}`, "dim"));
}

function groupLines(report: Report, style: Style): string[] {
  const groups = new Map<string, ClauseReport[]>();
  for (const clause of report.clauses) {
    const group = groupOf(clause.id);
    groups.set(group, [...groups.get(group) ?? [], clause]);
  }
  return [...groups].flatMap(([group, clauses]) => groupLine(group, clauses, style));
}

function groupOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function groupLine(group: string, clauses: readonly ClauseReport[], style: Style): string[] {
  const having = (verdict: ClauseReport["verdict"]) =>
    clauses.filter((clause) => clause.verdict === verdict);
  const held = having("holds").length, broken = having("violated");
  const left = having("not judged").length, lacking = having("unsupported").length;
  const free = having("not binding").length;
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

/** Clauses without a verdict: one entry per reason, and one for everything that is lacking. */
function foldedLines(report: Report, style: Style): string[] {
  const having = (verdict: ClauseReport["verdict"]) =>
    report.clauses.filter((clause) => clause.verdict === verdict);
  const left = [...having("not judged"), ...having("not binding")];
  const reasons = Map.groupBy(left, (clause) => clause.reason ?? "");
  const entries = [...reasons].map(([reason, clauses]) => {
    const { id, verdict } = clauses[0]!;
    const what = `${clauses.length === 1 ? id : clauses.length} ${verdict}`;
    const because = clauses[0]!.because;
    const words = because === undefined
      ? reason
      : reasonWords(because, clauses.length === 1 ? "It builds" : "They build");
    return words === "" ? what : `${what}: ${words[0]!.toLowerCase()}${words.slice(1)}`;
  });
  const unsupported = having("unsupported");
  const lacking = new Set(unsupported.flatMap(({ id }) => clauseOf(id)?.feature ?? []));
  if (lacking.size > 0) {
    entries.push(
      `${unsupported.length} unsupported, and that's fine: the sampler lacks ${
        [...lacking].join(", ")
      }`,
    );
  }
  return entries.flatMap((entry) =>
    wrap(entry, style.width - 4).map((line, i) =>
      paint(style, `  ${i === 0 ? "·" : " "} ${line}`, "dim")
    )
  );
}

function violationLines(clause: ClauseReport, style: Style): string[] {
  const found = clause.counterexample;
  const formula = clauseOf(clause.id)?.formula;
  const beside = { indent: 2, column, style };
  const inner = (label: string, text: string) => labelled(label, text, beside);
  const lines = [
    paint(style, `✗ ${clause.id}`, "bold", "red"),
    ...wrap(clause.sentence, style.width - 2).map((line) => `  ${line}`),
  ];
  if (formula !== undefined) lines.push(paint(style, `  ${formula}`, "cyan"));
  if (found !== undefined) {
    lines.push("", ...wrap(`${found.message}.`, style.width - 2).map((line) => `  ${line}`));
    lines.push("", paint(style, "  The smallest problem that shows it", "bold"));
    for (const [label, text] of problemWords(found)) lines.push(...inner(label, text));
    lines.push("", ...inner("where", placeWords(found)), ...comparisonLines(found, inner));
    if (found.ledger.length > 0) lines.push("", ...ledgerLines(found, style));
  }
  if (clause.reason !== undefined) lines.push("", ...inner("reason", clause.reason));
  if (clause.replay !== undefined) {
    // Not wrapped: it is there to be copied.
    lines.push("", paint(style, "  replay".padEnd(column), "dim") + clause.replay);
  }
  return lines;
}

function comparisonLines(
  found: Counterexample,
  inner: (label: string, text: string) => string[],
): string[] {
  const distance = distanceWords(found);
  return [
    ...inner("expected", shown(found.expected)),
    ...inner("actual", shown(found.actual)),
    ...(distance === null ? [] : inner("distance", distance)),
  ];
}

function ledgerLines({ ledger }: Counterexample, style: Style): string[] {
  const cells = ledger.map((line) => ({
    term: words(line.term),
    formula: line.formula,
    expected: shown(line.expected),
    actual: shown(line.actual),
    basis: line.basis,
    differs: line.differs,
  }));
  type Column = "term" | "formula" | "expected" | "actual" | "basis";
  const titles: Record<Column, string> = {
    term: "term",
    formula: "formula",
    expected: "expected",
    actual: "actual",
    basis: "how it is known",
  };
  const width = (column: Column) =>
    Math.max(titles[column].length, ...cells.map((cell) => cell[column].length));
  let columns: Column[] = ["term", "formula", "expected", "actual", "basis"];
  const total = () => columns.reduce((sum, column) => sum + width(column) + 2, 2);
  if (total() > style.width) columns = columns.filter((column) => column !== "basis");
  if (total() > style.width) columns = columns.filter((column) => column !== "formula");
  const row = (cell: Readonly<Record<Column, string>>) =>
    columns.map((column) =>
      column === "expected" || column === "actual"
        ? cell[column].padStart(width(column))
        : cell[column].padEnd(width(column))
    ).join("  ").trimEnd();
  return [
    paint(style, `    ${row(titles)}`, "dim"),
    ...cells.map((cell) =>
      cell.differs
        ? paint(style, `  → ${row(cell)}`, "bold", "yellow")
        : cell.basis === "not contradicted" || cell.basis === "hidden"
        ? paint(style, `    ${row(cell)}`, "dim")
        : `    ${row(cell)}`
    ),
  ];
}

function words(term: string): string {
  return term.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function tailLines(report: Report, style: Style): string[] {
  const beside = { indent: 2, column, style };
  return [
    ...report.remarks.flatMap((remark, i) => labelled(i === 0 ? "remarks" : "", remark, beside)),
    ...statisticsLines(report, style),
    ...coverageWords(report).flatMap((words) => labelled("coverage", words, beside)),
    ...(report.verdict !== "violates" ? diagnosisLines(report.diagnosis, column, style) : []),
    ...summaryLines(report, style),
  ];
}

/** What every statistical verdict rests on. */
function statisticsLines(report: Report, style: Style): string[] {
  const judged = report.clauses.flatMap(({ id, statistics }) =>
    statistics ? [{ id, statistics }] : []
  );
  if (judged.length === 0) return [];
  const head = `${counted(judged.length, "clause")} judged by tests of the sampler's own noise; ` +
    `the chance of a false alarm in this run is at most ${rough(report.falseAlarm ?? 0)}`;
  const lines = labelled("statistics", head, { indent: 2, column, style });
  for (const { id, statistics: { level, draws, smallestEffect } } of judged) {
    const text = `${id}: ${draws} draws, share ${shown(level, 2)}, sees ${smallestEffect}`;
    lines.push(...labelled("", text, { indent: 2, column, style }));
  }
  return lines;
}

function summaryLines(report: Report, style: Style): string[] {
  const beside = { indent: 2, column, style };
  const { golden, energy } = report;
  const lines: string[] = [];
  if (golden.replayed > 0) {
    const worst = golden.worst === null
      ? ""
      : `, the worst (${golden.worst.trace}) at ${
        shown(golden.worst.distance, 2)
      } of its tolerance`;
    const others = golden.disagreed.length === 0
      ? ""
      : `; not ${golden.disagreed.slice(0, 5).join(", ")}${
        golden.disagreed.length > 5 ? " and others" : ""
      }`;
    const aside = golden.reason === undefined ? "" : `; ${golden.reason}`;
    const text = `${golden.agreed} of ${golden.replayed} traces agree${worst}${others}${aside}`;
    lines.push(...labelled("golden", text, beside));
  }
  if (energy !== null) {
    const change = Number(energy.change);
    const sign = change > 0 ? "+" : "";
    const text = `mean ${shown(energy.first, 4)} → ${shown(energy.last, 4)} (${sign}${
      shown(energy.change, 4)
    }) along a chain with the official defaults`;
    lines.push(...labelled("energy", text, beside));
  }
  return lines;
}

function notRunLines({ target, fault }: Report, style: Style): string[] {
  return [
    paint(style, `! ${target.name} was not judged`, "bold", "yellow"),
    ...(fault === undefined ? [] : faultLines(fault, { indent: 2, column: 10, style })),
  ];
}

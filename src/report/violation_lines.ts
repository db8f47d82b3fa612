/**
 * A violated clause on a terminal: what was found, the smallest problem that shows it, the ledger.
 *
 * @module
 */

import { clauseOf } from "../../properties/clauses.ts";
import { labelled, paint, shown, type Style, wrap } from "./layout.ts";
import { distanceWords, placeWords, problemWords } from "./problem_words.ts";
import type { ClauseReport, Counterexample } from "./report.ts";
import { termWords } from "./summary.ts";

/** Where the text beside labels begins. */
export const column = 19;

/** All that is known of a violated clause. */
export function violationLines(clause: ClauseReport, style: Style): string[] {
  const found = clause.counterexample;
  const formula = clause.formula ?? clauseOf(clause.id)?.formula;
  const beside = { indent: 2, column, style };
  const inner = (label: string, text: string) => labelled(label, text, beside);
  const lines = [
    paint(style, `✗ ${clause.id}`, "bold", "red"),
    ...sentenceLines(clause.sentence, formula, style),
  ];
  if (found !== undefined) {
    lines.push("", ...wrap(`${found.message}.`, style.width - 2).map((line) => `  ${line}`));
    lines.push("", paint(style, "  The smallest problem that shows it", "bold"));
    for (const [label, text] of problemWords(found)) lines.push(...inner(label, text));
    const where = placeWords(found);
    lines.push(
      ...where === null ? [] : inner("where", where),
      ...comparisonLines(found, inner),
    );
    if (found.ledger.length > 0) lines.push("", ...ledgerLines(found, style));
  }
  if (clause.reason !== undefined) lines.push("", ...inner("reason", clause.reason));
  if (clause.replay !== undefined) {
    // Not wrapped: it is there to be copied.
    if (found === undefined) lines.push("");
    lines.push(paint(style, "  replay".padEnd(column), "dim") + clause.replay);
    if (clause.replays !== undefined) {
      lines.push(paint(style, `${"".padEnd(column)}a case of ${clause.replays} shows it`, "dim"));
    }
  }
  return lines;
}

/** What a clause says, its formula beside it where there is room. */
function sentenceLines(sentence: string, formula: string | undefined, style: Style): string[] {
  const lines = wrap(sentence, style.width - 2).map((line) => `  ${line}`);
  if (formula === undefined) return lines;
  const last = lines.at(-1) ?? "", shown = paint(style, formula, "cyan");
  return last.length + 3 + formula.length <= style.width
    ? [...lines.slice(0, -1), `${last}   ${shown}`]
    : [...lines, `  ${shown}`];
}

/** What was expected and found, unless the last line of the ledger says it. */
function comparisonLines(
  found: Counterexample,
  inner: (label: string, text: string) => string[],
): string[] {
  const distance = distanceWords(found);
  const isLast = found.ledger.at(-1)?.expected === found.expected &&
    found.ledger.at(-1)?.actual === found.actual;
  return [
    ...isLast ? [] : inner("expected", shown(found.expected)),
    ...isLast ? [] : inner("actual", shown(found.actual)),
    ...(distance === null ? [] : inner("distance", distance)),
  ];
}

function ledgerLines({ ledger }: Counterexample, style: Style): string[] {
  const cells = ledger.map((line) => ({
    term: termWords(line.term),
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

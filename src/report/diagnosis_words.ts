/**
 * A diagnosis for people: the name of the bug, the fix, the rule that the sampler really follows.
 *
 * @module
 */

import { labelled, paint, type Style } from "./layout.ts";
import type { DiagnosisReport, MeasuredRuleReport, NamedDefectReport } from "./report.ts";

/**
 * Lines that name what is wrong and show the measured rule, deviating terms marked.
 *
 * @param column where the text beside labels begins
 */
export function diagnosisLines(
  diagnosis: DiagnosisReport | undefined,
  column: number,
  style: Style,
): string[] {
  if (diagnosis === undefined) return [];
  const inner = (label: string, text: string) =>
    labelled(label, text, { indent: 2, column, style });
  const { defects, dialect, influences = [], measuredRule, unexplained, view } = diagnosis;
  const lines = defects.flatMap((defect, i) =>
    defectLines(defect, i, defects.length, inner, style)
  );
  if (dialect) lines.push(...inner("dialect", `${dialect.text}.`));
  for (const [i, { text }] of influences.entries()) {
    lines.push(...inner(i === 0 ? "depends on" : "", `${text}.`));
  }
  if (unexplained !== undefined) lines.push(...inner("unexplained", `${unexplained}.`));
  if (measuredRule) lines.push(...measuredLines(measuredRule, column, style));
  if (view === "points") {
    lines.push(...inner("", "The sampler draws its own noise: ± is half of a 95 % interval."));
  } else if (view === "final actions") {
    lines.push(
      ...inner("", "Only the returned actions are seen; the step sizes are read off them."),
    );
  }
  return lines;
}

function defectLines(
  { id, title, fix, seen, certain, alternatives }: NamedDefectReport,
  index: number,
  count: number,
  inner: (label: string, text: string) => string[],
  style: Style,
): string[] {
  const number = count === 1 ? "" : ` ${index + 1}`;
  const named = (title: string, id: string | null) => id === null ? title : `${title} (${id})`;
  const [first = "", ...rest] = inner(
    `bug${number}`,
    named(title, id) + (certain ? "" : ", perhaps"),
  );
  const others = (alternatives ?? []).flatMap((other) =>
    inner("", `or: ${named(other.title, other.id)}`)
  );
  return [
    paint(style, first, "bold"),
    ...rest,
    ...others,
    ...inner("fix", fix),
    ...(seen === undefined ? [] : inner("seen in", seen)),
  ];
}

/** The rule, and under each of its lines what the rule asks for where it differs. */
function measuredLines(
  { text, schedule, terms }: MeasuredRuleReport,
  column: number,
  style: Style,
): string[] {
  const off = terms.filter((term) => term.deviates && term.name !== "schedule");
  const shown = labelled("measured rule", text, { indent: 2, column, style });
  const marked = new Set<Term>();
  const lines = shown.flatMap((line) => {
    const here = off.filter((term) =>
      term.text !== "" && !marked.has(term) && line.includes(term.text, column)
    );
    here.forEach((term) => marked.add(term));
    return [line, ...here.map((term) => mark(term, line, column, style))];
  });
  const broken = off.filter((term) => !marked.has(term)).flatMap(({ name, text, wanted }) =>
    inYellow(`${brokenWords(name, text)}; the rule: ${wanted}`, column, style)
  );
  const steps = terms.find((term) => term.name === "schedule");
  const note = steps?.deviates ? `; the rule: ${steps.wanted}` : "";
  return [
    ...lines,
    ...broken,
    ...labelled("", schedule + note, { indent: 2, column, style }),
  ];
}

/** A term that stands on two lines of the rule, by itself. */
function brokenWords(name: string, text: string): string {
  if (text === "") return `no ${name}`;
  return text.startsWith(",") ? text.replace(/^[,\s]+/, "") : `${name} ${text}`;
}

type Term = MeasuredRuleReport["terms"][number];

/** A line that marks a term of the line above, with what it should be as far as there is room. */
function mark({ text, wanted }: Term, line: string, column: number, style: Style): string {
  const at = line.indexOf(text, column), note = `the rule: ${wanted}`;
  const carets = " ".repeat(at) + "^".repeat(text.length);
  if (carets.length + 1 + note.length <= style.width) {
    return paint(style, `${carets} ${note}`, "yellow");
  }
  const before = at - column - 1 - note.length;
  return paint(
    style,
    before >= 0 ? `${" ".repeat(column + before)}${note} ${"^".repeat(text.length)}` : carets,
    "yellow",
  );
}

function inYellow(text: string, column: number, style: Style): string[] {
  return labelled("", text, { indent: 2, column, style }).map((line) =>
    paint(style, line, "yellow")
  );
}

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

/** The rule on one line, and under it what the rule asks for where it differs. */
function measuredLines(
  { text, schedule, terms }: MeasuredRuleReport,
  column: number,
  style: Style,
): string[] {
  const [head = "", ...more] = labelled("measured rule", text, { indent: 2, column, style });
  const lines = [head, ...more];
  const off = terms.filter((term) => term.deviates && term.name !== "schedule");
  for (const { name, text: found, wanted } of off) {
    const at = found === "" ? -1 : text.indexOf(found);
    const note = found === "" ? `no ${name}; the rule: ${wanted}` : `the rule: ${wanted}`;
    const marked = at < 0 || more.length > 0
      ? `${" ".repeat(column)}${note}`
      : `${" ".repeat(column + at)}${"^".repeat(found.length)} ${note}`;
    lines.push(
      paint(style, marked.length > style.width ? `${" ".repeat(column)}${note}` : marked, "yellow"),
    );
  }
  const steps = terms.find((term) => term.name === "schedule");
  const note = steps?.deviates ? `; the rule: ${steps.wanted}` : "";
  lines.push(...labelled("", schedule + note, { indent: 2, column, style }));
  return lines;
}

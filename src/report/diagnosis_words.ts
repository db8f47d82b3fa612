/**
 * A diagnosis for people: the name of the bug, the fix, the rule that the sampler really follows.
 *
 * @module
 */

import { labelled, type Paint, paint, type Style } from "./layout.ts";
import type { DiagnosisReport, MeasuredRuleReport, NamedDefectReport } from "./report.ts";

/**
 * Lines that name what is wrong and show the measured rule, deviating terms marked.
 *
 * @param column where the text beside labels begins
 * @param extent with `verbose`, public examples of the bugs, too
 */
export function diagnosisLines(
  diagnosis: DiagnosisReport | undefined,
  column: number,
  style: Style,
  { verbose = true }: { readonly verbose?: boolean } = {},
): string[] {
  if (diagnosis === undefined) return [];
  const inner: Inner = (label, text, ...paints) =>
    labelled(label, text, { indent: 2, column, style }, ...paints);
  const { defects, dialect, influences = [], measuredRule, unexplained, view } = diagnosis;
  const lines = defects.flatMap((defect, i) =>
    defectLines(verbose ? defect : unseen(defect), i, defects.length, inner)
  );
  if (dialect) lines.push(...inner("dialect", `${dialect.text}.`));
  for (const [i, { text }] of influences.entries()) {
    lines.push(...inner(i === 0 ? "depends on" : "", `${text}.`));
  }
  if (unexplained !== undefined) lines.push(...inner("unexplained", `${unexplained}.`));
  if (measuredRule) {
    lines.push(...measuredLines(measuredRule, primeWords(diagnosis), column, style));
  }
  const figures = [measuredRule?.text, unexplained, ...defects.map(({ title }) => title)];
  if (view === "points" && figures.some((text) => text?.includes(" ± "))) {
    lines.push(...inner("", "Estimated from many draws: ± is half of a 95 % interval."));
  } else if (view === "final actions") {
    lines.push(
      ...inner("", "Only the returned actions are seen; the step sizes are read off them."),
    );
  }
  return lines;
}

type Inner = (label: string, text: string, ...paints: readonly Paint[]) => string[];

/** A defect without its public example. */
function unseen({ seen: _, ...defect }: NamedDefectReport): NamedDefectReport {
  return defect;
}

function defectLines(
  { id, title, fix, seen, certain, alternatives }: NamedDefectReport,
  index: number,
  count: number,
  inner: Inner,
): string[] {
  const number = count === 1 ? "" : ` ${index + 1}`;
  const named = (title: string, id: string | null) => id === null ? title : `${title} (${id})`;
  const others = (alternatives ?? []).flatMap((other) =>
    inner("", `or: ${named(other.title, other.id)}`)
  );
  return [
    ...inner(`bug${number}`, named(title, id) + (certain ? "" : ", perhaps"), "bold"),
    ...others,
    ...inner("fix", fix),
    ...(seen === undefined ? [] : inner("seen in", seen)),
  ];
}

/** The rule, and under it what the rule asks for where it differs. */
function measuredLines(
  { text, schedule, terms }: MeasuredRuleReport,
  primes: readonly string[],
  column: number,
  style: Style,
): string[] {
  const reasons = terms.flatMap(({ value }) => value?.kind === "not measured" ? value.reason : []);
  if (reasons.length > 0 && reasons.length === terms.length) {
    return labelled("measured rule", `not measured: ${reasons[0]}`, { indent: 2, column, style });
  }
  const off = terms.filter((term) => term.deviates && term.name !== "schedule");
  const { lines, at } = ruleLines(text, column, style), [only, ...more] = lines.slice(-1);
  const line = only ?? "";
  const below = at ?? column;
  // Marks stand under a rule that is one line; between two halves of one they would be in the way.
  const whole = at !== undefined && more.length === 0;
  const marked = whole ? off.filter(({ text }) => text !== "" && line.includes(text, at)) : [];
  const broken = off.filter((term) => !marked.includes(term)).flatMap(({ name, text, wanted }) =>
    inYellow(`${brokenWords(name, text)}; the rule: ${wanted}`, below, style)
  );
  const steps = terms.find((term) => term.name === "schedule");
  const note = steps?.deviates ? `; the rule: ${steps.wanted}` : "";
  return [
    ...lines,
    ...marked.map((term) => mark(term, line, below, style)),
    ...broken,
    ...primes.flatMap((words) => labelled("", words, { indent: 2, column: below, style })),
    ...labelled("", schedule + note, { indent: 2, column: below, style }),
  ];
}

/** Where a rule stands that is too long to stand beside its label. */
const ownLine = 4;

/** The rule beside its label, or in a line of its own, or in several. */
function ruleLines(
  text: string,
  column: number,
  style: Style,
): { readonly lines: readonly string[]; readonly at: number | undefined } {
  const beside = labelled("measured rule", text, { indent: 2, column, style });
  if (beside.length === 1) return { lines: beside, at: column };
  if (text.length + ownLine > style.width) return { lines: beside, at: undefined };
  const label = labelled("measured rule", ":", { indent: 2, column, style });
  return {
    lines: [label[0]!.replace(/ *:$/, ""), " ".repeat(ownLine) + text],
    at: ownLine,
  };
}

/** A term that stands on two lines of the rule, by itself. */
function brokenWords(name: string, text: string): string {
  if (text === "") return `no ${name}`;
  if (text.startsWith(",")) return text.replace(/^[,\s]+/, "");
  return text.includes(name) ? text : `${name} ${text}`;
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

/** What a sign with a prime stands for in the measured rule, one sentence each. */
export function primeWords({ measuredRule, defects }: DiagnosisReport): readonly string[] {
  return (measuredRule?.terms ?? []).flatMap(({ text, primedBy = [] }) => {
    const sign = /(∇E|ξ)′/.exec(text)?.[0];
    if (sign === undefined) return [];
    const of = sign === "ξ′" ? "the draw" : "the gradient";
    const bugs = primedBy.flatMap((title) => {
      const at = defects.findIndex((defect) => defect.title === title);
      return at < 0 ? [] : [at + 1];
    });
    const named = defects.length === 1
      ? "the bug"
      : bugs.length === 0
      ? "what is named above"
      : `${bugs.length === 1 ? "bug" : "bugs"} ${bugs.join(" and ")}`;
    return [`${sign} is ${of} with ${named} in it`];
  });
}

function inYellow(text: string, column: number, style: Style): string[] {
  return labelled("", text, { indent: 2, column, style }).map((line) =>
    paint(style, line, "yellow")
  );
}

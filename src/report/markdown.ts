/**
 * A report as Markdown, for the summary page of a continuous integration job.
 *
 * Names and messages come from a target: they are escaped, so that they cannot add links, images or
 * tables.
 *
 * @module
 */

import { primeWords } from "./diagnosis_words.ts";
import { plainTexts } from "./plain_text.ts";
import { clauseOf } from "../../properties/clauses.ts";
import { coverageWords } from "./coverage_words.ts";
import { faultFacts } from "./fault_lines.ts";
import { counted, rough, shown } from "./layout.ts";
import { placeWords, problemWords } from "./problem_words.ts";
import {
  type ClauseReport,
  type Counterexample,
  type DiagnosisReport,
  type Report,
  verdicts,
} from "./report.ts";
import { groupedClauses, groupTitle, headline, lead, termWords } from "./summary.ts";

/** A report as GitHub-flavoured Markdown; ends with a newline. */
export function markdown(given: Report): string {
  const report = plainTexts(given);
  const { words } = headline(report);
  const isNamed = (report.diagnosis?.defects.length ?? 0) > 0;
  const parts = [
    `# ${signs[report.verdict]} ${escaped(report.target.name)} ${words}`,
    ...(isNamed ? [] : [escaped(lead(report))]),
    ...(report.verdict === "not run" ? faultParts(report) : [
      ...diagnosisParts(report.diagnosis),
      ...(isNamed ? [escaped(lead(report))] : []),
      ...report.clauses.filter((clause) => clause.verdict === "violated").flatMap(violationParts),
      clauseTable(report),
      ...factParts(report),
    ]),
    `<sub>seed ${report.seed} · profile ${report.profile} · ${
      (report.elapsedMs / 1000).toFixed(1)
    } s · ${report.format}</sub>`,
  ];
  return `${parts.join("\n\n")}\n`;
}

const signs = {
  "conforms": "✅",
  "violates": "❌",
  "incomplete": "⚠️",
  "not run": "⚠️",
} as const;

function violationParts(clause: ClauseReport): string[] {
  const found = clause.counterexample;
  const formula = clause.formula ?? clauseOf(clause.id)?.formula;
  return [
    `## ${code(clause.id)}`,
    `**${escaped(clause.sentence)}**${formula === undefined ? "" : ` ${code(formula)}`}`,
    ...(found === undefined ? [] : counterexampleParts(found)),
    ...(clause.reason === undefined ? [] : [`${escaped(clause.reason)}.`]),
    ...(clause.replay === undefined ? [] : [
      `Replay exactly this case${
        clause.replays === undefined ? "" : `, one of ${code(clause.replays)}`
      }:`,
      fenced(clause.replay, "sh"),
    ]),
  ];
}

function counterexampleParts(found: Counterexample): string[] {
  const problem = problemWords(found).map(([label, text]) => `${label} ${code(text)}`);
  const ledger = found.ledger.map((line) => {
    const cells = [
      line.differs ? `**→ ${termWords(line.term)}**` : termWords(line.term),
      code(line.formula),
      shown(line.expected),
      line.differs ? `**${shown(line.actual)}**` : shown(line.actual),
      line.basis,
    ];
    return row(cells);
  });
  const place = placeWords(found);
  return [
    `> ${escaped(found.message)}.`,
    `Expected ${code(shown(found.expected))}, actual ${code(shown(found.actual))}${
      place === null ? "" : ` at ${place}`
    }, on the smallest problem that shows it: ${problem.join(" · ")}.`,
    ...(ledger.length === 0 ? [] : [
      [
        row(["term", "formula", "expected", "actual", "how it is known"]),
        "| --- | --- | ---: | ---: | --- |",
        ...ledger,
      ].join("\n"),
    ]),
  ];
}

function diagnosisParts(diagnosis: DiagnosisReport | undefined): string[] {
  if (diagnosis === undefined) return [];
  const { defects, dialect, influences = [], measuredRule, unexplained } = diagnosis;
  const named = defects.map(({ id, title, fix, certain, alternatives }) =>
    `- **${certain ? "Bug" : "Perhaps the bug"}: ${escaped(title)}**${
      id === null ? "" : ` (${code(id)})`
    }${(alternatives ?? []).map(({ title }) => `, or: ${escaped(title)}`).join("")}. Fix: ${
      escaped(fix)
    }`
  );
  const parts = [
    ...(named.length === 0 ? [] : [named.join("\n")]),
    ...(dialect === undefined ? [] : [`${escaped(dialect.text)}.`]),
    ...(influences.length === 0
      ? []
      : [influences.map(({ text }) => `- ${escaped(text)}.`).join("\n")]),
    ...(unexplained === undefined ? [] : [`${escaped(unexplained)}.`]),
    ...(measuredRule === undefined ? [] : [
      defects.length > 0 ? "The rule that it really follows:" : "The measured rule:",
      fenced(
        [
          measuredRule.text,
          ...primeWords(diagnosis),
          measuredRule.schedule,
          ...measuredRule.terms.filter(({ deviates }) => deviates).map(({ name, text, wanted }) =>
            `${name}: ${text.replace(/^[,\s]+/, "") || "none"}; the rule: ${wanted}`
          ),
        ].join("\n"),
        "text",
      ),
    ]),
  ];
  return parts;
}

function clauseTable(report: Report): string {
  const lines = groupedClauses(report).map(([group, clauses]) => {
    const having = (verdict: ClauseReport["verdict"]) =>
      clauses.filter((clause) => clause.verdict === verdict);
    const broken = having("violated");
    const cells = [
      `${broken.length > 0 ? "❌" : having("holds").length > 0 ? "✅" : "➖"} ${groupTitle(group)}`,
      ...verdicts.map((verdict) => String(having(verdict).length || "")),
      broken.map(({ id }) => code(id)).join(", "),
    ];
    return row(cells);
  });
  return [
    "## Clauses",
    [
      row(["group", "hold", ...verdicts.slice(1), ""]),
      `| --- |${" ---: |".repeat(verdicts.length)} --- |`,
      ...lines,
    ].join("\n"),
  ].join("\n\n");
}

function factParts(report: Report): string[] {
  const { energy, golden } = report;
  const judged = report.clauses.filter(({ statistics }) => statistics !== undefined).length;
  const facts = [
    ...report.remarks.map(escaped),
    ...(judged === 0 ? [] : [
      `${
        counted(judged, "clause")
      } judged by tests of the recovered noise; the chance of a false alarm in this run is at most ${
        rough(report.falseAlarm ?? 0)
      }.`,
    ]),
    ...coverageWords(report).map((words) => `Coverage: ${words}.`),
    ...(golden.replayed === 0 ? [] : [
      `${golden.agreed} of ${golden.replayed} traces of the official code agree${
        golden.reason === undefined ? "" : `; ${golden.reason}`
      }.`,
    ]),
    ...(energy === null ? [] : [
      `Mean energy along a chain with the official defaults: ${shown(energy.first, 4)} → ${
        shown(energy.last, 4)
      }.`,
    ]),
  ];
  return facts.length === 0 ? [] : [facts.map((fact) => `- ${fact}`).join("\n")];
}

function faultParts({ fault }: Report): string[] {
  if (fault === undefined) return [];
  const { trace, stderr } = fault;
  return [
    faultFacts(fault).map(([label, text]) => `- **${label}** ${escaped(text)}`).join("\n"),
    ...(trace === undefined ? [] : ["Trace:", fenced(trace, "text")]),
    ...(stderr === undefined ? [] : ["Standard error:", fenced(stderr, "text")]),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Text in one line that Markdown leaves as it is. */
function escaped(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>#|~&!@]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replaceAll("://", "&#58;//");
}

/** Text as code in one line, in a table too. */
function code(text: string): string {
  const line = oneLine(text).replaceAll("|", "¦");
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), (run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const spare = line.startsWith("`") || line.endsWith("`") || line.trim() === "" ? " " : "";
  return `${fence}${spare}${line}${spare}${fence}`;
}

function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ");
}

/** A block of text between fences longer than any in it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

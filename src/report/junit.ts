/**
 * A report as JUnit XML: one test case per clause.
 *
 * @module
 */

import { plainTexts } from "./plain_text.ts";
import { coverageWords } from "./coverage_words.ts";
import { escaped } from "./markup.ts";
import { prettyDiagnosis, prettyFault, prettyViolation } from "./pretty.ts";
import { faultWords } from "../../spec/sampler.ts";
import type { ClauseReport, Report } from "./report.ts";
import { bugWords } from "./summary.ts";

const style = { color: false, width: 100 };

/**
 * A report as JUnit XML; ends with a newline. A violated clause is a failure, one without a verdict
 * is skipped, and a run that did not take place, or is incomplete, has one error that says why.
 */
export function junit(given: Report): string {
  const report = plainTexts(given);
  const { clauses } = report;
  const count = (...verdicts: ClauseReport["verdict"][]) =>
    clauses.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const cases = report.verdict === "not run"
    ? []
    : clauses.map((clause) => clauseCase(clause, report));
  const errors = errorCases(report);
  const totals = {
    tests: cases.length + errors.length,
    failures: count("violated"),
    errors: errors.length,
    skipped: cases.length === 0 ? 0 : count("unsupported", "not judged", "not binding", "accepted"),
    time: (report.elapsedMs / 1000).toFixed(3),
  };
  const properties = {
    seed: report.seed,
    profile: report.profile,
    format: report.format,
    verdict: report.verdict,
    ...diagnosisProperties(report),
    ...Object.fromEntries(coverageWords(report).map((words) => ["coverage", words])),
  };
  const name = report.target.name;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites${attributes({ name: "ulaspec", ...totals })}>
  <testsuite${attributes({ name, ...totals })}>
    <properties>
${
    Object.entries(properties).map(([name, value]) =>
      `      <property${attributes({ name, value })}/>`
    ).join("\n")
  }
    </properties>
${[...errors, ...cases].join("\n")}
  </testsuite>
</testsuites>
`;
}

/** The bug, the fix and the measured rule, for readers that show properties only. */
function diagnosisProperties({ diagnosis }: Report): Readonly<Record<string, string>> {
  if (diagnosis === undefined) return {};
  const { defects, measuredRule } = diagnosis;
  const many = (texts: readonly string[]) => texts.join(" · ");
  return {
    ...(defects.length === 0 ? {} : {
      bug: many(
        defects.map(({ id, title, certain }) =>
          `${title}${id === null ? "" : ` (${id})`}${certain ? "" : ", perhaps"}`
        ),
      ),
      fix: many(defects.map(({ fix }) => fix)),
    }),
    ...(measuredRule === undefined
      ? {}
      : { measuredRule: `${measuredRule.text}; ${measuredRule.schedule}` }),
  };
}

function clauseCase(clause: ClauseReport, report: Report): string {
  const { id, sentence, verdict, reason } = clause;
  const start = `    <testcase${
    attributes({ name: `${id}: ${sentence}`, classname: report.target.name })
  }`;
  if (verdict === "holds") return `${start}/>`;
  const inner = verdict === "violated"
    ? `<failure${
      attributes({
        message: failureMessage(clause, report),
        type: "violated",
      })
    }>${escaped(failureText(clause, report))}</failure>`
    : `<skipped${
      attributes({ message: reason === undefined ? verdict : `${verdict}: ${reason}` })
    }/>`;
  return `${start}>\n      ${inner}\n    </testcase>`;
}

function failureMessage(clause: ClauseReport, report: Report): string {
  const what = clause.counterexample?.message ?? clause.reason ?? "violated";
  // What no bug explains is no bug's.
  const isOpen = report.diagnosis?.unexplainedClauses?.includes(clause.id);
  const bug = isOpen ? "" : bugWords(report).join(", ");
  return bug === "" ? what : `${bug}: ${what}`;
}

function failureText(clause: ClauseReport, report: Report): string {
  const bug = prettyDiagnosis(report, style);
  return `${bug}${bug === "" ? "" : "\n"}${prettyViolation(clause, style)}`;
}

function errorCases(report: Report): string[] {
  const { fault, incomplete } = report;
  if (incomplete) {
    return [errorCase(report, "the verdict is complete", incomplete.reason, "incomplete", "")];
  }
  if (report.verdict !== "not run") return [];
  const message = fault === undefined ? "The target was not judged" : faultWords(fault);
  const text = prettyFault(report, style);
  return [errorCase(report, "the target can be judged", message, fault?.kind ?? "not run", text)];
}

function errorCase(
  { target }: Report,
  name: string,
  message: string,
  type: string,
  text: string,
): string {
  return `    <testcase${attributes({ name, classname: target.name })}>
      <error${attributes({ message, type })}>${escaped(text)}</error>
    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) =>
    ` ${name}="${escaped(String(value)).replaceAll(/\s+/g, " ")}"`
  ).join("");
}

/**
 * A report as JUnit XML: one test case per clause.
 *
 * @module
 */

import { coverageWords } from "./coverage_words.ts";
import { escaped } from "./markup.ts";
import { prettyFault, prettyViolation } from "./pretty.ts";
import type { ClauseReport, Report } from "./report.ts";

const style = { color: false, width: 100 };

/**
 * A report as JUnit XML; ends with a newline. A violated clause is a failure, one without a verdict
 * is skipped, and a run that did not take place, or is incomplete, has one error that says why.
 */
export function junit(report: Report): string {
  const { clauses } = report;
  const count = (...verdicts: ClauseReport["verdict"][]) =>
    clauses.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const cases = report.verdict === "not run"
    ? []
    : clauses.map((clause) => clauseCase(clause, report.target.name));
  const errors = errorCases(report);
  const totals = {
    tests: cases.length + errors.length,
    failures: count("violated"),
    errors: errors.length,
    skipped: cases.length === 0 ? 0 : count("unsupported", "not judged", "not binding"),
    time: (report.elapsedMs / 1000).toFixed(3),
  };
  const properties = {
    seed: report.seed,
    profile: report.profile,
    format: report.format,
    verdict: report.verdict,
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

function clauseCase(clause: ClauseReport, target: string): string {
  const { id, sentence, verdict, reason } = clause;
  const start = `    <testcase${attributes({ name: `${id}: ${sentence}`, classname: target })}`;
  if (verdict === "holds") return `${start}/>`;
  const inner = verdict === "violated"
    ? `<failure${
      attributes({
        message: clause.counterexample?.message ?? clause.reason ?? "violated",
        type: "violated",
      })
    }>${escaped(prettyViolation(clause, style))}</failure>`
    : `<skipped${
      attributes({ message: reason === undefined ? verdict : `${verdict}: ${reason}` })
    }/>`;
  return `${start}>\n      ${inner}\n    </testcase>`;
}

function errorCases(report: Report): string[] {
  const { fault, incomplete } = report;
  if (incomplete) {
    return [errorCase(report, "the verdict is complete", incomplete.reason, "incomplete", "")];
  }
  if (report.verdict !== "not run") return [];
  const message = fault === undefined
    ? "The target was not judged"
    : `Found ${fault.found}, wanted ${fault.wanted}`;
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

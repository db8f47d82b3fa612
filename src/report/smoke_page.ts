/**
 * What the test of a harness found, as text for a terminal.
 *
 * @module
 */

import { plainTexts } from "./plain_text.ts";
import type { SmokeCheck, SmokeReport } from "../run/smoke.ts";
import { faultLines } from "./fault_lines.ts";
import { counted, paint, type Style } from "./layout.ts";

/** A smoke report as text for a terminal; ends with a newline. */
export function prettySmoke(given: SmokeReport, style: Style): string {
  const report = plainTexts(given);
  const page = { ...style, width: Math.min(style.width, 110) };
  const command = report.command.join(" ");
  const faults = report.checks.filter((check) => check.verdict === "fails").length;
  const head = report.verdict === "sound"
    ? paint(page, "✓ The harness is sound", "bold", "green")
    : report.verdict === "faulty"
    ? paint(page, `✗ The harness has ${counted(faults, "fault")}`, "bold", "red")
    : paint(page, "! There is nothing to talk to", "bold", "yellow");
  return `${
    [`${head}: ${command}`, "", ...folded(report.checks).flatMap((c) => lines(c, page))].join("\n")
  }\n`;
}

/** Three or more checks at the end that were not run become one line. */
function folded(checks: readonly SmokeCheck[]): readonly SmokeCheck[] {
  const last = checks.findLastIndex((check) => check.verdict !== "not run");
  const rest = checks.length - 1 - last;
  if (rest < 3) return checks;
  const { note } = checks.at(-1)!;
  const folded = {
    sentence: `${rest} more`,
    verdict: "not run",
    ...(note ? { note } : {}),
  } as const;
  return [...checks.slice(0, last + 1), folded];
}

function lines({ sentence, verdict, note, fault }: SmokeCheck, style: Style): string[] {
  const mark = {
    "passes": paint(style, "✓", "green"),
    "fails": paint(style, "✗", "red"),
    "not run": paint(style, "·", "dim"),
  }[verdict];
  const reason = note === undefined
    ? ""
    : verdict === "not run"
    ? `: not run, ${note}`
    : `: ${note}`;
  return [
    `  ${mark} ${sentence}${verdict === "not run" ? paint(style, reason, "dim") : reason}`,
    ...(fault === undefined ? [] : faultLines(fault, { indent: 6, column: 14, style })),
  ];
}

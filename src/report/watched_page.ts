/**
 * What is to be said of a recorded real run, for a terminal.
 *
 * @module
 */

import type { WatchedReport } from "../run/traces/watched_run.ts";
import { counted, labelled, paint, shown, type Style } from "./layout.ts";

/** The report as text; ends with a newline. */
export function prettyWatched(report: WatchedReport, style: Style): string {
  const layout = { indent: 2, column: 19, style };
  const { verdict, coverage: c, first, bugs, measured } = report;
  const head = {
    "follows": paint(style, "✓ every step that was seen follows the rule", "green"),
    "deviates": paint(
      style,
      `✗ ${counted(report.deviating, "coordinate")} of ${c.coordinates} left the rule`,
      "red",
    ),
    "not judged": paint(style, "! no step could be judged", "red"),
  }[verdict];
  const [bug] = bugs;
  const others = bugs.slice(1).map(({ title }) => title);
  const term = (value: number | null, wanted: string, of: string) =>
    value === null ? `${of} not measured` : `${value.toFixed(3)}·${of} (the rule: ${wanted})`;
  const lines = [
    head,
    ...(bug
      ? [
        ...labelled("bug", `${bug.title} (${bug.id})`, layout),
        ...(others.length > 0 ? labelled("or", others.join("; or: "), layout) : []),
        ...labelled("fix", bug.fix, layout),
      ]
      : verdict === "deviates"
      ? labelled("bug", "no single known bug gives what was seen", layout)
      : []),
    ...(verdict === "not judged" ? [] : labelled(
      "measured",
      `${term(measured.drift, "0.500", "∇E")}, ${term(measured.noise, "1.000", "σξ")}`,
      layout,
    )),
    ...(first ? firstLines(first, layout) : []),
    ...labelled(
      "coverage",
      `${c.steps} of ${counted(c.ofSteps, "step")}, ${c.rows} of ${counted(c.ofRows, "row")}, ` +
        `${counted(c.axes, "axis", "axes")}; ${c.limited} of ${c.coordinates} moves reached the ` +
        `limit, ${c.onWalls} a wall`,
      layout,
    ),
    ...labelled(
      "not judged",
      "what needs other problems: other boxes and settings, a second call, rows by themselves, the " +
        "law of the noise",
      layout,
    ),
    ...report.notes.flatMap((note) => labelled("note", note, layout)),
  ];
  return `${lines.join("\n")}\n`;
}

function firstLines(
  { step, row, axis, action, expected, actual, tolerance }: NonNullable<WatchedReport["first"]>,
  layout: Parameters<typeof labelled>[2],
): readonly string[] {
  const table = Object.entries(expected).map(([term, value]) => `${term} ${shown(value, 6)}`);
  return [
    ...labelled(
      "where",
      `step ${step}, row ${row}, axis ${axis} (from 0), at ${shown(action)}`,
      layout,
    ),
    ...labelled("expected", shown(expected.result), layout),
    ...labelled(
      "actual",
      `${shown(actual)}, off by ${
        shown(Math.abs(actual - expected.result) / tolerance, 3)
      } tolerances`,
      layout,
    ),
    ...labelled("the rule's terms", table.join(", "), layout),
  ];
}

/**
 * Why a target could not be judged, as lines of a terminal.
 *
 * @module
 */

import { labelled, paint, type Style } from "./layout.ts";
import type { FaultReport } from "./report.ts";

/** What was found and wanted, where to look, and what the target's process said beside. */
export function faultLines(
  fault: FaultReport,
  layout: { readonly indent: number; readonly column: number; readonly style: Style },
): readonly string[] {
  const { indent, column, style } = layout, { trace, stderr } = fault;
  // Not wrapped: these are another program's lines.
  const others = Object.entries({ trace, stderr }).flatMap(([label, text]) =>
    (text?.split("\n") ?? []).map((line, i) =>
      paint(style, (" ".repeat(indent) + (i === 0 ? label : "")).padEnd(column), "dim") + line
    )
  );
  return [
    ...faultFacts(fault).flatMap(([label, text]) => labelled(label, text, layout)),
    ...others,
  ];
}

/** What happened, what was wanted if the error doesn't say it, and where to look: labels and texts. */
export function faultFacts(
  { kind, found, wanted, where }: FaultReport,
): readonly (readonly [label: string, text: string])[] {
  const wants = wanted === "" ? [] : [["wanted", wanted] as const];
  const places = where === undefined ? [] : [["where", where] as const];
  return [[kind === "throws" ? "error" : "found", found], ...wants, ...places];
}

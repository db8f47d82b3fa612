/**
 * Why a target could not be judged, as lines of a terminal.
 *
 * @module
 */

import { labelled, paint, type Style } from "./layout.ts";
import type { FaultReport } from "./report.ts";

/** What was found and wanted, where to look, and what the target's process said beside. */
export function faultLines(
  { found, wanted, where, trace, stderr }: FaultReport,
  layout: { readonly indent: number; readonly column: number; readonly style: Style },
): readonly string[] {
  const { indent, column, style } = layout;
  // Not wrapped: these are another program's lines.
  const others = Object.entries({ trace, stderr }).flatMap(([label, text]) =>
    (text?.split("\n") ?? []).map((line, i) =>
      paint(style, (" ".repeat(indent) + (i === 0 ? label : "")).padEnd(column), "dim") + line
    )
  );
  return [
    ...labelled("found", found, layout),
    ...labelled("wanted", wanted, layout),
    ...(where === undefined ? [] : labelled("where", where, layout)),
    ...others,
  ];
}

/**
 * Tables of words: every column as wide as it must be, the last one wrapped.
 *
 * @module
 */

import { paint, type Style, wrap } from "../report/layout.ts";

/** A table; ends with a newline. */
export function catalogue(rows: readonly (readonly string[])[], style: Style): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from(
    { length: columns - 1 },
    (_, i) => Math.max(...rows.map((row) => row[i]!.length)) + 2,
  );
  const left = widths.reduce((sum, width) => sum + width, 0);
  const lines = rows.flatMap((row) => {
    const head = widths.map((width, i) => row[i]!.padEnd(width));
    return wrap(row.at(-1)!, Math.max(24, style.width - left)).map((line, i) =>
      i > 0
        ? " ".repeat(left) + line
        : head.map((cell, c) => c === 0 ? paint(style, cell, "bold") : paint(style, cell, "dim"))
          .join("") + line
    );
  });
  return `${lines.join("\n")}\n`;
}

/**
 * Text on a terminal: colours, line breaks, columns and numbers.
 *
 * @module
 */

import { show } from "../../spec/numerics/number_text.ts";

/** How text is to look. */
export interface Style {
  /** Whether colours and weights are shown. */
  readonly color: boolean;
  /** Columns that there are. */
  readonly width: number;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** A colour or a weight. */
export type Paint = keyof typeof codes;

/** Paints text, if the style has colours. */
export function paint(style: Style, text: string, ...paints: readonly Paint[]): string {
  if (!style.color || paints.length === 0) return text;
  return `\x1b[${paints.map((p) => codes[p]).join(";")}m${text}\x1b[0m`;
}

/** Breaks text into lines of at most `width` characters, at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** A label with text beside it; the text is wrapped and stays in its column. */
export function labelled(
  label: string,
  text: string,
  layout: { readonly indent: number; readonly column: number; readonly style: Style },
  ...paints: readonly Paint[]
): string[] {
  const { indent, column, style } = layout;
  const head = " ".repeat(indent) + label.padEnd(column - indent);
  return wrap(text, Math.max(24, style.width - column)).map((line, i) =>
    (i === 0 ? paint(style, head, "dim") : " ".repeat(column)) +
    paint(style, line, ...paints)
  );
}

/** A float as reports carry it. */
export type Float = number | string;

/** A number with up to `digits` significant digits, trailing zeros dropped. */
export function shown(value: Float | null, digits = 9): string {
  if (value === null) return "?";
  return show(Number(value), digits);
}

/** A count with its noun: `1 clause`, `2 clauses`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A number of which only the size matters: three significant digits, powers of ten when large. */
export function rough(value: Float): string {
  const number = Number(value);
  if (!Number.isFinite(number) || Math.abs(number) < 1e5) return shown(value, 3);
  return number.toExponential(2).replace("e+", "e");
}

/**
 * Catalogues on a terminal: groups of entries, the last column wrapped, and the words that choose.
 *
 * @module
 */

import { paint, type Style, wrap } from "../report/layout.ts";
import { UsageError } from "./command.ts";
import { didYouMean } from "../../spec/nearest.ts";

/** A line of a catalogue. */
export interface Entry {
  readonly group: string;
  /** The columns; the last one is wrapped. */
  readonly cells: readonly string[];
}

/** Entries under the names of their groups; ends with a newline. */
export function catalogue(entries: readonly Entry[], style: Style): string {
  const columns = entries[0]?.cells.length ?? 0;
  const widths = Array.from(
    { length: columns - 1 },
    (_, i) => Math.max(...entries.map(({ cells }) => cells[i]!.length)) + 2,
  );
  const left = 2 + widths.reduce((sum, width) => sum + width, 0);
  const lines = [...Map.groupBy(entries, ({ group }) => group)].flatMap(([group, members], i) => [
    ...i === 0 ? [] : [""],
    paint(style, group, "bold"),
    ...members.flatMap(({ cells }) => {
      const head = widths.map((width, i) => cells[i]!.padEnd(width));
      return wrap(cells.at(-1)!, Math.max(24, style.width - left)).map((line, i) =>
        i > 0
          ? " ".repeat(left) + line
          : `  ${
            head.map((cell, c) => c === 0 ? paint(style, cell, "cyan") : paint(style, cell, "dim"))
              .join("")
          }${line}`
      );
    }),
  ]);
  return `${lines.join("\n")}\n`;
}

/**
 * The records that have every word in their id, their group or their text; all without words.
 *
 * @param texts what is searched of a record
 * @throws {UsageError} if there is none
 */
export function chosen<T extends { readonly id: string }>(
  what: string,
  records: readonly T[],
  words: readonly string[],
  texts: (record: T) => readonly string[],
): readonly T[] {
  const has = (record: T) => (word: string) =>
    [record.id, ...texts(record)].some((text) => text.toLowerCase().includes(word.toLowerCase()));
  const found = records.filter((record) => words.every(has(record)));
  if (found.length > 0) return found;
  throw new UsageError(
    `no ${what} with ${words.join(" and ")}`,
    `words of an id or a sentence${didYouMean(words[0]!, records.map(({ id }) => id))}`,
  );
}

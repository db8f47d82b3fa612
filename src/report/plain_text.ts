/**
 * Text that came from outside (names, keys, messages, excerpts, formulas, arguments), made fit to be
 * read: whatever it holds, it steers no terminal, turns no line round, and has an end.
 *
 * Every face of a report and every message of the command line goes through this one place.
 *
 * @module
 */

/** Characters that one text may have. */
const mostCharacters = 20_000;

/**
 * Control characters (C0 and C1, line ends and tabs aside), marks that turn the direction of text or
 * cannot be seen, separators of lines, what is no character, and halves of a surrogate pair.
 */
const unfit =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text without what is unfit to be printed, which is written as `\u{…}`, and of a bounded length. */
export function plainText(text: string): string {
  const cut = text.length > mostCharacters
    ? `${text.slice(0, mostCharacters)}… (${text.length - mostCharacters} characters more)`
    : text;
  return cut.replaceAll("\r\n", "\n").replaceAll(
    unfit,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

/** A plain text on one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll("\n", "\\n").replaceAll("\t", " ");
}

/** The same value with plain texts, keys included. */
export function plainTexts<T>(value: T): T;
export function plainTexts(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plainTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [plainText(key), plainTexts(inner)]),
  );
}

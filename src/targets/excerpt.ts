/**
 * The beginning of a text, for messages.
 *
 * @module
 */

/** The beginning of a text, in quotes. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

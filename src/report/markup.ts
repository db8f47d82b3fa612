/**
 * Markup that cannot be broken by what stands in it.
 *
 * @module
 */

/** A piece of markup in the strict syntax of XML. */
export interface Markup {
  /** The text of it. */
  readonly markup: string;
}

/** What may stand in markup: text is escaped, nothing is left out. */
export type Part = string | number | Markup | readonly Markup[] | null;

/** Markup from a template: whatever is put in is escaped, unless it is markup itself. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: texts.map((text, i) => text + (i < parts.length ? written(parts[i]!) : "")).join(""),
  };
}

/** Text that is markup already. */
export function trusted(text: string): Markup {
  return { markup: text };
}

/** Pieces of markup, one after the other. */
export function joined(parts: readonly (Markup | null)[], between = ""): Markup {
  return trusted(parts.flatMap((part) => part === null ? [] : [part.markup]).join(between));
}

/**
 * Text as it stands in markup, in elements and in attributes. Characters that XML does not have, and
 * halves of surrogate pairs, become the replacement character.
 */
export function escaped(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

function written(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "markup" in part ? part.markup : joined(part).markup;
}

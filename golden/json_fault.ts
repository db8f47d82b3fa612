/**
 * Where a text stops being JSON.
 *
 * @module
 */

import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";

/** The first fault of a text that is not JSON. */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** What stands there. */
  readonly found: string;
  /** What may stand there. */
  readonly wanted: string;
}

/** What is wanted, by the name of an error; elsewhere a value. */
const wanted: Readonly<Record<string, string>> = {
  InvalidSymbol: "a value, or a field name in quotes",
  InvalidNumberFormat: "a number",
  UnexpectedEndOfNumber: "a number",
  PropertyNameExpected: "a field name",
  ColonExpected: "a colon",
  CommaExpected: "a comma or the end of what is open",
  CloseBraceExpected: "a comma or }",
  CloseBracketExpected: "a comma or ]",
  EndOfFileExpected: "the end of the text",
  InvalidCommentToken: "JSON, which has no comments",
  UnexpectedEndOfString: "a string that ends on its line",
  InvalidUnicode: "a string with \\u and four hexadecimal digits",
  InvalidEscapeCharacter: "a string with the escapes that JSON has",
  InvalidCharacter: "a string without control characters",
};

/** Finds the first fault of a text that `JSON.parse` refused. */
export function locateJsonFault(text: string): JsonFault {
  if (text.startsWith("\ufeff")) {
    return { line: 1, column: 1, found: "a byte order mark", wanted: "UTF-8 without one" };
  }
  const faults: ParseError[] = [];
  parse(text, faults, { disallowComments: true, allowTrailingComma: false });
  const [fault] = faults;
  const offset = fault?.offset ?? 0;
  const before = text.slice(0, offset).split("\n");
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    found: foundIn(text.slice(offset)),
    wanted: (fault && wanted[printParseErrorCode(fault.error)]) ?? "a value",
  };
}

function foundIn(rest: string): string {
  if (rest === "") return "the end of the text";
  return JSON.stringify(rest.match(/^[\w.+-]{1,40}|^"[^"\n]{0,40}"?|^./su)![0]);
}

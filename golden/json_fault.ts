/**
 * Where a text stops being JSON.
 *
 * @module
 */

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

/** What may come next. */
type Expected =
  | "a value"
  | "a value or ]"
  | "a field name"
  | "a field name or }"
  | "a colon"
  | "a comma or ]"
  | "a comma or }"
  | "the end";

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
// deno-lint-ignore no-control-regex
const string = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const space = /[ \t\n\r]*/y;

/** Finds the first fault of a text that `JSON.parse` refused. */
export function locateJsonFault(text: string): JsonFault {
  const open: ("]" | "}")[] = [];
  let expected: Expected = "a value";
  let position = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = position;
    const taken = pattern.test(text);
    if (taken) position = pattern.lastIndex;
    return taken;
  };
  const afterValue = (): Expected => open.length === 0 ? "the end" : `a comma or ${open.at(-1)!}`;
  while (true) {
    take(space);
    const character = text[position];
    if (character === undefined) break;
    const closes = character === open.at(-1) && expected.endsWith(character);
    if (closes) {
      open.pop();
      position++;
      expected = afterValue();
    } else if (expected.startsWith("a value")) {
      if (character === "[" || character === "{") {
        open.push(character === "[" ? "]" : "}");
        position++;
        expected = character === "[" ? "a value or ]" : "a field name or }";
      } else if (take(string) || take(scalar)) expected = afterValue();
      else break;
    } else if (expected.startsWith("a field name")) {
      if (!take(string)) break;
      expected = "a colon";
    } else if (expected === "a colon") {
      if (character !== ":") break;
      position++;
      expected = "a value";
    } else {
      if (character !== "," || expected === "the end") break;
      position++;
      expected = open.at(-1) === "]" ? "a value" : "a field name";
    }
  }
  const before = text.slice(0, position).split("\n");
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    found: foundIn(text.slice(position)),
    wanted: expected === "the end" ? "the end of the text" : expected,
  };
}

function foundIn(rest: string): string {
  if (rest === "") return "the end of the text";
  string.lastIndex = 0;
  if (rest.startsWith('"') && !string.test(rest)) {
    return "a string that does not end or needs an escape";
  }
  return JSON.stringify(rest.match(/^[\w.+-]{1,40}|^./su)![0]);
}

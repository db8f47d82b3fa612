/**
 * Values that others gave, in a few words for messages. Nothing here fails or runs for long,
 * whatever it is given, unless code of the value's own does (a getter, a proxy).
 *
 * @module
 */

/** Characters of a text that are shown. */
const mostCharacters = 60;
/** Characters of an error's message that are shown. */
const mostOfError = 2000;
/** Entries of one level of nested arrays whose lengths are compared. */
const mostEntries = 1000;
/** Levels of nested arrays that are told. */
const deepest = 6;

/** A value in a few words, for error messages. */
export function describe(value: unknown): string {
  try {
    return describedAs(value);
  } catch {
    // A proxy or a getter that throws: there is nothing more to be said of it.
    return "an object that cannot be looked at";
  }
}

function describedAs(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  switch (typeof value) {
    case "function":
      return "a function";
    case "bigint":
      return `${short(value.toString())}n`;
    case "symbol":
      return short(value.toString());
    case "string":
      return JSON.stringify(short(value));
    case "number":
    case "boolean":
      return String(value);
  }
  if (Array.isArray(value)) return `an array of shape ${shapeOf(value)}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  return `an object with ${keys.slice(0, 5).map(short).join(", ")}`;
}

function short(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 3)}...` : text;
}

/** The shape of nested arrays, e.g. `6×2`; `ragged` where rows differ in length. */
export function shapeOf(value: unknown): string {
  const sizes: (number | "ragged")[] = [];
  let level: readonly unknown[] = [value];
  while (sizes.length < deepest && level.length > 0 && level.every(Array.isArray)) {
    const lists = level as readonly (readonly unknown[])[];
    const lengths = new Set(lists.map((list) => list.length));
    sizes.push(lengths.size === 1 ? [...lengths][0]! : "ragged");
    level = lists.flatMap((list) => list.slice(0, mostEntries)).slice(0, mostEntries);
  }
  return sizes.length === 0 ? describe(value) : sizes.join("×");
}

/** What was thrown, in words: the name and the message of an error, or the value. */
export function errorText(error: unknown): string {
  try {
    if (!(error instanceof Error)) return describe(error);
    const { name, message } = error;
    const text = message === "" ? String(name) : `${String(name)}: ${String(message)}`;
    return text.length > mostOfError ? `${text.slice(0, mostOfError - 3)}...` : text;
  } catch {
    return "an error that cannot be read";
  }
}

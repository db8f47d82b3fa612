/**
 * Floats as text. In JSON: shortest decimals that round-trip, and words for what JSON has no number
 * for. For people: a few significant digits.
 *
 * @module
 */

/** A float as JSON carries it. */
export type NumberText = number | "NaN" | "Infinity" | "-Infinity" | "-0";

/** The words that stand for floats without a JSON number. */
export const numberWords = ["NaN", "Infinity", "-Infinity", "-0"] as const;

/** What is wanted where a float stands. */
export const wantedNumber: string = `a number or one of ${
  numberWords.map((word) => `"${word}"`).join(", ")
}`;

/** A float for JSON. */
export function toNumberText(value: number): NumberText {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? "-0" : String(value) as NumberText;
}

/** A float from JSON. */
export function fromNumberText(value: NumberText): number {
  return typeof value === "number" ? value : Number(value);
}

/** The same value from JSON, lists and records too, with numbers for the words that stand for some. */
export function withNumbers(value: unknown): unknown {
  if (typeof value === "string") return isNumberWord(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNumbers(inner)]));
}

function isNumberWord(text: string): boolean {
  return numberWords.some((word) => word === text);
}

/**
 * A number as it stands in a sentence: rounded to so many significant digits, without trailing
 * zeros and without the sign of a zero.
 *
 * @param digits 1 to 21
 */
export function show(value: number, digits = 7): string {
  return String(Number.isFinite(value) ? Number(value.toPrecision(digits)) : value);
}

/** The shortest decimal that is read as the same float32: 0.1, not 0.10000000149011612. */
export function showFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    if (Math.fround(Number(value.toPrecision(digits))) === Math.fround(value)) {
      return show(value, digits);
    }
  }
  return show(value, 9);
}

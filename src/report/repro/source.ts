/**
 * What scripts of both languages are made of. Text and values from outside are quoted by the rules
 * of the language, so that a script parses whatever a sampler says or is called.
 *
 * @module
 */

import { derivative } from "../../../spec/formula/derivative.ts";
import { toInfix } from "../../../spec/formula/infix.ts";
import { parseFormula } from "../../../spec/formula/parse.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Counterexample } from "../report.ts";

/** What a script shows. */
export interface Violation {
  /** The clause's id and sentence. */
  readonly clause: string;
  readonly sentence: string;
  readonly counterexample: Counterexample;
  readonly networkReturns: NetworkReturns;
}

/** The language of a script. */
export type Language = "typescript" | "python";

const commentMark: Readonly<Record<Language, string>> = { typescript: "//", python: "#" };

/** What differs from JSON: JSON text → source. */
const notation: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  typescript: {
    '"NaN"': "NaN",
    '"Infinity"': "Infinity",
    '"-Infinity"': "-Infinity",
    '"-0"': "-0",
  },
  python: {
    '"NaN"': 'float("nan")',
    '"Infinity"': 'float("inf")',
    '"-Infinity"': 'float("-inf")',
    '"-0"': "-0.0",
    "null": "None",
    "true": "True",
    "false": "False",
  },
};

/**
 * Text as comments, one for each of its lines. Characters that steer a terminal, or that Python
 * refuses, are shown as their code points.
 */
export function comments(language: Language, text: string): string {
  return text.split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/).map((line) => {
    const visible = line.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, codePoint);
    return `${commentMark[language]} ${visible}`.trimEnd();
  }).join("\n");
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Text as a literal of either language: Python knows every escape of JSON. What an editor would not
 * show, or take for the end of a line, is escaped, too.
 */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Numbers, tables and settings of a report as a literal; the words of floats become floats. */
export function literal(language: Language, value: unknown): string {
  const inner = (item: unknown) => literal(language, item);
  if (Array.isArray(value)) return `[${value.map(inner).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => `${quoted(name)}: ${inner(item)}`);
    return `{ ${entries.join(", ")} }`;
  }
  const text = JSON.stringify(value);
  return notation[language][text] ?? text;
}

/** The energy of a problem and its gradient, one expression for each axis. */
export function energySource(
  language: Language,
  { energy, axes }: Counterexample["problem"],
): { readonly value: string; readonly gradient: readonly string[] } {
  const formula = parseFormula(
    energy,
    (symbol) => /^[ao]\d+$/.test(symbol),
    "an action a1… or an observation o1…",
  );
  const gradient = Array.from(
    { length: axes },
    (_, i) => toInfix(derivative(formula, `a${i + 1}`), language),
  );
  return { value: toInfix(formula, language), gradient };
}

/** `a1`, `a2`, … */
export function symbols(letter: "a" | "o", count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
}

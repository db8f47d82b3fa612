/**
 * Formulas as MathML, which browsers draw without any script.
 *
 * A formula is first written as TeX ({@linkcode toTeX}), where precedence and the names of symbols
 * are settled once; Temml turns that into MathML.
 *
 * @module
 */

import temml from "temml";
import type { Expression } from "./formula/expression.ts";
import { toTeX } from "./formula/tex.ts";

/** How a formula stands in a text. */
export type Display = "inline" | "block";

/**
 * A formula as a MathML element.
 *
 * @param names TeX for symbols, as for {@linkcode toTeX}
 */
export function toMathML(
  e: Expression,
  names: Readonly<Record<string, string>> = {},
  display: Display = "inline",
): string {
  return mathOfTeX(toTeX(e, names), display);
}

/**
 * TeX as a MathML element: well-formed XML that needs no style sheet.
 *
 * @throws {Error} if the text is no TeX that Temml knows
 */
export function mathOfTeX(tex: string, display: Display = "inline"): string {
  const displayMode = display === "block";
  return temml.renderToString(tex, { displayMode, throwOnError: true, xml: true })
    .replace(/class="tml-(left|right)" style="/g, 'style="text-align:$1;')
    // Letters of mathematics stand apart like factors; a word is one name, and can be searched for.
    .replace(/<mi>([\u{1d434}-\u{1d467}ℎ]{2,})<\/mi>/gu, (_, word: string) => {
      return `<mi style="font-style:italic">${word.normalize("NFKC")}</mi>`;
    });
}

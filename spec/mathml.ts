/**
 * Formulas as MathML, which browsers draw without any script.
 *
 * A formula is first written as TeX ({@linkcode toTeX}), where precedence and the names of symbols
 * are settled once; here the small part of TeX that occurs in this project is read and written as
 * presentation MathML Core.
 *
 * @module
 */

import type { Expression } from "./formula/expression.ts";
import { toTeX } from "./formula/tex.ts";

/** TeX that is not in the part that {@linkcode mathOfTeX} knows. */
export class TeXError extends Error {
  /** Always "TeXError". */
  override readonly name = "TeXError";
}

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
 * TeX as a MathML element: symbols, numbers, scripts, fractions, roots, fences, functions, accents,
 * upright and slanted words, `cases` and `aligned`.
 *
 * @throws {TeXError} with the place, if the text has anything else
 */
export function mathOfTeX(tex: string, display: Display = "inline"): string {
  const content = new Reader(tex).read();
  const shown = display === "block" ? ' display="block"' : "";
  return `<math xmlns="http://www.w3.org/1998/Math/MathML"${shown}>${content}</math>`;
}

/** Greek letters and letter-like symbols, which are identifiers. */
const identifiers: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  varepsilon: "ε",
  eta: "η",
  lambda: "λ",
  mu: "μ",
  xi: "ξ",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  ell: "ℓ",
  infty: "∞",
  nabla: "∇",
  partial: "∂",
};

const operators: Readonly<Record<string, string>> = {
  cdot: "·",
  times: "×",
  le: "≤",
  ge: "≥",
  pm: "±",
  dots: "…",
  top: "⊤",
  gets: "←",
  sim: "∼",
};

const functions = ["min", "max", "exp", "log", "sin", "cos", "tanh", "cosh", "sinh"];

const accents: Readonly<Record<string, string>> = { tilde: "~", bar: "¯", overline: "¯" };

const spaces: Readonly<Record<string, number>> = {
  ",": 0.1667,
  ";": 0.2778,
  " ": 0.3333,
  quad: 1,
  qquad: 2,
};

const doubleStruck: Readonly<Record<string, string>> = {
  E: "𝔼",
  N: "ℕ",
  P: "ℙ",
  R: "ℝ",
};

const fences: Readonly<Record<string, string>> = {
  "(": "(",
  ")": ")",
  "[": "[",
  "]": "]",
  "|": "|",
  "\\lfloor": "⌊",
  "\\rfloor": "⌋",
  "\\lVert": "‖",
  "\\rVert": "‖",
  ".": "",
};

interface Token {
  readonly text: string;
  readonly position: number;
}

/** Reads TeX from left to right; every method gives MathML. */
class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(readonly tex: string) {
    this.#tokens = tokensOf(tex);
  }

  read(): string {
    return this.#row(() => false);
  }

  get #token(): string {
    return this.#tokens[this.#next]?.text ?? "";
  }

  #take(): string {
    return this.#tokens[this.#next++]?.text ?? "";
  }

  #refuse(found: string, wanted: string): never {
    const at = found === "the end"
      ? this.tex.length
      : this.#tokens[Math.max(0, this.#next - 1)]?.position ?? this.tex.length;
    throw new TeXError(`Cannot read TeX at character ${at}: found ${found}, wanted ${wanted}`);
  }

  #expect(text: string): void {
    const found = this.#take();
    if (found !== text) this.#refuse(found === "" ? "the end" : found, text);
  }

  /** Everything up to a token that ends it. */
  #row(ends: (token: string) => boolean): string {
    const parts: string[] = [];
    while (this.#token !== "" && !ends(this.#token)) {
      const [first = ""] = this.#token;
      if (first === "}" || this.#token === "\\right" || this.#token === "\\end") {
        this.#next++;
        this.#refuse(first === "}" ? "}" : this.#tokens[this.#next - 1]!.text, "what it closes");
      }
      parts.push(this.#scripted());
    }
    return parts.join("");
  }

  /** An atom with its index and its exponent. */
  #scripted(): string {
    const base = this.#atom();
    let below: string | undefined, above: string | undefined;
    while (this.#token === "_" || this.#token === "^") {
      const which = this.#take();
      const script = this.#argument();
      if (which === "_") below = script;
      else above = script;
    }
    if (below !== undefined && above !== undefined) {
      return `<msubsup>${one(base)}${below}${above}</msubsup>`;
    }
    if (below !== undefined) return `<msub>${one(base)}${below}</msub>`;
    return above === undefined ? base : `<msup>${one(base)}${above}</msup>`;
  }

  /** A group in braces, or a single atom, as one element. */
  #argument(): string {
    if (this.#token === "") this.#refuse("the end", "an argument");
    return one(this.#token === "{" ? this.#group() : this.#atom());
  }

  #group(): string {
    this.#expect("{");
    const content = this.#row((token) => token === "}");
    this.#expect("}");
    return content;
  }

  /** The letters of a group in braces, or of a single token, as they stand. */
  #words(): string {
    if (this.#token !== "{") return this.#take();
    const start = this.#tokens[this.#next]!.position + 1;
    let depth = 0;
    do {
      const token = this.#take();
      if (token === "") this.#refuse("the end", "}");
      if (token === "{") depth++;
      if (token === "}") depth--;
    } while (depth > 0);
    return this.tex.slice(start, this.#tokens[this.#next - 1]!.position).replaceAll("\\_", "_");
  }

  #atom(): string {
    const token = this.#take();
    if (token === "{") {
      this.#next--;
      return `<mrow>${this.#group()}</mrow>`;
    }
    if (token.startsWith("\\")) return this.#command(token.slice(1));
    if (/^[0-9.]/.test(token)) return `<mn>${token}</mn>`;
    if (/^\p{L}/u.test(token)) return `<mi>${token}</mi>`;
    if (token === "-") return this.#signs() ? '<mo form="prefix">−</mo>' : "<mo>−</mo>";
    if ("()[]|".includes(token)) return `<mo stretchy="false">${token}</mo>`;
    if ("+=<>,/!':;.".includes(token)) return `<mo>${escaped(token)}</mo>`;
    return this.#refuse(token, "a symbol, a number or an operator");
  }

  /** Whether the minus that was just taken is a sign, not a difference. */
  #signs(): boolean {
    const before = this.#tokens[this.#next - 2]?.text ?? "";
    return before === "" || /^[-+=<>,(&{]$|^\\(?:cdot|times|le|ge|,)$/.test(before);
  }

  #command(name: string): string {
    const identifier = identifiers[name];
    if (identifier !== undefined) return `<mi>${identifier}</mi>`;
    const operator = operators[name];
    if (operator !== undefined) return `<mo>${operator}</mo>`;
    const space = spaces[name];
    if (space !== undefined) return `<mspace width="${space}em"></mspace>`;
    const accent = accents[name];
    if (accent !== undefined) {
      return `<mover accent="true">${this.#argument()}<mo stretchy="${
        name === "overline"
      }">${accent}</mo></mover>`;
    }
    if (functions.includes(name)) return functionName(name);
    switch (name) {
      case "frac":
        return `<mfrac>${this.#argument()}${this.#argument()}</mfrac>`;
      case "sqrt":
        return `<msqrt>${this.#argument()}</msqrt>`;
      case "sum":
        return `<mo movablelimits="true">∑</mo>`;
      case "left":
        return this.#fenced();
      case "lVert":
      case "rVert":
        return `<mo stretchy="false">‖</mo>`;
      case "operatorname":
        return functionName(this.#words());
      case "mathrm":
        return `<mi mathvariant="normal">${escaped(this.#words())}</mi>`;
      case "mathit": {
        const words = this.#words();
        return words.length === 1 ? `<mi>${escaped(words)}</mi>` : word(words);
      }
      case "mathbb": {
        const letter = this.#words();
        return `<mi>${doubleStruck[letter] ?? this.#refuse(letter, "one of E, N, P, R")}</mi>`;
      }
      case "text":
        return `<mtext>${escaped(this.#words())}</mtext>`;
      case "textstyle":
      case "displaystyle":
        return "";
      case "begin":
        return this.#environment();
      default:
        return this.#refuse(`\\${name}`, "a command of this part of TeX");
    }
  }

  #fenced(): string {
    const open = this.#fence();
    const content = this.#row((token) => token === "\\right");
    this.#expect("\\right");
    const close = this.#fence();
    return `<mrow>${open}${content}${close}</mrow>`;
  }

  #fence(): string {
    const token = this.#take();
    const mark = fences[token] ?? this.#refuse(token === "" ? "the end" : token, "a fence");
    return mark === "" ? "" : `<mo fence="true">${mark}</mo>`;
  }

  #environment(): string {
    const name = this.#words();
    if (name !== "cases" && name !== "aligned") this.#refuse(name, "cases or aligned");
    const rows: string[][] = [[]];
    while (true) {
      const cell = this.#row((token) => token === "&" || token === "\\\\" || token === "\\end");
      rows.at(-1)!.push(cell);
      const mark = this.#take();
      if (mark === "") this.#refuse("the end", `\\end{${name}}`);
      if (mark === "\\end") break;
      if (mark === "\\\\") rows.push([]);
    }
    const ended = this.#words();
    if (ended !== name) this.#refuse(ended, name);
    const full = rows.filter((row) => row.some((cell) => cell !== ""));
    const align = (column: number) =>
      name === "cases" ? "left" : column % 2 === 0 ? "right" : "left";
    const table = full.map((row) =>
      `<mtr>${
        row.map((cell, i) => `<mtd style="text-align:${align(i)}">${cell}</mtd>`).join("")
      }</mtr>`
    ).join("");
    const content = `<mtable${name === "aligned" ? ' displaystyle="true"' : ""}>${table}</mtable>`;
    return name === "cases" ? `<mrow><mo fence="true">{</mo>${content}</mrow>` : content;
  }
}

/** Splits TeX; white space between tokens has no meaning. */
function tokensOf(tex: string): Token[] {
  const pattern = /\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|\.[0-9]+|\p{L}|[^\s]/gu;
  return Array.from(tex.matchAll(pattern), (match) => ({ text: match[0], position: match.index }));
}

/** Exactly one element: several are put into a row. */
function one(content: string): string {
  return isOne(content) ? content : `<mrow>${content}</mrow>`;
}

function isOne(content: string): boolean {
  let depth = 0;
  for (const match of content.matchAll(/<(\/?)[a-z]+[^>]*>/g)) {
    depth += match[1] === "/" ? -1 : 1;
    if (depth === 0) return match.index + match[0].length === content.length;
  }
  return false;
}

/** A function's name; a function of one letter would be slanted. */
function functionName(name: string): string {
  return `<mi mathvariant="normal">${escaped(name)}</mi><mo>\u2061</mo>`;
}

/** A slanted word: `mi` slants single letters only. */
function word(text: string): string {
  return `<mi style="font-style:italic">${escaped(text)}</mi>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

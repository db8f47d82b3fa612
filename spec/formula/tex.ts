/**
 * Formulas as TeX mathematics.
 *
 * @module
 */

import type { Expression, FunctionName, Operator } from "./expression.ts";
import type { Level, Printed } from "./infix.ts";

/**
 * Writes an expression as TeX mathematics.
 *
 * @param names TeX for symbols; without one, a letter and digits become a letter with an index
 * (a1 is a_{1}), a letter stays, and a word stands upright
 */
export function toTeX(e: Expression, names: Readonly<Record<string, string>> = {}): string {
  return new Writer(names).write(e).text;
}

interface TeX extends Printed {
  readonly sort: "number" | "symbol" | "bars" | "other";
}

const other = (text: string, level: Level): TeX => ({ text, level, sort: "other" });
const parenthesized = (text: string): string => `\\left(${text}\\right)`;
const guard = (x: Printed, level: Level): string =>
  x.level >= level ? x.text : parenthesized(x.text);

/** Writes the parts of one expression, shared parts once. */
class Writer {
  readonly #known = new Map<Expression, TeX>();

  constructor(readonly names: Readonly<Record<string, string>>) {}

  write(e: Expression): TeX {
    const written = this.#known.get(e) ?? this.#print(e);
    this.#known.set(e, written);
    return written;
  }

  #print(e: Expression): TeX {
    switch (e.kind) {
      case "number":
        return numberTeX(e.text);
      case "symbol":
        return { text: symbolTeX(e.name, this.names), level: 5, sort: "symbol" };
      case "negate":
        // A minus sign inside a product needs parentheses, and so does one after another.
        return other(`-${guard(this.write(e.operand), 2)}`, 1);
      case "binary":
        return binaryTeX(e.operator, this.write(e.left), this.write(e.right));
      case "call":
        return e.name === "where"
          ? this.#cases(e.operands as [Expression, Expression, Expression])
          : callTeX(e.name, e.operands.map((operand) => this.write(operand).text).join(", "));
    }
  }

  #cases([condition, y, z]: readonly [Expression, Expression, Expression]): TeX {
    const first = `${this.write(y).text} & \\text{if } ${this.#condition(condition)}`;
    const second = `${this.write(z).text} & \\text{otherwise}`;
    return other(`\\begin{cases} ${first} \\\\ ${second} \\end{cases}`, 1);
  }

  #condition(c: Expression): string {
    return c.kind === "binary" && c.operator === "-"
      ? `${this.write(c.left).text} > ${this.write(c.right).text}`
      : `${this.write(c).text} > 0`;
  }
}

function numberTeX(text: string): TeX {
  const [mantissa = "", exponent] = text.toLowerCase().split("e");
  if (exponent === undefined) return { text: mantissa, level: 5, sort: "number" };
  const scale = `10^{${Number(exponent)}}`;
  return Number(mantissa) === 1
    ? { text: scale, level: 4, sort: "number" }
    : { text: `${mantissa} \\times ${scale}`, level: 2, sort: "number" };
}

function binaryTeX(operator: Operator, x: TeX, y: TeX): TeX {
  switch (operator) {
    case "+":
    case "-":
      return other(`${guard(x, 1)} ${operator} ${guard(y, 2)}`, 1);
    case "*": {
      const factor = guard(y, 2);
      const mark = /^[0-9.]/.test(factor)
        ? " \\cdot "
        : x.sort === "number" && x.level === 5
        ? " "
        : "\\,";
      return other(`${guard(x, 2)}${mark}${factor}`, 2);
    }
    case "/":
      return other(`\\frac{${x.text}}{${y.text}}`, 3);
    case "^": {
      const atomic = x.level === 5 &&
        (x.sort === "number" || x.sort === "bars" ||
          (x.sort === "symbol" && !/[\^]/.test(x.text)));
      return other(`${atomic ? x.text : parenthesized(x.text)}^{${y.text}}`, 4);
    }
  }
}

function callTeX(name: Exclude<FunctionName, "where">, x: string): TeX {
  switch (name) {
    case "abs":
      return { text: `\\left|${x}\\right|`, level: 5, sort: "bars" };
    case "floor":
      return { text: `\\left\\lfloor ${x} \\right\\rfloor`, level: 5, sort: "bars" };
    case "sqrt":
      return other(`\\sqrt{${x}}`, 5);
    default: {
      const operator = name === "sign" ? "\\operatorname{sign}" : `\\${name}`;
      return other(`${operator}${parenthesized(x)}`, 5);
    }
  }
}

function symbolTeX(name: string, names: Readonly<Record<string, string>>): string {
  const given = Object.hasOwn(names, name) ? names[name] : undefined;
  if (given !== undefined) return given;
  const indexed = /^([A-Za-z])_?([0-9]+)$/.exec(name);
  if (indexed !== null) return `${indexed[1]}_{${indexed[2]}}`;
  return name.length === 1 && name !== "_" ? name : `\\mathrm{${name.replaceAll("_", "\\_")}}`;
}

import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile } from "./compile.ts";
import { type FunctionName, functionNames } from "./expression.ts";
import { FormulaError } from "./parse.ts";
import { parse } from "../../src/fixtures/random_formulas.ts";

const valueOf = (text: string): number => compile(parse(text), [])([]);

Deno.test("parseFormula follows the usual precedence", () => {
  const table: readonly (readonly [string, number])[] = [
    ["1+2*3", 7],
    ["(1+2)*3", 9],
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^-1", 0.5],
    ["2^3^2", 512],
    ["2^-3^2", 2 ** -9],
    ["7-2-1", 4],
    ["8/4/2", 1],
    ["2*-3", -6],
    ["1 - -1", 2],
    ["--3", 3],
    ["+3", 3],
    [" 1.5e2\t+ .5 +\n2. ", 152.5],
    ["2E-1", 0.2],
    ["0^0", 1],
  ];
  for (const [text, expected] of table) assertEquals(valueOf(text), expected, text);
});

Deno.test("parseFormula knows every function", () => {
  const table: Readonly<Record<FunctionName, readonly [string, number]>> = {
    abs: ["abs(-2)", 2],
    sqrt: ["sqrt(9)", 3],
    exp: ["exp(1)", Math.E],
    log: ["log(8)", Math.log(8)],
    sin: ["sin(1)", Math.sin(1)],
    cos: ["cos(1)", Math.cos(1)],
    tanh: ["tanh(1)", Math.tanh(1)],
    cosh: ["cosh(1)", Math.cosh(1)],
    sinh: ["sinh(1)", Math.sinh(1)],
    floor: ["floor(-0.5)", -1],
    sign: ["sign(-3)", -1],
    min: ["min(3,1,2)", 1],
    max: ["max(3,1)", 3],
    where: ["where(1,2,3)", 2],
  };
  assertEquals(Object.keys(table), [...functionNames]);
  for (const [text, expected] of Object.values(table)) assertEquals(valueOf(text), expected, text);
});

Deno.test("parseFormula refuses what is no formula and says where", () => {
  const table: readonly (readonly [string, number, string])[] = [
    ["", 0, "found the end of the formula"],
    ["2*a1+foo", 5, 'found "foo", wanted an action a1...a3'],
    ["(a1", 3, 'found the end of the formula, wanted an operator or ")"'],
    ["a1)", 2, 'found ")", wanted an operator or the end of the formula'],
    ["2a1", 1, 'found "a1"'],
    ["a1 a2", 3, 'found "a2"'],
    ["a1+", 3, "found the end of the formula"],
    ["*a1", 0, 'found "*"'],
    ["a1**2", 3, 'found "*"'],
    ["1.2.3", 3, 'found ".3"'],
    ["1e999", 0, 'found "1e999", wanted a number below 1.8e308'],
    ["a1,a2", 2, 'found ","'],
    ["()", 1, 'found ")"'],
    ["exp a1", 0, 'found "exp"'],
    ["exp()", 4, 'found ")"'],
    ["foo(a1)", 0, 'found "foo", wanted one of the functions abs, sqrt'],
    ["max(a1)", 0, "found 1 operand of max, wanted 2 or more"],
    ["1+exp(a1,a2)", 2, "found 2 operands of exp, wanted 1"],
    ["where(a1,a2)", 0, "found 2 operands of where, wanted 3"],
    ["a4", 0, 'found "a4", wanted an action a1...a3'],
    ["a1;a2", 2, 'found ";"'],
    ["a1[0]", 2, 'found "["'],
    ["a1.constructor", 2, 'found "."'],
    ["constructor", 0, 'found "constructor"'],
    ["constructor(1)", 0, 'found "constructor"'],
    ["__proto__", 0, 'found "__proto__"'],
    ["toString(a1)", 0, 'found "toString"'],
    ["import('fs')", 7, 'found "\'"'],
    ["import(a1)", 0, 'found "import"'],
    ["a1−a2", 2, 'found "−"'],
    ["а1", 0, 'found "а"'],
    ["2*🙂", 2, 'found "🙂"'],
    ["a1\u0000", 2, "found"],
  ];
  for (const [text, position, message] of table) {
    const error = assertThrows(() => parse(text), FormulaError, message) as FormulaError;
    assertEquals(error.position, position, text);
    assertEquals(error.formula, text);
    assert(
      error.message.startsWith(`Cannot parse the formula at character ${position}: found `),
      error.message,
    );
  }
});

Deno.test("FormulaError shows the place with a caret", () => {
  const error = assertThrows(() => parse("2*a1+foo"), FormulaError) as FormulaError;
  assertEquals(
    error.message,
    'Cannot parse the formula at character 5: found "foo", wanted an action a1...a3\n' +
      "  2*a1+foo\n" +
      "       ^",
  );
});

Deno.test("parseFormula refuses hostile texts, however long", () => {
  const texts = [
    "a1+".repeat(400_000),
    " ".repeat(1_000_000),
    "(".repeat(10_000),
    "(".repeat(5_000) + "a1" + ")".repeat(5_000),
    "-".repeat(9_999) + "1",
    "a1^".repeat(3_000) + "a1",
    "a1+".repeat(3_000) + "a1",
    `max(${"1,".repeat(4_000)}1)`,
    "9".repeat(9_999),
    "abs(".repeat(2_000) + "a1" + ")".repeat(2_000),
  ];
  for (const text of texts) {
    const error = assertThrows(() => parse(text), FormulaError) as FormulaError;
    assert(error.message.length < 400, error.message);
  }
});

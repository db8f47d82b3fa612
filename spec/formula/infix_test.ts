import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { compile } from "./compile.ts";
import { functionNames } from "./expression.ts";
import { toInfix } from "./infix.ts";
import { expressions, layout, parse, point } from "../../src/fixtures/random_formulas.ts";

Deno.test("toInfix reads back to the same evaluation", () => {
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      const again = parse(toInfix(e));
      assertEquals(again, e);
      assertEquals(compile(again, layout)(values), compile(e, layout)(values));
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("toInfix writes Python and TypeScript", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ["-a1^2", "-a1**2", "-(a1 ** 2)"],
    ["2^-a1^2", "2.0**-a1**2", "2 ** -(a1 ** 2)"],
    ["(-a1)^2", "(-a1)**2", "(-a1) ** 2"],
    ["--a1", "-(-a1)", "-(-a1)"],
    ["1.5*(a1-0.2)^2", "1.5*(a1 - 0.2)**2", "1.5*(a1 - 0.2) ** 2"],
    ["max(0,tanh(a1))", "max(0.0, m.tanh(a1))", "Math.max(0, Math.tanh(a1))"],
    ["abs(floor(a1))", "abs(m.floor(a1))", "Math.abs(Math.floor(a1))"],
    ["where(a1-a2,a1,a2)", "(a1 if a1 - a2 > 0 else a2)", "((a1 - a2) > 0 ? a1 : a2)"],
    ["sign(a1)", "(lambda x: (x > 0) - (x < 0))(a1)", "Math.sign(a1)"],
    ["a1/(a2*a3)", "a1/(a2*a3)", "a1/(a2*a3)"],
    ["a1-(a2-a3)", "a1 - (a2 - a3)", "a1 - (a2 - a3)"],
  ];
  for (const [text, python, typescript] of table) {
    assertEquals(toInfix(parse(text), "python"), python);
    assertEquals(toInfix(parse(text), "typescript"), typescript);
  }
});

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { MathNode } from "mathjs";
import { evaluateExactly } from "./arbiter.ts";
import { compile } from "./compile.ts";
import { derivative } from "./derivative.ts";
import { type FunctionName, functionNames } from "./expression.ts";
import { mathjs } from "./mathjs.ts";
import { toInfix } from "./infix.ts";
import {
  expressions,
  largestPart,
  layout,
  parse,
  point,
} from "../../src/fixtures/random_formulas.ts";

Deno.test("derivative simplifies lightly", () => {
  const table: readonly (readonly [string, string])[] = [
    ["0*a1", "0"],
    ["0*a1^2", "0*a1"],
    ["a2", "0"],
    ["1.5*(a1-0.25)^2", "3*(a1 - 0.25)"],
    ["6*(a1^2-0.3)^2", "24*((a1^2 - 0.3)*a1)"],
    ["a1^3", "3*a1^2"],
    ["a1^-1", "-a1^-2"],
    ["a1^0.3", "0.3*a1^(0.3 - 1)"],
    ["a1^0", "0"],
    ["1/a1", "-(1/a1/a1)"],
    ["sqrt(a1)", "1/(2*sqrt(a1))"],
    ["tanh(2*a1)", "2*(1 - tanh(2*a1)^2)"],
    ["abs(a1)", "sign(a1)"],
    ["max(0,a1)", "where(0 - a1, 0, 1)"],
    ["min(a1,a2)", "where(a2 - a1, 1, 0)"],
    ["floor(a1)+sign(a1)", "0"],
    ["where(a1,a1^2,a2)", "where(a1, 2*a1, 0)"],
  ];
  for (const [text, expected] of table) {
    assertEquals(toInfix(derivative(parse(text), "a1")), expected, text);
  }
});

Deno.test("derivative is infinite where the slope is", () => {
  assertEquals(compile(derivative(parse("sqrt(a1)"), "a1"), ["a1"])([0]), Infinity);
  assertEquals(compile(derivative(parse("a1*log(a1)"), "a1"), ["a1"])([-1]), NaN);
});

const smooth: readonly FunctionName[] = [
  "sqrt",
  "exp",
  "log",
  "sin",
  "cos",
  "tanh",
  "cosh",
  "sinh",
];

/** What decides: equal up to a relative error of parts as large as `scale`. */
function assertClose(actual: number, expected: number, scale: number, message: string): void {
  assert(Math.abs(actual - expected) <= 1e-9 * (1 + scale), `${message}: ${actual}, ${expected}`);
}

Deno.test("derivative agrees with the derivative of mathjs", () => {
  const math = mathjs({ predictable: true });
  let judged = 0;
  fc.assert(
    fc.property(expressions([...smooth, "abs"]), point, (e, values) => {
      const slope = derivative(e, "a1");
      const scale = Math.max(largestPart(e, values), largestPart(slope, values));
      if (!(scale < 1e6)) return;
      const second: MathNode = math.derivative(toInfix(e), "a1", { simplify: false });
      const scope = Object.fromEntries(layout.map((name, index) => [name, values[index]]));
      const expected: unknown = second.evaluate(scope);
      // mathjs divides by zero at the kinks of abs and in x^0.
      if (typeof expected !== "number" || !Number.isFinite(expected)) return;
      assertClose(compile(slope, layout)(values), expected, scale, toInfix(e));
      judged++;
    }),
    { seed: 3, numRuns: 250 },
  );
  assert(judged > 120, `${judged}`);
});

Deno.test("derivative agrees with differences of the formula", () => {
  let judged = 0;
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      const slope = derivative(e, "a1");
      const scale = Math.max(largestPart(e, values), largestPart(slope, values));
      if (!(scale < 1e3)) return;
      const f = compile(e, layout);
      const g = compile(slope, layout);
      const shifted = (by: number): number[] => values.map((v, index) => index === 0 ? v + by : v);
      const h = 1e-4;
      const slopes = [-h, -h / 2, 0, h / 2, h].map((by) => g(shifted(by)));
      const spread = Math.max(...slopes) - Math.min(...slopes);
      // A kink or a pole is next to the point.
      if (!(spread <= 1e-2 * (1 + scale))) return;
      const [far = NaN, near = NaN] = [h, h / 2].map((by) =>
        Math.abs((f(shifted(by)) - f(shifted(-by))) / (2 * by) - g(values))
      );
      // Outside the domain it is not finite; at a jump it doubles as the points approach.
      if (!Number.isFinite(far + near) || (far > 1e-9 && near > 1.5 * far)) return;
      assert(
        Math.min(far, near) <= 2 * spread + 1e-6 * (1 + scale),
        `${toInfix(e)} at ${values}: off by ${far}, ${near}`,
      );
      judged++;
    }),
    { seed: 4, numRuns: 3000 },
  );
  assert(judged > 1500, `${judged}`);
});

Deno.test("derivative of a power with both parts variable is right", async () => {
  const e = parse("(1+a1^2)^(a1*a2)");
  const at = [0.7, 0.4];
  const h = 1e-5;
  const f = async (a1: number): Promise<number> =>
    (await evaluateExactly(e, { a1, a2: 0.4 })).toNumber();
  const difference = (await f(0.7 + h) - await f(0.7 - h)) / (2 * h);
  const slope = compile(derivative(e, "a1"), ["a1", "a2"])(at);
  assert(Math.abs(slope - difference) < 1e-8, `${slope}, ${difference}`);
});

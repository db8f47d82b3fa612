import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { uniform } from "../numerics/random.ts";
import { type Bounded, compileBounded } from "./compile_bounded.ts";
import { derivative } from "./derivative.ts";
import { type Expression, fold, functionNames } from "./expression.ts";
import { toInfix } from "./infix.ts";
import {
  expressions,
  largestPart,
  layout,
  numeric,
  parse,
  point,
} from "../../src/fixtures/random_formulas.ts";

/** Formulas that occur in problems and in the rule. */
const formulas = [
  "1.5*(a1-0.2)^2+4*(a2+0.3)^2",
  "log(1+exp(3*a1-2*a2))+0.5*a1^2+0.7*a2^2",
  "log(cosh(4*(a1-0.3)))",
  "a1*log(a1)+a2^2",
  "sqrt(a1)+a2^2",
  "0.4*cos(9*a1)+0.3*sin(7*a2)+0.5*a1^2",
  "0*a1",
  "1.3*tanh(a1-a2+0.5*a3)",
  "6*(a1^2-0.3)^2+a2^2",
  "max(0,a1-0.25)",
  "abs(a1-a2)/(1+a3^2)",
  "where(a1-0.5,a1^3,sinh(a2))",
];

/** float32 after every operation, sums in random order, functions up to two units wrong. */
function inFloat32(e: Expression, values: readonly number[], random: () => number): number {
  const round = Math.fround;
  const total = (terms: readonly number[]): number => {
    const rest = [...terms];
    let sum = rest.splice(Math.floor(random() * rest.length), 1)[0] ?? NaN;
    while (rest.length > 0) {
      sum = round(sum + (rest.splice(Math.floor(random() * rest.length), 1)[0] ?? NaN));
    }
    return sum;
  };
  const terms = fold<readonly number[]>(e, {
    number: (value) => [round(value)],
    symbol: (name) => [values[layout.indexOf(name)] ?? NaN],
    negate: (x) => x.map((term) => -term),
    binary(operator, xs, ys) {
      if (operator === "+") return [...xs, ...ys];
      if (operator === "-") return [...xs, ...ys.map((term) => -term)];
      const x = total(xs);
      const y = total(ys);
      if (operator === "*") return [round(x * y)];
      if (operator === "/") return [round(x / y)];
      return [round(Math.pow(x, y))];
    },
    call(name, operands) {
      const value = numeric(name, operands.map(total));
      const exact = ["abs", "min", "max", "floor", "sign", "where", "sqrt"].includes(name);
      return [round(exact ? value : value * (1 + (random() - 0.5) * 2 ** -22))];
    },
  });
  return total(terms);
}

Deno.test("compileBounded bounds float32 on random formulas", () => {
  const random = uniform(5);
  let judged = 0;
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      if (!(largestPart(e, values) < 1e30)) return;
      const bounded = compileBounded(e, layout)(values, 2 ** -24);
      if (bounded.error > 1e10) return;
      for (let order = 0; order < 3; order++) {
        const distance = Math.abs(inFloat32(e, values, random) - bounded.value);
        assert(
          distance <= bounded.error,
          `${toInfix(e)} at ${values}: off by ${distance}, bound ${bounded.error}`,
        );
      }
      judged++;
    }),
    { seed: 5, numRuns: 4000 },
  );
  assert(judged > 2000, `${judged}`);
});

Deno.test("compileBounded is sharp on the energies that occur", () => {
  const random = uniform(6);
  const ratios: number[] = [];
  for (const text of formulas) {
    for (const e of [parse(text), derivative(parse(text), "a1")]) {
      const run = compileBounded(e, layout);
      for (let sample = 0; sample < 150; sample++) {
        const values = layout.map(() => Math.fround(2 * random() - 1));
        const { value, error } = run(values, 2 ** -24);
        if (!Number.isFinite(value)) continue;
        const distance = Math.abs(inFloat32(e, values, random) - value);
        assert(distance <= error, `${toInfix(e)} at ${values}: off by ${distance}, bound ${error}`);
        const scale = 1 + largestPart(e, values);
        assert(error < 1e-4 * scale || text.startsWith("where"), `${toInfix(e)}: ${error}`);
        if (distance > 0) ratios.push(error / distance);
      }
    }
  }
  ratios.sort((x, y) => x - y);
  const median = ratios[Math.floor(ratios.length / 2)] ?? NaN;
  assert(ratios.length > 1000 && median < 30, `${ratios.length} ratios, median ${median}`);
});

Deno.test("compileBounded gives no error to what is exact", () => {
  const run = (text: string, values: readonly number[]): Bounded =>
    compileBounded(parse(text), layout)(values, 2 ** -24);
  assertEquals(run("0*a1", [0.3]), { value: 0, error: 0 });
  assertEquals(run("abs(-0.25)", []), { value: 0.25, error: 0 });
  assertEquals(run("0.1", []), { value: 0.1, error: 0.1 * 2 ** -24 });
  assertEquals(run("log(a1)", [-1]), { value: NaN, error: 0 });
  assertEquals(run("1/a1", [0]), { value: Infinity, error: 0 });
});

Deno.test("compileBounded allows a jump that the error can cross", () => {
  const run = (text: string, values: readonly number[]): number =>
    compileBounded(parse(text), layout)(values, 2 ** -24).error;
  assertEquals(run("sign(a1)", [0.5]), 0);
  assertEquals(run("sign(a1)", [0]), 1);
  assertEquals(run("sign(a1-0.1)", [Math.fround(0.1)]), 2);
  assertEquals(run("floor(a1)", [2]), 0);
  assertEquals(run("floor(10*0.1)", []), 1);
  assertEquals(run("where(a1,5,2)", [1e-9]), 0);
  assertEquals(run("where(a1-0.1,5,2)", [Math.fround(0.1)]), 3);
});

Deno.test("compileBounded says when nothing can be said", () => {
  const run = (text: string): number =>
    compileBounded(parse(text), layout)([Math.fround(0.1)], 2 ** -24).error;
  for (const text of ["1/(a1-0.1)", "sqrt(a1-0.1)", "log(a1-0.1)", "(a1-0.1)^-2"]) {
    assertEquals(run(text), Number.MAX_VALUE);
    for (const around of ["cos(", "0*(", "max(1,", "where(1,", "where("]) {
      const rest = around === "where(1," ? ",0)" : around === "where(" ? ",1,2)" : ")";
      assertEquals(run(around + text + rest), Number.MAX_VALUE, around + text);
    }
    assertEquals(run(`where(-1,${text},0)`), 0);
  }
});

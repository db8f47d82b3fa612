import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { energy } from "./energy.ts";
import type { Expression } from "./formula/expression.ts";
import { FormulaError } from "./formula/parse.ts";

Deno.test("energy evaluates a formula and its gradient", () => {
  const bowl = energy("1.5*(a1-0.25)^2+4*(a2+o1)^2", 2, 1);
  assertEquals([bowl.axes, bowl.features], [2, 1]);
  assertEquals(bowl.value([1.25, 1], [0.5]), 1.5 + 9);
  assertEquals(bowl.gradient([1.25, 1], [0.5]), [3, 12]);
});

Deno.test("energy is flat and yet depends on the action", () => {
  const flat = energy("0*a1", 3, 0);
  assertEquals(flat.value([0.5, 1, 2], []), 0);
  assertEquals(flat.gradient([0.5, 1, 2], []), [0, 0, 0]);
  assertEquals(flat.bounded([0.5, 1, 2], [], 2 ** -24).gradient, [
    { value: 0, error: 0 },
    { value: 0, error: 0 },
    { value: 0, error: 0 },
  ]);
});

Deno.test("energy may have no value or an infinite slope", () => {
  assertEquals(energy("a1*log(a1)+a2^2", 2, 0).gradient([-1, 0.5], []), [NaN, 1]);
  assertEquals(energy("sqrt(a1)+a2^2", 2, 0).gradient([0, 0.5], []), [Infinity, 1]);
});

Deno.test("energy remembers what it has read", () => {
  assertStrictEquals(energy("a1^2", 1, 0), energy("a1^2", 1, 0));
  assert(energy("a1^2", 1, 0) !== energy("a1^2", 2, 0));
  const first = energy("a1^2+0.5", 1, 0);
  for (let other = 0; other < 300; other++) energy(`a1^2+${other}`, 1, 0);
  assert(energy("a1^2+0.5", 1, 0) !== first);
});

Deno.test("energy refuses other symbols, counts and lengths", () => {
  const table: readonly (readonly [string, number, number, string])[] = [
    ["a3", 2, 0, 'found "a3", wanted an action a1...a2\n'],
    ["o1", 1, 0, 'found "o1", wanted the action a1\n'],
    ["o3+a1", 1, 2, 'found "o3", wanted the action a1 or an observation o1...o2\n'],
    ["a0", 1, 1, 'found "a0", wanted the action a1 or the observation o1\n'],
    ["a01", 1, 1, 'found "a01"'],
  ];
  for (const [text, axes, features, message] of table) {
    assertThrows(() => energy(text, axes, features), FormulaError, message);
  }
  assertThrows(() => energy("1", 0, 0), RangeError, "found 0 axes, wanted a whole number");
  assertThrows(() => energy("a1", 1, 0.5), RangeError, "found 0.5 features");
  assertThrows(
    () => energy("a1", 1, 0).value([1, 2], []),
    RangeError,
    "found 2 actions and 0 observations, wanted 1 and 0",
  );
});

/**
 * The gradient by backward automatic differentiation with float32 after every operation: an
 * independent program that computes the derivative in the order in which frameworks do.
 */
function backward(e: Expression, values: Readonly<Record<string, number>>): Map<string, number> {
  const round = Math.fround;
  const slopes = new Map<string, number>();
  const visit = (e: Expression): { value: number; back: (slope: number) => void } => {
    switch (e.kind) {
      case "number":
        return { value: round(e.value), back: () => {} };
      case "symbol":
        return {
          value: values[e.name] ?? NaN,
          back: (slope) => void slopes.set(e.name, round((slopes.get(e.name) ?? 0) + slope)),
        };
      case "negate": {
        const x = visit(e.operand);
        return { value: -x.value, back: (slope) => x.back(-slope) };
      }
      case "binary": {
        const x = visit(e.left);
        const y = visit(e.right);
        switch (e.operator) {
          case "+":
            return {
              value: round(x.value + y.value),
              back: (slope) => (y.back(slope), x.back(slope)),
            };
          case "-":
            return {
              value: round(x.value - y.value),
              back: (slope) => (y.back(-slope), x.back(slope)),
            };
          case "*":
            return {
              value: round(x.value * y.value),
              back: (slope) => (x.back(round(slope * y.value)), y.back(round(slope * x.value))),
            };
          case "/": {
            const value = round(x.value / y.value);
            return {
              value,
              back: (slope) => (
                x.back(round(slope / y.value)), y.back(round(round(-slope * value) / y.value))
              ),
            };
          }
          case "^":
            return {
              value: round(x.value ** y.value),
              back: (slope) =>
                x.back(round(slope * round(y.value * round(x.value ** round(y.value - 1))))),
            };
        }
        break;
      }
      case "call": {
        const [x, y] = e.operands.map(visit);
        if (x === undefined) throw new Error("a function without operand");
        const through = (value: number, slopeAtX: number) => ({
          value,
          back: (slope: number) => x.back(round(slope * slopeAtX)),
        });
        switch (e.name) {
          case "exp": {
            const value = round(Math.exp(x.value));
            return through(value, value);
          }
          case "log":
            return {
              value: round(Math.log(x.value)),
              back: (slope) => x.back(round(slope / x.value)),
            };
          case "sqrt": {
            const value = round(Math.sqrt(x.value));
            return { value, back: (slope) => x.back(round(slope / round(2 * value))) };
          }
          case "sin":
            return through(round(Math.sin(x.value)), round(Math.cos(x.value)));
          case "cos":
            return through(round(Math.cos(x.value)), -round(Math.sin(x.value)));
          case "sinh":
            return through(round(Math.sinh(x.value)), round(Math.cosh(x.value)));
          case "cosh":
            return through(round(Math.cosh(x.value)), round(Math.sinh(x.value)));
          case "tanh": {
            const value = round(Math.tanh(x.value));
            return through(value, round(1 - round(value * value)));
          }
          case "abs":
            return through(Math.abs(x.value), Math.sign(x.value));
          case "max":
            return {
              value: Math.max(x.value, y?.value ?? NaN),
              back: (slope) => x.value >= (y?.value ?? NaN) ? x.back(slope) : y?.back(slope),
            };
          default:
            throw new Error(`${e.name} is not needed here`);
        }
      }
    }
  };
  visit(e).back(1);
  return slopes;
}

Deno.test("the bounds of a gradient cover automatic differentiation in float32", () => {
  const texts = [
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
    "a1^2*a2-3*a1*a2+a1^3/3-0.7*a1",
    "sinh(a1*a2)*exp(-a3^2)+(a1+0.1)*(a1-0.3)*(a1+a2+0.7)*1.1",
    "tanh(1.7*a1-0.3*a2+0.9)*0.31+tanh(0.2*a1+2.3*a2-0.4)*1.9-tanh(a1-a2)*0.77",
  ];
  let state = 12345;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(2 * state / 2 ** 32 - 1);
  };
  const ratios: number[] = [];
  for (const text of texts) {
    const field = energy(text, 3, 0);
    for (let sample = 0; sample < 300; sample++) {
      const action = [random(), random(), random()];
      const [a1 = NaN, a2 = NaN, a3 = NaN] = action;
      const slopes = backward(field.expression, { a1, a2, a3 });
      const bounded = field.bounded(action, [], 2 ** -24).gradient;
      assertEquals(bounded.map(({ value }) => value), field.gradient(action, []));
      for (const [index, { value, error }] of bounded.entries()) {
        const slope = slopes.get(`a${index + 1}`) ?? 0;
        if (!Number.isFinite(value)) continue;
        const distance = Math.abs(slope - value);
        assert(distance <= error, `${text} at ${action}: off by ${distance}, bound ${error}`);
        if (distance > 0) ratios.push(error / distance);
      }
    }
  }
  ratios.sort((x, y) => x - y);
  const median = ratios[Math.floor(ratios.length / 2)] ?? NaN;
  assert(ratios.length > 3000 && median < 30, `${ratios.length} ratios, median ${median}`);
});

Deno.test("the value is bounded, too", () => {
  const { value, error } = energy("a1-o1", 1, 1).bounded([0.75], [0.5], 2 ** -24).value;
  assertEquals([value, error], [0.25, 2 ** -25]);
});

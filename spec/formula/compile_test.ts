import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { evaluateExactly } from "./arbiter.ts";
import { compile, compileTogether } from "./compile.ts";
import { type Bounded, compileBounded, compileBoundedTogether } from "./compile_bounded.ts";
import { derivative } from "./derivative.ts";
import { functionNames } from "./expression.ts";
import { toInfix } from "./infix.ts";
import {
  expressions,
  largestPart,
  layout,
  parse,
  point,
} from "../../src/fixtures/random_formulas.ts";
import { tapeOf } from "./tape.ts";
import { toTeX } from "./tex.ts";

const valueOf = (text: string, scope: Readonly<Record<string, number>> = {}): number => {
  const names = Object.keys(scope);
  return compile(parse(text), names)(names.map((name) => scope[name] ?? NaN));
};

function isWithin(distance: number, { value, error }: Bounded): boolean {
  return distance <= error || (distance <= 1e-300 && Math.abs(value) <= 1e-300);
}

Deno.test("where takes the second value at zero and at NaN", () => {
  assertEquals(valueOf("where(a1,2,3)", { a1: 0 }), 3);
  assertEquals(valueOf("where(a1,2,3)", { a1: NaN }), 3);
  assertEquals(valueOf("where(a1,2,3)", { a1: 1e-300 }), 2);
});

Deno.test("compile propagates NaN through min and max", () => {
  assertEquals(valueOf("max(0,a1)", { a1: NaN }), NaN);
  assertEquals(valueOf("min(a1,0,1)", { a1: NaN }), NaN);
  assertEquals(valueOf("a1*log(a1)", { a1: -1 }), NaN);
});

Deno.test("compile evaluates the schedule at its last step", () => {
  const schedule = "(init-final)*(1-k/(N-1))^power+final";
  const scope = { init: 0.1, final: 1e-5, N: 25 };
  assertEquals(valueOf(schedule, { ...scope, k: 24, power: 2 }), 1e-5);
  assertEquals(valueOf(schedule, { ...scope, k: 24, power: 0 }), 0.1 - 1e-5 + 1e-5);
  assertEquals(valueOf("min(max(delta,-limit),limit)", { delta: -3, limit: 0.2 }), -0.2);
});

Deno.test("compile refuses a symbol outside the layout", () => {
  assertThrows(
    () => compile(parse("a1+a2"), ["a1"]),
    Error,
    'Cannot compile the formula: found the symbol "a2", wanted one of a1',
  );
});

Deno.test("compile agrees with 64 digits on random formulas", async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(expressions(functionNames), point, async (e, values) => {
      if (!(largestPart(e, values) < 1e100)) return;
      const bounded = compileBounded(e, layout)(values, 2 ** -53);
      assertEquals(compile(e, layout)(values), bounded.value);
      if (bounded.error > 1e-3) return;
      const exact = await evaluateExactly(
        e,
        Object.fromEntries(layout.map((n, i) => [n, values[i] ?? NaN])),
      );
      const distance = Math.abs(exact.toNumber() - bounded.value);
      assert(isWithin(distance, bounded), `${toInfix(e)}: ${exact} and ${bounded.value}`);
      judged++;
    }),
    { seed: 1, numRuns: 600 },
  );
  assert(judged > 250, `${judged}`);
});

Deno.test("the largest formulas still compile, differentiate and print", () => {
  const texts = [
    "a1*".repeat(999) + "a1",
    "a1/".repeat(999) + "a1",
    `max(${"a1,".repeat(998)}a1)`,
    "sign(".repeat(199) + "a1" + ")".repeat(199),
    "tanh(".repeat(199) + "a1" + ")".repeat(199),
    "where(".repeat(199) + "a1" + "-1,a1,a1)".repeat(199),
  ];
  for (const text of texts) {
    const e = parse(text);
    const slope = derivative(e, "a1");
    assert(!Number.isNaN(compile(slope, ["a1"])([1.001])));
    assert(!Number.isNaN(compileBounded(slope, ["a1"])([1.001], 2 ** -24).error));
    for (const language of ["plain", "python", "typescript"] as const) {
      assert(toInfix(e, language).length < 50_000);
    }
    assert(toTeX(e).length < 50_000);
  }
});

Deno.test("formulas that are evaluated together give what each gives by itself", () => {
  fc.assert(
    fc.property(fc.array(expressions(functionNames), { maxLength: 4 }), point, (all, values) => {
      assertEquals(
        compileTogether(all, layout)(values),
        all.map((e) => compile(e, layout)(values)),
      );
      assertEquals(
        compileBoundedTogether(all, layout)(values, 2 ** -24),
        all.map((e) => compileBounded(e, layout)(values, 2 ** -24)),
      );
    }),
    { numRuns: 300, seed: 5 },
  );
});

Deno.test("what formulas share stands once on their tape, and after what it needs", () => {
  const [one, two] = [parse("tanh(a1*a2) + a1*a2"), parse("2*tanh(a1*a2)")];
  const { operations, results } = tapeOf([one, two]);
  assertEquals(operations.map(({ kind }) => kind), [
    "symbol",
    "symbol",
    "binary",
    "call",
    "binary",
    "number",
    "binary",
  ]);
  assertEquals(results, [4, 6]);
});

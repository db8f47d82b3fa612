import { assertEquals } from "@std/assert";
import { type Expression, fold, symbolsOf } from "./expression.ts";
import { parse } from "../../src/fixtures/random_formulas.ts";

Deno.test("symbolsOf lists each symbol once, sorted", () => {
  assertEquals(symbolsOf(parse("a2*a1+max(a2,o1)-0*a3")), ["a1", "a2", "a3", "o1"]);
  assertEquals(symbolsOf(parse("1")), []);
});

Deno.test("fold visits a shared part once", () => {
  let visits = 0;
  let e: Expression = { kind: "symbol", name: "a1" };
  for (let depth = 0; depth < 100; depth++) {
    e = { kind: "binary", operator: "+", left: e, right: e };
  }
  const count = fold<number>(e, {
    number: () => 0,
    symbol: () => 1,
    negate: (x) => x,
    binary: (_operator, x, y) => (visits++, x + y),
    call: () => 0,
  });
  assertEquals([visits, count], [100, 2 ** 100]);
});

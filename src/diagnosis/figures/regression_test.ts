import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { regress } from "./regression.ts";

const draw = normalDraws(3);
const columns = Array.from({ length: 4 }, () => Array.from({ length: 40 }, draw));
const truth = [0.5, -2, 0, 1e-3];

Deno.test("coefficients are found within their errors, and the errors follow the noise", () => {
  for (const noise of [0, 1e-4, 1e-2]) {
    const values = columns[0]!.map((_, r) =>
      truth.reduce((sum, c, j) => sum + c * columns[j]![r]!, noise * draw())
    );
    const found = regress(columns, values, 1e-9)!;
    truth.forEach((c, j) => {
      assert(Math.abs(found.coefficients[j]! - c) <= 5 * found.errors[j]! + 1e-12);
      assert(found.errors[j]! <= 0.5 * Math.max(noise, 1e-9));
    });
  }
});

Deno.test("a column of zeros has the coefficient zero, and columns that are alike are refused", () => {
  const values = columns[0]!.map((v) => 3 * v);
  const found = regress([columns[0]!, columns[1]!.map(() => 0)], values, 1e-9)!;
  assertAlmostEquals(found.coefficients[0]!, 3, 1e-12);
  assertEquals(found.coefficients[1], 0);
  assertEquals(regress([columns[0]!, columns[0]!], values, 1e-9), undefined);
  assertEquals(regress(columns, values.slice(0, 4), 1e-9), undefined);
});

Deno.test("what no column gives is left", () => {
  const found = regress(columns.slice(0, 2), columns[0]!.map((v) => v ** 3), 1e-9)!;
  assert(found.left > 0.1);
});

import { assertEquals } from "@std/assert";
import { fromNumberText, toNumberText } from "./numerics/number_text.ts";
import { flattened, grouped, observationOf } from "./problem.ts";
import { normalDraws, seedFor, uniform } from "./numerics/random.ts";

Deno.test("rows are kept observation by observation", () => {
  const rows = [[1], [2], [3], [4], [5], [6]];
  assertEquals(grouped(rows, 2), [[[1], [2]], [[3], [4]], [[5], [6]]]);
  assertEquals(flattened(grouped(rows, 3)), rows);
  const problem = { observations: [[7], [8]], samples: 3 };
  assertEquals([0, 2, 3, 5].map((row) => observationOf(problem, row)[0]), [7, 7, 8, 8]);
});

Deno.test("every float survives JSON", () => {
  for (const value of [0, -0, 1 / 3, 5e-324, -1.7e308, Infinity, -Infinity, NaN]) {
    const text = JSON.parse(JSON.stringify(toNumberText(value)));
    assertEquals(Object.is(fromNumberText(text), value), true, String(value));
  }
});

Deno.test("the generator repeats itself from its seed and differs between seeds", () => {
  const first = (seed: number) => Array.from({ length: 4 }, uniform(seed));
  assertEquals(first(7), first(7));
  assertEquals(first(7).some((value, i) => value === first(8)[i]), false);
  assertEquals(seedFor(1, "a") === seedFor(1, "b"), false);
  assertEquals(seedFor(1, "a"), seedFor(1, "a"));
});

Deno.test("normal draws have the moments of the normal law", () => {
  const n = 200_000, draw = normalDraws(3);
  let [sum, squares, fourths] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const z = draw();
    sum += z;
    squares += z * z;
    fourths += z ** 4;
  }
  // Five standard deviations of each mean.
  assertEquals(Math.abs(sum / n) < 5 / Math.sqrt(n), true);
  assertEquals(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n), true);
  assertEquals(Math.abs(fourths / n - 3) < 5 * Math.sqrt(96 / n), true);
});

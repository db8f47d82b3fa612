import { assertAlmostEquals, assertEquals } from "@std/assert";
import { calmSettings, problemOf } from "../properties/arbitraries.ts";
import { gradNormAt } from "./oracle.ts";
import type { GradNorm } from "./problem.ts";

const normOf = (energy: string, point: readonly number[], gradNorm: GradNorm) =>
  gradNormAt(
    problemOf({
      energy,
      settings: calmSettings(2, { gradNorm }),
      initial: [[...point]],
    }),
    0,
    point,
  ).value;

Deno.test("the norm of a gradient is that of its order", () => {
  const found = ([null, "1", "2", "inf"] as const).map((order) =>
    normOf("3*a1 - 4*a2", [0, 0], order)
  );
  assertEquals(found, [0, 7, 5, 4]);
});

Deno.test("of an infinity and a NaN the norm is NaN, of an infinity infinite", () => {
  for (const order of ["1", "2"] as const) {
    assertEquals(normOf("1/a1 + sqrt(a2)", [0, -1], order), NaN);
    assertEquals(normOf("1/a1 + a2", [0, 1], order), Infinity);
  }
});

Deno.test("the norm of a gradient whose square is too large for a number is finite", () => {
  assertAlmostEquals(normOf("3e200*a1 + 4e200*a2", [0, 0], "2") / 5e200, 1, 1e-12);
});

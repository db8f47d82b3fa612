import { assert, assertEquals } from "@std/assert";
import { upperQuantile } from "../spec/numerics/normal.ts";
import { noiseShape } from "./noise_shape.ts";

/** Draws that lie where those of the standard normal law should. */
function ideal(count: number, scale = 1): number[] {
  return Array.from({ length: count }, (_, i) => -scale * upperQuantile((i + 0.5) / count));
}

Deno.test("ideal draws lie on the diagonal", () => {
  const shape = noiseShape(ideal(4000))!;
  assertEquals(shape.draws, 4000);
  assertEquals(shape.histogram.counts.reduce((sum, n) => sum + n, 0), 4000);
  for (const [z, found] of shape.quantiles) {
    assert(Math.abs(found - z) < (Math.abs(z) < 3 ? 0.02 : 0.1), `${z} ${found}`);
  }
  assertEquals([shape.quantiles[0]![0], shape.quantiles.at(-1)![0]], [-3.5, 3.5]);
});

Deno.test("draws of another scale lie on another line", () => {
  for (const [z, found] of noiseShape(ideal(4000, 1.5))!.quantiles) {
    assert(Math.abs(found - 1.5 * z) < (Math.abs(z) < 3 ? 0.03 : 0.15), `${z} ${found}`);
  }
});

Deno.test("quantiles that so few draws do not have are left out", () => {
  const { quantiles } = noiseShape(ideal(10))!;
  assertEquals([quantiles[0]![0], quantiles.at(-1)![0]], [-1.625, 1.625]);
});

Deno.test("draws outside of the histogram are counted, what is no number is not", () => {
  const { draws, histogram } = noiseShape([-100, 0, 4, NaN, Infinity])!;
  assertEquals([draws, histogram.below, histogram.above, histogram.counts[16]], [3, 1, 1, 1]);
  assertEquals(noiseShape([]), null);
});

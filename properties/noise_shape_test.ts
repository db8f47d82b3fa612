import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { upperQuantile, upperTail } from "../spec/numerics/normal.ts";
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

Deno.test("a draw falls into the bin of a quarter that it lies in, its lower edge included", () => {
  const binOf = (z: number) => noiseShape([z])!.histogram.counts.indexOf(1);
  assertEquals([-4, -3.8, -3.75, -0.01, 0, 0.24, 0.25, 3.99].map(binOf), [
    0,
    0,
    1,
    15,
    16,
    16,
    17,
    31,
  ]);
  const { histogram } = noiseShape([-4.01, -9, 4, 4.5, 5])!;
  assertEquals([histogram.from, histogram.to, histogram.counts.length], [-4, 4, 32]);
  assertEquals([histogram.below, histogram.above], [2, 3]);
  assertEquals(new Set(histogram.counts), new Set([0]));
});

Deno.test("quantiles are an eighth apart, and lie between neighbouring draws", () => {
  const { quantiles } = noiseShape(ideal(4000))!;
  quantiles.forEach(([z], i) => assertEquals(z, -3.5 + i / 8));
  // Of two draws the middle stands for a half, and a third of the way for the rank between them.
  const pair = noiseShape([10, 20])!.quantiles;
  assertEquals(pair.find(([z]) => z === 0)![1], 15);
  for (const [z, found] of pair) {
    const rank = 2 * (1 - upperTail(z)) - 0.5;
    assertAlmostEquals(found, 10 + 10 * rank, 1e-4);
  }
  // A single draw stands for the median alone.
  assertEquals(noiseShape([7])!.quantiles, [[0, 7]]);
});

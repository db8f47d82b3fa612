import { assert, assertEquals } from "@std/assert";
import { normalDraws, seedFor, uniform } from "./random.ts";

const first = (count: number, draw: () => number) => Array.from({ length: count }, draw);

Deno.test("a seed gives the same numbers in every version, so that old runs can be repeated", () => {
  assertEquals(first(3, uniform(1)), [0.5374428330581088, 0.08243005656496438, 0.6524788633974496]);
  assertEquals(first(4, normalDraws(1)), [
    0.07496769726276398,
    -0.8360546827316284,
    0.23614299297332764,
    -0.6461423635482788,
  ]);
  assertEquals(seedFor(1, "noise/scale"), 1769427567);
});

Deno.test("every part of a seed counts, beyond 32 bits too", () => {
  const seeds = [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 3 * 2 ** 40, -1];
  assertEquals(new Set(seeds.map((seed) => uniform(seed)())).size, seeds.length);
});

Deno.test("uniform numbers fill [0, 1) evenly, to the last bit, each independent of the one before", () => {
  const draw = uniform(3), count = 40_000;
  const values = first(count, draw);
  assert(values.every((u) => u >= 0 && u < 1));
  const counts = new Array<number>(16).fill(0);
  for (const u of values) counts[Math.floor(16 * u)]!++;
  // 2500 are expected in each sixteenth, with a standard deviation of 48.
  for (const n of counts) assert(Math.abs(n - 2500) < 250, `${counts}`);
  // All 53 bits are used: half of the numbers are odd multiples of 2^-53.
  const odd = values.filter((u) => (u * 2 ** 53) % 2 === 1).length;
  assert(Math.abs(odd - count / 2) < 500, `${odd}`);
  const covariance = values.slice(1).reduce((sum, u, i) => sum + (u - 0.5) * (values[i]! - 0.5), 0);
  assert(Math.abs(covariance / count) < 5 / 12 / Math.sqrt(count));
});

Deno.test("normal draws have mean 0, deviation 1 and normal tails, and are float32 numbers", () => {
  const count = 40_000, draws = first(count, normalDraws(4));
  assert(draws.every((z) => Math.fround(z) === z));
  const mean = draws.reduce((sum, z) => sum + z, 0) / count;
  const variance = draws.reduce((sum, z) => sum + z * z, 0) / count;
  assert(Math.abs(mean) < 5 / Math.sqrt(count), `${mean}`);
  assert(Math.abs(variance - 1) < 5 * Math.sqrt(2 / count), `${variance}`);
  const beyond = draws.filter((z) => Math.abs(z) > 2).length / count;
  assert(Math.abs(beyond - 0.0455) < 0.006, `${beyond}`);
  // Both of a pair are used, and neither tells the other.
  const pairs = draws.filter((_, i) => i % 2 === 0).map((z, i) => z * draws[2 * i + 1]!);
  assert(Math.abs(pairs.reduce((sum, p) => sum + p, 0)) < 5 * Math.sqrt(count / 2));
});

Deno.test("different texts and different seeds give different streams", () => {
  const seeds = ["noise", "noise ", "esion", ""].flatMap((text) =>
    [0, 1, 2].map((seed) => seedFor(seed, text))
  );
  assertEquals(new Set(seeds).size, seeds.length);
  assert(seeds.every(Number.isInteger));
});

import { assert, assertEquals } from "@std/assert";
import { levelsOf, regionBelow, type Ring } from "./isolines.ts";

function gridOf(size: number, value: (x: number, y: number) => number): number[][] {
  return Array.from(
    { length: size },
    (_, y) => Array.from({ length: size }, (_, x) => value(x, y)),
  );
}

/** Area by the shoelace formula, with a sign. */
function area(ring: Ring): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

const total = (rings: readonly Ring[]) => Math.abs(rings.reduce((sum, r) => sum + area(r), 0));

Deno.test("a bowl has one round ring", () => {
  const rings = regionBelow(gridOf(41, (x, y) => (x - 20) ** 2 + (y - 20) ** 2), 100);
  assertEquals(rings.length, 1);
  for (const [x, y] of rings[0]!) assert(Math.abs(Math.hypot(x - 20, y - 20) - 10) < 0.05);
  assert(Math.abs(total(rings) - 100 * Math.PI) < 2);
});

Deno.test("a valley that leaves the grid is closed along its edge", () => {
  const rings = regionBelow(gridOf(11, (x) => x), 5);
  assertEquals(rings.length, 1);
  assert(Math.abs(total(rings) - 50) < 1e-9, `${total(rings)}`);
});

Deno.test("a hill in a plain is a hole", () => {
  const rings = regionBelow(gridOf(21, (x, y) => -((x - 10) ** 2) - (y - 10) ** 2), -16);
  assertEquals(rings.length, 2);
  assert(Math.abs(total(rings) - (400 - 16 * Math.PI)) < 1, `${total(rings)}`);
});

Deno.test("diagonal valleys, plains and what is no number are taken as they come", () => {
  assertEquals(regionBelow([[0, 1], [1, 0]], 0.5).length, 2);
  assertEquals(regionBelow([[1, 1], [1, 1]], 0.5), []);
  assertEquals(regionBelow([[NaN, Infinity], [NaN, 0]], 0.5).length, 1);
  for (const ring of regionBelow([[NaN, -Infinity], [NaN, 0]], 0.5)) {
    for (const [x, y] of ring) assert(Number.isFinite(x) && Number.isFinite(y));
  }
});

Deno.test("levels divide the area evenly", () => {
  assertEquals(levelsOf(gridOf(10, (x) => x), 5), [1, 3, 5, 7, 9]);
  assertEquals(levelsOf([[1, 1], [1, NaN]], 5), []);
});

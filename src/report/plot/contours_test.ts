import { assert, assertEquals } from "@std/assert";
import { levelsOf, lowRegions } from "./contours.ts";
import { plotOf } from "./plot.ts";

const plot = plotOf({ left: 0, top: 0, width: 300, height: 300, across: [-3, 3], up: [-3, 3] });

/** The points of each ring of a region. */
function ringsOf(path: string): [number, number][][] {
  const rings = /d="([^"]*)"/.exec(path)![1]!.split("Z").filter((ring) => ring !== "");
  return rings.map((ring) =>
    ring.slice(1).split("L").map((point) => point.split(",").map(Number) as [number, number])
  );
}

/** Area by the shoelace formula, holes subtracted. */
function areaOf(path: string): number {
  return Math.abs(
    ringsOf(path).reduce((sum, ring) =>
      sum + ring.reduce((part, [x, y], i) => {
        const [nextX, nextY] = ring[(i + 1) % ring.length]!;
        return part + (x * nextY - nextX * y) / 2;
      }, 0), 0),
  );
}

Deno.test("the regions of a bowl are circles around its bottom, each with its share of the area", () => {
  const regions = lowRegions(plot, (x, y) => (x - 0.5) ** 2 + y ** 2, 8);
  assertEquals(regions.length, 8);
  const smallest = regions.map(({ markup }) => markup).sort((a, b) => areaOf(a) - areaOf(b))[0]!;
  const [ring] = ringsOf(smallest);
  const radius = Math.sqrt(areaOf(smallest) / Math.PI);
  for (const [x, y] of ring!) {
    assert(Math.abs(Math.hypot(x - 175, y - 150) - radius) < 1, `${x}, ${y}`);
  }
  assert(Math.abs(areaOf(smallest) - 300 * 300 / 9) < 300, `${areaOf(smallest)}`);
});

Deno.test("low is at the side of the low numbers, and a hill is a hole", () => {
  const [left] = lowRegions(plot, (x) => x, 1);
  assert(ringsOf(left!.markup).flat().every(([x]) => x < 151));
  const [below] = lowRegions(plot, (_, y) => y, 1);
  assert(ringsOf(below!.markup).flat().every(([, y]) => y > 149));
  const [around] = lowRegions(plot, (x, y) => -(x ** 2) - y ** 2, 1);
  assertEquals(ringsOf(around!.markup).length, 2);
});

Deno.test("what is no number counts as high, and a plain has no regions", () => {
  const regions = lowRegions(plot, (x) => x < 0 ? NaN : x < 1 ? Infinity : x, 5);
  for (const { markup } of regions) {
    assert(!/NaN|Infinity/.test(markup), markup);
    assert(ringsOf(markup).flat().every(([x]) => x > 150));
  }
  assertEquals(lowRegions(plot, () => 1, 5), []);
  assertEquals(lowRegions(plot, () => NaN, 5), []);
});

Deno.test("levels divide the values evenly", () => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  assertEquals(levelsOf(values, 4), [20, 40, 60, 80]);
  assertEquals(levelsOf([1, 1, NaN, Infinity], 4), []);
});

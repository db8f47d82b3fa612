import { assert, assertEquals } from "@std/assert";
import { clampedTo, extentOf, isWithin, markText, scaleOf, spread, ticksOf } from "./scales.ts";

Deno.test("a scale spreads numbers over pixels, in both directions", () => {
  assertEquals([-1, 0, 1].map(scaleOf([-1, 1], [0, 100])), [0, 50, 100]);
  assertEquals([25, 0].map(scaleOf([25, 0], [40, 0])), [40, 0]);
  assertEquals(scaleOf([0, 1], [0, 1])(NaN), NaN);
});

Deno.test("a range of no width is widened around its number", () => {
  assertEquals(scaleOf([3, 3], [0, 100])(3), 50);
  assertEquals(scaleOf([0, 0], [0, 10])(0), 5);
  assertEquals(Math.round(scaleOf([1, 1 + 2 ** -52], [0, 10])(1)), 5);
});

Deno.test("ticks are round numbers with as many digits as tell them apart", () => {
  const texts = (from: number, to: number, most: number) =>
    ticksOf(scaleOf([from, to], [0, 100]), most).map(([, text]) => text);
  assertEquals(texts(0, 25, 5), ["0", "5", "10", "15", "20", "25"]);
  assertEquals(texts(-1, 1, 4), ["−1", "−0.5", "0", "0.5", "1"]);
  assertEquals(texts(-11.517, -11.499, 4), ["−11.515", "−11.51", "−11.505", "−11.5"]);
  assertEquals(texts(0, 3e6, 4), ["0", "1e6", "2e6", "3e6"]);
  assertEquals(texts(0, 2e-7, 2), ["0", "1e−7", "2e−7"]);
});

Deno.test("there are no ticks where there is no range", () => {
  for (const [from, to] of [[NaN, 1], [-Infinity, 0], [-1.7e308, 1.7e308]] as const) {
    assertEquals(ticksOf(scaleOf([from, to], [0, 1]), 5), []);
  }
  assert(ticksOf(scaleOf([0, 5e-324], [0, 1]), 5).length > 0);
});

Deno.test("ticks that would not stand clear of each other are fewer", () => {
  const scale = scaleOf([0, 1], [0, 100]);
  const two = ticksOf(scale, 10, (ticks) => ticks.length <= 2);
  assertEquals(two.map(([value]) => value), [0, 1]);
  assertEquals(ticksOf(scale, 10, () => false), []);
});

Deno.test("the extent of values leaves out what is not finite", () => {
  assertEquals(extentOf([3, NaN, -1, Infinity]), [-1, 3]);
  assertEquals(extentOf([NaN]), [0, 1]);
});

Deno.test("a number lies in a range whichever end is the greater one", () => {
  assertEquals([clampedTo([1, 0], 2), clampedTo([0, 1], -2)], [1, 0]);
  assertEquals([0, 1, 1.5, NaN].map((v) => isWithin([1, 0], v)), [true, true, false, false]);
  assertEquals(spread([0, 1], 3), [0, 0.5, 1]);
});

Deno.test("a number beside a mark is short and has a true minus", () => {
  assertEquals([0.114501953125, -1e-7, 1e21, -Infinity, -0].map((v) => markText(v)), [
    "0.1145",
    "−1e−7",
    "1e21",
    "−∞",
    "0",
  ]);
});

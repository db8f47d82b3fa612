import { assertEquals } from "@std/assert";
import { lineThrough, markText, scale, ticks, tickText } from "./scale.ts";

Deno.test("a scale spreads numbers over places", () => {
  const x = scale(-1, 1, 0, 100);
  assertEquals([x.at(-1), x.at(0), x.at(1)], [0, 50, 100]);
  const point = scale(3, 3, 0, 100);
  assertEquals(point.at(3), 50);
  assertEquals(scale(0, 0, 0, 10).at(0), 5);
});

Deno.test("ticks are round numbers", () => {
  assertEquals(ticks({ low: -0.11, high: 0.11 }, 4), [-0.1, 0, 0.1]);
  assertEquals(ticks({ low: 0, high: 25 }, 5), [0, 5, 10, 15, 20, 25]);
  assertEquals(ticks({ low: -11.517, high: -11.499 }, 5), [-11.515, -11.51, -11.505, -11.5]);
  assertEquals(ticks({ low: NaN, high: 1 }, 5), []);
});

Deno.test("numbers beside ticks are short, and distinct", () => {
  assertEquals([0.5, -11.505, 1e-7, 1234567, NaN, -0].map((x) => tickText(x)), [
    "0.5",
    "−11.505",
    "1e−7",
    "1.234567e6",
    "NaN",
    "0",
  ]);
  assertEquals(markText(0.114501953125), "0.1145");
});

Deno.test("a line is broken where there is no number", () => {
  assertEquals(lineThrough([[0, 0], [1, 1], [2, NaN], [3, 3.25]]), "M0 0L1 1M3 3.3");
});

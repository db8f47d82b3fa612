import { assert, assertEquals } from "@std/assert";
import { joined, type Markup } from "../markup.ts";
import { apart, labels } from "./labels.ts";
import { boxIn, reachOf, showsBox } from "./landscape.ts";
import { place } from "./paths.ts";
import { legend, pictureFile, pictureIn } from "./picture.ts";
import {
  area,
  arrow,
  axisBelow,
  axisLeft,
  between,
  framed,
  line,
  mark,
  plotOf,
  type Point,
  under,
  words,
} from "./plot.ts";

const plot = plotOf({ left: 40, top: 10, width: 100, height: 50, across: [0, 10], up: [-1, 1] });
const texts = ({ markup }: Markup) =>
  Array.from(markup.matchAll(/>([^<>]+)<\/text>/g), (m) => m[1]!);

Deno.test("a line goes through its points and breaks where there is none", () => {
  const path = (points: readonly Point[]) => /d="([^"]*)"/.exec(line(plot, points, "x").markup)![1];
  assertEquals(path([[0, -1], [10, 1]]), "M40,60L140,10");
  assertEquals(path([[0, 0], [1, 0], [2, NaN], [3, 0], [4, 0]]), "M40,35L50,35M70,35L80,35");
  assertEquals(path([[0, Infinity], [1, 0], [1e300, 0]]), "M50,35L100000,35");
});

Deno.test("no number that is not finite comes into what is drawn", () => {
  const odd: Point[] = [[NaN, 0], [0, NaN], [Infinity, -Infinity], [1e308, 1], [0, 0]];
  const nowhere = plotOf({ ...plot, across: [NaN, NaN], up: [-Infinity, Infinity] });
  for (const into of [plot, nowhere]) {
    const drawn = joined([
      ...odd.map((point) => mark(into, point, "actual")),
      line(into, odd, "expected"),
      under(into, odd),
      between(into, odd, odd, "margin"),
      arrow(into, [0, 0], [NaN, 1], "guide"),
      area(into, [NaN, 1], [0, Infinity], "band"),
      boxIn(into, { min: [NaN], max: [1] }, [0]),
      axisBelow(into, { lines: "grid" }),
      axisLeft(into, { lines: "ticks" }),
    ]);
    assert(!/NaN|Infinity|undefined/.test(drawn.markup), drawn.markup);
  }
});

Deno.test("words are escaped wherever they stand", () => {
  const harm = `<script>"&'</script>`;
  const sheet = { title: harm, description: harm, width: 100, height: 50 };
  const file = pictureFile(sheet, [
    words(0, 0, harm, "", "end"),
    labels(plot, [{ at: [0, 0], words: harm, kind: "guide" }]),
    axisBelow(plot, { lines: "grid", name: harm, ticks: [[1, harm]] }),
    legend([{ drawn: null, words: harm }]),
  ]);
  for (const text of [file, pictureIn(sheet, "x", []).markup]) {
    assert(!text.includes("<script"), text);
    assert(text.includes("&lt;script&gt;&quot;&amp;&#39;"));
  }
});

Deno.test("a rectangle that reaches beyond a plot has its edges outside, and null is the whole", () => {
  const corners = ({ markup }: Markup) =>
    /d="M([^"Z]*)/.exec(markup)![1]!.split("L").map((point) => point.split(",").map(Number));
  assertEquals(corners(area(plot, [2, 5], [0, 1], "x")), [[60, 35], [90, 35], [90, 10], [60, 10]]);
  for (const [x, y] of corners(area(plot, [-1e9, 1e9], null, "x"))) {
    assert((x! < 40 || x! > 140) && (y! < 10 || y! > 60));
  }
  assert(framed(plot, []).markup.includes('viewBox="40 10 100 50"'));
});

Deno.test("the box is seen where one of its walls is", () => {
  assert(showsBox(plot, { min: [-5], max: [5] }, [0]));
  assert(!showsBox(plot, { min: [-5], max: [50] }, [0]));
  assert(showsBox(plot, { min: [-5, 0], max: [50, 3] }, [0, 1]));
  assertEquals(reachOf([1, 2], [0.5, 0]), [[0.5, 1.5], [2, 2]]);
});

Deno.test("numbers of an axis stand clear of each other and of the name at its end", () => {
  const narrow = plotOf({ ...plot, across: [10000, 10010] });
  const drawn = axisBelow(narrow, { lines: "ticks" });
  const at = Array.from(drawn.markup.matchAll(/<text[^>]* x="([\d.]+)"/g), (m) => Number(m[1]));
  assert(at.length > 0);
  at.slice(1).forEach((x, i) => assert(x - at[i]! > 30, `${at}`));
  assertEquals(texts(axisBelow(plot, { lines: "grid", ticks: [[0, "0"], [9, "9"]], free: 20 })), [
    "0",
  ]);
  assertEquals(texts(axisLeft(plot, { lines: "grid", ticks: [[-1, "−1"], [1, "1"]], name: "E" })), [
    "−1",
    "E",
  ]);
});

Deno.test("labels at one place move clear of each other, and as little as they must", () => {
  const drawn = labels(
    plot,
    ["one", "two", "three"].map((words) => ({ at: [5, 0], words, kind: "" })),
  );
  const at = Array.from(drawn.markup.matchAll(/ y="([\d.]+)"/g), (m) => Number(m[1]));
  assertEquals(at[0], 39);
  for (const [i, a] of at.entries()) {
    for (const b of at.slice(i + 1)) assert(Math.abs(a - b) >= 15, `${at}`);
  }
  assert(Math.max(...at) - Math.min(...at) === 30);
});

Deno.test("labels in a row are apart, in their order and within the ends", () => {
  assertEquals(apart([50, 150], [20, 20], [0, 200]), [50, 150]);
  assertEquals(apart([100, 100], [20, 20], [0, 200]), [86, 114]);
  assertEquals(apart([0, 0, 0], [20, 20, 20], [0, 200]), [10, 38, 66]);
  assertEquals(apart([200, 200], [20, 20], [0, 200]), [162, 190]);
  assertEquals(apart([], [], [0, 1]), []);
});

Deno.test("places have one decimal and are never beyond what a browser draws", () => {
  assertEquals([0.04, -0.04, 1.25, 1e9].map(place), ["0", "0", "1.3", "100000"]);
});

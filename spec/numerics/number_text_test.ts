import { assertEquals } from "@std/assert";
import { show, withNumbers } from "./number_text.ts";

Deno.test("a number in a sentence has seven digits, or as many as are asked for", () => {
  assertEquals(show(1 / 3), "0.3333333");
  assertEquals(show(2 / 3, 3), "0.667");
  assertEquals(show(1234567.8), "1234568");
  assertEquals(show(1e-9 / 3, 2), "3.3e-10");
});

Deno.test("a number in a sentence has no trailing zeros and no sign of a zero", () => {
  assertEquals(show(0.5), "0.5");
  assertEquals(show(120, 2), "120");
  assertEquals(show(-0), "0");
});

Deno.test("what is not finite is shown by its word", () => {
  assertEquals([NaN, Infinity, -Infinity].map((value) => show(value)), [
    "NaN",
    "Infinity",
    "-Infinity",
  ]);
});

Deno.test("words that stand for numbers are read wherever they stand, and others stay", () => {
  assertEquals(
    withNumbers({ a: ["NaN", "-0", 1, "Infinity"], b: { c: "-Infinity", d: "1", e: null } }),
    { a: [NaN, -0, 1, Infinity], b: { c: -Infinity, d: "1", e: null } },
  );
});

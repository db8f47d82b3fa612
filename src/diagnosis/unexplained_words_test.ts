import { assertEquals } from "@std/assert";
import { apart } from "./unexplained_words.ts";

Deno.test("two numbers are told with the digits that show their distance", () => {
  assertEquals([apart(1.5, 2), apart(2, 1.5)], ["1.5", "2"]);
  assertEquals([apart(-1.215, -1.21484375), apart(-1.21484375, -1.215)], ["-1.215", "-1.21484"]);
  assertEquals([apart(0.1, 0.1), apart(NaN, 1)], ["0.1", "NaN"]);
});

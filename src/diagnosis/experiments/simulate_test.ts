import { assertEquals } from "@std/assert";
import { close } from "./simulate.ts";

Deno.test("what is infinite or no number is near nothing but itself", () => {
  const pairs = [[1, 1.00001], [1, Infinity], [1, NaN], [Infinity, Infinity], [NaN, NaN]] as const;
  assertEquals(pairs.map(([a, b]) => close(a, b)), [true, false, false, true, true]);
});

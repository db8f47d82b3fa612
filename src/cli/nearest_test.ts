import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "./nearest.ts";

const names = ["check", "clauses", "delta-clip/limits-step", "delta-clip/zero"];

Deno.test("a typo gets the nearest name", () => {
  assertEquals(nearest("chekc", names), "check");
  assertEquals(nearest("CLAUSE", names), "clauses");
  assertEquals(nearest("delta-clip/limit-steps", names), "delta-clip/limits-step");
  assertEquals(didYouMean("delta-clip/zreo", names), "; did you mean delta-clip/zero?");
});

Deno.test("a part of a name stands for it, its beginning first, the shortest name first", () => {
  assertEquals(nearest("delta-clip/limit", names), "delta-clip/limits-step");
  assertEquals(nearest("delta", [...names, "delta-clip"]), "delta-clip");
  assertEquals(nearest("DELTA", names), "delta-clip/zero");
  assertEquals(nearest("zero", names), "delta-clip/zero");
  assertEquals(nearest("clip", ["delta-clip", "clip-none-at-all"]), "clip-none-at-all");
});

Deno.test("a number is not proposed for another", () => {
  assertEquals(nearest("3", ["1", "2"]), undefined);
});

Deno.test("a word that is far from every name gets none", () => {
  assertEquals(nearest("python", names), undefined);
  assertEquals(nearest("x", names), undefined);
  assertEquals(didYouMean("", names), "");
});

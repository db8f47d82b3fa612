import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "./nearest.ts";

const names = ["check", "clauses", "delta-clip/limits-step", "delta-clip/zero"];

Deno.test("a typo gets the nearest name", () => {
  assertEquals(nearest("chekc", names), "check");
  assertEquals(nearest("CLAUSE", names), "clauses");
  assertEquals(nearest("delta-clip/limit-steps", names), "delta-clip/limits-step");
  assertEquals(didYouMean("delta-clip/zreo", names), "; did you mean delta-clip/zero?");
});

Deno.test("a word that is far from every name gets none", () => {
  assertEquals(nearest("python", names), undefined);
  assertEquals(nearest("x", names), undefined);
  assertEquals(didYouMean("", names), "");
});

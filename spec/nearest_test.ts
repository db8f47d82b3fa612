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
  assertEquals(nearest("zer", names), "delta-clip/zero");
  assertEquals(nearest("ze", names), undefined);
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

Deno.test("a word may have one typo for every three letters, and one if it is shorter", () => {
  const letters = "abcdefghijklm";
  for (const [length, typos] of [[2, 1], [5, 1], [6, 2], [8, 2], [9, 3], [12, 4]] as const) {
    const name = letters.slice(0, length);
    const spoilt = (count: number) => name.slice(0, length - count) + "7".repeat(count);
    assertEquals(nearest(spoilt(typos), [name]), name, spoilt(typos));
    assertEquals(nearest(spoilt(typos + 1), [name]), undefined, spoilt(typos + 1));
  }
});

Deno.test("of several near names the one with the fewest typos is meant, then the first", () => {
  assertEquals(nearest("drxft", ["draft", "drift", "dryft"]), "draft");
  assertEquals(nearest("abcdxy", ["abcxyx", "abcdef", "abcdxz"]), "abcdxz");
});

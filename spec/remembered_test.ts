import { assertEquals } from "@std/assert";
import { Remembered } from "./remembered.ts";

Deno.test("what was asked for lately is made once, and what was not is dropped", () => {
  const remembered = new Remembered<string>(3), made: string[] = [];
  const ask = (text: string) =>
    remembered.get(text, () => {
      made.push(text);
      return text.toUpperCase();
    });
  assertEquals(["a", "b", "c", "a"].map(ask), ["A", "B", "C", "A"]);
  assertEquals(made, ["a", "b", "c"]);
  for (const text of ["d", "a", "e", "f", "a"]) assertEquals(ask(text), text.toUpperCase());
  assertEquals(made, ["a", "b", "c", "d", "e", "f"], "a is asked for all the time");
  ask("b");
  assertEquals(made.at(-1), "b", "b was not asked for among the last three");
});

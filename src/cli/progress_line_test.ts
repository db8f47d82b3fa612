import { assertEquals } from "@std/assert";
import { progressWords } from "./progress_line.ts";

Deno.test("the progress line tells the clause, the time and what was found so far", () => {
  const at = { clause: "drift/half", done: 3, total: 56, violated: 0 };
  assertEquals(progressWords("./mine.ts", null, 0), "starting ./mine.ts · 0 s");
  assertEquals(progressWords("./mine.ts", at, 2), "judging ./mine.ts · 3 of 56 · drift/half · 2 s");
  assertEquals(
    progressWords("./mine.ts", { ...at, clause: null, violated: 2 }, 9),
    "judging ./mine.ts · measuring the rule · 2 violations · 9 s",
  );
});

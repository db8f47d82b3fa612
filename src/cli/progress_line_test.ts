import { assertEquals } from "@std/assert";
import { progressLine, progressWords } from "./progress_line.ts";

Deno.test("the progress line tells the clause, the time and what was found so far", () => {
  const at = { clause: "drift/half", done: 3, total: 56, violated: 0 };
  assertEquals(progressWords("./mine.ts", null, 0), "starting ./mine.ts · 0 s");
  assertEquals(progressWords("./mine.ts", at, 2), "judging ./mine.ts · 3 of 56 · drift/half · 2 s");
  assertEquals(
    progressWords("./mine.ts", { ...at, clause: null, violated: 2 }, 9),
    "judging ./mine.ts · measuring the rule · 2 violations · 9 s",
  );
});

Deno.test("a long run tells a log how far it is, line by line, until it ends", async () => {
  const lines: string[] = [], more: (() => void)[] = [];
  const err = (text: string) => {
    lines.push(text);
    more.shift()?.();
  };
  const line = progressLine("./mine.ts", { err, progress: false, width: 80 }, 1);
  // The line's own timer keeps no program alive.
  const awake = setInterval(() => {}, 1);
  const next = () => new Promise<void>((resolve) => more.push(resolve));
  assertEquals(lines, []);
  await next();
  line.show({ clause: "drift/half", done: 3, total: 56, violated: 0 });
  await next();
  line.erase();
  clearInterval(awake);
  assertEquals(lines, [
    "starting ./mine.ts · 0 s\n",
    "judging ./mine.ts · 3 of 56 · drift/half · 0 s\n",
  ]);
});

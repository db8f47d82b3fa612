import { assert, assertEquals, assertRejects } from "@std/assert";
import { isWhole } from "../src/fixtures/sweep.ts";
import { runGuide, tutorial } from "./guide.ts";

Deno.test("the tutorial shows what happens, and ends with a port that conforms", async () => {
  const shown = await Deno.readTextFile(tutorial);
  const { text } = await runGuide(shown, (command) => isWhole || command === 0);
  assertEquals(text, shown, "Stale outputs: run deno run -A docs/guide.ts");
  const verdicts = [...text.matchAll(/^[✗✓] my port (violates|conforms)/gm)].map(([, word]) =>
    word
  );
  assertEquals(verdicts.at(-1), "conforms");
  assert(verdicts.length >= 3 && verdicts.slice(0, -1).every((word) => word === "violates"));
});

Deno.test("a pipe that is no part of an output is refused", async () => {
  await assertRejects(
    () => runGuide("```console\n$ ulaspec help | sort\n```\n"),
    Error,
    "found sort, wanted head -n N or tail -n N",
  );
});

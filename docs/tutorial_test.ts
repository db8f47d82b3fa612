import { assert, assertEquals, assertRejects } from "@std/assert";
import { sweep } from "../src/fixtures/sweep.ts";
import { runGuide, tutorial } from "./guide.ts";

const shown = await Deno.readTextFile(tutorial);

sweep("the tutorial shows what happens", async () => {
  const { text } = await runGuide(shown, () => true);
  assertEquals(text, shown, "Stale outputs: run deno run -A docs/guide.ts");
});

Deno.test("the tutorial ends with a port that conforms", () => {
  const verdicts = [...shown.matchAll(/^[✗✓] my port (violates|conforms)/gm)].map(([, word]) =>
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

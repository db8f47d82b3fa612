import { assertEquals, assertRejects } from "@std/assert";
import { testNeeding } from "../src/fixtures/needing.ts";
import { findPython } from "../src/fixtures/python_rule.ts";
import { isWhole } from "../src/fixtures/sweep.ts";
import { guide, runGuide } from "./guide.ts";

testNeeding(
  "Python 3.9",
  await findPython(),
  "the guide to writing a target shows what happens, and ends with the plain target",
  async () => {
    const shown = await Deno.readTextFile(guide);
    const { text, files } = await runGuide(shown, (command) => isWhole || command === 0);
    assertEquals(text, shown, "Stale outputs: run deno run -A docs/guide.ts");
    const plain = await Deno.readTextFile(
      new URL("examples/process/plain_target.py", import.meta.url),
    );
    assertEquals(files.get("my_target.py"), plain.replace(/^"""[^]*?"""\n/, ""));
  },
);

Deno.test("a change that does not fit its file is refused", async () => {
  const text = "```python a.py\nx = 1\n```\n\n```diff a.py\n-y = 1\n+y = 2\n```\n";
  await assertRejects(() => runGuide(text), Error, "found 0 places, wanted one");
});

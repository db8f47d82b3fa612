import { assert, assertEquals } from "@std/assert";
import { features } from "../spec/sampler.ts";

const page = await Deno.readTextFile(new URL("python.md", import.meta.url));
const example = (file: string) =>
  Deno.readTextFile(new URL(`examples/python/${file}`, import.meta.url));

const withoutIndent = (code: string) => code.replaceAll(/^ +/gm, "");

Deno.test("every Python snippet of the guide stands in the example that it names", async () => {
  const snippets = [...page.matchAll(/<!-- (\S+\.py) -->\n\n```python\n(.*?)```/gs)];
  assertEquals(snippets.length, page.split("```python").length - 1);
  for (const [, file, code] of snippets) {
    assert(withoutIndent(await example(file!)).includes(withoutIndent(code!)), code);
  }
});

Deno.test("every file and feature that the guide of Python names exists", async () => {
  for (const [, path] of page.matchAll(/\]\(([^)#:]+)\)/g)) {
    assert((await Deno.stat(new URL(path!, import.meta.url))).isFile, path);
  }
  const named = ["grad-clip", "exponential-schedule", "apply-exp"];
  for (const feature of named) assert(feature in features && page.includes(feature), feature);
});

/** The first columns of the table whose head begins with a word. */
function table(head: string): string[][] {
  const [, rows] = new RegExp(`^\\| \`${head}\` .*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, "m").exec(page)!;
  return rows!.trim().split("\n").map((row) =>
    row.split("|").slice(1, 3).map((cell) => cell.trim().replaceAll("`", ""))
  );
}

Deno.test("the guide of Python lists every field with its default, as the adapter has them", async () => {
  const adapter = await Deno.readTextFile(
    new URL("../src/targets/python/ulaspec/target.py", import.meta.url),
  ) + "\n\nend";
  const body = (name: string) =>
    new RegExp(`^class ${name}[(:][^]*?\\n\\n\\n(?=\\S)`, "m").exec(adapter)![0];
  const fields = (name: string) => [
    ...[...body(name).matchAll(/(?:^ {8}|, )self\.([a-z]\w*)(?=[:, ][^(]*=)/gm)].map((m) => m[1]!),
    ...[...body(name).matchAll(/^ {4}def ([a-z]\w*)/gm)].map((m) => m[1]!),
  ];
  for (const [name, head] of [["Settings", "settings"], ["Problem", "problem"]] as const) {
    assertEquals(table(head).map(([field]) => field!).toSorted(), fields(name).toSorted());
  }
  const defaults = [...body("Target").matchAll(/^ {4}(\w+): .* = (.*)$/gm)]
    .map(([, name, value]) => [name!, value!]);
  assertEquals(table("Target").toSorted(), defaults.toSorted());
});

Deno.test("the way to a first verdict of a Python port is read in under a minute", () => {
  const way = page.slice(0, page.indexOf("## In pytest"));
  const words = way.replaceAll(/```.*?```/gs, "").split(/\s+/).length;
  assert(words < 230, `${words} words`);
});

Deno.test("each Python example plugs its sampler in with at most fifteen lines", async () => {
  for await (const { name } of Deno.readDir(new URL("examples/python", import.meta.url))) {
    if (!name.endsWith(".py")) continue;
    const text = await example(name);
    const start = text.search(/^(class Target\(|Target = |@ulaspec\.target)/m);
    assert(start >= 0, name);
    const lines = text.slice(start).split("\n");
    const count = lines.filter((line) => line.trim() !== "").length;
    assert(count <= 15, `${name}: ${count} lines`);
  }
});

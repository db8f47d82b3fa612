import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readTraceFolder } from "./folder.ts";
import { officialTraces } from "./load.ts";
import { TraceError } from "./trace.ts";
import { traceFiles } from "./traces/index.ts";
import { writeTrace } from "./write.ts";

const folder = new URL("./traces/", import.meta.url);
const path = decodeURIComponent(folder.pathname);
const textOf = (name: string) => Deno.readTextFile(new URL(`${name}.json`, folder));

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${path}/${name}`, text);
    }
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("the index has every trace file, by its name", () => {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".json"));
  assertEquals(Object.keys(traceFiles), files.map((name) => name.slice(0, -5)).sort());
  assertEquals(files.length, 50);
});

Deno.test("the official traces are those of the folder, and each bears the name of its file", async () => {
  const traces = await officialTraces();
  assertEquals(traces.map(({ id }) => id), Object.keys(traceFiles));
  assertEquals(traces, await readTraceFolder(path));
});

Deno.test("a folder's traces come in the order of their names, without its index", async () => {
  const files = {
    "b.json": await textOf("one-step"),
    "a.json": await textOf("two-steps"),
    "index.json": "[]",
    "notes.txt": "not a trace",
  };
  await inFolder(files, async (path) => {
    const traces = await readTraceFolder(path);
    assertEquals(traces.map(({ id }) => id), ["two-steps", "one-step"]);
  });
});

Deno.test("a folder without traces is refused", async () => {
  await inFolder({ "index.json": "[]", "notes.txt": "" }, async (path) => {
    await assertRejects(
      () => readTraceFolder(path),
      TraceError,
      `Cannot use ${path}: found no traces in the folder, wanted *.json files that hold traces`,
    );
  });
});

Deno.test("a missing folder is refused", async () => {
  await assertRejects(
    () => readTraceFolder("no/such/folder"),
    TraceError,
    "Cannot use no/such/folder: found a folder of traces that does not exist, " +
      "wanted a folder of traces, as record writes one",
  );
});

Deno.test("a file in place of a folder is refused", async () => {
  await inFolder({ "a.json": "{" }, async (path) => {
    await assertRejects(
      () => readTraceFolder(`${path}/a.json`),
      TraceError,
      `Cannot use ${path}/a.json: found a file, not a folder of traces, wanted `,
    );
  });
});

Deno.test("two traces of one id are refused", async () => {
  const text = await textOf("one-step");
  await inFolder({ "a.json": text, "b.json": text }, async (path) => {
    await assertRejects(
      () => readTraceFolder(path),
      TraceError,
      `Cannot use id of ${path}/b.json: found "one-step" as in ${path}/a.json, wanted an id of its own`,
    );
  });
});

Deno.test("a broken trace in a folder is refused by its path", async () => {
  await inFolder({ "a.json": await textOf("one-step"), "b.json": "{" }, async (path) => {
    await assertRejects(
      () => readTraceFolder(path),
      TraceError,
      `line 1, column 2, of ${path}/b.json`,
    );
  });
});

Deno.test("a number in a trace that the rule does not give is refused with its place", async () => {
  const [trace] = await officialTraces();
  const folder = await Deno.makeTempDir();
  try {
    const actions = trace!.recorded.actions.map((rows, k) =>
      k === 3 ? rows.map((row, r) => r === 1 ? [row[0]! + 0.01, ...row.slice(1)] : row) : rows
    );
    const edited = { ...trace!, recorded: { ...trace!.recorded, actions } };
    await Deno.writeTextFile(`${folder}/edited.json`, writeTrace(edited));
    const error = await assertRejects(() => readTraceFolder(folder), TraceError);
    assertMatch(
      (error as unknown as Error).message,
      /chain\.actions\[[34]\]\[1\]\[0\] of .*edited\.json/,
    );
    await Deno.writeTextFile(
      `${folder}/edited.json`,
      writeTrace({ ...edited, deviation: "edited by hand" }),
    );
    assertEquals((await readTraceFolder(folder)).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

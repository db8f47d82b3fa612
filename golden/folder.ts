/**
 * Loads the traces of a folder, in Deno and in Node.js.
 *
 * @module
 */

import { followsRule, replaySpec } from "./replay.ts";
import { type Trace, TraceError } from "./trace.ts";

/**
 * The traces of a folder: every `*.json` but `index.json`, in the order of their names.
 *
 * @throws {TraceError} if the folder cannot be read, has no traces, has a broken one or one that
 *   breaks the rule without saying so, or has two of one id
 */
export async function readTraceFolder(folder: string): Promise<readonly Trace[]> {
  const [{ readTrace }, { readdir }] = await Promise.all([
    import("./read.ts"),
    import("node:fs/promises"),
  ]);
  const names = await reading(
    folder,
    async () => {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json"))
        .map(({ name }) => name.slice(0, -".json".length))
        .filter((name) => name !== "index")
        .sort();
    },
    "a folder of traces, as record writes one",
    {
      ENOENT: "a folder of traces that does not exist",
      ENOTDIR: "a file, not a folder of traces",
    },
  );
  const files = names.map((name) => `${folder.replace(/[/\\]$/, "")}/${name}.json`);
  if (files.length === 0) {
    throw new TraceError(folder, "", "no traces in the folder", "*.json files that hold traces");
  }
  const traces = await Promise.all(
    files.map(async (file) => readTrace(await reading(file, () => textOf(file)), file)),
  );
  const first = new Map<string, string>();
  traces.forEach((trace, index) => requireRule(trace, files[index]!));
  traces.forEach(({ id }, index) => {
    const other = first.get(id);
    if (other !== undefined) {
      throw new TraceError(files[index]!, "id", `"${id}" as in ${other}`, "an id of its own");
    }
    first.set(id, files[index]!);
  });
  return traces;
}

/** A trace that says of no deviation must follow the rule: otherwise it was recorded or edited wrongly. */
function requireRule(trace: Trace, file: string): void {
  if (trace.deviation !== undefined) return;
  const replay = replaySpec(trace);
  const { worst } = replay;
  if (followsRule(replay) || worst === null) return;
  const { what, step, row, axis, expected, actual } = worst;
  const place = what === "action"
    ? `chain.actions[${step}][${row}][${axis}]`
    : `chain.${what === "output" ? "networkOutputs" : "gradNorms"}[${step}][${row}]`;
  throw new TraceError(
    file,
    place,
    `${actual}`,
    `${expected}, which the rule gives, or a deviation that the trace declares`,
  );
}

const mostBytes = 64 * 2 ** 20;

/** The text of a file; a pipe would be waited for without an end. */
async function textOf(file: string): Promise<string> {
  const { readFile, stat } = await import("node:fs/promises");
  const found = await stat(file);
  if (!found.isFile()) throw new Error("what is no file: a pipe or a device");
  if (found.size > mostBytes) {
    throw new Error(`a file of ${found.size} bytes, more than ${mostBytes}`);
  }
  return await readFile(file, "utf8");
}

/** A read whose failure names the file; some kinds of errors have words of their own. */
async function reading<T>(
  file: string,
  read: () => Promise<T>,
  wanted = "something readable",
  words: Readonly<Record<string, string>> = { ENOENT: "nothing there" },
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const { message } = cause instanceof Error ? cause : new Error(String(cause));
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new TraceError(file, "", words[code] ?? message, wanted, { cause });
  }
}

/**
 * Loads traces: those of the official code, or those of a folder.
 *
 * @module
 */

import { followsRule, replaySpec } from "./replay.ts";
import { type Trace, TraceError, traceOf } from "./trace.ts";

/**
 * The traces of the official code, in the order of their names. They are modules of this package,
 * so no permission is needed to read them.
 */
export async function officialTraces(): Promise<readonly Trace[]> {
  const { traceFiles } = await import("./traces/index.ts");
  return Object.entries(traceFiles).map(([name, file]) => traceOf(file, `${name}.json`));
}

/**
 * The traces of a folder: every `*.json`, in the order of their names.
 *
 * @throws {TraceError} if the folder cannot be read, has no traces, has a broken one or one that
 *   breaks the rule without saying so, or has two of one id
 */
export async function readTraceFolder(folder: string): Promise<readonly Trace[]> {
  const { readTrace } = await import("./read.ts");
  const names = await readingFolder(folder, async () => {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries
      .filter(({ name, isDirectory }) => !isDirectory && name.endsWith(".json"))
      .map(({ name }) => name.slice(0, -".json".length))
      .sort();
  });
  const files = names.map((name) => `${folder.replace(/[/\\]$/, "")}/${name}.json`);
  if (files.length === 0) {
    throw new TraceError(folder, "", "no traces in the folder", "*.json files that hold traces");
  }
  const traces = await Promise.all(
    files.map(async (file) => readTrace(await reading(file, () => Deno.readTextFile(file)), file)),
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

async function readingFolder<T>(folder: string, read: () => Promise<T>): Promise<T> {
  const wanted = "a folder of traces, as record writes one";
  try {
    return await reading(folder, read);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    const { cause } = error;
    const name = cause instanceof Error ? cause.name : "";
    const found = name === "NotFound"
      ? "a folder of traces that does not exist"
      : name === "NotADirectory"
      ? "a file, not a folder of traces"
      : error.found;
    throw new TraceError(folder, "", found, wanted, { cause });
  }
}

async function reading<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const found = !(error instanceof Error)
      ? String(error)
      : error.name === "NotFound"
      ? "nothing there"
      : error.message;
    throw new TraceError(file, "", found, "something readable", { cause: error });
  }
}

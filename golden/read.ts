/**
 * Reads traces that other people wrote, strictly.
 *
 * @module
 */

import { locateJsonFault } from "./json_fault.ts";
import { at, placeOf, shown } from "./json_place.ts";
import { type Trace, TraceError, traceOf } from "./trace.ts";
import { type TraceFile, traceFile } from "./trace_file.ts";

/**
 * Reads a trace.
 *
 * @param text the contents of a trace file
 * @param file its name, for error messages
 * @throws {TraceError} naming file, place, what was found and what was wanted
 */
export function readTrace(text: string, file: string): Trace {
  return traceOf(checked(parsed(text, file), file), file);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column, found, wanted } = locateJsonFault(text);
    throw new TraceError(file, `line ${line}, column ${column},`, found, wanted, { cause: error });
  }
}

/** Holds a value against the schema of a trace file. */
function checked(value: unknown, file: string): TraceFile {
  const { data, error } = traceFile.safeParse(value);
  if (data !== undefined) return data;
  const issue = error!.issues[0]!;
  const place = placeOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const found = `the unknown field ${shown(issue.keys[0])}`;
    throw new TraceError(file, place, found, "only the fields of the schema");
  }
  throw new TraceError(file, place, shown(at(value, issue.path)), issue.message);
}

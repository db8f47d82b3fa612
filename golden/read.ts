/**
 * Reads traces that other people wrote, strictly.
 *
 * @module
 */

import { schemaFault } from "./schema.ts";
import { at, parse, placeOf, shown, type Trace, TraceError, traceOf } from "./trace.ts";
import type { TraceFile } from "./trace_file.ts";

/**
 * Reads a trace.
 *
 * @param text the contents of a trace file
 * @param file its name, for error messages
 * @throws {TraceError} naming file, place, what was found and what was wanted
 */
export function readTrace(text: string, file: string): Trace {
  const value = parse(text, file);
  const fault = schemaFault(value, "all but tables");
  if (fault !== undefined) {
    const found = fault.surplus === undefined
      ? shown(at(value, fault.path))
      : `the unknown field ${shown(fault.surplus)}`;
    throw new TraceError(file, placeOf(fault.path), found, fault.wanted);
  }
  return traceOf(value as TraceFile, file);
}

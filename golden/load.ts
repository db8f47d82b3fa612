/**
 * Loads the traces of the official code.
 *
 * @module
 */

import { type Trace, traceOf } from "./trace.ts";

/**
 * The traces of the official code, in the order of their names. They are modules of this package,
 * so no permission is needed to read them.
 */
export async function officialTraces(): Promise<readonly Trace[]> {
  const { traceFiles } = await import("./traces/index.ts");
  return Object.entries(traceFiles).map(([name, file]) => traceOf(file, `${name}.json`));
}

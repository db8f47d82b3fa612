/**
 * A sampler from the text of a TypeScript module, without a file and without a network.
 *
 * @module
 */

import { transform } from "sucrase";
import type { Sampler } from "../../spec/sampler.ts";

/** A text that gives no sampler. */
export class SourceFault extends Error {
  /** Always "SourceFault". */
  override readonly name = "SourceFault";

  /**
   * @param found what is there
   * @param wanted what belongs there
   */
  constructor(found: string, wanted: string) {
    super(`Cannot judge: found ${found}, wanted ${wanted}`);
  }
}

/**
 * Runs the text as a module and takes its sampler: the default export, or the only export that can
 * be prepared.
 *
 * @param source TypeScript or JavaScript; only types may be imported
 * @throws {SourceFault} if it does not parse, imports values, throws or exports no sampler
 */
export async function samplerFrom(source: string): Promise<Sampler> {
  const url = URL.createObjectURL(new Blob([withoutTypes(source)], { type: "text/javascript" }));
  try {
    const module: Readonly<Record<string, unknown>> = await import(url);
    return samplerOf(module);
  } catch (error) {
    if (error instanceof SourceFault) throw error;
    throw new SourceFault(`${error} while the module loads`, "a module that loads");
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The text as JavaScript, line by line as before. */
function withoutTypes(source: string): string {
  let code;
  try {
    ({ code } = transform(source, { transforms: ["typescript"], disableESTransforms: true }));
  } catch (error) {
    // "Error transforming undefined: …" names a file that isn't there.
    const said = String(error instanceof Error ? error.message : error).replace(/^[^:]*: /, "");
    throw new SourceFault(said, "TypeScript or JavaScript");
  }
  const imported = /^\s*import\s*(?:[^"'()]*?from\s*)?["']([^"']+)["']/m.exec(code);
  if (imported) {
    throw new SourceFault(
      `an import of values from "${imported[1]}"`,
      "a module that stands alone: on this page, only types can be imported",
    );
  }
  return code;
}

function samplerOf(module: Readonly<Record<string, unknown>>): Sampler {
  const candidates = [module["default"], module["sampler"], ...Object.values(module)];
  const found = candidates.find(isSampler);
  if (found) return found;
  const names = Object.keys(module);
  throw new SourceFault(
    names.length === 0 ? "no export" : `no sampler among the exports ${names.join(", ")}`,
    "a default export with a name, networkReturns and prepare",
  );
}

/** Whether a value can be prepared; whatever else is wrong with it, observing it tells. */
function isSampler(value: unknown): value is Sampler {
  return typeof value === "object" && value !== null && "prepare" in value &&
    typeof value.prepare === "function";
}

/**
 * The packaged Python adapter, with which samplers in Python are plugged in: a package of modules
 * here, one file where it is copied.
 *
 * @module
 */

/** Where Python finds it: the package `ulaspec`, or in what was built from it the file `ulaspec.py`. */
import { variable } from "../environment.ts";
const folder = new URL("./python/", import.meta.url);
const isFile = folder.protocol === "file:";

/** The modules of the adapter, foundations first. */
export const adapterModules = [
  "floats",
  "output",
  "nested",
  "formula",
  "dual",
  "blocks",
  "session",
  "view",
  "arrays",
  "target",
  "numpy_arrays",
  "draws",
  "like_terms",
  "torch_tensors",
  "jax_arrays",
  "tensorflow_tensors",
  "draws_torch",
  "draws_numpy",
  "draws_jax",
  "draws_tensorflow",
  "replacing",
  "results",
  "server",
  "clause_tests",
  "rerun",
  "watching_arguments",
  "watching_torch",
  "watching_jax",
  "watching_flax",
  "watching_tensorflow",
  "watching",
  "signature",
  "made",
] as const;

/**
 * Its source as one file that works alone.
 *
 * @throws {Error} if it cannot be read
 */
export async function pythonAdapter(): Promise<string> {
  const built = isFile
    ? await Deno.readTextFile(new URL("ulaspec.py", folder)).catch(() => null)
    : null;
  if (built !== null) return built;
  const [face, ...modules] = await Promise.all(
    ["__init__", ...adapterModules].map((name) => sourceOf(`ulaspec/${name}.py`)),
  );
  return oneFile(face!, modules);
}

/** A package as one module: its docstring, its modules without imports of each other, its names. */
export function oneFile(face: string, modules: readonly string[]): string {
  const fromEachOther = /^ *from \.\w+ import (?:\([^)]*\)|[^(\n]+)\n/gm;
  const { doc, code } = partsOfModule(face);
  const bodies = modules.map((text) => {
    const { doc, code } = partsOfModule(text);
    const heading = `# ${doc.replaceAll(/^"""|"""$/g, "").split("\n", 1)[0]!} `;
    return `${heading.padEnd(100, "-")}\n\n${code.replaceAll(fromEachOther, "").trim()}\n`;
  });
  return [
    doc,
    "\nfrom __future__ import annotations\n",
    ...bodies,
    code.replaceAll(fromEachOther, "").trim(),
  ]
    .join("\n\n").replaceAll(/\n{4,}/g, "\n\n\n") + "\n";
}

/** The docstring of a module, and what follows it without the import that has to come first. */
function partsOfModule(text: string): { readonly doc: string; readonly code: string } {
  const end = text.indexOf('"""', 3) + 3;
  return {
    doc: text.slice(0, end),
    code: text.slice(end).replace("from __future__ import annotations\n", ""),
  };
}

async function sourceOf(path: string): Promise<string> {
  const address = new URL(path, folder);
  if (isFile) return await Deno.readTextFile(address);
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Cannot fetch the adapter: found the answer ${response.status}, wanted a file`);
  }
  return text;
}

/** The environment of a process that finds the adapter on its module path. */
export interface AdapterPath {
  readonly env: Readonly<Record<string, string>>;
  /** Removes what was written to disk, if anything was. */
  remove(): Promise<void>;
}

/** Puts the folder of the adapter, or of a temporary copy of it, before the path of Python. */
export async function adapterPath(): Promise<AdapterPath> {
  if (isFile) {
    const { fileURLToPath } = await import("node:url");
    return { env: pathWith(fileURLToPath(folder)), remove: () => Promise.resolve() };
  }
  const text = await pythonAdapter();
  const copy = await Deno.makeTempDir({ prefix: "ulaspec-" });
  await Deno.writeTextFile(`${copy}/ulaspec.py`, text);
  return {
    env: pathWith(copy),
    // A folder that stays behind says nothing of the target.
    remove: () => Deno.remove(copy, { recursive: true }).catch(() => {}),
  };
}

function pathWith(folder: string): Readonly<Record<string, string>> {
  const known = variable("PYTHONPATH");
  const separator = Deno.build.os === "windows" ? ";" : ":";
  return { PYTHONPATH: known ? `${folder}${separator}${known}` : folder };
}

/**
 * The packaged Python adapter: one file, with which samplers in Python are plugged in.
 *
 * @module
 */

const address = new URL("./python/ulaspec/__init__.py", import.meta.url);
const isFile = address.protocol === "file:";

/**
 * Its source. A package that came from a registry has no folder: it is asked for there.
 *
 * @throws {Error} if it cannot be read
 */
export async function pythonAdapter(): Promise<string> {
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
    return {
      env: pathWith(fileURLToPath(new URL("..", address))),
      remove: () => Promise.resolve(),
    };
  }
  const text = await pythonAdapter();
  const folder = await Deno.makeTempDir({ prefix: "ulaspec-" });
  await Deno.writeTextFile(`${folder}/ulaspec.py`, text);
  return {
    env: pathWith(folder),
    // A folder that stays behind harms nobody, and says nothing of the target.
    remove: () => Deno.remove(folder, { recursive: true }).catch(() => {}),
  };
}

function pathWith(folder: string): Readonly<Record<string, string>> {
  const known = Deno.env.get("PYTHONPATH");
  const separator = Deno.build.os === "windows" ? ";" : ":";
  return { PYTHONPATH: known ? `${folder}${separator}${known}` : folder };
}

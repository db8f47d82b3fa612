/**
 * The suite as few files of JavaScript, for packages that are to run without any download.
 *
 * @module
 */

/** Words for `deno bundle` that differ between packages. */
export interface BundleOptions {
  /** Packages that are left out, for the package manager of the person. */
  readonly without?: readonly string[];
}

/**
 * A module with all that it imports, as one module.
 *
 * @throws {Error} if `deno bundle` fails
 */
export async function bundled(module: URL, options: BundleOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "-q", "--platform", "deno", "--minify", "--keep-names"],
      ...(options.without ?? []).map((name) => `--external=${name}`),
      module.href,
    ],
    cwd: new URL(".", module),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`Cannot bundle ${module.pathname}: ${text(stderr).trim()}`);
  return text(stdout);
}

/** The command line and the worker that it starts, by the names of their files. */
export async function suiteFiles(): Promise<ReadonlyMap<"cli.js" | "worker.js", string>> {
  const [cli, worker] = await Promise.all(
    ["../cli.ts", "../run/worker.ts"].map((path) => bundled(new URL(path, import.meta.url))),
  );
  return new Map([["cli.js", besideWorker(cli!)], ["worker.js", worker!]]);
}

/** A program that starts the worker, with its name after bundling. */
function besideWorker(program: string): string {
  const parts = program.split('"./worker.ts"');
  if (parts.length !== 2) {
    throw new Error(`Cannot bundle: found the worker ${parts.length - 1} times, wanted once`);
  }
  return parts.join('"./worker.js"');
}

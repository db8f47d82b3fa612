/**
 * The suite as few files of JavaScript, for packages that are to run without any download.
 *
 * @module
 */

/** Words for `deno bundle` that differ between packages. */
export interface BundleOptions {
  /** `external`: packages are left to the package manager of the person; `bundle` by default. */
  readonly packages?: "bundle" | "external";
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
      ...["--packages", options.packages ?? "bundle"],
      module.href,
    ],
    cwd: new URL(".", module),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`Cannot bundle ${module.pathname}: ${text(stderr).trim()}`);
  return text(stdout);
}

/** The files of the suite by their names: each starts the next, which lies beside it. */
const programs = [
  ["cli.js", "../cli.ts"],
  ["worker.js", "../run/worker.ts"],
  ["module_host.js", "./module_host.ts"],
] as const;

/** The command line, the worker that it starts, and what the worker runs modules with. */
export async function suiteFiles(): Promise<ReadonlyMap<typeof programs[number][0], string>> {
  const texts = await Promise.all(
    programs.map(([, path]) => bundled(new URL(path, import.meta.url))),
  );
  return new Map(programs.map(([name], i) => [name, besideNext(texts[i]!, i)] as const));
}

/** A program with the name that the one which it starts has after bundling. */
function besideNext(program: string, index: number): string {
  const next = programs[index + 1];
  if (next === undefined) return program;
  const [name] = next;
  const source = `"./${name.replace(/js$/, "ts")}"`;
  const parts = program.split(source);
  if (parts.length !== 2) {
    throw new Error(`Cannot bundle: found ${source} ${parts.length - 1} times, wanted once`);
  }
  return parts.join(`"./${name}"`);
}

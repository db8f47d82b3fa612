/**
 * A copy of the sources in a temporary folder, where mutants are tried.
 *
 * @module
 */

/** How a run of tests ended. */
export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly by: string }
  | { readonly kind: "timed out" };

/** The name of the module that imports the tests of one run. */
const entry = "mutation_entry.ts";

/** The files of a checkout from its root: what git tracks, and what it does not ignore. */
export async function checkoutFiles(root: string): Promise<string[]> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
  }).output();
  if (!success) throw new Error("Found no git checkout, wanted one to list the sources of");
  const listed = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  const present = await Promise.all(listed.map((path) => isFile(`${root}/${path}`)));
  return [...new Set(listed.filter((_, i) => present[i]))].sort();
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => null))?.isFile === true;
}

/** One copy; a worker uses it for one mutant after another. */
export class Workspace {
  private constructor(private readonly folder: string) {}

  /** Copies the files of a checkout, without pictures. */
  static async of(root: string, files: readonly string[]): Promise<Workspace> {
    const folder = await Deno.makeTempDir({ prefix: "mutation_" });
    for (const path of files) {
      if (/\.(png|svg|ico)$/.test(path)) continue;
      await Deno.mkdir(`${folder}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.copyFile(`${root}/${path}`, `${folder}/${path}`);
    }
    return new Workspace(folder);
  }

  /** Does something while a file has another text. */
  async with<T>(file: string, text: string, body: () => Promise<T>): Promise<T> {
    const path = `${this.folder}/${file}`;
    const original = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text);
    try {
      return await body();
    } finally {
      await Deno.writeTextFile(path, original);
    }
  }

  /**
   * Runs test files in their order, in one process, up to the first failure.
   *
   * @param limit seconds
   */
  async run(tests: readonly string[], limit: number): Promise<Outcome> {
    const { code, output, late } = await this.#deno(tests, ["--fail-fast"], limit);
    if (late) return { kind: "timed out" };
    return code === 0 ? { kind: "passed" } : { kind: "failed", by: failedTest(output) };
  }

  /**
   * Runs test files as they are.
   *
   * @returns seconds by test file
   * @throws {Error} if a test fails
   */
  async timings(tests: readonly string[]): Promise<Record<string, number>> {
    const { code, output } = await this.#deno(tests, ["--reporter=junit"], 3600);
    if (code !== 0) {
      const failed = /<testcase name="([^"]*)"[^>]*>\s*<failure/.exec(output)?.[1] ?? output;
      throw new Error(`Found a failing test without any mutation, wanted none: ${failed}`);
    }
    const seconds: Record<string, number> = Object.fromEntries(tests.map((test) => [test, 0]));
    const cases = output.matchAll(/<testcase .*?classname="\.\/([^"]*)" time="([^"]*)"/g);
    for (const [, file = "", time] of cases) seconds[file] = (seconds[file] ?? 0) + Number(time);
    return seconds;
  }

  async #deno(tests: readonly string[], options: readonly string[], limit: number) {
    const imports = tests.map((test) => `import "./${test}";\n`).join("");
    await Deno.writeTextFile(`${this.folder}/${entry}`, imports);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--quiet", "--no-check", "--no-lock", ...options, entry],
      cwd: this.folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, 1000 * limit);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, output: `${out}\n${err}`, late };
  }

  /** Deletes the copy. */
  async remove(): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The first test that a summary of failures names, with its file. */
function failedTest(output: string): string {
  const found = /^(.+) => \.\/(\S+?):\d+:\d+$/m.exec(output);
  return found ? `${found[2]}: ${found[1]}` : "a test file does not load";
}

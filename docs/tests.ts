/**
 * Runs the tests. The test files of a group share one thread, and with it what they load and what
 * the engine has compiled: alone in threads of their own they take half as long again.
 *
 *     deno task test [FILE|FOLDER|OPTION …]
 *
 * Options are those of `deno test`, each as one word: `--filter=clip`. Plain `deno test` runs each
 * file in a thread of its own.
 *
 * @module
 */

import { groupedBy } from "../src/grouped_by.ts";

const root = new URL("../", import.meta.url);

/**
 * Folders, or beginnings of paths, whose tests share a thread: about as much time in each. A thread
 * for each folder would load and compile the same again.
 */
const groups: readonly (readonly string[])[] = [
  ["src/run/"],
  // Half of the longest folder, by their first letters.
  ["src/cli/", "src/targets/", ...Array.from("abcdef", (letter) => `src/run/${letter}`)],
  ["src/diagnosis/", "src/defects/"],
  ["docs/", "src/", "spec/", "properties/", "golden/"],
];

/** The group of a file: the one that names the most of its path. */
function groupOf(file: string): number {
  const depths = groups.map((folders) =>
    Math.max(...folders.map((folder) => file.startsWith(folder) ? folder.length : 0))
  );
  return depths.indexOf(Math.max(...depths));
}

/** The test files in a folder, by their paths from the root. */
function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) {
      return /^([._]|node_modules$)/.test(name) ? [] : testFiles(`${folder}${name}/`);
    }
    return name.endsWith("_test.ts") ? [`${folder}${name}`] : [];
  }).toSorted();
}

/** Runs test files in the threads of their groups, and gives the exit code. */
async function runTests(files: readonly string[], options: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "ulaspec-tests-" });
  try {
    const modules: string[] = [];
    for (const [n, own] of groupedBy(files, groupOf)) {
      const module = `${folder}/${groups[n]![0]!.replace(/\/?$/, "_").replaceAll("/", "_")}test.ts`;
      const imports = own.map((file) => `import "${new URL(file, root)}";\n`);
      await Deno.writeTextFile(module, imports.join(""));
      modules[n] = module;
    }
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "-A", "--quiet", "--no-check", "--parallel", "--config=deno.json"],
        // Judging makes many short-lived tables: with more room for them a sixth less time goes by.
        "--v8-flags=--min-semi-space-size=32,--max-semi-space-size=64",
        ...options,
        ...modules.filter((module) => module !== undefined),
      ],
      cwd: root,
      // All at once, even on two cores, for some tests wait for a process or a page.
      env: { DENO_JOBS: Deno.env.get("DENO_JOBS") ?? `${groups.length}` },
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const options = Deno.args.filter((arg) => arg.startsWith("-"));
  const paths = Deno.args.filter((arg) => !arg.startsWith("-"));
  const files = testFiles("").filter((file) =>
    paths.length === 0 || paths.some((path) => file.startsWith(path.replace(/^\.\//, "")))
  );
  if (files.length === 0) console.error(`Found no test file in ${paths.join(" ")}`);
  Deno.exit(files.length === 0 ? 2 : await runTests(files, options));
}

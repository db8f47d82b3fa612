/**
 * Builds the npm package: the library and `conformance` for Node.js, their types, and the command,
 * which runs the bundled suite with the program of npm's `deno`.
 *
 * ```sh
 * deno task npm [FOLDER]
 * ```
 *
 * @module
 */

import ts from "typescript";
import config from "../../../deno.json" with { type: "json" };
import { pythonAdapter } from "../python_adapter.ts";
import { bundled, suiteFiles } from "../suite_bundle.ts";

const root = new URL("../../../", import.meta.url);
const rootPath = decodeURIComponent(root.pathname);

/** The ways into the package, by the names of their files. */
const entries = { mod: "src/mod.ts", testing: "src/testing.ts", tfjs: "src/tensor_network.ts" };

const launcher = `#!/usr/bin/env node
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const deno = join(dirname(createRequire(import.meta.url).resolve("deno/package.json")), "bin.cjs");
const suite = fileURLToPath(new URL("./suite/cli.js", import.meta.url));
const words = [deno, "run", "-q", "-A", "--no-config", "--no-lock", suite, ...process.argv.slice(2)];
const env = { ...process.env, ULASPEC_PROGRAM: "npx ulaspec", DENO_NO_UPDATE_CHECK: "1" };
const child = spawn(process.execPath, words, { stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 2));
`;

/** The files of the package by their paths. */
export async function npmFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [name, path] of Object.entries(entries)) {
    files.set(`${name}.js`, await bundled(new URL(path, root), { packages: "external" }));
  }
  for (const [path, text] of declarations()) files.set(path, text);
  for (const [name, text] of await suiteFiles()) files.set(`suite/${name}`, text);
  files.set("suite/python/ulaspec.py", await pythonAdapter());
  files.set("ulaspec.js", launcher);
  files.set("README.md", await Deno.readTextFile(new URL("README.md", root)));
  files.set("LICENSE", await Deno.readTextFile(new URL("LICENSE", root)));
  files.set("package.json", `${JSON.stringify(manifest(files), null, 2)}\n`);
  return files;
}

function manifest(files: ReadonlyMap<string, string>): unknown {
  const { version, license } = config;
  const used = [...dependenciesOf(files)].sort();
  const optional = "@tensorflow/tfjs";
  const versions = new Map(used.map(([name, range]) => [name, range] as const));
  const tfjs = versions.get(optional);
  versions.delete(optional);
  const way = (file: string) => ({
    types: `./types/${entries[file as keyof typeof entries].replace(/\.ts$/, ".d.ts")}`,
    default: `./${file}.js`,
  });
  return {
    // What samplers and tests import here, too.
    name: "ulaspec",
    version,
    description: "Judges whether a Langevin sampler follows its update rule",
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: { ulaspec: "./ulaspec.js" },
    exports: { ".": way("mod"), "./testing": way("testing"), "./tfjs": way("tfjs") },
    dependencies: { ...Object.fromEntries(versions), deno: "^2.9.0" },
    ...(tfjs === undefined ? {} : {
      peerDependencies: { [optional]: tfjs },
      peerDependenciesMeta: { [optional]: { optional: true } },
    }),
  };
}

/** The packages that programs and types import, with their ranges. */
function* dependenciesOf(files: ReadonlyMap<string, string>): Generator<[string, string]> {
  const text = [...files].filter(([path]) => !path.startsWith("suite/") && /\.[jt]s$/.test(path))
    .map(([, text]) => text).join("\n");
  const imports: Readonly<Record<string, string>> = config.imports;
  for (const target of new Set(Object.values(imports))) {
    const found = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target);
    if (!found) continue;
    const [, name, version] = found;
    if (new RegExp(`(?:from|import|import\\()\\s*"${name}(?:/[^"]*)?"`).test(text)) {
      yield [name!, `^${version}`];
    }
  }
}

/** The types of everything that the ways into the package export, one file for each module. */
function declarations(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: rootPath,
    outDir: "/types",
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram(
    Object.values(entries).map((path) => rootPath + path),
    options,
    host,
  );
  program.emit(
    undefined,
    (path, text) => {
      // Declarations name the modules that a consumer finds.
      files.set(
        path.replace(/^\//, ""),
        text.replaceAll(/((?:from |import\()")(\.[^"]+)\.ts"/g, '$1$2.js"'),
      );
    },
    undefined,
    true,
  );
  return files;
}

/** Writes the package as a folder that `npm pack` and `npm install` take. */
export async function writePackage(folder: string): Promise<void> {
  for (const [path, text] of await npmFiles()) {
    const place = `${folder}/${path}`;
    await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(place, text);
  }
  await Deno.chmod(`${folder}/ulaspec.js`, 0o755);
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? "npm";
  await writePackage(folder);
  console.log(folder);
}

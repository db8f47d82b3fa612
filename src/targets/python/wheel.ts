/**
 * Builds the wheel: the suite as JavaScript, the adapter, the command and the pytest plugin in one
 * file that pip installs.
 *
 * ```sh
 * deno task wheel [FOLDER]
 * ```
 *
 * @module
 */

import { strToU8, zipSync } from "fflate";
import config from "../../../deno.json" with { type: "json" };
import { pythonAdapter } from "../python_adapter.ts";
import { suiteFiles } from "../suite_bundle.ts";

const root = new URL("../../../", import.meta.url);
const { version } = config;
const info = `ulaspec-${version}.dist-info`;

/** The name of the wheel's file, which says what it fits. */
export const wheelName = `ulaspec-${version}-py3-none-any.whl`;

/** The wheel's bytes; the same sources give the same. */
export async function wheel(): Promise<Uint8Array> {
  const files = new Map([
    ...await packageFiles(),
    ...[...await suiteFiles()].map(([name, text]) => [`ulaspec/suite/${name}`, text] as const),
    // Processes of the suite have this on their path, whichever Python they are.
    ["ulaspec/suite/python/ulaspec.py", await pythonAdapter()] as const,
    ...await metadata(),
  ]);
  const bytes = new Map([...files].map(([path, text]) => [path, strToU8(text)] as const));
  const record = await Promise.all(
    [...bytes].map(async ([path, data]) => `${path},sha256=${await digest(data)},${data.length}\n`),
  );
  bytes.set(`${info}/RECORD`, strToU8(`${record.join("")}${info}/RECORD,,\n`));
  return zipSync(Object.fromEntries(bytes), { level: 9, mtime: "1980-01-01T00:00:00" });
}

/** The package `ulaspec` as it lies here. */
async function packageFiles(): Promise<readonly (readonly [string, string])[]> {
  const folder = new URL("./ulaspec/", import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(folder)))
    .flatMap(({ name, isFile }) => isFile && /\.(py|pyi|typed)$/.test(name) ? [name] : []).sort();
  return await Promise.all(
    names.map(async (name) =>
      [`ulaspec/${name}`, await Deno.readTextFile(new URL(name, folder))] as const
    ),
  );
}

async function metadata(): Promise<readonly (readonly [string, string])[]> {
  const read = (path: string) => Deno.readTextFile(new URL(path, root));
  return [
    [`${info}/METADATA`, `${heads()}\n${await read("docs/python.md")}`],
    [
      `${info}/WHEEL`,
      "Wheel-Version: 1.0\nGenerator: ulaspec\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ],
    [
      `${info}/entry_points.txt`,
      "[console_scripts]\nulaspec = ulaspec.__main__:main\n\n[pytest11]\nulaspec = ulaspec.pytest_plugin\n",
    ],
    [`${info}/licenses/LICENSE`, await read("LICENSE")],
  ];
}

function heads(): string {
  return `Metadata-Version: 2.4
Name: ulaspec
Version: ${version}
Summary: Judges whether a Langevin sampler follows its update rule, and names the bug if not
License-Expression: ${config.license}
License-File: LICENSE
Requires-Python: >=3.10
Requires-Dist: deno<3,>=2.9
Classifier: Framework :: Pytest
Classifier: Typing :: Typed
Description-Content-Type: text/markdown
`;
}

async function digest(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return hash.toBase64({ alphabet: "base64url", omitPadding: true });
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? ".";
  await Deno.mkdir(folder, { recursive: true });
  const file = `${folder}/${wheelName}`;
  await Deno.writeFile(file, await wheel());
  console.log(file);
}

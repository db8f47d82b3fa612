import { assert, assertEquals } from "@std/assert";
import { clauses } from "../properties/clauses.ts";
import { sweep } from "../src/fixtures/sweep.ts";
import { readmeSampler, readmeTest } from "./readme_page.ts";

const config = new URL("../deno.json", import.meta.url);
const cli = new URL("../src/cli.ts", import.meta.url);

/** Runs Deno in a folder that holds the README's files. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  args: (folder: string) => readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args(folder)],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Judges a sampler as a person would. */
const checked = (sampler: string) =>
  inFolder({ "my_sampler.ts": sampler }, (folder) => [
    "run",
    "-A",
    `--config=${config.pathname}`,
    cli.pathname,
    "check",
    `${folder}/my_sampler.ts`,
  ]);

sweep("the README's sampler conforms on the command line", async () => {
  const { code, out } = await checked(readmeSampler);
  assertEquals(code, 0, out);
  assert(out.includes("✓ my sampler conforms"), out);
});

/**
 * Runs `deno test` without any permission in a folder of its own, as a project that names the package in its
 * deno.json, and gives the tests with how they ended.
 */
async function tested(sampler: string) {
  const { imports, compilerOptions } = JSON.parse(await Deno.readTextFile(config));
  const addresses = Object.entries(imports as Readonly<Record<string, string>>).map(
    ([name, target]) => [name, target.startsWith("./") ? new URL(target, config).href : target],
  );
  const own = { imports: Object.fromEntries(addresses), compilerOptions, lock: false };
  const files = {
    "deno.json": JSON.stringify(own),
    "my_sampler.ts": sampler,
    "my_sampler_test.ts": readmeTest,
  };
  const { code, out } = await inFolder(files, () => ["test", "--no-check"]);
  const lines = out.matchAll(/^my sampler · (\S+\/\S+): .* \.\.\. .*?\b(ok|FAILED|ignored)\b/gm);
  return { code, out, tests: new Map([...lines].map(([, id, end]) => [id!, end!])) };
}

const broken = readmeSampler.replace("gradient[r]![i]! / 2", "gradient[r]![i]!");
assert(broken !== readmeSampler);

sweep("the README's sampler passes one test per clause, with plain deno test", async () => {
  const { code, out, tests } = await tested(readmeSampler);
  assertEquals(code, 0, out);
  assertEquals([...tests.keys()], clauses.map(({ id }) => id), out);
  const ignored = clauses.filter(({ id }) => tests.get(id) === "ignored");
  assert(ignored.length > 0 && ignored.every(({ feature }) => feature !== undefined), out);
});

Deno.test("a copy of the README's sampler without the half fails one test, with plain deno test", async () => {
  const { code, out, tests } = await tested(broken);
  assertEquals(code, 1, out);
  assertEquals([...tests.keys()], clauses.map(({ id }) => id), out);
  assertEquals(
    [...tests].filter(([, end]) => end === "FAILED").map(([id]) => id),
    ["drift/half"],
    out,
  );
  assert(
    out.includes("half-missing") && out.includes("The smallest problem that shows it") &&
      !out.includes("NotCapable"),
    out,
  );
});

sweep("a typo in the README's sampler is found and named", async () => {
  const { code, out } = await checked(broken);
  assertEquals(code, 1, out);
  assert(out.includes("violates 1 clause: drift/half"), out);
});

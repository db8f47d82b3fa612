import { assert, assertEquals } from "@std/assert";
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

Deno.test("the README's sampler conforms on the command line", async () => {
  const { code, out } = await checked(readmeSampler);
  assertEquals(code, 0, out);
  assert(out.includes("✓ my sampler conforms"), out);
});

Deno.test("the README's test file registers one passing test per clause", async () => {
  const files = { "my_sampler.ts": readmeSampler, "my_sampler_test.ts": readmeTest };
  const { code, out } = await inFolder(files, (folder) => [
    "test",
    "-A",
    `--config=${config.pathname}`,
    `${folder}/my_sampler_test.ts`,
  ]);
  assertEquals(code, 0, out);
  assert(/\b\d\d passed \| 0 failed/.test(out), out);
});

Deno.test("a typo in the README's sampler is found and named", async () => {
  const typo = readmeSampler.replace("gradient[r]![i]! / 2", "gradient[r]![i]!");
  assert(typo !== readmeSampler);
  const { code, out } = await checked(typo);
  assertEquals(code, 1, out);
  assert(out.includes("violates 1 clause: drift/half"), out);
});

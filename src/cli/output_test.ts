import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "./command.ts";
import { tryOutputs, writeOutput } from "./output.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a file that cannot be written is told before anything is run, and nothing is made", () =>
  inFolder(async (folder) => {
    for (const file of [`${folder}/none/report.txt`, folder]) {
      await assertRejects(() => tryOutputs({ "--output": file }), UsageError, "cannot be written");
    }
    await tryOutputs({ "--output": `${folder}/report.txt`, "--repro": undefined });
    assertEquals(names(folder), []);
  }));

Deno.test("one file for two purposes is refused, by whatever names", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "");
    await Deno.symlink(`${folder}/a`, `${folder}/b`);
    for (
      const [one, two] of [
        [`${folder}/new`, `${folder}/./new`],
        [`${folder}/a`, `${folder}/b`],
        ["-", "-"],
      ] as const
    ) {
      const both = { "--output": one, "--repro": two };
      await assertRejects(
        () => tryOutputs(both),
        UsageError,
        "the same file for --output and --repro",
      );
    }
  }));

Deno.test("a file is replaced as a whole: its mode and links to it stay, nothing is left beside", () =>
  inFolder(async (folder) => {
    const file = `${folder}/report.txt`;
    await Deno.writeTextFile(file, "before, and longer", { mode: 0o600 });
    await Deno.symlink(file, `${folder}/link`);
    await writeOutput(`${folder}/link`, "after");
    assertEquals(await Deno.readTextFile(file), "after");
    assertEquals((await Deno.lstat(`${folder}/link`)).isSymlink, true);
    if (Deno.build.os !== "windows") assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assertEquals(names(folder), ["link", "report.txt"]);
  }));

Deno.test("a device is written to, not replaced", async () => {
  await tryOutputs({ "--output": "/dev/null" });
  await writeOutput("/dev/null", "gone");
  assertEquals((await Deno.stat("/dev/null")).isFile, false);
});

/** The command line in a process of its own: its streams, its folder, its end. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Outcome, runProcess } from "../fixtures/command_line.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { sweep } from "../fixtures/sweep.ts";
import { moduleWith, withModule } from "../fixtures/written_module.ts";
import { reportSchema } from "../report/schema.ts";

const cli = new URL("../cli.ts", import.meta.url);
const root = new URL("../../", import.meta.url).pathname;
const plain = `${root}docs/examples/plain_arrays.ts`;

Deno.test("record gives up an endless loop", async () => {
  await withModule(moduleWith("while (true);"), async (file) => {
    const args = ["--output", `${file}.traces`, "--timeout", "0.6"];
    const { code, err } = await runProcess("record", file, ...args);
    assertEquals(code, 2);
    assertMatch(err, /sample\(call\) still running after 0.6 s/);
  });
});

Deno.test("what a target prints goes to standard error, and JSON stays readable", async () => {
  const module = moduleWith(
    "return x;",
    `import process from "node:process";
console.log("one"); console.info("two"); console.table([["three"]]);
Deno.stdout.writeSync(new TextEncoder().encode("four\\n"));
process.stdout.write("five\\n");`,
  );
  await withModule(module, async (file) => {
    const args = ["--clause", "steps/count", "--profile", "quick", "--format", "json"];
    const { code, out, err } = await runProcess("check", file, ...args);
    assertEquals(code, 0, err);
    reportSchema.parse(JSON.parse(out));
    for (const word of ["one", "two", "three", "four", "five"]) assertStringIncludes(err, word);
  });
});

Deno.test("a process that is to judge nothing gives 2", async () => {
  const { code, err } = await runProcess("check");
  assertEquals(code, 2);
  assertStringIncludes(err, "no target");
});

testNeeding(
  "/dev/full",
  Deno.build.os === "linux" || undefined,
  "a standard output that is full ends with 2, never with a verdict; /dev/null takes all",
  async () => {
    const words =
      `"$0" run -q -A --no-check "$1" check defect:half-missing --clause drift/half --path 0:0`;
    const codeOf = async (to: string) => {
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", `${words} ${to}`, Deno.execPath(), cli.href],
      }).output();
      return [code, new TextDecoder().decode(stderr).slice(0, 29)];
    };
    const told = "Standard output took no more:";
    assertEquals(await codeOf(">/dev/full"), [2, told]);
    // A program can't tell /dev/null from a standard output that was closed before it began.
    assertEquals(await codeOf("<>/dev/null >&0"), [1, ""]);
    assertEquals(await codeOf(">/dev/null"), [1, ""]);
  },
);

/** Runs the command line with INIT_CWD, as `deno task` sets it, in a folder. */
async function runFrom(start: string, cwd: string, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", cli.pathname, ...args],
    env: { NO_COLOR: "1", INIT_CWD: start },
    cwd,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("deno task reads and writes where the person stands", async () => {
  await withModule(moduleWith("return x;"), async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const one = ["--clause", "drift/half", "--path", "0:0"];
    const files = ["--output", "report.txt", "--repro", "repro.ts"];
    const { code, err } = await runFrom(folder, root, "check", "./port.ts", ...one, ...files);
    assertEquals(code, 1, err);
    const report = await Deno.readTextFile(`${folder}/report.txt`);
    // No task of this package is found from there: the program is named by its path.
    assertStringIncludes(report, `deno run -A ${root}src/cli.ts check ./port.ts --clause`);
    await Deno.stat(`${folder}/repro.ts`);
    // A process is started there, too.
    const shell = ["--timeout", "5", "--", "sh", "-c", "pwd >&2; exit 3"];
    assertStringIncludes((await runFrom(folder, root, "check", ...shell)).out, folder);
  });
});

sweep("deno task records and replays traces where the person stands", async () => {
  await withModule("", async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const recorded = await runFrom(folder, root, "record", plain, "--output", "traces");
    assertEquals(recorded.code, 0, recorded.err);
    const golden = ["--clause", "golden", "--golden", "traces"];
    assertMatch((await runFrom(folder, root, "check", plain, ...golden)).out, /traces agree/);
  });
});

sweep("deno task below the package names the replay as a task", async () => {
  const args = ["check", "./examples/plain_arrays.ts", "--clause", "steps/count"];
  const { code, out, err } = await runFrom(`${root}docs`, root, ...args);
  assertEquals(code, 0, out + err);
  const faulty = ["check", "defect:half-missing", "--clause", "drift/half"];
  assertMatch(
    (await runFrom(`${root}docs`, root, ...faulty)).out,
    /replay +deno task ulaspec check/,
  );
});

sweep("a task of another project keeps its folder", async () => {
  await withModule(moduleWith("return x;"), async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const args = ["check", "./port.ts", "--clause", "steps/count"];
    const { code, out, err } = await runFrom(root, folder, ...args);
    assertEquals(code, 0, out + err);
  });
});

import { reportSchema } from "../report/schema.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { xmlFault } from "../fixtures/xml_fault.ts";
import { run } from "../fixtures/command_line.ts";
import { formats } from "../report/formats.ts";

const cli = new URL("../cli.ts", import.meta.url).href;
const check = (...args: string[]) => run("check", ...args, "--profile", "quick");

Deno.test("the command line judges in a worker, too", async () => {
  const source = `import { main } from "${cli}";
    let text = "";
    const write = (more) => void (text += more);
    const io = { out: write, err: write, color: false, width: 80, program: "ulaspec" };
    self.postMessage([await main(["check", "refrence"], io), text]);`;
  const address = `data:text/javascript,${encodeURIComponent(source)}`;
  const worker = new Worker(address, { type: "module" });
  const [code, text] = await new Promise<[number, string]>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  assertEquals(code, 2);
  assertMatch(text, /did\s+you mean reference\?/);
});

const faulty = ["defect:delta-clip-missing", "--clause", "delta-clip/limits-step"];

Deno.test("check writes reports for browsers and build servers", async () => {
  for (const format of ["html", "markdown", "junit"] as const) {
    const { code, out, err } = await check(
      "reference",
      "--clause",
      "steps/count",
      "--format",
      format,
    );
    assertEquals([code, err], [0, ""], format);
    assertStringIncludes(out, "reference");
    if (format !== "markdown") assertEquals(xmlFault(out), null, format);
  }
});

Deno.test("check writes a page to a file, and says so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/report.html`;
    const { code, out, err } = await check(...faulty, "--format", "html", "--output", file);
    assertEquals(code, 1);
    assertMatch(out, /^✗ defect:delta-clip-missing violates 1 clause/);
    assertEquals(err, `The report is in ${file}\n`);
    assertMatch(await Deno.readTextFile(file), /^<!doctype html>\n/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a target that cannot be judged has a page, too", async () => {
  const { code, out } = await check("./gone.ts", "--format", "html");
  assertEquals(code, 2);
  assertStringIncludes(out, "was not judged");
});

Deno.test("a format that there is not is a usage error with the list", async () => {
  const { code, err } = await check("reference", "--format", "htm");
  assertEquals(code, 2);
  assertStringIncludes(err, `${formats.slice(0, -1).join(", ")} or ${formats.at(-1)}`);
});

Deno.test("on GitHub the report is added to the summary of the job", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "before\n");
    // Files of tests share the environment of their process, so this takes one of its own.
    await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", cli, "check", ...faulty, "--profile", "quick"],
      env: { GITHUB_STEP_SUMMARY: file },
      stdout: "null",
      stderr: "null",
    }).output();
    const summary = await Deno.readTextFile(file);
    assertMatch(summary, /^before\n# ❌ defect:delta-clip-missing violates 1 clause\n/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a report says what made it, which bug breaks a clause and where to read on", async () => {
  const { out } = await check(...faulty, "--format", "json");
  const report = reportSchema.parse(JSON.parse(out));
  assertMatch(report.tool!, /^ulaspec \d+\.\d+\.\d+/);
  assertEquals(
    report.command,
    ["ulaspec check", ...faulty, "--format json --profile quick"].join(" "),
  );
  const [violated] = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(violated!.defect, "delta-clip-missing");
  assertEquals(violated!.docs, "docs/rule.md#delta-clip-limits-step");
});

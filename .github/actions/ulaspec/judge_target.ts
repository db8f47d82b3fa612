/**
 * The step of the action: judges the target that the environment names, once, and writes the report
 * as a summary of the job and as a file.
 *
 * @module
 */

import { faceOf, type Format, formats } from "../../../src/report/formats.ts";
import { exitCodes, type Report } from "../../../src/report/report.ts";

const given = (name: string) => Deno.env.get(`ULASPEC_${name}`)?.trim() ?? "";

function usage(found: string, wanted: string): never {
  console.error(`Cannot judge: found ${found}, wanted ${wanted}`);
  Deno.exit(exitCodes["not run"]);
}

const target = given("TARGET"), command = given("COMMAND"), format = given("FORMAT") || "junit";
if ((target === "") === (command === "")) {
  usage(target === "" ? "no input" : "both inputs", "either target or command");
}
if (!formats.includes(format as Format)) usage(`the format ${format}`, formats.join(", "));

const folder = await Deno.makeTempDir();
try {
  const json = `${folder}/report.json`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-q", "-A", "--config", config()],
      ...[new URL("../../../src/cli.ts", import.meta.url).href, "check"],
      ...["--format", "json", "--output", json],
      ...["--profile", given("PROFILE") || "standard", "--seed", given("SEED") || "1"],
      ...(target === "" ? ["--", "bash", "-c", command] : [target]),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = await Deno.readTextFile(json).catch(() => null);
  if (text === null) {
    // Without a report the command line was wrong, and says so.
    await Deno.stderr.write(stderr);
    Deno.exit(code === 0 ? exitCodes["not run"] : code);
  }
  const report: Report = JSON.parse(text);
  const written = async (format: Format, color: boolean) =>
    (await faceOf(format))(report, { color, width: 100 });
  console.log(await written("pretty", true));
  await append("GITHUB_STEP_SUMMARY", await written("markdown", false));
  await append("GITHUB_OUTPUT", `verdict=${report.verdict}\n`);
  const output = given("OUTPUT");
  if (output !== "") await Deno.writeTextFile(output, await written(format as Format, false));
  Deno.exitCode = exitCodes[report.verdict];
} finally {
  await Deno.remove(folder, { recursive: true });
}

function config(): string {
  return decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname);
}

/** Adds to a file that GitHub names; elsewhere there is none. */
async function append(variable: string, text: string): Promise<void> {
  const path = Deno.env.get(variable);
  if (path) await Deno.writeTextFile(path, text, { append: true });
}

/**
 * `check --trace`: judges a recorded real run.
 *
 * @module
 */

import { type Arguments, type Io, messageOf, oneOf, UsageError } from "./command.ts";
import { writeOutput } from "./output.ts";

const exitCodes = { "follows": 0, "deviates": 1, "not judged": 2 } as const;

/**
 * Judges the recording that `--trace` names.
 *
 * @throws {UsageError} if it cannot be read, or a target stands beside it
 */
export async function judgeTrace(args: Arguments, io: Io): Promise<number> {
  const file = args.value("trace")!;
  if (args.positionals.length > 0 || args.rest !== undefined) {
    throw new UsageError(`--trace ${file} and a target`, "one of them");
  }
  const format = oneOf("the format", args.value("format") ?? "pretty", ["pretty", "json"]);
  const [{ judgeWatchedRun, readWatchedRun }, { prettyWatched }] = await Promise.all([
    import("../run/traces/watched_run.ts"),
    import("../report/watched_page.ts"),
  ]);
  let run;
  try {
    run = readWatchedRun(await Deno.readTextFile(file));
  } catch (error) {
    throw new UsageError(
      `the recording ${file}: ${messageOf(error)}`,
      "a file that run.save wrote",
    );
  }
  const report = await judgeWatchedRun(run);
  const text = format === "json"
    ? `${JSON.stringify(report, null, 2)}\n`
    : prettyWatched(report, io);
  const output = args.value("output");
  if (output === undefined) io.out(text);
  else await writeOutput(output, text);
  return exitCodes[report.verdict];
}

/**
 * `smoke`: tests the harness of a process.
 *
 * @module
 */

import { type Arguments, type Command, type Io, oneOf, timeoutOf, UsageError } from "./command.ts";

const formats = ["pretty", "json"] as const;

/** The command `smoke`. */
export const command: Command = {
  name: "smoke",
  usage: "[options] -- COMMAND …",
  summary: "test the harness of a process: protocol, floats, noise tape, log, end",
  options: {
    format: { value: "FORMAT", help: `${formats.join(" or ")} (default pretty)` },
    timeout: {
      value: "S",
      help: "seconds that the start or one call of the target may take (default 30)",
    },
  },
  details:
    "It says nothing about the rule: check does. Exit codes: 0 sound, 1 faulty, 2 nothing to talk to.",
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const wanted = "the command of a process behind --: smoke -- python3 my_target.py";
  if (args.positionals.length > 0) {
    throw new UsageError(`the argument ${args.positionals[0]} before --`, wanted);
  }
  if (!args.rest?.[0]) throw new UsageError("no command behind --", wanted);
  const format = oneOf("the format", args.value("format") ?? "pretty", formats);
  const timeout = timeoutOf(args);
  const { prettySmoke, smoke, smokeExitCodes } = await import("../targets/smoke.ts");
  const report = await smoke(args.rest, { timeout });
  io.out(format === "json" ? `${JSON.stringify(report, null, 2)}\n` : prettySmoke(report, io));
  return smokeExitCodes[report.verdict];
}
